"""What a run keeps of its data, so that it can be looked at without the images: labels, names."""

from __future__ import annotations

import json
from collections.abc import Mapping

import numpy as np

from tui_ae.arrays import IntArray
from tui_ae.data.dataset import MAX_CLASSES, Dataset, HeldOut
from tui_ae.data.images import Images
from tui_ae.errors import UserError
from tui_ae.run.checkpoint import Array, Checkpoint

SHOWN = (
    "Labels, codes, losses and weights are what the run itself holds; pictures of its images, and "
    "what follows from them, are not shown."
)


def pack_data(dataset: Dataset) -> tuple[Checkpoint, dict[str, str]]:
    """The labels of a data set as arrays, and its names as words."""
    arrays: Checkpoint = {"labels": dataset.labels.astype(np.uint8)}
    if dataset.held_out is not None:
        arrays["held_out_labels"] = dataset.held_out.labels.astype(np.uint8)
        arrays["held_out_rows"] = dataset.held_out.rows
    about = {
        "name": dataset.name,
        "class_names": json.dumps(dataset.class_names),
        "class_values": json.dumps(dataset.class_values),
        "labelled": json.dumps(dataset.labelled),
    }
    return arrays, about


def unpack_data(arrays: Mapping[str, Array], about: Mapping[str, str], missing: str) -> Dataset:
    """The data set that `pack_data` was given, without its images.

    Args:
        arrays: As `pack_data` gives them.
        about: The same.
        missing: Why there are no images, as a sentence without its full stop.

    Raises:
        UserError: something is missing or can't be.
    """
    try:
        names = tuple(str(name) for name in json.loads(about["class_names"]))
        values = json.loads(about["class_values"])
        labels = _labels(arrays["labels"], len(names))
        held_out = None
        if "held_out_labels" in arrays:
            apart = _labels(arrays["held_out_labels"], len(names))
            rows = _rows(arrays["held_out_rows"], len(labels), len(apart))
            held_out = HeldOut(Images.unknown(len(apart)), apart, rows)
        if not 0 < len(names) <= MAX_CLASSES or len(values) not in (0, len(names)):
            raise ValueError(f"{len(names)} classes with {len(values)} labels")
        if not all(type(value) in (int, str) for value in values):
            raise ValueError("the label of a class is neither a number nor words")
        return Dataset(
            name=about["name"],
            images=Images.unknown(len(labels)),
            labels=labels,
            class_names=names,
            labelled=json.loads(about["labelled"]) is True,
            notes=(f"{missing[:1].upper()}{missing[1:]}.", SHOWN),
            class_values=tuple(values),
            held_out=held_out,
            missing=missing,
        )
    except (KeyError, ValueError, TypeError, RecursionError) as error:
        raise UserError(f"what a run kept of its data makes no sense: {error}.") from error


def _labels(stored: Array, classes: int) -> IntArray:
    if stored.ndim != 1 or stored.dtype != np.uint8 or (len(stored) and stored.max() >= classes):
        raise ValueError(f"labels {stored.shape} {stored.dtype} of {classes} classes")
    labels = stored.astype(np.int64)
    labels.setflags(write=False)
    return labels


def _rows(rows: Array, trains: int, apart: int) -> IntArray:
    """Which of all images are held out."""
    if rows.shape != (apart,) or rows.dtype != np.int64:
        raise ValueError(f"held-out rows {rows.shape} {rows.dtype}")
    inside = not apart or (rows[0] >= 0 and rows[-1] < trains + apart)
    if not inside or (np.diff(rows) <= 0).any():
        raise ValueError("held-out rows that are no places among all images")
    rows.setflags(write=False)
    return rows
