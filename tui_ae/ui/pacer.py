"""Which panes training may paint now: words often, pictures less so, the cloud when it fits."""

from __future__ import annotations

from collections.abc import Iterable

from tui_ae.link.link import Link
from tui_ae.ui.panes.base import Pace
from tui_ae.ui.panes.registry import PANES
from tui_ae.ui.quality import CLOUD_PRIORITY, EARLY_S, FRAME_PRIORITY, QUALITIES, Quality

FRAME_S = QUALITIES[0].frame_interval_s
"""The shortest time between two frames of training."""
CURVES_S = QUALITIES[0].cloud_interval_s
"""The same for the cloud and the loss curve, in which nearly every cell changes."""


def _of(pace: Pace) -> frozenset[str]:
    return frozenset(pane.NAME for pane in PANES if pane.PACE is pace)


LIVE = frozenset(pane.NAME for pane in PANES if pane.LIVE)
"""Those in which training goes on while an earlier moment is looked at."""
PICTURES, CURVES, STILL = _of(Pace.PICTURE), _of(Pace.CURVE), _of(Pace.STILL)


def quality(link: Link | None) -> Quality:
    """How richly to paint for a link; without one, as richly as can be."""
    return QUALITIES[link.level if link else 0]


class Pacer:
    """Spreads what training changes over frames, as the link has room for them."""

    def __init__(self) -> None:
        self._frame_at = self._pictures_at = self._curves_at = 0.0

    def claim_frame(self, now_s: float, link: Link | None) -> bool:
        """Claim a frame at `now_s`, a monotonic time; whether it may be painted."""
        if now_s - self._frame_at < FRAME_S - EARLY_S:
            return False
        interval_s = quality(link).frame_interval_s - EARLY_S
        if link is not None and not link.claim(FRAME_PRIORITY, interval_s):
            return False
        self._frame_at = now_s
        return True

    def claim_all(self, now_s: float, link: Link | None) -> bool:
        """Claim a frame in which all changes, the cloud too: only where the one before is out."""
        if now_s - self._frame_at < FRAME_S - EARLY_S:
            return False
        interval_s = quality(link).frame_interval_s - EARLY_S
        if link is not None and not link.claim(CLOUD_PRIORITY, interval_s):
            return False
        self._frame_at = self._pictures_at = self._curves_at = now_s
        return True

    def claim_panes(self, now_s: float, link: Link | None, names: Iterable[str]) -> set[str]:
        """Claim the frame at `now_s`; returns those of the panes `names` whose turn it is."""
        moving = set(names) - STILL
        # Never pictures and curves in one frame: painting is the longest that a key has to wait.
        rich = quality(link)
        pictures = now_s - self._pictures_at >= rich.picture_interval_s
        waited_s = now_s - self._curves_at
        curves = waited_s >= (2 * CURVES_S if pictures else CURVES_S)
        interval_s = rich.cloud_interval_s - EARLY_S
        if curves and (link is None or link.claim(CLOUD_PRIORITY, interval_s)):
            self._curves_at = now_s
            return moving - PICTURES
        if pictures:
            self._pictures_at = now_s
            return moving - CURVES
        return moving - CURVES - PICTURES
