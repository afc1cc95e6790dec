"""NPZ files: NumPy arrays by name in a zip. Nothing in them is ever unpickled."""

from __future__ import annotations

import math
import zipfile
import zlib
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np

from tui_ae.data import npy
from tui_ae.data.arrays import RawArray
from tui_ae.data.classes import is_fashion, names_for
from tui_ae.data.progress import Progress, portions
from tui_ae.data.source import MAX_SOURCE_BYTES, Source, unreadable
from tui_ae.errors import UserError
from tui_ae.streams import printable

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
BROKEN = (*npy.BROKEN, NotImplementedError, RuntimeError, zipfile.BadZipFile, zlib.error)
"""What zipfile and NumPy raise on damaged, encrypted and unknown content."""
WRITE_AGAIN = "write it again with numpy.savez"


def read_npz(path: Path, progress: Progress) -> Source:
    """Read the images of an NPZ file, test images after training images, and their labels.

    Raises:
        UserError: the file is damaged, lacks the arrays, holds objects, or is too large.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return _read_archive(archive, path, progress)
    except BROKEN as error:
        raise unreadable(path, error, WRITE_AGAIN) from error


def _read_archive(archive: zipfile.ZipFile, path: Path, progress: Progress) -> Source:
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
    names = [name for name, _ in pairs] + [name for _, name in pairs if not missing]
    told = portions(progress, [members[name].file_size for name in names])
    arrays = {
        name: _read_array(archive, members[name], path, of_array)
        for name, of_array in zip(names, told, strict=True)
    }
    checked = [
        npy.check_labels(arrays[name], name, arrays[images], path)
        for images, name in pairs
        if not missing
    ]
    title = "Fashion-MNIST" if is_fashion(path) else printable(path.stem)
    together = np.concatenate(checked) if checked else None
    parts = tuple(arrays[name] for name, _ in pairs)
    return Source(path, title, parts, together, names_for(path))


def _read_array(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: Path, progress: Progress
) -> RawArray:
    """Read one array, after a look at what its header claims."""
    where = f"{printable(path)}: the array {printable(info.filename.removesuffix('.npy'))}"
    with archive.open(info) as stream:
        file = cast("BinaryIO", stream)
        header = npy.read_header(file, where, WRITE_AGAIN)
        size = math.prod(header.shape) * header.dtype.itemsize
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise UserError(f"{where} is stored in an unknown way; {WRITE_AGAIN}.")
        if size > MAX_SOURCE_BYTES:
            raise UserError(
                f"{where} takes {size / 2**30:,.1f} GiB; "
                f"give at most {MAX_SOURCE_BYTES / 2**30:,.1f} GiB, for instance as bytes, "
                "or an NPY file."
            )
        if size > min(info.file_size, info.compress_size * MAX_DEFLATE_RATIO):
            raise UserError(
                f"{where} is shorter than its header claims ({size:,} bytes); {WRITE_AGAIN}."
            )
        return header.read_values(file, where, WRITE_AGAIN, progress)
