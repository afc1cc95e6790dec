"""The network as bars: to scale, symmetric, and of any size."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tui_ae.raster.bowtie import bowtie
from tui_ae.raster.grid import DEFAULT, CellGrid

UNITS = (784, 128, 32, 2, 32, 128, 784)
ACTIVATIONS = ("", "ReLU", "ReLU", "linear", "ReLU", "ReLU", "sigmoid")
BARS, MIDDLE, FLANKS, TEXT = 1, 2, 3, 4
INKS: dict[str, Any] = {"bars": BARS, "bottleneck": MIDDLE, "flanks": FLANKS, "text": TEXT}


def draw(height: int, width: int, units: tuple[int, ...] = UNITS, **options: Any) -> CellGrid:
    activations = ACTIVATIONS if len(units) == len(ACTIVATIONS) else ["ReLU"] * len(units)
    loss = "loss = BCE(input, reconstruction)"
    return bowtie(units, height, width, activations=activations, loss=loss, **INKS, **options)


def test_exact_rows() -> None:
    assert bowtie((4, 2, 4), 5, 11, labels=False, ascii=True).rows() == [
        "#..     ..#",
        "#....#....#",
        "#....#....#",
        "#....#....#",
        "#..     ..#",
    ]
    assert bowtie((784, 32, 2, 32, 784), 9, 28).rows() == [
        "784   32      2    32    784",
        " █░                      ░█ ",
        " █░░                    ░░█ ",
        " █░░░░                ░░░░█ ",
        " █░░░░░━░░░░░░━░░░░░━░░░░░█ ",
        " █░░░░                ░░░░█ ",
        " █░░                    ░░█ ",
        " █░                      ░█ ",
        "                            ",
    ]


def test_from_fourteen_rows_of_64_cells_on_the_parts_and_the_loss_are_named() -> None:
    grid = draw(14, 64)
    assert grid.rows() == [
        "             ENCODER       BOTTLENECK        DECODER            ",
        "784       128       32          2        32        128       784",
        "██░                                                         ░██ ",
        "██░░░░                                                   ░░░░██ ",
        "██░░░░░░░ ▁▁                                       ▁▁ ░░░░░░░██ ",
        "██░░░░░░░░██░░░░░░░░━━░░░░░░░░░━━░░░░░░░░━━░░░░░░░░██░░░░░░░░██ ",
        "██░░░░░░░ ▔▔                                       ▔▔ ░░░░░░░██ ",
        "██░░░░                                                   ░░░░██ ",
        "██░                                                         ░██ ",
        "         ReLU      ReLU      linear     ReLU      ReLU   sigmoid",
        " ▲                                                            │ ",
        " └── loss = BCE(input, reconstruction), trains both halves ───┘ ",
        "                                                                ",
        "                                                                ",
    ]
    inks = ["".join("." if ink == DEFAULT else str(ink) for ink in row) for row in grid.foreground]
    assert inks == [
        ".............4444444.......2222222222........4444444............",
        "444.......444.......44..........2........44........444.......444",
        "113.........................................................311.",
        "113333...................................................333311.",
        "113333333.11.......................................11.333333311.",
        "113333333311333333331133333333322333333331133333333113333333311.",
        "113333333.11.......................................11.333333311.",
        "113333...................................................333311.",
        "113.........................................................311.",
        ".........4444......4444......222222.....4444......4444...4444444",
        ".4............................................................4.",
        ".44444444444444444444444444444444444444444444444444444444444444.",
        "................................................................",
        "................................................................",
    ]
    plain = draw(14, 64, ascii=True).rows()
    assert plain[4:6] == [
        "##....... ==                                       == .......## ",
        "##........##........==.........==........==........##........## ",
    ]
    assert plain[10:12] == [
        " ^                                                            | ",
        " `-- loss = BCE(input, reconstruction), trains both halves ---' ",
    ]


@pytest.mark.parametrize(("height", "width"), [(13, 64), (14, 63)])
def test_in_less_room_the_numbers_of_units_and_the_ends_are_named(height: int, width: int) -> None:
    rows = draw(height, width).rows()
    assert rows[0].split() == [str(count) for count in UNITS]
    assert rows[12].split() == ["linear", "sigmoid"]
    assert [len(row.strip()) for row in rows[1:12]] == [width - 1] * 11


def test_below_seven_rows_nothing_is_named() -> None:
    seven, six = draw(7, 28).rows(), draw(6, 28).rows()
    assert seven == [
        "784 128 32    2  32  128 784",
        " █░                      ░█ ",
        " █░░                    ░░█ ",
        " █░░░■░░░━░░░░━░░░━░░░■░░░█ ",
        " █░░                    ░░█ ",
        " █░                      ░█ ",
        "           linear    sigmoid",
    ]
    assert six == [
        " █░                      ░█ ",
        " █░░                    ░░█ ",
        " █░░░■░░░━░░░░━░░░━░░░■░░░█ ",
        " █░░                    ░░█ ",
        " █░                      ░█ ",
        "                            ",
    ]


def test_bars_are_drawn_to_an_eighth_of_a_cell_upwards_and_to_a_half_downwards() -> None:
    assert draw(20, 40, (100, 50, 25, 12, 6, 3, 1), labels=False).rows() == [
        " █░                                     ",
        " █░░                                    ",
        " █░░░                                   ",
        " █░░░░                                  ",
        " █░░░░░▂                                ",
        " █░░░░░█░░                              ",
        " █░░░░░█░░░░                            ",
        " █░░░░░█░░░░░▇░░                        ",
        " █░░░░░█░░░░░█░░░░░░▅░    ▁             ",
        " █░░░░░█░░░░░█░░░░░░█░░░░░█░░░░░■░░░░░━ ",
        " █░░░░░█░░░░░█░░░░░░▀░    ▔             ",
        " █░░░░░█░░░░░▀░░                        ",
        " █░░░░░█░░░░                            ",
        " █░░░░░█░░                              ",
        " █░░░░░▔                                ",
        " █░░░░                                  ",
        " █░░░                                   ",
        " █░░                                    ",
        " █░                                     ",
        "                                        ",
    ]
    many = (100, 94, 88, 82, 75, 63, 50, 38, 25)
    assert draw(4, 60, many, labels=False).rows() == [
        "██░░░░░▇▇░░░░░▇▇░░░░░▆▆░░░░░░▅▅░░░  ▄▄     ▂▂     ▁▁        ",
        "██░░░░░██░░░░░██░░░░░██░░░░░░██░░░░░██░░░░░██░░░░░██░░░░░■■ ",
        "██░░░░░▀▀░░░░░▀▀░░░░░▀▀░░░░░░▀▀░░░  ▀▀     ▔▔     ▔▔        ",
        "                                                            ",
    ]
    # In ASCII a bar's edge is told in two steps.
    assert draw(4, 60, many, labels=False, ascii=True).rows()[0] == (
        "##.....##.....##.....##......##...  ##     ==     ==        "
    )


@pytest.mark.parametrize(
    ("units", "signs"),
    [
        # Of the middle bar, from the top: three eighths are half a cell, two are an eighth.
        ((12, 5, 12), "  ▃███▀  "),
        ((18, 7, 18), "  ▂███▔  "),
        ((24, 1, 24), "    ━    "),
        ((18, 1, 18), "    ■    "),
        ((1, 1, 1), "█████████"),
    ],
)
def test_the_ends_of_a_bar(units: tuple[int, ...], signs: str) -> None:
    rows = draw(9, 9, units, labels=False).rows()
    assert "".join(row[4] for row in rows) == signs
    plain = draw(9, 9, units, labels=False, ascii=True).rows()
    thin = {"▂": "=", "▔": "=", " ": " "}
    assert "".join(row[4] for row in plain) == "".join(thin.get(sign, "#") for sign in signs)


@pytest.mark.parametrize(("height", "tall"), [(14, 7), (15, 9), (16, 9), (17, 11), (18, 11)])
def test_a_roomy_picture_keeps_six_rows_for_words(height: int, tall: int) -> None:
    rows = draw(height, 64).rows()
    assert sum(row.startswith("██") for row in rows) == tall
    assert "sigmoid" in rows[2 + tall] and "loss = BCE" in rows[4 + tall]


def test_the_loss_is_joined_to_both_ends_at_odd_widths_too() -> None:
    rows = draw(14, 65).rows()
    left, right = rows[10].index("▲"), rows[10].index("│")
    assert (left, right) == (1, 63) and rows[11][left] == "└" and rows[11][right] == "┘"
    assert rows[11][:left].strip() == rows[11][right + 1 :].strip() == ""


def test_little_or_no_room() -> None:
    assert draw(3, 1, (8, 3, 8), labels=False).rows() == ["█"] * 3
    assert draw(9, 2, (784, 2, 784)).rows()[0] == "78"
    assert draw(0, 28).rows() == [] and draw(3, 0).rows() == [""] * 3
    assert draw(3, 4, ()).rows() == ["    "] * 3


@pytest.mark.parametrize(("width", "thick"), [(59, 1), (60, 2), (89, 2), (90, 3), (120, 4)])
def test_bars_are_a_thirtieth_of_the_width(width: int, thick: int) -> None:
    row = draw(5, width, (4, 2, 4), labels=False, ascii=True).rows()[0].strip()
    assert row.startswith("#" * thick + ".") and row.endswith("." + "#" * thick)
    assert row.count("#") == 2 * thick


def test_flanks_run_straight_from_bar_to_bar() -> None:
    assert draw(9, 24, (16, 5, 12, 16), labels=False).rows() == [
        " █░                ░░░█ ",
        " █░░░         ░▇░░░░░░█ ",
        " █░░░░░    ░░░░█░░░░░░█ ",
        " █░░░░░░▇░░░░░░█░░░░░░█ ",
        " █░░░░░░█░░░░░░█░░░░░░█ ",
        " █░░░░░░▀░░░░░░█░░░░░░█ ",
        " █░░░░░    ░░░░█░░░░░░█ ",
        " █░░░         ░▀░░░░░░█ ",
        " █░                ░░░█ ",
    ]


def test_one_or_two_rows_hold_all_bars() -> None:
    assert draw(1, 12, (8, 3, 8)).rows() == ["█░░░░░━░░░░█"]
    assert draw(2, 12, (8, 3, 8)).rows() == ["█░░░░░━░░░░█", " " * 12]
    assert draw(3, 12, (8, 3, 8)).rows() == ["█░░░  ▁  ░░█", "█░░░░░█░░░░█", "█░░░  ▔  ░░█"]


@pytest.mark.parametrize("size", [(7, 28), (12, 28), (13, 64), (14, 64), (20, 120), (30, 100)])
@pytest.mark.parametrize("plain", [False, True])
def test_bars_stand_to_scale_and_mirror_each_other(size: tuple[int, int], plain: bool) -> None:
    grid = draw(*size, ascii=plain)
    inks = (grid.foreground == BARS) | (grid.foreground == MIDDLE)
    columns = [column for column in range(grid.width) if inks[:, column].any()]
    runs = [
        [column for _, column in run]
        for _, run in itertools.groupby(enumerate(columns), lambda pair: pair[1] - pair[0])
    ]
    heights = [int((grid.foreground[:, run[0]] == BARS).sum()) for run in runs]
    bar_rows = max(heights)
    assert bar_rows >= size[0] - 7
    assert heights == heights[::-1]
    text = "".join(grid.rows())
    assert str(UNITS[0]) in text and "sigmoid" in text
    assert text.isascii() or not plain


@given(st.integers(-1, 40), st.integers(-1, 130), st.booleans(), st.booleans())
def test_any_size(height: int, width: int, plain: bool, labels: bool) -> None:
    grid = draw(height, width, ascii=plain, labels=labels)
    assert grid.glyphs.shape == (max(height, 0), max(width, 0))
    text = "".join(grid.rows())
    assert text.isascii() or not plain
    if not labels:
        assert not any(sign.isalnum() for sign in text)
    if height > 0 and width > 0:
        assert (grid.foreground == BARS).any() or width < 8


@given(st.lists(st.integers(0, 100_000), max_size=12), st.integers(0, 30), st.integers(0, 100))
@example([0, 0, 0], 7, 28)
def test_any_network(units: list[int], height: int, width: int) -> None:
    grid = draw(height, width, tuple(units))
    assert grid.glyphs.shape == (height, width)
    if not units:
        assert (grid.foreground == DEFAULT).all()


def test_a_roomy_picture_names_its_parts_and_the_loss() -> None:
    text = "\n".join(draw(20, 100).rows())
    for word in ("ENCODER", "BOTTLENECK", "DECODER", "784", "128", "32", "ReLU", "linear", "BCE"):
        assert word in text


def test_the_bottleneck_has_its_colour() -> None:
    grid = draw(12, 28)
    inked = {column for column in range(28) if (grid.foreground[:, column] == MIDDLE).any()}
    assert inked and all(abs(column - 13.5) <= 4 for column in inked)
