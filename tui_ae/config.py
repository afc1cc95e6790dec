"""The frozen values from which the screen and the headless trainer both start."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tui_ae.errors import UserError
from tui_ae.writable import check_writable

DEVICES = ("auto", "cpu", "cuda", "mps")
RECIPES = ("original",)
LinkMode = Literal["auto", "fast", "slow", "9600"]
LINKS: tuple[LinkMode, ...] = ("auto", "fast", "slow", "9600")
THEMES = ("dark", "light", "terminal")
MAX_BATCH_SIZE = 1_000_000
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
    batch_size: int = 128
    """Images a mini-batch."""
    learning_rate: float = 0.001
    """Adam's step size."""
    device: str = "auto"
    """One of DEVICES; auto takes CUDA, then MPS, then the CPU."""
    recipe: str = "original"
    """One of RECIPES: the optimiser and its constants."""

    def __post_init__(self) -> None:
        if not 0 <= self.seed <= MAX_SEED:
            raise UserError(f"--seed {self.seed}: give a whole number from 0 to {MAX_SEED}.")
        if not 1 <= self.batch_size <= MAX_BATCH_SIZE:
            raise UserError(
                f"--batch-size {self.batch_size}: give a whole number from 1 to {MAX_BATCH_SIZE}."
            )
        if not (math.isfinite(self.learning_rate) and self.learning_rate > 0):
            raise UserError(f"--lr {self.learning_rate:g}: give a positive number, such as 0.001.")
        if self.device not in DEVICES:
            raise UserError(f"--device {self.device}: choose one of {', '.join(DEVICES)}.")
        if self.recipe not in RECIPES:
            raise UserError(f"--recipe {self.recipe}: choose one of {', '.join(RECIPES)}.")


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
