"""What the screen should show: a grid of cells made from everything that Textual writes.

A cell is one int64, `glyph | style << 24`. Runs of text are gathered and written by one NumPy
assignment a call, because this runs on the event loop's thread beside a busy worker.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from tui_ae.link.cells.gate import OWN, shown_glyphs, shown_text
from tui_ae.link.cells.glyphs import (
    CONTINUATION,
    FIRST_CLUSTER,
    UNCERTAIN,
    GlyphTable,
    cells_of,
    clusters,
)
from tui_ae.link.cells.patch import SECOND, Patch
from tui_ae.link.cells.style_table import StyleTable
from tui_ae.link.grids import Cells, Flags, Glyphs

STYLE_SHIFT = 24
GLYPH_MASK = (1 << STYLE_SHIFT) - 1
UNKNOWN = -1
"""A cell whose content on the terminal is not known."""
SPACE = 32
MAX_STYLES = 1 << 12
"""More are forgotten where nothing shows them: so many, with what is known of them, take 1 MB."""
MAX_CLUSTER = 8
MAX_CARRY = 1 << 20

TEXT = "[^\x00-\x1f\x7f-\x9f]"
TOKEN = re.compile(
    rf"\x1b\[([\d;:]*)m({TEXT}*)|({TEXT}+)|"
    r"(\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[PX^_][^\x1b]*\x1b\\"
    r"|[ -/]*[0-OQ-WYZ\\`-~])"
    r"|[\x00-\x1a\x1c-\x1f\x7f-\x9f])"
)
UNFINISHED = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|[\]PX^_][^\x07\x1b]*\x1b?|[ -/]*)\Z")
CURSOR_CSI = re.compile(r"\x1b\[([\d;]*)([A-HJKXdf])\Z")
ALTERNATE = re.compile(r"\x1b\[\?(?:1049|1047|47)([hl])\Z")
SYNC = re.compile(r"\x1b\[\?2026([hl])\Z")
HYPERLINK = re.compile(r"\x1b\]8;([^\x07\x1b]*)")


class ScreenModel:
    """The desired cells, and the sequences that are not about cells, in order."""

    def __init__(self, width: int, height: int) -> None:
        self.styles = StyleTable()
        self.glyphs = GlyphTable()
        self.width, self.height = width, height
        self.cells: Cells = np.full((height, width), SPACE, np.int64)
        self.passthrough: list[str] = []
        self.cleared = False
        """Set when the terminal switched screens: what it shows is unknown."""
        self.wants_sync = False
        """Whether the stream uses synchronised output, so the terminal must know it."""
        self.has_wide = False
        self.x = self.y = 0
        self.style = 0
        self._carry = ""
        self._texts: list[str] = []
        self._starts: list[int] = []
        self._styles: list[int] = []

    def resize(self, width: int, height: int) -> None:
        """Change the size; what fits stays."""
        old = self.cells
        self.cells = np.full((height, width), SPACE, np.int64)
        rows, columns = min(height, self.height), min(width, self.width)
        self.cells[:rows, :columns] = old[:rows, :columns]
        self.width, self.height = width, height
        self.x, self.y = min(self.x, width), min(self.y, height - 1)
        if self.has_wide and columns < old.shape[1]:
            cut = old[:rows, columns] & GLYPH_MASK == CONTINUATION
            self.cells[:rows, columns - 1][cut] = SPACE

    def feed(self, data: str) -> None:
        """Take what was written for the terminal."""
        if not self._carry and OWN.fullmatch(data):
            self._own(data)
            return
        if self._carry:
            data, self._carry = self._carry + data, ""
        last = data.rfind("\x1b")
        begin = data.rfind("\x1b", 0, -1) if data.endswith("\x1b") else -1
        if begin >= 0 and UNFINISHED.match(data, begin):
            # The last ESC is the first half of what ends a string.
            last = begin
        if last >= 0 and len(data) - last < MAX_CARRY and UNFINISHED.match(data, last):
            data, self._carry = data[:last], data[last:]
        certain = not self.has_wide and UNCERTAIN.search(data) is None
        after, width = self.styles.after, self.width
        for sgr, text, plain, control in TOKEN.findall(data):
            if control:
                self._control(control)
                continue
            if plain:
                text = plain  # noqa: PLW2901
            else:
                self.style = after(self.style, sgr)
                if not text:
                    continue
            sure = certain or not (self.has_wide or UNCERTAIN.search(text))
            if sure and self.x + len(text) <= width:
                self._texts.append(text)
                self._starts.append(self.y * width + self.x)
                self._styles.append(self.style)
                self.x += len(text)
            else:
                self._put_with_care(text)
        self._apply()

    def _apply(self) -> None:
        """Write the gathered runs; where they overlap, the later one wins."""
        if not self._texts:
            return
        lengths = np.array([len(text) for text in self._texts], np.int64)
        raw = "".join(self._texts).encode("utf-32-le", "surrogatepass")
        glyphs = np.frombuffer(raw, "<u4").astype(np.int64)
        styles = np.repeat(np.array(self._styles, np.int64), lengths)
        styles = np.where(glyphs == SPACE, self.styles.blanks()[styles], styles)
        offsets = np.array(self._starts, np.int64) - (np.cumsum(lengths) - lengths)
        places = np.repeat(offsets, lengths) + np.arange(len(glyphs))
        self.cells.reshape(-1)[places] = glyphs | styles << STYLE_SHIFT
        self._texts, self._starts, self._styles = [], [], []

    def put(self, patch: Patch) -> None:
        """Write the changed cells of a patch.

        What lies outside the screen is cut off, and of wide characters nothing is left by halves.
        """
        # A screen that has shrunk may end before the rectangle begins: a negative end would count.
        x, y = patch.x, patch.y
        height, width = max(self.height - y, 0), max(self.width - x, 0)
        changed = patch.changed[:height, :width]
        glyph = self._glyphs(patch.glyphs[:height, :width][changed], patch.clusters)
        numbers = np.array([self.styles.number(style) for style in patch.styles], np.int64)
        style = numbers[patch.style_of[:height, :width][changed]]
        style = np.where(glyph == SPACE, self.styles.blanks()[style], style)
        special = self.has_wide or not patch.glyphs.all()
        rows = self.cells[y : y + len(changed)]
        window = rows[:, x : x + changed.shape[1]]
        halves = rows & GLYPH_MASK == CONTINUATION if special else None
        window[changed] = glyph | style << STYLE_SHIFT
        if halves is not None:
            halves[:, x : x + changed.shape[1]] |= patch.glyphs[:height, :width] == SECOND
            self._mend(rows, halves)

    def _glyphs(self, glyphs: Glyphs, clusters: Sequence[str]) -> Cells:
        """The glyphs of a patch as the screen numbers them."""
        raw = glyphs.astype(np.int64)
        shown = shown_glyphs(raw)
        if not raw.all():
            shown[raw == SECOND] = CONTINUATION
        if len(raw) and raw.max() >= FIRST_CLUSTER:
            for number in np.unique(raw[raw >= FIRST_CLUSTER]).tolist():
                cluster = shown_text(clusters[number - FIRST_CLUSTER])
                shown[raw == number] = self.glyphs.number(cluster)
        return shown

    def _mend(self, rows: Cells, halves: Flags) -> None:
        """Blank what is left of wide characters whose other half was overwritten, or cut off.

        Args:
            rows: (n, width) cells of the screen.
            halves: The same of where second halves were, or were to be.
        """
        second = rows & GLYPH_MASK == CONTINUATION
        self.has_wide = True
        for row, x in np.argwhere(halves | second).tolist():
            wide = x > 0 and self._width(int(rows[row, x - 1])) == 2
            if wide and not second[row, x]:
                rows[row, x - 1] = SPACE
            elif second[row, x] and not wide:
                rows[row, x] = SPACE
        for row in range(len(rows)):
            if self._width(int(rows[row, -1])) == 2:
                rows[row, -1] = SPACE

    def _width(self, code: int) -> int:
        """Cells of the glyph of a cell; a second half has none."""
        glyph = code & GLYPH_MASK
        return 0 if glyph == CONTINUATION else cells_of(self.glyphs.text(glyph))

    def _code(self, cluster: str) -> int:
        style = self.style
        if cluster == " ":
            style = int(self.styles.blanks()[style])
        return self.glyphs.number(cluster) | style << STYLE_SHIFT

    def _put_with_care(self, text: str) -> None:
        """Write text cell by cell, as a terminal that doesn't wrap does."""
        self._apply()
        row = self.cells[self.y]
        for index, cluster in enumerate(clusters(shown_text(text))):
            cells = cells_of(cluster)
            if cells == 0:
                if index == 0:
                    self._combine(cluster)
                continue
            if self.x + cells > self.width:
                self.x = self.width - 1
                cluster, cells = " " * (cells == 2) + cluster[cells - 1 :], 1  # noqa: PLW2901
            self._halve(self.x)
            self._halve(self.x + cells)
            row[self.x] = self._code(cluster)
            if cells == 2:
                row[self.x + 1] = CONTINUATION | self.style << STYLE_SHIFT
                self.has_wide = True
            self.x += cells

    def _combine(self, mark: str) -> None:
        """Add a mark that takes no cell to the cell before the cursor."""
        if self.x == 0:
            return
        x = self.x - 1
        if x and int(self.cells[self.y, x]) & GLYPH_MASK == CONTINUATION:
            x -= 1
        code = int(self.cells[self.y, x])
        text = self.glyphs.text(code & GLYPH_MASK) + mark
        # A blank has forgotten its ink.
        style = self.style if text[0] == " " else code >> STYLE_SHIFT
        if len(text) <= MAX_CLUSTER:
            self.cells[self.y, x] = self.glyphs.number(text) | style << STYLE_SHIFT

    def _halve(self, x: int) -> None:
        """Blank the wide character whose second half is at column x."""
        row = self.cells[self.y]
        if 0 < x < self.width and int(row[x]) & GLYPH_MASK == CONTINUATION:
            row[x - 1 : x + 1] = SPACE

    def _erase(self, first: int, last: int) -> None:
        """Blank the cells from flat position `first` up to `last` in the current background."""
        self._apply()
        for edge in (first, last):
            self.y, y = divmod(edge, self.width)[0], self.y
            if self.y < self.height:
                self._halve(edge % self.width)
            self.y = y
        paper = self.styles.styles[self.style].paper
        blank = self.styles.number(self.styles.styles[0]._replace(paper=paper))
        self.cells.reshape(-1)[first:last] = SPACE | blank << STYLE_SHIFT

    def _line_feed(self) -> None:
        """Go to the next row's start, as a pseudo-terminal makes of a line feed."""
        self.x = 0
        if self.y < self.height - 1:
            self.y += 1
            return
        self._apply()
        self.cells[:-1] = self.cells[1:].copy()
        end = self.width * self.height
        self.cells[-1] = SPACE
        self._erase(end - self.width, end)

    def _control(self, sequence: str) -> None:
        if sequence == "\n":
            self._line_feed()
        elif sequence == "\r":
            self.x = 0
        elif sequence == "\b":
            self.x = max(min(self.x, self.width - 1) - 1, 0)
        elif match := CURSOR_CSI.match(sequence):
            self._csi(match[1], match[2])
        elif match := HYPERLINK.match(sequence):
            self.style = self.styles.linked(self.style, match[1])

    def _own(self, sequence: str) -> None:
        """Take a sequence that the program itself wrote and that is not about cells."""
        if SYNC.match(sequence):
            self.wants_sync = True
            return
        if ALTERNATE.match(sequence):
            # The cells stay: after a suspension Textual doesn't paint again what it painted before.
            self.x = self.y = self.style = 0
            self.cleared = True
        self.passthrough.append(sequence)

    def _csi(self, parameters: str, final: str) -> None:
        """Cursor moves and erasures."""
        numbers = [int(part or 0) for part in parameters.split(";")] + [0]
        count, width, height = max(numbers[0], 1), self.width, self.height
        at = self.y * width + min(self.x, width - 1)
        if final in "Hf":
            self.y, self.x = min(count, height) - 1, min(max(numbers[1], 1), width) - 1
        elif final in "AB":
            step = -count if final == "A" else count
            self.y = min(max(self.y + step, 0), height - 1)
        elif final in "CD":
            step = -count if final == "D" else count
            self.x = min(max(min(self.x, width - 1) + step, 0), width - 1)
        elif final in "EF":
            step = -count if final == "F" else count
            self.x, self.y = 0, min(max(self.y + step, 0), height - 1)
        elif final == "G":
            self.x = min(count, width) - 1
        elif final == "d":
            self.y = min(count, height) - 1
        elif final == "X":
            self._erase(at, min(at + count, (self.y + 1) * width))
        else:
            line = (self.y * width, (self.y + 1) * width)
            start, end = line if final == "K" else (0, width * height)
            how = min(numbers[0], 2)
            self._erase(at if how == 0 else start, at + 1 if how == 1 else end)

    def renumber_styles(self, shown: Cells) -> Cells:
        """Forget unused styles, which hours of truecolor pictures pile up; returns `shown` anew."""
        known = np.maximum(shown, 0)
        used = np.unique(np.concatenate([self.cells.ravel(), known.ravel()]) >> STYLE_SHIFT)
        renumbered = self.styles.compact(np.union1d(used, [self.style]))
        self.style = int(renumbered[self.style])
        self.cells = self.cells & GLYPH_MASK | renumbered[self.cells >> STYLE_SHIFT] << STYLE_SHIFT
        known = known & GLYPH_MASK | renumbered[known >> STYLE_SHIFT] << STYLE_SHIFT
        return np.where(shown < 0, UNKNOWN, known)

    def note_wide(self) -> None:
        """Look whether wide characters are left, so that the fast path can come back."""
        if self.has_wide:
            self.has_wide = bool((self.cells & GLYPH_MASK == CONTINUATION).any())
