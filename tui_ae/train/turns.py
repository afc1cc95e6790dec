"""Lets several runs of one process train in turns, so that they share its cores fairly."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

SLICE_S = 0.05
"""The length of a turn: to hand over after each mini-batch would take as long as they do."""
LOOK_S = 0.005
"""How often a run that waits looks whether the other one has stopped taking turns."""


class Turns:
    """Whoever has had a whole turn lets others go first; who pauses holds up nobody."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._changed = threading.Condition()
        self._last: int | None = None
        self._began_s = self._ended_s = -1.0
        self._busy = False
        self._waiting: set[int] = set()

    @property
    def waiting(self) -> frozenset[int]:
        """The runs that want a part of a turn and have not been given it yet."""
        with self._changed:
            return frozenset(self._waiting)

    @contextmanager
    def turn(self, who: int) -> Iterator[None]:
        """A part of the turn of the run numbered `who`, such as a mini-batch."""
        with self._changed:
            self._waiting.add(who)
            while not self._is_due(who):
                self._changed.wait(LOOK_S)
            self._waiting.discard(who)
            if self._last != who or self._is_over():
                self._began_s = self._clock()
            self._last, self._busy = who, True
        try:
            yield
        finally:
            with self._changed:
                self._busy, self._ended_s = False, self._clock()
                self._changed.notify_all()

    def _is_over(self) -> bool:
        return self._clock() - self._began_s >= SLICE_S

    def _is_due(self, who: int) -> bool:
        if self._busy:
            return False
        if self._last is None or self._last == who:
            # After a whole turn others that wait come first.
            return not self._is_over() or self._waiting == {who}
        rests = self._last not in self._waiting and self._clock() - self._ended_s >= LOOK_S
        return self._is_over() or rests
