"""The numbers of the data set and the network at hand, and where the loss stands among them."""

from __future__ import annotations

import math
from dataclasses import dataclass

from tui_ae.model.baselines import Baselines
from tui_ae.model.objective import OBJECTIVES, Objective
from tui_ae.model.spec import ModelSpec
from tui_ae.recipe import Recipe

UNKNOWN = "…"
"""Stands for a number that is not computed yet."""
NEAR = 0.02
"""Within this share of a baseline the loss counts as equal to it."""
NAME_WIDTH = 29


@dataclass(frozen=True, slots=True)
class LessonNumbers:
    """What the explanations fill in."""

    dataset: str
    """The data set's name."""
    samples: int
    classes: int
    labelled: bool
    """False where the data set has no labels."""
    active_samples: int
    """Samples of the classes that are on."""
    spec: ModelSpec
    baselines: Baselines | None
    """None until they are computed."""
    loss: float
    """By the run's objective, the mean a pixel, as the readout shows it."""
    epoch: int
    """Finished epochs."""
    mean_pixel: float
    """Over all images, 0 to 1; NaN where they are gone."""
    recipe: Recipe
    """How the network is trained."""

    @property
    def objective(self) -> Objective:
        """What training makes small."""
        return OBJECTIVES[self.spec.objective]

    def baseline(self, name: str) -> float | None:
        """The baseline called `name`, by the objective; None until they are computed."""
        if self.baselines is None:
            return None
        value: float = getattr(self.baselines, name)
        return value


@dataclass(frozen=True, slots=True)
class BaselineRow:
    """A baseline, or the network itself, in the table of them."""

    name: str
    value: float | None
    """By the objective; None while unknown."""
    here: bool = False
    """Whether it is the network itself."""


def number(value: float | None, places: int = 3) -> str:
    """`value` with `places` decimals; a sign of waiting for None, a dash where not finite."""
    if value is None:
        return UNKNOWN
    return f"{value:.{places}f}" if math.isfinite(value) else "-"


def baseline_rows(numbers: LessonNumbers) -> tuple[BaselineRow, ...]:
    """The baselines from the worst to the best, the network at its place among them."""
    known = numbers.baselines
    rows = [
        BaselineRow("all pixels 0", numbers.baseline("zeros")),
        BaselineRow("undecided, all 0.5", numbers.baseline("undecided")),
        BaselineRow("best constant, one grey", numbers.baseline("best_constant")),
        BaselineRow("mean image", numbers.baseline("mean_image")),
    ]
    if numbers.labelled:
        rows.append(BaselineRow("mean image of its class", numbers.baseline("class_mean")))
    rows += [
        BaselineRow("two principal components", numbers.baseline("two_components")),
        BaselineRow(
            "floor, H(x)" if numbers.spec.objective == "bce" else "floor", numbers.baseline("floor")
        ),
    ]
    if known:
        rows.sort(key=lambda row: -(row.value or 0.0))
    name = f"this network, epoch {numbers.epoch:,}" if numbers.epoch else "this network, untrained"
    worse = [row for row in rows if row.value is None or not row.value < numbers.loss]
    rows.insert(len(worse), BaselineRow(name, numbers.loss, here=True))
    return tuple(rows)


def baseline_line(row: BaselineRow) -> str:
    """A row of at most 52 cells."""
    if row.here:
        return f"▸ {row.name:<{NAME_WIDTH}} {_precise(row.value):<7} you are here"
    return f"  {row.name:<{NAME_WIDTH}} {number(row.value)}"


def _precise(value: float | None) -> str:
    """A loss in at most seven cells, with as many decimals as fit."""
    texts = (number(value, places) for places in (4, 2, 0))
    return next((text for text in texts if len(text) <= 7), f"{value:.0e}")


def verdict(numbers: LessonNumbers) -> str:
    """One sentence on what the loss now says about the pictures."""
    known, loss = numbers.baselines, numbers.loss
    if known is None and not math.isfinite(numbers.mean_pixel):
        return "Without the images there are no baselines to compare with."
    if known is None:
        return "The baselines of this data set are being computed."
    if not math.isfinite(loss):
        return "There is no loss to compare."
    for bound, sentence in (
        (
            known.undecided * (1 + NEAR),
            "Worse than undecided: the network is sure of itself, and wrong.",
        ),
        (known.undecided * (1 - NEAR), "Undecided about every pixel, as fresh weights are."),
        (known.best_constant, "It is learning how bright the images are as a whole."),
        (known.mean_image * (1 + NEAR), "It is learning which pixels are bright on average."),
        (
            known.mean_image * (1 - NEAR),
            "As good as the mean image: expect one and the same blur whatever goes in.",
        ),
    ):
        if loss > bound:
            return sentence
    rivals = [("two principal components", known.two_components)]
    if numbers.labelled:
        rivals.append(("the mean image of the class", known.class_mean))
    beaten = [name for name, value in rivals if loss < value]
    if not beaten:
        return "Better than one picture for all: the code begins to matter."
    return f"Better than {' and than '.join(beaten)}: look at what the pictures keep."
