"""A NumPy copy of the weights that the screen can run in the middle of a training step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from tui_ae.arrays import FloatArray


def sigmoid(logits: FloatArray) -> FloatArray:
    """The logistic function, without overflow for logits of any size."""
    return np.asarray(0.5 * (np.tanh(0.5 * logits) + 1.0), dtype=np.float32)


class Network(Protocol):
    """One half of an autoencoder at one moment: images to codes, or codes to images."""

    def __call__(self, inputs: npt.ArrayLike) -> FloatArray:
        """(n, numbers in) to (n, numbers out) float32; images are in [0, 1]."""
        ...


@dataclass(frozen=True, slots=True)
class FrozenNetwork:
    """Dense layers with ReLU between them: one half of the autoencoder at one moment."""

    weights: tuple[FloatArray, ...]
    """(units in, units out) float32 each, read-only."""
    biases: tuple[FloatArray, ...]
    """(units out,) float32 each, read-only."""
    sigmoid_output: bool
    """Whether a sigmoid makes pixels of what the last layer gives."""
    relu: bool = True
    """Whether there is a ReLU between layers."""

    @property
    def nbytes(self) -> int:
        """What the weights and biases take."""
        return sum(array.nbytes for array in (*self.weights, *self.biases))

    def __call__(self, inputs: npt.ArrayLike) -> FloatArray:
        """Run (n, units in) through the layers: (n, units out) float32."""
        last = len(self.weights) - 1
        # A run that failed is looked at too: what comes of its weights may be no number.
        with np.errstate(invalid="ignore", over="ignore"):
            hidden = np.asarray(inputs, dtype=np.float32)
            for index, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
                hidden = hidden @ weight + bias
                if self.relu and index < last:
                    hidden = np.maximum(hidden, 0.0, out=hidden)
            return sigmoid(hidden) if self.sigmoid_output else hidden
