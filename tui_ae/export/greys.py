"""Sheets of small images, as grey PNG files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tui_ae.arrays import FloatArray
from tui_ae.data.arrays import SIDE

Greys = npt.NDArray[np.uint8]
BETWEEN = 96
"""The grey of gaps, and of pixels that are no numbers."""


def to_greys(images: FloatArray) -> Greys:
    """Pixels in [0, 1] of any shape as bytes; what lies outside is cut off, NaN is BETWEEN."""
    bytes_ = np.rint(np.clip(np.nan_to_num(images, nan=0.0), 0, 1) * 255).astype(np.uint8)
    bytes_[np.isnan(images)] = BETWEEN
    return bytes_


def sheet(images: FloatArray, gap: int) -> Greys:
    """Images (rows, columns, 784) on one sheet, `gap` pixels between them and around."""
    rows, columns = images.shape[:2]
    step = SIDE + gap
    greys = np.full((rows * step + gap, columns * step + gap), BETWEEN, np.uint8)
    tiles = to_greys(images).reshape(rows, columns, SIDE, SIDE)
    for row in range(rows):
        for column in range(columns):
            top, left = gap + row * step, gap + column * step
            greys[top : top + SIDE, left : left + SIDE] = tiles[row, column]
    return greys


def enlarged(greys: Greys, times: int) -> Greys:
    """Each pixel as a square of `times` × `times`."""
    return np.asarray(greys.repeat(times, axis=0).repeat(times, axis=1))


def write_png(greys: Greys, file: BinaryIO, words: Mapping[str, str] | None = None) -> None:
    """Write greys (height, width) with some words about them."""
    info = PngInfo()
    for key, said in (words or {}).items():
        info.add_text(key, said)
    Image.fromarray(greys).save(file, "PNG", pnginfo=info)
