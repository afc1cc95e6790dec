"""A state that somebody else wrote is refused, or the run goes on from it; nothing falls over."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tui_ae.config import Settings
from tui_ae.data.dataset import Dataset
from tui_ae.run.checkpoint import Array, Checkpoint
from tui_ae.run.snapshot import State
from tui_ae.train.failure import NonFiniteLossError
from tui_ae.train.place import REFUSED
from tui_ae.train.run import TrainingRun

NUMBERS = (0, -1, 1, 7, 2**31, -(2**62), 1e30, np.nan, np.inf, -np.inf)
TYPES = (np.float32, np.float64, np.int64, np.int8, np.uint64, np.bool_, np.complex64)


def changed(rng: np.random.Generator, array: Array) -> Array:
    """The same with another number, type or shape."""
    array = array.copy()
    with np.errstate(all="ignore"):
        match rng.integers(5):
            case 0 if array.size:
                array.reshape(-1)[rng.integers(array.size)] = np.array(rng.choice(NUMBERS)).astype(
                    array.dtype
                )
            case 1:
                array = array.astype(TYPES[rng.integers(len(TYPES))])
            case 2:
                array = array[..., None] if rng.random() < 0.5 else array.reshape(-1)[:-1]
            case 3:
                array = np.concatenate([array.reshape(-1)] * int(rng.integers(2, 5)))
            case _:
                array = np.full(array.shape, np.array(rng.choice(NUMBERS)).astype(array.dtype))
    return array


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("recipe", ["fast", "original"])
def test_a_state_is_refused_or_gone_on_from(few: Dataset, settings: Settings, recipe: str) -> None:
    run = TrainingRun(few, replace(settings, recipe=recipe, hidden=(5,)))
    for _ in range(4):
        run.step()
    whole = run.checkpoint()
    rng = np.random.default_rng(0)
    refused = 0
    for _ in range(400):
        names = rng.choice(sorted(whole), rng.integers(1, 3))
        damaged: Checkpoint = whole | {name: changed(rng, whole[name]) for name in names}
        try:
            run.restore(damaged)
        except REFUSED:
            refused += 1
            continue
        try:
            for _ in range(4):
                run.step()
        except NonFiniteLossError:
            pass
        run.snapshot(State.TRAINING)
        run.checkpoint()
    assert 100 < refused < 390
    run.restore(whole)
    assert run.epoch == whole["trainer.epoch_batch"][0]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("trainer.order", np.full(300, 300)),
        ("trainer.order", np.full(300, -1)),
        ("trainer.done_seconds", np.array([300.0, 1.0])),
        ("trainer.epoch_batch", np.array([-1, 0])),
        ("trainer.active_classes", np.array([77])),
        ("history.training.merged_epoch", np.array([0, 1])),
        ("history.training.epochs", np.zeros(10**6, np.int64)),
    ],
)
def test_numbers_that_can_not_be_are_refused(
    few: Dataset, settings: Settings, name: str, value: Array
) -> None:
    run = TrainingRun(few, replace(settings, hidden=(5,)))
    for _ in range(4):
        run.step()
    whole = run.checkpoint()
    assert name in whole
    with pytest.raises(ValueError, match=r"curve|epoch|order"):
        run.restore(whole | {name: value})
