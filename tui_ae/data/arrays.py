"""The arrays that data are made of."""

from __future__ import annotations

from typing import Any

import numpy.typing as npt

RawArray = npt.NDArray[Any]
"""Pixels or labels in whatever type the file stores; readers and what scales alone hold them."""

SIDE = 28
"""Height and width of every image, in pixels."""
PIXELS = SIDE * SIDE
