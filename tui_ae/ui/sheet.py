"""A grid of cells under construction: text and other grids are put onto it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tui_ae.link.cells.glyphs import UNCERTAIN, clusters
from tui_ae.raster.grid import DEFAULT, SECOND, SPACE, CellGrid
from tui_ae.ui.lettering import ascii_text, cells, glyphs, shown


def shorten(text: str, width: int) -> str:
    """`text` in at most `width` cells, ending in an ellipsis where it was cut."""
    if cells(text) <= width:
        return text
    if width <= 0:
        return ""
    if not UNCERTAIN.search(text):
        return text[: width - 1] + "…"
    kept = ""
    for cluster in clusters(shown(text)):
        if cells(kept + cluster) >= width:
            break
        kept += cluster
    return kept + "…"


def joined(parts: Sequence[str], width: int) -> str:
    """The first of `parts`, as many as fit into `width` cells with dots between them."""
    text = ""
    for part in parts:
        longer = f"{text} · {part}" if text else part
        if cells(longer) > width:
            break
        text = longer
    return text or shorten(parts[0], width)


class Sheet:
    """Height x width cells to draw on; whatever falls outside is cut off."""

    def __init__(self, height: int, width: int, *, ascii_only: bool = False) -> None:
        self.grid = CellGrid.blank(height, width)
        self._ascii = ascii_only

    @property
    def height(self) -> int:
        """Rows of cells."""
        return self.grid.height

    @property
    def width(self) -> int:
        """Columns of cells."""
        return self.grid.width

    def put(
        self, row: int, column: int, text: str, ink: int = DEFAULT, paper: int = DEFAULT
    ) -> int:
        """Write `text`; returns the column behind it."""
        text = ascii_text(text) if self._ascii else text
        if UNCERTAIN.search(text):
            codes = np.array(glyphs(text), np.uint32)
        else:
            codes = np.frombuffer(text.encode("utf-32-le"), np.uint32)
        end = column + len(codes)
        left, right = max(column, 0), min(end, self.width)
        if 0 <= row < self.height and left < right:
            place = (slice(row, row + 1), slice(left, right))
            self._cut(*place)
            self.grid.glyphs[place] = codes[left - column : right - column]
            self.grid.foreground[place] = ink
            self.grid.background[place] = paper
            if codes[left - column] == SECOND:
                self.grid.glyphs[row, left] = SPACE
            if right < end and codes[right - column] == SECOND:
                self.grid.glyphs[row, right - 1] = SPACE
        return end

    def _cut(self, rows: slice, columns: slice) -> None:
        """Blank the other halves of wide signs at the sides of cells that are written over."""
        glyphs = self.grid.glyphs
        left, right = columns.start, columns.stop
        if left > 0:
            before = glyphs[rows, left - 1]
            before[glyphs[rows, left] == SECOND] = SPACE
        if right < self.width:
            behind = glyphs[rows, right]
            behind[behind == SECOND] = SPACE

    def put_right(self, row: int, text: str, ink: int = DEFAULT) -> int:
        """Write `text` so that it ends at the right edge; returns its first column."""
        column = self.width - cells(text)
        self.put(row, column, text, ink)
        return column

    def paste(self, grid: CellGrid, row: int, column: int) -> None:
        """Lay another grid onto this one, its top left cell at (row, column)."""
        top, left = max(row, 0), max(column, 0)
        bottom = min(row + grid.height, self.height)
        right = min(column + grid.width, self.width)
        if top >= bottom or left >= right:
            return
        there = (slice(top, bottom), slice(left, right))
        here = (slice(top - row, bottom - row), slice(left - column, right - column))
        self._cut(*there)
        self.grid.glyphs[there] = grid.glyphs[here]
        self.grid.foreground[there] = grid.foreground[here]
        self.grid.background[there] = grid.background[here]
        first = self.grid.glyphs[top:bottom, left]
        first[first == SECOND] = SPACE
        if right - column < grid.width:
            cut = grid.glyphs[top - row : bottom - row, right - column] == SECOND
            self.grid.glyphs[top:bottom, right - 1][cut] = SPACE

    def title(
        self, text: str, ink: int, faint: int, right: str = "", right_ink: int = DEFAULT
    ) -> None:
        """Head the sheet with `text`, a rule behind it, and `right` at its end."""
        end = self.put(0, 0, shorten(text, self.width), ink) + 1
        stop = self.width
        if right and end + cells(right) + 1 <= self.width:
            stop = self.put_right(0, right, right_ink) - 1
        self.put(0, end, "─" * (stop - end), faint)
