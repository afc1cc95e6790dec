"""Marks laid over a cloud: the monitored sample with its crosshair, and the probe."""

from __future__ import annotations

from collections.abc import Iterator

from tui_ae.raster.grid import SPACE, CellGrid


def _copy(grid: CellGrid) -> CellGrid:
    return CellGrid(grid.glyphs.copy(), grid.foreground.copy(), grid.background.copy())


def mark_sample(
    grid: CellGrid,
    column: int,
    row: int,
    *,
    colour: int,
    line: int | None,
    ascii: bool = False,  # noqa: A002 - the word for it
) -> CellGrid:
    """A copy of `grid` with a ring at a cell and faint lines through it; `line` None for no lines.

    The lines take only empty cells: no dot of the cloud is hidden but the one under the ring.
    """
    marked = _copy(grid)
    ring, level, upright = ("O", "-", ":") if ascii else ("◎", "┈", "┊")
    if line is not None:
        empty = marked.glyphs[row] == SPACE
        marked.glyphs[row, empty], marked.foreground[row, empty] = ord(level), line
        empty = marked.glyphs[:, column] == SPACE
        marked.glyphs[empty, column], marked.foreground[empty, column] = ord(upright), line
    marked.glyphs[row, column], marked.foreground[row, column] = ord(ring), colour
    for side, sign in ((column - 1, "("), (column + 1, ")")):
        if 0 <= side < grid.width:
            marked.glyphs[row, side], marked.foreground[row, side] = ord(sign), colour
    return marked


def mark_probe(
    grid: CellGrid,
    column: int,
    row: int,
    *,
    colour: int,
    sample: tuple[int, int] | None = None,
    ascii: bool = False,  # noqa: A002 - the word for it
) -> CellGrid:
    """A copy of `grid` with the probe's cross: a cell and the arms left and right of it.

    The ring of the `sample`, a column and a row, stays: in one cell the arms are around it.
    """
    marked = _copy(grid)
    centre, left, right = ("X", ">", "<") if ascii else ("╋", "╺", "╸")
    for at, sign in ((column - 1, left), (column, centre), (column + 1, right)):
        if 0 <= at < grid.width and (at, row) != sample:
            marked.glyphs[row, at], marked.foreground[row, at] = ord(sign), colour
    return marked


def mark_points(grid: CellGrid, cells: list[tuple[int, int, int]], sign: str) -> CellGrid:
    """A copy of `grid` with a sign at each of some (column, row, colour)."""
    marked = _copy(grid)
    for column, row, colour in cells:
        marked.glyphs[row, column], marked.foreground[row, column] = ord(sign), colour
    return marked


def mark_path(
    grid: CellGrid,
    ends: list[tuple[int, int]],
    *,
    colour: int,
    line: int | None,
    ascii: bool = False,  # noqa: A002 - the word for it
) -> CellGrid:
    """A copy of `grid` with A and B at its ends, cells (column, row), and dots between them.

    The dots take only empty cells; ends outside the grid, and `line` None, leave them out.
    """
    marked = _copy(grid)
    if len(ends) == 2 and line is not None:
        for column, row in _between(ends[0], ends[1], grid.width, grid.height):
            if marked.glyphs[row, column] == SPACE:
                marked.glyphs[row, column] = ord("." if ascii else "·")
                marked.foreground[row, column] = line
    for sign, (column, row) in zip("AB", ends, strict=False):
        if 0 <= row < grid.height and 0 <= column < grid.width:
            marked.glyphs[row, column], marked.foreground[row, column] = ord(sign), colour
    return marked


def _between(
    start: tuple[int, int], end: tuple[int, int], width: int, height: int
) -> Iterator[tuple[int, int]]:
    """The cells (column, row) of a grid that lie between two others, which may be far outside."""
    apart = end[0] - start[0], end[1] - start[1]
    # One cell for each column, or for each row where the way is steeper; no more than are shown.
    long = 0 if abs(apart[0]) >= abs(apart[1]) else 1
    shown = (width, height)[long]
    first, last = sorted((start[long], end[long]))
    for at in range(max(first + 1, 0), min(last, shown)):
        share = (at - start[long]) / apart[long]
        across = round(start[1 - long] + apart[1 - long] * share)
        column, row = (at, across) if long == 0 else (across, at)
        if 0 <= column < width and 0 <= row < height:
            yield column, row
