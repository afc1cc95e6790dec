"""Walks through the kept moments of a run while it goes on."""

from __future__ import annotations

from collections.abc import Iterator

from tui_ae.run.snapshot import Snapshot
from tui_ae.run.source import Source
from tui_ae.run.timeline import Moment, as_snapshot
from tui_ae.ui.explorer import Explorer

SPEEDS = (2, 5, 10)
"""Moments a second of a replay, on a link that carries them: no more than there are frames."""


class Past:
    """Shows moments in the explorer; their codes come in pieces where there are many images."""

    def __init__(self, source: Source, explorer: Explorer) -> None:
        self._source = source
        self._explorer = explorer
        self._filling: Iterator[Snapshot] | None = None
        """Brings the rest of the codes of the moment that is shown."""
        self._speed = 0
        """Place among SPEEDS, from 1 on; 0 where nothing is replayed."""
        self._next_s = 0.0

    @property
    def moments(self) -> tuple[Moment, ...]:
        """All that are kept of the run on the screen, up to what it shows as the newest.

        On a slow link that is older than the newest of all.
        """
        live = self._explorer.live
        if live is None:
            return ()
        return tuple(moment for moment in self._source.timeline if moment.epoch <= live.epoch)

    @property
    def goes_on(self) -> bool:
        """Whether more comes by itself: a replay, or the rest of a moment's codes."""
        return bool(self._speed) or self._filling is not None

    @property
    def speed(self) -> str:
        """How fast the replay is, in words; '' where there is none."""
        return f"{SPEEDS[self._speed - 1]} a second" if self._speed else ""

    def move(self, by: int, now_s: float) -> bool:
        """Go `by` moments on, or back; past the last one is the newest snapshot. False if none."""
        moments, live = self.moments, self._explorer.live
        if live is None or self._stand_at(moments[:1], live):
            return False
        past = self._explorer.past
        if past is None:
            at = len(moments) + by
            # The newest of them may be what stands on the screen already.
            if self._stand_at(moments[-1:], live):
                at -= 1
        else:
            before = sum(moment.epoch < past.epoch for moment in moments)
            here = before < len(moments) and moments[before].epoch == past.epoch
            at = before + by - (0 if here or by < 0 else 1)
        if at >= len(moments):
            self.leave(now_s)
        else:
            self._show(moments[max(at, 0)], now_s)
        return True

    def first(self, now_s: float) -> bool:
        """Go to the first moment; False if there is none that is over."""
        moments, live = self.moments, self._explorer.live
        if live is None or self._stand_at(moments[:1], live):
            return False
        self._show(moments[0], now_s)
        return True

    @staticmethod
    def _stand_at(moments: tuple[Moment, ...], live: Snapshot) -> bool:
        """Whether the newest snapshot is no later than one of them, or there is none."""
        return not moments or (moments[0].epoch == live.epoch and not live.batch)

    def leave(self, now_s: float) -> None:
        """Go back to the newest snapshot, and stop a replay."""
        self._filling, self._speed = None, 0
        self._explorer.look_back(None, now_s)

    def replay(self, by: int, now_s: float) -> bool:
        """Replay faster or slower; a first time begins, from the first moment where none is shown.

        Returns:
            False if there is nothing to replay.
        """
        if self._explorer.past is None:
            # A replay that a reset has ended goes on no more.
            self._speed = 0
            if by < 0:
                return True
            if not self.first(now_s):
                return False
        self._speed = min(max(self._speed + by, 0), len(SPEEDS))
        self._next_s = now_s + (1 / SPEEDS[self._speed - 1] if self._speed else 0)
        return True

    def replays(self, now_s: float) -> bool:
        """Whether a replay is to go on now, if the link allows."""
        if self._explorer.past is None:
            self._speed = 0
        return bool(self._speed) and now_s >= self._next_s and self._filling is None

    def go_on(self, now_s: float) -> None:
        """Show the next moment of a replay."""
        # From when it was due: the clock of the screen is coarse.
        self._next_s = max(self._next_s + 1 / SPEEDS[max(self._speed, 1) - 1], now_s)
        self.move(1, now_s)

    def fill(self, now_s: float) -> bool:
        """Bring some more codes of the moment that is shown; False where all are there."""
        if self._filling is None:
            return False
        snapshot = next(self._filling, None)
        if snapshot is None or self._explorer.past is None:
            self._filling = None
            return False
        self._explorer.look_back(snapshot, now_s)
        return True

    def _show(self, moment: Moment, now_s: float) -> None:
        live, dataset = self._explorer.live, self._explorer.dataset
        assert live is not None and dataset is not None
        held_out = dataset.held_out.images if dataset.held_out else None
        self._filling = as_snapshot(moment, live, dataset.images, held_out)
        self._explorer.look_back(next(self._filling), now_s)
