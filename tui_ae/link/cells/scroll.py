"""Rows that have moved up or down together: a terminal moves them by itself, in a few bytes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from tui_ae.link.cells.screen import GLYPH_MASK, SPACE
from tui_ae.link.grids import Cells, Flags

MAX_ROWS = 12
"""Rows that have moved farther are painted: hardly any of them would still be on the screen."""
MIN_WRONG_ROWS = 3
"""Where fewer rows differ, painting them takes about as little as moving them."""
MIN_MOVED_ROWS = 2
"""So many rows have to be found elsewhere, whole, for a scroll to be thought of."""
MAX_SPOILT = 0.125
"""Signs that were right and move away, for each cell that comes right. Beside a page its bar moves
in places; but rows that stand right are not given up for others, which may be less urgent."""
NO_MARGINS = "\x1b[r"
"""Moves the cursor too."""
INDEX, REVERSE_INDEX = "\v", "\x1bM"
"""At a margin they move the rows between the margins by one. Every terminal knows these, while the
Linux console lacks SU and SD; see `moves.py` for why the line feed is a vertical tab."""


@dataclass(frozen=True, slots=True)
class Scroll:
    """Rows between two margins whose content moves."""

    top: int
    """The first of them, from 0."""
    bottom: int
    """The row behind the last of them; there are two at least."""
    rows: int
    """How far the content moves up, or down where it is negative; less than there are rows."""

    @property
    def fresh(self) -> slice:
        """The rows that come in, blank."""
        if self.rows > 0:
            return slice(self.bottom - self.rows, self.bottom)
        return slice(self.top, self.top - self.rows)

    def sequence(self) -> str:
        """Sets the margins (DECSTBM), moves, and takes the margins away again.

        Afterwards the cursor is anywhere: terminals do not agree on where margins put it.
        """
        if self.rows > 0:
            moves = f"\x1b[{self.bottom}H{INDEX * self.rows}"
        else:
            moves = f"\x1b[{self.top + 1}H{REVERSE_INDEX * -self.rows}"
        return f"\x1b[{self.top + 1};{self.bottom}r{moves}{NO_MARGINS}"

    def move(self, cells: Cells, blank: int) -> None:
        """Do to cells (height, width) what the sequence does to a terminal."""
        band = cells[self.top : self.bottom]
        if self.rows > 0:
            band[: -self.rows] = band[self.rows :].copy()
        else:
            band[-self.rows :] = band[: self.rows].copy()
        cells[self.fresh] = blank


def find_scroll(shown: Cells, wanted: Cells) -> Scroll | None:
    """The scroll that brings `shown` nearest to `wanted`, both (height, width); None for none.

    Whether it pays in bytes is for the encoder to see.
    """
    right: Flags = wanted == shown
    wrong_rows = np.flatnonzero(~right.all(axis=1)).tolist()
    if len(wrong_rows) < MIN_WRONG_ROWS:
        return None
    found_at: dict[bytes, list[int]] = {}
    for row, line in enumerate(shown):
        found_at.setdefault(line.tobytes(), []).append(row)
    votes = Counter(
        old - row
        for row in wrong_rows
        for old in found_at.get(wanted[row].tobytes(), ())
        if abs(old - row) <= MAX_ROWS
    )
    if not votes:
        return None
    rows, count = votes.most_common(1)[0]
    scroll = _widest(shown, wanted, right, rows) if count >= MIN_MOVED_ROWS else None
    if scroll is None:
        return None
    moved = shown.copy()
    scroll.move(moved, SPACE)
    right_then = moved == wanted
    spoilt = (right & ~right_then & (wanted & GLYPH_MASK != SPACE)).sum()
    return scroll if spoilt <= MAX_SPOILT * (right_then & ~right).sum() else None


def _widest(shown: Cells, wanted: Cells, right: Flags, rows: int) -> Scroll | None:
    """The margins between which moving by `rows` makes the most cells right that were wrong."""
    far, right_now = abs(rows), right.sum(axis=1)
    if rows > 0:
        gains = (wanted[:-far] == shown[far:]).sum(axis=1) - right_now[:-far]
    else:
        gains = (wanted[far:] == shown[:-far]).sum(axis=1) - right_now[far:]
    # What is gained up to each row, and what is lost of the rows that come in blank there.
    gained = np.concatenate([[0], np.cumsum(gains)])
    text = np.concatenate([[0], np.cumsum((right & (wanted & GLYPH_MASK != SPACE)).sum(axis=1))])
    lost = text[far:] - text[:-far]
    from_begin, to_end = (gained, gained - lost) if rows > 0 else (gained + lost, gained)
    totals = to_end - np.minimum.accumulate(from_begin)
    end = int(totals.argmax())
    if totals[end] <= 0:
        return None
    # Of equally good beginnings the last: rows that gain nothing are left alone.
    begin = end - int(from_begin[: end + 1][::-1].argmin())
    return Scroll(begin, end + far, rows)
