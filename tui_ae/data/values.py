"""Which numbers mean black and white: pixel values of any type mapped to [0, 1]."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tui_ae.arrays import FloatArray
from tui_ae.data.arrays import RawArray
from tui_ae.data.progress import Progress, unheard
from tui_ae.data.source import brief
from tui_ae.errors import UserError
from tui_ae.streams import printable

FEW_LEVELS = 16
"""Values that reach no higher than this are levels of their own scale, not dark bytes."""
MAX_FLOAT = np.float64(np.finfo(np.float32).max)
"""The largest pixel; of a type of its own, since NumPy would round a plain number to float16."""
BLOCK_BYTES = 2**22
"""Stored pixels looked at or scaled at a time: some milliseconds, or a few more from a disk."""


@dataclass(frozen=True, slots=True)
class Scaling:
    """The map from stored values to [0, 1]: subtract `black`, divide by `span`."""

    black: float
    span: float
    note: str | None
    """What to tell the user where the map is not the obvious one."""

    def apply(self, pixels: RawArray, out: FloatArray) -> None:
        """Write the scaled pixels into `out`, of the same shape, without a copy in between."""
        np.subtract(pixels, self.black, out=out, dtype=np.float32, casting="unsafe")
        if self.span != 1:
            np.divide(out, np.float32(self.span), out=out)


UNCHANGED = Scaling(0.0, 1.0, None)


def scaling(parts: Sequence[RawArray], path: Path, progress: Progress = unheard) -> Scaling:
    """Choose one map for all parts, from their types and their smallest and largest values.

    Bytes are divided by 255 and values within [0, 1] are kept. Values that reach up to 16 (the
    levels of scikit-learn's digits) or beyond 255 are divided by the largest. Values that fill
    [-1, 1], a common normalisation, are moved to [0, 1].

    Raises:
        UserError: values that aren't numbers, aren't finite as float32 or are negative.
    """
    for part in parts:
        if part.dtype.kind not in "buif":
            raise UserError(
                f"{printable(path)}: pixels of type {brief(part.dtype)} aren't numbers; "
                "store them as whole numbers from 0 to 255 or as floats from 0 to 1."
            )
    low, high = _extremes(parts, progress)
    # NaN is not within anything.
    if not (low >= -MAX_FLOAT and high <= MAX_FLOAT):
        count = _count(parts, lambda block: ~(abs(block) <= MAX_FLOAT), progress)
        raise UserError(
            f"{printable(path)}: {count:,} pixel {_values(count)} NaN, or infinite as a 32-bit "
            "float; replace them by numbers from 0 to 1."
        )
    floats = any(part.dtype.kind == "f" for part in parts)
    if low < 0:
        if floats and -1 <= low < -0.5 and high <= 1:
            return Scaling(-1.0, 2.0, "Values from -1 to 1 moved to 0 to 1.")
        count = _count(parts, lambda block: block < 0, progress)
        raise UserError(
            f"{printable(path)}: {count:,} pixel {_values(count)} negative, down to {low:g}; "
            "rescale them to run from 0 to 1."
        )
    if (floats and high <= 1) or all(part.dtype.kind == "b" for part in parts) or high == 0:
        return UNCHANGED
    span = 255.0 if FEW_LEVELS < high <= 255 else high
    note = f"Values from 0 to {span:g} rescaled to 0 to 1."
    return Scaling(0.0, span, None if span == 255 and not floats else note)


def blocks(part: RawArray, block_bytes: int) -> Iterator[slice]:
    """Stretches of a part's images that take about so many bytes each, one image at least."""
    rows = max(1, block_bytes // max(1, part.nbytes // max(1, len(part))))
    for start in range(0, len(part), rows):
        yield slice(start, min(start + rows, len(part)))


def _extremes(parts: Sequence[RawArray], progress: Progress) -> tuple[float, float]:
    """The smallest and the largest of all values; NaN where one is NaN."""
    lows, highs, done, count = [], [], 0, sum(len(part) for part in parts)
    for part in parts:
        for block in blocks(part, BLOCK_BYTES):
            lows.append(float(part[block].min()))
            highs.append(float(part[block].max()))
            done += block.stop - block.start
            progress(done / count)
    return float(np.min(lows)), float(np.max(highs))


def _count(
    parts: Sequence[RawArray], wanted: Callable[[RawArray], RawArray], progress: Progress
) -> int:
    """How many values are wanted; for the message about them, after all have been looked at."""
    count = 0
    for part in parts:
        for block in blocks(part, BLOCK_BYTES):
            count += int(np.count_nonzero(wanted(part[block])))
            progress(1.0)
    return count


def _values(count: int) -> str:
    return "value is" if count == 1 else "values are"
