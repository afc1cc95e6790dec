"""How many threads share a matrix product: as many as are quickest at the moment."""

from __future__ import annotations

import math
import os
import statistics
import time
from collections.abc import Callable

import torch

COUNTS = (4, 2)
"""What is tried beside one thread. More than four wait for each other longer than they save on
matrices this small."""
# Intel's library otherwise splits its sums by the number of threads. It reads this at its first
# product; in its strict mode, which costs nothing measurable here, no bit depends on that number.
os.environ.setdefault("MKL_CBWR", "AUTO,STRICT")
ROUNDS, BLOCK = 4, 5
"""A trial lets all counts take turns, so many times, for so many mini-batches; the first one of
each turn, in which threads start, doesn't count."""
GAIN = 0.93
"""A trial has to take less than this share of the time to be followed."""
LOOK, SLOWER = 16, 1.25
"""So many mini-batches are looked at together; a trial follows where they take so many times as
long as they should."""
LOOK_LEAST = 3
"""So many are enough where they took as long as LOOK slower ones: one alone may have had to wait
for something else."""
RARELY_S = 16.0
"""The time between two trials while nothing speaks for one."""
OFTEN_S = 2.0
"""The same with fewer threads than there could be: that more would help again, only trials show."""
REST = 15.0
"""And then at least so many times as long as a trial took."""
PAUSE_S = 0.5
"""The shortest time between two trials."""
HOPELESS = 3.0
"""A turn that takes so many times as long as another count's ends the trial of its count there."""
ENDLESS = 10.0
"""A mini-batch that takes so many times as long as it should is not waited for."""


class ThreadCount:
    """Follows the load of the machine, for two threads gain little on a busy one and may lose all.

    Measured on two cores: alone, two threads take 0.65 of the time of one; beside a second run of
    this program up to 75 times as long. On a rented machine two cores are, for seconds at a time,
    far from each other's cache, and then two threads take 1.2 times as long as one. On sixteen
    cores, four threads take 0.6 of the time of one.

    How long threads wait for each other before they sleep is left to OpenMP, some milliseconds: the
    screen takes a core for as long ten times a second. One that sleeps through that may be woken on
    the other's core, and for 10 to 20 ms they share it. With 0.1 ms of waiting that cost up to a
    tenth of the speed.
    """

    def __init__(
        self,
        counts: tuple[int, ...],
        *,
        clock: Callable[[], float] = time.monotonic,
        use: Callable[[int], None] = torch.set_num_threads,
    ) -> None:
        """Choose among `counts`, the largest first, by a trial to begin with.

        Args:
            counts: Different ones.
            clock: Gives seconds.
            use: Puts a count to work.
        """
        self.counts = counts
        """Among which it chooses, the largest first."""
        self._clock = clock
        self._use = use
        self._index = 0
        """Which of the counts it is outside trials."""
        self._turns: list[int] = []
        """Which counts, by their index, are still to have their turn in the present trial."""
        self._left: int
        """How many mini-batches the present turn still has."""
        self._turn_s: float
        """What it took so far."""
        self._began: float
        """When the present trial began."""
        self._times: dict[int, list[float]] = {}
        """What mini-batches took in the present trial, of the counts that have some hope."""
        self._recent: list[float] = []
        self._best = math.inf
        """What a mini-batch should take: the least median since and in the last trial."""
        self._backoff_s = OFTEN_S
        self._batch_began = 0.0
        self._hurried = False
        self._alone = False
        """Whether the rest of the present mini-batch was left to one thread."""
        self._tried_at = self._due_at = 0.0
        self._try()

    @property
    def count(self) -> int:
        """The threads that the next mini-batch has."""
        return self.counts[self._turns[0] if self._turns else self._index]

    def hurry(self) -> None:
        """Leave the rest of the present mini-batch, the last one, to one thread; from any thread.

        On a machine with much else to do two may wait for each other for seconds.
        """
        self._hurried = True

    def begin(self) -> None:
        """Note that a mini-batch begins."""
        self._batch_began = self._clock()

    def look(self) -> None:
        """Within a mini-batch: leave its rest to one thread where it takes far too long.

        On two cores with eight other programs on them, one whole mini-batch of two threads took up
        to ten seconds.
        """
        if self._alone or len(self.counts) == 1 or self.count == 1:
            return
        if self._hurried or self._clock() - self._batch_began > ENDLESS * self._expected():
            self._alone = True
            self._use(1)

    def _expected(self) -> float:
        """What a mini-batch takes, as far as is known."""
        others = [statistics.median(times) for times in self._times.values() if times]
        return min([self._best, *others])

    def spent(self, seconds: float) -> None:
        """Note what a mini-batch took, and change the count where that promises something."""
        if len(self.counts) == 1:
            return
        alone, self._alone = self._alone, False
        if not self._turns:
            # One that would have had no end says as much as many slow ones.
            if self._is_due(seconds) or alone:
                self._try()
            return
        self._turn_s += seconds
        if alone or self._is_hopeless():
            hopeless = self._turns[0]
            self._turns = [index for index in self._turns if index != hopeless]
            del self._times[hopeless]
            self._next_turn()
            return
        if self._left < BLOCK:
            self._times[self._turns[0]].append(seconds)
        self._left -= 1
        if self._left == 0:
            self._turns.pop(0)
            self._next_turn()

    def _is_due(self, seconds: float) -> bool:
        """Whether to try all counts: it is time, or mini-batches have become slower."""
        self._recent.append(seconds)
        looked, slow_s = len(self._recent), SLOWER * self._best
        if looked < LOOK_LEAST or (looked < LOOK and sum(self._recent) < LOOK * slow_s):
            return False
        middle = statistics.median(self._recent)
        self._recent = []
        self._best = min(middle, self._best)
        now = self._clock()
        return now > self._due_at or (middle > slow_s and now > self._tried_at + PAUSE_S)

    def _try(self) -> None:
        """Begin a trial."""
        # The fewest threads first: they are the ones that nothing can hold up for long.
        indices = list(reversed(range(len(self.counts))))
        self._turns = indices * ROUNDS
        self._times = {index: [] for index in indices}
        self._began = self._clock()
        self._begin_turn()

    def _is_hopeless(self) -> bool:
        tried, limit_s = self._turns[0], self._turn_s / (HOPELESS * BLOCK)
        others = [times for index, times in self._times.items() if index != tried and times]
        return any(statistics.median(times) < limit_s for times in others)

    def _next_turn(self) -> None:
        if len(self._times) == 1:
            self._turns = []
        if not self._turns:
            self._decide()
        self._begin_turn()

    def _begin_turn(self) -> None:
        self._left, self._turn_s = BLOCK, 0.0
        self._use(self.count)

    def _decide(self) -> None:
        """End a trial: choose a count, and when to try again."""
        middles = {index: statistics.median(times) for index, times in self._times.items()}
        best = min(middles, key=middles.__getitem__)
        if middles[best] < GAIN * middles.get(self._index, math.inf):
            self._index = best
        self._best = middles[self._index]
        self._tried_at = self._clock()
        self._recent = []
        if len(middles) == 1:
            # None of the others had any hope, and to find that out cost more than it may often.
            rest_s = self._backoff_s = min(2 * self._backoff_s, RARELY_S)
        else:
            self._backoff_s = OFTEN_S
            rest_s = max(OFTEN_S, REST * (self._tried_at - self._began))
        self._due_at = self._tried_at + (min(rest_s, RARELY_S) if self._index else RARELY_S)


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
    for count in COUNTS:
        if count > available_cores():
            continue
        torch.set_num_threads(count)
        if torch.equal(results(), expected):
            agreeing.append(count)
    return (*agreeing, 1)
