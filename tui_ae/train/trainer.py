"""The training itself: a generator of mini-batches that screen and headless runs share."""

from __future__ import annotations

import ctypes
import math
import time
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from tui_ae.config import Settings
from tui_ae.data.dataset import Dataset
from tui_ae.model.frozen import FrozenNetwork
from tui_ae.model.network import Autoencoder, freeze
from tui_ae.model.spec import ModelSpec
from tui_ae.train.adam import Adam
from tui_ae.train.device import THREADS, choose_device
from tui_ae.train.failure import NonFiniteLossError

FloatArray = npt.NDArray[np.float32]
EPSILON = 1e-7
"""Adam's epsilon in the original's learner."""
CHUNK = 1024
"""Images that pass through the network at a time outside training: some milliseconds and 10 MB."""
CHECKED = 128
"""Images that have to pass through the weights of an epoch before they are kept as good."""


class Trainer:
    """Owns the network, its optimiser and the generators of one run.

    The recipe 'original' is Adam with epsilon 1e-7 on the mean binary cross-entropy of reshuffled
    mini-batches; labels never reach it.
    """

    def __init__(self, dataset: Dataset, settings: Settings) -> None:
        """Prepare to train on `dataset`.

        Raises:
            UserError: the device of the settings is not there.
        """
        self.dataset = dataset
        self.settings = settings
        self.spec = ModelSpec()
        self.device = choose_device(settings.device)
        torch.set_num_threads(THREADS)
        held = dataset.images.array
        images = torch.from_numpy(dataset.images[:]) if held is None else _tensor(held)
        self._images = images.to(self.device)
        self.codes = np.zeros((len(dataset.images), self.spec.widths[-1]), np.float32)
        """(n, 2) of all samples, each from its last pass through the encoder."""
        self.reset()

    def reset(self) -> None:
        """Fresh weights and shuffling from the same seed, with all classes on."""
        weights, shuffling = np.random.SeedSequence(self.settings.seed).spawn(2)
        self._shuffling = _generator(shuffling)
        self.model = Autoencoder(self.spec, _generator(weights)).to(self.device)
        self._adam = Adam(
            list(self.model.parameters()),
            learning_rate=self.settings.learning_rate,
            epsilon=EPSILON,
        )
        self.epoch = 0
        self.batch = 0
        self.samples_per_second = 0.0
        self._running = 0
        """Samples of the running epoch; 0 between epochs."""
        self.set_classes(frozenset(range(len(self.dataset.class_names))))
        self.loss = self._examine()
        """Mean BCE over the last finished epoch; before the first that of the fresh network."""
        self._keep()

    def set_classes(self, active: frozenset[int]) -> None:
        """Train on these classes from the next epoch on.

        Fewer than two classes (or the only one), or none with samples, change nothing.
        """
        names = len(self.dataset.class_names)
        active &= frozenset(range(names))
        chosen = np.flatnonzero(np.isin(self.dataset.labels, list(active)))
        if len(active) >= min(2, names) and len(chosen):
            self.active_classes = active
            self._samples = torch.from_numpy(chosen)

    def set_learning_rate(self, learning_rate: float) -> None:
        """Adam's step size from the next mini-batch on, until a reset."""
        self._adam.learning_rate = learning_rate

    @property
    def active_samples(self) -> int:
        """Samples of the running epoch; between epochs those of the active classes."""
        return self._running or len(self._samples)

    @property
    def batches(self) -> int:
        """Mini-batches of the running epoch; between epochs those of the next."""
        return -(-self.active_samples // self.settings.batch_size)

    def train_epoch(self) -> Iterator[None]:
        """Train one epoch, yielding before each mini-batch so that the caller may stop there.

        A caller that stops and comes back to the same generator continues where it was. Codes of
        the samples are kept from the forward passes, so they belong to weights up to an epoch old.

        Raises:
            NonFiniteLossError: the loss overflowed; the weights of the last finished epoch are
                back in place.
        """
        order = torch.randperm(len(self._samples), generator=self._shuffling)
        samples, size = self._samples[order], self.settings.batch_size
        total, seconds, done = 0.0, 0.0, 0
        self._running = len(samples)
        while done < len(samples):
            yield
            began = time.perf_counter()
            chosen = samples[done : done + size]
            loss = self._step(chosen)
            if not math.isfinite(loss):
                raise self._failure()
            total += loss * len(chosen)
            done += len(chosen)
            self.batch += 1
            seconds += time.perf_counter() - began
            self.samples_per_second = done / seconds
        if not self._is_sound(samples[-CHECKED:]):
            raise self._failure()
        self.batch = self._running = 0
        self.epoch += 1
        self.loss = total / len(samples)
        self._keep()

    def _step(self, chosen: Tensor) -> float:
        """One mini-batch of the samples numbered `chosen`: its mean loss before the update."""
        images = self._images.index_select(0, chosen.to(self.device))
        codes, logits = self.model(images)
        loss = binary_cross_entropy_with_logits(logits, images)
        self._adam.step(torch.autograd.grad(loss, self._adam.parameters))
        self.codes[chosen.numpy()] = codes.detach().cpu().numpy()
        return loss.item()

    @torch.no_grad()
    def _is_sound(self, chosen: Tensor) -> bool:
        """Whether the present weights still give a loss: the epoch's own losses precede its end."""
        images = self._images.index_select(0, chosen.to(self.device))
        loss = binary_cross_entropy_with_logits(self.model(images)[1], images)
        return math.isfinite(loss.item())

    def _keep(self) -> None:
        """Remember the present weights as the last good ones."""
        self._good = [parameter.detach().clone() for parameter in self._adam.parameters]

    @torch.no_grad()
    def _failure(self) -> NonFiniteLossError:
        """Go back to the weights of the last finished epoch, and say so."""
        for parameter, good in zip(self._adam.parameters, self._good, strict=True):
            parameter.copy_(good)
        self.batch = self._running = 0
        self.encode_all()
        return NonFiniteLossError(
            f"The loss stopped being a number in epoch {self.epoch + 1} with a learning rate of "
            f"{self._adam.learning_rate:g}; the weights of epoch {self.epoch} are kept. Start "
            "again with a smaller --lr."
        )

    def encode_all(self) -> None:
        """Bring the codes of all samples up to the present weights."""
        for _ in self.encode_in_pieces():
            pass

    def encode_in_pieces(self) -> Iterator[None]:
        """The same, yielding after each CHUNK samples."""
        for start in range(0, len(self._images), CHUNK):
            part = slice(start, start + CHUNK)
            with torch.no_grad():
                self.codes[part] = self.model.encoder(self._images[part]).cpu().numpy()
            yield

    @torch.no_grad()
    def _examine(self) -> float:
        """Encode all samples with the present weights; returns their mean BCE, nats a pixel."""
        total = 0.0
        for start in range(0, len(self._images), CHUNK):
            images = self._images[start : start + CHUNK]
            codes, logits = self.model(images)
            self.codes[start : start + CHUNK] = codes.cpu().numpy()
            total += binary_cross_entropy_with_logits(logits, images).item() * len(images)
        return total / len(self._images)

    def frozen(self) -> tuple[FrozenNetwork, FrozenNetwork]:
        """Copies of encoder and decoder for a snapshot."""
        return freeze(self.model.encoder), freeze(self.model.decoder)


def _generator(seed: np.random.SeedSequence) -> torch.Generator:
    return torch.Generator().manual_seed(int(seed.generate_state(1, np.uint64)[0] >> 1))


def _tensor(images: FloatArray) -> Tensor:
    """The images as a tensor that shares their memory; the caller keeps `images` alive.

    They are read-only, which PyTorch can't express and so warns of; nothing here writes to them,
    so it is given their address instead.
    """
    pixels = (ctypes.c_float * images.size).from_address(images.ctypes.data)
    return torch.frombuffer(pixels, dtype=torch.float32).reshape(images.shape)
