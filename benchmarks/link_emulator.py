"""A slow link on one machine: a program on a pseudo-terminal, and a terminal at the far end.

The program's output is taken at once, up to 2 MiB, as sshd does. It leaves at the link's rate, and
half a round trip later pyte shows it. Keys and pyte's answers travel back for half a round trip.
"""

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
import termios
import time
from collections import deque
from dataclasses import dataclass

import pyte

BUFFER_BYTES = 2 << 20
PIECE_S = 0.004
"""The link delivers in pieces of so long a transmission."""
MAX_PIECE = 4096
QUERY = b"\x1b[6n"
IGNORED = re.compile(rb"\x1b\[[<>=][0-9;]*[a-zA-Z]|\x1b\[\?[0-9;]*\$p")
"""What pyte prints instead of ignoring."""


@dataclass(frozen=True, slots=True)
class LinkSpec:
    """A link to emulate."""

    name: str
    rate: float | None
    """Bytes a second; None for no limit."""
    round_trip_s: float


LINKS = {
    "none": LinkSpec("no limit", None, 0.0),
    "1m": LinkSpec("1 Mbit/s, 50 ms", 125_000, 0.05),
    "56k": LinkSpec("56 kbit/s, 150 ms", 7_000, 0.15),
    "9600": LinkSpec("9,600 baud, 200 ms", 960, 0.2),
}


def taken(data: bytes) -> bytes:
    """What the emulator is given of what a terminal shows: the rest would print."""
    return IGNORED.sub(b"", data)


class EmulatedTerminal:
    """Runs a command behind a link. Call `pump` all the time: everything happens there."""

    def __init__(
        self,
        command: list[str],
        link: LinkSpec,
        columns: int,
        rows: int,
        *,
        answers: bool = True,
    ) -> None:
        self.link = link
        self._answers = answers
        """Whether it answers when it is asked where its cursor is."""
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self.arrivals: list[tuple[float, int]] = []
        """(time, bytes) that the program wrote."""
        self.shown_at = 0.0
        """When the terminal last showed something."""
        self.shown: list[tuple[float, bytes]] = []
        """All that it showed, and when that was due."""
        self._waiting: deque[tuple[float, bytes]] = deque()
        self._waiting_bytes = 0
        self._back: deque[tuple[float, bytes]] = deque()
        self._busy_until = 0.0
        self._held = b""
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env={**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"},
            start_new_session=True,
        )
        os.close(slave)

    def close(self) -> None:
        """End the program."""
        self.process.send_signal(signal.SIGTERM)
        end = time.monotonic() + 5
        while self.process.poll() is None and time.monotonic() < end:
            self.pump(0.02)
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.master)

    def silent_s(self) -> float:
        """Seconds since the program last wrote."""
        return time.monotonic() - self.arrivals[-1][0] if self.arrivals else 0.0

    def send(self, keys: bytes) -> None:
        """Press keys at the far end."""
        self._back.append((time.monotonic() + self.link.round_trip_s / 2, keys))

    def stall(self, seconds: float) -> None:
        """Hold what is on its way to the terminal, and what follows, for so long."""
        self._waiting = deque((moment + seconds, part) for moment, part in self._waiting)
        self._busy_until = max(self._busy_until, time.monotonic()) + seconds

    def pump(self, seconds: float) -> None:
        """Let `seconds` pass."""
        end = time.monotonic() + seconds
        while True:
            now = time.monotonic()
            self._move(now)
            moments = [end]
            if self._waiting:
                moments.append(self._waiting[0][0])
            if self._back:
                moments.append(self._back[0][0])
            room = self._waiting_bytes < BUFFER_BYTES
            wait_s = max(min(moments) - time.monotonic(), 0.0)
            ready = select.select([self.master] if room else [], [], [], wait_s)[0]
            if ready:
                self._read()
            if now >= end:
                return

    def _read(self) -> None:
        try:
            data = os.read(self.master, 65536)
        except OSError:
            time.sleep(0.01)
            return
        now = time.monotonic()
        self.arrivals.append((now, len(data)))
        rate = self.link.rate
        piece = min(max(int(rate * PIECE_S), 1), MAX_PIECE) if rate else len(data)
        self._busy_until = max(self._busy_until, now)
        for begin in range(0, len(data), piece):
            part = data[begin : begin + piece]
            self._busy_until += len(part) / rate if rate else 0.0
            self._waiting.append((self._busy_until + self.link.round_trip_s / 2, part))
        self._waiting_bytes += len(data)

    def _move(self, now: float) -> None:
        while self._waiting and self._waiting[0][0] <= now:
            due, part = self._waiting.popleft()
            self._waiting_bytes -= len(part)
            self.shown.append((due, part))
            self._show(part)
            self.shown_at = time.monotonic()
            if time.monotonic() - now > 0.01:
                break
        while self._back and self._back[0][0] <= now:
            with contextlib.suppress(OSError):
                os.write(self.master, self._back.popleft()[1])

    def _show(self, data: bytes) -> None:
        data = self._held + data
        cut = data.rfind(b"\x1b")
        self._held = b""
        if cut >= 0 and len(data) - cut < 24 and not re.search(rb"[a-zA-Z\\]", data[cut + 1 :]):
            data, self._held = data[:cut], data[cut:]
        for index, part in enumerate(data.split(QUERY)):
            if index and self._answers:
                cursor = self.screen.cursor
                column = min(cursor.x, self.screen.columns - 1) + 1
                self.send(b"\x1b[%d;%dR" % (cursor.y + 1, column))
            self._stream.feed(taken(part))
