from __future__ import annotations

import errno
import fcntl
import io
import os
import re
import signal
import struct
import termios
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from pytest import MonkeyPatch
from textual.app import App

from tests.terminal import Terminal
from tests.waiting import until
from tui_ae.link.terminal.colour_questions import QUESTIONS
from tui_ae.link.terminal.driver import ANSWERS_S, wire_driver
from tui_ae.link.terminal.writer import Writer

RunProgram = Callable[..., Terminal]
APP = """
import sys
from pathlib import Path
from textual.app import App
from textual.widgets import Static
from tui_ae.link.terminal.colour_questions import QUESTIONS
from tui_ae.link.terminal.driver import wire_driver

class Tiny(App):
    keys, fill = "", 0
    def compose(self):
        yield Static("hello", id="hello")
        yield Static("", id="keys", markup=False)
        yield Static("", id="size")
        yield Static("", id="flood")
    def on_mount(self):
        if "flood" in sys.argv:
            self.set_interval(0.02, self.flood)
        if "raise" in sys.argv:
            self.set_timer(0.3, lambda: 1 / 0)
    def flood(self):
        self.fill += 1
        self.tell()
        rows = ["".join(chr(0x2800 + (self.fill * 7 + x * y) % 256) for x in range(60))
                for y in range(10)]
        self.query_one("#flood").update("\\n".join(rows))
    def tell(self):
        # For whoever can't see its screen.
        Path(__file__).with_name("told").write_text(f"{self.fill}; {self.keys}")
    def show(self, word):
        self.keys += word + " "
        self.tell()
        self._driver.link.urgent()
        self.query_one("#keys").update("keys " + self.keys)
    def on_key(self, event):
        if event.key == "q":
            self.exit()
        elif event.key == "ctrl+l":
            self._driver.repaint()
        else:
            self.show(event.key)
    def on_paste(self, event):
        self.show("<" + event.text + ">")
    def on_resize(self, event):
        self.query_one("#size").update(f"size {event.size.width}x{event.size.height}")

log = Path(sys.argv[2]).open("a", buffering=1) if sys.argv[1] == "log" else None
Tiny(driver_class=wire_driver("auto", log=log)).run()
if "flood" not in sys.argv:
    print("after the app")
"""


def quit_and_check(program: Terminal, keys: str = "q") -> None:
    """End the program; the terminal must be as it was."""
    program.send(keys)
    program.wait_exit()
    assert termios.tcgetattr(program.slave) == program.attributes
    tail = bytes(program.received[-400:])
    for sequence in (b"m", b"?7h", b"?1049l", b"?25h", b"?2004l", b"?1000l", b"?1003l", b"?1004l"):
        assert b"\x1b[" + sequence in tail
    assert b"\x1b[r" in tail.split(b"\x1b[?1049l")[0], "margins end before the cursor is put back"
    assert b"R" not in tail.split(b"\x1b[?1049l")[1], "an answer was typed into the shell"


def test_shows_keys_idles_silently_and_leaves_the_terminal_as_it_was(
    run_program: RunProgram, tmp_path: Path
) -> None:
    program = run_program(APP, "log", str(tmp_path / "log"))
    program.wait("hello")
    program.send("x")
    program.wait("keys x")
    program.settle(quiet_s=1.5)
    quit_and_check(program)
    assert "after the app" in program.text
    lines = (tmp_path / "log").read_text().splitlines()
    assert len(lines) > 2
    assert "ms" in lines[-1]


def test_a_log_gets_the_lines_of_frames_that_were_written() -> None:
    read, write = os.pipe()
    idle, log = threading.Semaphore(0), io.StringIO()
    writer = Writer(write, idle.release, log)
    try:
        for frame, line in ((b"one", "first\n"), (b"two", ""), (b"three", "third\n")):
            assert writer.offer(frame, line)
            assert idle.acquire(timeout=5)
            assert not writer.busy and writer.wait(5)
        assert os.read(read, 100) == b"onetwothree" and log.getvalue() == "first\nthird\n"
    finally:
        writer.stop(5)
        os.close(read)
        os.close(write)


class FullDisk(io.StringIO):
    def write(self, text: str) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_log_on_a_full_disk_does_not_stop_the_output() -> None:
    read, write = os.pipe()
    idle = threading.Semaphore(0)
    writer = Writer(write, idle.release, FullDisk())
    try:
        for frame in (b"one", b"two"):
            assert writer.offer(frame, "a line\n")
            assert idle.acquire(timeout=5)
        assert os.read(read, 100) == b"onetwo"
        assert not writer.broken
    finally:
        writer.stop(5)
        os.close(read)
        os.close(write)


@pytest.mark.parametrize(
    ("environment", "erases"),
    [
        ({"TERM": "xterm-256color"}, True),
        ({"TERM": "screen-256color"}, False),
        ({"TERM": "screen-256color", "TMUX": "/tmp/tmux,1,0"}, True),
    ],
)
async def test_blanks_are_erased_where_the_terminal_keeps_their_colour(
    monkeypatch: MonkeyPatch, environment: dict[str, str], erases: bool
) -> None:
    """GNU screen erases to the default colour; tmux, which takes the same name, does not."""
    for name in ("TERM", "TMUX"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    driver = wire_driver()(App())
    assert driver.link.encoder.erase_paints is erases


def test_never_answering_terminal(run_program: RunProgram) -> None:
    program = run_program(APP, "-")
    program.answers = False
    program.wait("hello")
    program.send("xy")
    program.wait("keys x y")
    program.wait("size 60x16", idle_s=4.0)
    asked = len(program.queries)
    program.send("z")
    program.wait("keys x y z", idle_s=1.0)
    # It goes out at once, and not when it is asked again whether somebody answers.
    assert len(program.queries) <= asked + 1
    quit_and_check(program)


def pictures(folder: Path) -> int:
    """How many the program has drawn, seen or not."""
    return int((folder / "told").read_text().partition(";")[0] or 0)


def test_stopped_terminal_does_not_hold_up_quitting(
    run_program: RunProgram, tmp_path: Path
) -> None:
    program = run_program(APP, "flood")
    program.wait("hello")
    program.answers = False
    # A terminal that takes nothing: fill what the kernel would buffer, as a blocked ssh does.
    termios.tcflow(program.slave, termios.TCOOFF)
    begun = pictures(tmp_path)
    until(lambda: pictures(tmp_path) > begun + 20)
    program.send("q")
    assert program.sleeps_until(lambda: program.process.poll() is not None) < 3.5
    assert termios.tcgetattr(program.slave) == program.attributes
    program.settle()
    # What was cut off is cancelled, and then comes all that leaves the terminal as it was.
    assert re.search(rb"\x18\x1b\[m.*\x1b\[r.*\x1b\[\?1049l", program.received, re.S)


def test_stopped_terminal_catches_up(run_program: RunProgram, tmp_path: Path) -> None:
    program = run_program(APP, "-")
    program.wait("hello")
    termios.tcflow(program.slave, termios.TCOOFF)
    program.send("abc")
    until(lambda: (tmp_path / "told").exists() and "a b c" in (tmp_path / "told").read_text())
    termios.tcflow(program.slave, termios.TCOON)
    program.wait("keys a b c", idle_s=1.5)
    quit_and_check(program)


def typed(program: Terminal) -> int:
    """Bytes that the program has not read yet."""
    count: int = struct.unpack("i", fcntl.ioctl(program.slave, termios.FIONREAD, b"\0" * 4))[0]
    return count


def send_apart(program: Terminal, keys: str) -> None:
    """Type keys that are read before any others are there."""
    program.send(keys)
    program.until(lambda: not typed(program), "reading")


def test_replies_in_the_middle_of_typing_and_pasting(run_program: RunProgram) -> None:
    program = run_program(APP, "-")
    program.wait("hello")
    program.until(lambda: program.pump(0.3) or True)
    program.answers = False

    def report() -> str:
        """A report that a frame waits for, found by making it paint."""
        seen = len(program.queries)
        program.until(lambda: len(program.queries) > seen, "a query")
        row, column = program.queries[-1]
        return f"\x1b[{row};{column}R"

    program.send("a")
    answer = report()
    program.send(f"b{answer}c")
    answer = report()
    for piece in ("d" + answer[:1], answer[1:3], answer[3:] + "e"):
        send_apart(program, piece)
    answer = report()
    program.send("\x1b[200~pas")
    program.send(f"t{answer}ed\x1b[201~")
    answer = report()
    program.send(f"\x1b{answer}")
    program.wait("escape")
    program.send(f"{report()}{answer}{answer}f")
    program.wait("escape f")
    assert "keys a b c d e <pasted> escape f" in program.text
    quit_and_check(program)


def test_late_answer_is_not_left_for_the_shell(run_program: RunProgram) -> None:
    program = run_program(APP, "-")
    program.wait("hello")
    program.answer_delay_s = 0.3
    for key in "abcd":
        program.send(key)
        program.wait(f"{key} *\n")
        program.until(lambda: not program.due)
    seen = len(program.queries)
    program.send("x")
    program.until(lambda: len(program.queries) > seen, "a query")
    program.send("q")
    program.until(lambda: program.process.poll() is not None, "the end")
    assert not program.due
    assert not unread(program)


def unread(program: Terminal) -> int:
    """Bytes that the shell would find typed."""
    raw = termios.tcgetattr(program.slave)
    raw[3] &= ~termios.ICANON
    termios.tcsetattr(program.slave, termios.TCSANOW, raw)
    return typed(program)


COLOURS_TOLD = "\x1bP1$r0;48:2::1:2:3m\x1b\\\x1bP1+r524742=38\x1b\\\x1b]4;255;rgb:ee/ee/ee\x07"


@pytest.mark.parametrize("rows", [16, 24])
def test_colours_told_to_who_leaves_at_once_are_not_left_for_the_shell(
    run_program: RunProgram, rows: int
) -> None:
    program = run_program(APP, "-", rows=rows)
    program.colours_told, program.answer_delay_s = COLOURS_TOLD, 0.2
    program.until(lambda: program.queries, "a question")
    program.send("q")
    program.until(lambda: program.process.poll() is not None, "the end")
    assert QUESTIONS.encode() in program.received
    assert not program.due and not unread(program)


WAITS = """
import atexit, threading
waits, wait = [], threading.Event.wait
def noted(self, timeout=None):
    if timeout is not None and threading.current_thread() is threading.main_thread():
        waits.append(timeout)
    return wait(self, timeout)
threading.Event.wait = noted
atexit.register(lambda: print("waited", waits))
"""


def test_who_leaves_a_terminal_that_answers_nothing_waits_for_it_once_and_briefly(
    run_program: RunProgram,
) -> None:
    program = run_program(WAITS + APP, "-")
    program.answers = False
    program.wait("hello")
    quit_and_check(program)
    (waited,) = re.findall(rb"waited (\[.*?\])", program.received)
    assert waited == f"[{ANSWERS_S}]".encode()


def test_escape_is_a_key_however_soon_another_follows(run_program: RunProgram) -> None:
    program = run_program(APP, "-")
    program.wait("hello")
    program.send("\x1bf")
    program.wait("keys escape f")
    send_apart(program, "\x1b")
    program.send("g\x1b\x1b[A")
    program.wait("keys escape f escape g escape up")
    program.send("\x1b")
    program.wait("up escape")
    quit_and_check(program)


def test_modified_f3_is_a_key(run_program: RunProgram) -> None:
    program = run_program(APP, "-")
    program.wait("hello")
    program.send("\x1b[1;5R")
    program.wait(r"keys ctrl\+f3")
    program.send("\x1b[1;2R")
    program.wait(r"keys ctrl\+f3 shift\+f3")
    quit_and_check(program)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_signals_leave_the_terminal_as_it_was(
    run_program: RunProgram, number: signal.Signals
) -> None:
    program = run_program(APP, "-")
    program.wait("hello")
    program.process.send_signal(number)
    quit_and_check(program, "")


def test_exception_leaves_the_terminal_as_it_was(run_program: RunProgram) -> None:
    program = run_program(APP, "raise")
    program.until(lambda: program.process.poll() is not None, "the end")
    program.settle()
    assert b"ZeroDivisionError" in program.received
    assert b"\x1b[?1049l" in program.received
    assert termios.tcgetattr(program.slave) == program.attributes


def test_suspends_and_paints_again(run_program: RunProgram) -> None:
    program = run_program(APP, "-")
    program.wait("hello")
    program.process.send_signal(signal.SIGTSTP)
    stat = Path(f"/proc/{program.process.pid}/stat")
    program.until(lambda: stat.read_text().split()[2] == "T", "stopping")
    program.until(lambda: b"\x1b[?1049l" in program.received, "leaving the screen")
    left = program.received.index(b"\x1b[?1049l")
    assert program.received.rindex(b"\x1b[r", 0, left) > program.received.rindex(b"hello", 0, left)
    assert termios.tcgetattr(program.slave) == program.attributes
    program.screen.reset()
    program.feed(b"\x1b[3;6r")
    os.kill(program.process.pid, signal.SIGCONT)
    program.wait("hello")
    program.send("x")
    program.wait("keys x")
    assert program.screen.margins is None, "margins that somebody left would move rows"
    quit_and_check(program)


def test_a_stop_by_force_is_followed_by_a_whole_new_picture(run_program: RunProgram) -> None:
    """kill -STOP can't be noticed, so whoever had the terminal meanwhile may have changed it."""
    program = run_program(APP, "-")
    program.wait("hello")
    program.settle()
    os.kill(program.process.pid, signal.SIGSTOP)
    stat = Path(f"/proc/{program.process.pid}/stat")
    program.until(lambda: stat.read_text().split()[2] == "T", "stopping")
    program.screen.reset()
    program.feed(b"somebody else's text")
    os.kill(program.process.pid, signal.SIGCONT)
    program.wait("hello")
    program.settle()
    assert "somebody" not in program.text
    quit_and_check(program)


def test_ctrl_l_paints_everything_again(run_program: RunProgram) -> None:
    program = run_program(APP, "-")
    program.wait("hello")
    program.settle()
    before = program.text
    program.feed(b"\x1b[Hwall: the system goes down\x1b[5;5H\x1b[41mnow\x1b[2;9r")
    program.send("\x0c")
    program.until(lambda: program.text == before)
    assert program.screen.margins is None
    program.settle()
    assert program.text == before
    quit_and_check(program)


def test_resize_paints_again(run_program: RunProgram) -> None:
    program = run_program(APP, "-")
    program.wait("size 60x16")
    program.screen.resize(20, 50)
    fcntl.ioctl(program.slave, termios.TIOCSWINSZ, struct.pack("HHHH", 20, 50, 0, 0))
    program.wait("size 50x20")
    program.wait("hello")
    quit_and_check(program)


async def test_whoever_has_to_save_is_told_before_the_screen_is_closed(
    monkeypatch: MonkeyPatch,
) -> None:
    """And once: the shell sends SIGHUP as well as the terminal, which ends the input too."""
    told = []

    class Recorder(App[None]):
        def exit(self, *_: object, return_code: int = 0, **__: object) -> None:
            told.append(("closed", return_code))

    driver = wire_driver("auto")(Recorder())
    driver.on_ending = lambda number: told.append(("ending", number))
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    driver._terminate(signal.SIGTERM)
    driver._terminate(signal.SIGHUP)
    assert told == [("ending", signal.SIGTERM), ("closed", 128 + signal.SIGTERM)]
