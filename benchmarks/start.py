"""How soon the screen stands, and how soon it can train.

    python -m benchmarks.start [--rounds 5]

The program on a pseudo-terminal; the first frame is there when its title is, ready when the state
is `idle`. A bare `import torch` in a fresh interpreter runs in turn with it. Modules are compiled
before: a first start, which is not counted, leaves them as an installed program has them.

Prints also what the main thread computed for until the first frame, which other programs do not
disturb. On Linux, `chrt -f 5` in front of the command keeps them from doing so for all figures.
"""

from __future__ import annotations

import argparse
import math
import os
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path

from tests.terminal import Terminal

TITLE, READY = b"Autoencoder Explorer", "idle"
LOOK_S = 0.002


def computed_s(pid: int) -> float:
    """What the main thread of a process has computed for so far; NaN where no kernel tells."""
    try:
        words = Path(f"/proc/{pid}/task/{pid}/schedstat").read_text().split()
    except OSError:
        return math.nan
    return int(words[0]) / 1e9


def start_times(rounds: int) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {
        "first frame": [],
        "computed until then": [],
        "ready": [],
        "import torch": [],
        "beyond": [],
    }
    # Python would otherwise compile what it finds no compiled modules of.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with Terminal(columns=120, rows=40, forked=False) as terminal:
        terminal.wait(READY)
    for _ in range(rounds):
        began = time.perf_counter()
        with Terminal(columns=120, rows=40, forked=False) as terminal:
            while TITLE not in terminal.received:
                terminal.pump(LOOK_S)
            times["first frame"].append(time.perf_counter() - began)
            times["computed until then"].append(computed_s(terminal.process.pid))
            terminal.wait(READY)
            ready = time.perf_counter() - began
            times["ready"].append(ready)
            terminal.send("q")
            terminal.wait_exit()
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", "import torch"], check=True)
        torch_s = time.perf_counter() - began
        times["import torch"].append(torch_s)
        times["beyond"].append(ready - torch_s)
    return times


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n")
    print("| what | median | lowest | highest |\n| --- | --- | --- | --- |")
    for name, values in start_times(arguments.rounds).items():
        label = "ready to train beyond a bare import torch" if name == "beyond" else name
        print(
            f"| {label} | {statistics.median(values):.2f} s | {min(values):.2f} s "
            f"| {max(values):.2f} s |"
        )


if __name__ == "__main__":
    main()
