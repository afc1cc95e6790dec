"""How soon a layout is seen, how often it moves, when it is done, and what its process takes.

    python -m benchmarks.projection [--samples 3200,20000] [--width 32] [--methods tsne,umap]

The vectors are ten clusters of normally distributed numbers, so many wide. A layout is asked for as
the screen asks for it, looked for every 10 ms, and begun a second time from the first one's end, as
while a network trains. Memory is what the system says that the process held at most (VmHWM, Linux).
"""

from __future__ import annotations

import argparse
import os
import platform
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np

from tui_ae.arrays import FloatArray
from tui_ae.projection.projection import Method, Projection

CLUSTERS = 10
SPREAD = 3.0
LOOK_EVERY_S = 0.01
METHODS: dict[str, Method] = {"tsne": "tsne", "umap": "umap"}


def clusters(count: int, width: int) -> FloatArray:
    """Vectors (count, width) float32 around CLUSTERS centres."""
    rng = np.random.default_rng(0)
    centres = rng.normal(scale=SPREAD, size=(CLUSTERS, width))
    own = rng.integers(CLUSTERS, size=count)
    return (centres[own] + rng.normal(size=(count, width))).astype(np.float32)


@dataclass(slots=True)
class Seen:
    """What somebody who looks has seen of one layout; seconds are since it was asked for."""

    times: list[float]
    """Of each picture."""
    first_moved: float
    """The first picture that is not the beginning."""
    memory_mb: float
    codes: FloatArray

    def row(self) -> str:
        gaps = np.diff([time for time in self.times if time >= self.first_moved])
        typical = f"{np.median(gaps):.2f}, {gaps.max():.2f}" if len(gaps) else "–"
        return (
            f"{self.times[0]:.2f} | {self.first_moved:.1f} | {typical} | {len(self.times)} "
            f"| {self.times[-1]:.1f} | {self.memory_mb:.0f}"
        )


def peak_mb(process: int) -> float:
    """The most memory that a process held at once; 0 where it is gone."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), 0.0)


def looked_at(vectors: FloatArray, method: Method, start: FloatArray | None) -> Seen:
    """Lay out, and look at each picture."""
    projection = Projection(lambda: vectors, method, 0, start)
    began = time.perf_counter()
    projection.start()
    times: list[float] = []
    moved, memory = 0.0, 0.0
    while True:
        layout = projection.poll()
        if projection.process_id is not None:
            memory = max(memory, peak_mb(projection.process_id))
        if layout is None:
            if projection.error:
                raise SystemExit(projection.error)
            time.sleep(LOOK_EVERY_S)
            continue
        times.append(time.perf_counter() - began)
        if layout.share > 0 and not moved:
            moved = times[-1]
        if layout.done:
            return Seen(times, moved, memory, layout.codes)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--samples", default="3200,20000")
    parser.add_argument("--width", type=int, default=32)
    parser.add_argument("--methods", default="tsne,umap")
    arguments = parser.parse_args()
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"openTSNE {version('openTSNE')}, umap-learn {version('umap-learn')}; width "
        f"{arguments.width}; load {os.getloadavg()[0]:.1f}\n"
    )
    print(
        "| method | samples | begins from | first picture, s | first that moved, s "
        "| between pictures, s (median, most) | pictures | done, s | MB at most |\n"
        + "| --- " * 9
        + "|"
    )
    for samples in map(int, arguments.samples.split(",")):
        vectors = clusters(samples, arguments.width)
        for name in arguments.methods.split(","):
            start = None
            for words in ("PCA", "its last layout"):
                seen = looked_at(vectors, METHODS[name], start)
                start = seen.codes
                print(f"| {name} | {samples:,} | {words} | {seen.row()} |", flush=True)


if __name__ == "__main__":
    main()
