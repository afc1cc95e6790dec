"""A terminal for tests: the program on a real pseudo-terminal, its screen kept by pyte."""

from __future__ import annotations

import contextlib
import fcntl
import math
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

import pyte

from tests.forked import Program, forks
from tui_ae.link.terminal.colour_questions import QUESTIONS

LOOK_S = 0.01
"""How often it is looked whether a program that is to be quiet sleeps."""
QUERY = re.compile(rb"\x1b\[6n")
UNKNOWN = re.compile(rb"\x1b\[[<>=?][0-9;$]*[a-zA-Z]|\x1b\[[0-9;]*\$p|\x1bP.*?\x1b\\", re.S)
"""What pyte would print instead of ignoring; none of it moves a cell."""

Found = TypeVar("Found")


class Terminal:
    """Runs `python -m tui_ae ...` on a pseudo-terminal and answers its cursor reports."""

    def __init__(
        self,
        *arguments: str,
        columns: int = 120,
        rows: int = 40,
        env: Mapping[str, str] | None = None,
        command: Sequence[str] | None = None,
        forked: bool = True,
    ) -> None:
        """Start it; `forked`, where that makes no difference to what a test can see.

        Times and memory are those of a program that was started.
        """
        self.screen = pyte.Screen(columns, rows)
        self.stream = pyte.ByteStream(self.screen)
        self.received = bytearray()
        self.answers, self.answer_delay_s = True, 0.0
        self.queries: list[tuple[int, int]] = []
        """(row, column) from 1 of each report that the program asked for."""
        self.due: list[tuple[float, str]] = []
        """(time, text) of the answers that are on their way."""
        self.colours_told = ""
        """What it answers when it is asked for its colours; '' for nothing."""
        self._held = b""
        self._rows: list[str] = []
        self._text = ""
        self.master, self.slave = pty.openpty()
        self._set_size(columns, rows)
        self.attributes = termios.tcgetattr(self.slave)
        environment = {
            **{key: value for key, value in os.environ.items() if key not in REMOVED},
            "TERM": "xterm-256color",
            "LC_ALL": "C.UTF-8",
            **(env or {}),
        }
        slaves = (self.slave, self.slave, self.slave)
        self.process: Program | subprocess.Popen[bytes]
        if forked and command is None and forks.fit(environment):
            self.process = forks.start(arguments, slaves, environment)
            return
        self.process = subprocess.Popen(
            command or [sys.executable, "-m", "tui_ae", *arguments],
            stdin=self.slave,
            stdout=self.slave,
            stderr=self.slave,
            env=environment,
            start_new_session=True,
            # The terminal has to be the program's own, and the tests start it from one thread.
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509
        )

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the program, if it still runs."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        if self.master >= 0:
            os.close(self.master)
        os.close(self.slave)

    def hang_up(self) -> None:
        """Go away, as a window that is closed or a connection that breaks."""
        os.close(self.master)
        self.master = -1

    def pump(self, seconds: float = 0.02) -> None:
        """Take what the program wrote within `seconds` and answer its queries."""
        if self.master < 0:
            time.sleep(seconds)
            return
        end = time.monotonic() + seconds
        while True:
            now = time.monotonic()
            while self.due and self.due[0][0] <= now:
                self.send(self.due.pop(0)[1])
            moment = min(end, self.due[0][0]) if self.due else end
            if select.select([self.master], [], [], max(moment - now, 0))[0]:
                try:
                    data = os.read(self.master, 65536)
                except OSError:
                    return
                self.received += data
                self.feed(data)
            if now >= end:
                return

    def feed(self, data: bytes) -> None:
        """Show what the program wrote, and answer its queries."""
        data = self._held + data
        # A sequence cut in two by the read waits for its end.
        cut = data.rfind(b"\x1b")
        self._held = b""
        if cut >= 0 and len(data) - cut < 24 and not re.search(rb"[a-zA-Z\\]", data[cut + 1 :]):
            data, self._held = data[:cut], data[cut:]
        at = 0
        for query in QUERY.finditer(data):
            before = data[at : query.start()]
            if self.colours_told and QUESTIONS.encode() in before:
                self._answer(self.colours_told)
            self.stream.feed(UNKNOWN.sub(b"", before))
            at = query.end()
            cursor = self.screen.cursor
            place = (cursor.y + 1, min(cursor.x, self.screen.columns - 1) + 1)
            self.queries.append(place)
            if self.answers:
                self._answer("\x1b[{};{}R".format(*place))
        self.stream.feed(UNKNOWN.sub(b"", data[at:]))

    def _answer(self, text: str) -> None:
        self.due.append((time.monotonic() + self.answer_delay_s, text))

    def send(self, keys: str) -> None:
        """Type `keys`."""
        os.write(self.master, keys.encode())

    @property
    def text(self) -> str:
        """The screen, a line a row; only what was written to since then is read again."""
        if self.screen.dirty:
            rows, buffer = self.screen.lines, self.screen.buffer
            columns = range(self.screen.columns)
            self._rows = (self._rows + [""] * rows)[:rows]
            for y in self.screen.dirty & set(range(rows)):
                # The second cell of a wide character is empty.
                self._rows[y] = "".join(buffer[y][x].data for x in columns)
            self.screen.dirty.clear()
            self._text = "\n".join(self._rows)
        return self._text

    def wait(
        self, pattern: str, timeout_s: float = 30.0, idle_s: float = math.inf
    ) -> re.Match[str]:
        """The match of `pattern` on the screen, as soon as there is one; see `until`."""
        return self.until(lambda: re.search(pattern, self.text), pattern, timeout_s, idle_s)

    def until(
        self,
        predicate: Callable[[], Found | None],
        what: str = "it",
        timeout_s: float = 30.0,
        idle_s: float = math.inf,
    ) -> Found:
        """What `predicate` returns, as soon as that is true.

        Within `timeout_s` seconds, of which the program sleeps no more than `idle_s`: a busy
        machine makes it slow, but not idle.
        """
        end, slept_s = time.monotonic() + timeout_s, 0.0
        while not (found := predicate()):
            ended = self.process.poll() is not None
            pause_s = 0.05 if ended else 0.02
            if math.isinf(idle_s):
                self.pump(pause_s)
            else:
                slept_s += self._slept(partial(self.pump, pause_s))
            found = predicate()
            in_time = time.monotonic() <= end and slept_s <= idle_s
            assert found or (in_time and not ended), (
                f"{what!r} never came, or too late ({slept_s:.1f} s of sleep):\n{self.text}\n"
                f"{bytes(self.received[-900:])!r}"
            )
        return found

    def sleeps_until(self, predicate: Callable[[], object], timeout_s: float = 60.0) -> float:
        """Seconds that the program sleeps until `predicate` holds, while nothing of it is read."""
        end, slept_s = time.monotonic() + timeout_s, 0.0
        while not predicate():
            assert time.monotonic() < end, "it never came"
            slept_s += self._slept(partial(time.sleep, LOOK_S))
        return slept_s

    def _slept(self, wait: Callable[[], None]) -> float:
        """Seconds of a wait in which the program had nothing to do."""
        begun = time.monotonic()
        wait()
        # This one may itself have been held up.
        return min(time.monotonic() - begun, 2 * LOOK_S) if self._sleeps() else 0.0

    def settle(self, quiet_s: float = 0.2, timeout_s: float = 60.0) -> None:
        """Wait until the program has written nothing while it slept for `quiet_s` seconds.

        Time in which it would run, on a machine that does other things, doesn't count.
        """
        end, before, slept_s = time.monotonic() + timeout_s, -1, 0.0
        while slept_s < quiet_s:
            assert time.monotonic() < end, f"never quiet:\n{self.text}"
            if len(self.received) != before or self.due:
                before, slept_s = len(self.received), 0.0
            slept_s += self._slept(partial(self.pump, LOOK_S))

    def _sleeps(self) -> bool:
        """Whether no thread of the program has anything to do; so it is where that is not told."""
        for stat in Path(f"/proc/{self.process.pid}/task").glob("*/stat"):
            # A thread may have ended in between.
            with contextlib.suppress(OSError):
                if stat.read_text().rpartition(")")[2].split()[0] in "RD":
                    return False
        return True

    def resize(self, columns: int, rows: int) -> None:
        """Give the terminal another size."""
        self.screen.resize(rows, columns)
        self._set_size(columns, rows)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGWINCH)

    def _set_size(self, columns: int, rows: int) -> None:
        size = struct.pack("HHHH", rows, columns, 0, 0)
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, size)

    def wait_exit(self, timeout_s: float = 30.0) -> int:
        """The exit code."""
        self.until(lambda: self.process.poll() is not None, "the end", timeout_s)
        # The kernel brings its last words a moment later.
        self.settle(2 * LOOK_S)
        assert self.process.returncode is not None
        return self.process.returncode


REMOVED = (
    "NO_COLOR",
    "COLORTERM",
    "TMUX",
    "STY",
    "TERM_PROGRAM",
    "FORCE_COLOR",
    "COLUMNS",
    "LINES",
)
