"""Images of any size and colour as 28×28 greys."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from PIL import Image

from tui_ae.data.dataset import PIXELS, SIDE, FloatArray
from tui_ae.data.source import RawArray, Source, as_images, check_count
from tui_ae.data.values import Scaling, scaling

LUMA = np.array([0.299, 0.587, 0.114], np.float32)
"""Weights of red, green and blue in a grey (ITU-R BT.601)."""
CHUNK_BYTES = 8 * 2**20
"""Float pixels held at once beside the result while images of another size are fitted."""


def fit_source(source: Source) -> tuple[FloatArray, tuple[str, ...]]:
    """Scale, turn grey and fit all images of a source.

    Returns:
        (n, 784) float32 in [0, 1], C-contiguous, and a sentence for each thing that was done.

    Raises:
        UserError: shapes, values or counts that can't be shown.
    """
    parts = [as_images(part, source.path) for part in source.parts]
    count = sum(len(part) for part in parts)
    check_count(count, source.path)
    parts = [part for part in parts if len(part)]
    scale = scaling(parts, source.path)
    notes = [scale.note, size_note((p.shape[2], p.shape[1]) for p in parts), _colour_note(parts)]
    said = tuple(note for note in notes if note)
    if len(parts) == 1 and _ready(parts[0], scale):
        return parts[0].reshape(-1, PIXELS), said
    images = np.empty((count, SIDE, SIDE), np.float32)
    start = 0
    for part in parts:
        _fit_part(part, scale, images[start : start + len(part)])
        start += len(part)
    return images.reshape(-1, PIXELS), said


def _ready(part: RawArray, scale: Scaling) -> bool:
    """Whether the array is what is wanted already: copying it would double the memory."""
    same = scale.span == 1 and scale.black == 0 and part.shape[1:] == (SIDE, SIDE)
    return same and part.dtype == np.float32 and part.dtype.isnative and part.flags.c_contiguous


def _fit_part(part: RawArray, scale: Scaling, out: FloatArray) -> None:
    """Fit images of one size into out (n, 28, 28), a chunk at a time."""
    if part.shape[1:] == (SIDE, SIDE):
        scale.apply(part, out)
        return
    chunk = max(1, CHUNK_BYTES // (4 * int(np.prod(part.shape[1:]))))
    for start in range(0, len(part), chunk):
        stored = part[start : start + chunk]
        pixels = np.empty(stored.shape, np.float32)
        scale.apply(stored, pixels)
        grey = to_grey(pixels) if pixels.ndim == 4 else pixels
        for row, image in enumerate(grey, start):
            out[row] = fit_image(image)


def to_grey(pixels: FloatArray) -> FloatArray:
    """Grey of colours (…, 3), or (…, 4) with transparency, all in [0, 1].

    Transparent parts become black under light ink and white under dark ink, so that ink shows.
    """
    grey: FloatArray = pixels[..., :3] @ LUMA
    if pixels.shape[-1] == 3:
        return grey
    opacity = pixels[..., 3]
    weight = opacity.sum(axis=(-2, -1), keepdims=True)
    ink = (grey * opacity).sum(axis=(-2, -1), keepdims=True) / np.maximum(weight, 1e-6)
    see_through = opacity.min(axis=(-2, -1), keepdims=True) < 1
    behind = np.where((ink < 0.5) & (weight > 0) & see_through, np.float32(1), np.float32(0))
    mixed: FloatArray = grey * opacity + behind * (1 - opacity)
    return mixed


def fit_image(image: FloatArray) -> FloatArray:
    """Fit one grey image (height, width) in [0, 1] to (28, 28), keeping its proportions.

    The room beside an image that isn't square takes the median of its border.
    """
    height, width = image.shape
    if (height, width) == (SIDE, SIDE):
        return image
    scale = SIDE / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    resized: FloatArray = np.asarray(
        Image.fromarray(np.ascontiguousarray(image)).resize(size, Image.Resampling.BICUBIC)
    )
    # Bicubic weights overshoot beside sharp edges.
    resized = np.clip(resized, 0, 1)
    if size == (SIDE, SIDE):
        return resized
    border = np.concatenate([resized[0], resized[-1], resized[:, 0], resized[:, -1]])
    fitted = np.full((SIDE, SIDE), np.median(border), np.float32)
    left, top = (SIDE - size[0]) // 2, (SIDE - size[1]) // 2
    fitted[top : top + size[1], left : left + size[0]] = resized
    return fitted


def size_note(sizes: Iterable[tuple[int, int]]) -> str | None:
    """What to say about images of these sizes (width, height)."""
    distinct = sorted(set(sizes))
    if distinct == [(SIDE, SIDE)] or not distinct:
        return None
    if len(distinct) == 1:
        return f"{distinct[0][0]}×{distinct[0][1]} images fitted to {SIDE}×{SIDE}."
    return f"Images of {len(distinct):,} sizes fitted to {SIDE}×{SIDE}."


COLOUR_NOTE = "Colours turned to grey."


def _colour_note(parts: Sequence[RawArray]) -> str | None:
    return COLOUR_NOTE if any(part.ndim == 4 for part in parts) else None
