"""What is drawn on each level of the link: how pictures and clouds look, how often they come."""

from __future__ import annotations

from dataclasses import dataclass

from tui_ae.link.flow.priorities import LAST_PRIORITY


@dataclass(frozen=True, slots=True)
class Quality:
    """How richly the screen is painted."""

    name: str
    grey_levels: int | None
    """Steps of grey in a picture of half blocks; None for all that the terminal has."""
    braille_images: bool
    """Whether pictures are drawn in braille, in a quarter of the cells that half blocks take."""
    sixteen_colours: bool
    """Whether colours come from the set of 16, whose sequences are the shortest."""
    sparse_cloud: bool
    """Whether a cloud is of characters instead of dots, a quarter of the bytes, with no lines."""
    cloud_interval_s: float
    """Least time between repaints of the cloud."""
    picture_interval_s: float
    """The same for pictures: where the link is slow, they would leave the cloud nothing."""
    frame_interval_s: float
    """Least time between background paints."""


QUALITIES = (
    Quality("full", None, False, False, False, 0.42, 0.28, 0.1),
    Quality("good", 12, False, False, False, 0.5, 0.28, 0.14),
    Quality("lean", 6, False, True, False, 1.0, 0.4, 0.2),
    Quality("thin", None, True, True, False, 2.0, 1.0, 0.25),
    Quality("bare", None, True, True, True, 3.0, 3.0, 0.5),
)
"""One for each level of the link, the best first. At 56 kbit/s a tenth of a second leaves 400
bytes, which is a picture in braille but not one in half blocks."""
EARLY_S = 0.02
"""What paints may come so much before an interval is over: waiting for its next tick it would be
late by more."""
CLOUD_PRIORITY = LAST_PRIORITY
FRAME_PRIORITY = CLOUD_PRIORITY - 1
"""Of all that training paints but the cloud."""
