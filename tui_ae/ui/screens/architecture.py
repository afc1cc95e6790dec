"""The network drawn to scale, its layers, and what there is to know about it and its loss."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice, pairwise
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.geometry import Size
from textual.widget import Widget
from textual.widgets import Static

from tui_ae.model.objective import OBJECTIVES
from tui_ae.model.spec import ModelSpec
from tui_ae.raster.bowtie import bowtie
from tui_ae.raster.colour import ColourDepth
from tui_ae.raster.grid import CellGrid
from tui_ae.ui.actions import Where, bindings
from tui_ae.ui.canvas import Canvas
from tui_ae.ui.screens.lessons import Block, BlockStyle, LessonNumbers, Section, sections
from tui_ae.ui.screens.page import (
    Heading,
    PageScreen,
    emphasised,
)
from tui_ae.ui.sheet import Sheet
from tui_ae.ui.themes import DARK, Tones

WIDE = 110
"""From this width on the text stands in two columns."""
ROWS = (BlockStyle.CAPTION, BlockStyle.ROW, BlockStyle.HERE)
PLAN = ((1, 2), (1, 1), (1, 1), (1, 1), (1, 1), (1, 1))
"""How many sections stand left and right, row by row, so that both sides are about as long."""
BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]
PICTURE_ROWS = (13, 23)
"""The fewest and the most rows of the picture."""
NARROW = 64
"""Below this width the raster's picture leaves out the names and the loss."""


def draw(spec: ModelSpec, height: int, width: int, tones: Tones, *, ascii_only: bool) -> CellGrid:
    """The bowtie in height x width cells, the parts named, the loss joining both ends."""
    sheet = Sheet(height, width, ascii_only=ascii_only)
    layers = spec.layers()
    around = 2 if width < NARROW else 0
    loss = OBJECTIVES[spec.objective].equation
    picture = bowtie(
        [layer.units for layer in layers],
        height - around,
        width,
        activations=[layer.activation for layer in layers],
        loss=loss,
        ascii=ascii_only,
        bars=tones.title,
        bottleneck=tones.accent,
        flanks=tones.faint,
        text=tones.text,
    )
    sheet.paste(picture, around // 2, 0)
    if around:
        for place, name in ((1 / 4, "ENCODER"), (1 / 2, "BOTTLENECK"), (3 / 4, "DECODER")):
            ink = tones.accent if place == 1 / 2 else tones.text
            sheet.put(0, round(place * width) - len(name) // 2, name, ink)
        sheet.put(height - 1, 0, "└" + f" {loss} ".center(width - 2, "─") + "┘", tones.text)
    return sheet.grid


class BowtieCanvas(Canvas):
    """The bowtie at the width of the page."""

    DEFAULT_CSS = """
    BowtieCanvas { position: relative; width: 1fr; max-width: 160; height: 12; margin: 0 1 1 1; }
    """

    def __init__(self, spec: ModelSpec, tones: Tones, depth: ColourDepth, ascii_only: bool) -> None:
        super().__init__()
        self._spec, self._ascii = spec, ascii_only
        self.set_look(tones, depth)

    def on_resize(self, event: events.Resize) -> None:
        """Draw it anew at the new size."""
        self._draw(event.size)

    def set_tones(self, tones: Tones) -> None:
        """Draw it in the tones of another theme."""
        self.set_look(tones, self._depth)
        self._draw(self.size)

    def _draw(self, size: Size) -> None:
        width, height = size
        if width and height:
            self.show(draw(self._spec, height, width, self._tones, ascii_only=self._ascii))


class LessonLine(Static):
    """A block of a section; an update that keeps its height costs no new layout."""

    def __init__(self, block: Block, *, ascii_only: bool) -> None:
        super().__init__(
            emphasised(block.text, ascii_only=ascii_only), classes=f"-{block.style.value}"
        )
        self.block = block
        self._ascii = ascii_only

    def set_block(self, block: Block) -> None:
        """Show another text, if it is another one."""
        if block == self.block:
            return
        if block.style is not self.block.style:
            self.remove_class(f"-{self.block.style.value}")
            self.add_class(f"-{block.style.value}")
        self.block = block
        self.update(emphasised(block.text, ascii_only=self._ascii), layout=block.style not in ROWS)


def _lines(section: Section, ascii_only: bool) -> list[LessonLine]:
    lines = [LessonLine(block, ascii_only=ascii_only) for block in section.blocks]
    for above, line in pairwise(lines):
        if line.block.style is BlockStyle.TEXT and above.block.style in ROWS:
            line.add_class("-after-rows")
    return lines


class ArchitectureScreen(PageScreen):
    """The architecture view."""

    DEFAULT_CSS = """
    ArchitectureScreen .pair { layout: vertical; height: auto; max-width: 160; padding: 0 1; }
    ArchitectureScreen.-wide .pair { layout: horizontal; }
    ArchitectureScreen .column { height: auto; width: 1fr; }
    ArchitectureScreen.-wide .column.-left { margin-right: 4; }
    ArchitectureScreen LessonLine { height: auto; width: 1fr; }
    ArchitectureScreen LessonLine.-text { margin-bottom: 1; }
    ArchitectureScreen LessonLine.-formula { margin-bottom: 1; color: $accent; }
    ArchitectureScreen LessonLine.-caption { color: $muted; }
    ArchitectureScreen LessonLine.-here { color: $accent; text-style: bold; }
    ArchitectureScreen LessonLine.-after-rows { margin-top: 1; }
    """
    HORIZONTAL_BREAKPOINTS = BREAKPOINTS
    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.PAGE, "architecture")

    def __init__(
        self,
        numbers: LessonNumbers,
        *,
        ascii: bool = False,  # noqa: A002 - as elsewhere
        tones: Tones = DARK,
        depth: ColourDepth = ColourDepth.TRUECOLOR,
    ) -> None:
        """Explain the network and the loss of `numbers`.

        Args:
            numbers: The numbers to fill in.
            ascii: Whether only ASCII is safe.
            tones: The theme, for the picture.
            depth: The terminal's colours, for the picture.
        """
        value = f"{numbers.dataset} · {numbers.spec.parameters:,} parameters"
        super().__init__("how an autoencoder works", value, ascii_only=ascii)
        self._numbers = numbers
        self._picture = BowtieCanvas(numbers.spec, tones, depth, ascii)
        self._sections: tuple[Section, ...] = sections(numbers)
        self._lines = [_lines(section, ascii) for section in self._sections]

    def compose_body(self) -> Iterator[Widget]:
        """The picture, then the sections, two by two."""
        yield self._picture
        parts = iter(
            [Heading(section.title, ascii_only=self.ascii_only), *lines]
            for section, lines in zip(self._sections, self._lines, strict=True)
        )
        for left, right in PLAN:
            yield Horizontal(
                Vertical(*chain(*islice(parts, left)), classes="column -left"),
                Vertical(*chain(*islice(parts, right)), classes="column"),
                classes="pair",
            )

    def on_resize(self, event: events.Resize) -> None:
        """Give the picture its share of the height."""
        least, most = PICTURE_ROWS
        # An odd number of rows has a middle one, for the thin bars.
        rows = min(max(event.size.height * 2 // 5, least), most) | 1
        self._picture.styles.height = rows if event.size.width < NARROW else max(rows, least + 2)
        super().on_resize(event)

    def set_tones(self, tones: Tones) -> None:
        """Draw the picture in the tones of another theme."""
        self._picture.set_tones(tones)

    def update_numbers(self, numbers: LessonNumbers) -> None:
        """Fill in new numbers; only what reads differently is written again."""
        if numbers == self._numbers:
            return
        self._numbers, self._sections = numbers, sections(numbers)
        for section, lines in zip(self._sections, self._lines, strict=True):
            for block, line in zip(section.blocks, lines, strict=True):
                line.set_block(block)
