"""Which panes training may paint now: words often, pictures less so, the cloud when it fits."""

from __future__ import annotations

from collections.abc import Iterable

from tui_ae.link.flow.ladder import EARLY_S, RUNGS
from tui_ae.link.link import Link
from tui_ae.ui.panes.base import Pace
from tui_ae.ui.panes.registry import PANES

FRAME_S = RUNGS[0].frame_interval_s
"""The shortest time between two frames of training."""
CURVES_S = RUNGS[0].scatter_interval_s
"""The same for the cloud and the loss curve, in which nearly every cell changes."""


def _of(pace: Pace) -> frozenset[str]:
    return frozenset(pane.NAME for pane in PANES if pane.PACE is pace)


PICTURES, CURVES, STILL = _of(Pace.PICTURE), _of(Pace.CURVE), _of(Pace.STILL)


class Pacer:
    """Spreads what training changes over frames, as the link has room for them."""

    def __init__(self) -> None:
        self._frame_at = self._pictures_at = self._curves_at = 0.0

    def frame_due(self, now_s: float, link: Link | None) -> bool:
        """Whether a frame may be painted at `now_s`, a monotonic time."""
        if now_s - self._frame_at < FRAME_S - EARLY_S or (link is not None and not link.ready()):
            return False
        self._frame_at = now_s
        return True

    def panes_due(self, now_s: float, link: Link | None, names: Iterable[str]) -> set[str]:
        """Those of the panes `names` whose turn it is in the frame at `now_s`."""
        moving = set(names) - STILL
        # Never pictures and curves in one frame: painting is the longest that a key has to wait.
        rung = RUNGS[0] if link is None else link.rung
        pictures = now_s - self._pictures_at >= rung.picture_interval_s
        waited_s = now_s - self._curves_at
        curves = waited_s >= (2 * CURVES_S if pictures else CURVES_S)
        if curves and (link is None or link.scatter_ready()):
            self._curves_at = now_s
            return moving - PICTURES
        if pictures:
            self._pictures_at = now_s
            return moving - CURVES
        return moving - CURVES - PICTURES
