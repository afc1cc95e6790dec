"""The lock of a run, and who holds it: by a clock that stands still, and a system that refuses."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.run import moments
from tui_ae.run import holder as holder_module
from tui_ae.run import lock as lock_module
from tui_ae.run.folder import RunFolder
from tui_ae.run.holder import Holder, pack_holder, release, this_process, unpack_holder
from tui_ae.run.lock import RunLock

HERE = os.uname().nodename


class Clock:
    """Stands still; sleeping moves it."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def time(self) -> float:
        return self.now

    monotonic = time

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(lock_module, "time", made)
    monkeypatch.setattr(holder_module, "time", made)
    return made


@pytest.fixture
def lock(tmp_path: Path) -> Iterator[RunLock]:
    made = RunLock(tmp_path / "lock")
    yield made
    made.release()


# --- who ------------------------------------------------------------------------------------------


def test_a_lock_file_says_who_has_it_in_a_line_of_json(lock: RunLock, tmp_path: Path) -> None:
    assert lock.holder() is None and not lock.is_mine
    lock.tell(alone=True)
    assert not (tmp_path / "lock").exists()
    assert lock.take() and lock.take() and lock.is_mine
    lock.tell(alone=True)
    lock.tell(alone=False)
    line = f'{{"host": "{HERE}", "process": {os.getpid()}, "alone": false}}\n'
    assert (tmp_path / "lock").read_text() == line
    assert lock.holder() == this_process(alone=False) == Holder(HERE, os.getpid())
    lock.release()
    # Nobody has it any more, by what it says as well.
    assert (tmp_path / "lock").read_bytes() == b"" and lock.holder() is None and not lock.is_mine


def test_who_has_it_is_told_in_words() -> None:
    assert Holder("far\x1b[2J", 12).words == "process 12 on far?[2J"
    assert Holder(HERE, 12).is_here and not Holder("far", 12).is_here


@pytest.mark.parametrize("holder", [Holder("far", 7, True), Holder("far", 7), Holder("\u00e4", 0)])
def test_a_holder_comes_back(holder: Holder) -> None:
    assert unpack_holder(pack_holder(holder)) == holder


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"3",
        b'{"host": "far", "process": 7}',
        b'{"host": "far", "process": "7", "alone": true}',
        b'{"host": 1, "process": 7, "alone": true}',
        b'{"host": "far", "process": 7, "alone": 1}',
        b"\xff",
        b"[" * 4000,
    ],
)
def test_what_names_nobody_is_none(content: bytes) -> None:
    assert unpack_holder(content) is None


@pytest.mark.parametrize(
    ("answer", "runs"), [(None, True), (PermissionError, True), (ProcessLookupError, False)]
)
def test_a_process_of_another_user_runs_too(
    monkeypatch: pytest.MonkeyPatch, answer: type[OSError] | None, runs: bool
) -> None:
    asked: list[tuple[int, int]] = []

    def kill(process: int, signal: int) -> None:
        asked.append((process, signal))
        if answer is not None:
            raise answer

    monkeypatch.setattr(os, "kill", kill)
    assert Holder(HERE, 12).runs is runs
    # It is asked after, and not ended.
    assert asked == [(12, 0)]
    # The first process of a machine is one, too; 0 stands for several.
    assert Holder(HERE, 1).runs is runs
    assert answer is PermissionError or not Holder(HERE, 0).runs


# --- getting it -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("refusals", "got"), [(0, True), (1, True), (4, True), (5, False)])
def test_whoever_only_looks_holds_up_a_writer_for_a_moment(
    lock: RunLock, monkeypatch: pytest.MonkeyPatch, clock: Clock, refusals: int, got: bool
) -> None:
    left = refusals

    def flock(_descriptor: int, how: int) -> None:
        nonlocal left
        assert how == fcntl.LOCK_EX | fcntl.LOCK_NB
        if left:
            left -= 1
            raise BlockingIOError

    monkeypatch.setattr(fcntl, "flock", flock)
    assert lock.take() is got and lock.is_mine is got
    assert len(clock.slept) == refusals and sum(clock.slept) <= 0.1001
    if got:
        lock.release()
    assert not lock.is_mine


def test_what_the_system_refuses_otherwise_is_no_answer(
    lock: RunLock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(fcntl, "flock", refuse)
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - names alone
    with pytest.raises(OSError, match="Input/output"):
        lock.take()
    assert not lock.is_taken() and not lock.is_mine
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208 - names alone


@pytest.mark.parametrize(
    ("age_s", "fresh"), [(0, True), (14.9, True), (15, False), (-14.9, True), (-15, False)]
)
@pytest.mark.parametrize("locks", [True, False])
def test_somebody_elsewhere_counts_for_15_seconds(
    lock: RunLock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    clock: Clock,
    age_s: float,
    fresh: bool,
    locks: bool,
) -> None:
    if not locks:
        monkeypatch.setattr(lock_module, "_flock", lambda *_: False)
    path = tmp_path / "lock"
    path.write_bytes(pack_holder(Holder("far", 1)))
    os.utime(path, (clock.now - age_s,) * 2)
    assert lock.is_taken() is fresh
    # A lock that the system gives says enough.
    assert lock.take() is (locks or not fresh)


def test_what_names_nobody_is_taken_by_nobody(
    lock: RunLock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock_module, "_flock", lambda *_: False)
    (tmp_path / "lock").write_bytes(b"nonsense")
    assert not lock.is_taken() and lock.take()


def test_whoever_has_it_gives_it_a_new_time_every_two_seconds(
    lock: RunLock, tmp_path: Path, clock: Clock
) -> None:
    assert lock.take()
    beats = []
    for clock.now in (1000.0, 1001.9, 1002.0, 1003.9, 1004.1, 1006.0, 1006.2):
        os.utime(tmp_path / "lock", (0, 0))
        lock.beat()
        beats.append((tmp_path / "lock").stat().st_mtime > 0)
    assert beats == [True, False, True, False, True, False, True]


# --- letting go -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("ends_s", "released"), [(0.0, True), (0.9, True), (1.2, False)])
def test_a_writer_is_asked_to_end_and_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: Clock, ends_s: float, released: bool
) -> None:
    folder, asked = RunFolder(tmp_path), []

    def is_written(self: RunFolder) -> bool:
        asked.append(self.is_asked_to_stop())
        return clock.now < 1000 + ends_s

    monkeypatch.setattr(RunFolder, "is_written", is_written)
    assert release(folder, 1.0) is released
    assert all(asked) and not folder.is_asked_to_stop()
    assert clock.now - 1000 <= max(ends_s, 1.0) + 0.1
    assert max(clock.slept, default=0) <= 0.1


def test_only_whoever_has_the_lock_asks_itself_nothing(tmp_path: Path) -> None:
    run = moments.info()
    folder = RunFolder(tmp_path / "run")
    folder.create(run, moments.dataset())
    folder.ask_to_stop()
    # It has the lock already: a second call takes nothing back.
    assert folder.lock() and folder.is_asked_to_stop()
    folder.go_on_alone()
    assert folder.holder() == this_process(alone=True)
    folder.unlock()
    # Who comes next is not meant.
    assert folder.lock() and not folder.is_asked_to_stop()
    assert folder.holder() == this_process(alone=False)
    folder.unlock()


def modes(path: Path) -> Any:
    return SimpleNamespace(**{entry.name: entry.stat().st_mode & 0o777 for entry in path.iterdir()})


def test_what_asks_and_what_locks_is_its_owners_alone(lock: RunLock, tmp_path: Path) -> None:
    umask = os.umask(0)
    try:
        RunFolder(tmp_path).ask_to_stop()
        assert lock.take()
    finally:
        os.umask(umask)
    assert (modes(tmp_path).stop, modes(tmp_path).lock) == (0o600, 0o600)
