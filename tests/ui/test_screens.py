"""The screens over the main screen: keys in, state out, at every size."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterable, Sequence
from random import Random
from typing import Any, TypeVar

import numpy as np
import pytest
from pytest import MonkeyPatch
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Static

from tests.ui import scenes
from tests.ui.scenes import BASELINES, RUN, dataset
from tui_ae.data.skipped import Skipped
from tui_ae.model.spec import ModelSpec
from tui_ae.raster.colour import ColourDepth, class_colours
from tui_ae.recipe import RECIPES
from tui_ae.run.snapshot import HELD_OUT, TRAINING, LossCurve
from tui_ae.ui.actions import Keys
from tui_ae.ui.screens.architecture import ArchitectureScreen, LessonLine
from tui_ae.ui.screens.chart import Chart
from tui_ae.ui.screens.class_list import arrange
from tui_ae.ui.screens.classes import ClassesScreen
from tui_ae.ui.screens.confirm import ConfirmScreen
from tui_ae.ui.screens.data import MOST_SKIPPED, DataScreen
from tui_ae.ui.screens.help import HelpScreen, groups
from tui_ae.ui.screens.lesson_numbers import LessonNumbers
from tui_ae.ui.screens.loss_axes import LossAxis, epoch_ticks, labels, lines, rounded_end
from tui_ae.ui.screens.loss_chart import LossChartScreen
from tui_ae.ui.screens.page import Body, Heading
from tui_ae.ui.themes import LIGHT

NUMBERS = LessonNumbers(
    "synthetic digits", 3200, 10, True, 3200, ModelSpec(), BASELINES, 0.2345, 12, 0.108,
    RECIPES["fast"],
)  # fmt: skip
SIZES = [(200, 60), (120, 40), (80, 24), (60, 20)]
SMALL = SIZES[-1]


class Stage(scenes.Stage):
    """A screen full of text under the one that is tested."""

    def __init__(self) -> None:
        super().__init__()
        self.changes: list[object] = []
        self.answers: list[object] = []

    def compose(self) -> ComposeResult:
        yield Static("below " * 2000, markup=False)

    def on_classes_screen_changed(self, message: ClassesScreen.Changed) -> None:
        self.changes.append(message.active)


AnyScreen = TypeVar("AnyScreen", bound=Screen[Any])


def rows(app: App[None]) -> list[str]:
    strips = app.screen._compositor.render_strips()
    return ["".join(segment.text for segment in strip) for strip in strips]


def words(app: App[None]) -> str:
    return "\n".join(rows(app))


async def show(
    pilot: Pilot[None],
    screen: AnyScreen,
    callback: Callable[[Any], None] | None = None,
) -> AnyScreen:
    """Push a screen and wait until it is laid out and painted."""
    await pilot.app.push_screen(screen, callback)
    await pilot.pause()
    return screen


async def press(pilot: Pilot[None], *keys: str) -> None:
    """Press keys and wait until their effect is painted."""
    await pilot.press(*keys)
    await pilot.pause()


def classes_screen(
    count: int = 10, active: Iterable[int] | None = None, **options: bool
) -> ClassesScreen:
    names = [f"class {label}" for label in range(count)]
    return ClassesScreen(
        names,
        [320] * count,
        frozenset(range(count)) if active is None else frozenset(active),
        class_colours(count, dark=True, depth=ColourDepth.TRUECOLOR),
        Random(5),
        **options,
    )


def curve(count: int, losses: Sequence[float] | None = None) -> LossCurve:
    epochs = np.arange(1, count + 1)
    values = 0.2 + 0.4 / epochs if losses is None else np.array(losses, float)
    return LossCurve(epochs, values, math.nan, math.nan)


def loss_screen(count: int = 40, **options: bool) -> LossChartScreen:
    screen = LossChartScreen(**options)
    screen.show_curves({TRAINING: curve(count)}, BASELINES)
    return screen


NOTED = dataset(
    3,
    names=("cat", "\x1b[31mdog", "3"),
    notes=("Read train.", "Passed over 600 pictures outside of these, such as test/0.png."),
    skipped=tuple(Skipped(f"test/{place}.png", "not asked \x1b[31m") for place in range(600)),
)


SCREENS: dict[str, tuple[Callable[..., Screen[Any]], str]] = {
    "data": (lambda **o: DataScreen(NOTED, RUN, "tui-ae", **o), "d"),
    "architecture": (lambda **o: ArchitectureScreen(NUMBERS, **o), "a"),
    "help": (HelpScreen, "question_mark"),
    "question": (lambda **o: ConfirmScreen("Start again?", **o), "n"),
    "classes": (lambda **o: classes_screen(36, **o), "c"),
    "loss": (loss_screen, "g"),
}


@pytest.mark.parametrize("size", [SIZES[1], SMALL], ids=str)
@pytest.mark.parametrize("name", SCREENS)
async def test_ascii_means_ascii_only(name: str, size: tuple[int, int]) -> None:
    app = Stage()
    async with app.run_test(size=size) as pilot:
        await show(pilot, SCREENS[name][0](ascii=True))
        for _ in range(20):
            assert words(app).isascii()
            before = words(app)
            if name == "question":
                break
            await press(pilot, "pagedown")
            if words(app) == before:
                break


@pytest.mark.parametrize("name", SCREENS)
async def test_escape_q_and_the_key_that_opened_it_close_it(name: str) -> None:
    app = Stage()
    async with app.run_test(size=(80, 24)) as pilot:
        for key in ("escape", "q", SCREENS[name][1]):
            await show(pilot, SCREENS[name][0]())
            await press(pilot, key)
            assert len(app.screen_stack) == 1, key


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("name", ["architecture", "help"])
async def test_no_row_is_wider_than_the_page_and_the_end_is_reached(
    name: str, size: tuple[int, int]
) -> None:
    app = Stage()
    async with app.run_test(size=size) as pilot:
        await show(pilot, SCREENS[name][0]())
        page = app.screen
        assert page.body.virtual_size.width <= size[0]
        for widget in page.body.query(Static):
            assert widget.region.right <= size[0]
            assert widget.virtual_size.height <= widget.size.height
        await press(pilot, "end")
        total = page.body.virtual_size.height
        if total > page.body.size.height:
            assert f"-{total} of {total}" in rows(app)[-1]
        assert page.body.scroll_y == page.body.max_scroll_y


@pytest.mark.parametrize(
    ("key", "offset"),
    [("down", 1), ("j", 1), ("pagedown", 17), ("space", 17), ("end", None)],
)
async def test_keys_scroll_without_animation_and_back(
    key: str, offset: int, monkeypatch: MonkeyPatch
) -> None:
    monkeypatch.setattr(Body, "animate", lambda *_, **__: pytest.fail("animated"))
    app = Stage()
    async with app.run_test(size=SMALL) as pilot:
        await show(pilot, ArchitectureScreen(NUMBERS))
        body = app.screen.body
        await press(pilot, key)
        assert body.scroll_y == (body.max_scroll_y if offset is None else offset)
        back = {"down": "up", "j": "k", "pagedown": "pageup", "space": "pageup", "end": "home"}
        await press(pilot, back[key])
        assert body.scroll_y == 0


@pytest.mark.parametrize(("width", "columns"), [(120, 2), (110, 2), (109, 1), (60, 1)])
async def test_the_text_stands_in_two_columns_where_there_is_room(width: int, columns: int) -> None:
    app = Stage()
    async with app.run_test(size=(width, 40)) as pilot:
        await show(pilot, ArchitectureScreen(NUMBERS))
        lefts = {line.region.x for line in app.screen.query(LessonLine)}
        assert len(lefts) == columns


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_the_picture_names_parts_units_activations_and_loss(size: tuple[int, int]) -> None:
    app = Stage()
    async with app.run_test(size=size) as pilot:
        await show(pilot, ArchitectureScreen(NUMBERS))
        picture = "\n".join(app.screen._picture.grid.rows())
        for word in ("ENCODER", "BOTTLENECK", "DECODER", "784", "128", "32", "2", "loss = BCE"):
            assert word in picture
        assert picture.count("ReLU") == (4 if size[0] > 64 else 0)
        assert "linear" in picture and "sigmoid" in picture


async def test_new_facts_rewrite_only_what_reads_differently(monkeypatch: MonkeyPatch) -> None:
    app = Stage()
    async with app.run_test(size=(120, 40)) as pilot:
        screen = ArchitectureScreen(NUMBERS)
        await show(pilot, screen)
        updated = []
        update = LessonLine.update
        monkeypatch.setattr(
            LessonLine,
            "update",
            lambda line, *a, **k: (updated.append(line), update(line, *a, **k))[0],
        )
        screen.update_numbers(dataclasses.replace(NUMBERS, loss=0.2344, epoch=13))
        assert [line.block.text for line in updated] == [
            "▸ this network, epoch 13        0.2344  you are here"
        ]
        screen.update_numbers(dataclasses.replace(NUMBERS, loss=0.2344, epoch=13))
        assert len(updated) == 1
        screen.update_numbers(dataclasses.replace(NUMBERS, baselines=None))
        screen.update_numbers(dataclasses.replace(NUMBERS, loss=0.1))
        await pilot.pause()
        here = [line for line in screen.query(LessonLine) if "you are here" in line.block.text]
        assert len(here) == 1 and here[0].has_class("-here") and not here[0].has_class("-row")


async def test_the_help_lists_every_action_the_mouse_and_the_credit() -> None:
    app = Stage()
    async with app.run_test(size=(150, 70)) as pilot:
        await show(pilot, HelpScreen(files=(("somewhere", "In this folder."),)))
        text = words(app)
        for _, lines_of_group in groups(Keys()):
            for keys, sentence in lines_of_group:
                assert keys in text and sentence in text
        for word in ("click", "wheel", "Theodore P. Pavlic", "MIT", "In this folder.", "tui-ae 0."):
            assert word in text


@pytest.mark.parametrize(
    ("key", "answer"),
    [("y", True), ("enter", True), ("n", False), ("escape", False), ("q", False)],
)
async def test_a_question_is_answered_by_one_key(key: str, answer: bool) -> None:
    app = Stage()
    async with app.run_test(size=SMALL) as pilot:
        await show(pilot, ConfirmScreen("Start again? 3 epochs are lost."), app.answers.append)
        assert "Start again? 3 epochs are lost." in words(app)
        assert "y yes" in words(app) and "n no" in words(app)
        assert "below" in rows(app)[0], "what it asks about stays visible"
        await press(pilot, key)
        assert app.answers == [answer]


async def test_an_answer_can_be_clicked() -> None:
    app = Stage()
    async with app.run_test(size=SMALL) as pilot:
        await show(pilot, ConfirmScreen("Start again?"), app.answers.append)
        row = next(index for index, text in enumerate(rows(app)) if "y yes" in text)
        await pilot.click(offset=(rows(app)[row].index("y yes"), row))
        assert app.answers == [True]


async def test_digits_cursor_all_and_random_two_switch_classes() -> None:
    app = Stage()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = classes_screen()
        await show(pilot, screen)
        await press(pilot, "3")
        assert app.changes[-1] == frozenset(range(10)) - {3}
        await press(pilot, "down", "down", "space")
        assert app.changes[-1] == frozenset(range(10)) - {3, 5}
        await press(pilot, "up", "enter")
        assert app.changes[-1] == frozenset(range(10)) - {3, 4, 5}
        await press(pilot, "a")
        assert app.changes[-1] == frozenset(range(10))
        await press(pilot, "r")
        assert len(app.changes[-1]) == 2
        await press(pilot, "home")
        assert screen.cursor == 0
        await press(pilot, "end")
        assert screen.cursor == 9
        count = len(app.changes)
        await press(pilot, "j", "pageup", "l", "h")
        assert len(app.changes) == count, "moving the cursor changes nothing"


async def test_two_classes_stay_on_and_the_refusal_says_why() -> None:
    app = Stage()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = classes_screen(active={2, 7})
        await show(pilot, screen)
        await press(pilot, "7")
        assert screen.active == {2, 7} and not app.changes
        assert "Two stay on" in words(app)
        await press(pilot, "1")
        assert app.changes == [frozenset({1, 2, 7})]
        assert "Two stay on" not in words(app)


@pytest.mark.parametrize("key", ["0", "space", "r"])
async def test_a_single_class_cannot_be_switched(key: str) -> None:
    app = Stage()
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, classes_screen(1))
        await press(pilot, key)
        assert not app.changes and "only this one" in words(app)


async def test_a_digit_without_a_class_says_so() -> None:
    app = Stage()
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, classes_screen(3))
        await press(pilot, "8")
        assert not app.changes and "No class has the key 8" in words(app)


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("ascii_only", [False, True])
async def test_all_36_classes_are_on_the_screen(size: tuple[int, int], ascii_only: bool) -> None:
    app = Stage()
    async with app.run_test(size=size) as pilot:
        await show(pilot, classes_screen(36, range(0, 36, 2), ascii=ascii_only))
        text = words(app)
        on, off = ("[x] ", "[ ] ") if ascii_only else ("● ", "○ ")
        assert text.count(on) == 18 and text.count(off) == 18
        assert text.count("320") == 36
        assert "esc close" in text and "18 of 36 on" in text


async def test_the_panel_leaves_the_scatter_in_sight() -> None:
    app = Stage()
    async with app.run_test(size=(120, 40)) as pilot:
        await show(pilot, classes_screen())
        assert all(row.startswith("below ") or "below" in row[:90] for row in rows(app))
        assert app.screen._list.region.x >= 85


async def test_a_click_switches_a_class_and_a_click_beside_closes() -> None:
    app = Stage()
    async with app.run_test(size=SMALL) as pilot:
        await show(pilot, classes_screen(36))
        for label in (0, 11, 12, 35):
            name = f"class {label} "
            row, text = next((i, text) for i, text in enumerate(rows(app)) if name in text)
            await pilot.click(offset=(text.index(name), row))
            await pilot.pause()
            assert app.changes[-1] == app.screen.active
            assert label not in app.screen.active
        await pilot.click(offset=(0, 0))
        assert len(app.screen_stack) == 1


def test_a_list_too_long_for_the_screen_scrolls() -> None:
    geometry = arrange(36, 20, 30, 12)
    assert geometry.width <= 30 and geometry.height <= 12
    assert geometry.rows == 36 and geometry.shown == 6


async def test_a_scrolled_list_follows_the_cursor() -> None:
    app = Stage()
    async with app.run_test(size=(30, 14)) as pilot:
        await show(pilot, classes_screen(36))
        await press(pilot, "end")
        assert "class 35" in words(app) and "class 0 " not in words(app)
        await press(pilot, "home")
        assert "class 0 " in words(app)


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_the_chart_shows_the_curve_and_every_baseline(size: tuple[int, int]) -> None:
    app = Stage()
    async with app.run_test(size=size) as pilot:
        await show(pilot, loss_screen())
        for _ in range(2):
            text = words(app)
            for line in lines(BASELINES):
                assert f"{line.name} {line.value:.3f}" in text
            assert "loss 0.2100" in text and "●" in text
            assert any("⠀" < character <= "⣿" for character in text)
            await press(pilot, "y")
        assert "0.7" in text


async def test_without_colours_a_sign_tells_the_held_out_curve() -> None:
    screen = LossChartScreen()
    losses = scenes.curve([0.5, 0.4, 0.3])
    screen.show_curves({TRAINING: losses, HELD_OUT: scenes.curve([0.6, 0.55, 0.5])}, BASELINES)
    app = Stage()
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, screen)
        rows = words(app).splitlines()
        assert "○ held-out 0.5000" in rows[0]
        assert "○" in "".join(rows[1:]) and "●" in "".join(rows[1:])


@pytest.mark.parametrize("loss", [0.5, 0.31, 0.07])
@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize(
    ("looks", "sign", "line"),
    [({}, "○", ""), ({"blocks": True}, "○", "▀▄"), ({"ascii": True}, "x", "*")],
    ids=["braille", "blocks", "ascii"],
)
async def test_where_both_curves_share_cells_both_are_seen(
    looks: dict[str, bool], sign: str, line: str, log: bool, loss: float
) -> None:
    screen = LossChartScreen(**looks)
    losses = scenes.curve([loss] * 60)
    screen.show_curves({TRAINING: losses, HELD_OUT: losses}, BASELINES)
    app = Stage()
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, screen)
        await press(pilot, *("y" * log))
        chart = words(app).splitlines()[1:-1]
        row = next(row for row in chart if sign in row and row.count(sign) > 3)
        drawn = row[row.index(sign) : row.rindex(sign)]
        between = drawn.replace(sign, "")
        assert all(one in line if line else "⠀" < one <= "⣿" for one in between)
        assert row.count(sign) < len(drawn) / 4 and ("o" if looks.get("ascii") else "●") in row


@pytest.mark.parametrize("count", [1, 2, 5_000])
async def test_the_chart_is_defined_for_any_number_of_epochs(count: int) -> None:
    app = Stage()
    async with app.run_test(size=SMALL) as pilot:
        await show(pilot, loss_screen(count, tones=LIGHT))
        await press(pilot, "y")
        assert "●" in words(app) and f"epoch {count:,}" in words(app)


async def test_without_an_epoch_a_sentence_stands_instead() -> None:
    app = Stage()
    async with app.run_test(size=SMALL) as pilot:
        screen = LossChartScreen()
        screen.show_curves({TRAINING: curve(0)}, None)
        await show(pilot, screen)
        assert "No epoch has ended yet" in words(app)
        screen.show_curves({TRAINING: curve(3)}, None)
        await pilot.pause()
        assert "No epoch" not in words(app) and "undecided" not in words(app)


async def test_losses_that_are_no_numbers_are_left_out_and_said_so() -> None:
    app = Stage()
    async with app.run_test(size=SMALL) as pilot:
        screen = LossChartScreen()
        screen.show_curves({TRAINING: curve(3, [0.5, math.nan, math.inf])}, BASELINES)
        await show(pilot, screen)
        assert "epoch 1" in words(app) and "left out" in words(app)
        screen.show_curves({TRAINING: curve(1, [math.nan])}, BASELINES)
        await pilot.pause()
        assert "No epoch has a finite loss" in words(app)


@pytest.mark.parametrize(("width", "tall"), [(63, 13), (64, 15)])
async def test_the_picture_of_the_network_has_two_rows_more_where_it_has_the_width(
    width: int, tall: bool
) -> None:
    app = Stage()
    async with app.run_test(size=(width, 20)) as pilot:
        await show(pilot, ArchitectureScreen(NUMBERS))
        assert app.screen._picture.grid.height == tall


async def test_the_chart_has_an_axis_on_the_left_and_below_and_no_others() -> None:
    app = Stage()
    async with app.run_test(size=(80, 20)) as pilot:
        await show(pilot, loss_screen(40))
        plot = rows(app)[2:19]
        axis = plot[0].index("│")
        assert plot[0].strip() == "│" and plot[-2][axis] == "└"
        assert {row[axis] for row in plot[:-2]} == {"│", "┤"}
        assert all(row[axis + 1 :].isprintable() and "│" not in row[axis + 1 :] for row in plot)


async def test_the_rule_behind_a_title_goes_to_the_end_of_the_row() -> None:
    class Headed(scenes.Stage):
        def compose(self) -> ComposeResult:
            yield Heading("title")
            yield Heading("title", "12 · 34")

    app = Headed()
    async with app.run_test(size=(20, 4)) as pilot:
        await pilot.pause()
        assert rows(app)[:2] == ["title " + 14 * "─", "title ────── 12 · 34"]


async def test_the_same_curve_paints_nothing_and_a_new_epoch_only_some_rows(
    monkeypatch: MonkeyPatch,
) -> None:
    app = Stage()
    async with app.run_test(size=(120, 40)) as pilot:
        screen = loss_screen(40)
        await show(pilot, screen)
        drawn, regions = [], []
        chart = screen.query_one(Chart)
        build = chart.plt.build
        monkeypatch.setattr(chart.plt, "build", lambda: (drawn.append(1), build())[1])
        monkeypatch.setattr(chart, "refresh", lambda *areas, **_: regions.extend(areas))
        screen.show_curves({TRAINING: curve(40)}, BASELINES)
        assert not drawn and not regions
        screen.show_curves({TRAINING: curve(41)}, BASELINES)
        assert len(drawn) == 1 and 1 <= len(regions) <= 3


@pytest.mark.parametrize(("last", "end"), [(1, 10), (10, 10), (11, 15), (60, 70), (1001, 1500)])
def test_the_epoch_axis_ends_at_a_round_number(last: int, end: int) -> None:
    assert rounded_end(last) == end


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("values", [[0.0], [0.3], [0.3, 0.3], [1e-9, 40.0], []])
def test_the_loss_axis_holds_its_values(values: list[float], log: bool) -> None:
    axis = LossAxis.around(values, log=log)
    assert axis.low < axis.high
    for value in values:
        assert 0 <= axis.row(value, 20) <= 19
    marks = axis.ticks(6)
    assert len(marks) <= 6 and all(axis.low <= mark <= axis.high for mark in marks)


def test_baselines_that_share_a_row_share_a_label() -> None:
    axis = LossAxis.around([0.0, 0.7], log=False)
    texts = [text for _, text in labels(lines(BASELINES), axis, 8)]
    assert len(texts) == len({axis.row(line.value, 8) for line in lines(BASELINES)}) < 5
    for line in lines(BASELINES):
        assert sum(f"{line.name} {line.value:.3f}" in text for text in texts) == 1


def test_epoch_ticks_start_at_the_first_epoch() -> None:
    assert epoch_ticks(1.0, 10.0, 5) == [1.0, 5.0, 10.0]
    assert epoch_ticks(1.0, 1500.0, 4)[0] == 1.0


@pytest.mark.parametrize("versions", [(("python", "3.11.7"), ("torch", "2.9.0")), ()])
async def test_the_data_page_says_what_computes_a_run_where_that_is_known(
    versions: tuple[tuple[str, str], tuple[str, str]],
) -> None:
    app = Stage()
    async with app.run_test(size=SIZES[0]) as pilot:
        run = dataclasses.replace(RUN, versions=versions)
        await show(pilot, DataScreen(dataset(), run, "tui-ae --seed 3"))
        text = words(app)
        assert "The same again: tui-ae --seed 3" in text and run.id in text
        assert ("Computed by python 3.11.7, torch 2.9.0." in text) == bool(versions)
        assert ("Computed by" in text) == bool(versions)


async def test_the_data_page_has_all_notes_and_names_what_was_left_out() -> None:
    app = Stage()
    async with app.run_test(size=SIZES[0]) as pilot:
        await show(pilot, DataScreen(NOTED, RUN, "tui-ae --seed 3"))
        text = words(app)
        assert (
            "60 images of synthetic digits in 3 classes: cat (20), ?[31mdog (20), 3 (20)." in text
        )
        assert all(note in text for note in NOTED.notes)
        assert "600 pictures left out, the first 500" in text and "test/0.png: not asked" in text
        await press(pilot, "end")
        assert f"test/{MOST_SKIPPED - 1}.png: not asked ?[31m" in words(app)
        await press(pilot, "d")
        await show(pilot, DataScreen(dataset(1, names=["all"], labelled=False), RUN, "tui-ae"))
        assert "without labels." in words(app) and "Nothing was changed" in words(app)
