"""The cloud of codes: exact cells, and what must hold for any cloud."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from hypothesis.strategies import DataObject

from tui_ae.arrays import DoubleArray, FloatArray, IntArray
from tui_ae.raster.grid import DEFAULT, CellGrid
from tui_ae.raster.scatter import CHUNK, ScatterStyle, scatter
from tui_ae.raster.viewport import Viewport, data_of

UNIT = Viewport(0.0, 1.0, 0.0, 1.0)
COLOURS = (0x111111, 0x222222, 0x333333)
BITS = {(0, 0): 0, (1, 0): 1, (2, 0): 2, (0, 1): 3, (1, 1): 4, (2, 1): 5, (3, 0): 6, (3, 1): 7}
"""Bit of each dot (row, column) in Unicode's braille block."""
sizes = st.tuples(st.integers(1, 12), st.integers(1, 20))
styles = st.sampled_from(ScatterStyle)


def clouds(low: float = -2.0, high: float = 3.0) -> st.SearchStrategy[tuple[FloatArray, IntArray]]:
    def labelled(codes: FloatArray) -> st.SearchStrategy[tuple[FloatArray, IntArray]]:
        labels = arrays(np.int64, len(codes), elements=st.integers(0, 2))
        return st.tuples(st.just(codes), labels)

    numbers = st.floats(low, high, width=32)
    shapes = st.tuples(st.integers(0, 60), st.just(2))
    return arrays(np.float32, shapes, elements=numbers).flatmap(labelled)


def dots_of(grid: CellGrid) -> set[tuple[int, int]]:
    """The set of (column, row) dots of a grid in braille."""
    found = set()
    for row, line in enumerate(grid.rows()):
        for column, sign in enumerate(line):
            if sign != " ":
                pattern = ord(sign) - 0x2800
                assert 0 < pattern < 256
                found |= {
                    (2 * column + x, 4 * row + y)
                    for (y, x), bit in BITS.items()
                    if pattern >> bit & 1
                }
    return found


def place(
    box: Viewport, codes: FloatArray, height: int, width: int
) -> list[tuple[int, int] | None]:
    """(column, row) of each code inside, one point after the other; None for the others."""
    across = np.float32(2 * width / (box.right - box.left))
    down = np.float32(4 * height / (box.top - box.bottom))
    places = []
    for z1, z2 in codes:
        column = (z1 - np.float32(box.left)) * across
        row = (np.float32(box.top) - z2) * down
        inside = 0 <= column < 2 * width and 0 <= row < 4 * height
        places.append((int(column), int(row)) if inside else None)
    return places


def draw(
    codes: DoubleArray | FloatArray | list[list[float]],
    labels: IntArray | list[int] | None = None,
    height: int = 1,
    width: int = 1,
    box: Viewport = UNIT,
    **options: Any,
) -> CellGrid:
    codes = np.asarray(codes, np.float32).reshape(-1, 2)
    labels = np.zeros(len(codes), np.int64) if labels is None else np.asarray(labels, np.int64)
    return scatter(codes, labels, COLOURS, box, height, width, **options)


@pytest.mark.parametrize(("dot", "bit"), BITS.items())
def test_each_dot_of_a_cell_is_its_braille_bit(dot: tuple[int, int], bit: int) -> None:
    row, column = dot
    grid = draw(data_of(UNIT, [[column, row]], 2, 4))
    assert grid.rows() == [chr(0x2800 + (1 << bit))]


def test_exact_rows() -> None:
    diagonal = data_of(UNIT, [[k, k] for k in range(8)], 8, 8)
    assert draw(diagonal, height=2, width=4).rows() == ["⠑⢄  ", "  ⠑⢄"]
    every = data_of(UNIT, [[x, y] for x in range(4) for y in range(4)], 4, 4)
    assert draw(every, height=1, width=2).rows() == ["⣿⣿"]


def test_dots_of_a_box_whose_left_and_upper_edges_belong_to_it() -> None:
    """Four units to four dots across, and two to four down."""
    box = Viewport(-1.0, 3.0, 10.0, 12.0)
    inside = {(-1, 12): (0, 0), (2.9, 10.1): (3, 3), (-1, 10.6): (0, 2), (0.5, 11.9): (1, 0)}
    outside = [(3, 11), (3.5, 11), (-1.1, 11), (0, 12.1), (0, 10), (0, 9.9), (4.5, 11), (0, 9.3)]
    for point, dot in inside.items():
        assert dots_of(draw([list(point)], height=1, width=2, box=box)) == {dot}
    assert draw([list(point) for point in outside], height=1, width=2, box=box).rows() == ["  "]
    grid = draw([[0, 11.5], [1, 10.2], [1, 10.2]], [0, 2, 2], 1, 2, box)
    assert grid.foreground.tolist() == [[COLOURS[0], COLOURS[2]]]


@given(clouds(), sizes)
def test_no_dot_is_lost_and_none_is_added(
    cloud: tuple[FloatArray, IntArray], size: tuple[int, int]
) -> None:
    codes, labels = cloud
    height, width = size
    grid = draw(codes, labels, height, width)
    assert dots_of(grid) == set(place(UNIT, codes, height, width)) - {None}


@given(sizes, st.data())
def test_a_point_drawn_from_a_dot_sets_that_dot(size: tuple[int, int], data: DataObject) -> None:
    height, width = size
    dot = (data.draw(st.integers(0, 2 * width - 1)), data.draw(st.integers(0, 4 * height - 1)))
    box = Viewport(-3.0, 4.0, 0.5, 9.0)
    point = data_of(box, [dot], 2 * width, 4 * height)
    assert dots_of(draw(point, height=height, width=width, box=box)) == {dot}


@given(clouds(), sizes, styles)
def test_the_majority_colours_a_cell_and_ties_go_to_the_lower_label(
    cloud: tuple[FloatArray, IntArray], size: tuple[int, int], style: ScatterStyle
) -> None:
    codes, labels = cloud
    height, width = size
    grid = draw(codes, labels, height, width, style=style)
    votes = np.zeros((height, width, len(COLOURS)), int)
    for place_of, label in zip(place(UNIT, codes, height, width), labels, strict=True):
        if place_of is not None:
            votes[place_of[1] // 4, place_of[0] // 2, label] += 1
    for row in range(height):
        for column in range(width):
            counts = votes[row, column].tolist()
            winner = counts.index(max(counts))
            ink = COLOURS[winner] if sum(counts) else DEFAULT
            assert grid.foreground[row, column] == ink
            if style is ScatterStyle.DIGITS:
                sign = str(winner) if sum(counts) else " "
                assert chr(grid.glyphs[row, column]) == sign
    assert (grid.background == DEFAULT).all()


@given(clouds(), sizes, styles, st.randoms(use_true_random=False))
def test_the_order_of_the_points_does_not_matter(
    cloud: tuple[FloatArray, IntArray], size: tuple[int, int], style: ScatterStyle, random: Random
) -> None:
    codes, labels = cloud
    order = list(range(len(codes)))
    random.shuffle(order)
    first = draw(codes, labels, *size, style=style)
    second = draw(codes[order], labels[order], *size, style=style)
    assert first.rows() == second.rows()
    assert (first.foreground == second.foreground).all()


@given(clouds(), sizes, styles, arrays(bool, 3))
def test_classes_that_are_off_are_left_out(
    cloud: tuple[FloatArray, IntArray],
    size: tuple[int, int],
    style: ScatterStyle,
    active: npt.NDArray[np.bool_],
) -> None:
    codes, labels = cloud
    shown = active[labels]
    first = draw(codes, labels, *size, style=style, active=active)
    second = draw(codes[shown], labels[shown], *size, style=style)
    assert first.rows() == second.rows()
    assert (first.foreground == second.foreground).all()


def test_a_cloud_of_many_chunks_loses_none() -> None:
    rng = np.random.default_rng(1)
    codes = rng.uniform(-0.1, 1.1, (2 * CHUNK + 7, 2)).astype(np.float32)
    labels = rng.integers(0, 3, len(codes))
    whole = draw(codes, labels, 30, 80)
    assert dots_of(whole) == set(place(UNIT, codes, 30, 80)) - {None}
    # What the last, short chunk holds alone has been drawn as well.
    last = codes[2 * CHUNK :]
    assert set(place(UNIT, last, 30, 80)) - {None} <= dots_of(whole)


def test_shades_follow_the_count() -> None:
    counts = {0: 1, 1: 4, 2: 30, 3: 1000}
    codes = np.repeat(data_of(UNIT, [[k, 0] for k in counts], 4, 1), list(counts.values()), axis=0)
    assert draw(codes, width=4, style=ScatterStyle.DENSITY).rows() == ["░░▒█"]
    assert draw(codes, width=4, style=ScatterStyle.DENSITY, ascii=True).rows() == ["..:#"]


@pytest.mark.parametrize("style", ScatterStyle)
@pytest.mark.parametrize("size", [(0, 0), (0, 9), (9, 0), (-1, 4), (1, 1), (3, 9)], ids=str)
@pytest.mark.parametrize(
    "codes",
    [
        np.zeros((0, 2)),
        [[0.5, 0.5]],
        [[np.nan, 0.5], [0.5, np.nan]],
        [[np.inf, 0.5], [0.5, -np.inf], [np.inf, -np.inf]],
        [[0.5, 0.5]] * 50,
        [[3e38, -3e38], [-3e38, 3e38]],
        [[1.0, 0.0], [0.0, 1.0], [-1e-30, 0.5]],
    ],
    ids=["none", "one", "nan", "inf", "equal", "huge", "edges"],
)
def test_odd_clouds_and_sizes(
    codes: DoubleArray | list[list[float]], size: tuple[int, int], style: ScatterStyle
) -> None:
    grid = draw(codes, height=size[0], width=size[1], style=style)
    assert grid.glyphs.shape == (max(size[0], 0), max(size[1], 0))
    finite = len(codes) and grid.glyphs.size and np.allclose(codes, 0.5)
    drawn = sum(sign != " " for line in grid.rows() for sign in line)
    assert drawn == 1 if finite else drawn <= 1


def test_without_classes_nothing_is_drawn() -> None:
    nothing = np.zeros((0, 2), np.float32), np.zeros(0, np.int64)
    assert scatter(*nothing, (), Viewport(0.0, 1.0, 0.0, 1.0), 2, 3).rows() == ["   "] * 2


def test_more_classes_than_glyphs_begin_again() -> None:
    assert draw([[0.5, 0.5]], [2], style=ScatterStyle.DIGITS, glyphs="ab").rows() == ["a"]
