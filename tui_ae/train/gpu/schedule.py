"""The optimiser's schedule, reckoned by the GPU itself."""

from __future__ import annotations

import torch

from tui_ae.recipe import Recipe
from tui_ae.train.adam import AdamOperation
from tui_ae.train.flat import FlatParameters
from tui_ae.train.muon import FIRST_MOMENTUM, MOMENTUM, WARM_UP, Muon
from tui_ae.train.optimiser import Schedule, make_optimiser


class DeviceSchedule(Schedule):
    """Step sizes from a count of steps that lies on the device.

    Recorded work has to find them where it is: it takes each step anew without being told that
    time has passed.
    """

    def __init__(self, recipe: Recipe, flat: FlatParameters, operation: AdamOperation) -> None:
        """Train the parameters in `flat` by `recipe`; `operation` takes the steps of its Adam."""
        self._recipe = recipe
        self._rate = flat.values.new_tensor(recipe.learning_rate)
        self._optimiser = make_optimiser(
            recipe, flat, self._rate, together=True, operation=operation
        )
        self._taken = torch.zeros((), dtype=torch.int64, device=flat.values.device)
        self._rates = self._momenta = self._rate[None]
        """(steps,) of the steps that were planned last."""

    @property
    def steps(self) -> int:
        """Steps taken."""
        return int(self._taken)

    @steps.setter
    def steps(self, steps: int) -> None:
        self._taken.fill_(steps)

    def step(self) -> None:
        """Take one step."""
        self.plan(1)
        self.move(0)

    @torch.no_grad()
    def plan(self, count: int) -> None:
        """Work out the sizes of the next `count` steps, and how much each remembers."""
        before = self._taken + torch.arange(count, device=self._taken.device)
        self._rates = self._rate.expand(count)
        if self._recipe.decay_steps:
            self._rates = self._rate / (1 + before / self._recipe.decay_steps).sqrt()
        if isinstance(self._optimiser, Muon):
            share = (before / WARM_UP).clamp_(max=1)
            self._momenta = FIRST_MOMENTUM + (MOMENTUM - FIRST_MOMENTUM) * share
        self._taken.add_(count)

    def move(self, index: int) -> None:
        """Take the planned step of this number, from 0."""
        self._optimiser.learning_rate = self._rates[index]
        if isinstance(self._optimiser, Muon):
            self._optimiser.momentum = self._momenta[index]
        self._optimiser.step()
