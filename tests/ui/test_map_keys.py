"""Every key of the map, of its neighbours and of the timeline, on the whole program."""

from __future__ import annotations

import dataclasses
import re

import numpy as np
import pytest
from pytest import MonkeyPatch

from tests.ui.conftest import Run, Start
from tests.ui.scenes import dataset
from tui_ae.data.dataset import Dataset, HeldOut
from tui_ae.data.images import Images
from tui_ae.raster.viewport import cell_of
from tui_ae.run.plane import CodePlane, LinePlane, PixelPlane, PrincipalPlane
from tui_ae.run.snapshot import State
from tui_ae.train.run import TrainingRun
from tui_ae.ui.actions import MAIN
from tui_ae.ui.choice import Inspector, Layer, PlaneName
from tui_ae.ui.layout import MIN_HEIGHT, MIN_WIDTH, Arrangement
from tui_ae.ui.screens.confirm import ConfirmScreen

SIZES = ((200, 60), (120, 40), (80, 24), (MIN_WIDTH, MIN_HEIGHT))
WIDE = {"latent_dim": 5, "hidden": (16,)}


@pytest.fixture
def with_held_out(digits: Dataset) -> Dataset:
    apart = HeldOut(Images(digits.images[:40] * np.float32(0.9)), digits.labels[:40], np.arange(40))
    return dataclasses.replace(digits, held_out=apart)


def title(run: Run) -> str:
    """That of the map."""
    plot = run.main.query_one("#scatter").region
    return run.rows()[plot.y][plot.x : plot.right]


def pane(run: Run, name: str) -> list[str]:
    """The rows of a pane, or none where it is hidden."""
    shown = run.main.query_one(f"#{name}")
    if not shown.display:
        return []
    box = shown.region
    return [row[box.x : box.right] for row in run.rows()[box.y : box.bottom]]


# --- planes and layers ---------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
async def test_v_draws_the_map_of_each_layer_and_its_title_says_which(
    start: Start, size: tuple[int, int]
) -> None:
    async with start(size=size) as run:
        seen = []
        for _ in Layer:
            await run.press("v")
            layer = run.explorer.choice.layer
            seen.append(layer)
            if layer is not Layer.BRAILLE:
                assert (layer.value if size[0] > 60 else layer.short) in title(run)
        assert set(seen) == set(Layer) and seen[-1] is Layer.BRAILLE
        assert title(run).startswith("▸ latent space" if size[0] > 60 else "latent space")


@pytest.mark.parametrize("size", SIZES)
async def test_x_goes_through_the_planes_and_capital_x_back(
    start: Start, size: tuple[int, int]
) -> None:
    async with start(size=size) as run:
        assert isinstance(run.explorer.plane, CodePlane)
        decoded, readout = run.explorer.decoded(), "probe (z₁ = "
        assert readout in run.text
        await run.press("x")
        assert isinstance(run.explorer.plane, PixelPlane)
        assert "PCA of the pixels" in title(run) and "probe (pc₁ = " in run.text
        assert (run.explorer.decoded() != decoded).any()
        # The status line says what it shows, in a sentence.
        assert "PCA's here, not the network's." in run.rows()[-2]
        await run.press("X")
        assert isinstance(run.explorer.plane, CodePlane) and readout in run.text


async def test_a_new_plane_has_the_probe_at_the_sample(start: Start) -> None:
    async with start() as run:
        await run.press("7", "x")
        code = run.explorer.monitored().code
        np.testing.assert_allclose(run.explorer.probe, code, atol=1e-5)
        box = run.explorer.viewport
        codes = run.explorer.plane.codes
        assert (codes[:, 0] > box.left).all() and (codes[:, 0] < box.right).all()


async def test_wide_codes_have_a_plane_of_components_and_pairs_of_numbers(start: Start) -> None:
    async with start(network=WIDE) as run:
        assert isinstance(run.explorer.plane, PrincipalPlane)
        assert "PCA of 5 numbers" in title(run) and "probe (p₁ = " in run.text
        pairs = []
        for _ in range(11):
            await run.press("full_stop")
            pairs.append(run.explorer.choice.dims)
            one, other = (number + 1 for number in pairs[-1])
            names = (
                str(one).translate(str.maketrans("12345", "₁₂₃₄₅")),
                str(other).translate(str.maketrans("12345", "₁₂₃₄₅")),
            )
            assert f"z{names[0]} and z{names[1]} of 5 numbers" in title(run)
        assert len(set(pairs[:10])) == 10 and pairs[10] == pairs[0]
        assert "holds the other 3 at their means" in run.text
        await run.press("X")
        assert isinstance(run.explorer.plane, PrincipalPlane)


async def test_two_numbers_have_no_other_pair(start: Start) -> None:
    async with start() as run:
        await run.press("full_stop")
        assert "no other numbers" in run.text and run.explorer.choice.plane is PlaneName.CODES


async def test_codes_of_one_number_lie_on_a_line(start: Start) -> None:
    async with start(network={"latent_dim": 1}) as run:
        assert isinstance(run.explorer.plane, LinePlane)
        assert "latent line, by class" in title(run) and "probe (z₁ = " in run.text
        decoded = run.explorer.decoded()
        await run.press("up", "up")
        assert (run.explorer.decoded() == decoded).all()
        await run.press("L")
        assert (run.explorer.decoded() != decoded).any()


async def test_z_takes_the_names_of_classes_from_the_map(start: Start) -> None:
    async with start() as run:
        scatter = run.main.query_one("#scatter")

        def named() -> int:
            grounds = set(scatter.grid.background.ravel().tolist())
            return len(grounds - {-1})

        assert named() >= 3 and run.explorer.choice.names
        await run.press("z")
        assert named() == 0 and not run.explorer.choice.names
        await run.press("z")
        assert named() >= 3


async def test_z_says_why_names_are_not_to_be_seen(start: Start) -> None:
    async with start() as run:
        for layer, words in (
            (Layer.DIGITS, "Each point is its class's name here"),
            (Layer.DENSITY, "No class names."),
            (Layer.TILES, "don't stand on tiles"),
        ):
            while run.explorer.choice.layer is not layer:
                await run.press("v")
            await run.press("z")
            assert words in run.text, layer
            await run.press("z")
    unlabelled = dataset(1, 40, labelled=False, names=["all"])
    async with start(load=lambda *_: unlabelled) as run:
        await run.press("z")
        assert "No classes are known" in run.text


async def test_u_counts_the_marks_that_are_there(start: Start, with_held_out: Dataset) -> None:
    """Those of classes that are off are not."""
    async with start(load=lambda *_: with_held_out) as run:
        await run.press("c", "0", "escape")
        await run.until(lambda: run.explorer.view and not run.explorer.view.active_mask[0])
        await run.press("u")
        left = int((with_held_out.held_out.labels != 0).sum())
        assert left < 40 and f"× marks {left} of 40 held-out images" in run.text


async def test_u_marks_held_out_images(start: Start, with_held_out: Dataset) -> None:
    async with start(load=lambda *_: with_held_out) as run:
        assert "×" not in "".join(pane(run, "scatter"))
        await run.press("u")
        assert "× marks 40 held-out images" in run.text and "× held out" in title(run)
        assert "".join(pane(run, "scatter")[1:]).count("×") > 5
        await run.press("u")
        assert "×" not in "".join(pane(run, "scatter"))


async def test_u_says_that_none_are_held_out(start: Start) -> None:
    async with start() as run:
        await run.press("u")
        assert "No images are held out here" in run.text and "× held out" not in title(run)


async def test_capital_v_lays_dots_over_tiles(start: Start) -> None:
    async with start() as run:
        await run.press("V")
        assert "Dots go over decoded tiles" in run.text
        await run.press("V")
        while run.explorer.choice.layer is not Layer.TILES:
            await run.press("v")
        assert "▀" not in "".join(pane(run, "scatter")[1:])
        await run.press("V")
        # Small tiles are of dots themselves; under the cloud's they are of half blocks.
        over = "".join(pane(run, "scatter")[1:])
        assert "▀" in over and len(re.findall("[\u2801-\u28ff]", over)) > 20


async def test_f_takes_a_probe_along_that_it_would_leave_out(start: Start) -> None:
    async with start() as run:
        await run.press("minus", "minus", "minus")
        await run.press(*["L"] * 20, *["K"] * 20)
        before = run.explorer.probe
        await run.press("f")
        z1, z2 = run.explorer.probe
        assert z1 < before[0] and z2 < before[1]
        assert f"probe (z₁ = {z1:.3f}, z₂ = {z2:.3f})" in run.text


# --- neighbours ----------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
async def test_e_shows_the_neighbours_of_the_probe_then_of_the_sample(
    start: Start, size: tuple[int, int]
) -> None:
    async with start(size=size) as run:
        assert not pane(run, "neighbours")
        await run.press("e")
        assert pane(run, "neighbours")[0].startswith("near the probe") and not pane(run, "probe")
        before = pane(run, "neighbours")
        await run.press("L", "K", "K")
        assert pane(run, "neighbours") != before
        await run.press("e")
        assert pane(run, "neighbours")[0].startswith("near the sample")
        before = pane(run, "neighbours")
        await run.press("4")
        assert pane(run, "neighbours") != before
        await run.press("e")
        assert not pane(run, "neighbours") and pane(run, "probe")


async def test_enter_goes_from_sample_to_sample_along_the_nearest(start: Start) -> None:
    async with start() as run:
        await run.press("e", "e", "3")
        assert run.explorer.choice.inspector is Inspector.OF_SAMPLE
        visited = [run.explorer.sample]
        for _ in range(3):
            nearest = int(run.explorer.view.neighbours.in_codes.samples[0])
            await run.press("enter")
            assert run.explorer.sample == nearest and run.explorer.choice.pinned
            visited.append(nearest)
        assert len(set(visited)) >= 2


# --- from A to B ---------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
async def test_m_marks_a_and_b_and_escape_takes_them_away(
    start: Start, size: tuple[int, int]
) -> None:
    async with start(size=size) as run:
        await run.press("m")
        assert "A is the cross." in run.text and not pane(run, "strip")
        await run.press(*"HHKK")
        await run.press("m")
        strip = pane(run, "strip")
        assert strip[0].startswith("A the cross → B the cross") and "widest gap" in strip[0]
        assert any(line.startswith("nearest") for line in strip)
        map_rows = "".join(pane(run, "scatter")[1:])
        assert "A" in map_rows and "B" in map_rows
        await run.press("escape")
        assert not pane(run, "strip") and run.explorer.choice.ends == ()
        assert run.app.screen is run.main
        await run.press("m", "m", "m")
        assert len(run.explorer.choice.ends) == 1 and not pane(run, "strip")


@pytest.mark.parametrize("size", SIZES)
async def test_capital_m_marks_the_sample_and_the_title_says_which_end_is_what(
    start: Start, size: tuple[int, int]
) -> None:
    async with start(size=size) as run:
        await run.press("7", "M")
        assert "A is the sample. m takes the cross as B; M a sample." in run.text
        first = run.explorer.sample
        await run.press("3", "M")
        strip = pane(run, "strip")
        assert strip[0].startswith("A digit 7 → B digit 3")
        view = run.explorer.view
        assert [end.sample for end in view.choice.ends] == [first, run.explorer.sample]
        np.testing.assert_array_equal(view.walk.points[0], view.plane.codes[first])
        # Another sample on the screen moves neither end.
        await run.press("1")
        assert run.explorer.view.choice.ends == view.choice.ends
        await run.press("M", "m")
        assert pane(run, "strip")[0].startswith("A digit 1 → B the cross")


async def test_a_marked_sample_is_followed_while_it_trains(start: Start) -> None:
    async with start() as run:
        await run.press("7", "M", "0", "M", "s")
        await run.until(lambda: run.snapshot.epoch == 1 and run.state is State.PAUSED)
        view = run.explorer.view
        places = [tuple(view.plane.codes[end.sample].tolist()) for end in view.choice.ends]
        assert list(view.ends) == places
        assert places[0] != view.choice.ends[0].point


# --- time ----------------------------------------------------------------------------------------


def viewed(run: Run) -> tuple[int, int] | None:
    """(epoch, newest epoch) that the header names while an earlier moment is shown."""
    found = re.search(r"viewing epoch (\d+) of (\d+)", run.rows()[0])
    return (int(found[1]), int(found[2])) if found else None


def seen(run: Run) -> tuple[int, int]:
    """The same, where one is shown."""
    found = viewed(run)
    assert found is not None
    return found


@pytest.mark.parametrize("size", SIZES)
async def test_every_pane_shows_the_moment_and_end_returns(
    start: Start, size: tuple[int, int]
) -> None:
    async with start(size=size) as run:
        await run.train(6)
        await run.press("f")
        newest, decoded, box = run.snapshot.epoch, run.explorer.decoded(), run.explorer.viewport
        live = {name: pane(run, name) for name in ("scatter", "probe", "readout")}
        # What moments take is only told, and so only counted, where one is shown.
        assert run.app._presenter.scene("scatter").kept_bytes == 0
        await run.press("home")
        assert viewed(run) == (0, newest)
        kept = run.app._presenter.scene("scatter").kept_bytes
        assert kept == sum(moment.nbytes for moment in run.app.source.timeline) > 0
        first = {name: pane(run, name) for name in live}
        for name in ("scatter", "probe"):
            assert first[name] != live[name] or not live[name], name
        assert ("end: live" in run.rows()[-2] and "moments kept" in run.rows()[-2]) or size[0] < 80
        await run.press("right_square_bracket", "right_square_bracket")
        assert viewed(run) == (2, newest)
        moment = run.app.source.timeline[2]
        image = run.explorer.dataset.images[run.explorer.sample]
        expected = moment.encoder(image[None])[0]
        np.testing.assert_allclose(run.explorer.monitored().code, expected, atol=1e-5)
        await run.press("left_square_bracket")
        assert viewed(run) == (1, newest)
        await run.press(*["right_curly_bracket"] * (newest // 10 + 1))
        assert viewed(run) is None
        await run.press("left_curly_bracket")
        # In the middle of an epoch its beginning is a moment of its own.
        assert seen(run)[0] <= max(newest - 9, 0)
        await run.press("end")
        assert viewed(run) is None
        # As it was before, the probe and the box too.
        assert (run.explorer.decoded() == decoded).all() and run.explorer.viewport == box
        assert pane(run, "readout") == live["readout"] and run.snapshot.epoch == newest


async def test_before_training_there_is_no_earlier_moment(start: Start) -> None:
    async with start() as run:
        for key in ("left_square_bracket", "left_curly_bracket", "home", "greater_than_sign"):
            await run.press("n", key)
            assert "no earlier moments yet" in run.text and viewed(run) is None
        for key in ("right_square_bracket", "end", "less_than_sign"):
            await run.press(key)
        assert viewed(run) is None and run.app.screen is run.main


async def test_training_goes_on_while_the_past_stands_still(start: Start) -> None:
    async with start() as run:
        await run.press("space")
        await run.until(lambda: run.snapshot.epoch >= 4)
        await run.press("home", "right_square_bracket")
        at, newest = seen(run)
        assert at == 1
        still = ("scatter", "input", "reconstruction", "probe", "readout", "classes")
        before = {name: pane(run, name) for name in still}
        await run.until(lambda: run.explorer.live.epoch >= newest + 12)
        await run.until(lambda: seen(run)[1] >= newest + 12)
        assert seen(run)[0] == 1 and "● training" in run.rows()[0]
        assert {name: pane(run, name) for name in still} == before
        # What one looks at can be changed there, of that moment.
        decoded = run.explorer.decoded()
        await run.press("L", "3")
        assert (run.explorer.decoded() != decoded).any()
        assert pane(run, "readout") != before["readout"] and pane(run, "input") != before["input"]
        assert run.explorer.snapshot.epoch == 1
        await run.press("end")
        assert viewed(run) is None and run.explorer.view.is_live
        await run.until(lambda: f"epoch {newest + 12}"[:6] in run.rows()[0])
        await run.press("space")
        await run.until(lambda: run.state is State.PAUSED)


async def test_looking_back_changes_no_loss(start: Start) -> None:
    losses = []
    for keys in ((), ("home", "e", "m", "L", "m", "greater_than_sign", "v", "v", "v", "x", "end")):
        async with start() as run:
            await run.press("s")
            await run.until(lambda run=run: run.snapshot.epoch == 1 and run.state is State.PAUSED)
            await run.press("s", *keys)
            await run.until(
                lambda run=run: (
                    run.explorer.live.epoch == 2 and run.explorer.live.state is State.PAUSED
                )
            )
            losses.append(run.explorer.live.loss)
    assert losses[0] == losses[1]


async def test_a_replay_goes_through_the_moments_while_training_goes_on(start: Start) -> None:
    async with start() as run:
        await run.press("space")
        await run.until(lambda: run.snapshot.epoch >= 8)
        await run.press("greater_than_sign")
        assert seen(run)[0] == 0 and "replay, 2 a second" in run.rows()[-2]
        await run.press("greater_than_sign", "greater_than_sign", "greater_than_sign")
        assert "replay, 10 a second" in run.rows()[-2]
        epochs: list[int] = []

        def several() -> bool:
            epochs.extend([seen(run)[0]] if viewed(run) else [])
            return len(set(epochs)) >= 6

        await run.until(several)
        assert epochs == sorted(epochs) and "● training" in run.rows()[0]
        await run.press("less_than_sign", "less_than_sign", "less_than_sign")
        assert "replay, " not in run.rows()[-2]
        stopped = seen(run)[0]
        await run.press("n")
        await run.until(lambda: seen(run)[1] >= 40)
        assert seen(run)[0] == stopped
        await run.press("end", "space")
        await run.until(lambda: run.state is State.PAUSED)


async def test_a_replay_of_what_is_there_ends_at_the_newest(start: Start) -> None:
    async with start() as run:
        await run.train(3)
        await run.press(*["greater_than_sign"] * 3)
        assert viewed(run)
        await run.until(lambda: viewed(run) is None)
        assert run.explorer.view.is_live


async def test_a_reset_in_the_past_shows_the_new_run(start: Start) -> None:
    async with start() as run:
        await run.train(4)
        old = run.explorer.live.info.id
        await run.press("home", "right_square_bracket")
        await run.press("r", "y")
        await run.until(lambda: run.explorer.live.info.id != old)
        await run.until(lambda: viewed(run) is None and "● idle" in run.rows()[0])
        await run.press("left_square_bracket")
        assert "no earlier moments yet" in run.text


async def test_classes_switch_in_the_past_too(start: Start) -> None:
    async with start() as run:
        await run.train(3)
        await run.press("home", "c", "7", "4")
        await run.until(lambda: run.explorer.active == frozenset(range(10)) - {4, 7})
        await run.press("escape")
        assert seen(run)[0] == 0
        labels = run.explorer.dataset.labels[run.explorer.view.active_samples]
        assert not {4, 7} & set(labels.tolist())
        await run.press("7")
        assert "Class 7 is off" in run.text


async def test_the_moments_of_a_failed_run_can_be_looked_at(
    start: Start, monkeypatch: MonkeyPatch
) -> None:
    step = TrainingRun.step

    def fails(self: TrainingRun) -> bool:
        if self.epoch >= 3:
            raise ValueError("the device is gone")
        return step(self)

    monkeypatch.setattr(TrainingRun, "step", fails)
    async with start() as run:
        await run.press("space")
        await run.until(lambda: isinstance(run.app.screen, ConfirmScreen))
        await run.press("escape")
        await run.until(lambda: run.app.screen is run.main and "● failed" in run.text)
        assert "the device is gone" in run.rows()[-2]
        await run.press("home", "right_square_bracket", "right_square_bracket")
        assert viewed(run) == (2, 3) and "● failed" in run.rows()[0]
        assert "end: live" in run.rows()[-2]
        await run.press("end")
        assert viewed(run) is None and "the device is gone" in run.rows()[-2]


# --- all of them ---------------------------------------------------------------------------------

LOOKERS = [
    key
    for item in MAIN
    if item.group in ("map", "time", "probe", "sample", "view")
    and not item.action.startswith("app")
    for key in item.keys
]


@pytest.mark.parametrize("network", [None, WIDE, {"latent_dim": 1}], ids=["2", "5", "1"])
async def test_no_key_of_the_map_breaks_anything_in_any_order(
    start: Start, network: dict[str, object], with_held_out: Dataset
) -> None:
    chance = np.random.default_rng(0)
    async with start(load=lambda *_: with_held_out, network=network) as run:
        await run.train(2)
        keys = chance.permutation(LOOKERS).tolist()
        for size in SIZES:
            await run.pilot.resize_terminal(*size)
            for _ in range(len(keys) // len(SIZES) // 4):
                await run.press(*(keys.pop() for _ in range(4)))
        assert run.app.screen is run.main and run.app._exception is None
        assert run.main.arrangement is Arrangement.SMALL
        await run.press("end", "f")
        assert viewed(run) is None


@pytest.mark.parametrize("classes", [1, 3])
async def test_keys_do_no_harm_where_there_are_no_labels_or_one_class(
    start: Start, classes: int
) -> None:
    data = dataset(classes, 40, labelled=classes > 1, names=None if classes > 1 else ["all"])
    async with start(load=lambda *_: data) as run:
        await run.train(1)
        for key in LOOKERS:
            await run.press(key)
        assert run.app.screen is run.main


async def test_the_sample_in_numbers_is_the_one_that_the_map_marks(start: Start) -> None:
    """While training as well: what is read below the map is of the moment above."""
    async with start() as run:
        cells = set()

        def agrees() -> bool:
            """Whether the map's ring stands where the readout says."""
            told = re.search(r"sample \(z₁ = (-?[\d.]+), z₂ = (-?[\d.]+)\)", run.text)
            scatter, plot = run.main._scatter, run.plot
            drawn = np.argwhere(scatter._grid.glyphs == ord("◎"))
            if told is None or not len(drawn):
                return False
            z1, z2 = (float(number) for number in told.groups())
            box = scatter._key[1]
            column, row = cell_of(box, z1, z2, plot.width, plot.height)
            at = tuple((drawn[0] - (plot.y, plot.x)).tolist())
            # What is read is rounded.
            assert np.abs(np.subtract(at, (row, column))).max() <= 1, (at, (row, column))
            cells.add(at)
            return len(cells) > 4

        await run.press("space")
        await run.until(agrees)
        for key in ("right", "tab", "n", "+"):
            await run.press(key)
            agrees()


async def test_components_that_have_come_are_said_to_wait_no_more(start: Start) -> None:
    async with start() as run:
        worker = run.app.source._worker
        survey, worker.survey = worker.survey, None
        await run.until(lambda: run.explorer.planes.survey is None)
        await run.press("x")
        assert "are still being computed" in run.text
        worker.survey = survey
        await run.until(lambda: "still being computed" not in run.text)
        assert "Reconstruction and probe are PCA's here" in run.text


# --- the footer ----------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
async def test_the_footer_says_what_matters_in_the_state_at_hand(
    start: Start, size: tuple[int, int]
) -> None:
    async with start(size=size) as run:
        await run.press("s")
        await run.until(lambda: run.snapshot.epoch == 1)
        at_rest = run.rows()[-1]
        for keys, words, back in (
            ("e", "enter nearest", "ee"),
            ("+", "f fit", "f"),
            ("m", "m B", "m"),
            ("", "esc unmark", ("escape",)),
            (("home",), "end live", ("end",)),
            ("vvv", "V dots", "v"),
        ):
            await run.press(*keys)
            row = run.rows()[-1]
            assert words in row and row.rstrip().endswith("? help  q quit"), row
            await run.press(*back)
        assert run.rows()[-1] == at_rest


async def test_enter_is_named_for_the_nearest_only_where_it_takes_it(start: Start) -> None:
    async with start(size=(120, 40)) as run:
        await run.press("e")
        assert "enter nearest" in run.rows()[-1]
        await run.press("tab")
        assert "enter nearest" not in run.rows()[-1]


async def test_codes_of_many_numbers_name_the_key_that_shows_two_of_them(start: Start) -> None:
    async with start(size=(80, 24), network=WIDE) as run:
        assert ". numbers" in run.rows()[-1]


async def test_where_the_way_takes_the_small_screen_tab_promises_nothing(start: Start) -> None:
    async with start(size=SIZES[-1]) as run:
        assert "tab pictures" in run.rows()[-1]
        await run.press("tab", "tab", "m", "L", "m")
        assert run.main.query_one("#strip").display
        assert "tab" not in run.rows()[-1] and "esc unmark" in run.rows()[-1]
        # The classes, to which tab had gone, are not on the screen: enter does not open them.
        await run.press("enter")
        assert run.app.screen is run.main
        await run.press("escape")
        assert "tab loss" in run.rows()[-1]
