"""What a reader hands over: images as stored, before they are scaled and fitted."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tui_ae.data.arrays import PIXELS, RawArray
from tui_ae.data.memory import memory_bytes
from tui_ae.errors import UserError
from tui_ae.streams import printable

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
MAX_QUOTED_CHARACTERS = 80
"""A file may name a class with a whole book, and a decoder quote a damaged header in full."""


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

    @property
    def is_mapped(self) -> bool:
        """Whether all images still lie in their files."""
        return all(isinstance(part, np.memmap) for part in self.parts)


def brief(text: object) -> str:
    """What a file itself says, printable and cut where it is long."""
    words = str(text)
    if len(words) > MAX_QUOTED_CHARACTERS:
        words = f"{words[:MAX_QUOTED_CHARACTERS]}…"
    return printable(words)


def unreadable(path: Path, error: BaseException, advice: str = "give another file") -> UserError:
    """The sentence for a file, maybe one inside the path, that could not be read or decoded."""
    where = getattr(error, "filename", None) or path
    told = str(getattr(error, "strerror", None) or error).strip() or type(error).__name__
    reason = brief(told.splitlines()[0])
    return UserError(f"{printable(where)}: can't be read ({reason}); {advice}.")


def shape_text(array: RawArray) -> str:
    """An array's shape as people write it."""
    return " × ".join(str(size) for size in array.shape) or "no dimension"


def as_images(array: RawArray, path: Path) -> RawArray:
    """Give an array of pixels the shape (n, height, width) or (n, height, width, 3 or 4).

    Rows of n·n values, as scikit-learn keeps its digits, are taken for square images; channels
    may stand first or last.

    Raises:
        UserError: no such reading of the shape exists.
    """
    shape = shape_text(array)
    if array.ndim == 2:
        side = math.isqrt(array.shape[1])
        if side > 0 and side * side == array.shape[1]:
            array = array.reshape(len(array), side, side)
    elif array.ndim == 4 and array.shape[3] not in CHANNELS and array.shape[1] in CHANNELS:
        array = np.moveaxis(array, 1, 3)
    if array.ndim == 4 and array.shape[3] == 1:
        array = array[..., 0]
    if array.ndim != 3 and not (array.ndim == 4 and array.shape[3] in CHANNELS):
        raise UserError(
            f"{printable(path)}: an array of {shape} isn't a list of images; "
            "store images as n × height × width, with 3 or 4 colour channels at most."
        )
    if len(array) and not all(1 <= size <= MAX_SIDE for size in array.shape[1:3]):
        raise UserError(
            f"{printable(path)}: images of {shape} can't be shown; "
            f"give images from 1 to {MAX_SIDE} pixels a side."
        )
    return array


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
