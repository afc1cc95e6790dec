"""The planes on which a map can stand: where codes lie on each, and what its points decode to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt

from tui_ae.arrays import DoubleArray, FloatArray, IntArray
from tui_ae.model.pca import Pca
from tui_ae.run.snapshot import Snapshot

SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
MOST_FITTED = 8192
"""Codes of which the principal axes of wide ones are taken: a few milliseconds."""
JITTER = 0.35
"""How far codes of one number are spread around the height of their class, of the step between."""


def axis_name(dim: int) -> str:
    """The name of one number of a code, from 0 on: 'z₁'."""
    return f"z{str(dim + 1).translate(SUBSCRIPTS)}"


OUTLINE = 720
"""Points of an outline."""


class Plane(Protocol):
    """A plane on which all samples have a place."""

    @property
    def title(self) -> str:
        """What stands over the map."""
        ...

    @property
    def axes(self) -> tuple[str, str]:
        """The names of its two axes, of up to five characters."""
        ...

    @property
    def note(self) -> str:
        """One sentence on what it shows of the codes; '' where it shows all of them."""
        ...

    @property
    def snaps(self) -> bool:
        """Whether only samples decode, for no decoder leads from the plane to images."""
        ...

    @property
    def by_network(self) -> bool:
        """Whether the network's weights decode its points; else the components of PCA do."""
        ...

    @property
    def codes(self) -> FloatArray:
        """(n, 2) where the samples lie, read-only; NaN for one that has no place yet."""
        ...

    def place(self, codes: FloatArray) -> FloatArray:
        """(k, 2) where codes (k, latent) lie; NaN where the plane is none of the codes'."""
        ...

    @property
    def held_out_codes(self) -> FloatArray:
        """(m, 2) where the held-out samples lie, in the same way."""
        ...

    @property
    def vectors(self) -> FloatArray:
        """(n, width) the samples as what lies behind the plane has them, to measure distances."""
        ...

    def vector(self, point: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """(width,) a point (2,) of the plane in the same space."""
        ...

    def vector_of(self, image: FloatArray) -> npt.NDArray[np.float64]:
        """(width,) an image (pixels,) in the same space."""
        ...

    def decode(self, points: npt.ArrayLike) -> FloatArray:
        """The images (k, pixels) at points (k, 2)."""
        ...

    def encode(self, images: FloatArray) -> FloatArray:
        """The points (k, 2) of images (k, pixels) in [0, 1]."""
        ...

    def outline(self, radius: float) -> FloatArray:
        """(k, 2) points so far from where the code of zeros lies; none where there is no such."""
        ...

    @property
    def keeps_places(self) -> bool:
        """Whether a sample's place is more than `encode` knows of its image."""
        ...

    def reconstruct(self, images: FloatArray) -> FloatArray:
        """What becomes of images (k, pixels) on the way through the plane's own bottleneck."""
        ...


@dataclass(frozen=True, slots=True)
class NetworkPlane:
    """What planes share whose points the network of a snapshot decodes; see Plane."""

    snapshot: Snapshot

    by_network = True
    snaps = False
    keeps_places = False

    @property
    def vectors(self) -> FloatArray:
        """See Plane."""
        return self.snapshot.codes

    def vector_of(self, image: FloatArray) -> npt.NDArray[np.float64]:
        """See Plane."""
        return np.asarray(self.snapshot.encoder(image[None])[0], float)

    def reconstruct(self, images: FloatArray) -> FloatArray:
        """See Plane."""
        return self.snapshot.decoder(self.snapshot.encoder(images))


@dataclass(frozen=True, slots=True)
class CodePlane(NetworkPlane):
    """Two numbers of the codes: all of them where they have two."""

    first: int = 0
    second: int = 1
    centre: DoubleArray = field(init=False)
    """(latent,) what the other numbers are at a point: their means."""

    def __post_init__(self) -> None:
        codes = self.snapshot.codes
        wide = codes.shape[1] > 2
        centre = finite_mean(codes) if wide else np.zeros(codes.shape[1])
        object.__setattr__(self, "centre", centre)

    @property
    def title(self) -> str:
        """See Plane."""
        width = self.snapshot.info.spec.latent_dim
        if width == 2:
            return "latent space"
        return f"{self.axes[0]} and {self.axes[1]} of {width} numbers"

    @property
    def axes(self) -> tuple[str, str]:
        """See Plane."""
        return axis_name(self.first), axis_name(self.second)

    @property
    def note(self) -> str:
        """See Plane."""
        width = self.snapshot.info.spec.latent_dim
        if width == 2:
            return ""
        return f"The probe holds the other {width - 2} at their means."

    def place(self, codes: FloatArray) -> FloatArray:
        """See Plane."""
        return self._two_of(codes)

    def outline(self, radius: float) -> FloatArray:
        """See Plane."""
        return circle(np.zeros(2), radius)

    @property
    def codes(self) -> FloatArray:
        """See Plane."""
        return self._two_of(self.snapshot.codes)

    @property
    def held_out_codes(self) -> FloatArray:
        """See Plane."""
        return self._two_of(self.snapshot.held_out_codes)

    def _two_of(self, codes: FloatArray) -> FloatArray:
        if codes.shape[1] == 2 and (self.first, self.second) == (0, 1):
            return codes
        return codes[:, [self.first, self.second]]

    def vector(self, point: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """See Plane."""
        code: DoubleArray = self.centre.copy()
        code[[self.first, self.second]] = np.asarray(point, float)
        return code

    def decode(self, points: npt.ArrayLike) -> FloatArray:
        """See Plane."""
        points = np.asarray(points, float)
        codes = np.tile(self.centre, (len(points), 1))
        codes[:, [self.first, self.second]] = points
        return self.snapshot.decoder(codes)

    def encode(self, images: FloatArray) -> FloatArray:
        """See Plane."""
        return self._two_of(self.snapshot.encoder(images))


@dataclass(frozen=True, slots=True)
class LinePlane(NetworkPlane):
    """Codes of one number, spread out by class so that one sees how many lie where."""

    labels: IntArray
    """(n,) class of each sample."""
    held_out_labels: IntArray
    """(m,)."""
    codes: FloatArray = field(init=False)
    """See Plane."""
    held_out_codes: FloatArray = field(init=False)
    """See Plane."""

    keeps_places = True

    def __post_init__(self) -> None:
        for name, codes, labels in (
            ("codes", self.snapshot.codes, self.labels),
            ("held_out_codes", self.snapshot.held_out_codes, self.held_out_labels),
        ):
            # The same for a sample in every frame: a golden ratio's multiples fill evenly.
            spread = (np.arange(len(codes)) * 0.618034) % 1.0 - 0.5
            height = labels + 2 * JITTER * spread
            placed = np.stack([codes[:, 0], height], axis=1).astype(np.float32)
            placed.setflags(write=False)
            object.__setattr__(self, name, placed)

    @property
    def title(self) -> str:
        """See Plane."""
        return "latent line, by class"

    @property
    def axes(self) -> tuple[str, str]:
        """See Plane."""
        return axis_name(0), "class"

    @property
    def note(self) -> str:
        """See Plane."""
        return "One number, left to right; the height only parts classes."

    def place(self, codes: FloatArray) -> FloatArray:
        """See Plane."""
        return np.stack([codes[:, 0], np.full(len(codes), -1.0, np.float32)], axis=1)

    def outline(self, radius: float) -> FloatArray:
        """See Plane."""
        upright = np.linspace(-1.0, float(self.labels.max(initial=0)) + 1.0, OUTLINE // 2)
        sides = [np.stack([np.full_like(upright, x), upright], axis=1) for x in (-radius, radius)]
        return np.concatenate(sides).astype(np.float32)

    def vector(self, point: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """See Plane."""
        return np.asarray(point, float)[:1]

    def decode(self, points: npt.ArrayLike) -> FloatArray:
        """See Plane."""
        return self.snapshot.decoder(np.asarray(points, float)[:, :1])

    def encode(self, images: FloatArray) -> FloatArray:
        """See Plane."""
        return self.place(self.snapshot.encoder(images))


@dataclass(frozen=True, slots=True)
class PrincipalPlane(NetworkPlane):
    """The two directions in which wide codes spread most, through their mean."""

    pca: Pca
    """Of the codes, two axes."""
    share: float
    """The part of all variance that the plane holds, 0 to 1."""
    codes: FloatArray = field(init=False)
    """See Plane."""

    def __post_init__(self) -> None:
        codes = self.pca.encode(self.snapshot.codes)
        codes.setflags(write=False)
        object.__setattr__(self, "codes", codes)

    @property
    def title(self) -> str:
        """See Plane."""
        return f"PCA of {self.snapshot.info.spec.latent_dim} numbers"

    @property
    def axes(self) -> tuple[str, str]:
        """See Plane."""
        return "p₁", "p₂"

    @property
    def note(self) -> str:
        """See Plane."""
        return f"This plane holds {self.share:.0%} of the variance; the probe decodes it."

    def place(self, codes: FloatArray) -> FloatArray:
        """See Plane."""
        return self.pca.encode(codes)

    def outline(self, radius: float) -> FloatArray:
        """See Plane."""
        return circle(self.pca.encode(np.zeros((1, len(self.pca.mean))))[0], radius)

    @property
    def held_out_codes(self) -> FloatArray:
        """See Plane."""
        return self.pca.encode(self.snapshot.held_out_codes)

    def vector(self, point: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """See Plane."""
        return np.asarray(self.pca.decode(np.asarray(point, float)[None])[0], float)

    def decode(self, points: npt.ArrayLike) -> FloatArray:
        """See Plane."""
        return self.snapshot.decoder(self.pca.decode(points))

    def encode(self, images: FloatArray) -> FloatArray:
        """See Plane."""
        return self.pca.encode(self.snapshot.encoder(images))


@dataclass(frozen=True, slots=True)
class PixelPlane:
    """The first two principal components of the images themselves: no network at all."""

    pca: Pca
    """Of the images, two axes."""
    codes: FloatArray
    """See Plane."""
    held_out_codes: FloatArray
    """See Plane."""

    by_network = False
    snaps = False
    keeps_places = False

    @property
    def title(self) -> str:
        """See Plane."""
        return "PCA of the pixels"

    @property
    def axes(self) -> tuple[str, str]:
        """See Plane."""
        return "pc₁", "pc₂"

    @property
    def note(self) -> str:
        """See Plane."""
        return "Reconstruction and probe are PCA's here, not the network's."

    def place(self, codes: FloatArray) -> FloatArray:
        """See Plane."""
        return np.full((len(codes), 2), np.nan, np.float32)

    def outline(self, radius: float) -> FloatArray:
        """See Plane."""
        return NOTHING

    @property
    def vectors(self) -> FloatArray:
        """See Plane."""
        return self.codes

    def vector(self, point: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """See Plane."""
        return np.asarray(point, float)

    def vector_of(self, image: FloatArray) -> npt.NDArray[np.float64]:
        """See Plane."""
        return np.asarray(self.pca.encode(image[None])[0], float)

    def decode(self, points: npt.ArrayLike) -> FloatArray:
        """See Plane."""
        return self.pca.decode(points)

    def encode(self, images: FloatArray) -> FloatArray:
        """See Plane."""
        return self.pca.encode(images)

    def reconstruct(self, images: FloatArray) -> FloatArray:
        """See Plane."""
        return self.pca.decode(self.pca.encode(images))


@dataclass(frozen=True, slots=True)
class LayoutPlane(NetworkPlane):
    """A picture that was made of codes or pixels afterwards, by t-SNE or UMAP."""

    name: str
    """Of what and how: 't-SNE of the codes'."""
    codes: FloatArray
    """See Plane."""
    held_out_codes: FloatArray
    """See Plane."""
    images: Images
    """Those of the samples, (n, pixels)."""

    keeps_places = True
    snaps = True

    @property
    def title(self) -> str:
        """See Plane."""
        return self.name

    @property
    def axes(self) -> tuple[str, str]:
        """See Plane."""
        return "", ""

    @property
    def note(self) -> str:
        """See Plane."""
        return "Made after the encoder: the probe shows the nearest sample."

    def place(self, codes: FloatArray) -> FloatArray:
        """See Plane."""
        return np.full((len(codes), 2), np.nan, np.float32)

    def outline(self, radius: float) -> FloatArray:
        """See Plane."""
        return NOTHING

    def nearest(self, points: npt.ArrayLike) -> IntArray:
        """(k,) the samples that lie nearest to points (k, 2)."""
        return _nearest_rows(self.codes, np.asarray(points, float))

    def vector(self, point: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """See Plane."""
        at = int(self.nearest(np.asarray(point)[None])[0])
        return np.asarray(self.snapshot.codes[at], np.float64)

    def decode(self, points: npt.ArrayLike) -> FloatArray:
        """See Plane."""
        return self.snapshot.decoder(self.snapshot.codes[self.nearest(points)])

    def encode(self, images: FloatArray) -> FloatArray:
        """See Plane: the place of the sample whose code is nearest."""
        codes = self.snapshot.encoder(images)
        return self.codes[_nearest_rows(self.snapshot.codes, codes)]


class Images(Protocol):
    """Rows of pixels, (k, pixels) float32 in [0, 1], that are read in parts."""

    def __len__(self) -> int: ...

    def __getitem__(self, rows: slice | IntArray, /) -> FloatArray: ...


def _nearest_rows(rows: FloatArray, targets: npt.NDArray[np.floating]) -> IntArray:
    """(k,) which of rows (n, width) lie nearest to targets (k, width); 0 where none is finite."""
    chosen = np.zeros(len(targets), np.int64)
    with np.errstate(invalid="ignore", over="ignore"):
        for place, target in enumerate(targets):
            distances = ((rows - target) ** 2).sum(axis=1)
            chosen[place] = np.where(np.isfinite(distances), distances, np.inf).argmin()
    return chosen


def circle(centre: npt.NDArray[np.floating], radius: float) -> FloatArray:
    """(OUTLINE, 2) points around a centre (2,)."""
    turn = np.linspace(0.0, 2 * np.pi, OUTLINE)
    around = radius * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    return np.asarray(centre + around, np.float32)


NOTHING = np.empty((0, 2), np.float32)
"""The outline where there is none."""


def finite_mean(codes: FloatArray) -> DoubleArray:
    """(latent,) the mean of the finite rows of codes (n, latent); zeros where there are none."""
    finite = codes[np.isfinite(codes).all(axis=1)]
    if not len(finite):
        return np.zeros(codes.shape[1])
    return np.asarray(finite.mean(axis=0, dtype=np.float64))


def principal_plane(snapshot: Snapshot, before: PrincipalPlane | None = None) -> PrincipalPlane:
    """The principal plane of a snapshot's codes, turned so that it looks like the one before.

    Args:
        snapshot: With codes of two numbers or more.
        before: What was shown; its axes may be those of another moment.
    """
    codes = snapshot.codes
    finite = codes[np.isfinite(codes).all(axis=1)].astype(np.float64)
    if len(finite) > MOST_FITTED:
        finite = finite[np.arange(MOST_FITTED) * len(finite) // MOST_FITTED]
    width = codes.shape[1]
    mean = finite.mean(axis=0) if len(finite) else np.zeros(width)
    covariance = (finite - mean).T @ (finite - mean) if len(finite) else np.zeros((width, width))
    if not np.isfinite(covariance).all():
        covariance = np.zeros((width, width))
    values, vectors = np.linalg.eigh(covariance)
    axes = vectors[:, ::-1].T[:2]
    total = float(values.sum())
    share = float(values[-2:].sum()) / total if total > 0 else 1.0
    if before is not None and before.pca.axes.shape == axes.shape:
        # The rotation, or reflection, that brings the new axes closest to the old ones.
        left, _, right = np.linalg.svd(before.pca.axes @ axes.T)
        axes = left @ right @ axes
    axes = np.ascontiguousarray(axes)
    for array in (mean, axes):
        array.setflags(write=False)
    return PrincipalPlane(snapshot, Pca(mean, axes), share)
