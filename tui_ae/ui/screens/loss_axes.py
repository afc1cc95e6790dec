"""Ranges, ticks and labels of the loss chart, worked out without drawing anything."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from tui_ae.arrays import DoubleArray
from tui_ae.model.baselines import Baselines
from tui_ae.raster.axes import ticks

LEAST_WIDTH = 4.0
"""Epochs of the narrowest window."""
ROUND_NUMBERS = (1.0, 1.5, 2.0, 3.0, 5.0, 7.0, 10.0)
LEAST = 1e-6
"""The least loss of a logarithmic axis."""


@dataclass(frozen=True, slots=True)
class BaselineLine:
    """A baseline at its height."""

    name: str
    value: float
    """In the unit of the loss."""


def lines(baselines: Baselines | None) -> tuple[BaselineLine, ...]:
    """The baselines that the chart shows."""
    shown = []
    if baselines is not None:
        shown += [
            BaselineLine("undecided", baselines.undecided),
            BaselineLine("best constant", baselines.best_constant),
            BaselineLine("mean image", baselines.mean_image),
            BaselineLine("two components", baselines.two_components),
            BaselineLine("floor", baselines.floor),
        ]
    return tuple(line for line in shown if math.isfinite(line.value))


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """The finite losses of one kind."""

    name: str
    epochs: DoubleArray
    """(k,) increasing."""
    losses: DoubleArray
    """(k,)."""

    def at(self, epoch: float) -> float:
        """The loss of an epoch, or of the last one before it that has one; NaN for none."""
        place = int(np.searchsorted(self.epochs, epoch, side="right")) - 1
        return float(self.losses[place]) if place >= 0 else math.nan

    def within(self, low: float, high: float) -> Series:
        """Its part between two epochs, and a point beyond each end, so that lines run on."""
        first = max(int(np.searchsorted(self.epochs, low)) - 1, 0)
        last = int(np.searchsorted(self.epochs, high, side="right")) + 1
        return Series(self.name, self.epochs[first:last], self.losses[first:last])

    def same(self, other: Series) -> bool:
        """Whether all of both is equal."""
        equal = np.array_equal(self.epochs, other.epochs)
        return self.name == other.name and equal and np.array_equal(self.losses, other.losses)


@dataclass(frozen=True, slots=True)
class Window:
    """The epochs that are shown."""

    low: float
    high: float

    def zoomed(self, factor: float, centre: float, end: float) -> Window:
        """So many times as many epochs around one of them, within 1 and `end`."""
        width = max((self.high - self.low) * factor, LEAST_WIDTH)
        if width >= end - 1:
            return Window(1.0, end)
        low = centre - width * (centre - self.low) / max(self.high - self.low, 1e-9)
        low = min(max(low, 1.0), end - width)
        return Window(low, low + width)

    def around(self, epoch: float, end: float) -> Window:
        """Moved by no more than it takes to hold an epoch."""
        width = self.high - self.low
        low = min(max(self.low, epoch - width), epoch)
        low = min(max(low, 1.0), max(end - width, 1.0))
        return Window(low, low + width)


def rounded_end(last: float) -> float:
    """The end of the epoch axis: a round number, so that the curve grows without rescaling."""
    last = max(last, 10.0)
    power = 10.0 ** math.floor(math.log10(last))
    return next(step * power for step in ROUND_NUMBERS if step * power >= last)


@dataclass(frozen=True, slots=True)
class LossAxis:
    """The vertical axis: from 0 to the highest value, or logarithmic around all values."""

    low: float
    high: float
    log: bool

    @classmethod
    def around(cls, values: Iterable[float], *, log: bool, close: bool = False) -> LossAxis:
        """The axis that holds all of these finite values; `close` leaves out what lies below."""
        known = [max(value, LEAST) for value in values] or [1.0]
        if close:
            margin = max(max(known) - min(known), 0.01 * max(known)) * 0.1
            return cls(max(min(known) - margin, LEAST), max(known) + margin, log)
        if not log:
            return cls(0.0, max(known) * 1.05, log)
        return cls(min(known) * 0.9, max(known) * 1.1, log)

    def height(self, value: float) -> float:
        """Where `value` lies, in the chart's own linear unit."""
        return math.log10(max(value, LEAST)) if self.log else value

    def row(self, value: float, rows: int) -> int:
        """The row of `value` out of `rows`, from 0 at the bottom."""
        bottom, top = self.height(self.low), self.height(self.high)
        return round((self.height(value) - bottom) / (top - bottom) * (rows - 1))

    def ticks(self, most: int) -> list[float]:
        """At most `most` round losses."""
        if not self.log:
            return ticks(self.low, self.high, most)
        first, last = math.floor(math.log10(self.low)), math.ceil(math.log10(self.high))
        for digits in ((1, 1.5, 2, 3, 4, 5, 6, 7, 8), (1, 2, 3, 5, 7), (1, 2, 5), (1,)):
            values = [digit * 10.0**power for power in range(first, last + 1) for digit in digits]
            inside = [value for value in values if self.low <= value <= self.high]
            if len(inside) <= most:
                return inside
        return []


def labels(shown: Sequence[BaselineLine], axis: LossAxis, rows: int) -> list[tuple[float, str]]:
    """(value, label) of each row that has baselines: those that share a row share a label."""
    groups: dict[int, list[BaselineLine]] = {}
    for line in shown:
        groups.setdefault(axis.row(line.value, rows), []).append(line)
    return [
        (group[0].value, ", ".join(f"{line.name} {line.value:.3f}" for line in group))
        for group in groups.values()
    ]


def epoch_ticks(low: float, high: float, most: int) -> list[float]:
    """The first epoch and at most `most` round ones up to `high`."""
    room = (high - low) / 20
    start = low if low > 1 else 0.0
    first = math.ceil(low)
    return [first, *(mark for mark in ticks(start, high, most) if mark > max(first, low + room))]
