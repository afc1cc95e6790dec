"""The colours of Textual's own widgets on terminals that have fewer."""

from __future__ import annotations

import pytest
from rich.color import Color as RichColor
from rich.color import ColorType
from rich.segment import Segment
from rich.style import Style
from textual.color import Color

from tui_ae.raster.colour import ColourDepth
from tui_ae.ui.depth import Downgrade

BLACK = Color(0, 0, 0)
INK, PAPER = RichColor.from_rgb(0x12, 0x34, 0xFF), RichColor.from_rgb(0xFF, 0x87, 0x00)


def shown(style: Style | None, depth: ColourDepth) -> Style | None:
    (segment,) = Downgrade(depth).apply([Segment("text", style)], BLACK)
    assert segment.text == "text"
    return segment.style


@pytest.mark.parametrize("depth", [ColourDepth.TRUECOLOR, ColourDepth.NONE])
def test_exact_colours_stay_where_they_are_shown_or_none_is(depth: ColourDepth) -> None:
    segments = [Segment("text", Style.from_color(INK, PAPER))]
    assert Downgrade(depth).apply(segments, BLACK) is segments


def test_each_colour_becomes_the_nearest_of_the_256() -> None:
    # 0x12 is nearest to 0, 0x34 to 0x5f; 0xff8700 is an entry itself.
    style = shown(Style(color=INK, bgcolor=PAPER, bold=True), ColourDepth.EIGHT_BIT)
    assert (style.color.number, style.bgcolor.number) == (16 + 6 + 5, 16 + 36 * 5 + 6 * 2)
    assert style.bold
    assert shown(Style(color=INK), ColourDepth.EIGHT_BIT) == Style(color=RichColor.from_ansi(27))
    assert shown(Style(bgcolor=INK), ColourDepth.EIGHT_BIT) == Style(
        bgcolor=RichColor.from_ansi(27)
    )


@pytest.mark.parametrize("depth", [ColourDepth.EIGHT_BIT, ColourDepth.SIXTEEN])
def test_what_is_no_exact_colour_stays(depth: ColourDepth) -> None:
    for style in (Style(bold=True), Style(color=RichColor.from_ansi(9)), Style(color="default")):
        assert shown(style, depth) is style
    assert shown(None, depth) is None
    control = Segment("text", None, [])
    assert Downgrade(depth).apply([control], BLACK) == [control]


def test_sixteen_colours_are_told_by_their_number() -> None:
    style = shown(Style(color=INK, bgcolor=PAPER), ColourDepth.SIXTEEN)
    assert all(colour.type is ColorType.STANDARD for colour in (style.color, style.bgcolor))
