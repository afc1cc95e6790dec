"""The grid of cells, and the marks of sample and probe on it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_ae.raster.grid import DEFAULT, CellGrid
from tui_ae.raster.marks import mark_probe, mark_sample

sizes = st.tuples(st.integers(1, 12), st.integers(1, 20))


def cloud(height, width, dots=()):
    grid = CellGrid.blank(height, width)
    for row, column in dots:
        grid.glyphs[row, column] = ord("⣿")
        grid.foreground[row, column] = 0xFF
    return grid


def test_the_sample_has_a_ring_and_lines_through_empty_cells():
    grid = cloud(3, 7, [(0, 3), (1, 0)])
    marked = mark_sample(grid, 3, 1, colour=5, line=6)
    assert marked.rows() == ["   ⣿   ", "⣿┈(◎)┈┈", "   ┊   "]
    assert marked.foreground.tolist() == [
        [-1, -1, -1, 0xFF, -1, -1, -1],
        [0xFF, 6, 5, 5, 5, 6, 6],
        [-1, -1, -1, 6, -1, -1, -1],
    ]
    assert grid.rows() == ["   ⣿   ", "⣿      ", "       "]


def test_the_sample_has_a_ring_alone_where_no_lines_are_wanted():
    grid = cloud(3, 7, [(0, 3), (1, 0)])
    marked = mark_sample(grid, 3, 1, colour=5, line=None)
    assert marked.rows() == ["   ⣿   ", "⣿ (◎)  ", "       "]


def test_the_probe_is_a_cross():
    assert mark_probe(cloud(1, 5), 2, 0, colour=5).rows() == [" ╺╋╸ "]
    assert mark_probe(cloud(1, 5), 2, 0, colour=5, ascii=True).rows() == [" >X< "]


@pytest.mark.parametrize(("column", "row"), [(0, "╋╸   "), (4, "   ╺╋")])
def test_the_probe_at_an_edge_is_cut(column, row):
    assert mark_probe(cloud(1, 5), column, 0, colour=5).rows() == [row]


@given(sizes, st.data(), st.booleans())
def test_marks_change_few_cells_of_a_copy(size, data, plain):
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
def test_a_blank_grid_is_spaces_in_the_default_colours(size):
    grid = CellGrid.blank(*size)
    assert (grid.height, grid.width) == (max(size[0], 0), max(size[1], 0))
    assert grid.rows() == [" " * grid.width] * grid.height
    assert (grid.foreground == DEFAULT).all() and (grid.background == DEFAULT).all()
