"""The loss curve in a few cells."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_ae.raster.grid import DEFAULT, CellGrid
from tui_ae.raster.sparkline import ASCII_EIGHTHS, EIGHTHS, condense, scale, sparkline

INK, LAST = 0x00FF00, 0xFF0000
losses_of = st.lists(st.floats(0.0, 2.0), max_size=200)
anything = st.lists(
    st.floats() | st.sampled_from([np.nan, np.inf, -np.inf, 1e308, -1e308]), max_size=60
)


def draw(losses: list[float], width: int, height: int = 1, **options: bool) -> CellGrid:
    return sparkline(losses, width, height, ink=INK, last=LAST, **options)


def dots_a_column(grid: CellGrid) -> list[list[int]]:
    """How many dots stand in each column of dots, and the lowest of them."""
    columns = []
    for column in range(grid.width):
        for masks in ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80)):
            set_rows = [
                4 * row + part
                for row in range(grid.height)
                for part, mask in enumerate(masks)
                if grid.glyphs[row, column] != 32 and (grid.glyphs[row, column] - 0x2800) & mask
            ]
            columns.append(set_rows)
    return columns


def test_exact_rows() -> None:
    assert draw([8, 7, 6, 5, 4, 3, 2, 1, 0], 9).rows() == ["██▇▆▅▄▃▂▁"]
    assert draw([0, 1], 4).rows() == ["▁█  "]
    assert sparkline([0, 1], 4).rows() == ["▁█  "]


def test_exact_rows_in_ascii() -> None:
    assert draw([8, 7, 6, 5, 4, 3, 2, 1, 0], 9, ascii=True).rows() == ["@@#*+=-_."]


def test_exact_rows_in_braille() -> None:
    assert draw([1, 1, 0, 0], 3, 2).rows() == ["⠉⡆ ", " ⣇ "]
    assert draw([0, 1, 2, 3], 4, 2).rows() == [" ⡜  ", "⡸   "]
    assert draw([3, 2, 1, 0], 3, 2).rows() == ["⠱⡀ ", " ⢱ "]
    assert draw([0, 4, 8, 2], 3, 3).rows() == [" ⣷ ", "⢰⢹ ", "⡸⠈ "]
    # Five values in four columns of dots: the second is the mean of two.
    assert draw([1, 2, 3, 4, 5], 2, 2).rows() == [" ⡸", "⡰⠁"]


def test_bars_of_several_rows_in_ascii() -> None:
    assert draw([0, 1, 2, 3, 4, 5, 6, 7], 9, 2, ascii=True).rows() == ["    -+#@ ", ".-*@@@@@ "]
    assert draw([0, 8], 3, 3, ascii=True).rows() == [" @ ", " @ ", ".@ "]


def test_from_zero_a_value_is_as_tall_as_its_part_of_the_highest() -> None:
    assert draw([1, 2, 4], 4, zero=True).rows() == ["▃▅█ "]
    assert draw([1, 2, 4], 4, 2, zero=True).rows() == [" ⡇  ", "⠊   "]
    assert draw([0.25, 0.5], 2, zero=True).rows() == ["▅█"]
    # No part of the curve is above its scale.
    assert draw([9, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1], 12, zero=True).rows() == ["█▂▂▂▂▂▂▂▂▂▂ "]
    assert draw([0, 0], 3, zero=True).rows() == ["▁▁ "]
    assert draw([-1, 2], 3, zero=True).rows() == ["▁█ "]
    assert draw([-2, -1], 3, zero=True).rows() == ["▁▁ "]


@given(losses_of, st.integers(1, 40), st.integers(1, 4), st.booleans())
def test_each_column_holds_the_curve_and_the_last_one_is_marked(
    losses: list[float], width: int, height: int, plain: bool
) -> None:
    grid = draw(losses, width, height, ascii=plain)
    assert grid.glyphs.shape == (height, width)
    inked = grid.glyphs != ord(" ")
    per_column = 2 if height > 1 and not plain else 1
    used = min(-(-len(losses) // per_column), width)
    assert inked.any(axis=0).tolist() == [True] * used + [False] * (width - used)
    colours = np.where(np.arange(width) == used - 1, LAST, INK)
    assert (grid.foreground == np.where(inked, colours, DEFAULT)).all()
    if plain:
        assert "".join(grid.rows()).isascii()


@given(st.lists(st.floats(0.0, 2.0), min_size=2, max_size=60), st.integers(1, 4))
def test_the_line_is_joined(losses: list[float], height: int) -> None:
    grid = draw(losses, 40, height + 1)
    columns = [rows for rows in dots_a_column(grid) if rows]
    assert len(columns) == len(losses)
    for left, right in pairwise(columns):
        assert min(abs(a - b) for a in left for b in right) <= 1
    assert all(rows == list(range(rows[0], rows[-1] + 1)) for rows in columns)


@given(losses_of, st.integers(1, 50))
def test_condensing_keeps_the_last_value_the_range_and_the_order(
    losses: list[float], columns: int
) -> None:
    values = condense(losses, columns)
    assert len(values) == min(len(losses), columns)
    if losses:
        assert values[-1] == losses[-1]
        assert min(losses) - 1e-9 <= values.min() and values.max() <= max(losses) + 1e-9
    if losses == sorted(losses):
        assert (np.diff(values) >= -1e-9).all()


def test_condensing_takes_means_of_neighbours() -> None:
    assert condense([1, 3, 5, 7, 9, 11], 3).tolist() == [2, 6, 11]
    assert condense([1, 2, 3, 4, 5, 6, 7], 3).tolist() == [1.5, 3.5, 7]
    assert condense([1, 2, 3], 3).tolist() == [1, 2, 3]
    assert condense([1, np.nan, 3, np.inf], 9).tolist() == [1, 3]
    assert condense([1e300, -1e300], 9).tolist() == [1e100, -1e100]


@given(losses_of)
def test_the_scale_runs_from_the_lowest_and_keeps_the_order(losses: list[float]) -> None:
    levels = scale(np.array(losses, float))
    assert ((levels >= 0) & (levels <= 1)).all()
    if len(set(losses)) > 1 and np.ptp(losses) > 1e-3:
        assert levels.min() == 0.0 and levels.max() == 1.0
        order = np.argsort(losses)
        assert (np.diff(levels[order]) >= 0).all()


def test_a_first_epoch_far_above_does_not_flatten_the_rest() -> None:
    losses = [100.0, *np.linspace(1.0, 0.5, 29)]
    levels = scale(np.array(losses))
    assert levels[0] == 1.0
    assert (levels < 0.5).sum() > 10


def test_the_scale_ends_where_nine_tenths_of_the_curve_lie_below() -> None:
    # Of eleven values the tenth is where nine tenths end.
    assert scale(np.array([50.0, 9, 8, 7, 6, 5, 4, 3, 2, 1, -1])).tolist() == [
        1, 1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0
    ]  # fmt: skip
    # However far from zero, and however small.
    far = np.array([90.0, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10])
    for unit in (1.0, 1e-12):
        levels = [1, 1, *(part / 9 for part in range(8, -1, -1))]
        assert scale(far * unit).tolist() == pytest.approx(levels)
    # Where they are all the same the scale ends at the highest.
    assert scale(np.array([6.0, 4, 2] + [2.0] * 18)).tolist() == [1, 0.5] + [0] * 19


@pytest.mark.parametrize(("apart", "rows"), [(0.9e-9, "▅▅"), (1.1e-9, "▁█")])
def test_a_billionth_is_no_difference(apart: float, rows: str) -> None:
    assert draw([4.0, 4.0 * (1 + apart)], 2).rows() == [rows]
    assert draw([0.0, apart * 1e-9], 2).rows() == [rows]


@pytest.mark.parametrize("value", [0.0, 0.25, 1e9, 1e-12])
def test_a_constant_curve_stands_in_the_middle(value: float) -> None:
    assert draw([value] * 5, 5).rows() == [chr(EIGHTHS[5]) * 5]
    assert draw([value] * 5, 5, ascii=True).rows() == [chr(ASCII_EIGHTHS[5]) * 5]
    rows = {tuple(rows) for rows in dots_a_column(draw([value] * 10, 5, 3))}
    assert len(rows) == 1


@given(anything, st.integers(-1, 9), st.integers(-1, 4), st.booleans())
def test_any_losses_at_any_size(losses: list[float], width: int, height: int, plain: bool) -> None:
    grid = draw(losses, width, height, ascii=plain)
    assert grid.glyphs.shape == (max(height, 0), max(width, 0))
    if not np.isfinite(np.asarray(losses, float)).any():
        assert set("".join(grid.rows())) <= {" "}


def test_what_is_not_finite_leaves_no_gap() -> None:
    assert draw([1.0, np.nan, 0.0], 4).rows() == draw([1.0, 0.0], 4).rows()
