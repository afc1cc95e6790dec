"""What goes to the terminal next, and what the screen's painter may know about it.

No input or output here: the driver feeds what Textual writes, asks for frames, and passes on the
terminal's reports. Times come from the driver's clock.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from tui_ae.config import LinkMode
from tui_ae.link.cells.clearing import MIN_PAGE, is_over
from tui_ae.link.cells.encoder import Encoder
from tui_ae.link.cells.patch import Patch
from tui_ae.link.cells.screen import MAX_STYLES, ScreenModel
from tui_ae.link.flow.flow import Contact, Flow
from tui_ae.link.flow.levels import UNMEASURED_LEVEL, ladder_of
from tui_ae.link.flow.meter import Meter
from tui_ae.link.flow.pace import MIN_FRAME_BYTES, QUERY, QUERY_BYTES, Pace
from tui_ae.link.flow.priorities import LAST_PRIORITY, Priorities, Region
from tui_ae.link.flow.urgency import Urgency
from tui_ae.link.grids import Cells, Flags

if TYPE_CHECKING:
    from tui_ae.link.flow.stats import LinkStats

SYNC_BEGIN, SYNC_END = "\x1b[?2026h", "\x1b[?2026l"
SYNC_FROM_BYTES = 600
"""Smaller frames can't tear visibly, so they do without the sixteen bytes."""
MAX_STARVED_S = 1.0
"""A key held down keeps the background waiting, but no longer than this."""
NEAR_CELLS = 8
"""So few cells that are not out yet hold up nothing new."""
LARGE_CELLS = 100
"""So many cells of what a key changed in a picture, and the words beside it don't wait for them
where something is out already. Fewer cost less than another frame, of which tmux, SSH and TCP make
some 350 bytes: from 40 cells on, the next key took a fifth longer at 9,600 baud."""
LEAST_WAIT_S = 0.005
"""A frame is asked for no sooner after the last look: each takes the lock from training."""
ARRANGED_S = 0.5
"""What is painted within this time after the regions changed is what they changed for."""
LONG_S = 1.0
"""What takes a key longer than this to bring doesn't stand amid what was there before."""
NEVER = -1e9


class Link:
    """The terminal as the program sees it: a screen that follows as fast as the link carries."""

    def __init__(
        self,
        size: tuple[int, int],
        mode: LinkMode = "auto",
        *,
        erase_paints: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin with a terminal of which nothing is known.

        Args:
            size: its columns and rows.
            mode: whether the level and the rate are measured or fixed.
            erase_paints: whether erasing leaves the current background there.
            clock: gives seconds that never go back.
        """
        width, height = size
        self.flow = Flow()
        self.model = ScreenModel(width, height)
        self.encoder = Encoder(self.model, erase_paints=erase_paints)
        self._clock = clock
        self._ladder = ladder_of(mode)
        self._pace = Pace(self.flow, mode, clock())
        self._priorities = Priorities(width, height)
        self._meter = Meter()
        self._urgency = Urgency(width, height)
        self._claimed: dict[int, float] = {}
        """When painting of a priority was last claimed."""
        self._resume = 0
        self.awaited: tuple[int, int] | None = None
        """The report, (row, column) from 1, that answers the last frame."""

    # What the painter uses.

    def set_regions(self, regions: Sequence[Region]) -> None:
        """Say which parts of the screen go first, and which go together."""
        before = self._priorities.regions
        self._priorities = Priorities(self.model.width, self.model.height, regions)
        if before != self._priorities.regions and self.encoder.is_known:
            # A page, or another arrangement: however long it took, a key asked for it.
            self._urgency.note_key(self._clock(), ARRANGED_S)

    def urgent(self) -> None:
        """A key was pressed: what is painted next goes ahead of the background."""
        now = self._clock()
        self.flow.pressed(now)
        self._urgency.note_key(now)

    def claim(self, priority: int, interval_s: float) -> bool:
        """Claim the link for painting the background up to a priority; the caller then paints it.

        Granted when the last claim of this priority is long enough ago, no key waits, and what was
        painted up to this priority is (nearly) out.

        Args:
            priority: the last of `Region.priority` among what would be painted.
            interval_s: the least time since the last claim.

        Returns:
            Whether it was granted.
        """
        now = self._clock()
        self.flow.notice_time(now)
        if now - self._claimed.get(priority, NEVER) < interval_s or not self._free(now, priority):
            return False
        self._claimed[priority] = now
        self._urgency.note_background(now)
        return True

    @property
    def level(self) -> int:
        """How much the link carries, 0 for the most: how richly it makes sense to paint."""
        return self._ladder.level

    def stats(self) -> LinkStats:
        """What the link does now."""
        from tui_ae.link.flow.stats import LinkStats

        flow, meter = self.flow, self._meter
        return LinkStats(
            level=self.level,
            round_trip_s=flow.last_round_trip_s,
            rate=meter.rate(self._clock()),
            capacity=flow.rate,
            frames=meter.frames,
            bytes_total=meter.bytes_total,
            paint_s=meter.paint_s,
            answered=flow.answered,
            stalled=flow.contact is Contact.STALLED,
        )

    def _free(self, now: float, last_priority: int) -> bool:
        """Whether what was painted up to a priority is (nearly) out and the link has room."""
        starved = now - max(self._claimed.values(), default=NEVER) >= MAX_STARVED_S
        if self._urgency.expects_paint(now) and not starved:
            return False
        if self.flow.room(now, urgent=False) < MIN_FRAME_BYTES:
            return False
        changed = self.encoder.changed()
        if not changed.any():
            return True
        if not starved and (changed & self._urgency.cells).any():
            return False
        return int((changed & (self._priorities.priority <= last_priority)).sum()) <= NEAR_CELLS

    # What the driver uses.

    def feed(self, data: str) -> None:
        """Take what Textual writes."""
        now = self._clock()
        self._meter.painted(now)
        before = self._urgency.copy_before(self.model.cells, now)
        self.model.feed(data)
        self.model.note_wide()
        if self.model.cleared:
            self.model.cleared = False
            self.forget_screen()
        else:
            self._after_painting(before, now)

    def put(self, patch: Patch) -> None:
        """Take changed cells."""
        now = self._clock()
        self._meter.painted(now)
        before = self._urgency.copy_before(self.model.cells, now)
        self.model.put(patch)
        self.model.note_wide()
        self._after_painting(before, now)

    def _after_painting(self, before: Cells | None, now: float) -> None:
        self._urgency.note_after(before, self.model.cells, now)
        if len(self.model.styles.styles) > MAX_STYLES:
            self.encoder.renumber_styles()

    def resize(self, width: int, height: int) -> None:
        """The terminal has, or has had, another size: what it shows is not known any more.

        Of several sizes that come together only the last may be seen, and it may be the old one;
        what a smaller one cut off is gone all the same.
        """
        if (width, height) != (self.model.width, self.model.height):
            self.model.resize(width, height)
            self._priorities = self._priorities.resized(width, height)
        self.flow.forget_positions()
        self.forget_screen()

    def restart(self) -> None:
        """The terminal was somebody else's for a while, or is new."""
        self.flow.restart()
        self.forget_screen()

    def relearn(self) -> None:
        """The terminal is reached through another link."""
        self.flow.relearn(self._clock())
        self._ladder.settle()

    def forget_screen(self) -> None:
        """Nobody knows what the terminal shows: clear it, and paint everything again."""
        self.encoder.reset()
        self._pace.hurry(self._clock())
        self._urgency.clear(self.model.width, self.model.height)
        self._resume = 0

    def report(self, row: int, column: int, now: float) -> bool:
        """Take a cursor report, rows and columns from 1; false if no frame asked for it."""
        position = (row - 1) * self.model.width + column - 1
        if not self.flow.answer(position, now):
            return False
        self._ladder.update(self.flow.estimate.rate, now)
        return True

    def take_passthrough(self) -> str:
        """The sequences that are not about cells, in their order."""
        waiting, self.model.passthrough = self.model.passthrough, []
        return "".join(waiting)

    def next_frame(self) -> bytes | None:
        """The next bytes for the terminal, None if nothing may or needs to go now."""
        now = self._clock()
        self.flow.notice_time(now)
        if self.flow.contact is Contact.SILENT:
            self._ladder.suppose(UNMEASURED_LEVEL)
        changed = self.encoder.changed()
        # What a key changed and something else changed back is no business of the key any more: it
        # looks right as it is, and what training changes there later must not go ahead for it.
        self._urgency.cells &= changed
        head = self.take_passthrough()
        body, limited, caused = "", False, True
        if changed.any():
            body, limited, caused = self._body(changed, now)
        probe = not body and self.flow.wants_probe(now)
        if not (head or body or probe):
            return None
        return self._send(head, body, now, limited=limited, caused=caused, probe=probe)

    def _body(self, changed: Flags, now: float) -> tuple[str, bool, bool]:
        """Sequences for cells, whether the link limited them, and whether a key caused them."""
        urgent = self._urgency.cells & (self._priorities.priority < LAST_PRIORITY)
        is_urgent, is_caused = bool(urgent.any()), bool(self._urgency.cells.any())
        budget = self._pace.budget(now, urgent=is_urgent, caused=is_caused)
        if budget < MIN_FRAME_BYTES:
            return "", False, False
        room = self.flow.room(now, urgent=is_urgent)
        moved = self.encoder.scroll()
        if moved is not None:
            changed = self.encoder.changed()
            if is_caused:
                # What moved and should not have is as urgent as what moved it.
                self._urgency.cells = changed & (self._urgency.cells | moved)
        if is_caused and (blank := self._clear(changed)) is not None:
            changed = self.encoder.changed()
            self._urgency.cells = changed & (self._urgency.cells | blank)
        urgent = self._urgency.cells & (self._priorities.priority < LAST_PRIORITY)
        start = 0
        if is_urgent:
            words = urgent & (self._priorities.unit == 0)
            pictured = int((urgent & ~words).sum())
            if self.flow.in_flight and words.any() and pictured >= LARGE_CELLS:
                # A frame is seen once all of it is there: the picture follows in the next.
                urgent = words
            changed = self._priorities.with_units(urgent, changed)
        else:
            self._pace.background_goes(now)
            if is_caused:
                changed = self._priorities.with_units(self._urgency.cells, changed)
            start = self._resume
        body = self.encoder.encode(
            changed,
            self._priorities.rank,
            int(budget) - QUERY_BYTES,
            start,
            unit=self._priorities.unit,
            whole=self._pace.whole(urgent=is_urgent),
            together=self._pace.together(urgent=is_urgent),
        )
        self._resume = self.encoder.stopped
        return body, self.encoder.size >= room - 2 * QUERY_BYTES, is_caused

    def _clear(self, changed: Flags) -> Flags | None:
        """Blank the parts of the screen that a key makes others, where those take long to come.

        Returns:
            The cells that are blank now, None for none.
        """
        least = self._pace.carries(LONG_S)
        caused = changed & self._urgency.cells
        # Few cells take more than four bytes.
        if 4 * int(caused.sum()) < least:
            return None
        shown, over = self.encoder.shown, np.zeros_like(caused)
        for part in self._priorities.parts:
            over[part] = is_over(shown[part], caused[part])
        if is_over(shown, caused, MIN_PAGE):
            # The regions may be those of before.
            over[:] = True
        if not over.any():
            return None
        # What lies between all regions is left of another arrangement.
        over |= caused & self._priorities.outside
        return over if self.encoder.clear(over, least) else None

    def _send(
        self, head: str, body: str, now: float, *, limited: bool, caused: bool, probe: bool
    ) -> bytes:
        """Add the query, and account for the frame."""
        # Textual asks whether the terminal knows it: one that never answers may all the same.
        synced = self.model.wants_sync or self.flow.contact is Contact.SILENT
        if body and synced and self.encoder.size > SYNC_FROM_BYTES:
            body = f"{SYNC_BEGIN}{body}{SYNC_END}"
        position = None
        if probe:
            self.flow.probed(now)
        if probe and self.flow.is_parked:
            # The cursor stands where the last frame left it: what answers this, answers that too.
            body = QUERY
        elif probe or (body and self.flow.wants_query(now)):
            position = self.flow.next_position(self.model.width, self.model.height)
        if position is not None:
            body += self.encoder.park(position) + QUERY
            row, column = divmod(position, self.model.width)
            self.awaited = (row + 1, column + 1)
        frame = (head + body).encode("utf-8", "replace")
        self.flow.sent(len(frame), now, position, limited=limited)
        self._pace.sent(len(frame), now, caused=caused)
        self._meter.sent(len(frame), now, painted=bool(body) and not probe)
        return frame

    def wake_time(self) -> float | None:
        """When to ask for a frame again if nothing else happens, None for never."""
        now = self._clock()
        self.flow.notice_time(now)
        changed = self.encoder.changed()
        moments = [self.flow.next_time(now)]
        if changed.any():
            caused = bool((changed & self._urgency.cells).any())
            moments.append(self._pace.next_time(now, caused=caused))
        elif self.flow.contact is Contact.SILENT:
            return None
        waits = [max(moment, now + LEAST_WAIT_S) for moment in moments if moment is not None]
        return min(waits, default=None)

    def log_line(self, size: int) -> str:
        """A line for the log file: time, bytes, round trip, rate, level, contact."""
        flow = self.flow
        return (
            f"{self._clock():.3f} {size} {flow.last_round_trip_s * 1000:.1f}ms "
            f"{flow.estimate.rate:.0f}B/s {self.level} {flow.contact.value}\n"
        )
