"""Steps reckoned on the device against those reckoned by the computer."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tui_ae.model.network import Autoencoder
from tui_ae.model.spec import ModelSpec
from tui_ae.recipe import RECIPES
from tui_ae.train.adam import fused
from tui_ae.train.flat import FlatParameters
from tui_ae.train.gpu.schedule import DeviceSchedule
from tui_ae.train.muon import Muon
from tui_ae.train.optimiser import Schedule


def flat_network() -> FlatParameters:
    return FlatParameters(Autoencoder(ModelSpec((30, 8, 2)), torch.Generator().manual_seed(0)))


def sizes(schedule: Schedule) -> tuple[float, float]:
    """The size of the step taken last, and the weight that it gave to what came before."""
    optimiser = schedule._optimiser
    return float(optimiser.learning_rate), float(getattr(optimiser, "momentum", 0.0))


@pytest.mark.parametrize("recipe", RECIPES)
def test_steps_are_as_long_and_remember_as_much_as_on_the_cpu(recipe: str) -> None:
    there, here = flat_network(), flat_network()
    planned = DeviceSchedule(RECIPES[recipe], there, fused)
    oracle = Schedule(RECIPES[recipe], here)
    generator = torch.Generator().manual_seed(1)
    for count in (1, 3, 32, 90):
        planned.plan(count)
        for index in range(count):
            here.gradients.copy_(torch.randn(here.gradients.shape, generator=generator))
            there.gradients.copy_(here.gradients)
            planned.move(index)
            oracle.step()
            assert sizes(planned) == pytest.approx(sizes(oracle), rel=1e-6)
    assert planned.steps == oracle.steps == 126
    torch.testing.assert_close(there.values, here.values, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_run_goes_on_on_the_other_device(recipe: str) -> None:
    there, here = flat_network(), flat_network()
    planned = DeviceSchedule(RECIPES[recipe], there, fused)
    for _ in range(7):
        there.gradients.fill_(0.5)
        planned.step()
    oracle = Schedule(RECIPES[recipe], here)
    oracle.restore(planned.checkpoint())
    assert oracle.steps == 7
    again = DeviceSchedule(RECIPES[recipe], there, fused)
    again.restore(oracle.checkpoint())
    for name, expected in planned.checkpoint().items():
        np.testing.assert_array_equal(again.checkpoint()[name], expected)
    for schedule, flat in ((again, there), (oracle, here)):
        flat.values.zero_()
        flat.gradients.fill_(0.25)
        schedule.step()
    assert sizes(again) == pytest.approx(sizes(oracle), rel=1e-6)
    torch.testing.assert_close(there.values, here.values, rtol=1e-3, atol=1e-5)


def test_fewer_steps_than_none_are_refused() -> None:
    schedule = DeviceSchedule(RECIPES["fast"], flat_network(), fused)
    state = schedule.checkpoint()
    with pytest.raises(ValueError, match="-3 steps taken"):
        schedule.restore(state | {"steps_taken": np.array(-3)})


def test_what_is_recorded_finds_each_step_anew() -> None:
    """A recording is the same operations on the same tensors, without Python between them."""
    flat = flat_network()
    schedule = DeviceSchedule(RECIPES["fast"], flat, fused)
    muon = schedule._optimiser
    assert isinstance(muon, Muon)
    schedule.plan(2)
    first = schedule._rates.clone()
    schedule.plan(2)
    assert (schedule._rates < first[-1]).all()
    assert schedule.steps == 4
