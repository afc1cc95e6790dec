"""The pixels of a data set, read in parts: out of memory, or out of files too large for it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import SupportsIndex

import numpy as np

from tui_ae.arrays import FloatArray, IntArray
from tui_ae.data.arrays import PIXELS, RawArray
from tui_ae.data.values import UNCHANGED, Scaling

MEAN_BLOCKS, MEAN_BLOCK = 64, 256
"""Stretches of images, and images in each, that the mean of a larger set is taken of."""


@dataclass(frozen=True, slots=True, eq=False)
class Images:
    """All images of a data set, each a row of 784 pixels in [0, 1].

    `images[index]` reads float32: (784,) for a number, (k, 784) for a slice or for an int64 array
    of k numbers, in its order. Numbers and slices of what `array` holds are read-only views of
    it; all else is a copy.
    """

    array: FloatArray | None
    """(n, 784) float32, C-contiguous, read-only; None where images stay as they are stored."""
    stored: tuple[RawArray, ...] = ()
    """Images as stored, one part behind the other, where `array` is None: (k, 784) of any type."""
    scaling: Scaling = UNCHANGED
    """What makes pixels in [0, 1] of stored values."""
    chosen: IntArray | None = None
    """(n,) int64: which of the stored images these are; None for all of them."""
    _ends: IntArray = field(init=False, repr=False)
    """(parts,) how many images lie in all parts up to the end of each."""

    def __post_init__(self) -> None:
        if self.array is not None:
            # PyTorch is given the address of these pixels, and reads as many as it expects.
            if self.array.dtype != np.float32 or not self.array.flags.c_contiguous:
                raise ValueError("images held in memory are C-contiguous float32")
            own = self.array.view()
            own.flags.writeable = False
            object.__setattr__(self, "array", own)
        ends = np.cumsum([len(part) for part in self.stored], dtype=np.int64)
        object.__setattr__(self, "_ends", ends)

    @classmethod
    def as_stored(cls, parts: tuple[RawArray, ...], scaling: Scaling) -> Images:
        """Images that are scaled when they are read, such as those of mapped files.

        Args:
            parts: (k, 28, 28) of any type of number, memory-mapped or not.
            scaling: the map to [0, 1] for all parts.
        """
        # A mapped array that indexing has to wrap anew would cost more than the rows.
        plain = tuple(part.view(np.ndarray).reshape(len(part), PIXELS) for part in parts)
        return cls(None, plain, scaling)

    @classmethod
    def unknown(cls, count: int) -> Images:
        """So many images of which nobody knows a pixel: all are NaN.

        Zeros that nobody writes to take no memory before they are read.
        """
        return cls.as_stored((np.zeros((count, PIXELS), np.uint8),), Scaling(0.0, math.nan, None))

    def take(self, rows: slice | IntArray) -> Images:
        """Some of these images, in the order of `rows`; those that memory holds as a copy.

        Only a slice of images in memory shares theirs.
        """
        if self.array is not None:
            return Images(self.array[rows])
        chosen = np.arange(len(self)) if self.chosen is None else self.chosen
        return replace(self, chosen=chosen[rows])

    def __len__(self) -> int:
        if self.chosen is not None:
            return len(self.chosen)
        return len(self.array) if self.array is not None else int(self._ends[-1])

    def __getitem__(self, index: SupportsIndex | slice | IntArray) -> FloatArray:
        if self.array is not None:
            read: FloatArray = self.array[index]
            return read
        if isinstance(index, slice):
            return self._rows(np.arange(*index.indices(len(self))))
        if isinstance(index, np.ndarray) and index.ndim == 1:
            return self._rows(np.flatnonzero(index) if index.dtype == np.bool_ else index)
        row: FloatArray = self._rows(np.array([index.__index__()]))[0]
        return row

    def _rows(self, rows: IntArray) -> FloatArray:
        """Copies of the rows with these numbers, (k, 784)."""
        count = len(self)
        if len(rows) and not (-count <= rows.min() and rows.max() < count):
            raise IndexError(f"there are {count:,} images")
        rows = np.where(rows < 0, rows + count, rows)
        if self.chosen is not None:
            rows = self.chosen[rows]
        pixels = np.empty((len(rows), PIXELS), np.float32)
        if len(self.stored) == 1:
            self.scaling.apply(self.stored[0].take(rows, axis=0), pixels)
            return pixels
        part_of = np.searchsorted(self._ends, rows, side="right")
        for place, part in enumerate(self.stored):
            chosen = np.flatnonzero(part_of == place)
            own = np.empty((len(chosen), PIXELS), np.float32)
            first = self._ends[place] - len(part)
            self.scaling.apply(part.take(rows[chosen] - first, axis=0), own)
            pixels[chosen] = own
        return pixels

    def mean(self) -> float:
        """The mean pixel; of many images, that of 16,384 in stretches spread over all of them."""
        if len(self) <= MEAN_BLOCKS * MEAN_BLOCK:
            return float(self[:].mean())
        starts = np.linspace(0, len(self) - MEAN_BLOCK, MEAN_BLOCKS).astype(np.int64)
        blocks = (self[start : start + MEAN_BLOCK] for start in starts.tolist())
        return float(np.mean([block.mean() for block in blocks]))
