"""A terminal that stops reading, as a frozen emulator or a dead link does."""

from __future__ import annotations

import os
import signal
import termios
from pathlib import Path

import pytest

from tests.terminal import Terminal
from tests.waiting import until
from tui_ae.run.folder import RunFolder

END_S = 6.0
"""How long it waits, at most, for what its last words have to get past."""
EPOCHS = 20
"""So many are trained while nothing is read, which takes seconds."""


def leave(terminal: Terminal, how: str | signal.Signals) -> None:
    if isinstance(how, str):
        os.write(terminal.master, how.encode())
        # Leaving asks whether minutes of training are to be lost.
        os.write(terminal.master, b"y")
    else:
        terminal.process.send_signal(how)


@pytest.mark.parametrize(
    "how",
    [
        "q",
        pytest.param(signal.SIGTERM, marks=pytest.mark.slow),
        pytest.param(signal.SIGHUP, marks=pytest.mark.slow),
    ],
)
def test_what_puts_a_terminal_in_order_gets_out_once_it_reads_again(
    tmp_path: Path, how: str | signal.Signals
) -> None:
    run = RunFolder(tmp_path / "run")
    words = ("--run", str(run.path), "--save-every", "0.2")
    with Terminal(*words, columns=120, rows=40, env={"COLORTERM": "truecolor"}) as terminal:
        terminal.wait(r"idle")
        terminal.send(" ")
        terminal.wait(r"epoch [1-9]")
        terminal.answers = False
        blocked(terminal, run)
        leave(terminal, how)
        waited_s = terminal.sleeps_until(lambda: terminal.process.poll() is not None)
        assert waited_s < END_S
        terminal.settle()
        tail = bytes(terminal.received[-600:])
        for sequence in (b"?1049l", b"?25h", b"?7h", b"?2004l", b"?1000l", b"?1003l", b"?1004l"):
            assert b"\x1b[" + sequence in tail, sequence
        assert termios.tcgetattr(terminal.slave) == terminal.attributes


def blocked(terminal: Terminal, run: RunFolder) -> None:
    """Read nothing while it trains, in which the program fills what lies between if it can."""
    before = len(run.losses())

    def is_further() -> bool:
        os.write(terminal.master, b"l")
        return len(run.losses()) >= before + EPOCHS

    until(is_further)
