"""Follows who is attached, while something is being written."""

from __future__ import annotations

import threading
from collections.abc import Callable

from tui_ae.link.ssh.clients import Clients

INTERVAL_S = 1.0


class Watch:
    """Finds the clients in a thread of its own, at most once a second, and tells of changes."""

    def __init__(
        self,
        find: Callable[[], Clients],
        told: Callable[[Clients], None],
        interval_s: float = INTERVAL_S,
    ) -> None:
        self._find, self._told, self._interval_s = find, told, interval_s
        self._wanted = threading.Event()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="clients", daemon=True)
        self._thread.start()

    def wanted(self) -> None:
        """Something is being written."""
        self._wanted.set()

    def stop(self, seconds: float) -> None:
        """End the thread, waiting for it no longer than this."""
        self._stopped.set()
        self._wanted.set()
        self._thread.join(seconds)

    def _run(self) -> None:
        known: Clients | None = None
        while not self._stopped.is_set():
            found = self._find()
            if found != known and not self._stopped.is_set():
                known = found
                self._told(found)
            self._wanted.clear()
            if self._stopped.wait(self._interval_s):
                return
            self._wanted.wait()
