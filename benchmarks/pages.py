"""What it costs on the wire to open a page or a dialog, and to go back.

    python -m benchmarks.pages [--size 120x40] [-- OPTIONS OF THE PROGRAM]

The program on a pseudo-terminal with 256 colours, paused after a few epochs; bytes until nothing
more comes.
"""

from __future__ import annotations

import argparse

from tests.terminal import Terminal

PAGES = {
    "c": "classes",
    "r": "reset question",
    "?": "help",
    "a": "architecture",
    "g": "loss graph",
    "D": "drawing pad",
    "\x10": "command palette",
}
ESCAPE = "\x1b"


def cost(terminal: Terminal, key: str) -> int:
    before = len(terminal.received)
    terminal.send(key)
    terminal.settle()
    return len(terminal.received) - before


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--size", default="120x40")
    parser.add_argument("options", nargs="*", help="for the program, after --")
    arguments = parser.parse_args()
    columns, rows = map(int, arguments.size.split("x"))
    with Terminal(*arguments.options, columns=columns, rows=rows, forked=False) as terminal:
        terminal.wait("idle")
        terminal.send(" ")
        terminal.wait(r"epoch +([5-9]|\d\d)")
        terminal.send(" ")
        terminal.wait("paused")
        terminal.settle()
        print(
            f"| bytes at {arguments.size} | open | back | open again |\n| --- | --- | --- | --- |"
        )
        for key, name in PAGES.items():
            costs = [cost(terminal, pressed) for pressed in (key, ESCAPE, key, ESCAPE)]
            print(f"| {name} | {costs[0]:,} | {costs[1]:,} | {costs[2]:,} |")
        terminal.send("q")
        terminal.wait_exit()


if __name__ == "__main__":
    main()
