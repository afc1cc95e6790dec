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
class Facts:
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
class Rung:
    """One row of the ladder of baselines."""

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


def ladder(facts: Facts) -> tuple[Rung, ...]:
    """The baselines from the worst to the best, the network at its place among them."""
    known = facts.baselines
    rungs = [
        Rung("all pixels 0", facts.baseline("zeros")),
        Rung("undecided, all 0.5", facts.baseline("undecided")),
        Rung("best constant, one grey", facts.baseline("best_constant")),
        Rung("mean image", facts.baseline("mean_image")),
    ]
    if facts.labelled:
        rungs.append(Rung("mean image of its class", facts.baseline("class_mean")))
    rungs += [
        Rung("two principal components", facts.baseline("two_components")),
        Rung("floor, H(x)" if facts.spec.objective == "bce" else "floor", facts.baseline("floor")),
    ]
    if known:
        rungs.sort(key=lambda rung: -(rung.value or 0.0))
    name = f"this network, epoch {facts.epoch:,}" if facts.epoch else "this network, untrained"
    worse = [rung for rung in rungs if rung.value is None or not rung.value < facts.loss]
    place = len(worse) if known and math.isfinite(facts.loss) else len(rungs)
    rungs.insert(place, Rung(name, facts.loss, here=True))
    return tuple(rungs)


def ladder_row(rung: Rung) -> str:
    """A row of at most 50 cells."""
    mark = "▸" if rung.here else " "
    value = number(rung.value, 4 if rung.here and not (rung.value or 0.0) >= 10 else 3)
    row = f"{mark} {rung.name:<{NAME_WIDTH}} {value:<6}"
    return f"{row}  you are here" if rung.here else row.rstrip()


def verdict(facts: Facts) -> str:
    """One sentence on what the loss now says about the pictures."""
    known, loss = facts.baselines, facts.loss
    if known is None and not math.isfinite(facts.mean_pixel):
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
    if facts.labelled:
        rivals.append(("the mean image of the class", known.class_mean))
    beaten = [name for name, value in rivals if loss < value]
    if not beaten:
        return "Better than one picture for all: the code begins to matter."
    return f"Better than {' and than '.join(beaten)}: look at what the pictures keep."
