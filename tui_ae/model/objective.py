"""Binary cross-entropy in NumPy, for single samples and for baselines."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tui_ae.arrays import DoubleArray

CLAMP = 1e-7
"""Probabilities stay this far from 0 and 1, so that no pixel costs more than 16.1 nats."""


def bce(images: npt.ArrayLike, probabilities: npt.ArrayLike) -> DoubleArray:
    """The mean binary cross-entropy of each row, in nats a pixel.

    Args:
        images: (n, pixels) in [0, 1].
        probabilities: (n, pixels) or (pixels,), clamped to [1e-7, 1 - 1e-7].

    Returns:
        (n,) float64.
    """
    p = np.clip(np.asarray(probabilities, np.float64), CLAMP, 1 - CLAMP)
    x = np.asarray(images, np.float64)
    return np.asarray(-(x * np.log(p) + (1 - x) * np.log1p(-p)).mean(axis=1))
