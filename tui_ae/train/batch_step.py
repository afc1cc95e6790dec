"""A mini-batch from its samples to the moved weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from tui_ae.model.network import Autoencoder
from tui_ae.train.criterion import evaluate
from tui_ae.train.gradients import Gradients
from tui_ae.train.optimiser import Schedule
from tui_ae.train.pixels import Pixels


@dataclass(frozen=True, slots=True)
class Samples:
    """What mini-batches read, and what they leave behind. The tensors are written to in place."""

    pixels: Pixels
    codes: Tensor
    """(n, latent) of all samples, each from its last pass."""
    total: Tensor
    """The sum of the losses of the running epoch's samples so far, a scalar."""

    def keep_codes(self, numbers: Tensor, codes: Tensor) -> None:
        """Note the codes (m, latent) of the samples with these numbers, (m,) int64."""
        self.codes.index_copy_(0, numbers, codes)

    def add_loss(self, loss: Tensor, times: float) -> None:
        """Add a scalar, which `times` makes the sum of the losses of the samples that passed."""
        self.total.add_(loss, alpha=times)


class BatchStep(Protocol):
    """Trains on mini-batches."""

    @property
    def schedule(self) -> Schedule:
        """How the weights are moved; it holds all that is remembered from step to step."""
        ...

    def most(self, rows: int, samples_per_second: float) -> int:
        """How many mini-batches, of so many samples each, may be asked for at once.

        So few that a command never has to wait for them noticeably.

        Args:
            rows: Samples of a mini-batch.
            samples_per_second: How fast training is, as far as is known; 0 where it is not.
        """
        ...

    def __call__(self, numbers: Tensor, rows: int) -> None:
        """Move the weights; codes and losses are those from before.

        Args:
            numbers: (m,) int64, on the device, the samples of a mini-batch, or this process's part
                of them; or those of several mini-batches, in their order.
            rows: Samples of a whole mini-batch.
        """
        ...

    def loss_of(self, numbers: Tensor) -> Tensor:
        """The mean loss, a scalar, of these samples by the present weights."""
        ...


class DirectBatchStep:
    """One operation after the other."""

    def __init__(
        self, model: Autoencoder, gradients: Gradients, schedule: Schedule, samples: Samples
    ) -> None:
        self.schedule = schedule
        self._model = model
        self._gradients = gradients
        self._samples = samples

    def most(self, rows: int, samples_per_second: float) -> int:
        """See BatchStep."""
        return 1

    def __call__(self, numbers: Tensor, rows: int) -> None:
        """See BatchStep; for one mini-batch."""
        codes, loss = self._gradients(self._samples.pixels.rows(numbers), rows)
        self.schedule.step()
        self._samples.keep_codes(numbers, codes)
        self._samples.add_loss(loss, rows)

    def loss_of(self, numbers: Tensor) -> Tensor:
        """See BatchStep."""
        return mean_loss(self._model, self._samples.pixels, numbers)


@torch.no_grad()
def mean_loss(model: Autoencoder, pixels: Pixels, numbers: Tensor) -> Tensor:
    """That, a scalar, of the samples with these numbers, without any noise."""
    return evaluate(model, pixels.rows(numbers))[1]
