"""The canvas shows grids; what it repaints is what changed."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from itertools import pairwise, product
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from rich.cells import cell_len
from rich.color import Color, ColorType
from rich.style import Style
from textual.app import App
from textual.geometry import Offset, Region
from textual.screen import ModalScreen
from textual.strip import Strip
from textual.widgets import Static

from tui_ae.link.cells.glyphs import CONTINUATION
from tui_ae.link.cells.patch import Patch
from tui_ae.link.cells.screen import ScreenModel
from tui_ae.link.cells.styles import CUBE, PLAIN, transition
from tui_ae.raster.clusters import FIRST_CLUSTER, cluster_glyph, glyph_text
from tui_ae.raster.colour import (
    ANSI,
    BY_NUMBER,
    SIXTEEN_ON_DARK,
    ColourDepth,
    class_colours,
    grey_levels,
)
from tui_ae.raster.grid import DEFAULT, SECOND, CellGrid
from tui_ae.ui.canvas import Canvas, nearest_256, rich_colour, row_text, wire_colour
from tui_ae.ui.screens.dialog import Dialog
from tui_ae.ui.themes import DARK, LIGHT, TERMINAL, TONES, Tones

TONE_COLOURS = sorted(
    {
        getattr(tones, field.name)
        for tones in TONES.values()
        for field in dataclasses.fields(Tones)
        if field.name != "dark"
    }
    - {DEFAULT}
)
glyphs = st.sampled_from([ord(sign) for sign in " a▀⣿█"])
inks = st.sampled_from([DEFAULT, 0x000000, 0xFF0000, 0x87D7FF])

Cells = list[list[tuple[str, Style | None]]]


def grids(height: int, width: int) -> st.SearchStrategy[CellGrid]:
    shape = (height, width)
    return st.builds(
        CellGrid,
        arrays(np.uint32, shape, elements=glyphs),
        arrays(np.int32, shape, elements=inks),
        arrays(np.int32, shape, elements=inks),
    )


pairs = st.tuples(st.integers(1, 5), st.integers(1, 9)).flatmap(
    lambda size: st.tuples(grids(*size), grids(*size))
)


class Recorder(Canvas):
    """A canvas without a screen that notes what it asks to be repainted."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[object] = []

    def refresh(self, *regions: Region, **options: Any) -> Recorder:
        if hasattr(self, "asked"):
            self.asked.append(regions)
        return self


def canvas(
    grid: CellGrid | None = None, tones: Tones = DARK, depth: ColourDepth = ColourDepth.TRUECOLOR
) -> Recorder:
    made = Recorder()
    made.set_look(tones, depth)
    if grid is not None:
        made.show(grid)
    made.asked.clear()
    return made


def cells(strips: list[Strip]) -> Cells:
    """Each cell's character and style, however the strips are cut into segments."""
    return [
        [(sign, segment.style) for segment in strip for sign in segment.text] for strip in strips
    ]


def shown(made: Recorder, height: int, width: int) -> Cells:
    return cells(made.render_lines(Region(0, 0, width, height)))


def solid(height: int, width: int, sign: str = "x", ink: int = DEFAULT) -> CellGrid:
    grid = CellGrid.blank(height, width)
    grid.glyphs[:] = ord(sign)
    grid.foreground[:] = ink
    return grid


@given(pairs)
def test_showing_one_grid_after_another_shows_the_second(pair: tuple[CellGrid, CellGrid]) -> None:
    first, second = pair
    size = (second.height, second.width)
    made = canvas(first)
    made.show(second)
    assert shown(made, *size) == shown(canvas(second), *size)
    assert made.grid is second


@given(pairs)
def test_the_repainted_spans_hold_every_change_and_end_at_changes(
    pair: tuple[CellGrid, CellGrid],
) -> None:
    first, second = pair
    before, after = (
        np.stack([grid.glyphs.astype(int), grid.foreground, grid.background])
        for grid in (first, second)
    )
    changed = (before != after).any(axis=0)
    made = canvas(first)
    made.show(second)
    spans = [region for regions in made.asked for region in regions]
    covered = np.zeros(changed.shape, bool)
    for span in spans:
        assert span.height == 1
        row = slice(span.x, span.right)
        assert changed[span.y, row][0] and changed[span.y, row][-1]
        covered[span.y, row] = True
    assert not (changed & ~covered).any()
    assert len(spans) == changed.any(axis=1).sum()


def row_of(text: str) -> CellGrid:
    """A grid of one row, in which '_' stands for the second cell of the sign before it."""
    grid = CellGrid.blank(1, len(text))
    grid.glyphs[0] = [SECOND if sign == "_" else ord(sign) for sign in text]
    return grid


@pytest.mark.parametrize(
    ("before", "after", "left", "width"),
    [
        ("abcdef", "abXdef", 2, 1),
        ("abcdef", "XbcdeX", 0, 6),
        ("abcdef", "abcdeX", 5, 1),
        # Of a wide sign both cells are painted again, though the second is what it was.
        ("a漢_def", "a字_def", 1, 2),
        ("漢_cdef", "字_cdef", 0, 2),
        ("abcd漢_", "abcd字_", 4, 2),
        ("abcdef", "a漢_def", 1, 2),
        ("a漢_def", "aXYdef", 1, 2),
        ("a漢_def", "a漢_deX", 5, 1),
        ("a漢_def", "aX漢_ef", 1, 3),
    ],
)
def test_the_span_that_is_painted_again(before: str, after: str, left: int, width: int) -> None:
    made = canvas(row_of(before))
    made.show(row_of(after))
    assert made.asked == [(Region(left, 0, width, 1),)]


def test_a_sign_whose_second_cell_alone_is_another_colour_is_painted_whole() -> None:
    made, other = canvas(row_of("a漢_def")), row_of("a漢_def")
    other.foreground[0, 2] = 0xFF0000
    made.show(other)
    assert made.asked == [(Region(1, 0, 2, 1),)]


def test_the_same_grid_again_repaints_nothing() -> None:
    made = canvas(solid(3, 5))
    made.show(solid(3, 5))
    assert not made.asked


@pytest.mark.parametrize("size", [(2, 3), (5, 9), (0, 0), (0, 4), (4, 0)])
def test_another_size_repaints_all(size: tuple[int, int]) -> None:
    made = canvas(solid(3, 5))
    made.show(solid(*size))
    assert made.asked == [()]
    text = ["".join(sign for sign, _ in row) for row in shown(made, 4, 7)]
    expected = [("x" * size[1] if row < size[0] else "").ljust(7)[:7] for row in range(4)]
    assert text == expected


@given(grids(3, 8), st.integers(0, 7), st.integers(1, 8), st.integers(0, 4), st.integers(1, 4))
def test_a_crop_is_a_part_of_the_whole(
    grid: CellGrid, left: int, width: int, top: int, height: int
) -> None:
    made = canvas(grid)
    whole = shown(made, 8, 16)
    part = cells(made.render_lines(Region(left, top, width, height)))
    assert part == [row[left : left + width] for row in whole[top : top + height]]


@given(grids(2, 9))
def test_a_segment_is_a_run_of_one_style(grid: CellGrid) -> None:
    for strip in canvas(grid).render_lines(Region(0, 0, 9, 2)):
        styles = [segment.style for segment in strip]
        assert all(a != b for a, b in pairwise(styles))
        assert strip.cell_length == 9


@pytest.mark.parametrize("tones", TONES.values(), ids=list(TONES))
def test_default_cells_take_the_colours_of_the_look(tones: Tones) -> None:
    style = shown(canvas(solid(1, 1), tones), 1, 1)[0][0][1]
    if tones is TERMINAL:
        assert style.color.is_default and style.bgcolor.is_default
    else:
        assert style.color.get_truecolor().hex == f"#{tones.text:06x}"
        assert style.bgcolor.get_truecolor().hex == f"#{tones.background:06x}"


def test_another_look_repaints_all_and_the_same_nothing() -> None:
    made = canvas(solid(2, 2))
    made.set_look(DARK, ColourDepth.TRUECOLOR)
    assert not made.asked
    made.set_look(LIGHT, ColourDepth.TRUECOLOR)
    assert made.asked == [()]
    assert shown(made, 2, 2) == shown(canvas(solid(2, 2), LIGHT), 2, 2)


def test_without_colours_none_are_sent() -> None:
    style = shown(canvas(solid(1, 1, ink=0xFF0000), depth=ColourDepth.NONE), 1, 1)[0][0][1]
    assert style.color.is_default and style.bgcolor.is_default


@pytest.mark.parametrize("number", range(16, 256))
def test_an_entry_of_the_256_colours_is_its_own_nearest(number: int) -> None:
    if number < 232:
        steps = divmod(number - 16, 36)
        red, (green, blue) = steps[0], divmod(steps[1], 6)
        colour = CUBE[red] << 16 | CUBE[green] << 8 | CUBE[blue]
    else:
        colour = (8 + 10 * (number - 232)) * 0x010101
    assert nearest_256(colour) == number


@pytest.mark.parametrize(
    ("colour", "number"),
    [
        # Greys: black and white are the cube's, and the ramp goes from 8 to 238.
        (0x030303, 16),
        (0x050505, 232),
        (0xEFEFEF, 255),
        (0xF3F3F3, 255),
        (0xF7F7F7, 231),
        (0x808080, 244),
        (0x0E0E0E, 233),
        (0x5F5F64, 241),
        # Each channel of others goes to the nearest of 0, 95, 135, 175, 215 and 255.
        (0x2F00B0, 16 + 3),
        (0x3000B0, 16 + 36 + 3),
        (0xFF8700, 16 + 36 * 5 + 6 * 2),
        (0x00D8FF, 16 + 6 * 4 + 5),
    ],
)
def test_the_entry_nearest_to_a_colour(colour: int, number: int) -> None:
    assert nearest_256(colour) == number


def test_each_of_the_sixteen_is_asked_for_by_its_number() -> None:
    for number, colour in enumerate(ANSI):
        assert rich_colour(colour, ColourDepth.SIXTEEN) == Color.from_ansi(number)
    for depth in (ColourDepth.TRUECOLOR, ColourDepth.SIXTEEN):
        assert rich_colour(9 | BY_NUMBER, depth) == Color.from_ansi(9)
        assert rich_colour(DEFAULT, depth).is_default
    exact = rich_colour(0x123456, ColourDepth.TRUECOLOR).triplet
    assert exact == (0x12, 0x34, 0x56)


def test_a_row_of_signs_of_one_cell_and_of_two() -> None:
    accented, kana = cluster_glyph("q\u0323"), cluster_glyph("か\u3099")
    for cells_, text in (
        ([ord("a"), ord("█")], ["a", "█"]),
        ([ord("漢"), SECOND, ord("a")], ["漢", "", "a"]),
        ([accented, ord("a")], ["q\u0323", "a"]),
        ([kana, SECOND], ["か\u3099", ""]),
        ([FIRST_CLUSTER, ord("a")], [glyph_text(FIRST_CLUSTER), "a"]),
    ):
        assert list(row_text(np.array(cells_, np.uint32))) == text


PALETTE = np.array(
    [*product(CUBE, repeat=3), *([8 + 10 * grey] * 3 for grey in range(24))], np.int64
)
"""(240, 3) red, green and blue of the entries 16 to 255."""


@given(st.integers(0, 0xFFFFFF))
@example(0x773127)
def test_none_of_the_256_colours_is_nearer(colour: int) -> None:
    number = nearest_256(colour)
    found = rich_colour(colour, ColourDepth.EIGHT_BIT).get_truecolor()
    assert rich_colour(colour, ColourDepth.EIGHT_BIT).number == number
    channels = (colour >> 16 & 255, colour >> 8 & 255, colour & 255)
    distance = sum((a - b) ** 2 for a, b in zip(found, channels, strict=True))
    assert distance == ((PALETTE - channels) ** 2).sum(axis=1).min()


def test_all_colours_of_the_program_survive_on_256_colours() -> None:
    wanted = [*TONE_COLOURS, *grey_levels(26).tolist()]
    for dark in (True, False):
        wanted += class_colours(36, dark=dark, depth=ColourDepth.TRUECOLOR)
    for colour in wanted:
        found = rich_colour(colour, ColourDepth.EIGHT_BIT).get_truecolor()
        assert found.hex == f"#{colour:06x}"


@pytest.mark.parametrize("depth", [each for each in ColourDepth if each is not ColourDepth.NONE])
@pytest.mark.parametrize("dark", [True, False])
def test_ten_of_sixteen_colours_stay_ten_and_go_as_short_numbers(
    dark: bool, depth: ColourDepth
) -> None:
    colours = class_colours(10, dark=dark, depth=ColourDepth.SIXTEEN)
    found = [rich_colour(colour, depth) for colour in colours]
    numbers = [each.number for each in found]
    assert {each.type for each in found} == {ColorType.STANDARD}
    assert numbers == [colour ^ BY_NUMBER for colour in colours]
    assert len(set(numbers)) == 10
    sequences = [transition(PLAIN, PLAIN._replace(ink=wire_colour(c, depth))) for c in colours]
    assert {len(sequence) for sequence in sequences} == {len("\x1b[91m")}


@given(st.integers(0, 0xFFFFFF))
def test_any_colour_has_one_of_the_sixteen(colour: int) -> None:
    found = rich_colour(colour, ColourDepth.SIXTEEN)
    assert found.type is ColorType.STANDARD and found.number in range(16)


class Stage(App[None]):
    CSS = "Screen { overflow: hidden; }"

    def compose(self) -> Iterator[Canvas]:
        self.canvas = Canvas()
        self.canvas.styles.width, self.canvas.styles.height = 9, 3
        yield self.canvas


async def test_on_a_screen_the_changed_cells_are_the_painted_ones() -> None:
    app = Stage()
    async with app.run_test(size=(20, 6)) as pilot:
        app.canvas.show(solid(3, 9, "a"))
        await pilot.pause()
        second = solid(3, 9, "a")
        second.glyphs[1, 2:5] = ord("b")
        app.canvas.show(second)
        await pilot.pause()
        strips = app.screen._compositor.render_strips()
        text = ["".join(segment.text for segment in strip)[:9] for strip in strips][:3]
        assert text == second.rows()


class Sink:
    """What a driver that takes cells makes of them."""

    def __init__(self, model: ScreenModel) -> None:
        self.model = model
        self.taken = 0

    def put(self, patch: Patch) -> None:
        self.taken += 1
        self.model.put(patch)


def fed_by_textual(app: App[None], model: ScreenModel) -> None:
    """The model after Textual has written its whole screen."""
    for row, strip in enumerate(app.screen._compositor.render_strips(app.size)):
        text = "".join(
            segment.style.render(segment.text) if segment.style else segment.text
            for segment in strip
        )
        model.feed(f"\x1b[{row + 1};1H{text}\x1b[m")


def with_wide_signs(grid: CellGrid, rng: np.random.Generator) -> CellGrid:
    """The same with signs of two cells, and clusters of one, here and there."""
    height, width = grid.glyphs.shape
    for row in range(height):
        for column in range(int(rng.integers(0, 3)), width - 1, 3):
            sign = rng.choice(["漢", "한", "😀", "q\u0323", ""])
            if not sign:
                continue
            grid.glyphs[row, column] = cluster_glyph(str(sign))
            if cell_len(sign) == 2:
                grid.glyphs[row, column + 1] = SECOND
                grid.foreground[row, column + 1] = grid.foreground[row, column]
                grid.background[row, column + 1] = grid.background[row, column]
    return grid


def random_grid(rng: np.random.Generator, height: int, width: int) -> CellGrid:
    colours = np.array(
        [DEFAULT, 0x000000, 0x123456, 0x808080, 0xEEEEEE, 0x87D7FF, *ANSI, *SIXTEEN_ON_DARK]
    )
    return CellGrid(
        rng.choice([ord(sign) for sign in " a▀⣿█"], (height, width)).astype(np.uint32),
        rng.choice(colours, (height, width)).astype(np.int32),
        rng.choice(colours, (height, width)).astype(np.int32),
    )


@pytest.mark.parametrize("tones", [DARK, TERMINAL])
@pytest.mark.parametrize("depth", list(ColourDepth))
async def test_cells_that_go_past_textual_are_those_that_it_would_write(
    depth: ColourDepth, tones: Tones
) -> None:
    rng = np.random.default_rng(0)
    app = Stage()
    async with app.run_test(size=(20, 6)) as pilot:
        direct, written = ScreenModel(20, 6), ScreenModel(20, 6)
        app.canvas.styles.offset = (4, 2)
        app.canvas.set_look(tones, depth)
        app.canvas.show(random_grid(rng, 3, 9))
        await pilot.pause()
        fed_by_textual(app, direct)
        written.feed("\x1b[2J")
        # One table of styles, so that numbers mean the same on both.
        written.styles = direct.styles
        app.canvas.sink = sink = Sink(direct)
        for _ in range(5):
            app.canvas.show(random_grid(rng, 3, 9))
            fed_by_textual(app, written)
            assert np.array_equal(direct.cells, written.cells)
        assert sink.taken == 5


async def test_signs_of_two_cells_arrive_alike_by_both_ways() -> None:
    """By cells past Textual, by rows through it, and by the spans that it paints again."""
    rng = np.random.default_rng(0)
    app = Stage()
    async with app.run_test(size=(20, 6)) as pilot:
        direct, written = ScreenModel(20, 6), ScreenModel(20, 6)
        app.canvas.styles.offset = (4, 2)
        grid = with_wide_signs(random_grid(rng, 3, 9), rng)
        app.canvas.show(grid)
        await pilot.pause()
        fed_by_textual(app, direct)
        written.feed("\x1b[2J")
        written.styles, written.glyphs = direct.styles, direct.glyphs
        for step in range(20):
            app.canvas.sink = Sink(direct)
            if step % 2:
                grid = with_wide_signs(random_grid(rng, 3, 9), rng)
            else:
                # One sign for another of two cells: only its first cell differs.
                glyphs = np.where(grid.glyphs == ord("漢"), ord("字"), grid.glyphs)
                grid = dataclasses.replace(grid, glyphs=glyphs)
            app.canvas.show(grid)
            fed_by_textual(app, written)
            written.note_wide(), direct.note_wide()
            ours = direct.cells & 0xFFFFFF != CONTINUATION
            assert np.array_equal(direct.cells[ours], written.cells[ours])
            assert np.array_equal(ours, written.cells & 0xFFFFFF != CONTINUATION)


async def test_of_a_wide_sign_textual_paints_both_cells_again() -> None:
    app = Stage()
    async with app.run_test(size=(20, 6)) as pilot:
        for sign in "漢字":
            grid = solid(3, 9, "a")
            grid.glyphs[1, 3:5] = ord(sign), SECOND
            app.canvas.show(grid)
        assert Region(3, 1, 2, 1) in app.canvas._dirty_regions
        await pilot.pause()
        strips = app.screen._compositor.render_strips()
        assert "".join(segment.text for segment in strips[1])[:8] == "aaa字aaaa"


async def test_textual_paints_what_may_be_covered_or_is_not_in_its_place_yet() -> None:
    rng = np.random.default_rng(0)
    app = Stage()
    async with app.run_test(size=(20, 6)) as pilot:
        app.canvas.show(random_grid(rng, 3, 9))
        await pilot.pause()
        app.canvas.sink = sink = Sink(ScreenModel(20, 6))
        app.canvas.styles.offset = (1, 1)
        app.canvas.show(random_grid(rng, 3, 9))
        assert sink.taken == 0
        await pilot.pause()
        app.canvas.show(random_grid(rng, 3, 9))
        assert sink.taken == 1
        await app.push_screen(ModalScreen())
        app.canvas.show(random_grid(rng, 3, 9))
        assert sink.taken == 1
        app.pop_screen()
        await pilot.pause()
        app.canvas.show(random_grid(rng, 3, 9))
        assert sink.taken == 2


class Over(Dialog[None]):
    DEFAULT_CSS = """
    Over { align: right middle; }
    Over > Static { width: 5; height: 2; }
    """

    def compose(self) -> Iterator[Static]:
        yield Static("over")


async def test_a_dialog_hides_the_cells_under_its_panel_alone() -> None:
    app = Stage()
    async with app.run_test(size=(20, 6)) as pilot:
        over = Over()
        await app.push_screen(over)
        await pilot.pause()
        (panel,) = (child.region for child in over.children)
        cells = np.ones((3, 4), bool)
        for place in (Offset(x, y) for x in range(-5, 21) for y in range(-4, 7)):
            seen = over.beside(place, cells)
            assert seen is not None
            for row, column in np.ndindex(seen.shape):
                hidden = panel.contains(place.x + column, place.y + row)
                assert seen[row, column] == (not hidden)
            assert cells.all()


async def test_beside_a_dialog_cells_go_past_textual_and_under_it_none() -> None:
    rng = np.random.default_rng(0)
    app = Stage()
    async with app.run_test(size=(20, 6)) as pilot:
        direct, written = ScreenModel(20, 6), ScreenModel(20, 6)
        app.canvas.styles.offset = (8, 2)
        app.canvas.show(random_grid(rng, 3, 9))
        await app.push_screen(Over())
        await pilot.pause()
        fed_by_textual(app, direct)
        written.styles = direct.styles
        app.canvas.sink = sink = Sink(direct)
        for shown in range(1, 6):
            app.canvas.show(random_grid(rng, 3, 9))
            assert sink.taken == shown
            app.screen.refresh()
            await pilot.pause()
            fed_by_textual(app, written)
            assert np.array_equal(direct.cells, written.cells)
        app.canvas.show(solid(3, 9, "z"))
        await app.push_screen(Over())
        await pilot.pause()
        strips = app.screen._compositor.render_strips()
        assert "".join(segment.text for segment in strips[4]).strip() == 9 * "z"
        app.canvas.show(solid(3, 9, "y"))
        assert sink.taken == 6, "two dialogs are Textual's business"
