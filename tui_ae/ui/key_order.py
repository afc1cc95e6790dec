"""Keys that come in one piece act one after the other."""

from __future__ import annotations

import time
from collections import deque

from textual import events
from textual.app import App

LONGEST_S = 0.5
"""A key that takes longer, or was lost with a screen that has closed, holds up no other."""
MOST = 256
"""Keys that wait, at most: nobody presses as many ahead and still means them."""


class KeyOrder:
    """Lets a key wait until the screen has done what the one before it asked for.

    Textual hands a key to the screen that is in front, whose own task acts on it later, and by then
    the next key may have gone elsewhere: ctrl+p right behind q opened the palette, in which the q
    was lost.
    """

    def __init__(self, app: App[None]) -> None:
        self._app = app
        self._waiting: deque[events.Key] = deque(maxlen=MOST)
        self._called: events.Key | None = None
        """The one that has waited and is on its way again."""
        self._began_s: float | None = None

    def holds(self, key: events.Key) -> bool:
        """Whether the key has to wait; it comes again by itself then."""
        if key is self._called:
            self._called = None
            return False
        if not (self._is_busy() or self._waiting or self._called):
            return False
        self._waiting.append(key)
        self._app.set_timer(LONGEST_S, self._next)
        return True

    def handed_on(self) -> None:
        """A key was given to the screen in front."""
        self._began_s = time.monotonic()
        target = self._app.focused or self._app.screen
        # Behind the key in its queue, and behind what the key itself called.
        target.call_later(self._done)

    def _done(self) -> None:
        self._began_s = None
        self._next()

    def _next(self) -> None:
        if self._waiting and not (self._called or self._is_busy()):
            self._called = self._waiting.popleft()
            self._app.post_message(self._called)

    def _is_busy(self) -> bool:
        return self._began_s is not None and time.monotonic() - self._began_s <= LONGEST_S
