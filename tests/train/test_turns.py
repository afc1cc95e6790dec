from __future__ import annotations

import itertools
import threading
from collections import Counter
from functools import partial

import pytest

from tests.waiting import BOUND_S, until
from tui_ae.train.turns import LOOK_S, SLICE_S, Turns

BATCHES = 4
"""In a turn."""
BATCH_S = SLICE_S / (BATCHES - 0.5)


class Clock:
    """Time passes as batches are trained, and not while anybody waits."""

    def __init__(self) -> None:
        self.now = 0.0
        self.looks: Counter[str] = Counter()
        """How often each thread has looked."""

    def __call__(self) -> float:
        self.looks[threading.current_thread().name] += 1
        return self.now


def test_two_runs_share_the_time() -> None:
    clock = Clock()
    turns, count = Turns(clock), 4 * BATCHES
    order: list[int] = []
    inside, clashes = [0], [0]

    def work(who: int) -> None:
        other = 1 - who

        def has_all() -> bool:
            return order.count(other) == count

        def looked(before: int) -> bool:
            return clock.looks[str(other)] > before or has_all()

        for _ in range(count):
            with turns.turn(who):
                inside[0] += 1
                clashes[0] += inside[0] > 1
                order.append(who)
                until(lambda: turns.waiting or has_all())
                clock.now += BATCH_S
                looks = clock.looks[str(other)]
                inside[0] -= 1
            # Amid a turn the other one sees that nobody trains, and could begin; after a turn this
            # one asks for more before the other one looks.
            if order[-BATCHES:] != [who] * BATCHES:
                until(partial(looked, looks), pause_s=0.001)

    threads = [threading.Thread(target=work, args=(who,), name=str(who)) for who in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(BOUND_S)
        assert not thread.is_alive()
    assert clashes == [0]
    turn, other = [order[0]] * BATCHES, [1 - order[0]] * BATCHES
    assert order == (turn + other) * 4


def test_a_run_that_rests_holds_up_nobody() -> None:
    """Each look at the clock, of which there is one while somebody waits, takes a millisecond."""
    looks = itertools.count()
    turns = Turns(lambda: next(looks) / 1000)
    with turns.turn(0):
        pass
    began = next(looks)
    with turns.turn(1):
        pass
    assert next(looks) - began <= 1000 * LOOK_S + 6
    # Of 50 turns none has to wait.
    began = next(looks)
    for _ in range(50):
        with turns.turn(1):
            pass
    assert next(looks) - began <= 50 * 4


def test_an_error_ends_a_turn() -> None:
    turns = Turns()
    try:
        with turns.turn(0):
            raise ValueError
    except ValueError:
        pass
    with turns.turn(1):
        pass


def test_a_turn_lasts_a_twentieth_of_a_second_and_is_given_up_by_who_rests() -> None:
    now = 10.0
    turns = Turns(lambda: now)
    with turns.turn(0):
        assert not turns._is_due(0) and not turns._is_due(1)
        now += 0.01
    turns._waiting = {0, 1}
    # Who has the turn goes on, and the other one waits.
    assert turns._is_due(0) and not turns._is_due(1)
    now = 10.0499
    assert turns._is_due(0) and not turns._is_due(1)
    now = 10.0501
    assert not turns._is_due(0) and turns._is_due(1)
    # Alone it needs no turn.
    turns._waiting = {0}
    assert turns._is_due(0)


@pytest.mark.parametrize(
    ("waiting", "rested_s", "due"),
    [({1}, 0.0049, False), ({1}, 0.0051, True), ({0, 1}, 0.0051, False)],
)
def test_who_has_not_come_back_for_five_milliseconds_rests(
    waiting: set[int], rested_s: float, due: bool
) -> None:
    now = 0.0
    turns = Turns(lambda: now)
    with turns.turn(0):
        now = 0.01
    now += rested_s
    turns._waiting = waiting
    assert turns._is_due(1) is due
    assert turns.waiting == waiting


def test_a_turn_begins_when_it_changes_hands_and_when_it_is_over() -> None:
    now = 0.0
    turns = Turns(lambda: now)
    began = []
    for who, now in ((0, 0.0), (0, 0.02), (0, 0.06), (0, 0.08), (1, 0.2), (1, 0.21)):  # noqa: B007 - the clock
        with turns.turn(who):
            began.append(turns._began_s)
    assert began == [0.0, 0.0, 0.06, 0.06, 0.2, 0.2]


def test_a_turn_and_a_rest_are_over_at_their_very_ends() -> None:
    now = 0.0
    turns = Turns(lambda: now)
    with turns.turn(0):
        pass
    turns._waiting = {1}
    for now, due in ((0.0049, False), (0.005, True)):  # noqa: B007 - the clock
        assert turns._is_due(1) is due
    turns._waiting = {0, 1}
    for now, due in ((0.0499, False), (0.05, True)):  # noqa: B007 - the clock
        assert turns._is_due(1) is due and turns._is_due(0) is not due
