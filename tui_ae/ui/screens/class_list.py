"""The panel of classes: how its entries lie, and where it was clicked."""

from __future__ import annotations

from dataclasses import dataclass

from textual import events
from textual.message import Message

from tui_ae.ui.canvas import Canvas

EDGE = 2
"""Cells of the rule at the left and the blank beside it."""
MIN_ENTRY, MAX_ENTRY = 17, 34
HINTS = ("0-9 space switch  a all", "r random two   esc close")
MIN_WIDTH = EDGE + len(HINTS[1]) + 1
FRAME_ROWS = 4 + len(HINTS)
"""Title, the message's two rows, hints, bottom rule."""


@dataclass(frozen=True, slots=True)
class Geometry:
    """How the entries lie in the panel."""

    width: int
    """Cells of the whole panel."""
    entry: int
    """Cells of an entry."""
    rows: int
    """Entries in a full column."""
    shown: int
    """Rows of entries on the screen at once; fewer than `rows` where the list scrolls."""

    @property
    def height(self) -> int:
        """Rows of the whole panel."""
        return self.shown + FRAME_ROWS


def arrange(count: int, entry: int, width: int, height: int) -> Geometry:
    """Lay out `count` entries that want `entry` cells each on a screen of width x height.

    As few columns as the height allows; narrower entries, then scrolling, where they don't fit.
    """
    room = max(height - FRAME_ROWS, 1)
    usable = max(width - EDGE - 1, 1)
    narrowest = min(MIN_ENTRY, usable)
    columns = min(-(-count // room), max(usable // narrowest, 1))
    entry = max(min(entry, usable // columns), 1)
    rows = -(-count // columns)
    panel = min(max(EDGE + columns * entry + 1, MIN_WIDTH), width)
    return Geometry(panel, entry, rows, min(rows, room))


class ClassList(Canvas):
    """Draws the panel; the screen holds what is on."""

    DEFAULT_CSS = "ClassList { position: relative; dock: right; margin-top: 1; }"

    class Pressed(Message):
        """A cell of the panel was clicked."""

        def __init__(self, column: int, row: int) -> None:
            super().__init__()
            self.column, self.row = column, row

    def on_click(self, event: events.Click) -> None:
        """Say where."""
        event.stop()
        self.post_message(self.Pressed(event.x, event.y))
