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
        self._capacity = capacity
        self._epochs: list[int] = []
        self._losses: list[float] = []
        self._merged = 1
        """Epochs in each kept point."""
        self._tail: list[float] = []
        """Losses of the newest epochs, fewer than make a point."""
        self._count = 0
        self._first = self._best = math.nan

    def add(self, loss: float) -> None:
        """Append the mean loss of the next epoch."""
        self._count += 1
        if self._count == 1:
            self._first = self._best = loss
        self._best = min(self._best, loss)
        self._tail.append(loss)
        if len(self._tail) == self._merged:
            self._epochs.append(self._count)
            self._losses.append(sum(self._tail) / len(self._tail))
            self._tail.clear()
        if len(self._losses) == self._capacity:
            pairs = zip(self._losses[0::2], self._losses[1::2], strict=True)
            self._losses = [(left + right) / 2 for left, right in pairs]
            self._epochs = self._epochs[1::2]
            self._merged *= 2

    def curve(self) -> LossCurve:
        """What is kept, with the newest epoch always as its last point."""
        epochs, losses = list(self._epochs), list(self._losses)
        if self._tail:
            epochs.append(self._count)
            losses.append(self._tail[-1])
        curve = LossCurve(
            np.array(epochs, np.int64), np.array(losses, np.float64), self._first, self._best
        )
        curve.epochs.setflags(write=False)
        curve.losses.setflags(write=False)
        return curve
