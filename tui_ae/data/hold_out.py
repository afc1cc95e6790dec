"""Which images are held out from training: a set's own test part, or a share by class and seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tui_ae.arrays import IntArray
from tui_ae.data.dataset import Dataset, HeldOut
from tui_ae.data.source import Source, as_images

SHARE = 0.1
"""Held out where a set has no part for it."""
LEAST = 500
"""Images from which on a share is held out unasked; of fewer, training needs each."""
SPLITS = ("test", "val")
"""Parts that are held out; the later one only where the earlier one is not there."""


def hold_out(dataset: Dataset, source: Source, wanted: float | None, seed: int) -> Dataset:
    """A data set of which some images are held out.

    Args:
        dataset: All images of the source, none held out.
        source: Says which images are a part for it.
        wanted: The share to hold out; 0 for none; None for the set's own part, else a tenth.
        seed: One seed always holds out the same images.

    Returns:
        The data set; the same where no image is held out.
    """
    count = len(dataset.images)
    if wanted is None:
        split, rows = _own_part(source)
        if split is not None and 0 < rows.stop - rows.start < count:
            note = f"The {split} images, {rows.stop - rows.start:,}, are held out from training."
            return _divided(dataset, rows, note)
        wanted = SHARE if count >= LEAST else 0.0
    chosen = _share(dataset.labels, wanted, np.random.default_rng(seed))
    if not 0 < len(chosen) < count:
        return dataset
    note = f"{len(chosen):,} of the {count:,} images are held out from training."
    return _divided(dataset, chosen, note)


def _own_part(source: Source) -> tuple[str | None, slice]:
    """The name of the part that a source has for it, and its images; parts lie in one stretch."""
    # Some programs store the number of the image last.
    labels = None if source.labels is None else len(source.labels)
    parts = [as_images(part, source.path, labels)[0] for part in source.parts]
    ends = np.cumsum([0, *map(len, parts)]).tolist()
    for split in SPLITS:
        if split in source.splits:
            first = source.splits.index(split)
            return split, slice(ends[first], ends[first + 1])
    return None, slice(0, 0)


def _share(labels: IntArray, share: float, rng: np.random.Generator) -> IntArray:
    """Numbers of images to hold out, increasing: the same share of each class.

    Where that is no whole number of images, those classes come first that lose most by rounding
    down, so that the whole is the share of the whole.
    """
    order = rng.permutation(len(labels))
    counts = np.bincount(labels)
    exact = counts * share
    take = np.floor(exact).astype(np.int64)
    rest = round(len(labels) * share) - int(take.sum())
    take[np.argsort(take - exact, kind="stable")[: max(rest, 0)]] += 1
    sorted_ = order[np.argsort(labels[order], kind="stable")]
    starts = np.cumsum([0, *counts[:-1]])
    chosen = [
        sorted_[start : start + some]
        for start, some in zip(starts.tolist(), take.tolist(), strict=True)
    ]
    return np.sort(np.concatenate(chosen))


def _divided(dataset: Dataset, held: slice | IntArray, note: str) -> Dataset:
    """The data set with these images held out."""
    count = len(dataset.images)
    trains: slice | IntArray
    if isinstance(held, slice) and held.stop == count:
        # Stretches of images in memory need no copy.
        trains = slice(0, held.start)
    else:
        stays = np.ones(count, bool)
        stays[held] = False
        trains = np.flatnonzero(stays)
    apart = HeldOut(
        dataset.images.take(held),
        _labels(dataset, held),
        np.arange(count)[held],
        _files(dataset.files, held, count),
    )
    return replace(
        dataset,
        images=dataset.images.take(trains),
        labels=_labels(dataset, trains),
        files=_files(dataset.files, trains, count),
        notes=(*dataset.notes, note),
        held_out=apart,
    )


def _labels(dataset: Dataset, rows: slice | IntArray) -> IntArray:
    labels = dataset.labels[rows]
    labels.flags.writeable = False
    return labels


def _files(files: Sequence[str], rows: slice | IntArray, count: int) -> tuple[str, ...]:
    return tuple(files[row] for row in np.arange(count)[rows].tolist()) if files else ()
