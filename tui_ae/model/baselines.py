"""What a loss means: the BCE of predictors that need no network, and the floor below them all."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tui_ae.model.objective import bce

FloatArray = npt.NDArray[np.float32]
DoubleArray = npt.NDArray[np.float64]
CHUNK = 512
"""Images worked on at a time: a few milliseconds, the length of a mini-batch."""


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


def baselines(images: FloatArray, labels: npt.NDArray[np.int64]) -> Baselines:
    """The baselines of a data set.

    Args:
        images: (n, pixels) float32 in [0, 1].
        labels: (n,) class of each image; all equal where there are none.
    """
    found: list[Baselines] = []

    def collect() -> Iterator[None]:
        found.append((yield from baselines_in_pieces(images, labels)))

    for _ in collect():
        pass
    return found[0]


def baselines_in_pieces(
    images: FloatArray, labels: npt.NDArray[np.int64]
) -> Generator[None, None, Baselines]:
    """The same, yielding after every few milliseconds of work; returns the baselines at its end.

    70,000 images take seconds, in which the worker has commands to obey. The longest piece is the
    eigendecomposition, 60 ms.
    """
    count = len(images)
    sums = np.zeros((int(labels.max()) + 1, images.shape[1]))
    entropy = 0.0
    for part in _chunks(count):
        for label in np.unique(labels[part]):
            sums[label] += images[part][labels[part] == label].sum(axis=0, dtype=np.float64)
        entropy += float(bce(images[part], images[part]).sum())
        yield
    mean = sums.sum(axis=0) / count
    sizes = np.maximum(np.bincount(labels, minlength=len(sums)), 1)
    own = [_fixed(row / n, row / n) * n for row, n in zip(sums, sizes.tolist(), strict=True)]
    axes = yield from _axes_in_pieces(images, mean)
    linear = 0.0
    for part in _chunks(count):
        centred = images[part] - mean
        linear += float(bce(images[part], mean + centred @ axes.T @ axes).sum())
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


def _chunks(count: int) -> Iterator[slice]:
    for start in range(0, count, CHUNK):
        yield slice(start, start + CHUNK)


def _fixed(mean: DoubleArray, prediction: DoubleArray) -> float:
    """Mean BCE of one prediction for all images, from their mean alone: BCE is linear in them."""
    return float(bce(mean[None], prediction)[0])


def _axes_in_pieces(images: FloatArray, mean: DoubleArray) -> Generator[None, None, DoubleArray]:
    """The first two principal components: (2, pixels), orthonormal rows, in pieces.

    Through the covariance matrix, so that 70,000 images need no copy of themselves. Products of
    centred images in single precision take half the time; their sum is kept in double.
    """
    covariance = np.zeros((images.shape[1], images.shape[1]))
    offset = mean.astype(np.float32)
    for part in _chunks(len(images)):
        centred = images[part] - offset
        covariance += centred.T @ centred
        yield
    _, vectors = np.linalg.eigh(covariance)
    yield
    return np.asarray(vectors[:, :-3:-1].T)
