"""How many bytes a frame may have: the mean rates, and the time that a key may wait behind it."""

from __future__ import annotations

from tui_ae.config import LinkMode
from tui_ae.link.flow.bucket import TokenBucket
from tui_ae.link.flow.flow import FLOOR_BYTES, SILENT_RATE, Contact, Flow

QUERY = "\x1b[6n"
QUERY_BYTES = 12
"""A move of the cursor and the query for it."""
BACKGROUND_RATE = 22_000.0
FIXED_RATES = {"slow": 7_000.0, "9600": 960.0}
BACKGROUND_INTERVAL_S = 0.04
BACKGROUND_FRAME_S = 0.05
"""More than the interval: the window, not the pace, must be what limits, or the rate that the link
is believed to carry could never grow."""
BIG_FRAME_S, BIG_FRAME_BYTES = 0.02, 2500
"""A frame longer than this many bytes takes no longer than this: a key may come just behind it."""
MAX_FRAME_BYTES = 8192
MIN_FRAME_BYTES = 48 + QUERY_BYTES
"""Less room than this is left alone until there is more."""
MIN_TOKENS = 1760
"""What has to be saved up before training paints on: few frames cost less than many small ones."""
WHOLE_S = 0.1
"""What the link carries in this time is not cut in pieces: half a picture beside the other half of
the next is worse than a short wait."""
FIRST_PAINT_S = 1.5
"""After the screen became unknown, painting it again is not held to the background's rate."""


class Pace:
    """Two buckets, for what training paints and for a fixed mode, and the interval of frames."""

    def __init__(self, flow: Flow, mode: LinkMode, now: float) -> None:
        self._flow = flow
        self._background = TokenBucket(BACKGROUND_RATE, BACKGROUND_RATE)
        fixed = FIXED_RATES.get(mode)
        self._cap = TokenBucket(fixed, fixed / 4) if fixed else None
        self._last_background = -1e9
        self.hurry(now)

    def hurry(self, now: float) -> None:
        """The whole screen has to be painted again."""
        self._hurries_until = now + FIRST_PAINT_S

    def budget(self, now: float, *, urgent: bool, caused: bool) -> float:
        """Bytes that a frame may have now, its query among them, 0 for not yet.

        Args:
            now: the time.
            urgent: whether a key waits for it: it goes ahead of everything.
            caused: whether a key caused it, be it the cloud, which may wait.
        """
        room = self._flow.room(now, urgent=urgent)
        cap = self._cap.tokens(now) if self._cap else float(MAX_FRAME_BYTES)
        if urgent:
            return min(room, cap)
        if now - self._last_background < BACKGROUND_INTERVAL_S:
            return 0.0
        if self._flow.contact is not Contact.STARTING:
            rate = self._flow.rate
            pace = min(rate * BACKGROUND_FRAME_S, max(BIG_FRAME_BYTES, rate * BIG_FRAME_S))
            frame = max(pace, MIN_FRAME_BYTES)
            # What is too little for a frame of its own goes with this one. Else a window of one
            # frame and a half would never be full, and the link never found to carry more.
            cap = min(cap, room if room < frame + MIN_FRAME_BYTES else frame)
        if not caused and now >= self._hurries_until:
            tokens = self._tokens(now)
            cap = min(cap, tokens) if tokens >= MIN_TOKENS else 0.0
        return min(room, cap)

    def carries(self, seconds: float) -> float:
        """Bytes that the link is taken to carry in a time."""
        if self._cap:
            return min(self._flow.rate, self._cap.rate) * seconds
        # Of a terminal that never answers nobody knows what it carries. Few of them are slow.
        return float("inf") if self._flow.contact is Contact.SILENT else self._flow.rate * seconds

    def together(self, *, urgent: bool) -> int:
        """Bytes of a frame that what belongs together may take, whatever the budget."""
        flow = self._flow
        allowed = flow.allowed if urgent else flow.allowed_background
        return int(max(allowed - flow.in_flight, FLOOR_BYTES))

    def whole(self, *, urgent: bool) -> int:
        """Bytes up to which what belongs together goes in one piece, whatever the budget.

        What a key waits for comes in pieces where what is out leaves it no room; training's waits.
        """
        most = self.together(urgent=True) if urgent else self._flow.allowed_background
        # Where it is not known what the link carries, all of a picture takes no longer in one
        # piece than in several.
        return int(min(self.carries(WHOLE_S), most))

    def background_goes(self, now: float) -> None:
        """A frame that no key waits for is being made."""
        self._last_background = now

    def sent(self, size: int, now: float, *, caused: bool) -> None:
        """Account for a frame."""
        if self._cap:
            self._cap.take(size, now)
        if not caused and now >= self._hurries_until:
            self._background.take(size, now)

    def next_time(self, now: float, *, caused: bool) -> float | None:
        """When more may go of what waits, None if only an answer can change that."""
        capped = now + self._cap.wait(FLOOR_BYTES, now) if self._cap else now
        if self._flow.room(now, urgent=False) < MIN_FRAME_BYTES:
            return capped if self._cap else None
        # All of these have to be over; asking before the last of them costs the training thread
        # its lock for nothing.
        moment = max(capped, self._last_background + BACKGROUND_INTERVAL_S)
        if not caused and now >= self._hurries_until:
            self._tokens(now)
            moment = max(moment, now + self._background.wait(MIN_TOKENS, now))
        return moment

    def _tokens(self, now: float) -> float:
        """What training may paint, by the rate for a link as it answers now."""
        silent = self._flow.contact is Contact.SILENT
        self._background.rate = SILENT_RATE if silent else BACKGROUND_RATE
        return self._background.tokens(now)
