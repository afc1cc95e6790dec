"""Binary cross-entropy in NumPy, for single samples and for baselines."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]
CLAMP = 1e-7


def bce(images: FloatArray, probabilities: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """(n,) mean binary cross-entropy of each row, in nats a pixel."""
    p = np.clip(np.asarray(probabilities, np.float64), CLAMP, 1 - CLAMP)
    x = images.astype(np.float64)
    return -(x * np.log(p) + (1 - x) * np.log1p(-p)).mean(axis=1)
