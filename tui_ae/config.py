"""The frozen values from which the screen and the headless trainer both start."""

from __future__ import annotations

import os
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, Protocol, get_args

from tui_ae.errors import InvalidValueError
from tui_ae.model.spec import NETWORK_KINDS, ModelSpec, NetworkKind, ObjectiveName
from tui_ae.recipe import DEFAULT, RECIPES, Recipe

DEVICES = ("auto", "cpu", "cuda", "mps")
LinkMode = Literal["auto", "fast", "slow", "9600"]
LINKS: tuple[LinkMode, ...] = ("auto", "fast", "slow", "9600")
LabelChoice = Literal["all", "none", "largest"]
LABELS: tuple[LabelChoice, ...] = ("all", "none", "largest")
DATA_SETS = ("mnist", "fashion-mnist", "kmnist", "digits")
"""Data sets that have a name: a path that is no more than such a name means the set."""
THEMES = ("dark", "light", "terminal")
GlyphSet = Literal["braille", "blocks", "ascii"]
GLYPHS: tuple[GlyphSet, ...] = ("braille", "blocks", "ascii")
COLOURS = ("auto", "truecolor", "256", "16", "none")
MAX_BATCH_SIZE = 1_000_000
MAX_LEARNING_RATE = 1e30
"""The weights are float32, which ends at 3.4e38."""
MAX_SEED = 2**32 - 1
MAX_HELD_OUT = 0.9
HIDDEN = (128, 32)
OBJECTIVE_NAMES: tuple[ObjectiveName, ...] = get_args(ObjectiveName)
MAX_LATENT_DIM = 512
MAX_LAYERS, MAX_UNITS = 16, 8192
"""What a network may have of hidden layers, and of units in each."""
MAX_BETA = 1_000_000


class Choices(Container[object], Iterable[str], Protocol):
    """Names to choose from."""


def check_choice(name: str, value: str, choices: Choices) -> None:
    """Make sure that a field has one of its values.

    Raises:
        InvalidValueError: it has another.
    """
    if value not in choices:
        raise InvalidValueError(name, value, f"choose one of {', '.join(choices)}.")


def check_epochs(epochs: int) -> None:
    """Make sure that one can train so many.

    Raises:
        InvalidValueError: one can't.
    """
    if epochs < 1:
        raise InvalidValueError("epochs", epochs, "give a whole number from 1.")


def is_named(data: Path) -> bool:
    """Whether it means one of DATA_SETS, and no file or folder."""
    return str(data) in DATA_SETS


def data_from(text: str) -> Path:
    """What a person means by --data: a name of a set, unless a file or a folder is called so.

    Returns:
        The name alone, or a path that can't be taken for one.
    """
    path = Path(text)
    if is_named(path) and (text not in DATA_SETS or os.path.lexists(path)):
        return path.absolute()
    return path


data_from.__name__ = "path or name"


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that decides the losses of a run: the same Settings give the same losses.

    Raises:
        UserError: a value is out of its range.
    """

    data: Path | None = None
    """A file or a folder, or one of DATA_SETS; None draws the synthetic digits."""
    labels: LabelChoice = "all"
    """'none' leaves the labels out; 'largest' keeps the images of the 36 largest classes."""
    held_out: float | None = None
    """The share of the images that never trains, 0 for none; None holds out what the data set
    brings for it (of the synthetic digits 640 more), else a tenth from 500 images on."""
    seed: int = 0
    """Drives the synthetic digits, the initial weights, the shuffling and what is held out."""
    batch_size: int | None = None
    """Images a mini-batch; None takes the recipe's."""
    learning_rate: float | None = None
    """The optimiser's step size; None takes the recipe's."""
    device: str = "auto"
    """One of DEVICES; auto takes CUDA, then MPS, then the CPU."""
    recipe: str = DEFAULT
    """One of RECIPES: the optimiser and its constants."""

    latent_dim: int = 2
    """Numbers in a code: the width of the bottleneck."""
    hidden: tuple[int, ...] | None = None
    """Units of the encoder's hidden layers, mirrored in the decoder; None takes those of the kind:
    128 and 32, or none for a linear autoencoder."""
    kind: NetworkKind = "ae"
    """A key of NETWORK_KINDS."""
    objective: ObjectiveName | None = None
    """What training makes small; None takes that of the kind: BCE, or MSE for a linear one."""
    beta: float = 1.0
    """What the divergence from the prior weighs in a variational autoencoder's loss."""

    def __post_init__(self) -> None:
        whole = "give a whole number from"
        if not 0 <= self.seed <= MAX_SEED:
            raise InvalidValueError("seed", self.seed, f"{whole} 0 to {MAX_SEED}.")
        if self.batch_size is not None and not 1 <= self.batch_size <= MAX_BATCH_SIZE:
            raise InvalidValueError(
                "batch_size", self.batch_size, f"{whole} 1 to {MAX_BATCH_SIZE}."
            )
        rate = self.learning_rate
        if rate is not None and not 0 < rate <= MAX_LEARNING_RATE:
            raise InvalidValueError(
                "learning_rate", f"{rate:g}", "give a positive number, such as 0.001."
            )
        if self.held_out is not None and not 0 <= self.held_out <= MAX_HELD_OUT:
            wanted = f"give a share from 0 to {MAX_HELD_OUT:g}, such as 0.1."
            raise InvalidValueError("held_out", f"{self.held_out:g}", wanted)
        check_choice("labels", self.labels, LABELS)
        check_choice("device", self.device, DEVICES)
        check_choice("recipe", self.recipe, RECIPES)
        self._check_network()

    def _check_network(self) -> None:
        check_choice("kind", self.kind, NETWORK_KINDS)
        if self.objective is not None:
            check_choice("objective", self.objective, OBJECTIVE_NAMES)
        if not 1 <= self.latent_dim <= MAX_LATENT_DIM:
            wanted = f"give a whole number from 1 to {MAX_LATENT_DIM}."
            raise InvalidValueError("latent_dim", self.latent_dim, wanted)
        hidden = self.hidden or ()
        if len(hidden) > MAX_LAYERS or not all(1 <= units <= MAX_UNITS for units in hidden):
            raise InvalidValueError(
                "hidden",
                ",".join(map(str, hidden)),
                f"give up to {MAX_LAYERS} whole numbers from 1 to {MAX_UNITS}, such as 128,32.",
            )
        if self.kind == "linear" and self.objective == "bce":
            raise InvalidValueError(
                "objective",
                "bce",
                "a linear network gives numbers that are no probabilities; train it with mse.",
            )
        if not 0 <= self.beta <= MAX_BETA:
            raise InvalidValueError(
                "beta", f"{self.beta:g}", f"give a number from 0 to {MAX_BETA}."
            )

    @property
    def spec(self) -> ModelSpec:
        """The network, with what the kind decides where these settings leave it open."""
        linear = self.kind == "linear"
        hidden = self.hidden
        if hidden is None:
            hidden = () if linear else HIDDEN
        return ModelSpec(
            widths=(ModelSpec().pixels, *hidden, self.latent_dim),
            kind=self.kind,
            objective=self.objective or ("mse" if linear else "bce"),
            beta=self.beta,
        )

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
    glyphs: GlyphSet = "braille"
    """One of GLYPHS: the characters that pictures are made of."""
    theme: str = "dark"
    """One of THEMES."""
    colours: str = "auto"
    """One of COLOURS: how many the terminal has; auto asks it."""
    configured: bool = False
    """Whether new runs have other settings than usual, unless the command line says otherwise."""
    hint: str = ""
    """A sentence to begin with, where the terminal could be set up better; '' for none."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """Keys by the id of an action, where they aren't those that it has anyway."""

    def __post_init__(self) -> None:
        check_choice("link", self.link, LINKS)
        check_choice("theme", self.theme, THEMES)
        check_choice("glyphs", self.glyphs, GLYPHS)
        check_choice("colours", self.colours, COLOURS)
