"""A file's bytes without gzip; values behind a header, read block by block or mapped."""

from __future__ import annotations

import gzip
import io
import math
import os
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np

from tui_ae.data.arrays import RawArray
from tui_ae.data.memory import memory_bytes
from tui_ae.data.progress import Progress
from tui_ae.errors import UserError

GZIP_MAGIC = b"\x1f\x8b"
BLOCK_BYTES = 2**20
MAX_READ_BYTES = min(256 * 2**20, memory_bytes() // 8)
"""Values of more in a plain file are mapped: beside what is made of them they need no memory."""


def open_unpacked(path: Path) -> BinaryIO:
    """Open a file for reading, through gzip where its first bytes say so."""
    with path.open("rb") as file:
        packed = file.read(2) == GZIP_MAGIC
    return cast("BinaryIO", gzip.open(path, "rb")) if packed else path.open("rb")


def is_plain(file: BinaryIO) -> bool:
    """Whether reading gives the file's own bytes, not unpacked ones."""
    return isinstance(file, io.BufferedReader)


def plain_bytes(file: BinaryIO) -> int:
    """The length of a plain file; 0 of a packed one."""
    return os.fstat(file.fileno()).st_size if is_plain(file) else 0


def read_values(
    file: BinaryIO,
    dtype: np.dtype[np.generic],
    shape: tuple[int, ...],
    where: str,
    advice: str,
    progress: Progress,
) -> RawArray:
    """Read what follows a header; map it where that is much and the file is plain.

    Memory grows with the bytes that arrive, never with what the header claims. What is mapped
    must not be cut short by others as long as the array lives: the system ends the process then.

    Args:
        file: open, just behind the header.
        dtype: the type that the header claims.
        shape: the shape that the header claims.
        where: names the array in messages.
        advice: what to do about a file that isn't whole.
        progress: told after each block.

    Raises:
        UserError: the file holds more or less than the header claims.
    """
    size = dtype.itemsize * math.prod(shape)
    if is_plain(file) and size > MAX_READ_BYTES:
        start = file.tell()
        _check_size(plain_bytes(file) - start, size, where, advice)
        return np.memmap(file, dtype, "r", start, shape)
    content = bytearray()
    while len(content) <= size:
        block = file.read(min(BLOCK_BYTES, size + 1 - len(content)))
        if not block:
            break
        content += block
        progress(min(1.0, len(content) / size) if size else 1.0)
    _check_size(len(content), size, where, advice)
    return np.frombuffer(content, dtype).reshape(shape)


def _check_size(found: int, promised: int, where: str, advice: str) -> None:
    if found != promised:
        follow = f"only {found:,} follow" if found < promised else "more follow"
        raise UserError(f"{where}: the header promises {promised:,} bytes but {follow}; {advice}.")
