"""Sizes that change quickly, as in tmux and under tiling window managers."""

from __future__ import annotations

import contextlib
import random
import re
import sys
from collections.abc import Iterator

import pytest

from tests.terminal import Terminal

SIZES = [(120, 40), (62, 21), (80, 24), (200, 60), (60, 20), (30, 8), (121, 39)]


def is_whole(terminal: Terminal) -> bool:
    """Whether header, status and footer go to the edges of the size that the terminal has."""
    rows = terminal.screen.display
    columns, lines = terminal.screen.columns, terminal.screen.lines
    if columns < 60 or lines < 20:
        return "needs" in terminal.text or "columns" in terminal.text
    right = rows[0][columns // 2 :].strip()
    return bool(
        len(rows) == lines
        and right
        and re.search(r"space (train|pause)", rows[-1])
        and rows[-2].strip()
        and rows[1][-1].strip()
    )


def without_status(terminal: Terminal) -> list[str]:
    """All rows but the one in which the link's figures change."""
    rows = terminal.screen.display
    return [*rows[:-2], rows[-1]]


@contextlib.contextmanager
def standing_still() -> Iterator[Terminal]:
    # Whatever else the machine does, pictures keep their greys.
    with Terminal("--link", "fast", columns=120, rows=40) as terminal:
        terminal.wait(r"idle")
        terminal.wait(r"floor 0")
        terminal.settle()
        yield terminal


def settle(terminal: Terminal) -> None:
    terminal.until(lambda: is_whole(terminal), "a whole screen")


@pytest.mark.parametrize("training", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_whatever_sizes_come_the_screen_is_whole_after_the_last(training: bool) -> None:
    chance = random.Random(int(training))
    with Terminal(columns=120, rows=40) as terminal:
        terminal.wait(r"idle")
        if training:
            terminal.send(" ")
            terminal.wait(r"epoch [1-9]")
        for _ in range(12):
            for size in [*chance.choices(SIZES, k=chance.randrange(1, 4)), (120, 40)]:
                terminal.resize(*size)
                terminal.pump(chance.choice([0, 0, 0.004, 0.01, 0.02, 0.06]))
            settle(terminal)
            assert terminal.screen.columns == 120


def test_a_quick_way_there_and_back_leaves_nothing_cut() -> None:
    with standing_still() as terminal:
        before = without_status(terminal)
        for gap in (0, 0.001, 0.003, 0.005, 0.008, 0.01, 0.02, 0.05):
            terminal.resize(62, 21)
            terminal.pump(gap)
            terminal.resize(120, 40)
            terminal.settle()
            assert without_status(terminal) == before, gap


def test_repainting_brings_back_all_that_something_else_has_wiped() -> None:
    with standing_still() as terminal:
        before = without_status(terminal)
        terminal.screen.reset()
        terminal.send("\x0c")
        terminal.until(lambda: without_status(terminal) == before, "the screen as it was")


def test_modes_that_some_terminals_only_claim_are_never_asked_for() -> None:
    with Terminal(columns=120, rows=40) as terminal:
        terminal.wait(r"idle")
        # A terminal that says: mode 2048 is there, and it is reset.
        terminal.send("\x1b[?2048;2$y")
        terminal.settle()
        terminal.resize(80, 24)
        terminal.settle()
        assert is_whole(terminal)
        terminal.send("q")
        terminal.wait_exit()
        assert terminal.received.count(b"\x1b[?2048h") == terminal.received.count(b"\x1b[?2048l")
        assert terminal.received.count(b"\x1b[?1016h") == terminal.received.count(b"\x1b[?1016l")


NESTED = """
import os, signal, struct, sys, termios, fcntl
real = os.get_terminal_size
told = [0]
def measured(terminal):
    size = real(terminal)
    if size == (62, 21) and not told[0]:
        told[0] = 1
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        signal.raise_signal(signal.SIGWINCH)
        for _ in range(1000):
            pass
    return size
os.get_terminal_size = measured
from tui_ae.cli import main
sys.exit(main(sys.argv[1:]))
"""


def test_a_size_that_comes_while_another_is_taken_is_the_last() -> None:
    with Terminal(command=[sys.executable, "-c", NESTED], columns=120, rows=40) as terminal:
        terminal.wait(r"idle")
        terminal.settle()
        terminal.resize(62, 21)
        # The program gives the terminal its old size back as soon as it has heard of the other.
        terminal.screen.resize(40, 120)
        settle(terminal)
