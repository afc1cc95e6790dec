"""NPY files: one NumPy array each. Nothing in them is ever unpickled."""

from __future__ import annotations

import struct
import sys
import tokenize
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.lib import format as numpy_format

from tui_ae.data import roles
from tui_ae.data.arrays import RawArray
from tui_ae.data.bounded import BoundedFile
from tui_ae.data.classes import is_fashion, names_for
from tui_ae.data.content import read_values
from tui_ae.data.emnist import MAYBE_TURNED, is_emnist
from tui_ae.data.label_table import labels_of_rows
from tui_ae.data.labels import plain_labels
from tui_ae.data.progress import Progress, unheard
from tui_ae.data.source import Source, unreadable
from tui_ae.errors import UserError
from tui_ae.streams import brief, printable

NPY_MAGIC = b"\x93NUMPY"
BROKEN = (
    *(OSError, EOFError, ValueError, TypeError, OverflowError, MemoryError),
    *(SyntaxError, RecursionError, struct.error, tokenize.TokenError),
)
"""What NumPy raises on damaged headers and values."""
WRITE_AGAIN = "write it again with numpy.save"
MOST_BESIDE = 100
"""Files beside the images that are looked at for labels."""


@dataclass(frozen=True, slots=True)
class Header:
    """What an array claims to be."""

    dtype: np.dtype[np.generic]
    shape: tuple[int, ...]
    fortran: bool
    """Whether the first index runs fastest."""

    def read_values(self, file: BinaryIO, where: str, advice: str, progress: Progress) -> RawArray:
        """Read or map the values behind the header; see `content.read_values`."""
        shape = self.shape[::-1] if self.fortran else self.shape
        values = read_values(file, self.dtype, shape, where, advice, progress)
        # NumPy keeps any number as a character; Python ends at this one, with a SystemError.
        if self.dtype.kind == "U" and not _are_characters(values):
            raise UserError(f"{where} holds characters that don't exist; {advice}.")
        return values.T if self.fortran else values


def _are_characters(values: RawArray) -> bool:
    numbers = np.ascontiguousarray(values).view(values.dtype.byteorder.replace("|", "=") + "u4")
    return not numbers.size or int(numbers.max()) <= sys.maxunicode


def read_header(file: BinaryIO, where: str, advice: str) -> Header:
    """Read the header of an array of numbers or strings.

    Raises:
        UserError: it holds Python objects, or is of an unknown kind.
        Exception: one of BROKEN.
    """
    version = numpy_format.read_magic(file)
    read = {
        (1, 0): numpy_format.read_array_header_1_0,
        (2, 0): numpy_format.read_array_header_2_0,
    }.get(version)
    if read is None:
        raise UserError(f"{where} isn't a plain array; store numbers or strings alone.")
    with warnings.catch_warnings():
        # NumPy warns of headers that an old Python wrote; on the screen that is noise.
        warnings.simplefilter("ignore")
        shape, fortran, dtype = read(file)
    if dtype.hasobject:
        raise UserError(
            f"{where} holds Python objects, which are never loaded; store numbers or strings alone."
        )
    if dtype.names is not None:
        fields = brief(", ".join(dtype.names))
        raise UserError(
            f"{where} is a structured array with the fields {fields}; store "
            "them apart, in Python: np.savez('images.npz', images=a['…'], labels=a['…'])."
        )
    if min(shape, default=0) < 0:
        raise UserError(f"{where} is stored in an unknown way; {advice}.")
    return Header(dtype, shape, fortran)


def read_npy(path: Path, progress: Progress) -> Source:
    """Read a file of images, and the labels in the file beside it where there is one.

    The labels of `digits.npy` are looked for in `digits_labels.npy`, then in `labels.npy`; those
    of a name with 'images' in it under the name with 'labels' instead, those of `x_train.npy` in
    `y_train.npy`, before these.

    Raises:
        UserError: a file is damaged, holds objects, or labels that don't fit the images.
    """
    images = read_array(path, progress)
    count = len(images) if images.ndim else 1
    beside = labels_beside(path) or _labels_by_role(path, images)
    listed = labels_of_rows(path, count) if beside is None else None
    title = "Fashion-MNIST" if is_fashion(path) else printable(path.stem)
    labels, notes = None, []
    if beside is not None:
        labels, note = plain_labels(read_array(beside), beside.name, path)
        notes = [f"Took the labels of {printable(beside.name)}.", *([note] if note else [])]
        if len(labels) != count and len(labels) not in images.shape:
            raise UserError(
                f"{printable(path)}: {len(labels):,} labels in {printable(beside.name)} for "
                f"{count:,} images; give one label for each image, or no labels."
            )
    elif listed is not None:
        labels, notes = listed[0], [listed[1]]
    notes += [MAYBE_TURNED] if is_emnist(path) else []
    return Source(path, title, (images,), labels, names_for(path), tuple(notes))


def look(path: Path) -> roles.Named:
    """What the header of a file says; one that can't be read is no image and no label."""
    try:
        with BoundedFile(path) as file:
            header = read_header(file, printable(path), WRITE_AGAIN)
    except (UserError, *BROKEN):
        return roles.Named(path.stem, (0,), "O")
    return roles.Named(path.stem, header.shape, header.dtype.kind)


def _labels_by_role(images: Path, array: RawArray) -> Path | None:
    """The one file beside that is called labels of the same split, and has as many rows."""
    own = roles.Named(images.stem, array.shape, array.dtype.kind)
    found = []
    for path in sorted(images.parent.glob("*.npy"))[:MOST_BESIDE]:
        other = look(path)
        if path.name != images.name and other.rank(roles.LABEL_WORDS) is not None:
            fits = other.is_label_shaped and (other.label_count,) == array.shape[:1]
            if fits and other.split == own.split:
                found.append(path)
    return found[0] if len(found) == 1 else None


def labels_beside(images: Path) -> Path | None:
    """The file of labels that belongs to a file of images by its name."""
    for stem in _labels_names(images.stem):
        candidate = images.with_name(f"{stem}.npy")
        if candidate.is_file() and candidate.name != images.name:
            return candidate
    return None


def _labels_names(stem: str) -> Iterator[str]:
    if "images" in stem:
        yield stem.replace("images", "labels")
    if stem in {"x", "X"} or stem.startswith(("x_", "X_")):
        yield "y" + stem[1:]
        yield "Y" + stem[1:]
    yield f"{stem}_labels"
    yield "labels"


def read_array(path: Path, progress: Progress = unheard) -> RawArray:
    """Read the array of a file; a large one is mapped.

    Raises:
        UserError: the file can't be read, or holds Python objects.
    """
    where = printable(path)
    try:
        with BoundedFile(path) as file:
            header = read_header(file, where, WRITE_AGAIN)
            values = header.read_values(file, where, WRITE_AGAIN, progress)
    except BROKEN as error:
        raise unreadable(path, error, WRITE_AGAIN) from error
    if header.fortran and isinstance(values, np.memmap):
        # Each image is spread over the whole file.
        raise UserError(
            f"{where}: a large array in Fortran's order, which can't be read image by image; "
            "pass it through numpy.ascontiguousarray and write it again."
        )
    return values
