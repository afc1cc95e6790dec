"""Folders of NPY and NPZ files: images and labels by the files' names, or a class a file."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tui_ae.data import npy, npz, roles
from tui_ae.data.arrays import RawArray
from tui_ae.data.classes import is_fashion, names_for
from tui_ae.data.labels import plain_labels
from tui_ae.data.progress import Progress, portions
from tui_ae.data.source import Source
from tui_ae.data.splits import read_splits
from tui_ae.streams import printable

SUFFIXES = (".npy", ".npz")
WANTED = "name the files of images and labels, such as x_train.npy and y_train.npy"


def array_files(folder: Path) -> list[Path]:
    """The NPY and NPZ files in a folder, those of programs and partial downloads left out."""
    names = sorted(os.listdir(folder))  # noqa: PTH208 - names alone
    return [
        folder / name
        for name in names
        if name.endswith(SUFFIXES) and name[0] not in "._~" and (folder / name).is_file()
    ]


def read_array_folder(folder: Path, progress: Progress) -> Source:
    """Read the images of a folder of arrays.

    Raises:
        UserError: no images can be told, or what is there can't be read.
    """
    files = array_files(folder)
    packed = [path for path in files if path.suffix == ".npz"]
    if packed:
        return read_splits(packed, npz.read_npz, "NPZ", folder, progress)
    if len(files) == 1:
        # A sentence about what it is says more than that there are no images.
        return npy.read_npy(files[0], progress)
    looked = [npy.look(path) for path in files]
    shaped = [array for array in looked if array.is_image_shaped]
    if len(shaped) == len(files) and not any(_says_a_role(array) for array in looked):
        return _a_class_a_file(files, folder, progress)
    found = roles.assign(looked, folder, WANTED)
    paths = {array.name: path for array, path in zip(looked, files, strict=True)}
    told = portions(progress, [paths[pair.images.name].stat().st_size for pair in found.pairs])
    parts: list[RawArray] = []
    labels: list[RawArray] = []
    notes = [found.note()]
    for pair, of_part in zip(found.pairs, told, strict=True):
        parts.append(npy.read_array(paths[pair.images.name], of_part))
        if pair.labels is not None:
            file = paths[pair.labels.name]
            values, note = plain_labels(npy.read_array(file), file.name, folder)
            labels.append(values)
            notes += [note] if note else []
    together = np.concatenate(labels) if labels else None
    title = "Fashion-MNIST" if is_fashion(folder) else printable(folder.absolute().name)
    return Source(
        folder,
        title,
        tuple(parts),
        together,
        names_for(folder),
        tuple(notes),
        splits=found.splits,
    )


def _says_a_role(array: roles.Named) -> bool:
    words = (*roles.IMAGE_WORDS, *roles.LABEL_WORDS)
    return array.rank(words) is not None or bool(array.split)


def _a_class_a_file(files: Sequence[Path], folder: Path, progress: Progress) -> Source:
    """Files that are named for what is on their images, as QuickDraw ships."""
    told = portions(progress, [path.stat().st_size for path in files])
    parts = tuple(npy.read_array(path, of) for path, of in zip(files, told, strict=True))
    labels = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    names = tuple(path.stem for path in files)
    title = printable(folder.absolute().name)
    note = f"Each of the {len(files)} files is a class."
    return Source(folder, title, parts, labels, None, (note,), class_values=names)
