"""Labels of any values as class numbers with names."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from tui_ae.arrays import IntArray
from tui_ae.config import LabelChoice
from tui_ae.data.arrays import RawArray
from tui_ae.data.dataset import MAX_CLASSES
from tui_ae.data.progress import Progress, portions, unheard
from tui_ae.data.source import Source, shape_text
from tui_ae.errors import UserError
from tui_ae.streams import brief, printable

FASHION_NAMES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
FASHION = re.compile(r"fashion[-_ .]?mnist", re.I)
UNLABELLED = ("all",)
STORE = "store one whole number or string for each image"
BLOCK = 2**18
"""Labels numbered at a time: a few hundredths of a second."""


def names_for(path: Path) -> tuple[str, ...] | None:
    """The class names of a set that its path tells: Fashion-MNIST's files store none."""
    return FASHION_NAMES if is_fashion(path) else None


def is_fashion(path: Path) -> bool:
    """Whether the path says that it holds Fashion-MNIST; the files themselves look like MNIST's.

    The name of the file or of the folder that it lies in counts, and that of the folder above where
    this one is called 'raw', as torchvision does.
    """
    folder = path.absolute() if path.is_dir() else path.absolute().parent
    names = [folder.name, "" if path.is_dir() else path.name]
    if folder.name == "raw":
        names.append(folder.parent.name)
    return any(FASHION.search(name) for name in names)


def index_labels(
    source: Source, count: int, progress: Progress = unheard
) -> tuple[IntArray, tuple[int | str, ...], tuple[str, ...]]:
    """Number the classes of `count` images from 0 on, in the order of their values, 2 before 10.

    Returns:
        (n,) int64 class numbers, and the value and the name of each class. Values without an image
        are no class.

    Raises:
        UserError: labels that don't fit the images, aren't labels, or are of too many classes.
    """
    if source.labels is None:
        return np.zeros(count, np.int64), (), UNLABELLED
    where = printable(source.path)
    if len(source.labels) != count:
        raise UserError(
            f"{where}: {count:,} images but {len(source.labels):,} labels; "
            "give one label for each image, or no labels."
        )
    looking, numbering = portions(progress, (1, 1))
    distinct = _distinct(source.labels, where, looking)
    order = list(range(len(distinct)))
    if distinct.dtype.kind == "U":
        order.sort(key=lambda place: natural(str(distinct[place])))
    number = np.empty(len(distinct), np.int64)
    number[order] = np.arange(len(distinct))
    index = np.empty(count, np.int64)
    for start in range(0, count, BLOCK):
        block = _plain(source.labels[start : start + BLOCK], where)
        index[start : start + BLOCK] = number[np.searchsorted(distinct, block)]
        numbering(min(1.0, (start + BLOCK) / count))
    values = tuple(distinct[order].tolist())
    if source.class_values is not None:
        values = tuple(source.class_values[value] for value in values)
    known = source.class_names
    if known and distinct.dtype.kind in "iu" and distinct[0] >= 0 and distinct[-1] < len(known):
        return index, values, tuple(printable(known[value]) for value in values)
    return index, values, tuple(brief(value) for value in values)


def choose_labels(source: Source, labels: LabelChoice) -> Source:
    """The source without its labels, or with those images alone that are of the largest classes."""
    if labels == "all" or source.labels is None:
        return source
    if labels == "none":
        note = "The labels were left out, as asked."
        return replace(
            source, labels=None, class_names=None, class_values=None, notes=(*source.notes, note)
        )
    values = _plain(source.labels, printable(source.path))
    distinct, index, counts = np.unique(values, return_inverse=True, return_counts=True)
    if len(distinct) <= MAX_CLASSES:
        return source
    kept = np.zeros(len(distinct), bool)
    # Of classes that are as large, those that come first.
    kept[np.argsort(-counts, kind="stable")[:MAX_CLASSES]] = True
    chosen = kept[index]
    ends = np.cumsum([len(part) for part in source.parts])
    parts = tuple(
        part[chosen[end - len(part) : end]] for part, end in zip(source.parts, ends, strict=True)
    )
    note = (
        f"Kept the {MAX_CLASSES} largest of {len(distinct):,} classes, {int(chosen.sum()):,} of "
        f"{len(chosen):,} images."
    )
    files = tuple(np.array(source.files, object)[chosen]) if source.files else ()
    return replace(
        source, parts=parts, labels=values[chosen], files=files, notes=(*source.notes, note)
    )


def too_many_classes(where: str, count: int, vague: str = "") -> UserError:
    """The sentence for more classes than can be told apart; `vague` is for a count so far."""
    return UserError(
        f"{where}: {vague}{count:,} classes; give at most {MAX_CLASSES}, or leave the labels out "
        "by --labels none, or keep the largest classes by --labels largest."
    )


def natural(name: str) -> list[tuple[int, str]]:
    """What names are sorted by so that 2 comes before 10."""
    key = []
    for piece in re.findall(r"[0-9]+|[^0-9]+", name):
        # Not as a number: Python refuses to make one of thousands of digits.
        digits = piece.lstrip("0")
        key.append((len(digits), digits) if piece[0] in "0123456789" else (-1, piece))
    return key


def _distinct(labels: RawArray, where: str, progress: Progress) -> RawArray:
    """The values among the labels, in their order.

    Raises:
        UserError: there are more than MAX_CLASSES, or they aren't values of labels.
    """
    values = _plain(labels[:0], where)
    for start in range(0, len(labels), BLOCK):
        values = np.union1d(values, _plain(labels[start : start + BLOCK], where))
        if len(values) > MAX_CLASSES:
            raise too_many_classes(where, len(values), "at least ")
        progress(min(1.0, (start + BLOCK) / len(labels)))
    # NumPy keeps any number as a character; Python ends at this one, with a SystemError.
    if values.dtype.kind == "U" and (values.view(np.uint32) > sys.maxunicode).any():
        raise UserError(f"{where}: labels hold characters that don't exist; {STORE}.")
    return values


def _plain(labels: RawArray, where: str) -> RawArray:
    """Labels as whole numbers or strings (n,).

    Raises:
        UserError: another type or shape.
    """
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.ndim != 1:
        raise UserError(f"{where}: labels of {shape_text(labels)}; {STORE}.")
    if labels.dtype.kind == "S":
        return np.char.decode(labels, "utf-8", "replace")
    # NaN is not below anything.
    if labels.dtype.kind == "f" and ((labels == labels.round()) & (abs(labels) < 2.0**63)).all():
        return labels.astype(np.int64)
    if labels.dtype.kind == "b":
        return labels.astype(np.int64)
    if labels.dtype.kind not in "iuU":
        raise UserError(
            f"{where}: labels of type {brief(labels.dtype)} that aren't whole numbers of 64 bits; "
            f"{STORE}."
        )
    return labels
