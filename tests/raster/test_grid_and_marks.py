"""The grid of cells, and the marks of sample and probe on it."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from tui_ae.raster.grid import DEFAULT, CellGrid
from tui_ae.raster.marks import mark_path, mark_points, mark_probe, mark_sample

sizes = st.tuples(st.integers(1, 12), st.integers(1, 20))


def cloud(height: int, width: int, dots: Iterable[tuple[int, int]] = ()) -> CellGrid:
    grid = CellGrid.blank(height, width)
    for row, column in dots:
        grid.glyphs[row, column] = ord("⣿")
        grid.foreground[row, column] = 0xFF
    return grid


def test_the_sample_has_a_ring_and_lines_through_empty_cells() -> None:
    grid = cloud(3, 7, [(0, 3), (1, 0)])
    marked = mark_sample(grid, 3, 1, colour=5, line=6)
    assert marked.rows() == ["   ⣿   ", "⣿┈(◎)┈┈", "   ┊   "]
    assert marked.foreground.tolist() == [
        [-1, -1, -1, 0xFF, -1, -1, -1],
        [0xFF, 6, 5, 5, 5, 6, 6],
        [-1, -1, -1, 6, -1, -1, -1],
    ]
    assert grid.rows() == ["   ⣿   ", "⣿      ", "       "]


def test_the_sample_has_a_ring_alone_where_no_lines_are_wanted() -> None:
    grid = cloud(3, 7, [(0, 3), (1, 0)])
    marked = mark_sample(grid, 3, 1, colour=5, line=None)
    assert marked.rows() == ["   ⣿   ", "⣿ (◎)  ", "       "]


def test_the_probe_is_a_cross() -> None:
    assert mark_probe(cloud(1, 5), 2, 0, colour=5).rows() == [" ╺╋╸ "]
    assert mark_probe(cloud(1, 5), 2, 0, colour=5, ascii=True).rows() == [" >X< "]


@pytest.mark.parametrize(("column", "row"), [(0, "╋╸   "), (4, "   ╺╋")])
def test_the_probe_at_an_edge_is_cut(column: int, row: str) -> None:
    assert mark_probe(cloud(1, 5), column, 0, colour=5).rows() == [row]


@given(sizes, st.data(), st.booleans())
def test_marks_change_few_cells_of_a_copy(
    size: tuple[int, int], data: DataObject, plain: bool
) -> None:
    height, width = size
    column, row = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
    grid = cloud(height, width, [(y, x) for y in range(height) for x in range(width)])
    for mark in (
        mark_sample(grid, column, row, colour=5, line=6, ascii=plain),
        mark_probe(grid, column, row, colour=5, ascii=plain),
    ):
        changed = mark.glyphs != grid.glyphs
        assert changed.sum() == 1 + (column > 0) + (column < width - 1)
        assert changed[row].sum() == changed.sum()
        assert (mark.foreground[changed] == 5).all()
        assert (mark.background == DEFAULT).all()
    assert (grid.glyphs == ord("⣿")).all()


@pytest.mark.parametrize("size", [(0, 0), (-3, 4), (2, -1), (1, 1), (2, 3)])
def test_a_blank_grid_is_spaces_in_the_default_colours(size: tuple[int, int]) -> None:
    grid = CellGrid.blank(*size)
    assert (grid.height, grid.width) == (max(size[0], 0), max(size[1], 0))
    assert grid.rows() == [" " * grid.width] * grid.height
    assert (grid.foreground == DEFAULT).all() and (grid.background == DEFAULT).all()


# --- A and B -------------------------------------------------------------------------------------

ENDS = st.tuples(st.integers(-30, 40), st.integers(-30, 40))


def test_a_way_has_its_ends_and_dots_between_them() -> None:
    grid = cloud(3, 9, [(1, 4)])
    marked = mark_path(grid, [(0, 0), (8, 2)], colour=5, line=6)
    assert marked.rows() == ["A··      ", "   ·⣿·   ", "      ··B"]
    assert marked.foreground[0].tolist()[:4] == [5, 6, 6, -1]
    assert marked.foreground[2].tolist()[-2:] == [6, 5]
    plain = mark_path(grid, [(8, 2), (0, 0)], colour=5, line=6, ascii=True)
    assert plain.rows() == ["B..      ", "   .⣿.   ", "      ..A"]
    steep = mark_path(cloud(5, 2), [(0, 0), (1, 4)], colour=5, line=6)
    assert steep.rows() == ["A ", "· ", "· ", " ·", " B"]


def test_one_end_has_no_way_and_no_line_is_no_line() -> None:
    grid = cloud(1, 5)
    assert mark_path(grid, [(2, 0)], colour=5, line=6).rows() == ["  A  "]
    assert mark_path(grid, [(0, 0), (4, 0)], colour=5, line=None).rows() == ["A   B"]
    assert mark_path(grid, [(2, 0), (2, 0)], colour=5, line=6).rows() == ["  B  "]
    assert mark_path(grid, [], colour=5, line=6).rows() == ["     "]


@given(sizes, ENDS, ENDS)
def test_the_way_is_cut_at_the_edges_and_hides_no_dot(
    size: tuple[int, int], start: tuple[int, int], end: tuple[int, int]
) -> None:
    height, width = size
    full = cloud(height, width, [(y, x) for y in range(height) for x in range(width)])
    inside = {
        (column, row) for column, row in (start, end) if 0 <= column < width and 0 <= row < height
    }
    marked = mark_path(full, [start, end], colour=5, line=6)
    assert int((marked.glyphs != full.glyphs).sum()) == len(inside)
    assert (full.glyphs == ord("⣿")).all()
    blank = mark_path(cloud(height, width), [start, end], colour=5, line=6)
    rows, columns = np.nonzero(blank.glyphs == ord("·"))
    # Each dot lies within half a cell of the line.
    (x, y), (right, bottom) = start, end
    for column, row in zip(columns.tolist(), rows.tolist(), strict=True):
        if abs(right - x) >= abs(bottom - y):
            assert abs(y + (bottom - y) * (column - x) / (right - x) - row) <= 0.5 + 1e-9
        else:
            assert abs(x + (right - x) * (row - y) / (bottom - y) - column) <= 0.5 + 1e-9


def test_ends_far_outside_cost_no_time() -> None:
    """They are where somebody marks a point and zooms in elsewhere."""
    far = 2**31
    marked = mark_path(cloud(3, 9), [(-far, 1), (far, 1)], colour=5, line=6)
    assert marked.rows() == ["         ", "·········", "         "]
    steep = mark_path(cloud(3, 3), [(1, -far), (1, far)], colour=5, line=6)
    assert steep.rows() == [" · "] * 3
    assert (
        mark_path(cloud(3, 3), [(-far, -far), (-far, far)], colour=5, line=6).rows() == ["   "] * 3
    )


def test_points_stand_in_their_cells() -> None:
    grid = cloud(2, 3, [(0, 0)])
    marked = mark_points(grid, [(0, 0, 7), (2, 1, 8)], "×")
    assert marked.rows() == ["×  ", "  ×"]
    assert (marked.foreground[0, 0], marked.foreground[1, 2]) == (7, 8)
    assert grid.rows() == ["⣿  ", "   "]
