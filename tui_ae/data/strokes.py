"""How the images of a data set are drawn: how wide their strokes are, and in which ink."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from tui_ae.arrays import DoubleArray, FloatArray, IntArray
from tui_ae.data.arrays import SIDE

USUAL_WIDTH_PX = 2.4
"""Of a pen for images that have no strokes: that of the synthetic digits, nearly."""
NARROWEST_PX, WIDEST_PX = 1.0, 6.0
"""What is taken for a stroke; wider ones fill images of 28 pixels."""
LEAST_INK = 4.0
"""Pixels of ink below which an image is as good as blank."""
MOST = 512
"""Images that are looked at: 10 ms."""
SPREAD = 0.5
"""The middle half of the images differ by less than this part of the width where they were drawn
with one pen: digits by a fifth, clothes by three quarters."""
SOFT = (0.2, 0.8)
"""Greys between which ink counts in part. What is below is noise."""


class Images(Protocol):
    """Rows of pixels, (k, 784) float32 in [0, 1], that are read in parts."""

    def __len__(self) -> int: ...

    def __getitem__(self, rows: IntArray, /) -> FloatArray: ...


@dataclass(frozen=True, slots=True)
class Ink:
    """How images are drawn."""

    width_px: float
    """Of their strokes."""
    measured: bool
    """Whether they have strokes; else the width is a usual one."""
    dark: bool
    """Whether they are dark on light."""


def ink_of(images: Images) -> Ink:
    """The ink of a data set, judged by up to MOST images spread over all of it."""
    count = len(images)
    rows = np.unique(np.linspace(0, max(count - 1, 0), min(MOST, count)).astype(np.int64))
    pixels = images[rows].reshape(-1, SIDE, SIDE)
    pixels = pixels[np.isfinite(pixels).all(axis=(1, 2))]
    dark = is_dark_on_light(pixels)
    width = stroke_width(1 - pixels if dark else pixels)
    return Ink(USUAL_WIDTH_PX if width is None else width, width is not None, dark)


def is_dark_on_light(images: FloatArray) -> bool:
    """Whether images (n, 28, 28) have a light border, as scans of paper do."""
    border = np.ones((SIDE, SIDE), bool)
    border[1:-1, 1:-1] = False
    return len(images) > 0 and float(images[:, border].mean()) > 0.5


def stroke_width(images: FloatArray) -> float | None:
    """The median width in pixels of the strokes of light images (n, 784) or (n, 28, 28) on dark.

    None where the images aren't made of strokes of one pen: no ink, filled shapes, or widths that
    differ from image to image.
    """
    widths = stroke_widths(images)
    if not len(widths):
        return None
    low, middle, high = np.quantile(widths, [0.25, 0.5, 0.75]).tolist()
    usual = NARROWEST_PX <= middle <= WIDEST_PX and high - low <= SPREAD * middle
    return float(middle) if usual else None


def stroke_widths(images: FloatArray) -> DoubleArray:
    """(k,) the mean width of the strokes in each of the images that have ink.

    A stroke of width w and length l has the area w l and the perimeter 2 l, nearly: so the width
    is twice the area by the perimeter. The perimeter of soft edges is their total variation, by
    the coarea formula; differences along both diagonals weigh all directions nearly alike.
    """
    low, high = SOFT
    soft = np.clip((images.reshape(-1, SIDE, SIDE).astype(np.float64) - low) / (high - low), 0, 1)
    area = soft.sum(axis=(1, 2))
    soft, area = soft[area >= LEAST_INK], area[area >= LEAST_INK]
    padded = np.pad(soft, ((0, 0), (1, 1), (1, 1)))
    falling = padded[:, 1:, 1:] - padded[:, :-1, :-1]
    rising = padded[:, 1:, :-1] - padded[:, :-1, 1:]
    perimeter = np.hypot(falling, rising).sum(axis=(1, 2)) / np.sqrt(2)
    return np.asarray(2 * area / perimeter)
