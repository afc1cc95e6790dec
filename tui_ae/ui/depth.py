"""The colours of Textual's own widgets as the terminal at hand can show them."""

from __future__ import annotations

from functools import lru_cache

from rich.color import Color as RichColor
from rich.color import ColorType
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

from tui_ae.raster.colour import ColourDepth
from tui_ae.ui.canvas import rich_colour


class Downgrade(LineFilter):
    """Turns exact colours into those that a terminal of some depth has.

    Rich would do so itself when it writes, but remembers in each style what it wrote first: where
    the terminal tells later that it has more colours, or a key changes their number, styles that
    were shown before would keep the old ones. A filter is another object for each depth.
    """

    def __init__(self, depth: ColourDepth) -> None:
        super().__init__()
        self._depth = depth

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """See LineFilter."""
        if self._depth in (ColourDepth.TRUECOLOR, ColourDepth.NONE):
            return segments
        return [
            Segment(text, style and _shown(style, self._depth), control)
            for text, style, control in segments
        ]


@lru_cache(maxsize=1024)
def _shown(style: Style, depth: ColourDepth) -> Style:
    """A style with its colours on a terminal of that depth."""
    ink, paper = _colour(style.color, depth), _colour(style.bgcolor, depth)
    if ink is style.color and paper is style.bgcolor:
        return style
    return style + Style.from_color(ink, paper)


def _colour(colour: RichColor | None, depth: ColourDepth) -> RichColor | None:
    if colour is None or colour.type is not ColorType.TRUECOLOR or colour.triplet is None:
        return colour
    red, green, blue = colour.triplet
    return rich_colour(red << 16 | green << 8 | blue, depth)
