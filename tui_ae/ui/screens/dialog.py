"""What opens over the explorer and leaves the rest of it in sight."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from textual.filter import LineFilter
from textual.screen import ModalScreen

Result = TypeVar("Result")


class Dialog(ModalScreen[Result]):
    """A modal screen whose background is the screen below it, cell for cell."""

    # The application's stylesheet gives screens a background, over any default; and scoped, a rule
    # would be for what lies inside the subclass.
    SCOPED_CSS = False
    CSS = "Dialog.-overlay { background: transparent; }"

    def __init__(self) -> None:
        super().__init__(classes="-overlay")

    def get_line_filters(self) -> Sequence[LineFilter]:
        """None: the cells below are there already, in the terminal's own colours."""
        return ()
