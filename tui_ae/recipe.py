"""How the network is trained, as values that the command line, trainer and screen share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Recipe:
    """An optimiser with its constants, and the size of the mini-batches."""

    name: str
    optimiser: Literal["adam", "muon"]
    learning_rate: float
    """The step size of the first mini-batch: Adam's, or Muon's for the weight matrices."""
    batch_size: int
    """Images a mini-batch."""
    decay_steps: float | None
    """Mini-batches t0 after which the step size decays, as 1 / sqrt(1 + t / t0); None for never.
    It needs no horizon: people train until they pause."""
    summary: str
    """What it does, in a sentence for the person."""


RECIPES: dict[str, Recipe] = {
    recipe.name: recipe
    for recipe in (
        Recipe(
            name="fast",
            optimiser="muon",
            learning_rate=0.05,
            batch_size=256,
            decay_steps=30,
            summary="Muon on the weight matrices and Adam on the biases, with steps that shrink "
            "with the square root of their number: classes part within seconds.",
        ),
        Recipe(
            name="original",
            optimiser="adam",
            learning_rate=0.001,
            batch_size=128,
            decay_steps=None,
            summary="Adam with a constant step, as in the web widget: hundreds of epochs until "
            "classes part.",
        ),
    )
}
DEFAULT = "fast"
