"""When the screen looks for what is new: often while something goes on, seldom at rest."""

from __future__ import annotations

import time
from collections.abc import Callable

from textual.message_pump import MessagePump

TICK_S = 1 / 20
"""The time between two looks while something goes on, or a person is at it."""
REST_S = 1 / 4
"""The same at rest: a look takes a quarter of a millisecond, and thirty may share a server."""
STILL_S = 2.0
"""At rest is where nothing has gone on for so long, and no key has come."""


class Clock:
    """Calls one function over and over."""

    def __init__(
        self,
        owner: MessagePump,
        look: Callable[[], None],
        goes_on: Callable[[], bool],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin to call `look` in the thread of `owner`, whose timers are used.

        Args:
            owner: A running app or widget.
            look: Looks for what is new.
            goes_on: Whether there may be something new at any time.
            now: Gives seconds.
        """
        self._look = look
        self._goes_on = goes_on
        self._now = now
        self._stirred_at = now()
        self.rests = False
        """Whether it looks but seldom."""
        self._often = owner.set_interval(TICK_S, self._tick)
        owner.set_interval(REST_S, self._tick_at_rest)

    def stir(self) -> None:
        """Look often from now on: somebody is at it."""
        self._stirred_at = self._now()
        if self.rests:
            self.rests = False
            self._often.resume()

    def _tick(self) -> None:
        self._look()
        if self._goes_on():
            self.stir()
        elif self._now() - self._stirred_at > STILL_S:
            self.rests = True
            self._often.pause()

    def _tick_at_rest(self) -> None:
        if not self.rests:
            return
        self._look()
        if self._goes_on():
            self.stir()
