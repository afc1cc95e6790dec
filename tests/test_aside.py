"""Libraries that write on the standard streams."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest
from pytest import MonkeyPatch

from tests import command
from tests.terminal import Terminal
from tui_ae.aside import Aside

COMPLAINT = {"OMP_NUM_THREADS": "abc", "OMP_DISPLAY_ENV": "TRUE"}
WRITER = (
    "import os, sys, threading, time\n"
    "from tui_ae.data import load\n"
    "real = load.load\n"
    "def loud(*arguments):\n"
    "    os.write(1, b'on one\\n'); os.write(2, b'on two\\n\\x1b[31mred')\n"
    "    return real(*arguments)\n"
    "load.load = loud\n"
    "import tui_ae.headless; tui_ae.headless.load = loud\n"
    "from tui_ae.cli import main; sys.exit(main(sys.argv[1:]))\n"
)


def test_what_is_written_meanwhile_is_kept_and_nothing_after(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with Aside() as aside:
        os.write(1, b"one\n\n")
        os.write(2, b"two\nthree \xff")
    os.write(1, b"after")
    assert aside.lines() == ["one", "two", "three \ufffd"]
    assert capfd.readouterr() == ("after", "")


def test_the_last_two_hundred_lines_are_kept_and_of_them_a_mebibyte(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with Aside() as aside:
        assert aside.size == 0 and aside.lines() == []
        os.write(1, b"".join(b"%d\n \n" % number for number in range(201)))
        assert aside.size == 1096
        assert aside.lines() == [str(number) for number in range(1, 201)]
    assert len(aside.lines()) == 200 and aside.size == 0
    with Aside() as aside:
        os.write(2, b"ab")
        with open(1, "wb", closefd=False) as stream:
            stream.write(b"x" * ((1 << 20) - 1))
    (line,) = aside.lines()
    assert len(line) == 1 << 20 and line.startswith("bx")
    assert capfd.readouterr() == ("", "")


class Gone:
    """A stream behind which there is nothing any more."""

    def flush(self) -> None:
        raise OSError


class Holding:
    """Standard output that holds some bytes."""

    held = b""

    def flush(self) -> None:
        os.write(1, self.held)
        self.held = b""


@pytest.mark.parametrize("other", [None, Gone()])
def test_what_python_still_holds_goes_where_it_was_meant_to(
    other: Gone | None, monkeypatch: MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    out = Holding()
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", other)
    out.held = b"before "
    with Aside() as aside:
        out.held = b"meanwhile"
    out.held = b"after"
    out.flush()
    assert capfd.readouterr() == ("before after", "") and aside.lines() == ["meanwhile"]


def test_the_screen_stays_whole_and_the_words_come_after_it() -> None:
    # Whatever else the machine does, pictures keep their greys.
    command = [sys.executable, "-c", WRITER, "--link", "fast"]
    with Terminal(command=command, columns=120, rows=40) as terminal:
        terminal.wait(r"idle")
        terminal.wait(r"A library wrote: \?\[31mred")
        terminal.send(" ")
        terminal.wait(r"epoch [1-9]")
        terminal.send(" ")
        terminal.wait(r"paused")
        # The view may come to rest after the last codes.
        terminal.settle(1.0)
        # But for the status line, in which the link's figures change.
        shown = terminal.screen.display[:-2]
        terminal.send("\x0c")
        terminal.settle()
        assert terminal.screen.display[:-2] == shown
        terminal.send("d")
        terminal.wait(r"what libraries wrote[\s\S]*on one[\s\S]*red")
        terminal.send("\x1b")
        terminal.settle()
        terminal.send("q")
        terminal.settle()
        terminal.send("y")
        terminal.wait_exit()
        after = bytes(terminal.received).rpartition(b"\x1b[?1049l")[2].decode()
        assert "tui-ae: a library wrote: on one" in after
        assert "tui-ae: a library wrote: ?[31mred" in after


def test_the_streams_come_back_where_there_is_no_memory_to_look(
    monkeypatch: MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object) -> None:
        raise MemoryError

    with Aside() as aside:
        os.write(2, b"aside\n")
        monkeypatch.setattr(os, "pread", full)
    os.write(2, b"there is not enough memory\n")
    assert capfd.readouterr().err == "there is not enough memory\n"
    assert aside.lines() == []


FAILS = WRITER.replace("return real(*arguments)", "raise MemoryError")


def test_a_failure_without_a_screen_comes_with_what_libraries_said() -> None:
    done = subprocess.run(
        [sys.executable, "-c", FAILS, "--headless", "--epochs", "1", "--no-save"],
        capture_output=True,
        text=True,
        env=command.environment(),
        check=False,
    )
    assert done.returncode == 1
    said = done.stderr.splitlines()
    assert "tui-ae: there is not enough memory." in said
    assert "tui-ae: a library wrote: on one" in said


@pytest.mark.parametrize("variables", [COMPLAINT, pytest.param({}, marks=pytest.mark.slow)])
def test_without_a_screen_only_lines_of_its_own_go_to_standard_output(
    variables: dict[str, str],
) -> None:
    done = command.run("--headless", "--epochs", "2", "--no-save", **variables)
    assert done.returncode == 0
    assert all(re.match(r"epoch +\d", line) for line in done.stdout.splitlines())
    assert len(done.stdout.splitlines()) == 2
    assert all(line.startswith("tui-ae: ") for line in done.stderr.splitlines())
    if variables and "libgomp" in done.stderr:
        assert "a library wrote" in done.stderr
