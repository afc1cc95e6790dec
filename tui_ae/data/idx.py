"""IDX files, plain or gzip, as MNIST and its relatives ship.

The format: two zero bytes, a byte for the type, a byte for the number of dimensions, each
dimension as a big-endian 32-bit number, and then the values, big-endian too.
"""

from __future__ import annotations

import math
import os
import re
import struct
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np

from tui_ae.data.arrays import RawArray
from tui_ae.data.classes import is_fashion, names_for
from tui_ae.data.content import open_unpacked, plain_bytes, read_values
from tui_ae.data.emnist import TURNED, emnist_names, is_emnist
from tui_ae.data.foreign import refusal
from tui_ae.data.labels import plain_labels
from tui_ae.data.progress import Progress, portions, unheard
from tui_ae.data.source import MAX_SOURCE_BYTES, Source, unreadable
from tui_ae.errors import UserError
from tui_ae.streams import printable

TYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
MAX_DIMENSIONS = 4
SPLITS = ("train", "t10k", "test")
SPLIT_NAMES = ("train", "test", "test", "")
"""What other readers call these, and files that name none."""
IMAGES = re.compile(r"(?![._~]).*images[-._]?(?:idx3)?(?:[-._](?:ubyte|int|short|float|double))?")
LABELS = re.compile(
    r"(?![._~]).*labels[-._]?(?:idx[12])?(?:[-._](?:ubyte|int|short|float|double))?"
)
"""Names of such files, in which idx or the type of the values may be missing, but not both."""
AGAIN = re.compile(r"(?: ?\(\d+\)| copy)$")
MAX_DEFLATE_RATIO = 1032
"""No packed byte stands for more."""
FETCH_AGAIN = "download it again"


def looks_like_idx(head: bytes) -> bool:
    """Whether a file that starts with these bytes, gunzipped, claims to be IDX."""
    return len(head) >= 4 and head[:2] == b"\0\0" and head[2] in TYPES and head[3] > 0


def read_idx(path: Path, progress: Progress = unheard) -> RawArray:
    """Read the array of an IDX file; a large one that isn't packed is mapped.

    Raises:
        UserError: the file can't be read, isn't IDX, or holds more or less than its header says.
    """
    try:
        with open_unpacked(path) as file:
            dtype, shape = _header(file, path)
            return read_values(file, dtype, shape, printable(path), FETCH_AGAIN, progress)
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise unreadable(path, error, FETCH_AGAIN) from error


def _header(file: BinaryIO, path: Path) -> tuple[np.dtype[np.generic], tuple[int, ...]]:
    """The type and the shape that the header claims, of a size that could be held."""
    head = file.read(4)
    if not looks_like_idx(head):
        if (refused := refusal(path)) is not None:
            raise refused
        raise UserError(
            f"{printable(path)}: not an IDX file (it starts with {head.hex(' ') or 'nothing'}); "
            "give a file such as train-images-idx3-ubyte."
        )
    dimensions = head[3]
    sizes = file.read(4 * dimensions) if dimensions <= MAX_DIMENSIONS else b""
    if len(sizes) < 4 * dimensions:
        raise UserError(
            f"{printable(path)}: the header of {dimensions} dimensions is cut short or no header; "
            f"{FETCH_AGAIN}."
        )
    dtype = np.dtype(TYPES[head[2]])
    shape = struct.unpack(f">{dimensions}I", sizes)
    claim = _claim(shape, dtype)
    if claim > max(MAX_SOURCE_BYTES, plain_bytes(file)):
        if _fits_turned(shape, dtype):
            raise UserError(
                f"{printable(path)}: the sizes in its header have their bytes in the wrong order; "
                "IDX stores the largest byte first (in Python: struct.pack('>I', size))."
            )
        claimed = " × ".join(str(size) for size in shape)
        raise UserError(
            f"{printable(path)}: the header claims {claimed} values, more than can be held; "
            f"{FETCH_AGAIN} or give a smaller set."
        )
    packed = path.stat().st_size
    if not plain_bytes(file) and claim > packed * MAX_DEFLATE_RATIO:
        claimed = " × ".join(str(size) for size in shape)
        raise UserError(
            f"{printable(path)}: the header claims {claimed} values, more than {packed:,} packed "
            f"bytes can hold; {FETCH_AGAIN}."
        )
    return dtype, shape


def _fits_turned(shape: tuple[int, ...], dtype: np.dtype[np.generic]) -> bool:
    """Whether so much could be held if the bytes of the sizes were in the other order."""
    turned = [int.from_bytes(size.to_bytes(4, "big"), "little") for size in shape]
    return _claim(turned, dtype) <= MAX_SOURCE_BYTES


def _claim(shape: Sequence[int], dtype: np.dtype[np.generic]) -> int:
    """The bytes of an array; NumPy refuses huge shapes even where a zero in them leaves none."""
    return dtype.itemsize * math.prod(max(1, size) for size in shape)


def image_files(folder: Path) -> list[Path]:
    """The IDX files of images in a folder, training before test; the unpacked one of twins.

    Hidden files, checksums and downloads that are not finished are none; one that was downloaded a
    second time counts where the first is not there.
    """
    chosen: dict[str, Path] = {}
    # Names alone: the folder may be one of very many pictures.
    for name in sorted(os.listdir(folder), key=lambda name: (len(name), name)):  # noqa: PTH208
        stem = _plain_name(name)
        typed = "idx" in stem or "ubyte" in stem
        if typed and IMAGES.fullmatch(stem) and stem not in chosen and (folder / name).is_file():
            chosen[stem] = folder / name
    return sorted(chosen.values(), key=lambda path: (_split(path)[1], path.name))


def _plain_name(name: str) -> str:
    """A file's name without what packing and a second download have added to it."""
    return AGAIN.sub("", name.removesuffix(".gz")).removesuffix(".gz")


def _split(path: Path) -> tuple[str, int]:
    """The name of a file's set and which split of the set it is: 'emnist-letters', 0 for train."""
    for order, split in enumerate(SPLITS):
        before, found, _ = path.name.partition(split)
        if found:
            return before.rstrip("-_."), order
    return path.name.partition("images")[0].rstrip("-_."), len(SPLITS)


def labels_beside(images: Path) -> Path | None:
    """The file of labels that belongs to a file of images by its name, packed or not."""
    before, word, _ = _plain_name(images.name).rpartition("images")
    if not word:
        return None
    names = sorted(os.listdir(images.parent), key=lambda name: (len(name), name))  # noqa: PTH208
    for name in names:
        stem = _plain_name(name)
        belongs = LABELS.fullmatch(stem) and stem.rpartition("labels")[0] == before
        if belongs and images.with_name(name).is_file():
            return images.with_name(name)
    return None


def read_file(path: Path, progress: Progress) -> Source:
    """Read one file of images, with the labels beside it."""
    return _read_all([path], path, (), progress)


def read_folder(folder: Path, progress: Progress) -> Source:
    """Read all splits of the one set that a folder holds.

    Raises:
        UserError: files that can't be read, or several sets.
    """
    files = image_files(folder)
    sets = sorted({_split(path)[0] for path in files})
    if len(sets) > 1:
        names = ", ".join(printable(path.name) for path in files[:4])
        raise UserError(
            f"{printable(folder)}: holds {len(sets)} sets ({names} …); give one file of images."
        )
    used = " and ".join(printable(path.name.removesuffix(".gz")) for path in files)
    return _read_all(files, folder, (f"Read {used}.",) if len(files) > 1 else (), progress)


def _read_all(
    files: Sequence[Path], path: Path, notes: tuple[str, ...], progress: Progress
) -> Source:
    parts, labels, said = [], [], list(notes)
    beside = [labels_beside(file) for file in files]
    if any(beside) and not all(beside):
        without = " and ".join(
            printable(file.name) for file, label in zip(files, beside, strict=True) if label is None
        )
        said.append(f"Left out {without}, for there are no labels of it.")
        files = [file for file, label in zip(files, beside, strict=True) if label]
        beside = [label for label in beside if label]
    told = portions(progress, [file.stat().st_size for file in files])
    for file, label, of_file in zip(files, beside, told, strict=True):
        part = read_idx(file, of_file)
        if part.ndim == 1:
            raise UserError(
                f"{printable(file)}: holds labels, not images; give the file of images beside it."
            )
        parts.append(np.swapaxes(part, 1, 2) if is_emnist(file) and part.ndim == 3 else part)
        if label is not None:
            values, note = _labels(label, len(part), file)
            labels.append(values)
            said += [note] if note else []
    names = names_for(path)
    if is_emnist(files[0]):
        said.append(TURNED)
        names = names or emnist_names(files[0])
    name = "Fashion-MNIST" if is_fashion(path) else printable(path.absolute().name)
    together = np.concatenate(labels) if labels else None
    splits = tuple(SPLIT_NAMES[_split(file)[1]] for file in files)
    return Source(path, name, tuple(parts), together, names, tuple(said), splits=splits)


def _labels(path: Path, count: int, images: Path) -> tuple[RawArray, str]:
    labels, note = plain_labels(read_idx(path), path.name, path)
    if len(labels) != count:
        raise UserError(
            f"{printable(path)}: {len(labels):,} labels for the {count:,} images of "
            f"{printable(images.name)}; give files that belong together."
        )
    return labels, note
