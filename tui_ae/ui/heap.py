"""What the C library does with memory that the program is done with."""

from __future__ import annotations

import ctypes
import os

M_ARENA_MAX = -8
"""mallopt's number for the most heaps; from GNU's malloc.h."""


def share_heap() -> None:
    """Let all threads take memory from one heap, if none but this one has begun.

    GNU's C library gives threads heaps of their own, and what one of them is done with serves no
    other: memory goes on growing for an hour. Other libraries know no such call or number.
    """
    if os.name == "posix":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
        if mallopt is not None:
            mallopt(M_ARENA_MAX, 1)
