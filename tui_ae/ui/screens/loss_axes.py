"""Ranges, ticks and labels of the loss chart, worked out without drawing anything."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tui_ae.model.baselines import Baselines
from tui_ae.raster.axes import ticks

STEPS = (1.0, 1.5, 2.0, 3.0, 5.0, 7.0, 10.0)
LEAST = 1e-6
"""The least loss of a logarithmic axis."""


@dataclass(frozen=True, slots=True)
class Line:
    """A baseline at its height."""

    name: str
    value: float
    """Nats a pixel."""


def lines(baselines: Baselines | None) -> tuple[Line, ...]:
    """The baselines that the chart shows."""
    shown = [Line("ln 2", math.log(2))]
    if baselines is not None:
        shown += [
            Line("best constant", baselines.best_constant),
            Line("mean image", baselines.mean_image),
            Line("two components", baselines.two_components),
            Line("floor", baselines.floor),
        ]
    return tuple(line for line in shown if math.isfinite(line.value))


def rounded_end(last: float) -> float:
    """The end of the epoch axis: a round number, so that the curve grows without rescaling."""
    last = max(last, 10.0)
    power = 10.0 ** math.floor(math.log10(last))
    return next(step * power for step in STEPS if step * power >= last)


@dataclass(frozen=True, slots=True)
class LossAxis:
    """The vertical axis: from 0 to the highest value, or logarithmic around all values."""

    low: float
    high: float
    log: bool

    @classmethod
    def around(cls, values: Iterable[float], *, log: bool) -> LossAxis:
        """The axis that holds all of these finite values."""
        known = [max(value, LEAST) for value in values] or [1.0]
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


def labels(shown: Sequence[Line], axis: LossAxis, rows: int) -> list[tuple[float, str]]:
    """(value, label) of each row that has baselines: those that share a row share a label."""
    groups: dict[int, list[Line]] = {}
    for line in shown:
        groups.setdefault(axis.row(line.value, rows), []).append(line)
    return [
        (group[0].value, ", ".join(f"{line.name} {line.value:.3f}" for line in group))
        for group in groups.values()
    ]


def epoch_ticks(end: float, most: int) -> list[float]:
    """1 and at most `most` round epochs up to `end`."""
    return [1.0, *(mark for mark in ticks(0.0, end, most) if mark > end / 20 and mark > 1)]
