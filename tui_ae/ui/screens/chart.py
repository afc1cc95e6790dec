"""The plot of the loss: curves, baselines, a cursor.

Imports plotext, so the application imports this module when the chart is opened.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from rich.text import Text
from textual.geometry import Region
from textual_plotext import PlotextPlot

from tui_ae.arrays import DoubleArray
from tui_ae.raster.grid import DEFAULT
from tui_ae.ui.lettering import IN_ASCII
from tui_ae.ui.screens.loss_axes import (
    BaselineLine,
    LossAxis,
    Series,
    Window,
    epoch_ticks,
    labels,
)
from tui_ae.ui.themes import Tones

Colour = tuple[int, int, int] | str

FOOT = 2
"""Rows that plotext takes below the canvas: the axis and its labels."""
GUTTER = 6
"""About as many columns left of it."""
MIN_LABELLED = 50
"""Below this width the chart keeps its columns for the curve."""


def _rgb(colour: int) -> Colour:
    if colour == DEFAULT:
        return "default"
    return colour >> 16 & 255, colour >> 8 & 255, colour & 255


DOTS = {"braille": 4, "hd": 2}
"""Dots, one above the other, of a cell of each of plotext's markers."""
HELD_OUT_SIGN = "○"
"""What stands on the held-out curve, and at its end."""
BETWEEN_SIGNS = 8
"""Columns from one to the next."""


class Chart(PlotextPlot):
    """The plot; it repaints only the rows that differ from the last picture."""

    DEFAULT_CSS = "Chart { width: 1fr; height: 1fr; margin: 1 1 0 1; }"

    def __init__(self, tones: Tones, *, ascii_only: bool, blocks: bool) -> None:
        super().__init__()
        # Plotext's plain theme, so that background and axes are the screen's own.
        self.theme = "clear"
        self._tones, self._ascii = tones, ascii_only
        self._marker = "hd" if blocks else "braille"
        self._series: Sequence[Series] = ()
        self._lines: Sequence[BaselineLine] = ()
        self._window = Window(1.0, 10.0)
        self._cursor: float | None = None
        self._log = self._zoomed = False
        self._shown: list[Text] = []

    def set_tones(self, tones: Tones) -> None:
        """Draw in the tones of another theme."""
        self._tones = tones
        self.refresh()

    def show(
        self,
        series: Sequence[Series],
        shown: Sequence[BaselineLine],
        window: Window,
        cursor: float | None,
        *,
        log: bool,
        zoomed: bool,
    ) -> None:
        """Draw these finite losses and baselines.

        Args:
            series: That of training first.
            shown: The baselines.
            window: The epochs to show.
            cursor: The epoch of the cursor; None for none.
            log: Whether losses stand on a logarithmic axis.
            zoomed: Whether the axis of losses is to come close to the curves too.
        """
        self._zoomed = zoomed
        self._series, self._lines, self._log = series, shown, log
        self._window, self._cursor = window, cursor
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
        if width < 1 or height < 1 or not self._series:
            return []
        inside = [each.within(self._window.low, self._window.high) for each in self._series]
        values = [loss for each in inside for loss in each.losses.tolist()]
        if self._zoomed and values:
            axis = LossAxis.around(values, log=self._log, close=True)
        else:
            known = [line.value for line in self._lines]
            axis = LossAxis.around([*values, *known], log=self._log)
        plt = self.plt
        plt.clear_figure()
        plt.theme("clear")
        plt.plotsize(width, height)
        plt._set_size(width, height)  # As PlotextPlot does: plotsize alone forgets a resize.
        column = self._draw_axes(axis, width, height)
        self._draw_series(axis, inside, BETWEEN_SIGNS * column)
        text = Text.from_ansi(plt.build())
        if self._ascii:
            text.plain = text.plain.translate(IN_ASCII)
        return list(text.split("\n", allow_blank=True))[:height]

    def _draw_axes(self, axis: LossAxis, width: int, height: int) -> float:
        """Ranges, ticks, and each baseline with its label; returns the epochs of a column."""
        plt, rows, room = self.plt, max(height - FOOT, 1), max(width - GUTTER, 1)
        plt.xaxes(True, False)
        plt.yaxes(True, False)
        plt.ylim(axis.height(axis.low), axis.height(axis.high))
        marks = axis.ticks(max(rows // 3, 2))
        plt.yticks([axis.height(mark) for mark in marks], [f"{mark:.4g}" for mark in marks])
        inside = [line for line in self._lines if axis.low <= line.value <= axis.high]
        words = labels(inside, axis, rows) if width >= MIN_LABELLED else []
        longest = max((len(text) + 2 for _, text in words), default=0)
        low, high = self._window.low, self._window.high
        # The labels' columns lie beyond the last epoch, so that they never hide the curve.
        right = low + (high - low) * room / max(room - longest, 1)
        plt.xlim(low, right)
        epochs = epoch_ticks(low, high, max((room - longest) // 8, 2))
        names = [f"{epoch:,.0f}" for epoch in epochs]
        plt.xticks([*epochs, right], [*names, "epoch"])
        rule, faint = ("-" if self._ascii else "─"), _rgb(self._tones.faint)
        for line in inside:
            level = axis.height(line.value)
            plt.plot([low, right], [level, level], marker=rule, color=faint)
        muted = _rgb(self._tones.muted)
        for value, text in words:
            level = axis.height(value)
            plt.text(f" {text}", right, level, color=muted, alignment="right")
        if self._cursor is not None:
            at = [self._cursor, self._cursor]
            ends = [axis.height(axis.low), axis.height(axis.high)]
            upright = "|" if self._ascii else "│"
            plt.plot(at, ends, marker=upright, color=_rgb(self._tones.accent))
        return (right - low) / room

    def _draw_series(self, axis: LossAxis, inside: Sequence[Series], step: float) -> None:
        """The curves, a sign on the held-out one every `step` epochs, training's last point."""
        inks = (self._tones.curve, self._tones.warning)
        markers = ("*", "x") if self._ascii else (self._marker, self._marker)
        # The curve of training lies over the other one.
        for each, ink, marker in reversed(list(zip(inside, inks, markers, strict=False))):
            epochs = each.epochs.tolist()
            levels = [axis.height(loss) for loss in each.losses.tolist()]
            if epochs:
                self.plt.plot(epochs, levels, marker=marker, color=_rgb(ink))
        sign = "x" if self._ascii else HELD_OUT_SIGN
        for each, ink in list(zip(inside, inks, strict=False))[1:]:
            if len(each.epochs):
                self._put_on(axis, each, self._along(each, step), sign, ink)
        training = self._series[0]
        last = "o" if self._ascii else "●"
        if len(training.epochs) and training.epochs[-1] <= self._window.high:
            self._put_on(axis, training, training.epochs[-1:], last, self._tones.accent)

    def _along(self, series: Series, step: float) -> DoubleArray:
        """The epochs of the signs along a curve and at its end.

        Only a few cells are theirs, so that where two curves share cells both are seen; without
        colours they alone tell which is which.
        """
        end = series.epochs[-1]
        # Counted from the window's edge, so that they stand still while the curve grows.
        along = np.arange(self._window.low, end - step / 2, step)
        return np.append(along[along >= series.epochs[0]], end)

    def _put_on(
        self, axis: LossAxis, series: Series, epochs: DoubleArray, sign: str, ink: int
    ) -> None:
        """Signs in the cells in which the line of a curve lies.

        Plotext rounds a sign to a cell, but a line to one of the dots that share a cell, which can
        be the next cell.
        """
        heights = [axis.height(loss) for loss in series.losses.tolist()]
        bottom, top = axis.height(axis.low), axis.height(axis.high)
        parts = (np.interp(epochs, series.epochs, heights) - bottom) / (top - bottom)
        rows = max(self.size.height - FOOT, 2)
        dots = 1 if self._ascii else DOTS[self._marker]
        cells = np.floor(0.5 + (dots * rows - 1) * parts) // dots
        levels = bottom + cells / (rows - 1) * (top - bottom)
        self.plt.scatter(epochs.tolist(), levels.tolist(), marker=sign, color=_rgb(ink))
