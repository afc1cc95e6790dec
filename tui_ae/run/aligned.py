"""A plane turned, mirrored, stretched and moved so that its samples lie as those of another one."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from tui_ae.arrays import DoubleArray, FloatArray
from tui_ae.run.plane import Plane

LEAST = 1e-12
"""A cloud smaller than that has no shape to align."""


@dataclass(frozen=True, slots=True)
class Alignment:
    """From the points of one plane to those of another: (point - centre) @ turn * scale + goal."""

    centre: DoubleArray
    """(2,)."""
    turn: DoubleArray
    """(2, 2), orthogonal: a rotation, with a reflection or not."""
    scale: float
    goal: DoubleArray
    """(2,)."""

    def apply(self, points: npt.ArrayLike) -> DoubleArray:
        """Where points (n, 2) come to lie."""
        moved = (np.asarray(points, np.float64) - self.centre) @ self.turn * self.scale + self.goal
        return np.asarray(moved)

    def undo(self, points: npt.ArrayLike) -> DoubleArray:
        """Where they have come from."""
        back = (np.asarray(points, np.float64) - self.goal) / self.scale @ self.turn.T + self.centre
        return np.asarray(back)


def align(codes: FloatArray, goal: FloatArray) -> Alignment:
    """The alignment that brings codes (n, 2) closest to others of the same samples (n, 2).

    Source: Gower (1975), Generalized Procrustes analysis: the rotation from the singular vectors of
    the product of both, the scale from their sum.
    """
    both = np.isfinite(codes).all(axis=1) & np.isfinite(goal).all(axis=1)
    one, other = codes[both].astype(np.float64), goal[both].astype(np.float64)
    if not len(one):
        return Alignment(np.zeros(2), np.eye(2), 1.0, np.zeros(2))
    centre, target = one.mean(axis=0), other.mean(axis=0)
    one, other = one - centre, other - target
    spread = float((one**2).sum())
    if spread < LEAST or float((other**2).sum()) < LEAST:
        return Alignment(centre, np.eye(2), 1.0, target)
    left, values, right = np.linalg.svd(one.T @ other)
    return Alignment(centre, left @ right, float(values.sum()) / spread, target)


@dataclass(frozen=True, slots=True)
class AlignedPlane:
    """Another plane, seen so; it decodes and encodes as that one does."""

    plane: Plane
    alignment: Alignment
    codes: FloatArray = field(init=False)
    """See Plane."""

    def __post_init__(self) -> None:
        codes = self.alignment.apply(self.plane.codes).astype(np.float32)
        codes.setflags(write=False)
        object.__setattr__(self, "codes", codes)

    @property
    def title(self) -> str:
        """See Plane."""
        return f"{self.plane.title}, aligned"

    @property
    def axes(self) -> tuple[str, str]:
        """See Plane: the axes are none of the codes' own any more."""
        return "", ""

    @property
    def note(self) -> str:
        """See Plane."""
        return "Turned and stretched so that its samples lie as near as can be to the other run's."

    @property
    def by_network(self) -> bool:
        """See Plane."""
        return self.plane.by_network

    def place(self, codes: FloatArray) -> FloatArray:
        """See Plane."""
        return self.alignment.apply(self.plane.place(codes)).astype(np.float32)

    def outline(self, radius: float) -> FloatArray:
        """See Plane."""
        return self.alignment.apply(self.plane.outline(radius)).astype(np.float32)

    @property
    def keeps_places(self) -> bool:
        """See Plane."""
        return self.plane.keeps_places

    @property
    def snaps(self) -> bool:
        """See Plane."""
        return self.plane.snaps

    @property
    def held_out_codes(self) -> FloatArray:
        """See Plane."""
        return self.alignment.apply(self.plane.held_out_codes).astype(np.float32)

    @property
    def vectors(self) -> FloatArray:
        """See Plane."""
        return self.plane.vectors

    def vector(self, point: npt.ArrayLike) -> DoubleArray:
        """See Plane."""
        return self.plane.vector(self.alignment.undo(np.asarray(point)[None])[0])

    def vector_of(self, image: FloatArray) -> DoubleArray:
        """See Plane."""
        return self.plane.vector_of(image)

    def decode(self, points: npt.ArrayLike) -> FloatArray:
        """See Plane."""
        return self.plane.decode(self.alignment.undo(points))

    def encode(self, images: FloatArray) -> FloatArray:
        """See Plane."""
        return self.alignment.apply(self.plane.encode(images)).astype(np.float32)

    def reconstruct(self, images: FloatArray) -> FloatArray:
        """See Plane."""
        return self.plane.reconstruct(images)
