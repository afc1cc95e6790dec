"""NPZ files: NumPy arrays by name in a zip. Nothing in them is ever unpickled."""

from __future__ import annotations

import math
import zipfile
import zlib
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np

from tui_ae.data import npy, roles
from tui_ae.data.archive import open_zip
from tui_ae.data.arrays import RawArray
from tui_ae.data.classes import is_fashion, names_for
from tui_ae.data.emnist import MAYBE_TURNED, is_emnist
from tui_ae.data.labels import plain_labels
from tui_ae.data.progress import Progress, portions, unheard
from tui_ae.data.source import MAX_SOURCE_BYTES, Source, unreadable
from tui_ae.errors import UserError
from tui_ae.streams import printable

ZIP_MAGIC = b"PK"
WANTED = "store images as x_train or images, and labels, if any, as y_train or labels"
LESS = f"give at most {MAX_SOURCE_BYTES / 2**30:,.1f} GiB, for instance as bytes"
MAX_DEFLATE_RATIO = 1032
"""No deflated byte stands for more; a directory that claims so lies."""
MAX_MEMBERS = 1000
BROKEN = (*npy.BROKEN, NotImplementedError, RuntimeError, zipfile.BadZipFile, zlib.error)
"""What zipfile and NumPy raise on damaged, encrypted and unknown content."""
WRITE_AGAIN = "write it again with numpy.savez"
PLAIN_NAMES = (
    {"x_train", "y_train"},
    {"x_train", "y_train", "x_test", "y_test"},
    {"images", "labels"},
    {"x", "y"},
    {"x_train"},
    {"images"},
    {"x"},
)
"""Names of which nobody wonders what was taken as what."""
BESIDE = (("images", "labels"), ("imgs", "labels"), ("image", "label"), ("data", "labels"))
"""What stands in the name of a file of labels instead, where images and labels are two files."""


def read_npz(path: Path, progress: Progress) -> Source:
    """Read the images of an NPZ file, test images after training images, and their labels.

    Raises:
        UserError: the file is damaged, lacks the arrays, holds objects, or is too large.
    """
    try:
        with open_zip(path) as archive:
            return _read_archive(archive, path, progress)
    except BROKEN as error:
        raise unreadable(path, error, WRITE_AGAIN) from error


def _read_archive(archive: zipfile.ZipFile, path: Path, progress: Progress) -> Source:
    members = _members(archive, path)
    found = roles.assign(
        [_look(archive, info, name, path) for name, info in members.items()], path, WANTED
    )
    names = [pair.images.name for pair in found.pairs]
    labelled = [pair.labels for pair in found.pairs if pair.labels is not None]
    names += [array.name for array in labelled]
    # What the directory says bounds what is unpacked.
    size = sum(members[name].file_size for name in names)
    if size > MAX_SOURCE_BYTES:
        raise UserError(
            f"{printable(path)}: its arrays take {size / 2**30:,.1f} GiB; {LESS}, or NPY files."
        )
    told = portions(progress, [members[name].file_size for name in names])
    arrays = {
        name: _read_array(archive, members[name], path, of_array)
        for name, of_array in zip(names, told, strict=True)
    }
    notes, checked = [], []
    for pair in found.pairs:
        if pair.labels is not None:
            values, note = plain_labels(arrays[pair.labels.name], pair.labels.name, path)
            checked.append(values)
            notes += [note] if note else []
    together = np.concatenate(checked) if checked else None
    if together is None and (beside := _labels_beside(path, arrays[names[0]].shape[:1])):
        together, labels_from, note = beside
        notes = [found.note(labels_from), *([note] if note else [])]
    elif {name.lower() for name in members} not in PLAIN_NAMES or found.unused:
        notes.insert(0, found.note())
    notes += [MAYBE_TURNED] if is_emnist(path) else []
    title = "Fashion-MNIST" if is_fashion(path) else printable(path.stem)
    class_names = names_for(path)
    if found.class_names is not None:
        stored = _read_array(archive, members[found.class_names.name], path, unheard)
        class_names = tuple(_text(name) for name in stored.tolist())
    parts = tuple(arrays[pair.images.name] for pair in found.pairs)
    return Source(path, title, parts, together, class_names, tuple(notes), splits=found.splits)


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _members(archive: zipfile.ZipFile, path: Path) -> dict[str, zipfile.ZipInfo]:
    """The arrays of the archive by their names."""
    members = {
        info.filename.removesuffix(".npy"): info
        for info in archive.infolist()
        if info.filename.endswith(".npy")
    }
    if len(members) > MAX_MEMBERS:
        raise UserError(
            f"{printable(path)}: holds {len(members):,} arrays; put all images "
            f"into one array, {WANTED}."
        )
    return members


def _look(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, path: Path) -> roles.Named:
    """What the header of an array says; one that can't be read is no image and no label."""
    where = _where(info, path)
    _check_packing(info, where)
    with archive.open(info) as stream:
        try:
            header = npy.read_header(cast("BinaryIO", stream), where, WRITE_AGAIN)
        except UserError:
            return roles.Named(name, (0,), "O")
    return roles.Named(name, header.shape, header.dtype.kind)


def _where(info: zipfile.ZipInfo, path: Path) -> str:
    return f"{printable(path)}: the array {printable(info.filename.removesuffix('.npy'))}"


def _check_packing(info: zipfile.ZipInfo, where: str) -> None:
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise UserError(f"{where} is stored in an unknown way; {WRITE_AGAIN}.")


def _labels_beside(path: Path, count: tuple[int, ...]) -> tuple[RawArray, str, str] | None:
    """The labels of a file of images in another one beside it, as KMNIST ships.

    Returns:
        The labels, the name of their file, and a note on how they were read.
    """
    for word, instead in BESIDE:
        other = path.with_name(path.name.replace(word, instead))
        if other.name == path.name or not other.is_file():
            continue
        with open_zip(other) as archive:
            for name, info in _members(archive, other).items():
                array = _look(archive, info, name, other)
                if array.is_label_shaped and (array.label_count,) == count and array.kind != "O":
                    values = _read_array(archive, info, other, unheard)
                    labels, note = plain_labels(values, name, other)
                    return labels, other.name, note
    return None


def _read_array(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: Path, progress: Progress
) -> RawArray:
    """Read one array, after a look at what its header claims."""
    where = _where(info, path)
    _check_packing(info, where)
    with archive.open(info) as stream:
        file = cast("BinaryIO", stream)
        header = npy.read_header(file, where, WRITE_AGAIN)
        size = math.prod(header.shape) * header.dtype.itemsize
        if size > MAX_SOURCE_BYTES:
            raise UserError(f"{where} takes {size / 2**30:,.1f} GiB; {LESS}, or an NPY file.")
        if size > min(info.file_size, info.compress_size * MAX_DEFLATE_RATIO):
            raise UserError(
                f"{where} is shorter than its header claims ({size:,} bytes); {WRITE_AGAIN}."
            )
        return header.read_values(file, where, WRITE_AGAIN, progress)
