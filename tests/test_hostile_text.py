"""Text from outside, wherever it is shown, never steers the terminal."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pytest import MonkeyPatch

from tests.command import ROOT
from tests.terminal import Terminal

CLIPBOARD, COLOUR, BACKWARDS = "\x1b]52;c;SGVsbG8=\x07", "\x1b[31;45m", "\u202e"
EVIL = f"a{CLIPBOARD}{COLOUR}{BACKWARDS}z"
KEYS = [
    "p",
    "c",
    "\x1b",
    "?",
    "\x1b",
    "a",
    "\x1b",
    "g",
    "\x1b",
    "\x10",
    "\x1b",
    "n",
    "r",
    "n",
    "i",
    "t",
]


@pytest.fixture
def evil(tmp_path: Path) -> Path:
    """A folder of pictures, all of whose names are hostile, in a folder whose name is too."""
    folder = tmp_path / EVIL
    for number in range(3):
        inner = folder / "data" / f"{number}{EVIL}"
        inner.mkdir(parents=True)
        for image in range(4):
            pixels = np.full((28, 28), 60 * number + image, np.uint8)
            pixels[8:20, 8:20] = 255 - pixels[8:20, 8:20]
            Image.fromarray(pixels).save(inner / f"{image}{EVIL}.png")
        (inner / f"broken{EVIL}.png").write_bytes(b"no picture")
    return folder


def assert_harmless(received: bytes) -> None:
    said = received.decode("utf-8", "replace")
    assert "\x1b]52" not in said
    assert COLOUR not in said
    assert BACKWARDS not in said


@pytest.mark.parametrize(
    ("columns", "rows"), [(60, 20), pytest.param(120, 40, marks=pytest.mark.slow)]
)
def test_no_name_in_any_place_steers_the_terminal(
    evil: Path, monkeypatch: MonkeyPatch, columns: int, rows: int
) -> None:
    monkeypatch.chdir(evil)
    hostile = {
        "PYTHONPATH": str(ROOT),
        "USER": EVIL,
        "TERM_PROGRAM": EVIL,
        "XDG_STATE_HOME": str(evil / "state"),
    }
    with Terminal("--data", "data", columns=columns, rows=rows, env=hostile) as terminal:
        terminal.wait(r"idle")
        terminal.send("s")
        terminal.wait(r"epoch 1\b")
        for key in KEYS:
            terminal.send(key)
            terminal.settle(0.1)
        terminal.send("q")
        terminal.settle(0.1)
        terminal.send("y")
        terminal.wait_exit()
        assert_harmless(bytes(terminal.received))


@pytest.mark.parametrize("option", ["--data", "--log", "--run", "--theme", "--recipe", "--codes"])
def test_no_option_in_any_sentence_steers_the_terminal(option: str) -> None:
    with Terminal(option, f"/dev/null/{EVIL}") as terminal:
        assert terminal.wait_exit() == 2
        assert_harmless(bytes(terminal.received))
        assert b"\x1b" not in terminal.received
