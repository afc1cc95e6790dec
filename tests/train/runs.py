"""What the tests of training share: smaller data, and epochs in a row."""

from __future__ import annotations

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
