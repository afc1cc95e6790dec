"""The main screen by itself: what it ranks, what tab and the mouse reach, and what it says."""

from __future__ import annotations

import dataclasses
from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from pytest import MonkeyPatch
from textual import events
from textual.geometry import Size

from tests.run import moments
from tests.ui.scenes import RUN, SURVEY, dataset, explorer, snapshot
from tests.ui.test_presenter import presenter
from tui_ae.link.flow.priorities import Region
from tui_ae.ui.choice import End, Inspector, Layer, PlaneName
from tui_ae.ui.explorer import Explorer
from tui_ae.ui.layout import Arrangement, Box, arrange
from tui_ae.ui.main_screen import MainScreen

DATA = dataset()
WIDE, COMPACT, SMALL, PORTRAIT = (120, 40), (80, 24), (60, 20), (90, 60)


class Stand:
    """A main screen on no terminal, that notes what it paints and says."""

    def __init__(self, size: tuple[int, int] = WIDE, shown: Explorer | None = None) -> None:
        self.size = size
        self.explorer = shown or explorer(DATA)
        self.presenter = presenter(shown=self.explorer)
        self.main: MainScreen = self.presenter.main
        self.painted: list[tuple[str, ...]] = []
        self.posted: list[Any] = []
        self.placed = 0
        vars(self.main).update(
            paint=lambda *names, moved=True: self.painted.append(names),
            post_message=self.posted.append,
            place_panes=self.place,
        )
        self.place()

    def place(self) -> None:
        self.placed += 1
        choice = self.explorer.choice
        self.main._screen_layout = arrange(
            *self.size,
            5,
            self.main._tab,
            strip=len(choice.ends) == 2,
            compared=self.main.compares,
        )

    @property
    def said(self) -> list[str]:
        words = [each.words for each in self.posted if isinstance(each, MainScreen.Said)]
        self.posted.clear()
        return words

    def choose(self, **changes: Any) -> None:
        self.explorer.choice = dataclasses.replace(self.explorer.choice, **changes)


# --- the wire ------------------------------------------------------------------------------------


def test_before_there_are_panes_nothing_is_ranked() -> None:
    main = presenter().main
    assert main.regions() == [] and main.arrangement is None and main.pane_names == ()


def test_what_the_wire_is_told_of_each_pane() -> None:
    """Each pane; then titles, one rank before what they head; then the sample's coordinates."""
    assert Stand(WIDE).main.regions() == [
        Region(0, 0, 120, 1, 0),
        Region(0, 34, 120, 4, 2),
        Region(0, 38, 120, 1, 1),
        Region(0, 39, 120, 1, 1),
        Region(0, 1, 28, 15, 1, "sample"),
        Region(0, 16, 28, 15, 1, "sample"),
        Region(30, 1, 60, 31, 3),
        Region(30, 32, 60, 2, 0),
        Region(92, 1, 28, 6, 2),
        Region(92, 7, 28, 15, 0, "probe"),
        Region(92, 22, 28, 12, 2),
        Region(0, 34, 120, 1, 1),
        Region(30, 1, 60, 1, 1),
        Region(30, 32, 60, 1, 0),
        Region(92, 1, 28, 1, 1),
        Region(92, 22, 28, 1, 1),
        Region(64, 32, 26, 1, 3),
        Region(30, 33, 60, 1, 3),
    ]


def test_the_strips_title_is_told_of_at_once() -> None:
    stand = Stand(COMPACT)
    stand.choose(ends=(End((0, 0)), End((1, 1))))
    stand.place()
    regions = stand.main.regions()
    assert Region(0, 12, 80, 10, 1) in regions and Region(0, 12, 80, 1, 0) in regions


# --- painting ------------------------------------------------------------------------------------


class Painted(Stand):
    """One whose panes note that they are painted, and where they are put."""

    def __init__(self, monkeypatch: MonkeyPatch, size: tuple[int, int] = COMPACT) -> None:
        monkeypatch.setattr(MainScreen, "size", property(lambda _: Size(*self.size)))
        super().__init__(size)
        for name in ("paint", "place_panes"):
            del vars(self.main)[name]
        self.main._screen_layout = None
        self.names: list[str] = []
        self.stood: list[str] = []
        self.moved: list[tuple[str, bool]] = []
        for name, pane in self.main._panes.items():
            vars(pane)["paint"] = partial(self._note, name)
            vars(pane)["stand"] = partial(self._stand, name)

    def _note(self, name: str, _scene: object, _width: int, _height: int, **moved: bool) -> None:
        self.names.append(name)
        self.moved += [(name, value) for value in moved.values()]

    def _stand(self, name: str, box: Box | None) -> None:
        if box is not None:
            self.stood.append(name)

    def taken(self) -> set[str]:
        names = set(self.names)
        assert len(names) == len(self.names), "each once"
        self.names.clear()
        return names


def test_panes_are_placed_where_their_places_change_and_painted_each_time(
    monkeypatch: MonkeyPatch,
) -> None:
    stand = Painted(monkeypatch)
    stand.main.paint()
    assert not stand.names, "without places there is nothing to paint"
    everything = {
        "header", "loss", "status", "footer", "scatter", "readout", "classes", "sample", "probe",
    }  # fmt: skip
    for arranged in (1, 1):
        stand.main.place_panes()
        assert set(stand.stood) == stand.taken() == everything
        assert len(stand.stood) == len(everything)
        assert [type(each) for each in stand.posted] == [MainScreen.Arranged] * arranged
    stand.explorer.next_inspector()
    stand.main.place_panes()
    assert stand.taken() == everything - {"probe"} | {"neighbours"} and len(stand.posted) == 2
    stand.size = SMALL
    stand.main.place_panes()
    assert stand.main.arrangement is Arrangement.SMALL and len(stand.posted) == 3
    for count, strip in ((1, False), (2, True)):
        stand.choose(ends=(End((0, 0)),) * count)
        stand.main.place_panes()
        assert ("strip" in stand.main.pane_names) == strip
    stand.main.compares = True
    stand.main.place_panes()
    assert "other" in stand.main.pane_names and len(stand.posted) == 5


def test_only_another_size_arranges_the_panes_anew(monkeypatch: MonkeyPatch) -> None:
    stand = Painted(monkeypatch)
    stand.main.place_panes()
    stand.taken()
    again, other = (events.Resize(Size(*size), Size(*size)) for size in (COMPACT, SMALL))
    stand.main.on_resize(again)
    assert not stand.names and again._no_default_action
    stand.size = SMALL
    stand.main.on_resize(other)
    assert not other._no_default_action
    assert stand.taken() and stand.main.arrangement is Arrangement.SMALL


def test_the_readout_goes_with_the_map_and_the_footer_with_what_it_names(
    monkeypatch: MonkeyPatch,
) -> None:
    stand = Painted(monkeypatch)
    stand.main.place_panes()
    stand.taken(), stand.moved.clear()
    stand.main.paint("scatter", moved=False)
    assert stand.taken() == {"scatter", "readout"} and stand.moved == [("scatter", False)]
    stand.main.paint("status")
    assert stand.taken() == {"status"}
    stand.choose(follows=False)
    for expected in ({"status", "footer"}, {"status"}):
        stand.main.paint("status")
        assert stand.taken() == expected
    stand.main.paint_shown("probe")
    assert {"probe", "scatter", "readout"} <= (probe := stand.taken()) and "sample" not in probe
    stand.main.paint_shown("sample")
    assert {"sample", "scatter", "readout"} <= stand.taken()


# --- tab -----------------------------------------------------------------------------------------


def test_on_a_small_screen_tab_leafs_through_what_stands_beside_the_map() -> None:
    stand = Stand(SMALL)
    told = []
    for _ in range(5):
        told.append((stand.main.focused_pane, stand.main._leafs()))
        stand.main.action_next_pane()
        assert stand.main.focused_pane in stand.main.pane_names
    assert told == [
        ("probe", "pictures"),
        ("sample", "classes"),
        ("classes", "loss"),
        ("loss", "network"),
        ("bowtie", "probe"),
    ]
    assert stand.main.focused_pane == "probe"
    stand.main.action_previous_pane()
    assert stand.main.focused_pane == "bowtie"


@pytest.mark.parametrize(
    ("ends", "compares", "leafs"),
    [(0, False, True), (1, False, True), (2, False, False), (0, True, False)],
)
def test_where_two_runs_or_the_way_take_the_room_tab_leafs_no_more(
    ends: int, compares: bool, leafs: bool
) -> None:
    stand = Stand(SMALL)
    stand.main.compares = compares
    stand.choose(ends=(End((0, 0)),) * ends)
    stand.place()
    assert bool(stand.main._leafs()) == leafs
    assert stand.main.focused_pane == ("probe" if leafs else "scatter")


def test_elsewhere_tab_goes_round_the_panes_that_open_something() -> None:
    stand = Stand(WIDE)
    focused = []
    for by in (1, 1, 1, 1, 1, -1, -1):
        stand.main.leaf(by)
        focused.append(stand.main.focused_pane)
        assert set(stand.painted[-1]) == {"scatter", "classes", "loss", "bowtie"}
    assert focused == ["classes", "loss", "bowtie", "scatter", "classes", "scatter", "bowtie"]
    assert stand.main._leafs() == "" and stand.placed == 1
    # A pane that has gone leaves the focus to the first one.
    stand.size = COMPACT
    stand.place()
    stand.main.leaf(1)
    assert stand.main.focused_pane == "classes"


# --- the mouse -----------------------------------------------------------------------------------


def event(x: int, y: int, button: int = 1) -> SimpleNamespace:
    return SimpleNamespace(screen_x=x, screen_y=y, button=button)


@pytest.mark.parametrize(
    ("x", "y", "place"),
    [
        (30, 1, ("scatter", 0, 0)),
        (89, 31, ("scatter", 59, 30)),
        (29, 1, ("", 0, 0)),
        (90, 1, ("", 0, 0)),
        (30, 0, ("header", 30, 0)),
        (30, 32, ("readout", 0, 0)),
        (92, 6, ("classes", 0, 5)),
        (119, 7, ("probe", 27, 0)),
        (119, 39, ("footer", 119, 0)),
        (120, 39, ("", 0, 0)),
        (0, 40, ("", 0, 0)),
    ],
)
def test_each_cell_belongs_to_the_pane_that_stands_there(
    x: int, y: int, place: tuple[str, int, int]
) -> None:
    assert Stand(WIDE).main._pane_at(event(x, y)) == place


def at_cell(stand: Stand, column: int, row: int) -> list[float]:
    point: list[float] = stand.main._scatter.point_at(stand.explorer.choice, column, row).tolist()
    return point


def test_the_probe_goes_where_the_mouse_is_pressed_and_dragged() -> None:
    stand = Stand(WIDE)
    main, shown = stand.main, stand.explorer
    main._scatter.plot = Box(5, 1, 50, 25)
    # No button was pressed on the map yet.
    before = shown.probe.tolist()
    main.on_mouse_move(event(50, 10))
    assert shown.probe.tolist() == before
    main.on_mouse_down(event(50, 10))
    assert shown.probe.tolist() == at_cell(stand, 20, 9)
    main.on_mouse_move(event(60, 12))
    assert shown.probe.tolist() == at_cell(stand, 30, 11)
    painted = len(stand.painted)
    # Beside the map, with no button held, or at the same place, it stays and paints nothing.
    for move in (event(5, 5), event(70, 15, button=0), event(60, 12)):
        main.on_mouse_move(move)
        assert shown.probe.tolist() == at_cell(stand, 30, 11)
    assert len(stand.painted) == painted
    main.on_mouse_up(event(60, 12))
    main.on_mouse_move(event(70, 15))
    assert shown.probe.tolist() == at_cell(stand, 30, 11)
    # A drag begins on the map.
    main.on_mouse_down(event(5, 5))
    main.on_mouse_move(event(70, 15))
    assert shown.probe.tolist() == at_cell(stand, 30, 11)


def test_the_wheel_zooms_on_the_map_alone() -> None:
    stand = Stand(WIDE)
    stand.main._scatter.plot = Box(5, 1, 50, 25)
    box = stand.explorer.viewport
    stand.main.on_mouse_scroll_up(event(5, 5))
    assert stand.explorer.viewport is box and not stand.painted
    point = at_cell(stand, 20, 9)
    stand.main.on_mouse_scroll_up(event(50, 10))
    assert stand.explorer.probe.tolist() == point
    near = stand.explorer.viewport
    assert (near.right - near.left) * 1.5 == pytest.approx(box.right - box.left)
    stand.main.on_mouse_scroll_down(event(50, 10))
    far = stand.explorer.viewport
    assert far.right - far.left == pytest.approx(box.right - box.left)
    assert ("scatter", "other") in stand.painted


def test_a_click_switches_the_class_that_stands_there() -> None:
    stand = Stand(WIDE)
    stand.main._legend._places = [(7, 2, 0, 14)]
    stand.main.on_mouse_down(event(92, 3))
    stand.main.on_mouse_down(event(92, 4))
    (toggled,) = stand.posted
    assert isinstance(toggled, MainScreen.ToggleClass) and toggled.label == 7
    assert not stand.main._dragging


# --- what it says --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("layer", "words"),
    [
        (Layer.BRAILLE, "No class names."),
        (Layer.DENSITY, "No class names."),
        (Layer.DIGITS, "Each point is its class's name here: v changes the layer."),
        (Layer.TILES, "Class names don't stand on tiles: v changes the layer."),
    ],
)
def test_what_is_said_where_names_were_switched(layer: Layer, words: str) -> None:
    stand = Stand()
    stand.choose(layer=layer)
    stand.main.action_switch("names")
    assert stand.said == [words]
    stand.main.action_switch("names")
    once_more = words.replace("No class names.", "Class names stand where there is room.")
    assert stand.said == [once_more]


def test_without_labels_there_are_no_names() -> None:
    data = dataset(1, 40, labelled=False, names=["all"])
    stand = Stand(shown=explorer(data))
    stand.choose(layer=Layer.TILES)
    stand.main.action_switch("names")
    assert stand.said == ["No classes are known of these images."]


def test_what_is_said_of_held_out_images() -> None:
    stand = Stand()
    for _ in range(2):
        stand.main.action_switch("held_out")
        assert stand.said == ["No images are held out here; --held-out 0.1 does that."]
    data = moments.dataset(held_out=12)
    codes = np.zeros((12, 2), np.float32)
    for active, words in ((range(4), "12"), ((1, 2), "6 of 12")):
        seen = snapshot(data, held_out_codes=codes, active=active)
        stand = Stand(shown=explorer(data, seen))
        stand.main.action_switch("held_out")
        assert stand.said == [f"× marks {words} held-out images: they never train."]
        stand.main.action_switch("held_out")
        assert stand.said == []


def test_dots_go_over_tiles_alone() -> None:
    stand = Stand()
    stand.main.action_switch("dots_over")
    assert stand.said == ["Dots go over decoded tiles: v changes the layer."]
    stand.choose(layer=Layer.TILES)
    stand.main.action_switch("dots_over")
    assert stand.said == []


def test_what_is_said_of_marks() -> None:
    stand = Stand()
    stand.main.action_mark()
    assert stand.said == ["A is the cross. m takes it again, moved, as B; M a sample."]
    stand.main.action_mark_sample()
    assert stand.said == [] and "strip" in stand.main.pane_names
    stand.main.action_mark_sample()
    assert stand.said == ["A is the sample. m takes the cross as B; M a sample."]
    placed = stand.placed
    stand.main.action_unmark()
    assert stand.explorer.choice.ends == () and stand.placed == placed + 1
    stand.main.action_unmark()
    assert stand.placed == placed + 1, "where nothing is marked, nothing happens"
    stand.choose(sample=-1)
    stand.main.action_mark_sample()
    assert stand.said == ["The sample has no place on this plane yet."]


def test_what_is_said_as_the_plane_changes() -> None:
    stand = Stand()
    stand.main.action_plane(1)
    assert stand.explorer.choice.plane is PlaneName.PIXELS and stand.placed == 2
    assert stand.said == ["The principal components are still being computed."]
    stand = Stand(shown=explorer())
    stand.main.action_plane(1)
    assert stand.said == []


def test_what_is_said_of_planes() -> None:
    assert MainScreen.plane_words(presenter(shown=explorer()).main) == ""
    stand = Stand()
    assert stand.main.plane_words() == "The plane of the codes, and of the network's decoder."
    stand.choose(plane=PlaneName.PIXELS)
    assert stand.main.plane_words() == "The principal components are still being computed."
    gone = dataclasses.replace(DATA, missing="gone")
    stand = Stand(shown=explorer(gone, snapshot(gone)))
    stand.choose(plane=PlaneName.PIXELS)
    assert stand.main.plane_words() == ("The principal components take the images, which are gone.")
    stand = Stand()
    stand.main.action_dims()
    assert stand.said == ["These codes have no other numbers to show."] and stand.placed == 1


def test_the_prior_is_that_of_a_variational_autoencoder() -> None:
    stand = Stand(shown=explorer())
    stand.main.action_prior()
    assert stand.said == [] and stand.explorer.choice.prior == 0
    stand = Stand()
    stand.main.action_prior()
    assert stand.said == ["This network has no prior: --kind vae trains one."]
    info = dataclasses.replace(RUN, settings=dataclasses.replace(RUN.settings, kind="vae"))
    for glyphs, unit in (("braille", "σ"), ("ascii", "sd")):
        stand = Stand(SMALL, explorer(DATA, snapshot(DATA, info=info)))
        stand.presenter.glyphs = glyphs
        stand.main.leaf(2)
        stand.main.action_prior()
        assert stand.said == [f"Rings: the prior at 1{unit} and 2{unit}; letters: draws from it."]
        assert stand.explorer.choice.inspector is Inspector.PRIOR
        assert stand.main.focused_pane == "probe", "in its place the draws stand"
        stand.main.action_prior()
        assert stand.said == [] and stand.explorer.choice.prior == 0


def test_on_other_planes_the_prior_is_said_to_lie_elsewhere() -> None:
    info = dataclasses.replace(RUN, settings=dataclasses.replace(RUN.settings, kind="vae"))
    stand = Stand(WIDE, explorer(DATA, snapshot(DATA, info=info)))
    stand.explorer.take_survey(SURVEY)
    stand.choose(plane=PlaneName.PIXELS)
    stand.main.action_prior()
    assert stand.said == ["The prior lies among the codes: x."]


@pytest.mark.parametrize(("size", "tab"), [(SMALL, "probe"), (WIDE, "scatter")])
def test_neighbours_stand_where_the_probe_does(size: tuple[int, int], tab: str) -> None:
    stand = Stand(size)
    if size == SMALL:
        stand.main.leaf(2)
    stand.main.action_inspect()
    assert stand.explorer.choice.inspector is Inspector.OF_PROBE
    assert stand.main.focused_pane == tab


def test_a_digit_without_a_sample_is_told() -> None:
    stand = Stand(shown=explorer())
    stand.main.action_sample_of("3")
    assert not stand.posted
    stand = Stand(shown=explorer(DATA, snapshot(DATA, active=(1, 2))))
    stand.main.action_sample_of("2")
    assert stand.explorer.monitored().label == 2 and not stand.posted
    stand.main.action_sample_of("3")
    (missed,) = stand.posted
    assert isinstance(missed, MainScreen.NoSuchSample) and missed.digit == "3"
    unlabelled = dataset(1, 40, labelled=False, names=["all"])
    stand = Stand(shown=explorer(unlabelled))
    stand.main.action_sample_of("0")
    assert len(stand.posted) == 1


@pytest.mark.parametrize("action", ["moment", "replay", "first_moment"])
def test_before_training_there_is_no_way_back(action: str) -> None:
    stand = Stand(shown=explorer(DATA, snapshot(DATA, epoch=0, batch=0)))
    method = getattr(stand.main, f"action_{action}")
    method() if action == "first_moment" else method(1)
    assert stand.said == ["There are no earlier moments yet: space trains."]
    assert stand.placed == 1
