"""Removing runs: those that were meant, all of them, and nothing else."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from tests import command
from tests.export.runs import make_run
from tests.terminal import Terminal
from tui_ae.config import Settings
from tui_ae.errors import UserError
from tui_ae.run.folder import EPOCH, FILES, LOCK, LOSSES, MOMENT, STOP, RunFolder
from tui_ae.run.manifest import NAME
from tui_ae.run.prune import chosen_runs, remove

IDS = ("20250101-a", "20250102-b", "20250103-c")
"""From the one saved first to the one saved last, a day apart, the last one now."""

WRITTEN = set(FILES) - {STOP}
"""What a run has that nobody asks to stop."""


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three runs in the folder for them."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    folder = tmp_path / "state" / "tui_ae" / "runs"
    for days, name in enumerate(reversed(IDS)):
        make_run(folder / name, Settings(hidden=(3,)))
        age(folder / name, days)
    return folder


def age(run: Path, days: float) -> None:
    then = time.time() - days * 86_400 - 60
    for path in run.iterdir():
        os.utime(path, (then, then))


def names(folders: list[RunFolder]) -> list[str]:
    return [folder.path.name for folder in folders]


CHOICES = {
    "all": (((), 0, None), "cba"),
    "all but the last": (((), 1, None), "ba"),
    "more than there are": (((), 9, None), ""),
    "older": (((), None, 0.5), "ba"),
    "older, of a day and more": (((), None, 1.5), "a"),
    "older than all": (((), None, 30), ""),
    "both conditions": (((), 2, 0.5), "a"),
    "named": ((("20250103", "20250101-a"), None, None), "ca"),
    "named twice": ((("20250103", "20250103-c"), None, None), "c"),
    "named, but the last": ((("20250103", "20250101-a"), 1, None), "a"),
}


@pytest.mark.parametrize("choice", CHOICES)
def test_which_runs_are_meant(runs: Path, choice: str) -> None:
    (words, keep, days), expected = CHOICES[choice]
    found = names(chosen_runs(words, keep, days))
    assert found == [name for letter in expected for name in IDS if name.endswith(letter)]
    assert len(list(runs.iterdir())) == 3


def test_a_minute_tells_in_a_thousand_days(runs: Path) -> None:
    age(runs / IDS[0], 1000)
    assert names(chosen_runs((), None, 1000)) == [IDS[0]]
    assert not chosen_runs((), None, 1000.002)


def test_what_was_saved_a_day_ago_is_not_yet_older_than_a_day(
    runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in (runs / IDS[0]).iterdir():
        os.utime(path, (5_000_000, 5_000_000))
    for after_s, expected in ((86_400, []), (86_400.5, [IDS[0]])):
        monkeypatch.setattr("time.time", lambda after_s=after_s: 5_000_000 + after_s)
        assert names(chosen_runs((IDS[0],), None, 1)) == expected


def test_a_run_goes_with_all_its_files(runs: Path) -> None:
    (runs / IDS[0] / ".0123456789ab.part").write_text("half a file")
    assert remove(RunFolder(runs / IDS[0])) == ()
    assert {path.name for path in runs.iterdir()} == set(IDS[1:])


def test_all_that_training_writes_is_known(tmp_path: Path) -> None:
    run = tmp_path / "run"
    trained = command.run(
        *("--headless", "--device", "cpu", "--epochs", "1", "--run", str(run), "--save-every", "0")
    )
    names = {path.name for path in run.iterdir()}
    moments = {name for name in names if EPOCH.fullmatch(name)}
    assert trained.returncode == 0 and names - moments == WRITTEN and len(moments) == 2
    done = command.run("runs", "prune", str(run), "--yes")
    assert done.returncode == 0 and done.stdout.endswith("\nRemoved 1 run.\n"), done.stderr
    assert str(run) in done.stdout and not run.exists()


def test_other_files_stay_with_their_folder(runs: Path) -> None:
    run = runs / IDS[0]
    (run / "thesis.tex").write_text("mine")
    (run / MOMENT).unlink()
    (run / MOMENT).mkdir()
    (run / MOMENT / "inner").write_text("mine")
    (run / ".part").write_text("mine")
    assert remove(RunFolder(run)) == (".part", MOMENT, "thesis.tex")
    assert {path.name for path in run.iterdir()} == {".part", MOMENT, "thesis.tex"}
    assert (run / MOMENT / "inner").read_text() == "mine"


def test_links_are_not_followed(runs: Path, tmp_path: Path) -> None:
    outside, precious = tmp_path / "outside", tmp_path / "precious"
    make_run(outside, Settings(hidden=(3,)))
    age(outside, 9)
    precious.write_text("mine")
    (runs / "20240101-link").symlink_to(outside)
    (runs / IDS[0] / MOMENT).unlink()
    (runs / IDS[0] / MOMENT).symlink_to(precious)
    assert "20240101-link" not in names(chosen_runs((), 0))
    for name in ("20240101", str(runs / "20240101-link"), f"{runs}/20240101-link/"):
        with pytest.raises(UserError, match="this is a link to a folder"):
            chosen_runs((name,))
    with pytest.raises(UserError, match="this is a link to a folder"):
        remove(RunFolder(runs / "20240101-link"))
    assert remove(RunFolder(runs / IDS[0])) == ()
    assert precious.read_text() == "mine"
    assert {path.name for path in outside.iterdir()} == WRITTEN


def test_a_lock_that_is_a_link_removes_nothing(runs: Path, tmp_path: Path) -> None:
    (runs / IDS[0] / LOCK).unlink()
    (runs / IDS[0] / LOCK).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UserError, match="could not be removed"):
        remove(RunFolder(runs / IDS[0]))
    assert (runs / IDS[0] / NAME).exists() and not (tmp_path / "elsewhere").exists()


def test_what_is_no_run_is_no_choice(runs: Path, tmp_path: Path) -> None:
    (runs / "notes").mkdir()
    (runs / IDS[0] / NAME).write_text("format = 3")
    (runs / IDS[1] / LOSSES).unlink()
    (runs / IDS[1] / LOSSES).mkdir()
    assert names(chosen_runs((), 0)) == [IDS[2]]
    for name in ("notes", IDS[0], IDS[1], str(runs), str(tmp_path / "missing"), "2025", "."):
        with pytest.raises(UserError):
            chosen_runs((name,))
        with pytest.raises(UserError):
            remove(RunFolder(runs / name))
    assert len(list(runs.iterdir())) == 4


def test_a_run_that_is_being_written_stays(runs: Path) -> None:
    writer = RunFolder(runs / IDS[1])
    assert writer.lock()
    with pytest.raises(UserError, match="a program is writing this run"):
        remove(RunFolder(runs / IDS[1]))
    done = command.run("runs", "prune", "--keep", "0", "--yes")
    assert done.returncode == 0 and done.stdout.endswith("\nRemoved 2 runs.\n")
    assert done.stderr == "tui-ae: 1 run left alone: a program is writing.\n"
    assert [path.name for path in runs.iterdir()] == [IDS[1]]
    assert {path.name for path in writer.path.iterdir()} == WRITTEN
    writer.unlock()


WRONG = {
    (): "say which runs: name them, or give --keep N or --older-than DAYS.",
    ("--keep", "-1"): "--keep -1: give a whole number from 0.",
    ("--older-than", "nan"): "--older-than nan: give a number of days from 0.",
    ("--keep", "x"): "argument --keep: invalid int value: 'x'; see tui-ae runs prune --help.",
    ("2025", "--yes"): "2025: 3 runs begin with that; tui-ae runs lists those there are.",
    ("--keep", "1"): "nothing was removed: there is no terminal to ask on; add --yes.",
}


@pytest.mark.parametrize("words", WRONG)
def test_what_is_unclear_removes_nothing(runs: Path, words: tuple[str, ...]) -> None:
    done = command.run("runs", "prune", *words)
    assert (done.returncode, done.stderr) == (2, f"tui-ae: {WRONG[words]}\n")
    assert len(list(runs.iterdir())) == 3


def test_nothing_to_remove_is_no_error(runs: Path) -> None:
    done = command.run("runs", "prune", "--older-than", "30")
    assert (done.returncode, done.stdout) == (0, "There is nothing to remove.\n")


@pytest.mark.parametrize(("answer", "left"), [("y\r", 1), ("\r", 3), ("n\r", 3), ("\x04", 3)])
def test_it_shows_and_asks_on_a_terminal(runs: Path, answer: str, left: int) -> None:
    with Terminal("runs", "prune", "--keep", "1", columns=160) as terminal:
        terminal.wait(r"Remove 2 runs, 0\.\d MB\? \[y/N\]")
        text = terminal.text
        assert IDS[0] in text and IDS[1] in text and IDS[2] not in text
        terminal.send(answer)
        terminal.wait("Removed 2 runs" if left == 1 else "Nothing was removed")
        assert terminal.wait_exit() == 0
    assert len(list(runs.iterdir())) == left
