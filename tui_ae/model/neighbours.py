"""Nearest samples of a point, in the space of codes and in that of pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tui_ae.arrays import FloatArray, IntArray
from tui_ae.model.baselines import Images
from tui_ae.model.quality import chosen

CHUNK = 4096
"""Images compared at a time."""
FEW = 8
"""Numbers of a code that are looked at one after another."""
LARGEST = 1e18
"""Codes beyond it have no distance: its square would be none."""
REFERENCE = 256
"""Samples whose own nearest neighbour tells how far apart neighbours usually are."""


@dataclass(frozen=True, slots=True)
class Found:
    """The k samples nearest to a point, the nearest first."""

    samples: IntArray
    """(k,)."""
    distances: FloatArray
    """(k,) in the unit of the space."""


def squared_distances(codes: FloatArray, point: npt.ArrayLike) -> FloatArray:
    """(n,) of codes (n, width) from a point (width,); infinite where a code is not finite."""
    target = np.asarray(point, np.float32)
    total = np.zeros(len(codes), np.float32)
    with np.errstate(over="ignore", invalid="ignore"):
        # Number by number: rows of two would be summed in steps of two.
        if codes.shape[1] <= FEW:
            for column, value in enumerate(target.tolist()):
                total += (codes[:, column] - np.float32(value)) ** 2
        else:
            for start in range(0, len(codes), CHUNK):
                part = codes[start : start + CHUNK] - target
                total[start : start + CHUNK] = np.einsum("ij,ij->i", part, part)
    total[~np.isfinite(total)] = np.inf
    return total


def nearest(distances: FloatArray, candidates: IntArray, count: int) -> Found:
    """The `count` nearest of some samples.

    Args:
        distances: (n,) squared, of all samples.
        candidates: Numbers of those that may be found.
        count: As many as there are at most.
    """
    own = distances[candidates]
    count = min(count, int(np.isfinite(own).sum()))
    if not count:
        return Found(candidates[:0], own[:0])
    farthest = np.partition(own, count - 1)[count - 1]
    order = np.flatnonzero(own <= farthest)
    # Equal distances in the order of the samples, in every frame alike.
    order = order[np.lexsort((candidates[order], own[order]))][:count]
    return Found(candidates[order], np.sqrt(own[order]))


class PixelSpace:
    """All images of a data set, ready to be compared with one."""

    def __init__(self, images: Images) -> None:
        self._images = images
        self._norms: FloatArray | None = None

    def squared_distances(self, image: FloatArray) -> FloatArray:
        """(n,) of all images from an image (pixels,)."""
        flat = np.asarray(image, np.float32).ravel()
        count = len(self._images)
        products = np.empty(count, np.float32)
        norms = np.empty(count, np.float32) if self._norms is None else self._norms
        for start in range(0, count, CHUNK):
            part = slice(start, start + CHUNK)
            pixels = self._images[part]
            products[part] = pixels @ flat
            if self._norms is None:
                norms[part] = np.einsum("ij,ij->i", pixels, pixels)
        self._norms = norms
        return np.asarray(np.maximum(norms - 2 * products + np.float32(flat @ flat), 0))


def usual_distances(codes: FloatArray, candidates: IntArray) -> FloatArray:
    """How far the nearest other sample lies from each of up to REFERENCE samples, increasing.

    Args:
        codes: (n, width).
        candidates: Numbers of the samples that count.
    """
    own = codes[candidates]
    own = own[(np.abs(own) < LARGEST).all(axis=1)]
    if len(own) < 2:
        return np.zeros(0, np.float32)
    rows = chosen(len(own), REFERENCE)
    if own.shape[1] > FEW:
        found = ((own[_nearest_others(own, rows)] - own[rows]) ** 2).sum(axis=1)
    else:
        found = np.empty(len(rows), np.float32)
        for place, row in enumerate(rows.tolist()):
            distances = squared_distances(own, own[row])
            distances[row] = np.inf
            found[place] = distances.min()
    return np.asarray(np.sort(np.sqrt(found)))


def _nearest_others(codes: FloatArray, rows: IntArray) -> IntArray:
    """(k,) the row of wide codes (n, width) nearest to each of k others of them.

    By one matrix product a chunk: row by row it would take twenty times as long.
    """
    centred = codes - codes.mean(axis=0, dtype=np.float64).astype(np.float32)
    norms = np.einsum("ij,ij->i", centred, centred)
    places = np.arange(len(rows))
    others: IntArray = rows.copy()
    least = np.full(len(rows), np.inf, np.float32)
    for start in range(0, len(codes), CHUNK):
        part = slice(start, start + CHUNK)
        distances = norms[part] - 2 * centred[rows] @ centred[part].T
        own = (rows >= start) & (rows < start + CHUNK)
        distances[places[own], rows[own] - start] = np.inf
        best = distances.argmin(axis=1)
        closer = distances[places, best] < least
        least[closer] = distances[places, best][closer]
        others[closer] = start + best[closer]
    return np.asarray(others)


def percentile(usual: FloatArray, distance: float) -> float:
    """The share of `usual` distances, increasing, that are smaller; 0 to 100, NaN where none."""
    if not len(usual):
        return float("nan")
    return 100 * float(np.searchsorted(usual, distance)) / len(usual)
