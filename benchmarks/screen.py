"""How soon the screen stands, how soon it can train, and what it costs the training.

    python -m benchmarks.screen [--rounds 5] [--seconds 8]

Start: the program on a pseudo-terminal; the first frame is there when its title is, ready when the
state is `idle` and a key has trained an epoch. A bare `import torch` in a fresh interpreter runs in
turn with it. Speed: epochs a second read from the header while it trains, in turn with the headless
trainer over the same time; what the program writes is answered at once and emulated afterwards, for
a terminal emulator in Python would take a core of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import select
import statistics
import subprocess
import sys
import time

from tests.terminal import Terminal

QUERY = "\x1b[6n"
TOKEN = re.compile(r"\x1b\[([\d;]*)([A-Za-z])|\x1b\[[?>=<][\d;$]*[a-z]|([^\x1b])")
"""A cursor move, erasure or style; a mode; or a character of one cell, which is all it writes."""


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


def drain(terminal: Terminal, seconds: float) -> None:
    """Answer the program's queries for a while without the cost of emulating a screen."""
    kept, end = bytearray(), time.perf_counter() + seconds
    cursor, unread = (1, 1), b""
    while time.perf_counter() < end:
        if select.select([terminal.master], [], [], 0.1)[0]:
            data = os.read(terminal.master, 1 << 16)
            kept += data
            *frames, unread = (unread + data).split(QUERY.encode())
            for frame in frames:
                cursor = moved(cursor, frame.decode())
                terminal.send(f"\x1b[{cursor[0]};{cursor[1]}R")
    terminal.feed(bytes(kept))


def moved(cursor: tuple[int, int], text: str) -> tuple[int, int]:
    """Where what the program writes leaves the cursor: (row, column), both from 1."""
    row, column = cursor
    # Whatever stands before the last absolute move has no say in where the cursor ends up.
    last = max((match.start() for match in re.finditer(r"\x1b\[[\d;]*H", text)), default=0)
    for numbers, final, character in TOKEN.findall(text[last:]):
        count = int(numbers.split(";")[0] or 1) if final in "ABCGH" and final else 1
        if final == "H":
            row, column = count, int([*numbers.split(";"), "1"][1] or 1)
        elif final == "G":
            column = count
        elif final in ("A", "B"):
            row += count if final == "B" else -count
        elif final == "C":
            column += count
        elif character == "\n":
            row += 1
        elif character in ("\r", "\b"):
            column = 1 if character == "\r" else column - 1
        elif character:
            column += 1
    return row, column


def epochs_with_screen(seconds: float) -> float:
    """Epochs a second of the original's recipe while a screen of 120x40 shows them."""
    with Terminal("--recipe", "original", "--device", "cpu", columns=120, rows=40) as terminal:
        terminal.wait("idle")
        # The baselines, computed once at the start, are no part of training.
        terminal.settle(1.0)
        terminal.send(" ")
        terminal.wait(r"epoch ([5-9]|\d\d+)\b")
        first = int(re.search(r"epoch (\d+)", terminal.text)[1])
        began = time.perf_counter()
        drain(terminal, seconds)
        terminal.send(" ")
        elapsed = time.perf_counter() - began
        terminal.wait("paused")
        last = int(re.search(r"epoch (\d+)", terminal.text)[1])
        terminal.send("q")
        terminal.wait_exit()
    return (last - first) / elapsed


def epochs_headless(seconds: float) -> float:
    command = [sys.executable, "-m", "tui_ae", "--headless", "--json", "--seconds", str(seconds)]
    command += ["--recipe", "original"]
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
