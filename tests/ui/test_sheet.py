"""Text and grids put onto a sheet: clipped, one cell a character."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui_ae.raster.clusters import glyph_text
from tui_ae.raster.grid import SECOND, CellGrid
from tui_ae.ui.lettering import IN_ASCII, ascii_text, cells, shown
from tui_ae.ui.scene import decimal, loss_text, point
from tui_ae.ui.sheet import Sheet, joined, shorten

texts = st.text(alphabet=st.characters(codec="utf-8"), max_size=30)
places = st.integers(-30, 30)


def digits(height: int, width: int) -> CellGrid:
    grid = CellGrid.blank(height, width)
    for row in range(height):
        for column in range(width):
            grid.glyphs[row, column] = ord("0") + (row * width + column) % 10
    return grid


def test_text_is_put_and_its_end_returned() -> None:
    sheet = Sheet(2, 8)
    assert sheet.put(1, 2, "abc", 5, 6) == 5
    assert sheet.grid.rows() == ["        ", "  abc   "]
    assert sheet.grid.foreground[1].tolist() == [-1, -1, 5, 5, 5, -1, -1, -1]
    assert sheet.grid.background[1].tolist() == [-1, -1, 6, 6, 6, -1, -1, -1]


@given(
    st.integers(0, 4),
    st.integers(0, 12),
    st.integers(-1, 4),
    st.integers(-9, 14),
    st.text("abcdef", max_size=30),
)
def test_what_falls_outside_is_cut(
    height: int, width: int, row: int, column: int, text: str
) -> None:
    sheet = Sheet(height, width)
    assert sheet.put(row, column, text) == column + len(text)
    for y, line in enumerate(sheet.grid.rows()):
        for x, sign in enumerate(line):
            inside = y == row and 0 <= x - column < len(text)
            assert sign == (text[x - column] if inside else " ")


@given(st.integers(0, 4), st.integers(0, 6), st.integers(-5, 5), st.integers(-7, 7))
def test_a_grid_pasted_beyond_the_edges_is_cut(
    height: int, width: int, row: int, column: int
) -> None:
    sheet, grid = Sheet(3, 5), digits(height, width)
    sheet.paste(grid, row, column)
    source = grid.rows()
    for y, line in enumerate(sheet.grid.rows()):
        for x, sign in enumerate(line):
            inside = 0 <= y - row < height and 0 <= x - column < width
            assert sign == (source[y - row][x - column] if inside else " ")


@pytest.mark.parametrize(
    ("row", "column", "rows"),
    [
        (0, 0, ["012", "345", "678"]),
        (1, 1, ["   ", " 01", " 34"]),
        (-1, -1, ["45 ", "78 ", "   "]),
        (2, -2, ["   ", "   ", "2  "]),
        (-2, 2, ["  6", "   ", "   "]),
        (3, 0, ["   "] * 3),
        (-3, 0, ["   "] * 3),
        (0, 3, ["   "] * 3),
        (0, -3, ["   "] * 3),
    ],
)
def test_a_grid_is_pasted_where_it_is_told(row: int, column: int, rows: list[str]) -> None:
    sheet = Sheet(3, 3)
    sheet.paste(digits(3, 3), row, column)
    assert sheet.grid.rows() == rows


@pytest.mark.parametrize(("row", "rows"), [(1, [" ", "a", " "]), (-1, [" ", " ", " "])])
def test_of_a_wide_sign_that_is_cut_nothing_is_left_in_its_row(row: int, rows: list[str]) -> None:
    sheet, pasted = Sheet(3, 1), Sheet(2, 2)
    pasted.put(0, 0, "ab")
    pasted.put(1, 0, "犬")
    sheet.paste(pasted.grid, row, 0)
    assert sheet.grid.rows() == rows


@given(texts, st.integers(-2, 40))
def test_shortened_text_fits(text: str, width: int) -> None:
    short = shorten(text, width)
    assert cells(short) <= max(width, 0)
    assert short == text or (width <= 0 and short == "") or short.endswith("…")
    assert shown(text).startswith(shown(short.removesuffix("…")))


@given(texts)
def test_ascii_text_takes_as_many_cells(text: str) -> None:
    assert ascii_text(text).isascii() and len(ascii_text(text)) == cells(text)


def test_each_sign_has_an_ascii_stand_in_of_one_cell() -> None:
    assert all(len(sign) == 1 and sign.isascii() for sign in IN_ASCII.values())


@given(texts, st.integers(0, 20), places)
def test_an_ascii_sheet_holds_ascii_only(text: str, width: int, column: int) -> None:
    sheet = Sheet(1, width, ascii_only=True)
    sheet.put(0, column, text)
    sheet.put_right(0, text)
    sheet.title(text, 1, 2, text)
    assert "".join(sheet.grid.rows()).isascii()


wide = st.lists(st.sampled_from(["a", "犬", "한", "🐈", "ก็", "x\u0302", " "]), max_size=8).map(
    "".join
)


def halves(grid: CellGrid) -> list[tuple[int, int]]:
    """The cells of wide signs of which the other half is missing."""
    wrong = []
    for row, line in enumerate(grid.glyphs.tolist()):
        for at, glyph in enumerate(line):
            is_wide = glyph != SECOND and cell_len(glyph_text(glyph)) == 2
            followed = at + 1 < len(line) and line[at + 1] == SECOND
            if is_wide != followed or (at == 0 and glyph == SECOND):
                wrong.append((row, at))
    return wrong


@given(st.lists(st.tuples(st.integers(-9, 12), wide), max_size=5), st.integers(0, 12))
def test_no_half_of_a_wide_sign_is_ever_left(texts: list[tuple[int, str]], width: int) -> None:
    sheet = Sheet(1, width)
    for column, text in texts:
        assert sheet.put(0, column, text) == column + cell_len(text)
        assert not halves(sheet.grid)


@given(wide, wide, st.integers(1, 12), st.integers(1, 9), st.integers(-9, 12))
def test_none_is_left_by_a_grid_that_is_pasted_either(
    below: str, above: str, width: int, other: int, column: int
) -> None:
    sheet, pasted = Sheet(1, width), Sheet(1, other)
    sheet.put(0, 0, below)
    pasted.put(0, 0, above)
    sheet.paste(pasted.grid, 0, column)
    assert not halves(sheet.grid)


@pytest.mark.parametrize(
    ("column", "text", "expected"),
    [
        (0, "a", "a 犬犬"),
        (1, "a", " a犬犬"),
        (2, "a", "犬a 犬"),
        (3, "a", "犬 a犬"),
        (4, "a", "犬犬a "),
        (5, "a", "犬犬 a"),
        (1, "ab", " ab 犬"),
        (-1, "犬", "  犬犬"),
        (5, "犬", "犬犬  "),
        (1, "犬", " 犬 犬"),
    ],
)
def test_what_is_left_of_a_wide_sign_is_blank(column: int, text: str, expected: str) -> None:
    put, pasted, other = Sheet(1, 6), Sheet(1, 6), Sheet(1, cells(text))
    for sheet in (put, pasted):
        sheet.put(0, 0, "犬犬犬")
    put.put(0, column, text)
    other.put(0, 0, text)
    pasted.paste(other.grid, 0, column)
    assert put.grid.rows() == pasted.grid.rows() == [expected]


def test_signs_are_laid_out_by_their_width() -> None:
    sheet = Sheet(2, 12)
    assert sheet.put(0, 0, "犬🐈x\u0302a", 5) == 6
    assert sheet.grid.rows() == ["犬🐈x\u0302a      ", " " * 12]
    assert sheet.grid.foreground[0].tolist() == [5] * 6 + [-1] * 6
    assert sheet.put_right(1, "犬犬") == 8
    assert shorten("犬犬犬", 6) == "犬犬犬" and shorten("犬犬犬", 5) == "犬犬…"
    assert shorten("犬犬犬", 4) == "犬…"


@pytest.mark.parametrize(
    ("width", "expected"),
    [(-1, ""), (0, ""), (1, "…"), (4, "abc…"), (5, "abcd…"), (6, "abcdef"), (7, "abcdef")],
)
def test_text_is_shortened_only_where_it_is_too_long(width: int, expected: str) -> None:
    assert shorten("abcdef", width) == expected


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (0, ""),
        (1, "…"),
        (2, "ab"),
        (6, "ab"),
        (7, "ab · cd"),
        (12, "ab · cd"),
        (13, "ab · cd · 犬"),
        (99, "ab · cd · 犬"),
    ],
)
def test_parts_are_joined_as_far_as_they_have_room(width: int, expected: str) -> None:
    # The last part takes three cells with its space.
    assert joined(["ab", "cd", "犬 "], width).rstrip() == expected
    assert joined(["abcdef", "x"], 4) == "abc…"


def test_a_title_has_a_rule_and_a_value() -> None:
    sheet = Sheet(1, 20)
    sheet.title("loss", 1, 2, "best 0.2", 3)
    assert sheet.grid.rows() == ["loss ────── best 0.2"]
    assert sheet.grid.foreground[0].tolist() == [1] * 4 + [-1] + [2] * 6 + [-1] + [3] * 8


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (0, ""),
        (3, "lo…"),
        (4, "loss"),
        (5, "loss "),
        (6, "loss ─"),
        (8, "loss ───"),
        (13, "loss ────────"),
        (14, "loss  best 0.2"),
        (12, "loss ───────"),
    ],
)
def test_a_title_in_little_room(width: int, expected: str) -> None:
    sheet = Sheet(1, width)
    sheet.title("loss", 1, 2, "best 0.2")
    assert sheet.grid.rows()[0] == expected


@given(st.floats(-1e6, 1e6), st.integers(0, 6))
def test_a_decimal_never_has_a_negative_zero(value: float, places_after: int) -> None:
    text = decimal(value, places_after)
    assert float(text) == pytest.approx(value, abs=0.51 * 10**-places_after)
    assert text.isascii() and not (text.startswith("-") and float(text) == 0)


AXES = ("z₁", "z₂")


def test_points_and_losses_are_plain_text() -> None:
    assert point("probe", AXES, 0.1234, -0.456) == "probe (z₁ = 0.123, z₂ = -0.456)"
    assert point("probe", AXES, -0.0001, 0.0) == "probe (z₁ = 0.000, z₂ = 0.000)"
    assert point("sample", ("", ""), 1.5, -0.25) == "sample (1.500, -0.250)"
    for place in ((float("nan"), 0.0), (0.0, float("inf"))):
        assert point("probe", AXES, *place) == "probe: no place here"
    assert loss_text(0.23451) == "0.2345" and loss_text(0.23451, 2) == "0.23"
    assert loss_text(99.99) == "99.9900" and loss_text(-99.99) == "-99.9900"
    assert loss_text(100.0) == "100" and loss_text(-123456.0) == "-1.23e+05"
    assert len(loss_text(1.5e30)) <= 8 and loss_text(float("nan")) == "nan"
