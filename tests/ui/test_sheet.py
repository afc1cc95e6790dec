"""Text and grids put onto a sheet: clipped, one cell a character."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui_ae.raster.grid import SECOND, CellGrid
from tui_ae.ui.scene import decimal, loss_text, point
from tui_ae.ui.sheet import PLAIN, Sheet, ascii_text, distinct, in_cells, shorten

texts = st.text(alphabet=st.characters(codec="utf-8"), max_size=30)
places = st.integers(-30, 30)


def digits(height, width):
    grid = CellGrid.blank(height, width)
    for row in range(height):
        for column in range(width):
            grid.glyphs[row, column] = ord("0") + (row * width + column) % 10
    return grid


def test_text_is_put_and_its_end_returned():
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
def test_what_falls_outside_is_cut(height, width, row, column, text):
    sheet = Sheet(height, width)
    assert sheet.put(row, column, text) == column + len(text)
    for y, line in enumerate(sheet.grid.rows()):
        for x, sign in enumerate(line):
            inside = y == row and 0 <= x - column < len(text)
            assert sign == (text[x - column] if inside else " ")


@given(st.integers(0, 4), st.integers(0, 6), st.integers(-5, 5), st.integers(-7, 7))
def test_a_grid_pasted_beyond_the_edges_is_cut(height, width, row, column):
    sheet, grid = Sheet(3, 5), digits(height, width)
    sheet.paste(grid, row, column)
    source = grid.rows()
    for y, line in enumerate(sheet.grid.rows()):
        for x, sign in enumerate(line):
            inside = 0 <= y - row < height and 0 <= x - column < width
            assert sign == (source[y - row][x - column] if inside else " ")


@given(texts)
def test_text_in_cells_takes_as_many_as_it_has_characters(text):
    cells = in_cells(text)
    shown = cells.replace(chr(SECOND), "")
    assert cell_len(shown) == len(cells) and shown.isprintable()
    for at, sign in enumerate(cells):
        if sign == chr(SECOND):
            assert cell_len(cells[at - 1]) == 2


def test_no_character_takes_other_cells_than_it_is_given():
    wrong = [
        hex(code)
        for code in range(0x20, 0x20000)
        if not 0xD800 <= code < 0xE000
        if cell_len((cells := in_cells(chr(code))).replace(chr(SECOND), "")) != len(cells)
    ]
    assert not wrong


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ankle boot", "Ankle boot"),
        ("Größe", "Größe"),
        ("e\u0301", "é"),
        ("犬", "犬\0"),
        ("a犬b", "a犬\0b"),
        ("a\tb\n", "a?b?"),
        ("\x1b[31m", "?[31m"),
        ("🐈", "🐈\0"),
        ("👩\u200d🚀", "👩\0🚀\0"),
        ("x\u200by", "xy"),
        ("q\u0323", "q"),
        ("\u0915\u093f", "\u0915"),
        ("1\u20e3", "1"),
        ("a\u202eb", "ab"),
    ],
)
def test_what_takes_two_cells_has_two(text, expected):
    assert in_cells(text) == expected


def test_names_stay_apart_however_they_are_shown():
    hindi = ("\u0915\u093f", "\u0915\u0940", "\u0916")
    assert distinct(hindi, "012", ascii_only=False) == ("\u0915 0", "\u0915 1", "\u0916")
    assert distinct(("犬", "猫"), "01", ascii_only=False) == ("犬\0", "猫\0")
    assert distinct(("犬", "猫", "été"), "012", ascii_only=True) == ("? 0", "? 1", "ete")
    assert distinct(("Coat", "Bag"), "01", ascii_only=True) == ("Coat", "Bag")


@pytest.mark.parametrize("width", range(1, 8))
def test_no_half_of_a_character_is_left(width):
    for text in ("犬猫鳥", "a犬猫", "ab犬"):
        short = shorten(in_cells(text), width)
        assert len(short) <= width
        assert cell_len(short.replace(chr(SECOND), "")) == len(short)
        sheet = Sheet(1, width)
        for column in range(-3, width + 1):
            sheet.put(0, column, in_cells(text))
            glyphs = sheet.grid.glyphs[0].tolist()
            for at, glyph in enumerate(glyphs):
                second = at + 1 < width and glyphs[at + 1] == SECOND
                assert (glyph not in (SECOND, 0) and cell_len(chr(glyph)) == 2) == second


@given(texts, st.integers(-2, 40))
def test_shortened_text_fits(text, width):
    short = shorten(text, width)
    assert len(short) <= max(width, 0)
    assert short == text or (width <= 0 and short == "") or short.endswith("…")
    assert text.startswith(short.removesuffix("…"))


@given(texts)
def test_ascii_text_keeps_its_length(text):
    assert ascii_text(text).isascii() and len(ascii_text(text)) == len(text)


def test_each_sign_has_an_ascii_stand_in_of_one_cell():
    assert all(len(sign) == 1 and sign.isascii() for sign in PLAIN.values())


@given(texts, st.integers(0, 20), places)
def test_an_ascii_sheet_holds_ascii_only(text, width, column):
    sheet = Sheet(1, width, ascii_only=True)
    sheet.put(0, column, text)
    sheet.put_right(0, text)
    sheet.title(text, 1, 2, text)
    assert "".join(sheet.grid.rows()).isascii()


def test_a_title_has_a_rule_and_a_value():
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
        (8, "loss ───"),
        (13, "loss ────────"),
        (14, "loss  best 0.2"),
        (12, "loss ───────"),
    ],
)
def test_a_title_in_little_room(width, expected):
    sheet = Sheet(1, width)
    sheet.title("loss", 1, 2, "best 0.2")
    assert sheet.grid.rows()[0] == expected


@given(st.floats(-1e6, 1e6), st.integers(0, 6))
def test_a_decimal_never_has_a_negative_zero(value, places_after):
    text = decimal(value, places_after)
    assert float(text) == pytest.approx(value, abs=0.51 * 10**-places_after)
    assert text.isascii() and not (text.startswith("-") and float(text) == 0)


AXES = ("z₁", "z₂")


def test_points_and_losses_are_plain_text():
    assert point("probe", AXES, 0.1234, -0.456) == "probe (z₁ = 0.123, z₂ = -0.456)"
    assert point("probe", AXES, -0.0001, 0.0) == "probe (z₁ = 0.000, z₂ = 0.000)"
    assert loss_text(0.23451) == "0.2345"
    assert len(loss_text(1.5e30)) <= 8 and loss_text(float("nan")) == "nan"
