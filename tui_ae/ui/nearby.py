"""What lies around a point of the plane, and along a line through it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from tui_ae.arrays import DoubleArray, FloatArray, IntArray
from tui_ae.data.images import Images
from tui_ae.model.neighbours import (
    Found,
    PixelSpace,
    nearest,
    percentile,
    squared_distances,
    usual_distances,
)

if TYPE_CHECKING:
    from tui_ae.ui.view import View

NEIGHBOURS = 10
"""Of how many neighbours in each space those are counted that are the same."""
WALK_POINTS = 120
"""Places between A and B at which the samples around are looked at."""
WIDE = 0.05
"""Samples within this part of the way count as lying around a place on it."""
OFF = 99.0
"""Beyond this percentile of the usual distances a point lies off the cloud."""


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """The nearest samples of a point in both spaces."""

    in_codes: Found
    in_pixels: Found
    both: frozenset[int]
    """The samples that are among the nearest in both."""
    percentile: float
    """The share of samples whose nearest neighbour is closer than the point's, 0 to 100; NaN where
    it can't be told."""

    @property
    def words(self) -> str:
        """Whether the point lies on the cloud, in a few words."""
        if not np.isfinite(self.percentile):
            return "no samples to compare"
        if self.percentile > OFF:
            return "off the cloud"
        if self.percentile > 90:
            return "at the cloud's edge"
        return "on the cloud"


class Nearby:
    """Finds neighbours; remembers what a data set and a moment need for that."""

    def __init__(self) -> None:
        self._pixels: PixelSpace | None = None
        self._images: Images | None = None
        self._usual: FloatArray = np.zeros(0, np.float32)
        self._of: tuple[FloatArray | None, frozenset[int]] = (None, frozenset())

    def around(
        self, view: View, vector: npt.NDArray[np.float64], image: FloatArray, without: int
    ) -> Neighbourhood:
        """The neighbours of a vector among the codes, and of an image among the images.

        Args:
            view: Whose active samples count.
            vector: (width,) in the space behind the plane.
            image: (pixels,) of the same point.
            without: A sample that is the point itself; -1 for none.
        """
        candidates: IntArray = view.active_samples.astype(np.int64)
        if without >= 0:
            candidates = candidates[candidates != without]
        in_codes = nearest(squared_distances(view.plane.vectors, vector), candidates, NEIGHBOURS)
        in_pixels = Found(candidates[:0], np.zeros(0, np.float32))
        if not view.dataset.missing:
            space = self._space(view.dataset.images)
            in_pixels = nearest(space.squared_distances(image), candidates, NEIGHBOURS)
        both = frozenset(in_codes.samples.tolist()) & frozenset(in_pixels.samples.tolist())
        share = float("nan")
        if len(in_codes.distances):
            share = percentile(self._usual_distances(view), float(in_codes.distances[0]))
        return Neighbourhood(in_codes, in_pixels, both, share)

    def _space(self, images: Images) -> PixelSpace:
        if self._pixels is None or self._images is not images:
            self._images, self._pixels = images, PixelSpace(images)
        return self._pixels

    def _usual_distances(self, view: View) -> FloatArray:
        vectors, active = view.plane.vectors, view.active
        if self._of[0] is not vectors or self._of[1] != active:
            self._of = (vectors, active)
            self._usual = usual_distances(vectors, view.active_samples.astype(np.int64))
        return self._usual


@dataclass(frozen=True, slots=True)
class Walk:
    """The way from A to B on the plane."""

    points: DoubleArray
    """(WALK_POINTS, 2), from A to B."""
    density: DoubleArray
    """(WALK_POINTS,) samples that lie around each place."""
    distance: DoubleArray
    """(WALK_POINTS,) from each place to the nearest sample, in the unit of the plane; infinite
    without one."""
    nearest: IntArray
    """(WALK_POINTS,) that sample; -1 without one."""


def walk(view: View, start: tuple[float, float], end: tuple[float, float]) -> Walk:
    """Look along the line between two points of the plane."""
    first, last = np.array(start), np.array(end)
    points = first + np.linspace(0, 1, WALK_POINTS)[:, None] * (last - first)
    candidates = view.active_samples
    codes = view.plane.codes[candidates]
    finite = np.isfinite(codes).all(axis=1)
    codes, candidates = codes[finite].astype(np.float64), candidates[finite]
    radius = WIDE * max(float(np.hypot(*(last - first))), 1e-12)
    density, distance = np.zeros(WALK_POINTS), np.full(WALK_POINTS, np.inf)
    number = np.full(WALK_POINTS, -1, np.int64)
    if len(codes):
        for step, (x, y) in enumerate(points.tolist()):
            square = (codes[:, 0] - x) ** 2 + (codes[:, 1] - y) ** 2
            at = int(square.argmin())
            number[step] = candidates[at]
            distance[step] = float(np.sqrt(square[at]))
            density[step] = int((square <= radius**2).sum())
    return Walk(points, density, distance, number)
