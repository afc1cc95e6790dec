"""The optimiser of a recipe, with its step size over time."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from tui_ae.recipe import Recipe
from tui_ae.run.checkpoint import Checkpoint
from tui_ae.train.adam import Adam
from tui_ae.train.flat import FlatParameters
from tui_ae.train.muon import Muon, momentum_after
from tui_ae.train.tensors import copy_into, to_array

EPSILON = 1e-7
"""Adam's epsilon in the original's learner."""


class Optimiser(Protocol):
    """Updates the parameters that it was made for."""

    learning_rate: float | Tensor
    """The size of the next step; a tensor is a scalar on the parameters' device."""

    def step(self) -> None:
        """Move the parameters against their present gradients."""
        ...

    def memory(self) -> dict[str, Tensor]:
        """What it remembers from step to step, by name; to restore it, copy into these."""
        ...


class Schedule:
    """Lets an optimiser's steps shrink as a recipe says."""

    def __init__(
        self, recipe: Recipe, flat: FlatParameters, look: Callable[[], None] = lambda: None
    ) -> None:
        """Train the parameters in `flat` by `recipe`; `look` is called between large products."""
        self._recipe = recipe
        self._steps = 0
        rate: float | Tensor = recipe.learning_rate
        on_gpu = flat.values.device.type == "cuda"
        if on_gpu:
            # Recorded work reads the rate where the next mini-batch finds another.
            rate = flat.values.new_tensor(rate)
        self._optimiser: Optimiser = (
            Muon(flat, learning_rate=rate, look=look, together=on_gpu)
            if recipe.optimiser == "muon"
            else Adam([flat.values], [flat.gradients], learning_rate=rate, epsilon=EPSILON)
        )

    def checkpoint(self) -> Checkpoint:
        """All that `restore` needs, in copies."""
        memory = {name: to_array(tensor) for name, tensor in self._optimiser.memory().items()}
        return {"steps_taken": np.array(self._steps), **memory}

    @torch.no_grad()
    def restore(self, checkpoint: Checkpoint) -> None:
        """Go on from a `checkpoint` of the same recipe for the same parameters."""
        self._steps = int(checkpoint["steps_taken"])
        if self._steps < 0:
            raise ValueError(f"{self._steps} steps taken")
        for name, tensor in self._optimiser.memory().items():
            copy_into(tensor, checkpoint[name])

    def advance(self) -> None:
        """Set the size of the next step, and how much it remembers."""
        decay_steps, optimiser = self._recipe.decay_steps, self._optimiser
        if decay_steps:
            rate = self._recipe.learning_rate / math.sqrt(1 + self._steps / decay_steps)
            optimiser.learning_rate = _set(optimiser.learning_rate, rate)
        if isinstance(optimiser, Muon):
            optimiser.momentum = _set(optimiser.momentum, momentum_after(self._steps))
        self._steps += 1

    def move(self) -> None:
        """Take the step."""
        self._optimiser.step()

    def step(self) -> None:
        """Both."""
        self.advance()
        self.move()


def _set(number: float | Tensor, value: float) -> float | Tensor:
    """`value` in the place of `number`: in it, where that is a tensor."""
    return number.fill_(value) if isinstance(number, Tensor) else value
