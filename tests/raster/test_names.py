"""Class names on the map: where they belong, and that none hides another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_ae.arrays import FloatArray
from tui_ae.raster.grid import CellGrid
from tui_ae.raster.names import (
    BLOCK_HEIGHT,
    BLOCK_WIDTH,
    Label,
    densest,
    place_names,
    write_names,
)
from tui_ae.raster.viewport import Viewport

HEIGHT, WIDTH = 24, 60
BOX = Viewport(0.0, float(WIDTH), 0.0, float(HEIGHT))
"""A unit a cell; z2 from the bottom."""


def at(column: int, row: int, count: int) -> FloatArray:
    """Points in the middle of a cell, rows counted from the top."""
    return np.tile(np.array([[column + 0.5, HEIGHT - row - 0.5]], np.float32), (count, 1))


def places(
    parts: list[list[FloatArray]],
    before: dict[int, tuple[int, int]] | None = None,
    active: Sequence[bool] | None = None,
    box: Viewport = BOX,
) -> dict[int, tuple[int, int]]:
    """Of classes of points, a list of arrays a class."""
    codes = np.concatenate([np.concatenate(own) for own in parts])
    counts = [sum(len(part) for part in own) for own in parts]
    labels = np.repeat(np.arange(len(parts)), counts)
    chosen = np.ones(len(parts), bool) if active is None else np.array(active)
    return densest(codes, labels, chosen, box, HEIGHT, WIDTH, before)


def block(column: int, row: int) -> tuple[int, int]:
    return column // BLOCK_WIDTH, row // BLOCK_HEIGHT


def test_a_name_stands_where_most_of_its_class_lies() -> None:
    found = places([[at(10, 3, 80), at(50, 20, 20)], [at(50, 4, 30), at(10, 20, 5)]])
    assert found == {0: block(10, 3), 1: block(50, 4)}


def test_where_others_lie_too_a_name_tells_less() -> None:
    alone, shared = at(40, 10, 60), at(10, 10, 80)
    assert places([[alone, shared]]) == {0: block(10, 10)}
    assert places([[alone, shared], [at(10, 10, 80)]])[0] == block(40, 10)


def test_only_classes_that_are_on_have_a_name_and_count() -> None:
    alone, shared = at(40, 10, 60), at(10, 10, 80)
    found = places([[alone, shared], [at(10, 10, 300)]], active=[True, False])
    assert found == {0: block(10, 10)}
    assert places([[alone]], active=[False]) == {}


def test_a_class_that_is_thin_everywhere_or_outside_has_none() -> None:
    thin = [at(column, row, 1) for column in range(0, 60, 6) for row in range(1, 24, 3)]
    assert places([thin, [at(5, 5, 50)]]) == {1: block(5, 5)}
    assert places([[at(100, 5, 50)], [at(5, 5, 50)]]) == {1: block(5, 5)}
    nothing = np.full((50, 2), np.nan, np.float32)
    assert places([[nothing], [nothing * np.inf]]) == {}


@pytest.mark.parametrize(
    "point", [(60, 12), (-0.01, 12), (30, 0), (30, -1), (30, 24.01), (30, 30), (np.inf, 12)]
)
def test_what_lies_outside_or_on_the_far_edges_does_not_count(point: tuple[float, float]) -> None:
    outside = np.tile(np.array([point], np.float32), (50, 1))
    assert places([[outside]]) == {}
    # It is no part of its class, however many are there.
    assert places([[outside, outside, at(10, 10, 1)]]) == {0: block(10, 10)}


@pytest.mark.parametrize(("column", "row"), [(0, 0), (59, 23), (5, 2), (6, 3), (11, 3), (12, 6)])
def test_a_block_has_six_columns_and_three_rows(column: int, row: int) -> None:
    assert places([[at(column, row, 5)]]) == {0: (column // 6, row // 3)}


@pytest.mark.parametrize(("count", "named"), [(50, True), (51, False)])
def test_a_fiftieth_of_a_class_in_one_block_is_enough_for_its_name(count: int, named: bool) -> None:
    cells = [(6 * (number % 10), 3 * (number // 10)) for number in range(count)]
    spread = [at(column, row, 1) for column, row in cells]
    assert places([spread]) == ({0: (0, 0)} if named else {})


def test_without_classes_there_are_no_names() -> None:
    codes, labels = np.zeros((0, 2), np.float32), np.zeros(0, np.int64)
    assert densest(codes, labels, np.zeros(0, bool), BOX, HEIGHT, WIDTH) == {}


def test_a_name_stays_until_another_place_is_clearly_denser() -> None:
    here, there = block(10, 10), block(40, 10)
    old = {0: here}
    for count, expected in ((100, here), (125, here), (126, there), (200, there)):
        found = places([[at(10, 10, 100), at(40, 10, count)]], before=old)
        assert found == {0: expected}, count
        assert count > 125 or expected == here
    # Without a place before, the denser one.
    assert places([[at(10, 10, 100), at(40, 10, 101)]]) == {0: there}


def test_names_do_not_jump_while_a_cloud_breathes() -> None:
    rng, moves = np.random.default_rng(0), 0
    shown: dict[int, tuple[int, int]] = {}
    densest_of_all: set[tuple[int, int]] = set()
    cloud = np.concatenate([at(12, 10, 400), at(40, 12, 400)])
    for _ in range(60):
        # Which half is denser is chance in each frame.
        kept = cloud[rng.random(800) < 0.8]
        labels, active = np.zeros(len(kept), int), np.ones(1, bool)
        found = densest(kept, labels, active, BOX, HEIGHT, WIDTH, shown)
        densest_of_all.add(densest(kept, labels, active, BOX, HEIGHT, WIDTH)[0])
        moves += bool(shown) and found != shown
        shown = found
    assert moves == 0 and len(densest_of_all) == 2


@pytest.mark.parametrize("old", [(9, 9), (99, 0), (0, 99), (0, 8), (10, 0), (10, 7)])
def test_a_place_of_another_size_of_the_pane_is_forgotten(old: tuple[int, int]) -> None:
    assert places([[at(10, 10, 10)]], before={0: old}) == {0: block(10, 10)}


def test_a_place_beyond_the_last_column_is_not_the_first_of_the_next_row() -> None:
    parts = [[at(10, 10, 100), at(0, 3, 90)]]
    assert places(parts, before={0: (0, 1)}) == {0: (0, 1)}
    assert places(parts, before={0: (10, 0)}) == {0: block(10, 10)}


def test_a_single_point_alone_tells_more_than_two_among_others() -> None:
    found = places([[at(10, 10, 1), at(40, 10, 2)], [at(40, 10, 3)]])
    assert found[0] == block(10, 10)


@pytest.mark.parametrize(("right", "up"), [(0, 0), (-30, 7), (1000, -24)])
def test_a_name_goes_with_its_cloud_and_the_box(right: int, up: int) -> None:
    box = Viewport(right, right + 2.0 * WIDTH, up, up + 0.5 * HEIGHT)
    points = np.concatenate([at(0, 0, 1), at(10, 10, 5)]) * [2, 0.5] + [right, up]
    assert places([[points.astype(np.float32)]], box=box) == {0: block(10, 10)}
    # The upper left corner belongs to the first block.
    corner = np.array([[right, up + 0.5 * HEIGHT]] * 9, np.float32)
    assert places([[corner]], box=box) == {0: (0, 0)}


@pytest.mark.parametrize(("height", "width"), [(0, 0), (1, 1), (1, 60), (24, 1), (3, 6), (4, 7)])
def test_any_size_has_places_inside(height: int, width: int) -> None:
    box = Viewport(0.0, 1.0, 0.0, 1.0)
    codes = np.random.default_rng(0).random((90, 2)).astype(np.float32)
    found = densest(codes, np.arange(90) % 3, np.ones(3, bool), box, height, width)
    for column, row in found.values():
        assert 0 <= column * BLOCK_WIDTH < width and 0 <= row * BLOCK_HEIGHT < height


# --- names on the grid ---------------------------------------------------------------------------

words = st.text("abcdefgh", min_size=1, max_size=14)
blocks = st.tuples(st.integers(0, 12), st.integers(0, 10))


@given(
    st.lists(st.tuples(blocks, words), max_size=12),
    st.integers(1, 70),
    st.integers(1, 26),
    st.lists(st.tuples(st.integers(-2, 72), st.integers(-2, 28)), max_size=3),
)
def test_no_name_lies_over_another_or_a_mark_and_all_are_inside(
    found: list[tuple[tuple[int, int], str]], width: int, height: int, taken: list[tuple[int, int]]
) -> None:
    names = [tuple(f" {word} ".encode()) for _, word in found]
    where = {label: place for label, (place, _) in enumerate(found)}
    inks = [(label, 100 + label) for label in range(len(found))]
    placed = place_names(where, names, inks, height, width, taken)
    cells: set[tuple[int, int]] = set()
    for label in placed:
        own = {(label.column + step, label.row) for step in range(len(label.glyphs))}
        assert all(0 <= column < width and 0 <= row < height for column, row in own)
        assert not own & cells and not own & set(taken)
        cells |= own
        assert label.glyphs in names and (label.ink, label.paper) in inks
    grid = CellGrid.blank(height, width)
    written = write_names(grid, placed)
    assert int((written.background != grid.background).sum()) == len(cells)
    for label in placed:
        assert bytes(label.glyphs).decode() in written.rows()[label.row]
    assert grid.rows() == [" " * width] * height


def test_a_name_stands_in_the_middle_of_its_block_and_gives_way_by_a_row() -> None:
    def rows(
        *places: tuple[int, int], taken: Sequence[tuple[int, int]] = ()
    ) -> dict[str, tuple[int, int]]:
        inks = [(1, 2)] * len(places)
        names = [tuple(name.encode()) for name in ("ab", "cd", "ef", "gh")[: len(places)]]
        found = place_names(dict(enumerate(places)), names, inks, 6, 18, taken)
        return {bytes(label.glyphs).decode(): (label.column, label.row) for label in found}

    assert rows((1, 1)) == {"ab": (8, 4)}
    assert rows((1, 1), (1, 1), (1, 1), (1, 1)) == {"ab": (8, 4), "cd": (8, 3), "ef": (8, 5)}
    assert rows((1, 1), taken=[(8, 4)]) == {"ab": (8, 3)}
    # Two cells lie between a name and a mark.
    for column, row in ((5, 4), (6, 3), (11, 3), (12, 4)):
        assert rows((1, 1), taken=[(column, 4)]) == {"ab": (8, row)}
    # The row above is one too where it is the first.
    assert rows((1, 0), taken=[(8, 1)]) == {"ab": (8, 0)}
    assert rows((1, 0), taken=[(8, 1), (8, 0)]) == {"ab": (8, 2)}
    assert rows((1, 1), taken=[(8, 4), (8, 3), (8, 5)]) == {}


def test_a_name_is_written_in_its_colours() -> None:
    grid = write_names(CellGrid.blank(2, 6), [Label((97, 98, 99), 1, 1, 5, 6)])
    assert grid.rows() == ["      ", " abc  "]
    assert grid.foreground.tolist() == [[-1] * 6, [-1, 5, 5, 5, -1, -1]]
    assert grid.background.tolist() == [[-1] * 6, [-1, 6, 6, 6, -1, -1]]


@pytest.mark.parametrize(
    ("names", "where"),
    [
        # Two cells lie between two names as well, or the second gives way.
        (("abc", "abcd"), [(2, 4), (7, 4)]),
        (("abcd", "abcd"), [(1, 4), (7, 4)]),
        (("abcdef", "abcd"), [(0, 4), (7, 3)]),
        (("abcdefg", "ab"), [(0, 4), (8, 3)]),
        (("", "abcd", "efghi"), [(3, 4), (7, 4), (13, 4)]),
        (("", "abcd", "efghij"), [(3, 4), (7, 4), (12, 3)]),
    ],
)
def test_names_side_by_side(names: tuple[str, ...], where: list[tuple[int, int]]) -> None:
    glyphs = [tuple(name.encode()) for name in names]
    blocks = {label: (label, 1) for label in range(len(names))}
    found = place_names(blocks, glyphs, [(1, 2)] * len(names), 6, 18)
    assert [(label.column, label.row) for label in found] == where


def test_a_name_that_is_too_long_for_the_map_is_left_out() -> None:
    placed = place_names({0: (0, 0), 1: (0, 1)}, [(88,) * 19, (88,) * 18], [(1, 2)] * 2, 6, 18)
    assert [(label.glyphs, label.column) for label in placed] == [((88,) * 18, 0)]
