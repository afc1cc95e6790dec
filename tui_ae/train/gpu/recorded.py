"""Mini-batches as recorded work, which a GPU does without being asked for each operation."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, lru_cache, partial
from typing import Any

import torch
from torch import Tensor

from tui_ae.importing import uncollected
from tui_ae.model.network import Autoencoder
from tui_ae.train.batch_step import Samples, mean_loss
from tui_ae.train.flat import FlatParameters
from tui_ae.train.gpu.operations import Operations
from tui_ae.train.gpu.passes import Passes
from tui_ae.train.gpu.schedule import DeviceSchedule
from tui_ae.train.pixels import Pixels

MOST = 32
"""Mini-batches in one recording."""
MOST_SAMPLES = 8192
"""Samples in one recording: their images, gathered at once, take 26 MB."""
STRETCH_S = 0.02
"""The time after which a command is obeyed at the latest, where training is as fast as it was."""
WARM_UPS = 2
"""Times that work is done before its recording, in which libraries set up what can't be
recorded."""
SIZES = 2
"""Sizes of mini-batch whose recordings are kept: most of an epoch have one, the last another."""
COUNTS = 8
"""Recordings that are kept of each size, of different numbers of mini-batches."""

Work = Callable[[], None]


class Graphs:
    """Records work for a GPU, without doing it.

    All recordings share the memory of what they need in between: one is done after the other, and
    each begins by making anew what it reads there.
    """

    @cached_property
    def _memory(self) -> Any:
        return torch.cuda.graph_pool_handle()

    def __call__(self, work: Work) -> Work:
        """What does on the GPU what `work` asks of it."""
        graph = torch.cuda.CUDAGraph()
        # A graph that the collector let go of meanwhile would spoil this one.
        with uncollected(), torch.cuda.graph(graph, pool=self._memory):
            work()
        return graph.replay


class RecordedBatchStep:
    """Whole stretches of an epoch from CUDA graphs.

    A GPU is done with an operation on so small a network sooner than the CPU can ask for the next;
    a graph asks for all of them at once, from the gathering of the images to the sum of the losses.
    """

    def __init__(
        self,
        model: Autoencoder,
        flat: FlatParameters,
        schedule: DeviceSchedule,
        samples: Samples,
        operations: Operations,
        record: Callable[[Work], Work] | None = None,
    ) -> None:
        """Train `model`, which WrittenOutGradients serves and `flat` holds on a GPU, alone."""
        self.schedule = schedule
        self._model = model
        self._samples = samples
        record = record or Graphs()
        # A graph writes into the buffers that it was recorded with, so each size has its own.
        self._stretches = lru_cache(SIZES)(
            lambda rows: Stretch(
                Passes(model, flat, rows, operations), schedule, samples, rows, record
            )
        )
        self._checks = lru_cache(SIZES)(lambda count: Check(model, samples.pixels, count, record))

    def most(self, rows: int, samples_per_second: float) -> int:
        """See BatchStep; a power of two, so that there are few different recordings."""
        if not self._samples.pixels.held:
            return 1
        allowed = min(samples_per_second * STRETCH_S, MOST_SAMPLES) / rows
        return 1 << max(min(int(allowed), MOST).bit_length() - 1, 0)

    def __call__(self, numbers: Tensor, rows: int) -> None:
        """See BatchStep; here `rows` is always the number of samples, or a part of it."""
        assert len(numbers) % rows == 0
        self._stretches(rows)(numbers)

    def loss_of(self, numbers: Tensor) -> Tensor:
        """See BatchStep."""
        if self._samples.pixels.held:
            return self._checks(len(numbers))(numbers)
        return mean_loss(self._model, self._samples.pixels, numbers)


class Repeatable:
    """Work that is done some times, then recorded, and then only repeated."""

    def __init__(self, record: Callable[[Work], Work]) -> None:
        self._record = record
        self._done = 0
        self._repeat: Work | None = None

    def __call__(self, work: Work) -> None:
        """Do `work`, which is the same every time."""
        # It is given anew, not kept: whoever holds this and is held by its work would live on, with
        # a recording, until the collector comes by.
        if self._done < WARM_UPS:
            self._done += 1
            work()
            return
        if self._repeat is None:
            self._repeat = self._record(work)
        self._repeat()


class Stretch:
    """Mini-batches of one size, one after the other."""

    def __init__(
        self,
        passes: Passes,
        schedule: DeviceSchedule,
        samples: Samples,
        rows: int,
        record: Callable[[Work], Work],
    ) -> None:
        self._passes = passes
        self._schedule = schedule
        self._samples = samples
        self._rows = rows
        codes, most = samples.codes, max(min(MOST, MOST_SAMPLES // rows), 1)
        self._numbers = torch.empty(most * rows, dtype=torch.int64, device=codes.device)
        """Where recorded work reads them."""
        self._codes = codes.new_empty(most * rows, codes.shape[1])
        self._losses = codes.new_empty(passes.sums())
        self._images: Tensor | None = None
        """Where it reads images that have no room on the device; it gathers others itself."""
        self._work = lru_cache(COUNTS)(lambda count: Repeatable(record))

    def __call__(self, numbers: Tensor) -> None:
        """Train on these samples, of one mini-batch or of several."""
        self._numbers[: len(numbers)].copy_(numbers)
        if not self._samples.pixels.held:
            images = self._samples.pixels.rows(numbers)
            self._images = images if self._images is None else self._images.copy_(images)
        count = len(numbers) // self._rows
        self._work(count)(partial(self._train, count))

    def _train(self, count: int) -> None:
        numbers = self._numbers[: count * self._rows]
        images = self._samples.pixels.rows(numbers) if self._images is None else self._images
        codes = self._codes[: len(numbers)]
        self._schedule.plan(count)
        for index in range(count):
            part = slice(index * self._rows, (index + 1) * self._rows)
            self._passes(images[part], codes[part], self._losses)
            self._schedule.move(index)
            # One by one: the sum is then the same however many there are in a stretch.
            self._samples.add_loss(self._losses.sum(), 1 / images.shape[1])
        self._samples.keep_codes(numbers, codes)


class Check:
    """The mean loss of so many samples."""

    def __init__(
        self, model: Autoencoder, pixels: Pixels, count: int, record: Callable[[Work], Work]
    ) -> None:
        self._model = model
        self._pixels = pixels
        self._numbers = torch.zeros(count, dtype=torch.int64, device=pixels.device)
        self._loss = torch.zeros((), device=pixels.device)
        self._work = Repeatable(record)

    def __call__(self, numbers: Tensor) -> Tensor:
        """It, of the samples with these numbers; the next call overwrites it."""
        self._numbers.copy_(numbers)
        self._work(self._look)
        return self._loss

    def _look(self) -> None:
        self._loss.copy_(mean_loss(self._model, self._pixels, self._numbers))
