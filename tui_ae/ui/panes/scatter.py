"""The map: a plane with axes and its layers, the monitored sample, the probe, and marks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from tui_ae.arrays import FloatArray
from tui_ae.data.arrays import SIDE
from tui_ae.raster.axes import compose, plot_area
from tui_ae.raster.colour import ColourDepth
from tui_ae.raster.grid import DEFAULT, SPACE, CellGrid
from tui_ae.raster.image import ascii_image, braille_image, half_block_mono, half_blocks
from tui_ae.raster.marks import mark_path, mark_points, mark_probe, mark_sample
from tui_ae.raster.names import Block, densest, place_names, write_names
from tui_ae.raster.scatter import ScatterStyle, scatter
from tui_ae.raster.tiles import Lattice, frame, lattice, mosaic, nearest
from tui_ae.raster.viewport import Viewport, cell_centre, cell_of, dot_of, step_of
from tui_ae.run.snapshot import State
from tui_ae.ui.choice import Choice, Layer, PlaneName
from tui_ae.ui.class_keys import class_keys
from tui_ae.ui.layout import Box
from tui_ae.ui.lettering import ascii_text, class_words, glyphs
from tui_ae.ui.panes.base import Pace, Pane
from tui_ae.ui.prior import DEVIATIONS, LETTERS, Prior
from tui_ae.ui.scene import Look, Scene
from tui_ae.ui.sheet import Sheet, shorten

if TYPE_CHECKING:
    from tui_ae.ui.view import View

TITLE_ROWS = 1
RULE = 5
"""Cells that the title's mark and its rule keep at least."""
FINE = 14
"""Cells of a tile from left to right that show an image well enough in half blocks."""
NAME_WIDTH = 12
"""Cells of the longest name of a class on the map."""
NAMED_WIDTH, NAMED_HEIGHT = 24, 8
"""Cells of the smallest plot that names stand on."""
STYLES = {
    Layer.BRAILLE: ScatterStyle.BRAILLE,
    Layer.DIGITS: ScatterStyle.DIGITS,
    Layer.DENSITY: ScatterStyle.DENSITY,
}


@dataclass(frozen=True, slots=True)
class Cloud:
    """What the pane shows of a view: it may do so for long, and the weights needn't wait."""

    run_id: str
    epoch: int
    plane: tuple[PlaneName, tuple[int, int]]
    past: bool
    """Whether it is that of a moment of the timeline."""
    codes: FloatArray
    """(n, 2), of all classes."""
    held_out_codes: FloatArray
    """(m, 2)."""

    @classmethod
    def of(cls, view: View) -> Cloud:
        """The cloud of a view."""
        return cls(*cls.place(view), view.plane.codes, view.plane.held_out_codes)

    @staticmethod
    def place(view: View) -> tuple[str, int, tuple[PlaneName, tuple[int, int]], bool]:
        """Which cloud it is."""
        choice, snapshot = view.choice, view.snapshot
        return snapshot.info.id, snapshot.epoch, (choice.plane, choice.dims), not view.is_live

    def may_stay(self, view: View) -> bool:
        """Whether it can still be shown where only training has gone on."""
        run_id, epoch, plane, past = self.place(view)
        same = (run_id, plane, past) == (self.run_id, self.plane, self.past)
        return same and not (past and epoch != self.epoch)


class Scatter(Pane):
    """The cloud is rasterised once a snapshot; marks are laid over a copy of it."""

    SHOWS = frozenset({"probe", "sample"})

    NAME, PRIORITY, PACE = "scatter", 3, Pace.CURVE
    FOCUS = True

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self._key: tuple[object, ...] = ()
        self._drawn = CellGrid.blank(0, 0)
        self._shown: Cloud | None = None
        self._levels: npt.NDArray[np.int64] | None = None
        self._blocks: dict[int, Block] = {}
        self._blocks_of: tuple[object, ...] = ()
        """The cloud whose names these are the places of."""
        self.plot = Box(0, 0, 1, 1)
        """The cells of the plot inside the pane."""

    def paint(self, scene: Scene, width: int, height: int, *, moved: bool = True) -> None:
        """Draw `scene`; `moved` False keeps the cloud of the last snapshot for now."""
        view = scene.view
        stale = view is None or self._shown is None or not self._shown.may_stay(view)
        if moved or stale:
            self._shown = None if view is None else Cloud.of(view)
        super().paint(scene, width, height)

    def cell_size(self, choice: Choice) -> tuple[float, float]:
        """(z1, z2) that one cell of the plot covers."""
        return step_of(choice.viewport, self.plot.width, self.plot.height)

    def point_at(self, choice: Choice, column: int, row: int) -> npt.NDArray[np.float64]:
        """The point (z1, z2) in the middle of a cell of the pane."""
        column = min(max(column - self.plot.x, 0), self.plot.width - 1)
        row = min(max(row - self.plot.y, 0), self.plot.height - 1)
        box, width, height = choice.viewport, self.plot.width, self.plot.height
        return np.asarray(cell_centre(box, column, row, width, height))

    def draw(self, scene: Scene, sheet: Sheet) -> CellGrid:
        """Draw title, cloud, axes and marks."""
        view, look = scene.view, scene.look
        height = sheet.height - TITLE_ROWS
        top, left, rows, columns = plot_area(height, sheet.width)
        self.plot = Box(left, top + TITLE_ROWS, max(columns, 1), max(rows, 1))
        title = view.plane.title if view else "latent space"
        self.head(scene, sheet, title, self._caption(scene, sheet.width - len(title)))
        if self._shown is None or view is None:
            return sheet.grid
        cloud = self._cells(view, self._shown, look)
        cloud = self._overlays(view, cloud, self._shown, look)
        cloud = self._marks(scene, view, cloud)
        cloud = self._names(view, cloud, self._shown, look)
        names = view.plane.axes
        framed = compose(
            cloud, view.choice.viewport, height, sheet.width, ascii=look.ascii,
            names=(ascii_text(names[0]), ascii_text(names[1])) if look.ascii else names,
            ink=look.tones.muted,
        )  # fmt: skip
        sheet.paste(framed, TITLE_ROWS, 0)
        return sheet.grid

    def _caption(self, scene: Scene, width: int) -> str:
        choice, view = scene.choice, scene.view
        words = ["", "", "", "", ""]
        if choice.layer is not Layer.BRAILLE:
            words[0] = choice.layer.value
        if choice.held_out and view is not None and view.dataset.held_out is not None:
            words[1] = "× held out"
        if view is not None and view.prior is not None and np.isfinite(view.prior.places).any():
            words[4] = "prior"
        if not choice.follows:
            words[2] = "zoomed, f fits"
        # The header says the epoch. Only on a slow link the cloud is of another for long.
        snapshot = scene.snapshot
        training = snapshot is not None and snapshot.state is State.TRAINING
        if self._shown is not None and scene.look.braille_images and training:
            words[3] = f"epoch {self._shown.epoch}, slow link"
        # What is drawn is said as long as there is room for anything.
        for least, shorter in (
            (4, ""),
            (1, ""),
            (2, ""),
            (3, ""),
            (0, choice.layer.short),
            (0, ""),
        ):
            if words[least] and len(" · ".join(filter(None, words))) > width - RULE:
                words[least] = shorter
        return " · ".join(filter(None, words))

    # The layer.

    def _cells(self, view: View, cloud: Cloud, look: Look) -> CellGrid:
        choice, dataset = view.choice, view.dataset
        tiled = choice.layer is Layer.TILES
        key = (
            id(cloud.codes), choice.viewport, self.plot, choice.layer, look, view.active,
            tiled and choice.dots_over,
        )  # fmt: skip
        if key == self._key:
            return self._drawn
        self._key = key
        if tiled:
            self._drawn = self._tiles(view, cloud, look)
            if not choice.dots_over:
                return self._drawn
        style = STYLES.get(choice.layer, ScatterStyle.BRAILLE)
        if style is ScatterStyle.BRAILLE and not look.dots:
            style = ScatterStyle.DIGITS
        dots = scatter(
            cloud.codes,
            dataset.labels,
            look.class_colours(len(dataset.class_names)),
            choice.viewport,
            self.plot.height,
            self.plot.width,
            style=style,
            active=view.active_mask,
            glyphs=class_keys(dataset.class_names),
            ascii=look.ascii,
        )
        self._drawn = _over(self._drawn, dots) if tiled else dots
        return self._drawn

    def _tiles(self, view: View, cloud: Cloud, look: Look) -> CellGrid:
        """The plane as decoded images."""
        place = lattice(self.plot.height, self.plot.width)
        grid = CellGrid.blank(self.plot.height, self.plot.width)
        if not place.rows * place.columns:
            return grid
        box = view.choice.viewport
        points = place.centres(box)
        images = view.plane.decode(points).reshape(-1, SIDE, SIDE)
        codes, labels = cloud.codes, view.dataset.labels
        if not view.active_mask.all():
            codes, labels = codes[view.active_samples], labels[view.active_samples]
        numbers, near = nearest(points, place.spacing(box), codes)
        classes = np.where(near, labels[np.maximum(numbers, 0)] if len(labels) else 0, -1)
        grid = self._picture(images, place, near, look, over=view.choice.dots_over)
        colours = np.array([*look.class_colours(len(view.dataset.class_names)), DEFAULT])
        keys = class_keys(view.dataset.class_names)
        coloured = look.depth is not ColourDepth.NONE
        signs = [" " if coloured or label < 0 else keys[label] for label in classes.tolist()]
        return frame(grid, place, colours[classes], "".join(signs), ascii=look.ascii)

    def _picture(
        self,
        images: FloatArray,
        place: Lattice,
        near: npt.NDArray[np.bool_],
        look: Look,
        *,
        over: bool,
    ) -> CellGrid:
        if look.ascii:
            return ascii_image(mosaic(images, place, near, 1), place.height, place.width)
        # Twice as fine as half blocks: what small tiles show can be told by dots alone. Where the
        # cloud's dots lie over them, nobody could tell those from these.
        dots = look.depth is ColourDepth.NONE or (place.side < FINE and not over)
        if look.braille_images or (dots and look.glyphs == "braille"):
            return braille_image(mosaic(images, place, near, 2))
        picture = mosaic(images, place, near, 1)
        if look.depth is ColourDepth.NONE:
            return half_block_mono(picture)
        levels = 4 if look.depth is ColourDepth.SIXTEEN else min(look.grey_levels or 24, 24)
        grid, self._levels = half_blocks(picture, levels, previous_levels=self._levels)
        return grid

    # What lies over it.

    def _overlays(self, view: View, grid: CellGrid, cloud: Cloud, look: Look) -> CellGrid:
        """Held-out samples, and the path from A to B."""
        choice, plot = view.choice, self.plot
        if choice.held_out and view.dataset.held_out is not None:
            cells = self._held_out_cells(view, cloud, look)
            grid = mark_points(grid, cells, "x" if look.ascii else "×")
        if view.prior is not None:
            grid = self._prior(view, view.prior, grid, look)
        if view.ends:
            ends = [cell_of(choice.viewport, *end, plot.width, plot.height) for end in view.ends]
            line = None if look.sparse_cloud else look.tones.muted
            grid = mark_path(grid, ends, colour=look.tones.warning, line=line, ascii=look.ascii)
        return grid

    def _prior(self, view: View, prior: Prior, grid: CellGrid, look: Look) -> CellGrid:
        """Rings at one and two standard deviations, and the letters of draws."""
        sign, tones = "." if look.ascii else "•", look.tones
        for deviations in DEVIATIONS:
            ring = self._cells_at(view, view.plane.outline(deviations))
            grid = mark_points(grid, [(*cell, tones.text) for cell in ring], sign)
            if ring:
                row = min(row for _, row in ring)
                on_top = [column for column, at in ring if at == row]
                column = on_top[len(on_top) // 2]
                word = f"{deviations:.0f}" + ("sd" if look.ascii else "σ")
                for by, letter in enumerate(word):
                    if column + by < grid.width:
                        at = [(column + by, row, tones.text)]
                        grid = mark_points(grid, at, letter)
        for letter, place in zip(LETTERS, prior.places, strict=True):
            cells = self._cells_at(view, place[None])
            grid = mark_points(grid, [(*cell, tones.good) for cell in cells], letter)
        return grid

    def _cells_at(self, view: View, points: FloatArray) -> list[tuple[int, int]]:
        """The cells (column, row) of points (k, 2) that are in sight, each once."""
        plot = self.plot
        points = points[np.isfinite(points).all(axis=1)]
        found = dot_of(view.choice.viewport, points, plot.width, plot.height)
        inside = ((found >= 0) & (found < [plot.width, plot.height])).all(axis=1)
        return sorted({(column, row) for column, row in found[inside].tolist()})

    def _names(self, view: View, grid: CellGrid, cloud: Cloud, look: Look) -> CellGrid:
        """The names of classes, where there is room for them."""
        choice, plot = view.choice, self.plot
        roomy = plot.width >= NAMED_WIDTH and plot.height >= NAMED_HEIGHT
        if choice.names and view.dataset.labelled and roomy and choice.layer is not Layer.TILES:
            grid = self._named(view, grid, cloud, look)
        return grid

    def _held_out_cells(self, view: View, cloud: Cloud, look: Look) -> list[tuple[int, int, int]]:
        apart, plot = view.dataset.held_out, self.plot
        assert apart is not None
        colours = look.class_colours(len(view.dataset.class_names))
        codes = cloud.held_out_codes
        usable = np.isfinite(codes).all(axis=1) & view.active_mask[apart.labels]
        codes, labels = codes[usable], apart.labels[usable]
        if not len(codes):
            return []
        column, row = dot_of(view.choice.viewport, codes, plot.width, plot.height).T
        inside = (column >= 0) & (column < plot.width) & (row >= 0) & (row < plot.height)
        cells, first = np.unique(row[inside] * plot.width + column[inside], return_index=True)
        label = labels[inside][first]
        return [
            (cell % plot.width, cell // plot.width, colours[of])
            for cell, of in zip(cells.tolist(), label.tolist(), strict=True)
        ]

    def _named(self, view: View, grid: CellGrid, cloud: Cloud, look: Look) -> CellGrid:
        dataset, plot, box = view.dataset, self.plot, view.choice.viewport
        if points_are_names(view.choice.layer, dataset.class_names, look):
            return grid
        if self._blocks_of != self._key:
            self._blocks_of = self._key
            self._blocks = densest(
                cloud.codes, dataset.labels, view.active_mask, box, plot.height, plot.width,
                self._blocks,
            )  # fmt: skip
        coloured = look.depth not in (ColourDepth.NONE, ColourDepth.SIXTEEN)
        colours = look.class_colours(len(dataset.class_names))
        paper = look.tones.background
        inks = [(paper if paper != DEFAULT else 0, colour) for colour in colours]
        if not coloured:
            inks = [(colour, DEFAULT) for colour in colours]
        texts = []
        for name in class_words(dataset.class_names, look.ascii):
            word = shorten(name, NAME_WIDTH)
            word = ascii_text(word) if look.ascii else word
            texts.append(glyphs(f" {word} " if coloured else f"[{word}]"))
        points = [view.choice.probe, *view.ends]
        if view.prior is not None:
            # Names would hide letters, which have no other place.
            points += [(x, y) for x, y in view.prior.places.tolist() if np.isfinite([x, y]).all()]
        if view.monitored is not None and np.isfinite(view.monitored.code).all():
            z1, z2 = view.monitored.code.tolist()
            points.append((z1, z2))
        taken = [_cell(box, point, plot.width, plot.height) for point in points]
        return write_names(
            grid, place_names(self._blocks, texts, inks, plot.height, plot.width, taken)
        )

    def _marks(self, scene: Scene, view: View, cloud: CellGrid) -> CellGrid:
        tones, plain = scene.look.tones, scene.look.ascii
        box = view.choice.viewport
        over_tiles = view.choice.layer is Layer.TILES
        line = None if scene.look.sparse_cloud or over_tiles else tones.faint
        width, height = self.plot.width, self.plot.height
        sample = view.monitored
        ring = None
        if sample is not None and np.isfinite(sample.code).all():
            column, row = cell_of(box, float(sample.code[0]), float(sample.code[1]), width, height)
            if 0 <= column < width and 0 <= row < height:
                ring = column, row
                cloud = mark_sample(cloud, column, row, colour=tones.sample, line=line, ascii=plain)
        column, row = _cell(box, view.choice.probe, width, height)
        if 0 <= column < width and 0 <= row < height:
            cloud = mark_probe(cloud, column, row, colour=tones.accent, sample=ring, ascii=plain)
        if view.ends:
            # They stay to be seen where the probe or the sample stands on them.
            ends = [_cell(box, end, width, height) for end in view.ends]
            cloud = mark_path(cloud, ends, colour=tones.warning, line=None)
        return cloud


def points_are_names(layer: Layer, names: Sequence[str], look: Look) -> bool:
    """Whether each point is its class's character, which is all there is of its name."""
    characters = layer is Layer.DIGITS or (layer is Layer.BRAILLE and not look.dots)
    return characters and "".join(names) == class_keys(names)


def _cell(box: Viewport, point: tuple[float, float], width: int, height: int) -> tuple[int, int]:
    return cell_of(box, point[0], point[1], width, height)


def _over(picture: CellGrid, dots: CellGrid) -> CellGrid:
    """Dots over a picture, on its own colours."""
    there = dots.glyphs != SPACE
    return replace(
        picture,
        glyphs=np.where(there, dots.glyphs, picture.glyphs),
        foreground=np.where(there, dots.foreground, picture.foreground),
    )
