"""The whole program without a terminal: keys and the mouse in, state out."""

from __future__ import annotations

import dataclasses
import gc
import re
import threading
import weakref
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from pytest import MonkeyPatch
from textual import events
from textual.color import Color
from textual.geometry import Size
from textual.strip import Strip

from tests.ui.conftest import Run, Start
from tests.ui.idle import LIMIT_S, settle
from tui_ae.config import Settings
from tui_ae.data.dataset import Dataset
from tui_ae.data.images import Images
from tui_ae.data.progress import Progress
from tui_ae.link.cells.patch import Patch
from tui_ae.link.flow.priorities import LAST_PRIORITY, Priorities, Region
from tui_ae.link.link import Link
from tui_ae.run.snapshot import State
from tui_ae.ui import clock, key_order
from tui_ae.ui import pages as pages_module
from tui_ae.ui.actions import MAIN
from tui_ae.ui.app import OF_CLOSED_SCREENS
from tui_ae.ui.explorer import LAYERS
from tui_ae.ui.layout import TABS, Arrangement
from tui_ae.ui.main_screen import MainScreen
from tui_ae.ui.screens.architecture import ArchitectureScreen
from tui_ae.ui.screens.classes import ClassesScreen
from tui_ae.ui.screens.confirm import ConfirmScreen
from tui_ae.ui.screens.data import DataScreen
from tui_ae.ui.screens.help import HelpScreen
from tui_ae.ui.screens.loss_chart import LossChartScreen
from tui_ae.ui.screens.pad import PadScreen
from tui_ae.ui.screens.palette import Palette
from tui_ae.ui.themes import NAMES, textual_theme

# --- training ------------------------------------------------------------------------------------


async def test_untrained_codes_stand_before_training(start: Start) -> None:
    async with start() as run:
        await run.until(lambda: "mean image 0.243" in run.text)
        text = run.text
        assert "idle" in text and "epoch 0" in text and "10 classes" in text
        assert sum(0x2800 < ord(sign) < 0x2900 for sign in text) > 20
        assert "probe (z₁ = " in text


async def test_it_says_once_that_training_can_begin(start: Start) -> None:
    async with start(ready=False) as run:
        assert run.ready_states == []
        await run.until(lambda: run.state is State.IDLE)
        await run.train(1)
        await run.press("r", "y")
        await run.until(lambda: run.state is State.IDLE)
        assert run.ready_states == [State.IDLE]


async def test_space_trains_and_pauses(start: Start) -> None:
    async with start() as run:
        await run.press("space")
        await run.until(lambda: run.state is State.TRAINING and run.snapshot.epoch >= 3)
        await run.until(lambda: "● training" in run.text)
        await run.press("space")
        await run.until(lambda: run.state is State.PAUSED)
        await run.until(lambda: "● paused" in run.text)
        epoch = run.snapshot.epoch
        assert f"epoch {epoch}" in run.text and f"loss {run.snapshot.loss:.4f}" in run.text
        assert run.snapshot.loss < 0.69


async def test_space_twice_at_once_leaves_it_paused(start: Start) -> None:
    async with start() as run:
        await run.press("space", "space")
        await run.until(lambda: run.state is State.PAUSED)
        at = run.snapshot.epoch, run.snapshot.batch
        await run.press("s")
        await run.until(lambda: run.state is State.PAUSED and run.snapshot.epoch == at[0] + 1)
        assert run.snapshot.batch == 0


async def test_s_trains_one_epoch(start: Start) -> None:
    async with start() as run:
        for epoch in (1, 2):
            await run.press("s")
            await run.until(lambda e=epoch: run.snapshot.epoch == e and run.state is State.PAUSED)
        await run.until(lambda: "● paused" in run.text and "epoch 2" in run.text)


async def test_the_same_seed_gives_the_same_loss_whatever_is_looked_at(start: Start) -> None:
    losses = []
    for keys in ((), ("n", "3", "right", "v", "plus", "f", "n")):
        async with start() as run:
            await run.press("s")
            await run.press(*keys)
            await run.until(lambda r=run: r.snapshot.epoch == 1 and r.state is State.PAUSED)
            losses.append(run.snapshot.loss)
    assert losses[0] == losses[1]


@pytest.mark.parametrize("answer", ["y", "n"])
async def test_reset_asks_where_there_is_something_to_lose(start: Start, answer: str) -> None:
    async with start() as run:
        await run.train(2)
        run_id = run.snapshot.info.id
        await run.press("r")
        assert isinstance(run.app.screen, ConfirmScreen)
        await run.press(answer)
        await run.until(lambda: run.app.screen is run.main)
        if answer == "y":
            await run.until(lambda: run.snapshot.info.id != run_id)
            assert run.snapshot.epoch == 0 and run.state is State.IDLE
            await run.until(lambda: "epoch 0" in run.text)
        else:
            assert run.snapshot.info.id == run_id and run.snapshot.epoch >= 2


async def test_reset_does_not_ask_where_there_is_nothing(start: Start) -> None:
    async with start() as run:
        run_id = run.snapshot.info.id
        await run.press("r")
        assert run.app.screen is run.main
        await run.until(lambda: run.snapshot.info.id != run_id)


# --- samples -------------------------------------------------------------------------------------


async def test_n_shows_a_random_sample(start: Start) -> None:
    async with start() as run:
        seen = set()
        for _ in range(8):
            await run.press("n")
            seen.add(run.explorer.monitored().index)
        assert len(seen) >= 3 and not run.explorer.choice.pinned


@pytest.mark.parametrize("digit", "07")
async def test_a_digit_shows_a_sample_of_its_class(start: Start, digit: str) -> None:
    async with start() as run:
        await run.press(digit)
        assert run.explorer.monitored().label == int(digit)
        assert f"input · {digit}" in run.text and f"monitoring digit {digit}" in run.text
        assert run.explorer.choice.pinned


async def test_keys_choose_classes_by_their_names(start: Start) -> None:
    images = np.random.default_rng(0).random((12, 784), np.float32)
    few = Dataset("few", Images(images), np.arange(12) % 3, ("3", "7", "8"), True)
    async with start(load=lambda *_: few) as run:
        for digit in "738":
            await run.press(digit)
            assert f"monitoring digit {digit}" in run.text
        await run.press("1")
        assert "No class has the key 1: there are 3, 7 and 8" in run.text
        await run.press("c", "7")
        await run.until(lambda: run.explorer.active == {0, 2})
        await run.press("1")
        assert "No class has the key 1" in run.text
        await run.press("escape", "7")
        assert "Class 7 is off" in run.text


async def test_notes_on_the_data_stand_in_the_status_line_until_a_key_and_on_a_page(
    start: Start, digits: Dataset
) -> None:
    notes = ("Passed over 3 pictures outside of these.", "Fitted to 28×28.")
    noted = dataclasses.replace(digits, notes=notes)
    async with start(load=lambda *_: noted) as run:
        assert notes[0] in run.text and "d: 2 notes" in run.text
        await run.press("n")
        assert notes[0] not in run.text and "d: 2 notes" in run.text
        await run.press("d")
        assert isinstance(run.app.screen, DataScreen)
        await run.press("escape")
        assert run.app.screen is run.main


# --- probe and view ------------------------------------------------------------------------------

MOVES = {
    "left": (-1, 0), "right": (1, 0), "h": (-1, 0), "l": (1, 0),
    "shift+left": (-8, 0), "shift+right": (8, 0), "H": (-8, 0), "L": (8, 0),
    "up": (0, -1), "down": (0, 1), "k": (0, -1), "j": (0, 1),
    "shift+up": (0, -8), "shift+down": (0, 8), "K": (0, -8), "J": (0, 8),
}  # fmt: skip


async def test_arrows_and_letters_move_the_probe_by_cells(start: Start) -> None:
    async with start() as run:
        for key, (columns, rows) in MOVES.items():
            column, row = run.cell()
            image = run.explorer.decoded()
            await run.press(key)
            assert run.cell() == (column + columns, row + rows), key
            assert (run.explorer.decoded() != image).any()
            z1, z2 = run.explorer.probe
            assert f"probe (z₁ = {z1:.3f}, z₂ = {z2:.3f})".replace("-0.000", "0.000") in run.text


async def test_the_probe_stays_in_the_view(start: Start) -> None:
    async with start() as run:
        await run.press(*["H"] * 20, *["K"] * 20)
        assert run.cell() == (0, 0)
        assert run.rows()[2][30 + 6] == "╋"


async def test_plus_minus_and_f_zoom_and_fit(start: Start) -> None:
    async with start() as run:
        await run.press("L", "K")
        box, cell = run.explorer.viewport, run.cell()
        for key in ("plus", "equals_sign"):
            width = run.explorer.viewport.right - run.explorer.viewport.left
            await run.press(key)
            assert run.explorer.viewport.right - run.explorer.viewport.left < width
            assert run.cell() == cell
        assert "zoomed, f fits" in run.text and not run.explorer.choice.follows
        await run.press("minus", "minus", "minus")
        assert run.explorer.viewport.right - run.explorer.viewport.left > box.right - box.left
        await run.press("f")
        assert run.explorer.choice.follows and "zoomed" not in run.text
        assert run.explorer.viewport == box


async def test_v_goes_through_the_styles(start: Start) -> None:
    async with start() as run:
        pictures = set()
        for style in (*LAYERS[1:], LAYERS[0]):
            await run.press("v")
            assert run.explorer.choice.layer is style
            assert style is LAYERS[0] or style.value in run.text
            pictures.add("\n".join(row[30:88] for row in run.rows()[2:28]))
        assert len(pictures) >= 3


async def test_enter_on_the_scatter_takes_the_nearest_sample(start: Start) -> None:
    async with start() as run:
        codes = run.snapshot.codes
        await run.press("L", "K", "enter")
        distances = ((codes - run.explorer.probe) ** 2).sum(axis=1)
        chosen = run.explorer.monitored().index
        assert distances[chosen] == pytest.approx(distances.min())
        assert run.explorer.choice.pinned


async def test_tab_goes_round_the_panes_and_enter_opens_them(start: Start) -> None:
    async with start() as run:
        opened = {}
        for _ in range(4):
            name = run.main.focused_pane
            assert "▸ " in run.text
            if name != "scatter":
                await run.press("enter")
                await run.until(lambda: run.app.screen is not run.main)
                opened[name] = type(run.app.screen)
                await run.press("escape")
                await run.until(lambda: run.app.screen is run.main)
            await run.press("tab")
        assert run.main.focused_pane == "scatter"
        expected = {"classes": ClassesScreen, "loss": LossChartScreen}
        assert expected.items() <= opened.items()
        assert opened.keys() <= {*expected, "bowtie"}
        await run.press("shift+tab")
        assert run.main.focused_pane == list(opened)[-1]


# --- classes -------------------------------------------------------------------------------------


async def test_c_switches_classes_and_two_stay_on(start: Start) -> None:
    async with start() as run:
        await run.press("c")
        assert isinstance(run.app.screen, ClassesScreen)
        await run.press(*"01234567")
        await run.until(lambda: run.explorer.active == {8, 9})
        await run.press("8")
        await run.press("9")
        await run.press("escape")
        await run.until(lambda: run.app.screen is run.main)
        assert run.explorer.active == {8, 9} and run.snapshot.active_samples == 60
        await run.until(lambda: "2 of 10 on" in run.text and "60 samples" in run.text)
        assert run.explorer.monitored().label in (8, 9)
        await run.press("3")
        assert "Class 3 is off" in run.text
        await run.press("c", "a", "escape")
        await run.until(lambda: len(run.explorer.active) == 10)


async def test_random_two(start: Start) -> None:
    async with start() as run:
        await run.press("c", "r", "c")
        await run.until(lambda: len(run.explorer.active) == 2)


async def test_a_click_in_the_legend_switches_a_class(start: Start) -> None:
    async with start() as run:
        legend = run.main.query_one("#classes")
        region = legend.region
        places = {
            legend.class_at(x, y): (region.x + x, region.y + y)
            for x in range(region.width)
            for y in range(region.height)
        }
        for label in range(8):
            await run.pilot.click(offset=places[label])
            await run.until(lambda k=label: run.explorer.active == set(range(k + 1, 10)))
        await run.pilot.click(offset=places[9])
        await run.until(lambda: "Two classes stay on" in run.text)
        assert run.explorer.active == {8, 9}
        await run.pilot.click(offset=places[0])
        await run.until(lambda: run.explorer.active == {0, 8, 9})


# --- the mouse -----------------------------------------------------------------------------------


def in_plot(run: Run, column: int, row: int) -> tuple[int, int]:
    region = run.main.query_one("#scatter").region
    return region.x + run.plot.x + column, region.y + run.plot.y + row


async def wheel(
    run: Run, kind: type[events.MouseScrollUp | events.MouseScrollDown], at: tuple[int, int]
) -> None:
    x, y = at
    run.app.post_message(kind(None, x, y, 0, 0, 0, False, False, False, screen_x=x, screen_y=y))
    await run.pilot.pause()


async def test_a_click_puts_the_probe_there(start: Start) -> None:
    async with start() as run:
        for cell in [(0, 0), (10, 5), (run.plot.width - 1, run.plot.height - 1)]:
            await run.pilot.click(offset=in_plot(run, *cell))
            await run.pilot.pause()
            assert run.cell() == cell
            x, y = in_plot(run, *cell)
            assert run.rows()[y][x] == "╋"


async def test_a_drag_takes_the_probe_along(start: Start) -> None:
    async with start() as run:
        await run.pilot.mouse_down(offset=in_plot(run, 10, 5))
        await run.pilot.pause()
        x, y = in_plot(run, 14, 7)
        run.app.post_message(
            events.MouseMove(None, x, y, 4, 2, 1, False, False, False, screen_x=x, screen_y=y)
        )
        await run.until(lambda: run.cell() == (14, 7))
        await run.pilot.mouse_up(offset=in_plot(run, 14, 7))
        await run.pilot.hover(offset=in_plot(run, 3, 3))
        await run.pilot.pause()
        assert run.cell() == (14, 7)


async def test_the_wheel_zooms_at_the_pointer(start: Start) -> None:
    async with start() as run:
        at = in_plot(run, 12, 9)
        box = run.explorer.viewport
        await wheel(run, events.MouseScrollUp, at)
        await run.until(lambda: run.explorer.viewport != box)
        assert run.cell() == (12, 9)
        near = run.explorer.viewport
        assert near.right - near.left < box.right - box.left
        await wheel(run, events.MouseScrollDown, at)
        await run.until(lambda: run.explorer.viewport != near)
        assert run.explorer.viewport.left == pytest.approx(box.left)
        await wheel(run, events.MouseScrollUp, (2, 2))
        assert run.explorer.viewport.left == pytest.approx(box.left)


# --- the drawing pad -----------------------------------------------------------------------------


async def test_a_drawing_that_is_kept_is_the_sample_until_another_is_chosen(start: Start) -> None:
    async with start() as run:
        await run.press("D")
        await run.until(lambda: isinstance(run.app.screen, PadScreen))
        pad = run.app.screen.pad
        assert pad.ink.measured and 2 < pad.width_px < 2.7
        await run.press("K", "space", "J", "J", "l", "l")
        await run.until(lambda: "of 300" in run.text)
        await run.press("enter")
        await run.until(lambda: run.app.screen is run.main)
        assert "input · your drawing" in run.text and "Your drawing is the sample" in run.text
        shown = run.explorer.monitored()
        assert shown.index == -1 and (shown.image == pad.drawing.ink).all()
        await run.press("s")
        await run.until(lambda: run.snapshot.epoch == 1 and run.state is State.PAUSED)
        assert "input · your drawing" in run.text
        await run.press("n")
        assert run.explorer.monitored().index >= 0


async def test_the_pad_follows_the_training_and_keeps_its_drawing(
    start: Start, monkeypatch: MonkeyPatch
) -> None:
    monkeypatch.setattr(pages_module, "FOLLOW_S", 0.0)
    async with start() as run:
        await run.press("space", "D")
        await run.until(lambda: isinstance(run.app.screen, PadScreen))
        head = run.app.screen.query_one("#pad-head")
        first = head.grid.rows()
        # Nobody draws or presses a key: it is the training that brings the next picture.
        await run.until(lambda: head.grid.rows() != first)
        await run.press("space", "J", "space")
        drawn = run.app.screen.pad.drawing.ink
        await run.press("escape", "space")
        await run.until(lambda: run.state is State.PAUSED)
        # Other characters make the page anew, and leave the drawing.
        await run.press("b", "D")
        await run.until(lambda: isinstance(run.app.screen, PadScreen))
        assert (run.app.screen.pad.drawing.ink == drawn).all() and drawn.any()


# --- screens, look, files ------------------------------------------------------------------------


async def test_keys_open_screens_and_escape_comes_back(start: Start) -> None:
    screens = {"a": ArchitectureScreen, "g": LossChartScreen, "question_mark": HelpScreen}
    async with start() as run:
        for key, screen in screens.items():
            await run.press(key)
            await run.until(lambda s=screen: isinstance(run.app.screen, s))
            await run.press("escape")
            await run.until(lambda: run.app.screen is run.main)
            assert "latent space" in run.text


async def test_training_goes_on_under_another_screen(start: Start) -> None:
    async with start() as run:
        await run.press("space", "a")
        await run.until(lambda: isinstance(run.app.screen, ArchitectureScreen))
        epoch = run.snapshot.epoch
        await run.until(lambda: run.snapshot.epoch > epoch + 3)
        await run.press("escape", "space")
        await run.until(lambda: run.state is State.PAUSED)
        await run.until(lambda: f"epoch {run.snapshot.epoch}" in run.text)


class CountingSink:
    """A driver that takes every cell, and counts how often."""

    def __init__(self) -> None:
        self.taken = 0

    def put(self, patch: Patch) -> None:
        self.taken += 1


async def test_cells_go_past_textual_only_where_it_has_painted_the_whole_screen(
    start: Start,
) -> None:
    async with start() as run:
        sink = CountingSink()
        run.main.set_sink(sink)
        await run.press("right")
        assert sink.taken
        await run.press("question_mark")
        before = sink.taken
        run.app.pop_screen()
        # The other screen still stands on the terminal.
        run.explorer.move_probe(5, 0, run.main.query_one("#scatter").cell_size(run.explorer))
        run.main.paint()
        assert sink.taken == before
        await run.until(lambda: run.main.query_one("#scatter").sink is sink)
        await run.press("right")
        assert sink.taken > before


def painted_rows() -> int:
    gc.collect()
    return sum(type(each) is Strip for each in gc.get_objects())


async def test_closed_screens_leave_no_painted_rows_behind(start: Start) -> None:
    async with start() as run:

        async def look_at_pages() -> None:
            for key in ("a", "g", "question_mark", "c"):
                await run.press(key)
                await run.press("escape")
                await run.until(lambda: run.app.screen is run.main)

        await look_at_pages()
        before = painted_rows()
        await look_at_pages()
        # A pane that was just behind a page is painted again, and has its old rows until then.
        await run.until(lambda: painted_rows() < before + 20)


class Loop:
    """Refers to itself, so that no count of references ever ends it."""

    def __init__(self) -> None:
        self.itself = self


async def test_garbage_goes_when_a_screen_is_closed(start: Start) -> None:
    async with start() as run:
        await run.press("question_mark")
        gc.disable()
        try:
            garbage = weakref.ref(Loop())
            assert garbage() is not None
            await run.press("escape")
            assert garbage() is None
        finally:
            gc.enable()


@pytest.mark.parametrize("cache", OF_CLOSED_SCREENS)
async def test_a_closed_screen_empties_what_libraries_remember_of_it(
    start: Start, cache: str
) -> None:
    async with start() as run:
        await run.press("question_mark")
        missed = cache.cache_info().misses
        await run.press("escape")
        # They are counted from the last time that the cache was emptied.
        assert cache.cache_info().misses < missed


async def test_a_page_is_found_again_where_it_was_left_with_the_newest_numbers(
    start: Start,
) -> None:
    async with start() as run:
        await run.press("a")
        page = run.app.screen
        await run.press("down", "down", "down")
        place = page.body.scroll_offset.y
        assert place > 0
        await run.press("escape")
        await run.train(1)
        await run.press("a")
        assert run.app.screen is page
        assert page.body.scroll_offset.y == place
        texts = []
        for _ in range(5):
            texts.append(run.text)
            await run.press("pagedown")
        assert f"this network, epoch {run.snapshot.epoch}" in "".join(texts)


@pytest.mark.parametrize("key", ["a", "g"])
async def test_a_page_takes_the_colours_of_another_theme(
    start: Start, monkeypatch: MonkeyPatch, key: str
) -> None:
    monkeypatch.setenv("COLORTERM", "truecolor")

    def inks() -> set[str]:
        strips = run.app.screen._compositor.render_strips()
        styles = [segment.style for strip in strips for segment in strip if segment.text.strip()]
        return {style.color.name for style in styles if style and style.color}

    async with start() as run:
        await run.train(2)
        seen: dict[str, set[str]] = {}
        for theme in ("dark", "light", "dark", "light"):
            run.app.theme = theme
            await run.press(key)
            await settle()
            assert inks() == seen.setdefault(theme, inks())
            # And while it is open.
            run.app.theme = other = "dark" if theme == "light" else "light"
            await settle()
            assert inks() == seen.setdefault(other, inks())
            await run.press("escape")
        assert not seen["dark"] & seen["light"]


async def test_a_page_that_is_open_does_not_open_again(start: Start) -> None:
    async with start() as run:
        await run.press("g")
        # As the command palette does.
        await run.app.run_action("loss_chart", run.app)
        await settle()
        assert len(run.app.screen_stack) == 2


async def test_a_page_opens_once_however_often_its_key_comes_in_one_piece(
    start: Start, monkeypatch: MonkeyPatch
) -> None:
    # On a busy machine a page takes longer than a key is waited for.
    monkeypatch.setattr(key_order, "LONGEST_S", LIMIT_S)
    async with start() as run:
        keys = run.app._keys

        async def done() -> None:
            await run.until(lambda: not keys._waiting and not keys._called and not keys._is_busy())
            await settle()

        for _ in range(2):
            for _ in range(3):
                run.app.post_message(events.Key("g", "g"))
            await done()
            # A second one comes to the page, which it closes, or finds it opening: never two.
            assert len(run.app.screen_stack) <= 2
            for _ in range(3):
                run.app.post_message(events.Key("escape", "\x1b"))
            await done()
            await run.until(lambda: run.app.screen is run.main)
            await run.press("g")
            await run.until(lambda: isinstance(run.app.screen, LossChartScreen))
            assert len(run.app.screen_stack) == 2
            await run.press("escape")
            await run.until(lambda: run.app.screen is run.main)
            assert run.app.screen is run.main


async def test_what_is_in_front_goes_first_and_a_page_from_the_top_down(start: Start) -> None:
    class Wire(Link):
        def set_regions(self, regions: Sequence[Region]) -> None:
            self.regions = list(regions)

    async with start() as run:
        await run.train(1)
        wire = run.app._presenter.link = Wire((120, 40))
        for key in ("question_mark", "a", "g"):
            await run.press(key)
            await run.until(lambda: wire.regions == [])
            await run.press("escape")
            await run.until(lambda: wire.regions == run.main.regions())
        for key, panel in (("c", "#classes"), ("r", "Vertical")):
            await run.press(key)
            region = run.app.screen.query(panel).first().region
            await run.until(lambda region=region: wire.regions[-1][:5] == (*region, 0))
            assert wire.regions[:-1] == run.main.regions()
            await run.press("escape")
            await run.until(lambda: wire.regions == run.main.regions())


async def test_the_first_frame_is_in_the_theme_that_was_asked_for(start: Start) -> None:
    async with start(ready=False, theme="light") as run:
        light = Color.parse(textual_theme("light").background)
        assert run.main.background_colors[1] == light
        run.app.theme = "dark"
        await run.until(lambda: run.main.background_colors[1] != light)


async def test_t_changes_the_theme(start: Start) -> None:
    async with start() as run:
        themes, inks = [run.app.theme], []
        for _ in NAMES:
            inks.append(str(run.main.query_one("#header").render_line(0)._segments[0].style))
            await run.press("t")
            themes.append(run.app.theme)
        assert set(themes) == set(NAMES) and themes[0] == themes[-1]
        assert len(set(inks)) == len(NAMES)


async def test_i_shows_the_figures_of_the_link(start: Start) -> None:
    async with start() as run:
        await run.press("right")
        before = run.rows()[-2]
        await run.press("i")
        assert "no figures" in run.rows()[-2]
        await run.press("i")
        assert run.rows()[-2] == before


async def test_p_saves_a_picture_in_the_current_folder(
    start: Start, tmp_path: Path, monkeypatch: MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with start() as run:
        await run.press("p")
        await run.until(lambda: list(tmp_path.glob("tui-ae-*.svg")))
        assert "Saved" in run.text
    picture = next(tmp_path.glob("*.svg")).read_text(encoding="utf-8")
    assert picture.startswith("<svg") and "latent" in picture


async def test_a_command_runs_once_however_often_enter_comes_in_one_piece(start: Start) -> None:
    async with start() as run:
        await run.press("ctrl+p")
        await run.until(lambda: "Train until paused" in run.text)
        await run.press(*"graph")
        await run.until(lambda: "Train until paused" not in run.text)
        for _ in range(5):
            run.app.post_message(events.Key("enter", "\r"))
        await run.until(lambda: isinstance(run.app.screen, LossChartScreen))
        await settle()
        assert [type(screen) for screen in run.app.screen_stack] == [
            type(run.main),
            LossChartScreen,
        ]
        await run.press("escape")
        assert run.app.screen is run.main


async def test_keys_that_come_with_ctrl_p_in_one_piece_do_no_harm(start: Start) -> None:
    async with start() as run:
        for key in ("ctrl+p", "pagedown", "end", "down"):
            run.app.post_message(events.Key(key, None))
        await run.until(lambda: isinstance(run.app.screen, Palette))
        await run.until(lambda: "Train until paused" in run.text)
        await run.press("escape")
        await run.until(lambda: run.app.screen is run.main)


async def test_over_a_question_there_is_no_palette(start: Start) -> None:
    """Its search would take the answer, and the question would stand behind it."""
    async with start() as run:
        await run.train(1)
        for key in ("r", "ctrl+p"):
            run.app.post_message(events.Key(key, None))
        await run.until(lambda: isinstance(run.app.screen, ConfirmScreen))
        await run.press("ctrl+p")
        await settle()
        assert isinstance(run.app.screen, ConfirmScreen)
        await run.press("n")
        await run.until(lambda: run.app.screen is run.main)


async def test_on_the_wire_a_map_comes_after_its_title(start: Start) -> None:
    """Which tells what plane and layer the map will be of."""
    for width, height in ((60, 20), (80, 24), (120, 40), (200, 60)):
        async with start(size=(width, height)) as run:
            parts = Priorities(width, height, run.main.regions())
            place = run.main.query_one("#scatter").region
            title = parts.rank[place.y, place.x : place.right]
            body = parts.rank[place.y + 1 : place.bottom, place.x : place.right]
            assert title.max() < body.min()
            assert (parts.priority[place.y, place.x : place.right] < LAST_PRIORITY).all()


async def test_on_the_wire_the_strips_title_which_tells_the_gap_goes_with_the_keys_numbers(
    start: Start,
) -> None:
    async with start(size=(80, 24)) as run:
        await run.press("m", "H", "H", "H", "K", "m")
        await run.until(lambda: "widest gap" in run.text)
        row = next(at for at, text in enumerate(run.rows()) if "widest gap" in text)
        column = run.rows()[row].index("widest gap")
        parts = Priorities(80, 24, run.main.regions())
        assert parts.priority[row, column] == 0 < parts.priority[row + 1, column]


async def test_on_the_wire_the_samples_numbers_go_with_the_maps_mark(start: Start) -> None:
    """And the probe's, which keys wait for, first."""
    for width, height in ((60, 20), (80, 24), (120, 40), (200, 60)):
        async with start(size=(width, height)) as run:
            priorities = Priorities(width, height, run.main.regions()).priority
            place, map_at = (
                run.main.query_one(f"#{name}").region for name in ("readout", "scatter")
            )
            rows = run.rows()
            text = [row[place.x : place.right] for row in rows[place.y : place.bottom]]
            for at, row in enumerate(text):
                for told in re.finditer(r"(probe|sample) \(.*?\)", row):
                    cells = priorities[place.y + at, place.x + told.start() : place.x + told.end()]
                    wanted = 0 if told[1] == "probe" else priorities[map_at.y + 2, map_at.x + 9]
                    assert (cells == wanted).all(), (width, row)


async def test_the_palette_has_the_most_used_commands_first(start: Start) -> None:
    async with start() as run:
        titles = [command.title for command in run.app.get_system_commands(run.main)]
        assert titles[0].startswith("Train") and titles != sorted(titles)
        await run.press("ctrl+p")
        await run.until(lambda: titles[3] in run.text)
        places = [run.text.index(title) for title in titles[:4]]
        assert places == sorted(places)


FEATURES = (
    "replay", "moment", "neighbours", "tiles", "density", "from a to b", "draw an image",
    "held-out", "loss", "graph", "pca", "t-sne", "umap", "plane", "layer", "numbers", "prior",
    "quality", "class names", "compare", "align",
)  # fmt: skip
"""What a person types who looks for it."""


async def test_the_palette_finds_every_feature_by_its_name(start: Start) -> None:
    async with start() as run:
        titles = [each.title.lower() for each in run.app.get_system_commands(run.main)]
        missing = [name for name in FEATURES if not any(name in title for title in titles)]
        assert not missing
        # Only the probe's steps and the digits, which are better pressed, have no command.
        left_out = {item.summary for item in MAIN if not item.palette and item.id != "palette"}
        assert left_out == {"probe", "probe-far", "class"}


async def test_a_line_says_what_one_sees_until_the_first_key(start: Start) -> None:
    async with start() as run:
        await run.until(lambda: "is yours: move it" in run.text)
        await run.press("right")
        await run.until(lambda: "is yours" not in run.text)


async def test_a_folder_that_cannot_be_written_is_a_message(
    start: Start, monkeypatch: MonkeyPatch
) -> None:
    def refuse(*_args: object, **_options: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tui_ae.ui.app.write_new", refuse)
    async with start() as run:
        await run.press("p")
        assert "could not be saved here: Permission denied" in run.text


@pytest.mark.parametrize("key", ["q", "ctrl+c"])
async def test_q_leaves(start: Start, key: str) -> None:
    async with start() as run:
        await run.press(key)
        await run.until(lambda: not run.app.is_running)
        assert run.app.start_error is None and not run.app.return_code


@pytest.mark.parametrize("page", ["g", "question_mark", "d", "c", "D"])
async def test_ctrl_c_leaves_from_any_page(start: Start, page: str) -> None:
    async with start() as run:
        await run.press(page)
        await run.until(lambda: run.app.screen is not run.main)
        await run.press("ctrl+c")
        await run.until(lambda: not run.app.is_running)
        assert not run.app.return_code


@pytest.mark.parametrize("page", ["", "g"])
async def test_ctrl_c_twice_leaves_what_would_be_lost(
    start: Start, monkeypatch: MonkeyPatch, page: str
) -> None:
    monkeypatch.setattr("tui_ae.ui.app.ASK_FROM_S", -1.0)
    async with start() as run:
        await run.train(1)
        if page:
            await run.press(page)
            await run.until(lambda: run.app.screen is not run.main)
        await run.press("ctrl+c")
        await run.until(lambda: isinstance(run.app.screen, ConfirmScreen))
        await run.press("ctrl+c")
        await run.until(lambda: not run.app.is_running)
        assert not run.app.return_code


async def test_q_leaves_in_the_middle_of_training(start: Start) -> None:
    async with start() as run:
        await run.press("space")
        await run.until(lambda: run.state is State.TRAINING)
        await run.press("q")
        await run.until(lambda: not run.app.is_running)
        assert not run.app.return_code


# --- sizes ---------------------------------------------------------------------------------------


async def test_resizing_arranges_anew_and_keeps_the_state(start: Start) -> None:
    async with start() as run:
        await run.press("7", "L")
        index, probe = run.explorer.monitored().index, run.explorer.probe.copy()
        for size, kind in [
            ((80, 24), Arrangement.COMPACT),
            ((60, 20), Arrangement.SMALL),
            ((40, 10), Arrangement.TOO_SMALL),
            ((90, 60), Arrangement.PORTRAIT),
            ((200, 60), Arrangement.COMFORTABLE),
        ]:
            await run.pilot.resize_terminal(*size)
            await run.until(lambda k=kind: run.main.arrangement is k)
            await run.pilot.pause()
            rows = run.rows()
            assert len(rows) == size[1] and all(len(row) == size[0] for row in rows)
            if kind is Arrangement.TOO_SMALL:
                assert "40 columns and 10 rows" in " ".join(run.text.split())
            else:
                assert "latent space" in run.text and "probe (z₁" in run.text
        assert run.explorer.monitored().index == index
        assert (run.explorer.probe == probe).all()


async def test_a_size_that_is_told_again_is_laid_out_once(
    start: Start, monkeypatch: MonkeyPatch
) -> None:
    async with start() as run:
        laid_out = []
        lay_out = MainScreen._refresh_layout

        def noted(screen: MainScreen, *sizes: Size, **options: bool) -> None:
            laid_out.append(sizes)
            lay_out(screen, *sizes, **options)

        monkeypatch.setattr(MainScreen, "_refresh_layout", noted)
        before = run.rows()
        for _ in range(3):
            run.main.post_message(events.Resize(run.main.size, run.main.size))
            await run.pilot.pause()
        assert laid_out == [] and run.rows() == before
        await run.pilot.resize_terminal(80, 24)
        await run.until(lambda: run.main.arrangement is Arrangement.COMPACT)
        assert laid_out


async def test_a_small_screen_leafs_through_pages(start: Start) -> None:
    async with start(size=(60, 20)) as run:
        heads = {}
        for page in TABS:
            assert run.main.focused_pane == page
            heads[page] = run.rows()[1][32:].strip()
            await run.press("tab")
        assert run.main.focused_pane == TABS[0]
        assert "loss" in heads["loss"] and "network" in heads["bowtie"]
        assert "classes" in heads["classes"] and "BCE" in heads["sample"]
        await run.press("shift+tab")
        assert run.main.focused_pane == TABS[-1]


@pytest.mark.parametrize("size", [(40, 10), (1, 1)])
async def test_a_terminal_too_small_gets_a_sentence_and_q_works(
    start: Start, size: tuple[int, int]
) -> None:
    async with start(size=size) as run:
        assert run.main.arrangement is Arrangement.TOO_SMALL
        await run.press("tab", "left", "n", "plus", "enter")
        await run.press("q")
        await run.until(lambda: not run.app.is_running)


@pytest.mark.parametrize("size", [(120, 40), (60, 20)])
async def test_ascii_means_ascii(start: Start, size: tuple[int, int]) -> None:
    async with start(size=size, glyphs="ascii") as run:
        for key in ("space", "v", "tab", "7", "plus", "space"):
            assert run.text.isascii()
            await run.press(key)
        await run.until(lambda: run.state is State.PAUSED)
        await run.until(lambda: "probe (z1 = " in run.text)
        assert run.text.isascii()


async def test_keys_before_the_data_are_harmless(start: Start, digits: Dataset) -> None:
    go = threading.Event()

    def slow(_settings: Settings, _progress: Progress) -> Dataset:
        assert go.wait(LIMIT_S)
        return digits

    async with start(ready=False, load=slow) as run:
        try:
            assert "starting" in run.text
            await run.press(*"n37hjklHJKLv+-fcga", "tab", "enter", "i", "t", "escape")
        finally:
            go.set()
        await run.until(lambda: run.explorer.snapshot is not None)
        await run.until(lambda: "● idle" in run.text and run.app.screen is run.main)


async def test_keys_that_come_in_one_piece_act_in_their_order(
    start: Start, monkeypatch: MonkeyPatch
) -> None:
    """Also where each opens or closes what the next is meant for, however long that takes."""
    monkeypatch.setattr(key_order, "LONGEST_S", LIMIT_S)
    async with start() as run:
        for keys in (["a", "escape"] * 8, ["question_mark", "escape", "g", "escape"] * 4):
            for key in keys:
                run.app.post_message(events.Key(key, None))
            await run.until(lambda: run.app.screen is run.main and not run.app._keys._waiting)
        moves = ["left", "left", "up", "right", "up", "left"] * 6
        before = run.cell()
        for key in moves:
            run.app.post_message(events.Key(key, None))
        await run.until(lambda: run.cell() == (before[0] - 12, before[1] - 12))


async def test_a_page_follows_on_after_another_one_over_it_has_closed(
    start: Start, monkeypatch: MonkeyPatch
) -> None:
    monkeypatch.setattr(pages_module, "FOLLOW_S", 0.0)
    async with start() as run:
        await run.press("space")
        await run.until(lambda: run.snapshot.epoch >= 2)
        await run.press("g")
        chart = run.app.screen
        await run.until(lambda: len(chart._series[0].losses) >= 3)
        await run.press("ctrl+p")
        await run.press(*"all keys")
        await run.pilot.pause()
        await run.press("enter")
        await run.until(lambda: isinstance(run.app.screen, HelpScreen))
        await run.press("escape")
        await run.until(lambda: run.app.screen is chart)
        seen = len(chart._series[0].losses)
        await run.until(lambda: len(chart._series[0].losses) >= seen + 3)


async def test_at_rest_it_looks_seldom_and_a_key_wakes_it(
    start: Start, monkeypatch: MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "STILL_S", 0.1)
    async with start() as run:
        await run.until(lambda: run.app._clock.rests)
        await run.press("space")
        assert not run.app._clock.rests
        await run.until(lambda: run.state is State.TRAINING)
        assert not run.app._clock.rests
        await run.press("space")
        await run.until(lambda: run.app._clock.rests)
