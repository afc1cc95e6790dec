"""How fast the link is, told from the bytes and times of acknowledged frames.

After BBR (Cardwell et al., "BBR: Congestion-Based Congestion Control", 2016): the round trip is a
minimum and the delivery rate a maximum, each over a window; a sample that the application limited
can raise the rate but never lower it.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

MIN_WINDOW_S = 30.0
RATE_WINDOW_S = 1.0
LIMITED_SAMPLES = 3
"""So many samples that the link itself limited are needed to lower the rate."""
NOISE_S = 0.003
"""Scheduling noise of a round trip: what takes no longer than this is no evidence."""
NOISE_SHARE, MAX_NOISE_S = 0.06, 0.01
"""The same as a share of a longer round trip, and the most that it is taken for."""
SIZE_S = 2e-6
"""What a byte counts for when two round trips are compared, so that of two that took about equally
long the smaller frame is kept as the quickest."""
START_RATE = 1000.0
GROWTH = 2.0
"""One sample raises a known rate by no more than this factor. After a pause a shaped link lets a
little through at once: forty bytes in a millisecond are no forty thousand in a second."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """What one acknowledged frame tells."""

    time: float
    round_trip_s: float
    size: int
    """Bytes of the frame itself."""
    delivery_rate: float
    """Bytes delivered since the frame was sent, over the time that took."""
    limited: bool
    """Whether the link, not the application, decided how much was sent."""


class LinkEstimate:
    """Minimum round trip and delivery rate."""

    def __init__(self) -> None:
        self.rate = START_RATE
        """Bytes a second."""
        self.smooth_round_trip_s = 0.0
        self._round_trips: deque[tuple[float, float, int]] = deque()
        self._rates: deque[tuple[float, float, bool]] = deque()

    @property
    def min_round_trip_s(self) -> float:
        """The shortest round trip of late, 0 before any is known."""
        return self._round_trips[0][1] if self._round_trips else 0.0

    def add(self, measured: Measurement, *, starting: bool = False) -> None:
        """Take a sample; times never go back. While `starting` there is no rate to grow from."""
        trip = measured.round_trip_s
        self.smooth_round_trip_s += (trip - self.smooth_round_trip_s) * (
            0.125 if self._round_trips else 1.0
        )
        self._add_round_trip(measured)
        told = max(measured.delivery_rate, self._serial_rate(measured))
        rate = told if starting else min(told, GROWTH * self.rate)
        self._rates.append((measured.time, rate, measured.limited))
        window_s = max(RATE_WINDOW_S, 4 * self.min_round_trip_s)
        while self._rates[0][0] < measured.time - window_s:
            self._rates.popleft()
        best = max(value for _, value, _ in self._rates)
        if best >= self.rate or sum(limited for *_, limited in self._rates) >= LIMITED_SAMPLES:
            self.rate = max(best, 1.0)

    def skip(self, seconds: float) -> None:
        """Let the samples be as recent as before so long a time, in which there could be none."""
        self._round_trips = deque((t + seconds, trip, size) for t, trip, size in self._round_trips)
        self._rates = deque((t + seconds, rate, limited) for t, rate, limited in self._rates)

    def _add_round_trip(self, measured: Measurement) -> None:
        """A monotonic queue: the first entry is the minimum of the window.

        Of two that took equally long the smaller frame stays, for larger ones to compare with.
        """
        trips = self._round_trips
        handicap_s = measured.round_trip_s + SIZE_S * measured.size
        while trips and trips[-1][1] + SIZE_S * trips[-1][2] >= handicap_s:
            trips.pop()
        trips.append((measured.time, measured.round_trip_s, measured.size))
        while trips[0][0] < measured.time - MIN_WINDOW_S:
            trips.popleft()

    def _serial_rate(self, measured: Measurement) -> float:
        """The rate at which a larger frame than the quickest one took that much longer.

        Without it an application with little to send would never learn that a link is fast.
        """
        _, quickest, size = self._round_trips[0]
        extra = measured.size - size
        if extra < 64:
            return 0.0
        noise_s = min(max(NOISE_S, NOISE_SHARE * quickest), MAX_NOISE_S)
        serial = extra / (measured.round_trip_s - quickest + noise_s)
        return min(serial, 4 * max(self.rate, measured.delivery_rate))
