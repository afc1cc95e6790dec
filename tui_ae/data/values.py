"""Which numbers mean black and white: pixel values of any type mapped to [0, 1]."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tui_ae.arrays import FloatArray
from tui_ae.data.arrays import RawArray
from tui_ae.data.progress import Progress, unheard
from tui_ae.errors import UserError
from tui_ae.streams import brief, printable

FEW_LEVELS = 16
"""Values that reach no higher than this are levels of their own scale, not dark bytes."""
DEPTHS = (1023.0, 4095.0, 16383.0, 65535.0)
"""White in 10, 12, 14 and 16 bits."""
PERCENT = 100.0
LEAST_PERCENT = 99.0
"""Floats that reach so far and no further than 100 are percent: of bytes, hardly any set does."""
DIM = 0.45
"""Where the brightest pixel is below this, its scale is called a guess."""
OVERSHOOT = 1e-3
"""So far resizing and rounding take floats beyond 0 and 1."""
STRAY = 1e-3
"""The share of values that may be a slip."""
NEARLY_BLACK = 0.004
"""A mean pixel of one step of a byte."""
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
    cuts: bool = False
    """Whether some values end outside [0, 1] and are cut off there."""
    is_guess: bool = False
    """Whether another map is as likely; the note says so."""

    def apply(self, pixels: RawArray, out: FloatArray) -> None:
        """Write the scaled pixels into `out`, of the same shape, without a copy in between."""
        np.subtract(pixels, self.black, out=out, dtype=np.float32, casting="unsafe")
        if self.span != 1:
            np.divide(out, np.float32(self.span), out=out)
        if self.cuts:
            np.clip(out, 0, 1, out=out)


UNCHANGED = Scaling(0.0, 1.0, None)
CUT_OFF = Scaling(0.0, 1.0, None, cuts=True)


def scaling(parts: Sequence[RawArray], path: Path, progress: Progress = unheard) -> Scaling:
    """Choose one map for all parts, from their types and their smallest and largest values.

    The rule, which docs/data.md states for people: truth values and values within [0, 1] are kept,
    and floats that overshoot them by a thousandth are cut off. Whole numbers up to 1 are kept too,
    as masks have them. Values up to 16 (the levels of scikit-learn's digits) are divided by the
    largest, values up to 255 by 255, whole numbers beyond by the white of the first depth of 10,
    12, 14 or 16 bits that holds them, and others by the largest. Floats that end at 100 are taken
    for percent. A note says where the scale is a guess: of percent, and where no value comes out
    above 0.45. Values that fill [-1, 1] are moved to [0, 1], signed bytes by 128. Where hardly
    any value of what is not black lies above 1, those few are cut off instead.

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
    if low < (-OVERSHOOT if floats else 0):
        return _moved(parts, low, high, path, progress)
    if all(part.dtype.kind == "b" for part in parts) or high <= 1:
        return CUT_OFF if low < 0 else UNCHANGED
    if floats and high <= 1 + OVERSHOOT:
        return CUT_OFF
    if (few := _stray(parts, progress)) is not None:
        note = f"{few:,} {'values' if few > 1 else 'value'} above 1, up to {high:g}, taken for 1."
        return Scaling(0.0, 1.0, note, cuts=True)
    return _divided(low, high, floats=floats)


def _divided(low: float, high: float, *, floats: bool) -> Scaling:
    """The map of values that are divided by what is taken for white."""
    if floats and LEAST_PERCENT < high <= PERCENT * (1 + OVERSHOOT):
        note = (
            f"Values up to {high:g} taken for percent, a guess; where white is 255, divide them by "
            "255 before."
        )
        return Scaling(0.0, PERCENT, note, cuts=True, is_guess=True)
    span = _white(high, whole=not floats)
    if high < DIM * span:
        note = (
            f"The largest value is {high:g}, and {span:g} was taken for white, a guess; where that "
            "makes the images too dark, rescale them to run from 0 to 1."
        )
        return Scaling(0.0, span, note, cuts=low < 0, is_guess=True)
    note = f"Values from 0 to {span:g} rescaled to 0 to 1."
    return Scaling(0.0, span, None if span == 255 and not floats else note, cuts=low < 0)


def _white(high: float, *, whole: bool) -> float:
    """Which value is white, where `high` is the largest and more than 1."""
    if FEW_LEVELS < high <= 255:
        return 255.0
    if high > 255 and whole:
        return next((depth for depth in DEPTHS if high <= depth), high)
    return high


def _moved(
    parts: Sequence[RawArray], low: float, high: float, path: Path, progress: Progress
) -> Scaling:
    """The map of values some of which are negative.

    Raises:
        UserError: nothing tells which value is black.
    """
    floats = any(part.dtype.kind == "f" for part in parts)
    if floats and -1 - OVERSHOOT <= low < -0.5 and high <= 1 + OVERSHOOT:
        return Scaling(-1.0, 2.0, "Values from -1 to 1 moved to 0 to 1.", cuts=True)
    if all(part.dtype == np.int8 for part in parts):
        return Scaling(-128.0, 255.0, "Signed bytes from -128 to 127 moved to 0 to 1.")
    count = _count(parts, lambda block: block < 0, progress)
    raise UserError(
        f"{printable(path)}: {count:,} pixel {_values(count)} negative, down to {low:g}; "
        "rescale them to run from 0 to 1."
    )


def _stray(parts: Sequence[RawArray], progress: Progress) -> int | None:
    """How many values lie above 1, where those are hardly any of the values that aren't black."""
    looked = parts[0][next(blocks(parts[0], BLOCK_BYTES))]
    if np.count_nonzero(looked > 1) > STRAY * np.count_nonzero(looked):
        return None
    above = _count(parts, lambda block: block > 1, progress)
    ink = _count(parts, lambda block: block > 0, progress)
    return above if above <= STRAY * ink else None


def darkness_note(mean: float) -> str | None:
    """What to say where images are nearly black: their scale may not be the one that was taken."""
    if mean >= NEARLY_BLACK:
        return None
    return (
        f"The images are nearly black, {mean:.4f} of white in the mean; where that is not meant, "
        "rescale them to run from 0 to 1."
    )


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
