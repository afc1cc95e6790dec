"""Counts what went to the terminal."""

from __future__ import annotations

import statistics
from collections import deque

RATE_SPAN_S = 3.0


class Meter:
    """Frames, bytes, and the time from a change of the screen to the terminal."""

    def __init__(self) -> None:
        self.frames = 0
        self.bytes_total = 0
        self._painted_at: float | None = None
        self._paint_times: deque[float] = deque(maxlen=101)
        self._recent: deque[tuple[float, int]] = deque()

    def painted(self, now: float) -> None:
        """Note that the screen is being changed."""
        if self._painted_at is None:
            self._painted_at = now

    def sent(self, size: int, now: float, *, painted: bool) -> None:
        """Note a frame."""
        self.bytes_total += size
        self._recent.append((now, size))
        self._trim(now)
        if painted:
            self.frames += 1
            if self._painted_at is not None:
                self._paint_times.append(now - self._painted_at)
                self._painted_at = None

    def rate(self, now: float) -> float:
        """Bytes a second over the last seconds."""
        self._trim(now)
        return sum(size for _, size in self._recent) / RATE_SPAN_S

    @property
    def paint_s(self) -> float:
        """Median time from a change until its frame was handed on."""
        return statistics.median(self._paint_times) if self._paint_times else 0.0

    def _trim(self, now: float) -> None:
        while self._recent and self._recent[0][0] < now - RATE_SPAN_S:
            self._recent.popleft()
