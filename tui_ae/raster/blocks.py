"""Half blocks in place of braille, which some fonts don't have: half as many dots a column."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

BRAILLE = 0x2800
BLANK, UPPER, LOWER, FULL = 0x20, 0x2580, 0x2584, 0x2588
UPPER_DOTS, LOWER_DOTS = 0b00011011, 0b11100100
"""The bits of the dots in the upper and in the lower half of a cell."""


def _sign(pattern: int) -> int:
    upper, lower = bool(pattern & UPPER_DOTS), bool(pattern & LOWER_DOTS)
    return ((BLANK, LOWER), (UPPER, FULL))[upper][lower]


SIGNS = np.array([_sign(pattern) for pattern in range(256)], np.uint32)
"""What stands for each braille pattern: half blocks are in the oldest fonts, also on consoles."""


def without_braille(glyphs: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    """Glyphs of any shape with half blocks, one for each half in which there is a dot."""
    braille = (glyphs >= BRAILLE) & (glyphs < BRAILLE + len(SIGNS))
    return np.where(braille, SIGNS[glyphs & 0xFF], glyphs)
