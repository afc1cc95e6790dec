"""The main screen: panes in an arrangement that follows the terminal's size."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from textual import events
from textual.app import ComposeResult
from textual.message import Message
from textual.screen import Screen

from tui_ae.link.priorities import Region
from tui_ae.ui.actions import bindings
from tui_ae.ui.canvas import CellSink
from tui_ae.ui.class_keys import class_keys
from tui_ae.ui.explorer import Explorer
from tui_ae.ui.layout import IMAGE_WIDTH, PAGES, Kind, Layout, arrange
from tui_ae.ui.panes import bars, bowtie, legend, loss, pictures, scatter
from tui_ae.ui.panes.base import Pane
from tui_ae.ui.scene import Scene
from tui_ae.ui.screens.dialog import Dialog

PRIORITIES = {
    "readout": 0, "probe": 0, "header": 0, "notice": 0, "status": 1, "footer": 1, "input": 1,
    "reconstruction": 1, "sample": 1, "loss": 2, "classes": 2, "bowtie": 2, "scatter": 3,
}  # fmt: skip
"""Which panes the wire brings up to date first."""

UNITS = {
    "input": "sample", "reconstruction": "sample", "sample": "sample", "probe": "probe",
}  # fmt: skip
"""Which panes tell of one thing: no part of it stands beside a part of the one before."""

FOCUSABLE = ("scatter", "classes", "loss", "bowtie")
"""What tab leafs through where all panes are on the screen."""


class MainScreen(Screen[None]):
    """Paints the explorer's scene, and turns keys and the mouse into its changes."""

    BINDINGS = bindings()

    class ToggleClass(Message):
        """A class was clicked in the legend."""

        def __init__(self, label: int) -> None:
            super().__init__()
            self.label = label

    class NoSuchSample(Message):
        """A digit was pressed for which no class is on."""

        def __init__(self, digit: str) -> None:
            super().__init__()
            self.digit = digit

    class Arranged(Message):
        """The panes have new places, or another screen has come in front of them or gone."""

    def __init__(self, explorer: Explorer, scene: Callable[[str], Scene]) -> None:
        """Paint what `scene` returns for the name of the focused pane."""
        super().__init__()
        self._explorer = explorer
        self._scene = scene
        self._scatter = scatter.Scatter(id="scatter")
        self._legend = legend.Legend(id="classes")
        self._panes: dict[str, Pane] = {
            "header": bars.Header(id="header"),
            "readout": bars.Readout(id="readout"),
            "status": bars.Status(id="status"),
            "footer": bars.Footer(id="footer"),
            "notice": bars.Notice(id="notice"),
            "input": pictures.Input(id="input"),
            "reconstruction": pictures.Reconstruction(id="reconstruction"),
            "sample": pictures.Sample(id="sample"),
            "probe": pictures.Probe(id="probe"),
            "scatter": self._scatter,
            "classes": self._legend,
            "loss": loss.Loss(id="loss"),
            "bowtie": bowtie.Bowtie(id="bowtie"),
        }
        self._arrangement: Layout | None = None
        self._page = PAGES[0]
        self._focus = FOCUSABLE[0]
        self._dragging = False
        self._sink: CellSink | None = None

    def set_sink(self, sink: CellSink) -> None:
        """Let the panes paint straight to the terminal's driver, while this screen is in front."""
        self._sink = sink
        self._use_sink()

    def _use_sink(self) -> None:
        in_sight = self.is_active or isinstance(self.app.screen, Dialog)
        for pane in self._panes.values():
            pane.sink = self._sink if in_sight else None

    def compose(self) -> ComposeResult:
        """All panes; the arrangement hides those without a place."""
        yield from self._panes.values()

    def on_resize(self, event: events.Resize) -> None:
        """Arrange the panes anew."""
        self.place_panes()

    def on_screen_suspend(self) -> None:
        """Leave the terminal to another screen."""
        self._use_sink()
        self.post_message(self.Arranged())

    def on_screen_resume(self) -> None:
        """Catch up with what happened under another screen."""
        self.post_message(self.Arranged())
        self.paint()
        # Before Textual has painted the whole screen, single cells would stand amid the other one.
        self.call_after_refresh(self._use_sink)

    @property
    def kind(self) -> Kind | None:
        """The arrangement on the screen."""
        return self._arrangement.kind if self._arrangement else None

    @property
    def pane_names(self) -> tuple[str, ...]:
        """The panes on the screen."""
        return tuple(self._arrangement.panes) if self._arrangement else ()

    def regions(self) -> list[Region]:
        """Where each pane stands, when it goes and with what, for the wire."""
        if self._arrangement is None:
            return []
        return [
            Region(box.x, box.y, box.width, box.height, PRIORITIES[name], UNITS.get(name, ""))
            for name, box in self._arrangement.panes.items()
        ]

    def place_panes(self) -> None:
        """Give each pane its place, and paint all of them."""
        width, height = self.size
        rows = legend.rows_wanted(self._explorer.dataset, IMAGE_WIDTH)
        layout = arrange(width, height, rows, self._page)
        if layout != self._arrangement:
            self._arrangement = layout
            for name, pane in self._panes.items():
                box = layout.panes.get(name)
                pane.display = box is not None
                if box is not None:
                    pane.styles.offset = (box.x, box.y)
                    pane.styles.width, pane.styles.height = box.width, box.height
            self.post_message(self.Arranged())
        self.paint()

    def paint(self, *names: str, moved: bool = True) -> None:
        """Paint the named panes, or all; `moved` False leaves the cloud as it was."""
        if self._arrangement is None:
            return
        scene = replace(self._scene(self.focused_pane), leafs=self._leafs())
        for name, box in self._arrangement.panes.items():
            if names and name not in names:
                continue
            pane = self._panes[name]
            if isinstance(pane, scatter.Scatter):
                pane.paint(scene, box.width, box.height, moved=moved)
            else:
                pane.paint(scene, box.width, box.height)

    @property
    def focused_pane(self) -> str:
        """The pane that tab has reached."""
        return self._page if self.kind is Kind.SMALL else self._focus

    def _leafs(self) -> str:
        """What tab brings, where one pane fits beside the latent space."""
        if self.kind is not Kind.SMALL:
            return ""
        following = PAGES[(PAGES.index(self._page) + 1) % len(PAGES)]
        return {"sample": "pictures", "bowtie": "network"}.get(following, following)

    def leaf(self, by: int) -> None:
        """Go `by` panes on."""
        assert self._arrangement is not None
        if self.kind is Kind.SMALL:
            self._page = PAGES[(PAGES.index(self._page) + by) % len(PAGES)]
            self.place_panes()
            return
        names = [name for name in FOCUSABLE if name in self._arrangement.panes]
        if names:
            at = names.index(self._focus) if self._focus in names else 0
            self._focus = names[(at + by) % len(names)]
            self.paint(*names, moved=False)

    def paint_probe(self) -> None:
        """Paint what a move of the probe changes."""
        self.paint("probe", "readout", "scatter", moved=False)

    def paint_sample(self) -> None:
        """Paint what another sample changes."""
        names = ("input", "reconstruction", "sample", "readout", "status", "scatter")
        self.paint(*names, moved=False)

    # --- actions: what only looks, without touching the training ----------------------------------

    def action_move(self, columns: int, rows: int) -> None:
        """Move the probe by cells of the plot."""
        self._explorer.move_probe(columns, rows, self._scatter.cell_size(self._explorer))
        self.paint_probe()

    def action_zoom(self, steps: int) -> None:
        """Zoom at the probe."""
        self._explorer.zoom(steps)
        self.paint("scatter")

    def action_fit(self) -> None:
        """Fit the view to the codes."""
        self._explorer.refit()
        self.paint("scatter")

    def action_style(self) -> None:
        """Draw the scatter in the next style."""
        self._explorer.next_style(dots=self._scene(self.focused_pane).look.dots)
        self.paint("scatter")

    def action_random_sample(self) -> None:
        """Show a random sample."""
        self._explorer.choose_random(time.monotonic())
        self.paint_sample()

    def action_sample_of(self, digit: str) -> None:
        """Show a sample of the class that has the key of a digit."""
        dataset = self._explorer.dataset
        if dataset is None:
            return
        label = class_keys(dataset.class_names).find(digit) if dataset.labelled else -1
        if self._explorer.choose_class(label, time.monotonic()):
            self.paint_sample()
        else:
            self.post_message(self.NoSuchSample(digit))

    def action_next_pane(self) -> None:
        """Go to the next pane."""
        self.leaf(1)

    def action_previous_pane(self) -> None:
        """Go to the pane before."""
        self.leaf(-1)

    async def action_open_pane(self) -> None:
        """Open what the focused pane offers."""
        if self.focused_pane == "scatter" or self.focused_pane in ("probe", "sample"):
            self._explorer.choose_nearest(time.monotonic())
            self.paint_sample()
        else:
            opens = {"classes": "classes", "loss": "loss_chart", "bowtie": "architecture"}
            await self.app.run_action(f"app.{opens[self.focused_pane]}")

    # --- the mouse -------------------------------------------------------------------------------

    def _pane_at(self, event: events.MouseEvent) -> tuple[str, int, int]:
        assert self._arrangement is not None
        x, y = int(event.screen_x), int(event.screen_y)
        for name, box in self._arrangement.panes.items():
            if box.x <= x < box.x + box.width and box.y <= y < box.y + box.height:
                return name, x - box.x, y - box.y
        return "", 0, 0

    def _probe_to(self, column: int, row: int) -> None:
        point = self._scatter.point_at(self._explorer, column, row)
        if not np.array_equal(point, self._explorer.probe):
            self._explorer.set_probe(point)
            self.paint_probe()

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Set the probe, or switch a class."""
        name, column, row = self._pane_at(event)
        if name == "scatter":
            self._dragging = True
            self._probe_to(column, row)
        elif name == "classes":
            label = self._legend.class_at(column, row)
            if label is not None:
                self.post_message(self.ToggleClass(label))

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Drag the probe."""
        name, column, row = self._pane_at(event)
        if self._dragging and event.button and name == "scatter":
            self._probe_to(column, row)

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """End a drag."""
        self._dragging = False

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Zoom in at the pointer."""
        self._wheel(event, 1)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Zoom out at the pointer."""
        self._wheel(event, -1)

    def _wheel(self, event: events.MouseEvent, steps: int) -> None:
        name, column, row = self._pane_at(event)
        if name == "scatter":
            self._explorer.set_probe(self._scatter.point_at(self._explorer, column, row))
            self._explorer.zoom(steps)
            self.paint("probe", "readout", "scatter")
