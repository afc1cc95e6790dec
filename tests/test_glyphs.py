"""Characters that a terminal lacks: avoided where that can be told, changed by a key elsewhere."""

from __future__ import annotations

import re

import pytest

from tests.terminal import Terminal

BRAILLE = re.compile("[\u2801-\u28ff]")


def test_the_linux_console_gets_blocks_and_is_not_asked() -> None:
    with Terminal(env={"TERM": "linux"}) as terminal:
        terminal.wait(r"idle")
        terminal.settle()
        assert not BRAILLE.search(terminal.text) and re.search("[▀▄█]", terminal.text)
        assert b"\x1bP" not in terminal.received and b"\x1b]4" not in terminal.received


@pytest.mark.parametrize(
    "glyphs",
    ["ascii", *(pytest.param(name, marks=pytest.mark.slow) for name in ("braille", "blocks"))],
)
def test_characters_are_those_that_were_asked_for(glyphs: str) -> None:
    with Terminal("--glyphs", glyphs) as terminal:
        terminal.wait(r"idle")
        terminal.send(" ")
        terminal.wait(r"epoch [2-9]")
        terminal.send(" ")
        terminal.wait(r"paused")
        terminal.settle()
        assert bool(BRAILLE.search(terminal.text)) == (glyphs == "braille")
        assert terminal.text.isascii() == (glyphs == "ascii")


def test_a_key_changes_them_while_it_runs() -> None:
    with Terminal() as terminal:
        terminal.wait(r"idle")
        terminal.wait(r"boxes\? b changes the characters")
        terminal.settle()
        assert BRAILLE.search(terminal.text)
        terminal.send("b")
        terminal.wait(r"Characters: blocks")
        terminal.until(lambda: not BRAILLE.search(terminal.text))
        terminal.send("b")
        terminal.wait(r"Characters: ascii")
        terminal.until(lambda: str.isascii(terminal.text))
        terminal.send("g")
        terminal.wait("loss")
        terminal.settle()
        assert terminal.text.isascii()
        terminal.send("\x1bb")
        terminal.wait(r"Characters: braille")
        terminal.until(lambda: BRAILLE.search(terminal.text))


class Wide(Terminal):
    """A terminal whose signs of ambiguous width take two cells."""

    def feed(self, data: bytes) -> None:
        text = data.decode("utf-8", "replace")
        wide = re.sub(r"(?<=;1H)─(?=\x1b\[6n)", "──", text)
        super().feed(wide.encode())


def test_where_signs_are_two_cells_wide_there_is_ascii_alone() -> None:
    with Wide() as terminal:
        terminal.wait(r"This terminal draws signs two cells wide")
        terminal.settle()
        assert terminal.text.isascii()


def test_tmux_without_a_locale_gets_ascii() -> None:
    env = {"TMUX": "/tmp/tmux-0/x,1,0", "LANG": "", "LC_ALL": "", "LC_CTYPE": ""}
    with Terminal(env=env) as terminal:
        terminal.wait(r"idle")
        terminal.wait(r"start tmux -u")
        terminal.settle()
        assert terminal.text.isascii()
        # No tmux answers there, which is said once nothing else is.
        terminal.send("\x1b[C")
        terminal.wait(r"say --link slow")


def test_an_unknown_set_is_refused() -> None:
    with Terminal("--glyphs", "runes") as terminal:
        assert terminal.wait_exit() == 2
        assert b"--glyphs runes: choose one of auto, braille, blocks, ascii." in terminal.received
