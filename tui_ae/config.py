"""The frozen values from which the screen and the headless trainer both start."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from tui_ae.errors import UserError
from tui_ae.recipe import DEFAULT, RECIPES, Recipe
from tui_ae.writable import check_writable

DEVICES = ("auto", "cpu", "cuda", "mps")
LinkMode = Literal["auto", "fast", "slow", "9600"]
LINKS: tuple[LinkMode, ...] = ("auto", "fast", "slow", "9600")
THEMES = ("dark", "light", "terminal")
MAX_BATCH_SIZE = 1_000_000
MAX_LEARNING_RATE = 1e30
"""The weights are float32, which ends at 3.4e38."""
MAX_SEED = 2**32 - 1


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that decides the losses of a run: the same Settings give the same losses.

    Raises:
        UserError: a value is out of its range.
    """

    data: Path | None = None
    """An IDX, NPZ or NPY file or a folder; None draws the synthetic digits."""
    seed: int = 0
    """Drives the synthetic digits, the initial weights and the shuffling."""
    batch_size: int | None = None
    """Images a mini-batch; None takes the recipe's."""
    learning_rate: float | None = None
    """The optimiser's step size; None takes the recipe's."""
    device: str = "auto"
    """One of DEVICES; auto takes CUDA, then MPS, then the CPU."""
    recipe: str = DEFAULT
    """One of RECIPES: the optimiser and its constants."""

    def __post_init__(self) -> None:
        if not 0 <= self.seed <= MAX_SEED:
            raise UserError(f"--seed {self.seed}: give a whole number from 0 to {MAX_SEED}.")
        if self.batch_size is not None and not 1 <= self.batch_size <= MAX_BATCH_SIZE:
            raise UserError(
                f"--batch-size {self.batch_size}: give a whole number from 1 to {MAX_BATCH_SIZE}."
            )
        rate = self.learning_rate
        if rate is not None and not 0 < rate <= MAX_LEARNING_RATE:
            raise UserError(f"--lr {rate:g}: give a positive number, such as 0.001.")
        if self.device not in DEVICES:
            raise UserError(f"--device {self.device}: choose one of {', '.join(DEVICES)}.")
        if self.recipe not in RECIPES:
            raise UserError(f"--recipe {self.recipe}: choose one of {', '.join(RECIPES)}.")

    @property
    def training(self) -> Recipe:
        """The recipe, with the batch size and the learning rate of these settings where given."""
        recipe = RECIPES[self.recipe]
        return replace(
            recipe,
            batch_size=self.batch_size or recipe.batch_size,
            learning_rate=self.learning_rate or recipe.learning_rate,
        )


@dataclass(frozen=True, slots=True)
class ScreenOptions:
    """How the screen looks and writes; nothing here changes a loss.

    Raises:
        UserError: a value is not one of its choices.
    """

    link: LinkMode = "auto"
    """One of LINKS: how much the terminal's line is taken to carry."""
    stats: bool = False
    """Show the figures of the link from the start."""
    log: Path | None = None
    """A file for one line a frame."""
    ascii: bool = False
    """Draw with ASCII characters only."""
    theme: str = "dark"
    """One of THEMES."""

    def __post_init__(self) -> None:
        if self.link not in LINKS:
            raise UserError(f"--link {self.link}: choose one of {', '.join(LINKS)}.")
        if self.theme not in THEMES:
            raise UserError(f"--theme {self.theme}: choose one of {', '.join(THEMES)}.")
        if self.log is not None:
            check_writable("--log", self.log)
