"""The latent space: a cloud of codes with axes, the monitored sample and the probe."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tui_ae.arrays import FloatArray
from tui_ae.data.dataset import Dataset
from tui_ae.raster.axes import compose, plot_area
from tui_ae.raster.grid import CellGrid
from tui_ae.raster.marks import mark_probe, mark_sample
from tui_ae.raster.scatter import ScatterStyle, scatter
from tui_ae.raster.viewport import Viewport, cell_centre, cell_of, step_of
from tui_ae.run.snapshot import Snapshot, State
from tui_ae.ui.class_keys import class_keys
from tui_ae.ui.explorer import Explorer
from tui_ae.ui.layout import Box
from tui_ae.ui.panes.base import Pane
from tui_ae.ui.scene import Look, Scene
from tui_ae.ui.sheet import Sheet

TITLE_ROWS = 1


@dataclass(frozen=True, slots=True)
class Cloud:
    """What the pane shows of a snapshot: it may do so for long, and the weights needn't wait."""

    run_id: str
    epoch: int
    codes: FloatArray
    """(n, 2), of all classes."""

    @classmethod
    def of(cls, snapshot: Snapshot) -> Cloud:
        """The cloud of a snapshot."""
        return cls(snapshot.info.id, snapshot.epoch, snapshot.codes)


class Scatter(Pane):
    """The cloud is rasterised once a snapshot; marks are laid over a copy of it."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self._key: tuple[object, ...] = ()
        self._drawn = CellGrid.blank(0, 0)
        self._shown: Cloud | None = None
        self.plot = Box(0, 0, 1, 1)
        """The cells of the plot inside the pane."""

    def paint(self, scene: Scene, width: int, height: int, *, moved: bool = True) -> None:
        """Draw `scene`; `moved` False keeps the cloud of the last snapshot for now."""
        snapshot = scene.explorer.snapshot
        stale = self._shown is None or snapshot is None or snapshot.info.id != self._shown.run_id
        if moved or stale:
            self._shown = None if snapshot is None else Cloud.of(snapshot)
        super().paint(scene, width, height)

    def cell_size(self, explorer: Explorer) -> tuple[float, float]:
        """(z1, z2) that one cell of the plot covers."""
        return step_of(explorer.viewport, self.plot.width, self.plot.height)

    def point_at(self, explorer: Explorer, column: int, row: int) -> npt.NDArray[np.float64]:
        """The point (z1, z2) in the middle of a cell of the pane."""
        column = min(max(column - self.plot.x, 0), self.plot.width - 1)
        row = min(max(row - self.plot.y, 0), self.plot.height - 1)
        return np.asarray(
            cell_centre(explorer.viewport, column, row, self.plot.width, self.plot.height)
        )

    def draw(self, scene: Scene, sheet: Sheet) -> CellGrid:
        """Draw title, cloud, axes and marks."""
        explorer, tones = scene.explorer, scene.look.tones
        height = sheet.height - TITLE_ROWS
        top, left, rows, columns = plot_area(height, sheet.width)
        self.plot = Box(left, top + TITLE_ROWS, max(columns, 1), max(rows, 1))
        self.head(scene, sheet, "latent space", self._caption(scene, sheet.width))
        if self._shown is None or explorer.dataset is None:
            return sheet.grid
        cloud = self._cells(explorer, self._shown, explorer.dataset, scene.look)
        cloud = self._marks(scene, cloud, explorer.viewport)
        framed = compose(
            cloud, explorer.viewport, height, sheet.width, ascii=scene.look.ascii,
            ink=tones.muted,
        )  # fmt: skip
        sheet.paste(framed, TITLE_ROWS, 0)
        return sheet.grid

    def _caption(self, scene: Scene, width: int) -> str:
        words = []
        if scene.explorer.style is not ScatterStyle.BRAILLE:
            words.append(scene.explorer.style.value)
        if not scene.explorer.follows:
            words.append("zoomed, f fits")
        # The header says the epoch. Only on a slow link the cloud is of another for long.
        snapshot = scene.explorer.snapshot
        training = snapshot is not None and snapshot.state is State.TRAINING
        if self._shown is not None and scene.look.braille_images and training:
            words.append(f"epoch {self._shown.epoch}, slow link")
        return " · ".join(words) if width >= 45 else ""

    def _cells(self, explorer: Explorer, cloud: Cloud, dataset: Dataset, look: Look) -> CellGrid:
        style = explorer.style
        if style is ScatterStyle.BRAILLE and not look.dots:
            style = ScatterStyle.DIGITS
        key = (id(cloud.codes), explorer.viewport, self.plot, style, look, explorer.active)
        if key != self._key:
            self._key = key
            active = np.zeros(len(dataset.class_names), bool)
            active[list(explorer.active)] = True
            self._drawn = scatter(
                cloud.codes,
                dataset.labels,
                look.class_colours(len(dataset.class_names)),
                explorer.viewport,
                self.plot.height,
                self.plot.width,
                style=style,
                active=active,
                glyphs=class_keys(dataset.class_names),
                ascii=look.ascii,
            )
        return self._drawn

    def _marks(self, scene: Scene, cloud: CellGrid, box: Viewport) -> CellGrid:
        tones, plain = scene.look.tones, scene.look.ascii
        line = None if scene.look.sparse_cloud else tones.faint
        width, height = self.plot.width, self.plot.height
        sample = scene.explorer.monitored()
        ring = None
        if sample is not None and np.isfinite(sample.code).all():
            column, row = cell_of(box, float(sample.code[0]), float(sample.code[1]), width, height)
            if 0 <= column < width and 0 <= row < height:
                ring = column, row
                cloud = mark_sample(cloud, column, row, colour=tones.sample, line=line, ascii=plain)
        z1, z2 = scene.explorer.probe.tolist()
        column, row = cell_of(box, z1, z2, width, height)
        if 0 <= column < width and 0 <= row < height:
            cloud = mark_probe(cloud, column, row, colour=tones.accent, sample=ring, ascii=plain)
        return cloud
