"""The first principal components of the images: what the best linear autoencoder finds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tui_ae.arrays import DoubleArray, FloatArray
from tui_ae.model.frozen import FrozenNetwork


@dataclass(frozen=True, slots=True, eq=False)
class Pca:
    """A flat subspace through the mean image, with axes at right angles in it."""

    mean: DoubleArray
    """(pixels,), read-only."""
    axes: DoubleArray
    """(k, pixels) orthonormal rows, read-only; those of larger variance first."""

    def first(self, count: int) -> Pca:
        """The first `count` of these axes."""
        return Pca(self.mean, self.axes[:count])

    def encode(self, images: npt.ArrayLike) -> FloatArray:
        """The codes (n, k) of images (n, pixels): where they stand along the axes."""
        # A code that is no number, or too large for one, is none afterwards either.
        with np.errstate(invalid="ignore", over="ignore"):
            return np.asarray((np.asarray(images) - self.mean) @ self.axes.T, np.float32)

    def decode(self, codes: npt.ArrayLike) -> FloatArray:
        """The images (n, pixels) at codes (n, k); some pixels may leave [0, 1]."""
        with np.errstate(invalid="ignore", over="ignore"):
            return np.asarray(self.mean + np.asarray(codes) @ self.axes, np.float32)


def decoder_axes(decoder: FrozenNetwork) -> DoubleArray:
    """What spans the images that a decoder without activations can give: (latent, pixels)."""
    axes = np.asarray(decoder.weights[0], np.float64)
    for weight in decoder.weights[1:]:
        axes = axes @ weight
    return axes


def principal_angles(axes: npt.ArrayLike, others: npt.ArrayLike) -> DoubleArray:
    """The angles between two subspaces in degrees, the largest first; NaN where one is degenerate.

    Source: Knyazev and Argentati (2002), Principal angles between subspaces in an A-based scalar
    product: small angles are taken from their sines, for the cosine of one tells little.

    Args:
        axes: (k, pixels), rows that span the one.
        others: (m, pixels), rows that span the other.

    Returns:
        (min(k, m),) float64, from 90 to 0.
    """
    one, other = (np.asarray(rows, np.float64) for rows in (axes, others))
    if len(one) > len(other):
        one, other = other, one
    if not (np.isfinite(one).all() and np.isfinite(other).all()):
        return np.full(len(one), np.nan)
    if any(np.linalg.matrix_rank(rows) < len(rows) for rows in (one, other)):
        return np.full(len(one), np.nan)
    # Orthonormal columns of the same span.
    one, other = (np.linalg.qr(rows.T)[0] for rows in (one, other))
    cosines = np.linalg.svd(other.T @ one, compute_uv=False)
    outside = one - other @ (other.T @ one)
    sines = np.linalg.svd(outside, compute_uv=False)[::-1]
    angles = np.where(cosines**2 >= 0.5, np.arcsin(sines.clip(0, 1)), np.arccos(cosines.clip(0, 1)))
    return np.asarray(np.degrees(angles)[::-1])
