"""Which frames are out, and how many bytes may follow them. Pure: the time comes as an argument."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import Enum

from tui_ae.link.flow.allowance import Allowance
from tui_ae.link.flow.estimate import LinkEstimate, Measurement

QUEUE_S = 0.05
"""How long the background that is queued on the link may take to drain."""
URGENT_QUEUE_S = 0.1
"""The same for what a key caused, on top of it."""
QUEUED_S = 0.1
"""A round trip that is this much longer than the shortest one shows a queue."""
LONG_QUEUED_S = 0.3
"""The same for a queue so long that the link is given less at once from then on."""
FLOOR_BYTES = 100
"""A small frame: the least that a window holds beside what is on its way."""
START_FRAMES = 12
"""By so many answers, growing by half each time, the window of a fast link is open. Until then
the rate is not gone by, for too little was sent to tell it."""
FIRST_TIMEOUT_S = 1.2
"""A terminal that has not answered by then is taken for one that never does."""
MIN_TIMEOUT_S = 2.0
TIMEOUT_ROUND_TRIPS = 8.0
"""One that did answer has stalled when an answer takes as long as so many round trips."""
SILENT_WINDOW = 1 << 16
"""Bytes for a terminal that never answers: the rate, not the window, is what limits there."""
SILENT_INTERVAL_S = 0.1
SILENT_QUERY_S = 2.0
"""How often it is asked all the same, for it may only have been slow to start."""
SILENT_RATE = 11_000.0
FIRST_PROBE_S, LAST_PROBE_S = 0.8, 8.0
"""A stalled link is asked again after the first time, then half as often each time, down to the
last: more questions would only lie in the buffers."""
KEY_PROBE_S = 2.0
"""The longest that somebody who presses keys at a stalled link waits for the next question."""
MAX_OUTSTANDING = 256
PARKING_ROWS = 16
"""Frames leave the cursor in one of so many rows below the first. They are few, because a terminal
that has just become smaller, which nobody knows yet, can't put its cursor in a row it lacks."""
PARKING_COLUMNS = 4
"""While answers to frames from before a resize are still out, the cursor is parked from another
column on than before that resize: after so many resizes from the first one again."""


class Contact(Enum):
    """What the terminal's answers say about the link."""

    STARTING = "starting"
    ANSWERING = "answering"
    SILENT = "silent"
    """It has never answered: a fixed rate."""
    STALLED = "stalled"
    """It did answer, and has stopped."""


@dataclass(slots=True)
class SentFrame:
    """A frame whose answer is out."""

    sequence: int
    position: int | None
    """Where the cursor was parked, as a flat number; None after a resize, when it can't match."""
    size: int
    time: float
    delivered: int
    delivered_time: float
    first_sent_time: float
    limited: bool
    flight: int
    """Bytes that were unanswered with this frame."""


class Flow:
    """The window of unanswered bytes, from the link's estimated rate and round trip."""

    def __init__(self) -> None:
        self.estimate = LinkEstimate()
        self.contact = Contact.STARTING
        self.in_flight = 0
        self.last_round_trip_s = 0.0
        self._frames: deque[SentFrame] = deque()
        self._sequence = self._resizes = 0
        self._delivered = 0
        self._delivered_time = self._first_sent_time = 0.0
        self._starting, self._started_with = True, 0
        """Too little is known of the rate to go by it, since the frame of this number."""
        self._heard = False
        self._allowance = Allowance()
        self._last_sent = self._last_query = self._pressed_time = -1e9
        self._progress_time = 0.0
        self._returned_time = -1e9
        """When the last stall ended. Answers to frames from before tell only how long it was, and
        nothing of the link."""
        self._probe_interval_s = FIRST_PROBE_S
        self._probes = 0
        """Questions to a stalled link whose answers may still come."""

    @property
    def awaits(self) -> bool:
        """Whether a report may come: its parts are not to be taken for keys."""
        return self.in_flight > 0 or self._probes > 0

    @property
    def answered(self) -> bool:
        """Whether the terminal has ever answered."""
        return self.contact in (Contact.ANSWERING, Contact.STALLED)

    @property
    def rate(self) -> float:
        """Bytes a second that the link is taken to carry."""
        if self.contact is Contact.SILENT:
            return SILENT_RATE
        rate, trip_s = self.estimate.rate, self.estimate.min_round_trip_s
        if self._starting and trip_s:
            return max(rate, self._allowance.background / (trip_s + QUEUE_S))
        return rate

    @property
    def allowed(self) -> float:
        """Bytes that may be unanswered at all, 0 where nothing was measured yet."""
        if self.contact is Contact.SILENT:
            return float(SILENT_WINDOW)
        return self._allowance.urgent if self.contact is Contact.ANSWERING else 0.0

    @property
    def allowed_background(self) -> float:
        """The same of what no key waits for; of an opening link the pictures are waited for."""
        known = self.contact is Contact.ANSWERING and not self._starting
        return self._allowance.background if known else self.allowed

    @property
    def window(self) -> float:
        """Background bytes that may be unanswered."""
        if self._starting:
            return self._allowance.background
        rate = self.estimate.rate
        # A slow link needs a whole frame beside what is on its way, or it rests between frames.
        carried = rate * self.estimate.min_round_trip_s + max(rate * QUEUE_S, FLOOR_BYTES)
        return min(carried, self._allowance.background)

    @property
    def timeout_s(self) -> float:
        """How long the terminal may stay silent with an answer out."""
        if self.contact is Contact.STARTING:
            return FIRST_TIMEOUT_S
        return max(MIN_TIMEOUT_S, TIMEOUT_ROUND_TRIPS * self.estimate.smooth_round_trip_s)

    def notice_time(self, now: float) -> None:
        """Notice that an answer is overdue; to be called before what depends on the contact."""
        if not self._frames or now - self._since() < self.timeout_s:
            return
        if self.contact is Contact.STARTING and not self._heard:
            self.contact = Contact.SILENT
        elif self.contact in (Contact.STARTING, Contact.ANSWERING):
            self.contact = Contact.STALLED
            self._probe_interval_s = FIRST_PROBE_S

    def _since(self) -> float:
        return max(self._frames[0].time, self._progress_time)

    def room(self, now: float, *, urgent: bool) -> float:
        """Bytes that may go now, 0 for none."""
        if self.contact is Contact.STALLED:
            return 0.0
        if self.contact is Contact.SILENT:
            due = urgent or now - self._last_sent >= SILENT_INTERVAL_S
            return float(SILENT_WINDOW) if due else 0.0
        room = self.window - self.in_flight
        if urgent:
            more = max(FLOOR_BYTES, self.rate * URGENT_QUEUE_S)
            room = min(room + more, self._allowance.urgent - self.in_flight)
        return max(room, 0.0)

    def wants_query(self, now: float) -> bool:
        """Whether the next frame is to ask for an answer."""
        return self.contact is not Contact.SILENT or now - self._last_query >= SILENT_QUERY_S

    def pressed(self, now: float) -> None:
        """Somebody is there and waits."""
        self._pressed_time = now

    def wants_probe(self, now: float) -> bool:
        """Whether a stalled link is to be asked once more: the answer may have been lost."""
        return self.contact is Contact.STALLED and now >= self._probe_time()

    @property
    def is_parked(self) -> bool:
        """Whether the cursor is where the last frame left it: after a resize nobody knows."""
        return bool(self._frames) and self._frames[-1].position is not None

    def probed(self, now: float) -> None:
        """Note that it was asked."""
        self._last_query = now
        self._probes += 1
        self._probe_interval_s = min(2 * self._probe_interval_s, LAST_PROBE_S)

    def _probe_time(self) -> float:
        waited_for = self._pressed_time > self._last_query
        return self._last_query + min(
            self._probe_interval_s, KEY_PROBE_S if waited_for else LAST_PROBE_S
        )

    def next_time(self, now: float) -> float | None:
        """When an overdue answer changes what may be sent, while answers are out."""
        if self.contact is Contact.STALLED:
            return self._probe_time()
        if self.contact is Contact.SILENT:
            return self._last_sent + SILENT_INTERVAL_S
        return self._since() + self.timeout_s if self._frames else None

    def next_position(self, width: int, height: int) -> int | None:
        """The flat position that encodes the next sequence number, None where there is no room.

        Never in the first row: a report from there reads like F3 with a modifier key. The first
        columns make the shortest sequences.
        """
        rows = min(height - 1, PARKING_ROWS)
        if rows < 1:
            return None
        begin = (1 + self._sequence % rows) * width
        end = begin + width
        taken = {frame.position for frame in self._frames}
        if None in taken:
            # Answers to frames from before a resize are still to come, from the first columns.
            begin += min(self._resizes % PARKING_COLUMNS, width - 1)
        return next((at for at in range(begin, end) if at not in taken), None)

    def sent(self, size: int, now: float, position: int | None, *, limited: bool) -> None:
        """Note a frame; with a position it is one whose answer is out."""
        self._last_sent = now
        if position is None:
            return
        self._last_query = now
        if not self._frames:
            self._first_sent_time = self._delivered_time = now
        if len(self._frames) >= MAX_OUTSTANDING:
            self.in_flight -= self._frames.popleft().size
        self._frames.append(
            SentFrame(
                self._sequence,
                position,
                size,
                now,
                self._delivered,
                self._delivered_time,
                self._first_sent_time,
                limited,
                self.in_flight + size,
            )
        )
        self._sequence += 1
        self.in_flight += size

    def answer(self, position: int, now: float) -> bool:
        """Take a report; false if no frame is waiting for it (late, twice, or not ours)."""
        # What was read before a frame went is the answer to another, however long it lay about.
        out = (frame for frame in self._frames if frame.time <= now)
        match = next((frame for frame in out if frame.position == position), None)
        if match is None and self._frames and self._frames[0].position is None:
            # After a resize nobody can tell which of the older frames it is: the first, at least.
            match = self._frames[0]
        if match is None:
            self._probes = max(self._probes - 1, 0)
            return False
        if self.contact is Contact.STALLED:
            self.estimate.skip(now - self._since())
            self._returned_time = now
            self._allowance.queued(match.time, now)
        elif match.time >= self._returned_time:
            # Whatever was asked before this frame has been answered, or never will be.
            self._probes = 0
        while self._frames and self._frames[0].sequence <= match.sequence:
            frame = self._frames.popleft()
            self._delivered += frame.size
            self.in_flight -= frame.size
        self._delivered_time = self._progress_time = now
        self._first_sent_time = max(match.time, self._returned_time)
        self.contact = Contact.ANSWERING
        if match.time >= self._returned_time:
            self._learn(match, now)
        return True

    def _learn(self, frame: SentFrame, now: float) -> None:
        """Take a sample from a frame that no stall held up."""
        trip = now - frame.time
        self.last_round_trip_s = trip
        elapsed = max(frame.time - frame.first_sent_time, now - frame.delivered_time, 1e-4)
        rate = (self._delivered - frame.delivered) / elapsed
        estimate = self.estimate
        shortest = min(estimate.min_round_trip_s or trip, trip)
        queued = trip - shortest > QUEUED_S
        measured = Measurement(now, trip, frame.size, rate, frame.limited or queued)
        estimate.add(measured, starting=self._starting)
        number = frame.sequence - self._started_with
        self._starting = self._starting and not queued and number < START_FRAMES
        if not queued:
            self._allowance.passed(frame.flight)
        elif trip - shortest > LONG_QUEUED_S:
            self._allowance.queued(frame.time, now)

    def forget_positions(self) -> None:
        """After a resize the terminal may report other places for the frames that are out."""
        self._resizes += bool(self._frames)
        for frame in self._frames:
            frame.position = None

    def heard(self) -> None:
        """The terminal has answered, though what it answers for is not there yet."""
        self._heard = True

    def relearn(self, now: float) -> None:
        """The link is another one: what was learned, and frames from before, tell nothing of it."""
        self.estimate, self._allowance = LinkEstimate(), Allowance()
        self._starting, self._started_with = True, self._sequence
        self._returned_time = now

    def restart(self) -> None:
        """The terminal was away: what was out will never be answered."""
        self._drop_frames()
        if self.contact is not Contact.STARTING:
            self.contact = Contact.ANSWERING if self.answered else Contact.STARTING

    def _drop_frames(self) -> None:
        self._frames.clear()
        self.in_flight = self._probes = 0
