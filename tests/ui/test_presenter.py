"""What stands between a run, the link and the panes."""

from __future__ import annotations

import itertools
import time
import types
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from textual.screen import ModalScreen, Screen

from tests.ui.scenes import BASELINES, RUN, SURVEY, dataset, explorer, look, snapshot
from tui_ae.config import ScreenOptions
from tui_ae.data.dataset import Dataset
from tui_ae.link.flow.priorities import Region
from tui_ae.link.flow.stats import LinkStats
from tui_ae.raster.colour import ColourDepth, class_colours
from tui_ae.run.snapshot import Snapshot, State
from tui_ae.ui.explorer import Explorer
from tui_ae.ui.panes.pictures import Input
from tui_ae.ui.presenter import Presenter
from tui_ae.ui.quality import FRAME_PRIORITY, QUALITIES
from tui_ae.ui.sheet import Sheet
from tui_ae.ui.themes import DARK, LIGHT


class Source:
    """A run that has loaded, and has nothing to say."""

    stage, news, superseded, baselines, info = "", None, 1234, BASELINES, RUN
    survey, timeline = None, ()


def link(level: int = 0, **changes: Any) -> SimpleNamespace:
    figures = {
        "level": level,
        "round_trip_s": 0.153,
        "rate": 5_100.0,
        "capacity": 7_000.0,
        "frames": 4_321,
        "bytes_total": 98_765,
        "paint_s": 0.0042,
        "answered": True,
        "stalled": False,
        **changes,
    }
    return types.SimpleNamespace(level=level, stats=lambda: LinkStats(**figures))


def presenter(
    wire: SimpleNamespace | None = None,
    *,
    source: Source | None = None,
    shown: Explorer | None = None,
    depth: ColourDepth = ColourDepth.TRUECOLOR,
    now: Callable[[], float] = time.monotonic,
    **options: bool,
) -> Presenter:
    source, shown = source or Source(), shown or explorer(dataset())
    made = Presenter(source, ScreenOptions(**options), shown, depth, now=now)
    made.link = wire
    return made


def signs(level: int, depth: ColourDepth) -> str:
    """The picture of a digit as the input pane draws it on a level of the link."""
    shown = explorer(dataset())
    shown.choose_class(3, 0.0)
    scene = presenter(link(level), shown=shown, depth=depth).scene("scatter")
    return "".join(Input().draw(scene, Sheet(16, 28)).rows()[2:])


PICTURES = {"full": "▀▄█", "good": "▀▄█", "lean": "▀▄█", "thin": "braille", "bare": "braille"}


@pytest.mark.parametrize("level", range(len(QUALITIES)))
def test_each_level_draws_digits_its_own_way(level: int) -> None:
    text = signs(level, ColourDepth.TRUECOLOR)
    braille = any("\u2801" <= sign <= "\u28ff" for sign in text)
    assert braille == (PICTURES[QUALITIES[level].name] == "braille")
    assert any(sign in "▀▄█" for sign in text) != braille


def test_fewer_greys_and_colours_the_slower_the_link() -> None:
    looks = [presenter(link(level)).look() for level in range(len(QUALITIES))]
    assert [look.grey_levels for look in looks[:3]] == [None, 12, 6]
    colours = [len(set(look.class_colours(10))) for look in looks]
    assert colours == [10] * 5
    assert [look.sixteen_colours for look in looks] == [False, False, True, True, True]
    assert [look.sparse_cloud for look in looks] == [False, False, False, False, True]
    assert [look.dots for look in looks] == [True, True, True, True, False]


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({"epoch": 13}, False),
        ({"state": State.PAUSED}, True),
        ({"info": RUN.again()}, True),
        ({"active": (1, 2)}, True),
    ],
)
def test_what_a_command_changed_does_not_wait_for_the_link(
    changes: dict[str, Any], shown: bool
) -> None:
    source = Source()
    wire = link()
    wire.claim = lambda priority, interval_s: False
    made = presenter(wire, source=source)
    source.dataset = dataset()
    source.news = snapshot(source.dataset, **changes)
    source.latest = lambda: source.news
    arrivals: list[object] = []
    made.tick(Screen(), first=pytest.fail, arrived=lambda: arrivals.append(source.news))
    assert bool(arrivals) == shown


def test_without_a_wire_all_is_drawn_in_full() -> None:
    rich = presenter(None).look()
    assert rich.grey_levels is None and not rich.braille_images and not rich.sixteen_colours
    assert rich.dots
    assert "no wire" in presenter(None, stats=True).scene("scatter").figures[0]


def test_the_figures_say_what_the_link_does_the_most_important_first() -> None:
    figures = presenter(link(3), stats=True).scene("scatter").figures
    assert figures[:3] == ("link thin", "153 ms", "5.1 of about 7 kB/s")
    assert set(figures[3:]) == {
        "4,321 frames",
        "99 kB in all",
        "paint 4.2 ms",
        "1,234 snapshots not shown",
    }
    slow = presenter(link(3, round_trip_s=2.5, rate=5100.0), stats=True).scene("scatter").figures
    assert slow[1] == "2500 ms"
    assert presenter(link()).scene("scatter").figures == ()


@pytest.mark.parametrize(
    ("changes", "dots"),
    [
        ({}, True),
        ({"depth": ColourDepth.EIGHT_BIT}, True),
        ({"depth": ColourDepth.SIXTEEN}, False),
        ({"depth": ColourDepth.NONE}, False),
        ({"glyphs": "blocks"}, True),
        ({"glyphs": "ascii"}, False),
        ({"sparse_cloud": True}, False),
    ],
)
def test_a_cloud_is_of_dots_where_they_tell_classes_apart(
    changes: dict[str, Any], dots: bool
) -> None:
    assert look(**changes).dots == dots and look(**changes).ascii == ("ascii" in changes.values())


@pytest.mark.parametrize(
    ("depth", "sixteen", "drawn"),
    [
        (ColourDepth.TRUECOLOR, False, ColourDepth.TRUECOLOR),
        (ColourDepth.TRUECOLOR, True, ColourDepth.SIXTEEN),
        (ColourDepth.EIGHT_BIT, True, ColourDepth.SIXTEEN),
        (ColourDepth.NONE, True, ColourDepth.NONE),
        (ColourDepth.NONE, False, ColourDepth.NONE),
    ],
)
def test_classes_have_short_colours_on_slow_links(
    depth: ColourDepth, sixteen: bool, drawn: ColourDepth
) -> None:
    for tones in (DARK, LIGHT):
        found = look(tones=tones, depth=depth, sixteen_colours=sixteen).class_colours(10)
        assert found == class_colours(10, dark=tones is DARK, depth=drawn)


def test_large_figures_are_exact() -> None:
    wire = link(
        round_trip_s=1.5,
        rate=1_500_400.0,
        capacity=7_000_400.0,
        bytes_total=98_765_432,
        paint_s=0.75,
    )
    figures = presenter(wire, stats=True).scene("scatter").figures
    assert figures[1:3] == ("1500 ms", "1500.4 of about 7,000 kB/s")
    assert {"98,765 kB in all", "paint 750.0 ms"} < set(figures)
    assert presenter(wire)._link_words() == "1500 ms  1500 kB/s"


@pytest.mark.parametrize(
    ("changes", "word"), [({"answered": False}, "no answer"), ({"stalled": True}, "stalled")]
)
def test_the_figures_say_when_nothing_comes_back(changes: dict[str, bool], word: str) -> None:
    assert presenter(link(**changes), stats=True).scene("scatter").figures[1] == word


class Main:
    """Stands in for the main screen, and notes what it is asked to paint."""

    pane_names = ("header", "status", "input", "probe", "scatter", "loss")

    def __init__(self, regions: Sequence[Region] = ()) -> None:
        self.painted: list[tuple[str, ...]] = []
        self.placed = 0
        self.compares = False
        self._regions = list(regions)

    def paint(self, *names: str, moved: bool = True) -> None:
        self.painted.append(names)

    def place_panes(self) -> None:
        self.placed += 1

    def plane_words(self) -> str:
        return ""

    def regions(self) -> list[Region]:
        return list(self._regions)


def test_an_answer_is_painted_where_it_changes_something() -> None:
    made = presenter()
    made.main = main = Main()
    # The first key takes the welcome away, whatever it does.
    for words, painted in (("", 1), ("", 1), ("one", 2), ("one", 2), ("two\x1b[31m", 3), ("", 4)):
        made.say(words)
        assert len(main.painted) == painted, words
        assert set(main.painted) == {("status",)}
        assert made.message == made.scene("").message == words.replace("\x1b", "?")
        assert not made.scene("").welcomes
    # The figures of the link stand in the same line, and have gone on meanwhile.
    made.shows_stats = True
    made.say("")
    assert len(main.painted) == 5


def test_a_terminal_without_a_wire_has_no_words_for_it() -> None:
    source = Source()
    source.dataset, source.latest = dataset(), lambda: source.news
    for wire, words in (
        (None, ""),
        (link(), "153 ms  5 kB/s"),
        (link(answered=False), "5 kB/s"),
        (link(round_trip_s=0.0006, rate=1_499.0), "1 ms  1 kB/s"),
    ):
        made = presenter(wire, source=source, now=lambda: 100.0)
        made.main = Main()
        if wire is not None:
            wire.claim = lambda priority, interval_s: True
        source.news = snapshot(source.dataset, epoch=13)
        made.tick(made.main, first=list, arrived=list)
        assert made.scene("").link == words


def test_what_is_said_of_the_link_is_renewed_once_a_second() -> None:
    source, wire = Source(), link()
    wire.claim = lambda priority, interval_s: True
    source.dataset, source.latest = dataset(), lambda: source.news
    now = 0.5
    made = presenter(wire, source=source, now=lambda: now)
    made.main = Main()
    for now, rate, words in (
        (0.99, 1000.0, ""),
        (1.0, 2000.0, "153 ms  2 kB/s"),
        (1.99, 3000.0, "153 ms  2 kB/s"),
        (2.0, 4000.0, "153 ms  4 kB/s"),
    ):
        wire.stats = link(rate=rate).stats
        source.news = snapshot(source.dataset, state=State.PAUSED)
        made.tick(made.main, first=list, arrived=list)
        assert made.scene("").link == words, now


def test_a_stage_is_told_once_it_has_begun() -> None:
    source = Source()
    made = presenter(source=source)
    made.main = main = Main()
    for stage, painted in (("", 0), ("reading", 1), ("reading", 1), ("", 2)):
        source.stage = stage
        made.tick(main, first=list, arrived=list)
        assert main.painted == [("status",)] * painted
        assert made.scene("").stage == stage


def test_the_first_snapshot_places_the_panes_and_the_next_are_painted_as_they_changed() -> None:
    source = Source()
    said: list[str] = []
    source.dataset, source.latest = dataset(), lambda: source.news
    now = 100.0
    made = presenter(source=source, shown=explorer(), now=lambda: now)
    made.main = main = Main()
    front: Main | Screen[object] = main

    def tick(**changes: Any) -> None:
        main.painted.clear(), said.clear()
        source.news = snapshot(source.dataset, **changes)
        made.tick(front, first=lambda: said.append("first"), arrived=lambda: said.append("arrived"))

    tick()
    assert said == ["first", "arrived"] and main.placed == 1 and not main.painted
    tick(epoch=13)
    assert said == ["arrived"] and main.placed == 1
    assert set(main.painted[0]) == {"header", "status", "scatter", "loss"}
    now += 0.05
    tick(epoch=14)
    assert said == [] and not main.painted, "too soon after nothing but training"
    now += 0.05
    tick(epoch=14)
    assert said == ["arrived"] and set(main.painted[0]) == {"header", "status", "input", "probe"}
    tick(epoch=14, state=State.PAUSED)
    assert said == ["arrived"] and main.painted == [()]
    # Behind a page nothing is painted, and what came is there when it goes.
    front = Screen()
    now += 1
    for epoch in (14, 15):
        tick(epoch=epoch)
        now += 1
        assert said == ["arrived"] and not main.painted
    tick(epoch=14, state=State.PAUSED)
    assert said == ["arrived"] and not main.painted and made.scene("").snapshot.epoch == 14
    front = ModalScreen()
    tick(epoch=15, state=State.PAUSED)
    assert main.painted == [()]


def test_a_second_run_is_shown_where_both_are_compared() -> None:
    made = presenter()
    made.main = main = Main()
    for compares in (False, True):
        main.compares = compares
        assert made.scene("").other is None
    seen = object()
    made.companion = SimpleNamespace(view=lambda lead: seen, source=SimpleNamespace(stage="waits"))
    for compares, other in ((True, seen), (False, None)):
        main.compares = compares
        scene = made.scene("")
        assert scene.other is other and scene.waits == "waits"


def test_nothing_is_taken_before_there_are_images() -> None:
    source = Source()
    source.dataset, source.latest = None, lambda: source.news
    source.news = snapshot(dataset())
    made = presenter(source=source, shown=explorer())
    made.tick(Screen(), first=pytest.fail, arrived=pytest.fail)
    assert made.scene("").view is None


@pytest.mark.parametrize(
    ("state", "goes_on"),
    [(None, True), (State.TRAINING, True), (State.PAUSED, False), (State.IDLE, False)],
)
def test_news_may_come_before_the_first_snapshot_and_while_it_trains(
    state: State | None, goes_on: bool
) -> None:
    data = dataset()
    shown = explorer() if state is None else explorer(data, snapshot(data, state=state))
    assert presenter(shown=shown).goes_on == goes_on
    # A second run may bring some too.
    at_rest = presenter(shown=explorer(data, snapshot(data, state=State.PAUSED)))
    at_rest.companion = SimpleNamespace(explorer=shown)
    assert at_rest.goes_on == goes_on


@pytest.mark.parametrize(("past", "layouts"), [(True, False), (False, True), (False, False)])
def test_at_rest_a_replay_or_a_layout_may_go_on(past: bool, layouts: bool) -> None:
    data = dataset()
    made = presenter(shown=explorer(data, snapshot(data, state=State.PAUSED)))
    made.past = SimpleNamespace(goes_on=past)
    made._explorer.planes.layouts = SimpleNamespace(goes_on=layouts)
    assert made.goes_on == (past or layouts)


@pytest.mark.parametrize(
    ("message", "words", "then"),
    [
        ("They are still being computed.", "They are still being computed.", "Here they are."),
        ("Something else.", "They are still being computed.", "Something else."),
        ("", "", ""),
        ("An answer.", "", "An answer."),
    ],
)
def test_what_was_said_of_a_wait_is_replaced_once_it_is_over(
    message: str, words: str, then: str
) -> None:
    source = Source()
    made = presenter(source=source)
    made.main = main = Main()
    made.say(message)
    for survey, expected in ((None, message), (SURVEY, then), (SURVEY, then)):
        source.survey = survey
        came = made._explorer.planes
        vars(main)["plane_words"] = lambda came=came: (
            words if came.survey is None else "Here they are."
        )
        made.tick(main, first=list, arrived=list)
        assert made.message == expected and made._explorer.planes.survey is survey


def test_what_is_in_front_goes_first() -> None:
    wire = link()
    ranked: list[list[Region]] = []
    wire.set_regions = ranked.append
    made = presenter(wire)
    pane, panel = Region(0, 1, 30, 10, 3), (20, 5, 10, 4)
    made.main = main = Main([pane])
    main.children = ()
    over: ModalScreen[None] = ModalScreen()
    page: Screen[None] = Screen()
    for front in (over, page):
        vars(front)["_nodes"] = [SimpleNamespace(region=panel)]
    made.rank_cells(main)
    made.rank_cells(over)
    made.rank_cells(page)
    assert ranked == [[pane], [pane, Region(*panel, 0)], []]
    # A page of panes says itself what matters.
    page.regions = lambda: [Region(1, 2, 3, 4, 0)]
    made.rank_cells(page)
    assert ranked[3:] == [[Region(1, 2, 3, 4, 0)]]
    presenter().rank_cells(main)


def test_the_rest_of_a_moment_that_a_key_asked_for_is_urgent() -> None:
    urgent, wire = [], link()
    wire.urgent = lambda: urgent.append(1)
    made = presenter(wire)
    made.main = main = Main()
    for fills, speed, placed, hurried in (
        (True, "", 1, 1),
        (True, "2 a second", 2, 1),
        (False, "", 2, 1),
    ):
        made.past = SimpleNamespace(
            fill=lambda _, fills=fills: fills, speed=speed, replays=lambda _: False
        )
        made.walk_through_the_past(main)
        assert (main.placed, len(urgent)) == (placed, hurried)
        made.walk_through_the_past(Screen())
        assert main.placed == placed
        urgent[:] = [1]
    # Without a wire nothing hurries.
    made.link, made.past.fill = None, lambda _: True
    made.walk_through_the_past(main)
    assert main.placed == 3


def test_a_change_of_level_paints_everything_and_nothing_else_does() -> None:
    made, painted = presenter(link(1)), []
    made.main = types.SimpleNamespace(paint=lambda *names: painted.append(names))
    made.tick(made.main, first=list, arrived=list)
    made.tick(made.main, first=list, arrived=list)
    assert painted == [()]
    made.link = link(2)
    made.tick(Screen(), first=list, arrived=list)
    made.tick(made.main, first=list, arrived=list)
    assert painted == [()], "another screen is in front: it will be painted when it goes"
    made.link = link(3)
    made.tick(made.main, first=list, arrived=list)
    assert painted == [(), ()]


def test_a_better_level_waits_until_its_repaint_may_go_as_the_background() -> None:
    """Else the frame of a key would bring all pictures, twenty times what the key changed."""
    claims: list[tuple[int, float]] = []
    granted, painted = False, []

    def claim(priority: int, interval_s: float) -> bool:
        claims.append((priority, interval_s))
        return granted

    wire = link(3)
    made = presenter(wire)
    made.main = types.SimpleNamespace(paint=lambda *names: painted.append(names))
    made.tick(made.main, first=list, arrived=list)
    wire.level, wire.claim = 2, claim
    made.tick(made.main, first=list, arrived=list)
    assert claims == [(FRAME_PRIORITY, 0.0)]
    assert painted == [()] and made.look().braille_images, "a key paints as before"
    wire.level = 4
    assert made.look().sparse_cloud, "a worse one holds at once"
    wire.level, granted = 2, True
    made.tick(made.main, first=list, arrived=list)
    assert painted == [(), ()] and not made.look().braille_images


def test_while_training_a_sample_changes_only_with_all_that_tells_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its label, pictures, figures and mark: no frame has some of them of the one before."""
    seconds = itertools.count(100.0, 0.15)
    wire, source, shown = link(), Source(), explorer(dataset())
    wire.claim = lambda priority, interval_s: True
    made = presenter(wire, source=source, shown=shown, now=lambda: next(seconds))
    source.dataset = dataset()
    source.latest = lambda: source.news
    painted: list[str] = []
    changes: list[bool] = []
    made.main = types.SimpleNamespace(
        pane_names=("input", "reconstruction", "readout", "status", "probe", "scatter"),
        paint=lambda *names, moved=True: painted.extend(names),
    )
    accept = Spy(shown, changes)
    monkeypatch.setattr(shown, "accept", accept)
    for epoch in range(13, 160):
        source.news = snapshot(source.dataset, epoch=epoch)
        accept.changed = False
        painted.clear()
        made.tick(made.main, first=list, arrived=list)
        assert painted
        if accept.changed:
            assert {"input", "reconstruction", "readout", "status", "scatter"} <= set(painted)
    assert 3 < sum(changes) <= 23


class Spy:
    """Takes a snapshot for an explorer, and notes whether that brought another sample."""

    def __init__(self, explorer: Explorer, changes: list[bool]) -> None:
        self._accept, self._explorer, self._changes = explorer.accept, explorer, changes
        self.changed = False

    def __call__(self, *arguments: Dataset | Snapshot | float, **options: bool) -> None:
        before = self._explorer.sample
        self._accept(*arguments, **options)
        self.changed = self._explorer.sample != before
        self._changes.append(self.changed)
