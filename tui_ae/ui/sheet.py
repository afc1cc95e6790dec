"""A grid of cells under construction: text and other grids are put onto it."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import numpy as np
from rich.cells import cell_len

from tui_ae.raster.grid import DEFAULT, CellGrid

PLAIN = str.maketrans(
    {
        "·": "-",
        "—": "-",
        "…": ".",
        "×": "x",
        "₁": "1",
        "₂": "2",
        "→": ">",
        "←": "<",
        "↑": "^",
        "↓": "v",
        "─": "-",
        "│": "|",
        "●": "*",
        "○": "o",
        "▸": ">",
        "└": "`",
        "┘": "'",
    }
)
"""What stands for the program's own signs where only ASCII is safe."""


def ascii_text(text: str) -> str:
    """`text` with every character in ASCII, each still one cell wide."""
    return text.translate(PLAIN).encode("ascii", "replace").decode("ascii")


def single_width(text: str) -> str:
    """`text` with every character that is not exactly one cell wide replaced by '?'."""
    text = unicodedata.normalize("NFC", text)
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        character
        if character.isprintable()
        and unicodedata.category(character)[0] != "M"
        and unicodedata.east_asian_width(character) not in "WF"
        # What Textual takes to be of another width would shift the cells behind it.
        and cell_len(character) == 1
        else "?"
        for character in text
    )


def shorten(text: str, width: int) -> str:
    """`text` in at most `width` cells, ending in an ellipsis where it was cut."""
    if len(text) <= width:
        return text
    return text[: max(width - 1, 0)] + "…" if width > 0 else ""


def joined(parts: Sequence[str], width: int) -> str:
    """The first of `parts`, as many as fit into `width` cells with dots between them."""
    text = ""
    for part in parts:
        longer = f"{text} · {part}" if text else part
        if len(longer) > width:
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
        end = column + len(text)
        left, right = max(column, 0), min(end, self.width)
        if 0 <= row < self.height and left < right:
            codes = np.frombuffer(text.encode("utf-32-le"), np.uint32)
            self.grid.glyphs[row, left:right] = codes[left - column : right - column]
            self.grid.foreground[row, left:right] = ink
            self.grid.background[row, left:right] = paper
        return end

    def put_right(self, row: int, text: str, ink: int = DEFAULT) -> int:
        """Write `text` so that it ends at the right edge; returns its first column."""
        column = self.width - len(text)
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
        self.grid.glyphs[there] = grid.glyphs[here]
        self.grid.foreground[there] = grid.foreground[here]
        self.grid.background[there] = grid.background[here]

    def title(
        self, text: str, ink: int, faint: int, right: str = "", right_ink: int = DEFAULT
    ) -> None:
        """Head the sheet with `text`, a rule behind it, and `right` at its end."""
        end = self.put(0, 0, shorten(text, self.width), ink) + 1
        stop = self.width
        if right and end + len(right) + 1 <= self.width:
            stop = self.put_right(0, right, right_ink) - 1
        if stop - end > 0:
            self.put(0, end, "─" * (stop - end), faint)
