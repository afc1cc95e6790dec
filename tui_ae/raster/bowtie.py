"""The network as a bowtie: a bar for each layer, as tall as it has units."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from tui_ae.raster.grid import DEFAULT, SPACE, CellGrid

LOWER = "▁▂▃▄▅▆▇█"
MIN_LABELLED = 7


def bowtie(
    units: Sequence[int],
    height: int,
    width: int,
    *,
    activations: Sequence[str] = (),
    loss: str = "loss",
    ascii: bool = False,  # noqa: A002 - the word for it
    labels: bool = True,
    bars: int = DEFAULT,
    bottleneck: int = DEFAULT,
    flanks: int = DEFAULT,
    text: int = DEFAULT,
) -> CellGrid:
    """Draw layers of `units` to scale in height x width cells, the bottleneck in the middle.

    With labels and rows enough: the parts' names on top, units above and activations below the
    bars, and the loss, by the words for it, that joins output and input.
    """
    grid = CellGrid.blank(height, width)
    if grid.height == 0 or grid.width == 0 or not units:
        return grid
    roomy = labels and height >= 14 and width >= 64
    plain = labels and height >= MIN_LABELLED
    top = (2 if roomy else 1) if plain else 0
    bottom = height - (4 if roomy else 1 if plain else 0)
    # An odd number of rows has a middle one, in which the thin bars stand whole.
    bottom -= (bottom - top + 1) % 2
    thick = max(width // 30, 1)
    centres = _centres(len(units), width, max(len(str(units[0])), thick))
    edges = [(at - thick // 2, at - thick // 2 + thick) for at in centres]
    spans = [_span(count / max(*units, 1), bottom - top, top) for count in units]
    _draw_flanks(grid, edges, spans, flanks, ascii_only=ascii)
    middle = len(units) // 2
    for index, (edge, span) in enumerate(zip(edges, spans, strict=True)):
        ink = bottleneck if index == middle else bars
        _draw_bar(grid, edge, span, ink, ascii_only=ascii)
    if plain:
        for index, (at, count) in enumerate(zip(centres, units, strict=True)):
            ink = bottleneck if index == middle else text
            _write(grid, top - 1, at, str(count), ink)
            if activations and (roomy or index in (middle, len(units) - 1)):
                _write(grid, bottom, at, activations[index], ink)
    if roomy:
        names = (
            (1 / 4, "ENCODER", text),
            (1 / 2, "BOTTLENECK", bottleneck),
            (3 / 4, "DECODER", text),
        )
        for part, name, ink in names:
            _write(grid, 0, round(part * width), name, ink)
        words = f" {loss}, trains both halves "
        _draw_loss(grid, bottom + 1, (centres[0], centres[-1]), words, text, ascii_only=ascii)
    return grid


def _centres(count: int, width: int, widest: int) -> list[int]:
    """The bars' columns, evenly spread with room for the widest label at both ends."""
    margin = widest // 2
    return [round(x) for x in np.linspace(margin, width - 1 - margin, count)]


def _span(part: float, rows: int, top: int) -> tuple[float, float]:
    """Upper and lower edge of a bar that takes `part` of `rows`, at least an eighth of a cell."""
    tall = max(part * rows, 1 / 8)
    middle = top + rows / 2
    return middle - tall / 2, middle + tall / 2


def _write(grid: CellGrid, row: int, centre: int, text: str, ink: int) -> None:
    """Write `text` around a column, moved inwards where it would leave the grid."""
    start = min(max(centre - len(text) // 2, 0), max(grid.width - len(text), 0))
    text = text[: grid.width]
    place = slice(start, start + len(text))
    grid.glyphs[row, place] = [ord(character) for character in text]
    grid.foreground[row, place] = ink


def _draw_bar(
    grid: CellGrid, edge: tuple[int, int], span: tuple[float, float], ink: int, *, ascii_only: bool
) -> None:
    columns = slice(*edge)
    first, last = int(span[0]), int(np.ceil(span[1] - 1e-9)) - 1
    for row in range(max(first, 0), min(last, grid.height - 1) + 1):
        shown = min(span[1], row + 1) - max(span[0], row)
        eighths = max(round(shown * 8), 1)
        if ascii_only:
            sign = "#" if eighths > 2 else "="
        elif eighths >= 8:
            sign = "█"
        elif span[1] >= row + 1 - 1e-9:
            sign = LOWER[eighths - 1]
        elif span[0] <= row + 1e-9:
            # The upper part of a cell: only half and eighth exist, so take the nearer.
            sign = "▀" if eighths > 2 else "▔"
        else:
            sign = "━" if eighths <= 3 else "■"
        grid.glyphs[row, columns] = ord(sign)
        grid.foreground[row, columns] = ink


def _draw_flanks(
    grid: CellGrid,
    edges: list[tuple[int, int]],
    spans: list[tuple[float, float]],
    ink: int,
    *,
    ascii_only: bool,
) -> None:
    """Shade what joins each two bars."""
    sign = ord("." if ascii_only else "░")
    rows = np.arange(grid.height) + 0.5
    pairs = zip(pairwise(edges), pairwise(spans), strict=True)
    for (left, right), (span, after) in pairs:
        for column in range(left[1], right[0]):
            along = (column + 0.5 - left[1]) / max(right[0] - left[1], 1)
            upper = span[0] + (after[0] - span[0]) * along
            lower = span[1] + (after[1] - span[1]) * along
            inside = (rows > upper) & (rows < lower) & (grid.glyphs[:, column] == SPACE)
            grid.glyphs[inside, column] = sign
            grid.foreground[inside, column] = ink


def _draw_loss(
    grid: CellGrid, row: int, ends: tuple[int, int], words: str, ink: int, *, ascii_only: bool
) -> None:
    """Join output and input by the loss."""
    left, right = ends
    level, low_left, low_right, arrow, upright = "-`'^|" if ascii_only else "─└┘▲│"
    _write(grid, row, left, arrow, ink)
    _write(grid, row, right, upright, ink)
    line = low_left + level * max(right - left - 1, 0) + low_right
    _write(grid, row + 1, (left + right + 1) // 2, line, ink)
    _write(grid, row + 1, (left + right) // 2, words, ink)
