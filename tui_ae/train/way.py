"""Makes way for the screen where many threads want the cores."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable
from pathlib import Path

LOOK_S = 2.0
"""How often it is looked."""
LEAST_NS = 20_000_000
"""What the screen's thread has to have run for in between to tell anything: nine frames."""
CROWDED = 3.0
"""So many times as long as it ran it has waited for a core where it stands behind several."""
NICER = 5
"""Each step is worth a fifth of the share of a core."""


class Way:
    """Makes the thread that trains nicer once the screen's has to wait long for a core.

    Ten sessions that train on two cores: of the 73 ms that a key took, the screen's thread ran for
    6, and waited for 60 behind the training of all. Alone, or beside a program or two, it hardly
    waits, and training keeps its share of the cores. For good: to take it back needs a privilege.
    """

    def __init__(
        self,
        screen: Path | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Look at what Linux tells of the main thread, which is the screen's.

        Args:
            screen: The file that tells it: nanoseconds that it ran, and that it waited for a core.
            clock: Gives seconds.
        """
        self._screen = screen or Path(f"/proc/self/task/{os.getpid()}/schedstat")
        self._clock = clock
        self._due_at = -math.inf
        self._ran = self._waited = 0
        self._settled = False
        """Whether there is nothing more to look for."""

    def look(self) -> None:
        """Look where it is time, and make the calling thread nicer where the screen's waits."""
        now = self._clock()
        if self._settled or now < self._due_at:
            return
        # After a rest it only begins to look: what was waited for then training was no part of.
        begins = now > self._due_at + LOOK_S
        self._due_at = now + LOOK_S
        before = self._ran, self._waited
        try:
            self._ran, self._waited = map(int, self._screen.read_text().split()[:2])
        except (OSError, ValueError):
            # Another system, or a Linux that doesn't count.
            self._settled = True
            return
        ran, waited = self._ran - before[0], self._waited - before[1]
        if not begins and ran >= LEAST_NS and waited > CROWDED * ran:
            self._settled = True
            # Of this thread alone, as Linux has it.
            nice = os.getpriority(os.PRIO_PROCESS, 0)
            os.setpriority(os.PRIO_PROCESS, 0, min(nice + NICER, 19))
