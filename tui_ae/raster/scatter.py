"""Clouds of labelled points as cells: braille dots, class characters, or density."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

import numpy as np
import numpy.typing as npt

from tui_ae.arrays import FloatArray, IntArray
from tui_ae.raster.braille import BRAILLE, DOTS
from tui_ae.raster.grid import CellGrid
from tui_ae.raster.viewport import Viewport

SHADES = np.array([ord(shade) for shade in " ░▒▓█"], np.uint32)
ASCII_SHADES = np.array([ord(shade) for shade in " .:*#"], np.uint32)
CHUNK = 1 << 15
"""Points worked on at a time: their temporaries stay in the cache."""


class ScatterStyle(Enum):
    """How points become glyphs; the value is its name on the screen."""

    BRAILLE = "braille"
    DIGITS = "class characters"
    DENSITY = "density"


def scatter(
    codes: FloatArray,
    labels: IntArray,
    colours: Sequence[int],
    viewport: Viewport,
    height: int,
    width: int,
    *,
    style: ScatterStyle = ScatterStyle.BRAILLE,
    active: npt.NDArray[np.bool_] | None = None,
    glyphs: str = "0123456789abcdefghijklmnopqrstuvwxyz",
    ascii: bool = False,  # noqa: A002 - the word for it
) -> CellGrid:
    """Draw points into height x width cells; the majority's class colours a cell.

    Args:
        codes: (n, 2) points; those that are not finite or lie outside are left out.
        labels: (n,) class of each point.
        colours: 0xRRGGBB, BY_NUMBER or DEFAULT of each class.
        viewport: The box of the plane that the cells show.
        height: Rows of cells.
        width: Columns of cells.
        style: How a cell is drawn.
        active: (classes,) which classes are drawn; None for all.
        glyphs: A character for each class.
        ascii: Shade the density with ASCII characters.

    Of classes with equally many points in a cell the lower label wins, in every frame alike.
    """
    grid = CellGrid.blank(height, width)
    classes = len(colours)
    if grid.height * grid.width * classes == 0:
        return grid
    dots, counts = _bin(codes, labels, viewport, grid.height, grid.width, classes, active)
    totals = counts.sum(axis=1)
    taken = np.flatnonzero(totals)
    winners = counts[taken].argmax(axis=1)
    glyph_of = np.array([ord(glyph) for glyph in glyphs], np.uint32)
    if style is ScatterStyle.BRAILLE:
        bits = np.packbits(dots.reshape(-1, 8)[taken][:, _UNPACK], axis=1)[:, 0]
        signs = (BRAILLE + bits.astype(np.uint32)).astype(np.uint32)
    elif style is ScatterStyle.DENSITY:
        signs = _shade(totals[taken], ASCII_SHADES if ascii else SHADES)
    else:
        signs = glyph_of[winners % len(glyph_of)]
    grid.glyphs.reshape(-1)[taken] = signs
    grid.foreground.reshape(-1)[taken] = np.asarray(colours, np.int32)[winners]
    return grid


_UNPACK = np.argsort(DOTS.ravel())[::-1]
"""Order in which a cell's eight dots stand in a byte, highest bit first."""


def _bin(
    codes: FloatArray,
    labels: IntArray,
    box: Viewport,
    height: int,
    width: int,
    classes: int,
    active: npt.NDArray[np.bool_] | None,
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.intp]]:
    """Which of the dots (cells * 8,) are set, and the points (cells, classes) of each class."""
    cells = height * width
    dots = np.zeros(cells * 8, bool)
    counts = np.zeros(cells * classes, np.intp)
    across = np.float32(2 * width / (box.right - box.left))
    down = np.float32(4 * height / (box.top - box.bottom))
    left, top = np.float32(box.left), np.float32(box.top)
    for start in range(0, len(codes), CHUNK):
        part = slice(start, start + CHUNK)
        with np.errstate(invalid="ignore", over="ignore"):
            column = (codes[part, 0] - left) * across
            row = (top - codes[part, 1]) * down
            inside = (column >= 0) & (column < 2 * width) & (row >= 0) & (row < 4 * height)
        label = labels[part]
        if active is not None and not active.all():
            inside &= active[label]
        if not inside.all():
            column, row, label = column[inside], row[inside], label[inside]
        x, y = column.astype(np.int32), row.astype(np.int32)
        cell = (y >> 2) * np.int32(width) + (x >> 1)
        dots[(cell << 3) + ((y & 3) << 1) + (x & 1)] = True
        counts += np.bincount(cell * classes + label, minlength=len(counts))
    return dots, counts.reshape(cells, classes)


def _shade(totals: npt.NDArray[np.intp], shades: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    """A shade for each count: their logarithm, in four equal parts up to the fullest cell."""
    if not len(totals):
        return np.zeros(0, np.uint32)
    level = np.log1p(totals) / np.log1p(totals.max())
    return np.asarray(shades[np.ceil(level * (len(shades) - 1)).astype(int)])
