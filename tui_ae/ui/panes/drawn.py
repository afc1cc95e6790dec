"""What the decoder makes of draws from the prior."""

from __future__ import annotations

from tui_ae.raster.grid import CellGrid
from tui_ae.ui.panes.base import Pace, Pane
from tui_ae.ui.panes.neighbours import small_picture
from tui_ae.ui.prior import LETTERS
from tui_ae.ui.scene import Scene
from tui_ae.ui.sheet import Sheet

SIZES = (7, 5, 4)
"""Rows of a picture; it has twice as many columns."""
GAP = 1
"""Cells beside a picture, for its letter."""


class Drawn(Pane):
    """Small pictures with the letters that mark their codes on the map."""

    NAME, PRIORITY, PACE = "drawn", 1, Pace.PICTURE

    def draw(self, scene: Scene, sheet: Sheet) -> CellGrid:
        """Draw title and pictures, as large as leaves room for all of them, if any size does."""
        prior = scene.view.prior if scene.view else None
        if prior is None:
            self.head(scene, sheet, "from the prior")
            return sheet.grid
        rows = sheet.height - 1
        fitting = [
            (tall, max(sheet.width // (2 * tall + GAP), 1), max(rows // tall, 1)) for tall in SIZES
        ]
        enough = (size for size in fitting if size[1] * size[2] >= len(LETTERS))
        tall, across, down = next(enough, fitting[-1])
        count = min(across * down, len(LETTERS))
        self.head(scene, sheet, "from the prior", f"{count} of {len(LETTERS)}")
        pitch = sheet.width // across
        for at in range(count):
            top, left = 1 + at // across * tall, at % across * pitch
            sheet.put(top, left, LETTERS[at], scene.look.tones.good)
            sheet.paste(small_picture(prior.images[at], scene.look, tall), top, left + GAP)
        return sheet.grid
