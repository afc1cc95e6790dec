"""The way from A to B: decoded steps, and below them how many samples lie along it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tui_ae.arrays import DoubleArray
from tui_ae.data.arrays import SIDE
from tui_ae.raster.grid import CellGrid
from tui_ae.raster.sparkline import sparkline
from tui_ae.ui.choice import End
from tui_ae.ui.lettering import cells
from tui_ae.ui.panes.bars import class_word
from tui_ae.ui.panes.base import Pace, Pane
from tui_ae.ui.panes.neighbours import small_picture
from tui_ae.ui.scene import Scene, decimal
from tui_ae.ui.sheet import Sheet, shorten

if TYPE_CHECKING:
    from tui_ae.ui.nearby import Walk
    from tui_ae.ui.view import View

PICTURE_ROWS, LOW_ROWS = 7, 5
"""Rows of a picture, and where they would leave no room for both curves."""
ROOMY = 1 + PICTURE_ROWS + 1 + 2
"""Rows of title, pictures, classes and both curves."""
RULE = 6
"""Cells that the title's mark and its rule keep at least."""
MOST = 18
"""Cells of a class's name in the title."""
LABEL = 9
"""Cells left of a curve for its name."""


class Strip(Pane):
    """A row of pictures over two curves."""

    NAME, PRIORITY, PACE = "strip", 1, Pace.CURVE

    def draw(self, scene: Scene, sheet: Sheet) -> CellGrid:
        """Draw title, pictures, the classes below them, and the curves."""
        view = scene.view
        walk = view.walk if view else None
        if view is None or walk is None:
            self.head(scene, sheet, "A to B")
            return sheet.grid
        words = [self._words(scene, view, end) for end in view.choice.ends]
        title, gap = f"A {words[0]} → B {words[1]}", self._gap(walk)
        fits = cells(title) + cells(gap) + RULE <= sheet.width
        self.head(scene, sheet, title if fits else "A → B", gap)
        tall = PICTURE_ROWS if sheet.height >= ROOMY else LOW_ROWS
        width = 2 * tall
        count = max((sheet.width + 1) // (width + 1), 2)
        chosen = np.linspace(0, len(walk.points) - 1, count).round().astype(int)
        images = view.plane.decode(walk.points[chosen]).reshape(-1, SIDE, SIDE)
        pad = max(sheet.width - count * width, 0)
        lefts = [at * width + pad * at // max(count - 1, 1) for at in range(count)]
        for left, image in zip(lefts, images, strict=True):
            sheet.paste(small_picture(image, scene.look, tall), 1, left)
        row = 1 + tall
        if sheet.height > row + 1:
            self._nearest_classes(scene, view, walk, sheet, (row, tall, lefts, chosen.tolist()))
            row += 1
        self._curves(scene, walk, sheet, row)
        return sheet.grid

    def _words(self, scene: Scene, view: View, end: End) -> str:
        """What stands at an end."""
        if end.drawn:
            return "your drawing"
        if end.sample < 0:
            return "the cross"
        return shorten(class_word(scene, int(view.dataset.labels[end.sample])), MOST)

    def _gap(self, walk: Walk) -> str:
        finite = np.isfinite(walk.distance)
        if not finite.any():
            return "no samples around"
        at = int(np.where(finite, walk.distance, -1).argmax())
        share = at / (len(walk.points) - 1)
        return f"widest gap {decimal(float(walk.distance[at]), 2)} at {share:.0%}"

    def _nearest_classes(
        self,
        scene: Scene,
        view: View,
        walk: Walk,
        sheet: Sheet,
        place: tuple[int, int, list[int], list[int]],
    ) -> None:
        row, tall, lefts, chosen = place
        dataset = view.dataset
        if not dataset.labelled:
            return
        colours = scene.look.class_colours(len(dataset.class_names))
        width = 2 * tall
        for left, step in zip(lefts, chosen, strict=True):
            sample = int(walk.nearest[step])
            if sample < 0:
                continue
            label = int(dataset.labels[sample])
            name = shorten(scene.class_words[label], width)
            sheet.put(row, left + max((width - cells(name)) // 2, 0), name, colours[label])

    def _curves(self, scene: Scene, walk: Walk, sheet: Sheet, top: int) -> None:
        rows = sheet.height - top
        if rows < 1:
            return
        tones = scene.look.tones
        parts = [("nearest", walk.distance, rows - rows // 2), ("density", walk.density, rows // 2)]
        if rows == 1:
            parts = parts[:1]
        for name, values, height in parts:
            sheet.put(top, 0, name, tones.muted)
            grid = curve(values, sheet.width - LABEL, height, scene)
            sheet.paste(grid, top, LABEL)
            top += height


def curve(values: DoubleArray, width: int, height: int, scene: Scene) -> CellGrid:
    """Values along the way, spread over the whole width, from 0 at the bottom."""
    tones = scene.look.tones
    finite = np.where(np.isfinite(values), values, 0.0)
    across = np.interp(
        np.linspace(0, len(finite) - 1, max(2 * width, 1)), np.arange(len(finite)), finite
    )
    return sparkline(
        across, width, height, ascii=scene.look.ascii, ink=tones.curve, last=tones.curve, zero=True
    )
