"""Colours on a real pseudo-terminal: as many as the terminal says that it has."""

from __future__ import annotations

import re
import sys

import pytest

from tests.terminal import Terminal

TRUE, EIGHT = rb"[34]8;2;\d+;\d+;\d+", rb"[34]8;5;\d+"


def since(terminal: Terminal, start: int) -> bytes:
    return bytes(terminal.received[start:])


@pytest.mark.parametrize(
    "term",
    [
        "screen",
        *(pytest.param(name, marks=pytest.mark.slow) for name in ("xterm", "xterm-256color")),
    ],
)
def test_a_terminal_that_says_truecolour_gets_it(term: str) -> None:
    with Terminal(env={"TERM": term}) as terminal:
        terminal.wait(r"idle")
        terminal.settle()
        assert b"\x1bP$qm\x1b\\" in terminal.received
        # The question itself has a colour of its own.
        painted = bytes(terminal.received).replace(b"\x1b[48;2;1;2;3m", b"")
        assert not re.search(TRUE, painted)
        start = len(terminal.received)
        terminal.send("\x1bP1$r0;48:2::1:2:3m\x1b\\")
        terminal.until(lambda: re.search(TRUE, since(terminal, start)), "truecolour")


def test_a_terminal_that_says_256_gets_them() -> None:
    with Terminal(env={"TERM": "xterm"}) as terminal:
        terminal.wait(r"idle")
        terminal.settle()
        start = len(terminal.received)
        terminal.send("\x1b]4;255;rgb:eeee/eeee/eeee\x1b\\")
        terminal.until(lambda: re.search(EIGHT, since(terminal, start)), "256 colours")
        terminal.settle()
        assert not re.search(TRUE, since(terminal, start))


@pytest.mark.parametrize("fixed", ["no", pytest.param("--colours=16", marks=pytest.mark.slow)])
def test_what_the_person_says_stands(fixed: str) -> None:
    env = {"TERM": "xterm-256color", **({"NO_COLOR": "1"} if fixed == "no" else {})}
    with Terminal(*([fixed] if fixed != "no" else []), env=env) as terminal:
        terminal.wait(r"idle")
        terminal.settle()
        start = len(terminal.received)
        terminal.send("\x1bP1$r0;48:2::1:2:3m\x1b\\ ")
        terminal.wait(r"epoch [1-9]")
        terminal.send(" ")
        terminal.wait(r"paused")
        assert not re.search(TRUE, since(terminal, start))
        assert not re.search(EIGHT, since(terminal, start))


def test_a_key_goes_through_the_numbers_of_colours() -> None:
    with Terminal(env={"TERM": "xterm-256color"}) as terminal:
        terminal.wait(r"idle")
        for said in ("truecolor", "16", "256"):
            terminal.send("o")
            terminal.wait(rf"Colours: {said}")


def test_cells_that_did_not_change_take_the_new_colours_too() -> None:
    with Terminal(env={"TERM": "xterm"}) as terminal:
        terminal.wait(r"idle")
        terminal.settle()
        terminal.send("\x1bP1$r0;48:2::1:2:3m\x1b\\")
        screen = terminal.screen

        def papers() -> set[str]:
            return {
                screen.buffer[row][column].bg
                for row in range(screen.lines)
                for column in range(screen.columns)
            }

        terminal.until(lambda: "black" not in papers(), "no black of sixteen is left")
        assert "121212" in papers()
        terminal.send("?")
        terminal.wait(r"Train until paused")
        terminal.settle()
        assert papers() == {"121212"}


EARLY = """
import asyncio, sys, threading
from tui_ae.ui.main_screen import MainScreen
resume = MainScreen.on_screen_resume
async def on_screen_resume(self):
    # Textual's own part of it comes afterwards, and lays the screen out for the first time.
    MainScreen.on_screen_resume = resume
    resume(self)
    while self.app._clock is None:
        await asyncio.sleep(0.001)
    answer = "\\x1bP1$r0;48:2::1:2:3m\\x1b\\\\"
    reader = threading.Thread(target=self.app._driver._take_answer, args=(answer,))
    reader.start()
    reader.join()
    await asyncio.sleep(0.001)
MainScreen.on_screen_resume = on_screen_resume
from tui_ae.cli import main
sys.exit(main(sys.argv[1:]))
"""


def test_an_answer_before_the_first_frame_holds_up_no_start() -> None:
    command = [sys.executable, "-c", EARLY, "--no-save"]
    with Terminal(command=command, env={"TERM": "xterm-256color"}) as terminal:
        terminal.wait(r"idle")
        assert re.search(TRUE, bytes(terminal.received).replace(b"\x1b[48;2;1;2;3m", b""))
