"""Runs on disk through the commands: saved, gone on with, listed, and killed at any moment."""

from __future__ import annotations

import contextlib
import errno
import io
import json
import os
import random
import shlex
import signal
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests import command
from tests.once import once
from tests.terminal import Terminal
from tests.waiting import until
from tui_ae import headless
from tui_ae.config import Settings
from tui_ae.data.dataset import Dataset
from tui_ae.errors import UserError
from tui_ae.headless import HeadlessOptions
from tui_ae.run.folder import LOSSES, MOMENT, RunFolder
from tui_ae.run.info import RunInfo, begin
from tui_ae.run.kept_runs import find, kept_runs, note_elsewhere, saved_at
from tui_ae.run.manifest import NAME
from tui_ae.run.shelf import Shelf, runs_folder
from tui_ae.train.place import Place

TRAIN = ("--headless", "--device", "cpu", "--json")


def rows(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def losses(found: list[dict[str, Any]]) -> list[tuple[int, float]]:
    return [(row["epoch"], row["loss"]) for row in found]


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[tuple[int, float]]]:
    """The losses of runs that never stopped, by recipe."""
    made = once(tmp_path_factory, "unbroken-runs", _unbroken)
    return {recipe: [tuple(row) for row in rows] for recipe, rows in made.items()}


def _unbroken() -> dict[str, list[tuple[int, float]]]:
    return {
        recipe: losses(rows(command.run(*TRAIN, "--no-save", "--recipe", recipe, "--epochs", "7")))
        for recipe in ("fast", "original")
    }


@pytest.mark.parametrize("recipe", ["fast", "original"])
def test_goes_on_bit_for_bit(
    tmp_path: Path, recipe: str, unbroken: dict[str, list[tuple[int, float]]]
) -> None:
    run = tmp_path / "run"
    first = rows(command.run(*TRAIN, "--recipe", recipe, "--epochs", "4", "--run", str(run)))
    rest = rows(command.run("resume", str(run), *TRAIN, "--epochs", "7"))
    assert [row["epoch"] for row in rest] == [5, 6, 7]
    assert losses(first + rest) == unbroken[recipe]
    kept = [(row.epoch, row.loss) for row in RunFolder(run).losses()]
    assert kept == unbroken[recipe]


def test_goes_on_within_an_epoch(
    tmp_path: Path, unbroken: dict[str, list[tuple[int, float]]]
) -> None:
    run = tmp_path / "run"
    with command.start(*TRAIN, "--epochs", "1000000", "--run", str(run)) as process:
        assert process.stdout is not None
        for _ in range(2):
            process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=command.BOUND_S)
    saved = RunFolder(run).snapshot(RunFolder(run).info())
    assert saved.epoch >= 2
    if saved.epoch < 7:
        rest = rows(command.run("resume", str(run), *TRAIN, "--epochs", "7"))
        assert losses(rest) == unbroken["fast"][saved.epoch :]


def test_every_run_is_kept_and_listed_unless_one_says_no(tmp_path: Path) -> None:
    home = {"XDG_STATE_HOME": str(tmp_path)}
    assert command.run("runs", **home).stdout.startswith("There are no runs in ")
    assert command.run("resume", **home).stderr == (
        "tui-ae: there are no runs yet; tui-ae begins one.\n"
    )
    rows(command.run(*TRAIN, "--no-save", "--epochs", "1", **home))
    assert not list(tmp_path.iterdir())
    rows(command.run(*TRAIN, "--epochs", "2", "--seed", "5", **home))
    (listed,) = rows(command.run("runs", "--json", **home))
    assert (listed["epoch"], listed["data"], listed["state"]) == (2, "synthetic digits", "saved")
    assert listed["bytes"] == sum(path.stat().st_size for path in Path(listed["path"]).iterdir())
    assert shlex.split(listed["command"])[:2] == ["tui-ae", "--no-config"]
    again = rows(command.run("resume", listed["id"][:17], *TRAIN, "--epochs", "3", **home))
    assert [row["epoch"] for row in again] == [3]


WRONG = {
    "run": "there is a run already",
    "full": "this folder is not empty",
    "file": "this is a file",
    "file/run": "Not a directory",
}


@pytest.mark.parametrize("name", WRONG)
def test_a_folder_that_is_taken_is_refused(tmp_path: Path, name: str) -> None:
    for folder in ("run", "full"):
        (tmp_path / folder).mkdir()
    (tmp_path / "run" / NAME).write_text("")
    (tmp_path / "full" / "thesis.tex").write_text("")
    (tmp_path / "file").write_text("")
    done = command.run(*TRAIN, "--epochs", "1", "--run", str(tmp_path / name))
    assert done.returncode == 2 and WRONG[name] in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("verb", ["resume", "open", "watch"])
def test_what_is_no_run_is_refused(tmp_path: Path, verb: str) -> None:
    (tmp_path / NAME).write_text("format = 3")
    for name in (str(tmp_path), str(tmp_path / "missing"), "20991231"):
        done = command.run(verb, name)
        assert done.returncode == 2 and done.stderr.count("\n") == 1, done.stderr


def test_two_programs_do_not_train_one_run(tmp_path: Path) -> None:
    run = tmp_path / "run"
    with command.start(*TRAIN, "--seconds", "100", "--run", str(run)) as process:
        assert process.stdout is not None
        process.stdout.readline()
        until((run / LOSSES).exists)
        second = command.run("resume", str(run), *TRAIN)
        process.terminate()
        process.communicate(timeout=command.BOUND_S)
    assert second.returncode == 2
    assert "another program trains this run; tui-ae watch shows it" in second.stderr


def some_data(path: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    np.savez(path, images=rng.random((600, 28, 28), np.float32), labels=np.arange(600) % 7)


def test_a_run_whose_data_changed_or_are_gone_is_shown_and_not_gone_on_with(
    tmp_path: Path,
) -> None:
    data, run = tmp_path / "set.npz", str(tmp_path / "run")
    some_data(data, 0)
    rows(command.run(*TRAIN, "--data", str(data), "--epochs", "3", "--run", run))
    rows(command.run("resume", run, *TRAIN, "--epochs", "4"))
    some_data(data, 1)
    changed = command.run("resume", run, *TRAIN, "--epochs", "5")
    data.unlink()
    gone = command.run("resume", run, *TRAIN, "--epochs", "5")
    for refused, why in ((changed, "its images have other pixels now"), (gone, "no such file")):
        assert refused.returncode == 2 and refused.stderr.count("\n") == 1, refused.stderr
        assert why in refused.stderr and "tui-ae open shows what" in refused.stderr
    assert len(RunFolder(Path(run)).losses()) == 4
    with Terminal("open", run) as terminal:
        terminal.wait(r"The run's images can't be had \(")
        terminal.wait(r"epoch 4")
        terminal.wait(r"its image is gone")
        assert "BCE nan" not in terminal.text
        # Neighbours, planes, the pages, the timeline: nothing falls over without images.
        for key in ("e", "e", "e", "v", "v", "u", "[", "g", "\x1b", "d", "\x1b", "a", "\x1b"):
            terminal.send(key)
            terminal.settle(0.1)
        terminal.send("q")
        assert terminal.wait_exit() == 0


def test_a_disk_that_refuses_is_told_and_training_goes_on(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        # To root no folder is closed; a file where the folder would be is.
        (tmp_path / "tui_ae").write_text("")
    else:
        tmp_path.chmod(0o500)
    done = command.run(*TRAIN, "--epochs", "2", XDG_STATE_HOME=str(tmp_path))
    assert len(done.stdout.splitlines()) == 2
    assert done.returncode == 1
    assert "Not saved: " in done.stderr and "Traceback" not in done.stderr


def test_what_a_disk_refuses_is_said_in_words_that_hold_when_paused_and_left_too(
    tmp_path: Path,
) -> None:
    (tmp_path / "tui_ae").write_text("")
    with Terminal(env={"XDG_STATE_HOME": str(tmp_path)}) as terminal:
        terminal.wait("idle")
        terminal.send(" ")
        terminal.wait(r"Not saved: \w+ .*\(")
        # The first asks where much would be lost.
        terminal.send("\x03\x03")
        assert terminal.wait_exit() == 0
        left = terminal.received.rpartition(b"\x1b")[2].decode()
    assert "Not saved: " in left and "goes on" not in left.lower()


def looks_at(folder: Path) -> Iterator[bool]:
    """Whether anything in it has changed from one look to the next: a save is under way."""
    before = None
    while True:
        sizes = {}
        for path in folder.iterdir():
            # It may have gone in between.
            with contextlib.suppress(FileNotFoundError):
                sizes[path.name] = path.stat().st_size, path.stat().st_mtime_ns
        yield before is not None and sizes != before
        before = sizes


@pytest.mark.parametrize("kills", [3, pytest.param(200, marks=pytest.mark.slow)])
def test_killed_at_any_moment_it_opens_at_its_last_save(tmp_path: Path, kills: int) -> None:
    """Whatever was under way: the run goes on, and its losses are those of an unbroken one."""
    chance, run = random.Random(kills), tmp_path / "run"
    begun = False
    for _ in range(kills):
        verb = ["resume", str(run)] if begun else ["--run", str(run)]
        words = [*verb, "--headless", "--device", "cpu", "--epochs", "1000000"]
        with command.start(*words, "--save-every", "0") as process:
            assert process.stdout is not None
            assert process.stdout.readline().startswith("epoch")
            changes = looks_at(run)
            for _ in range(chance.randrange(20)):
                until(partial(next, changes), pause_s=0.0)
            process.kill()
        folder = RunFolder(run)
        if (run / NAME).exists() and (run / "state.safetensors").exists():
            begun = True
            folder.checkpoint()
            if (run / "moment.safetensors").exists():
                folder.snapshot(folder.info())
        elif run.exists():
            # Killed before anything was saved: the folder goes to the next one.
            for path in run.iterdir():
                path.unlink()
    kept = [(row.epoch, row.loss) for row in RunFolder(run).losses()]
    done = command.run(*TRAIN, "--no-save", "--epochs", str(len(kept)))
    assert kept == losses(rows(done))


def test_runs_in_folders_that_were_named_are_listed_and_found_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, digits: Dataset
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    folder = tmp_path / "mine"
    note_elsewhere(folder)
    assert list(kept_runs()) == []
    RunFolder(folder).create(RunInfo("20200101-000000-abcdef", Settings()), digits)
    assert [run.path for run in kept_runs()] == [folder]
    assert list(kept_runs(elsewhere=False)) == []
    assert find("20200101").path == find("mine").path == find(None).path == folder
    note_elsewhere(folder)
    assert len(list(kept_runs())) == 1
    for content in (b"", b"{}", b'["\\u0000", 3, "/nowhere"]', b"[" * 9999):
        (tmp_path / "state" / "tui_ae" / "elsewhere.json").write_bytes(content)
        assert list(kept_runs()) == []


def test_a_folder_that_is_somebody_elses_alone_hides_no_other_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, digits: Dataset
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    closed = [runs_folder() / "closed", tmp_path / "elsewhere"]
    opened = [runs_folder() / "20200101-000000-abcdef", tmp_path / "mine"]
    for folder in (*closed, *opened):
        RunFolder(folder).create(RunInfo("20200101-000000-abcdef", Settings()), digits)
    note_elsewhere(closed[1])
    note_elsewhere(opened[1])
    whole = Path.stat

    def refuse(path: Path, **options: bool) -> os.stat_result:
        # As for anybody but root.
        if path.parent in closed:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return whole(path, **options)

    monkeypatch.setattr(Path, "stat", refuse)
    monkeypatch.setattr(os, "access", lambda path, _: Path(path) not in closed)
    assert {run.path for run in kept_runs()} == set(opened)
    with pytest.raises(UserError, match=r"this folder can't be looked into; it is its owner's"):
        find(str(closed[1]))


def test_a_file_that_goes_while_runs_are_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "there").touch()
    gone = tmp_path / ".0123456789ab.part"
    monkeypatch.setattr(Path, "iterdir", lambda _: iter([gone, tmp_path / "there"]))
    assert saved_at(tmp_path) == (tmp_path / "there").stat().st_mtime


def test_without_a_screen_a_disk_that_refuses_is_told_at_once_and_when_it_takes_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui_ae.run.saver.RETRY_S", 0.0)
    run, away = tmp_path / "run", tmp_path / "away"
    said: list[str] = []

    class Out(io.StringIO):
        """Has the disk refuse from the second epoch on."""

        def write(self, text: str) -> int:
            if (run / MOMENT).exists() and not said:
                run.rename(away)
                run.write_text("in the way")
            if len(said) == 2:
                raise BrokenPipeError
            return len(text)

    class Err(io.StringIO):
        """Gives it back as soon as that is told."""

        def write(self, text: str) -> int:
            if text.strip():
                said.append(text)
            if text.startswith("tui-ae: Not saved") and away.exists():
                run.unlink()
                away.rename(run)
            return len(text)

    settings = Settings(device="cpu")
    place = Place(Shelf(run), begin(settings), every_s=0.0)
    headless.run(settings, HeadlessOptions(epochs=1000), Out(), Err(), place=place)
    assert said[:2] == [
        f"tui-ae: Not saved: Not a directory ({run}).",
        f"tui-ae: Saved again ({run}).",
    ]
