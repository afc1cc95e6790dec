"""What goes wrong around a run: told in a sentence, with nothing lost and nothing overwritten."""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from pytest import MonkeyPatch

from tests import command
from tests.terminal import Terminal
from tui_ae.errors import FailureError, UserError, reason
from tui_ae.files import replace_file, write_new

ERRORS = {
    "there is not enough memory": MemoryError(),
    "there is not enough memory (can't allocate memory)": RuntimeError(
        "can't allocate memory.\nmore"
    ),
    "a library asked the program to exit (3)": SystemExit(3),
    "it was interrupted": KeyboardInterrupt(),
    "the system refused (No space left on device: a.npz)": OSError(
        28, "No space left on device", "a.npz"
    ),
    "a library can't be loaded (libgomp.so.1)": ImportError("libgomp.so.1"),
    "ValueError: shapes differ": ValueError("shapes differ."),
    "KeyError": KeyError(),
    "no such file": UserError("no such file."),
    "it ended": FailureError("it ended."),
}


@pytest.mark.parametrize("words", ERRORS)
def test_every_end_has_words(words: str) -> None:
    assert reason(ERRORS[words]) == words


FAULTS = {
    "SystemExit": "raise SystemExit(3)",
    "KeyboardInterrupt": "raise KeyboardInterrupt",
    "MemoryError": "raise MemoryError",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_an_end_within_the_worker_is_explained(fault: str) -> None:
    code = (
        "import sys\nfrom tui_ae.train import trainer\n"
        "def broken(self):\n"
        f"    {FAULTS[fault]}\n"
        "trainer.Trainer.step = broken\n"
        "from tui_ae.cli import main; sys.exit(main(sys.argv[1:]))"
    )
    with Terminal(command=[sys.executable, "-c", code, "--no-save"]) as terminal:
        terminal.wait(r"idle")
        terminal.send(" ")
        terminal.wait(r"Training stopped: [a-z].*\.")
        terminal.send("n")
        terminal.wait(r"failed")
        terminal.send("q")
        assert terminal.wait_exit() == 0


def test_a_trainer_that_cannot_be_built_is_a_sentence() -> None:
    code = (
        "import sys\nfrom tui_ae.train import trainer\n"
        "def broken(self, *_): raise RuntimeError('no device')\n"
        "trainer.Trainer.__init__ = broken\n"
        "from tui_ae.cli import main; sys.exit(main(sys.argv[1:]))"
    )
    with Terminal(command=[sys.executable, "-c", code, "--no-save"]) as terminal:
        assert terminal.wait_exit() == 1
        after = bytes(terminal.received).rpartition(b"\x1b[?1049l")[2].decode()
        assert "tui-ae: Training could not begin: RuntimeError: no device." in after
        assert "Traceback" not in after


def test_too_little_memory_is_a_sentence() -> None:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (400 << 20, 400 << 20))

    done = subprocess.run(
        [sys.executable, "-m", "tui_ae", "--headless", "--epochs", "1", "--no-save"],
        capture_output=True,
        text=True,
        env=command.environment(),
        preexec_fn=limit,
        check=False,
        timeout=60,
    )
    assert done.returncode != 0 and "Traceback" not in done.stderr
    assert done.stderr.startswith("tui-ae: ")


def test_closed_standard_output_is_a_sentence() -> None:
    done = subprocess.run(
        f"{sys.executable} -m tui_ae --headless --epochs 1 --no-save >&-",
        shell=True,
        capture_output=True,
        text=True,
        env=command.environment(),
        check=False,
        timeout=60,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("tui-ae: standard output is closed")


def test_a_pipe_without_a_reader_is_no_log(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "log")
    with Terminal("--log", str(tmp_path / "log")) as terminal:
        assert terminal.wait_exit() == 2
        assert b"--log" in terminal.received and b"Traceback" not in terminal.received


def test_a_picture_from_a_folder_that_is_gone_is_a_sentence(
    tmp_path: Path, monkeypatch: MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    with Terminal(env={"PYTHONPATH": str(command.ROOT)}) as terminal:
        terminal.wait(r"idle")
        gone.rmdir()
        terminal.send("p")
        terminal.wait(r"The picture could not be saved here: No such file or directory\.")
        terminal.send("s")
        terminal.wait(r"epoch 1\b")


def test_a_picture_takes_a_new_name_and_follows_no_link(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("mine")
    (tmp_path / "a.svg").symlink_to(precious)
    (tmp_path / "a-2.svg").write_text("older")
    made = [write_new(tmp_path, "a", ".svg", b"new") for _ in range(2)]
    assert [path.name for path in made] == ["a-3.svg", "a-4.svg"]
    assert precious.read_text() == "mine" and (tmp_path / "a-2.svg").read_text() == "older"
    assert made[0].read_bytes() == b"new"
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        *("a-2.svg", "a-3.svg", "a-4.svg", "a.svg", "precious"),
    ]


def test_a_full_disk_leaves_no_torn_file(tmp_path: Path, monkeypatch: MonkeyPatch) -> None:
    (tmp_path / "old").write_text("whole")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="space"):
        replace_file(tmp_path / "old", b"new")
    with pytest.raises(OSError, match="space"):
        write_new(tmp_path, "new", ".svg", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["old"]
    assert (tmp_path / "old").read_text() == "whole"


def test_codes_replace_a_link_and_leave_what_it_led_to(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("mine")
    (tmp_path / "c.npz").symlink_to(precious)
    done = command.run(
        "--headless", "--epochs", "1", "--no-save", "--codes", str(tmp_path / "c.npz")
    )
    assert done.returncode == 0, done.stderr
    assert precious.read_text() == "mine" and not (tmp_path / "c.npz").is_symlink()
    assert re.match(r"epoch +1", done.stdout)
