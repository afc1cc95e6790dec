"""Cells that are painted past Textual."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tui_ae.link.cells.styles import Style
from tui_ae.link.grids import Cells, Flags, Glyphs

SECOND = 0
"""The glyph of the second cell of a wide sign."""


@dataclass(frozen=True, slots=True)
class Patch:
    """A rectangle of cells, (height, width), and which of them have changed."""

    x: int
    y: int
    """Its upper left cell on the screen."""
    glyphs: Glyphs
    """Code points, or numbers of `clusters`. Behind one that is wide comes SECOND."""
    styles: tuple[Style, ...]
    """The styles that its cells have."""
    style_of: Cells
    """For each cell an index of `styles`."""
    changed: Flags
    """Which cells to write; the others stay as they are on the screen."""
    clusters: Sequence[str] = ()
    """What the glyphs from FIRST_CLUSTER on stand for."""
