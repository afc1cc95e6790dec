"""The drawing pad: its pen, what follows from a drawing, and the screen at every size."""

from __future__ import annotations

import dataclasses
import itertools
import math
from contextlib import AbstractAsyncContextManager
from typing import Any

import numpy as np
import pytest
from pytest import MonkeyPatch
from textual import events
from textual.pilot import Pilot

from tests.ui import scenes
from tests.ui.idle import do_not_wait
from tests.ui.scenes import SURVEY, explorer, look, network, scene, snapshot
from tui_ae.arrays import FloatArray
from tui_ae.data.arrays import PIXELS
from tui_ae.data.dataset import Dataset
from tui_ae.data.drawing import Drawing
from tui_ae.data.images import Images
from tui_ae.data.strokes import Ink
from tui_ae.data.synthetic import draw_digits
from tui_ae.link.flow.priorities import Priorities
from tui_ae.model.objective import bce
from tui_ae.raster.colour import ColourDepth
from tui_ae.run.snapshot import Snapshot, State
from tui_ae.ui.choice import PlaneName
from tui_ae.ui.explorer import Explorer
from tui_ae.ui.pad import Pad
from tui_ae.ui.panes.base import Pane
from tui_ae.ui.scene import Look, Scene
from tui_ae.ui.screens.pad import NOTHING, TOO_SMALL, PadScreen
from tui_ae.ui.screens.pad_layout import MIN_HEIGHT, MIN_WIDTH, arrange_pad
from tui_ae.ui.verdict import MOST, Losses, alike
from tui_ae.ui.view import View

SIZES = [(200, 60), (120, 40), (80, 24), (60, 20), (50, 50), (MIN_WIDTH, MIN_HEIGHT)]


def dataset(*arguments: int, **changes: Any) -> Dataset:
    """The scenes' noise, but faint: dark images without strokes."""
    made = scenes.dataset(*arguments, **changes)
    return dataclasses.replace(made, images=Images(made.images[:] * np.float32(0.15)))


# --- the pen -------------------------------------------------------------------------------------


def test_a_pen_that_is_up_moves_and_leaves_nothing() -> None:
    pad = Pad()
    pad.move(3, -2)
    assert (pad.column, pad.row) == (17, 12) and pad.drawing.is_empty
    pad.move(-100, 100)
    assert (pad.column, pad.row) == (0, 27)
    pad.move(100, -100)
    assert (pad.column, pad.row) == (27, 0)


def test_a_pen_that_is_down_leaves_a_dot_and_then_lines() -> None:
    pad = Pad()
    pad.turn_pen()
    assert pad.drawing.ink[14, 14] == 1
    pad.move(6, 0)
    assert (pad.drawing.ink[14, 14:21] == 1).all()
    pad.turn_pen()
    pad.move(0, 6)
    assert pad.drawing.ink[20, 20] == 0
    assert pad.undo() and pad.drawing.is_empty and not pad.undo()


def test_the_eraser_is_a_little_wider_than_the_pen() -> None:
    pad = Pad()
    pad.move(-10, 0)
    pad.turn_pen()
    pad.move(20, 0)
    pad.turn_eraser()
    pad.move(-20, 0)
    assert pad.drawing.is_empty
    pad.turn_eraser()
    assert pad.drawing.ink[14, 4] == 1


def test_a_stroke_ends_where_ink_is_cleared_or_taken_back() -> None:
    for end in ("undo", "clear"):
        pad = Pad()
        pad.turn_pen()
        assert getattr(pad, end)()
        assert not pad.down
        pad.move(5, 0)
        assert pad.drawing.is_empty


def test_the_pen_takes_the_width_of_the_data_and_keeps_to_its_bounds() -> None:
    pad = Pad()
    pad.suit(Ink(3.25, measured=True, dark=False))
    assert pad.width_px == 3.25
    pad.thicken(1)
    pad.suit(Ink(3.25, measured=True, dark=False))
    assert pad.width_px == 3.75
    pad.thicken(100)
    assert pad.width_px == 8
    pad.thicken(-100)
    assert pad.width_px == 0.5


def test_dark_on_light_data_get_a_drawing_of_their_kind() -> None:
    pad = Pad()
    pad.suit(Ink(2.0, measured=True, dark=True))
    assert (pad.image == 1).all()
    pad.turn_pen()
    assert pad.image[14, 14] == 0 and pad.image[0, 0] == 1


def test_the_mouse_draws_and_erases_beyond_the_edge_too() -> None:
    pad = Pad()
    assert not pad.drag((3, 3)) and pad.drawing.is_empty
    pad.press((5, 5), erase=False)
    assert pad.drag((40, 5))
    pad.release()
    assert not pad.drag((5, 20))
    assert (pad.drawing.ink[5, 5:] == 1).all() and (pad.column, pad.row) == (27, 5)
    pad.press((5, 5), erase=True)
    pad.drag((40, 5))
    assert pad.drawing.is_empty


def test_the_pen_stands_where_the_mouse_was_within_the_pad() -> None:
    pad = Pad()
    for place, stands in (
        ((0.4, 27.4), (0, 27)),
        ((-3.0, -0.6), (0, 0)),
        ((0.6, 1.4), (1, 1)),
        ((27.6, 99.0), (27, 27)),
    ):
        pad.press(place, erase=False)
        assert (pad.column, pad.row) == stands
        pad.release()


def test_the_mouse_takes_the_pen_up_and_each_press_is_a_stroke_of_its_own() -> None:
    pad = Pad()
    pad.turn_pen()
    pad.press((3, 3), erase=False)
    assert not pad.down
    pad.release()
    pad.press((20, 20), erase=False)
    assert pad.drawing.ink[3, 3] == pad.drawing.ink[14, 14] == pad.drawing.ink[20, 20] == 1
    for row in (20, 3, 14):
        assert pad.undo() and pad.drawing.ink[row, row] == 0
    assert pad.drawing.is_empty
    # A stroke ends where it is taken back: the button may still be held.
    pad.press((3, 3), erase=False)
    pad.undo()
    assert not pad.drag((9, 9)) and pad.drawing.is_empty


@pytest.mark.parametrize(("erases", "width"), [(False, 2.0), (True, 4.0)])
def test_strokes_have_the_pens_width_and_two_more_to_erase(erases: bool, width: float) -> None:
    pad, by_hand = Pad(), Drawing()
    pad.suit(Ink(2.0, measured=True, dark=False))
    for drawing in (pad.drawing, by_hand):
        drawing.begin()
        drawing.line((0, 14), (27, 14), 12, erase=False)
    pad.turn_eraser() if erases else None
    pad.turn_pen()
    by_hand.begin()
    by_hand.line((14, 14), (14, 14), width, erase=erases)
    assert (pad.drawing.ink == by_hand.ink).all()


def test_a_pen_that_is_down_erases_or_draws_where_it_stands() -> None:
    pad = Pad()
    pad.turn_pen()
    pad.turn_eraser()
    assert pad.drawing.is_empty
    pad.turn_eraser()
    assert pad.drawing.ink[14, 14] == 1
    pad.turn_pen()
    pad.turn_eraser()
    assert pad.drawing.ink[14, 14] == 1


# --- what follows from a drawing -----------------------------------------------------------------


def losses_of(view: View) -> Losses:
    losses = Losses()
    losses.follow(view)
    while losses.go_on():
        pass
    return losses


def test_losses_are_those_of_the_shown_weights() -> None:
    view = explorer(dataset()).view
    expected = bce(view.dataset.images[:], view.plane.reconstruct(view.dataset.images[:]))
    losses = losses_of(view)
    assert losses.count == len(expected)
    for loss in (expected.min(), np.median(expected), 0.0, 99.0):
        share = 100 * (expected < loss).mean()
        assert losses.share_below(loss) == pytest.approx(share)
    assert math.isnan(losses.share_below(math.nan))


def test_a_thousand_of_many_samples_are_compared_in_pieces() -> None:
    losses = Losses()
    losses.follow(explorer(dataset(samples=5000)).view)
    assert not losses.is_known
    pieces = sum(1 for _ in itertools.takewhile(bool, iter(losses.go_on, None)))
    assert pieces == 7 and losses.count == MOST == 1000


def test_pieces_go_on_for_the_same_run_and_begin_anew_for_other_classes() -> None:
    data = dataset(samples=300)
    shown = explorer(data)
    losses = Losses()
    assert not losses.go_on() and losses.count == 0
    losses.follow(shown.view)
    assert losses.go_on() and not losses.is_known
    # A later moment waits until this one is complete, and is computed then.
    shown.accept(snapshot(data, epoch=13), data, 1.0)
    losses.follow(shown.view)
    assert [losses.go_on() for _ in range(3)] == [True, True, True]
    assert losses.is_known and losses.count == 300
    assert [losses.go_on() for _ in range(3)] == [True, False, False]
    # For other classes there is nothing to wait for.
    shown.accept(snapshot(data, epoch=14), data, 2.0)
    losses.follow(shown.view)
    losses.go_on()
    shown.accept(snapshot(data, active=range(5)), data, 3.0)
    losses.follow(shown.view)
    assert not losses.is_known and losses.count == 0 and math.isnan(losses.share_below(0.5))
    assert [losses.go_on(), losses.go_on()] == [True, False] and losses.count == 150


def test_the_share_below_counts_smaller_ones_only() -> None:
    view = explorer(dataset()).view
    losses = losses_of(view)
    rows = bce(view.dataset.images[:], view.plane.reconstruct(view.dataset.images[:]))
    for place, loss in enumerate(np.sort(rows).tolist()):
        assert losses.share_below(loss) == pytest.approx(100 * place / 60)
    assert losses.share_below(99.0) == 100.0 and math.isnan(losses.share_below(math.inf))


def test_losses_of_a_moment_are_computed_once_and_serve_until_the_next_are_there() -> None:
    data = dataset()
    shown = explorer(data)
    view = shown.view
    losses = losses_of(view)
    losses.follow(view)
    assert not losses.go_on()
    worse = network(2, PIXELS, 9, sigmoid_output=True)
    shown.accept(dataclasses.replace(view.snapshot, decoder=worse, epoch=13), data, 1.0)
    before = losses.share_below(0.7)
    losses.follow(shown.view)
    assert losses.is_known and losses.share_below(0.7) == before
    losses.go_on()
    expected = bce(data.images[:], shown.view.plane.reconstruct(data.images[:]))
    assert losses.share_below(np.median(expected)) == 50
    # Other classes are another comparison altogether.
    shown.accept(snapshot(data, active={1, 2}), data, 2.0)
    losses.follow(shown.view)
    assert not losses.is_known
    while losses.go_on():
        pass
    assert losses.count == sum(data.counts[label] for label in (1, 2))
    losses.forget()
    assert not losses.is_known and not losses.go_on()


def test_a_drawing_looks_like_the_samples_with_the_nearest_codes() -> None:
    data = dataset(samples=40)
    view = explorer(data).view
    found = alike(view, data.images[7].reshape(28, 28))
    assert found[0] == 7 and len(found) == 3
    distances = ((view.plane.vectors - view.plane.vectors[7]) ** 2).sum(axis=1)
    assert found.tolist() == np.argsort(distances, kind="stable")[:3].tolist()


def broken(data: Dataset, **changes: Any) -> Snapshot:
    def nowhere(inputs: FloatArray) -> FloatArray:
        return np.full((len(inputs), 2), np.nan, np.float32)

    codes = np.full((len(data.images), 2), np.nan)
    return snapshot(data, codes=codes, encoder=nowhere, **changes)


def test_weights_that_are_no_numbers_give_nothing_to_compare() -> None:
    data = dataset()
    view = explorer(data, broken(data)).view
    assert not len(alike(view, data.images[0]))
    losses = losses_of(view)
    assert losses.is_known and losses.count == 0 and math.isnan(losses.share_below(0.3))


def test_images_that_are_gone_are_not_compared() -> None:
    data = dataset(missing="They are gone.")
    assert losses_of(explorer(data).view).count == 0


# --- the arrangement -----------------------------------------------------------------------------


@pytest.mark.parametrize("width", [*range(MIN_WIDTH, 130, 3), 200, 300])
@pytest.mark.parametrize("height", [MIN_HEIGHT, 20, 24, 30, 33, 40, 50, 60, 90])
def test_panes_lie_on_the_screen_and_apart(width: int, height: int) -> None:
    boxes = arrange_pad(width, height)
    taken = np.zeros((height, width), int)
    for box in boxes.values():
        assert box.x >= 0 and box.y >= 0 and box.width > 0 and box.height > 0
        assert box.x + box.width <= width and box.y + box.height <= height
        taken[box.y : box.y + box.height, box.x : box.x + box.width] += 1
    assert taken.max() == 1
    pad = boxes["pad"]
    assert (pad.width - 2) % 28 == 0 and (pad.height - 2) * 2 == pad.width - 2


PLACES = """
29 18
30 17
30 18  pad 0,1,30,16
31 18  pad 0,1,30,16
32 18  pad 1,1,30,16
30 19  pad 0,1,30,16
30 20  pad 0,1,30,16  words 0,17,30,2
30 25  pad 0,1,30,16  words 0,17,30,7
30 26  pad 0,1,30,16  picture 0,17,14,8  words 16,17,14,8
30 33  pad 0,1,30,16  picture 0,17,14,8  words 16,17,14,8
30 34  pad 0,1,30,16  picture 0,17,14,8  words 16,17,14,8  map 0,25,30,8
55 24  pad 1,1,30,16  words 1,17,53,6
56 24  pad 1,1,30,16  keys 1,17,30,6  picture 33,1,22,8  words 33,9,22,14
60 20  pad 1,1,30,16  picture 33,1,26,8  words 33,9,26,10
60 23  pad 1,1,30,16  picture 33,1,26,8  words 33,9,26,13
60 24  pad 1,1,30,16  keys 1,17,30,6  picture 33,1,26,8  words 33,9,26,14
77 60  pad 1,1,30,16  keys 1,17,30,42  picture 33,1,43,8  words 33,9,43,50
78 60  pad 1,1,30,16  keys 1,17,30,42  picture 33,1,20,11  words 55,1,22,11  map 33,12,44,47
80 20  pad 1,1,30,16  picture 33,1,46,8  words 33,9,46,10
80 21  pad 1,1,30,16  picture 33,1,20,11  words 55,1,24,11  map 33,12,46,8
80 24  pad 1,1,30,16  keys 1,17,30,6  picture 33,1,20,11  words 55,1,24,11  map 33,12,46,11
85 60  pad 1,1,30,16  keys 1,17,30,42  picture 33,1,20,11  words 55,1,29,11  map 33,12,51,47
86 60  pad 1,1,30,16  keys 1,17,30,42  picture 33,1,28,15  words 63,1,22,15  map 33,16,52,43
105 60  pad 1,1,30,16  keys 1,17,30,42  picture 33,1,28,15  words 63,1,41,15  map 33,16,71,43
106 60  pad 1,1,58,30  keys 1,31,58,28  picture 61,1,20,11  words 83,1,22,11  map 61,12,44,47
110 26  pad 1,1,30,16  keys 1,17,30,8  picture 33,1,20,11  words 55,1,54,11  map 33,12,76,13
110 27  pad 1,1,30,16  keys 1,17,30,9  picture 33,1,28,15  words 63,1,46,15  map 33,16,76,10
110 31  pad 1,1,30,16  keys 1,17,30,13  picture 33,1,28,15  words 63,1,46,15  map 33,16,76,14
110 32  pad 1,1,58,30  picture 61,1,20,11  words 83,1,26,11  map 61,12,48,19
110 37  pad 1,1,58,30  picture 61,1,20,11  words 83,1,26,11  map 61,12,48,24
110 38  pad 1,1,58,30  keys 1,31,58,6  picture 61,1,20,11  words 83,1,26,11  map 61,12,48,25
113 60  pad 1,1,58,30  keys 1,31,58,28  picture 61,1,20,11  words 83,1,29,11  map 61,12,51,47
114 60  pad 1,1,58,30  keys 1,31,58,28  picture 61,1,28,15  words 91,1,22,15  map 61,16,52,43
120 40  pad 1,1,58,30  keys 1,31,58,8  picture 61,1,28,15  words 91,1,28,15  map 61,16,58,23
141 60  pad 1,1,58,30  keys 1,31,58,28  picture 61,1,28,15  words 91,1,49,15  map 61,16,79,43
142 60  pad 1,1,58,30  keys 1,31,58,28  picture 61,1,56,29  words 119,1,22,29  map 61,30,80,29
200 54  pad 1,1,58,30  keys 1,31,58,22  picture 61,1,28,15  words 91,1,108,15  map 61,16,138,37
200 55  pad 1,1,58,30  keys 1,31,58,23  picture 61,1,56,29  words 119,1,80,29  map 61,30,138,24
200 60  pad 1,1,58,30  keys 1,31,58,28  picture 61,1,56,29  words 119,1,80,29  map 61,30,138,29
"""
"""Columns and rows of a terminal, each limit with the size below it; then left, top, width and
height of what stands there."""
WORDS = {"keys": "pad-keys", "picture": "reconstruction", "words": "verdict", "map": "scatter"}


@pytest.mark.parametrize("line", PLACES.strip().splitlines())
def test_where_everything_stands(line: str) -> None:
    size, *places = line.split("  ")
    width, height = map(int, size.split())
    found = arrange_pad(width, height)
    named = [place.split() for place in places]
    edge = 1 if width >= 32 else 0
    rows = {"pad-head": (0, 1), "pad-hints": (height - 1, 1)} if named else {}
    assert {name: dataclasses.astuple(box) for name, box in found.items()} == {
        **{name: (edge, top, width - 2 * edge, tall) for name, (top, tall) in rows.items()},
        **{WORDS.get(name, name): tuple(map(int, box.split(","))) for name, box in named},
    }


def test_what_stands_at_the_usual_sizes() -> None:
    everything = {"pad", "reconstruction", "verdict", "scatter", "pad-head", "pad-hints"}
    for size in ((200, 60), (120, 40), (80, 24)):
        assert everything <= set(arrange_pad(*size)), size
    assert {"pad", "verdict", "reconstruction"} <= set(arrange_pad(60, 20))
    assert arrange_pad(120, 40)["pad"].width == 58 and arrange_pad(80, 24)["pad"].width == 30
    assert arrange_pad(MIN_WIDTH - 1, 90) == arrange_pad(90, MIN_HEIGHT - 1) == {}
    # Under the pad, two rows are enough for words.
    pad = arrange_pad(MIN_WIDTH, 90)["pad"]
    rows = [set(arrange_pad(MIN_WIDTH, pad.y + pad.height + 1 + below)) for below in (1, 2)]
    assert "verdict" not in rows[0] and "verdict" in rows[1]


# --- the screen ----------------------------------------------------------------------------------


class Shown:
    """The pad over a stage, with a moment that a test can change."""

    def __init__(self, shown: Explorer | None = None, **changes: Look) -> None:
        self.made = scene(shown or explorer(dataset()), **changes)
        self.kept: list[Any] = []
        self.pad = Pad()

    def scene(self) -> Scene:
        return self.made._scene()

    def run(self, size: tuple[int, int] = (120, 40)) -> Running:
        return Running(self, scenes.Stage().run_test(size=size))


class Running:
    def __init__(self, shown: Shown, test: AbstractAsyncContextManager[Pilot[None]]) -> None:
        self.shown, self._test = shown, test

    async def __aenter__(self) -> Running:
        self.pilot = await self._test.__aenter__()
        self.app = self.pilot.app
        self.screen = PadScreen(self.shown.pad, self.shown.scene, self.shown.kept.append)
        await self.app.push_screen(self.screen)
        await self.settle()
        return self

    async def __aexit__(self, *error: Any) -> None:
        await self._test.__aexit__(*error)

    async def settle(self) -> None:
        await self.pilot.pause()
        while self.screen._losses.go_on():
            pass
        self.screen.paint()
        await self.pilot.pause()

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    @property
    def text(self) -> str:
        strips = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in strip) for strip in strips)

    def pane(self, name: str) -> Pane:
        return self.screen.query_one(f"#{name}", Pane)

    def words(self, name: str) -> str:
        return " ".join(" ".join(self.pane(name).grid.rows()).split())


@pytest.fixture(autouse=True)
def _quick(monkeypatch: MonkeyPatch) -> None:
    do_not_wait(monkeypatch)


MOVES = {
    "left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1),
    "h": (-1, 0), "l": (1, 0), "k": (0, -1), "j": (0, 1),
    "shift+left": (-4, 0), "shift+right": (4, 0), "shift+up": (0, -4), "shift+down": (0, 4),
    "H": (-4, 0), "L": (4, 0), "K": (0, -4), "J": (0, 4),
}  # fmt: skip


async def test_keys_move_the_pen() -> None:
    shown = Shown()
    async with shown.run() as run:
        for key, (columns, rows) in MOVES.items():
            at = shown.pad.column, shown.pad.row
            await run.press(key)
            assert (shown.pad.column, shown.pad.row) == (at[0] + columns, at[1] + rows), key
        assert shown.pad.drawing.is_empty


async def test_keys_draw_erase_undo_and_clear() -> None:
    shown = Shown()
    async with shown.run() as run:
        await run.press("space", "J")
        assert "pen down, drawing" in run.text
        drawn = shown.pad.drawing.ink
        assert (drawn[14:19, 14] == 1).all()
        await run.press("e", "K")
        assert "pen down, erasing" in run.text and shown.pad.drawing.is_empty
        await run.press("u")
        assert (shown.pad.drawing.ink == drawn).all() and "pen up, eraser" in run.text
        width = shown.pad.width_px
        await run.press("plus", "equals_sign", "minus")
        assert shown.pad.width_px == width + 0.5 and f"{width + 0.5:.1f} px" in run.text
        await run.press("c")
        assert shown.pad.drawing.is_empty
        await run.press("c")
        assert NOTHING in run.text
        await run.press("u", "u", "u")
        assert "nothing to take back" in run.text
        await run.press("left")
        assert "nothing to take back" not in run.text


async def test_an_empty_pad_says_how_to_begin() -> None:
    async with Shown().run() as run:
        assert "space puts the pen down" in run.text and "move with arrows" in run.text
        assert "here stands what the network takes it for" in run.words("verdict")
        await run.press("space")
        assert "puts the pen down" not in run.text


async def test_a_drawing_is_judged_at_once() -> None:
    data = dataclasses.replace(draw_digits(3, 6), name="few digits")
    shown = Shown(explorer(data))
    async with shown.run() as run:
        await run.press("space", "J")
        await run.settle()
        view = shown.scene().view
        image = shown.pad.image.reshape(1, -1)
        output = view.plane.reconstruct(image)
        loss = bce(image, output)[0]
        words = run.words("verdict")
        assert f"BCE {loss:.4f}" in words and "of 60 samples" in words
        classes = [data.class_names[data.labels[k]] for k in alike(view, image[0])]
        assert ", ".join(classes) in words
        x, y = view.plane.encode(image)[0]
        assert f"z₁ = {x:.3f}" in words and f"{y:.3f}" in words
        assert "◎" in "".join(run.pane("scatter").grid.rows())
        before = run.pane("reconstruction").grid
        await run.press("L")
        await run.settle()
        assert (run.pane("reconstruction").grid.background != before.background).any()


async def test_it_follows_the_training() -> None:
    data = dataset()
    around = explorer(data)
    shown = Shown(around)
    async with shown.run() as run:
        await run.press("space", "J")
        await run.settle()
        words, picture = run.words("verdict"), run.pane("reconstruction").grid
        worse = network(2, PIXELS, 9, sigmoid_output=True)
        around.accept(snapshot(data, decoder=worse, epoch=13), data, 1.0)
        await run.settle()
        assert run.words("verdict") != words and "epoch 13" in run.text
        assert (run.pane("reconstruction").grid.background != picture.background).any()


async def test_the_map_reaches_a_drawing_that_lies_far_away() -> None:
    data = dataset()
    around = explorer(data, snapshot(data, codes=np.random.default_rng(0).normal(500, 1, (60, 2))))
    shown = Shown(around)
    async with shown.run() as run:
        await run.press("space", "J")
        assert "◎" in "".join(run.pane("scatter").grid.rows())


async def test_enter_keeps_the_drawing_and_closes_but_not_an_empty_one() -> None:
    shown = Shown()
    async with shown.run() as run:
        await run.press("enter")
        assert NOTHING in run.text and not shown.kept
        await run.press("space", "J", "enter")
        assert run.app.screen is not run.screen
        (kept,) = shown.kept
        assert kept.shape == (28, 28) and kept.dtype == np.float32
        np.testing.assert_array_equal(kept, shown.pad.drawing.ink)


@pytest.mark.parametrize("key", ["escape", "q", "D"])
async def test_keys_close_without_keeping(key: str) -> None:
    shown = Shown()
    async with shown.run() as run:
        await run.press("space", key)
        assert run.app.screen is not run.screen and not shown.kept
        assert not shown.pad.drawing.is_empty


def mouse(
    kind: type[events.MouseEvent],
    run: Running,
    column: int,
    row: int,
    button: int = 1,
    *,
    shift: bool = False,
) -> None:
    """An event at a pixel of a pad of half blocks."""
    box = run.pane("pad").region
    scale = (box.width - 2) // 28
    x, y = box.x + 1 + column * scale, box.y + 1 + row * scale // 2
    event = kind(None, x, y, 0, 0, button, shift, False, False, screen_x=x, screen_y=y)
    run.app.post_message(event)


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
@pytest.mark.parametrize(("button", "shift"), [(3, False), (1, True)])
async def test_the_mouse_draws_and_with_right_or_shift_erases(
    size: tuple[int, int], button: int, shift: bool
) -> None:
    shown = Shown()
    async with shown.run(size) as run:
        for erases in (False, True):
            pressed = {"button": button, "shift": shift} if erases else {}
            mouse(events.MouseDown, run, 6, 10, **pressed)
            for column in range(8, 22, 2):
                mouse(events.MouseMove, run, column, 10, **pressed)
            mouse(events.MouseUp, run, 20, 10, **pressed)
            mouse(events.MouseMove, run, 20, 25, button=0)
            await run.pilot.pause()
            assert shown.pad.column == 20
            ink = shown.pad.drawing.ink
            if erases:
                assert not ink[8:13, 8:19].any()
            else:
                assert (ink[9:12, 7:20].sum(axis=0) > 1.5).all() and not ink[16:].any()


async def test_a_click_beside_the_pad_draws_nothing() -> None:
    shown = Shown()
    async with shown.run((80, 24)) as run:
        mouse(events.MouseDown, run, 40, 10)
        mouse(events.MouseMove, run, 10, 10)
        await run.pilot.pause()
        assert shown.pad.drawing.is_empty


LOOKS = {
    "truecolor": look(),
    "256": look(depth=ColourDepth.EIGHT_BIT),
    "16": look(depth=ColourDepth.SIXTEEN),
    "no colour": look(depth=ColourDepth.NONE),
    "ascii": look(glyphs="ascii", depth=ColourDepth.NONE),
    "blocks": look(glyphs="blocks"),
    "slow": look(braille_images=True, sparse_cloud=True, sixteen_colours=True, grey_levels=6),
}


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("kind", LOOKS)
async def test_every_look_shows_the_pad_at_every_size(size: tuple[int, int], kind: str) -> None:
    shown = Shown(look=LOOKS[kind])
    async with shown.run(size) as run:
        empty = run.pane("pad").grid
        await run.press("space", "J", "J", "space", "L")
        pad = run.pane("pad").grid
        changed = (pad.glyphs != empty.glyphs) | (pad.background != empty.background)
        scale = (pad.width - 2) // 28
        assert changed[1 + 7 * scale : 1 + 11 * scale, 1 + 14 * scale].all()
        assert "pen up" in run.text
        if kind == "ascii":
            assert run.text.isascii()
        if kind == "no colour":
            assert ("o" if scale == 1 else "()") in run.words("pad")
        if size[0] >= 60:
            assert "BCE" in run.text and "back" in run.text


@pytest.mark.parametrize("size", [(MIN_WIDTH - 1, 30), (70, MIN_HEIGHT - 1), (3, 2), (1, 1)])
async def test_a_screen_too_small_says_so_and_breaks_at_nothing(size: tuple[int, int]) -> None:
    shown = Shown()
    async with shown.run(size) as run:
        assert TOO_SMALL[: size[0] - 1] in run.text
        await run.press("space", "J", "enter")
        assert len(shown.kept) == 1


async def test_another_size_takes_the_drawing_along() -> None:
    shown = Shown()
    async with shown.run((120, 40)) as run:
        await run.press("space", "J")
        for size in ((60, 20), (20, 10), (80, 24)):
            await run.pilot.resize_terminal(*size)
            await run.pilot.pause()
        await run.settle()
        assert run.pane("pad").grid.width == 30 and "looks like" in run.text
        assert not shown.pad.drawing.is_empty


@pytest.mark.parametrize("state", [State.PAUSED, State.FAILED])
async def test_weights_that_hold_no_numbers_are_told(state: State) -> None:
    data = dataset()
    shown = Shown(explorer(data, broken(data, state=state, failure="The loss is not finite.")))
    async with shown.run((80, 24)) as run:
        await run.press("space", "J")
        await run.settle()
        assert "no code" in run.words("verdict") and "◎" not in run.text
        assert state.value in run.text


async def test_a_decoder_without_numbers_has_no_loss_but_a_place() -> None:
    data = dataset()

    def nothing(codes: FloatArray) -> FloatArray:
        return np.full((len(codes), PIXELS), np.nan, np.float32)

    shown = Shown(explorer(data, snapshot(data, decoder=nothing)))
    async with shown.run() as run:
        await run.press("space", "J")
        await run.settle()
        words = run.words("verdict")
        assert "BCE no number" in words and "nothing to compare" in words and "z₁" in words


async def test_one_class_one_sample_and_no_labels() -> None:
    for data, said in (
        (dataset(classes=1, samples=1), "looks like"),
        (dataset(classes=1, samples=9, labelled=False), "nearest samples"),
    ):
        shown = Shown(explorer(data))
        async with shown.run() as run:
            await run.press("space", "J")
            await run.settle()
            assert said in run.text
            assert f"of {len(data.images)} sample" in run.words("verdict")


async def test_codes_that_are_all_equal_have_a_map_too() -> None:
    data = dataset()
    shown = Shown(explorer(data, snapshot(data, codes=np.ones((60, 2)))))
    async with shown.run((80, 24)) as run:
        await run.press("space", "J")
        assert "BCE" in run.text


async def test_names_of_classes_steer_no_terminal() -> None:
    data = dataset(names=("\x1b[31mred", "漢字", "a" * 60))
    shown = Shown(explorer(data))
    async with shown.run((80, 24)) as run:
        await run.press("space", "J")
        assert "\x1b" not in run.text


async def test_the_pen_suits_dark_data() -> None:
    light = draw_digits(0, 6).images[:]
    data = dataset(samples=60)
    data = dataclasses.replace(data, images=Images(1 - light))
    shown = Shown(explorer(data))
    async with shown.run((80, 24)) as run:
        assert shown.pad.ink.dark and shown.pad.ink.measured
        await run.press("space", "J", "enter")
        (kept,) = shown.kept
        assert kept[0, 0] == 1 and kept[14, 14] == 0


async def test_the_plane_of_the_pixels_judges_by_its_own_reconstruction() -> None:
    data = dataset()
    around = explorer(data)
    around.take_survey(SURVEY)
    around.use_plane(PlaneName.PIXELS, 0.0)
    shown = Shown(around)
    async with shown.run() as run:
        await run.press("space", "J")
        await run.settle()
        image = shown.pad.image.reshape(1, -1)
        loss = bce(image, around.view.plane.reconstruct(image))[0]
        assert f"BCE {loss:.4f}" in run.words("verdict") and "PCA of the pixels" in run.text


async def test_on_the_wire_its_heading_comes_first() -> None:
    async with Shown().run() as run:
        width, height = run.app.size
        rank = Priorities(width, height, run.screen.regions()).rank
        assert (rank[0, 1:-1] < rank[1:].min()).all()
