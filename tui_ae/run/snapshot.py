"""All that a screen shows of a run, at one moment, as one frozen value."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from tui_ae.arrays import DoubleArray, FloatArray, IntArray
from tui_ae.model.frozen import Network
from tui_ae.run.info import RunInfo

TRAINING = "training"
"""The series of losses over the images that a run trains on."""
HELD_OUT = "held-out"
"""That over images that never train; it may have fewer epochs."""


class State(Enum):
    """What the worker is doing; the value is the word on the screen."""

    IDLE = "idle"
    TRAINING = "training"
    PAUSED = "paused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class LossCurve:
    """The mean losses of finished epochs, thinned where there are many."""

    epochs: IntArray
    """(k,) increasing."""
    losses: DoubleArray
    """(k,) mean loss per pixel."""
    first: float
    """The loss of the first epoch that has one; NaN before it."""
    best: float
    """The lowest loss of any epoch; NaN before epoch 1."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One coherent moment of a run: all panes paint from one of these."""

    info: RunInfo
    """Of the run; a reset begins another, and snapshots of an older run are dropped."""
    state: State
    epoch: int
    """Finished epochs."""
    batch: int
    """Mini-batches done in the running epoch; 0 between epochs."""
    batches: int
    """Mini-batches an epoch, with the active classes."""
    loss: float
    """Mean BCE over the last finished epoch; before epoch 1 that of the untrained network."""
    running_loss: float
    """Mean BCE over the mini-batches of the running epoch so far; NaN where too few are done."""
    curves: Mapping[str, LossCurve]
    """Series of losses by name; TRAINING is always there."""
    codes: FloatArray
    """(n, latent) latent codes of all samples, read-only."""
    held_out_codes: FloatArray
    """(m, latent) those of the held-out samples, read-only; NaN where they have not passed yet."""
    encoder: Network
    decoder: Network
    active_classes: frozenset[int]
    active_samples: int
    """Samples of the active classes: what an epoch passes over."""
    samples_per_second: float
    """Over the last epoch or so; 0.0 before the first mini-batch."""
    failure: str = ""
    """Why training stopped, in one sentence, where state is FAILED."""

    @property
    def held_out_loss(self) -> float:
        """The newest loss of the held-out images; NaN where there is none yet."""
        curve = self.curves.get(HELD_OUT)
        return float(curve.losses[-1]) if curve is not None and len(curve.losses) else math.nan

    @property
    def curve(self) -> LossCurve:
        """The losses of training."""
        return self.curves[TRAINING]
