"""A round pen: straight strokes in, antialiased images out."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tui_ae.arrays import FloatArray
from tui_ae.data.arrays import SIDE

PIXEL_CENTRES = np.arange(SIDE, dtype=np.float32) - np.float32((SIDE - 1) / 2)
"""(28,) pixels from the image's centre, the same for columns and rows."""


def draw(segments: npt.NDArray[np.float64], half_width: npt.NDArray[np.float64]) -> FloatArray:
    """Coverage of each pixel by strokes of a round pen.

    Coverage falls linearly over the one pixel around the pen's edge, by the distance from the
    pixel's centre to the nearest segment. Round caps and joins follow from the distance.

    Args:
        segments: (n, s, 2, 2) both ends (x, y) of each segment, in pixels from the image's centre.
        half_width: (n,) half of the pen's width in pixels.

    Returns:
        (n, 28, 28) float32 in [0, 1]; row 0 is the top.
    """
    distance = np.sqrt(_nearest_squared(segments))
    edge = (half_width + 0.5).astype(np.float32)
    coverage: FloatArray = np.subtract(edge[:, None, None], distance, out=distance)
    return np.clip(coverage, 0, 1, out=coverage)


def _nearest_squared(segments: npt.NDArray[np.float64]) -> FloatArray:
    """(n, 28, 28) float32 squared distance from each pixel's centre to the nearest segment.

    In a segment's own frame (origin at its middle) the distance has two parts: how far a pixel
    lies beyond the ends, and how far to the side. Both are sums of a term per column and a term
    per row. Work arrays are reused, since allocating them costs more than filling them.
    """
    middle = segments.mean(axis=2, dtype=np.float64)
    reach = (segments[:, :, 1] - segments[:, :, 0]) / 2
    half_length = np.hypot(reach[..., 0], reach[..., 1])
    angle = np.arctan2(reach[..., 1], reach[..., 0])
    cos, sin = np.cos(angle).astype(np.float32), np.sin(angle).astype(np.float32)
    half_length = half_length.astype(np.float32)
    dx = PIXEL_CENTRES - middle[..., :1].astype(np.float32)
    dy = PIXEL_CENTRES - middle[..., 1:].astype(np.float32)
    along_x, along_y = cos[..., None] * dx, sin[..., None] * dy
    across_x, across_y = -sin[..., None] * dx, cos[..., None] * dy

    nearest = np.full((len(segments), SIDE, SIDE), np.inf, np.float32)
    beyond, side = np.empty_like(nearest), np.empty_like(nearest)
    for s in range(segments.shape[1]):
        np.add(along_x[:, s, None, :], along_y[:, s, :, None], out=beyond)
        np.abs(beyond, out=beyond)
        np.subtract(beyond, half_length[:, s, None, None], out=beyond)
        np.maximum(beyond, 0, out=beyond)
        np.square(beyond, out=beyond)
        np.add(across_x[:, s, None, :], across_y[:, s, :, None], out=side)
        np.square(side, out=side)
        np.add(beyond, side, out=beyond)
        np.minimum(nearest, beyond, out=nearest)
    return nearest
