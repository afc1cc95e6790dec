"""The shortest motions of the cursor."""

from __future__ import annotations

import pytest

from tui_ae.link.cells.moves import absolute_move, move

WIDTH = 80


@pytest.mark.parametrize(
    ("row", "column", "motion"),
    [
        (0, 0, "\x1b[H"),
        (0, 1, "\x1b[;2H"),
        (0, 79, "\x1b[;80H"),
        (1, 0, "\x1b[2H"),
        (23, 79, "\x1b[24;80H"),
    ],
)
def test_a_motion_from_anywhere_leaves_out_what_is_1(row: int, column: int, motion: str) -> None:
    assert absolute_move(row * WIDTH + column, WIDTH) == motion
    assert move(-1, row * WIDTH + column, WIDTH) == motion


@pytest.mark.parametrize(
    ("old", "new", "motion"),
    [
        ((0, 0), (0, 0), ""),
        ((0, 0), (0, 1), "\x1b[C"),
        # In a row.
        ((3, 10), (3, 11), "\x1b[C"),
        ((3, 10), (3, 12), "\x1b[2C"),
        ((3, 10), (3, 79), "\x1b[69C"),
        ((3, 10), (3, 9), "\b"),
        ((3, 10), (3, 7), "\b\b\b"),
        ((3, 10), (3, 6), "\x1b[4D"),
        ((3, 10), (3, 0), "\r"),
        ((3, 1), (3, 0), "\r"),
        # To a column by its number, where that is shorter.
        ((3, 50), (3, 8), "\x1b[9G"),
        ((3, 50), (3, 9), "\x1b[41D"),
        ((3, 12), (3, 8), "\x1b[4D"),
        # In a column.
        ((3, 10), (4, 10), "\v"),
        ((3, 10), (7, 10), "\v\v\v\v"),
        ((3, 10), (8, 10), "\x1b[5B"),
        ((3, 10), (2, 10), "\x1b[A"),
        ((3, 10), (1, 10), "\x1b[2A"),
        # Both.
        ((3, 10), (4, 0), "\v\r"),
        ((3, 10), (5, 9), "\v\v\b"),
        ((3, 10), (4, 12), "\v\x1b[2C"),
        ((0, 0), (20, 40), "\x1b[21;41H"),
        ((3, 10), (0, 0), "\x1b[H"),
        ((3, 0), (2, 0), "\x1b[A"),
        ((9, 0), (3, 0), "\x1b[6A"),
    ],
)
def test_the_shortest_of_all_motions_is_taken(
    old: tuple[int, int], new: tuple[int, int], motion: str
) -> None:
    begin, end = (row * WIDTH + column for row, column in (old, new))
    assert move(begin, end, WIDTH) == motion
