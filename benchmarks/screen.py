"""How soon the screen stands, how soon it can train, and what it costs the training.

    python -m benchmarks.screen [--rounds 5] [--seconds 8]

Start: the program on a pseudo-terminal; the first frame is there when its title is, ready when the
state is `idle` and a key has trained an epoch. A bare `import torch` in a fresh interpreter runs in
turn with it. Speed: epochs a second read from the header while it trains, in turn with the headless
trainer over the same time; a reader drains the screen in the same process as pyte would be too
slow to do, so its cost is not in the figure.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
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


def epochs_with_screen(seconds: float) -> float:
    with Terminal(columns=120, rows=40) as terminal:
        terminal.wait("idle")
        terminal.send(" ")
        terminal.wait(r"epoch ([5-9]|\d\d+)\b")
        first = int(re.search(r"epoch (\d+)", terminal.text)[1])
        began = time.perf_counter()
        while time.perf_counter() - began < seconds:
            terminal.pump(0.25)
        terminal.send(" ")
        elapsed = time.perf_counter() - began
        terminal.wait("paused")
        last = int(re.search(r"epoch (\d+)", terminal.text)[1])
        terminal.send("q")
        terminal.wait_exit()
    return (last - first) / elapsed


def epochs_headless(seconds: float) -> float:
    command = [sys.executable, "-m", "tui_ae", "--headless", "--json", "--seconds", str(seconds)]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    rows = [json.loads(line) for line in lines][4:]
    return len(rows) / sum(row["seconds"] for row in rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=8.0)
    arguments = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n")
    print("| what | median | lowest | highest |\n| --- | --- | --- | --- |")
    for name, values in start_times(arguments.rounds).items():
        label = "ready to train beyond a bare import torch" if name == "beyond" else name
        print(
            f"| {label} | {statistics.median(values):.2f} s | {min(values):.2f} s "
            f"| {max(values):.2f} s |"
        )
    screen, headless = [], []
    for _ in range(arguments.rounds):
        headless.append(epochs_headless(arguments.seconds))
        screen.append(epochs_with_screen(arguments.seconds))
    ratio = statistics.median(screen) / statistics.median(headless)
    print(
        f"\nepochs a second: headless {statistics.median(headless):.1f}, with the screen "
        f"{statistics.median(screen):.1f}; ratio of medians {ratio:.2f}"
    )


if __name__ == "__main__":
    main()
