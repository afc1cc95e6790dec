"""What a trainer looks at, and the places within an epoch from which it goes on."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from tui_ae.config import Settings
from tui_ae.data.dataset import Dataset, HeldOut
from tui_ae.data.images import Images
from tui_ae.run.snapshot import HELD_OUT, State
from tui_ae.train import trainer as trainer_module
from tui_ae.train.criterion import evaluate
from tui_ae.train.process_group import ProcessGroup
from tui_ae.train.run import TrainingRun
from tui_ae.train.trainer import Trainer

SMALL = Settings(device="cpu", hidden=(3,))


class Third(ProcessGroup):
    size, rank = 3, 2


def apart(few: Dataset, count: int) -> Dataset:
    held = HeldOut(Images(few.images[:count]), few.labels[:count], 300 + np.arange(count))
    return replace(few, held_out=held)


def test_of_very_many_held_out_images_some_from_all_over_are_looked_at(
    few: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trainer_module, "MOST_HELD_OUT", 5)
    monkeypatch.setattr(trainer_module, "HELD_OUT_CHUNK", 2)
    for count, looked in ((12, [0, 2, 4, 7, 9]), (5, [0, 1, 2, 3, 4]), (6, [0, 1, 2, 3, 4])):
        trainer = Trainer(apart(few, count), SMALL)
        assert np.isnan(trainer.held_out_codes).all()
        loss = trainer.held_out_loss()
        assert np.flatnonzero(np.isfinite(trainer.held_out_codes[:, 0])).tolist() == looked
        images = torch.tensor(few.images[:][looked])
        assert loss == pytest.approx(evaluate(trainer.model, images)[1].item(), rel=1e-5)
    assert math.isnan(Trainer(few, SMALL).held_out_loss())


def test_held_out_images_are_looked_at_once_an_epoch(few: Dataset) -> None:
    run = TrainingRun(apart(few, 20), replace(SMALL, batch_size=300))
    run.look_at_held_out()
    assert math.isnan(run.held_out_loss)
    run.step()
    looked = run.held_out_loss
    run.look_at_held_out()
    assert math.isfinite(looked) and run.held_out_loss == looked
    assert run.snapshot(State.PAUSED).curves[HELD_OUT].epochs.tolist() == [1]
    # Those of a run that begins anew are its own.
    run.reset()
    assert math.isnan(run.held_out_loss)
    run.step()
    assert run.snapshot(State.PAUSED).curves[HELD_OUT].losses.tolist() == [looked]


@pytest.mark.parametrize(
    ("most", "step"), [(300, 1), (299, 2), (150, 2), (149, 3), (100, 3), (1, 300)]
)
def test_the_fresh_network_sees_every_so_many_images(
    few: Dataset, monkeypatch: pytest.MonkeyPatch, most: int, step: int
) -> None:
    monkeypatch.setattr(trainer_module, "EXAMINED", most)
    trainer = Trainer(few, SMALL)
    seen = np.flatnonzero(np.isfinite(trainer.codes[:, 0]))
    assert seen.tolist() == list(range(0, 300, step))
    expected = evaluate(trainer.model, torch.tensor(few.images[:][seen]))[1].item()
    assert trainer.loss == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("order", np.arange(300), ""),
        ("order", np.arange(299, -1, -1), ""),
        ("order", np.arange(1, 301), "its order names images that there are not"),
        ("order", np.arange(-1, 299), "its order names images that there are not"),
        (
            "order",
            np.arange(300, dtype=np.int32),
            r"images can't be \(300,\) int32",
        ),
        ("order", np.arange(300)[None], r"the order of its images can't be \(1, 300\) int64"),
        ("done_seconds", np.array([0.0, 1.0]), ""),
        ("done_seconds", np.array([299.0, 1.0]), ""),
        ("done_seconds", np.array([300.0, 1.0]), "the order of its images can't be"),
        ("done_seconds", np.array([-1.0, 1.0]), "the order of its images can't be"),
        ("epoch_batch", np.array([0, 0]), ""),
        ("epoch_batch", np.array([-1, 0]), "its epoch or its classes can't be"),
        ("epoch_batch", np.array([0, -1]), "its epoch or its classes can't be"),
        ("active_classes", np.array([0, 9]), ""),
        ("active_classes", np.array([0, 10]), "its epoch or its classes can't be"),
        ("active_classes", np.array([4]), "its epoch or its classes can't be"),
    ],
)
def test_only_a_place_that_can_be_is_gone_on_from(
    few: Dataset, name: str, value: Any, told: str
) -> None:
    trainer = Trainer(few, SMALL)
    trainer.step()
    state = trainer.checkpoint() | {name: value}
    if told:
        with pytest.raises(ValueError, match=told):
            trainer.restore(state)
    else:
        trainer.restore(state)
        trainer.step()


def test_what_one_process_was_in_the_middle_of_several_go_on_with(few: Dataset) -> None:
    """Its sum goes to the first of them, and mini-batches are counted anew."""
    alone = Trainer(few, replace(SMALL, batch_size=50))
    for _ in range(5):
        alone.step()
    state = alone.checkpoint()
    assert (state["done_seconds"][0], alone.batch) == (250, 5)

    class First(ProcessGroup):
        size, rank = 3, 0

    for group, share in ((First(), 1), (Third(), 0)):
        joined = Trainer(few, replace(SMALL, batch_size=40), group)
        joined.restore(state)
        # 250 images in mini-batches of 120.
        assert (joined.batch, joined.batches, joined.active_samples) == (3, 3, 300)
        assert joined._total.item() == pytest.approx(share * state["total"][0])


def test_an_epoch_is_as_long_as_its_samples(few: Dataset) -> None:
    trainer = Trainer(few, replace(SMALL, batch_size=128))
    assert trainer.samples_per_second == 0.0
    ended = [trainer.step() for _ in range(6)]
    assert ended == [False, False, True] * 2
    assert (trainer.epoch, trainer.batch, trainer.batches) == (2, 0, 3)
    assert trainer.samples_per_second > 0.0
    trainer.reset()
    assert (trainer.epoch, trainer.batch, trainer.samples_per_second) == (0, 0, 0.0)


def test_the_running_loss_is_looked_at_every_32nd_mini_batch(few: Dataset) -> None:
    trainer = Trainer(few, replace(SMALL, batch_size=3))
    looked = []
    for batch in range(1, 101):
        before = trainer.running_loss
        trainer.step()
        if trainer.running_loss != before and not math.isnan(trainer.running_loss):
            looked.append(batch)
    assert looked == [32, 64, 96, 100]
