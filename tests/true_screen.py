"""A terminal to compare screens on: pyte, with what terminals do and it does not."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

import pyte
from pyte.screens import Char
from wcwidth import wcwidth

IGNORED = re.compile(
    r"\x1b\[[<>=][0-9;]*[a-zA-Z]|\x1b\[\?[0-9;]*\$p|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"
)
"""What pyte prints instead of ignoring."""


class TrueScreen(pyte.Screen):
    """pyte with what terminals do and it doesn't: cut wide characters vanish, erasing keeps only
    the background and reaches cells that were never written."""

    erase_paints = True

    def _cut(self, *edges: int) -> None:
        line = self.buffer[self.cursor.y]
        for x in edges:
            if 0 < x < self.columns and line[x].data == "":
                line[x - 1] = line[x] = self.default_char

    def draw(self, data: str) -> None:
        for character in data:
            width = wcwidth(character)
            if width == 0:
                self._mark(character)
                continue
            if self.cursor.x + width > self.columns:
                self.cursor.x = self.columns - 1
                self._cut(self.cursor.x, self.columns)
                super().draw(" " if width == 2 else character)
                continue
            self._cut(self.cursor.x, self.cursor.x + width)
            super().draw(character)

    def _mark(self, character: str) -> None:
        line, x = self.buffer[self.cursor.y], self.cursor.x - 1
        if x < 0 or not unicodedata.combining(character):
            return
        x -= line[x].data == "" and x > 0
        style = self.cursor.attrs if line[x].data[0] == " " else line[x]
        line[x] = style._replace(data=unicodedata.normalize("NFC", line[x].data + character))

    def _erase(self, y: int, first: int, last: int) -> None:
        blank = self.default_char
        if self.erase_paints:
            blank = blank._replace(bg=self.cursor.attrs.bg)
        row, self.cursor.y = self.cursor.y, y
        self._cut(first, last)
        self.cursor.y = row
        for x in range(first, last):
            self.buffer[y][x] = blank

    def backspace(self) -> None:
        # Behind the last column xterm's cursor is on it, pyte's beside it.
        self.cursor.x = min(self.cursor.x, self.columns - 1)
        super().backspace()

    def cursor_back(self, count: int | None = None) -> None:
        self.cursor.x = min(self.cursor.x, self.columns - 1)
        super().cursor_back(count)

    def index(self) -> None:
        scrolls = self.cursor.y == (self.margins.bottom if self.margins else self.lines - 1)
        super().index()
        if scrolls:
            self._erase(self.cursor.y, 0, self.columns)

    def reverse_index(self) -> None:
        scrolls = self.cursor.y == (self.margins.top if self.margins else 0)
        super().reverse_index()
        if scrolls:
            self._erase(self.cursor.y, 0, self.columns)

    def erase_characters(self, count: int | None = None) -> None:
        x = min(self.cursor.x, self.columns - 1)
        self._erase(self.cursor.y, x, min(x + (count or 1), self.columns))

    def erase_in_line(self, how: int = 0, private: bool = False) -> None:
        x = min(self.cursor.x, self.columns - 1)
        first, last = {0: (x, self.columns), 1: (0, x + 1), 2: (0, self.columns)}[how]
        self._erase(self.cursor.y, first, last)

    def erase_in_display(self, how: int = 0, *_: object, **__: object) -> None:
        rows = {0: range(self.cursor.y + 1, self.lines), 1: range(self.cursor.y)}
        for y in rows.get(how, range(self.lines)):
            self._erase(y, 0, self.columns)
        if how in (0, 1):
            self.erase_in_line(how)


def look(screen: pyte.Screen) -> list[list[Char]]:
    """The cells as they look: what doesn't show on a blank is left out."""
    rows = []
    for y in range(screen.lines):
        row = []
        for x in range(screen.columns):
            cell = screen.buffer[y][x]
            if cell.data == " " and not (cell.underscore or cell.strikethrough or cell.reverse):
                cell = screen.default_char._replace(bg=cell.bg)
            row.append(cell)
        rows.append(row)
    return rows


def true_screen(
    width: int, height: int, erase_paints: bool = True
) -> tuple[TrueScreen, Callable[[str], None]]:
    """A (screen, feed) pair; like the program's terminal it doesn't wrap."""
    screen = TrueScreen(width, height)
    screen.erase_paints = erase_paints
    stream = pyte.Stream(screen)
    # pyte's private modes are shifted by five bits.
    screen.reset_mode(7, private=True)

    def feed(data: str) -> None:
        # A pseudo-terminal turns a line feed into a carriage return and a line feed.
        stream.feed(IGNORED.sub("", data).replace("\n", "\r\n"))

    return screen, feed
