"""The panes of a second run beside the first, and the table of both."""

from __future__ import annotations

import math
from dataclasses import replace

from tui_ae.raster.grid import CellGrid
from tui_ae.run.snapshot import Snapshot
from tui_ae.ui.panes.base import Pace, Pane, centred
from tui_ae.ui.panes.pictures import Probe, Reconstruction
from tui_ae.ui.panes.scatter import Scatter
from tui_ae.ui.scene import Scene, loss_text
from tui_ae.ui.sheet import Sheet, shorten


def of_other(scene: Scene) -> Scene:
    """The scene of the second run."""
    if scene.other is None:
        return replace(scene, view=None)
    spec = scene.other.snapshot.info.spec
    return replace(scene, view=scene.other, choice=scene.other.choice, spec=spec)


class OtherMap(Scatter):
    """The map of the second run."""

    NAME = "other"
    FOCUS = False

    def paint(self, scene: Scene, width: int, height: int, *, moved: bool = True) -> None:
        """See Scatter."""
        super().paint(of_other(scene), width, height, moved=moved)


class OtherReconstruction(Reconstruction):
    """What the second network makes of the sample."""

    NAME, SIDE = "other-reconstruction", "right"

    def draw(self, scene: Scene, sheet: Sheet) -> CellGrid:
        """See Reconstruction."""
        return super().draw(of_other(scene), sheet)


class OtherDecoded(Probe):
    """What the second decoder makes of the probe's point."""

    NAME = "other-decoded"

    def draw(self, scene: Scene, sheet: Sheet) -> CellGrid:
        """See Probe."""
        return super().draw(of_other(scene), sheet)


class Compared(Pane):
    """What both runs differ in, and how far they are."""

    NAME, PRIORITY, PACE = "compared", 1, Pace.WORDS
    SHOWS = frozenset({"sample"})

    def draw(self, scene: Scene, sheet: Sheet) -> CellGrid:
        """Draw a row a number, the first run's value before the second's."""
        tones = scene.look.tones
        self.head(scene, sheet, "left and right")
        if scene.view is None or scene.other is None:
            centred(sheet, sheet.height // 2, scene.waits or "…", tones.muted)
            return sheet.grid
        rows = _numbers(scene.view.live, scene.other.live)
        one, other = scene.view.monitored, scene.other.monitored
        if one is not None and other is not None:
            rows.append(("sample", loss_text(one.loss), loss_text(other.loss)))
        rows = [*_fitting(scene.differs, sheet.height - 1 - len(rows)), *rows]
        wide = max((sheet.width - 10) // 2, 4)
        for row, (name, here, there) in enumerate(rows[: sheet.height - 1], 1):
            sheet.put(row, 0, shorten(name, 9), tones.muted)
            sheet.put(row, 10, shorten(here, wide - 1), tones.text)
            sheet.put(row, 10 + wide, shorten(there, wide), tones.text)
        return sheet.grid


def _fitting(differs: tuple[tuple[str, str, str], ...], room: int) -> list[tuple[str, str, str]]:
    """What both differ in, in so many rows: the numbers below must not be cut for it."""
    if len(differs) <= room:
        return list(differs)
    shown = list(differs[: max(room - 1, 0)])
    more = f"{len(differs) - len(shown)} more"
    return [*shown, ("options", more, "")][: max(room, 0)]


def _numbers(one: Snapshot, other: Snapshot) -> list[tuple[str, str, str]]:
    rows = [
        ("epoch", f"{one.epoch:,}", f"{other.epoch:,}"),
        ("loss", loss_text(one.loss), loss_text(other.loss)),
    ]
    if math.isfinite(one.held_out_loss) and math.isfinite(other.held_out_loss):
        rows.append(("held-out", loss_text(one.held_out_loss), loss_text(other.held_out_loss)))
    parameters = [f"{each.info.spec.parameters:,}" for each in (one, other)]
    rows.append(("weights", parameters[0], parameters[1]))
    return rows
