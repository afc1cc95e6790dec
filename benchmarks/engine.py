"""How much of the machine training uses, with the screen and without it.

    python -m benchmarks.engine [--rounds 7] [--seconds 6]

Five things in turn, round after round, so that a busy machine slows all of them: a textbook PyTorch
loop, this project's trainer without a screen (the same recipe: Adam, mini-batches of 128), the
program on a pseudo-terminal of 120x40 while it trains, its recipe `fast`, and the machine's own
matrix product, 128x784 by 784x128 in float32. All ratios are of medians. A sample counts for
1.25 MFLOP, forward and backward. The textbook loop has PyTorch's own choice of threads.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import time

import torch

from benchmarks.screen import epochs_with_screen
from benchmarks.training import own, textbook
from tui_ae.config import Settings
from tui_ae.data.synthetic import draw_digits

EPOCH_FLOP = 1.25e6 * 3200
PRODUCT_FLOP = 2 * 128 * 784 * 128


def peak(threads: int, seconds: float = 0.5) -> float:
    """Products a second times their arithmetic, the median of many short spells."""
    torch.set_num_threads(threads)
    left, right, out = torch.randn(128, 784), torch.randn(784, 128), torch.empty(128, 128)
    rates, end = [], time.perf_counter() + seconds
    while time.perf_counter() < end:
        began = time.perf_counter()
        for _ in range(50):
            torch.mm(left, right, out=out)
        rates.append(50 * PRODUCT_FLOP / (time.perf_counter() - began))
    return statistics.median(rates)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=6.0)
    arguments = parser.parse_args()
    threads, digits = torch.get_num_threads(), draw_digits(0)
    epochs = {
        "textbook loop": textbook(digits.images.array, threads),
        "here, no screen": own(digits, Settings(device="cpu", recipe="original")),
        "here, recipe fast": own(digits, Settings(device="cpu", recipe="fast")),
    }
    seconds: dict[str, list[float]] = {name: [] for name in (*epochs, "here, with the screen")}
    peaks = []
    for epoch in epochs.values():
        epoch()
    for _ in range(arguments.rounds):
        peaks.append(peak(threads))
        for name, epoch in epochs.items():
            end, times = time.perf_counter() + arguments.seconds, []
            while time.perf_counter() < end:
                began = time.perf_counter()
                epoch()
                times.append(time.perf_counter() - began)
            # Epochs that are timed one by one would leave out what falls between them.
            seconds[name].append(statistics.fmean(times))
        seconds["here, with the screen"].append(1 / epochs_with_screen(arguments.seconds))
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"PyTorch {torch.__version__}, {threads} threads, {arguments.rounds} rounds\n"
    )
    print("| one epoch of 3,200 images | median | lowest | highest |\n| --- | --- | --- | --- |")
    for name, values in seconds.items():
        low, middle, high = (1000 * f(values) for f in (min, statistics.median, max))
        print(f"| {name} | {middle:.1f} ms | {low:.1f} ms | {high:.1f} ms |")
    middle = {name: statistics.median(values) for name, values in seconds.items()}
    top = statistics.median(peaks)
    book, alone = middle["textbook loop"], middle["here, no screen"]
    live = middle["here, with the screen"]
    print(f"\nmatrix product {top / 1e9:.0f} GFLOP/s")
    print("\n| ratio | no screen | with the screen |\n| --- | --- | --- |")
    print(f"| speed against the textbook loop | {book / alone:.2f} | {book / live:.2f} |")
    share = [EPOCH_FLOP / value / top for value in (alone, live)]
    print(f"| share of the matrix product's speed | {share[0]:.2f} | {share[1]:.2f} |")
    print(f"| speed against no screen | 1 | {alone / live:.2f} |")


if __name__ == "__main__":
    main()
