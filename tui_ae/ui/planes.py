"""Which planes a run has, and the one that is chosen, made once for each snapshot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tui_ae.arrays import FloatArray
from tui_ae.ui.choice import Choice, PlaneName
from tui_ae.ui.layouts import METHODS, Layouts, title

if TYPE_CHECKING:
    from tui_ae.data.dataset import Dataset
    from tui_ae.model.baselines import Survey
    from tui_ae.model.pca import Pca
    from tui_ae.run.plane import Images, LayoutPlane, PixelPlane, Plane, PrincipalPlane
    from tui_ae.run.snapshot import Snapshot

CHUNK = 4096
"""Images placed on the plane of their principal components at a time."""


class Planes:
    """Makes planes, and remembers those that cost something."""

    def __init__(self) -> None:
        self.layouts = Layouts()
        """Those by t-SNE and UMAP."""
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
        of_pixels = (PlaneName.TSNE_PIXELS, PlaneName.UMAP_PIXELS)
        if self._width > 2:
            of_codes = (PlaneName.TSNE, PlaneName.UMAP)
            first = (PlaneName.PRINCIPAL, PlaneName.CODES, PlaneName.PIXELS)
            return (*first, *of_codes, *of_pixels)
        return (PlaneName.CODES, PlaneName.PIXELS, *of_pixels)

    def plane(self, choice: Choice, snapshot: Snapshot, dataset: Dataset) -> Plane:
        """The chosen plane of a snapshot; that of the codes where the chosen one isn't there."""
        layout = self.layouts.layout(choice.plane)
        key = (id(snapshot), choice.plane, choice.dims, self.survey is None, id(layout))
        if self._made is None or key != self._key:
            self._key, self._made = key, self._make(choice, snapshot, dataset)
        return self._made

    def _make(self, choice: Choice, snapshot: Snapshot, dataset: Dataset) -> Plane:
        from tui_ae.run.plane import CodePlane, LinePlane, principal_plane

        if choice.plane is PlaneName.PIXELS and self.survey is not None:
            return self._of_pixels(self.survey.pca, dataset)
        if choice.plane in METHODS and not self.layouts.error:
            return self._laid_out(choice.plane, snapshot, dataset)
        if choice.plane is PlaneName.PRINCIPAL and self._width > 2:
            self._principal = principal_plane(snapshot, self._principal)
            return self._principal
        if self._width == 1:
            held_out = dataset.held_out
            labels = held_out.labels if held_out else dataset.labels[:0]
            return LinePlane(snapshot, dataset.labels, labels)
        dims = choice.dims if max(choice.dims) < self._width else (0, 1)
        return CodePlane(snapshot, *dims)

    def _laid_out(self, name: PlaneName, snapshot: Snapshot, dataset: Dataset) -> LayoutPlane:
        """The newest layout; without a place for any sample before there is one."""
        from tui_ae.run.plane import LayoutPlane

        layout = self.layouts.layout(name)
        nowhere = np.full((len(dataset.images), 2), np.nan, np.float32)
        fits = layout is not None and len(layout.codes) == len(dataset.images)
        codes = layout.codes if layout is not None and fits else nowhere
        count = len(dataset.held_out.images) if dataset.held_out else 0
        held_out = np.full((count, 2), np.nan, np.float32)
        shown = title(name, layout if fits else None)
        return LayoutPlane(snapshot, shown, codes, held_out, dataset.images)

    def _of_pixels(self, pca: Pca, dataset: Dataset) -> PixelPlane:
        """The plane of the images' components: it is the same for all moments of a run."""
        from tui_ae.run.plane import PixelPlane

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
