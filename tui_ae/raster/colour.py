"""Palettes: classes that colour-blind eyes tell apart, and greys that terminals have."""

from __future__ import annotations

from enum import Enum

import numpy as np
import numpy.typing as npt


class ColourDepth(Enum):
    """What a terminal can show."""

    TRUECOLOR = "truecolor"
    EIGHT_BIT = "256"
    SIXTEEN = "16"
    NONE = "none"


# Found by a search of the 256-colour palette for ten entries that stand out from the background and
# stay apart in CIE L*a*b* for normal, red-blind and green-blind eyes alike: the nearest two differ
# by 40 / 24 (normal / colour-blind) on dark and by 33 / 19 on light.
ON_DARK = (
    0x87D7FF, 0xFF5F00, 0x00FFD7, 0xD75F87, 0xAF5FFF,
    0xD7875F, 0x8787D7, 0xD7FFAF, 0xFFFF00, 0xFFD75F,
)  # fmt: skip
ON_LIGHT = (
    0x005FFF, 0xAF8700, 0x005F00, 0xFF0087, 0x8700AF,
    0xD75F5F, 0xAF0087, 0x4E4E4E, 0x8787D7, 0x0000FF,
)  # fmt: skip
# Up to 36 classes; the last 18 follow one by one, each as far as the palette allows from all
# before it, for normal and colour-blind eyes, in OKLab.
MORE_ON_DARK = (
    0xFF8700, 0x87FF5F, 0xFF00FF, 0x5F87FF, 0x00AF00, 0xAF5F5F, 0x00AFAF, 0xFFD7FF,
    0xFF87D7, 0xD700AF, 0x00D787, 0xFFAFAF, 0xAFAFFF, 0xD7AF5F, 0x87D700, 0x87AF87, 0x875FD7,
    0x00875F, 0xFF5FAF, 0x87AFD7, 0xD787FF, 0xD75FD7, 0xAFD75F, 0xFF005F, 0xD7D787, 0xD700D7,
)  # fmt: skip
MORE_ON_LIGHT = (
    0xAF0000, 0x5F8700, 0x0087D7, 0x5F5F00, 0xAF00AF, 0x5F5F87, 0x008787, 0x870000,
    0x5F005F, 0xD75FFF, 0xAF5FAF, 0xFF00D7, 0xD7005F, 0x5F0000, 0x87005F, 0xAF87AF, 0xD700D7,
    0x5F87FF, 0x5F0087, 0xAF00FF, 0xAF005F, 0x5F00D7, 0xAF5F87, 0x870087, 0xAF00D7, 0x875FAF,
)  # fmt: skip

ANSI = (
    0x000000, 0x800000, 0x008000, 0x808000, 0x000080, 0x800080, 0x008080, 0xC0C0C0,
    0x808080, 0xFF0000, 0x00FF00, 0xFFFF00, 0x0000FF, 0xFF00FF, 0x00FFFF, 0xFFFFFF,
)  # fmt: skip
"""The sixteen colours as terminals are usually set; only their numbers are sent."""
BY_NUMBER = 1 << 24
"""In place of 0xRRGGBB: the terminal's own colour of the number below it, 0 to 15. Asking for it
takes half the bytes that one of 256 takes, on any terminal with colours."""
SIXTEEN_ON_DARK = tuple(BY_NUMBER | number for number in (12, 11, 10, 9, 13, 3, 5, 7, 2, 14))
SIXTEEN_ON_LIGHT = tuple(BY_NUMBER | number for number in (4, 3, 2, 1, 5, 9, 13, 8, 0, 6))


def class_colours(count: int, *, dark: bool, depth: ColourDepth) -> tuple[int, ...]:
    """A colour for each of `count` classes, 0xRRGGBB, repeating where a palette ends.

    Args:
        count: Number of classes.
        dark: Whether the background is dark.
        depth: What the terminal can show; with SIXTEEN they are BY_NUMBER.
    """
    if depth is ColourDepth.SIXTEEN:
        palette: tuple[int, ...] = SIXTEEN_ON_DARK if dark else SIXTEEN_ON_LIGHT
    else:
        palette = ON_DARK + MORE_ON_DARK if dark else ON_LIGHT + MORE_ON_LIGHT
    return tuple(palette[index % len(palette)] for index in range(count))


def grey_levels(levels: int) -> npt.NDArray[np.int32]:
    """(levels,) greys 0xRRGGBB from black to white that the 256-colour palette holds.

    The palette's ramp has 24 greys between its black and its white, so at most 26 differ.
    """
    ramp = np.array([0, *range(8, 239, 10), 255])
    chosen = np.round(np.linspace(0, len(ramp) - 1, max(levels, 2))).astype(int)
    return np.asarray(ramp[chosen] * 0x010101, np.int32)
