"""Which of several levels, each of which needs a rate, suits the one that is measured."""

from __future__ import annotations

from collections.abc import Sequence

UP_MARGIN = 1.2
"""What a level is climbed to only with: on the edge between two levels the noise would decide."""
DOWN_AFTER_S = 0.7
UP_AFTER_S = 4.0
"""How long the rate has to speak for another level. Being too high costs the keys their time, being
too low only beauty, so down is fast and up is slow."""
MAX_UP_AFTER_S = 512.0
SETTLING_S = 2.0
"""In the first seconds the level follows the rate at once, wherever it leads."""
MAX_PASSED_S = 0.5
"""What the time between two measurements counts for at most: in a pause nothing speaks."""
REGRET_S, REGRET = 20.0, 3.0
"""A level that had to be left again so soon after it was taken is tried again later and later, each
time by this factor: a shaped link's bucket speaks for it whenever it has filled up."""


class Ladder:
    """Goes down within a second of evidence and up after several, and never moves if fixed."""

    def __init__(self, least_rates: Sequence[float], level: int, *, fixed: bool = False) -> None:
        """Begin on a level.

        Args:
            least_rates: what each level needs, falling, 0 for the last.
            level: an index of `least_rates`.
            fixed: whether to stay on it for ever.
        """
        self._least_rates = tuple(least_rates)
        self._fixed = fixed
        self.level = level
        """The level to be on now."""
        self._first_time: float | None = None
        self._last_time = 0.0
        self._below_s = self._above_s = 0.0
        """How long the rate has spoken for a lower and for a higher level."""
        self._up_at: float | None = None
        """When a level was taken that may yet have to be left again."""
        self._up_after_s = UP_AFTER_S

    def settle(self) -> None:
        """Follow the rate at once again, for a while: it is another link's."""
        self._first_time = None
        self._below_s = self._above_s = 0.0
        self._up_at, self._up_after_s = None, UP_AFTER_S

    def suppose(self, level: int) -> None:
        """Take a level for as long as nothing has been measured."""
        if not self._fixed and self._first_time is None:
            self.level = level

    def update(self, rate: float, now: float) -> None:
        """Take the rate that was measured at `now`."""
        if self._fixed:
            return
        if self._first_time is None:
            self._first_time = self._last_time = now
        settling = now - self._first_time < SETTLING_S
        # While nothing is sent nothing is measured, and that is no evidence.
        passed_s = min(now - self._last_time, MAX_PASSED_S)
        self._last_time = now
        suits = next(level for level, least in enumerate(self._least_rates) if rate >= least)
        climbs = suits if settling else self._climb(rate)
        self._below_s = self._below_s + passed_s if suits > self.level else 0.0
        self._above_s = self._above_s + passed_s if climbs < self.level else 0.0
        if self._up_at is not None and now - self._up_at >= REGRET_S:
            self._up_at, self._up_after_s = None, UP_AFTER_S
        if self._below_s >= DOWN_AFTER_S:
            self._down(suits)
        elif settling and climbs < self.level:
            self.level, self._above_s = climbs, 0.0
        elif self._above_s >= self._up_after_s:
            self.level, self._up_at, self._above_s = self.level - 1, now, 0.0

    def _climb(self, rate: float) -> int:
        """The level above if the rate exceeds its need with a margin, else this one."""
        above = self.level - 1
        return above if above >= 0 and rate >= self._least_rates[above] * UP_MARGIN else self.level

    def _down(self, level: int) -> None:
        if self._up_at is not None:
            self._up_after_s = min(REGRET * self._up_after_s, MAX_UP_AFTER_S)
        self.level, self._up_at, self._below_s, self._above_s = level, None, 0.0, 0.0
