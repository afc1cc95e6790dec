"""Layouts by t-SNE and UMAP as the screen follows them."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np
import pytest
from textual.screen import Screen

from tests.ui.scenes import RUN, Staged, dataset, explorer, network, scene, snapshot
from tests.ui.test_presenter import presenter
from tests.waiting import until
from tui_ae.arrays import FloatArray
from tui_ae.data.arrays import PIXELS
from tui_ae.projection.messages import COMPILING, START_WORDS, WARM_WORDS
from tui_ae.projection.projection import Layout, LayoutProcess
from tui_ae.raster.viewport import fit
from tui_ae.run.snapshot import Snapshot
from tui_ae.ui import layouts
from tui_ae.ui.choice import PlaneName
from tui_ae.ui.explorer import Explorer
from tui_ae.ui.layouts import Layouts, beginning, title
from tui_ae.ui.panes.scatter import Scatter
from tui_ae.ui.sheet import Sheet

DATA = dataset()


class Fake:
    """A projection that gives what a test puts into it."""

    made: ClassVar[list[Any]] = []

    def __init__(
        self,
        vectors: FloatArray,
        method: str,
        seed: int,
        start: FloatArray | None,
        process: Held | LayoutProcess,
    ) -> None:
        self.vectors, self.method, self.seed, self.begins = vectors, method, seed, start
        self.process = process
        self.layouts: list[Layout] = []
        self.error, self.started, self.cancelled = "", False, False
        Fake.made.append(self)

    def start(self) -> None:
        self.started = True

    def poll(self) -> Layout | None:
        return self.layouts.pop(0) if self.layouts else None

    def cancel(self) -> None:
        self.cancelled = True
        self.process.end()


@pytest.fixture(autouse=True)
def _no_leftovers() -> None:
    Fake.made = []


def codes_of(seed: int, count: int = 60) -> FloatArray:
    return np.random.default_rng(seed).normal(size=(count, 2)).astype(np.float32)


def layout(seed: int = 0, *, share: float = 1.0) -> Layout:
    return Layout(codes_of(seed), share, "t-SNE" if share < 1 else "", share == 1.0)


def wide(**changes: Any) -> tuple[Explorer, Snapshot]:
    """An explorer of codes of five numbers."""
    settings = dataclasses.replace(RUN.settings, latent_dim=5, hidden=())
    rng = np.random.default_rng(0)
    made = snapshot(
        DATA,
        rng.normal(size=(60, 5)),
        info=dataclasses.replace(RUN, settings=settings),
        encoder=network(PIXELS, 5, sigmoid_output=False),
        decoder=network(5, PIXELS, sigmoid_output=True),
        held_out_codes=np.empty((0, 5), np.float32),
        **changes,
    )
    shown = explorer(DATA, made)
    shown.planes.layouts = Layouts(Fake)
    return shown, made


def laid_out(plane: PlaneName, made: Layout) -> tuple[Explorer, Snapshot]:
    """The same, with a plane on which this layout stands by now."""
    shown, moment = wide()
    shown.use_plane(plane, 0.0)
    shown.take_layouts(0.0)
    Fake.made[0].layouts.append(made)
    assert shown.take_layouts(0.0)
    return shown, moment


def test_choosing_the_plane_starts_it_and_leaving_ends_it() -> None:
    shown, made = wide()
    assert not shown.take_layouts(0.0) and not Fake.made
    shown.use_plane(PlaneName.TSNE, 0.0)
    shown.take_layouts(0.0)
    (running,) = Fake.made
    assert running.started and running.method == "tsne" and running.seed == made.info.settings.seed
    np.testing.assert_array_equal(running.vectors(), made.codes)
    shown.use_plane(PlaneName.PRINCIPAL, 0.0)
    shown.take_layouts(0.0)
    assert running.cancelled and len(Fake.made) == 1


def test_one_process_makes_all_layouts_until_they_are_left() -> None:
    shown, made = laid_out(PlaneName.UMAP, layout(1))
    shown.accept(dataclasses.replace(made, epoch=made.epoch + 1), DATA, 1.0)
    shown.take_layouts(1.0)
    Fake.made[1].layouts.append(layout(2))
    shown.take_layouts(1.0)
    shown.use_plane(PlaneName.UMAP_PIXELS, 1.0)
    shown.take_layouts(1.0)
    assert len(Fake.made) == 3 and len({fake.process for fake in Fake.made}) == 1
    assert not Fake.made[0].process.is_over
    # One that is still at work can't take up another.
    shown.use_plane(PlaneName.TSNE, 1.0)
    shown.take_layouts(1.0)
    assert Fake.made[0].process.is_over and not Fake.made[3].process.is_over
    Fake.made[3].layouts.append(layout(3))
    shown.take_layouts(1.0)
    shown.use_plane(PlaneName.PRINCIPAL, 1.0)
    shown.take_layouts(1.0)
    assert Fake.made[3].process.is_over


class Held(LayoutProcess):
    """A process that is given back when the test says so."""

    may_close = threading.Event()
    number: int | None = None

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[str] = []

    @property
    def id(self) -> int | None:
        return self.number

    def end(self) -> None:
        self.calls.append("end")
        super().end()

    def close(self) -> str:
        self.may_close.wait(60)
        self.calls.append("close")
        return ""


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Held]]:
    monkeypatch.setattr(layouts, "LayoutProcess", Held)
    monkeypatch.setattr(Held, "may_close", threading.Event())
    yield Held
    Held.may_close.set()


@pytest.mark.parametrize(
    ("begun", "finished", "calls"),
    [
        # The projection gives it back, in its own thread.
        (True, False, ["end"]),
        (True, True, ["end", "close"]),
        (False, True, ["end"]),
    ],
)
def test_a_process_is_ended_once_and_given_back_aside(
    held: type[Held], monkeypatch: pytest.MonkeyPatch, begun: bool, finished: bool, calls: list[str]
) -> None:
    monkeypatch.setattr(held, "number", 1234 if begun else None)
    shown, _ = wide()
    shown.use_plane(PlaneName.UMAP, 0.0)
    shown.take_layouts(0.0)
    if finished:
        Fake.made[0].layouts.append(layout(1))
        shown.take_layouts(0.0)
    before = set(threading.enumerate())
    shown.planes.layouts.stop()
    process = Fake.made[0].process
    assert process.is_over and process.calls == ["end"]
    assert len(set(threading.enumerate()) - before) == (calls != ["end"])
    held.may_close.set()
    until(lambda: process.calls == calls)


def test_the_map_shows_it_as_it_forms() -> None:
    shown, _ = wide()
    shown.use_plane(PlaneName.TSNE, 0.0)
    assert np.isnan(shown.plane.codes).all() and "starting" in shown.plane.title
    shown.take_layouts(0.0)
    Fake.made[0].layouts.append(layout(1, share=0.25))
    assert shown.take_layouts(0.0)
    np.testing.assert_array_equal(shown.plane.codes, codes_of(1))
    assert "25%" in shown.plane.title and shown.plane.snaps
    assert shown.viewport.left < codes_of(1)[:, 0].min()
    rows = Scatter().draw(_painted(shown), Sheet(24, 60)).rows()
    assert "t-SNE of the codes · 25%" in rows[0]


def test_the_box_goes_with_it_until_the_person_has_zoomed() -> None:
    small = layout(1, share=0.25)
    larger, largest = (
        dataclasses.replace(small, codes=factor * small.codes) for factor in (10, 100)
    )
    shown, _ = laid_out(PlaneName.TSNE, small)
    before = shown.viewport
    Fake.made[0].layouts.append(larger)
    assert shown.take_layouts(1.0)
    assert shown.viewport == fit(larger.codes) != before
    shown.zoom(1)
    chosen = shown.viewport
    Fake.made[0].layouts.append(largest)
    assert shown.take_layouts(2.0)
    assert shown.viewport == chosen
    np.testing.assert_array_equal(shown.plane.codes, largest.codes)


@pytest.mark.parametrize(
    ("words", "top", "sentence"),
    [
        (START_WORDS, "PCA first", "A start by PCA. It moves as it forms."),
        (f"{START_WORDS}, {COMPILING}", "PCA first", "A start by PCA; UMAP is compiling. It"),
        (f"{WARM_WORDS}, {COMPILING}", "going on", "The last picture; UMAP is compiling. It"),
    ],
)
def test_before_it_moves_title_and_status_say_what_one_sees(
    words: str, top: str, sentence: str
) -> None:
    shown, _ = laid_out(PlaneName.UMAP, Layout(codes_of(1), 0.0, words, done=False))
    # As wide as the map is on a terminal of 60 columns.
    row = Scatter().draw(_painted(shown), Sheet(16, 31)).rows()[0]
    assert row.removeprefix("▸ ").startswith(f"UMAP of the codes · {top}"), row
    made = shown.planes.layouts.layout(PlaneName.UMAP)
    assert beginning(PlaneName.UMAP, made).startswith(sentence)
    assert beginning(PlaneName.UMAP, layout(share=0.5)) == ""
    assert beginning(PlaneName.UMAP, layout()) == beginning(PlaneName.UMAP, None) == ""


def _painted(shown: Explorer) -> Staged:
    return scene(shown)


def test_the_probe_shows_the_sample_next_to_it() -> None:
    shown, made = laid_out(PlaneName.TSNE, layout(2))
    shown.set_probe(codes_of(2)[17].astype(float) + 1e-4)
    expected = made.decoder(made.codes[17:18]).reshape(28, 28)
    np.testing.assert_array_equal(shown.decoded(), expected)
    shown.choose_nearest(0.0)
    assert shown.sample == 17
    np.testing.assert_array_equal(shown.monitored().code, codes_of(2)[17])


def test_later_codes_are_laid_out_from_the_last_layout() -> None:
    shown, made = laid_out(PlaneName.UMAP, layout(3))
    shown.take_layouts(0.0)
    assert len(Fake.made) == 1
    later = dataclasses.replace(made, epoch=made.epoch + 1)
    shown.accept(later, DATA, 1.0)
    shown.take_layouts(1.0)
    assert len(Fake.made) == 2
    np.testing.assert_array_equal(Fake.made[1].begins, codes_of(3))
    Fake.made[1].layouts.append(layout(5))
    shown.take_layouts(1.0)
    # Those of another run have nothing to do with it.
    again = dataclasses.replace(later, info=dataclasses.replace(later.info.again()))
    shown.accept(again, DATA, 2.0)
    shown.use_plane(PlaneName.UMAP, 2.0)
    shown.take_layouts(2.0)
    assert Fake.made[-1].begins is None


def test_pixels_are_laid_out_once() -> None:
    shown, made = wide()
    shown.use_plane(PlaneName.TSNE_PIXELS, 0.0)
    shown.take_layouts(0.0)
    np.testing.assert_array_equal(Fake.made[0].vectors(), DATA.images[:])
    Fake.made[0].layouts.append(layout(4))
    shown.take_layouts(0.0)
    shown.accept(dataclasses.replace(made, epoch=99), DATA, 1.0)
    shown.take_layouts(1.0)
    assert len(Fake.made) == 1
    assert set(shown.planes.layouts.finished) == {"t-SNE of the pixels"}


def test_pixels_are_gone_with_the_images_which_is_said_once() -> None:
    made, gone = Layouts(Fake), dataclasses.replace(DATA, missing="gone")
    seen = wide()[1]
    assert made.follow(PlaneName.UMAP_PIXELS, seen, gone)
    assert made.error == layouts.GONE and not Fake.made
    assert not made.follow(PlaneName.UMAP_PIXELS, seen, gone)
    # Their codes are there.
    assert not made.follow(PlaneName.UMAP, seen, gone)
    assert made.error == "" and len(Fake.made) == 1


@pytest.mark.parametrize(("most", "there"), [(60, 60), (59, 59), (7, 7)])
def test_of_more_pixels_than_may_be_handed_over_a_part_is(
    monkeypatch: pytest.MonkeyPatch, most: int, there: int
) -> None:
    monkeypatch.setattr(layouts, "MAX_PIXELS_BYTES", 4 * PIXELS * most)
    shown, _ = wide()
    shown.use_plane(PlaneName.TSNE_PIXELS, 0.0)
    shown.take_layouts(0.0)
    pixels = Fake.made[0].vectors()
    assert pixels.shape == (60, PIXELS) and pixels.dtype == np.float32
    np.testing.assert_array_equal(pixels[:there], DATA.images[:there])
    assert np.isnan(pixels[there:]).all()


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (None, " · starting"),
        (Layout(codes_of(0), 0.0, f"{START_WORDS}, {COMPILING}", done=False), " · PCA first"),
        (Layout(codes_of(0), 0.004, WARM_WORDS, done=False), " · 0%"),
        (Layout(codes_of(0), 0.996, "t-SNE", done=False), " · 100%"),
        (Layout(codes_of(0), 1.0, "", done=True), ""),
    ],
)
def test_what_stands_over_a_layout(made: Layout | None, words: str) -> None:
    assert title(PlaneName.TSNE, made) == f"t-SNE of the codes{words}"


@pytest.mark.parametrize(
    ("plane", "done", "again", "begins"),
    [
        (PlaneName.UMAP, True, False, True),
        # A layout that was left before it was complete, or of another run, is no start.
        (PlaneName.UMAP, False, False, False),
        (PlaneName.UMAP, True, True, False),
    ],
)
def test_a_layout_begins_where_the_last_complete_one_of_the_run_ended(
    plane: PlaneName, done: bool, again: bool, begins: bool
) -> None:
    first = layout(3) if done else layout(3, share=0.5)
    shown, made = laid_out(plane, first)
    following = shown.planes.layouts
    following.follow(PlaneName.PRINCIPAL, made, DATA)
    info = made.info.again() if again else made.info
    later = dataclasses.replace(made, epoch=made.epoch + 1, info=info)
    following.follow(plane, later, DATA)
    begun = Fake.made[-1]
    assert len(Fake.made) == 2 and begun.method == "umap"
    assert (begun.begins is not None) == begins
    assert set(following.finished) == ({"UMAP of the codes"} if done else set())


def test_a_complete_layout_of_the_same_codes_serves_again() -> None:
    shown, made = laid_out(PlaneName.UMAP, layout(3))
    following = shown.planes.layouts
    for name in (PlaneName.PRINCIPAL, PlaneName.UMAP, PlaneName.UMAP):
        assert not following.follow(name, made, DATA)
    assert len(Fake.made) == 1 and not following.goes_on and following.running is None
    # The pixels' is the same for all runs.
    following.follow(PlaneName.TSNE_PIXELS, made, DATA)
    assert following.goes_on and following.running is Fake.made[1]
    Fake.made[1].layouts.append(layout(4, share=0.5))
    assert following.follow(PlaneName.TSNE_PIXELS, made, DATA) and following.goes_on
    Fake.made[1].layouts.append(layout(4))
    again = dataclasses.replace(made, info=made.info.again())
    assert following.follow(PlaneName.TSNE_PIXELS, again, DATA)
    assert not following.follow(PlaneName.TSNE_PIXELS, again, DATA)
    assert len(Fake.made) == 2 and not following.goes_on


def test_what_went_wrong_is_told_and_the_map_goes_back() -> None:
    shown, _ = wide()
    shown.use_plane(PlaneName.UMAP, 0.0)
    shown.take_layouts(0.0)
    Fake.made[0].error = "UMAP needs the extra projections."
    assert shown.take_layouts(0.0)
    assert shown.choice.plane is PlaneName.PRINCIPAL
    assert shown.planes.layouts.error == "UMAP needs the extra projections."
    shown.planes.layouts.error = ""
    shown.take_layouts(0.0)
    assert len(Fake.made) == 1


def test_codes_of_two_numbers_have_planes_of_pixels_only() -> None:
    names = explorer(DATA).planes.names
    assert PlaneName.TSNE not in names and PlaneName.TSNE_PIXELS in names
    assert PlaneName.TSNE in wide()[0].planes.names


def test_what_is_said_of_a_start_is_taken_back_once_as_it_moves() -> None:
    shown, _ = wide()
    made = presenter(shown=shown)
    front: Screen[object] = Screen()
    shown.use_plane(PlaneName.UMAP, 0.0)
    assert made.follow_layouts(front) == ""
    (running,) = Fake.made
    for share, said in ((0.0, "A start by PCA. It moves as it forms."), (0.1, None), (0.2, "")):
        running.layouts.append(dataclasses.replace(layout(1, share=share), words=START_WORDS))
        assert made.follow_layouts(front) == (shown.plane.note if said is None else said)
    assert shown.plane.note
