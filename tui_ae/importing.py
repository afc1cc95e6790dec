"""Imports without Python's search for garbage: what they make hardly ever goes."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Look for no unreachable objects while this is entered.

    Importing PyTorch makes a million objects, and looking through them again and again takes a
    tenth of the time that it takes.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()
