"""What libraries written in C say on the standard streams, kept out of what the program writes."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from typing import IO

STREAMS = (1, 2)
"""The file descriptors that they write on: standard output and standard error."""
MAX_LINES = 200
MAX_BYTES = 1 << 20
"""Of what was said last."""


class Aside:
    """While it is entered, all that is written on file descriptors 1 and 2 goes into a file.

    OpenMP, libtiff and others write there whenever they like, into the middle of a screen or of
    JSON lines. Who has something to write opens, or duplicates, the terminal before.
    """

    def __init__(self) -> None:
        self._file: IO[bytes] | None = None
        self._kept: dict[int, int] = {}
        self._left: list[str] = []
        """The lines, once the file is closed."""

    def __enter__(self) -> Aside:
        """Turn the streams away; nothing happens where there is no room for a file."""
        _flush()
        try:
            self._file = tempfile.TemporaryFile()
        except OSError:
            return self
        for descriptor in STREAMS:
            try:
                self._kept[descriptor] = os.dup(descriptor)
            except OSError:
                # It is closed: a library would write into whatever is opened next.
                continue
            os.dup2(self._file.fileno(), descriptor)
        return self

    def __exit__(self, *_: object) -> None:
        """Turn the streams back."""
        _flush()
        # First of all: where there is no memory left, the sentence that says so has to come out.
        for descriptor, kept in self._kept.items():
            os.dup2(kept, descriptor)
            os.close(kept)
        self._kept.clear()
        with contextlib.suppress(MemoryError):
            self._left = self.lines()
        if self._file is not None:
            self._file.close()
            self._file = None

    @property
    def size(self) -> int:
        """Bytes that were written so far."""
        return os.fstat(self._file.fileno()).st_size if self._file else 0

    def lines(self) -> list[str]:
        """What was written, the last lines of it, without those that are empty."""
        if self._file is None:
            return self._left
        end = self.size
        size = min(end, MAX_BYTES)
        said = os.pread(self._file.fileno(), size, end - size).decode("utf-8", "replace")
        return [line for line in said.splitlines() if line.strip()][-MAX_LINES:]


def _flush() -> None:
    """Let out what Python itself still holds for the streams."""
    for stream in (sys.stdout, sys.stderr):
        # The terminal, or the disk behind it, may be gone.
        with contextlib.suppress(OSError, ValueError):
            if stream is not None:
                stream.flush()
