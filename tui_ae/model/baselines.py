"""What a loss means: the BCE of predictors that need no network, and the floor below them all."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tui_ae.model.objective import CLAMP, bce

FloatArray = npt.NDArray[np.float32]
CHUNK = 4096
"""Images worked on at a time: bounds the memory to some tens of megabytes."""


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
    """The reconstruction from the first two principal components, clipped to [0, 1]."""
    floor: float
    """H(x), the entropy of the pixels themselves: no predictor gets below it."""
    zeros: float
    """0 for every pixel, clamped at 1e-7."""


def _chunks(images: FloatArray) -> Iterator[slice]:
    for start in range(0, len(images), CHUNK):
        yield slice(start, start + CHUNK)


def _against(mean: npt.NDArray[np.float64], prediction: npt.NDArray[np.float64]) -> float:
    """Mean BCE of a fixed prediction, from the mean of the images alone: BCE is linear in them."""
    p = np.clip(prediction, CLAMP, 1 - CLAMP)
    return float(-(mean * np.log(p) + (1 - mean) * np.log1p(-p)).mean())


def _mean(images: FloatArray) -> npt.NDArray[np.float64]:
    return images.mean(axis=0, dtype=np.float64)


def _entropy(images: FloatArray) -> float:
    total = 0.0
    for part in _chunks(images):
        total += float(bce(images[part], images[part]).sum())
    return total / len(images)


def principal_axes(images: FloatArray, count: int = 2) -> npt.NDArray[np.float64]:
    """(count, pixels) the first principal components, orthonormal rows, largest variance first.

    Through the covariance matrix, so that 70,000 images need no copy of themselves.
    """
    mean = _mean(images)
    covariance = np.zeros((images.shape[1], images.shape[1]))
    for part in _chunks(images):
        centred = images[part] - mean
        covariance += centred.T @ centred
    _, vectors = np.linalg.eigh(covariance)
    return np.asarray(vectors[:, ::-1][:, :count].T)


def _two_components(images: FloatArray) -> float:
    mean, axes, total = _mean(images), principal_axes(images), 0.0
    for part in _chunks(images):
        centred = images[part] - mean
        total += float(bce(images[part], mean + centred @ axes.T @ axes).sum())
    return total / len(images)


def baselines(images: FloatArray, labels: npt.NDArray[np.int64]) -> Baselines:
    """The baselines of a data set.

    Args:
        images: (n, pixels) float32 in [0, 1].
        labels: (n,) class of each image; all equal where there are none.
    """
    mean = _mean(images)
    classes = 0.0
    for label in np.unique(labels):
        own = labels == label
        own_mean = _mean(images[own])
        classes += _against(own_mean, own_mean) * int(own.sum()) / len(images)
    return Baselines(
        undecided=math.log(2),
        best_constant=_against(mean, np.full_like(mean, mean.mean())),
        mean_image=_against(mean, mean),
        class_mean=classes,
        two_components=_two_components(images),
        floor=_entropy(images),
        zeros=_against(mean, np.zeros_like(mean)),
    )
