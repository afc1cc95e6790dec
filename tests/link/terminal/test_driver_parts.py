"""What the driver does at each step, without a program on a terminal: its loop and writer are the
test's."""

from __future__ import annotations

import asyncio
import os
import signal
import termios
import threading
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any, cast

import pytest
from textual import events
from textual.app import App
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.geometry import Size
from textual.messages import InBandWindowResize

from tui_ae.link.flow.flow import Contact
from tui_ae.link.terminal import driver as driver_module
from tui_ae.link.terminal.colour_questions import QUESTIONS
from tui_ae.link.terminal.driver import WireDriver, wire_driver


class Loop:
    """Calls at once what is to be called soon, and notes what is to be called later."""

    def __init__(self) -> None:
        self.later: list[tuple[float, Callable[[], object]]] = []
        self.cancelled = 0
        self.handlers: dict[int, object] = {}
        self.removed: list[int] = []

    def call_soon(self, call: Callable[..., object], *arguments: object) -> None:
        call(*arguments)

    def call_soon_threadsafe(
        self, call: Callable[..., object], *arguments: object, context: object = None
    ) -> None:
        assert context is not None
        call(*arguments)

    def call_later(self, seconds: float, call: Callable[[], object]) -> object:
        self.later.append((seconds, call))
        return SimpleNamespace(cancel=self.cancel)

    def cancel(self) -> None:
        self.cancelled += 1

    def add_signal_handler(self, number: int, *call: object) -> None:
        self.handlers[number] = call

    def remove_signal_handler(self, number: int) -> None:
        self.removed.append(number)


class Writer:
    """Takes frames; a test says whether it is busy, and for how long."""

    def __init__(self, waits: list[bool] | None = None) -> None:
        self.busy, self.frames, self.notes = False, list[bytes](), list[str]()
        self.waits, self.waited_s, self.abandoned = list(waits or []), list[float](), False

    def offer(self, frame: bytes, note: str = "") -> bool:
        self.frames.append(frame)
        self.notes.append(note)
        return True

    def wait(self, seconds: float) -> bool:
        self.waited_s.append(seconds)
        return self.waits.pop(0) if self.waits else True

    def abandon(self) -> None:
        self.abandoned = True


class Wired:
    """A driver with such parts, and a clock."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, **options: Any) -> None:
        self.now = 100.0
        monkeypatch.setattr(driver_module, "time", SimpleNamespace(monotonic=lambda: self.now))
        self.null = os.open(os.devnull, os.O_WRONLY)
        self.app = App[None]()
        self.driver = wire_driver(terminal=self.null, **options)(self.app)
        self.loop, self.writer = Loop(), Writer()
        self.driver._loop = cast("Any", self.loop)
        self.driver._writer = cast("Any", self.writer)
        self.driver.link._clock = lambda: self.now


@pytest.fixture
async def wired(monkeypatch: pytest.MonkeyPatch) -> Any:
    for name in ("TMUX", "STY", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    made = Wired(monkeypatch)
    yield made
    os.close(made.null)


@pytest.mark.parametrize(
    ("told", "size"),
    [((100, 30), (100, 30)), ((0, 0), (80, 24)), ((0, 30), (80, 30)), ((100, 0), (100, 24))],
)
async def test_a_terminal_that_does_not_know_its_size_has_80_columns_and_24_rows(
    wired: Wired, told: tuple[int, int], size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def measure(descriptor: int) -> os.terminal_size:
        asked.append(descriptor)
        return os.terminal_size(told)

    monkeypatch.setattr(os, "get_terminal_size", measure)
    assert wired.driver._measured() == size
    assert asked == [wired.null]
    assert wired.driver._get_terminal_size() == size
    assert (wired.driver.link.model.width, wired.driver.link.model.height) == size


async def test_where_there_is_no_terminal_textual_says_a_size(
    wired: Wired, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LinuxDriver, "_get_terminal_size", lambda _: (7, 8))
    assert wired.driver._measured() == (7, 8)


async def test_another_size_is_told_to_textual(
    wired: Wired, monkeypatch: pytest.MonkeyPatch
) -> None:
    posted: list[object] = []
    monkeypatch.setattr(wired.driver, "_measured", lambda: (50, 20))
    monkeypatch.setattr(wired.app, "post_message", posted.append)
    wired.driver._size_changed()
    (message,) = posted
    assert isinstance(message, events.Resize)
    assert message.size == message.virtual_size == Size(50, 20)
    assert wired.driver.link.model.width == 50


async def test_messages_that_are_the_drivers_own_go_no_further(
    wired: Wired, monkeypatch: pytest.MonkeyPatch
) -> None:
    passed, resized = [], []
    monkeypatch.setattr(Driver, "process_message", lambda _, message: passed.append(message))
    monkeypatch.setattr(wired.driver, "_resized", lambda: resized.append(True))
    wired.driver.process_message(events.CursorPosition(1, 2))
    wired.driver.process_message(InBandWindowResize(True, True))
    assert passed == [] and resized == []
    key = events.Key("a", "a")
    wired.driver.process_message(key)
    assert passed == [key] and resized == []
    resize = events.Resize(Size(3, 4), Size(3, 4))
    wired.driver.process_message(resize)
    assert passed == [key, resize] and resized == [True]


@pytest.mark.parametrize(("rows", "asks"), [(17, False), (18, True), (40, True)])
async def test_the_width_of_a_sign_is_asked_below_the_rows_of_frames(
    wired: Wired, rows: int, asks: bool
) -> None:
    wired.driver.link.resize(80, rows)
    wired.driver._measure_wide()
    asked = f"\x1b[{rows};1H─\x1b[6n"
    assert wired.driver.link.take_passthrough() == (asked if asks else "")
    assert wired.driver._questions == ({asked} if asks else set())
    assert wired.driver._measured_row == (rows if asks else 0)


@pytest.mark.parametrize(
    ("column", "is_wide", "is_told"),
    [(2, False, True), (3, True, True), (1, False, False), (4, False, False)],
)
async def test_the_answer_tells_whether_it_took_two_cells(
    wired: Wired, column: int, is_wide: bool, is_told: bool
) -> None:
    told, reports = [], []
    driver = wired.driver
    driver.on_wide = lambda: told.append(True)
    driver._report = lambda *place: reports.append(place)  # type: ignore[method-assign]
    driver.link.resize(80, 24)
    driver._measure_wide()
    driver._take_report(24, column, 5.0)
    assert driver._heard.is_set() and driver.is_wide is is_wide
    assert told == [True] * is_wide
    assert reports == ([] if is_told else [(24, column, 5.0)])
    # Once.
    assert driver._measured_row == (0 if is_told else 24)
    driver._take_report(24, 3, 6.0)
    assert reports[-1:] == [(24, 3, 6.0)] if is_told else driver.is_wide


async def test_a_report_that_answers_the_last_frame_is_waited_for(wired: Wired) -> None:
    driver = wired.driver
    driver.write("hello")
    assert len(wired.writer.frames) == 1 and driver._awaited == driver.link.awaited
    driver._take_report(9, 9, wired.now)
    assert not driver._answered.is_set() and driver.link.flow.in_flight
    assert driver._awaited is not None
    driver._take_report(*driver._awaited, wired.now + 0.25)
    assert driver._answered.is_set() and not driver.link.flow.in_flight
    # What waited for it goes at once.
    driver.link.flow.sent(14_999, wired.now, 900, limited=False)
    driver.link.flow._allowance.passed(10_000)
    wired.now += 1
    driver.write("\x1b[2;1Hmore")
    assert len(wired.writer.frames) == 1
    driver._take_report(12, 21, wired.now)
    assert len(wired.writer.frames) == 2 and b"more" in wired.writer.frames[1]
    driver._take_report(*driver._awaited, wired.now + 0.25)
    # And with the next frame it is another one.
    wired.now += 1
    driver.write("\x1b[1;1HHELLO")
    assert len(wired.writer.frames) == 3 and not driver._answered.is_set()


async def test_of_colours_the_most_that_was_told_counts(wired: Wired) -> None:
    told: list[int] = []
    assert wired.driver.colours == 0
    wired.driver.on_colours = told.append
    wired.driver._take_answer("\x1b]11;rgb:0/0/0\x07")
    assert told == []
    for answer, colours in (("323536", 256), ("3136", 256), ("323536", 256), ("31303030", 1000)):
        wired.driver._take_answer(f"\x1bP1+r436f={answer}\x1b\\")
        assert wired.driver.colours == colours
    assert told == [256, 1000]


async def test_the_next_look_is_planned_where_no_frame_goes(wired: Wired) -> None:
    driver, loop = wired.driver, wired.loop
    driver.write("hello")
    assert loop.later == [] and wired.writer.notes == [""]
    wired.now += 0.5
    # An answer is due within 1.2 s of the first frame.
    driver._pump()
    assert [round(seconds, 6) for seconds, _ in loop.later] == [0.7]
    wired.now += 0.625
    driver._pump()
    assert loop.cancelled == 1
    assert [round(seconds, 6) for seconds, _ in loop.later] == [0.7, 0.075]
    # No sooner than a millisecond.
    driver.link.wake_time = lambda: wired.now - 5.0  # type: ignore[method-assign]
    driver._pump()
    assert loop.later[-1][0] == 0.001 and loop.cancelled == 2
    driver.link.wake_time = lambda: None  # type: ignore[method-assign]
    driver._pump()
    assert len(loop.later) == 3 and loop.cancelled == 3


async def test_while_a_frame_is_written_and_after_the_end_nothing_is_made(wired: Wired) -> None:
    driver = wired.driver
    wired.writer.busy = True
    driver.write("hello")
    wired.writer.busy, driver._stopped = False, True
    driver._pump()
    driver._stopped, driver._writer = False, None
    driver._pump()
    assert wired.writer.frames == [] and wired.loop.later == []
    driver._writer = cast("Any", wired.writer)
    driver._pump_now()
    assert len(wired.writer.frames) == 1


async def test_many_writes_are_one_frame(wired: Wired, monkeypatch: pytest.MonkeyPatch) -> None:
    driver = wired.driver
    soon: list[Callable[[], object]] = []
    monkeypatch.setattr(wired.loop, "call_soon", soon.append)
    driver.write("one")
    driver.write("\x1b[2;1Htwo")
    # What would be at once waits for what is to come soon.
    driver._pump_now()
    assert len(soon) == 1 and wired.writer.frames == []
    soon[0]()
    (frame,) = wired.writer.frames
    assert b"one" in frame and b"two" in frame
    driver.write("\x1b[3;1Hthree")
    assert len(soon) == 2


async def test_a_log_gets_a_line_a_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TMUX", raising=False)
    monkeypatch.delenv("STY", raising=False)
    wired = Wired(monkeypatch, log=cast("Any", SimpleNamespace()))
    wired.driver.write("hello")
    size = len(wired.writer.frames[0])
    assert wired.writer.notes == [f"100.000 {size} 0.0ms 1000B/s 3 starting\n"]
    os.close(wired.null)


async def test_what_another_thread_writes_is_written_by_the_loop(wired: Wired) -> None:
    fed: list[tuple[str, int]] = []
    wired.driver.link.feed = lambda data: fed.append((data, 0))  # type: ignore[method-assign]
    handed: list[tuple[object, ...]] = []
    thread = threading.Thread(target=wired.driver.write, args=("text",))
    wired.driver._from_thread = lambda *call: handed.append(call)  # type: ignore[method-assign]
    thread.start()
    thread.join()
    assert handed == [(wired.driver.write, "text")] and fed == []
    wired.driver.write("text")
    assert fed == [("text", 0)]


async def test_to_paint_again_takes_margins_away_and_clears(wired: Wired) -> None:
    wired.driver.write("hello")
    wired.now += 1
    assert wired.driver._awaited is not None
    wired.driver._take_report(*wired.driver._awaited, wired.now)
    wired.driver.repaint()
    assert wired.writer.frames[1].startswith(b"\x1b[r\x1b[m\x1b[2J\x1b[Hhello")


@pytest.mark.parametrize(
    ("contact", "awaited", "flying", "gone", "waits"),
    [
        # Four round trips and a tenth of a second.
        (Contact.ANSWERING, True, True, False, 0.6),
        (Contact.ANSWERING, False, True, False, None),
        (Contact.ANSWERING, True, False, False, None),
        (Contact.ANSWERING, True, True, True, None),
        (Contact.STALLED, True, True, False, None),
    ],
)
async def test_the_end_waits_for_what_the_shell_would_get(
    wired: Wired,
    contact: Contact,
    awaited: bool,
    flying: bool,
    gone: bool,
    waits: float | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    driver = wired.driver
    waited: list[float] = []
    driver.link.flow.contact = contact
    driver.link.flow.in_flight = 30 * flying
    driver.link.flow.estimate.smooth_round_trip_s = 0.125
    driver._awaited = (2, 1) if awaited else None
    monkeypatch.setattr(driver_module, "is_gone", lambda _: gone)
    monkeypatch.setattr(driver._answered, "wait", waited.append)
    driver._await_answers()
    assert waited == ([] if waits is None else [pytest.approx(waits)])
    # No longer than a second, however slow the link is.
    waited.clear()
    driver.link.flow.estimate.smooth_round_trip_s = 9.0
    driver._await_answers()
    assert waited == ([] if waits is None else [1.0])


@pytest.mark.parametrize("answers", [True, False])
async def test_before_any_answer_the_end_waits_for_one_a_moment(
    wired: Wired, answers: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver, waited = wired.driver, []
    driver.write("hello")
    monkeypatch.setattr(driver_module, "is_gone", lambda _: False)
    monkeypatch.setattr(driver._heard, "wait", lambda seconds: waited.append(seconds) or answers)
    monkeypatch.setattr(driver._answered, "wait", waited.append)
    driver._await_answers()
    assert waited == ([0.3, 0.1] if answers else [0.3])


async def test_what_is_written_last_leaves_out_what_was_not_asked_yet(wired: Wired) -> None:
    driver, model = wired.driver, wired.driver.link.model
    driver._ask(QUESTIONS)
    model.passthrough.append("\x1b[?25h")
    driver._finish(cast("Any", wired.writer), wired.now + 0.75)
    assert wired.writer.frames == [b"\x1b[m\x1b[?25h"] and not wired.writer.abandoned
    assert wired.writer.waited_s == [0.75, 0.75]


@pytest.mark.parametrize(("left_s", "waits"), [(0.75, [0.75, 0.1, 0.75]), (-1.0, [0.05, 0.1, 0.1])])
async def test_what_a_blocked_terminal_did_not_take_is_thrown_away(
    wired: Wired, left_s: float, waits: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    monkeypatch.setattr(termios, "tcflow", lambda *call: asked.append(call))
    monkeypatch.setattr(termios, "tcflush", lambda *call: asked.append(call))
    wired.writer.waits = [False]
    wired.driver._finish(cast("Any", wired.writer), wired.now + left_s)
    assert wired.writer.abandoned and wired.writer.waited_s == waits
    assert asked == [(wired.null, termios.TCOON), (wired.null, termios.TCOFLUSH)]
    # What was cut off is cancelled first.
    assert wired.writer.frames == [b"\x18\x1b[m"]


async def test_the_end_comes_once_and_only_after_a_beginning(
    wired: Wired, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped, finished = [], []
    monkeypatch.setattr(LinuxDriver, "stop_application_mode", lambda _: stopped.append(True))
    monkeypatch.setattr(
        wired.driver, "_finish", lambda writer, deadline: finished.append((writer, deadline))
    )
    wired.driver.stop_application_mode()
    wired.driver.stop_application_mode()
    assert stopped == [True] and finished == [(wired.writer, 101.0)]
    assert wired.driver.link.model.passthrough == ["\x1b[r\x1b[H\x1b[J"]
    wired.driver._stopped, wired.driver._writer = False, None
    wired.driver.stop_application_mode()
    assert len(stopped) == 1


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[object]]:
    """What begins with the driver."""
    calls: list[object] = []
    monkeypatch.setattr(LinuxDriver, "start_application_mode", lambda _: calls.append("Textual"))
    monkeypatch.setattr(driver_module, "Writer", lambda *made: calls.append(made) or Writer())
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    yield calls
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize(
    ("variables", "asks", "measures"),
    [
        ({}, True, True),
        ({"NO_COLOR": "1"}, False, True),
        ({"TERM": "linux"}, False, False),
        ({"TERM": "dumb"}, False, False),
    ],
)
async def test_it_begins_with_no_margins_and_questions(
    wired: Wired,
    begun: list[object],
    variables: dict[str, str],
    asks: bool,
    measures: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(wired.driver, "_measured", lambda: (80, 24))
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    wired.driver._stopped = True
    wired.driver.start_application_mode()
    assert not wired.driver._stopped and begun[1] == "Textual"
    assert wired.driver.link.model.passthrough == [
        "\x1b[r",
        *([QUESTIONS] if asks else []),
        *(["\x1b[24;1H─\x1b[6n"] if measures else []),
    ]
    # What is ignored, as under nohup, stays so.
    assert set(wired.loop.handlers) == {signal.SIGTERM, signal.SIGWINCH}
    assert wired.loop.handlers[signal.SIGTERM] == (wired.driver._terminate, signal.SIGTERM)


async def test_after_a_stop_by_force_the_terminal_is_taken_anew(
    wired: Wired, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    driver = wired.driver
    monkeypatch.setattr(driver, "suspend_application_mode", lambda: calls.append("suspend"))
    monkeypatch.setattr(LinuxDriver, "_sigtstp_application", lambda _: calls.append("stop"))
    monkeypatch.setattr(LinuxDriver, "_sigcont_application", lambda _: calls.append("go on"))
    for restarts, suspends, expected in (
        (True, True, ["stop", "go on"]),
        (True, False, ["suspend", "go on"]),
        (False, True, ["stop", "go on"]),
        (False, False, ["go on"]),
    ):
        calls.clear()
        driver._auto_restart = restarts
        if suspends:
            driver._sigtstp_application()
            assert driver._suspended is restarts
        driver._sigcont_application()
        assert calls == expected and not driver._suspended


@pytest.mark.parametrize(
    ("gone", "tty", "ends"), [(True, True, True), (True, False, False), (False, True, False)]
)
async def test_a_terminal_that_is_gone_ends_the_program(
    wired: Wired, gone: bool, tty: bool, ends: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[int] = []
    made: list[dict[str, Any]] = []

    class Reader:
        def __init__(self, *_: object, **calls: Any) -> None:
            made.append(calls)

        def run(self, stop: object) -> bool:
            return gone

    monkeypatch.setattr(driver_module, "Reader", Reader)
    monkeypatch.setattr(wired.driver, "_terminate", ended.append)
    wired.driver.input_tty = tty
    wired.driver.run_input_thread()
    assert ended == [signal.SIGHUP] * ends
    assert made[0]["expecting"]() is False
    wired.driver.write("hello")
    assert made[0]["expecting"]() is True


async def test_only_where_the_person_says_nothing_of_the_link_the_kernel_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TMUX", "/tmp/tmux,1,0")
    monkeypatch.delenv("STY", raising=False)
    for mode, asked in (("auto", True), ("slow", False)):
        wired = Wired(monkeypatch, mode=cast("Any", mode))
        assert (wired.driver.multiplexer is not None) is asked
        os.close(wired.null)


async def test_through_a_multiplexer_answers_and_frames_go_to_it(wired: Wired) -> None:
    sent, answered = [], []
    wired.driver.multiplexer = cast(
        "Any",
        SimpleNamespace(
            sent=lambda *frame: sent.append(frame), answered=lambda *place: answered.append(place)
        ),
    )
    wired.driver.write("hello")
    assert sent == [(wired.writer.frames[0], wired.driver.link.awaited)]
    wired.driver._take_report(2, 1, 101.0)
    assert answered == [(2, 1, 101.0)] and wired.driver.link.flow.in_flight


@pytest.mark.parametrize(
    ("running", "screens", "paints"),
    [(True, ["one"], True), (False, ["one"], False), (True, [], False), (False, [], False)],
)
async def test_all_cells_come_from_the_screen_that_stands(
    wired: Wired, running: bool, screens: list[str], paints: bool
) -> None:
    shown: list[object] = []
    asked: list[object] = []

    def update(**how: object) -> str:
        asked.append(how)
        return "all"

    screen = SimpleNamespace(_compositor=SimpleNamespace(render_update=update))
    wired.driver._app = cast(
        "Any",
        SimpleNamespace(
            is_running=running,
            screen_stack=screens,
            screen=screen,
            _background_screens=["below"],
            _display=lambda *what: shown.append(what),
        ),
    )
    wired.driver._paint_all()
    assert shown == ([(screen, "all")] if paints else [])
    assert asked == ([{"full": True, "screen_stack": ["below"]}] if paints else [])


@pytest.mark.parametrize("begun", [True, False])
async def test_the_end_of_all_ends_the_threads(
    wired: Wired, begun: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[str] = []
    monkeypatch.setattr(LinuxDriver, "close", lambda _: ended.append("Textual"))
    if begun:
        wired.driver.multiplexer = cast(
            "Any", SimpleNamespace(close=lambda: ended.append("multiplexer"))
        )
        wired.driver._writer = cast("Any", SimpleNamespace(stop=lambda _: ended.append("writer")))
    else:
        wired.driver._writer = None
    wired.driver.close()
    assert ended == (["Textual", "multiplexer", "writer"] if begun else ["Textual"])
    assert wired.driver._writer is None


def test_drivers_are_made_for_a_mode_a_log_and_a_terminal() -> None:
    log = cast("Any", SimpleNamespace())
    made = wire_driver("slow", log, 7)
    assert issubclass(made, WireDriver)
    assert ("slow", log, 7) == (made.MODE, made.LOG, made.TERMINAL)
    assert (WireDriver.MODE, WireDriver.LOG, WireDriver.TERMINAL) == ("auto", None, None)
    assert asyncio.iscoroutinefunction(made.write) is False
