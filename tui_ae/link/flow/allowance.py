"""What an estimated rate does not tell: how much a link may be given at once, and when it is full.

A shaped link lets a bucket of bytes through at once before it keeps to its rate, and a link with a
deep buffer takes whatever it is given. Both look fast for as long as little is sent.
"""

from __future__ import annotations

from tui_ae.link.flow.estimate import NOISE_S

START_BYTES = 200
BACKGROUND_SHARE, URGENT_SHARE = 1.5, 2.0
"""What may be unanswered, as a multiple of what came through: more, or trust could never grow."""
BUSY_S, BUSY_ANSWERS = 0.25, 2
"""How long, and with how many answers, a link has to be busy to tell its rate."""


class Allowance:
    """The bytes that may be unanswered, whatever the rate: little more than came through before."""

    def __init__(self) -> None:
        self._proved = START_BYTES
        self._halved_time = -1e9

    @property
    def background(self) -> float:
        """Bytes that may be unanswered where no key waits."""
        return BACKGROUND_SHARE * self._proved

    @property
    def urgent(self) -> float:
        """Bytes that may be unanswered at all."""
        return URGENT_SHARE * self._proved

    def passed(self, flight: int) -> None:
        """So many bytes were unanswered at once, and none of them had to queue for long."""
        self._proved = max(self._proved, flight)

    def queued(self, sent_time: float, now: float) -> None:
        """A frame had to queue for long: trust half, once for all that was out together."""
        if sent_time >= self._halved_time:
            self._proved = max(self._proved // 2, START_BYTES)
            self._halved_time = now


class Saturation:
    """The rate of a link that never rests.

    While each frame arrives before the last one is through, what is answered in a time is what the
    link carries, no less and no more.
    """

    def __init__(self) -> None:
        self._since = 0.0
        self._bytes = self._answers = 0

    def rested(self, now: float) -> None:
        """Begin anew at the answer that has just come."""
        self._since = now
        self._bytes = self._answers = 0

    def answer(self, rested_s: float, size: int, now: float) -> float | None:
        """Take an answer.

        Args:
            rested_s: how long, at the most, the link had nothing to do before the answered frame
                arrived; negative where it was busy.
            size: the bytes answered.
            now: the time of the answer.

        Returns:
            The bytes a second, where the link has been busy for long enough.
        """
        if rested_s > -NOISE_S:
            self.rested(now)
            return None
        self._bytes += size
        self._answers += 1
        busy_s = now - self._since
        if self._answers < BUSY_ANSWERS or busy_s < BUSY_S:
            return None
        rate = self._bytes / busy_s
        self.rested(now)
        return rate
