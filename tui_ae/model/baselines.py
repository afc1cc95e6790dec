"""What a loss means: that of predictors which need no network, and the floor below them all."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol, TypeVar

import numpy as np

from tui_ae.arrays import DoubleArray, FloatArray, IntArray
from tui_ae.model.objective import OBJECTIVES, bce
from tui_ae.model.pca import Pca
from tui_ae.model.spec import ObjectiveName

CHUNK = 512
"""Images worked on at a time: a few milliseconds, the length of a mini-batch."""
Found = TypeVar("Found")
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
    """Mean loss of each predictor over all images, by one objective."""

    undecided: float
    """0.5 for every pixel: ln 2 nats."""
    best_constant: float
    """The mean pixel everywhere."""
    mean_image: float
    """The mean of all images."""
    class_mean: float
    """The mean image of the sample's own class, which uses the labels."""
    two_components: float
    """The reconstruction from the first two principal components.

    It leaves [0, 1] in a tenth of the pixels. For the cross-entropy it is clamped there as every
    prediction is, at 1e-7; a wider clamp would flatter it (0.218 instead of 0.223 at 1e-4 on the
    synthetic digits).
    """
    floor: float
    """The images themselves: no predictor gets below it. Their entropy H(x); no error."""
    zeros: float
    """0 for every pixel, clamped at 1e-7 for the cross-entropy."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What a data set is like before any training."""

    baselines: Mapping[ObjectiveName, Baselines]
    """By each objective."""
    pca: Pca


def survey(images: Images, labels: IntArray, components: int = 2) -> Survey:
    """The survey of a data set, or of EXACT of its images where it holds more.

    Args:
        images: n images.
        labels: (n,) class of each image; all equal where there are none.
        components: Principal components to find, 2 or more.
    """
    return _finish(survey_in_pieces(images, labels, components))


def principal_components(images: Images, count: int) -> Pca:
    """The first `count` principal components of n images, or of EXACT of them."""
    return _finish(_components_in_pieces(images, count))


def _finish(pieces: Generator[None, None, Found]) -> Found:
    """What a generator returns at its end."""
    try:
        while True:
            next(pieces)
    except StopIteration as end:
        found: Found = end.value
        return found


def _components_in_pieces(images: Images, count: int) -> Generator[None, None, Pca]:
    total = np.zeros(images[:1].shape[1])
    for part in _chunks(len(images)):
        total += images[part].sum(axis=0, dtype=np.float64)
        yield
    mean = total / min(len(images), EXACT)
    axes = yield from _axes_in_pieces(images, mean, count)
    return _pca(mean, axes)


def _pca(mean: DoubleArray, axes: DoubleArray) -> Pca:
    for array in (mean, axes):
        array.setflags(write=False)
    return Pca(mean, axes)


def survey_in_pieces(
    images: Images, labels: IntArray, components: int = 2
) -> Generator[None, None, Survey]:
    """The same, yielding after every few milliseconds of work; returns the survey at its end.

    70,000 images take seconds, in which the worker has commands to obey. The longest piece is the
    eigendecomposition, 60 ms.
    """
    count = min(len(images), EXACT)
    sums = np.zeros((int(labels.max()) + 1, images[:1].shape[1]))
    sizes = np.zeros(len(sums), np.int64)
    squares = np.zeros(len(sums))
    entropy = 0.0
    for part in _chunks(len(images)):
        pixels, classes = images[part], labels[part]
        sizes += np.bincount(classes, minlength=len(sizes))
        for label in np.unique(classes):
            own = pixels[classes == label]
            sums[label] += own.sum(axis=0, dtype=np.float64)
            squares[label] += float(np.square(own, dtype=np.float64).mean(axis=1).sum())
        entropy += float(bce(pixels, pixels).sum())
        yield
    mean = sums.sum(axis=0) / count
    axes = yield from _axes_in_pieces(images, mean, components)
    linear = dict.fromkeys(OBJECTIVES, 0.0)
    for part in _chunks(len(images)):
        pixels = images[part]
        rebuilt = mean + (pixels - mean) @ axes[:2].T @ axes[:2]
        for name, objective in OBJECTIVES.items():
            linear[name] += float(objective.rows(pixels, rebuilt).sum())
        yield
    whole = Group(count, mean, float(squares.sum()) / count)
    groups = [
        Group(size, total / size, square / size)
        for size, total, square in zip(sizes.tolist(), sums, squares.tolist(), strict=True)
        if size
    ]
    found = {
        name: Baselines(
            undecided=whole.loss(name, np.full_like(mean, 0.5)),
            best_constant=whole.loss(name, np.full_like(mean, mean.mean())),
            mean_image=whole.loss(name, mean),
            class_mean=math.fsum(g.size * g.loss(name, g.mean) for g in groups) / count,
            two_components=linear[name] / count,
            floor=entropy / count if name == "bce" else 0.0,
            zeros=whole.loss(name, np.zeros_like(mean)),
        )
        for name in OBJECTIVES
    }
    return Survey(MappingProxyType(found), _pca(mean, axes))


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Images of which one prediction for all of them needs to know no more than this."""

    size: int
    mean: DoubleArray
    """(pixels,)."""
    square: float
    """The mean of all squared pixels."""

    def loss(self, name: ObjectiveName, prediction: DoubleArray) -> float:
        """The mean loss of one prediction (pixels,) for all of them.

        Both objectives are linear in the pixels and their squares.
        """
        if name == "bce":
            return float(bce(self.mean[None], prediction)[0])
        return float(self.square + (np.square(prediction) - 2 * prediction * self.mean).mean())


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


def _axes_in_pieces(
    images: Images, mean: DoubleArray, count: int
) -> Generator[None, None, DoubleArray]:
    """The first principal components: (count, pixels), orthonormal rows, in pieces.

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
    return np.ascontiguousarray(vectors[:, ::-1].T[:count])
