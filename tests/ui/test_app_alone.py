"""What the application decides, without a screen: colours, characters, questions, answers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pytest import MonkeyPatch
from textual import events
from textual.app import App

from tests.ui.scenes import snapshot
from tests.ui.test_source import Watched
from tui_ae.config import ScreenOptions
from tui_ae.link.terminal.driver import WireDriver
from tui_ae.raster.colour import ColourDepth
from tui_ae.run.commands import Pause, Reset, SetClasses, Step, Train
from tui_ae.run.snapshot import State
from tui_ae.ui import app as app_module
from tui_ae.ui.actions import ACTIONS, BY_ID
from tui_ae.ui.app import ExplorerApp
from tui_ae.ui.main_screen import MainScreen
from tui_ae.ui.themes import TONES

TRUE, EIGHT, SIXTEEN, NONE = (
    ColourDepth.TRUECOLOR,
    ColourDepth.EIGHT_BIT,
    ColourDepth.SIXTEEN,
    ColourDepth.NONE,
)


class Alone:
    """An application on no terminal, that notes what it says, asks, sends and does."""

    def __init__(self, **options: Any) -> None:
        self.source: Any = Watched()
        self.sent: list[object] = []
        self.source.send = self.sent.append
        self.app = ExplorerApp(self.source, ScreenOptions(**options))
        self.presenter = self.app._presenter
        self.left: list[int] = []
        self.asked: list[tuple[str, Callable[[bool | None], None]]] = []
        self.depths: list[ColourDepth] = []
        pages = self.app._pages
        ask = lambda question, answer: self.asked.append((question, answer))  # noqa: E731
        vars(pages).update(ask=ask, ask_to_leave=ask, follow=list, forget=list, recolour=list)
        vars(self.app).update(
            exit=lambda *_, return_code=0: self.left.append(return_code),
            refresh_css=lambda **_: None,
        )
        vars(self.app.explorer.planes.layouts).update(_begin=pytest.fail)
        vars(self.presenter.main).update(
            paint=lambda *_, **__: None, place_panes=list, _use_sink=list
        )

    @property
    def said(self) -> str:
        return self.presenter.message

    def take(self, **changes: Any) -> None:
        data = self.source.dataset
        self.app.explorer.accept(snapshot(data, **changes), data, 0.0)

    def answer(self, agreed: bool | None) -> str:
        """Answer the question; returns it."""
        ((question, answer),) = self.asked
        self.asked.clear()
        answer(agreed)
        return question


@pytest.fixture(autouse=True)
def _terminal(monkeypatch: MonkeyPatch) -> None:
    for name, value in (("TERM", "xterm-256color"), ("COLORTERM", ""), ("TMUX", None)):
        monkeypatch.delenv(name, raising=False)
        if value is not None:
            monkeypatch.setenv(name, value)
    monkeypatch.delenv("NO_COLOR", raising=False)


# --- colours, characters, themes -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("has", "told", "draws"),
    [
        (SIXTEEN, 0, SIXTEEN),
        (SIXTEEN, 255, SIXTEEN),
        (SIXTEEN, 256, EIGHT),
        (SIXTEEN, 2**24 - 1, EIGHT),
        (SIXTEEN, 2**24, TRUE),
        (NONE, 256, EIGHT),
        (EIGHT, 256, EIGHT),
        (EIGHT, 2**24, TRUE),
        (TRUE, 256, TRUE),
        (TRUE, 2**24, TRUE),
    ],
)
def test_a_terminal_that_says_so_gets_more_colours_and_never_fewer(
    has: ColourDepth, told: int, draws: ColourDepth
) -> None:
    alone = Alone()
    alone.presenter.depth = has
    alone.app._colours_told(told)
    assert alone.presenter.depth is draws
    # The person's word stands.
    fixed = Alone(colours="16")
    fixed.presenter.depth = has
    fixed.app._colours_told(told)
    assert fixed.presenter.depth is has


@pytest.mark.parametrize(
    ("environment", "colours", "depth"),
    [
        ({"COLORTERM": "truecolor"}, "auto", TRUE),
        ({}, "auto", EIGHT),
        ({"TERM": "xterm"}, "auto", SIXTEEN),
        ({"TERM": "dumb"}, "auto", NONE),
        ({"COLORTERM": "truecolor"}, "16", SIXTEEN),
        ({"TERM": "xterm"}, "truecolor", TRUE),
        ({"NO_COLOR": "1", "COLORTERM": "truecolor"}, "auto", NONE),
        ({"NO_COLOR": "1"}, "256", NONE),
    ],
)
def test_as_many_colours_as_the_terminal_has_unless_somebody_says_otherwise(
    monkeypatch: MonkeyPatch, environment: dict[str, str], colours: str, depth: ColourDepth
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    alone = Alone(colours=colours, theme="light")
    assert alone.presenter.depth is depth
    no_colour = "NO_COLOR" in environment
    assert alone.app.theme == ("terminal" if no_colour else "light")
    alone.app._colours_told(2**24)
    assert alone.presenter.depth is (TRUE if colours == "auto" and not no_colour else depth)


@pytest.mark.parametrize(
    ("depth", "following"), [(NONE, SIXTEEN), (SIXTEEN, EIGHT), (EIGHT, TRUE), (TRUE, SIXTEEN)]
)
def test_o_goes_to_the_next_number_of_colours(depth: ColourDepth, following: ColourDepth) -> None:
    alone = Alone()
    alone.presenter.depth = depth
    alone.app.action_colours()
    assert alone.presenter.depth is following
    assert alone.said == f"Colours: {following.value}."


def test_without_colours_o_says_why(monkeypatch: MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    alone = Alone()
    alone.app.action_colours()
    assert alone.presenter.depth is NONE
    assert alone.said == "NO_COLOR is set: unset it for colours."


def test_b_goes_through_the_characters_and_remembers_them(monkeypatch: MonkeyPatch) -> None:
    remembered: list[str] = []
    monkeypatch.setattr(app_module, "remember_glyphs", remembered.append)
    alone = Alone()
    for _ in range(3):
        alone.app.action_glyphs()
        glyphs = alone.presenter.glyphs
        assert alone.said == f"Characters: {glyphs}, also the next time on such a terminal."
    assert remembered == ["blocks", "ascii", "braille"]


@pytest.mark.parametrize("glyphs", ["braille", "blocks", "ascii"])
def test_where_signs_are_wide_only_ascii_is_safe(glyphs: str) -> None:
    alone = Alone(glyphs=glyphs)
    alone.app._wide_told()
    assert alone.presenter.glyphs == "ascii"
    told = "This terminal draws signs two cells wide, so characters are ASCII."
    assert alone.said == ("" if glyphs == "ascii" else told)


def test_t_goes_through_the_themes() -> None:
    alone = Alone()
    themes = []
    for _ in range(3):
        alone.app.action_theme()
        themes.append(alone.app.theme)
        alone.app.watch_theme(alone.app.theme)
        assert alone.presenter.tones is TONES[alone.app.theme]
    assert themes == ["light", "terminal", "dark"]
    # Textual's own palette may choose others; the next is the first of these.
    alone.app.theme = "nord"
    alone.app.watch_theme("nord")
    assert alone.presenter.tones is TONES["terminal"]
    alone.app.action_theme()
    assert alone.app.theme == "dark"


def test_what_can_not_be_seen_is_said_once_there_is_room_for_it() -> None:
    words = "The line behind tmux or screen can't be seen: if it is slow, say --link slow."
    alone = Alone()
    alone.app._unseen_told()
    assert alone.said == words and alone.app._unsaid == ""
    alone = Alone()
    alone.app.say("Something else.")
    alone.app._unseen_told()
    assert alone.said == "Something else." and alone.app._unsaid == words


class Driver(WireDriver):
    """The wire's, on no terminal."""

    def __init__(self, colours: int = 0, *, wide: bool = False, unseen: bool | None = None) -> None:
        self.link, self.colours, self.is_wide = SimpleNamespace(level=3), colours, wide
        self.multiplexer = SimpleNamespace(is_unseen=unseen) if unseen is not None else None
        self.repainted = 0

    def repaint(self) -> None:
        self.repainted += 1


class Clock:
    """Looks when a test says so."""

    def __init__(self, _app: object, look: Callable[[], None], goes_on: Callable[[], bool]) -> None:
        self.look, self.goes_on = look, goes_on


@pytest.fixture
def mounted(monkeypatch: MonkeyPatch) -> Callable[..., Alone]:
    """Mounts an application on a driver; what it does after the first frame is done at once."""
    monkeypatch.setattr(app_module, "Clock", Clock)

    def mount(driver: Driver | None = None, **options: Any) -> Alone:
        alone = Alone(**options)
        alone.presenter.depth = SIXTEEN
        vars(alone.app).update(_driver=driver, call_after_refresh=lambda call: call())
        alone.app.on_mount()
        return alone

    return mount


def test_what_the_wire_knows_of_the_terminal_is_heeded_now_and_later(
    mounted: Callable[..., Alone],
) -> None:
    driver = Driver(unseen=False)
    alone = mounted(driver)
    assert alone.presenter.link is driver.link and alone.app._pages.sink is driver
    assert alone.presenter.main._sink is driver
    assert (alone.presenter.depth, alone.presenter.glyphs, alone.said) == (SIXTEEN, "braille", "")
    driver.on_colours(256)
    driver.on_wide()
    assert (alone.presenter.depth, alone.presenter.glyphs) == (EIGHT, "ascii")
    driver.multiplexer.on_unseen()
    assert alone.app._unsaid.startswith("The line behind tmux")
    known = mounted(Driver(2**24, wide=True))
    assert (known.presenter.depth, known.presenter.glyphs) == (TRUE, "ascii")
    assert mounted(Driver(unseen=True)).said.startswith("The line behind tmux")
    ended: list[int] = []
    driver = Driver()
    vars(alone.app)["_ending"] = ended.append
    vars(alone.app)["_driver"] = driver
    alone.app.on_mount()
    driver.on_ending(15)
    assert ended == [15]


def test_with_any_other_driver_textual_paints(mounted: Callable[..., Alone]) -> None:
    alone = mounted(None, hint="Say --link slow.")
    assert alone.presenter.link is None and alone.said == "Say --link slow."
    assert alone.source.started


def test_both_runs_begin_once_the_first_frame_stands(mounted: Callable[..., Alone]) -> None:
    alone = mounted()
    begun: list[str] = []
    alone.app._when_painted = lambda: begun.append("painted")
    alone.source.start = lambda: begun.append("first")
    alone.app._other = SimpleNamespace(start=lambda: begun.append("second"))
    alone.app.on_mount()
    assert begun == ["painted", "first", "second"]


@pytest.mark.parametrize(
    ("state", "busy", "goes_on"),
    [(State.PAUSED, False, False), (State.PAUSED, True, True), (State.TRAINING, False, True)],
)
def test_the_clock_goes_on_while_it_trains_or_writes(
    mounted: Callable[..., Alone], state: State, busy: bool, goes_on: bool
) -> None:
    alone = mounted()
    alone.take(state=state)
    alone.app._writing = SimpleNamespace(busy=busy)
    assert alone.app._clock.goes_on() == goes_on


def test_the_wire_paints_all_again_and_textual_where_there_is_none(
    mounted: Callable[..., Alone],
) -> None:
    driver = Driver()
    for each, layouts in ((driver, []), (None, [True])):
        alone = mounted(each)
        asked: list[bool] = []
        vars(alone.app)["refresh"] = lambda *, layout, asked=asked: asked.append(layout)
        alone.app.action_repaint()
        assert asked == layouts
    assert driver.repainted == 1


# --- training ------------------------------------------------------------------------------------


def test_space_goes_by_what_was_asked_last() -> None:
    alone = Alone()
    for action in ("train", "train", "train", "step", "train"):
        getattr(alone.app, f"action_{action}")()
    assert alone.sent == [Train(), Pause(), Train(), Step(), Train()]
    # A second run beside it trains with it.
    other: list[object] = []
    alone.app._other = SimpleNamespace(send=other.append)
    alone.app.action_step()
    assert alone.sent[-1] == other[-1] == Step()


@pytest.mark.parametrize(
    ("changes", "wants", "question"),
    [
        ({"epoch": 0, "batch": 0}, False, ""),
        ({"epoch": 0, "batch": 0}, True, "0 epochs"),
        ({"epoch": 0, "batch": 1}, False, "0 epochs"),
        ({"epoch": 1, "batch": 0}, False, "1 epoch"),
        ({"epoch": 1234, "batch": 5}, True, "1,234 epochs"),
    ],
)
def test_fresh_weights_are_asked_for_where_something_would_be_lost(
    changes: dict[str, int], wants: bool, question: str
) -> None:
    for agreed in (True, False, None):
        alone = Alone()
        alone.take(**changes)
        alone.app._wants_training = wants
        alone.app._trained_s = 9.0
        alone.app.action_reset()
        if question:
            asked = alone.answer(agreed)
            assert asked == f"Start again from fresh weights, and lose {question} of training?"
        resets = bool(agreed) or not question
        assert alone.sent == ([Reset()] if resets else [])
        assert (alone.app._trained_s, alone.app._wants_training) == (
            (0.0, False) if resets else (9.0, wants)
        )


def test_before_the_first_snapshot_nothing_can_be_lost() -> None:
    alone = Alone()
    alone.app.action_reset()
    assert alone.sent == [Reset()] and not alone.asked
    asyncio.run(alone.app.action_quit())
    assert alone.left == [0]


def test_two_classes_stay_on() -> None:
    alone = Alone()
    alone.take(active=(1, 2, 3))
    alone.app.on_main_screen_toggle_class(MainScreen.ToggleClass(3))
    alone.app.on_main_screen_toggle_class(MainScreen.ToggleClass(7))
    assert alone.sent == [SetClasses(frozenset({1, 2})), SetClasses(frozenset({1, 2, 3, 7}))]
    alone.take(active=(1, 2))
    alone.app.on_main_screen_toggle_class(MainScreen.ToggleClass(2))
    assert len(alone.sent) == 2
    assert alone.said == "Two classes stay on: switch another one on first."


def test_a_failure_is_asked_about_once_where_one_can_begin_anew() -> None:
    alone = Alone()
    alone.app._wants_training = True
    alone.app.say("An answer.")
    for _ in range(2):
        alone.take(state=State.FAILED, failure="The loss is no number.")
        alone.app._arrived()
    assert alone.answer(False) == "The loss is no number. Start again from fresh weights?"
    assert not alone.app._wants_training and alone.said == ""
    alone.take(state=State.IDLE)
    alone.app._arrived()
    alone.take(state=State.FAILED, failure="The loss is no number.")
    alone.source.send = None
    alone.app._arrived()
    assert not alone.asked, "a run that others train can't be started again here"


@pytest.mark.parametrize("state", State)
def test_a_run_may_train_already_as_it_comes(state: State) -> None:
    alone = Alone()
    ready: list[int] = []
    alone.app._when_ready = lambda: ready.append(1)
    alone.take(state=state)
    alone.app._first()
    assert ready and alone.app._wants_training == (state is State.TRAINING)


# --- keys and the mouse --------------------------------------------------------------------------


class Answering(Alone):
    """One that notes what an event brings about."""

    def __init__(self, monkeypatch: MonkeyPatch) -> None:
        super().__init__()
        self.done: list[str] = []
        self.holds = False

        async def on_event(_app: object, _event: events.Event) -> None:
            self.done.append("textual")

        def note(name: str) -> Callable[[], None]:
            return lambda: self.done.append(name)

        monkeypatch.setattr(App, "on_event", on_event)
        app = self.app
        app._keys = SimpleNamespace(holds=lambda _: self.holds, handed_on=note("handed on"))
        app._clock = SimpleNamespace(stir=note("stirred"))
        self.presenter.link = SimpleNamespace(urgent=note("urgent"))
        app._screen_stacks["_default"].append(self.presenter.main)

    def take_event(self, event: events.Event) -> list[str]:
        self.done.clear()
        asyncio.run(self.app.on_event(event))
        return self.done


def mouse(button: int) -> events.MouseMove:
    return events.MouseMove(None, 1, 1, 0, 0, button, False, False, False)


def test_a_key_is_urgent_and_takes_the_last_answer_away(monkeypatch: MonkeyPatch) -> None:
    answering = Answering(monkeypatch)
    everything = ["stirred", "urgent", "textual", "handed on"]
    for key, said in (("a", ""), ("ctrl+l", "An answer.")):
        answering.app.say("An answer.")
        assert answering.take_event(events.Key(key, None)) == everything
        assert answering.said == said
    answering.app._unsaid = "One thing more."
    for said in ("One thing more.", ""):
        answering.take_event(events.Key("a", None))
        assert answering.said == said


def test_a_key_that_has_to_wait_does_nothing_yet(monkeypatch: MonkeyPatch) -> None:
    answering = Answering(monkeypatch)
    answering.app.say("An answer.")
    answering.holds = True
    assert answering.take_event(events.Key("a", None)) == []
    assert answering.said == "An answer."
    # One that a screen hands back has had its turn.
    forwarded = events.Key("a", None)
    forwarded._set_forwarded()
    assert answering.take_event(forwarded) == ["stirred", "urgent", "textual"]
    assert answering.said == "An answer."


def test_the_mouse_is_urgent_where_a_button_is_held(monkeypatch: MonkeyPatch) -> None:
    answering = Answering(monkeypatch)
    answering.app.say("An answer.")
    assert answering.take_event(mouse(1)) == ["stirred", "urgent", "textual"]
    assert answering.take_event(mouse(0)) == ["stirred", "textual"]
    assert answering.take_event(events.Load()) == ["textual"]
    assert answering.said == "An answer."
    # Without a wire, and before there is a clock.
    answering.presenter.link = answering.app._clock = None
    assert answering.take_event(mouse(1)) == ["textual"]


def test_keys_behind_the_one_that_leaves_do_nothing(monkeypatch: MonkeyPatch) -> None:
    answering = Answering(monkeypatch)
    answering.app._exit = True
    assert answering.take_event(events.Key("g", None)) == answering.take_event(mouse(1)) == []
    assert answering.take_event(events.Load()) == ["textual"]
    # Where the key itself has taken the screens down, nobody is told that it was handed on.
    answering.app._exit = False
    answering.app._screen_stacks["_default"].clear()
    assert "handed on" not in answering.take_event(events.Key("q", None))


# --- the clock -----------------------------------------------------------------------------------


@pytest.fixture
def ticking(monkeypatch: MonkeyPatch) -> Alone:
    alone = Alone()
    monkeypatch.setattr(app_module, "TICK_S", 0.25)
    monkeypatch.setattr(
        ExplorerApp, "screen", property(lambda _: alone.presenter.main), raising=False
    )
    alone.app._screen_stacks["_default"].append(alone.presenter.main)
    return alone


def test_the_time_of_training_is_counted(ticking: Alone) -> None:
    for state, trained_s in (
        (State.IDLE, 0.0),
        (State.TRAINING, 0.25),
        (State.TRAINING, 0.5),
        (State.PAUSED, 0.5),
    ):
        ticking.take(state=state)
        ticking.app._tick()
        assert ticking.app._trained_s == trained_s


def test_a_run_that_could_not_start_ends_it_with_code_2(ticking: Alone) -> None:
    ticking.app._tick()
    assert not ticking.left
    for run in ("source", "other"):
        error = ValueError(run)
        ticking.source.error = error if run == "source" else None
        ticking.app._other = SimpleNamespace(error=error if run == "other" else None)
        ticking.app._tick()
        assert ticking.app.start_error is error
    assert ticking.left == [2, 2]


def test_what_there_is_to_know_of_the_keeping_and_of_libraries_is_said_once(
    ticking: Alone,
) -> None:
    ticking.source.notice = "The disk is full."
    ticking.app._tick()
    assert ticking.said == "The disk is full."
    ticking.app.say("")
    ticking.app._tick()
    assert ticking.said == "" and ticking.app._written() == []
    lines = ["one", "two"]
    ticking.app._aside = SimpleNamespace(size=1, lines=lambda: iter(lines))
    ticking.app._tick()
    assert ticking.said == "A library wrote: two (d shows all of it.)"
    assert ticking.app._written() == lines
    ticking.app.say("")
    ticking.app._tick()
    assert ticking.said == ""


# --- leaving and files ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("trained_s", "kept_at", "notice", "question"),
    [
        (4.99, None, "", ""),
        (5.0, None, "", "This run is not kept. Leave, and lose 12 epochs of training?"),
        (9.0, Path("/runs/one"), "", ""),
        (
            9.0,
            Path("/runs/one"),
            "The disk is full.",
            "The disk is full. Leave, and lose what was trained since the last save?",
        ),
        (
            9.0,
            None,
            "The disk is full.",
            "The disk is full. Leave, and lose 12 epochs of training?",
        ),
        (4.0, Path("/runs/one"), "The disk is full.", ""),
    ],
)
def test_leaving_is_asked_about_where_training_would_be_lost(
    trained_s: float, kept_at: Path | None, notice: str, question: str
) -> None:
    alone = Alone()
    alone.take()
    alone.app._trained_s = trained_s
    alone.source.kept_at, alone.source.notice = kept_at, notice
    asyncio.run(alone.app.action_quit())
    if question:
        assert not alone.left and alone.answer(None) == question and not alone.left
        asyncio.run(alone.app.action_quit())
        alone.answer(True)
    assert alone.left == [0] and not alone.asked


def test_a_run_that_others_train_is_left_without_a_question() -> None:
    alone = Alone()
    alone.take()
    alone.app._trained_s, alone.source.send = 99.0, None
    asyncio.run(alone.app.action_quit())
    assert alone.left == [0]


def test_w_writes_what_is_kept_one_export_at_a_time() -> None:
    alone = Alone()
    alone.app.action_write()
    assert alone.said == ("This run is not kept yet, so there is nothing to write: train an epoch.")
    begun: list[tuple[Path, Path]] = []
    alone.app._writing = SimpleNamespace(busy=False, begin=lambda *paths: begun.append(paths))
    alone.source.kept_at = Path("/runs/20261130-one")
    alone.app.action_write()
    assert begun == [(alone.source.kept_at, Path("tui-ae-20261130-one"))]
    assert alone.said == "Writing codes, losses, weights and pictures to tui-ae-20261130-one …"
    alone.app._writing = SimpleNamespace(busy=True)
    alone.app.action_write()
    assert alone.said == "The files are being written already." and len(begun) == 1


def test_one_run_has_nothing_to_compare_with() -> None:
    alone = Alone()
    for action in (alone.app.action_compare, alone.app.action_align):
        alone.app.say("")
        action()
        assert alone.said == "One run is here; tui-ae compare shows two."
    alone.app._other = alone.source
    alone.app.action_compare()
    assert alone.presenter.main.compares
    alone.app.action_compare()
    assert not alone.presenter.main.compares
    alone.presenter.companion = beside = SimpleNamespace(aligned=True)
    alone.app.action_align()
    assert not beside.aligned and alone.said == "Each map as it is; the same sample links them."
    alone.app.action_align()
    assert beside.aligned and "rotation hides nothing" in alone.said


def test_y_copies_the_command_that_repeats_it() -> None:
    alone = Alone()
    copied: list[str] = []
    vars(alone.app)["copy_to_clipboard"] = copied.append
    alone.app.action_copy_command()
    assert copied == ["tui-ae"] and alone.said == "Copied: tui-ae"


def test_the_palette_lists_the_footers_actions_first_and_does_each_once() -> None:
    alone = Alone()
    commands = list(alone.app.get_system_commands(alone.presenter.main))
    listed = [item for item in ACTIONS if item.palette]
    placed = sorted((item for item in listed if item.footer), key=lambda item: item.footer)
    rest = [item for item in listed if not item.footer]
    assert [command.title for command in commands] == [
        item.help.rstrip(".") for item in (*placed, *rest)
    ]
    assert commands[0].help == "key space"
    ran: list[str] = []

    async def run_action(action: str, _screen: object) -> None:
        ran.append(action)

    vars(alone.app)["run_action"] = run_action
    for _ in range(2):
        asyncio.run(commands[0].callback())
    assert ran == [BY_ID["train"].action]
