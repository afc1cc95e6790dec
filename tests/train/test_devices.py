"""Accelerators against the CPU, where there are any."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.train.runs import train
from tui_ae.config import Settings
from tui_ae.data.dataset import Dataset
from tui_ae.recipe import RECIPES
from tui_ae.train.device import choose_device
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


def test_auto_takes_an_accelerator_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for cuda, mps, chosen in ((True, True, "cuda"), (False, True, "mps"), (False, False, "cpu")):
        monkeypatch.setattr(torch.cuda, "is_available", lambda there=cuda: there)
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda there=mps: there)
        assert choose_device("auto").type == chosen
