"""A terminal for tests: the program on a real pseudo-terminal, its screen kept by pyte."""

from __future__ import annotations

import contextlib
import fcntl
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

import pyte

QUERY = re.compile(rb"\x1b\[6n")
UNKNOWN = re.compile(rb"\x1b\[[<>=?][0-9;$]*[a-zA-Z]|\x1b\[[0-9;]*\$p|\x1bP.*?\x1b\\", re.S)
"""What pyte would print instead of ignoring; none of it moves a cell."""


class Terminal:
    """Runs `python -m tui_ae ...` on a pseudo-terminal and answers its cursor reports."""

    def __init__(self, *arguments, columns=120, rows=40, env=None, command=None):
        self.screen = pyte.Screen(columns, rows)
        self.stream = pyte.ByteStream(self.screen)
        self.received = bytearray()
        self._held = b""
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.attributes = termios.tcgetattr(slave)
        self._slave = slave
        environment = {
            **{key: value for key, value in os.environ.items() if key not in REMOVED},
            "TERM": "xterm-256color",
            "LC_ALL": "C.UTF-8",
            **(env or {}),
        }
        self.process = subprocess.Popen(
            command or [sys.executable, "-m", "tui_ae", *arguments],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=environment,
            start_new_session=True,
            # The terminal has to be the program's own, and the tests start it from one thread.
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.master)
        os.close(self._slave)

    def pump(self, seconds=0.02):
        """Take what the program wrote within `seconds` and answer its queries."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if not select.select([self.master], [], [], left)[0]:
                return
            try:
                data = os.read(self.master, 65536)
            except OSError:
                return
            self.received += data
            self.feed(data)

    def feed(self, data):
        """Show what the program wrote, and answer its queries."""
        data = self._held + data
        # A sequence cut in two by the read waits for its end.
        cut = data.rfind(b"\x1b")
        self._held = b""
        if cut >= 0 and len(data) - cut < 24 and not re.search(rb"[a-zA-Z\\]", data[cut + 1 :]):
            data, self._held = data[:cut], data[cut:]
        at = 0
        for query in QUERY.finditer(data):
            self.stream.feed(UNKNOWN.sub(b"", data[at : query.start()]))
            at = query.end()
            cursor = self.screen.cursor
            column = min(cursor.x, self.screen.columns - 1) + 1
            self.send(f"\x1b[{cursor.y + 1};{column}R")
        self.stream.feed(UNKNOWN.sub(b"", data[at:]))

    def send(self, keys):
        """Type `keys`."""
        os.write(self.master, keys.encode())

    @property
    def text(self):
        """The screen, a line a row."""
        return "\n".join(self.screen.display)

    def wait(self, pattern, timeout_s=30.0):
        """The match of `pattern` on the screen, as soon as there is one."""
        end = time.monotonic() + timeout_s
        while time.monotonic() < end:
            found = re.search(pattern, self.text)
            if found:
                return found
            if self.process.poll() is not None:
                self.pump(0.05)
                break
            self.pump()
        found = re.search(pattern, self.text)
        assert found, f"{pattern!r} never appeared on:\n{self.text}"
        return found

    def settle(self, quiet_s=0.4, timeout_s=15.0):
        """Wait until the program has written nothing for `quiet_s` seconds."""
        end = time.monotonic() + timeout_s
        while time.monotonic() < end:
            before = len(self.received)
            self.pump(quiet_s)
            if len(self.received) == before:
                return
        raise AssertionError(f"never quiet:\n{self.text}")

    def resize(self, columns, rows):
        """Give the terminal another size."""
        self.screen.resize(rows, columns)
        size = struct.pack("HHHH", rows, columns, 0, 0)
        fcntl.ioctl(self._slave, termios.TIOCSWINSZ, size)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGWINCH)

    def wait_exit(self, timeout_s=15.0):
        """The exit code."""
        end = time.monotonic() + timeout_s
        while self.process.poll() is None:
            assert time.monotonic() < end, f"still running:\n{self.text}"
            self.pump()
        self.pump(0.1)
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
