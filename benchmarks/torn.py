"""For how much of the time the monitored sample's pane is torn while training, as Markdown.

    python benchmarks/torn.py                       # no limit, 120x40, 40 s
    python benchmarks/torn.py --seconds 20
    python benchmarks/torn.py --silent              # a terminal that never answers

Looked at after every piece that the terminal took, as one sees it who draws at once; not before the
end, for pieces would have to wait until one has looked. The pane is
whole where the input is, grey for grey, the picture of a sample of the class above it, and the
cross-entropy that is worked out from both pictures is the one that stands above the second.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyte

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.link import text, train, wait
from benchmarks.link_emulator import LINKS, EmulatedTerminal, LinkSpec, taken
from tui_ae.arrays import FloatArray
from tui_ae.config import Settings
from tui_ae.data.synthetic import draw_digits

LABEL, LOSS = re.compile(r"input · (?:digit )?(\d)"), re.compile(r"reconstruction .*?BCE (\d\.\d+)")
COMMAND = [sys.executable, "-m", "tui_ae", "--no-save"]
ROWS, COLUMNS = 14, 28
GREY_ERROR = {True: 0.09, False: 0.25}
"""Greys come in steps, and keep theirs until a value is nearly a step away. Where the terminal
never answers there are six of them."""
LOSS_ERROR = {True: 0.03, False: 0.1}
LEAST = 0.003
"""What a black pixel of a reconstruction is taken for: a guess, but right in the mean."""


class Pane:
    """The monitored sample as the terminal shows it."""

    def __init__(self, screen: pyte.Screen, *, answers: bool) -> None:
        self._screen = screen
        self._errors = GREY_ERROR[answers], LOSS_ERROR[answers]
        data = draw_digits(Settings().seed)
        self._images, self._labels = data.images[:], data.labels

    def picture(self, top: int) -> FloatArray:
        """(784,) greys in [0, 1] of the half blocks below a row."""
        pixels = np.zeros((2 * ROWS, COLUMNS), np.float32)
        for row in range(ROWS):
            line = self._screen.buffer[top + 1 + row]
            for column in range(COLUMNS):
                cell = line[column]
                lower = _grey(cell.bg)
                pixels[2 * row, column] = lower if cell.data == " " else _grey(cell.fg)
                pixels[2 * row + 1, column] = lower
        return pixels.reshape(-1)

    def look(self) -> str:
        """What is wrong with the sample, '' for nothing."""
        lines = [line[: COLUMNS + 2] for line in self._screen.display]
        above = next((y for y, line in enumerate(lines) if LABEL.search(line)), None)
        below = next((y for y, line in enumerate(lines) if LOSS.search(line)), None)
        if above is None or below is None:
            return "no words"
        label, loss = LABEL.search(lines[above]), LOSS.search(lines[below])
        assert label is not None
        assert loss is not None
        shown, rebuilt = self.picture(above), self.picture(below)
        of_class = self._images[self._labels == int(label[1])]
        nearest = np.abs(of_class - shown).max(axis=1).min()
        rebuilt = np.clip(rebuilt, LEAST, 1 - LEAST)
        cross = -(shown * np.log(rebuilt) + (1 - shown) * np.log(1 - rebuilt)).mean()
        wrong = "input " if nearest > self._errors[0] else ""
        wrong += "reconstruction" if abs(cross - float(loss[1])) > self._errors[1] else ""
        return wrong


def _grey(colour: str) -> float:
    return int(colour[:2], 16) / 255 if len(colour) == 6 else 0.0


def measure(link: LinkSpec, columns: int, rows: int, seconds: float, *, answers: bool) -> str:
    """One row of the table."""
    terminal = EmulatedTerminal(COMMAND, link, columns, rows, answers=answers)
    try:
        wait(terminal, lambda: "idle" in text(terminal), 60)
        train(terminal)
        terminal.pump(5)
        begin = time.monotonic()
        terminal.pump(seconds)
        end = time.monotonic()
    finally:
        terminal.close()
    screen = pyte.Screen(columns, rows)
    stream, pane = pyte.ByteStream(screen), Pane(screen, answers=answers)
    torn: dict[str, float] = {}
    pieces = [(moment, part) for moment, part in terminal.shown if moment < end]
    for (moment, part), (following, _) in pairwise([*pieces, (end, b"")]):
        stream.feed(taken(part))
        if moment >= begin and following > moment and (wrong := pane.look()):
            torn[wrong] = torn.get(wrong, 0.0) + following - moment
    rates = [size for moment, size in terminal.arrivals if begin <= moment < end]
    what = ", ".join(f"{name.strip()} {s:.2f} s" for name, s in torn.items())
    share = sum(torn.values()) / (end - begin)
    name = link.name if answers else "never answers"
    return (
        f"| {name} | {columns}×{rows} | {share:.1%} | {what or '-'} "
        f"| {sum(rates) / (end - begin) / 1000:.1f} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--seconds", type=float, default=40)
    parser.add_argument("--silent", action="store_true", help="the terminal never answers")
    arguments = parser.parse_args()
    print("| link | size | torn | for how long | kB/s |\n| --- | --- | --- | --- | --- |")
    answers = not arguments.silent
    print(measure(LINKS["none"], 120, 40, arguments.seconds, answers=answers), flush=True)


if __name__ == "__main__":
    main()
