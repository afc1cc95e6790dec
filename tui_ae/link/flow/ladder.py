"""The rungs of quality, and which one suits the measured link."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tui_ae.config import LinkMode


@dataclass(frozen=True, slots=True)
class Rung:
    """How richly the screen is painted."""

    name: str
    image: Literal["truecolor", "grey", "few greys", "braille"]
    """How pictures are drawn."""
    grey_levels: int | None
    """Steps of grey in a picture of half blocks; None for all that the terminal has."""
    sixteen_colours: bool
    """Whether colours come from the set of 16, whose sequences are the shortest."""
    sparse_cloud: bool
    """Whether a cloud is of characters instead of dots, a quarter of the bytes, with no lines."""
    scatter_interval_s: float
    """Least time between repaints of the scatter."""
    picture_interval_s: float
    """The same for pictures: where the link is slow, they would leave the scatter nothing."""
    frame_interval_s: float
    """Least time between background paints."""


RUNGS = (
    Rung("full", "truecolor", None, False, False, 0.42, 0.28, 0.1),
    Rung("good", "grey", 12, False, False, 0.5, 0.28, 0.14),
    Rung("lean", "few greys", 6, True, False, 1.0, 0.4, 0.2),
    Rung("thin", "braille", None, True, False, 2.0, 1.0, 0.25),
    Rung("bare", "braille", None, True, True, 3.0, 3.0, 0.5),
)
LEAST_RATES = (150_000.0, 40_000.0, 12_000.0, 2_500.0, 0.0)
"""Bytes a second that a rung needs for a key to be answered in about a tenth of a second: at
56 kbit/s that leaves 400 bytes, which is a picture in braille but not one in half blocks."""
EARLY_S = 0.02
"""What paints may come so much before an interval is over: waiting for its next tick it would be
late by more."""
FIXED = {"fast": 0, "slow": 3, "9600": 4}
FIRST = 3
SILENT = 2
UP_MARGIN = 1.2
DOWN_AFTER_S = 0.7
UP_AFTER_S = 4.0
MAX_UP_AFTER_S = 512.0
SETTLING_S = 2.0
MAX_PASSED_S = 0.5
"""What the time between two measurements counts for at most."""
REGRET_S, REGRET = 20.0, 3.0
"""A rung that had to be left again so soon after it was taken is tried again later and later, each
time by this factor: a shaped link's bucket speaks for it whenever it has filled up."""


class Ladder:
    """Goes down within a second of evidence and up after several; `--link` fixes it."""

    def __init__(self, mode: LinkMode = "auto") -> None:
        self._fixed = FIXED.get(mode)
        self._index = FIRST if self._fixed is None else self._fixed
        self._first_time: float | None = None
        self._last_time = 0.0
        self._below_s = self._above_s = 0.0
        """How long the rate has spoken for a lower and for a higher rung."""
        self._up_at: float | None = None
        """When a rung was taken that may yet have to be left again."""
        self._up_after_s = UP_AFTER_S

    @property
    def rung(self) -> Rung:
        """The rung to paint on."""
        return RUNGS[self._index]

    def silent(self) -> None:
        """The terminal never answers, so nothing will be measured: take a middling rung."""
        if self._fixed is None and self._first_time is None:
            self._index = SILENT

    def update(self, rate: float, now: float) -> None:
        """Take the link's rate in bytes a second."""
        if self._fixed is not None:
            return
        if self._first_time is None:
            self._first_time = self._last_time = now
        settling = now - self._first_time < SETTLING_S
        # While nothing is sent nothing is measured, and that is no evidence.
        passed_s = min(now - self._last_time, MAX_PASSED_S)
        self._last_time = now
        suits = next(index for index, least in enumerate(LEAST_RATES) if rate >= least)
        climbs = suits if settling else self._climb(rate)
        self._below_s = self._below_s + passed_s if suits > self._index else 0.0
        self._above_s = self._above_s + passed_s if climbs < self._index else 0.0
        if self._up_at is not None and now - self._up_at >= REGRET_S:
            self._up_at, self._up_after_s = None, UP_AFTER_S
        if self._below_s >= DOWN_AFTER_S:
            self._down(suits)
        elif settling and climbs < self._index:
            self._index, self._above_s = climbs, 0.0
        elif self._above_s >= self._up_after_s:
            self._index, self._up_at, self._above_s = self._index - 1, now, 0.0

    def _climb(self, rate: float) -> int:
        """The rung above if the rate exceeds its need with a margin, else this one."""
        above = self._index - 1
        return above if above >= 0 and rate >= LEAST_RATES[above] * UP_MARGIN else self._index

    def _down(self, index: int) -> None:
        if self._up_at is not None:
            self._up_after_s = min(REGRET * self._up_after_s, MAX_UP_AFTER_S)
        self._index, self._up_at, self._below_s, self._above_s = index, None, 0.0, 0.0
