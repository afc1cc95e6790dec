from __future__ import annotations

import threading
import time
from itertools import pairwise

from tui_ae.train.turns import SLICE_S, Turns


def test_two_runs_share_the_time() -> None:
    turns, order, lock = Turns(), [], threading.Lock()
    inside, clashes, done = [0], [0], threading.Event()

    def work(who: int) -> None:
        while not done.is_set():
            with turns.turn(who):
                with lock:
                    inside[0] += 1
                    clashes[0] += inside[0] > 1
                    order.append(who)
                threading.Event().wait(0.002)
                with lock:
                    inside[0] -= 1

    threads = [threading.Thread(target=work, args=(who,)) for who in (0, 1)]
    for thread in threads:
        thread.start()
    threading.Event().wait(20 * SLICE_S)
    done.set()
    for thread in threads:
        thread.join(5)
        assert not thread.is_alive()
    assert clashes == [0]
    share = order.count(0) / len(order)
    assert 0.25 < share < 0.75
    changes = sum(a != b for a, b in pairwise(order))
    # Several parts make a turn.
    assert 2 <= changes < len(order) / 3


def test_a_run_that_rests_holds_up_nobody() -> None:
    turns = Turns()
    with turns.turn(0):
        pass
    began = time.monotonic()
    for _ in range(50):
        with turns.turn(1):
            pass
    assert time.monotonic() - began < 2


def test_an_error_ends_a_turn() -> None:
    turns = Turns()
    try:
        with turns.turn(0):
            raise ValueError
    except ValueError:
        pass
    with turns.turn(1):
        pass
