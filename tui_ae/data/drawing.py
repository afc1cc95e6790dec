"""A drawing that grows stroke by stroke, and forgets them one by one."""

from __future__ import annotations

from collections import deque

import numpy as np

from tui_ae.arrays import FloatArray
from tui_ae.data.arrays import SIDE
from tui_ae.data.pen import draw

MOST_UNDONE = 500
"""Strokes that can be taken back: 3 kB each."""
MIDDLE = (SIDE - 1) / 2
Place = tuple[float, float]
"""(column, row) in pixels: (0, 0) is the middle of the upper left one."""


class Drawing:
    """Ink on 28x28 pixels."""

    def __init__(self) -> None:
        self.ink: FloatArray = _blank()
        """(28, 28) float32 in [0, 1], read-only: each stroke makes another array."""
        self._before: deque[FloatArray] = deque(maxlen=MOST_UNDONE)

    @property
    def is_empty(self) -> bool:
        """Whether there is no ink."""
        return not self.ink.any()

    def begin(self) -> None:
        """Begin a stroke: `undo` goes back to here."""
        self._before.append(self.ink)

    def line(self, start: Place, end: Place, width_px: float, *, erase: bool = False) -> None:
        """Go on with a stroke along a straight line; from a place to itself it leaves a dot.

        Where strokes cross, the stronger one counts, so that a slow stroke gets no stronger than a
        fast one; and what is erased in part keeps the rest.
        """
        ends = np.array([[[start, end]]], np.float64) - MIDDLE
        touched = draw(ends, np.array([width_px / 2]))[0]
        ink = np.minimum(self.ink, 1 - touched) if erase else np.maximum(self.ink, touched)
        ink.flags.writeable = False
        self.ink = ink

    def undo(self) -> bool:
        """Take the last stroke back; False where there is none."""
        while self._before:
            before = self._before.pop()
            if not np.array_equal(before, self.ink):
                self.ink = before
                return True
        return False

    def clear(self) -> bool:
        """Take all ink away, which can be undone; False where there is none."""
        if self.is_empty:
            return False
        self.begin()
        self.ink = _blank()
        return True


def _blank() -> FloatArray:
    ink = np.zeros((SIDE, SIDE), np.float32)
    ink.flags.writeable = False
    return ink
