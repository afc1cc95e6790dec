"""Snapshots of small networks of any width, without a trainer."""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np

from tests.ui.scenes import SURVEY
from tui_ae.config import Settings
from tui_ae.data.dataset import Dataset, HeldOut
from tui_ae.data.images import Images
from tui_ae.model.baselines import Survey
from tui_ae.model.frozen import FrozenNetwork
from tui_ae.run.info import RunInfo, begin
from tui_ae.run.snapshot import TRAINING, LossCurve, Snapshot, State
from tui_ae.run.timeline import Moment

PIXELS = 784
CLASSES = 4


def info(width: int = 2, hidden: tuple[int, ...] = (5,)) -> RunInfo:
    return begin(Settings(latent_dim=width, hidden=hidden))


def half(widths: tuple[int, ...], seed: int, *, sigmoid: bool) -> FrozenNetwork:
    """Random weights, so small that nothing saturates."""
    rng = np.random.default_rng(seed)
    weights = [rng.normal(0, 0.1, shape).astype(np.float32) for shape in pairwise(widths)]
    biases = [rng.normal(0, 0.1, units).astype(np.float32) for units in widths[1:]]
    return FrozenNetwork(tuple(weights), tuple(biases), sigmoid)


def moment(epoch: int, run: RunInfo, seed: int | None = None) -> Moment:
    """A moment whose weights follow from its epoch, or from a seed."""
    seed = epoch if seed is None else seed
    widths = run.spec.widths
    encoder = half(widths, 2 * seed, sigmoid=False)
    return Moment(epoch, 1 / (epoch + 1), encoder, half(widths[::-1], 2 * seed + 1, sigmoid=True))


def dataset(count: int = 60, held_out: int = 12) -> Dataset:
    rng = np.random.default_rng(count)
    labels = np.arange(count, dtype=np.int64) % CLASSES
    apart = None
    if held_out:
        apart = HeldOut(
            Images(rng.random((held_out, PIXELS), np.float32)),
            np.arange(held_out, dtype=np.int64) % CLASSES,
            np.arange(held_out, dtype=np.int64),
        )
    names = tuple(str(label) for label in range(CLASSES))
    images = Images(rng.random((count, PIXELS), np.float32))
    return Dataset("digits", images, labels, names, True, held_out=apart)


def curve(epochs: int) -> LossCurve:
    """1/2, 1/3 ... as the losses of so many epochs."""
    counted = np.arange(1, epochs + 1)
    losses = 1 / (counted + 1)
    if not epochs:
        return LossCurve(counted, losses, math.nan, math.nan)
    return LossCurve(counted, losses, 0.5, float(losses.min()))


def snapshot(data: Dataset, at: Moment, run: RunInfo, **changes: Any) -> Snapshot:
    """Where a run stands at a moment: its codes are those of its weights."""
    none = np.empty((0, run.spec.latent_dim), np.float32)
    made = Snapshot(
        info=run,
        state=State.TRAINING,
        epoch=at.epoch,
        batch=3,
        batches=25,
        loss=at.loss,
        running_loss=0.3,
        curves={TRAINING: curve(at.epoch)},
        codes=at.encoder(data.images[:]),
        held_out_codes=at.encoder(data.held_out.images[:]) if data.held_out else none,
        encoder=at.encoder,
        decoder=at.decoder,
        active_classes=frozenset(range(CLASSES)),
        active_samples=len(data.images),
        samples_per_second=1000.0,
    )
    return replace(made, **changes)


def known_survey(*_: object) -> Generator[None, None, Survey]:
    """In place of the survey of a data set, which takes most of a second."""
    yield
    return SURVEY
