"""How long a person waits for what the map offers, and what it takes from training.

    python -m benchmarks.features [--rounds 15] [--turns 6]

The first table has the time from a change to the cells of the pane that shows it, in milliseconds,
after two rounds that are not counted: for a key, and for another moment of the network. A budget is
met when the median is at most that. With --turns the program then trains by turns with its usual
screen, with a feature that was shown and left again, and with one that is shown; the ratios are
those of the medians, so that a busy machine slows both.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from random import Random

import numpy as np

from benchmarks.live import WithScreen
from tests.run import moments
from tests.ui.scenes import scene
from tui_ae.config import Settings
from tui_ae.data.dataset import Dataset, HeldOut
from tui_ae.data.images import Images
from tui_ae.data.synthetic import draw_digits
from tui_ae.data.values import Scaling
from tui_ae.run.info import begin
from tui_ae.run.timeline import as_snapshot
from tui_ae.ui.choice import Inspector, Layer
from tui_ae.ui.explorer import Explorer
from tui_ae.ui.panes.base import Pane
from tui_ae.ui.panes.neighbours import Neighbours
from tui_ae.ui.panes.scatter import Scatter
from tui_ae.ui.panes.strip import Strip

RUN = begin(Settings())
KEY_MS = {3_200: 100.0, 70_000: 300.0}
TILES_MS = 30.0
CLASSES = 10
MAP, COLUMN, STRIP = (142, 50), (28, 24), (200, 12)
"""Cells of the panes on a terminal of 200 x 60."""
FEATURES = {
    "neighbours": ("e", "ee"),
    "tiles": ("vvv", "v"),
    "A to B": ("mHHHKm", "\x1b"),
    "an earlier moment": ("\x1b[H", "\x1b[F"),
}
"""Keys that show one, and those that leave it."""
TURN_S = 3.0


def digits(count: int, *, stored: bool) -> Dataset:
    """Noisy digits, in memory, or as bytes that are scaled when they are read, as MNIST's are."""
    few, rng = draw_digits(0), np.random.default_rng(0)
    chosen = rng.integers(0, len(few.images), count)
    pixels = few.images[chosen] + rng.normal(0, 0.02, (count, 784)).astype(np.float32)
    images = Images(pixels.clip(0, 1))
    if stored:
        grey = (images[:] * 255).astype(np.uint8).reshape(-1, 28, 28)
        images = Images.as_stored((grey,), Scaling(0.0, 255.0, None))
    apart = slice(0, count // 7)
    held_out = HeldOut(images.take(apart), few.labels[chosen][apart], np.arange(count // 7))
    names = few.class_names
    return Dataset(few.name, images, few.labels[chosen], names, True, held_out=held_out)


def explorer_on(data: Dataset) -> Explorer:
    at = moments.moment(7, RUN)
    # As far apart as codes of a trained network.
    codes = 20 * at.encoder(data.images[: len(data.images)])
    made = moments.snapshot(data, at, RUN, codes=codes, active_classes=frozenset(range(CLASSES)))
    shown = Explorer(Random(0))
    shown.accept(made, data, 0.0)
    return shown


def cases(data: Dataset) -> Iterator[tuple[str, Callable[[], object], float]]:
    """(what, what is timed, its budget in milliseconds) of all features."""
    budget = KEY_MS[len(data.images)]
    shown = explorer_on(data)
    first, now = shown.live, scene(shown)
    assert first is not None

    def painted(pane: Pane, size: tuple[int, int]) -> None:
        pane.refresh = lambda *regions, **options: pane  # type: ignore[method-assign, assignment]
        pane.paint(now, *size)

    def key(pane: Pane, size: tuple[int, int]) -> None:
        shown.set_probe(shown.probe + 0.01)
        painted(pane, size)

    def moment(pane: Pane, size: tuple[int, int]) -> None:
        shown.accept(replace(first, codes=first.codes.copy()), data, 0.0)
        painted(pane, size)

    def look(**changes: object) -> None:
        shown.choice = replace(shown.choice, **changes)  # type: ignore[arg-type]

    near = Neighbours()
    for name, inspector in (("probe", Inspector.OF_PROBE), ("sample", Inspector.OF_SAMPLE)):
        look(inspector=inspector)
        yield f"neighbours of the {name}, a key", lambda: key(near, COLUMN), budget
        yield f"neighbours of the {name}, a moment", lambda: moment(near, COLUMN), budget
    look(inspector=Inspector.DECODED)
    chart = Scatter()
    yield "map of dots with names, a key", lambda: key(chart, MAP), budget
    look(held_out=True)
    yield "map with held-out marks, a key", lambda: key(chart, MAP), budget
    look(held_out=False, layer=Layer.TILES)

    def moved() -> None:
        shown.zoom(1 if shown.viewport.right - shown.viewport.left > 5 else -1)
        painted(chart, MAP)

    yield "tiles of 200 x 60 cells, a zoom", moved, TILES_MS
    yield "tiles of 200 x 60 cells, a moment", lambda: moment(chart, MAP), TILES_MS
    box = shown.viewport
    look(layer=Layer.BRAILLE, ends=((box.left, box.bottom), (box.right, box.top)))
    strip = Strip()

    def walked() -> None:
        shown._view = None
        painted(strip, STRIP)

    yield "A to B", walked, budget
    past = moments.moment(3, RUN)
    apart = data.held_out.images if data.held_out else None
    yield (
        "an earlier moment, the first picture",
        lambda: next(as_snapshot(past, first, data.images, apart)),
        budget,
    )
    yield (
        "an earlier moment, all of it",
        lambda: list(as_snapshot(past, first, data.images, apart)),
        float("inf"),
    )


def times_ms(call: Callable[[], object], rounds: int) -> list[float]:
    times = []
    for index in range(rounds + 2):
        began = time.perf_counter()
        call()
        if index >= 2:
            times.append((time.perf_counter() - began) * 1000)
    return times


class Featured(WithScreen):
    """The program, where what is looked at may be another moment than the newest."""

    def press(self, keys: str) -> None:
        self._terminal.send(keys)
        self._terminal.settle()

    def _epochs(self) -> float:
        found = re.search(r"epoch (?:[\d,]+ of )?([\d,]+)", self._terminal.text)
        assert found is not None
        return float(found[1].replace(",", ""))


def training(turns: int) -> None:
    """Print how fast it trains with each feature, against the usual screen."""
    print("| feature | left again | shown | usual screen, epochs a second |")
    print("| --- | --- | --- | --- |")
    for name, (show, leave) in FEATURES.items():
        speeds: dict[str, list[float]] = {"usual": [], "left": [], "shown": []}
        with ExitStack() as stack:
            runs = {state: stack.enter_context(Featured(200, 60)) for state in speeds}
            for state, run in runs.items():
                run.train(1.0)
                if state != "usual":
                    run.press(show)
                if state == "left":
                    run.press(leave)
            for _ in range(turns):
                for state, run in runs.items():
                    speeds[state].append(run.train(TURN_S))
        middle = {state: statistics.median(found) for state, found in speeds.items()}
        ratios = [middle[state] / middle["usual"] for state in ("left", "shown")]
        print(f"| {name} | {ratios[0]:.2f} | {ratios[1]:.2f} | {middle['usual']:.1f} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--turns", type=int, default=0)
    options = parser.parse_args()
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"NumPy {np.__version__}; {options.rounds} rounds each\n"
    )
    print("| what | images | median | lowest | highest | budget |")
    print("| --- | --- | --- | --- | --- | --- |")
    sets = {
        "3,200": digits(3_200, stored=False),
        "70,000": digits(70_000, stored=False),
        "70,000 bytes": digits(70_000, stored=True),
    }
    for images, data in sets.items():
        for name, call, budget in cases(data):
            times = times_ms(call, options.rounds)
            middle = statistics.median(times)
            verdict = f"{budget:g} ms, {'met' if middle <= budget else 'missed'}"
            spread = f"{middle:.1f} ms | {min(times):.1f} ms | {max(times):.1f} ms"
            verdict = verdict if np.isfinite(budget) else ""
            print(f"| {name} | {images} | {spread} | {verdict} |", flush=True)
    if options.turns:
        print()
        training(options.turns)


if __name__ == "__main__":
    main()
