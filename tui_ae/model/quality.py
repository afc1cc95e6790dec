"""How good codes are: do neighbours stay neighbours, do classes stay together, what lies idle."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tui_ae.arrays import FloatArray, IntArray
from tui_ae.model.frozen import FrozenNetwork

MOST = 1000
"""Samples that are compared with each other: all pairs of more take too long to be looked at
while a run goes on."""
NEIGHBOURS = 5
IDLE_SHARE = 0.01
"""A number of codes that varies less than so much of the one that varies most says nothing."""


def chosen(count: int, most: int = MOST) -> IntArray:
    """The numbers of up to `most` samples, spread evenly over all."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).astype(np.int64))


def distances(vectors: npt.ArrayLike) -> FloatArray:
    """(n, n) squared distances of n vectors (n, width) from each other; 0 on the diagonal."""
    rows = np.asarray(vectors, np.float64)
    norms = (rows**2).sum(axis=1)
    square = norms[:, None] + norms[None] - 2 * rows @ rows.T
    np.fill_diagonal(square, 0.0)
    return np.asarray(np.maximum(square, 0.0), np.float32)


def knn_accuracy(codes: npt.ArrayLike, labels: IntArray, k: int = NEIGHBOURS) -> float:
    """The share of samples whose class is that of most of their k nearest others.

    Args:
        codes: (n, width), finite.
        labels: (n,) class of each.
        k: Neighbours that vote; of classes with as many votes the lowest wins, as in scikit-learn.

    Returns:
        0 to 1; NaN for fewer than two samples.
    """
    count = len(labels)
    if count < 2:
        return float("nan")
    square = distances(codes)
    np.fill_diagonal(square, np.inf)
    k = min(k, count - 1)
    near = np.argpartition(square, k, axis=1)[:, :k]
    votes = np.zeros((count, int(labels.max()) + 1), np.int64)
    np.add.at(votes, (np.arange(count)[:, None], labels[near]), 1)
    return float((votes.argmax(axis=1) == labels).mean())


def trustworthiness(vectors: npt.ArrayLike, codes: npt.ArrayLike, k: int = NEIGHBOURS) -> float:
    """Whether neighbours among the codes are neighbours among the vectors; 1 for all.

    Source: Venna and Kaski (2001), Neighborhood preservation in nonlinear projection methods.

    Args:
        vectors: (n, width) such as the images.
        codes: (n, fewer), finite.
        k: Neighbours that count, fewer than half of the samples.

    Returns:
        0 to 1; NaN where there are too few samples.
    """
    return _preserved(distances(vectors), distances(codes), k)


def continuity(vectors: npt.ArrayLike, codes: npt.ArrayLike, k: int = NEIGHBOURS) -> float:
    """Whether neighbours among the vectors are neighbours among the codes; see trustworthiness."""
    return _preserved(distances(codes), distances(vectors), k)


def _preserved(true: FloatArray, shown: FloatArray, k: int) -> float:
    """1 less a penalty for each of the k nearest by `shown` that is not among those by `true`."""
    count = len(true)
    if not 0 < k < count / 2:
        return float("nan")
    for square in (true, shown):
        np.fill_diagonal(square, np.inf)
    near = np.argpartition(shown, k, axis=1)[:, :k]
    penalty = 0
    for column in near.T:
        # Only these ranks are asked for: sorting all would take ten times as long.
        distance = true[np.arange(count), column]
        rank = 1 + (true < distance[:, None]).sum(axis=1)
        penalty += int(np.maximum(rank - k, 0).sum())
    return 1.0 - penalty * 2.0 / (count * k * (2.0 * count - 3.0 * k - 1.0))


@dataclass(frozen=True, slots=True)
class Idle:
    """Hidden units that never say anything."""

    dead: int
    """Units that are 0 for all images that were tried."""
    units: int
    """All hidden units."""


def dead_units(half: FrozenNetwork, inputs: npt.ArrayLike) -> Idle:
    """The hidden ReLU units of one half of a network that no input (n, units in) wakes."""
    if not half.relu:
        return Idle(0, 0)
    hidden = np.asarray(inputs, np.float32)
    dead = units = 0
    for weight, bias in zip(half.weights[:-1], half.biases[:-1], strict=True):
        hidden = np.maximum(hidden @ weight + bias, 0.0)
        dead += int((hidden.max(axis=0, initial=0.0) <= 0).sum())
        units += hidden.shape[1]
    return Idle(dead, units)


def active_dimensions(codes: FloatArray) -> int:
    """How many numbers of the codes (n, width) vary by more than a hundredth of the most varied."""
    finite = codes[np.isfinite(codes).all(axis=1)].astype(np.float64)
    if len(finite) < 2:
        return 0
    spread = finite.var(axis=0)
    return int((spread > IDLE_SHARE * spread.max()).sum())
