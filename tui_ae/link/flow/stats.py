"""What the link does, as a value that a screen can show."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LinkStats:
    """One moment of the link."""

    level: int
    """See `levels.py`; 0 is the best."""
    round_trip_s: float
    """Of the last answered frame; 0 before the first answer."""
    rate: float
    """Bytes a second sent over the last seconds."""
    capacity: float
    """What the link is taken to carry, bytes a second."""
    frames: int
    bytes_total: int
    """Bytes sent to the terminal."""
    paint_s: float
    """Median time from a change of the screen until its frame was handed to the terminal."""
    answered: bool
    """Whether the terminal answers at all."""
    stalled: bool
    """Whether it has stopped answering."""
