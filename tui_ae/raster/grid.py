"""A rectangle of terminal cells as three arrays: what every rasteriser returns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tui_ae.raster.clusters import glyph_text

GlyphArray = npt.NDArray[np.uint32]
ColourArray = npt.NDArray[np.int32]

DEFAULT = -1
"""The colour index that means 'the pane's own colour'."""
SPACE = ord(" ")
SECOND = 0
"""The glyph of the second cell of a sign that is two cells wide."""


@dataclass(frozen=True, slots=True)
class CellGrid:
    """Glyphs and colours of height x width cells.

    Every glyph is one cell wide, or two where SECOND follows it, in the same colours.
    Colours are 0xRRGGBB, or DEFAULT for the pane's own foreground or background.
    """

    glyphs: GlyphArray
    """(height, width) uint32 Unicode code points, or clusters of them by their numbers."""
    foreground: ColourArray
    """(height, width) int32."""
    background: ColourArray
    """(height, width) int32."""

    @property
    def height(self) -> int:
        """Rows of cells."""
        return int(self.glyphs.shape[0])

    @property
    def width(self) -> int:
        """Columns of cells."""
        return int(self.glyphs.shape[1])

    @classmethod
    def blank(cls, height: int, width: int) -> CellGrid:
        """A grid of spaces in the pane's own colours; sizes below zero count as zero."""
        shape = (max(height, 0), max(width, 0))
        return cls(
            np.full(shape, SPACE, np.uint32),
            np.full(shape, DEFAULT, np.int32),
            np.full(shape, DEFAULT, np.int32),
        )

    def rows(self) -> list[str]:
        """The glyphs as text, one string a row."""
        return ["".join(map(glyph_text, filter(None, row))) for row in self.glyphs.tolist()]
