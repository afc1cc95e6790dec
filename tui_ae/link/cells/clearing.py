"""Cells that show what is over: a terminal blanks them in a few bytes, before others are painted.

A page over another, or a map over one of another plane, comes in pieces on a slow link. Between
them nobody could tell what belongs to which.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from tui_ae.link.cells.screen import GLYPH_MASK, SPACE
from tui_ae.link.grids import Cells, Flags

MAX_COST = 1.25
"""Clearing is worth it where all that is painted, itself counted, takes no more than so many times
what it would take without."""
MIN_STALE, MIN_PAGE = 0.6, 0.9
"""Of the signs of a part of the screen, and of all of it: where more of them change, the part is
another one, or the screen is."""


class Erasure(NamedTuple):
    """Cells that one sequence blanks."""

    place: int
    """The flat position of the first of them, where the cursor has to be."""
    cells: int
    sequence: str


def is_over(shown: Cells, changed: Flags, least: float = MIN_STALE) -> bool:
    """Whether more than a share of what a part of the screen shows changes, (height, width)."""
    signs = shown & GLYPH_MASK != SPACE
    return int((signs & changed).sum()) > least * int(signs.sum())


def most_common_blank(cells: Cells) -> int:
    """The code of the blank that most of `cells` are; that of the plain one where none is."""
    blanks, counts = np.unique(cells[cells & GLYPH_MASK == SPACE], return_counts=True)
    return int(blanks[counts.argmax()]) if len(blanks) else SPACE


def erasures(shown: Cells, over: Flags, blank: int) -> Iterator[Erasure]:
    """What blanks the cells that are over, row by row.

    Args:
        shown: (height, width).
        over: The same of which cells; none but these and such as are that blank are erased.
        blank: The code that erasing leaves.
    """
    height, width = shown.shape
    empty = shown == blank
    wrong, may_go = over & ~empty, over | empty
    kept = np.flatnonzero(~may_go.all(axis=1))
    below = int(kept[-1]) + 1 if len(kept) else 0
    for row in np.flatnonzero(wrong.any(axis=1)).tolist():
        if row >= below:
            yield Erasure(row * width, (height - row) * width, "\x1b[J")
            return
        # Each run reaches from a wrong cell as far as nothing has to stay.
        edges = np.flatnonzero(np.diff(may_go[row], prepend=False, append=False))
        for begin, end in edges.reshape(-1, 2).tolist():
            columns = begin + np.flatnonzero(wrong[row, begin:end])
            if not len(columns):
                continue
            first, last = int(columns[0]), int(columns[-1]) + 1
            if end == width:
                yield Erasure(row * width + first, width - first, "\x1b[K")
            else:
                yield Erasure(row * width + first, last - first, f"\x1b[{last - first}X")
