"""What a loss means: the BCE of predictors that need no network, and the floor below them all."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from tui_ae.arrays import DoubleArray, FloatArray, IntArray
from tui_ae.model.objective import bce

CHUNK = 512
"""Images worked on at a time: a few milliseconds, the length of a mini-batch."""
EXACT = 100_000
"""Images that all count; of more, one random image out of each of so many equal stretches does.

That moves a baseline by some ten-thousandths; a million images would take minutes.
"""


class Images(Protocol):
    """Rows of pixels, (k, pixels) float32 in [0, 1], that are read in parts."""

    def __len__(self) -> int: ...

    def __getitem__(self, rows: slice | IntArray, /) -> FloatArray: ...


@dataclass(frozen=True, slots=True)
class Baselines:
    """Mean BCE of each predictor over all images, in nats a pixel."""

    undecided: float
    """0.5 for every pixel: ln 2."""
    best_constant: float
    """The mean pixel everywhere."""
    mean_image: float
    """The mean of all images."""
    class_mean: float
    """The mean image of the sample's own class, which uses the labels."""
    two_components: float
    """The reconstruction from the first two principal components.

    It leaves [0, 1] in a tenth of the pixels and is clamped there as every prediction is, at 1e-7;
    a wider clamp would flatter it (0.218 instead of 0.223 at 1e-4 on the synthetic digits).
    """
    floor: float
    """H(x), the entropy of the pixels themselves: no predictor gets below it."""
    zeros: float
    """0 for every pixel, clamped at 1e-7."""


def baselines(images: Images, labels: IntArray) -> Baselines:
    """The baselines of a data set, or of EXACT of its images where it holds more.

    Args:
        images: n images.
        labels: (n,) class of each image; all equal where there are none.
    """
    pieces = baselines_in_pieces(images, labels)
    try:
        while True:
            next(pieces)
    except StopIteration as end:
        found: Baselines = end.value
    return found


def baselines_in_pieces(images: Images, labels: IntArray) -> Generator[None, None, Baselines]:
    """The same, yielding after every few milliseconds of work; returns the baselines at its end.

    70,000 images take seconds, in which the worker has commands to obey. The longest piece is the
    eigendecomposition, 60 ms.
    """
    count = min(len(images), EXACT)
    sums = np.zeros((int(labels.max()) + 1, images[:1].shape[1]))
    sizes = np.zeros(len(sums), np.int64)
    entropy = 0.0
    for part in _chunks(len(images)):
        pixels, classes = images[part], labels[part]
        sizes += np.bincount(classes, minlength=len(sizes))
        for label in np.unique(classes):
            sums[label] += pixels[classes == label].sum(axis=0, dtype=np.float64)
        entropy += float(bce(pixels, pixels).sum())
        yield
    mean = sums.sum(axis=0) / count
    sizes = np.maximum(sizes, 1)
    own = [_fixed(row / n, row / n) * n for row, n in zip(sums, sizes.tolist(), strict=True)]
    axes = yield from _axes_in_pieces(images, mean)
    linear = 0.0
    for part in _chunks(len(images)):
        pixels = images[part]
        linear += float(bce(pixels, mean + (pixels - mean) @ axes.T @ axes).sum())
        yield
    return Baselines(
        undecided=math.log(2),
        best_constant=_fixed(mean, np.full_like(mean, mean.mean())),
        mean_image=_fixed(mean, mean),
        class_mean=math.fsum(own) / count,
        two_components=linear / count,
        floor=entropy / count,
        zeros=_fixed(mean, np.zeros_like(mean)),
    )


def _chunks(count: int) -> Iterator[slice | IntArray]:
    """Which images to work on, a piece at a time; the same ones each time."""
    if count <= EXACT:
        for start in range(0, count, CHUNK):
            yield slice(start, start + CHUNK)
        return
    rng = np.random.default_rng(0)
    ends = np.arange(EXACT + 1) * count // EXACT
    for start in range(0, EXACT, CHUNK):
        piece = ends[start : start + CHUNK + 1]
        yield rng.integers(piece[:-1], piece[1:])


def _fixed(mean: DoubleArray, prediction: DoubleArray) -> float:
    """Mean BCE of one prediction for all images, from their mean alone: BCE is linear in them."""
    return float(bce(mean[None], prediction)[0])


def _axes_in_pieces(images: Images, mean: DoubleArray) -> Generator[None, None, DoubleArray]:
    """The first two principal components: (2, pixels), orthonormal rows, in pieces.

    Through the covariance matrix, so that 70,000 images need no copy of themselves. Products of
    centred images in single precision take half the time; their sum is kept in double.
    """
    covariance = np.zeros((len(mean), len(mean)))
    offset = mean.astype(np.float32)
    for part in _chunks(len(images)):
        centred = images[part] - offset
        covariance += centred.T @ centred
        yield
    _, vectors = np.linalg.eigh(covariance)
    yield
    return np.asarray(vectors[:, :-3:-1].T)
