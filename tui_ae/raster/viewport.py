"""The part of the latent plane that is shown, and the mapping between its points and cells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tui_ae.arrays import DoubleArray, FloatArray

MARGIN = 0.07
ROOM = 0.16
"""Margin of a box that was moved: codes that grow then stay inside it for many epochs."""
SHRINK = 0.55
"""A box is drawn closer when the codes take up less than this part of a side."""
TIGHT = 0.8
"""The same where the codes have been seen to stay so small for a while."""
SMALLEST = 1e-6
LARGEST = 1e30
ON_EDGE = 1e-6
"""A point so close to the next dot, in dots, is taken to be on its edge."""


@dataclass(frozen=True, slots=True)
class Viewport:
    """A box of the plane: z1 from left to right, z2 from bottom to top."""

    left: float
    right: float
    bottom: float
    top: float


def _extent(codes: FloatArray | DoubleArray) -> tuple[float, float, float, float] | None:
    """Least and greatest finite z1 and z2, or None without a finite code."""
    if not len(codes):
        return None
    # Column by column: isfinite(codes).all(axis=1) takes ten times as long.
    z1, z2 = codes[:, 0], codes[:, 1]
    finite = np.isfinite(z1) & np.isfinite(z2)
    if not finite.all():
        z1, z2 = z1[finite], z2[finite]
        if not len(z1):
            return None
    low_high = (float(z1.min()), float(z1.max()), float(z2.min()), float(z2.max()))
    return tuple(min(max(value, -LARGEST), LARGEST) for value in low_high)  # type: ignore[return-value]


def _widened(low: float, high: float, margin: float) -> tuple[float, float]:
    """An interval with a margin on each side; one around a single value is 1 wide.

    Around a value so large that 1 would vanish beside it, the interval is as wide as it must be.
    """
    side = high - low
    least = SMALLEST * max(abs(low), abs(high), 1.0)
    if side < least:
        half = max(0.5, least)
        return low - half, high + half
    return low - margin * side, high + margin * side


def _fills(low: float, high: float, side: float, share: float) -> bool:
    """Whether values from low to high fill a share of a side, or as much as they can of any."""
    left, right = _widened(low, high, MARGIN)
    return high - low >= share * side or side <= (right - left) * (1 + ON_EDGE)


def fit(codes: FloatArray | DoubleArray, margin: float = MARGIN) -> Viewport:
    """The box that holds all finite codes (n, 2), with `margin` of each side around them."""
    extent = _extent(codes)
    if extent is None:
        return Viewport(-1.0, 1.0, -1.0, 1.0)
    left, right = _widened(extent[0], extent[1], margin)
    bottom, top = _widened(extent[2], extent[3], margin)
    return Viewport(left, right, bottom, top)


def settle(box: Viewport, codes: FloatArray) -> Viewport:
    """`box` where it still suits the codes (n, 2), else a roomier fit.

    A box that followed every epoch would repaint every cell; this one moves only when codes leave
    it or fill little of it, and then leaves room so that it need not move again soon.
    """
    extent = _extent(codes)
    if extent is None:
        return box
    left, right, bottom, top = extent
    inside = box.left <= left and right <= box.right and box.bottom <= bottom and top <= box.top
    width, height = box.right - box.left, box.top - box.bottom
    filled = _fills(left, right, width, SHRINK) and _fills(bottom, top, height, SHRINK)
    if inside and filled:
        return box
    new = fit(codes, ROOM)
    same = np.allclose(
        (new.left, new.right, new.bottom, new.top), (box.left, box.right, box.bottom, box.top)
    )
    return box if same else new


def reach(codes: FloatArray, before: Viewport | None = None) -> Viewport | None:
    """The least box around all finite codes (n, 2) and the box `before`; None where is neither."""
    extent = _extent(codes)
    if extent is None:
        return before
    box = Viewport(*extent)
    if before is None:
        return box
    return Viewport(
        min(box.left, before.left),
        max(box.right, before.right),
        min(box.bottom, before.bottom),
        max(box.top, before.top),
    )


def tighten(box: Viewport, held: Viewport) -> Viewport:
    """`box` where `held`, what the codes reached of late, fills it; else a fit around that."""
    width, height = box.right - box.left, box.top - box.bottom
    across = _fills(held.left, held.right, width, TIGHT)
    if across and _fills(held.bottom, held.top, height, TIGHT):
        return box
    corners = np.array([[held.left, held.bottom], [held.right, held.top]])
    new = fit(corners)
    same = np.allclose(
        (new.left, new.right, new.bottom, new.top), (box.left, box.right, box.bottom, box.top)
    )
    return box if same else new


def zoom(box: Viewport, factor: float, at: tuple[float, float]) -> Viewport:
    """`box` scaled by `factor` (below 1 zooms in) so that the point `at` keeps its place."""
    z1, z2 = at
    new = Viewport(
        z1 + (box.left - z1) * factor,
        z1 + (box.right - z1) * factor,
        z2 + (box.bottom - z2) * factor,
        z2 + (box.top - z2) * factor,
    )
    scale = max(abs(z1), abs(z2), 1.0)
    sides = (new.right - new.left, new.top - new.bottom)
    return new if min(sides) > 1e-5 * scale and max(sides) < LARGEST else box


def dot_of(
    box: Viewport, points: npt.ArrayLike, width_dots: int, height_dots: int
) -> npt.NDArray[np.intp]:
    """(n, 2) column and row of each point (n, 2) on a grid of dots; outside counts on.

    A point on the edge between two belongs to the right or the lower one, whatever was rounded
    on its way there: a probe that starts on an edge then moves by one cell, not by none or two.
    What is not a number lies outside.
    """
    points = np.asarray(points, np.float64)
    columns = (points[:, 0] - box.left) / (box.right - box.left) * width_dots
    rows = (box.top - points[:, 1]) / (box.top - box.bottom) * height_dots
    columns, rows = np.floor(columns + ON_EDGE), np.floor(rows + ON_EDGE)
    dots = np.nan_to_num(np.stack([columns, rows], axis=1), nan=-np.inf)
    return dots.clip(-(2**31), 2**31).astype(np.intp)


def data_of(box: Viewport, dots: npt.ArrayLike, width_dots: int, height_dots: int) -> DoubleArray:
    """(n, 2) the point in the middle of each dot (n, 2) of column and row."""
    dots = np.asarray(dots, np.float64)
    z1 = box.left + (dots[:, 0] + 0.5) / width_dots * (box.right - box.left)
    z2 = box.top - (dots[:, 1] + 0.5) / height_dots * (box.top - box.bottom)
    return np.stack([z1, z2], axis=1)


def cell_of(box: Viewport, z1: float, z2: float, width: int, height: int) -> tuple[int, int]:
    """Column and row of the cell that holds a point; outside the grid where the point is."""
    column, row = dot_of(box, [[z1, z2]], width, height)[0].tolist()
    return column, row


def cell_centre(
    box: Viewport, column: int, row: int, width: int, height: int
) -> tuple[float, float]:
    """(z1, z2) in the middle of a cell."""
    z1, z2 = data_of(box, [[column, row]], width, height)[0].tolist()
    return z1, z2


def step_of(box: Viewport, width: int, height: int) -> tuple[float, float]:
    """(z1, z2) that one cell of width x height cells covers."""
    return (box.right - box.left) / max(width, 1), (box.top - box.bottom) / max(height, 1)
