"""How much of the machine training uses, with the screen and without it.

    python -m benchmarks.engine [--rounds 20] [--seconds 2] [--size 120x40]

Five things by turns, round after round, so that a machine's slow minutes are those of all: a
textbook PyTorch loop, this project's trainer without a screen (the same recipe: Adam, mini-batches
of 128), the program on a pseudo-terminal while it trains by that recipe, its recipe `fast`, and the
machine's own matrix product, 128x784 by 784x128 in float32. A sample counts for 1.25 MFLOP, forward
and backward. The textbook loop has PyTorch's own choice of threads.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import time
from collections.abc import Callable

import torch

from benchmarks.live import Headless, WithScreen
from benchmarks.training import own, textbook
from tui_ae.config import Settings
from tui_ae.data.synthetic import draw_digits

EPOCH_FLOP = 1.25e6 * 3200
PRODUCT_FLOP = 2 * 128 * 784 * 128
BREATH_S = 0.3
"""Threads of this process go on waiting for work for a while, on a core that the next one needs."""
BOOK, ALONE, LIVE, FAST = "textbook loop", "here, no screen", "here, with the screen", "here, fast"


def peak(threads: int, seconds: float) -> float:
    """Products a second times their arithmetic, the median of many short spells."""
    torch.set_num_threads(threads)
    left, right, out = torch.randn(128, 784), torch.randn(784, 128), torch.empty(128, 128)
    rates, end = [], time.perf_counter() + seconds
    while time.perf_counter() < end:
        began = time.perf_counter()
        for _ in range(50):
            torch.mm(left, right, out=out)
        rates.append(50 * PRODUCT_FLOP / (time.perf_counter() - began))
    time.sleep(BREATH_S)
    return statistics.median(rates)


def turn_of(epoch: Callable[[], None]) -> Callable[[float], float]:
    """What trains for so many seconds and returns its epochs a second."""

    def train(seconds: float) -> float:
        began, epochs = time.perf_counter(), 0
        while (elapsed := time.perf_counter() - began) < seconds:
            epoch()
            epochs += 1
        time.sleep(BREATH_S)
        return epochs / elapsed

    return train


def measured(
    rounds: int, seconds: float, columns: int, rows: int
) -> tuple[dict[str, list[float]], list[float], float]:
    """Epochs a second of each by rounds, products in FLOP/s, and the reader's share of a core."""
    threads, digits = torch.get_num_threads(), draw_digits(0)
    rates: dict[str, list[float]] = {name: [] for name in (BOOK, ALONE, LIVE, FAST)}
    peaks = []
    with WithScreen(columns, rows) as screen, Headless() as headless:
        turns = {
            BOOK: turn_of(textbook(digits.images[:], threads)),
            ALONE: headless.train,
            LIVE: screen.train,
            FAST: turn_of(own(digits, Settings(device="cpu", recipe="fast"))),
        }
        # In the first turn, threads and caches are new.
        for turn in turns.values():
            turn(seconds)
        for _ in range(rounds):
            peaks.append(peak(threads, seconds / 2))
            for name, turn in turns.items():
                rates[name].append(turn(seconds))
        return rates, peaks, screen.reading_s / screen.seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--size", default="120x40")
    arguments = parser.parse_args()
    columns, rows = map(int, arguments.size.split("x"))
    threads = torch.get_num_threads()
    rates, peaks, reading = measured(arguments.rounds, arguments.seconds, columns, rows)
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"PyTorch {torch.__version__}, {threads} threads, {arguments.rounds} rounds of "
        f"{arguments.seconds:g} s each at {arguments.size}\n"
    )
    print("| one epoch of 3,200 images | median | lowest | highest |\n| --- | --- | --- | --- |")
    for name, values in rates.items():
        middle, low, high = statistics.median(values), max(values), min(values)
        row = (f"{1000 / value:.1f} ms" for value in (middle, low, high))
        print(f"| {name} | {' | '.join(row)} |")
    book, alone, live = (statistics.median(rates[name]) for name in (BOOK, ALONE, LIVE))
    top = statistics.median(peaks)
    print(
        f"\nmatrix product {top / 1e9:.0f} GFLOP/s; reading and answering {reading:.1%} of a core"
    )
    print("\n| ratio of medians | no screen | with the screen |\n| --- | --- | --- |")
    print(f"| speed against the textbook loop | {alone / book:.2f} | {live / book:.2f} |")
    share = [EPOCH_FLOP * rate / top for rate in (alone, live)]
    print(f"| share of the matrix product's speed | {share[0]:.2f} | {share[1]:.2f} |")
    print(f"| speed against no screen | 1 | {live / alone:.3f} |")
    pairs = statistics.median(a / b for a, b in zip(rates[LIVE], rates[ALONE], strict=True))
    print(f"| the same, median of the rounds' ratios | 1 | {pairs:.3f} |")


if __name__ == "__main__":
    main()
