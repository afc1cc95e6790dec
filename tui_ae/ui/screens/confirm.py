"""A question that is answered by one key."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widgets import Static

from tui_ae.ui.actions import Where, bindings
from tui_ae.ui.lettering import worded
from tui_ae.ui.screens.dialog import Dialog


class Answer(Static):
    """An answer that can be clicked as well."""

    DEFAULT_CSS = "Answer { height: 1; width: auto; margin-right: 3; color: $muted; }"

    def __init__(self, text: str, answer: bool) -> None:
        super().__init__(text, markup=False)
        self._answer = answer

    def on_click(self, event: events.Click) -> None:
        """Give this answer."""
        event.stop()
        self.screen.dismiss(self._answer)


class ConfirmScreen(Dialog[bool]):
    """Asks; the result is True for yes."""

    DEFAULT_CSS = """
    ConfirmScreen { align: center middle; }
    ConfirmScreen > Vertical {
        width: auto; max-width: 60; height: auto; padding: 0 2;
        background: $background; border: round $accent;
    }
    ConfirmScreen.-ascii > Vertical { border: ascii $accent; }
    ConfirmScreen .question { width: auto; max-width: 100%; margin-bottom: 1; text-style: bold; }
    ConfirmScreen .answers { layout: horizontal; width: auto; height: 1; border: none; padding: 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.QUESTION)
    ASKS = True

    def __init__(self, question: str, *, ascii: bool = False) -> None:  # noqa: A002 - as elsewhere
        """Ask `question`, one or two sentences."""
        super().__init__()
        self.set_class(ascii, "-ascii")
        self._question = worded(question, ascii)

    def compose(self) -> ComposeResult:
        """The question and its answers."""
        with Vertical():
            yield Static(self._question, classes="question", markup=False)
            with Vertical(classes="answers"):
                yield Answer("y yes", True)
                yield Answer("n no", False)

    def action_answer(self, answer: bool) -> None:
        """Close with the answer."""
        self.dismiss(answer)


class LeaveScreen(ConfirmScreen):
    """Asks whether to leave."""
