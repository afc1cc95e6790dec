"""A plane as a lattice of decoded images, each with a frame that tells whose part of it that is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tui_ae.arrays import DoubleArray, FloatArray, IntArray
from tui_ae.raster.grid import DEFAULT, SPACE, CellGrid
from tui_ae.raster.image import overlaps
from tui_ae.raster.viewport import Viewport

ACROSS, DOWN = 8, 6
"""Tiles that there are to be, where they needn't get too small for it."""
SMALLEST, LARGEST = 8, 28
"""Cells of a tile from left to right, its frame not counted: an image of 8 x 8 pixels can just be
told, and one of 28 x 28 shows all there is."""
NEAR = 0.75
"""A sample is near where it lies within so many tiles of the middle of one."""
DIM = 0.4
"""How bright an image is where no sample is near."""
FRAME, ASCII_FRAME, ASCII_FAINT = ord("▌"), ord("|"), ord(":")


@dataclass(frozen=True, slots=True)
class Lattice:
    """Where tiles stand in height x width cells."""

    height: int
    width: int
    side: int
    """Cells of an image from left to right; half as many from top to bottom."""

    @property
    def columns(self) -> int:
        """Tiles side by side."""
        return self.width // (self.side + 1)

    @property
    def rows(self) -> int:
        """Tiles one below the other."""
        return self.height // (self.side // 2)

    @property
    def left(self) -> int:
        """Cells left of the first tile's frame."""
        return (self.width - self.columns * (self.side + 1)) // 2

    @property
    def top(self) -> int:
        """Cells above the first tile."""
        return (self.height - self.rows * (self.side // 2)) // 2

    def corners(self) -> tuple[IntArray, IntArray]:
        """Column of the frame and upper row of each tile, (rows * columns,), row by row."""
        column = self.left + np.arange(self.columns) * (self.side + 1)
        row = self.top + np.arange(self.rows) * (self.side // 2)
        rows, columns = np.meshgrid(row, column, indexing="ij")
        return columns.ravel(), rows.ravel()

    def centres(self, box: Viewport) -> DoubleArray:
        """(rows * columns, 2) the points of the plane in the middle of the tiles."""
        column, row = self.corners()
        across = (column + 1 + self.side / 2) / self.width
        down = (row + self.side / 4) / self.height
        z1 = box.left + across * (box.right - box.left)
        z2 = box.top - down * (box.top - box.bottom)
        return np.stack([z1, z2], axis=1)

    def spacing(self, box: Viewport) -> tuple[float, float]:
        """(z1, z2) from the middle of a tile to that of the next."""
        return (
            (self.side + 1) / self.width * (box.right - box.left),
            (self.side / 2) / self.height * (box.top - box.bottom),
        )


def lattice(height: int, width: int) -> Lattice:
    """The lattice for height x width cells; without a tile where there is no room for one."""
    side = min(width // ACROSS - 1, 2 * (height // DOWN))
    side = min(max(side - side % 2, SMALLEST), LARGEST)
    return Lattice(max(height, 0), max(width, 0), side)


def nearest(
    centres: DoubleArray, spacing: tuple[float, float], codes: FloatArray
) -> tuple[IntArray, npt.NDArray[np.bool_]]:
    """The sample next to each tile, and whether it is near.

    Args:
        centres: (tiles, 2).
        spacing: From tile to tile; distances are measured in it.
        codes: (n, 2) where samples lie; those that are not finite are nobody's neighbours.

    Returns:
        (tiles,) numbers of samples, -1 where there is none; (tiles,) bool.
    """
    scale = np.array(spacing)
    finite = np.flatnonzero(np.isfinite(codes).all(axis=1))
    if not len(finite):
        return np.full(len(centres), -1), np.zeros(len(centres), bool)
    placed = (codes[finite] / scale).astype(np.float32)
    numbers, distances = [], []
    for centre in (centres / scale).astype(np.float32):
        square = (placed[:, 0] - centre[0]) ** 2 + (placed[:, 1] - centre[1]) ** 2
        at = int(square.argmin())
        numbers.append(int(finite[at]))
        distances.append(float(square[at]))
    return np.array(numbers, np.int64), np.array(distances) <= NEAR**2


def mosaic(
    images: FloatArray, place: Lattice, near: npt.NDArray[np.bool_], fine: int
) -> FloatArray:
    """The images as one, black between them.

    Args:
        images: (tiles, 28, 28) in [0, 1].
        place: Where they stand.
        near: (tiles,) which are drawn in full.
        fine: Pixels in a cell from left to right: 1 for half blocks, 2 for braille.

    Returns:
        (2 * fine * height, fine * width): two pixels below each other for one beside it.
    """
    side = place.side * fine
    # A row less than there is room for: images that fill their frame would run into each other.
    tall = side - fine
    picture = np.zeros((2 * fine * place.height, fine * place.width), np.float32)
    across = overlaps(images.shape[1], side).astype(np.float32)
    down = overlaps(images.shape[1], tall).astype(np.float32)
    small = np.clip(down @ np.nan_to_num(images) @ across.T, 0, 1)
    small *= np.where(near, 1.0, DIM).astype(np.float32)[:, None, None]
    for tile, column, row in zip(small, *(at.tolist() for at in place.corners()), strict=True):
        top, left = 2 * fine * row, fine * (column + 1)
        picture[top : top + tall, left : left + side] = tile
    return picture


def frame(
    grid: CellGrid,
    place: Lattice,
    tints: IntArray,
    signs: str,
    *,
    ascii: bool = False,  # noqa: A002 - the word for it
) -> CellGrid:
    """Draw the frame of each tile, in place: a line at its left.

    Args:
        grid: Of the lattice's size.
        place: Where the tiles stand.
        tints: (tiles,) 0xRRGGBB, or DEFAULT where no sample is near.
        signs: For each tile the character of its class where colours can't tell, else a space.
        ascii: Draw in ASCII.
    """
    tall = place.side // 2
    columns, rows = place.corners()
    for column, row, tint, sign in zip(
        columns.tolist(), rows.tolist(), tints.tolist(), signs, strict=True
    ):
        part = slice(row, row + tall)
        near = tint != DEFAULT or sign != " "
        line = (ASCII_FRAME if near else ASCII_FAINT) if ascii else FRAME
        grid.glyphs[part, column] = line if near or ascii else SPACE
        grid.foreground[part, column] = tint
        if sign != " ":
            grid.glyphs[row, column] = ord(sign)
    return grid
