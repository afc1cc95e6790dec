"""A mini-batch from its samples to the moved weights; on a GPU as one recorded piece of work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Protocol

import torch
from torch import Tensor

from tui_ae.model.network import Autoencoder
from tui_ae.train.flat import FlatParameters
from tui_ae.train.gradients import Gradients
from tui_ae.train.optimiser import Schedule
from tui_ae.train.pixels import Pixels
from tui_ae.train.written_out import SIZES, WrittenOutGradients

WARM_UPS = 2
"""Mini-batches before the recording, in which libraries set up what can't be recorded."""


@dataclass(frozen=True, slots=True)
class Samples:
    """What mini-batches read, and what they leave behind. The tensors are written to in place."""

    pixels: Pixels
    codes: Tensor
    """(n, latent) of all samples, each from its last pass."""
    total: Tensor
    """The sum of the losses of the running epoch's samples so far, a scalar."""

    def keep(self, numbers: Tensor, codes: Tensor, loss: Tensor, rows: int) -> None:
        """Note what a pass has given; see Gradients."""
        self.codes.index_copy_(0, numbers, codes)
        self.total.add_(loss, alpha=rows)


class BatchStep(Protocol):
    """Trains on one mini-batch."""

    def __call__(self, numbers: Tensor, rows: int) -> None:
        """Move the weights; codes and losses are those from before.

        Args:
            numbers: (m,) int64, on the device, the samples of the mini-batch, or this process's
                part of them.
            rows: Samples of the whole mini-batch.
        """
        ...


def choose_step(
    model: Autoencoder,
    flat: FlatParameters,
    gradients: Gradients,
    schedule: Schedule,
    samples: Samples,
) -> BatchStep:
    """The quickest step for `model`, whose parameters `flat` holds; it follows `schedule`."""
    if flat.values.device.type == "cuda" and isinstance(gradients, WrittenOutGradients):
        return RecordedBatchStep(model, flat, schedule, samples)
    return DirectBatchStep(gradients, schedule, samples)


class DirectBatchStep:
    """One operation after the other."""

    def __init__(self, gradients: Gradients, schedule: Schedule, samples: Samples) -> None:
        self._gradients = gradients
        self._schedule = schedule
        self._samples = samples

    def __call__(self, numbers: Tensor, rows: int) -> None:
        """See BatchStep."""
        codes, loss = self._gradients(self._samples.pixels.rows(numbers), rows)
        self._schedule.step()
        self._samples.keep(numbers, codes, loss, rows)


Work = Callable[[], None]


def record(work: Work) -> Work:
    """What does on a GPU what `work` asks of it, without doing it now."""
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        work()
    return graph.replay


class RecordedBatchStep:
    """The same from CUDA graphs, one for each size of mini-batch.

    A GPU is done with an operation on so small a network sooner than the CPU can ask for the next;
    a graph asks for all of them at once, from the gathering of the images to the sum of the
    losses. Besides it there is one copy a mini-batch, of the samples' numbers, so the CPU is always
    ahead, and a command is obeyed before the next mini-batch as elsewhere.
    """

    def __init__(
        self,
        model: Autoencoder,
        flat: FlatParameters,
        schedule: Schedule,
        samples: Samples,
        record: Callable[[Work], Work] = record,
    ) -> None:
        """Train `model`, whose parameters `flat` holds on a GPU, alone."""
        self._schedule = schedule
        # A graph writes into the buffers that it was recorded with, so each has its own.
        self._recordings = lru_cache(SIZES)(
            lambda size: Recording(
                partial(WrittenOutGradients(model, flat, few=True), rows=size),
                schedule.move,
                samples,
                size,
                record,
            )
        )

    def __call__(self, numbers: Tensor, rows: int) -> None:
        """See BatchStep; here `rows` is always the number of samples."""
        assert len(numbers) == rows
        self._schedule.advance()
        self._recordings(rows)(numbers)


class Recording:
    """Mini-batches of one size: the first ones done, then one recorded, then that one repeated."""

    def __init__(
        self,
        passes: Callable[[Tensor], tuple[Tensor, Tensor]],
        move: Work,
        samples: Samples,
        size: int,
        record: Callable[[Work], Work],
    ) -> None:
        self._passes = passes
        self._move = move
        self._samples = samples
        self._record = record
        self._numbers = torch.empty(size, dtype=torch.int64, device=samples.codes.device)
        """Where the graph reads them."""
        self._images: Tensor | None = None
        """Where it reads images that have no room on the device; it gathers others itself."""
        self._done = 0
        self._repeat: Work | None = None

    def __call__(self, numbers: Tensor) -> None:
        """Train on samples, as many as there always are."""
        self._numbers.copy_(numbers)
        if not self._samples.pixels.held:
            images = self._samples.pixels.rows(numbers)
            self._images = images if self._images is None else self._images.copy_(images)
        if self._done < WARM_UPS:
            self._done += 1
            self._work()
            return
        if self._repeat is None:
            self._repeat = self._record(self._work)
        self._repeat()

    def _work(self) -> None:
        images = self._images
        if images is None:
            images = self._samples.pixels.rows(self._numbers)
        codes, loss = self._passes(images)
        self._move()
        self._samples.keep(self._numbers, codes, loss, len(self._numbers))
