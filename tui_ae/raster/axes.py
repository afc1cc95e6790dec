"""Axes around a plot: round ticks in real units, z2 at the left and z1 below."""

from __future__ import annotations

import math

from tui_ae.raster.grid import DEFAULT, CellGrid
from tui_ae.raster.viewport import Viewport, cell_of

GUTTER = 6
"""Columns left of the plot: a label of at most five characters and the axis. Fixed, so that the
plot does not shift when a label gets longer."""
FOOT = 2
"""Rows below the plot: the axis and its labels."""
MIN_PLOT = 3
LOW_LABEL = 8
"""Characters of a label below the plot, where there is more room than beside it."""


def plot_area(height: int, width: int) -> tuple[int, int, int, int]:
    """(top, left, rows, columns) of the plot inside height x width cells.

    A pane too small for axes is all plot.
    """
    if height < MIN_PLOT + FOOT or width < MIN_PLOT + GUTTER:
        return 0, 0, max(height, 0), max(width, 0)
    return 0, GUTTER, height - FOOT, width - GUTTER


def ticks(low: float, high: float, most: int) -> list[float]:
    """At most `most` round numbers, 1, 2 or 5 times a power of ten apart, in [low, high]."""
    side = high - low
    # Below the smallest normal number a step could round to zero.
    if not (math.isfinite(side) and side > 1e-300) or most < 1:
        return []
    power = 10.0 ** math.floor(math.log10(side / most))
    for step in (power, 2 * power, 5 * power, 10 * power):
        first, last = math.ceil(low / step), math.floor(high / step)
        if last - first + 1 <= most:
            return [index * step for index in range(first, last + 1)]
    return []


def format_tick(value: float, width: int = GUTTER - 1) -> str:
    """A tick's label in at most `width` characters, with an ASCII minus.

    As exact as fits; a value too small to be written is 0, one too large is inf.
    """
    for form in (".10g", ".4g", ".3g", ".2g", ".1e", ".0e"):
        mantissa, _, exponent = f"{value:{form}}".partition("e")
        text = f"{mantissa}e{int(exponent)}" if exponent else mantissa
        if float(text) == 0:
            return "0"
        if len(text) > width:
            text = text.replace("0.", ".", 1) if abs(value) < 1 else text
        if len(text) <= width:
            return text
    return "0" if abs(value) < 1 else f"{math.copysign(math.inf, value)}"


def labels_of(values: list[float], width: int) -> list[str]:
    """A label of at most `width` characters for each of evenly spaced ticks, '' for some.

    One that had to be rounded so far that it would stand at another place is left out. Where that
    happens to all, far from zero, the middle one is kept: it says at least where the plot lies.
    """
    labels = [format_tick(value, width) for value in values]
    step = values[1] - values[0] if len(values) > 1 else math.inf
    true = [
        abs(float(label) - value) <= step / 10 for label, value in zip(labels, values, strict=True)
    ]
    if values and not any(true):
        true[len(true) // 2] = True
    return [label if kept else "" for label, kept in zip(labels, true, strict=True)]


class _Signs:
    """The characters of an axis."""

    def __init__(self, names: tuple[str, str], *, ascii_only: bool) -> None:
        self.upright, self.level = ("|", "-") if ascii_only else ("│", "─")
        self.left_tick, self.low_tick, self.corner = "+++" if ascii_only else "┤┬└"
        self.names = names


def compose(
    plot: CellGrid,
    viewport: Viewport,
    height: int,
    width: int,
    *,
    names: tuple[str, str] | None = None,
    ascii: bool = False,  # noqa: A002 - the word for it
    ink: int = DEFAULT,
) -> CellGrid:
    """A plot with its axes, in height x width cells.

    Args:
        plot: The cells inside the axes, of the size that `plot_area` gives.
        viewport: The box of the plane that the plot shows.
        height: Rows of the whole.
        width: Columns of the whole.
        names: Of the axes, of up to five characters; None for those of the latent space.
        ascii: Draw the axes in ASCII.
        ink: Colour of axes and labels.
    """
    top, left, rows, columns = plot_area(height, width)
    grid = CellGrid.blank(height, width)
    rows, columns = min(rows, plot.height), min(columns, plot.width)
    there = (slice(top, top + rows), slice(left, left + columns))
    grid.glyphs[there] = plot.glyphs[:rows, :columns]
    grid.foreground[there] = plot.foreground[:rows, :columns]
    grid.background[there] = plot.background[:rows, :columns]
    if left and rows and columns:
        known = names or (("z1", "z2") if ascii else ("z₁", "z₂"))
        signs = _Signs(known, ascii_only=ascii)
        _left_axis(grid, viewport, rows, columns, signs)
        _low_axis(grid, viewport, rows, columns, signs)
        grid.foreground[:, :left] = ink
        grid.foreground[rows:, :] = ink
    return grid


def _write(grid: CellGrid, row: int, column: int, text: str) -> None:
    grid.glyphs[row, column : column + len(text)] = [ord(character) for character in text]


def _left_axis(grid: CellGrid, box: Viewport, rows: int, columns: int, signs: _Signs) -> None:
    axis = GUTTER - 1
    grid.glyphs[:rows, axis] = ord(signs.upright)
    values = ticks(box.bottom, box.top, max(rows // 3, 2))
    for value, label in zip(values, labels_of(values, axis), strict=True):
        row = cell_of(box, box.left, value, columns, rows)[1]
        # The top row's place belongs to the axis's name.
        if 1 <= row < rows:
            grid.glyphs[row, axis] = ord(signs.left_tick)
            _write(grid, row, axis - len(label), label)
    _write(grid, 0, max(axis - 1 - len(signs.names[1]), 0), signs.names[1])


def _low_axis(grid: CellGrid, box: Viewport, rows: int, columns: int, signs: _Signs) -> None:
    grid.glyphs[rows, GUTTER - 1] = ord(signs.corner)
    grid.glyphs[rows, GUTTER : GUTTER + columns] = ord(signs.level)
    name = signs.names[0]
    free, last = GUTTER - 2, GUTTER + columns - len(name) - 1
    _write(grid, rows + 1, last + 1, name)
    values = ticks(box.left, box.right, max(columns // 10, 2))
    for value, label in zip(values, labels_of(values, LOW_LABEL), strict=True):
        column = cell_of(box, value, box.bottom, columns, rows)[0]
        start = GUTTER + column - len(label) // 2
        if 0 <= column < columns:
            grid.glyphs[rows, GUTTER + column] = ord(signs.low_tick)
            if label and start > free and start + len(label) <= last:
                _write(grid, rows + 1, start, label)
                free = start + len(label)
