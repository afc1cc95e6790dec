"""The shortest ways of the cursor from one cell to another."""

from __future__ import annotations

LINE_FEED = "\v"
"""The vertical tab does the same as a line feed, but no tty puts a carriage return before it."""
MAX_LINE_FEEDS = 4


def move(old: int, new: int, width: int) -> str:
    """The shortest cursor motion between flat positions; a negative `old` is unknown."""
    absolute = absolute_move(new, width)
    if old < 0:
        return absolute
    (row, column), (old_row, old_column) = divmod(new, width), divmod(old, width)
    relative = _vertical(row - old_row) + _horizontal(old_column, column)
    return min(relative, absolute, key=len)


def absolute_move(position: int, width: int) -> str:
    """A motion to a flat position from anywhere."""
    row, column = divmod(position, width)
    return f"\x1b[{row + 1 if row else ''}{f';{column + 1}' if column else ''}H"


def _vertical(step: int) -> str:
    """A motion down by `step` rows, up where it is negative, in the same column."""
    if 0 <= step <= MAX_LINE_FEEDS:
        return LINE_FEED * step
    return f"\x1b[{_count(step)}{'B' if step > 0 else 'A'}"


def _horizontal(old: int, new: int) -> str:
    """A motion from column `old` to column `new` of the same row, both from 0."""
    step = new - old
    if new == 0 and step:
        return "\r"
    if -3 <= step <= 0:
        return "\b" * -step
    return min(f"\x1b[{_count(step)}{'C' if step > 0 else 'D'}", f"\x1b[{new + 1}G", key=len)


def _count(step: int) -> str:
    """The distance as a parameter, of which 1 may be left out."""
    return str(abs(step)) if abs(step) > 1 else ""
