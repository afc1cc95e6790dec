"""The loss of each epoch as a large chart, with the baselines that give it meaning.

Imports plotext, so the application imports this module when the chart is opened.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

import numpy as np
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.screen import Screen
from textual.widgets import Static
from textual_plotext import PlotextPlot

from tui_ae.arrays import DoubleArray
from tui_ae.model.baselines import Baselines
from tui_ae.raster.grid import DEFAULT
from tui_ae.run.snapshot import LossCurve
from tui_ae.ui.screens.loss_axes import (
    Line,
    LossAxis,
    epoch_ticks,
    labels,
    lines,
    rounded_end,
)
from tui_ae.ui.screens.page import BACK_BINDINGS, Heading, Hints
from tui_ae.ui.screens.plain import plain
from tui_ae.ui.themes import DARK, Tones

Colour = tuple[int, int, int] | str

FOOT = 2
"""Rows that plotext takes below the canvas: the axis and its labels."""
GUTTER = 6
"""About as many columns left of it."""
MIN_LABELLED = 50
"""Below this width the chart keeps its columns for the curve."""
EMPTY = "No epoch has ended yet. Go back and press space to train, or s for one epoch."
NO_NUMBER = "No epoch has a finite loss."
PLAIN = str.maketrans("┌┐└┘├┤┬┴┼─│", "+++++++++-|")
"""The axes that plotext draws, where only ASCII is safe."""


def _rgb(colour: int) -> Colour:
    if colour == DEFAULT:
        return "default"
    return colour >> 16 & 255, colour >> 8 & 255, colour & 255


class Chart(PlotextPlot):
    """The plot; it repaints only the rows that differ from the last picture."""

    DEFAULT_CSS = "Chart { width: 1fr; height: 1fr; margin: 1 1 0 1; }"

    def __init__(self, tones: Tones, *, ascii_only: bool, blocks: bool) -> None:
        super().__init__()
        # Plotext's plain theme, so that background and axes are the screen's own.
        self.theme = "clear"
        self._tones, self._ascii = tones, ascii_only
        self._marker = "hd" if blocks else "braille"
        self._epochs = self._losses = np.empty(0)
        self._lines: Sequence[Line] = ()
        self._log = False
        self._shown: list[Text] = []

    def set_tones(self, tones: Tones) -> None:
        """Draw in the tones of another theme."""
        self._tones = tones
        self.refresh()

    def show(
        self, epochs: DoubleArray, losses: DoubleArray, shown: Sequence[Line], *, log: bool
    ) -> None:
        """Draw these finite losses and baselines."""
        self._epochs, self._losses, self._lines, self._log = epochs, losses, shown, log
        old, width = self._shown, self.size.width
        if not width:
            return
        new = self._picture()
        if len(old) != len(new):
            self.refresh()
            return
        changed = [row for row in range(len(new)) if old[row] != new[row]]
        if changed:
            self.refresh(*(Region(0, row, width, 1) for row in changed))

    def render(self) -> Text:
        """The picture at the widget's size."""
        self._shown = self._picture()
        return Text("\n").join(self._shown)

    def _picture(self) -> list[Text]:
        width, height = self.size
        if width < 1 or height < 1 or not len(self._losses):
            return []
        axis = LossAxis.around(
            [*self._losses.tolist(), *(line.value for line in self._lines)], log=self._log
        )
        plt = self.plt
        plt.clear_figure()
        plt.theme("clear")
        plt.plotsize(width, height)
        plt._set_size(width, height)  # As PlotextPlot does: plotsize alone forgets a resize.
        self._draw_axes(axis, width, height)
        self._draw_series(axis)
        text = Text.from_ansi(plt.build())
        if self._ascii:
            text.plain = text.plain.translate(PLAIN)
        return list(text.split("\n", allow_blank=True))[:height]

    def _draw_axes(self, axis: LossAxis, width: int, height: int) -> None:
        """Ranges, ticks, and each baseline with its label."""
        plt, rows, room = self.plt, max(height - FOOT, 1), max(width - GUTTER, 1)
        plt.xaxes(True, False)
        plt.yaxes(True, False)
        plt.ylim(axis.height(axis.low), axis.height(axis.high))
        marks = axis.ticks(max(rows // 3, 2))
        plt.yticks([axis.height(mark) for mark in marks], [f"{mark:.4g}" for mark in marks])
        words = labels(self._lines, axis, rows) if width >= MIN_LABELLED else []
        longest = max((len(text) + 2 for _, text in words), default=0)
        end = rounded_end(float(self._epochs[-1]))
        # The labels' columns lie beyond the last epoch, so that they never hide the curve.
        right = 1 + (end - 1) * room / max(room - longest, 1)
        plt.xlim(1, right)
        epochs = epoch_ticks(end, max((room - longest) // 8, 2))
        names = [f"{epoch:,.0f}" for epoch in epochs]
        plt.xticks([*epochs, right], [*names, "epoch"])
        rule, faint = ("-" if self._ascii else "─"), _rgb(self._tones.faint)
        for line in self._lines:
            level = axis.height(line.value)
            plt.plot([1, right], [level, level], marker=rule, color=faint)
        muted = _rgb(self._tones.muted)
        for value, text in words:
            level = axis.height(value)
            plt.text(f" {text}", right, level, color=muted, alignment="right")

    def _draw_series(self, axis: LossAxis) -> None:
        """The curve, and its last point."""
        epochs = self._epochs.tolist()
        levels = [axis.height(loss) for loss in self._losses.tolist()]
        marker, last = ("*", "o") if self._ascii else (self._marker, "●")
        self.plt.plot(epochs, levels, marker=marker, color=_rgb(self._tones.curve))
        self.plt.scatter(epochs[-1:], levels[-1:], marker=last, color=_rgb(self._tones.accent))


class LossChartScreen(Screen[None]):
    """The chart with the values that count."""

    DEFAULT_CSS = """
    LossChartScreen { background: $background; color: $foreground; }
    LossChartScreen > Heading { margin: 0 1; }
    LossChartScreen > .sentence { width: 1fr; height: 1fr; padding: 2 2; color: $muted; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *BACK_BINDINGS,
        Binding("g", "back", show=False),
        Binding("y", "log_axis", show=False),
    ]

    def __init__(
        self,
        tones: Tones = DARK,
        *,
        ascii: bool = False,  # noqa: A002 - as elsewhere
        blocks: bool = False,
    ) -> None:
        """An empty chart; `show_curve` fills it.

        Args:
            tones: The theme.
            ascii: Whether only ASCII is safe.
            blocks: Whether the curve is of blocks instead of braille.
        """
        super().__init__()
        self._ascii = ascii
        self.log_axis = False
        self._heading = Heading("loss, nats a pixel", ascii_only=ascii)
        self._chart = Chart(tones, ascii_only=ascii, blocks=blocks)
        self._sentence = Static(EMPTY, classes="sentence", markup=False)
        self._hints = Hints()
        self._epochs = self._losses = np.empty(0)
        self._left_out = False
        self._lines = lines(None)

    def compose(self) -> ComposeResult:
        """Heading, chart or sentence, hints."""
        yield self._heading
        yield self._chart
        yield self._sentence
        yield self._hints

    def on_mount(self) -> None:
        """Show what was given before there was a screen."""
        self._paint()

    def show_curve(self, curve: LossCurve, baselines: Baselines | None) -> None:
        """Show a curve and its baselines; nothing is painted where neither has changed."""
        finite = np.isfinite(curve.losses)
        epochs, losses = curve.epochs[finite].astype(float), curve.losses[finite].astype(float)
        shown = lines(baselines)
        same = np.array_equal(epochs, self._epochs) and np.array_equal(losses, self._losses)
        left_out = bool(len(curve.losses)) and not finite.all()
        if same and shown == self._lines and left_out == self._left_out:
            return
        self._epochs, self._losses, self._lines = epochs, losses, shown
        self._left_out = left_out
        if self.is_mounted:
            self._paint()

    def set_tones(self, tones: Tones) -> None:
        """Draw the chart in the tones of another theme."""
        self._chart.set_tones(tones)

    def action_log_axis(self) -> None:
        """Change between a linear and a logarithmic loss axis."""
        self.log_axis = not self.log_axis
        self._paint()

    def action_back(self) -> None:
        """Close the chart."""
        self.dismiss()

    def _paint(self) -> None:
        has_curve = bool(len(self._losses))
        self._chart.display, self._sentence.display = has_curve, not has_curve
        self._sentence.update(NO_NUMBER if self._left_out else EMPTY)
        self._heading.set_value(" · ".join(self._values()) if has_curve else "")
        hints = "esc back"
        if has_curve:
            hints = f"y {'linear' if self.log_axis else 'log'} axis · {hints}"
        if self._left_out:
            hints += " · non-finite losses left out"
        self._hints.update(plain(hints, self._ascii), layout=False)
        if has_curve:
            self._chart.show(self._epochs, self._losses, self._lines, log=self.log_axis)

    def _values(self) -> Iterator[str]:
        best = int(self._losses.argmin())
        yield f"epoch {self._epochs[-1]:,.0f}"
        yield f"loss {self._losses[-1]:.4f}"
        yield f"best {self._losses[best]:.4f}"
