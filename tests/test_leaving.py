"""Leaving: nothing is lost without a question, and a line says how to go on."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from tests.terminal import Terminal

KEPT = (
    r"(?<!library wrote: )tui-ae: "
    r"(\d+) epochs?, loss 0\.\d{4}, seed 3\. Go on: tui-ae resume [\d-]+\w+\. "
)
AGAIN = r"The same again: tui-ae --seed 3"


def after(terminal: Terminal) -> str:
    """What stands on the terminal after the screen is gone."""
    return bytes(terminal.received).rpartition(b"\x1b[?1049l")[2].decode()


def trained(terminal: Terminal, epochs: int = 3) -> None:
    terminal.wait(r"idle")
    terminal.send(" ")
    terminal.wait(rf"epoch ([{epochs}-9]|\d\d+)\b")


def test_a_kept_run_is_left_without_a_question(tmp_path: Path) -> None:
    with Terminal("--seed", "3", env={"XDG_STATE_HOME": str(tmp_path)}) as terminal:
        trained(terminal)
        terminal.send("q")
        assert terminal.wait_exit() == 0
        assert re.search(KEPT + AGAIN, after(terminal))
    (folder,) = (tmp_path / "tui_ae" / "runs").iterdir()
    assert folder.name in after(terminal)


@pytest.mark.slow
@pytest.mark.parametrize("answers", ["y", "\x03"])
def test_a_run_that_is_not_kept_asks(answers: str) -> None:
    with Terminal("--no-save", "--seed", "3") as terminal:
        trained(terminal)
        # It asks where there were some seconds of training.
        for _ in range(65):
            terminal.pump(0.1)
        terminal.send("\x03")
        terminal.wait(
            r"This run is not kept\. Leave, and lose (1 epoch|([2-9]|\d[\d,]+) epochs) of"
        )
        terminal.send("n")
        terminal.until(lambda: "not kept" not in terminal.text)
        terminal.send("\x03")
        terminal.wait(r"not kept")
        terminal.send(answers)
        assert terminal.wait_exit() == 0
        said = after(terminal)
        assert "resume" not in said and re.search(AGAIN, said)
        # It is the program's own word, and no library's.
        assert "library" not in said


def test_a_moment_of_training_is_left_without_a_question() -> None:
    with Terminal("--no-save") as terminal:
        trained(terminal, 1)
        terminal.send("q")
        assert terminal.wait_exit() == 0


def test_nothing_is_said_where_nothing_was_trained(tmp_path: Path) -> None:
    with Terminal(env={"XDG_STATE_HOME": str(tmp_path)}) as terminal:
        terminal.wait(r"idle")
        terminal.send("q")
        assert terminal.wait_exit() == 0
        assert "epochs" not in after(terminal)
    assert not list(tmp_path.iterdir())


def test_where_there_is_no_screen_of_its_own_nothing_is_left_behind() -> None:
    """As in GNU screen and on the Linux console: pyte knows no alternate screen either."""
    with Terminal("--no-save", "--seed", "3") as terminal:
        trained(terminal, 1)
        terminal.send("q")
        assert terminal.wait_exit() == 0
        rows = [row.rstrip() for row in terminal.screen.display]
        assert rows[0].startswith("tui-ae: ") and "The same again: tui-ae --seed 3" in rows[0]
        assert not any(rows[2:])


NEVER_ENDS = """
import sys
from tui_ae.train.session import Session
Session.stop = lambda self, timeout_s: False
from tui_ae.cli import main
sys.exit(main(["--no-save"]))
"""


def test_a_training_thread_that_does_not_end_in_time_is_left_in_good_order() -> None:
    """PyTorch aborts the process where Python ends a thread in the middle of its code."""
    with Terminal(command=[sys.executable, "-c", NEVER_ENDS]) as terminal:
        trained(terminal, 1)
        terminal.send("q")
        assert terminal.wait_exit() == 1
        assert after(terminal).rstrip().endswith("the training thread did not end in time.")
