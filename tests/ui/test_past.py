"""Walking through the kept moments of a run, and replaying them, while it goes on."""

from __future__ import annotations

import dataclasses
import itertools
import math
import types
from random import Random
from typing import Any

import numpy as np
import pytest

from tests.link.test_link_simulated import Terminal, World
from tests.ui.scenes import BASELINES, RUN, dataset, network, snapshot
from tui_ae.config import ScreenOptions
from tui_ae.data.dataset import Dataset
from tui_ae.data.images import Images
from tui_ae.model.frozen import FrozenNetwork
from tui_ae.raster.colour import ColourDepth
from tui_ae.run.snapshot import TRAINING, LossCurve, Snapshot, State
from tui_ae.run.timeline import AT_ONCE, CHUNK, Moment
from tui_ae.ui.explorer import Explorer
from tui_ae.ui.past import SPEEDS, Past
from tui_ae.ui.presenter import Presenter

DATA = dataset()
EPOCHS = (0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 14, 18, 22, 26, 30)
LAST = EPOCHS[-1]


def moment(epoch: int) -> Moment:
    """Weights that follow from the epoch."""
    encoder = network(784, 2, epoch + 10, sigmoid_output=False)
    decoder = network(2, 784, epoch + 500, sigmoid_output=True)
    return Moment(epoch, 1 / (epoch + 1), encoder, decoder)


MOMENTS = tuple(moment(epoch) for epoch in EPOCHS)


def live(epoch: int = 40, data: Dataset = DATA, **changes: Any) -> Snapshot:
    losses = 1 / (np.arange(1, epoch + 1) + 1)
    curve = LossCurve(np.arange(1, epoch + 1), losses, 0.5, float(losses.min(initial=1)))
    return snapshot(data, epoch=epoch, curves={TRAINING: curve}, **changes)


class Walker:
    """An explorer on a run with moments, and the past of it."""

    def __init__(
        self, moments: tuple[Moment, ...] = MOMENTS, data: Dataset = DATA, **changes: Any
    ) -> None:
        self.explorer = Explorer(Random(5))
        self.source = types.SimpleNamespace(timeline=moments)
        self.past = Past(self.source, self.explorer)
        self.data = data
        self.take(**changes)

    def take(self, epoch: int = 40, **changes: Any) -> None:
        self.explorer.accept(live(epoch, self.data, **changes), self.data, 0.0)

    @property
    def epoch(self) -> int | None:
        """That of the moment which is shown; None for the newest snapshot."""
        return self.explorer.past.epoch if self.explorer.past else None


# --- one moment after another --------------------------------------------------------------------


def test_every_moment_can_be_reached_and_both_ends_hold() -> None:
    walker, seen = Walker(), []
    for _ in range(len(EPOCHS) + 3):
        assert walker.past.move(-1, 0.0)
        seen.append(walker.epoch)
    assert seen == [*EPOCHS[::-1], 0, 0, 0]
    seen = []
    for _ in range(len(EPOCHS) + 2):
        assert walker.past.move(1, 0.0)
        seen.append(walker.epoch)
    assert seen == [*EPOCHS[1:], None, None, None]


def test_at_rest_nothing_goes_on_by_itself() -> None:
    walker = Walker()
    assert (walker.past.speed, walker.past.goes_on) == ("", False)
    walker.past.replay(1, 0.0)
    assert (walker.past.speed, walker.past.goes_on) == ("2 a second", True)
    walker.past.leave(0.0)
    assert (walker.past.speed, walker.past.goes_on) == ("", False)
    # Beyond the newest there is nothing, and nothing changes.
    choice = walker.explorer.choice
    for by in (1, 10):
        assert walker.past.move(by, 0.0) and walker.epoch is None
    assert walker.explorer.choice is choice and not walker.past.goes_on


@pytest.mark.parametrize(("by", "expected"), [(1, None), (-1, EPOCHS[-2]), (-2, EPOCHS[-3])])
def test_where_the_last_moment_was_let_go_the_newest_is_next(by: int, expected: int | None) -> None:
    walker = Walker()
    walker.past.move(-1, 0.0)
    assert walker.epoch == LAST
    walker.source.timeline = MOMENTS[:-1]
    walker.past.move(by, 0.0)
    assert walker.epoch == expected


def test_ten_at_a_time_stops_at_the_ends() -> None:
    walker, seen = Walker(), []
    for by in (-10, -10, -10, 10, 10, 10):
        walker.past.move(by, 0.0)
        seen.append(walker.epoch)
    assert seen == [EPOCHS[5], 0, 0, EPOCHS[10], None, None]


def test_home_and_end_go_to_the_first_and_to_the_newest() -> None:
    walker = Walker()
    assert walker.past.first(0.0)
    assert walker.epoch == 0
    walker.past.leave(0.0)
    assert walker.epoch is None and walker.explorer.view.is_live
    walker.past.leave(0.0)
    assert walker.epoch is None


def test_from_the_end_of_an_epoch_one_goes_back_to_the_one_before() -> None:
    walker = Walker(epoch=LAST, batch=0)
    walker.past.move(-1, 0.0)
    assert walker.epoch == EPOCHS[-2]
    within = Walker(epoch=LAST, batch=3)
    within.past.move(-1, 0.0)
    assert within.epoch == LAST


@pytest.mark.parametrize("moments", [(), MOMENTS[:1]])
def test_a_run_that_has_just_begun_has_no_earlier_moment(moments: tuple[Moment]) -> None:
    walker = Walker(moments, epoch=0, batch=0, state=State.IDLE)
    assert not walker.past.move(-1, 0.0) and not walker.past.move(1, 0.0)
    assert not walker.past.first(0.0) and not walker.past.replay(1, 0.0)
    assert walker.epoch is None and walker.past.speed == ""


def test_before_the_first_snapshot_nothing_can_be_gone_to() -> None:
    explorer = Explorer(Random(0))
    past = Past(types.SimpleNamespace(timeline=MOMENTS), explorer)
    assert not past.move(-1, 0.0) and not past.first(0.0) and not past.replay(1, 0.0)
    past.leave(0.0)
    assert not past.fill(0.0) and not past.replays(9.0)


def test_no_moment_is_later_than_the_newest_that_the_screen_has() -> None:
    """On a slow link training is ahead of it."""
    walker = Walker(epoch=11)
    walker.past.move(-1, 0.0)
    assert walker.epoch == 10
    assert [each.epoch for each in walker.past.moments] == [*EPOCHS[:9]]
    walker.past.move(1, 0.0)
    assert walker.epoch is None


def test_a_moment_that_was_let_go_meanwhile_has_neighbours() -> None:
    for by, expected in ((-1, 8), (1, 12), (-3, 5), (3, 18)):
        walker = Walker()
        for _ in range(7):
            walker.past.move(-1, 0.0)
        assert walker.epoch == 10
        walker.source.timeline = tuple(each for each in MOMENTS if each.epoch != 10)
        walker.past.move(by, 0.0)
        assert walker.epoch == expected


# --- what is shown -------------------------------------------------------------------------------


def test_everything_follows_from_the_moment() -> None:
    walker = Walker()
    walker.explorer.pin(7, 0.0)
    walker.past.first(0.0)
    shown, view, first = walker.explorer, walker.explorer.view, MOMENTS[0]
    image = DATA.images[7]
    np.testing.assert_array_equal(view.plane.codes, first.encoder(DATA.images[:]))
    np.testing.assert_allclose(view.monitored.code, first.encoder(image[None])[0], atol=1e-6)
    output = first.decoder(first.encoder(image[None]))[0]
    np.testing.assert_allclose(view.monitored.reconstruction.reshape(-1), output, atol=1e-6)
    bce = -(image * np.log(output) + (1 - image) * np.log1p(-output)).mean()
    assert view.monitored.loss == pytest.approx(bce, rel=1e-4)
    probed = first.decoder(shown.probe[None]).reshape(28, 28)
    np.testing.assert_allclose(view.decoded, probed, atol=1e-6)
    assert (shown.snapshot.epoch, shown.snapshot.loss) == (0, 1.0)
    assert not len(shown.snapshot.curve.losses) and not view.is_live


def test_training_that_goes_on_changes_nothing_of_it_and_the_way_back_is_to_the_newest() -> None:
    walker = Walker()
    walker.explorer.choose_random(0.0)
    walker.past.move(-5, 0.0)
    before = walker.explorer.view
    sample = before.monitored.index
    for epoch in range(41, 60):
        walker.explorer.accept(live(epoch), DATA, 10.0 * epoch)
        now = walker.explorer.view
        assert now.snapshot is before.snapshot and now.choice is before.choice
        assert now.live.epoch == epoch and now.monitored.index == sample
        assert now.plane.codes is before.plane.codes
    walker.past.leave(0.0)
    assert walker.explorer.view.is_live and walker.explorer.snapshot.epoch == 59


def test_probe_and_box_are_as_they_were_when_one_comes_back() -> None:
    """However small the cloud was: the box of a moment takes a probe along that it leaves out."""
    encoder = MOMENTS[0].encoder
    assert isinstance(encoder, FrozenNetwork)
    flat = dataclasses.replace(encoder, weights=(encoder.weights[0] * np.float32(0.01),))
    small = dataclasses.replace(MOMENTS[0], encoder=flat)
    walker = Walker((small, *MOMENTS[1:]))
    shown = walker.explorer
    shown.refit()
    box = shown.viewport
    corner = np.array([box.right, box.top]) - 0.02 * (box.right - box.left)
    shown.set_probe(corner)
    walker.past.first(0.0)
    assert (shown.probe != corner).any() and shown.viewport.right - shown.viewport.left < 0.1
    walker.past.leave(0.0)
    assert (shown.probe == corner).all() and shown.viewport == box
    # A probe that the person put elsewhere meanwhile stays there.
    walker.past.first(0.0)
    near = shown.probe * 0.9
    shown.set_probe(near)
    walker.past.leave(0.0)
    assert (shown.probe == near).all()
    # A zoomed box is the person's, in the past too.
    shown.zoom(2)
    zoomed = shown.viewport
    walker.past.first(0.0)
    assert shown.viewport == zoomed
    shown.zoom(-1)
    other = shown.viewport
    walker.past.leave(0.0)
    assert shown.viewport == other != zoomed


def test_a_reset_leaves_the_past_of_the_run_before() -> None:
    walker = Walker()
    walker.past.replay(1, 0.0)
    walker.source.timeline = MOMENTS[:1]
    walker.take(epoch=0, batch=0, info=RUN.again(), state=State.IDLE)
    assert walker.epoch is None and walker.explorer.view.is_live
    assert not walker.past.replays(99.0) and walker.past.speed == ""
    assert not walker.past.fill(99.0)


def test_a_replay_that_a_reset_ended_goes_on_no_more() -> None:
    walker = Walker()
    for _ in range(3):
        walker.past.replay(1, 0.0)
    walker.take(info=RUN.again())
    walker.past.replay(1, 1.0)
    assert walker.epoch == 0 and walker.past.speed == "2 a second"
    walker.take(info=RUN.again())
    assert not walker.past.replays(99.0)
    walker.past.move(-1, 99.0)
    assert not walker.past.replays(199.0)


def test_classes_that_are_switched_off_go_at_once_in_the_past_too() -> None:
    near = np.isin(DATA.labels, (1, 2))
    images = Images(np.where(near[:, None], 0.1, 1.0).astype(np.float32) * DATA.images[:])
    walker = Walker(data=dataclasses.replace(DATA, images=images))
    walker.explorer.choose_class(7, 0.0)
    walker.past.first(0.0)
    walker.take(active=(1, 2))
    shown = walker.explorer
    assert walker.epoch == 0 and shown.active == {1, 2}
    assert set(DATA.labels[shown.view.active_samples]) == {1, 2}
    assert shown.monitored().label in (1, 2)
    across = MOMENTS[0].encoder(images[:])[near][:, 0]
    box = shown.viewport
    assert box.left < across.min() and across.max() < box.right
    # The map draws closer to what is left.
    assert np.ptp(across) > 0.7 * (box.right - box.left)


def test_the_moments_before_a_failure_are_there() -> None:
    walker = Walker(
        state=State.FAILED, failure="No number.", loss=math.nan, codes=np.full((60, 2), np.nan)
    )
    assert walker.past.move(-1, 0.0)
    shown = walker.explorer
    assert walker.epoch == LAST and not shown.snapshot.failure
    assert np.isfinite(shown.view.plane.codes).all() and np.isfinite(shown.decoded()).all()
    assert shown.view.live.state is State.FAILED


def test_many_images_fill_up_and_a_move_meanwhile_begins_anew() -> None:
    count = AT_ONCE + 2 * CHUNK
    rng = np.random.default_rng(0)
    images = Images(rng.random((count, 784), np.float32))
    data = dataclasses.replace(DATA, images=images, labels=np.arange(count) % 10)
    walker = Walker(data=data)

    def there() -> int:
        return int(np.isfinite(walker.explorer.view.plane.codes[:, 0]).sum())

    walker.past.first(0.0)
    assert there() == AT_ONCE
    assert walker.past.fill(0.0) and there() == AT_ONCE + CHUNK
    walker.past.move(1, 0.0)
    assert walker.epoch == 1 and there() == AT_ONCE
    while walker.past.fill(0.0):
        pass
    assert there() == count and not walker.past.fill(0.0)
    codes = walker.explorer.view.plane.codes
    np.testing.assert_allclose(codes[-3:], MOMENTS[1].encoder(images[count - 3 :]), atol=1e-5)


# --- replay --------------------------------------------------------------------------------------


def replayed(
    walker: Walker, seconds: float, tick_s: float = 0.01, start: float = 0.0
) -> list[tuple[float, int | None]]:
    """(time, epoch) of all moments that are shown, where the link is always free."""
    shown = []
    for tick in range(round(seconds / tick_s)):
        now = start + tick * tick_s
        if not walker.past.fill(now) and walker.past.replays(now):
            walker.past.go_on(now)
            shown.append((now, walker.epoch))
    return shown


def test_a_replay_runs_from_the_first_moment_to_the_newest_and_ends() -> None:
    walker = Walker()
    assert walker.past.replay(1, 0.0)
    assert walker.epoch == 0 and walker.past.speed == "2 a second"
    shown = replayed(walker, 20.0)
    assert [epoch for _, epoch in shown] == [*EPOCHS[1:], None]
    assert walker.past.speed == "" and not walker.past.replays(99.0)


@pytest.mark.parametrize("presses", range(1, len(SPEEDS) + 2))
def test_each_press_makes_it_faster_up_to_the_fastest(presses: int) -> None:
    walker = Walker()
    for _ in range(presses):
        walker.past.replay(1, 0.0)
    speed = SPEEDS[min(presses, len(SPEEDS)) - 1]
    assert walker.past.speed == f"{speed} a second"
    # However coarse the clock is, for it is early and late by turns.
    times = [now for now, _ in replayed(walker, 1.2, tick_s=0.03)]
    assert len(times) == pytest.approx(1.2 * speed, abs=1)


def test_speeds_are_two_five_and_ten_a_second() -> None:
    walker = Walker()
    said = []
    for by in (1, 1, 1, 1, -1, -1, -1, -1):
        assert walker.past.replay(by, 0.0)
        said.append(walker.past.speed.removesuffix(" a second"))
    assert said == ["2", "5", "10", "10", "5", "2", "", ""]


@pytest.mark.parametrize(("speed", "due_s"), [(1, 0.5), (2, 0.2), (3, 0.1)])
def test_the_next_moment_is_due_after_its_share_of_a_second(speed: int, due_s: float) -> None:
    walker = Walker()
    walker.past.replay(speed, 8.0)
    # All codes of the moment are there.
    assert not walker.past.fill(8.0)
    assert not walker.past.replays(8.0 + 0.99 * due_s)
    assert walker.past.replays(8.0 + 1.01 * due_s)
    # Late by half of it, the next comes half of it later.
    walker.past.go_on(8.0 + 1.5 * due_s)
    walker.past.fill(8.0)
    assert not walker.past.replays(8.0 + 1.99 * due_s)
    assert walker.past.replays(8.0 + 2.01 * due_s)
    # Where the link held it back for long, nothing is made up for.
    walker.past.go_on(20.0)
    walker.past.fill(20.0)
    assert walker.past.replays(20.0)
    walker.past.go_on(20.0)
    walker.past.fill(20.0)
    assert not walker.past.replays(20.0 + 0.99 * due_s)
    assert walker.past.goes_on


def test_slower_than_the_slowest_stops_where_it_is() -> None:
    walker = Walker()
    walker.past.replay(1, 0.0)
    replayed(walker, 2.0)
    stopped = walker.epoch
    assert stopped is not None
    walker.past.replay(-1, 2.0)
    walker.past.replay(-1, 2.0)
    assert walker.past.speed == "" and not replayed(walker, 5.0, start=2.0)
    assert walker.epoch == stopped
    # From there it goes on.
    walker.past.replay(1, 9.0)
    assert walker.epoch == stopped
    after = replayed(walker, 1.0, start=9.0)[0][1]
    assert after is not None and after > stopped


def test_slower_at_the_newest_does_nothing() -> None:
    walker = Walker()
    assert walker.past.replay(-1, 0.0)
    assert walker.epoch is None and walker.past.speed == ""


def test_end_stops_a_replay() -> None:
    walker = Walker()
    walker.past.replay(2, 0.0)
    walker.past.leave(0.1)
    assert not replayed(walker, 3.0) and walker.epoch is None


def test_moments_that_come_meanwhile_are_replayed_too() -> None:
    walker = Walker(epoch=10)
    walker.past.replay(1, 0.0)
    replayed(walker, 2.1)
    walker.take(epoch=40)
    assert [epoch for _, epoch in replayed(walker, 20.0, start=2.1)][-2:] == [LAST, None]


def test_a_moment_is_whole_before_the_next_one_comes() -> None:
    images = Images(np.random.default_rng(0).random((AT_ONCE + CHUNK, 784), np.float32))
    data = dataclasses.replace(DATA, images=images, labels=np.arange(len(images)) % 10)
    walker = Walker(data=data)
    walker.past.replay(1, 0.0)
    assert not walker.past.replays(5.0)
    while walker.past.fill(5.0):
        pass
    assert walker.past.replays(5.0)


# --- over a link ---------------------------------------------------------------------------------

LINKS = {
    "1 Mbit/s": (Terminal(125_000, 0.05), 0),
    "56 kbit/s": (Terminal(7_000, 0.15), 1),
    "9,600 baud": (Terminal(960, 0.2), 1),
}


class Player:
    """A presenter whose main screen paints the whole cloud of a simulated link."""

    def __init__(self, terminal: Terminal, speed: int) -> None:
        self.world = World(Terminal(terminal.rate, 2 * terminal.delay))
        self.world.training = False
        walker = Walker(tuple(moment(epoch % 7) for epoch in range(1)))
        many = [dataclasses.replace(MOMENTS[0], epoch=epoch) for epoch in range(400)]
        walker.source = types.SimpleNamespace(
            timeline=tuple(many), stage="", news=None, baselines=BASELINES, info=RUN, survey=None
        )
        walker.take(epoch=500)
        self.presenter = Presenter(
            walker.source,
            ScreenOptions(),
            walker.explorer,
            ColourDepth.TRUECOLOR,
            now=lambda: self.world.now,
        )
        self.presenter.link = self.world.link
        self.presenter.main = main = types.SimpleNamespace(place_panes=self._paint)
        self.painted: list[Any] = []
        self.owed: list[Any] = []
        """Cells that were still to be sent when a moment was painted over them."""
        self.speed = speed
        self.walker, self._main = walker, main

    def _paint(self) -> None:
        world = self.world
        self.owed.append(int(world.link.encoder.changed().sum()))
        self.painted.append(world.now)
        # A moment far from the one before changes more than a little training does.
        clouds = [world.sparse_cloud() for _ in range(4)]
        parts = itertools.chain(*clouds) if world.quality.sparse_cloud else world.cloud()
        world.feed(f"\x1b[1;60Hepoch {len(self.painted):6}" + "".join(parts))

    def run(self, seconds: int) -> None:
        presenter, world = self.presenter, self.world
        presenter.past.replay(self.speed, world.now)
        end, at = world.now + seconds, world.now
        while world.now < end:
            world.step()
            if world.now >= at:
                at = world.now + 0.05
                presenter.walk_through_the_past(self._main)


@pytest.mark.parametrize("name", LINKS)
def test_on_a_slow_link_a_replay_waits_until_the_frame_before_is_out(
    name: str,
) -> None:
    terminal, _ = LINKS[name]
    player = Player(terminal, speed=3)
    # First the link gets to know itself.
    player.world.training = True
    player.world.run(8)
    player.world.training = False
    player.world.run(8)
    player.run(12)
    shown = len(player.painted)
    # Some cells may be under way, but no moment is painted over one that hardly began to show.
    assert max(player.owed) <= 12
    assert terminal.rate is not None
    if terminal.rate > 100_000:
        assert shown > 60
    else:
        assert 4 <= shown <= 12 * SPEEDS[1]
    assert player.world.link.stats().stalled is False


def test_without_a_link_a_replay_keeps_its_pace() -> None:
    player = Player(Terminal(), speed=2)
    player.presenter.link = None
    player.run(10)
    assert len(player.painted) == pytest.approx(10 * SPEEDS[1], rel=0.15)


def test_while_training_goes_on_only_what_tells_of_it_is_painted() -> None:
    walker = Walker()
    source = walker.source
    source.stage, source.baselines, source.info, source.survey = "", BASELINES, RUN, None
    source.dataset, source.superseded = DATA, 0
    seconds = itertools.count(100.0, 0.15)
    made = Presenter(
        source,
        ScreenOptions(),
        walker.explorer,
        ColourDepth.TRUECOLOR,
        now=lambda: next(seconds),
    )
    painted = []
    names = ("header", "input", "neighbours", "scatter", "loss", "status", "probe", "readout")
    made.main = types.SimpleNamespace(
        pane_names=names, paint=lambda *which, moved=True: painted.append(set(which))
    )
    source.latest = lambda: source.news
    for epoch in range(41, 90):
        if epoch == 60:
            made.past.first(0.0)
            painted.clear()
        source.news = live(epoch)
        made.tick(made.main, first=list, arrived=list)
        if epoch == 59:
            assert {"scatter", "probe", "header"} <= set.union(*painted)
    assert set.union(*painted) == {"header", "loss", "status"}
    assert walker.epoch == 0 and walker.explorer.live.epoch == 89
