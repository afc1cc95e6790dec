"""The loss curve with first, best and last value, beside the baselines that give it meaning."""

from __future__ import annotations

from tui_ae.raster.grid import CellGrid
from tui_ae.raster.sparkline import sparkline
from tui_ae.ui.panes.base import Pace, Pane, centred
from tui_ae.ui.scene import Scene, loss_text
from tui_ae.ui.sheet import Sheet


class Loss(Pane):
    """A sparkline of the mean loss of each epoch."""

    NAME, PRIORITY, PACE = "loss", 2, Pace.CURVE
    FOCUS, OPENS = True, "app.loss_chart"

    def draw(self, scene: Scene, sheet: Sheet) -> CellGrid:
        """Draw on one row, or with a title and the curve below it."""
        snapshot = scene.snapshot
        if snapshot is None or not len(snapshot.curve.losses):
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
            self.head(scene, sheet, "loss, BCE in nats per pixel", self._baselines(scene))
            centred(sheet, 1 + (sheet.height - 1) // 2, text[: sheet.width], tones.muted)
        else:
            sheet.put(0, 0, text[: sheet.width], tones.muted)

    def _values(self, scene: Scene) -> str:
        assert scene.snapshot is not None
        curve = scene.snapshot.curve
        last = float(curve.losses[-1])
        first = loss_text(curve.first, 3)
        return f"first {first} · best {loss_text(curve.best)} · last {loss_text(last)}"

    def _baselines(self, scene: Scene) -> str:
        if scene.baselines is None:
            return ""
        return f"mean image {scene.baselines.mean_image:.3f} · floor {scene.baselines.floor:.3f}"

    def _row(self, scene: Scene, sheet: Sheet) -> None:
        assert scene.snapshot is not None
        values = self._values(scene)
        end = sheet.put(0, 0, values, scene.look.tones.muted) + 2
        sheet.paste(self._sparkline(scene, sheet.width - end, 1), 0, end)

    def _sparkline(self, scene: Scene, width: int, height: int) -> CellGrid:
        assert scene.snapshot is not None
        tones = scene.look.tones
        return sparkline(
            scene.snapshot.curve.losses,
            width,
            height,
            ascii=scene.look.ascii,
            ink=tones.curve,
            last=tones.accent,
        )

    def _curve(self, scene: Scene, sheet: Sheet) -> None:
        assert scene.snapshot is not None
        values, baselines = self._values(scene), self._baselines(scene)
        if sheet.width >= len(values) + len(baselines) + 12:
            self.head(scene, sheet, f"loss · {values}", baselines)
        elif sheet.width >= len(values) + 10:
            self.head(scene, sheet, f"loss · {values}")
        else:
            self.head(scene, sheet, "loss")
            for row, part in enumerate(values.split(" · ")):
                sheet.put(row + 2, 0, part, scene.look.tones.text)
        top = 1 if sheet.width >= len(values) + 10 else 6
        sheet.paste(self._sparkline(scene, sheet.width, sheet.height - top), top, 0)
