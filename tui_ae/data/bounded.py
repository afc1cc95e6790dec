"""A file of which nobody can read more than there is."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import BinaryIO

IN_MEMORY_BYTES = 1 << 20
"""Files of no more are read at once: calls of Python cost a quarter of the time of a small one."""


class BoundedFile(io.BufferedReader):
    """A plain file, open for reading.

    Libraries ask for as many bytes as a damaged file claims to have, and Python takes memory for
    all of them before it looks.
    """

    def __init__(self, path: Path) -> None:
        """Open a file.

        Raises:
            OSError: it can't be opened.
        """
        super().__init__(io.FileIO(path))
        self._end = os.fstat(self.fileno()).st_size

    def read(self, size: int | None = -1, /) -> bytes:
        """Read so many bytes, or all that are left where those are fewer."""
        left = max(0, self._end - self.tell())
        return super().read(left if size is None or size < 0 else min(size, left))


def open_bounded(path: Path) -> BinaryIO:
    """Open a file of which no more can be read than there is; small ones, for speed, in memory.

    Raises:
        OSError: it can't be opened.
    """
    if path.stat().st_size > IN_MEMORY_BYTES:
        return BoundedFile(path)
    return io.BytesIO(path.read_bytes())
