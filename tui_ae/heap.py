"""What the C library does with memory that the program is done with."""

from __future__ import annotations

import ctypes
import os
from typing import Any

M_ARENA_MAX = -8
"""mallopt's number for the most heaps; from GNU's malloc.h."""


def share_heap() -> None:
    """Let all threads take memory from one heap, if none but this one has begun.

    GNU's C library gives threads heaps of their own, and what one of them is done with serves no
    other: memory goes on growing for an hour. Other libraries know no such call or number.
    """
    mallopt = _call("mallopt")
    if mallopt is not None:
        mallopt(M_ARENA_MAX, 1)


def give_back() -> None:
    """Give the system the memory that the program is done with; takes some milliseconds.

    GNU's C library keeps it otherwise, for the next that may want some.
    """
    trim = _call("malloc_trim")
    if trim is not None:
        trim(0)


def _call(name: str) -> Any:
    return getattr(ctypes.CDLL(None), name, None) if os.name == "posix" else None
