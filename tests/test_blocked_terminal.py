"""A terminal that stops reading, as a frozen emulator or a dead link does."""

import os
import signal
import termios
import time

import pytest

from tests.terminal import Terminal

BLOCKED_S = 2.5
END_S = 6.0


def leave(terminal, how) -> None:
    if how == "q":
        os.write(terminal.master, b"q")
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
def test_what_puts_a_terminal_in_order_gets_out_once_it_reads_again(how) -> None:
    with Terminal(columns=120, rows=40, env={"COLORTERM": "truecolor"}) as terminal:
        terminal.wait(r"idle")
        terminal.send(" ")
        terminal.wait(r"epoch [1-9]")
        terminal.answers = False
        blocked(terminal)
        leave(terminal, how)
        terminal.process.wait(END_S)
        terminal.pump(0.3)
        tail = bytes(terminal.received[-600:])
        for sequence in (b"?1049l", b"?25h", b"?7h", b"?2004l", b"?1000l", b"?1003l", b"?1004l"):
            assert b"\x1b[" + sequence in tail, sequence
        assert termios.tcgetattr(terminal.slave) == terminal.attributes


def blocked(terminal) -> None:
    """Read nothing for a while, in which the program fills what lies between if it can."""
    end = time.monotonic() + BLOCKED_S
    while time.monotonic() < end:
        os.write(terminal.master, b"l")
        time.sleep(0.02)
