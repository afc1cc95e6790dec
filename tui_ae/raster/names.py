"""The names of classes on their cloud: each where most of its points lie."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tui_ae.arrays import FloatArray, IntArray
from tui_ae.raster.grid import CellGrid
from tui_ae.raster.viewport import Viewport

BLOCK_WIDTH, BLOCK_HEIGHT = 6, 3
"""Cells in which points are counted together: about a square of the screen."""
FEW = 0.02
"""A class has a place where so much of it, or more, lies in one block."""
STICK = 0.8
"""A name stays where its class is still so strong, of the strongest in any block: while training it
would else jump between two places."""

Block = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Label:
    """A name on the plot."""

    glyphs: tuple[int, ...]
    """Of each of its cells."""
    column: int
    row: int
    ink: int
    paper: int


def densest(
    codes: FloatArray,
    labels: IntArray,
    active: npt.NDArray[np.bool_],
    box: Viewport,
    height: int,
    width: int,
    before: Mapping[int, Block] | None = None,
) -> dict[int, Block]:
    """The block, its column and row from the upper left, in which each class has its place.

    That is where most of its points lie, each counted by the part that its class has of the block:
    in the middle, where all classes lie, no name would tell anything.

    Args:
        codes: (n, 2).
        labels: (n,) class of each point.
        active: (classes,) which are asked for.
        box: The part of the plane that is shown.
        height: Rows of cells.
        width: Columns of cells.
        before: Where the names stood.
    """
    across, down = -(-width // BLOCK_WIDTH), -(-height // BLOCK_HEIGHT)
    classes = len(active)
    if not across * down * classes:
        return {}
    with np.errstate(invalid="ignore", over="ignore"):
        column = (codes[:, 0] - box.left) / (box.right - box.left) * (width / BLOCK_WIDTH)
        row = (box.top - codes[:, 1]) / (box.top - box.bottom) * (height / BLOCK_HEIGHT)
        inside = (column >= 0) & (column < across) & (row >= 0) & (row < down)
    inside &= active[labels]
    block = row[inside].astype(np.int64) * across + column[inside].astype(np.int64)
    counts = np.bincount(
        block * classes + labels[inside], minlength=across * down * classes
    ).reshape(-1, classes)
    totals = counts.sum(axis=1)
    places = {}
    for label in np.flatnonzero(active).tolist():
        own = counts[:, label]
        weight = own * own / np.maximum(totals, 1)
        best = int(weight.argmax())
        if own[best] == 0 or own[best] < FEW * own.sum():
            continue
        if before and (old := before.get(label)) is not None:
            kept = old[1] * across + old[0]
            if kept < len(own) and old[0] < across and weight[kept] >= STICK * weight[best]:
                best = kept
        places[label] = (best % across, best // across)
    return places


def place_names(
    blocks: Mapping[int, Block],
    names: Sequence[tuple[int, ...]],
    inks: Sequence[tuple[int, int]],
    height: int,
    width: int,
    taken: Sequence[tuple[int, int]] = (),
) -> list[Label]:
    """Where each name stands: in the middle of its block, none over another or over a mark.

    Args:
        blocks: Of each class that has a place.
        names: The glyphs of the cells of each class's name.
        inks: (foreground, background) of each class.
        height: Rows of cells.
        width: Columns of cells.
        taken: (column, row) of marks.
    """
    used = {(column + by, row) for column, row in taken for by in (-1, 0, 1)}
    placed = []
    for label, (across, down) in blocks.items():
        text = names[label]
        column = BLOCK_WIDTH * across + BLOCK_WIDTH // 2 - len(text) // 2
        column = min(max(column, 0), width - len(text))
        for by in (0, -1, 1):
            row = BLOCK_HEIGHT * down + BLOCK_HEIGHT // 2 + by
            cells = {(column + at, row) for at in range(-1, len(text) + 1)}
            if column >= 0 and 0 <= row < height and not cells & used:
                used |= cells
                placed.append(Label(text, column, row, *inks[label]))
                break
    return placed


def write_names(grid: CellGrid, placed: Sequence[Label]) -> CellGrid:
    """A copy of `grid` with names on it."""
    marked = CellGrid(grid.glyphs.copy(), grid.foreground.copy(), grid.background.copy())
    for name in placed:
        part = slice(name.column, name.column + len(name.glyphs))
        marked.glyphs[name.row, part] = name.glyphs
        marked.foreground[name.row, part] = name.ink
        marked.background[name.row, part] = name.paper
    return marked
