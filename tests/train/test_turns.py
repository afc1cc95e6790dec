from __future__ import annotations

import itertools
import threading
from itertools import pairwise

from tui_ae.train.turns import LOOK_S, SLICE_S, Turns

BATCH_S = 0.002


class Clock:
    """Time passes as batches are trained, and not while anybody waits."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_two_runs_share_the_time() -> None:
    clock = Clock()
    turns, order, lock = Turns(clock), [], threading.Lock()
    inside, clashes, both = [0], [0], threading.Barrier(2)

    def work(who: int) -> None:
        both.wait(60)
        while clock.now < 20 * SLICE_S:
            with turns.turn(who):
                with lock:
                    inside[0] += 1
                    clashes[0] += inside[0] > 1
                    order.append(who)
                # In which the other one comes to wait for its turn.
                threading.Event().wait(BATCH_S)
                clock.now += BATCH_S
                with lock:
                    inside[0] -= 1
        # Who waits still has its turn, and time goes on for it.
        clock.now += SLICE_S

    threads = [threading.Thread(target=work, args=(who,)) for who in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    assert clashes == [0]
    share = order.count(0) / len(order)
    assert 0.25 < share < 0.75
    changes = sum(a != b for a, b in pairwise(order))
    # Several parts make a turn.
    assert 2 <= changes < len(order) / 3


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
