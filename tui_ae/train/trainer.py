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
from tui_ae.train.device import choose_device

FloatArray = npt.NDArray[np.float32]
EPSILON = 1e-7
"""Adam's epsilon in the original's learner."""
CHUNK = 8192
"""Images encoded at a time outside training."""


class NonFiniteLossError(Exception):
    """A mini-batch gave a loss that is no number; its text is a sentence for the person."""


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
        self._images = _tensor(dataset.images).to(self.device)
        self.reset()

    def reset(self) -> None:
        """Fresh weights and shuffling from the same seed, with all classes on."""
        weights, shuffling = np.random.SeedSequence(self.settings.seed).spawn(2)
        self._shuffling = _generator(shuffling)
        self.model = Autoencoder(self.spec, _generator(weights)).to(self.device)
        self._optimiser = torch.optim.Adam(
            self.model.parameters(),
            lr=self.settings.learning_rate,
            betas=(0.9, 0.999),
            eps=EPSILON,
            # One operation for all tensors: a third less time an epoch, and the interpreter's
            # lock is taken once instead of a hundred times.
            fused=True,
        )
        self.epoch = 0
        self.batch = 0
        self.loss = math.nan
        self.samples_per_second = 0.0
        self.set_classes(frozenset(range(len(self.dataset.class_names))))
        self.codes = np.zeros((len(self.dataset.images), self.spec.widths[-1]), np.float32)
        self.encode_all()
        self._keep()

    def set_classes(self, active: frozenset[int]) -> None:
        """Train on these classes from the next epoch on."""
        self.active_classes = active
        chosen = np.isin(self.dataset.labels, list(active))
        self._samples = torch.from_numpy(np.flatnonzero(chosen))

    @property
    def active_samples(self) -> int:
        """Samples of the active classes."""
        return len(self._samples)

    @property
    def batches(self) -> int:
        """Mini-batches of an epoch over the active classes."""
        return -(-len(self._samples) // self.settings.batch_size)

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
        total, seconds, self.batch = 0.0, 0.0, 0
        batches = samples.split(size)
        for chosen in batches:
            yield
            began = time.perf_counter()
            loss = self._step(chosen)
            if not math.isfinite(loss):
                self._restore()
                raise NonFiniteLossError(self._explain())
            total += loss
            self.batch += 1
            seconds += time.perf_counter() - began
            self.samples_per_second = self.batch * size / seconds
        self.samples_per_second = len(samples) / seconds
        self.seconds = seconds
        self.batch = 0
        self.epoch += 1
        self.loss = total / len(batches)
        self._keep()

    def _step(self, chosen: Tensor) -> float:
        images = self._images.index_select(0, chosen.to(self.device))
        self._optimiser.zero_grad()
        codes, logits = self.model(images)
        loss = binary_cross_entropy_with_logits(logits, images)
        loss.backward()
        self._optimiser.step()
        self.codes[chosen.numpy()] = codes.detach().cpu().numpy()
        return loss.item()

    def _keep(self) -> None:
        """Remember the weights of a finished epoch."""
        self._good = {name: value.clone() for name, value in self.model.state_dict().items()}

    def _restore(self) -> None:
        """Go back to the weights of the last finished epoch."""
        self.model.load_state_dict(self._good)
        self.batch = 0
        self.encode_all()

    def _explain(self) -> str:
        rate = self.settings.learning_rate
        return (
            f"The loss stopped being a number in epoch {self.epoch + 1} with --lr {rate:g}; the "
            f"weights of epoch {self.epoch} are kept. Start again with a smaller --lr."
        )

    @torch.no_grad()
    def encode_all(self) -> None:
        """Bring the codes of all samples up to the present weights."""
        for start in range(0, len(self._images), CHUNK):
            part = slice(start, start + CHUNK)
            self.codes[part] = self.model.encoder(self._images[part]).cpu().numpy()

    @torch.no_grad()
    def mean_loss(self) -> float:
        """Mean BCE of all samples with the present weights, in nats a pixel."""
        total = 0.0
        for part in self._images.split(CHUNK):
            total += float(binary_cross_entropy_with_logits(self.model(part)[1], part)) * len(part)
        return total / len(self._images)

    def frozen(self) -> tuple[FrozenNetwork, FrozenNetwork]:
        """Copies of encoder and decoder for a snapshot."""
        return (
            freeze(self.model.encoder, sigmoid_output=False),
            freeze(self.model.decoder, sigmoid_output=True),
        )


def _generator(seed: np.random.SeedSequence) -> torch.Generator:
    return torch.Generator().manual_seed(int(seed.generate_state(1, np.uint64)[0] >> 1))


def _tensor(images: FloatArray) -> Tensor:
    """The images as a tensor that shares their memory; the caller keeps `images` alive.

    They are read-only, which PyTorch can't express and so warns of; nothing here writes to them,
    so it is given their address instead.
    """
    pixels = (ctypes.c_float * images.size).from_address(images.ctypes.data)
    return torch.frombuffer(pixels, dtype=torch.float32).reshape(images.shape)
