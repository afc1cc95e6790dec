"""The drawing pad: an image of the person's own, and what the network makes of it while it grows.

It draws with the panes of the main screen, for a choice in which the drawing is the sample.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar

import numpy as np
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.geometry import Size
from textual.screen import Screen
from textual.timer import Timer

from tui_ae.arrays import FloatArray
from tui_ae.data.dataset import Dataset
from tui_ae.data.strokes import ink_of
from tui_ae.link.flow.priorities import Region
from tui_ae.raster.viewport import Viewport, fit, settle
from tui_ae.ui.actions import Where, bindings
from tui_ae.ui.canvas import CellSink
from tui_ae.ui.choice import Choice, Layer
from tui_ae.ui.layout import Box
from tui_ae.ui.main_screen import MainScreen
from tui_ae.ui.pad import Pad
from tui_ae.ui.panes.base import Pane
from tui_ae.ui.panes.pictures import Reconstruction
from tui_ae.ui.panes.scatter import Scatter
from tui_ae.ui.scene import Scene
from tui_ae.ui.screens.pad_layout import MIN_HEIGHT, MIN_WIDTH, arrange_pad
from tui_ae.ui.screens.pad_panes import Head, Hints, KeyList, PadPane, Verdict
from tui_ae.ui.verdict import Losses, alike
from tui_ae.ui.view import View

PIECE_S = 1 / 20
"""How often a piece of the data's losses is computed, while some are missing."""
NOTHING = "Nothing is drawn yet."
TOO_SMALL = f"The pad takes {MIN_WIDTH}×{MIN_HEIGHT} cells."
RIGHT_BUTTON = 3
NOWHERE = (float("nan"), float("nan"))


class PadScreen(Screen[None]):
    """Turns keys and the mouse into strokes, and shows what follows from them."""

    DEFAULT_CSS = "PadScreen { background: $background; color: $foreground; }"
    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.PAD, "pad")

    def __init__(
        self, pad: Pad, scene: Callable[[], Scene], keep: Callable[[FloatArray], None]
    ) -> None:
        """A screen over a pad that outlives it.

        Args:
            pad: What was drawn so far.
            scene: The moment to show, as the main screen has it.
            keep: Takes a finished drawing (28, 28).
        """
        super().__init__()
        self.pad, self._scene, self._keep = pad, scene, keep
        self._losses = Losses()
        self._hints, self._verdict = Hints(), Verdict(self._losses)
        self._panes: dict[str, Pane] = {
            pane.NAME: pane
            for pane in (
                Head(), PadPane(pad), KeyList(pad), Reconstruction(), self._verdict, Scatter(),
                self._hints,
            )
        }  # fmt: skip
        self._boxes: dict[str, Box] = {}
        self._of: Dataset | None = None
        """The data that the pen suits."""
        self._seen: View | None = None
        self._box: Viewport | None = None
        """What the map shows: all of the cloud."""
        self._timer: Timer | None = None
        self._sink: CellSink | None = None

    def set_sink(self, sink: CellSink | None) -> None:
        """Let the panes paint straight to the terminal's driver, while this screen is in front."""
        self._sink = sink

    def compose(self) -> ComposeResult:
        """All panes; the arrangement hides those without a place."""
        yield from self._panes.values()

    def on_mount(self) -> None:
        """Take places and paint before the first layout: else a slow link got a blank screen first.

        The data's losses are computed between keys.
        """
        self._timer = self.set_interval(PIECE_S, self._compare, pause=True)
        self._arrange(self.app.size)

    def on_resize(self, event: events.Resize) -> None:
        """Arrange the panes anew."""
        self._arrange(event.size)

    def _arrange(self, size: Size) -> None:
        self._boxes = arrange_pad(size.width, size.height)
        if not self._boxes:
            self._boxes = {Hints.NAME: Box(0, 0, size.width, 1)}
        for name, pane in self._panes.items():
            pane.stand(self._boxes.get(name))
        self.post_message(MainScreen.Arranged())
        self._say("")

    def on_screen_resume(self) -> None:
        """Catch up with what happened while another screen was in front."""
        self.paint()
        self.call_after_refresh(self._use_sink, self._sink)

    def on_screen_suspend(self) -> None:
        """Leave the terminal to another screen, and let go of what comparing keeps."""
        self._use_sink(None)
        self._losses.forget()
        self._seen = None
        self.pad.release()

    def _use_sink(self, sink: CellSink | None) -> None:
        for pane in self._panes.values():
            pane.sink = sink if self.is_active else None

    def regions(self) -> list[Region]:
        """Where each pane stands, and when it goes, for the wire."""
        return [
            Region(box.x, box.y, box.width, box.height, self._panes[name].PRIORITY)
            for name, box in self._boxes.items()
        ]

    def paint(self) -> None:
        """Paint what follows from the drawing and the moment that is shown."""
        if not self._boxes:
            return
        scene = self._drawn(self._scene())
        for name, box in self._boxes.items():
            self._panes[name].paint(scene, box.width, box.height)

    def _drawn(self, scene: Scene) -> Scene:
        """The scene in which the drawing is the sample; without one while there is no drawing."""
        view = scene.view
        if view is None:
            return replace(scene, focus="")
        if view.dataset is not self._of:
            self._of = view.dataset
            self.pad.suit(ink_of(view.dataset.images))
        choice = self._choice(view)
        seen = replace(view, choice=choice)
        if choice.drawn is not None:
            self._losses.follow(view)
            if self._timer is not None:
                self._timer.resume()
            self._verdict.alike = alike(seen, choice.drawn)
            choice = replace(choice, viewport=self._around(seen))
            seen = replace(view, choice=choice)
        return replace(scene, view=seen, choice=choice, focus="")

    def _choice(self, view: View) -> Choice:
        """What the panes are to show: the whole map, and the drawing for the sample."""
        if self._seen is not view:
            codes = view.plane.codes[view.active_samples]
            old = self._seen
            same = old is not None and type(old.plane) is type(view.plane)
            self._box = settle(self._box, codes) if same and self._box else fit(codes)
            self._seen = view
        assert self._box is not None
        return replace(
            view.choice,
            sample=-1,
            drawn=None if self.pad.drawing.is_empty else self.pad.image,
            probe=NOWHERE,
            viewport=self._box,
            follows=True,
            layer=Layer.BRAILLE if view.choice.layer is Layer.TILES else view.choice.layer,
            prior=0,
            ends=(),
        )

    def _around(self, view: View) -> Viewport:
        """The map's box, with the drawing's point in it."""
        box, sample = view.choice.viewport, view.monitored
        if sample is None or not np.isfinite(sample.code).all():
            return box
        x, y = sample.code.tolist()
        if box.left < x < box.right and box.bottom < y < box.top:
            return box
        return fit(np.array([[box.left, box.bottom], [box.right, box.top], [x, y]]))

    def _compare(self) -> None:
        """Compute a piece of the data's losses; tell when all are there."""
        if self._losses.go_on():
            return
        if self._timer is not None:
            self._timer.pause()
        self.paint()

    def _say(self, words: str) -> None:
        """Paint, with an answer to the key in place of the hints."""
        self._hints.message = words if PadPane.NAME in self._boxes else TOO_SMALL
        self.paint()

    # --- keys ------------------------------------------------------------------------------------

    def action_move(self, columns: int, rows: int) -> None:
        """Move the pen by pixels."""
        self.pad.move(columns, rows)
        self._say("")

    def action_pen(self) -> None:
        """Put the pen down, or take it up."""
        self.pad.turn_pen()
        self._say("")

    def action_eraser(self) -> None:
        """Erase, or draw."""
        self.pad.turn_eraser()
        self._say("")

    def action_thicken(self, steps: int) -> None:
        """Draw wider strokes, or narrower ones."""
        self.pad.thicken(steps)
        self._say("")

    def action_clear(self) -> None:
        """Take all ink away."""
        if self.pad.clear():
            self._say("")
        else:
            self._say(NOTHING)

    def action_undo(self) -> None:
        """Take the last stroke back."""
        if self.pad.undo():
            self._say("")
        else:
            self._say("There is nothing to take back.")

    def action_keep(self) -> None:
        """Make the drawing the current sample, and go back."""
        if self.pad.drawing.is_empty:
            self._say(NOTHING)
            return
        self._keep(self.pad.image)
        self.dismiss()

    def action_back(self) -> None:
        """Go back; the drawing stays for the next time."""
        self.dismiss()

    # --- the mouse -------------------------------------------------------------------------------

    def _place(self, event: events.MouseEvent) -> tuple[tuple[float, float], bool]:
        """Where on the pad a cell's middle lies, in pixels, and whether it is inside."""
        box = self._boxes[PadPane.NAME]
        x, y = int(event.screen_x) - box.x + 0.5, int(event.screen_y) - box.y + 0.5
        inside = 1 < x < box.width - 1 and 1 < y < box.height - 1
        return PadPane.place_at(x, y, box.width, box.height), inside

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Begin a stroke, or erase with the right button or shift."""
        if PadPane.NAME not in self._boxes:
            return
        place, inside = self._place(event)
        if inside:
            wants = event.button == RIGHT_BUTTON or event.shift
            self.pad.press(place, erase=wants or self.pad.erases)
            self._say("")

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Draw on, beyond the edge too."""
        if event.button and PadPane.NAME in self._boxes and self.pad.drag(self._place(event)[0]):
            self._say("")

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """End a stroke."""
        self.pad.release()
