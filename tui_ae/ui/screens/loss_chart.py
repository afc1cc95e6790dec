"""The loss of each epoch as a large chart, with the baselines that give it meaning.

Its chart imports plotext, so the application imports this module when the chart is opened.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import ClassVar

import numpy as np
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen
from textual.widgets import Static

from tui_ae.model.baselines import Baselines
from tui_ae.run.snapshot import HELD_OUT, TRAINING, LossCurve
from tui_ae.ui.actions import Where, bindings
from tui_ae.ui.lettering import worded
from tui_ae.ui.screens.chart import HELD_OUT_SIGN, Chart
from tui_ae.ui.screens.loss_axes import (
    Series,
    Window,
    lines,
    rounded_end,
)
from tui_ae.ui.screens.page import Heading, Hints
from tui_ae.ui.themes import DARK, Tones

EMPTY = "No epoch has ended yet. Go back and press space to train, or s for one epoch."
FAR = 10
"""Of the epochs that are shown, the part by which the cursor goes far."""
NO_NUMBER = "No epoch has a finite loss."


class LossChartScreen(Screen[None]):
    """The chart with the values that count."""

    DEFAULT_CSS = """
    LossChartScreen { background: $background; color: $foreground; }
    LossChartScreen > Heading { margin: 0 1; }
    LossChartScreen > .sentence { width: 1fr; height: 1fr; padding: 2 2; color: $muted; }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.CHART, "loss-chart")

    def __init__(
        self,
        tones: Tones = DARK,
        *,
        ascii: bool = False,  # noqa: A002 - as elsewhere
        blocks: bool = False,
        unit: str = "nats per pixel",
    ) -> None:
        """An empty chart; `show_curves` fills it.

        Args:
            tones: The theme.
            ascii: Whether only ASCII is safe.
            blocks: Whether curves are of blocks instead of braille.
            unit: That of the loss.
        """
        super().__init__()
        self._ascii = ascii
        self.log_axis = False
        self._heading = Heading(f"loss, {unit}", ascii_only=ascii)
        self._chart = Chart(tones, ascii_only=ascii, blocks=blocks)
        self._sentence = Static(EMPTY, classes="sentence", markup=False)
        self._hints = Hints()
        self._series: tuple[Series, ...] = ()
        self._left_out = False
        self._lines = lines(None)
        self.window: Window | None = None
        """The epochs that are shown; None for all."""
        self.cursor: float | None = None
        """The epoch of which the heading tells; None for the newest."""

    def compose(self) -> ComposeResult:
        """Heading, chart or sentence, hints."""
        yield self._heading
        yield self._chart
        yield self._sentence
        yield self._hints

    def on_mount(self) -> None:
        """Show what was given before there was a screen."""
        self._paint()

    def show_curves(self, curves: Mapping[str, LossCurve], baselines: Baselines | None) -> None:
        """Show curves and baselines; nothing is painted where neither has changed."""
        found, left_out = [], False
        for name in (TRAINING, HELD_OUT):
            if name in curves and len(curves[name].losses):
                finite = np.isfinite(curves[name].losses)
                left_out |= not finite.all()
                epochs = curves[name].epochs[finite].astype(np.float64)
                found.append(Series(name, epochs, curves[name].losses[finite]))
        series = tuple(each for each in found if len(each.losses))
        shown = lines(baselines)
        same = len(series) == len(self._series) and all(
            one.same(other) for one, other in zip(series, self._series, strict=True)
        )
        if same and shown == self._lines and left_out == self._left_out:
            return
        if self._series and series and series[0].epochs[-1] < self._series[0].epochs[-1]:
            # Another run: places on the old curves mean nothing.
            self.window = self.cursor = None
        self._series, self._lines, self._left_out = series, shown, left_out
        if self.is_mounted:
            self._paint()

    def set_tones(self, tones: Tones) -> None:
        """Draw the chart in the tones of another theme."""
        self._chart.set_tones(tones)

    # Keys.

    def action_log_axis(self) -> None:
        """Change between a linear and a logarithmic loss axis."""
        self.log_axis = not self.log_axis
        self._paint()

    def action_cursor(self, by: int) -> None:
        """Move the cursor by a point of the curve."""
        if self._series:
            epochs = self._series[0].epochs
            here = self.cursor if self.cursor is not None else epochs[-1]
            if by < 0:
                at = int(np.searchsorted(epochs, here, side="left")) - 1
            else:
                at = int(np.searchsorted(epochs, here, side="right"))
            self._go_to(float(epochs[min(max(at, 0), len(epochs) - 1)]))

    def action_far(self, by: int) -> None:
        """Move the cursor by a tenth of what is shown."""
        if self._series:
            epochs = self._series[0].epochs
            here = self.cursor if self.cursor is not None else float(epochs[-1])
            shown = self._window()
            goal = here + by * max((shown.high - shown.low) / FAR, 1.0)
            self._go_to(float(epochs[int(np.abs(epochs - goal).argmin())]))

    def action_end(self, side: int) -> None:
        """Move the cursor to the first epoch, or take it away at the newest."""
        if self._series:
            self._go_to(float(self._series[0].epochs[0]) if side < 0 else None)

    def action_zoom(self, steps: int) -> None:
        """Show fewer epochs around the cursor, or more."""
        if self._series:
            centre = self.cursor if self.cursor is not None else float(self._series[0].epochs[-1])
            end = rounded_end(float(self._series[0].epochs[-1]))
            window = self._window().zoomed(2.0**-steps, centre, end)
            self.window = None if window == Window(1.0, end) else window
            self._paint()

    def action_fit(self) -> None:
        """Show all epochs."""
        self.window = None
        self._paint()

    def action_back(self) -> None:
        """Close the chart."""
        self.dismiss()

    def _go_to(self, epoch: float | None) -> None:
        self.cursor = epoch
        if self.window is not None and self._series:
            newest = float(self._series[0].epochs[-1])
            goal = newest if epoch is None else epoch
            self.window = self.window.around(goal, rounded_end(newest))
        self._paint()

    # Painting.

    def _window(self) -> Window:
        if self.window is not None:
            return self.window
        return Window(1.0, rounded_end(float(self._series[0].epochs[-1])))

    def _paint(self) -> None:
        has_curve = bool(self._series)
        self._chart.display, self._sentence.display = has_curve, not has_curve
        self._sentence.update(NO_NUMBER if self._left_out else EMPTY)
        self._heading.set_value(" · ".join(self._values()) if has_curve else "")
        hints = "esc back"
        if has_curve:
            axis = "linear" if self.log_axis else "log"
            hints = f"←→ cursor · + - zoom · f all · y {axis} · {hints}"
        if self._left_out:
            hints = f"non-finite losses left out · {hints}"
        self._hints.update(worded(hints, self._ascii), layout=False)
        if has_curve:
            self._chart.show(
                self._series,
                self._lines,
                self._window(),
                self.cursor,
                log=self.log_axis,
                zoomed=self.window is not None,
            )

    def _values(self) -> Iterator[str]:
        training = self._series[0]
        epoch = float(training.epochs[-1]) if self.cursor is None else self.cursor
        yield f"epoch {epoch:,.0f}"
        yield f"loss {training.at(epoch):.4f}"
        for other in self._series[1:]:
            if math.isfinite(other.at(epoch)):
                sign = "x" if self._ascii else HELD_OUT_SIGN
                yield f"{sign} {other.name} {other.at(epoch):.4f}"
        best = int(training.losses.argmin())
        yield f"best {training.losses[best]:.4f}"
