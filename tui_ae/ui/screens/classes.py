"""The classes: which of them are trained on and shown."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from random import Random
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.geometry import Size
from textual.message import Message

from tui_ae.data.dataset import least_active
from tui_ae.raster.colour import ColourDepth
from tui_ae.raster.grid import CellGrid
from tui_ae.ui.actions import Where, bindings
from tui_ae.ui.class_keys import class_keys
from tui_ae.ui.lettering import cells, class_words
from tui_ae.ui.screens.class_list import (
    EDGE,
    HINTS,
    MAX_ENTRY,
    MIN_ENTRY,
    ClassList,
    Geometry,
    arrange,
)
from tui_ae.ui.screens.dialog import Dialog
from tui_ae.ui.sheet import Sheet, shorten
from tui_ae.ui.themes import DARK, Tones

TWO_STAY = "Two stay on: switch another one on first."
ONE_ONLY = "There is only this one class."


class ClassesScreen(Dialog[None]):
    """Switches classes on and off; at least two stay on where there are two."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.CLASSES, "classes")

    class Changed(Message):
        """Other classes are on."""

        def __init__(self, active: frozenset[int]) -> None:
            super().__init__()
            self.active = active

    def __init__(
        self,
        class_names: Sequence[str],
        counts: Sequence[int],
        active: frozenset[int],
        colours: Sequence[int],
        rng: Random,
        *,
        ascii: bool = False,  # noqa: A002 - as elsewhere
        tones: Tones = DARK,
        depth: ColourDepth = ColourDepth.TRUECOLOR,
    ) -> None:
        """Show the classes, those in `active` switched on.

        Args:
            class_names: One a class.
            counts: Samples of each class.
            active: The classes that are on.
            colours: 0xRRGGBB or BY_NUMBER of each class.
            rng: Chooses the random two.
            ascii: Whether only ASCII is safe.
            tones: The theme.
            depth: The terminal's colours.
        """
        super().__init__()
        self._keys = class_keys(class_names)
        self._names = class_words(tuple(class_names), ascii)
        self._counts = [int(count) for count in counts]
        self.active = frozenset(active)
        self.cursor = 0
        self.message = ""
        self._colours, self._rng = tuple(colours), rng
        self._ascii, self._tones, self._depth = ascii, tones, depth
        self._list = ClassList(id="classes")
        self._top = 0
        self._geometry = Geometry(1, 1, 1, 1)

    def compose(self) -> ComposeResult:
        """The panel."""
        yield self._list

    def on_mount(self) -> None:
        """Take the look, and a place before the first layout: else the panel were the screen."""
        self._list.set_look(self._tones, self._depth)
        self._lay_out(self.app.size)

    def on_resize(self, event: events.Resize) -> None:
        """Lay the entries out anew."""
        self._lay_out(event.size)

    def _lay_out(self, screen: Size) -> None:
        marks = 8 if self._ascii else 6
        count = max(len(f"{count:,}") for count in self._counts)
        wish = marks + max(map(cells, self._names)) + 1 + count + 1
        wish = min(max(wish, MIN_ENTRY), MAX_ENTRY)
        self._geometry = arrange(len(self._names), wish, screen.width, screen.height - 1)
        self._list.styles.width = self._geometry.width
        self._list.styles.height = self._geometry.height
        self._paint()

    def on_click(self, event: events.Click) -> None:
        """Close the panel after a click beside it."""
        event.stop()
        self.dismiss()

    def on_class_list_pressed(self, message: ClassList.Pressed) -> None:
        """Switch the class that was clicked."""
        message.stop()
        column, row = message.column - EDGE, message.row - 1
        geometry = self._geometry
        if not (column >= 0 and 0 <= row < geometry.shown):
            return
        label = column // geometry.entry * geometry.rows + self._top + row
        if label < len(self._names):
            self.cursor = label
            self.action_switch(label)

    # --- actions ----------------------------------------------------------------------------------

    def action_switch_key(self, key: str) -> None:
        """Switch the class that has a key."""
        if key in self._keys:
            self.action_switch(self._keys.index(key))
        else:
            self._say(f"No class has the key {key}.")

    def action_switch(self, label: int) -> None:
        """Switch one class, or say why not."""
        if len(self._names) < 2:
            self._say(ONE_ONLY)
        elif len(self.active ^ {label}) < least_active(len(self._names)):
            self._say(TWO_STAY)
        else:
            self.cursor = label
            self._set(self.active ^ {label})

    def action_switch_here(self) -> None:
        """Switch the class under the cursor."""
        self.action_switch(self.cursor)

    def action_all(self) -> None:
        """Switch all classes on."""
        self._set(frozenset(range(len(self._names))))

    def action_random_two(self) -> None:
        """Leave two classes on, chosen at random among those with samples."""
        filled = [label for label, count in enumerate(self._counts) if count]
        if len(filled) < 2:
            self._say(ONE_ONLY)
            return
        self._set(frozenset(self._rng.sample(filled, 2)))

    def action_move(self, by: int) -> None:
        """Move the cursor along the list."""
        self.cursor = min(max(self.cursor + by, 0), len(self._names) - 1)
        self._say("")

    def action_column(self, by: int) -> None:
        """Move the cursor to the column beside."""
        target = self.cursor + by * self._geometry.rows
        if 0 <= target < len(self._names):
            self.cursor = target
        self._say("")

    def action_screenful(self, by: int) -> None:
        """Move the cursor by the rows on the screen."""
        self.action_move(by * self._geometry.shown)

    def action_close(self) -> None:
        """Close the panel."""
        self.dismiss()

    # --- drawing ----------------------------------------------------------------------------------

    def _set(self, active: frozenset[int]) -> None:
        self.message = ""
        if active != self.active:
            self.active = active
            self.post_message(self.Changed(active))
        self._paint()

    def _say(self, message: str) -> None:
        self.message = message
        self._paint()

    def _paint(self) -> None:
        geometry = self._geometry
        row = self.cursor % geometry.rows
        self._top = min(max(self._top, row - geometry.shown + 1), row)
        self._top = min(max(self._top, 0), geometry.rows - geometry.shown)
        self._list.show(self._draw())

    def _draw(self) -> CellGrid:
        geometry, tones = self._geometry, self._tones
        sheet = Sheet(geometry.height, geometry.width, ascii_only=self._ascii)
        for row in range(geometry.height - 1):
            sheet.put(row, 0, "│", tones.faint)
        inner = Sheet(geometry.height - 1, geometry.width - EDGE - 1, ascii_only=self._ascii)
        on = f"{len(self.active)} of {len(self._names)} on"
        inner.title("classes", tones.title, tones.faint, on, tones.muted)
        for label in range(len(self._names)):
            row = label % geometry.rows - self._top
            if 0 <= row < geometry.shown:
                self._entry(inner, label, 1 + row, label // geometry.rows * geometry.entry)
        self._foot(inner, 1 + geometry.shown)
        sheet.paste(inner.grid, 0, EDGE)
        sheet.put(geometry.height - 1, 0, "└" + "─" * (geometry.width - 1), tones.faint)
        return sheet.grid

    def _entry(self, sheet: Sheet, label: int, row: int, left: int) -> None:
        tones, is_on = self._tones, label in self.active
        end = left + self._geometry.entry - 1
        if label == self.cursor:
            sheet.put(row, left, "▸", tones.accent)
        sign = ("[x]" if is_on else "[ ]") if self._ascii else ("●" if is_on else "○")
        colour = self._colours[label]
        column = sheet.put(row, left + 2, sign, colour if is_on else tones.muted) + 1
        column = sheet.put(row, column, self._keys[label], colour if is_on else tones.muted) + 1
        count = f"{self._counts[label]:,}"
        name = self._names[label]
        # A name that only repeats the key says nothing.
        name = "" if name == self._keys[label] else name
        ink = tones.text if is_on else tones.muted
        sheet.put(row, column, shorten(name, end - len(count) - column - 1), ink)
        sheet.put(row, end - len(count), count, tones.muted)

    def _foot(self, sheet: Sheet, row: int) -> None:
        """What was refused, or the name under the cursor in full; then the keys."""
        tones = self._tones
        if self.message:
            for index, line in enumerate(textwrap.wrap(self.message, max(sheet.width, 1))[:2]):
                sheet.put(row + index, 0, line, tones.warning)
        else:
            name = self._names[self.cursor]
            sheet.put(row + 1, 0, shorten(f"at the cursor: {name}", sheet.width), tones.text)
        for index, hint in enumerate(HINTS):
            sheet.put(row + 2 + index, 0, shorten(hint, sheet.width), tones.muted)
