"""What the decoder makes of a plane through the codes, point by point."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tui_ae.arrays import DoubleArray, FloatArray
from tui_ae.export.greys import Greys, enlarged, sheet
from tui_ae.model.frozen import Network
from tui_ae.raster.viewport import Viewport, fit

POINTS = 20
"""Along each side."""
TIMES = 2
MOST = 100_000
"""Codes, evenly out of all, that the principal axes are taken of."""


@dataclass(frozen=True, slots=True, eq=False)
class Plane:
    """A flat piece of the space of codes (k numbers each): all of it where codes have two."""

    centre: DoubleArray
    """(k,)."""
    axes: DoubleArray
    """(2, k) orthonormal rows, from left to right and from bottom to top; (1, k) for k = 1."""
    box: Viewport
    """What of it is decoded, in steps along the axes from the centre."""

    def lattice(self) -> DoubleArray:
        """The codes (rows, columns, k) at the middles of equal cells of the box, the top first."""
        middles = (np.arange(POINTS) + 0.5) / POINTS
        across = self.box.left + (self.box.right - self.box.left) * middles
        up = self.box.bottom + (self.box.top - self.box.bottom) * middles[::-1]
        if len(self.axes) == 1:
            return np.asarray(self.centre + across[None, :, None] * self.axes[0])
        first, second = self.axes
        return np.asarray(self.centre + across[None, :, None] * first + up[:, None, None] * second)

    @property
    def words(self) -> str:
        """Where it lies, for whoever opens the picture."""
        names = ("z1", "z2") if np.array_equal(self.axes, np.eye(2)) else ("axis 1", "axis 2")
        sides = ((self.box.left, self.box.right), (self.box.bottom, self.box.top))
        directions = ("left to right", "bottom to top")
        told = zip(names, sides, directions, self.axes, strict=False)
        return "; ".join(f"{n} from {low:g} to {high:g}, {way}" for n, (low, high), way, _ in told)


def plane_of(codes: FloatArray) -> Plane:
    """The plane of codes (n, k) with k = 2; else that of their two principal axes.

    Codes that aren't finite don't count.
    """
    count = codes.shape[1]
    if count == 2:
        return Plane(np.zeros(2), np.eye(2), fit(codes))
    codes = codes[:: -(-len(codes) // MOST) or 1]
    finite = np.asarray(codes[np.isfinite(codes).all(axis=1)], np.float64)
    centre = finite.mean(axis=0) if len(finite) else np.zeros(count)
    apart = finite - centre
    _, vectors = np.linalg.eigh(apart.T @ apart)
    axes = vectors[:, ::-1].T[:2]
    # An axis and its opposite are as good; the one whose largest number is positive is taken.
    largest = np.abs(axes).argmax(axis=1)
    axes = np.ascontiguousarray(axes * np.sign(axes[np.arange(len(axes)), largest])[:, None])
    along = np.zeros((len(apart), 2))
    along[:, : len(axes)] = apart @ axes.T
    return Plane(centre, axes, fit(along))


def plane_sheet(plane: Plane, decoder: Network) -> Greys:
    """The decoder's images of the plane's lattice, side by side."""
    lattice = plane.lattice()
    rows, columns, numbers = lattice.shape
    images = decoder(lattice.reshape(rows * columns, numbers))
    return enlarged(sheet(images.reshape(rows, columns, -1), gap=0), TIMES)
