"""Images of any size and colour as 28×28 greys."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from tui_ae.arrays import FloatArray
from tui_ae.data.arrays import PIXELS, SIDE, RawArray
from tui_ae.data.images import Images
from tui_ae.data.progress import Progress, portions, unheard
from tui_ae.data.source import Source, as_images, check_count, fits_in_memory
from tui_ae.data.values import UNCHANGED, Scaling, darkness_note, scaling
from tui_ae.errors import UserError
from tui_ae.streams import printable

LUMA = np.array([0.299, 0.587, 0.114], np.float32)
"""Weights of red, green and blue in a grey (ITU-R BT.601)."""
CHUNK_BYTES = 2**21
"""Float pixels fitted at a time, and held beside the result: a few hundredths of a second."""
LOOK_AND_FIT = (1, 4)
"""Shares of the time that looking for the largest value and fitting take."""


def fit_source(source: Source, progress: Progress = unheard) -> tuple[Images, tuple[str, ...]]:
    """Scale, turn grey and fit all images of a source.

    Images that memory can't hold as floats stay as they are stored, and are scaled when read.

    Returns:
        The images, and a sentence for each thing that was done.

    Raises:
        UserError: shapes, values or counts that can't be shown.
    """
    labels = None if source.labels is None else len(source.labels)
    read = [as_images(part, source.path, labels) for part in source.parts]
    parts, turned = [part for part, _ in read], [note for _, note in read]
    count = sum(len(part) for part in parts)
    mapped = sum(len(part) for part in parts if isinstance(part, np.memmap))
    check_count(count, source.path, mapped)
    parts = [part for part in parts if len(part)]
    held = fits_in_memory(count)
    if not held:
        _check_size(parts, count, source.path)
    looking, fitting = portions(progress, LOOK_AND_FIT if held else (1, 0))
    scales = _scales(parts, source.path, looking)
    sizes = size_note((p.shape[2], p.shape[1]) for p in parts)
    notes = [*dict.fromkeys(scale.note for scale in scales), sizes, _colour_note(parts), *turned]
    said = tuple(note for note in notes if note)
    if len(parts) == 1 and _ready(parts[0], scales[0]):
        return _noted(Images(parts[0].reshape(-1, PIXELS)), said)
    if not held:
        if len(set(scales)) > 1:
            raise UserError(
                f"{printable(source.path)}: its parts are of different scales; store all of them "
                "as bytes, or as floats from 0 to 1."
            )
        return _noted(Images.as_stored(tuple(parts), scales[0]), (*said, stored_note(count)))
    pixels = np.empty((count, SIDE, SIDE), np.float32)
    start = 0
    told = portions(fitting, [len(part) for part in parts])
    for part, scale, of_part in zip(parts, scales, told, strict=True):
        _fit_part(part, scale, pixels[start : start + len(part)], of_part)
        start += len(part)
    return _noted(Images(pixels.reshape(-1, PIXELS)), said)


def _noted(images: Images, said: tuple[str, ...]) -> tuple[Images, tuple[str, ...]]:
    """The images, with a word where there is hardly anything on them."""
    dark = darkness_note(images.mean())
    return images, (*said, dark) if dark else said


def _scales(parts: Sequence[RawArray], path: Path, progress: Progress) -> list[Scaling]:
    """The map of each part: one for all, unless some are floats from 0 to 1 and others are not."""
    own = [scaling([part], path) for part in parts] if len(parts) > 1 else []
    if any(scale.span == 1 for scale in own) and len({scale.span for scale in own}) > 1:
        kinds = {part.dtype.kind for part in parts}
        if kinds != {"u"}:
            note = "Its parts are of different scales, so each was rescaled by its own."
            return [replace(scale, note=note) for scale in own]
    return [scaling(parts, path, progress)] * len(parts)


def _check_size(parts: Sequence[RawArray], count: int, path: Path) -> None:
    """Refuse images that would have to be fitted, of which memory can't hold the result.

    Raises:
        UserError: images that aren't 28×28 greys.
    """
    for part in parts:
        if part.shape[1:] != (SIDE, SIDE):
            kind = f"images of {part.shape[2]}×{part.shape[1]}{' in colour' * (part.ndim == 4)}"
            raise UserError(
                f"{printable(path)}: {count:,} {kind} are too many to fit to {SIDE}×{SIDE} in "
                f"memory; store them as {SIDE}×{SIDE} greys."
            )


def _ready(part: RawArray, scale: Scaling) -> bool:
    """Whether the array is what is wanted already: copying it would double the memory."""
    same = scale == UNCHANGED and part.shape[1:] == (SIDE, SIDE)
    native = part.dtype == np.float32 and part.dtype.isnative and part.flags.c_contiguous
    return same and native and not isinstance(part, np.memmap)


def _fit_part(part: RawArray, scale: Scaling, out: FloatArray, progress: Progress) -> None:
    """Fit images of one size into out (n, 28, 28), a chunk at a time."""
    chunk = max(1, CHUNK_BYTES // (4 * math.prod(part.shape[1:])))
    for start in range(0, len(part), chunk):
        stored = part[start : start + chunk]
        if part.shape[1:] == (SIDE, SIDE):
            scale.apply(stored, out[start : start + chunk])
        else:
            pixels = np.empty(stored.shape, np.float32)
            scale.apply(stored, pixels)
            grey = to_grey(pixels) if pixels.ndim == 4 else pixels
            for row, image in enumerate(grey, start):
                out[row] = fit_image(image)
        progress(min(1.0, (start + chunk) / len(part)))


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
    behind = np.where((ink < 0.5) & (weight > 0), np.float32(1), np.float32(0))
    mixed: FloatArray = grey * opacity + behind * (1 - opacity)
    return mixed


def fit_image(image: FloatArray, shape: tuple[int, ...] | None = None) -> FloatArray:
    """Fit one grey image (height, width) in [0, 1] to (28, 28), keeping its proportions.

    The room beside an image that isn't square takes the median of its border.

    Args:
        image: What is fitted.
        shape: The height and width whose proportions are kept, where they aren't the image's own.
    """
    height, width = shape or image.shape
    if (height, width) == image.shape == (SIDE, SIDE):
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


def stored_note(count: int) -> str:
    """What to say where memory can't hold so many images as floats."""
    need = f"As floats they would take {4 * PIXELS * count / 2**30:,.1f} GiB"
    return f"{need}, so images are read as they are used."


COLOUR_NOTE = "Colours turned to grey."


def _colour_note(parts: Sequence[RawArray]) -> str | None:
    return COLOUR_NOTE if any(part.ndim == 4 for part in parts) else None
