"""What follows from a snapshot and a choice: all that panes draw, computed once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from tui_ae.arrays import FloatArray
from tui_ae.data.arrays import SIDE
from tui_ae.data.dataset import Dataset
from tui_ae.model.objective import OBJECTIVES, Objective
from tui_ae.run.plane import Plane
from tui_ae.run.snapshot import Snapshot
from tui_ae.ui.choice import Choice, End, Inspector, Point
from tui_ae.ui.nearby import Nearby, Neighbourhood, Walk, walk
from tui_ae.ui.prior import Prior, draw_prior


@dataclass(frozen=True, slots=True)
class Monitored:
    """One sample as one snapshot sees it."""

    index: int
    """-1 for an image that is no sample."""
    label: int
    """-1 where it has none."""
    image: FloatArray
    """(28, 28) in [0, 1]."""
    reconstruction: FloatArray
    """(28, 28)."""
    code: FloatArray
    """(2,) where it lies on the plane."""
    loss: float
    """By the objective of the run, the mean over its 784 pixels."""


@dataclass(frozen=True)
class View:
    """A moment of a run as the person looks at it.

    Its parts are computed when a pane first asks for them, at most once.
    """

    snapshot: Snapshot
    """What is shown: the newest, or a moment of the timeline."""
    live: Snapshot
    """The newest."""
    dataset: Dataset
    plane: Plane
    choice: Choice
    nearby: Nearby
    """Compares samples, and remembers what that needs."""

    @property
    def objective(self) -> Objective:
        """By which losses are measured."""
        return OBJECTIVES[self.snapshot.info.spec.objective]

    @property
    def active(self) -> frozenset[int]:
        """The classes that are trained on and shown."""
        return self.live.active_classes

    @property
    def is_live(self) -> bool:
        """Whether this is the newest moment."""
        return self.snapshot is self.live

    @cached_property
    def active_mask(self) -> npt.NDArray[np.bool_]:
        """(classes,) which are on."""
        mask = np.zeros(len(self.dataset.class_names), bool)
        mask[list(self.active)] = True
        return mask

    @cached_property
    def active_samples(self) -> npt.NDArray[np.intp]:
        """The numbers of the samples of these classes."""
        return np.flatnonzero(self.active_mask[self.dataset.labels])

    @cached_property
    def monitored(self) -> Monitored | None:
        """The chosen sample; None before there is one."""
        choice = self.choice
        if choice.drawn is not None:
            flat, label = choice.drawn.ravel(), -1
        elif choice.sample >= 0:
            flat = self.dataset.images[choice.sample]
            label = int(self.dataset.labels[choice.sample])
        else:
            return None
        gone = choice.drawn is None and bool(self.dataset.missing)
        if gone:
            output = self.snapshot.decoder(self.snapshot.codes[choice.sample][None])
        else:
            output = self.plane.reconstruct(flat[None])
        if gone or (choice.drawn is None and self.plane.keeps_places):
            point = self.plane.codes[choice.sample]
        else:
            point = self.plane.encode(flat[None])[0]
        return Monitored(
            choice.sample if choice.drawn is None else -1,
            label,
            flat.reshape(SIDE, SIDE),
            output.reshape(SIDE, SIDE),
            point,
            float(self.objective.rows(flat[None], output)[0]),
        )

    def picture(self, sample: int) -> FloatArray:
        """(28, 28) a sample; where its image is gone, what the decoder makes of its code."""
        if self.dataset.missing:
            return self.snapshot.decoder(self.snapshot.codes[sample][None]).reshape(SIDE, SIDE)
        return self.dataset.images[sample].reshape(SIDE, SIDE)

    @cached_property
    def decoded(self) -> FloatArray:
        """(28, 28) what the plane makes of the probe's point."""
        return self.plane.decode(np.array([self.choice.probe])).reshape(SIDE, SIDE)

    @cached_property
    def neighbours(self) -> Neighbourhood | None:
        """What lies around the probe, or around the sample, as the inspector asks."""
        if self.choice.inspector is not Inspector.OF_SAMPLE:
            vector = self.plane.vector(self.choice.probe)
            return self.nearby.around(self, vector, self.decoded.ravel(), without=-1)
        sample = self.monitored
        if sample is None:
            return None
        image = sample.image.ravel()
        if sample.index >= 0 and self.dataset.missing:
            vector = np.asarray(self.plane.vectors[sample.index], float)
        else:
            vector = self.plane.vector_of(image)
        return self.nearby.around(self, vector, image, without=sample.index)

    @cached_property
    def walk(self) -> Walk | None:
        """The way from A to B; None where not both are marked."""
        if len(self.ends) < 2:
            return None
        return walk(self, *self.ends)

    @cached_property
    def prior(self) -> Prior | None:
        """Draws from the prior; None where they aren't asked for, or there is none."""
        number = self.choice.prior
        return draw_prior(self.snapshot, self.plane, number) if number else None

    @cached_property
    def ends(self) -> tuple[Point, ...]:
        """The marked points of the plane: a marked sample's are where it lies now."""
        return tuple(self._end(end) for end in self.choice.ends)

    def _end(self, end: End) -> Point:
        place: FloatArray | None = None
        if end.sample >= 0:
            place = self.plane.codes[end.sample]
        elif end.drawn and self.monitored is not None and self.monitored.index < 0:
            place = self.monitored.code
        if place is None or not np.isfinite(place).all():
            return end.point
        z1, z2 = place.tolist()
        return z1, z2
