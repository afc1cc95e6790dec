"""What a reader hands over: images as stored, before they are scaled and fitted."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tui_ae.data.arrays import PIXELS, RawArray
from tui_ae.data.memory import memory_bytes
from tui_ae.data.skipped import Skipped
from tui_ae.errors import UserError
from tui_ae.streams import brief, printable

MAX_SOURCE_BYTES = min(2 * 2**30, memory_bytes() // 2)
"""Bytes that one array may unpack to: a small compressed file can claim, or hold, far more."""
MAX_IMAGES = 1_000_000
"""Images that memory may hold."""
MAX_MAPPED_IMAGES = 100_000_000
"""The same of a mapped file; for each there are still a label and a latent code in memory."""
MAX_HELD_BYTES = memory_bytes() // 4
"""Pixels as floats that memory may hold; where there are more they stay as they are stored."""
MAX_SIDE = 16_384
CHANNELS = (1, 3, 4)
LEAST_PIXELS = 16
"""Of the smallest images that are taken for images where their number may stand last."""


@dataclass(frozen=True, slots=True)
class Source:
    """Images and labels as a file or a folder stores them."""

    path: Path
    """Where they came from, for messages."""
    name: str
    """What the title bar calls the set."""
    parts: tuple[RawArray, ...]
    """Arrays (n, height, width) or (n, height, width, 3 or 4), such as training and test images."""
    labels: RawArray | None
    """(n,) over all parts: whole numbers, truth values or strings."""
    class_names: tuple[str, ...] | None = None
    """Names for the labels 0, 1, …; None: the labels' values are their names."""
    notes: tuple[str, ...] = ()
    class_values: tuple[str, ...] | None = None
    """What the labels 0, 1, … stand for, such as folders; None: the labels are the values."""
    files: tuple[str, ...] = ()
    """The file of each image of a folder of pictures, seen from there."""
    skipped: tuple[Skipped, ...] = ()
    """The pictures in that folder that aren't among the images, and why."""
    splits: tuple[str, ...] = ()
    """For each part 'train', 'val', 'test' or '' where nothing says; () where no part says it."""

    @property
    def is_mapped(self) -> bool:
        """Whether all images still lie in their files."""
        return all(isinstance(part, np.memmap) for part in self.parts)


def unreadable(path: Path, error: BaseException, advice: str = "give another file") -> UserError:
    """The sentence for a file, maybe one inside the path, that could not be read or decoded."""
    where, told = path, str(error)
    # That of a damaged header, which NumPy parses as Python, is '<unknown>'.
    if isinstance(error, OSError):
        where, told = error.filename or path, str(error.strerror or error)
    told = told.strip() or type(error).__name__
    reason = brief(told.splitlines()[0])
    return UserError(f"{printable(where)}: can't be read ({reason}); {advice}.")


def shape_text(array: RawArray) -> str:
    """An array's shape as people write it."""
    return " × ".join(str(size) for size in array.shape) or "no dimension"


TURNED = "The last axis was taken for the number of the image, as MATLAB stores them."


def is_square(count: int) -> bool:
    """Whether so many pixels fill a square."""
    return math.isqrt(count) ** 2 == count


def as_images(
    array: RawArray, path: Path, labels: int | None = None
) -> tuple[RawArray, str | None]:
    """Give an array of pixels the shape (n, height, width) or (n, height, width, 3 or 4).

    Rows of n·n values, as scikit-learn keeps its digits, are taken for square images; channels
    may stand first or last, and so may the number of the image.

    Args:
        array: Of numbers.
        path: Where it is, for messages.
        labels: How many labels there are for it; None where nobody knows.

    Returns:
        The images, and a note where their number stood last.

    Raises:
        UserError: no such reading of the shape exists.
    """
    shape = shape_text(array)
    turned = _number_is_last(array.shape, labels)
    if turned:
        array = np.moveaxis(array, -1, 0)
    if array.ndim == 2:
        side = math.isqrt(array.shape[1])
        if side > 0 and side * side == array.shape[1]:
            array = array.reshape(len(array), side, side)
    elif array.ndim == 4 and array.shape[3] not in CHANNELS and array.shape[1] in CHANNELS:
        array = np.moveaxis(array, 1, 3)
    if array.ndim == 4 and array.shape[3] == 1:
        array = array[..., 0]
    if array.ndim != 3 and not (array.ndim == 4 and array.shape[3] in CHANNELS):
        advice = "store images as n × height × width, with 3 or 4 colour channels at most"
        if array.ndim == 2 and array.shape[1] > 1 and is_square(array.shape[1] - 1):
            advice = "its first column may be labels: store that apart, and the pixels alone here"
        raise UserError(f"{printable(path)}: an array of {shape} isn't a list of images; {advice}.")
    if len(array) and not all(1 <= size <= MAX_SIDE for size in array.shape[1:3]):
        raise UserError(
            f"{printable(path)}: images of {shape} can't be shown; "
            f"give images from 1 to {MAX_SIDE} pixels a side."
        )
    return array, TURNED if turned else None


def _number_is_last(shape: tuple[int, ...], labels: int | None) -> bool:
    """Whether the last axis counts the images: (28, 28, n), (28, 28, 3, n) or (784, n)."""
    if len(shape) < 2 or shape[0] == labels:
        return False
    first, last = shape[0], shape[-1]
    square_rows = math.isqrt(first) ** 2 == first and first >= LEAST_PIXELS
    if len(shape) == 2:
        rows_fit = math.isqrt(last) ** 2 == last and last > 0
        return square_rows and (last == labels or not rows_fit)
    if len(shape) == 3:
        return shape[0] == shape[1] != last and (last == labels or last > max(CHANNELS))
    return (
        len(shape) == 4 and shape[0] == shape[1] and shape[2] in CHANNELS and last not in CHANNELS
    )


def fits_in_memory(count: int) -> bool:
    """Whether so many images can be held as floats."""
    return count <= MAX_IMAGES and 4 * PIXELS * count <= MAX_HELD_BYTES


def check_count(count: int, path: Path, mapped: int = 0) -> None:
    """Refuse sets too small to train on or too large to hold.

    Args:
        count: images in all.
        path: where they are, for the message.
        mapped: how many of them are in mapped files.

    Raises:
        UserError: fewer than 2 images, or more than MAX_IMAGES that aren't mapped, or more than
            MAX_MAPPED_IMAGES.
    """
    if count < 2:
        held = "no images" if count == 0 else "one image"
        raise UserError(f"{printable(path)}: holds {held}; give a set of at least two.")
    if count > MAX_MAPPED_IMAGES:
        raise UserError(
            f"{printable(path)}: holds {count:,} images; "
            f"give a set of at most {MAX_MAPPED_IMAGES:,}."
        )
    if count - mapped > MAX_IMAGES:
        raise UserError(
            f"{printable(path)}: holds {count:,} images; give a set of at most {MAX_IMAGES:,}, "
            "or one file of 28×28 greys that isn't compressed, IDX or NPY."
        )
