"""Files of a run, damaged at random."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from tui_ae.errors import UserError

TIMES = 300


def read_damaged(path: Path, read: Callable[[], object], head_bytes: int) -> None:
    """Read a file with wrong bytes near its beginning: all that may happen is one sentence."""
    whole = path.read_bytes()
    rng = np.random.default_rng(0)
    for _ in range(TIMES):
        damaged = bytearray(whole)
        for place in rng.integers(0, min(len(whole), head_bytes), rng.integers(1, 6)):
            damaged[place] = rng.integers(256)
        path.write_bytes(damaged)
        try:
            read()
        except UserError as error:
            assert "\n" not in str(error)
