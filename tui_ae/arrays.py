"""The types of arrays that all layers share."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]
"""Pixels, codes, weights."""
DoubleArray = npt.NDArray[np.float64]
"""Losses, and points of the latent plane."""
IntArray = npt.NDArray[np.int64]
"""Class numbers and numbers of samples."""
