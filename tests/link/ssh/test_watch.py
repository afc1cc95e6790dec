from __future__ import annotations

import queue
import threading
from collections.abc import Iterator

import pytest

from tui_ae.link.ssh.clients import Clients
from tui_ae.link.ssh.watch import Watch

WAIT_S = 10.0
Watched = tuple[Watch, "queue.Queue[Clients]", "queue.Queue[Clients]", "queue.Queue[None]"]
NEAR, NOBODY = Clients(near=True), Clients()


@pytest.fixture
def watched() -> Iterator[Watched]:
    """A watch, what it finds next, and what it told."""
    finds: queue.Queue[Clients] = queue.Queue()
    told: queue.Queue[Clients] = queue.Queue()
    looked: queue.Queue[None] = queue.Queue()

    def find() -> Clients:
        looked.put(None)
        return finds.get(timeout=WAIT_S)

    watch = Watch(find, told.put, interval_s=0.0)
    yield watch, finds, told, looked
    finds.put(NOBODY)
    watch.stop(WAIT_S)


def test_a_change_is_told_once_and_followed_while_something_is_written(watched: Watched) -> None:
    watch, finds, told, looked = watched
    finds.put(NEAR)
    assert told.get(timeout=WAIT_S) == NEAR
    looked.get(timeout=WAIT_S)
    for found in (NEAR, NEAR, NOBODY):
        watch.wanted()
        # Whoever writes goes on writing: what was said while it looked is not said again.
        while looked.empty():
            watch.wanted()
        looked.get(timeout=WAIT_S)
        finds.put(found)
    assert told.get(timeout=WAIT_S) == NOBODY
    assert told.empty()


def test_it_looks_at_most_once_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: queue.Queue[float] = queue.Queue()

    class Noted(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            if timeout is not None:
                waits.put(timeout)
            return super().wait()

    with monkeypatch.context() as patched:
        patched.setattr(threading, "Event", Noted)
        watch = Watch(lambda: NOBODY, lambda _: None)
    assert waits.get(timeout=WAIT_S) == 1.0
    watch.stop(WAIT_S)
