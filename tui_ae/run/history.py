"""A series of losses in bounded memory."""

from __future__ import annotations

import math

import numpy as np

from tui_ae.run.checkpoint import Checkpoint
from tui_ae.run.snapshot import LossCurve

CAPACITY = 2048
"""Points kept: more than a screen has columns, and a day of epochs merges into them."""


class LossHistory:
    """Adds losses in turn; when it is full, neighbouring points merge into their mean."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        """Keep at most `capacity` points, an even number of them."""
        if capacity < 2 or capacity % 2:
            raise ValueError(f"capacity {capacity}: points merge in pairs")
        self._capacity = capacity
        self._epochs = np.zeros(capacity, np.int64)
        self._losses = np.zeros(capacity)
        self._kept = 0
        """How many points of these two are in use."""
        self._merged = 1
        """Losses in each kept point."""
        self._tail: list[float] = []
        """The newest losses, up to as many as make a point."""
        self._epoch = 0
        """That of the newest loss."""
        self._first = self._best = math.nan

    def add(self, epoch: int, loss: float) -> None:
        """Append the mean loss of an epoch after those that were added before."""
        # The newest loss stays out of the merged points, so that the curve ends in it exactly.
        if len(self._tail) == self._merged:
            self._epochs[self._kept] = self._epoch
            self._losses[self._kept] = math.fsum(self._tail) / self._merged
            self._kept += 1
            self._tail.clear()
            if self._kept == self._capacity:
                self._halve()
        if not self._epoch:
            self._first = self._best = loss
        self._epoch = epoch
        self._best = min(self._best, loss)
        self._tail.append(loss)

    def _halve(self) -> None:
        self._kept = self._capacity // 2
        self._losses[: self._kept] = (self._losses[0::2] + self._losses[1::2]) / 2
        self._epochs[: self._kept] = self._epochs[1::2]
        self._merged *= 2

    def curve(self) -> LossCurve:
        """What is kept; its last point is the newest epoch with its own loss."""
        # Copies of all the room, so that each fits into the memory that an older one has left.
        epochs, losses = self._epochs.copy(), self._losses.copy()
        points = self._kept
        if self._tail:
            epochs[points], losses[points] = self._epoch, self._tail[-1]
            points += 1
        epochs.setflags(write=False)
        losses.setflags(write=False)
        return LossCurve(epochs[:points], losses[:points], self._first, self._best)

    def checkpoint(self) -> Checkpoint:
        """All that `restore` needs, in copies."""
        return {
            "epochs": self._epochs[: self._kept].copy(),
            "losses": self._losses[: self._kept].copy(),
            "tail": np.array(self._tail),
            "merged_epoch": np.array([self._merged, self._epoch]),
            "first_best": np.array([self._first, self._best]),
        }

    def restore(self, checkpoint: Checkpoint) -> None:
        """Go on from a `checkpoint` of a history of the same capacity.

        Raises:
            KeyError: it lacks something.
            ValueError: something in it has another shape, or can't be.
        """
        merged, epoch = (int(number) for number in checkpoint["merged_epoch"].tolist())
        kept, tail = checkpoint["epochs"].shape, checkpoint["tail"]
        sound = len(kept) == tail.ndim == 1 and merged > 0 and len(tail) <= merged
        if not sound or kept[0] >= self._capacity or epoch < 0:
            raise ValueError(f"a curve of {kept} points can't be")
        self._kept = kept[0]
        self._epochs[: self._kept] = checkpoint["epochs"]
        self._losses[: self._kept] = checkpoint["losses"]
        self._tail = [float(loss) for loss in tail.tolist()]
        self._merged, self._epoch = merged, epoch
        self._first, self._best = (float(loss) for loss in checkpoint["first_best"].tolist())
