"""A drawing: its strokes as pixels, erasing, undoing."""

from __future__ import annotations

import numpy as np
import pytest

from tui_ae.data.drawing import Drawing

Point = tuple[float, float]


def drawn(
    *lines: tuple[Point, Point],
    width: float = 2.0,
    erase: bool = False,
    on: Drawing | None = None,
) -> Drawing:
    drawing = on or Drawing()
    drawing.begin()
    for start, end in lines:
        drawing.line(start, end, width, erase=erase)
    return drawing


def test_a_stroke_has_the_width_of_the_pen_and_soft_edges() -> None:
    ink = drawn(((4, 10), (20, 10)), width=3).ink
    # A cross-section away from the ends: the full width in ink, and nothing beyond its edge.
    column = ink[:, 12]
    assert column.tolist() == [0] * 9 + [1, 1, 1] + [0] * 16
    column = drawn(((4, 10), (20, 10)), width=2).ink[:, 12]
    assert column[8:13].tolist() == [0, 0.5, 1, 0.5, 0] and column.sum() == 2
    slanted = drawn(((4, 4), (20, 12)), width=2).ink
    assert ((slanted > 0) & (slanted < 1)).sum() > 20
    assert slanted.sum() == pytest.approx(2 * np.hypot(16, 8) + np.pi, rel=0.05)


def test_a_dot_is_round_and_a_line_is_the_same_in_both_directions() -> None:
    dot = drawn(((13, 13), (13, 13)), width=5).ink
    assert dot.sum() == pytest.approx(np.pi * 2.5**2, rel=0.03)
    assert (dot == dot.T).all() and (dot[:27, :27] == dot[:27, :27][::-1, ::-1]).all()
    one, other = drawn(((2, 3), (9, 20))).ink, drawn(((9, 20), (2, 3))).ink
    np.testing.assert_allclose(one, other, atol=1e-5)


def test_a_stroke_in_pieces_is_the_stroke_in_one() -> None:
    pieces = drawn(*(((x, 7), (x + 1, 7)) for x in range(3, 21))).ink
    np.testing.assert_allclose(pieces, drawn(((3, 7), (21, 7))).ink, atol=1e-5)


def test_crossing_strokes_get_no_stronger_and_ink_stays_in_its_range() -> None:
    once = drawn(((3, 7), (21, 7))).ink
    twice = drawn(((3, 7), (21, 7)), ((3, 7), (21, 7))).ink
    np.testing.assert_array_equal(once, twice)
    assert twice.min() == 0 and twice.max() == 1 and twice.dtype == np.float32


def test_erasing_takes_ink_where_the_eraser_went_and_only_there() -> None:
    drawing = drawn(((3, 7), (21, 7)))
    before = drawing.ink
    drawn(((12, 0), (12, 20)), width=4, erase=True, on=drawing)
    assert not drawing.ink[:, 11:14].any()
    np.testing.assert_array_equal(drawing.ink[:, :9], before[:, :9])
    np.testing.assert_array_equal(drawing.ink[:, 16:], before[:, 16:])
    drawn(((0, 7), (27, 7)), width=6, erase=True, on=drawing)
    assert drawing.is_empty


def test_strokes_beyond_the_edge_are_cut_off() -> None:
    assert drawn(((-40, -40), (-30, 60))).is_empty
    ink = drawn(((-5, 14), (60, 14))).ink
    assert ink[14].tolist() == [1] * 28


def test_undo_takes_strokes_back_one_by_one_and_clearing_too() -> None:
    drawing = drawn(((3, 7), (21, 7)))
    first = drawing.ink
    drawn(((3, 20), (21, 20)), ((21, 20), (21, 25)), on=drawing)
    second = drawing.ink
    assert drawing.clear() and drawing.is_empty and not drawing.clear()
    # A stroke of the eraser on nothing changes nothing: undo passes over it.
    drawn(((0, 0), (1, 1)), erase=True, on=drawing)
    for expected in (second, first, np.zeros((28, 28))):
        assert drawing.undo()
        np.testing.assert_array_equal(drawing.ink, expected)
    assert not drawing.undo()


def test_five_hundred_strokes_can_be_taken_back() -> None:
    drawing = Drawing()
    for index in range(502):
        drawn(((index % 28, index // 28), (index % 28, index // 28)), width=0.6, on=drawing)
    assert sum(drawing.undo() for _ in range(502)) == 500
    assert drawing.ink.sum() > 0


def test_ink_that_was_taken_does_not_change_any_more() -> None:
    drawing = drawn(((3, 7), (21, 7)))
    taken, copy = drawing.ink, drawing.ink.copy()
    drawn(((3, 20), (21, 20)), on=drawing)
    np.testing.assert_array_equal(taken, copy)
    with pytest.raises(ValueError, match="read-only"):
        drawing.ink[0, 0] = 1
