"""Programs on a pseudo-terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import tui_ae
from tests.terminal import Terminal


@pytest.fixture
def run_program(tmp_path: Path) -> Iterator[Callable[..., Terminal]]:
    """Runs a program's text on a pseudo-terminal."""
    running = []

    def run(text: str, *arguments: str, columns: int = 60, rows: int = 16) -> Terminal:
        path = tmp_path / "program.py"
        path.write_text(text)
        command = [sys.executable, str(path), *arguments]
        root = str(Path(tui_ae.__file__).parents[1])
        env = {"COLORTERM": "truecolor", "PYTHONPATH": root}
        running.append(Terminal(columns=columns, rows=rows, env=env, command=command))
        return running[-1]

    yield run
    for program in running:
        program.close()
