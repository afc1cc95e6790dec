"""What the tests of training share: smaller data, and epochs in a row."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch

from tui_ae.data.dataset import Dataset
from tui_ae.data.images import Images
from tui_ae.train.trainer import Trainer


def part(dataset: Dataset, count: int) -> Dataset:
    """The first `count` samples of a data set."""
    return Dataset(
        dataset.name,
        Images(dataset.images[:count]),
        dataset.labels[:count],
        dataset.class_names,
        dataset.labelled,
    )


def train(trainer: Trainer, epochs: int) -> list[float]:
    """The losses of so many more epochs."""
    losses = []
    for _ in range(epochs):
        for _ in trainer.train_epoch():
            pass
        losses.append(trainer.loss)
    return losses


def ruin(trainer: Trainer) -> None:
    """The next mini-batch has a loss that is no number."""
    with torch.no_grad():
        next(trainer.model.parameters()).fill_(math.nan)


def before_each_step(
    monkeypatch: pytest.MonkeyPatch,
    act: Callable[[Trainer], None],
    whose: Trainer | type[Trainer] = Trainer,
) -> None:
    """Let `act` come before each mini-batch, of every trainer or of one."""
    step = Trainer.step

    def acted(trainer: Trainer) -> bool:
        act(trainer)
        return step(trainer)

    monkeypatch.setattr(whose, "step", acted if isinstance(whose, type) else lambda: acted(whose))
