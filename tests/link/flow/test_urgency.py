"""What is painted soon after a key is its answer."""

import numpy as np

from tui_ae.link.flow.urgency import Urgency


def paint(urgency: Urgency, now: float) -> bool:
    """Change a cell; whether that was taken for the answer to a key."""
    cells = np.zeros((2, 3), np.int64)
    before = urgency.copy_before(cells, now)
    cells[0, 0] = 1
    urgency.note_after(before, cells, now)
    return before is not None


def test_a_second_paint_is_the_answer_too_and_a_later_one_is_the_trainings() -> None:
    urgency = Urgency(3, 2)
    assert not paint(urgency, 9.0)
    urgency.note_key(10.0)
    assert urgency.expects_paint(10.1)
    assert paint(urgency, 10.0)
    assert paint(urgency, 10.03)
    assert not paint(urgency, 10.1)


def test_an_answer_comes_within_150_ms_and_its_second_part_within_50_of_the_first() -> None:
    urgency = Urgency(3, 2)
    urgency.note_key(0.0)
    assert urgency.expects_paint(0.149) and not urgency.expects_paint(0.15)
    urgency.note_key(0.0, 0.5)
    assert urgency.expects_paint(0.499) and not urgency.expects_paint(0.5)
    assert paint(urgency, 0.0)
    assert urgency.expects_paint(0.049) and not urgency.expects_paint(0.05)
    # A late one has no longer than there was.
    urgency.note_key(0.0)
    assert paint(urgency, 0.125)
    assert urgency.expects_paint(0.149) and not urgency.expects_paint(0.15)


def test_a_key_counts_also_in_the_moment_in_which_the_background_was_begun() -> None:
    urgency = Urgency(3, 2)
    urgency.note_background(10.0)
    urgency.note_key(10.0)
    assert paint(urgency, 10.0)
    urgency.note_background(10.01)
    assert not paint(urgency, 10.02)
    urgency.clear(4, 5)
    assert urgency.cells.shape == (5, 4) and not urgency.cells.any()


def test_a_paint_that_changes_nothing_is_no_answer_yet() -> None:
    urgency = Urgency(3, 2)
    urgency.note_key(10.0)
    cells = np.zeros((2, 3), np.int64)
    urgency.note_after(urgency.copy_before(cells, 10.0), cells, 10.0)
    assert not urgency.cells.any()
    assert paint(urgency, 10.1)
    assert urgency.cells.sum() == 1
