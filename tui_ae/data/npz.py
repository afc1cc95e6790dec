"""NPZ files: NumPy arrays by name in a zip. Nothing in them is ever unpickled."""

from __future__ import annotations

import math
import struct
import tokenize
import warnings
import zipfile
import zlib
from pathlib import Path

import numpy as np
from numpy.lib import format as npy

from tui_ae.data.classes import is_fashion, names_for
from tui_ae.data.source import MAX_SOURCE_BYTES, RawArray, Source, printable, unreadable
from tui_ae.errors import UserError

ZIP_MAGIC = b"PK"
PAIRS = (
    ("x_train", "y_train"),
    ("images", "labels"),
    ("X_train", "Y_train"),
    ("x", "y"),
    ("X", "y"),
    ("data", "target"),
)
"""Names of images and their labels; the first pair whose images are there counts."""
TEST_OF = {"x_train": "x_test", "y_train": "y_test", "X_train": "X_test", "Y_train": "Y_test"}
WANTED = "store images as x_train or images, and labels, if any, as y_train or labels"
MAX_DEFLATE_RATIO = 1032
"""No deflated byte stands for more; a directory that claims so lies."""
BROKEN = (
    *(OSError, EOFError, ValueError, TypeError, OverflowError, NotImplementedError, RuntimeError),
    *(MemoryError, SyntaxError, zipfile.BadZipFile, zlib.error, struct.error, tokenize.TokenError),
)
"""What zipfile and NumPy raise on damaged, encrypted and unknown content."""


def read_npz(path: Path) -> Source:
    """Read the images of an NPZ file, test images after training images, and their labels.

    Raises:
        UserError: the file is damaged, lacks the arrays, holds objects, or is too large.
    """
    try:
        with warnings.catch_warnings(), zipfile.ZipFile(path) as archive:
            # NumPy warns of headers that an old Python wrote; on the screen that is noise.
            warnings.simplefilter("ignore")
            return _read_archive(archive, path)
    except BROKEN as error:
        raise unreadable(path, error, "write it again with numpy.savez") from error


def _read_archive(archive: zipfile.ZipFile, path: Path) -> Source:
    members = {
        info.filename.removesuffix(".npy"): info
        for info in archive.infolist()
        if info.filename.endswith(".npy")
    }
    pair = next((pair for pair in PAIRS if pair[0] in members), None)
    if pair is None:
        held = ", ".join(printable(name) for name in sorted(members)[:6]) or "none"
        raise UserError(f"{printable(path)}: no images among its arrays ({held}); {WANTED}.")
    tests = (TEST_OF.get(pair[0], ""), TEST_OF.get(pair[1], ""))
    pairs = [(images, labels) for images, labels in (pair, tests) if images in members]
    missing = [labels for _, labels in pairs if labels not in members]
    if 0 < len(missing) < len(pairs):
        raise UserError(
            f"{printable(path)}: holds {' and '.join(name for name, _ in pairs)} but no "
            f"{missing[0]}; store labels for all images or for none."
        )
    parts = [_read_array(archive, members[name], path) for name, _ in pairs]
    checked = [
        _check_labels(_read_array(archive, members[name], path), name, pixels, path)
        for (_, name), pixels in zip(pairs, parts, strict=True)
        if not missing
    ]
    title = "Fashion-MNIST" if is_fashion(path) else printable(path.stem)
    together = np.concatenate(checked) if checked else None
    return Source(path, title, tuple(parts), together, names_for(path))


def _read_array(archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: Path) -> RawArray:
    """Read one array, after a look at its header: NumPy allocates what the header claims."""
    where = f"{printable(path)}: the array {printable(info.filename.removesuffix('.npy'))}"
    with archive.open(info) as stream:
        version = npy.read_magic(stream)
        read_header = {
            (1, 0): npy.read_array_header_1_0,
            (2, 0): npy.read_array_header_2_0,
        }.get(version)
        if read_header is None:
            raise UserError(f"{where} isn't a plain array; store numbers or strings alone.")
        shape, _, dtype = read_header(stream)
    if dtype.hasobject:
        raise UserError(
            f"{where} holds Python objects, which are never loaded; store numbers or strings alone."
        )
    size = math.prod(shape) * dtype.itemsize
    packed = info.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
    if not packed or min(shape, default=0) < 0:
        raise UserError(f"{where} is stored in an unknown way; write it with numpy.savez.")
    if size > MAX_SOURCE_BYTES:
        raise UserError(
            f"{where} takes {size / 2**30:,.1f} GiB; "
            f"give at most {MAX_SOURCE_BYTES // 2**30} GiB, for instance as bytes."
        )
    if size > min(info.file_size, info.compress_size * MAX_DEFLATE_RATIO):
        raise UserError(
            f"{where} is shorter than its header claims ({size:,} bytes); "
            "write it again with numpy.savez."
        )
    with archive.open(info) as stream:
        array: RawArray = npy.read_array(stream, allow_pickle=False)
    return array


def _check_labels(values: RawArray, name: str, images: RawArray, path: Path) -> RawArray:
    """Labels (n,), from (n,) or (n, 1).

    Raises:
        UserError: another shape or another count than that of the images.
    """
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim != 1:
        shape = " × ".join(str(size) for size in values.shape) or "no dimension"
        raise UserError(
            f"{printable(path)}: {name} is of {shape}; store one number or string for each image."
        )
    count = len(images) if images.ndim else 1
    if len(values) != count:
        raise UserError(
            f"{printable(path)}: {len(values):,} labels in {name} for {count:,} images; "
            "give one label for each image, or no labels."
        )
    return values
