"""Whether the screen keeps its memory and its quickness while it trains under random keys.

    python -m benchmarks.soak [--minutes 60] [--size 120x40] [--seed 0] [-- OPTIONS OF THE PROGRAM]

The program trains on a pseudo-terminal and gets a random key every 100 ms: all that looks, trains,
pauses or opens a page; none that resets, writes a file or leaves. Every second its resident memory
is read, and every three seconds the time from an arrow key until the probe's readout has changed.
pyte emulates the screen all the time, for the program sends only differences; it shares the machine
with the program, at about 2 µs of CPU a byte. Needs Linux, where /proc tells the memory.

Prints Markdown; exits with 1 if the program ended, showed an error or left a key unanswered.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import re
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import cycle
from pathlib import Path

from benchmarks.link import Watcher
from tests.terminal import Terminal

KEY_S, MEMORY_S, ARROW_S = 0.1, 1.0, 3.0
WARM_S = 60.0
"""Memory after this long is what the rest is compared with; a quarter of a shorter run."""
GIVE_UP_S = 5.0
RIGHT, LEFT = "\x1b[C", "\x1b[D"
ESCAPE = "\x1b"
SEQUENCES: tuple[tuple[str, ...], ...] = (
    *((key,) for key in ("\x1b[A", "\x1b[B", RIGHT, LEFT, *"hjklHJKL+-fnvti0123456789\t")),
    (" ", " "),
    ("s", "", " "),
    *((page, "", ESCAPE) for page in "cag?"),
)
ERROR = re.compile(r"Traceback|Training stopped|stopped being a number|\bfailed\b")
BETWEEN = "between"
"""Stands for a moment at which no page is open."""


def random_keys(generator: random.Random) -> Iterator[str]:
    """Keys without end; '' is a pause of one key, and BETWEEN takes no time."""
    while True:
        yield BETWEEN
        yield from generator.choice(SEQUENCES)


def resident_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert found, "a process without memory has ended"
    return int(found[1]) * 1024 / 1e6


def _is_another(before: str, readout: str) -> bool:
    return readout not in ("", before)


class Soak:
    """One run: its keys, and what was measured."""

    def __init__(self, terminal: Terminal, seed: int) -> None:
        self.terminal = terminal
        self.watcher = Watcher(terminal)
        self.memory_mb: list[tuple[float, float]] = []
        """(seconds since the start, MB)."""
        self.latencies_s: list[float] = []
        self.keys = 0
        self.bytes = 0
        self.troubles: list[str] = []
        self._keys = random_keys(random.Random(seed))
        self._directions = cycle((RIGHT, LEFT))

    def run(self, seconds: float) -> None:
        """Press keys and measure; ends early with the program."""
        begin = time.monotonic()
        next_key = next_memory = next_arrow = begin
        while (now := time.monotonic()) < begin + seconds:
            if self.terminal.process.poll() is not None:
                self._trouble(f"it ended after {now - begin:.0f} s")
                return
            if now >= next_memory:
                next_memory += MEMORY_S
                self.memory_mb.append((now - begin, resident_mb(self.terminal.process.pid)))
                self._empty()
            if now >= next_key:
                next_key = now + KEY_S
                key = next(self._keys)
                if key == BETWEEN:
                    if now >= next_arrow:
                        next_arrow = now + ARROW_S
                        self._measure(now - begin)
                    key = next(self._keys)
                self._press(key)
            self.terminal.pump(0.01)

    def _press(self, key: str) -> None:
        if key:
            self.terminal.send(key)
            self.keys += 1

    def _empty(self) -> None:
        """Forget what the program wrote: only its number is wanted."""
        self.bytes += len(self.terminal.received)
        self.terminal.received.clear()

    def _measure(self, at_s: float) -> None:
        """Look at the screen, and take the time of an arrow key in a view that shows its steps."""
        if error := ERROR.search(self.terminal.text):
            self._trouble(f"after {at_s:.0f} s the screen said: {error[0]}")
        # A page may still be closing, and then f is for nobody.
        if not self._pump_until(lambda readout: readout != ""):
            self._trouble(f"after {at_s:.0f} s no key had led back to the explorer")
            return
        self._press("f")
        self.terminal.pump(2 * KEY_S)
        if "paused" in self.terminal.text:
            self._press(" ")
        # At the edge of the view the probe can't go on: then the other direction counts.
        for _ in range(2):
            before = self.watcher.readout()
            began = time.monotonic()
            self._press(next(self._directions))
            if self._pump_until(partial(_is_another, before)):
                self.latencies_s.append(time.monotonic() - began)
                return
        self._trouble(f"after {at_s:.0f} s an arrow key had no answer")

    def _trouble(self, sentence: str) -> None:
        if not self.troubles:
            print(f"The screen at the first trouble, {sentence}:\n{self.terminal.text}\n")
        self.troubles.append(sentence)

    def _pump_until(self, holds: Callable[[str], bool]) -> bool:
        """Wait until something holds of the probe's readout; False if it takes too long."""
        end = time.monotonic() + GIVE_UP_S / 2
        while time.monotonic() < end:
            self.terminal.pump(0.002)
            if holds(self.watcher.readout()):
                return True
        return False


def report(soak: Soak, seconds: float, code: int) -> None:
    warm_s = min(WARM_S, seconds / 4)
    later_mb = [mb for at, mb in soak.memory_mb if at >= warm_s] or [soak.memory_mb[-1][1]]
    tenths = [f"{later_mb[index * (len(later_mb) - 1) // 10]:.0f}" for index in range(11)]
    quarter = max(1, len(soak.latencies_s) // 4)
    first, last = soak.latencies_s[:quarter], soak.latencies_s[-quarter:]
    rows = {
        "keys pressed": f"{soak.keys:,}",
        "written by the program": f"{soak.bytes / seconds / 1000:.1f} kB/s",
        f"memory after {warm_s:.0f} s": f"{later_mb[0]:.1f} MB",
        "largest growth after that": f"{max(later_mb) - later_mb[0]:+.1f} MB",
        "memory from then on, in tenths": f"{', '.join(tenths)} MB",
        "key to readout, p50, first quarter": milliseconds(first),
        "key to readout, p50, last quarter": milliseconds(last),
        "key to readout, longest": f"{max(soak.latencies_s, default=float('nan')) * 1000:.0f} ms",
        "exit code": str(code),
        "troubles": "; ".join(soak.troubles) or "none",
    }
    print("| what | value |\n| --- | --- |")
    for name, value in rows.items():
        print(f"| {name} | {value} |")


def milliseconds(latencies_s: list[float]) -> str:
    if not latencies_s:
        return "none"
    return f"{statistics.median(latencies_s) * 1000:.0f} ms of {len(latencies_s)}"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=5.0, help="60 for the full soak")
    parser.add_argument("--size", default="120x40")
    parser.add_argument("--seed", type=int, default=0, help="of the keys")
    parser.add_argument("options", nargs="*", help="for the program, after --")
    arguments = parser.parse_args()
    if sys.platform != "linux":
        raise SystemExit("the soak needs Linux, where /proc tells the memory of a process")
    columns, rows = map(int, arguments.size.split("x"))
    with Terminal(*arguments.options, columns=columns, rows=rows, forked=False) as terminal:
        terminal.wait("idle")
        terminal.send(" ")
        terminal.wait(r"epoch +[1-9]")
        soak = Soak(terminal, arguments.seed)
        began = time.monotonic()
        soak.run(60 * arguments.minutes)
        seconds = time.monotonic() - began
        epoch = re.search(r"epoch +([\d,]+)", terminal.text)
        reached = epoch[1] if epoch else "?"
        if terminal.process.poll() is None:
            # A page may be open, whose own q goes back.
            terminal.send(ESCAPE)
            terminal.pump(KEY_S)
            terminal.send("q")
        code = terminal.wait_exit()
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}; "
        f"{seconds / 60:.1f} minutes at {arguments.size}, until epoch {reached}\n"
    )
    report(soak, seconds, code)
    return int(bool(soak.troubles) or code != 0)


if __name__ == "__main__":
    raise SystemExit(main())
