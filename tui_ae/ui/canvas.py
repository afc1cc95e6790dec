"""The one widget that shows a grid of cells, refreshing only what changed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache, partial

import numpy as np
import numpy.typing as npt
from rich.color import Color, ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.filter import LineFilter
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from tui_ae.raster.colour import ANSI, ColourDepth
from tui_ae.raster.grid import DEFAULT, CellGrid
from tui_ae.ui.themes import DARK, Tones

CUBE = (0, 95, 135, 175, 215, 255)
"""The six steps of each channel in xterm's 256-colour cube."""


def _distance(value: int, other: int) -> int:
    return abs(value - other)


@lru_cache(maxsize=4096)
def nearest_256(colour: int) -> int:
    """The number, 16 to 255, of the 256-colour palette's entry nearest to 0xRRGGBB."""
    channels = (colour >> 16 & 255, colour >> 8 & 255, colour & 255)
    steps = [CUBE.index(min(CUBE, key=partial(_distance, value))) for value in channels]
    cube = 16 + 36 * steps[0] + 6 * steps[1] + steps[2]
    cube_error = sum((CUBE[step] - value) ** 2 for step, value in zip(steps, channels, strict=True))
    grey = min(max(round((sum(channels) / 3 - 8) / 10), 0), 23)
    grey_error = sum((8 + 10 * grey - value) ** 2 for value in channels)
    return 232 + grey if grey_error < cube_error else cube


@lru_cache(maxsize=4096)
def rich_colour(colour: int, depth: ColourDepth) -> Color:
    """A 0xRRGGBB colour as the terminal is to be asked for it."""
    if colour == DEFAULT or depth is ColourDepth.NONE:
        return Color.default()
    exact = Color.from_rgb(colour >> 16 & 255, colour >> 8 & 255, colour & 255)
    if depth is ColourDepth.TRUECOLOR:
        return exact
    if depth is ColourDepth.EIGHT_BIT:
        # Rich's own conversion sends a third of the grey ramp to a neighbour.
        return Color.from_ansi(nearest_256(colour))
    if colour in ANSI:
        # Rich's idea of the sixteen has other values: half the bright ones would turn dark.
        return Color.from_ansi(ANSI.index(colour))
    return exact.downgrade(ColorSystem.STANDARD)


@lru_cache(maxsize=16384)
def rich_style(foreground: int, background: int, depth: ColourDepth) -> Style:
    """The Rich style of a run of cells."""
    return Style.from_color(rich_colour(foreground, depth), rich_colour(background, depth))


class Canvas(Widget):
    """Shows a CellGrid; a new grid repaints only the spans of rows that differ from the last."""

    DEFAULT_CSS = "Canvas { position: absolute; }"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self._grid = CellGrid.blank(0, 0)
        self._strips: list[Strip] = []
        self._tones = DARK
        self._depth = ColourDepth.TRUECOLOR

    def set_look(self, tones: Tones, depth: ColourDepth) -> None:
        """Choose the colours behind DEFAULT cells and the palette of the terminal."""
        if (tones, depth) != (self._tones, self._depth):
            self._tones, self._depth = tones, depth
            self._strips = self._build(self._grid, np.arange(self._grid.height))
            self.refresh()

    @property
    def grid(self) -> CellGrid:
        """What is shown."""
        return self._grid

    def show(self, grid: CellGrid) -> None:
        """Show `grid` instead of the last one."""
        old, self._grid = self._grid, grid
        if old.glyphs.shape != grid.glyphs.shape:
            self._strips = self._build(grid, np.arange(grid.height))
            self.refresh()
            return
        changed = old.glyphs != grid.glyphs
        changed |= old.foreground != grid.foreground
        changed |= old.background != grid.background
        rows = np.flatnonzero(changed.any(axis=1))
        if not len(rows):
            return
        for row, strip in zip(rows.tolist(), self._build(grid, rows), strict=True):
            self._strips[row] = strip
        first = changed[rows].argmax(axis=1)
        last = grid.width - changed[rows, ::-1].argmax(axis=1)
        spans = zip(rows.tolist(), first.tolist(), last.tolist(), strict=True)
        self.refresh(*(Region(left, row, right - left, 1) for row, left, right in spans))

    def _build(self, grid: CellGrid, rows: npt.NDArray[np.intp]) -> list[Strip]:
        """Strips of the given rows, with a segment for each run of one style."""
        width, depth = grid.width, self._depth
        if not width:
            return [Strip([], 0) for _ in rows]
        ink, paper = grid.foreground[rows], grid.background[rows]
        if self._tones.text != DEFAULT:
            ink = np.where(ink == DEFAULT, self._tones.text, ink)
            paper = np.where(paper == DEFAULT, self._tones.background, paper)
        starts = np.ones(ink.shape, bool)
        starts[:, 1:] = (ink[:, 1:] != ink[:, :-1]) | (paper[:, 1:] != paper[:, :-1])
        strips = []
        for index, row in enumerate(rows.tolist()):
            text = grid.glyphs[row].astype("<u4").tobytes().decode("utf-32-le")
            left = np.flatnonzero(starts[index])
            inks, papers = ink[index, left].tolist(), paper[index, left].tolist()
            edges = [*left.tolist(), width]
            strips.append(
                Strip(
                    [
                        Segment(
                            text[edges[k] : edges[k + 1]], rich_style(inks[k], papers[k], depth)
                        )
                        for k in range(len(inks))
                    ],
                    width,
                )
            )
        return strips

    def get_line_filters(self) -> Sequence[LineFilter]:
        """None: the colours are already those of the terminal at hand."""
        return ()

    def render_lines(self, crop: Region) -> list[Strip]:
        """The rows inside `crop`, blank where the grid ends before the widget does."""
        blank = rich_style(self._tones.text, self._tones.background, self._depth)
        left, right = crop.column_span
        lines = []
        for row in crop.line_range:
            strip = self._strips[row] if row < len(self._strips) else Strip([], 0)
            if strip.cell_length < right:
                strip = strip.adjust_cell_length(right, blank)
            lines.append(strip.crop(left, right))
        return lines
