"""The run that trains: what it gives as a checkpoint goes on as it would have itself."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tui_ae.arrays import FloatArray
from tui_ae.config import Settings
from tui_ae.data.dataset import Dataset, HeldOut
from tui_ae.data.images import Images
from tui_ae.model.frozen import FrozenNetwork
from tui_ae.run.checkpoint import Checkpoint
from tui_ae.run.snapshot import HELD_OUT, Snapshot, State
from tui_ae.train.run import TrainingRun

BATCHES = 3
"""Mini-batches an epoch, with 300 images and mini-batches of 128."""


def run_of(dataset: Dataset, recipe: str, **network: object) -> TrainingRun:
    settings = Settings(device="cpu", recipe=recipe, batch_size=128, seed=7)
    return TrainingRun(dataset, replace(settings, **network))  # type: ignore[arg-type]


def steps(run: TrainingRun, count: int) -> list[bool]:
    return [run.step() for _ in range(count)]


def through_a_file(checkpoint: Checkpoint) -> Checkpoint:
    """As another program would read it: nothing is shared with the run that gave it."""
    file = io.BytesIO()
    arrays_of: dict[str, Any] = dict(checkpoint)
    np.savez(file, **arrays_of)
    file.seek(0)
    with np.load(file, allow_pickle=False) as arrays:
        return dict(arrays)


def last_weights(seen: Snapshot) -> FloatArray:
    assert isinstance(seen.decoder, FrozenNetwork)
    return seen.decoder.weights[-1]


def assert_same(one: TrainingRun, other: TrainingRun) -> None:
    """Equal to the last bit, whatever a screen or a file may show of them."""
    mine, theirs = one.checkpoint(), other.checkpoint()
    # Seconds differ from run to run.
    del mine["trainer.done_seconds"], theirs["trainer.done_seconds"]
    assert mine.keys() == theirs.keys()
    for name in mine:
        np.testing.assert_array_equal(mine[name], theirs[name], err_msg=name)
    seen = [run.snapshot(State.PAUSED) for run in (one, other)]
    assert seen[0].curve.losses.tolist() == seen[1].curve.losses.tolist()
    ends = [(run.curve.first, run.curve.best) for run in seen]
    np.testing.assert_array_equal(ends[0], ends[1])
    np.testing.assert_array_equal(last_weights(seen[0]), last_weights(seen[1]))


@pytest.mark.parametrize("recipe", ["fast", "original"])
@pytest.mark.parametrize("before", [0, 1, BATCHES, 2 * BATCHES + 2])
def test_goes_on_from_a_checkpoint_to_the_last_bit(few: Dataset, recipe: str, before: int) -> None:
    unbroken = run_of(few, recipe)
    steps(unbroken, before)
    saved = through_a_file(unbroken.checkpoint())
    resumed = run_of(few, recipe)
    # What it has done by itself leaves no trace.
    steps(resumed, 2)
    resumed.restore(saved)
    assert_same(resumed, unbroken)
    assert steps(resumed, 4) == steps(unbroken, 4)
    assert_same(resumed, unbroken)


def test_the_held_out_series_goes_on_too(few: Dataset) -> None:
    apart = HeldOut(Images(few.images[:50]), few.labels[:50], len(few.labels) + np.arange(50))
    dataset = replace(few, held_out=apart)
    unbroken, resumed = run_of(dataset, "fast"), run_of(dataset, "fast")
    steps(unbroken, 2 * BATCHES + 1)
    resumed.restore(through_a_file(unbroken.checkpoint()))
    for run in (unbroken, resumed):
        steps(run, BATCHES)
    assert_same(resumed, unbroken)
    curve = unbroken.snapshot(State.PAUSED).curves[HELD_OUT]
    assert curve.epochs.tolist() == [1, 2, 3]
    assert np.isfinite(curve.losses).all()


def test_looks_at_held_out_images_take_a_fiftieth_of_the_time(few: Dataset) -> None:
    apart = HeldOut(Images(few.images[:]), few.labels, len(few.labels) + np.arange(len(few.labels)))
    run = run_of(replace(few, held_out=apart), "fast")
    steps(run, 60 * BATCHES)
    epochs = run.snapshot(State.PAUSED).curves[HELD_OUT].epochs.tolist()
    # One image of them for each that trains, a third of the cost: every 17th epoch after the first.
    assert epochs == [*range(1, 21), 34, 51]


NETWORKS: list[dict[str, object]] = [
    {"kind": "vae", "latent_dim": 3},
    {"kind": "denoising", "hidden": (16,)},
    {"kind": "linear"},
    {"objective": "mse", "hidden": ()},
]


@pytest.mark.parametrize("network", NETWORKS, ids=str)
def test_every_network_goes_on_to_the_last_bit(few: Dataset, network: dict[str, object]) -> None:
    unbroken = run_of(few, "fast", **network)
    steps(unbroken, 2)
    resumed = run_of(few, "fast", **network)
    resumed.restore(through_a_file(unbroken.checkpoint()))
    steps(resumed, 3), steps(unbroken, 3)
    assert_same(resumed, unbroken)
    seen = unbroken.snapshot(State.PAUSED)
    assert seen.codes.shape == (len(few.images), unbroken.info.spec.latent_dim)
    unbroken.trainer.encode_all()
    exact = unbroken.snapshot(State.PAUSED)
    np.testing.assert_allclose(exact.encoder(few.images[:]), exact.codes, atol=1e-5)
    assert exact.decoder(exact.codes[:5]).shape == (5, 784)


def test_a_checkpoint_stays_as_it_was_while_training_goes_on(few: Dataset) -> None:
    run = run_of(few, "fast")
    steps(run, 4)
    saved = run.checkpoint()
    kept = through_a_file(saved)
    steps(run, 4)
    for name in saved:
        np.testing.assert_array_equal(saved[name], kept[name], err_msg=name)


def test_switched_off_classes_stay_off_after_the_running_epoch(few: Dataset) -> None:
    unbroken = run_of(few, "fast")
    steps(unbroken, 1)
    unbroken.trainer.set_classes(frozenset({1, 2, 5}))
    resumed = run_of(few, "fast")
    resumed.restore(through_a_file(unbroken.checkpoint()))
    assert resumed.trainer.active_samples == 300
    assert steps(resumed, BATCHES + 1) == steps(unbroken, BATCHES + 1)
    assert resumed.trainer.active_samples == unbroken.trainer.active_samples < 300
    assert_same(resumed, unbroken)


def test_a_checkpoint_of_another_network_is_refused(few: Dataset) -> None:
    run = run_of(few, "fast")
    saved = run.checkpoint()
    saved["trainer.weights"] = saved["trainer.weights"][:-1]
    with pytest.raises(ValueError, match="for"):
        run.restore(saved)
    del saved["trainer.weights"]
    with pytest.raises(KeyError):
        run.restore(saved)


def test_a_reset_is_another_run_of_the_same(few: Dataset) -> None:
    run = run_of(few, "original")
    first = run.snapshot(State.IDLE)
    steps(run, BATCHES)
    trained = run.snapshot(State.PAUSED)
    assert trained.info == first.info and len(trained.curve.losses) == 1
    run.reset()
    again = run.snapshot(State.IDLE)
    assert again.info.id != first.info.id
    assert again.info.settings == first.info.settings
    assert len(again.curve.losses) == 0 and again.loss == first.loss


def test_says_what_computes_it(few: Dataset) -> None:
    info = run_of(few, "fast").info
    assert info.data == few.name
    assert {name for name, _ in info.versions} == {"tui_ae", "python", "numpy", "torch"}
    assert info.recipe.batch_size == 128
