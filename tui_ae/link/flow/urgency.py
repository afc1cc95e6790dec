"""Which cells a key changed: they go ahead of what training paints."""

from __future__ import annotations

import numpy as np

from tui_ae.link.grids import Cells, Flags

URGENT_S = 0.15
"""What is painted within this time of a key is taken for its answer."""
SECOND_PAINT_S = 0.05
"""A second paint for the same key may follow the first, but not much later: what comes then is
taken for training's."""


class Urgency:
    """Tells a key's paint from the background's by the time, and keeps the cells that differ."""

    def __init__(self, width: int, height: int) -> None:
        self.cells: Flags = np.zeros((height, width), bool)
        """(height, width), those that a key changed, until the terminal shows them."""
        self._key_time = self._until = self._offered = -1e9

    def note_key(self, now: float, seconds: float = URGENT_S) -> None:
        """A key was pressed, and what is painted within some seconds is its answer."""
        self._key_time, self._until = now, now + seconds

    def note_background(self, now: float) -> None:
        """What is painted next is the background, until another key."""
        self._offered = now

    def expects_paint(self, now: float) -> bool:
        """Whether a key's paint may yet come."""
        return now < self._until

    def copy_before(self, cells: Cells, now: float) -> Cells | None:
        """The cells as they are, where a key may be what changes them next."""
        mine = self.expects_paint(now) and self._offered <= self._key_time
        return cells.copy() if mine else None

    def note_after(self, before: Cells | None, cells: Cells, now: float) -> None:
        """Note what differs from `before`."""
        if before is None:
            return
        differs = before != cells
        if differs.any():
            self.cells |= differs
            self._until = min(self._until, now + SECOND_PAINT_S)

    def clear(self, width: int, height: int) -> None:
        """Forget the cells; the screen has this size now."""
        self.cells = np.zeros((height, width), bool)
