"""Several processes that train one network: what torchrun starts, on one machine or on many."""

from __future__ import annotations

import gc
from collections.abc import Callable
from weakref import WeakSet

import torch
import torch.distributed as dist

# DistributedDataParallel imports this too, but while there is a process group: its functions would
# keep that as their default, and so it would never end, see `__exit__`.
import torch.distributed.nn
from torch import Tensor
from torch.nn.parallel import DistributedDataParallel

from tui_ae.errors import UserError
from tui_ae.model.network import Autoencoder
from tui_ae.train.criterion import TrainingLoss
from tui_ae.train.device import choose_device
from tui_ae.train.flat import FlatParameters
from tui_ae.train.noise import Noise
from tui_ae.train.process_group import ProcessGroup
from tui_ae.train.torchrun import ProcessRank

ASK_EVERY = 8
"""Mini-batches between two questions whether to end or to save: each waits for the slowest."""


class ManyProcesses(ProcessGroup):
    """The processes that torchrun started, each with its part of every mini-batch.

    Mini-batch k of w processes is mini-batch k of one process whose batch size is w times as large:
    all draw the same permutation, and process r takes every w-th sample of it from the r-th on.
    Nothing is padded or left out, so the last mini-batch may give some process one sample less, or
    none; samples count alike in the loss and the gradients all the same.
    """

    def __init__(self, process: ProcessRank, device: str) -> None:
        """Take the place `process` among the processes, on the device that the person asked for.

        Raises:
            UserError: that device is not there, or not for each process.
        """
        self.size = process.size
        self.rank = process.rank
        self._device = _device(device, process.local_rank)
        self._passes: WeakSet[AveragedGradients] = WeakSet()

    def __enter__(self) -> ManyProcesses:
        """Wait until all processes are there."""
        if self._device.type == "cuda":
            torch.cuda.set_device(self._device)
        dist.init_process_group("nccl" if self._device.type == "cuda" else "gloo")
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Wait for the others, unless something went wrong here that they know nothing of."""
        # torchrun ends all processes as soon as one has failed, and another may still be writing.
        if kind is None or issubclass(kind, UserError):
            self.total(torch.zeros(()))
        # The threads of gloo end with the last reference to the process group. Those that outlive
        # the interpreter abort the process, now and then, when they let go of a tensor.
        for averaged in self._passes:
            averaged.release()
        gc.collect()
        dist.destroy_process_group()

    def device(self, name: str) -> torch.device:
        """See ProcessGroup."""
        return self._device

    def gradients(
        self, model: Autoencoder, flat: FlatParameters, noise: Noise, look: Callable[[], None]
    ) -> AveragedGradients:
        """See ProcessGroup."""
        averaged = AveragedGradients(model, flat, noise, self.size)
        self._passes.add(averaged)
        return averaged

    def part(self, chosen: Tensor) -> Tensor:
        """See ProcessGroup."""
        return chosen[self.rank :: self.size]

    def total(self, value: Tensor) -> float:
        """See ProcessGroup."""
        value = value.detach().to(self._device, copy=True)
        dist.all_reduce(value)
        return value.item()

    def everywhere(self, value: Tensor) -> Tensor:
        """See ProcessGroup."""
        # Not all ways for processes to talk take a scalar.
        flat = value.detach().to(self._device).reshape(-1)
        gathered = [torch.empty_like(flat) for _ in range(self.size)]
        dist.all_gather(gathered, flat)
        return torch.stack(gathered).reshape(self.size, *value.shape)

    def agree(self, ends: bool, saves: bool, batch: int) -> tuple[bool, bool]:
        """See ProcessGroup."""
        if batch % ASK_EVERY:
            return False, False
        wanted = torch.tensor([float(ends), float(saves)], device=self._device)
        dist.all_reduce(wanted)
        some_end, some_save = (wanted > 0).tolist()
        return some_end, some_save


class AveragedGradients:
    """PyTorch differentiates the model and averages the gradients of all processes."""

    def __init__(
        self, model: Autoencoder, flat: FlatParameters, noise: Noise, processes: int
    ) -> None:
        """Give all processes the weights of the first."""
        self._flat = flat
        self._processes = processes
        self._loss = DistributedDataParallel(TrainingLoss(model, noise))
        # Autograd adds to the gradients that are there, so they end in the flat buffer.
        for parameter, view in zip(flat.parameters, flat.gradient_views, strict=True):
            parameter.grad = view

    def __call__(self, images: Tensor, rows: int) -> tuple[Tensor, Tensor]:
        """See Gradients."""
        self._flat.gradients.zero_()
        # A sum, for a part without images has no mean.
        codes, loss = self._loss(images)
        loss = loss / (rows * images.shape[1])
        # The average over the processes is to be the sum of their parts.
        torch.autograd.backward(loss * self._processes)
        return codes.detach(), loss.detach()

    def release(self) -> None:
        """Let go of the other processes; there is no pass after this."""
        del self._loss


def _device(name: str, local_rank: int) -> torch.device:
    """The device for one of several processes on this machine.

    Raises:
        UserError: it is not there, or not for each process.
    """
    if name == "mps":
        raise UserError("--device mps: several processes train on cuda or cpu; choose one of them.")
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    if choose_device(name).type != "cuda":
        return torch.device(name)
    count = torch.cuda.device_count()
    if local_rank >= count:
        raise UserError(
            f"--device {name}: each process needs a GPU of its own, and this machine has {count}; "
            "start no more processes on it, or use --device cpu."
        )
    return torch.device("cuda", local_rank)
