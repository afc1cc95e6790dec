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
# stay apart in CIE L*a*b* and in OKLab (Ottosson 2020), for normal eyes and for those that lack one
# of the three kinds of cones: in OKLab the nearest two differ by 0.124 / 0.068 (normal / the worst
# of the others) on dark and by 0.132 / 0.089 on light.
ON_DARK = (
    0xFF00AF, 0x00AF5F, 0xAF8700, 0xAFD75F, 0xAF5FFF, 0xFFD7AF, 0xAFFF00, 0xFF87AF,
    0x87AFFF, 0x87FFFF,
)  # fmt: skip
ON_LIGHT = (
    0xAF0000, 0x00005F, 0x8700AF, 0x5F0000, 0x00875F, 0x87005F, 0x8787AF, 0xFF00FF,
    0xAF8700, 0x0000FF,
)  # fmt: skip
# Up to 36 classes; these follow one by one, each as far as the palette allows from all before it,
# for all of these eyes.
MORE_ON_DARK = (
    0x8700FF, 0x875F5F, 0x0087AF, 0xAFD7FF, 0x5F5F87, 0xFFAFAF, 0x875FD7, 0x878787,
    0xD7005F, 0x87AF87, 0xD7AFD7, 0xAF87D7, 0xAFAF00, 0xFF5F5F, 0xD7D7D7, 0x00FF87,
    0xD700D7, 0xAF5F00, 0xAFFFD7, 0xAF00AF, 0x5FD787, 0xAF87FF, 0x87D700, 0xD7FFAF,
    0xFF87FF, 0xD700AF,
)  # fmt: skip
MORE_ON_LIGHT = (
    0x875FAF, 0x5F87FF, 0xFF005F, 0x5F00D7, 0x5F8787, 0x005F00, 0x005F87, 0xD75FD7,
    0x000087, 0xAF00FF, 0xAF0087, 0x5F005F, 0x0000AF, 0xAF5F00, 0x5F5FD7, 0xD7005F,
    0xAF005F, 0xD75F87, 0x5F0087, 0x8787D7, 0xD75FAF, 0xD700AF, 0xAF5FD7, 0xAF00AF,
    0x875F87, 0x5F00AF,
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
