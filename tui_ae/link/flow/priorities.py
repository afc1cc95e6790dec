"""Which parts of the screen go first, and which go together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tui_ae.link.grids import Flags

DEFAULT_PRIORITY = 1
LAST_PRIORITY = 3
"""For a large part of which nearly every cell changes at once. Even when a key caused that it
follows at the background's pace, so that the next key does not wait behind it."""


class Region(NamedTuple):
    """A rectangle of cells."""

    x: int
    y: int
    width: int
    height: int
    priority: int
    """0 goes first, 3 last."""
    unit: str = ""
    """What it belongs to: regions of one unit are brought up to date together; '' for none."""


class Priorities:
    """The priority, the rank and the unit of each cell; what no region covers has priority 1.

    Among those of one priority the smaller go first: a line of text ahead of a picture. A unit
    goes by what its regions take together, one after the other in their order.
    """

    def __init__(self, width: int, height: int, regions: Sequence[Region] = ()) -> None:
        self.regions = [Region(*region) for region in regions]
        shape = (height, width)
        names = sorted({region.unit for region in self.regions} - {""})
        self._units = len(names)
        sizes = dict.fromkeys(names, 0)
        for region in self.regions:
            if region.unit:
                sizes[region.unit] += region.width * region.height
        keys = []
        for order, region in enumerate(self.regions):
            size = sizes.get(region.unit, region.width * region.height)
            keys.append((region.priority, size, region.unit, order if region.unit else 0))
        last = (DEFAULT_PRIORITY + 1, 0, "", 0)
        ranks = {key: rank for rank, key in enumerate(sorted({*keys, last}))}
        self.priority: npt.NDArray[np.int64] = np.full(shape, DEFAULT_PRIORITY, np.int64)
        self.rank: npt.NDArray[np.int64] = np.full(shape, ranks[last], np.int64)
        self.unit: npt.NDArray[np.int64] = np.zeros(shape, np.int64)
        """The number of the unit that a cell belongs to, 0 for none."""
        self.outside: Flags = np.ones(shape, bool)
        """Which cells no region covers."""
        parts: list[tuple[int, tuple[slice, slice]]] = []
        for region, key in zip(self.regions, keys, strict=True):
            x, y, columns, rows, *_ = region
            part = np.s_[max(y, 0) : max(y + rows, 0), max(x, 0) : max(x + columns, 0)]
            if not region.unit:
                parts.append((rows * columns, part))
            self.outside[part] = False
            self.priority[part] = region.priority
            self.rank[part] = ranks[key]
            self.unit[part] = names.index(region.unit) + 1 if region.unit else 0
        ordered = sorted(parts, key=lambda one: -one[0])
        self.parts = [part for _, part in ordered] if self.regions else [np.s_[:, :]]
        """Rows and columns of each region that may come in pieces, the largest first; all of the
        screen where there are no regions."""

    def with_units(self, cells: Flags, changed: Flags) -> Flags:
        """`cells` and all that changed of the units that they belong to."""
        belongs = np.zeros(self._units + 1, bool)
        belongs[self.unit[cells]] = True
        belongs[0] = False
        return cells | (changed & belongs[self.unit])

    def resized(self, width: int, height: int) -> Priorities:
        """The same regions on another screen."""
        return Priorities(width, height, self.regions)
