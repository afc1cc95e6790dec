"""The main screen: panes in an arrangement that follows the terminal's size."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from textual import events
from textual.app import ComposeResult
from textual.geometry import Size
from textual.message import Message
from textual.screen import Screen

from tui_ae.link.flow.priorities import LAST_PRIORITY, Region
from tui_ae.ui.actions import Where, bindings
from tui_ae.ui.canvas import CellSink
from tui_ae.ui.choice import Inspector, Layer, PlaneName, Switch
from tui_ae.ui.class_keys import class_keys
from tui_ae.ui.explorer import Explorer
from tui_ae.ui.layout import IMAGE_WIDTH, TABS, Arrangement, ScreenLayout, arrange
from tui_ae.ui.panes.bars import Footer, Readout
from tui_ae.ui.panes.base import Pane
from tui_ae.ui.panes.compared import OtherMap
from tui_ae.ui.panes.legend import Legend, rows_wanted
from tui_ae.ui.panes.registry import BY_NAME, PANES
from tui_ae.ui.panes.scatter import Scatter, points_are_names
from tui_ae.ui.past import Past
from tui_ae.ui.scene import Scene
from tui_ae.ui.screens.dialog import in_sight
from tui_ae.ui.state_keys import state_keys

MAPS = ("scatter", OtherMap.NAME)
"""The map, and that of a second run where there is one."""
BESIDE = {
    Inspector.DECODED: "",
    Inspector.OF_PROBE: "neighbours",
    Inspector.OF_SAMPLE: "neighbours",
    Inspector.PRIOR: "drawn",
}
"""The pane that stands in place of the probe's picture."""


class MainScreen(Screen[None]):
    """Paints the explorer's scene, and turns keys and the mouse into its changes."""

    BINDINGS = bindings(Where.MAIN)

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

    class Said(Message):
        """An answer to the last key."""

        def __init__(self, words: str) -> None:
            super().__init__()
            self.words = words

    class Arranged(Message):
        """The panes have new places, or another screen has come in front of them or gone."""

    def __init__(self, explorer: Explorer, scene: Callable[[str], Scene], past: Past) -> None:
        """Paint what `scene` returns for the name of the focused pane."""
        super().__init__()
        self._explorer = explorer
        self._scene = scene
        self._past = past
        self._panes: dict[str, Pane] = {pane.NAME: pane() for pane in PANES}
        scatter, legend = self._panes[Scatter.NAME], self._panes[Legend.NAME]
        assert isinstance(scatter, Scatter) and isinstance(legend, Legend)
        self._scatter, self._legend = scatter, legend
        self._screen_layout: ScreenLayout | None = None
        self._arranged_for: Size | None = None
        """The size of the terminal for which that is."""
        self._tab = TABS[0]
        self.compares = False
        """Whether a second run stands beside the first."""
        self._focus = Scatter.NAME
        self._dragging = False
        self._sink: CellSink | None = None
        self._state_keys: tuple[tuple[str, str], ...] = ()
        """Those that the footer shows."""

    def set_sink(self, sink: CellSink) -> None:
        """Let the panes paint straight to the terminal's driver, while this screen is in front."""
        self._sink = sink
        self._use_sink()

    def _use_sink(self) -> None:
        sink = self._sink if in_sight(self) else None
        for pane in self._panes.values():
            pane.sink = sink

    def compose(self) -> ComposeResult:
        """All panes; the arrangement hides those without a place."""
        yield from self._panes.values()

    def on_mount(self) -> None:
        """Arrange the panes, so that Textual's first layout is the one to be seen."""
        self.place_panes()

    def on_resize(self, event: events.Resize) -> None:
        """Arrange the panes anew."""
        if event.size == self._arranged_for:
            # Textual tells of the first size three times, and would paint as often.
            event.prevent_default()
        else:
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
    def arrangement(self) -> Arrangement | None:
        """The arrangement on the screen."""
        return self._screen_layout.arrangement if self._screen_layout else None

    @property
    def pane_names(self) -> tuple[str, ...]:
        """The panes on the screen."""
        return tuple(self._screen_layout.panes) if self._screen_layout else ()

    def regions(self) -> list[Region]:
        """Where each pane stands, when it goes and with what, for the wire."""
        if self._screen_layout is None:
            return []
        regions = [
            Region(box.x, box.y, box.width, box.height, pane.PRIORITY, pane.UNIT)
            for pane, box in (
                (BY_NAME[name], box) for name, box in self._screen_layout.panes.items()
            )
        ]
        # Titles tell what is coming, and the strip's what it has found. They go ahead of pictures:
        # among parts of one priority the smaller go first.
        regions += [
            region._replace(height=1, priority=max(min(region.priority, LAST_PRIORITY - 1) - 1, 0))
            for region in regions
            if region.height > 1 and not region.unit
        ]
        if (box := self._screen_layout.panes.get(Readout.NAME)) is not None:
            # The sample's numbers go with the map's mark; the probe's are what keys wait for.
            regions += [
                Region(box.x + part.x, box.y + part.y, part.width, part.height, Scatter.PRIORITY)
                for part in Readout.of_sample(box.width, box.height)
            ]
        return regions

    def place_panes(self) -> None:
        """Give each pane its place, and paint all of them."""
        # Before Textual has laid out anything, the screen has no size yet.
        self._arranged_for = width, height = self.size or self.app.size
        plain = self._scene(self._focus).look.ascii
        rows = rows_wanted(self._explorer.dataset, IMAGE_WIDTH, ascii=plain)
        choice = self._explorer.choice
        layout = arrange(
            width,
            height,
            rows,
            self._tab,
            beside=BESIDE[choice.inspector],
            strip=len(choice.ends) == 2,
            compared=self.compares,
        )
        if layout != self._screen_layout:
            self._screen_layout = layout
            for name, pane in self._panes.items():
                pane.stand(layout.panes.get(name))
            self.post_message(self.Arranged())
        self.paint()

    def paint(self, *names: str, moved: bool = True) -> None:
        """Paint the named panes, or all; `moved` False leaves the cloud as it was.

        The readout always goes with the map: it puts the map's marks into numbers.
        """
        if self._screen_layout is None:
            return
        if Scatter.NAME in names:
            names = (*names, Readout.NAME)
        scene = replace(self._scene(self.focused_pane), leafs=self._leafs())
        opens = BY_NAME[self.focused_pane].OPENS
        keys = state_keys(scene, opens, compares=self.compares)
        scene = replace(scene, state_keys=keys)
        if names and keys != self._state_keys:
            names = (*names, Footer.NAME)
        self._state_keys = keys
        for name, box in self._screen_layout.panes.items():
            if names and name not in names:
                continue
            pane = self._panes[name]
            if isinstance(pane, Scatter):
                pane.paint(scene, box.width, box.height, moved=moved)
            else:
                pane.paint(scene, box.width, box.height)

    @property
    def focused_pane(self) -> str:
        """The pane that tab has reached."""
        return self._tab if self._has_tabs else self._focus

    @property
    def _has_tabs(self) -> bool:
        """Whether tab leafs through what stands beside the map, one pane at a time.

        Two runs, and the way from A to B, take all the room.
        """
        small = self.arrangement is Arrangement.SMALL
        return small and not self.compares and len(self._explorer.choice.ends) < 2

    def _leafs(self) -> str:
        """What tab brings, where one pane fits beside the latent space."""
        if not self._has_tabs:
            return ""
        following = TABS[(TABS.index(self._tab) + 1) % len(TABS)]
        return {"sample": "pictures", "bowtie": "network"}.get(following, following)

    def leaf(self, by: int) -> None:
        """Go `by` panes on."""
        assert self._screen_layout is not None
        if self._has_tabs:
            self._tab = TABS[(TABS.index(self._tab) + by) % len(TABS)]
            self.place_panes()
            return
        names = [pane.NAME for pane in PANES if pane.FOCUS and pane.NAME in self.pane_names]
        if names:
            at = names.index(self._focus) if self._focus in names else 0
            self._focus = names[(at + by) % len(names)]
            self.paint(*names, moved=False)

    def paint_shown(self, what: str) -> None:
        """Paint what shows the 'probe', or the 'sample', after it has changed."""
        names = [pane.NAME for pane in PANES if what in pane.SHOWS]
        self.paint(*names, moved=False)

    # --- actions: what only looks, without touching the training ----------------------------------

    def action_move(self, columns: int, rows: int) -> None:
        """Move the probe by cells of the plot."""
        self._explorer.move_probe(columns, rows, self._scatter.cell_size(self._explorer.choice))
        self.paint_shown("probe")

    def action_zoom(self, steps: int) -> None:
        """Zoom at the probe."""
        self._explorer.zoom(steps)
        self.paint(*MAPS)

    def action_fit(self) -> None:
        """Fit the view to the codes."""
        self._explorer.refit()
        # A box that leaves the probe behind takes it along.
        self.paint_shown("probe")
        self.paint(*MAPS)

    def action_layer(self) -> None:
        """Draw the map of the next layer."""
        self._explorer.next_layer(dots=self._scene(self.focused_pane).look.dots)
        self.paint(*MAPS)

    def action_switch(self, name: Switch) -> None:
        """Turn a switch of the map: names, held-out samples, dots over tiles."""
        is_on = self._explorer.switch(name)
        self.paint(*MAPS)
        dataset = self._explorer.dataset
        if name == "held_out" and dataset is not None and dataset.held_out is None:
            self.post_message(self.Said("No images are held out here; --held-out 0.1 does that."))
        elif name == "dots_over" and self._explorer.choice.layer is not Layer.TILES:
            self.post_message(self.Said("Dots go over decoded tiles: v changes the layer."))
        elif name == "names":
            self.post_message(self.Said(self._names_words(is_on=is_on)))
        elif name == "held_out" and is_on and dataset is not None and dataset.held_out is not None:
            view, labels = self._explorer.view, dataset.held_out.labels
            count = len(labels) if view is None else int(view.active_mask[labels].sum())
            marked = f"{count:,}" if count == len(labels) else f"{count:,} of {len(labels):,}"
            self.post_message(self.Said(f"× marks {marked} held-out images: they never train."))

    def _names_words(self, *, is_on: bool) -> str:
        """What to say where names were switched, also where nobody sees that."""
        dataset, layer = self._explorer.dataset, self._explorer.choice.layer
        if dataset is not None and not dataset.labelled:
            return "No classes are known of these images."
        if layer is Layer.TILES:
            return "Class names don't stand on tiles: v changes the layer."
        look = self._scene(self._focus).look
        if dataset is not None and points_are_names(layer, dataset.class_names, look):
            return "Each point is its class's name here: v changes the layer."
        return "Class names stand where there is room." if is_on else "No class names."

    def action_moment(self, by: int) -> None:
        """Go some kept moments on, or back."""
        self._travelled(self._past.move(by, time.monotonic()))

    def action_first_moment(self) -> None:
        """Go to the first kept moment."""
        self._travelled(self._past.first(time.monotonic()))

    def action_live(self) -> None:
        """Go back to the newest moment."""
        self._past.leave(time.monotonic())
        self.place_panes()

    def action_replay(self, by: int) -> None:
        """Replay the kept moments, faster or slower."""
        self._travelled(self._past.replay(by, time.monotonic()))

    def _travelled(self, there: bool) -> None:
        if there:
            self.place_panes()
        else:
            self.post_message(self.Said("There are no earlier moments yet: space trains."))

    def action_inspect(self) -> None:
        """Show the next thing beside the map."""
        self._explorer.next_inspector()
        if self.arrangement is Arrangement.SMALL:
            self._tab = TABS[0]
        self.place_panes()

    def action_prior(self) -> None:
        """Show the prior of a variational autoencoder, or leave it."""
        view = self._explorer.view
        if view is None:
            return
        if view.snapshot.info.spec.kind != "vae":
            self.post_message(self.Said("This network has no prior: --kind vae trains one."))
            return
        shown = self._explorer.switch_prior()
        if self.arrangement is Arrangement.SMALL:
            self._tab = TABS[0]
        self.place_panes()
        if shown:
            # As the map has it; the letter's own place in ASCII, s, would read as seconds.
            unit = "sd" if self._scene(self._focus).look.ascii else "σ"
            words = f"Rings: the prior at 1{unit} and 2{unit}; letters: draws from it."
            on_map = len(view.plane.outline(1.0)) > 0
            self.post_message(self.Said(words if on_map else "The prior lies among the codes: x."))

    def action_mark(self) -> None:
        """Mark one end of a way over the map."""
        self._marked(
            self._explorer.mark(), "A is the cross. {} takes it again, moved, as B; {} a sample."
        )

    def action_mark_sample(self) -> None:
        """Mark the sample as one end."""
        self._marked(
            self._explorer.mark_sample(), "A is the sample. {} takes the cross as B; {} a sample."
        )

    def _marked(self, count: int, words: str) -> None:
        self.place_panes()
        keys = self._scene(self.focused_pane).keys
        if not count:
            self.post_message(self.Said("The sample has no place on this plane yet."))
        elif count == 1:
            pressed = keys.label("mark"), keys.label("mark-sample")
            self.post_message(self.Said(words.format(*pressed)))

    def action_unmark(self) -> None:
        """Take the marks away."""
        if self._explorer.choice.ends:
            self._explorer.unmark()
            self.place_panes()

    def action_plane(self, by: int) -> None:
        """Put the map on the next plane."""
        self._explorer.next_plane(by, time.monotonic())
        self._plane_changed()

    def action_dims(self) -> None:
        """Show the next two numbers of wide codes."""
        if self._explorer.next_dims(time.monotonic()):
            self._plane_changed()
        else:
            self.post_message(self.Said("These codes have no other numbers to show."))

    def _plane_changed(self) -> None:
        self.place_panes()
        if words := self.plane_words():
            self.post_message(self.Said(words))

    def plane_words(self) -> str:
        """What there is to say of the plane that is shown; '' before there is one."""
        view = self._explorer.view
        if view is None:
            return ""
        from tui_ae.run.plane import PixelPlane

        if view.choice.plane is PlaneName.PIXELS and not isinstance(view.plane, PixelPlane):
            gone = bool(view.dataset.missing)
            ends = "take the images, which are gone" if gone else "are still being computed"
            return f"The principal components {ends}."
        return view.plane.note or "The plane of the codes, and of the network's decoder."

    def action_random_sample(self) -> None:
        """Show a random sample."""
        self._explorer.choose_random(time.monotonic())
        self.paint_shown("sample")

    def action_sample_of(self, digit: str) -> None:
        """Show a sample of the class that has the key of a digit."""
        dataset = self._explorer.dataset
        if dataset is None:
            return
        label = class_keys(dataset.class_names).find(digit) if dataset.labelled else -1
        if self._explorer.choose_class(label, time.monotonic()):
            self.paint_shown("sample")
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
        action = BY_NAME[self.focused_pane].OPENS
        await self.run_action(action) if "." not in action else await self.app.run_action(action)

    def action_choose_nearest(self) -> None:
        """Monitor the sample next to the probe."""
        self._explorer.choose_nearest(time.monotonic())
        self.paint_shown("sample")

    # --- the mouse -------------------------------------------------------------------------------

    def _pane_at(self, event: events.MouseEvent) -> tuple[str, int, int]:
        assert self._screen_layout is not None
        x, y = int(event.screen_x), int(event.screen_y)
        for name, box in self._screen_layout.panes.items():
            if box.x <= x < box.x + box.width and box.y <= y < box.y + box.height:
                return name, x - box.x, y - box.y
        return "", 0, 0

    def _probe_to(self, column: int, row: int) -> None:
        point = self._scatter.point_at(self._explorer.choice, column, row)
        if not np.array_equal(point, self._explorer.probe):
            self._explorer.set_probe(point)
            self.paint_shown("probe")

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
            self._explorer.set_probe(self._scatter.point_at(self._explorer.choice, column, row))
            self._explorer.zoom(steps)
            self.paint_shown("probe")
            self.paint(*MAPS)
