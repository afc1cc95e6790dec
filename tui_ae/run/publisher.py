"""What a thread hands to the screen: one slot for a snapshot, in which the latest wins."""

from __future__ import annotations

import threading

from tui_ae.run.snapshot import Snapshot


class Publisher:
    """The part of a source that one thread publishes from, and another takes from."""

    def __init__(self) -> None:
        self.superseded = 0
        """Snapshots that a newer one replaced before anybody took them."""
        self._slot: Snapshot | None = None
        self._lock = threading.Lock()

    @property
    def news(self) -> Snapshot | None:
        """The snapshot that `latest` would take, if not a newer one; None for none."""
        return self._slot

    def latest(self) -> Snapshot | None:
        """Take the newest snapshot, or None where nothing new was published."""
        with self._lock:
            snapshot, self._slot = self._slot, None
        return snapshot

    def publish(self, snapshot: Snapshot) -> None:
        """Put a snapshot into the slot, in place of one that nobody took."""
        with self._lock:
            self.superseded += self._slot is not None
            self._slot = snapshot
