"""How long a picture takes from arrays to cells, against the budgets of the scatter.

    python -m benchmarks.raster [--rounds 30]

Each figure is the time of one call in milliseconds, after two calls that are not counted: ten
round clouds of equal classes in braille at 80x30 cells, images of 28x28 pixels, and a loss curve of
500 epochs. A budget is met when the median is at most that.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import time
from collections.abc import Callable
from functools import partial

import numpy as np

from tui_ae.raster.colour import ColourDepth, class_colours
from tui_ae.raster.image import ascii_image, braille_image, half_blocks
from tui_ae.raster.scatter import ScatterStyle, scatter
from tui_ae.raster.sparkline import sparkline
from tui_ae.raster.viewport import fit

CLASSES = 10
HEIGHT, WIDTH = 30, 80
BUDGETS_MS = {60_000: 5.0, 1_000_000: 80.0}


def cloud(count: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(count)
    labels = rng.integers(0, CLASSES, count)
    centres = rng.normal(0, 10, (CLASSES, 2))
    codes = centres[labels] + rng.normal(0, 2, (count, 2))
    return codes.astype(np.float32), labels


def scatter_calls() -> dict[str, tuple[Callable[[], object], float | None]]:
    colours = class_colours(CLASSES, dark=True, depth=ColourDepth.TRUECOLOR)
    calls: dict[str, tuple[Callable[[], object], float | None]] = {}
    for count in (3_200, 60_000, 1_000_000):
        codes, labels = cloud(count)
        box = fit(codes)
        for style in (ScatterStyle.BRAILLE, ScatterStyle.DENSITY):
            if style is ScatterStyle.DENSITY and count != 60_000:
                continue

            call = partial(scatter, codes, labels, colours, box, HEIGHT, WIDTH, style=style)
            budget = BUDGETS_MS.get(count) if style is ScatterStyle.BRAILLE else None
            calls[f"scatter, {style.value}, {count:,} points"] = (call, budget)
    return calls


def picture_calls() -> dict[str, tuple[Callable[[], object], float | None]]:
    image = np.random.default_rng(0).random((28, 28), np.float32)
    levels = half_blocks(image, 24)[1]
    losses = 0.2 + 0.4 / np.arange(1, 501)
    return {
        "image in half blocks": (lambda: half_blocks(image, 24, previous_levels=levels), None),
        "image in braille": (lambda: braille_image(image), None),
        "image in ASCII": (lambda: ascii_image(image), None),
        "loss curve, 120x3 cells": (lambda: sparkline(losses, 120, 3), None),
    }


def times_ms(call: Callable[[], object], rounds: int) -> list[float]:
    times = []
    for index in range(rounds + 2):
        began = time.perf_counter()
        call()
        if index >= 2:
            times.append((time.perf_counter() - began) * 1000)
    return times


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=30)
    rounds = parser.parse_args().rounds
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"NumPy {np.__version__}; {rounds} calls each\n"
    )
    print("| what | median | lowest | highest | budget |\n| --- | --- | --- | --- | --- |")
    for name, (call, budget) in {**scatter_calls(), **picture_calls()}.items():
        times = times_ms(call, rounds)
        middle = statistics.median(times)
        verdict = ""
        if budget is not None:
            verdict = f"{budget:g} ms, {'met' if middle <= budget else 'missed'}"
        print(
            f"| {name} | {middle:.2f} ms | {min(times):.2f} ms | {max(times):.2f} ms | {verdict} |"
        )


if __name__ == "__main__":
    main()
