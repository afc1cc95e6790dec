"""The terminal goes away: the run is saved and ends, or goes on alone until somebody takes it."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests import command
from tests.forked import Program
from tests.terminal import Terminal
from tests.waiting import until
from tui_ae.run.folder import MOMENT, STOP, RunFolder
from tui_ae.run.snapshot import Snapshot, State

IDLE_S = 1.0
"""A run is saved and the program has ended within a second, but for what a busy machine adds."""


def moment(run: Path) -> Snapshot:
    folder = RunFolder(run)
    return folder.snapshot(folder.info())


def train(terminal: Terminal) -> None:
    terminal.wait("idle")
    terminal.send(" ")
    terminal.wait(r"epoch ([2-9]|\d\d)")


def ended(process: Program | subprocess.Popen[bytes]) -> bool:
    return process.poll() is not None


@pytest.mark.parametrize(
    "how",
    [
        "the terminal goes away",
        signal.SIGTERM,
        pytest.param(signal.SIGHUP, marks=pytest.mark.slow),
    ],
)
def test_it_saves_and_ends_within_a_second(tmp_path: Path, how: str | signal.Signals) -> None:
    run = tmp_path / "run"
    # So that nothing but the end saves what is looked at.
    with Terminal("--run", str(run), "--save-every", "1000") as terminal:
        train(terminal)
        if isinstance(how, str):
            terminal.hang_up()
        else:
            terminal.process.send_signal(how)
            # A shell sends it too.
            if how == signal.SIGHUP:
                terminal.process.send_signal(how)
        terminal.until(lambda: ended(terminal.process), "the end", idle_s=IDLE_S)
        code = terminal.process.returncode
    assert code == 128 + (how if isinstance(how, signal.Signals) else signal.SIGHUP)
    assert moment(run).epoch >= 2 and moment(run).state is State.PAUSED
    assert len(RunFolder(run).losses()) == moment(run).epoch
    assert not RunFolder(run).is_written()


@pytest.mark.slow
def test_without_a_terminal_it_goes_on_until_its_epochs_are_done(tmp_path: Path) -> None:
    run = tmp_path / "run"
    words = ("--run", str(run), "--keep-training", "--epochs", "30", "--save-every", "0.2")
    with Terminal(*words) as terminal:
        train(terminal)
        terminal.hang_up()
        assert terminal.process.wait(command.BOUND_S) == 129
    assert (moment(run).epoch, moment(run).batch, moment(run).state) == (30, 0, State.PAUSED)
    assert len(RunFolder(run).losses()) == 30
    unbroken = command.run("--headless", "--no-save", "--epochs", "30", "--device", "cpu")
    assert f"loss {RunFolder(run).losses()[-1].loss:.4f}" in unbroken.stdout.splitlines()[-1]


@pytest.mark.slow
def test_watched_and_taken_over_from_another_terminal(tmp_path: Path) -> None:
    run = tmp_path / "run"
    words = ("--run", str(run), "--keep-training", "--save-every", "0.2")
    with Terminal(*words) as left:
        train(left)
        left.hang_up()
        alone = RunFolder(run)
        until(lambda: (holder := alone.holder()) is not None and holder.alone)
        at = moment(run).epoch
        with Terminal("watch", str(run)) as watching:
            watching.wait("training")
            until(lambda: watching.pump() or moment(run).epoch > at + 3)
            watching.send("q")
            assert watching.wait_exit() == 0
        assert not ended(left.process)
        with Terminal("resume", str(run), "--save-every", "0.2") as taken:
            taken.wait(r"training\s+epoch")
            assert left.process.wait(command.BOUND_S) == 129
            said = " ".join(bytes(taken.received).partition(b"\x1b[?1049h")[0].decode().split())
            assert f"this run went on without its terminal (process {left.process.pid} on" in said
            here = moment(run).epoch
            until(lambda: taken.pump() or moment(run).epoch > here + 2)
            assert not (run / STOP).exists()
            # One key pauses what goes on already.
            taken.send(" ")
            taken.wait("paused")
            taken.send("q")
            assert taken.wait_exit() == 0
    rows = RunFolder(run).losses()
    assert [row.epoch for row in rows] == list(range(1, len(rows) + 1))
    unbroken = command.run(
        *("--headless", "--no-save", "--json", "--device", "cpu", "--epochs", str(len(rows)))
    )
    assert f'"loss": {rows[-1].loss!r},' in unbroken.stdout.splitlines()[-1]


@pytest.mark.parametrize(
    "words",
    [
        ("--keep-training",),
        pytest.param(("--headless", "--epochs", "1000000"), marks=pytest.mark.slow),
    ],
)
def test_stop_has_it_saved_and_ended(tmp_path: Path, words: tuple[str, ...]) -> None:
    run = tmp_path / "run"
    with Terminal("--run", str(run), "--save-every", "1000", *words) as terminal:
        if "--headless" in words:
            terminal.wait(r"epoch +2")
        else:
            train(terminal)
            terminal.hang_up()
        assert not ended(terminal.process)
        done = command.run("stop", str(run))
        assert (done.returncode, done.stderr) == (0, "")
        assert terminal.process.wait(command.BOUND_S) in (129, 143)
    epochs = len(RunFolder(run).losses())
    assert f"is saved after {epochs} epochs; tui-ae resume goes on with it." in done.stdout
    assert moment(run).epoch == epochs >= 2 and moment(run).state is State.PAUSED
    again = command.run("stop", str(run))
    assert (again.returncode, again.stdout.startswith("No program trains run")) == (0, True)
    assert not (run / STOP).exists()
    # Nothing of it stops the next one.
    more = command.run("resume", str(run), "--headless", "--epochs", str(epochs + 3))
    assert more.returncode == 0 and len(RunFolder(run).losses()) == epochs + 3


def test_a_screen_that_is_stopped_says_why(tmp_path: Path) -> None:
    run = tmp_path / "run"
    with Terminal("--run", str(run), "--save-every", "1000") as terminal:
        train(terminal)
        terminal.send(" ")
        terminal.wait("paused")
        stop = command.start("stop", str(run))
        assert terminal.wait_exit() == 1
        stop.communicate(timeout=command.BOUND_S)
        after = bytes(terminal.received).rpartition(b"\x1b[?1049l")[2].decode()
    assert "Another program has asked this one to save the run and end" in after
    assert stop.returncode == 0


@pytest.mark.slow
def test_headless_it_outlives_its_terminal_only_where_it_is_told_to(tmp_path: Path) -> None:
    for kept in (True, False):
        run = tmp_path / f"run-{kept}"
        epochs = "30" if kept else "1000000"
        words = ("--headless", "--run", str(run), "--epochs", epochs, "--save-every", "0.2")
        with Terminal(*words, *(("--keep-training",) if kept else ())) as terminal:
            terminal.wait(r"epoch +2")
            terminal.hang_up()
            assert terminal.process.wait(command.BOUND_S) == (0 if kept else 129)
        assert (moment(run).epoch == 30) is kept


@contextmanager
def looking(run: Path) -> Iterator[Terminal]:
    """A second screen on a run that another program trains, as soon as there is something."""
    until((run / MOMENT).exists)
    with Terminal("resume", str(run)) as second:
        second.wait("Another program trains this run, so one can only look")
        yield second


@pytest.mark.slow
def test_a_second_screen_on_a_run_only_looks(tmp_path: Path) -> None:
    run = tmp_path / "run"
    with Terminal("--run", str(run), "--save-every", "0.2") as first:
        train(first)
        with looking(run) as second:
            second.send(" ")
            second.wait("This run is trained elsewhere")
            second.send("q")
            assert second.wait_exit() == 0
        assert not ended(first.process)
        first.send("q")
        assert first.wait_exit() == 0


def test_whoever_looks_is_told_that_the_writer_died_and_asked_nothing(tmp_path: Path) -> None:
    run = tmp_path / "run"
    with Terminal("--run", str(run), "--save-every", "0.2") as first:
        train(first)
        with looking(run) as second:
            first.process.kill()
            second.wait("ended without pausing")
            second.send("q")
            assert second.wait_exit() == 0
