"""Class names of every script on a real pseudo-terminal."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.terminal import Terminal


def pictures(folder: Path, names: list[str]) -> Path:
    image = pytest.importorskip("PIL.Image")
    rng = np.random.default_rng(0)
    for name in names:
        (folder / name).mkdir()
        for number in range(6):
            pixels = rng.integers(0, 256, (28, 28), dtype=np.uint8)
            image.fromarray(pixels).save(folder / name / f"{number}.png")
    return folder


def rows(terminal: Terminal) -> list[str]:
    """The rows without what pyte keeps in the second cell of a wide character."""
    screen = terminal.screen
    return [
        "".join(screen.buffer[row][column].data for column in range(screen.columns))
        for row in range(screen.lines)
    ]


@pytest.mark.parametrize("size", [(80, 24), pytest.param((120, 40), marks=pytest.mark.slow)])
def test_they_stand_where_they_should_and_nothing_moves(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    names = ["犬", "ねこ", "Ελλάδα", "हिन्दी", "🐈", "café", "q\u0323"]
    columns, lines = size
    folder = pictures(tmp_path, names)
    # Whatever else the machine does, pictures keep their greys.
    options = ("--data", str(folder), "--no-save", "--link", "fast")
    with Terminal(*options, columns=columns, rows=lines) as terminal:
        terminal.wait(r"idle")
        terminal.settle()
        text = "\n".join(rows(terminal))
        for name in ("犬", "ねこ", "Ελλάδα", "hindii", "🐈", "café", "q\u0323"):
            assert name in text, name
        # Training, pausing, and moving leave what a full painting gives.
        terminal.send(" ")
        terminal.wait(r"epoch [3-9]")
        terminal.send(" ")
        terminal.wait(r"paused")
        # The view may come to rest after the last codes.
        terminal.settle(1.0)
        for keys in ("\x1b[C", "n", "1", "0", "z", "z"):
            terminal.send(keys)
            terminal.settle()
        before = rows(terminal)
        terminal.send("\x0c")
        terminal.settle()
        assert rows(terminal) == before


def test_in_ascii_they_are_told_apart_by_their_keys(tmp_path: Path) -> None:
    folder = pictures(tmp_path, ["犬", "猫", "été"])
    with Terminal("--data", str(folder), "--no-save", "--ascii") as terminal:
        terminal.wait(r"idle")
        terminal.settle()
        assert "class 1" in terminal.text and "class 2" in terminal.text
        assert "ete" in terminal.text
