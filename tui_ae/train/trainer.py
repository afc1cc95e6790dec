"""The training itself, mini-batch by mini-batch."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from tui_ae.arrays import FloatArray
from tui_ae.config import Settings
from tui_ae.data.dataset import Dataset, least_active
from tui_ae.model.frozen import FrozenNetwork
from tui_ae.model.network import build, freeze
from tui_ae.run.checkpoint import Checkpoint, group, ungroup
from tui_ae.train.batch_step import Samples
from tui_ae.train.choose_step import choose_step
from tui_ae.train.criterion import evaluate
from tui_ae.train.failure import NonFiniteLossError
from tui_ae.train.flat import FlatParameters
from tui_ae.train.noise import Noise
from tui_ae.train.optimiser import Schedule
from tui_ae.train.pixels import Pixels
from tui_ae.train.process_group import ProcessGroup
from tui_ae.train.tensors import copy_into, to_array
from tui_ae.train.threads import ThreadCount, counts_that_agree
from tui_ae.train.written_out import WrittenOutGradients

CHUNK = 256
"""Images that pass through the network at a time outside training: a millisecond or two and 3 MB.
Four times as many took four times the memory, and hardly less time."""
EXAMINED = 8192
"""Samples that pass through the fresh network before it is shown: a tenth of a second."""
HELD_OUT_CHUNK = 640
"""Held-out images that pass at a time."""
MOST_HELD_OUT = 10_000
"""Held-out images that are looked at: a twentieth of a second."""
CHECKED = 16
"""Images that have to pass through the weights of an epoch before they are kept as good."""
LOOK_EVERY = 32
"""Mini-batches between two looks at the running loss: each waits for the device."""


@dataclass(slots=True)
class Epoch:
    """The place within a running epoch."""

    samples: Tensor
    """Numbers of all its samples, in the order in which they come."""
    done: int = 0
    """How many samples are."""
    seconds: float = 0.0
    """What they took."""


class Trainer:
    """Owns the network, its optimiser and the generators of one run.

    Whatever the recipe, the objective is the mean loss of reshuffled mini-batches; labels never
    reach it.
    """

    def __init__(
        self,
        dataset: Dataset,
        settings: Settings,
        processes: ProcessGroup | None = None,
        agree: Callable[[Callable[[], Tensor]], tuple[int, ...]] = counts_that_agree,
    ) -> None:
        """Prepare to train on `dataset`; denormal numbers are 0 in this thread from now on.

        Args:
            dataset: All images, in each process the same.
            settings: The same in each process; a mini-batch has `batch_size` images of each.
            processes: The processes that train together, entered; None trains alone.
            agree: Which numbers of threads give the same results, the largest first.

        Raises:
            UserError: the device of the settings is not there.
        """
        # The momentum of a unit that is never active any more fades into them, and then an Intel
        # processor takes two to eight times as long for a mini-batch. The threads that help this
        # one inherit its mode, so it comes before the first of them.
        torch.set_flush_denormal(True)
        self._processes, self._agree = processes or ProcessGroup(), agree
        self.dataset = dataset
        self.settings = settings
        self.recipe = settings.training
        self.spec = settings.spec
        self.device = self._processes.device(settings.device)
        self._pixels = Pixels(dataset.images, self.device)
        self._codes = torch.zeros(len(dataset.images), self.spec.latent_dim, device=self.device)
        held_out = dataset.held_out.images if dataset.held_out else dataset.images.take(slice(0))
        self._total = torch.zeros((), device=self.device)
        """The sum of the losses of the running epoch's samples so far."""
        self._held_out = Pixels(held_out, self.device)
        self._held_out_codes = torch.zeros(len(held_out), self.spec.latent_dim, device=self.device)
        self.reset()

    def reset(self) -> None:
        """Fresh weights and shuffling from the same seed, with all classes on."""
        # Each process draws noise of its own.
        weights, shuffling, *noise = np.random.SeedSequence(self.settings.seed).spawn(
            3 + self._processes.rank
        )
        self._shuffling = _generator(shuffling)
        self._noise = Noise(_generator(noise[-1]))
        self.model = build(self.spec, _generator(weights)).to(self.device)
        self._flat = FlatParameters(self.model)
        self._good = self._flat.values.clone()
        self._threads = ThreadCount((1,))
        self._gradients = self._processes.gradients(self.model, self._flat, self._noise, self._look)
        samples = Samples(self._pixels, self._codes, self._total)
        self._learn = choose_step(
            self.model, self._flat, self._gradients, self.recipe, samples, self._look
        )
        self._threads = ThreadCount(self._thread_counts())
        self.epoch = 0
        self.batch = 0
        self.samples_per_second = 0.0
        self._running: Epoch | None = None
        self.set_classes(frozenset(range(len(self.dataset.class_names))))
        self.loss = self._examine()
        """Mean over the last finished epoch; before the first that of the fresh network."""
        self.running_loss = math.nan
        """Mean over the mini-batches of the running epoch, as of the last look; NaN before."""

    def _look(self) -> None:
        """Between two products of a mini-batch."""
        self._threads.look()

    def hurry(self) -> None:
        """Come to the end of the present mini-batch, the last, whatever else the machine does."""
        self._threads.hurry()

    @property
    def codes(self) -> FloatArray:
        """(n, latent) of all samples, each from its last pass through the encoder of this process.

        NaN for one that never passed; `encode_all` leaves none of those.
        """
        codes: FloatArray = self._codes.cpu().numpy()
        return codes

    @property
    def held_out_codes(self) -> FloatArray:
        """(m, latent) of the held-out samples, as of the last look at them; NaN before."""
        codes: FloatArray = self._held_out_codes.cpu().numpy()
        return codes

    @property
    def threads(self) -> int:
        """Threads that the next mini-batch has."""
        return self._threads.count

    @property
    def thread_counts(self) -> tuple[int, ...]:
        """Among which numbers of threads this run changes."""
        return self._threads.counts

    def set_classes(self, active: frozenset[int]) -> None:
        """Train on these classes from the next epoch on.

        Fewer than two classes (or the only one), or none with samples, change nothing.
        """
        names = len(self.dataset.class_names)
        active &= frozenset(range(names))
        chosen = np.flatnonzero(np.isin(self.dataset.labels, list(active)))
        if len(active) >= least_active(names) and len(chosen):
            self.active_classes = active
            self._samples = torch.from_numpy(chosen)

    @property
    def active_samples(self) -> int:
        """Samples of the running epoch; between epochs those of the active classes."""
        return len(self._samples if self._running is None else self._running.samples)

    @property
    def batches(self) -> int:
        """Mini-batches of the running epoch; between epochs those of the next."""
        return -(-self.active_samples // self._batch_size)

    @property
    def _batch_size(self) -> int:
        """Images a mini-batch, over all processes."""
        return self.recipe.batch_size * self._processes.size

    def train_epoch(self) -> Iterator[None]:
        """Train to the end of an epoch, the running one where there is one.

        Yields before each step, so that the caller may stop there.

        Raises:
            NonFiniteLossError: see `step`.
        """
        self._epoch_at_hand()
        ended = False
        while not ended:
            yield
            ended = self.step()

    def step(self) -> bool:
        """Train on one mini-batch, the first of a new epoch where none runs.

        On a GPU on several, as many as take a moment. Codes of the samples are kept from the
        forward passes, so they belong to weights up to an epoch old.

        Returns:
            Whether the epoch has ended.

        Raises:
            NonFiniteLossError: the loss overflowed; the weights of the last finished epoch are
                back in place, and no codes belong to them yet.
        """
        epoch = self._epoch_at_hand()
        began = time.perf_counter()
        self._threads.begin()
        rows = min(self._batch_size, len(epoch.samples) - epoch.done)
        most = self._learn.most(rows, self.samples_per_second)
        count = min(most, (len(epoch.samples) - epoch.done) // rows)
        chosen = epoch.samples[epoch.done : epoch.done + count * rows]
        self._learn(self._processes.part(chosen), rows)
        epoch.done += len(chosen)
        looked, self.batch = self.batch // LOOK_EVERY, self.batch + count
        last = epoch.done == len(epoch.samples)
        looks = last or self.batch // LOOK_EVERY > looked
        if looks:
            self.running_loss = self._processes.total(self._total) / epoch.done
            if not math.isfinite(self.running_loss):
                raise self._failure()
        spent = time.perf_counter() - began
        self._threads.spent(spent)
        epoch.seconds += spent
        if looks:
            # Between looks a GPU may only have been asked.
            self.samples_per_second = epoch.done / epoch.seconds
        if last:
            self._end_epoch(epoch)
        return last

    def _epoch_at_hand(self) -> Epoch:
        """The running epoch; a new one where none runs."""
        if self._running is None:
            self.running_loss = math.nan
            order = torch.randperm(len(self._samples), generator=self._shuffling)
            self._running = Epoch(self._samples[order].to(self.device))
            self._total.zero_()
        return self._running

    def _end_epoch(self, epoch: Epoch) -> None:
        if not self._is_sound(epoch.samples[-CHECKED:]):
            raise self._failure()
        self.batch, self._running = 0, None
        self.epoch += 1
        self.loss = self.running_loss
        self._good.copy_(self._flat.values)

    def _thread_counts(self) -> tuple[int, ...]:
        """Numbers of threads among which this fresh run may change without changing a bit."""
        # Several processes on a machine share its cores already.
        if self.device.type != "cpu" or self._processes.size > 1:
            return (1,)
        # Autograd's sums differ with the number of threads, if only now and then: what two
        # mini-batches give alike proves nothing.
        if not isinstance(self._gradients, WrittenOutGradients):
            return (1,)
        images = self._pixels.rows(torch.arange(min(len(self._pixels), self._batch_size)))

        def results() -> Tensor:
            with self._noise.held():
                _, loss = self._gradients(images, len(images))
            # Steps from zero keep all their bits.
            self._flat.values.zero_()
            Schedule(self.recipe, self._flat).step()
            steps = self._flat.values.clone()
            self._flat.values.copy_(self._good)
            return torch.cat([self._flat.gradients, steps, loss.reshape(1)])

        return self._agree(results)

    def _is_sound(self, chosen: Tensor) -> bool:
        """Whether the present weights still give a loss: the epoch's own losses precede its end."""
        return math.isfinite(self._processes.total(self._learn.loss_of(chosen)))

    @torch.no_grad()
    def _failure(self) -> NonFiniteLossError:
        """Go back to the weights of the last finished epoch, and say so."""
        self._flat.values.copy_(self._good)
        self.batch, self._running = 0, None
        return NonFiniteLossError(
            f"The loss stopped being a number in epoch {self.epoch + 1} with a learning rate of "
            f"{self.recipe.learning_rate:g}; the weights of epoch {self.epoch} are kept. Start "
            "again with a smaller --lr."
        )

    def encode_all(self) -> None:
        """Bring the codes of all samples up to the present weights."""
        for _ in self.encode_in_pieces():
            pass

    def encode_in_pieces(self) -> Iterator[None]:
        """The same, yielding after each CHUNK samples."""
        for pixels, codes in (
            (self._pixels, self._codes),
            (self._held_out, self._held_out_codes),
        ):
            for start in range(0, len(pixels), CHUNK):
                with torch.no_grad():
                    images = pixels.stretch(start, start + CHUNK)
                    codes[start : start + CHUNK] = self.model.encode(images)
                yield

    @torch.no_grad()
    def held_out_loss(self) -> float:
        """The mean loss of the held-out images by the present weights, without any noise.

        Of more than MOST_HELD_OUT those alone, spread over all; NaN where none are held out.
        """
        count = len(self._held_out)
        if not count:
            return math.nan
        if count <= MOST_HELD_OUT:
            chosen = torch.arange(count, device=self.device)
        else:
            chosen = torch.arange(MOST_HELD_OUT, device=self.device) * count // MOST_HELD_OUT
        total = torch.zeros((), device=self.device, dtype=self._flat.values.dtype)
        for part in torch.split(chosen, HELD_OUT_CHUNK):
            images = self._held_out.rows(part)
            codes, loss = evaluate(self.model, images)
            self._held_out_codes[part] = codes
            total.add_(loss, alpha=len(part))
        return total.item() / len(chosen)

    @torch.no_grad()
    def _examine(self) -> float:
        """Encode samples with the fresh weights; returns their mean loss.

        All samples where they are few; else some from all over, and the codes of the others become
        NaN, which no picture shows, until somebody encodes them.
        """
        self._codes.fill_(math.nan)
        self._held_out_codes.fill_(math.nan)
        total, count = 0.0, len(self._pixels)
        chosen = torch.arange(0, count, -(-count // EXAMINED), device=self.device)
        for part in torch.split(chosen, CHUNK):
            images = self._pixels.rows(part)
            codes, loss = evaluate(self.model, images)
            self._codes[part] = codes
            total += loss.item() * len(images)
        return total / len(chosen)

    def frozen(self) -> tuple[FrozenNetwork, FrozenNetwork]:
        """Copies of encoder and decoder for a snapshot."""
        return freeze(self.model)

    def checkpoint(self) -> Checkpoint:
        """All that `restore` needs, in copies; all processes that train together ask for it."""
        epoch = self._running
        empty = torch.zeros(0)
        return {
            "weights": to_array(self._flat.values),
            "good_weights": to_array(self._good),
            "codes": to_array(self._codes),
            "held_out_codes": to_array(self._held_out_codes),
            "shuffling": to_array(self._shuffling.get_state()),
            "noise": to_array(self._processes.everywhere(self._noise.generator.get_state())),
            "active_classes": np.array(sorted(self.active_classes)),
            "epoch_batch": np.array([self.epoch, self.batch]),
            "losses": np.array([self.loss, self.running_loss]),
            "order": to_array(epoch.samples if epoch else empty.long()),
            "total": to_array(self._processes.everywhere(self._total) if epoch else empty),
            "done_seconds": np.array([epoch.done, epoch.seconds] if epoch else [0.0, 0.0]),
            **group("optimiser", self._learn.schedule.checkpoint()),
        }

    @torch.no_grad()
    def restore(self, checkpoint: Checkpoint) -> None:
        """Go on from a `checkpoint` of the same settings and data.

        To the last bit, where as many processes train as before.

        Raises:
            KeyError: it lacks something.
            ValueError: something in it has another shape or type, or can't be.
        """
        copy_into(self._flat.values, checkpoint["weights"])
        copy_into(self._good, checkpoint["good_weights"])
        copy_into(self._codes, checkpoint["codes"])
        copy_into(self._held_out_codes, checkpoint["held_out_codes"])
        self._shuffling.set_state(torch.from_numpy(checkpoint["shuffling"].copy()))
        noises = np.atleast_2d(checkpoint["noise"])
        if self._processes.rank < len(noises):
            # One that was not there before draws what it would have drawn from the beginning.
            noise = noises[self._processes.rank].copy()
            self._noise.generator.set_state(torch.from_numpy(noise))
        active = frozenset(int(label) for label in checkpoint["active_classes"].tolist())
        self.set_classes(active)
        self.epoch, self.batch = (int(number) for number in checkpoint["epoch_batch"].tolist())
        self.loss, self.running_loss = (float(loss) for loss in checkpoint["losses"].tolist())
        if self.active_classes != active or self.epoch < 0 or self.batch < 0:
            raise ValueError("its epoch or its classes can't be")
        self._running = self._restored_epoch(checkpoint)
        self._learn.schedule.restore(ungroup("optimiser", checkpoint))

    def _restored_epoch(self, checkpoint: Checkpoint) -> Epoch | None:
        """The running epoch of a checkpoint; None where none ran."""
        order = checkpoint["order"]
        if not len(order):
            return None
        done, seconds = (float(number) for number in checkpoint["done_seconds"].tolist())
        if order.ndim != 1 or order.dtype != np.int64 or not 0 <= done < len(order):
            raise ValueError(f"the order of its images can't be {order.shape} {order.dtype}")
        # A number beyond would only be found where it is used, and end a GPU's program.
        if order.min() < 0 or order.max() >= len(self.dataset.images):
            raise ValueError("its order names images that there are not")
        samples = torch.from_numpy(order.copy()).to(self.device)
        totals = np.atleast_1d(checkpoint["total"])
        if len(totals) == self._processes.size:
            copy_into(self._total, totals[self._processes.rank])
        else:
            # Other processes than before: the first has what all of those had.
            copy_into(self._total, totals.sum(dtype=totals.dtype) * (self._processes.rank == 0))
            self.batch = -(-int(done) // self._batch_size)
        return Epoch(samples, int(done), seconds)


def _generator(seed: np.random.SeedSequence) -> torch.Generator:
    return torch.Generator().manual_seed(int(seed.generate_state(1, np.uint64)[0] >> 1))
