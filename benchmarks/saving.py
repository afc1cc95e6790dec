"""What keeping a run on the disk takes: bytes, milliseconds, and a share of training's speed.

    python -m benchmarks.saving [--images 3200,70000] [--rounds 60] [--seconds 1] [--often 50]

For each number of images one run (synthetic digits, recipe `fast`, on the CPU) is trained for an
epoch and then saved again and again: in copies by the thread that trains, and from these onto the
disk by a thread of its own. Then it trains in turns without saving and with it, for so many seconds
each, with saves so many times as often as the program's own: what one of those costs would be lost
in the machine's noise. Both kinds of turn drive the same run, so that weights, caches and threads
are the same. The folder is a temporary one, or in `--folder`.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch

from tui_ae.config import Settings
from tui_ae.data.synthetic import draw_digits
from tui_ae.options import SAVE_EVERY_S
from tui_ae.run.folder import CHECKPOINT, DATA, MOMENT, RunFolder
from tui_ae.run.info import begin
from tui_ae.run.shelf import Shelf
from tui_ae.run.snapshot import State
from tui_ae.train.keeper import Keeper
from tui_ae.train.place import Place
from tui_ae.train.run import TrainingRun

SAVES = 20
CLASSES = 10
BOUND_S = 60.0


def milliseconds(work: Callable[[], object]) -> tuple[str, float]:
    """Median, lowest and highest of SAVES times, and the median of the processor's.

    Other work on the machine stretches the times of the clock many times, the processor's hardly.
    """
    taken, busy = [], []
    for _ in range(SAVES):
        began, used = time.perf_counter(), time.process_time()
        work()
        taken.append(1000 * (time.perf_counter() - began))
        busy.append(1000 * (time.process_time() - used))
    told = f"{statistics.median(taken):.1f} ({min(taken):.1f} to {max(taken):.1f})"
    return told, statistics.median(busy)


def train(run: TrainingRun, seconds: float, keeper: Keeper | None) -> float:
    """Mini-batches a second."""
    began, batches = time.perf_counter(), 0
    while (elapsed := time.perf_counter() - began) < seconds:
        ended = run.step()
        batches += 1
        if keeper is not None:
            keeper.stepped(ended_epoch=ended)
    return batches / elapsed


def cost(
    run: TrainingRun, folder: Path, rounds: int, seconds: float, every: float
) -> tuple[list[float], list[float]]:
    """Mini-batches a second by rounds, without saving and with it."""
    keeper = Keeper(run, Place(Shelf(folder), run.info, every_s=every).saver)
    bare: list[float] = []
    saving: list[float] = []
    for number in range(rounds + 1):
        # Whoever comes first would always have the warmer, or the colder, machine.
        turns = [(bare, None), (saving, keeper)]
        for found, own in turns if number % 2 else turns[::-1]:
            rate = train(run, seconds, own)
            if number:
                found.append(rate)
    if not keeper.close(BOUND_S) or keeper.notice:
        raise SystemExit(f"not saved: {keeper.notice}")
    return bare, saving


def measured(images: int, folder: Path, arguments: argparse.Namespace) -> None:
    dataset = draw_digits(0, per_class=images // CLASSES)
    settings = Settings(device="cpu", recipe="fast")
    run = TrainingRun(dataset, settings, info=begin(settings))
    while not run.step():
        pass
    run.step()
    kept = RunFolder(folder / "once")
    kept.create(run.info, dataset)
    snapshot, checkpoint = run.snapshot(State.TRAINING), run.checkpoint()

    def copied() -> None:
        run.snapshot(State.TRAINING)
        run.checkpoint()

    copying, copying_ms = milliseconds(copied)
    writing, writing_ms = milliseconds(lambda: kept.save(snapshot, checkpoint, []))
    share = (copying_ms + writing_ms) / 1000 / SAVE_EVERY_S
    sizes = {name: (kept.path / name).stat().st_size for name in (CHECKPOINT, MOMENT, DATA)}
    kept.unlock()
    bare, saving = cost(
        run, folder / "again", arguments.rounds, arguments.seconds, SAVE_EVERY_S / arguments.often
    )
    slower = 1 - statistics.median(saving) / statistics.median(bare)
    pairs = 1 - statistics.median(s / b for s, b in zip(saving, bare, strict=True))
    whole = RunFolder(folder / "again").size_bytes()
    per_save = sizes[CHECKPOINT] + sizes[MOMENT]
    print(
        f"| {images:,} | {per_save / 1e6:.2f} ({sizes[CHECKPOINT] / 1e6:.2f} + "
        f"{sizes[MOMENT] / 1e6:.2f}) | {sizes[DATA] / 1e3:.0f} kB | {whole / 1e6:.1f} | {copying} "
        f"| {writing} | {copying_ms:.1f} + {writing_ms:.1f}, {share:.2%} | {slower:+.2%} "
        f"| {pairs:+.2%} | {slower / arguments.often:+.2%} |",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--images", default="3200,70000")
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--often", type=float, default=50.0)
    parser.add_argument("--folder", type=Path, help="on the disk that is of interest")
    arguments = parser.parse_args()
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"PyTorch {torch.__version__}; {SAVES} saves; {arguments.rounds} rounds of "
        f"{arguments.seconds:g} s each, a save every {SAVE_EVERY_S / arguments.often:g} s; load "
        f"{os.getloadavg()[0]:.1f}\n"
    )
    print(
        "| images | MB a save (state + moment) | written once | MB in all | ms to copy | ms to "
        f"write | ms of a processor for both, share of one at a save every {SAVE_EVERY_S:g} s | "
        f"slower, ratio of medians | median of ratios | at every {SAVE_EVERY_S:g} s |\n"
        + "| --- " * 10
        + "|"
    )
    for images in map(int, arguments.images.split(",")):
        with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
            measured(images, Path(folder), arguments)


if __name__ == "__main__":
    main()
