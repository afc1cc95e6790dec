"""Key latency and bytes a second on emulated links, as Markdown.

    python benchmarks/link.py                      # this program, all links, both sizes
    python benchmarks/link.py --program baseline   # a textbook Textual program with the same panes
    python benchmarks/link.py --links 56k 9600 --sizes 80x24 --keys 20

The latency is from the press at the far end until pyte shows (a) other numbers in the row
`probe (z₁ = …, z₂ = …)` and (b) also a changed picture below it. Bytes are those that the program
wrote in each second of training without a key. pyte takes about 2 µs of CPU a byte: on a machine
of two cores, the baseline without a link limit is slowed by its terminal as well as by itself.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.link_emulator import LINKS, EmulatedTerminal, LinkSpec
from tests.terminal import Terminal

READOUT = re.compile(r"probe \(z₁ = \S+, z₂ = [^)]*\)")
HERE = Path(__file__).parent
PROGRAMS = {
    "tui_ae": [sys.executable, "-m", "tui_ae"],
    "baseline": [sys.executable, str(HERE / "textual_baseline.py")],
}
TITLE = "decoded"
PICTURE_COLUMNS, PICTURE_ROWS = 28, 14
GIVE_UP_S = 20.0
STEPS = b"llllhhhh"
"""Keys that move the probe there and back."""


class Watcher:
    """Looks for the readout and its picture on the screen."""

    def __init__(self, terminal: EmulatedTerminal | Terminal) -> None:
        self.terminal = terminal
        self._row = 0

    def readout(self) -> str:
        """The row's numbers, '' while it isn't there."""
        screen = self.terminal.screen
        for row in (self._row, *range(screen.lines)):
            line = "".join(screen.buffer[row][x].data or " " for x in range(screen.columns))
            if match := READOUT.search(line):
                self._row, self._column = row, match.start()
                return match[0]
        return ""

    def picture(self) -> list[object]:
        """The cells of the decoded picture: under its title, or under the readout."""
        screen = self.terminal.screen
        x, y = self._column, self._row
        for row, line in enumerate(screen.display):
            if TITLE in line:
                x, y = line.index(TITLE), row
        x = max(min(x, screen.columns - PICTURE_COLUMNS), 0)
        return [
            (
                screen.buffer[row][column].data,
                screen.buffer[row][column].fg,
                screen.buffer[row][column].bg,
            )
            for row in range(y + 1, min(y + 1 + PICTURE_ROWS, screen.lines))
            for column in range(x, min(x + PICTURE_COLUMNS, screen.columns))
        ]


def wait(terminal: EmulatedTerminal, predicate: Callable[[], object], timeout_s: float) -> bool:
    """Pump until something is so."""
    end = time.monotonic() + timeout_s
    while not predicate():
        if time.monotonic() > end:
            return False
        terminal.pump(0.002)
    return True


def press(terminal: EmulatedTerminal, watcher: Watcher, key: bytes) -> tuple[float, float]:
    """Seconds until the numbers, and until the picture too, have changed; infinite if never."""
    numbers, picture = watcher.readout(), watcher.picture()
    begin = time.monotonic()
    terminal.send(key)
    if not wait(terminal, lambda: watcher.readout() not in ("", numbers), GIVE_UP_S):
        return float("inf"), float("inf")
    until_numbers = time.monotonic() - begin
    if not wait(terminal, lambda: watcher.picture() != picture, GIVE_UP_S):
        return until_numbers, float("inf")
    return until_numbers, time.monotonic() - begin


def text(terminal: EmulatedTerminal) -> str:
    return "\n".join(terminal.screen.display)


def wait_ready(terminal: EmulatedTerminal, watcher: Watcher) -> None:
    """Wait until the program could train."""
    if not wait(terminal, lambda: "idle" in text(terminal) and watcher.readout(), 60):
        raise SystemExit(f"never ready:\n{text(terminal)}")


def train(terminal: EmulatedTerminal) -> None:
    """Start training, or go on with it."""
    terminal.send(b" ")
    wait(terminal, lambda: re.search(r"epoch +[1-9]", text(terminal)), 60)


def bytes_a_second(terminal: EmulatedTerminal, seconds: int) -> list[int]:
    """What the program wrote in each of the coming seconds."""
    begin = time.monotonic()
    terminal.pump(seconds)
    counts = [0] * seconds
    for moment, size in terminal.arrivals:
        if 0 <= moment - begin < seconds:
            counts[int(moment - begin)] += size
    return counts


def measure(
    program: list[str], link: LinkSpec, size: tuple[int, int], keys: int, seconds: int, *, far: bool
) -> dict[str, object]:
    """One row of the table."""
    terminal = EmulatedTerminal(program, link, *size)
    watcher = Watcher(terminal)
    row: dict[str, object] = {}
    try:
        begin = time.monotonic()
        wait_ready(terminal, watcher)
        row["ready_s"] = time.monotonic() - begin
        terminal.pump(6 if (link.rate or 1e9) < 5000 else 1)
        train(terminal)
        row["bytes"] = bytes_a_second(terminal, seconds)
        numbers, pictures = [], []
        steps = STEPS.upper() if far else STEPS
        for index in range(keys):
            until_numbers, until_picture = press(terminal, watcher, steps[index % 8 :][:1])
            numbers.append(until_numbers)
            pictures.append(until_picture)
            # Out of step with the epochs.
            terminal.pump(0.15 + 0.1 * (index % 5) / 5 + link.round_trip_s)
            if numbers.count(float("inf")) >= 3:
                break
        row["numbers"], row["pictures"] = numbers, pictures
        terminal.send(b" ")
        wait(terminal, lambda: "paused" in text(terminal), 30)
        wait(terminal, lambda: terminal.silent_s() > 3, 60)
        row["idle"] = sum(bytes_a_second(terminal, 10))
    finally:
        terminal.close()
    return row


def percentile(values: list[float], share: float) -> str:
    value = sorted(values)[min(int(share * len(values)), len(values) - 1)]
    return f"{value * 1000:,.0f}" if value < GIVE_UP_S else f"> {GIVE_UP_S:.0f} s"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--program", choices=PROGRAMS, default="tui_ae")
    parser.add_argument("--links", nargs="+", choices=LINKS, default=list(LINKS))
    parser.add_argument("--sizes", nargs="+", default=["120x40", "80x24"])
    parser.add_argument("--keys", type=int, default=50)
    parser.add_argument("--seconds", type=int, default=10, help="of training without a key")
    parser.add_argument("--far", action="store_true", help="move by eight cells instead of one")
    parser.add_argument("options", nargs="*", help="for the program, after --")
    arguments = parser.parse_args()
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"{arguments.keys} keys a row, program `{arguments.program}`\n"
    )
    print(
        "| link | size | numbers p50 / p99 (ms) | with picture p50 / p99 (ms) "
        "| kB/s median (min to max) | idle bytes in 10 s | ready after |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for name in arguments.links:
        for size in arguments.sizes:
            columns, rows = map(int, size.split("x"))
            row = measure([*PROGRAMS[arguments.program], *arguments.options], LINKS[name],
                          (columns, rows), arguments.keys, arguments.seconds,
                          far=arguments.far)  # fmt: skip
            numbers, pictures, counts = row["numbers"], row["pictures"], row["bytes"]
            assert isinstance(numbers, list)
            assert isinstance(pictures, list)
            assert isinstance(counts, list)
            print(
                f"| {LINKS[name].name} | {columns}×{rows} "
                f"| {percentile(numbers, 0.5)} / {percentile(numbers, 0.99)} "
                f"| {percentile(pictures, 0.5)} / {percentile(pictures, 0.99)} "
                f"| {statistics.median(counts) / 1000:.1f} ({min(counts) / 1000:.1f} to "
                f"{max(counts) / 1000:.1f}) | {row['idle']} | {row['ready_s']:.1f} s |",
                flush=True,
            )


if __name__ == "__main__":
    main()
