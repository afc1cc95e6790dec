"""Which numbers mean black and white: pixel values of any type mapped to [0, 1]."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tui_ae.data.dataset import FloatArray
from tui_ae.data.source import RawArray, printable
from tui_ae.errors import UserError

FEW_LEVELS = 16
"""Values that reach no higher than this are levels of their own scale, not dark bytes."""


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


def scaling(parts: Sequence[RawArray], path: Path) -> Scaling:
    """Choose one map for all parts, from their types and their smallest and largest values.

    Bytes are divided by 255 and values within [0, 1] are kept. Values that reach up to 16 (the
    levels of scikit-learn's digits) or beyond 255 are divided by the largest. Values that fill
    [-1, 1], a common normalisation, are moved to [0, 1].

    Raises:
        UserError: values that aren't numbers, aren't finite or are negative.
    """
    for part in parts:
        if part.dtype.kind not in "buif":
            raise UserError(
                f"{printable(path)}: pixels of type {part.dtype} aren't numbers; "
                "store them as whole numbers from 0 to 255 or as floats from 0 to 1."
            )
    low = min(float(part.min()) for part in parts)
    high = max(float(part.max()) for part in parts)
    if not (np.isfinite(low) and np.isfinite(high)):
        count = sum(int(np.count_nonzero(~np.isfinite(part))) for part in parts)
        raise UserError(
            f"{printable(path)}: {count:,} pixel {_values(count)} NaN or infinite; "
            "replace them by numbers from 0 to 1."
        )
    floats = any(part.dtype.kind == "f" for part in parts)
    if low < 0:
        if floats and -1 <= low < -0.5 and high <= 1:
            return Scaling(-1.0, 2.0, "Values from -1 to 1 moved to 0 to 1.")
        count = sum(int(np.count_nonzero(part < 0)) for part in parts)
        raise UserError(
            f"{printable(path)}: {count:,} pixel {_values(count)} negative, down to {low:g}; "
            "rescale them to run from 0 to 1."
        )
    if (floats and high <= 1) or all(part.dtype.kind == "b" for part in parts) or high == 0:
        return Scaling(0.0, 1.0, None)
    span = 255.0 if FEW_LEVELS < high <= 255 else high
    note = f"Values from 0 to {span:g} rescaled to 0 to 1."
    return Scaling(0.0, span, None if span == 255 and not floats else note)


def _values(count: int) -> str:
    return "value is" if count == 1 else "values are"
