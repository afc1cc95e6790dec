"""How soon the screen is right after a link that stood still for a while, as Markdown.

    python benchmarks/stall.py                     # links with a limit, both sizes, a minute each
    python benchmarks/stall.py --links 9600 --stalls 12 --seconds 20

While training, the way to the terminal stands still, as with ctrl+s; keys go on moving the probe,
and shortly before the return one pauses training, so that there is a last state of the screen to
wait for. "Numbers" is the time from the return until the probe's readout is that of the last state,
"screen" until the terminal has shown everything, the cloud of a minute later among it.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.link import PROGRAMS, STEPS, Watcher, train, wait_ready
from benchmarks.link_emulator import LINKS, EmulatedTerminal, LinkSpec

KEY_S = 0.4
PAUSED_S = 1.0
"""So long before the return training is paused."""
QUIET_S = 4.0


def stall(terminal: EmulatedTerminal, watcher: Watcher, seconds: float) -> tuple[float, float]:
    """Seconds from the return until the numbers, and until everything, is right."""
    terminal.stall(seconds)
    returns = time.monotonic() + seconds
    index = 0
    while time.monotonic() < returns - PAUSED_S:
        terminal.send(STEPS[index % 8 :][:1])
        index += 1
        terminal.pump(KEY_S)
    terminal.send(b" ")
    readout, read_at = watcher.readout(), returns
    while time.monotonic() - max(terminal.shown_at, returns) < QUIET_S:
        terminal.pump(0.002)
        if (latest := watcher.readout()) != readout:
            readout, read_at = latest, time.monotonic()
    return read_at - returns, terminal.shown_at - returns


def measure(
    link: LinkSpec, size: tuple[int, int], stalls: int, seconds: float, options: list[str]
) -> list[tuple[float, float]]:
    """The times of some stalls, which begin out of step with what training paints."""
    terminal = EmulatedTerminal([*PROGRAMS["tui_ae"], *options], link, *size)
    watcher, rng = Watcher(terminal), random.Random(0)
    times = []
    try:
        wait_ready(terminal, watcher)
        terminal.pump(6)
        for index in range(stalls):
            train(terminal)
            terminal.pump((25 if index == 0 else 12) + rng.uniform(0, 8))
            times.append(stall(terminal, watcher, seconds))
    finally:
        terminal.close()
    return times


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--links", nargs="+", choices=LINKS, default=["1m", "56k", "9600"])
    parser.add_argument("--sizes", nargs="+", default=["120x40", "80x24"])
    parser.add_argument("--stalls", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=60.0, help="of each stall")
    parser.add_argument("options", nargs="*", help="for the program, after --")
    arguments = parser.parse_args()
    print("| link | size | numbers, median / longest (s) | screen, median / longest (s) |")
    print("| --- | --- | --- | --- |")
    for name in arguments.links:
        for size in arguments.sizes:
            columns, rows = map(int, size.split("x"))
            times = measure(LINKS[name], (columns, rows), arguments.stalls, arguments.seconds,
                            arguments.options)  # fmt: skip
            cells = [
                f"{statistics.median(values):.2f} / {max(values):.2f}"
                for values in zip(*times, strict=True)
            ]
            print(
                f"| {LINKS[name].name} | {columns}×{rows} | {cells[0]} | {cells[1]} |", flush=True
            )


if __name__ == "__main__":
    main()
