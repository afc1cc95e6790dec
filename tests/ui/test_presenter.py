"""What stands between a run, the link and the panes."""

from __future__ import annotations

import itertools
import time
import types
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from textual.screen import Screen

from tests.ui.scenes import BASELINES, RUN, dataset, explorer, snapshot
from tui_ae.config import ScreenOptions
from tui_ae.data.dataset import Dataset
from tui_ae.link.flow.stats import LinkStats
from tui_ae.raster.colour import ColourDepth
from tui_ae.run.info import RunInfo
from tui_ae.run.snapshot import Snapshot, State
from tui_ae.ui.explorer import Explorer
from tui_ae.ui.panes.pictures import Input
from tui_ae.ui.presenter import Presenter
from tui_ae.ui.quality import QUALITIES
from tui_ae.ui.sheet import Sheet


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
    [({"epoch": 13}, False), ({"state": State.PAUSED}, True), ({"info": RUN.again()}, True)],
)
def test_what_a_command_changed_does_not_wait_for_the_link(
    changes: dict[str, RunInfo] | dict[str, State] | dict[str, int], shown: bool
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
    look = presenter(None).look()
    assert look.grey_levels is None and not look.braille_images and not look.sixteen_colours
    assert look.dots
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
    ("changes", "word"), [({"answered": False}, "no answer"), ({"stalled": True}, "stalled")]
)
def test_the_figures_say_when_nothing_comes_back(changes: dict[str, bool], word: str) -> None:
    assert presenter(link(**changes), stats=True).scene("scatter").figures[1] == word


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
