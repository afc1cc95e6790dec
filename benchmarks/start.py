"""How soon the screen stands, and how soon it can train.

    python -m benchmarks.start [--rounds 5]

The program on a pseudo-terminal; the first frame is there when its title is, ready when the state
is `idle`. A bare `import torch` in a fresh interpreter runs in turn with it.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import subprocess
import sys
import time

from tests.terminal import Terminal


def start_times(rounds: int) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {
        "first frame": [],
        "ready": [],
        "import torch": [],
        "beyond": [],
    }
    for _ in range(rounds):
        began = time.perf_counter()
        with Terminal(columns=120, rows=40) as terminal:
            terminal.wait("Autoencoder Explorer")
            times["first frame"].append(time.perf_counter() - began)
            terminal.wait("idle")
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
