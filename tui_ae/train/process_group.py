"""What the trainer asks of the processes that train together; here it is the only one."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from tui_ae.model.network import Autoencoder
from tui_ae.train.device import choose_device
from tui_ae.train.flat import FlatParameters
from tui_ae.train.gradients import Gradients
from tui_ae.train.noise import Noise
from tui_ae.train.written_out import choose_gradients


class ProcessGroup:
    """One process that trains by itself.

    A group is entered before training and left after it. Where it holds several processes, all of
    them make the same calls in the same order.
    """

    size = 1
    """How many processes share each mini-batch."""
    rank = 0
    """Which of them this one is, from 0."""

    def __enter__(self) -> ProcessGroup:
        """Meet the other processes."""
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Part from the other processes."""

    def device(self, name: str) -> torch.device:
        """Where this process trains if the person asked for `name`.

        Raises:
            UserError: that device is not there.
        """
        return choose_device(name)

    def gradients(
        self, model: Autoencoder, flat: FlatParameters, noise: Noise, look: Callable[[], None]
    ) -> Gradients:
        """The pass for `model`, whose parameters `flat` holds; the same weights everywhere.

        A process that trains alone calls `look` between products.
        """
        return choose_gradients(model, flat, noise, look)

    def part(self, chosen: Tensor) -> Tensor:
        """What this process takes of a mini-batch of sample numbers."""
        return chosen

    def total(self, value: Tensor) -> float:
        """The sum of a scalar over all processes, the same in each."""
        return value.item()

    def everywhere(self, value: Tensor) -> Tensor:
        """(size, …): a tensor of one shape as each process has it, the same in each."""
        return value[None]

    def agree(self, ends: bool, saves: bool, batch: int) -> tuple[bool, bool]:
        """Whether all end, and whether all save, before mini-batch `batch` of the epoch, from 0.

        They do as soon as some process wants to.
        """
        return ends, saves
