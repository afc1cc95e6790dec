"""Scenes for the panes: a small data set, snapshots of it, and looks, without a worker."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Sequence
from random import Random
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from textual.app import App

from tui_ae.arrays import DoubleArray
from tui_ae.config import Settings
from tui_ae.data.arrays import PIXELS
from tui_ae.data.dataset import Dataset
from tui_ae.data.images import Images
from tui_ae.model.baselines import Baselines, Survey
from tui_ae.model.frozen import FrozenNetwork
from tui_ae.model.pca import Pca
from tui_ae.model.spec import ModelSpec
from tui_ae.raster.colour import ColourDepth
from tui_ae.run.info import begin
from tui_ae.run.snapshot import TRAINING, LossCurve, Snapshot, State
from tui_ae.ui.explorer import Explorer
from tui_ae.ui.scene import Look, Scene
from tui_ae.ui.themes import DARK, LIGHT, TERMINAL, textual_theme

RUN = begin(Settings())
BASELINES = Baselines(
    undecided=math.log(2),
    best_constant=0.343,
    mean_image=0.243,
    class_mean=0.2201,
    two_components=0.2204,
    floor=0.0953,
    zeros=1.742,
)
SURVEY = Survey({"bce": BASELINES, "mse": BASELINES}, Pca(np.full(PIXELS, 0.1), np.eye(2, PIXELS)))


def dataset(
    classes: int = 10,
    samples: int = 60,
    *,
    labelled: bool = True,
    names: Iterable[str] | None = None,
    **changes: Any,
) -> Dataset:
    rng = np.random.default_rng(classes)
    named = tuple(names or (str(label) for label in range(classes)))
    images = rng.random((samples, PIXELS), np.float32)
    labels = np.arange(samples, dtype=np.int64) % len(named)
    made = Dataset("synthetic digits", Images(images), labels, named, labelled)
    return dataclasses.replace(made, **changes)


def network(units_in: int, units_out: int, seed: int = 0, *, sigmoid_output: bool) -> FrozenNetwork:
    rng = np.random.default_rng(seed)
    weight = rng.normal(0, 0.1, (units_in, units_out)).astype(np.float32)
    return FrozenNetwork((weight,), (np.zeros(units_out, np.float32),), sigmoid_output)


def curve(losses: Sequence[float] | DoubleArray = ()) -> LossCurve:
    losses = np.asarray(losses, float)
    first, best = (float(losses[0]), float(losses.min())) if len(losses) else (math.nan, math.nan)
    return LossCurve(np.arange(1, len(losses) + 1), losses, first, best)


def snapshot(
    data: Dataset,
    codes: npt.ArrayLike | None = None,
    active: Iterable[int] | None = None,
    **changes: Any,
) -> Snapshot:
    encoder = network(PIXELS, 2, 1, sigmoid_output=False)
    classes = frozenset(range(len(data.class_names))) if active is None else frozenset(active)
    made = Snapshot(
        info=RUN,
        state=State.TRAINING,
        epoch=12,
        batch=3,
        batches=25,
        loss=0.2345,
        running_loss=math.nan,
        curves={TRAINING: curve(np.linspace(0.6, 0.2345, 12))},
        codes=encoder(data.images.array) if codes is None else np.asarray(codes, np.float32),
        held_out_codes=np.empty((0, 2), np.float32),
        encoder=encoder,
        decoder=network(2, PIXELS, 2, sigmoid_output=True),
        active_classes=classes,
        active_samples=int(sum(data.counts[label] for label in classes)),
        samples_per_second=40_000.0,
    )
    return dataclasses.replace(made, **changes)


def explorer(data: Dataset | None = None, seen: Snapshot | None = None, seed: int = 5) -> Explorer:
    made = Explorer(Random(seed))
    if data is not None:
        made.accept(snapshot(data) if seen is None else seen, data, 0.0)
    return made


def look(**changes: Any) -> Look:
    made = Look(
        tones=DARK,
        depth=ColourDepth.TRUECOLOR,
        glyphs="braille",
        grey_levels=None,
        braille_images=False,
        sixteen_colours=False,
        sparse_cloud=False,
    )
    return dataclasses.replace(made, **changes)


LOOKS = {
    "truecolor": look(),
    "light, 256": look(tones=LIGHT, depth=ColourDepth.EIGHT_BIT),
    "16": look(depth=ColourDepth.SIXTEEN),
    "NO_COLOR": look(tones=TERMINAL, depth=ColourDepth.NONE),
    "ASCII": look(tones=TERMINAL, depth=ColourDepth.NONE, glyphs="ascii"),
}
"""On a fast link; a test adds those of others."""


if TYPE_CHECKING:
    Staging = Scene
else:
    Staging = object


class Staged(Staging):
    """A scene of what an explorer shows at the time of asking: it gives each attribute of one."""

    def __init__(self, shown: Explorer, made: Scene) -> None:
        self.explorer, self._made = shown, made

    def _scene(self) -> Scene:
        shown, made = self.explorer, self._made
        if made.view is not shown.view or made.choice is not shown.choice:
            self._made = dataclasses.replace(made, view=shown.view, choice=shown.choice)
        return self._made

    def __getattr__(self, name: str) -> object:
        return getattr(self._scene(), name)

    def replace(self, **changes: Any) -> Staged:
        return Staged(self.explorer, dataclasses.replace(self._made, **changes))


def scene(shown: Explorer | None = None, **changes: Any) -> Staged:
    shown = explorer(dataset()) if shown is None else shown
    made = Scene(
        view=shown.view,
        choice=shown.choice,
        look=look(),
        spec=ModelSpec(),
        baselines=BASELINES,
        batch_size=128,
        stage="",
        message="",
        figures=(),
        link="",
        focus="scatter",
    )
    return Staged(shown, dataclasses.replace(made, **changes))


class Stage(App[None]):
    """Stands in for the explorer: an empty screen in its theme."""

    CSS = "Screen { background: $background; overflow: hidden; }"

    def __init__(self) -> None:
        super().__init__()
        self.register_theme(textual_theme("dark"))
        self.theme = "dark"
