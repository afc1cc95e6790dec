"""What training makes small, in NumPy, for single samples and for baselines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tui_ae.arrays import DoubleArray
from tui_ae.model.spec import ObjectiveName

CLAMP = 1e-7
"""Probabilities stay this far from 0 and 1, so that no pixel costs more than 16.1 nats."""


def bce(images: npt.ArrayLike, probabilities: npt.ArrayLike) -> DoubleArray:
    """The mean binary cross-entropy of each row, in nats a pixel.

    Args:
        images: (n, pixels) in [0, 1].
        probabilities: (n, pixels) or (pixels,), clamped to [1e-7, 1 - 1e-7].

    Returns:
        (n,) float64.
    """
    p = np.clip(np.asarray(probabilities, np.float64), CLAMP, 1 - CLAMP)
    x = np.asarray(images, np.float64)
    return np.asarray(-(x * np.log(p) + (1 - x) * np.log1p(-p)).mean(axis=1))


def mse(images: npt.ArrayLike, predictions: npt.ArrayLike) -> DoubleArray:
    """The mean squared error of each row, a pixel.

    Args:
        images: (n, pixels) in [0, 1].
        predictions: (n, pixels) or (pixels,) of any size.

    Returns:
        (n,) float64.
    """
    errors = np.asarray(images, np.float64) - np.asarray(predictions, np.float64)
    return np.asarray(np.square(errors).mean(axis=1))


@dataclass(frozen=True, slots=True)
class Objective:
    """A loss between images and their reconstructions."""

    name: ObjectiveName
    title: str
    """As readouts print it."""
    words: str
    unit: str
    rows: Callable[[npt.ArrayLike, npt.ArrayLike], DoubleArray]
    """The loss of each image (n, pixels) with its prediction (n, pixels) or (pixels,): (n,)."""

    @property
    def equation(self) -> str:
        """What it is of, as pictures of the network print it."""
        return f"loss = {self.title}(input, reconstruction)"


OBJECTIVES: dict[ObjectiveName, Objective] = {
    "bce": Objective("bce", "BCE", "binary cross-entropy", "nats per pixel", bce),
    "mse": Objective("mse", "MSE", "mean squared error", "squared grey per pixel", mse),
}
