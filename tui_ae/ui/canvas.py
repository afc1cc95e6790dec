"""The one widget that shows a grid of cells, refreshing only what changed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache, partial
from typing import Protocol

import numpy as np
import numpy.typing as npt
from rich.color import Color, ColorSystem, ColorType
from rich.segment import Segment
from rich.style import Style
from textual.filter import LineFilter
from textual.geometry import Offset, Region
from textual.strip import Strip
from textual.widget import Widget

from tui_ae.link.cells.patch import Patch
from tui_ae.link.cells.styles import CUBE, DEFAULT_COLOUR, NAMED, RGB
from tui_ae.link.cells.styles import Style as WireStyle
from tui_ae.raster import clusters
from tui_ae.raster.colour import ANSI, BY_NUMBER, ColourDepth
from tui_ae.raster.grid import DEFAULT, SECOND, CellGrid, ColourArray, GlyphArray
from tui_ae.ui.screens.dialog import Dialog, in_sight
from tui_ae.ui.themes import DARK, Tones


def _distance(value: int, other: int) -> int:
    return abs(value - other)


def nearest_256(colour: int) -> int:
    """The number, 16 to 255, of the 256-colour palette's entry nearest to 0xRRGGBB."""
    channels = (colour >> 16 & 255, colour >> 8 & 255, colour & 255)
    steps = [CUBE.index(min(CUBE, key=partial(_distance, value))) for value in channels]
    cube = 16 + 36 * steps[0] + 6 * steps[1] + steps[2]
    cube_error = sum((CUBE[step] - value) ** 2 for step, value in zip(steps, channels, strict=True))
    grey = min(max(round((sum(channels) / 3 - 8) / 10), 0), 23)
    grey_error = sum((8 + 10 * grey - value) ** 2 for value in channels)
    return 232 + grey if grey_error < cube_error else cube


@lru_cache(maxsize=1024)
def rich_colour(colour: int, depth: ColourDepth) -> Color:
    """A colour, 0xRRGGBB, DEFAULT or BY_NUMBER, as the terminal is to be asked for it."""
    if colour == DEFAULT or depth is ColourDepth.NONE:
        return Color.default()
    if colour & BY_NUMBER:
        return Color.from_ansi(colour ^ BY_NUMBER)
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


@lru_cache(maxsize=4096)
def rich_style(foreground: int, background: int, depth: ColourDepth) -> Style:
    """The Rich style of a run of cells with these colours, on a terminal of that depth."""
    return Style.from_color(rich_colour(foreground, depth), rich_colour(background, depth))


@lru_cache(maxsize=1024)
def wire_colour(colour: int, depth: ColourDepth) -> int:
    """The same colour as the wire's styles number it."""
    asked = rich_colour(colour, depth)
    if asked.type is ColorType.DEFAULT:
        return DEFAULT_COLOUR
    if asked.type is ColorType.TRUECOLOR:
        return RGB | colour
    assert asked.number is not None
    return asked.number if asked.type is ColorType.EIGHT_BIT else NAMED | asked.number


def row_text(glyphs: GlyphArray) -> Sequence[str]:
    """The characters of each cell of a row (width,), none for the second of a wide sign."""
    if glyphs.max() < clusters.FIRST_CLUSTER and glyphs.min() != SECOND:
        return glyphs.astype("<u4").tobytes().decode("utf-32-le")
    return [clusters.glyph_text(glyph) if glyph != SECOND else "" for glyph in glyphs.tolist()]


class CellSink(Protocol):
    """Takes changed cells straight to the terminal."""

    def put(self, patch: Patch) -> None:
        """Show the changed cells of a patch."""
        ...


class Canvas(Widget):
    """Shows a CellGrid; a new grid repaints only the cells that differ from the last.

    On the screen in front, and beside a dialog over it, they go to the terminal's driver as cells.
    Textual would make text of them, which the driver would have to take apart again: half of the
    time that a frame takes, and behind a dialog it would be the text of the whole screen. While
    the layout changes, and with any other driver, Textual paints.
    """

    DEFAULT_CSS = "Canvas { position: absolute; }"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self._grid = CellGrid.blank(0, 0)
        self._strips: list[Strip | None] = []
        """Rows as Textual wants them, None where none was asked for since the row changed."""
        self.sink: CellSink | None = None
        self._tones = DARK
        self._depth = ColourDepth.TRUECOLOR

    def set_look(self, tones: Tones, depth: ColourDepth) -> None:
        """Choose the colours behind DEFAULT cells and the palette of the terminal."""
        if (tones, depth) != (self._tones, self._depth):
            self._tones, self._depth = tones, depth
            self._strips = [None] * self._grid.height
            self.refresh()

    @property
    def grid(self) -> CellGrid:
        """What is shown."""
        return self._grid

    def show(self, grid: CellGrid) -> None:
        """Show `grid` instead of the last one."""
        old, self._grid = self._grid, grid
        if old.glyphs.shape != grid.glyphs.shape:
            self._strips = [None] * grid.height
            self.refresh()
            return
        changed = old.glyphs != grid.glyphs
        changed |= old.foreground != grid.foreground
        changed |= old.background != grid.background
        second = grid.glyphs == SECOND
        if second.any():
            # Textual would paint half of a wide sign as a blank.
            changed[:, :-1] |= changed[:, 1:] & second[:, 1:]
            changed[:, 1:] |= changed[:, :-1] & second[:, 1:]
        rows = np.flatnonzero(changed.any(axis=1))
        if not len(rows):
            return
        for row in rows.tolist():
            self._strips[row] = None
        if self._put(grid, changed):
            return
        first = changed[rows].argmax(axis=1)
        last = grid.width - changed[rows, ::-1].argmax(axis=1)
        spans = zip(rows.tolist(), first.tolist(), last.tolist(), strict=True)
        self.refresh(*(Region(left, row, right - left, 1) for row, left, right in spans))

    def _put(self, grid: CellGrid, changed: npt.NDArray[np.bool_]) -> bool:
        """Hand the changed cells to the driver; False where Textual has to paint them."""
        place = self._place_in_sight() if self.sink is not None else None
        if self.sink is None or place is None:
            return False
        if isinstance(self.app.screen, Dialog):
            beside = self.app.screen.beside(place, changed)
            if beside is None:
                return False
            changed = beside
        ink, paper = self._colours(grid.foreground[changed], grid.background[changed])
        pairs = ink.astype(np.int64) << 32 | paper.astype(np.int64) & 0xFFFFFFFF
        pairs, of_cell = np.unique(pairs, return_inverse=True)
        depth = self._depth
        styles = tuple(
            WireStyle(0, wire_colour(pair >> 32, depth), wire_colour(paper, depth))
            for pair, paper in zip(pairs.tolist(), pairs.astype(np.int32).tolist(), strict=True)
        )
        style_of = np.zeros(changed.shape, np.int64)
        style_of[changed] = of_cell
        self.sink.put(Patch(*place, grid.glyphs, styles, style_of, changed, clusters.texts))
        return True

    def _place_in_sight(self) -> Offset | None:
        """The upper left cell on the terminal; None where more than a dialog may cover it."""
        if not in_sight(self.screen):
            return None
        region, styles = self.region, self.styles
        # Where Textual has yet to arrange what it was told, it will paint everything anyway.
        wanted = (int(styles.offset.x.value), int(styles.offset.y.value), *self._grid.glyphs.shape)
        settled = (region.x, region.y, region.height, region.width) == wanted
        return region.offset if settled else None

    def _colours(self, ink: ColourArray, paper: ColourArray) -> tuple[ColourArray, ColourArray]:
        """The same with the pane's own colours in place of DEFAULT."""
        if self._tones.text == DEFAULT:
            return ink, paper
        return (
            np.where(ink == DEFAULT, self._tones.text, ink),
            np.where(paper == DEFAULT, self._tones.background, paper),
        )

    def _build(self, rows: Sequence[int]) -> None:
        """Make the strips of the given rows, with a segment for each run of one style."""
        grid, width, depth = self._grid, self._grid.width, self._depth
        if not width or not rows:
            return
        ink, paper = self._colours(grid.foreground[rows], grid.background[rows])
        starts = np.ones(ink.shape, bool)
        starts[:, 1:] = (ink[:, 1:] != ink[:, :-1]) | (paper[:, 1:] != paper[:, :-1])
        for index, row in enumerate(rows):
            text = row_text(grid.glyphs[row])
            left = np.flatnonzero(starts[index])
            inks, papers = ink[index, left].tolist(), paper[index, left].tolist()
            edges = [*left.tolist(), width]
            parts = [
                ("".join(text[begin:end]), rich_style(ink, paper, depth))
                for begin, end, ink, paper in zip(edges, edges[1:], inks, papers, strict=False)
            ]
            self._strips[row] = Strip([Segment(*part) for part in parts], width)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """None: the colours are already those of the terminal at hand."""
        return ()

    def render_lines(self, crop: Region) -> list[Strip]:
        """The rows inside `crop`, blank where the grid ends before the widget does."""
        blank = rich_style(self._tones.text, self._tones.background, self._depth)
        left, right = crop.column_span
        known = range(crop.y, min(crop.bottom, len(self._strips)))
        self._build([row for row in known if self._strips[row] is None])
        lines = []
        for row in crop.line_range:
            strip = (self._strips[row] if row in known else None) or Strip([], 0)
            if strip.cell_length < right:
                strip = strip.adjust_cell_length(right, blank)
            lines.append(strip.crop(left, right))
        return lines
