"""A mini-batch from its images to the moved weights; on a GPU as one recorded piece of work."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from typing import Protocol

import torch
from torch import Tensor

from tui_ae.model.network import Autoencoder
from tui_ae.train.flat import FlatParameters
from tui_ae.train.gradients import Gradients
from tui_ae.train.optimiser import Schedule
from tui_ae.train.written_out import SIZES, WrittenOutGradients

WARM_UPS = 2
"""Mini-batches before the recording, in which libraries set up what can't be recorded."""


class BatchStep(Protocol):
    """Trains on one mini-batch."""

    def __call__(self, images: Tensor, rows: int) -> tuple[Tensor, Tensor]:
        """Move the weights; arguments and results are those of Gradients."""
        ...


def choose_step(
    model: Autoencoder, flat: FlatParameters, gradients: Gradients, schedule: Schedule
) -> BatchStep:
    """The quickest step for `model`, whose parameters `flat` holds; it follows `schedule`."""
    if flat.values.device.type == "cuda" and isinstance(gradients, WrittenOutGradients):
        return RecordedBatchStep(model, flat, schedule)
    return DirectBatchStep(gradients, schedule)


class DirectBatchStep:
    """One operation after the other."""

    def __init__(self, gradients: Gradients, schedule: Schedule) -> None:
        self._gradients = gradients
        self._schedule = schedule

    def __call__(self, images: Tensor, rows: int) -> tuple[Tensor, Tensor]:
        """See BatchStep."""
        results = self._gradients(images, rows)
        self._schedule.step()
        return results


class RecordedBatchStep:
    """The same from CUDA graphs, one for each size of mini-batch.

    A GPU is done with an operation on so small a network sooner than the CPU can ask for the next;
    a graph asks for all hundred of them at once.
    """

    def __init__(self, model: Autoencoder, flat: FlatParameters, schedule: Schedule) -> None:
        """Train `model`, whose parameters `flat` holds on a GPU, alone."""
        self._schedule = schedule

        def prepare(size: int) -> Recording:
            # A graph writes into the buffers that it was recorded with, so it has its own.
            passes = partial(WrittenOutGradients(model, flat), rows=size)
            pixels = flat.value_views[0].shape[1]
            return Recording(passes, schedule.move, flat.values.new_empty(size, pixels))

        self._recordings = lru_cache(SIZES)(prepare)

    def __call__(self, images: Tensor, rows: int) -> tuple[Tensor, Tensor]:
        """See BatchStep; here `rows` is always the number of images."""
        assert len(images) == rows
        self._schedule.advance()
        return self._recordings(rows)(images)


class Recording:
    """Mini-batches of one size: the first ones done, then one recorded, then that one repeated."""

    def __init__(
        self,
        passes: Callable[[Tensor], tuple[Tensor, Tensor]],
        move: Callable[[], None],
        images: Tensor,
    ) -> None:
        self._passes = passes
        self._move = move
        self._images = images
        """Where the graph reads them."""
        self._done = 0
        self._graph: torch.cuda.CUDAGraph | None = None
        self._results: tuple[Tensor, Tensor] | None = None

    def __call__(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Train on images of that size."""
        self._images.copy_(images)
        if self._done < WARM_UPS:
            self._done += 1
            return self._work()
        if self._graph is None or self._results is None:
            self._graph = torch.cuda.CUDAGraph()
            # While it is recorded, nothing is computed.
            with torch.cuda.graph(self._graph):
                self._results = self._work()
        self._graph.replay()
        return self._results

    def _work(self) -> tuple[Tensor, Tensor]:
        results = self._passes(self._images)
        self._move()
        return results
