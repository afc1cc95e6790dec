"""A second run beside the one on the screen: the same sample, the same point, by other weights."""

from __future__ import annotations

from dataclasses import fields, replace
from random import Random

import numpy as np

from tui_ae.config import Settings
from tui_ae.data.dataset import Dataset
from tui_ae.raster.viewport import fit
from tui_ae.repeat import flag
from tui_ae.run.aligned import AlignedPlane, align
from tui_ae.run.plane import Plane
from tui_ae.run.snapshot import Snapshot
from tui_ae.run.source import Beside
from tui_ae.ui.choice import PlaneName
from tui_ae.ui.explorer import Explorer
from tui_ae.ui.layouts import METHODS
from tui_ae.ui.view import View

CHUNK = 2048
"""Images encoded at a time."""


class Companion:
    """Follows the other run, and shows it as the person looks at the first one."""

    def __init__(self, beside: Beside) -> None:
        self.source = beside.source
        self._foreign = beside.foreign
        self.aligned = True
        """Whether its codes are turned to lie as those of the first run."""
        self.explorer = Explorer(Random(0))
        self._key: tuple[object, ...] = ()
        self._plane: Plane | None = None

    def tick(self, now_s: float) -> bool:
        """Take what is new of the run; False where nothing is."""
        self.explorer.take_survey(self.source.survey)
        snapshot, dataset = self.source.latest(), self.source.dataset
        if snapshot is None or dataset is None:
            return False
        if self._foreign:
            snapshot = _encoded(snapshot, dataset)
        self.explorer.accept(snapshot, dataset, now_s)
        return True

    def view(self, lead: View | None) -> View | None:
        """The run through the choice of the first one; None where either isn't there yet."""
        own = self.explorer.view
        if lead is None or own is None or len(own.dataset.images) != len(lead.dataset.images):
            return None
        names = self.explorer.planes.names
        name = lead.choice.plane if lead.choice.plane in names else names[0]
        # Layouts are made of the first run alone.
        if name in METHODS or (name is PlaneName.CODES and own.snapshot.codes.shape[1] > 2):
            name = names[0]
        choice = replace(lead.choice, plane=name)
        plane = self.explorer.planes.plane(choice, own.snapshot, own.dataset)
        if self.aligned:
            key = (plane, lead.plane)
            if len(self._key) != 2 or self._key[0] is not key[0] or self._key[1] is not key[1]:
                self._key = key
                self._plane = AlignedPlane(plane, align(plane.codes, lead.plane.codes))
            assert self._plane is not None
            return replace(own, plane=self._plane, choice=choice)
        view = replace(own, plane=plane, choice=choice)
        sample = view.monitored
        place = choice.probe
        if sample is not None and np.isfinite(sample.code).all():
            place = (float(sample.code[0]), float(sample.code[1]))
        # Without alignment a point of one plane says nothing on the other: the sample links them.
        return replace(view, choice=replace(choice, viewport=fit(plane.codes), probe=place))


def _encoded(snapshot: Snapshot, dataset: Dataset) -> Snapshot:
    """A snapshot of weights that were trained on other images, with the codes of these."""
    held_out = dataset.held_out.images if dataset.held_out else dataset.images.take(slice(0))
    codes, apart = (
        np.concatenate(
            [snapshot.encoder(images[at : at + CHUNK]) for at in range(0, len(images), CHUNK)]
            or [snapshot.held_out_codes[:0]]
        )
        for images in (dataset.images, held_out)
    )
    return replace(snapshot, codes=codes, held_out_codes=apart)


def differences(one: Settings, other: Settings) -> list[tuple[str, str, str]]:
    """(option, its value here, its value there) of all settings that differ.

    What follows from others where it was left open is told as it is: 'bce', not 'default'.
    """
    found = []
    for field in fields(Settings):
        if getattr(one, field.name) != getattr(other, field.name):
            here, there = (_word(_held(each, field.name)) for each in (one, other))
            if here != there:
                found.append((flag(field.name).lstrip("-"), here, there))
    return found


def _held(settings: Settings, name: str) -> object:
    """The value that holds, for a setting that may be left open."""
    spec, recipe = settings.spec, settings.training
    holds: dict[str, object] = {
        "objective": spec.objective,
        "hidden": spec.widths[1:-1],
        "batch_size": recipe.batch_size,
        "learning_rate": recipe.learning_rate,
    }
    value: object = getattr(settings, name)
    return holds.get(name, value)


def _word(value: object) -> str:
    if value == ():
        return "none"
    if value is None:
        return "default"
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
