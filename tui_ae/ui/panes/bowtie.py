"""The network as a small picture beside the controls."""

from __future__ import annotations

from tui_ae.raster.bowtie import bowtie
from tui_ae.raster.grid import CellGrid
from tui_ae.ui.panes.base import Pace, Pane
from tui_ae.ui.scene import Scene
from tui_ae.ui.sheet import Sheet


class Bowtie(Pane):
    """A bar for each layer, to scale."""

    NAME, PRIORITY, PACE = "bowtie", 2, Pace.STILL
    FOCUS, OPENS = True, "app.architecture"

    def draw(self, scene: Scene, sheet: Sheet) -> CellGrid:
        """Draw title and picture."""
        layers = scene.spec.layers()
        self.head(scene, sheet, "network", f"{scene.spec.parameters:,} parameters")
        picture = bowtie(
            [layer.units for layer in layers],
            sheet.height - 1,
            sheet.width,
            activations=[layer.activation for layer in layers],
            loss=scene.objective.equation,
            ascii=scene.look.ascii,
            bars=scene.look.tones.title,
            bottleneck=scene.look.tones.accent,
            flanks=scene.look.tones.faint,
            text=scene.look.tones.muted,
        )
        sheet.paste(picture, 1, 0)
        return sheet.grid
