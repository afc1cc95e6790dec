"""What opens over the explorer and leaves the rest of it in sight."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, TypeVar

from textual.filter import LineFilter
from textual.geometry import Offset
from textual.screen import ModalScreen, Screen

from tui_ae.link.grids import Flags

Result = TypeVar("Result")


def in_sight(screen: Screen[Any]) -> bool:
    """Whether cells of `screen` show: it is in front, or right below a dialog."""
    stack = screen.app.screen_stack
    return screen is stack[-2 if isinstance(stack[-1], Dialog) else -1]


class Dialog(ModalScreen[Result]):
    """A modal screen whose background is the screen below it, cell for cell."""

    # The application's stylesheet gives screens a background, over any default; and scoped, a rule
    # would be for what lies inside the subclass.
    SCOPED_CSS = False
    CSS = "Dialog.-overlay { background: transparent; }"
    ASKS: ClassVar[bool] = False
    """Whether keys answer it, so that nothing may open over it."""

    def __init__(self) -> None:
        super().__init__(classes="-overlay")

    def get_line_filters(self) -> Sequence[LineFilter]:
        """None: the cells below are there already, in the terminal's own colours."""
        return ()

    def beside(self, place: Offset, cells: Flags) -> Flags | None:
        """Which of some cells no part of the dialog hides; None while it has no place itself.

        Args:
            place: Where the upper left of them is on the terminal.
            cells: (height, width), which ones it is about.
        """
        panels = [child.region.translate(-place) for child in self.children if child.region]
        if not panels:
            return None
        seen: Flags = cells.copy()
        for panel in panels:
            top, left = max(panel.y, 0), max(panel.x, 0)
            seen[top : max(panel.bottom, 0), left : max(panel.right, 0)] = False
        return seen
