"""A loss curve in a few rows of cells."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tui_ae.arrays import DoubleArray
from tui_ae.raster.braille import braille
from tui_ae.raster.grid import DEFAULT, SPACE, CellGrid

EIGHTHS = np.array([ord(sign) for sign in " ▁▂▃▄▅▆▇█"], np.uint32)
ASCII_EIGHTHS = np.array([ord(sign) for sign in " ._-=+*#@"], np.uint32)
LARGEST = 1e100
"""Losses beyond it are drawn as it, so that no sum of them overflows."""
CLIP = 0.9
"""The scale ends where this part of the curve lies below: the first epochs would flatten it."""


def condense(losses: npt.ArrayLike, columns: int) -> DoubleArray:
    """At most `columns` values: means of neighbouring losses; those not finite are left out."""
    values = np.asarray(losses, np.float64)
    values = values[np.isfinite(values)].clip(-LARGEST, LARGEST)
    if len(values) <= columns:
        return values
    edges = np.linspace(0, len(values), columns + 1).astype(int)
    sums = np.add.reduceat(values, edges[:-1])
    means = sums / np.diff(edges)
    # The right end is now, not a mean of the last while.
    means[-1] = values[-1]
    return np.asarray(means)


def scale(values: DoubleArray, *, zero: bool = False) -> DoubleArray:
    """Values to [0, 1]: 0 for the lowest, 1 for all above where most of the curve lies.

    With `zero` it is 0 for 0, and 1 for the highest.
    """
    if not len(values):
        return values
    if zero:
        highest = float(values.max())
        return np.clip(values / highest, 0.0, 1.0) if highest > 0 else np.zeros(len(values))
    low = float(values.min())
    high = float(np.quantile(values, CLIP))
    if high - low <= 1e-9 * max(abs(low), 1e-9):
        high = float(values.max())
    if high - low <= 1e-9 * max(abs(low), 1e-9):
        return np.full(len(values), 0.5)
    return np.clip((values - low) / (high - low), 0.0, 1.0)


def sparkline(
    losses: npt.ArrayLike,
    width: int,
    height: int = 1,
    *,
    ascii: bool = False,  # noqa: A002 - the word for it
    ink: int = DEFAULT,
    last: int = DEFAULT,
    zero: bool = False,
) -> CellGrid:
    """The curve of `losses` in height x width cells, its newest point marked at its end.

    Args:
        losses: (k,) a loss an epoch.
        width: Columns; two epochs or more share one where there are many.
        height: Rows; one row is drawn in eighths, more in braille.
        ascii: Draw in ASCII.
        ink: Colour of the curve.
        last: Colour of the newest point.
        zero: Whether the bottom is 0 instead of the lowest value.
    """
    grid = CellGrid.blank(height, width)
    if grid.height == 0 or grid.width == 0:
        return grid
    if height == 1 or ascii:
        used = _bars(grid, scale(condense(losses, width), zero=zero), ascii_only=ascii)
    else:
        used = _line(grid, scale(condense(losses, 2 * width), zero=zero))
    grid.foreground[grid.glyphs != SPACE] = ink
    if used:
        column = grid.glyphs[:, used - 1]
        grid.foreground[column != SPACE, used - 1] = last
    return grid


def _bars(grid: CellGrid, levels: DoubleArray, *, ascii_only: bool) -> int:
    """Draw a bar of eighths a value; returns the columns used."""
    signs = ASCII_EIGHTHS if ascii_only else EIGHTHS
    eighths = 1 + np.round(levels * (8 * grid.height - 1)).astype(int)
    rows = np.arange(grid.height)[::-1, None]
    filled = np.clip(eighths[None, :] - 8 * rows, 0, 8)
    grid.glyphs[:, : len(levels)] = signs[filled]
    return len(levels)


def _line(grid: CellGrid, levels: DoubleArray) -> int:
    """Draw a line of dots, joined where it is steep; returns the columns used."""
    count = len(levels)
    if not count:
        return 0
    tall = 4 * grid.height
    row = np.round((1 - levels) * (tall - 1)).astype(int)
    before = np.concatenate([row[:1], row[:-1]])
    # A step down from the value before is filled to one dot below it, so that dots join.
    low = np.where(before < row, before + 1, row)
    high = np.where(before > row, before - 1, row)
    at = np.arange(tall)[:, None]
    set_dots = np.zeros((tall, 2 * grid.width), bool)
    set_dots[:, :count] = (at >= np.minimum(low, row)) & (at <= np.maximum(high, row))
    grid.glyphs[:] = braille(set_dots)
    return -(-count // 2)
