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


def test_a_paint_that_changes_nothing_is_no_answer_yet() -> None:
    urgency = Urgency(3, 2)
    urgency.note_key(10.0)
    cells = np.zeros((2, 3), np.int64)
    urgency.note_after(urgency.copy_before(cells, 10.0), cells, 10.0)
    assert not urgency.cells.any()
    assert paint(urgency, 10.1)
    assert urgency.cells.sum() == 1
