"""What SGR sequences say, and which of them lead in the fewest bytes from one style to another."""

from __future__ import annotations

import re

import numpy as np
import pytest
from rich._palettes import EIGHT_BIT_PALETTE

from tui_ae.link.cells.style_table import StyleTable
from tui_ae.link.cells.styles import (
    BLINK,
    BLINK_FAST,
    BOLD,
    CONCEAL,
    DIM,
    DOUBLE,
    FRAME,
    ITALIC,
    NAMED,
    OVER,
    PALETTE,
    PLAIN,
    REVERSE,
    RGB,
    RING,
    STRIKE,
    UNDERLINE,
    Style,
    _fixed_palette,
    apply_sgr,
    blank_look,
    transition,
)

ATTRIBUTES = {
    "1": BOLD, "2": DIM, "3": ITALIC, "4": UNDERLINE, "5": BLINK, "6": BLINK_FAST, "7": REVERSE,
    "8": CONCEAL, "9": STRIKE, "21": DOUBLE, "51": FRAME, "52": RING, "53": OVER,
}  # fmt: skip
ENDS = {
    "22": BOLD | DIM, "23": ITALIC, "24": UNDERLINE | DOUBLE, "25": BLINK | BLINK_FAST,
    "27": REVERSE, "28": CONCEAL, "29": STRIKE, "54": FRAME | RING, "55": OVER,
}  # fmt: skip
ALL = sum(ATTRIBUTES.values())
COLOURED = Style(BOLD, 3, RGB | 0x010203, ";http://a")


def test_each_attribute_begins_with_its_number_and_ends_with_that_of_its_kind() -> None:
    assert len(set(ATTRIBUTES.values())) == 13
    for number, bit in ATTRIBUTES.items():
        assert apply_sgr(PLAIN, number) == Style(bit)
        assert apply_sgr(COLOURED, number) == COLOURED._replace(attributes=BOLD | bit)
    for number, bits in ENDS.items():
        assert apply_sgr(COLOURED._replace(attributes=ALL), number) == (
            COLOURED._replace(attributes=ALL & ~bits)
        )


@pytest.mark.parametrize(
    ("parameters", "ink"),
    [
        *((str(30 + number), NAMED | number) for number in range(8)),
        *((str(90 + number), NAMED | 8 + number) for number in range(8)),
        ("38;5;0", 0),
        ("38;5;255", 255),
        ("38:5:200", 200),
        ("38;5;256", 0),
        ("38;2;1;2;3", RGB | 0x010203),
        ("38:2:1:2:3", RGB | 0x010203),
        ("38:2::1:2:3", RGB | 0x010203),
        ("38;2;256;257;511", RGB | 0x0001FF),
        ("38;2;255;255;255", RGB | 0xFFFFFF),
        ("39", -1),
        ("31;39", -1),
        # What is cut off is no colour.
        ("31;38", -1),
        ("31;38;5", -1),
        ("31;38;2;1;2", -1),
        ("31;38;7;1", -1),
        # And no colour of their own have these.
        *((number, 9) for number in ("89", "98", "99", "108", "10", "20", "26", "50", "56")),
    ],
)
def test_a_colour_of_the_ink_and_the_same_of_the_paper(parameters: str, ink: int) -> None:
    begun = Style(0, 9, 9)
    # Ten more, where a parameter is the first of a colour.
    paper = re.sub(r"^(3\d|9[0-7])|(?<=31;)38", lambda at: str(int(at[0]) + 10), parameters)
    paper = paper.replace(";39", ";49")
    assert apply_sgr(begun, parameters) == Style(0, ink, 9)
    assert apply_sgr(begun, paper) == Style(0, 9, ink)


def test_parameters_go_on_behind_a_colour() -> None:
    assert apply_sgr(PLAIN, "1;38;5;3;4;48;2;1;2;3;9") == (
        Style(BOLD | UNDERLINE | STRIKE, 3, RGB | 0x010203)
    )
    assert apply_sgr(PLAIN, "38;5;3;48;5;4") == Style(0, 3, 4)
    assert apply_sgr(PLAIN, "38;2;1;2;3;3") == Style(ITALIC, RGB | 0x010203)


@pytest.mark.parametrize("reset", ["", "0", "1;0", "31;"])
def test_a_reset_leaves_the_link(reset: str) -> None:
    assert apply_sgr(COLOURED, reset) == Style(link=";http://a")


@pytest.mark.parametrize(
    ("bit", "shows"),
    [
        *((bit, True) for bit in (UNDERLINE, DOUBLE, REVERSE, STRIKE, FRAME, RING, OVER)),
        *((bit, False) for bit in (BOLD, DIM, ITALIC, BLINK, BLINK_FAST, CONCEAL)),
    ],
)
def test_of_a_blank_only_lines_and_the_paper_show(bit: int, shows: bool) -> None:
    style = Style(bit, 3, 4, ";http://a")
    assert blank_look(style) == (style if shows else Style(paper=4, link=";http://a"))


def rgb(colour: int) -> Style:
    return Style(ink=RGB | colour)


RED, LINKED = Style(ink=NAMED | 1), Style(link=";http://a")


@pytest.mark.parametrize(
    ("old", "new", "parameters"),
    [
        # From an unknown style: a reset and all of it.
        (None, PLAIN, ""),
        (None, Style(BOLD), ";1"),
        (None, Style(BOLD | OVER, 3, RGB | 0x010203), ";1;53;38;5;3;48;2;1;2;3"),
        # Colours alone.
        (PLAIN, Style(ink=NAMED), "30"),
        (PLAIN, Style(ink=NAMED | 7), "37"),
        (PLAIN, Style(ink=NAMED | 8), "90"),
        (PLAIN, Style(ink=NAMED | 15), "97"),
        (PLAIN, Style(paper=NAMED), "40"),
        (PLAIN, Style(paper=NAMED | 7), "47"),
        (PLAIN, Style(paper=NAMED | 8), "100"),
        (PLAIN, Style(paper=NAMED | 15), "107"),
        (PLAIN, Style(paper=7), "48;5;7"),
        (PLAIN, Style(ink=0, paper=255), "38;5;0;48;5;255"),
        (Style(BOLD, 1, 2), Style(BOLD, 1, 3), "48;5;3"),
        (Style(BOLD, 1, 2), Style(BOLD, 4, 2), "38;5;4"),
        (Style(BOLD, 1, 2), Style(BOLD, 4, 5), "38;5;4;48;5;5"),
        # Back to none, by the shorter of two ways, by the step where both are equally long.
        (RED, PLAIN, ""),
        (Style(paper=4), PLAIN, ""),
        (Style(0, 3, 4), PLAIN, ""),
        (Style(0, 3, 4), Style(paper=7), ";48;5;7"),
        (Style(BOLD, 3), Style(BOLD), "39"),
        (Style(BOLD, 3, 4), Style(BOLD, -1, 4), "39"),
        (Style(BOLD, 3, 4), Style(BOLD, 3), "49"),
        (Style(BOLD, 3, 4), Style(BOLD, 7), "38;5;7;49"),
        (Style(BOLD, 3, 4), Style(BOLD, -1, 7), "39;48;5;7"),
        (Style(BOLD, 3, 4), Style(BOLD), ";1"),
        # Attributes.
        (PLAIN, Style(BOLD | ITALIC), "1;3"),
        (Style(BOLD | ITALIC), Style(ITALIC), "22"),
        (Style(BOLD | ITALIC), Style(BOLD), "23"),
        (Style(BOLD | DIM), Style(DIM), ";2"),
        (Style(BOLD | DIM, 3), Style(DIM, 3), "22;2"),
        (Style(UNDERLINE, 3, 4), Style(REVERSE, 3, 4), "24;7"),
        (Style(BOLD, 3), Style(UNDERLINE), ";4"),
        # The fixed colours of the 256 have a short form, the first 22 none: people change those.
        (PLAIN, rgb(0x0000FF), "38;2;0;0;255"),
        (PLAIN, rgb(0x005F00), "38;5;22"),
        (PLAIN, rgb(0x5F8700), "38;5;64"),
        (PLAIN, rgb(0x87AFD7), "38;5;110"),
        (PLAIN, rgb(0xFF0000), "38;5;196"),
        (PLAIN, rgb(0x5F5F5F), "38;5;59"),
        (PLAIN, rgb(0xFFFFFF), "38;5;231"),
        (PLAIN, rgb(0x080808), "38;5;232"),
        (PLAIN, rgb(0x808080), "38;5;244"),
        (PLAIN, rgb(0xEEEEEE), "38;5;255"),
        (PLAIN, rgb(0xF8F8F8), "38;2;248;248;248"),
        (PLAIN, rgb(0x090808), "38;2;9;8;8"),
        (PLAIN, rgb(0x0102FE), "38;2;1;2;254"),
    ],
)
def test_the_shortest_way_between_two_styles(
    old: Style | None, new: Style, parameters: str
) -> None:
    assert transition(old, new) == f"\x1b[{parameters}m"


def test_the_fixed_colours_are_those_of_the_other_library() -> None:
    expected = {
        red << 16 | green << 8 | blue: number
        for number in range(22, 256)
        for red, green, blue in [EIGHT_BIT_PALETTE[number]]
    }
    assert _fixed_palette() == PALETTE == expected


@pytest.mark.parametrize(
    ("old", "new", "sequence"),
    [
        (PLAIN, PLAIN, ""),
        (COLOURED, COLOURED, ""),
        (PLAIN, LINKED, "\x1b]8;;http://a\x1b\\"),
        (None, LINKED, "\x1b]8;;http://a\x1b\\\x1b[m"),
        (LINKED, PLAIN, "\x1b]8;;\x1b\\"),
        (LINKED, Style(link=";http://b"), "\x1b]8;;http://b\x1b\\"),
        (LINKED, LINKED._replace(ink=3), "\x1b[38;5;3m"),
        (LINKED, LINKED._replace(attributes=BOLD), "\x1b[1m"),
        (RED, LINKED, "\x1b]8;;http://a\x1b\\\x1b[m"),
        (RED, LINKED._replace(ink=RED.ink), "\x1b]8;;http://a\x1b\\"),
        (LINKED, RED, "\x1b]8;;\x1b\\\x1b[31m"),
    ],
)
def test_links_begin_and_end_beside_the_style(old: Style | None, new: Style, sequence: str) -> None:
    assert transition(old, new) == sequence


def test_styles_are_numbered_as_they_come_and_their_look_on_blanks_after_them() -> None:
    table = StyleTable()
    assert table.styles == [PLAIN] and table.number(PLAIN) == 0
    lined, bold = Style(UNDERLINE, 3, 4), Style(BOLD, 3, 4)
    assert [table.number(style) for style in (lined, bold, RED, lined)] == [1, 2, 4, 1]
    assert table.styles == [PLAIN, lined, bold, Style(paper=4), RED]
    assert table.blanks().tolist() == [0, 1, 3, 3, 0]
    assert table.after(0, "31") == 4 and table.after(4, "31") == 4
    assert table.after(2, "31") == 5 and table.blanks().tolist() == [0, 1, 3, 3, 0, 3]
    assert table.linked(4, ";http://a") == 6
    assert table.styles[6] == RED._replace(link=";http://a")
    assert table.linked(6, ";") == 4 and table.linked(6, "") == 4
    assert table.transition(0, 4) == "\x1b[31m"
    assert table.transition(-1, 0) == "\x1b[m"
    assert table.transition(-1, 4) == "\x1b[;31m" and table.transition(4, 4) == ""


def test_a_blank_takes_of_its_style_what_shows() -> None:
    table = StyleTable()
    red, bold_on_blue = table.number(RED), table.number(Style(BOLD, 3, 4))
    paper = table.number(Style(0, NAMED | 1, 4))
    lined, crossed = table.number(Style(UNDERLINE)), table.number(Style(STRIKE))
    assert table.on_blank(-1, red) == red
    # Only the paper has to change.
    assert table.on_blank(red, bold_on_blue) == paper
    assert table.on_blank(red, 0) == red
    assert table.on_blank(0, red) == 0
    assert table.on_blank(red, lined) == lined and table.on_blank(lined, red) == red
    assert table.on_blank(lined, crossed) == crossed


def test_styles_that_nothing_uses_are_forgotten() -> None:
    table = StyleTable()
    numbers = [table.number(Style(ink=colour)) for colour in range(5)]
    kept = table.number(Style(BOLD, 7, 8))
    renumbered = table.compact(np.array([0, numbers[3], kept]))
    assert table.styles == [PLAIN, Style(ink=3), Style(BOLD, 7, 8), Style(paper=8)]
    assert renumbered[[0, numbers[3], kept]].tolist() == [0, 1, 2]
    assert table.blanks().tolist() == [0, 0, 3, 3]
    assert table.number(Style(ink=4)) == 4
    assert table.after(1, "1") == table.number(Style(BOLD, 3))
