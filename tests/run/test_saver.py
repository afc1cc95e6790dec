"""What saves a run while it trains, by a clock that stands still."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.run import moments
from tests.waiting import until
from tui_ae.errors import UserError
from tui_ae.run import saver as saver_module
from tui_ae.run.checkpoint import Checkpoint
from tui_ae.run.folder import RunFolder
from tui_ae.run.losses import EpochLosses
from tui_ae.run.publisher import Publisher
from tui_ae.run.saver import Saver
from tui_ae.run.snapshot import Snapshot

RUN = moments.info()
DATA = moments.dataset()
STATES: Checkpoint = {"trainer.weights": np.arange(3.0)}
BOUND_S = 30.0


def at(epoch: int) -> Snapshot:
    return moments.snapshot(DATA, moments.moment(epoch, RUN), RUN)


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, to be set."""
    monkeypatch.setattr(saver_module, "LOOK_S", 0.002)
    return [100.0]


@pytest.fixture
def make(tmp_path: Path, now: list[float]) -> Callable[..., Saver]:
    def saver(every_s: float, *, resumed: bool = False) -> Saver:
        return Saver(
            RunFolder(tmp_path / "run"), DATA, every_s, resumed=resumed, clock=lambda: now[0]
        )

    return saver


def test_the_first_save_is_due_at_once_and_each_next_one_after_its_time(
    make: Callable[..., Saver], now: list[float]
) -> None:
    saver = make(5.0)
    assert saver.is_due()
    saver.offer(at(0), STATES)
    due = []
    for now[0] in (100.0, 104.9, 105.0, 105.1):
        due.append(saver.is_due())
    assert due == [False, False, True, True]
    assert saver.flush(BOUND_S) and saver.close(BOUND_S)


@pytest.mark.parametrize(("every_s", "wait_s"), [(0.0, 10.0), (60.0, 60.0)])
def test_after_a_refusal_the_next_try_waits_ten_seconds_at_least(
    make: Callable[..., Saver], now: list[float], tmp_path: Path, every_s: float, wait_s: float
) -> None:
    (tmp_path / "run").write_text("in the way")
    saver = make(every_s)
    saver.epoch_ended(EpochLosses(1, 0.5))
    saver.offer(at(1), STATES)
    assert saver.flush(BOUND_S)
    assert saver.notice == f"Not saved: File exists ({tmp_path / 'run'})."
    assert saver.saved is None
    now[0] += wait_s - 0.1
    assert not saver.is_due()
    now[0] += 0.2
    assert saver.is_due()
    (tmp_path / "run").unlink()
    saver.offer(at(1), STATES)
    # What could not be written is, with the next save.
    assert saver.flush(BOUND_S) and saver.notice == ""
    assert saver.saved is not None and saver.saved.epoch == 1
    assert saver.folder.losses() == [EpochLosses(1, 0.5)]
    assert saver.close(BOUND_S)


def test_each_line_is_written_once_and_not_before_its_epoch(make: Callable[..., Saver]) -> None:
    saver = make(5.0)
    for epoch in (1, 2, 3):
        saver.epoch_ended(EpochLosses(epoch, 1 / epoch))
    saver.offer(at(2), STATES)
    assert saver.flush(BOUND_S)
    assert [row.epoch for row in saver.folder.losses()] == [1, 2]
    saver.offer(at(3), STATES)
    assert saver.flush(BOUND_S)
    assert [row.epoch for row in saver.folder.losses()] == [1, 2, 3]
    assert saver.close(BOUND_S)


def test_whoever_waits_waits_for_what_is_being_written_and_for_what_is_to_be(
    make: Callable[..., Saver], monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, goes_on = threading.Event(), threading.Event()
    saved: list[int] = []

    def save(self: RunFolder, snapshot: Snapshot, *_: object) -> None:
        begun.set()
        assert goes_on.wait(BOUND_S)
        saved.append(snapshot.epoch)

    monkeypatch.setattr(RunFolder, "save", save)
    saver = make(5.0)
    assert saver.flush(0.0)
    saver.offer(at(1), STATES)
    assert begun.wait(BOUND_S)
    assert not saver.flush(0.0)
    for epoch in (2, 3):
        saver.offer(at(epoch), STATES)
    assert not saver.flush(0.0) and not saver.close(0.0)
    goes_on.set()
    # The latest wins.
    assert saver.flush(BOUND_S) and saved == [1, 3]
    assert saver.close(BOUND_S)


def test_what_is_offered_is_written_without_waiting_for_the_next_look(
    make: Callable[..., Saver], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saver_module, "LOOK_S", 600.0)
    saver = make(5.0)
    saver.offer(at(1), STATES)
    assert saver.flush(BOUND_S) and saver.saved is not None
    assert saver.close(BOUND_S)


@pytest.mark.parametrize("resumed", [True, False])
def test_it_listens_only_for_the_run_that_it_writes(
    make: Callable[..., Saver], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, resumed: bool
) -> None:
    beats: list[None] = []
    monkeypatch.setattr(RunFolder, "beat", lambda _: beats.append(None))
    folder = RunFolder(tmp_path / "run")
    folder.create(RUN, DATA)
    folder.unlock()
    folder.ask_to_stop()
    saver = make(5.0, resumed=resumed)
    until(lambda: len(beats) > 2, pause_s=0.001)
    assert saver.asked_to_stop is resumed
    assert saver.close(BOUND_S) and not folder.is_written()


def test_what_the_disk_says_in_a_sentence_of_its_own_is_told(
    make: Callable[..., Saver], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise UserError("it can't be")

    monkeypatch.setattr(RunFolder, "save_timeline", refuse)
    saver = make(5.0)
    saver.offer(at(1), STATES)
    assert saver.flush(BOUND_S) and saver.notice.startswith("Not saved: it can't be (")
    assert saver.close(BOUND_S)


def test_the_slot_holds_the_newest_and_counts_those_that_nobody_took() -> None:
    slot = Publisher()
    assert slot.news is None and slot.latest() is None and slot.superseded == 0
    for epoch in (1, 2, 3):
        slot.publish(at(epoch))
    assert slot.superseded == 2 and slot.news is not None
    taken = slot.latest()
    assert taken is not None and taken.epoch == 3
    assert slot.news is None and slot.latest() is None
    slot.publish(at(4))
    assert slot.superseded == 2
