"""What goes between the program and the process that lays out: a line of JSON, then bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import IO

import numpy as np
import numpy.typing as npt

from tui_ae.arrays import FloatArray

MAX_LINE = 10_000
START_WORDS, WARM_WORDS = "PCA first", "going on"
"""What is said of a layout that begins from PCA, or from an older one, and hasn't moved yet."""
COMPILING = "compiling"
"""What is added where a library will do nothing else for a while."""


def send(stream: IO[bytes], about: Mapping[str, object], *arrays: FloatArray) -> None:
    """Write a message: `about`, with the shapes of the arrays (n, width) float32 behind it.

    Raises:
        OSError: nobody reads any more.
    """
    shapes = [list(array.shape) for array in arrays]
    stream.write(json.dumps({**about, "shapes": shapes}).encode() + b"\n")
    for array in arrays:
        stream.write(np.ascontiguousarray(array, np.float32).data)
    stream.flush()


def receive(stream: IO[bytes]) -> tuple[dict[str, object], list[FloatArray]] | None:
    """The next message, its arrays read-only; None where there comes no more.

    Raises:
        ValueError: it is none.
    """
    line = stream.readline(MAX_LINE)
    if not line:
        return None
    about = json.loads(line)
    if not isinstance(about, dict) or "shapes" not in about:
        raise ValueError("this is no message")
    arrays = []
    for rows, width in about.pop("shapes"):
        content = _exactly(stream, 4 * int(rows) * int(width))
        if content is None:
            return None
        array: npt.NDArray[np.float32] = np.frombuffer(content, np.float32)
        array.flags.writeable = False
        arrays.append(array.reshape(int(rows), int(width)))
    return about, arrays


def _exactly(stream: IO[bytes], count: int) -> bytearray | None:
    """So many bytes; None where the stream ends before."""
    # Pieces that are joined at the end would take twice the memory.
    content = bytearray(count)
    at = 0
    while at < count:
        part = stream.read(min(count - at, 1 << 20))
        if not part:
            return None
        content[at : at + len(part)] = part
        at += len(part)
    return content
