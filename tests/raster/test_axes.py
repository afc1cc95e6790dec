"""Ticks, their labels, and the frame around a plot."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_ae.raster.axes import GUTTER, compose, format_tick, labels_of, plot_area, ticks
from tui_ae.raster.grid import DEFAULT, CellGrid
from tui_ae.raster.viewport import Viewport

INK = 0x949494
finite = st.floats(-1e12, 1e12)


@st.composite
def ranges(draw: st.DrawFn) -> tuple[float, float]:
    low = draw(finite)
    return low, low + draw(st.floats(1e-3, 1e9)) + abs(low) * 1e-6


def solid(height: int, width: int, sign: str = "#") -> CellGrid:
    grid = CellGrid.blank(height, width)
    grid.glyphs[:] = ord(sign)
    grid.foreground[:] = 0xFF
    grid.background[:] = 0xEE
    return grid


def framed(box: Viewport, height: int, width: int, plain: bool = False) -> CellGrid:
    rows, columns = plot_area(height, width)[2:]
    return compose(solid(rows, columns), box, height, width, ink=INK, ascii=plain)


@given(ranges(), st.integers(1, 20))
def test_ticks_are_round_even_and_inside(low_high: tuple[float, float], most: int) -> None:
    low, high = low_high
    values = ticks(low, high, most)
    assert len(values) <= most
    assert all(low - 1e-9 * (high - low) <= value <= high + 1e-9 * (high - low) for value in values)
    gaps = np.diff(values)
    if len(gaps):
        step = gaps[0]
        assert np.allclose(gaps, step, rtol=1e-3)
        leading = step / 10.0 ** math.floor(math.log10(step) + 1e-6)
        assert any(leading == pytest.approx(digit, rel=1e-3) for digit in (1, 2, 5, 10))


@given(ranges(), st.integers(3, 20))
def test_there_is_a_tick_where_there_is_room_for_three(
    low_high: tuple[float, float], most: int
) -> None:
    assert ticks(*low_high, most)


@pytest.mark.parametrize(
    ("low", "high", "most", "expected"),
    [
        (0.0, 10.0, 5, [0, 5, 10]),
        (0.0, 10.0, 10, [0, 2, 4, 6, 8, 10]),
        (0.0, 10.0, 11, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
        (0.0, 9.99, 10, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
        (-7.0, 13.0, 4, [-5, 0, 5, 10]),
        (-1.2, 1.3, 6, [-1, -0.5, 0, 0.5, 1]),
        (0.0, 3.0, 2, [0, 2]),
        (0.0, 1.0, 2, [0, 1]),
        (0.0, 1.0, 1, [0]),
        (0.35, 0.45, 1, [0.4]),
        # With room for one only, the step may be ten times the power below the side.
        (1.0, 19.0, 1, [10]),
        (0.0, 15.0, 1, [0]),
        (-11.0, 19.0, 1, [0]),
        (0.0, 2e-300, 3, [0, 1e-300, 2e-300]),
        (0.0, 1e-300, 1, []),
        (0.0, 9e-301, 3, []),
        (3.0, 3.0, 5, []),
        (3.0, 1.0, 5, []),
        (0.0, math.inf, 5, []),
        (math.nan, 1.0, 5, []),
        (0.0, 1.0, 0, []),
        (0.0, 5e-324, 5, []),
        (0.0, 5e-324, 1, []),
    ],
)
def test_ticks_of_known_ranges(low: float, high: float, most: int, expected: list[float]) -> None:
    assert ticks(low, high, most) == pytest.approx(expected, abs=1e-310)


@given(finite | st.floats(-1e300, 1e300), st.integers(5, 10))
def test_a_label_fits_and_is_close_to_its_value(value: float, width: int) -> None:
    label = format_tick(value, width)
    assert 1 <= len(label) <= width and label.isascii()
    if label in ("inf", "-inf"):
        assert abs(value) >= 10 ** (width - 4)
    elif label == "0":
        assert abs(value) < 10.0 ** -(width - 4)
    else:
        # At the least one digit stands, rounded; in eight characters there are two of most numbers.
        tolerance = 0.06 if width >= 8 and 1e-99 < abs(value) < 1e99 else 0.51
        assert float(label) == pytest.approx(value, rel=tolerance, abs=1e-300)


@pytest.mark.parametrize(
    ("value", "label"),
    [
        (0.0, "0"), (-0.0, "0"), (1.0, "1"), (-2.5, "-2.5"), (0.1 + 0.2, "0.3"), (100.0, "100"),
        (-1500.0, "-1500"), (12345.0, "12345"), (123456.0, "1.2e5"), (-123456.0, "-1e5"),
        (0.00012, "1e-4"), (1e30, "1e30"), (-1e30, "-1e30"), (-0.015, "-.015"), (0.015, "0.015"),
        (0.12345, ".1235"), (-1e-10, "0"), (-1e100, "-inf"), (1e-5, "1e-5"),
        (12344.0, "12344"), (99999.0, "99999"), (-99999.0, "-1e5"), (1234.5, "1234"),
        (12.3456, "12.35"), (0.001234, ".0012"), (-0.001, "-.001"), (0.99996, "1"),
        (1e-4, ".0001"), (1e9, "1e9"), (123456789.0, "1.2e8"), (1e100, "1e100"),
    ],
)  # fmt: skip
def test_labels_of_known_values(value: float, label: str) -> None:
    assert format_tick(value) == label


def test_exact_rows() -> None:
    box = Viewport(0.0, 19.9, -1.0, 5.0)
    assert framed(box, 8, 26).rows() == [
        "  z₂ │####################",
        "     │####################",
        "     │####################",
        "     │####################",
        "     │####################",
        "    0┤####################",
        "     └┬─────────┬─────────",
        "      0        10       z₁",
    ]


def test_ticks_and_labels_stand_at_their_points_and_the_names_at_the_ends() -> None:
    assert framed(Viewport(-2.5, 2.5, -3.9, 3.9), 14, 50).rows() == [
        "  z₂ │############################################",
        "     │############################################",
        "    2┤############################################",
        "     │############################################",
        "     │############################################",
        "     │############################################",
        "    0┤############################################",
        "     │############################################",
        "     │############################################",
        "   -2┤############################################",
        "     │############################################",
        "     │############################################",
        "     └────┬─────────────────┬────────────────┬────",
        "         -2                 0                2  z₁",
    ]
    # At both ends of the row below a label gives way: to the name, and to the pane's edge.
    assert framed(Viewport(1e6, 1e6 + 10, 0.0, 9.0), 8, 60).rows()[-2:] == [
        "     └┬──────────────────────────┬──────────────────────────",
        "                              1000005                     z₁",
    ]
    assert framed(Viewport(1000.0, 1009.0, 0.0, 9.0), 8, 40).rows()[-1].split() == ["1005", "z₁"]
    # A tick for each ten columns, two at least.
    for width, expected in ((55, ["0", "5"]), (56, ["0", "2", "4", "6", "8"])):
        assert framed(Viewport(0.0, 9.0, 0.0, 9.0), 8, width).rows()[-1].split()[:-1] == expected


def test_a_tick_for_each_three_rows_beside_the_plot() -> None:
    box = Viewport(0.0, 1.0, -0.25, 9.5)
    for height, expected in ((16, [5, 0]), (17, [8, 6, 4, 2, 0])):
        rows = framed(box, height, 20).rows()[:-2]
        assert [int(row[:5]) for row in rows if "┤" in row] == expected


@pytest.mark.parametrize("size", [(5, 9), (5, 20), (8, 9)])
def test_from_three_rows_and_columns_of_plot_on_there_are_axes(size: tuple[int, int]) -> None:
    rows = framed(Viewport(-1.0, 1.0, -1.0, 1.0), *size).rows()
    assert rows[0] == "  z₂ │" + "#" * (size[1] - 6)
    assert rows[(size[0] - 2) // 2] == "    0┤" + "#" * (size[1] - 6)
    assert rows[-1].endswith("z₁") and rows[-2][5] == "└"


def test_the_axes_are_named_as_asked() -> None:
    grid = compose(
        solid(6, 20), Viewport(0.0, 9.0, 0.0, 9.0), 8, 26, names=("pc 1", "pixel"), ascii=True
    )
    assert grid.rows() == [
        "pixel|####################",
        "     |####################",
        "    5+####################",
        "     |####################",
        "     |####################",
        "     |####################",
        "     ++----------+--------",
        "      0          5    pc 1",
    ]


@pytest.mark.parametrize(
    ("values", "width", "expected"),
    [
        ([0.0, 0.1, 0.2], 5, ["0", "0.1", "0.2"]),
        ([1e5, 1.1e5, 1.2e5], 5, ["1e5", "1.1e5", "1.2e5"]),
        # Half a step away from where it would stand, a label is left out.
        ([1000.25, 1000.5, 1000.75, 1001.0], 5, ["", "", "", "1001"]),
        # None is true: the one in the middle stays.
        ([12345.0, 12346.0, 12347.0], 4, ["", "1e4", ""]),
        ([123450.0, 123460.0, 123470.0, 123480.0], 5, ["", "", "1.2e5", ""]),
        ([123456.0], 5, ["1.2e5"]),
        ([], 5, []),
        # A tenth of a step is near enough.
        ([1234.0, 1235.0], 4, ["1234", "1235"]),
        ([100.1, 101.1], 3, ["100", "101"]),
        ([100.125, 101.375], 3, ["100", ""]),
        ([100.125, 101.25], 3, ["", "101"]),
    ],
)
def test_labels_that_would_stand_elsewhere_are_left_out(
    values: list[float], width: int, expected: list[str]
) -> None:
    assert labels_of(values, width) == expected


def test_exact_rows_in_ascii() -> None:
    box = Viewport(-5.0, 5.0, -1.0, 1.0)
    rows = framed(box, 11, 40, plain=True).rows()
    assert all(row.isascii() for row in rows)
    assert rows[0].startswith("  z2 |#") and rows[-1].rstrip().endswith("z1")
    assert rows[9].startswith("     ++---") and rows[10].startswith("     -5")


@given(
    st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.floats(1e-2, 1e6), st.floats(1e-2, 1e6),
    st.integers(5, 60), st.integers(9, 120), st.booleans(),
)  # fmt: skip
def test_the_plot_keeps_its_place_and_no_label_runs_into_another(
    left: float, bottom: float, wide: float, tall: float, height: int, width: int, plain: bool
) -> None:
    box = Viewport(left, left + wide, bottom, bottom + tall)
    grid = framed(box, height, width, plain=plain)
    assert grid.glyphs.shape == (height, width)
    top, gutter, rows, columns = plot_area(height, width)
    assert (top, gutter, rows, columns) == (0, GUTTER, height - 2, width - GUTTER)
    inside = (slice(top, top + rows), slice(gutter, gutter + columns))
    assert (grid.glyphs[inside] == ord("#")).all() and (grid.foreground[inside] == 0xFF).all()
    assert (grid.background[inside] == 0xEE).all()
    assert (grid.foreground[:, :gutter] == INK).all() and (grid.foreground[rows:] == INK).all()
    lines = grid.rows()
    *labels, name = lines[-1].split()
    assert name == ("z1" if plain else "z₁")
    numbers = [float(label) for label in labels]
    assert numbers == sorted(numbers)
    assert set(labels) <= set(labels_of(ticks(box.left, box.right, max(columns // 10, 2)), 8))
    assert len(labels) <= lines[-2][gutter:].count("+" if plain else "┬")
    assert lines[0][: gutter - 1].strip() == ("z2" if plain else "z₂")
    beside = [line[: gutter - 1].strip() for line in lines[1:rows]]
    numbers = [float(label) for label in beside if label]
    assert numbers == sorted(numbers, reverse=True)


@pytest.mark.parametrize("size", [(0, 0), (0, 40), (40, 0), (1, 1), (4, 40), (40, 8), (-2, -3)])
def test_a_pane_too_small_for_axes_is_all_plot(size: tuple[int, int]) -> None:
    height, width = size
    area = plot_area(height, width)
    assert area == (0, 0, max(height, 0), max(width, 0))
    grid = framed(Viewport(0.0, 1.0, 0.0, 1.0), height, width)
    assert "".join(grid.rows()) == "#" * (area[2] * area[3])
    assert (grid.foreground != DEFAULT).all()


@pytest.mark.parametrize(
    "box",
    [
        Viewport(-1e30, 1e30, -1e30, 1e30),
        Viewport(1e7, 1e7 + 1, -1e7 - 1, -1e7),
        Viewport(0.0, 1e-30, 0.0, 1e-30),
    ],
    ids=["huge", "far", "tiny"],
)
def test_axes_of_extreme_boxes_have_their_size(box: Viewport) -> None:
    grid = framed(box, 30, 80)
    assert grid.glyphs.shape == (30, 80)
    assert (grid.glyphs[:28, GUTTER:] == ord("#")).all()


def test_where_no_label_can_be_true_one_says_where_the_plot_lies() -> None:
    rows = framed(Viewport(0.0, 1.0, 123456.0, 123457.0), 30, 80).rows()
    labels = [row[: GUTTER - 1].strip() for row in rows[1:28]]
    assert [label for label in labels if label] == ["1.2e5"]


@given(ranges(), st.integers(1, 20), st.integers(5, 8))
def test_labels_stand_where_they_say(low_high: tuple[float, float], most: int, width: int) -> None:
    values = ticks(*low_high, most)
    labels = labels_of(values, width)
    assert len(labels) == len(values)
    shown = [(value, label) for value, label in zip(values, labels, strict=True) if label]
    assert bool(shown) == bool(values)
    if len(shown) > 1:
        step = values[1] - values[0]
        assert all(abs(float(label) - value) <= step / 9 for value, label in shown)
        assert len({label for _, label in shown}) == len(shown)


def test_a_plot_of_another_size_is_cut_or_left_blank() -> None:
    box = Viewport(0.0, 1.0, 0.0, 1.0)
    assert compose(solid(50, 200), box, 10, 20).glyphs.shape == (10, 20)
    small = compose(solid(2, 4), box, 10, 20).rows()
    assert sum(row.count("#") for row in small) == 8


@pytest.mark.parametrize("width", range(9, 40))
def test_long_labels_in_little_room_never_touch(width: int) -> None:
    for left, wide in ((-1234.5, 2469.0), (0.001, 0.0005), (-0.12, 0.13), (99990.0, 25.0)):
        box = Viewport(left, left + wide, 0.0, 1.0)
        labels = framed(box, 8, width).rows()[-1].split()[:-1]
        wanted = labels_of(ticks(box.left, box.right, max((width - GUTTER) // 10, 2)), 8)
        assert set(labels) <= set(wanted)
