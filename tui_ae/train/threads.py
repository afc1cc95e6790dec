"""How many threads share a matrix product: one or two, whichever is quicker at the moment."""

from __future__ import annotations

import os
import statistics
import time
from collections import deque
from collections.abc import Callable

import torch

MOST = 2
"""More threads than this wait for each other longer than they save on matrices this small."""
REMEMBERED = 9
TRIAL = 5
"""Mini-batches of a trial; the first of them, in which threads start, doesn't count."""
GAIN = 0.95
"""A trial has to take less than this share of the time to be followed."""
FIRST_TRIAL_S, LAST_TRIAL_S = 1.0, 16.0
"""Trials come less and less often while they change nothing."""
HOPELESS = 3.0
"""A trial that takes so many times as long ends at once."""


class ThreadCount:
    """Follows the load of the machine, for two threads gain little on a busy one and may lose all.

    Measured on two cores: alone, two threads take 0.6 of the time of one; beside one busy
    process the same in the mean, but now and then three times as long; beside two, five times.
    """

    def __init__(
        self,
        counts: tuple[int, ...],
        *,
        clock: Callable[[], float] = time.monotonic,
        use: Callable[[int], None] = torch.set_num_threads,
    ) -> None:
        """Choose among `counts`, the first to begin with; `use` puts a count to work."""
        self._counts = counts
        self._clock = clock
        self._use = use
        self._index = 0
        self._trial: int | None = None
        self._times: deque[float] = deque(maxlen=REMEMBERED)
        self._trial_times: list[float] = []
        self._interval_s = FIRST_TRIAL_S
        self._due_at = clock() + FIRST_TRIAL_S
        use(self.count)

    @property
    def count(self) -> int:
        """The threads that the next mini-batch has."""
        return self._counts[self._index if self._trial is None else self._trial]

    def spent(self, seconds: float) -> None:
        """Note what a mini-batch took, and change the count where that promises something."""
        if self._trial is not None:
            self._trial_times.append(seconds)
            if self._trial_is_over():
                self._judge()
            return
        self._times.append(seconds)
        if (
            len(self._counts) > 1
            and len(self._times) == REMEMBERED
            and self._clock() > self._due_at
        ):
            self._trial = (self._index + 1) % len(self._counts)
            self._trial_times = []
            self._use(self.count)

    def _trial_is_over(self) -> bool:
        usual = statistics.median(self._times)
        return len(self._trial_times) == TRIAL or self._trial_times[-1] > HOPELESS * usual

    def _judge(self) -> None:
        assert self._trial is not None
        measured = self._trial_times[1:]
        better = len(measured) == TRIAL - 1 and (
            statistics.median(measured) < GAIN * statistics.median(self._times)
        )
        if better:
            self._index = self._trial
            self._times.clear()
        self._interval_s = FIRST_TRIAL_S if better else min(2 * self._interval_s, LAST_TRIAL_S)
        self._due_at = self._clock() + self._interval_s
        self._trial = None
        self._use(self.count)


def available_cores() -> int:
    """Cores that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def counts_that_agree(results: Callable[[], torch.Tensor]) -> tuple[int, ...]:
    """The counts, the largest first, with which `results` gives the same bits as with one thread.

    Only among those may a run change: the same settings have to give the same losses. Libraries
    that split a sum between threads would differ in the last bit.
    """
    torch.set_num_threads(1)
    expected = results().clone()
    agreeing = []
    for count in range(min(MOST, available_cores()), 1, -1):
        torch.set_num_threads(count)
        if torch.equal(results(), expected):
            agreeing.append(count)
    return (*agreeing, 1)
