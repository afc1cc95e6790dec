"""What the network makes of an image of the person's own, beside what it makes of the data."""

from __future__ import annotations

import numpy as np

from tui_ae.arrays import DoubleArray, FloatArray, IntArray
from tui_ae.model.neighbours import nearest, squared_distances
from tui_ae.model.quality import chosen
from tui_ae.ui.view import View

MOST = 1000
"""Samples with which a loss is compared."""
PIECE = 125
"""Samples rebuilt at a time: a few milliseconds, between two keys."""
ALIKE = 3
"""Of so many samples the classes are told."""


def alike(view: View, image: FloatArray) -> IntArray:
    """The active samples whose codes are nearest to that of an image (28, 28), nearest first.

    None where codes are no numbers.
    """
    vector = view.plane.vector_of(image.ravel())
    distances = squared_distances(view.plane.vectors, vector)
    return nearest(distances, view.active_samples.astype(np.int64), ALIKE).samples


class Losses:
    """The losses of the data by the weights that are shown, computed piece by piece.

    Those of the moment before serve until those of the next are complete.
    """

    def __init__(self) -> None:
        self._wanted: View | None = None
        self._working: View | None = None
        self._rows: IntArray = np.zeros(0, np.int64)
        self._found: list[DoubleArray] = []
        self._known: DoubleArray | None = None
        self._known_of: tuple[object, ...] = ()

    def follow(self, view: View) -> None:
        """Find the losses of a moment, unless they are known."""
        if self._wanted is not None and _moment(view) == _moment(self._wanted):
            return
        self._wanted = view
        if _kind(view) != self._known_of:
            self._known = None
        if self._working is None or _kind(view) != _kind(self._working):
            self._begin()

    def go_on(self) -> bool:
        """Compute the next piece; whether there is another one."""
        view = self._working
        if view is None:
            return False
        done = sum(map(len, self._found))
        rows = self._rows[done : done + PIECE]
        images = view.dataset.images[rows]
        # Weights that have run away give no numbers; such losses are left out below.
        with np.errstate(over="ignore", invalid="ignore"):
            self._found.append(view.objective.rows(images, view.plane.reconstruct(images)))
        if done + len(rows) < len(self._rows):
            return True
        losses = np.concatenate(self._found)
        self._known, self._known_of = np.sort(losses[np.isfinite(losses)]), _kind(view)
        self._working = None
        if self._wanted is not None and _moment(self._wanted) != _moment(view):
            self._begin()
        return self._working is not None

    def forget(self) -> None:
        """Let go of the moments that were compared, and of what they keep in memory."""
        self._wanted = self._working = self._known = None
        self._found, self._known_of = [], ()

    @property
    def is_known(self) -> bool:
        """Whether there is something to compare with."""
        return self._known is not None

    @property
    def count(self) -> int:
        """Samples whose loss is a number."""
        return 0 if self._known is None else len(self._known)

    def share_below(self, loss: float) -> float:
        """The share of samples with a smaller loss, 0 to 100; NaN where there are none."""
        if not self.count or self._known is None or not np.isfinite(loss):
            return float("nan")
        return 100 * float(np.searchsorted(self._known, loss)) / len(self._known)

    def _begin(self) -> None:
        view = self._working = self._wanted
        assert view is not None
        samples = view.active_samples
        if view.dataset.missing:
            samples = samples[:0]
        self._rows = samples[chosen(len(samples), MOST)].astype(np.int64)
        self._found = []


def _moment(view: View) -> tuple[object, ...]:
    """What losses follow from."""
    return (id(view.snapshot), id(view.plane), *_kind(view))


def _kind(view: View) -> tuple[object, ...]:
    """What has to be the same for losses of another moment to serve for a while."""
    return (view.snapshot.info.id, type(view.plane), view.active)
