"""What a screen of three rows shows after each of the sequences that Textual writes."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from tui_ae.link.cells.glyphs import CONTINUATION, FIRST_CLUSTER
from tui_ae.link.cells.patch import SECOND, Patch
from tui_ae.link.cells.screen import GLYPH_MASK, STYLE_SHIFT, UNKNOWN, ScreenModel
from tui_ae.link.cells.styles import BOLD, PLAIN, REVERSE, Style

ROWS = ["abcdef", "ghijkl", "mnopqr"]
BLANK = "      "


def screen(rows: list[str] | None = None) -> ScreenModel:
    """A screen of 6 columns and 3 rows, its cursor in the third column of the second row."""
    model = ScreenModel(6, 3)
    for y, row in enumerate(rows or ROWS):
        model.feed(f"\x1b[{y + 1};1H{row}")
    model.feed("\x1b[2;3H")
    return model


def text(model: ScreenModel) -> list[str]:
    """The rows; a second half of a wide sign is '<'."""
    return [
        "".join(
            "<" if code & GLYPH_MASK == CONTINUATION else model.glyphs.text(code & GLYPH_MASK)
            for code in row
        )
        for row in model.cells.tolist()
    ]


def style(model: ScreenModel, x: int, y: int) -> Style:
    return model.styles.styles[int(model.cells[y, x]) >> STYLE_SHIFT]


@pytest.mark.parametrize(
    ("written", "x", "y"),
    [
        ("", 2, 1),
        ("\r", 0, 1),
        ("\b", 1, 1),
        ("\r\b", 0, 1),
        ("\n", 0, 2),
        ("\x1b[A", 2, 0),
        ("\x1b[0A", 2, 0),
        ("\x1b[9A", 2, 0),
        ("\x1b[B", 2, 2),
        ("\x1b[9B", 2, 2),
        ("\x1b[1;3H\x1b[2B", 2, 2),
        ("\x1b[C", 3, 1),
        ("\x1b[3C", 5, 1),
        ("\x1b[4C", 5, 1),
        ("\x1b[D", 1, 1),
        ("\x1b[2D", 0, 1),
        ("\x1b[9D", 0, 1),
        ("\x1b[E", 0, 2),
        ("\x1b[9E", 0, 2),
        ("\x1b[F", 0, 0),
        ("\x1b[9F", 0, 0),
        ("\x1b[G", 0, 1),
        ("\x1b[4G", 3, 1),
        ("\x1b[6G", 5, 1),
        ("\x1b[7G", 5, 1),
        ("\x1b[d", 2, 0),
        ("\x1b[3d", 2, 2),
        ("\x1b[4d", 2, 2),
        ("\x1b[H", 0, 0),
        ("\x1b[3H", 0, 2),
        ("\x1b[;4H", 3, 0),
        ("\x1b[3;6H", 5, 2),
        ("\x1b[4;7H", 5, 2),
        ("\x1b[3;2f", 1, 2),
        ("\x1b[f", 0, 0),
        # Behind the last column it is on it for what moves it.
        ("\x1b[2;6Hl", 6, 1),
        ("\x1b[2;6Hl\b", 4, 1),
        ("\x1b[2;6Hl\x1b[D", 4, 1),
        ("\x1b[2;6Hl\x1b[C", 5, 1),
        ("\x1b[2;6Hl\x1b[A", 6, 0),
        # And these say nothing of it.
        ("\x1b[31m", 2, 1),
        ("\x1b]8;;http://a\x1b\\", 2, 1),
        ("\x1b[5n", 2, 1),
    ],
)
def test_where_the_cursor_is(written: str, x: int, y: int) -> None:
    model = screen()
    model.feed(written)
    assert (model.x, model.y) == (x, y)
    assert text(model) == ROWS
    # The same where it comes in pieces.
    model = screen()
    for sign in written:
        model.feed(sign)
    assert (model.x, model.y) == (x, y)


@pytest.mark.parametrize(
    ("written", "rows"),
    [
        ("XY", ["abcdef", "ghXYkl", "mnopqr"]),
        ("WXYZ", ["abcdef", "ghWXYZ", "mnopqr"]),
        # It does not wrap: the last cell takes what is too much.
        ("VWXYZ", ["abcdef", "ghVWXZ", "mnopqr"]),
        ("WXYZ1", ["abcdef", "ghWXY1", "mnopqr"]),
        ("WXYZ\r1", ["abcdef", "1hWXYZ", "mnopqr"]),
        ("\x1b[X", ["abcdef", "gh jkl", "mnopqr"]),
        ("\x1b[2X", ["abcdef", "gh  kl", "mnopqr"]),
        ("\x1b[4X", ["abcdef", "gh    ", "mnopqr"]),
        ("\x1b[9X", ["abcdef", "gh    ", "mnopqr"]),
        ("\x1b[2;6Hl\x1b[X", ["abcdef", "ghijk ", "mnopqr"]),
        ("\x1b[K", ["abcdef", "gh    ", "mnopqr"]),
        ("\x1b[0K", ["abcdef", "gh    ", "mnopqr"]),
        ("\x1b[1K", ["abcdef", "   jkl", "mnopqr"]),
        ("\x1b[2K", ["abcdef", BLANK, "mnopqr"]),
        ("\x1b[2;6Hl\x1b[K", ["abcdef", "ghijk ", "mnopqr"]),
        ("\x1b[J", ["abcdef", "gh    ", BLANK]),
        ("\x1b[1J", [BLANK, "   jkl", "mnopqr"]),
        ("\x1b[2J", [BLANK, BLANK, BLANK]),
        ("\x1b[3;1H\nX", ["ghijkl", "mnopqr", "X     "]),
        ("\nX", ["abcdef", "ghijkl", "Xnopqr"]),
        ("漢", ["abcdef", "gh漢<kl", "mnopqr"]),
        ("X漢Y", ["abcdef", "ghX漢<Y", "mnopqr"]),
        ("e\u0301x", ["abcdef", "ghe\u0301xkl", "mnopqr"]),
        # A wide sign that the end of the row would cut leaves a blank.
        ("XYZ漢", ["abcdef", "ghXYZ ", "mnopqr"]),
        ("WXYZ漢", ["abcdef", "ghWXY ", "mnopqr"]),
        # A mark joins what precedes it, in one write or the next.
        ("\u0301", ["abcdef", "gh\u0301ijkl", "mnopqr"]),
        ("\r\u0301", ROWS),
        # Below a pressed return and characters that show nothing.
        ("a\u200bb", ["abcdef", "gha?bl", "mnopqr"]),
    ],
)
def test_what_is_written_and_erased(written: str, rows: list[str]) -> None:
    model = screen()
    model.feed(written)
    assert text(model) == rows


@pytest.mark.parametrize(
    ("written", "row"),
    [
        ("\x1b[2;1HX", "X 字<xy"),
        ("\x1b[2;2HX", " X字<xy"),
        ("\x1b[2;3HX", "漢<X xy"),
        ("\x1b[2;4HX", "漢< Xxy"),
        ("\x1b[2;1HXY", "XY字<xy"),
        ("\x1b[2;2HXY", " XY xy"),
        ("\x1b[2;2H木", " 木< xy"),
        ("\x1b[2;1H木", "木<字<xy"),
        ("\x1b[2;4H木", "漢< 木<y"),
        ("\x1b[2;2H\x1b[X", "  字<xy"),
        ("\x1b[2;1H\x1b[X", "  字<xy"),
        ("\x1b[2;2H\x1b[2X", "    xy"),
        ("\x1b[2;2H\x1b[1K", "  字<xy"),
        ("\x1b[2;3H\x1b[1K", "    xy"),
        ("\x1b[2;4H\x1b[K", "漢<    "),
        ("\x1b[2;3H\u0301", "漢\u0301<字<xy"),
        ("\x1b[2;5H\u0301", "漢<字\u0301<xy"),
        ("\x1b[2;6H\u0301", "漢<字<x\u0301y"),
    ],
)
def test_of_a_wide_sign_no_half_is_left(written: str, row: str) -> None:
    model = screen(["abcdef", "漢字xy", "漢字xy"])
    model.feed(written)
    assert text(model) == ["abcdef", row, "漢<字<xy"]


def test_erasing_in_rows_that_begin_with_a_wide_sign_leaves_the_row_before() -> None:
    model = screen(["abcd漢", "漢字xy", "abcd漢"])
    model.feed("\x1b[2;1H\x1b[2K")
    assert text(model) == ["abcd漢<", BLANK, "abcd漢<"]
    model.feed("\x1b[3;1H\x1b[1J")
    assert text(model) == [BLANK, BLANK, " bcd漢<"]


@pytest.mark.parametrize(("marks", "left"), [(7, 7), (8, 7), (20, 7)])
def test_a_cell_holds_eight_code_points(marks: int, left: int) -> None:
    model = screen()
    for _ in range(marks):
        model.feed("\u0301")
    assert text(model)[1] == "gh" + "\u0301" * left + "ijkl"


def test_styles_go_with_the_cells() -> None:
    model = screen()
    model.feed("\x1b[1;31;44mX \x1b[K")
    written = Style(BOLD, style(model, 2, 1).ink, style(model, 2, 1).paper)
    assert written.ink != -1 and written.paper != -1
    assert style(model, 2, 1) == written
    # On a blank ink and bold don't show, and erasing leaves the paper alone.
    assert {style(model, x, 1) for x in (3, 4, 5)} == {Style(paper=written.paper)}
    assert style(model, 1, 1) == style(model, 2, 2) == PLAIN
    model.feed("\x1b[1;1H\x1b[0;7m  \x1b[X")
    assert style(model, 0, 0) == style(model, 1, 0) == Style(REVERSE)
    assert style(model, 2, 0) == PLAIN
    # The mark of a blank has the style of now, that of a letter the letter's.
    model.feed("\x1b[2;5H\x1b[0;4m\u0301")
    assert style(model, 3, 1).attributes
    model.feed("\x1b[2;4H\u0301")
    assert style(model, 2, 1) == written
    # What a scroll brings is blank in the present background.
    model.feed("\x1b[0;44m\x1b[3;1H\n")
    assert {style(model, x, 2) for x in range(6)} == {Style(paper=written.paper)}


def test_wide_signs_have_one_style_in_both_cells() -> None:
    model = screen()
    model.feed("\x1b[1m漢")
    assert style(model, 2, 1) == style(model, 3, 1) == Style(BOLD)
    model.feed("\x1b[2;3HX")
    assert style(model, 2, 1) == Style(BOLD) and style(model, 3, 1) == PLAIN


def test_of_runs_that_overlap_the_later_wins() -> None:
    model = screen()
    model.feed("\x1b[1;1HXXXX\x1b[1;3HYY\x1b[1;2H\x1b[1mZ")
    assert text(model)[0] == "XZYYef"
    assert style(model, 1, 0) == Style(BOLD)


@pytest.mark.parametrize(
    ("size", "rows", "cursor"),
    [
        ((4, 3), ["abcd", "ghij", "mnop"], (2, 1)),
        ((8, 4), ["abcdef  ", "ghijkl  ", "mnopqr  ", " " * 8], (2, 1)),
        ((6, 1), ["abcdef"], (2, 0)),
        ((1, 2), ["a", "g"], (1, 1)),
    ],
)
def test_what_fits_a_new_size_stays(
    size: tuple[int, int], rows: list[str], cursor: tuple[int, int]
) -> None:
    model = screen()
    model.resize(*size)
    assert text(model) == rows
    assert (model.x, model.y) == cursor and (model.width, model.height) == size
    model.feed("\r\x1b[9BZ")
    assert text(model)[-1] == "Z" + rows[-1][1:]


def patch(
    rows: list[str], x: int, y: int, *, unchanged: set[tuple[int, int]] | None = None
) -> Patch:
    """Cells to put; '<' is the second cell of a wide sign."""
    glyphs = np.array([[SECOND if sign == "<" else ord(sign) for sign in row] for row in rows])
    changed = np.ones(glyphs.shape, bool)
    for place in unchanged or ():
        changed[place] = False
    styles = (Style(BOLD), Style(BOLD, 3, 4))
    style_of = np.zeros(glyphs.shape, np.int64)
    style_of[:, 1:] = 1
    return Patch(x, y, glyphs.astype(np.uint32), styles, style_of, changed)


@pytest.mark.parametrize(
    ("put", "rows"),
    [
        (patch(["XY", "ZW"], 0, 0), ["XYcdef", "ZWijkl", "mnopqr"]),
        (patch(["XY", "ZW"], 4, 1), ["abcdef", "ghijXY", "mnopZW"]),
        (patch(["XY", "ZW"], 5, 2), ["abcdef", "ghijkl", "mnopqX"]),
        (patch(["XY"], 6, 1), ROWS),
        (patch(["XY"], 9, 1), ROWS),
        (patch(["XY"], 1, 3), ROWS),
        (patch(["XY", "ZW"], 1, 0, unchanged={(0, 0), (1, 1)}), ["abYdef", "gZijkl", "mnopqr"]),
        (patch(["漢<"], 0, 1), ["abcdef", "漢<ijkl", "mnopqr"]),
        (patch(["漢<"], 4, 1), ["abcdef", "ghij漢<", "mnopqr"]),
        (patch(["漢<"], 5, 1), ["abcdef", "ghijk ", "mnopqr"]),
        (patch(["\x1bX"], 0, 0), ["?Xcdef", "ghijkl", "mnopqr"]),
        # Of one of which a half is left out, or is not to change, nothing comes.
        (patch(["漢<"], 0, 1, unchanged={(0, 1)}), ["abcdef", " hijkl", "mnopqr"]),
        (patch(["<bcde漢"], 0, 1), ["abcdef", " bcde ", "mnopqr"]),
    ],
)
def test_what_is_put_past_textual(put: Patch, rows: list[str]) -> None:
    model = screen()
    model.put(put)
    assert text(model) == rows
    assert model.has_wide == ("漢" in put.glyphs.astype("<u4").tobytes().decode("utf-32"))


@pytest.mark.parametrize(
    ("put", "row"),
    [
        (patch(["X"], 0, 1), "X 字<xy"),
        (patch(["X"], 1, 1), " X字<xy"),
        (patch(["XY"], 1, 1), " XY xy"),
        (patch(["木<"], 1, 1), " 木< xy"),
        (patch(["木<"], 2, 1), "漢<木<xy"),
        (patch(["X"], 5, 1), "漢<字<xX"),
    ],
)
def test_of_a_wide_sign_under_what_is_put_no_half_is_left(put: Patch, row: str) -> None:
    model = screen(["漢字xy", "漢字xy", "漢字xy"])
    model.put(put)
    assert text(model) == ["漢<字<xy", row, "漢<字<xy"]
    assert model.has_wide


@pytest.mark.parametrize(
    ("numbers", "row"),
    [([0], "ghe\u0301jkl"), ([1], "ghq\u0323jkl"), ([0, 1, 0], "ghe\u0301q\u0323e\u0301l")],
)
def test_signs_of_several_code_points_are_put_by_their_numbers(
    numbers: list[int], row: str
) -> None:
    model = screen()
    # It has numbers of its own for them.
    model.feed("\x1b[1;1Hx\u0301y\u0301")
    put = patch(["x" * len(numbers)], 2, 1)
    glyphs = np.array([[FIRST_CLUSTER + number for number in numbers]], np.uint32)
    model.put(dataclasses.replace(put, glyphs=glyphs, clusters=("e\u0301", "q\u0323")))
    assert text(model)[1] == row


def test_writing_begins_at_the_upper_left() -> None:
    model = ScreenModel(6, 2)
    model.feed("ab")
    assert text(model) == ["ab    ", BLANK]


@pytest.mark.parametrize(
    ("width", "rows"), [(6, ["漢<字<xy"]), (8, ["漢<字<xy  "]), (3, ["漢< "]), (1, [" "])]
)
def test_wide_signs_stay_whole_at_another_width(width: int, rows: list[str]) -> None:
    model = screen(["漢字xy", "", ""])
    model.resize(width, 1)
    assert text(model) == rows


def test_what_is_put_has_its_styles() -> None:
    model = screen()
    model.put(patch(["X Y"], 1, 1))
    assert [style(model, x, 1) for x in range(5)] == [
        PLAIN,
        Style(BOLD),
        Style(paper=4),
        Style(BOLD, 3, 4),
        PLAIN,
    ]


def test_the_way_for_wide_signs_ends_with_the_last_of_them() -> None:
    model = screen()
    model.feed("漢")
    model.note_wide()
    assert model.has_wide
    model.feed("\x1b[2;3Hxy")
    model.note_wide()
    assert not model.has_wide


def test_own_sequences_pass_and_other_screens_begin_at_the_upper_left() -> None:
    model = screen()
    model.feed("\x1b[1m")
    model.feed("\x1b[?25l")
    assert (model.x, model.y) == (2, 1) and not model.cleared
    for sequence in ("\x1b[?1049h", "\x1b[?1047l", "\x1b[?47h"):
        model.feed("\x1b[3;3H\x1b[1m")
        model.cleared = False
        model.feed(sequence)
        assert model.cleared and (model.x, model.y, model.style) == (0, 0, 0)
    assert model.passthrough == ["\x1b[?25l", "\x1b[?1049h", "\x1b[?1047l", "\x1b[?47h"]
    assert text(model) == ROWS and not model.wants_sync
    model.feed("\x1b[?2026h")
    assert model.wants_sync and len(model.passthrough) == 4


def test_forgotten_styles_leave_all_cells_as_they_look() -> None:
    model = screen()
    for colour in range(20):
        model.feed(f"\x1b[1;1H\x1b[38;5;{colour}mX")
    model.feed("\x1b[1;2H\x1b[0;1mY\x1b[0;44m")
    shown = model.cells.copy()
    shown[0, 0] = UNKNOWN
    shown[2, 5] = ord("Z") | model.styles.number(Style(ink=7)) << STYLE_SHIFT
    renewed = model.renumber_styles(shown)
    assert len(model.styles.styles) <= 6
    assert text(model) == ["XYcdef", "ghijkl", "mnopqr"]
    assert (style(model, 0, 0), style(model, 1, 0)) == (Style(ink=19), Style(BOLD))
    assert model.styles.styles[model.style] == Style(paper=style(model, 0, 0).paper)._replace(
        paper=model.styles.styles[model.style].paper
    )
    assert model.styles.styles[model.style].paper != -1
    assert renewed[0, 0] == UNKNOWN and np.array_equal(renewed[0, 1:], model.cells[0, 1:])
    assert renewed[2, 5] & GLYPH_MASK == ord("Z")
    assert model.styles.styles[int(renewed[2, 5]) >> STYLE_SHIFT] == Style(ink=7)
