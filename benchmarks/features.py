"""How long a person waits for each feature, what it takes from training, and how much memory.

    python -m benchmarks.features [--rounds 15] [--cpu] [--only] [--turns 6] [--memory]

The first table has the time from a change to the cells of the pane that shows it, in milliseconds,
after two rounds that are not counted: for a key, and for another moment of the network. A budget is
met when the median is at most that; --only leaves this table out. On a machine with other work
--cpu counts the CPU time of the process instead, in all of its threads.

With --memory: what this process holds more than before, at its highest while a feature is shown and
after it was left, 70,000 images at hand; for layouts the process that makes them is counted too.

With --turns the program trains by turns, once as it is and once with a feature that is shown, or
was shown and left again. What counts is the CPU time that the training thread takes for an epoch
(schedstat, Linux), which other work on the machine changes little; a row has the medians of the
ratios of neighbouring turns, and where half of them lie. The last columns have the CPU time of all
other threads, in parts of a core. The programs share one core, for two threads would wait for each
other now and then, and there what other threads take is what training loses.

With --link 9600 the program runs behind that link at 80 x 24 cells: the seconds from a key at its
far end until the first thing that tells something has come, and until all has.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import os
import platform
import re
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from random import Random

import numpy as np

from benchmarks.link_emulator import LINKS, EmulatedTerminal
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
from tui_ae.ui.choice import End, Inspector, Layer, PlaneName
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
    "timeline": ("\x1b[H", "\x1b[F", True),
    "neighbours": ("e", "ee", True),
    "decoded tiles": ("vvv", "v", True),
    "A to B": ("mHHHKm", "\x1b", True),
    "draw": ("D", "\x1b", False),
    "held-out marks": ("u", "u", True),
    "graph of the loss": ("g", "\x1b", False),
    "PCA of the pixels": ("x", "X", True),
    "quality numbers": ("N", "\x1b", False),
}
"""Keys that show one, those that leave it, and whether epochs can be counted meanwhile."""
ON_LINK: dict[str, tuple[list[str], list[tuple[str, str, str, str]]]] = {
    "a code of two numbers": (
        [],
        [
            ("timeline", "\x1b[H", "viewing epoch 0", "\x1b[F"),
            ("neighbours", "e", r"(on|off) the cloud|cloud's edge", "ee"),
            ("decoded tiles", "vv", "decoded tiles", "v"),
            ("A to B", "mHHHKm", "widest gap", "\x1b"),
            ("draw", "D", "draw an image", "\x1b"),
            ("held-out marks", "u", "held-out images", "u"),
            ("graph of the loss", "g", "loss, BCE", "\x1b"),
            ("PCA of the pixels", "x", "Reconstruction and probe are PCA's", "X"),
            ("quality numbers", "N", "the network beside PCA", "\x1b"),
            ("class names", "z", "", "z"),
        ],
    ),
    "a variational autoencoder": (
        ["--kind", "vae"],
        [("the prior", "P", "Rings: the prior", "P")],
    ),
    "a code of 32 numbers": (
        ["--latent-dim", "32"],
        [
            ("two of the numbers", ".", r"z₁ and z₃|holds the other", "X"),
            ("t-SNE", "xxx", "Made after the encoder|A start by PCA", "XXX"),
        ],
    ),
    "two runs": (
        ["compare", "--seed 0", "--seed 1"],
        [("compare, one run alone", "C", "decoded", "C")],
    ),
}
"""Programs, and of each: a feature, its keys, the first thing that tells something, how back."""
LINK_SIZE = (80, 24)
SILENT_S = 2.5
"""After so long without a byte all has come."""
TURN_S = 1.0
MEMORY_MB = 1000.0


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
        pane.refresh = lambda *regions, **options: pane  # type: ignore[method-assign]
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
    look(layer=Layer.BRAILLE, ends=(End((box.left, box.bottom)), End((box.right, box.top))))
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


def times_ms(call: Callable[[], object], rounds: int, clock: Callable[[], float]) -> list[float]:
    times = []
    for index in range(rounds + 2):
        began = clock()
        call()
        if index >= 2:
            times.append((clock() - began) * 1000)
    return times


class Featured(WithScreen):
    """The program, with the time that its threads take."""

    def press(self, keys: str) -> None:
        self._terminal.send(keys)
        self._terminal.settle()

    def turn(self) -> tuple[float, float]:
        """Over a turn: CPU time of the training thread for an epoch, ms; of all others, cores."""
        before, epochs, began = self._threads(), self._epochs(), time.perf_counter()
        self.train(TURN_S)
        after, seconds = self._threads(), time.perf_counter() - began
        spent = {thread: after[thread] - before.get(thread, 0) for thread in after}
        others = spent.pop(self._terminal.process.pid)
        # The screen's is the main thread; of the others none does nearly as much as training.
        trained = max(spent.values())
        others += sum(spent.values()) - trained
        return trained / 1e6 / (self._epochs() - epochs), others / 1e9 / seconds

    def _threads(self) -> dict[int, int]:
        """Nanoseconds on a core, of each thread."""
        tasks = Path(f"/proc/{self._terminal.process.pid}/task")
        return {
            int(task.name): int((task / "schedstat").read_text().split()[0])
            for task in tasks.iterdir()
        }


def training(turns: int) -> None:
    """Print how much of the training's speed is left with each feature."""
    print(
        f"{turns} turns of {TURN_S:g} s each; load {os.getloadavg()[0]:.1f}\n\n"
        "| feature | left again | half of them | shown | half of them | usual: ms of CPU an epoch "
        "| other threads: usual | left | shown |\n" + "| --- " * 9 + "|"
    )
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, cores[:1])
    with Featured(120, 40) as usual, Featured(120, 40) as other:
        os.sched_setaffinity(0, cores[1:] or cores)
        usual.train(1.0), other.train(1.0)
        for name, (show, leave, counts) in FEATURES.items():
            plain, left, shown = [], [], []
            for _ in range(turns):
                plain.append(usual.turn())
                other.press(show)
                if counts:
                    shown.append(other.turn())
                other.press(leave)
                left.append(other.turn())
            columns = [*ratios(plain, left), *ratios(plain, shown)]
            columns.append(f"{statistics.median(ms for ms, _ in plain):.1f}")
            columns += [
                f"{100 * statistics.median(others for _, others in each):.2f} %" if each else "–"
                for each in (plain, left, shown)
            ]
            print(f"| {name} | {' | '.join(columns)} |", flush=True)


def ratios(usual: list[tuple[float, float]], other: list[tuple[float, float]]) -> tuple[str, str]:
    """Of the speeds by CPU time: the median, and where the middle half lies."""
    if not other:
        return "–", "–"
    speeds = [plain / then for (plain, _), (then, _) in zip(usual, other, strict=True)]
    low, _, high = statistics.quantiles(speeds, n=4)
    return f"{statistics.median(speeds):.3f}", f"{low:.3f} to {high:.3f}"


# --- memory --------------------------------------------------------------------------------------


def held_mb(field: str = "VmRSS", process: int | str = "self") -> float:
    """What a process holds, or held at most (VmHWM), by the system's count."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(field))


def measured(name: str, show: Callable[[], float], leave: Callable[[], None]) -> None:
    """Print what showing takes at most, and what is left of it afterwards."""
    gc.collect()
    before = held_mb()
    Path("/proc/self/clear_refs").write_text("5")
    beside = show()
    most = held_mb("VmHWM") - before
    leave()
    gc.collect()
    after = held_mb() - before
    total = most + beside
    verdict = "met" if total <= MEMORY_MB else "missed"
    print(
        f"| {name} | {most:.0f} | {beside:.0f} | {total:.0f}, {verdict} | {after:.0f} |", flush=True
    )


def memory(count: int = 70_000) -> None:
    """Print what each feature takes of 70,000 images stored as bytes."""
    data = digits(count, stored=True)
    shown = explorer_on(data)
    print(f"{count:,} images; the data and the program: {held_mb():.0f} MB\n")
    print("| feature | MB at most | of another process | in all, budget 1,000 | MB after leaving |")
    print("| --- | --- | --- | --- | --- |")
    first = shown.choice

    def looked(pane: Pane, size: tuple[int, int], **changes: object) -> Callable[[], float]:
        def show() -> float:
            shown.choice = replace(first, **changes)  # type: ignore[arg-type]
            pane.refresh = lambda *regions, **options: pane  # type: ignore[method-assign]
            pane.paint(scene(shown), *size)
            return 0.0

        return show

    def leave() -> None:
        shown.choice = first
        assert shown.view is not None

    corners = End((first.viewport.left, 0.0)), End((first.viewport.right, 0.0))
    measured("neighbours", looked(Neighbours(), COLUMN, inspector=Inspector.OF_PROBE), leave)
    measured("decoded tiles", looked(Scatter(), MAP, layer=Layer.TILES), leave)
    measured("A to B", looked(Strip(), STRIP, ends=corners), leave)
    for name in (PlaneName.TSNE_PIXELS, PlaneName.UMAP_PIXELS):
        measured(name.value, partial(laid_out, shown, name), leave_layout(shown, first.plane))


def laid_out(shown: Explorer, name: PlaneName) -> float:
    """Look at a layout until it has moved; what its process held at most."""
    shown.use_plane(name, 0.0)
    layouts, most = shown.planes.layouts, 0.0
    while True:
        came = shown.take_layouts(time.monotonic())
        running = layouts.running
        if running is not None and running.process_id is not None:
            with contextlib.suppress(OSError, StopIteration):
                most = max(most, held_mb("VmHWM", running.process_id))
        made = layouts.layout(name)
        if layouts.error:
            raise SystemExit(layouts.error)
        if came and made is not None and made.share > 0:
            return most
        time.sleep(0.02)


def leave_layout(shown: Explorer, plane: PlaneName) -> Callable[[], None]:
    def leave() -> None:
        running = shown.planes.layouts.running
        shown.use_plane(plane, 0.0)
        shown.take_layouts(0.0)
        assert running is None or running.join(10)

    return leave


# --- a slow link ---------------------------------------------------------------------------------


def waited(terminal: EmulatedTerminal, predicate: Callable[[], object], limit_s: float) -> float:
    """Seconds until something is so; infinite where it isn't within the limit."""
    began = time.monotonic()
    while not predicate():
        if time.monotonic() - began > limit_s:
            return float("inf")
        terminal.pump(0.01)
    return time.monotonic() - began


def tells(text: Callable[[], str], useful: str, before: str) -> bool:
    """Whether the screen has what was waited for; '' waits for any change."""
    return bool(re.search(useful, text())) if useful else text() != before


def on_link(name: str) -> None:
    """Print how soon each feature is there on a link."""
    print(f"{LINKS[name].name}, {LINK_SIZE[0]}×{LINK_SIZE[1]}; load {os.getloadavg()[0]:.1f}\n")
    print("| feature | first useful | all of it | bytes |\n| --- | --- | --- | --- |")
    for options, features in ON_LINK.values():
        command = [sys.executable, "-m", "tui_ae", *options]
        if options[:1] != ["compare"]:
            command.append("--no-save")
        terminal = EmulatedTerminal(command, LINKS[name], *LINK_SIZE)

        def text(terminal: EmulatedTerminal = terminal) -> str:
            return "\n".join(terminal.screen.display)

        def silent(terminal: EmulatedTerminal = terminal) -> bool:
            quiet = time.monotonic() - terminal.shown_at
            return min(terminal.silent_s(), quiet) > SILENT_S

        try:
            waited(terminal, lambda: "idle" in text(), 120)
            terminal.send(b" ")
            waited(terminal, lambda: re.search(r"epoch +([5-9]|\d\d)", text()), 120)
            terminal.send(b" ")
            waited(terminal, lambda: "paused" in text() and silent(), 120)
            for feature, keys, useful, leave in features:
                before, began = text(), time.monotonic()
                count = sum(size for _, size in terminal.arrivals)
                terminal.send(keys.encode())
                first = waited(terminal, partial(tells, text, useful, before), 60)
                waited(terminal, silent, 120)
                whole = terminal.shown_at - began
                sent = sum(size for _, size in terminal.arrivals) - count
                print(f"| {feature} | {first:.1f} s | {whole:.1f} s | {sent:,} |", flush=True)
                terminal.send(leave.encode())
                terminal.pump(1.0)
                waited(terminal, silent, 120)
        finally:
            terminal.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--turns", type=int, default=0)
    parser.add_argument("--cpu", action="store_true", help="count CPU time, not the clock's")
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--link", choices=LINKS)
    parser.add_argument("--only", action="store_true", help="leave the first table out")
    options = parser.parse_args()
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"NumPy {np.__version__}; {options.rounds} rounds each\n"
    )
    if not options.only:
        keys(options.rounds, time.process_time if options.cpu else time.perf_counter)
    if options.memory:
        print()
        memory()
    if options.link:
        print()
        on_link(options.link)
    if options.turns:
        print()
        training(options.turns)


def keys(rounds: int, clock: Callable[[], float]) -> None:
    """Print how long each change takes."""
    print("| what | images | median | lowest | highest | budget |")
    print("| --- | --- | --- | --- | --- | --- |")
    sets = {
        "3,200": digits(3_200, stored=False),
        "70,000": digits(70_000, stored=False),
        "70,000 bytes": digits(70_000, stored=True),
    }
    for images, data in sets.items():
        for name, call, budget in cases(data):
            times = times_ms(call, rounds, clock)
            middle = statistics.median(times)
            verdict = f"{budget:g} ms, {'met' if middle <= budget else 'missed'}"
            spread = f"{middle:.1f} ms | {min(times):.1f} ms | {max(times):.1f} ms"
            verdict = verdict if np.isfinite(budget) else ""
            print(f"| {name} | {images} | {spread} | {verdict} |", flush=True)


if __name__ == "__main__":
    main()
