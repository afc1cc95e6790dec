"""Accelerators against the CPU, where there are any."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.train.runs import train
from tui_ae.config import Settings
from tui_ae.data.dataset import Dataset
from tui_ae.model.network import Autoencoder
from tui_ae.model.spec import ModelSpec
from tui_ae.recipe import RECIPES
from tui_ae.train import pixels
from tui_ae.train.batch_step import DirectBatchStep, RecordedBatchStep, choose_step
from tui_ae.train.device import choose_device
from tui_ae.train.flat import FlatParameters
from tui_ae.train.optimiser import Schedule
from tui_ae.train.pixels import Pixels
from tui_ae.train.trainer import Trainer
from tui_ae.train.written_out import WrittenOutGradients

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


@pytest.mark.skipif(not THERE["cuda"], reason="this machine has no cuda")
@pytest.mark.parametrize("recipe", RECIPES)
def test_recorded_mini_batches_do_what_they_record(settings: Settings, recipe: str) -> None:
    """Of three sizes, more than are kept, often enough that each is recorded and repeated."""
    images = torch.rand(64, 784, device="cuda")

    def trained(*, recorded: bool) -> tuple[list[float], torch.Tensor, torch.Tensor]:
        model = Autoencoder(ModelSpec(), torch.Generator().manual_seed(0)).to("cuda")
        flat = FlatParameters(model)
        gradients, schedule = WrittenOutGradients(model, flat), Schedule(RECIPES[recipe], flat)
        step = choose_step(model, flat, gradients, schedule)
        assert isinstance(step, RecordedBatchStep)
        if not recorded:
            step = DirectBatchStep(gradients, schedule)
        losses = []
        for size in (64, 64, 64, 64, 40, 64, 40, 40, 40, 64, 8, 8, 8, 64, 40):
            codes, loss = step(images[:size], size)
            losses.append(loss.item())
        return losses, codes.clone(), flat.values

    there, here = trained(recorded=True), trained(recorded=False)
    assert there[0] == pytest.approx(here[0], rel=1e-5)
    torch.testing.assert_close(there[1:], here[1:], rtol=1e-3, atol=1e-4)


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
