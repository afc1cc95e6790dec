"""Waiting for what another thread, or another program, does."""

from __future__ import annotations

import time
from collections.abc import Callable

BOUND_S = 60.0


def until(predicate: Callable[[], object], bound_s: float = BOUND_S, pause_s: float = 0.01) -> None:
    """Return as soon as `predicate`, which is looked at every `pause_s` seconds, holds."""
    end = time.monotonic() + bound_s
    while not predicate():
        assert time.monotonic() < end, "it never came"
        time.sleep(pause_s)
