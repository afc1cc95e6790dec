"""Keeps what text from outside may contain, such as a file's name, from steering the terminal."""

from __future__ import annotations

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from tui_ae.link.cells.gate import HIDDEN


class ShownText(LineFilter):
    """Leaves out all characters that do more than show themselves, from every widget's rows.

    They have no width, so the row keeps its own.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """See LineFilter."""
        if not any(HIDDEN.search(segment.text) for segment in segments):
            return segments
        return [
            Segment(HIDDEN.sub("", segment.text), segment.style, segment.control)
            for segment in segments
        ]
