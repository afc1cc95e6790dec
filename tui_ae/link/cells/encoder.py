"""From what the terminal shows to what it should show, in as few bytes as possible."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tui_ae.link.cells.clearing import MAX_COST, erasures, most_common_blank
from tui_ae.link.cells.glyphs import CONTINUATION, SURE
from tui_ae.link.cells.moves import absolute_move, move
from tui_ae.link.cells.screen import (
    GLYPH_MASK,
    SPACE,
    STYLE_SHIFT,
    UNKNOWN,
    ScreenModel,
)
from tui_ae.link.cells.scroll import Scroll, find_scroll
from tui_ae.link.grids import Cells, Flags

RESET_AND_CLEAR = "\x1b[m\x1b[2J"
MAX_BRIDGE = 4
"""Unchanged cells that may be printed again instead of a cursor move of as many bytes."""
UNBOUNDED = 1 << 30
MIN_PIECE = 8
"""Cells of a run that are sent even when fewer would fit the budget."""


class _Restorable(NamedTuple):
    """What writing changes, to go back to."""

    shown: Cells
    style: int
    cursor: int
    parts: int
    size: int
    stopped: int


class Encoder:
    """Keeps what the terminal shows, and brings it nearer to the model."""

    def __init__(self, model: ScreenModel, *, erase_paints: bool = True) -> None:
        self.model = model
        self.erase_paints = erase_paints
        """Whether erasing leaves the current background (bce)."""
        self.shown: Cells = np.full_like(model.cells, UNKNOWN)
        self.style = -1
        self.cursor = -1
        self._must_clear = True
        self.stopped = 0
        """The flat position of the first cell that the last frame left for another."""
        self._parts: list[str] = []
        self.size = 0
        """Bytes of the last frame, most of whose characters are three of them."""
        self._ahead = ""
        """What goes ahead of the next frame: a scroll, a clearing."""

    @property
    def is_known(self) -> bool:
        """Whether it is known what the terminal shows."""
        return not self._must_clear

    def renumber_styles(self) -> None:
        """Let the model forget styles that neither it nor the terminal shows."""
        self.shown = self.model.renumber_styles(self.shown)
        self.style = -1

    def reset(self) -> None:
        """Nothing is known about the terminal any more: the next frame clears it."""
        self.shown = np.full_like(self.model.cells, UNKNOWN)
        self.style = self.cursor = -1
        self._must_clear, self._ahead = True, ""

    def park(self, position: int) -> str:
        """Leave the cursor at a flat position; returns the motion.

        Never from where the cursor is: on a terminal that draws a glyph wider than it should, the
        report would be of another place, and the frame unanswered.
        """
        self.cursor = position
        return absolute_move(position, self.model.width)

    def changed(self) -> Flags:
        """The cells (height, width) that differ from what the terminal shows."""
        cells = self.model.cells
        flags: Flags = cells != self.shown
        if self.model.has_wide:
            second = cells & GLYPH_MASK == CONTINUATION
            flags[:, :-1] |= flags[:, 1:] & second[:, 1:]
            flags[:, 1:] &= ~second[:, 1:]
        return flags

    def clear(self, over: Flags, least: float) -> bool:
        """Have the terminal blank cells whose content is over, where all that differs takes long.

        The sequence goes ahead of the next frame. Nothing happens where it would cost much.

        Args:
            over: Which cells (height, width).
            least: Bytes; less than these are painted over what is there.

        Returns:
            Whether they are blank now, also those of them that were right.
        """
        # Of wide characters halves might be left.
        if self._must_clear or self.model.has_wide:
            return False
        blank = most_common_blank(self.model.cells[over])
        if not self._erases_to(blank >> STYLE_SHIFT):
            return False
        self._parts, self.size = [], 0
        painted_bytes = self._bytes_for(np.ones_like(over))
        if painted_bytes < least:
            return False
        before = self._state()
        self._erase(over, blank)
        if self.size + self._bytes_for(np.ones_like(over)) > MAX_COST * painted_bytes:
            self._go_back(before)
            return False
        self._ahead += "".join(self._parts)
        return True

    def _erase(self, cells: Flags, blank: int) -> None:
        self._set_style(self.model.styles.on_blank(self.style, blank >> STYLE_SHIFT))
        for place, count, sequence in erasures(self.shown, cells, blank):
            self._emit(move(self.cursor, place, self.model.width) + sequence)
            self.cursor = place
            self.shown.reshape(-1)[place : place + count] = blank

    def scroll(self) -> Flags | None:
        """Have the terminal move rows by itself, where painting them takes more bytes.

        The sequence goes ahead of the next frame.

        Returns:
            The cells (height, width) of the rows that move, None where none do. Whatever of them
            differs then is to be painted soon: beside the text some may have moved that should not.
        """
        scroll = None if self._must_clear else find_scroll(self.shown, self.model.cells)
        if scroll is None:
            return None
        self._parts, self.size = [], 0
        moved = np.zeros(self.shown.shape, bool)
        moved[scroll.top : scroll.bottom] = True
        painted_bytes = self._bytes_for(moved)
        before = self._state()
        self._move(scroll)
        if self.size + self._bytes_for(moved) >= painted_bytes:
            self._go_back(before)
            return None
        self._ahead = "".join(self._parts)
        return moved

    def _move(self, scroll: Scroll) -> None:
        """Write a scroll, and note what the terminal shows after it."""
        # The new rows get the background that they end with, as blanks would; see _blank_run.
        code = int(self.model.cells[scroll.fresh][-1, -1])
        style = code >> STYLE_SHIFT
        if code & GLYPH_MASK != SPACE or not self._erases_to(style):
            style = 0
        self._set_style(self.model.styles.on_blank(self.style, style))
        self._emit(scroll.sequence())
        self.cursor = -1
        scroll.move(self.shown, SPACE | style << STYLE_SHIFT)

    def _erases_to(self, style: int) -> bool:
        """Whether erasing leaves blanks of a style."""
        look, plain = self.model.styles.styles[style], self.model.styles.styles[0]
        return (self.erase_paints or look == plain) and not look.attributes and not look.link

    def _bytes_for(self, cells: Flags) -> int:
        """Bytes that it takes to write what differs among `cells`."""
        before = self._state()
        places = np.flatnonzero(self.changed() & cells)
        self._runs(places, self.model.cells.reshape(-1)[places], UNBOUNDED)
        size = self.size - before.size
        self._go_back(before)
        return size

    def encode(
        self,
        changed: Flags,
        rank: npt.NDArray[np.int64],
        budget: int,
        start: int = 0,
        *,
        unit: npt.NDArray[np.int64] | None = None,
        whole: int = 0,
        together: int = UNBOUNDED,
    ) -> str:
        """Sequences for changed cells, the lowest rank first, of about `budget` bytes.

        Args:
            changed: which cells to bring up to date.
            rank: (height, width), the order in which they go.
            budget: the bytes after which the rest is left for another frame; some progress is
                made whatever it is.
            start: among cells of one rank, those from this flat position on go first, then round
                again: so bands of a large pane go on where the last frame stopped.
            unit: (height, width), the number of what each cell goes together with, 0 for nothing.
            whole: the bytes up to which a unit that was begun is finished, whatever the budget;
                one that takes more comes in pieces.
            together: the bytes that all units of the frame may take that are finished so; what
                would be too much for these waits for another frame, and so does all behind it.
        """
        self._parts, self.size = [], 0
        self._emit(self._ahead)
        self._ahead = ""
        if self._must_clear:
            self._must_clear = False
            self._emit(RESET_AND_CLEAR)
            self.shown[:] = SPACE
            self.style, self.cursor = 0, -1
            changed = self.changed() & changed
        cells = self.model.cells.reshape(-1)
        places = np.flatnonzero(changed)
        if len(places):
            places = np.roll(places, -int(np.searchsorted(places, start)))
            places = places[np.argsort(rank.reshape(-1)[places], kind="stable")]
            units = np.zeros(len(places), np.int64) if unit is None else unit.reshape(-1)[places]
            edges = [0, *(np.flatnonzero(np.diff(units)) + 1).tolist(), len(places)]
            for begin, end in pairwise(edges):
                part = places[begin:end]
                if self.size >= budget:
                    self.stopped = int(part[0])
                    break
                if units[begin]:
                    before = self._state()
                    fits = self._runs(part, cells[part], self.size + whole)
                    taken = self.size - before.size
                    if fits and taken <= together:
                        together -= taken
                        continue
                    self._go_back(before)
                    if fits:
                        self.stopped = int(part[0])
                        break
                if not self._runs(part, cells[part], budget):
                    break
        return "".join(self._parts)

    def _state(self) -> _Restorable:
        return _Restorable(
            self.shown.copy(), self.style, self.cursor, len(self._parts), self.size, self.stopped
        )

    def _go_back(self, before: _Restorable) -> None:
        """Undo what was written since."""
        self.shown, self.style, self.cursor, parts, self.size, self.stopped = before
        del self._parts[parts:]

    def _emit(self, sequence: str) -> None:
        if sequence:
            self._parts.append(sequence)
            self.size += (
                len(sequence) if sequence.isascii() else len(sequence.encode("utf-8", "replace"))
            )

    def _runs(self, places: npt.NDArray[np.intp], codes: Cells, budget: int) -> bool:
        """Split the changed cells into runs of one style in one row, and write them in order.

        Returns:
            Whether all of them were written.
        """
        glyphs, styles = codes & GLYPH_MASK, codes >> STYLE_SHIFT
        plain = SURE[np.minimum(glyphs, len(SURE) - 1)]
        blank = glyphs == SPACE
        breaks = np.ones(len(places), bool)
        breaks[1:] = (np.diff(places) != 1) | (np.diff(styles) != 0)
        breaks[1:] |= (blank[1:] != blank[:-1]) | ~plain[1:] | ~plain[:-1]
        breaks |= places % self.model.width == 0
        starts = np.flatnonzero(breaks)
        text = np.where(plain, glyphs, SPACE).astype("<u4").tobytes().decode("utf-32-le")
        edges = [*starts.tolist(), len(places)]
        first_places, first_styles = places[starts].tolist(), styles[starts].tolist()
        sure, erasable = plain[starts].tolist(), blank[starts].tolist()
        shown, cells = self.shown.reshape(-1), self.model.cells.reshape(-1)
        sent = np.ones(len(places), bool)
        for index, place in enumerate(first_places):
            if self.size >= budget:
                self.stopped = place
                sent[edges[index] :] = False
                break
            begin, end = edges[index], edges[index + 1]
            if not sure[index]:
                self._cluster(place)
            elif erasable[index]:
                if shown[place] == cells[place]:
                    # An erasure to the end of the row has been here.
                    continue
                following = first_places[index + 1] if index + 1 < len(starts) else -1
                self._blank_run(place, end - begin, first_styles[index], following)
            else:
                room = max((budget - self.size) // 3, MIN_PIECE)
                if end - begin > room:
                    sent[begin + room : end] = False
                self._go(place)
                self._set_style(first_styles[index])
                self._print(text[begin : min(end, begin + room)])
        shown[places[sent]] = codes[sent]
        return bool(sent.all())

    def _go(self, place: int) -> None:
        """Move the cursor, by printing a few unchanged cells again where that is shorter."""
        gap = place - self.cursor
        if (
            self.cursor >= 0
            and 0 < gap <= MAX_BRIDGE
            and self.cursor // self.model.width == place // self.model.width
        ):
            codes = self.model.cells.reshape(-1)[self.cursor : place].tolist()
            bridge = self._bridge(codes)
            if bridge and len(bridge.encode()) <= (3 if gap == 1 else 4):
                self._mark(self.cursor, gap)
                self._print(bridge)
                return
        self._emit(move(self.cursor, place, self.model.width))
        self.cursor = place

    def _bridge(self, codes: list[int]) -> str:
        """The text of cells that look right in the current style, or nothing."""
        table = self.model.styles
        for code in codes:
            glyph, style = code & GLYPH_MASK, code >> STYLE_SHIFT
            fits = style == self.style or (
                glyph == SPACE and table.on_blank(self.style, style) == self.style
            )
            if not fits or glyph >= len(SURE) or not SURE[glyph]:
                return ""
        return "".join(chr(code & GLYPH_MASK) for code in codes)

    def _set_style(self, style: int) -> None:
        self._emit(self.model.styles.transition(self.style, style))
        self.style = style

    def _print(self, text: str) -> None:
        """Print text of certain width at the cursor."""
        self._emit(text)
        self.cursor += len(text)
        if self.cursor % self.model.width == 0:
            # Behind the last column the cursor is in a state that terminals define differently.
            self.cursor = -1

    def _mark(self, place: int, count: int) -> None:
        """Note that cells show what the model has, beside those that a frame was asked for.

        The other half of a wide character that this cut has vanished. Nothing needs to be noted for
        it: the model has no half characters either, so that cell differs and will be written.
        """
        shown = self.shown.reshape(-1)
        shown[place : place + count] = self.model.cells.reshape(-1)[place : place + count]

    def _cluster(self, place: int) -> None:
        """Print one glyph whose width terminals may not agree on."""
        code = int(self.model.cells.reshape(-1)[place])
        glyph, style = code & GLYPH_MASK, code >> STYLE_SHIFT
        if glyph == CONTINUATION:
            return
        right = place + 1
        row_ends = right % self.model.width == 0
        wide = (
            not row_ends and int(self.model.cells.reshape(-1)[right]) & GLYPH_MASK == CONTINUATION
        )
        self._go(place)
        self._set_style(style)
        if wide and (place + 2) % self.model.width:
            # Where a terminal takes it to be one cell wide, the other shows nothing of before.
            self._emit("  \b\b")
        self._emit(self.model.glyphs.text(glyph))
        self._mark(place, 2 if wide else 1)
        self.cursor = -1

    def _blank_run(self, place: int, count: int, style: int, following: int) -> None:
        """Print or erase equal blanks."""
        width, cells = self.model.width, self.model.cells.reshape(-1)
        self._go(place)
        self._set_style(self.model.styles.on_blank(self.style, style))
        if count > 3 and self._erases_to(style):
            row_end = (place // width + 1) * width
            if bool((cells[place:row_end] == cells[place]).all()):
                self._emit("\x1b[K")
                self._mark(place, row_end - place)
                return
            erase = f"\x1b[{count}X"
            if len(erase) + (4 if following == place + count else 0) < count:
                self._emit(erase)
                return
        self._print(" " * count)
