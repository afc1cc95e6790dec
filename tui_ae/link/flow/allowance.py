"""What an estimated rate does not tell: how much a link may be given at once.

A shaped link lets a bucket of bytes through at once before it keeps to its rate, and a link with a
deep buffer takes whatever it is given. Both look fast for as long as little is sent.
"""

from __future__ import annotations

START_BYTES = 200
BACKGROUND_SHARE, URGENT_SHARE = 1.5, 2.0
"""What may be unanswered, as a multiple of what came through: more, or trust could never grow."""


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
