"""A token bucket over given times."""

from __future__ import annotations


class TokenBucket:
    """Allows `rate` bytes a second in the mean, and `burst` bytes at once."""

    def __init__(self, rate: float, burst: float) -> None:
        self.rate = rate
        self.burst = burst
        self._tokens = burst
        self._time: float | None = None

    def tokens(self, now: float) -> float:
        """Bytes that may go now; negative after a debt."""
        if self._time is not None and now > self._time:
            self._tokens = min(self.burst, self._tokens + (now - self._time) * self.rate)
        self._time = now if self._time is None else max(now, self._time)
        return self._tokens

    def take(self, size: int, now: float) -> None:
        """Note bytes that went."""
        self._tokens = self.tokens(now) - size

    def wait(self, size: float, now: float) -> float:
        """Seconds until `size` bytes (at most the burst) may go."""
        return max(0.0, (min(size, self.burst) - self.tokens(now)) / self.rate)
