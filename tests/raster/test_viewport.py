"""The box of the plane that is shown: fitting, settling, zooming, and its mapping to cells."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from hypothesis.strategies import DataObject

from tui_ae.arrays import DoubleArray, FloatArray
from tui_ae.raster.viewport import (
    Viewport,
    cell_centre,
    cell_of,
    data_of,
    dot_of,
    fit,
    reach,
    settle,
    step_of,
    tighten,
    zoom,
)

edge = st.floats(-1e6, 1e6)
side = st.floats(1e-3, 1e6)


@st.composite
def boxes(draw: st.DrawFn) -> Viewport:
    left, bottom = draw(edge), draw(edge)
    right, top = left + draw(side), bottom + draw(side)
    # Narrower than this, neighbouring dots share a number.
    assume(right - left > 1e-6 * abs(left) and top - bottom > 1e-6 * abs(bottom))
    return Viewport(left, right, bottom, top)


def clouds(least: int = 0, high: float = 1e3) -> st.SearchStrategy[FloatArray]:
    shapes = st.tuples(st.integers(least, 40), st.just(2))
    return arrays(np.float32, shapes, elements=st.floats(-high, high, width=32))


ANY = arrays(
    np.float32,
    st.tuples(st.integers(0, 20), st.just(2)),
    elements=st.floats(width=32) | st.sampled_from([np.nan, np.inf, -np.inf, 0.0, 3e38, -3e38]),
)


def is_a_box(box: Viewport) -> bool:
    numbers = dataclasses.astuple(box)
    return all(map(math.isfinite, numbers)) and box.left < box.right and box.bottom < box.top


@given(boxes(), st.integers(1, 400), st.integers(1, 400), st.data())
def test_dot_to_data_to_dot_is_the_identity(
    box: Viewport, width: int, height: int, data: DataObject
) -> None:
    dot = [data.draw(st.integers(-width, 2 * width)), data.draw(st.integers(-height, 2 * height))]
    point = data_of(box, [dot], width, height)
    assert dot_of(box, point, width, height).tolist() == [dot]


@given(boxes(), st.integers(1, 200), st.integers(1, 60), st.data())
def test_cell_to_centre_to_cell_is_the_identity(
    box: Viewport, width: int, height: int, data: DataObject
) -> None:
    column, row = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
    z1, z2 = cell_centre(box, column, row, width, height)
    assert cell_of(box, z1, z2, width, height) == (column, row)
    step = step_of(box, width, height)
    assert z1 - box.left == pytest.approx((column + 0.5) * step[0], rel=1e-6, abs=1e-6)


def test_z1_runs_right_and_z2_runs_up() -> None:
    box = Viewport(0.0, 4.0, 0.0, 2.0)
    assert cell_of(box, 0.1, 1.9, 4, 2) == (0, 0)
    assert cell_of(box, 3.9, 0.1, 4, 2) == (3, 1)
    assert cell_of(box, -0.1, 2.1, 4, 2) == (-1, -1)


@given(boxes(), st.integers(2, 200), st.integers(1, 60), st.data())
def test_a_point_on_an_edge_moves_by_one_cell(
    box: Viewport, width: int, height: int, data: DataObject
) -> None:
    column = data.draw(st.integers(1, width - 1))
    step = step_of(box, width, height)[0]
    z1, z2 = box.left + column * step, cell_centre(box, 0, 0, width, height)[1]
    assert cell_of(box, z1, z2, width, height) == (column, 0)
    assert cell_of(box, z1 - step, z2, width, height) == (column - 1, 0)


@pytest.mark.parametrize("value", [1e300, -1e300, 3e38])
def test_a_point_far_outside_is_a_cell_far_outside(value: float) -> None:
    column, row = cell_of(Viewport(-1.0, 1.0, -1.0, 1.0), value, -value, 80, 30)
    assert abs(column) == abs(row) == 2**31


@pytest.mark.parametrize("point", [(np.nan, 0.0), (0.0, np.nan), (np.inf, -np.inf)], ids=str)
def test_a_point_that_is_not_finite_is_outside(point: tuple[float, float]) -> None:
    column, row = cell_of(Viewport(-1.0, 1.0, -1.0, 1.0), *point, 80, 30)
    assert not (0 <= column < 80 and 0 <= row < 30)


@given(clouds(least=1))
def test_a_fitted_box_holds_all_codes_with_a_margin(codes: FloatArray) -> None:
    box = fit(codes)
    assert is_a_box(box)
    spread = codes.max(axis=0).astype(float) - codes.min(axis=0)
    for axis, (low, high) in enumerate(((box.left, box.right), (box.bottom, box.top))):
        assert low < codes[:, axis].min() and codes[:, axis].max() < high
        assert high - low <= max(1.15 * spread[axis], 1.0) + 1e-3


@given(ANY)
def test_any_cloud_has_a_box(codes: FloatArray) -> None:
    box = fit(codes)
    assert is_a_box(box)
    assert is_a_box(settle(box, codes))
    assert is_a_box(settle(Viewport(-1.0, 1.0, -1.0, 1.0), codes))


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        (np.zeros((0, 2)), (-1, 1, -1, 1)),
        ([[np.nan, 1.0], [1.0, np.inf]], (-1, 1, -1, 1)),
        ([[3.0, 4.0]], (2.5, 3.5, 3.5, 4.5)),
        ([[3.0, 4.0]] * 5 + [[np.nan, 99.0]], (2.5, 3.5, 3.5, 4.5)),
        ([[0.0, 1.0], [100.0, 1.0]], (-7, 107, 0.5, 1.5)),
    ],
    ids=["none", "no finite", "one", "equal", "on a line"],
)
def test_degenerate_clouds_have_a_box_of_their_own(
    codes: DoubleArray | list[list[float]], expected: tuple[float, float, float, float]
) -> None:
    box = fit(np.asarray(codes, np.float32))
    assert dataclasses.astuple(box) == pytest.approx(expected)


TALL = Viewport(0.0, 10.0, 0.0, 20.0)


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        # Up to the very edges the codes are inside.
        ([[0, 0], [10, 20]], None),
        ([[-0.5, 0], [10, 20]], (-2.18, 11.68, -3.2, 23.2)),
        ([[0, 0], [10.5, 20]], (-1.68, 12.18, -3.2, 23.2)),
        ([[0, -1], [10, 20]], (-1.6, 11.6, -4.36, 23.36)),
        ([[0, 0], [10, 21]], (-1.6, 11.6, -3.36, 24.36)),
        # 55 % of either side is filled enough.
        ([[0, 0], [5.5, 20]], None),
        ([[0, 0], [5.4, 20]], (-0.864, 6.264, -3.2, 23.2)),
        ([[3, 4], [10, 15.1]], None),
        ([[3, 4], [10, 14.9]], (1.88, 11.12, 2.256, 16.644)),
        ([[math.nan, 5]], None),
    ],
)
def test_a_box_stays_until_codes_leave_it_or_fill_little_of_it(
    codes: list[list[float]], expected: tuple[float, float, float, float] | None
) -> None:
    new = settle(TALL, np.array(codes, np.float32))
    assert (new is TALL) == (expected is None)
    assert dataclasses.astuple(new) == pytest.approx(expected or (0, 10, 0, 20), rel=1e-5)


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        ((0, 10, 0, 20), None),
        ((1, 9, 2, 18), None),
        ((1, 8.9, 0, 20), (0.447, 9.453, -1.4, 21.4)),
        ((0, 10, 3, 18.9), (-0.7, 10.7, 1.887, 20.013)),
    ],
)
def test_a_box_is_drawn_closer_where_a_while_long_four_fifths_were_not_reached(
    held: tuple[float, float, float, float], expected: tuple[float, float, float, float] | None
) -> None:
    new = tighten(TALL, Viewport(*held))
    assert (new is TALL) == (expected is None)
    assert dataclasses.astuple(new) == pytest.approx(expected or (0, 10, 0, 20))


def test_a_box_around_one_value_is_as_close_as_it_gets() -> None:
    """Nothing fills it, and nothing would fill another."""
    codes = np.array([[3.0, 4.0]], np.float32)
    for box in (fit(codes), Viewport(2.5, 3.5, 3.6, 4.4)):
        assert settle(box, codes) is box and tighten(box, Viewport(3.0, 3.0, 4.0, 4.0)) is box
    for wide in (Viewport(2.0, 4.0, 3.5, 4.5), Viewport(2.5, 3.5, 3.0, 5.0)):
        assert settle(wide, codes) == tighten(wide, Viewport(3.0, 3.0, 4.0, 4.0)) == fit(codes)


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        # A spread of less than a millionth of the value is one value.
        ([[0.0, 0.0], [2e-6, 1e3 + 0]], (-0.14e-6, 2.14e-6, -70, 1070)),
        ([[0.0, 0.0], [1e-6, 1.0]], (-0.07e-6, 1.07e-6, -0.07, 1.07)),
        ([[0.0, 0.0], [0.5e-6, 1.0]], (-0.5, 0.5 + 0.5e-6, -0.07, 1.07)),
        ([[1e3, -1e3], [1e3 + 2e-3, -1e3 + 2e-3]], None),
        ([[1e3, -1e3], [1e3 + 5e-4, -1e3 + 5e-4]], (999.5, 1000.5005, -1000.5, -999.4995)),
        # Where half a unit would vanish beside the value, the box is a millionth of it wider.
        ([[1e9, -1e9], [1e9, -1e9]], (1e9 - 1e3, 1e9 + 1e3, -1e9 - 1e3, -1e9 + 1e3)),
        # What is larger than the largest is taken for it.
        ([[-1e300, 0], [1e300, 1]], (-1.14e30, 1.14e30, -0.07, 1.07)),
    ],
)
def test_a_margin_lies_around_what_differs_and_half_a_unit_around_what_does_not(
    codes: list[list[float]], expected: tuple[float, float, float, float] | None
) -> None:
    box = fit(np.array(codes))
    if expected is None:
        assert box.right - box.left == pytest.approx(2.28e-3, rel=1e-3)
        assert box.top - box.bottom == pytest.approx(2.28e-3, rel=1e-3)
    else:
        assert dataclasses.astuple(box) == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_a_point_keeps_its_place_while_the_box_grows_around_it() -> None:
    box = Viewport(0.0, 10.0, 0.0, 20.0)
    assert zoom(box, 2.0, (1.0, 5.0)) == Viewport(-1.0, 19.0, -5.0, 35.0)
    assert zoom(box, 0.5, (1.0, 5.0)) == Viewport(0.5, 5.5, 2.5, 12.5)


@pytest.mark.parametrize(
    ("factor", "at", "ends"),
    [
        # A side needs a hundred thousandth of what lies at the point, or of 1 near zero.
        (1.1e-5, (0.5, 0.5), False),
        (0.9e-5, (0.5, 0.5), True),
        (1.1e-4, (10.0, 0.5), False),
        (0.9e-4, (10.0, 0.5), True),
        (1.1e-4, (0.5, -10.0), False),
        (0.9e-4, (0.5, -10.0), True),
        (0.9e30, (0.5, 0.5), False),
        (1.1e30, (0.5, 0.5), True),
    ],
)
def test_zooming_ends_where_a_side_gets_too_small_or_too_large(
    factor: float, at: tuple[float, float], ends: bool
) -> None:
    for sides in ((1.0, 1.0), (1.0, 3.0), (3.0, 1.0)):
        if max(sides) > 1 and factor > 1:
            continue
        box = Viewport(0.0, sides[0], 0.0, sides[1])
        assert (zoom(box, factor, at) is box) == ends
    if factor > 1:
        for box in (Viewport(0.0, 1.0, 0.0, 0.01), Viewport(0.0, 0.01, 0.0, 1.0)):
            assert (zoom(box, factor, at) is box) == ends


def test_dots_and_their_points_in_a_small_box() -> None:
    box = Viewport(-1.0, 3.0, 10.0, 20.0)
    assert data_of(box, [[0, 0], [3, 4], [-1, 5]], 4, 5).tolist() == [
        [-0.5, 19.0], [2.5, 11.0], [-1.5, 9.0]
    ]  # fmt: skip
    points = [[-1.0, 20.0], [0.0, 18.0], [-0.001, 18.001], [3.0, 10.0], [2.999, 10.001]]
    expected = [[0, 0], [1, 1], [0, 0], [4, 5], [3, 4]]
    assert dot_of(box, points, 4, 5).tolist() == expected
    # A millionth of a dot before an edge counts as on it, two do not.
    nearly = [[-0.9e-6, 18.0 + 1.8e-6], [-2e-6, 18.0 + 4e-6]]
    assert dot_of(box, nearly, 4, 5).tolist() == [[1, 1], [0, 0]]
    assert step_of(box, 4, 5) == (1.0, 2.0)
    assert step_of(box, 0, 0) == (4.0, 10.0)


@given(clouds(least=2), st.floats(0.0, 0.3))
def test_a_box_that_suits_the_codes_stays(codes: FloatArray, margin: float) -> None:
    spread = codes.max(axis=0) - codes.min(axis=0)
    assume((spread > 0.01).all())
    box = fit(codes, margin)
    # At most 0.3 of each side lies around the codes: they fill 1 / 1.6 of it.
    assert settle(box, codes) is box


@given(clouds(least=2))
def test_growing_codes_move_the_box_once_and_then_leave_it(codes: FloatArray) -> None:
    assume((codes.max(axis=0) - codes.min(axis=0) > 0.01).all())
    box = Viewport(-1e-3, 1e-3, -1e-3, 1e-3)
    moved = settle(box, codes)
    assert moved is not box
    middle = (codes.max(axis=0) + codes.min(axis=0)) / 2
    for growth in (1.0, 1.1, 1.2, 1.3):
        assert settle(moved, (middle + (codes - middle) * np.float32(growth))) is moved


@given(clouds(least=2))
def test_codes_that_shrink_far_draw_the_box_closer(codes: FloatArray) -> None:
    assume((codes.max(axis=0) - codes.min(axis=0) > 1.0).all())
    box = fit(codes)
    small = settle(box, codes * np.float32(0.2))
    assert small.right - small.left < 0.6 * (box.right - box.left)


@given(ANY, boxes())
def test_settling_settles(codes: FloatArray, box: Viewport) -> None:
    once = settle(box, codes)
    assert settle(once, codes) is once


@given(ANY, boxes())
def test_drawing_closer_settles_too(codes: FloatArray, box: Viewport) -> None:
    held = reach(codes)
    assume(held is not None)
    assert held is not None
    once = tighten(settle(box, codes), held)
    assert tighten(once, held) is once and settle(once, codes) is once


@given(clouds(least=1), clouds(least=1))
def test_what_codes_reached_holds_all_of_them(first: FloatArray, second: FloatArray) -> None:
    box = reach(second, reach(first))
    assert box is not None
    both = np.concatenate([first, second])
    assert (box.left, box.right) == (both[:, 0].min(), both[:, 0].max())
    assert (box.bottom, box.top) == (both[:, 1].min(), both[:, 1].max())


def test_what_was_reached_grows_to_each_side_and_never_shrinks() -> None:
    before, nothing = Viewport(0.0, 1.0, 0.0, 1.0), np.full((2, 2), np.nan, np.float32)
    assert reach(nothing) is None and reach(nothing, before) is before
    codes = np.array([[-1.0, 0.5], [0.5, 3.0], [9.0, np.inf]], np.float32)
    assert reach(codes) == Viewport(-1.0, 0.5, 0.5, 3.0)
    assert reach(codes, before) == Viewport(-1.0, 1.0, 0.0, 3.0)


@given(boxes(), st.floats(0.2, 5.0), st.integers(0, 79), st.integers(0, 29))
def test_zooming_keeps_the_cell_of_its_point(
    box: Viewport, factor: float, column: int, row: int
) -> None:
    at = cell_centre(box, column, row, 80, 30)
    zoomed = zoom(box, factor, at)
    assert cell_of(zoomed, *at, 80, 30) == (column, row)


@given(boxes(), st.floats(0.2, 5.0))
def test_zooming_in_and_out_comes_back(box: Viewport, factor: float) -> None:
    at = ((box.left + box.right) / 2, (box.bottom + box.top) / 2)
    there = zoom(box, factor, at)
    assume(there is not box)
    back = zoom(there, 1 / factor, at)
    assume(back is not there)
    tolerance = 1e-4 * max(box.right - box.left, box.top - box.bottom)
    assert dataclasses.astuple(back) == pytest.approx(
        dataclasses.astuple(box), rel=1e-6, abs=tolerance
    )


def test_zooming_ends_before_numbers_run_out() -> None:
    box, points = Viewport(0.0, 1.0, 0.0, 1.0), (0.3, 0.7)
    for factor in (1 / 1.5, 1.5):
        zoomed, seen = box, 0
        while (new := zoom(zoomed, factor, points)) is not zoomed:
            zoomed, seen = new, seen + 1
            assert is_a_box(zoomed) and seen < 1000
        at = cell_of(zoomed, *points, 80, 30)
        assert at == cell_of(box, *points, 80, 30)
        assert cell_of(zoomed, *cell_centre(zoomed, *at, 80, 30), 80, 30) == at
