"""Runs on disk, made without training: random weights, and codes that they give."""

from __future__ import annotations

import dataclasses
import math
from itertools import pairwise
from pathlib import Path

import numpy as np

from tui_ae.config import Settings
from tui_ae.data.load import load
from tui_ae.model.frozen import FrozenNetwork
from tui_ae.model.spec import ModelSpec
from tui_ae.run.fingerprint import fingerprint
from tui_ae.run.folder import RunFolder
from tui_ae.run.info import begin
from tui_ae.run.losses import EpochLosses
from tui_ae.run.snapshot import TRAINING, LossCurve, Snapshot, State

LOSSES = (0.5, math.nan, 0.1 + 0.2)


def half(widths: tuple[int, ...], spec: ModelSpec, *, sigmoid: bool) -> FrozenNetwork:
    rng = np.random.default_rng(len(widths))
    weights, biases = [], []
    for units_in, units_out in pairwise(widths):
        weights.append(rng.normal(0, units_in**-0.5, (units_in, units_out)).astype(np.float32))
        biases.append(rng.normal(0, 0.1, units_out).astype(np.float32))
    return FrozenNetwork(tuple(weights), tuple(biases), sigmoid, relu=spec.activation == "ReLU")


def make_run(path: Path, settings: Settings) -> Snapshot:
    """Save a run of three epochs in a folder; returns the moment that it holds."""
    dataset, spec = load(settings), settings.spec
    encoder = half(spec.widths, spec, sigmoid=False)
    none = np.empty((0, spec.latent_dim), np.float32)
    snapshot = Snapshot(
        info=dataclasses.replace(
            begin(settings), data=dataset.name, fingerprint=fingerprint(dataset)
        ),
        state=State.PAUSED,
        epoch=len(LOSSES),
        batch=0,
        batches=25,
        loss=LOSSES[-1],
        running_loss=math.nan,
        curves={TRAINING: LossCurve(np.zeros(0, int), np.zeros(0), math.nan, math.nan)},
        codes=encoder(dataset.images[:]),
        held_out_codes=encoder(dataset.held_out.images[:]) if dataset.held_out else none,
        encoder=encoder,
        decoder=half(spec.widths[::-1], spec, sigmoid=spec.sigmoid_output),
        active_classes=frozenset(range(len(dataset.class_names))),
        active_samples=len(dataset.images),
        samples_per_second=1000.0,
    )
    folder = RunFolder(path)
    folder.create(snapshot.info, dataset)
    # One epoch more than the moment: whoever trains it has written so far.
    apart = (0.75, None, 0.5, None) if dataset.held_out else (None,) * 4
    ended = [
        EpochLosses(epoch, loss, held_out_loss)
        for epoch, (loss, held_out_loss) in enumerate(zip((*LOSSES, 0.25), apart, strict=True), 1)
    ]
    folder.save(snapshot, {"a": np.zeros(1)}, ended)
    folder.unlock()
    return snapshot
