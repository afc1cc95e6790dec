"""The loss curve with first, best and last value, beside the baselines that give it meaning."""

from __future__ import annotations

import math

import numpy as np

from tui_ae.raster.grid import SPACE, CellGrid
from tui_ae.raster.sparkline import sparkline
from tui_ae.ui.panes.base import Pace, Pane, centred
from tui_ae.ui.scene import Scene, loss_text
from tui_ae.ui.sheet import Sheet

ROOM = 16
"""Cells that the curve keeps beside the values."""


class Loss(Pane):
    """A sparkline of the mean loss of each epoch."""

    NAME, PRIORITY, PACE = "loss", 2, Pace.CURVE
    LIVE, FOCUS, OPENS = True, True, "app.loss_chart"

    def draw(self, scene: Scene, sheet: Sheet) -> CellGrid:
        """Draw on one row, or with a title and the curve below it."""
        if scene.view is None or not len(scene.view.live.curve.losses):
            self._empty(scene, sheet)
        elif sheet.height == 1:
            self._row(scene, sheet)
        else:
            self._curve(scene, sheet)
        return sheet.grid

    def _empty(self, scene: Scene, sheet: Sheet) -> None:
        tones = scene.look.tones
        text = "the loss of each epoch will stand here; space trains"
        if sheet.height > 1:
            self.head(
                scene,
                sheet,
                f"loss, {scene.objective.title} in {scene.objective.unit}",
                self._baselines(scene),
            )
            centred(sheet, 1 + (sheet.height - 1) // 2, text[: sheet.width], tones.muted)
        else:
            sheet.put(0, 0, text[: sheet.width], tones.muted)

    def _values(self, scene: Scene) -> str:
        assert scene.view is not None
        live = scene.view.live
        last = float(live.curve.losses[-1])
        first = loss_text(live.curve.first, 3)
        words = f"first {first} · best {loss_text(live.curve.best)} · last {loss_text(last)}"
        held_out = live.held_out_loss
        return f"{words} · held-out {loss_text(held_out)}" if math.isfinite(held_out) else words

    def _baselines(self, scene: Scene) -> str:
        if scene.baselines is None:
            return ""
        return f"mean image {scene.baselines.mean_image:.3f} · floor {scene.baselines.floor:.3f}"

    def _row(self, scene: Scene, sheet: Sheet) -> None:
        values = self._values(scene)
        if len(values) > sheet.width - ROOM:
            values = values.partition(" · held-out")[0]
        end = sheet.put(0, 0, values, scene.look.tones.muted) + 2
        sheet.paste(self._sparkline(scene, sheet.width - end, 1), 0, end)

    def _sparkline(self, scene: Scene, width: int, height: int) -> CellGrid:
        assert scene.view is not None
        tones, curve = scene.look.tones, scene.view.live.curve
        grid = sparkline(
            curve.losses,
            width,
            height,
            ascii=scene.look.ascii,
            ink=tones.curve,
            last=tones.accent,
        )
        if scene.view.is_live or not grid.width:
            return grid
        # Where the moment that is looked at lies on the curve.
        at = np.searchsorted(curve.epochs, scene.view.snapshot.epoch)
        points = min(len(curve.losses), (2 if height > 1 and not scene.look.ascii else 1) * width)
        used = points / (2 if height > 1 and not scene.look.ascii else 1)
        column = min(int(at / max(len(curve.losses), 1) * used), width - 1)
        grid.foreground[:, column] = tones.accent
        blank = grid.glyphs[:, column] == SPACE
        grid.glyphs[blank, column] = ord("|" if scene.look.ascii else "│")
        return grid

    def _curve(self, scene: Scene, sheet: Sheet) -> None:
        values, baselines = self._values(scene), self._baselines(scene)
        top = 1
        if sheet.width >= len(values) + len(baselines) + 12:
            self.head(scene, sheet, f"loss · {values}", baselines)
        elif sheet.width >= len(values) + 10:
            self.head(scene, sheet, f"loss · {values}")
        else:
            self.head(scene, sheet, "loss")
            for row, part in enumerate(values.split(" · ")):
                sheet.put(row + 2, 0, part, scene.look.tones.text)
            top = 6
        sheet.paste(self._sparkline(scene, sheet.width, sheet.height - top), top, 0)
