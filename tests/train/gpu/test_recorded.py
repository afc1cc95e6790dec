"""Accelerators against the CPU, where there are any."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from weakref import WeakSet

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from tests.train.runs import train
from tui_ae.arrays import FloatArray
from tui_ae.config import Settings
from tui_ae.data.dataset import Dataset
from tui_ae.data.images import Images
from tui_ae.data.values import UNCHANGED
from tui_ae.model.network import Autoencoder
from tui_ae.model.spec import ModelSpec
from tui_ae.recipe import RECIPES
from tui_ae.train import pixels
from tui_ae.train.batch_step import BatchStep, DirectBatchStep, Samples
from tui_ae.train.criterion import evaluate
from tui_ae.train.device import choose_device
from tui_ae.train.flat import FlatParameters
from tui_ae.train.gpu.operations import Operations
from tui_ae.train.gpu.passes import Passes
from tui_ae.train.gpu.recorded import (
    MOST,
    MOST_SAMPLES,
    STRETCH_S,
    Graphs,
    RecordedBatchStep,
    Work,
)
from tui_ae.train.gpu.schedule import DeviceSchedule
from tui_ae.train.pixels import Pixels
from tui_ae.train.trainer import Trainer

THERE = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("name", THERE)
def test_a_device_loses_as_the_cpu_does(
    few: Dataset, settings: Settings, name: str, recipe: str
) -> None:
    if not THERE[name]:
        pytest.skip(f"this machine has no {name}")
    there, here = (
        Trainer(few, replace(settings, device=device, recipe=recipe)) for device in (name, "cpu")
    )
    assert train(there, 3) == pytest.approx(train(here, 3), rel=1e-3)
    there.encode_all()
    encoder, _ = there.frozen()
    # The screen's own copy, in NumPy, has the weights of the device.
    np.testing.assert_allclose(there.codes, encoder(few.images[:]), atol=1e-3)


Stretch = tuple[int, int]
"""How many mini-batches, and of how many samples."""
STRETCHES: tuple[Stretch, ...] = (
    (1, 64), (3, 64), (3, 64), (1, 64), (3, 64), (1, 40), (1, 64), (1, 40), (2, 40), (1, 40),
    (3, 64), (2, 8), (2, 8), (2, 8), (1, 64), (1, 64), (1, 40),
)  # fmt: skip
"""Of three sizes, more than are kept, often enough that each is recorded and repeated."""


class Recorder:
    """Records as a GPU does: nothing is computed meanwhile, and all is when it is repeated."""

    def __init__(self) -> None:
        self.recorded = self.repeated = 0

    def __call__(self, work: Work) -> Work:
        self.recorded += 1

        def repeat() -> None:
            self.repeated += 1
            work()

        return repeat


Parts = tuple[Autoencoder, FlatParameters, DeviceSchedule, Samples, Operations]


def prepared(
    numbers: FloatArray, recipe: str = "fast", device: str = "cpu", *, held: bool = True
) -> Parts:
    """What trains on images (n, 28, 28), which lie on the device or in the computer's memory."""
    count = len(numbers)
    stored = Images.as_stored((numbers,), UNCHANGED)
    images = Images(numbers.reshape(count, 784)) if held else stored
    pixels = Pixels(images, torch.device(device))
    assert pixels.held is held
    samples = Samples(pixels, torch.zeros(count, 2, device=device), torch.zeros((), device=device))
    model = Autoencoder(ModelSpec(), torch.Generator().manual_seed(0)).to(device)
    flat, operations = FlatParameters(model), Operations(model.spec)
    schedule = DeviceSchedule(RECIPES[recipe], flat, operations.adam)
    return model, flat, schedule, samples, operations


def trained(
    recipe: str,
    device: str,
    record: Callable[[Work], Work] | None,
    *,
    held: bool = True,
    stretches: tuple[Stretch, ...] = STRETCHES,
    most: int = MOST,
) -> tuple[Samples, Tensor]:
    """What mini-batches leave behind, and the weights; recorded, or done one by one."""
    numbers = np.random.default_rng(0).random((300, 28, 28), np.float32)
    parts = prepared(numbers, recipe, device, held=held)
    model, flat, schedule, samples, operations = parts

    def gradients(images: Tensor, rows: int) -> tuple[Tensor, Tensor]:
        codes, losses = images.new_empty(rows, 2), images.new_empty(1)
        Passes(model, flat, rows, operations)(images, codes, losses)
        return codes, losses[0] / images.numel()

    step: BatchStep = DirectBatchStep(model, gradients, schedule, samples)
    if record is not None:
        step = RecordedBatchStep(*parts, record)
    shuffled = torch.Generator().manual_seed(1)
    for count, rows in stretches:
        chosen = torch.randperm(300, generator=shuffled)[: count * rows].to(device)
        at_once = rows * (most if record is not None and held else 1)
        for part in chosen.split(at_once):
            step(part, rows)
    return samples, flat.values


@pytest.mark.parametrize("held", [True, False])
@pytest.mark.parametrize("recipe", RECIPES)
def test_what_is_recorded_is_the_whole_of_mini_batches(recipe: str, held: bool) -> None:
    recorder = Recorder()
    there, weights = trained(recipe, "cpu", recorder, held=held)
    here, expected = trained(recipe, "cpu", None)
    assert there.total.item() == pytest.approx(here.total.item(), rel=1e-6) and there.total > 0
    assert torch.equal(there.codes, here.codes) and here.codes.any(1).sum() > 250
    assert torch.equal(weights, expected)
    if held:
        # Each number of mini-batches of each size is done twice before it is recorded: three of 64
        # are repeated twice, one of 64 three times, one of 40 once, two of 8, which take the place
        # of 40, once. Then 40 begins anew.
        assert (recorder.recorded, recorder.repeated) == (4, 7)


def test_the_loss_is_the_same_however_many_mini_batches_are_in_a_stretch() -> None:
    """How many depends on the time that they take, and the same run is to have the same losses."""
    in_parts, weights = trained("original", "cpu", Recorder(), stretches=((6, 40),), most=2)
    at_once, expected = trained("original", "cpu", Recorder(), stretches=((6, 40),))
    assert torch.equal(in_parts.total, at_once.total) and at_once.total > 0
    assert torch.equal(in_parts.codes, at_once.codes) and torch.equal(weights, expected)


def test_recordings_go_with_the_last_that_holds_them() -> None:
    """One that waits for the collector may go while another is made, and spoil that."""
    alive: WeakSet[Recorded] = WeakSet()
    made: list[Work] = []

    class Recorded:
        """As a graph, it has all that it needs without what was recorded."""

        def __init__(self, work: Work) -> None:
            made.append(work)
            alive.add(self)

        def __call__(self) -> None:
            made.clear()

    gc.collect()
    gc.disable()
    try:
        trained("fast", "cpu", Recorded, stretches=((1, 8), (2, 8)) * 3)
        assert not alive
    finally:
        gc.enable()


def test_a_stretch_takes_no_more_than_a_moment_and_so_much_memory() -> None:
    most = RecordedBatchStep(*prepared(np.zeros((10, 28, 28), np.float32))).most
    # How fast it is nobody knows yet.
    assert most(128, 0.0) == 1
    assert most(128, 1e9) == MOST
    assert most(MOST_SAMPLES // 2, 1e9) == 2
    assert most(MOST_SAMPLES // 2 + 1, 1e9) == most(2 * MOST_SAMPLES, 1e9) == 1
    # Powers of two alone.
    allowed = (0, 1, 2, 3, 4, 7, 8, 31, 32, 33)
    taken = [most(10, count * 10 / STRETCH_S + 1) for count in allowed]
    assert taken == [1, 1, 2, 2, 4, 4, 8, 16, 32, 32]


def test_images_that_have_no_room_pass_by_mini_batches() -> None:
    step = RecordedBatchStep(*prepared(np.zeros((10, 28, 28), np.float32), held=False))
    assert step.most(1, 1e9) == 1


@pytest.mark.parametrize("held", [True, False])
def test_the_loss_of_some_samples_is_that_of_the_present_weights(held: bool) -> None:
    numbers = np.random.default_rng(0).random((50, 28, 28), np.float32)
    parts = prepared(numbers, held=held)
    model, flat = parts[:2]
    recorder = Recorder()
    step = RecordedBatchStep(*parts, recorder)
    for number in range(5):
        chosen = torch.arange(7 * number, 7 * number + 16)
        flat.values.mul_(1.1)
        with torch.no_grad():
            _, expected = evaluate(model, torch.tensor(numbers[chosen.numpy()].reshape(-1, 784)))
        assert step.loss_of(chosen).item() == pytest.approx(expected.item())
    assert (recorder.recorded, recorder.repeated) == ((1, 3) if held else (0, 0))


class Asked(TorchDispatchMode):
    """Counts those that write; others that look at memory anew cost a GPU nothing."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # PyTorch gives it no types
        self.counted = Counter[str]()

    def __torch_dispatch__(
        self,
        func: torch._ops.OpOverload[..., object],
        types: object,
        args: tuple[object, ...] = (),
        kwargs: dict[str, object] | None = None,
    ) -> object:
        if not func.is_view and func.overloadpacket not in WRITE_NOTHING:
            self.counted[str(func)] += 1
        return func(*args, **(kwargs or {}))


WRITE_NOTHING = {torch.ops.aten._unsafe_view, torch.ops.aten.empty, torch.ops.aten.empty_like}


@pytest.mark.parametrize(("recipe", "most"), [("original", 37.4), ("fast", 73.7)])
def test_a_gpu_is_asked_for_few_operations_a_mini_batch(recipe: str, most: float) -> None:
    """Any of them takes it about as long as any other."""
    operations, repeated = Asked(), 0

    def recorded(work: Work) -> Work:
        def repeat() -> None:
            nonlocal repeated
            repeated += 1
            with operations:
                work()

        return repeat

    trained(recipe, "cpu", recorded, stretches=((25, 12),) * 4)
    assert repeated == 2
    assert operations.counted.total() <= most * 25 * repeated, operations.counted


@pytest.mark.skipif(not THERE["cuda"], reason="this machine has no cuda")
@pytest.mark.parametrize("held", [True, False])
@pytest.mark.parametrize("recipe", RECIPES)
def test_recorded_mini_batches_do_what_they_record(recipe: str, held: bool) -> None:
    there, weights = trained(recipe, "cuda", Graphs(), held=held)
    here, expected = trained(recipe, "cuda", None)
    assert there.total.item() == pytest.approx(here.total.item(), rel=1e-5)
    torch.testing.assert_close(there.codes, here.codes, rtol=1e-3, atol=1e-4)
    torch.testing.assert_close(weights, expected, rtol=1e-3, atol=1e-4)


@pytest.mark.skipif(not THERE["cuda"], reason="this machine has no cuda")
def test_a_gpu_gets_recorded_mini_batches(few: Dataset, settings: Settings) -> None:
    trainer = Trainer(few, replace(settings, device="cuda"))
    assert isinstance(trainer._learn, RecordedBatchStep)


def test_images_that_a_gpu_has_no_room_for_stay_in_the_computers_memory(
    few: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = torch.tensor([3, 0, 299])
    held = Pixels(few.images, torch.device("cpu"))
    monkeypatch.setattr(pixels, "free_bytes", lambda device: 2.0 * few.images[:].nbytes / 3)
    streamed = Pixels(few.images, torch.device("cpu"))
    assert held._held is not None and streamed._held is None
    assert torch.equal(streamed.rows(numbers), held.rows(numbers))
    assert torch.equal(streamed.stretch(10, 20), held.stretch(10, 20))


def test_auto_takes_an_accelerator_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for cuda, mps, chosen in ((True, True, "cuda"), (False, True, "mps"), (False, False, "cpu")):
        monkeypatch.setattr(torch.cuda, "is_available", lambda there=cuda: there)
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda there=mps: there)
        assert choose_device("auto").type == chosen
