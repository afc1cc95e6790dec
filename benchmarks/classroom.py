"""A class on one server: what idle sessions take, and how those that train share the cores.

    python -m benchmarks.classroom [--idle 30] [--train 10] [--seconds 15] [--keys 40]

Sessions on pseudo-terminals of 120×40 that all answer. At rest: the share of a core of each, by the
kernel's count of what its threads ran, and its memory (PSS; private is what no other process has).
Training by the default recipe, all at once: epochs of each, and in one of them the time from a key
that moves the probe until other numbers stand, and another picture too. Reading and answering takes
its part of the same cores, which is printed.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import platform
import re
import select
import statistics
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.link import STEPS, Watcher, percentile, press, train, wait_ready
from benchmarks.link_emulator import LINKS, EmulatedTerminal
from benchmarks.live import QUERY, moved
from tests.terminal import Terminal

MEGABYTE = 1024
"""Kilobytes, in which the kernel counts."""
SETTLE_S = 5.0
EPOCH = re.compile(r"epoch ([\d,]+)")


class Seat:
    """A session whose queries are answered, and whose screen is emulated only when asked for."""

    def __init__(self) -> None:
        self.terminal = Terminal("--no-save", columns=120, rows=40, forked=False)
        self._cursor, self._unread = (1, 1), b""
        self._kept = bytearray()

    def ready(self) -> None:
        """Wait until it could train."""
        self.terminal.wait("idle", 300.0)
        self.terminal.wait("floor", 300.0)

    def read(self) -> None:
        """Take what there is, and answer."""
        data = os.read(self.terminal.master, 1 << 16)
        self._kept += data
        *frames, self._unread = (self._unread + data).split(QUERY.encode())
        for frame in frames:
            self._cursor = moved(self._cursor, frame.decode(errors="replace"))
            self.terminal.send("\x1b[{};{}R".format(*self._cursor))

    def epochs(self) -> int:
        """As many as its screen shows now."""
        self.terminal.answers = False
        self.terminal.feed(bytes(self._kept))
        self.terminal.answers = True
        self._kept.clear()
        found = EPOCH.search(self.terminal.text)
        assert found is not None
        return int(found[1].replace(",", ""))


class Class:
    """Many sessions, served by a thread while they are entered."""

    def __init__(self, count: int) -> None:
        self.seats = [Seat() for _ in range(count)]
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self.serving_s = 0.0

    def __enter__(self) -> Class:
        for seat in self.seats:
            seat.ready()
            seat.terminal.settle()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        for seat in self.seats:
            seat.terminal.close()

    def _serve(self) -> None:
        by_number = {seat.terminal.master: seat for seat in self.seats}
        while not self._stop.is_set():
            for number in select.select([*by_number], [], [], 0.1)[0]:
                by_number[number].read()
            self.serving_s = time.thread_time()

    def send(self, keys: str) -> None:
        for seat in self.seats:
            seat.terminal.send(keys)


def ran_s(pid: int) -> float:
    """What all threads of a process have run for."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


def memory(pid: int) -> tuple[float, float]:
    """(PSS, private) megabytes of a process."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    sizes = {line.split(":")[0]: int(line.split()[1]) for line in lines}
    private = sizes["Private_Clean"] + sizes["Private_Dirty"]
    return sizes["Pss"] / MEGABYTE, private / MEGABYTE


def row(name: str, values: list[float], unit: str) -> None:
    middle = statistics.median(values)
    print(f"| {name} | {middle:.3g} {unit} | {min(values):.3g} | {max(values):.3g} |", flush=True)


def at_rest(count: int, seconds: float) -> None:
    with Class(count) as group:
        pids = [seat.terminal.process.pid for seat in group.seats]
        time.sleep(SETTLE_S)
        before, began = [ran_s(pid) for pid in pids], time.monotonic()
        time.sleep(seconds)
        elapsed = time.monotonic() - began
        shares = [
            100 * (ran_s(pid) - first) / elapsed for pid, first in zip(pids, before, strict=True)
        ]
        pss, private = zip(*map(memory, pids), strict=True)
    row(f"{count} at rest: of a core, each", shares, "%")
    row("memory of each, PSS", list(pss), "MB")
    row("memory of each, private", list(private), "MB")


def training(count: int, seconds: float, keys: int) -> None:
    command = [sys.executable, "-m", "tui_ae", "--no-save"]
    own = EmulatedTerminal(command, LINKS["none"], 120, 40)
    try:
        watcher = Watcher(own)
        wait_ready(own, watcher)
        with Class(count - 1) as group:
            group.send(" ")
            train(own)
            own.pump(SETTLE_S)
            pids = [own.process.pid, *(seat.terminal.process.pid for seat in group.seats)]
            first = [seat.epochs() for seat in group.seats]
            before, served_s, began = [*map(ran_s, pids)], group.serving_s, time.monotonic()
            numbers, pictures = [], []
            for index in range(keys):
                until_numbers, until_picture = press(own, watcher, STEPS[index % 8 :][:1])
                numbers.append(until_numbers)
                pictures.append(until_picture)
                own.pump(0.15 + 0.1 * (index % 5) / 5)
            own.pump(max(began + seconds - time.monotonic(), 0.0))
            elapsed = time.monotonic() - began
            served = (group.serving_s - served_s) / elapsed
            shares = [
                100 * (ran_s(pid) - start) / elapsed
                for pid, start in zip(pids, before, strict=True)
            ]
            group.send(" ")
            rates = [
                (seat.epochs() - start) / elapsed
                for seat, start in zip(group.seats, first, strict=True)
            ]
    finally:
        own.close()
    row(f"{count} that train: of a core, each", shares, "%")
    row("epochs a second, each but one", rates, "")
    print(
        f"\nA key's numbers after {percentile(numbers, 0.5)} / {percentile(numbers, 0.95)} ms, "
        f"with the picture {percentile(pictures, 0.5)} / {percentile(pictures, 0.95)} ms (p50 / "
        f"p95 of {keys}); reading and answering took {served:.0%} of a core."
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--idle", type=int, default=30)
    parser.add_argument("--train", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--keys", type=int, default=40)
    arguments = parser.parse_args()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    # Terminals answer from elsewhere: they do not wait for the cores of the server.
    with contextlib.suppress(PermissionError):
        at_once = os.SCHED_RR | os.SCHED_RESET_ON_FORK
        os.sched_setscheduler(0, at_once, os.sched_param(1))
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n")
    print("| what | median | lowest | highest |\n| --- | --- | --- | --- |")
    if arguments.idle:
        at_rest(arguments.idle, arguments.seconds)
    if arguments.train:
        training(arguments.train, arguments.seconds, arguments.keys)


if __name__ == "__main__":
    main()
