"""Which characters may be shown, and how many cells they take."""

from __future__ import annotations

import numpy as np
import pytest

from tui_ae.link.cells.gate import shown_glyphs, shown_text
from tui_ae.link.cells.glyphs import (
    FIRST_CLUSTER,
    SURE,
    UNCERTAIN,
    GlyphTable,
    cells_of,
    clusters,
)

HIDES = {
    "controls": ["\x00", "\x1f", "\x7f", "\x9f"],
    "a soft hyphen": ["\xad"],
    "Arabic letter mark": ["\u061c"],
    "Mongolian vowel separator": ["\u180e"],
    "spaces of no width": ["\u200b", "\u200c", "\ufeff"],
    "directions": ["\u200e", "\u200f", "\u202a", "\u202e", "\u2066", "\u2069"],
    "separators of lines": ["\u2028", "\u2029"],
    "invisible operators, deprecated controls": ["\u2060", "\u2064", "\u206a", "\u206f"],
    "halves of pairs": ["\ud800", "\udfff"],
    "annotations": ["\ufff0", "\ufff9", "\ufffb"],
    "tags and selectors": ["\U000e0000", "\U000e0001", "\U000e0fff"],
}
SHOWS = {
    "ASCII": [" ", "~"],
    "Latin": ["\xa0", "\xac", "\xae"],
    "neighbours of the marks": ["\u061b", "\u061d", "\u180d", "\u180f"],
    "a space of some width": ["\u200a", "\u202f"],
    "a joiner of emoji": ["\u200d"],
    "dashes and points": ["\u2010", "\u2027", "\u205f", "\u2070"],
    "neighbours of halves": ["\ud7ff", "\ue000"],
    "forms": ["\ufefe", "\uff00", "\uffef", "\ufffc", "\uffff"],
    "other planes": ["\U00010000", "\U000dffff", "\U000e1000", "\U0010ffff"],
}


@pytest.mark.parametrize("signs", HIDES.values(), ids=HIDES)
def test_what_steers_or_shows_nothing_is_a_question_mark(signs: list[str]) -> None:
    assert shown_text(f"a{''.join(signs)}b") == f"a{'?' * len(signs)}b"
    assert shown_glyphs(np.array([ord(sign) for sign in signs])).tolist() == [63] * len(signs)


@pytest.mark.parametrize("signs", SHOWS.values(), ids=SHOWS)
def test_what_shows_something_stays(signs: list[str]) -> None:
    codes = [ord(sign) for sign in signs]
    assert shown_text("".join(signs)) == "".join(signs)
    assert shown_glyphs(np.array(codes)).tolist() == codes


def test_numbers_of_clusters_are_let_through() -> None:
    numbers = np.array([[FIRST_CLUSTER, FIRST_CLUSTER + 0x7F], [0xFFFFFE, 65]])
    assert np.array_equal(shown_glyphs(numbers), numbers)


# From each block the first and the last that are one cell on every terminal.
SURE_SIGNS = "~¡¬®˿ͰͷΑΡΣΩαώЀ҂‐‧‰※⁰ⁱ⁴₎ₐₜ₠₿←↓⇐⇿∀⋿─╿▀▩▬▵▸▿◂◺⠀⣿🬀🮒"
# What is beside them: spaces, marks, letters that no font has to have, signs that are emoji too.
UNSURE_SIGNS = (
    "\x7f\xa0\xad\u0300\u036f\u0378\u0390\u03a2\u03aa\u03b0\u03cf\u03ff\u0483\u200f\u2028\u202f"
    "‼\u206f\u2072\u2073\u208f\u209d\u209f\u20c0\u218f↔\u21cf\u2300\u24ff▪▫▶▷◀◁◻\u27ff\u2900"
    "\U0001faff\U0001fb93漢😀\U0001ffff\U00020000\U0010ffff"
)


def test_it_is_known_of_which_signs_the_width_is_sure() -> None:
    assert [sign for sign in SURE_SIGNS if UNCERTAIN.search(sign) or not SURE[ord(sign)]] == []
    assert [sign for sign in UNSURE_SIGNS if not UNCERTAIN.search(sign)] == []
    assert [sign for sign in UNSURE_SIGNS if ord(sign) < len(SURE) and SURE[ord(sign)]] == []


@pytest.mark.parametrize(
    ("cluster", "cells"),
    [
        ("a", 1), ("漢", 2), ("😀", 2), ("\u0301", 0), ("e\u0301", 1),
        ("漢\u0301", 2), ("👩\u200d💻", 2), ("漢字", 2), ("漢字漢", 2),
    ],
)  # fmt: skip
def test_a_cluster_takes_no_more_than_two_cells(cluster: str, cells: int) -> None:
    assert cells_of(cluster) == cells


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", []),
        ("abc", ["a", "b", "c"]),
        ("e\u0301\u0323a", ["e\u0301\u0323", "a"]),
        ("\u0301a", ["\u0301", "a"]),
        ("👩\u200d💻x", ["👩\u200d💻", "x"]),
        ("a\u200db", ["a\u200db"]),
        ("\u200dab", ["\u200da", "b"]),
        ("漢字", ["漢", "字"]),
    ],
)
def test_text_is_split_where_a_cell_begins(text: str, parts: list[str]) -> None:
    assert clusters(text) == parts


def test_clusters_are_numbered_behind_all_characters_and_no_more_than_a_screen_holds() -> None:
    table = GlyphTable()
    assert table.number("é") == 0xE9 and table.text(0xE9) == "é"
    assert table.number("\U0010ffff") == 0x10FFFF and table.text(0x10FFFF) == "\U0010ffff"
    first, second = table.number("e\u0301"), table.number("q\u0323")
    assert first > 0x10FFFF and second == first + 1 and table.number("e\u0301") == first
    assert table.text(first) == "e\u0301" and table.text(second) == "q\u0323"
    table._texts += [""] * (100_000 - 3)
    assert table.number("x\u0301") == first + 99_999
    assert table.number("y\u0301") == ord("y")
    assert table.number("e\u0301") == first
