"""The arrays that data are made of."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int64]
RawArray = npt.NDArray[Any]
"""Pixels or labels in whatever type the file stores; readers and what scales alone hold them."""

SIDE = 28
"""Height and width of every image, in pixels."""
PIXELS = SIDE * SIDE
