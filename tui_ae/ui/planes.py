"""Which planes a run has, and the one that is chosen, made once for each snapshot."""

from __future__ import annotations

import numpy as np

from tui_ae.arrays import FloatArray
from tui_ae.data.dataset import Dataset
from tui_ae.model.baselines import Survey
from tui_ae.model.pca import Pca
from tui_ae.run.plane import (
    CodePlane,
    Images,
    LinePlane,
    PixelPlane,
    Plane,
    PrincipalPlane,
    principal_plane,
)
from tui_ae.run.snapshot import Snapshot
from tui_ae.ui.choice import Choice, PlaneName

CHUNK = 4096
"""Images placed on the plane of their principal components at a time."""


class Planes:
    """Makes planes, and remembers those that cost something."""

    def __init__(self) -> None:
        self.survey: Survey | None = None
        """What the plane of the pixels' components needs; None until it is computed."""
        self._width = 0
        self._key: tuple[object, ...] = ()
        self._made: Plane | None = None
        self._principal: PrincipalPlane | None = None
        """The one before, for the next to look like."""
        self._pixels: PixelPlane | None = None

    def begin(self, snapshot: Snapshot) -> bool:
        """Begin another run; whether its codes are of another width than the last one's."""
        width = int(snapshot.codes.shape[1])
        changed = width != self._width
        self._width = width
        self._principal = None
        return changed

    @property
    def names(self) -> tuple[PlaneName, ...]:
        """Those to leaf through, the one to begin with first."""
        if self._width > 2:
            return (PlaneName.PRINCIPAL, PlaneName.CODES, PlaneName.PIXELS)
        return (PlaneName.CODES, PlaneName.PIXELS)

    def plane(self, choice: Choice, snapshot: Snapshot, dataset: Dataset) -> Plane:
        """The chosen plane of a snapshot; that of the codes where the chosen one isn't there."""
        key = (id(snapshot), choice.plane, choice.dims, self.survey is None)
        if self._made is None or key != self._key:
            self._key, self._made = key, self._make(choice, snapshot, dataset)
        return self._made

    def _make(self, choice: Choice, snapshot: Snapshot, dataset: Dataset) -> Plane:
        if choice.plane is PlaneName.PIXELS and self.survey is not None:
            return self._of_pixels(self.survey.pca, dataset)
        if choice.plane is PlaneName.PRINCIPAL and self._width > 2:
            self._principal = principal_plane(snapshot, self._principal)
            return self._principal
        if self._width == 1:
            held_out = dataset.held_out
            labels = held_out.labels if held_out else dataset.labels[:0]
            return LinePlane(snapshot, dataset.labels, labels)
        dims = choice.dims if max(choice.dims) < self._width else (0, 1)
        return CodePlane(snapshot, *dims)

    def _of_pixels(self, pca: Pca, dataset: Dataset) -> PixelPlane:
        """The plane of the images' components: it is the same for all moments of a run."""
        if self._pixels is None or self._pixels.pca.mean is not pca.mean:
            first = pca.first(2)
            held_out = (
                dataset.held_out.images if dataset.held_out else dataset.images.take(slice(0))
            )
            self._pixels = PixelPlane(
                first, _placed(first, dataset.images), _placed(first, held_out)
            )
        return self._pixels


def _placed(pca: Pca, images: Images) -> FloatArray:
    """The codes (n, 2) of all images."""
    placed = np.empty((len(images), 2), np.float32)
    for start in range(0, len(images), CHUNK):
        placed[start : start + CHUNK] = pca.encode(images[start : start + CHUNK])
    placed.setflags(write=False)
    return placed
