"""Pictures of 16 bits a colour: Pillow keeps the upper 8 alone, so they are decoded twice.

Pillow knows each order of two bytes by a name of its own, such as 'RGB;16B', and takes the byte
that is the upper one there. By the name of the other order it takes the lower one.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from PIL import Image, ImageFile, ImageOps

from tui_ae.data.arrays import RawArray

OTHER_HALF = {
    **{f"{mode};16B": f"{mode};16L" for mode in ("RGB", "RGBA")},
    **{f"{mode};16L": f"{mode};16B" for mode in ("RGB", "RGBA")},
    **{
        f"{mode};16N": f"{mode};16{'B' if sys.byteorder == 'little' else 'L'}"
        for mode in ("RGB", "RGBA")
    },
    # Grey and opacity, two bytes each, are as large as the four colours that they become.
    "LA;16B": "RGBA",
}
"""The name by which the bytes that an order leaves out are read."""


COLOURS = ("RGB", "RGBA", "RGBX", "CMYK")


def is_deep(image: Image.Image) -> bool:
    """Whether a picture that isn't loaded yet has 16 bits a colour that can be read."""
    layouts = _layouts(image) if image.mode in ("RGB", "RGBA") else []
    return bool(layouts) and all(layout in OTHER_HALF for layout in layouts)


def is_cut(image: Image.Image) -> bool:
    """Whether Pillow cuts a picture that isn't loaded yet to 8 bits, and nothing can be done."""
    if image.mode not in COLOURS or is_deep(image):
        return False
    tiles = image.tile if isinstance(image, ImageFile.ImageFile) else []
    # The second argument of a PNM is its white.
    whites = [tile[3][1] for tile in tiles if tile[0] == "ppm" and isinstance(tile[3], tuple)]
    deep = any(isinstance(white, int) and white > 255 for white in whites)
    return deep or any(";16" in layout for layout in _layouts(image))


def read_deep(image: Image.Image, again: Image.Image) -> RawArray:
    """The colours of such a picture, upright: (height, width, 3 or 4) uint16.

    Args:
        image: Not loaded yet; `is_deep`.
        again: The same, opened a second time.

    Raises:
        Exception: What Pillow raises on damaged files.
    """
    grey = _layouts(image)[0].startswith("LA")
    upper = np.asarray(ImageOps.exif_transpose(image))
    if not isinstance(again, ImageFile.ImageFile):
        raise TypeError("no picture of a file")
    again.tile = [
        _with_layout(tile, OTHER_HALF[layout])
        for tile, layout in zip(again.tile, _layouts(again), strict=True)
    ]
    lower = np.asarray(ImageOps.exif_transpose(again))
    values: RawArray
    if grey:
        values = lower[..., 0::2].astype(np.uint16) << 8 | lower[..., 1::2]
        return values[..., [0, 0, 0, 1]]
    values = upper.astype(np.uint16) << 8 | lower
    return values


def _layouts(image: Image.Image) -> list[str]:
    """How the bytes of each tile of a picture lie in its file."""
    tiles = image.tile if isinstance(image, ImageFile.ImageFile) else []
    firsts = [tile[3][0] if isinstance(tile[3], tuple) else tile[3] for tile in tiles if tile[3]]
    return [first for first in firsts if isinstance(first, str)]


def _with_layout(tile: Any, layout: str) -> Any:
    """The same tile in another order."""
    arguments = (layout, *tile[3][1:]) if isinstance(tile[3], tuple) else layout
    # Before version 11 a tile was a plain tuple.
    named = getattr(tile, "_replace", None)
    return named(args=arguments) if named else (*tile[:3], arguments)
