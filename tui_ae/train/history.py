"""The losses of all epochs in bounded memory."""

from __future__ import annotations

import math

import numpy as np

from tui_ae.train.snapshot import LossCurve

CAPACITY = 4096
"""Points kept: more than a screen has columns, and a day of epochs merges into them."""


class LossHistory:
    """Adds a loss an epoch; when it is full, neighbouring points merge into their mean."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        """Keep at most `capacity` points, an even number of them."""
        if capacity < 2 or capacity % 2:
            raise ValueError(f"capacity {capacity}: points merge in pairs")
        self._capacity = capacity
        self._epochs: list[int] = []
        self._losses: list[float] = []
        self._merged = 1
        """Epochs in each kept point."""
        self._tail: list[float] = []
        """Losses of the newest epochs, up to as many as make a point."""
        self._count = 0
        self._first = self._best = math.nan

    def add(self, loss: float) -> None:
        """Append the mean loss of the next epoch."""
        # The newest loss stays out of the merged points, so that the curve ends in it exactly.
        if len(self._tail) == self._merged:
            self._epochs.append(self._count)
            self._losses.append(math.fsum(self._tail) / self._merged)
            self._tail.clear()
            if len(self._losses) == self._capacity:
                self._halve()
        self._count += 1
        if self._count == 1:
            self._first = self._best = loss
        self._best = min(self._best, loss)
        self._tail.append(loss)

    def _halve(self) -> None:
        pairs = zip(self._losses[0::2], self._losses[1::2], strict=True)
        self._losses = [(left + right) / 2 for left, right in pairs]
        self._epochs = self._epochs[1::2]
        self._merged *= 2

    def curve(self) -> LossCurve:
        """What is kept; its last point is the newest epoch with its own loss."""
        newest = [self._count] if self._count else []
        epochs = np.array(self._epochs + newest, np.int64)
        losses = np.array(self._losses + self._tail[-1:], np.float64)
        epochs.setflags(write=False)
        losses.setflags(write=False)
        return LossCurve(epochs, losses, self._first, self._best)
