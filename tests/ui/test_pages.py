"""The screens over the main one: when they open, what they are given, and when."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
from pytest import MonkeyPatch
from textual.screen import Screen

from tests.ui.scenes import SURVEY, dataset, explorer, snapshot
from tests.ui.test_presenter import Source, presenter
from tui_ae.data.images import Images
from tui_ae.ui import measures, pages
from tui_ae.ui.explorer import Explorer
from tui_ae.ui.pages import Pages
from tui_ae.ui.screens import loss_chart
from tui_ae.ui.screens.confirm import ConfirmScreen, LeaveScreen
from tui_ae.ui.screens.numbers import NumbersScreen

DATA = dataset()


class App:
    """Keeps screens as Textual's does, and shows none."""

    def __init__(self) -> None:
        self.installed: dict[str, Screen[Any]] = {}
        self.screen_stack: list[object] = ["main"]

    @property
    def screen(self) -> object:
        return self.screen_stack[-1]

    def is_screen_installed(self, name: str) -> bool:
        return name in self.installed

    def install_screen(self, screen: Screen[Any], name: str) -> None:
        self.installed[name] = screen

    def uninstall_screen(self, name: str) -> None:
        del self.installed[name]

    def get_screen(self, name: str, _kind: type | None = None) -> Screen[Any]:
        return self.installed[name]

    def push_screen(self, screen: Screen[Any], closed: Callable[[Any], None] | None = None) -> None:
        self.screen_stack.append(screen)
        self.closed = closed or (lambda _: None)

    def call_after_refresh(self, call: Callable[[], None]) -> None:
        call()

    def close(self, answer: object = None) -> None:
        self.screen_stack.pop()
        self.closed(answer)


class Opened:
    """Pages over an application that shows none."""

    def __init__(self, shown: Explorer | None = None) -> None:
        self.app, self.source = App(), Source()
        self.explorer = shown or explorer(DATA)
        made = presenter(source=self.source, shown=self.explorer)
        self.pages = Pages(self.app, self.source, self.explorer, made, Random(0))

    @property
    def names(self) -> list[str]:
        return [type(screen).__name__ for screen in self.app.screen_stack[1:]]


ALL = ("help", "classes", "data", "numbers", "pad", "architecture", "loss_chart")


@pytest.mark.parametrize("name", ALL)
def test_before_there_is_anything_to_show_pages_wait(name: str) -> None:
    opened = Opened(explorer())
    getattr(opened.pages, f"open_{name}")()
    assert len(opened.names) == (name in ("help", "numbers", "loss_chart"))


@pytest.mark.parametrize("name", ALL)
def test_a_page_is_made_once_and_is_in_front_once(name: str) -> None:
    opened = Opened()
    for _ in range(2):
        getattr(opened.pages, f"open_{name}")()
        (first,) = opened.app.screen_stack[1:]
        if name != "classes":
            getattr(opened.pages, f"open_{name}")()
            assert len(opened.names) == 1
            opened.app.close()
            getattr(opened.pages, f"open_{name}")()
            assert opened.app.screen is first
            opened.app.close()
        else:
            opened.app.screen_stack.pop()
    # With other characters each is made anew.
    opened.pages.forget()
    assert not opened.app.installed
    getattr(opened.pages, f"open_{name}")()
    assert opened.app.screen is not first


def test_a_page_that_is_open_is_kept_as_others_are_forgotten() -> None:
    opened = Opened()
    opened.pages.open_help()
    opened.app.close()
    opened.pages.open_data()
    page = opened.app.screen
    opened.pages.forget()
    assert list(opened.app.installed.values()) == [page]
    opened.app.close()
    opened.pages.forget()
    assert not opened.app.installed


def test_the_page_in_front_has_new_numbers_twice_a_second(monkeypatch: MonkeyPatch) -> None:
    times: list[float] = []
    monkeypatch.setattr(pages, "time", SimpleNamespace(monotonic=lambda: times[-1]))
    opened = Opened()
    followed: list[float] = []
    page: Screen[None] = Screen()
    opened.pages._open(page, lambda: followed.append(times[-1]))
    for now in (0.4, 0.49, 0.5, 0.7, 0.99, 1.0, 1.4):
        times.append(now)
        opened.pages.follow()
    assert followed == [0.5, 1.0]
    # A screen over it has none, and once it is closed neither has the page.
    opened.app.screen_stack.append("over")
    times.append(9.0)
    opened.pages.follow()
    opened.app.screen_stack.pop()
    opened.app.close()
    opened.app.screen_stack.append(page)
    opened.pages.follow()
    assert followed == [0.5, 1.0]


def test_questions_are_asked_and_leaving_twice_is_an_answer() -> None:
    opened = Opened()
    answers: list[bool | None] = []
    opened.pages.ask("Start again?", answers.append)
    assert isinstance(opened.app.screen, ConfirmScreen)
    opened.app.close(True)
    opened.pages.ask_to_leave("Leave?", answers.append)
    asked = opened.app.screen
    assert isinstance(asked, LeaveScreen) and answers == [True]
    said: list[bool] = []
    vars(asked)["action_answer"] = said.append
    opened.pages.ask_to_leave("Leave?", answers.append)
    assert said == [True] and len(opened.names) == 1


def test_pictures_take_the_tones_of_another_theme() -> None:
    opened = Opened()
    opened.pages.open_architecture(), opened.app.close()
    opened.pages.open_loss_chart(), opened.app.close()
    taken: list[object] = []
    opened.pages._pictures[:] = [taken.append] * len(opened.pages._pictures)
    opened.pages.recolour()
    assert taken == [opened.pages._presenter.tones] * 2


def test_the_lesson_is_given_the_numbers_of_each_moment() -> None:
    opened = Opened()
    opened.pages.open_architecture()
    page: Any = opened.app.screen
    given: list[Any] = []
    vars(page)["update_numbers"] = given.append
    opened.explorer.accept(snapshot(DATA, epoch=13), DATA, 0.0)
    opened.pages._follows[page]()
    assert [numbers.epoch for numbers in given] == [13]


@pytest.mark.parametrize("glyphs", ["braille", "blocks"])
def test_the_graph_is_drawn_in_the_characters_of_the_screen(
    monkeypatch: MonkeyPatch, glyphs: str
) -> None:
    made: dict[str, Any] = {}
    real = loss_chart.Chart

    def chart(tones: object, **options: bool) -> object:
        made.update(options)
        return real(tones, **options)

    monkeypatch.setattr(loss_chart, "Chart", chart)
    opened = Opened()
    opened.pages._presenter.glyphs = glyphs
    opened.pages.open_loss_chart()
    assert made == {"ascii_only": False, "blocks": glyphs == "blocks"}


def test_the_mean_pixel_of_the_data_is_found_once(monkeypatch: MonkeyPatch) -> None:
    found: list[int] = []
    real = Images.mean
    monkeypatch.setattr(Images, "mean", lambda images: found.append(1) or real(images))
    opened = Opened()
    for epoch in (12, 13):
        opened.explorer.accept(snapshot(DATA, epoch=epoch), DATA, 0.0)
        numbers = opened.pages._numbers()
        assert numbers is not None and numbers.epoch == epoch
        assert numbers.mean_pixel == pytest.approx(float(DATA.images[:].mean()), rel=1e-5)
        assert (numbers.samples, numbers.classes, numbers.active_samples) == (60, 10, 60)
    assert found == [1]


class Measuring:
    """Notes which moments it is to measure, and is busy when a test says so."""

    made: Measuring

    def __init__(self) -> None:
        Measuring.made = self
        self.asked: list[tuple[object, object, list[str]]] = []
        self.busy = False
        self.newest, self.failure = None, ""

    def follow(self, view: Any, survey: object, layouts: Mapping[str, object]) -> bool:
        if not self.busy:
            self.asked.append((view.snapshot.epoch, survey, list(layouts)))
        return not self.busy


def test_each_moment_is_measured_once_with_all_that_is_there_by_then(
    monkeypatch: MonkeyPatch,
) -> None:
    monkeypatch.setattr(measures, "Measuring", Measuring)
    opened = Opened()
    opened.pages.open_numbers()
    page = opened.app.screen
    assert isinstance(page, NumbersScreen)
    follow, measuring = opened.pages._follows[page], Measuring.made
    shown: list[object] = []
    vars(page)["show_measures"] = lambda *given: shown.append(given)
    follow()
    assert measuring.asked == [(12, None, [])] and len(shown) == 1
    # What is new while it is busy is measured as soon as it is free.
    measuring.busy = True
    opened.source.survey = SURVEY
    follow()
    measuring.busy = False
    for _ in range(2):
        follow()
    assert measuring.asked[1:] == [(12, SURVEY, [])]
    opened.explorer.accept(snapshot(DATA, epoch=13), DATA, 0.0)
    follow()
    finished = SimpleNamespace(finished={"t-SNE": object()})
    opened.explorer.planes.layouts = finished
    for _ in range(2):
        follow()
    assert measuring.asked[2:] == [(13, SURVEY, []), (13, SURVEY, ["t-SNE"])]
