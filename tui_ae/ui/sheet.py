"""A grid of cells under construction: text and other grids are put onto it."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from rich.cells import cell_len

from tui_ae.raster.grid import DEFAULT, SECOND, SPACE, CellGrid

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


def in_cells(text: str) -> str:
    """`text` with as many characters as it takes cells.

    Behind a character that is two cells wide stands one for its second cell. Marks that combine
    with the character before them become one with it where Unicode has that, and go else, as
    joiners do; what has no place in a cell becomes '?'.
    """
    text = unicodedata.normalize("NFC", text)
    if text.isascii() and text.isprintable():
        return text
    cells = []
    for character in text:
        # Textual's idea of widths counts: another one would shift the cells behind it.
        width = cell_len(character)
        category = unicodedata.category(character)
        if category[0] == "M" or category == "Cf":
            continue
        if not character.isprintable() or width not in (1, 2):
            cells.append("?")
        else:
            cells.append(character + chr(SECOND) * (width - 1))
    return "".join(cells)


@lru_cache(maxsize=16)
def distinct(names: tuple[str, ...], keys: str, *, ascii_only: bool) -> tuple[str, ...]:
    """Names as cells, each another one: those that would look the same end in their key.

    Args:
        names: Of all classes.
        keys: A character for each of them.
        ascii_only: Whether only ASCII is safe; accents go then, and other letters become '?'.
    """
    shown = [in_cells(name) for name in names]
    if ascii_only:
        shown = [_letters(name) for name in names]
    counts = Counter(shown)
    return tuple(
        f"{name} {key}" if counts[name] > 1 or not name.strip("? ") else name
        for name, key in zip(shown, keys, strict=True)
    )


def _letters(name: str) -> str:
    """A name in ASCII, its letters without their accents."""
    plain = unicodedata.normalize("NFKD", name)
    kept = "".join(sign for sign in plain if unicodedata.category(sign)[0] != "M")
    return ascii_text(in_cells(kept).replace(chr(SECOND), ""))


def shorten(text: str, width: int) -> str:
    """`text`, a character a cell, in at most `width` cells, with an ellipsis where it was cut."""
    if len(text) <= width:
        return text
    if width <= 0:
        return ""
    kept = text[: width - 1]
    # No half of a character.
    if text[width - 1] == chr(SECOND):
        kept = kept[:-1]
    return kept + "…"


def joined(parts: Sequence[str], width: int) -> str:
    """The first of `parts`, as many as fit into `width` cells with dots between them."""
    text = ""
    for part in parts:
        longer = f"{text} · {part}" if text else part
        if len(longer) > width:
            break
        text = longer
    return text or shorten(parts[0], width)


FIRST_WIDE = 0x1100
"""No character before it is two cells wide."""


def _is_wide(code: int) -> bool:
    return code >= FIRST_WIDE and cell_len(chr(code)) == 2


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
        text = ascii_text(text.replace(chr(SECOND), " ")) if self._ascii else text
        end = column + len(text)
        left, right = max(column, 0), min(end, self.width)
        if 0 <= row < self.height and left < right:
            codes = np.frombuffer(text.encode("utf-32-le"), np.uint32)
            self.grid.glyphs[row, left:right] = codes[left - column : right - column]
            self._mend(row, left, right)
            self.grid.foreground[row, left:right] = ink
            self.grid.background[row, left:right] = paper
        return end

    def _mend(self, row: int, left: int, right: int) -> None:
        """Blank what the edges of a text have cut of characters that are two cells wide."""
        glyphs = self.grid.glyphs[row]
        for edge in (left, right):
            before = edge > 0 and _is_wide(int(glyphs[edge - 1]))
            second = edge < self.width and glyphs[edge] == SECOND
            if before and not second:
                glyphs[edge - 1] = SPACE
            elif second and not before:
                glyphs[edge] = SPACE

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
