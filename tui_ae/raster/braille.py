"""Dots as braille patterns, and half blocks in their place, for fonts that have no braille."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

BRAILLE = 0x2800
"""The pattern without dots; each dot adds its bit."""
DOTS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]], np.uint32)
"""(4, 2) the bit of each dot of a cell."""
BLANK, UPPER, LOWER, FULL = 0x20, 0x2580, 0x2584, 0x2588
UPPER_DOTS, LOWER_DOTS = 0b00011011, 0b11100100
"""The bits of the dots in the upper and in the lower half of a cell."""


def _sign(pattern: int) -> int:
    upper, lower = bool(pattern & UPPER_DOTS), bool(pattern & LOWER_DOTS)
    return ((BLANK, LOWER), (UPPER, FULL))[upper][lower]


SIGNS = np.array([_sign(pattern) for pattern in range(256)], np.uint32)
"""What stands for each braille pattern: half blocks are in the oldest fonts, also on consoles."""


def braille(dots: npt.NDArray[np.bool_]) -> npt.NDArray[np.uint32]:
    """Glyphs (rows, columns) of dots (4 * rows, 2 * columns); a space where there are none."""
    height, width = dots.shape
    cells = dots.reshape(height // 4, 4, width // 2, 2).transpose(0, 2, 1, 3)
    patterns = (cells * DOTS).sum(axis=(2, 3)).astype(np.uint32)
    return np.where(patterns == 0, BLANK, BRAILLE + patterns).astype(np.uint32)


def without_braille(glyphs: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    """Glyphs of any shape with half blocks, one for each half in which there is a dot."""
    dotted = (glyphs >= BRAILLE) & (glyphs < BRAILLE + len(SIGNS))
    return np.where(dotted, SIGNS[glyphs & 0xFF], glyphs)
