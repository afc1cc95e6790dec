"""The program with its screen and the headless trainer, as two that train by turns.

Turns of a few seconds let both have their share of a machine's slow minutes. What the program
writes is answered at once and emulated after its turn, for a terminal emulator in Python would take
a core of its own; reading and answering are still this process's work, on the same cores.
"""

from __future__ import annotations

import os
import re
import select
import signal
import subprocess
import sys
import tempfile
import time
from typing import TypeVar

from tests.terminal import Terminal

RECIPE = ("--recipe", "original", "--device", "cpu")
QUERY = "\x1b[6n"
TOKEN = re.compile(r"\x1b\[([\d;]*)([A-Za-z])|\x1b\[[?>=<][\d;$]*[a-z]|([^\x1b])")
"""A cursor move, erasure or style; a mode; or a character of one cell, which is all it writes."""
DONE = re.compile(r"(\d+) of (\d+) mini-batches")
"""How far a pause left the epoch; nothing where it had just ended."""


def drain(terminal: Terminal, seconds: float) -> bytes:
    """Answer the program's queries for a while, and return unseen what it wrote."""
    kept, end = bytearray(), time.perf_counter() + seconds
    cursor, unread = (1, 1), b""
    while time.perf_counter() < end:
        if select.select([terminal.master], [], [], 0.1)[0]:
            data = os.read(terminal.master, 1 << 16)
            kept += data
            *frames, unread = (unread + data).split(QUERY.encode())
            for frame in frames:
                # The first one may begin in the middle of a character.
                cursor = moved(cursor, frame.decode(errors="replace"))
                terminal.send(f"\x1b[{cursor[0]};{cursor[1]}R")
    return bytes(kept)


def moved(cursor: tuple[int, int], text: str) -> tuple[int, int]:
    """Where what the program writes leaves the cursor: (row, column), both from 1."""
    row, column = cursor
    # Whatever stands before the last absolute move has no say in where the cursor ends up.
    last = max((match.start() for match in re.finditer(r"\x1b\[[\d;]*H", text)), default=0)
    for numbers, final, character in TOKEN.findall(text[last:]):
        count = int(numbers.split(";")[0] or 1) if final in "ABCGH" and final else 1
        if final == "H":
            row, column = count, int([*numbers.split(";"), "1"][1] or 1)
        elif final == "G":
            column = count
        elif final in ("A", "B"):
            row += count if final == "B" else -count
        elif final == "C":
            column += count
        elif character == "\n":
            row += 1
        elif character in ("\r", "\b"):
            column = 1 if character == "\r" else column - 1
        elif character:
            column += 1
    return row, column


Entered = TypeVar("Entered", bound="WithScreen")


class WithScreen:
    """The program on a terminal, paused between its turns."""

    def __init__(
        self, columns: int = 120, rows: int = 40, options: tuple[str, ...] = RECIPE
    ) -> None:
        self.reading_s = 0.0
        """CPU time that this process spent on reading and answering, of `seconds`."""
        self.seconds = 0.0
        self._terminal = Terminal(*options, columns=columns, rows=rows, forked=False)

    def __enter__(self: Entered) -> Entered:
        self._terminal.__enter__()
        self._terminal.wait("idle")
        # The baselines, computed once at the start, are no part of training.
        self._terminal.wait("floor")
        return self

    def __exit__(self, *error: object) -> None:
        self._terminal.__exit__(*error)

    def train(self, seconds: float) -> float:
        """Epochs a second in a turn, counted to the mini-batch."""
        first = self._epochs()
        began = time.perf_counter()
        self._terminal.send(" ")
        cpu_s = time.process_time()
        written = drain(self._terminal, seconds)
        self.reading_s += time.process_time() - cpu_s
        self._terminal.send(" ")
        # A key takes as long to end a turn as to begin it.
        elapsed = time.perf_counter() - began
        self.seconds += elapsed
        # What is in there has been answered.
        self._terminal.answers = False
        self._terminal.feed(written)
        self._terminal.answers = True
        self._terminal.wait("paused")
        self._terminal.settle()
        return (self._epochs() - first) / elapsed

    def _epochs(self) -> float:
        text = self._terminal.text
        done = DONE.search(text)
        # What is looked at may be another moment than the newest.
        found = re.search(r"epoch (?:[\d,]+ of )?([\d,]+)", text)
        assert found is not None
        epochs = int(found[1].replace(",", ""))
        return epochs + (int(done[1]) / int(done[2]) if done else 0.0)


class Headless:
    """The headless trainer, stopped between its turns."""

    def __init__(self, options: tuple[str, ...] = RECIPE) -> None:
        self._options = options

    def __enter__(self) -> Headless:
        self._lines = tempfile.TemporaryFile()
        command = [sys.executable, "-m", "tui_ae", "--headless", "--epochs", "1000000"]
        self._process = subprocess.Popen([*command, *self._options], stdout=self._lines)
        while self._epochs() < 5:
            time.sleep(0.1)
        self._process.send_signal(signal.SIGSTOP)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._lines.close()

    def train(self, seconds: float) -> float:
        """Epochs a second in a turn, counted in whole epochs."""
        first, began = self._epochs(), time.perf_counter()
        self._process.send_signal(signal.SIGCONT)
        time.sleep(seconds)
        self._process.send_signal(signal.SIGSTOP)
        return (self._epochs() - first) / (time.perf_counter() - began)

    def _epochs(self) -> int:
        size = os.fstat(self._lines.fileno()).st_size
        return os.pread(self._lines.fileno(), size, 0).count(b"\n")
