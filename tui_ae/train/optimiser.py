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
from tui_ae.train.adam import Adam, AdamOperation, fused
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


def make_optimiser(
    recipe: Recipe,
    flat: FlatParameters,
    learning_rate: float | Tensor,
    look: Callable[[], None] = lambda: None,
    *,
    together: bool = False,
    operation: AdamOperation = fused,
) -> Optimiser:
    """The optimiser of `recipe` for the parameters in `flat`.

    Args:
        recipe: Names it.
        flat: Weights and biases.
        learning_rate: The size of the first step.
        look: Called between large products.
        together: See Muon.
        operation: Takes the steps of Adam, where that moves all parameters.
    """
    if recipe.optimiser == "muon":
        return Muon(flat, learning_rate=learning_rate, look=look, together=together)
    return Adam(
        [flat.values],
        [flat.gradients],
        learning_rate=learning_rate,
        epsilon=EPSILON,
        operation=operation,
    )


class Schedule:
    """Lets an optimiser's steps shrink as a recipe says."""

    def __init__(
        self, recipe: Recipe, flat: FlatParameters, look: Callable[[], None] = lambda: None
    ) -> None:
        """Train the parameters in `flat` by `recipe`; `look` is called between large products."""
        self._recipe = recipe
        self._steps = 0
        self._optimiser = make_optimiser(recipe, flat, recipe.learning_rate, look)

    @property
    def steps(self) -> int:
        """Steps taken."""
        return self._steps

    @steps.setter
    def steps(self, steps: int) -> None:
        self._steps = steps

    def checkpoint(self) -> Checkpoint:
        """All that `restore` needs, in copies."""
        memory = {name: to_array(tensor) for name, tensor in self._optimiser.memory().items()}
        return {"steps_taken": np.array(self.steps), **memory}

    @torch.no_grad()
    def restore(self, checkpoint: Checkpoint) -> None:
        """Go on from a `checkpoint` of the same recipe for the same parameters."""
        self.steps = int(checkpoint["steps_taken"])
        if self.steps < 0:
            raise ValueError(f"{self.steps} steps taken")
        for name, tensor in self._optimiser.memory().items():
            copy_into(tensor, checkpoint[name])

    def step(self) -> None:
        """Take a step of the size that is due, which remembers as much as is due."""
        optimiser, decay_steps = self._optimiser, self._recipe.decay_steps
        if decay_steps:
            optimiser.learning_rate = self._recipe.learning_rate / math.sqrt(
                1 + self._steps / decay_steps
            )
        if isinstance(optimiser, Muon):
            optimiser.momentum = momentum_after(self._steps)
        self._steps += 1
        optimiser.step()
