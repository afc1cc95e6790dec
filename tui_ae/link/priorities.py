"""Which parts of the screen go first."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Region = tuple[int, int, int, int, int]
"""x, y, width, height, priority; 0 goes first, 3 last."""

DEFAULT_PRIORITY = 1
LAST_PRIORITY = 3
"""The scatter's: nearly every cell of it changes at once, so even when a key caused that it follows
at the background's pace, and the next key does not wait behind it."""
RANK_SHIFT = 20


class Priorities:
    """The priority and the rank of each cell; what no region covers has priority 1.

    Among regions of one priority the smaller go first: a line of text ahead of a picture.
    """

    def __init__(self, width: int, height: int, regions: Sequence[Region] = ()) -> None:
        self.regions = list(regions)
        shape = (height, width)
        self.priority: npt.NDArray[np.int64] = np.full(shape, DEFAULT_PRIORITY, np.int64)
        self.rank: npt.NDArray[np.int64] = np.full(
            shape, (DEFAULT_PRIORITY + 1) << RANK_SHIFT, np.int64
        )
        for x, y, columns, rows, priority in self.regions:
            part = np.s_[max(y, 0) : max(y + rows, 0), max(x, 0) : max(x + columns, 0)]
            area = min(columns * rows, (1 << RANK_SHIFT) - 1)
            self.priority[part] = priority
            self.rank[part] = (priority << RANK_SHIFT) + area

    def resized(self, width: int, height: int) -> Priorities:
        """The same regions on another screen."""
        return Priorities(width, height, self.regions)
