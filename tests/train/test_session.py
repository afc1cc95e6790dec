"""The worker: what commands do, what snapshots say, and that no key changes a loss."""

from __future__ import annotations

import math
import os
import struct
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from tests.run.moments import known_survey
from tests.train.runs import before_each_step, ruin, train
from tests.waiting import until
from tui_ae.config import Settings
from tui_ae.data.dataset import Dataset
from tui_ae.data.load import load as load_data
from tui_ae.data.progress import Progress
from tui_ae.errors import UserError
from tui_ae.model.baselines import survey, survey_in_pieces
from tui_ae.model.frozen import FrozenNetwork
from tui_ae.run.commands import Pause, Reset, SetClasses, Step, Train, Until
from tui_ae.run.folder import RunFolder
from tui_ae.run.info import begin
from tui_ae.run.shelf import Shelf
from tui_ae.run.snapshot import Snapshot, State
from tui_ae.train import session as session_module
from tui_ae.train import trainer as trainer_module
from tui_ae.train import worker as worker_module
from tui_ae.train.place import Place
from tui_ae.train.run import TrainingRun
from tui_ae.train.session import Session
from tui_ae.train.trainer import Trainer

pytestmark = pytest.mark.usefixtures("every_snapshot")
BOUND_S = 30.0
SETTINGS = Settings(device="cpu", recipe="original")
Predicate = Callable[[Snapshot], bool]


@pytest.fixture(autouse=True)
def _no_survey(monkeypatch: pytest.MonkeyPatch) -> None:
    """What most tests here don't look at takes as long as twenty epochs."""
    monkeypatch.setattr(worker_module, "survey_in_pieces", known_survey)


@pytest.fixture
def surveyed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_module, "survey_in_pieces", survey_in_pieces)


class Watched(Session):
    """A session whose every snapshot can be waited for."""

    def __init__(self, dataset: Dataset, settings: Settings = SETTINGS) -> None:
        super().__init__(settings, lambda *_: dataset)
        self.seen: deque[Snapshot] = deque(maxlen=300)
        """The newest ones: a snapshot holds most of a megabyte, and hundreds come in a second."""
        self.first: Snapshot | None = None
        self._changed = threading.Condition()
        self._published = self._looked_at = 0

    def publish(self, snapshot: Snapshot) -> None:
        super().publish(snapshot)
        with self._changed:
            self.first = self.first or snapshot
            self.seen.append(snapshot)
            self._published += 1
            self._changed.notify_all()

    def until(self, holds: Predicate) -> Snapshot:
        """The next snapshot, after the one last waited for, for which `holds` is true."""
        deadline = time.monotonic() + BOUND_S
        with self._changed:
            while True:
                new = self._published - self._looked_at
                for snapshot in list(self.seen)[-new:] if new else ():
                    self._looked_at += 1
                    if holds(snapshot):
                        return snapshot
                self._looked_at = self._published
                left_s = deadline - time.monotonic()
                assert left_s > 0, [(s.state, s.epoch, s.batch) for s in self.seen][-5:]
                self._changed.wait(left_s)


@contextmanager
def running(dataset: Dataset, settings: Settings = SETTINGS) -> Iterator[Watched]:
    session = Watched(dataset, settings)
    session.start()
    try:
        yield session
    finally:
        assert session.stop(BOUND_S)


def state(wanted: State) -> Predicate:
    return lambda snapshot: snapshot.state is wanted


def finished(epoch: int) -> Predicate:
    return lambda snapshot: snapshot.epoch >= epoch


def headless_losses(dataset: Dataset, count: int) -> list[float]:
    return train(Trainer(dataset, SETTINGS), count)


def test_shows_the_untrained_codes_first(few: Dataset) -> None:
    with running(few) as session:
        first = session.until(state(State.IDLE))
        assert (first.epoch, first.batch, first.batches) == (0, 0, 3)
        assert first.info.id == session.info.id
        assert first.active_classes == frozenset(range(10))
        assert first.active_samples == 300
        assert first.loss == pytest.approx(0.693, abs=0.03)
        assert first.codes.shape == (300, 2)
        assert len(first.curve.losses) == 0
        assert math.isnan(first.curve.best)
        assert session.stage == ""
        assert session.dataset is few


@pytest.mark.usefixtures("surveyed")
def test_baselines_follow_with_a_snapshot_of_their_own(few: Dataset) -> None:
    with running(few) as session:
        session.until(lambda _: session.baselines is not None)
        assert session.baselines == survey(few.images, few.labels).baselines["bce"]


@pytest.mark.usefixtures("surveyed")
def test_baselines_come_while_it_trains(few: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_module, "SURVEY_SHARE", 1.0)
    with running(few) as session:
        session.send(Train())
        session.until(
            lambda snapshot: session.baselines is not None and snapshot.state is State.TRAINING
        )
        assert session.baselines == survey(few.images, few.labels).baselines["bce"]


def test_step_runs_exactly_one_epoch(few: Dataset) -> None:
    with running(few) as session:
        session.send(Step())
        paused = session.until(state(State.PAUSED))
        assert (paused.epoch, paused.batch) == (1, 0)
        np.testing.assert_allclose(paused.codes, paused.encoder(few.images[:]), atol=1e-5)
        session.send(Step())
        assert session.until(state(State.PAUSED)).epoch == 2


class Gate:
    """Holds the first mini-batch until it is opened, and counts them all."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.reached = threading.Event()
        self.opened = threading.Event()
        self.batches = 0

        def hold(_: Trainer) -> None:
            self.batches += 1
            self.reached.set()
            assert self.opened.wait(BOUND_S)

        before_each_step(monkeypatch, hold)


@contextmanager
def held_at_the_first_batch(
    few: Dataset, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Watched, Gate]]:
    gate = Gate(monkeypatch)
    with running(few) as session:
        session.send(Train())
        assert gate.reached.wait(BOUND_S)
        yield session, gate


def test_a_pause_lets_the_mini_batch_under_way_be_the_last(
    few: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    with held_at_the_first_batch(few, monkeypatch) as (session, gate):
        session.send(Pause())
        gate.opened.set()
        paused = session.until(state(State.PAUSED))
        assert (paused.epoch, paused.batch, gate.batches) == (0, 1, 1)


def test_no_key_changes_a_loss(few: Dataset) -> None:
    expected = headless_losses(few, 6)
    with running(few) as session:
        session.send(Step())
        session.until(state(State.PAUSED))
        session.send(Train())
        session.until(lambda snapshot: snapshot.epoch == 1 and snapshot.batch == 1)
        session.send(Pause())
        session.until(state(State.PAUSED))
        for command in (Step(), Train(), Pause(), Train(), Step(), SetClasses(frozenset())):
            session.send(command)
        session.until(state(State.PAUSED))
        session.send(Train())
        session.until(finished(6))
        session.send(Pause())
        curve = session.until(state(State.PAUSED)).curve
    assert curve.losses[:6].tolist() == expected
    assert curve.epochs[:6].tolist() == [1, 2, 3, 4, 5, 6]


def test_reset_starts_a_new_run_with_the_same_losses(few: Dataset) -> None:
    with running(few) as session:
        session.send(SetClasses(frozenset({0, 1})))
        session.send(Train())
        session.until(lambda snapshot: snapshot.epoch == 1 and snapshot.state is State.TRAINING)
        session.send(Reset())
        fresh = session.until(state(State.IDLE))
        assert session.first is not None
        assert (fresh.epoch, fresh.batch) == (0, 0)
        assert fresh.info.id != session.first.info.id
        assert fresh.active_classes == frozenset(range(10))
        assert len(fresh.curve.losses) == 0
        assert fresh.loss == session.first.loss
        np.testing.assert_array_equal(fresh.codes, session.first.codes)
        session.send(Train())
        again = session.until(
            lambda snapshot: snapshot.info.id == fresh.info.id and snapshot.epoch >= 2
        )
    assert again.curve.losses[:2].tolist() == headless_losses(few, 2)


def poison_second_epoch(monkeypatch: pytest.MonkeyPatch, error: Exception | None = None) -> None:
    def poison(trainer: Trainer) -> None:
        if trainer.epoch == 1 and trainer.batch == 1:
            if error is not None:
                raise error
            ruin(trainer)

    before_each_step(monkeypatch, poison)


def test_a_failure_is_shown_with_the_last_good_weights(
    few: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    poison_second_epoch(monkeypatch)
    with running(few) as session:
        session.send(Step())
        good = session.until(state(State.PAUSED))
        session.send(Train())
        failed = session.until(state(State.FAILED))
        assert "weights of epoch 1 are kept" in failed.failure
        assert (failed.epoch, failed.loss) == (1, good.loss)
        assert isinstance(failed.encoder, FrozenNetwork)
        assert isinstance(good.encoder, FrozenNetwork)
        np.testing.assert_array_equal(failed.encoder.weights[0], good.encoder.weights[0])
        assert np.isfinite(failed.codes).all()
        session.send(Train())
        session.send(Step())
        session.send(SetClasses(frozenset({1, 2})))
        still = session.until(lambda snapshot: snapshot.active_classes == {1, 2})
        assert (still.state, still.failure) == (State.FAILED, failed.failure)
        session.send(Reset())
        fresh = session.until(state(State.IDLE))
        assert fresh.info.id != failed.info.id and fresh.failure == ""
        session.send(Step())
        assert session.until(state(State.PAUSED)).loss == good.loss


def test_any_other_error_is_shown_too(few: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    poison_second_epoch(monkeypatch, MemoryError("no room"))
    with running(few) as session:
        session.send(Train())
        failed = session.until(state(State.FAILED))
        assert failed.failure == "Training stopped: there is not enough memory (no room)."


def test_an_error_while_paused_is_shown(few: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: Trainer) -> Iterator[None]:
        if torch.is_grad_enabled():
            raise RuntimeError("the device is gone")
        yield

    monkeypatch.setattr(Trainer, "encode_in_pieces", broken)
    with running(few) as session:
        session.send(Step())
        assert "the device is gone" in session.until(state(State.FAILED)).failure


def test_an_error_that_no_snapshot_can_tell_ends_the_session(
    few: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: worker_module.Worker) -> bool:
        raise MemoryError("no room for a snapshot")

    session = Watched(few)
    monkeypatch.setattr(worker_module.Worker, "advance", broken)
    session.start()
    session._thread.join(BOUND_S)
    assert str(session.error) == (
        "Training ended: there is not enough memory (no room for a snapshot)."
    )
    assert session.stop(BOUND_S)


def test_data_that_cannot_be_read_end_the_start() -> None:
    def load(settings: Settings, progress: Progress) -> Dataset:
        raise UserError("no such file")

    session = Session(SETTINGS, load)
    session.start()
    session._thread.join(BOUND_S)
    assert str(session.error) == "no such file"
    assert session.latest() is None
    assert session.stop(BOUND_S)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
def test_a_missing_device_ends_the_start(few: Dataset) -> None:
    session = Session(Settings(device="cuda"), lambda *_: few)
    session.start()
    session._thread.join(BOUND_S)
    assert isinstance(session.error, UserError)


def test_snapshots_are_frozen_copies(few: Dataset) -> None:
    with running(few) as session:
        first = session.until(state(State.IDLE))
        codes, pixels = first.codes.copy(), first.decoder(first.codes)
        session.send(Step())
        session.until(state(State.PAUSED))
        np.testing.assert_array_equal(first.codes, codes)
        np.testing.assert_array_equal(first.decoder(first.codes), pixels)
        with pytest.raises(ValueError, match="read-only"):
            first.codes[0] = 0


def test_the_latest_snapshot_wins_and_is_taken_once(few: Dataset) -> None:
    session = Session(SETTINGS, lambda *_: few)
    worker = worker_module.Worker(TrainingRun(few, SETTINGS), session._inbox, session.publish)
    assert session.news is not None
    session.send(Step())
    while worker.advance():
        pass
    snapshot = session.latest()
    assert snapshot is not None
    assert (snapshot.state, snapshot.epoch) == (State.PAUSED, 1)
    assert session.news is None
    assert session.latest() is None
    # One when idle, one with the step, two in the epoch, one with exact codes; the last one
    # followed the baselines.
    assert session.superseded == 5


def test_many_samples_pause_before_their_codes_are_fresh(
    few: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "AT_ONCE", 100)
    with running(few) as session:
        session.send(Step())
        stale = session.until(state(State.PAUSED))
        fresh = session.until(state(State.PAUSED))
        assert np.abs(stale.codes - stale.encoder(few.images[:])).max() > 1e-3
        np.testing.assert_allclose(fresh.codes, fresh.encoder(few.images[:]), atol=1e-5)


def test_many_samples_are_idle_before_all_of_them_are_encoded(
    few: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trainer_module, "EXAMINED", 100)
    with running(few) as session:
        for send_first in (None, Reset()):
            if send_first is not None:
                session.send(send_first)
            first = session.until(lambda snapshot: bool(np.isnan(snapshot.codes).any()))
            assert first.state is State.IDLE
            assert np.isfinite(first.codes[:, 0]).sum() == 100
            whole = session.until(lambda snapshot: bool(np.isfinite(snapshot.codes).all()))
            assert whole.state is State.IDLE
            np.testing.assert_allclose(whole.codes, whole.encoder(few.images[:]), atol=1e-5)


def test_stopping_lets_the_mini_batch_under_way_be_the_last(
    few: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    with held_at_the_first_batch(few, monkeypatch) as (session, gate):
        assert not session.stop(0.0)
        gate.opened.set()
    assert gate.batches == 1


def test_a_session_that_never_started_has_stopped(few: Dataset) -> None:
    assert Session(SETTINGS, lambda *_: few).stop(0.0)


def test_stop_says_when_the_worker_still_runs(few: Dataset) -> None:
    release = threading.Event()

    def load(settings: Settings, progress: Progress) -> Dataset:
        release.wait(BOUND_S)
        return few

    session = Session(SETTINGS, load)
    session.start()
    assert not session.stop(0.0)
    release.set()
    assert session.stop(BOUND_S)
    assert session.latest() is None


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (None, ["drawing the digits"] * 3),
        (
            Path("sets/mnist"),
            [f"reading mnist {n}%" for n in ("  0", " 43", "100")],
        ),
        (Path("mnist"), [f"loading mnist {n}%" for n in ("  0", " 43", "100")]),
        (Path(), [f"reading . {n}%" for n in ("  0", " 43", "100")]),
        (Path("a\nb"), [f"reading a?b {n}%" for n in ("  0", " 43", "100")]),
    ],
)
def test_loading_says_how_far_it_is(data: Path | None, expected: list[str]) -> None:
    stages = []

    def load(settings: Settings, progress: Progress) -> Dataset:
        stages.append(session.stage)
        for share in (0.4399, 1.0):
            progress(share)
            stages.append(session.stage)
        raise UserError("seen enough")

    session = Session(replace(SETTINGS, data=data), load)
    session.start()
    session._thread.join(BOUND_S)
    assert stages == expected


def test_stopping_ends_a_load_under_way(few: Dataset) -> None:
    under_way, given_up = threading.Event(), threading.Event()

    def load(settings: Settings, progress: Progress) -> Dataset:
        while not given_up.is_set():
            progress(0.5)
            under_way.set()
        return few

    session = Session(SETTINGS, load)
    session.start()
    assert under_way.wait(BOUND_S)
    stopped = session.stop(BOUND_S)
    given_up.set()
    assert stopped
    assert session.dataset is None
    assert session.error is None
    assert session.latest() is None


def test_stopping_ends_reading_a_large_file(tmp_path: Path) -> None:
    path = tmp_path / "images"
    count = 300_000
    path.write_bytes(bytes([0, 0, 8, 3]) + struct.pack(">3I", count, 28, 28))
    os.truncate(path, 16 + 784 * count)
    under_way, stopping = threading.Event(), threading.Event()
    told: list[float] = []

    def load(settings: Settings, progress: Progress) -> Dataset:
        def held(share: float) -> None:
            told.append(share)
            if share > 0:
                under_way.set()
                assert stopping.wait(BOUND_S)
            progress(share)

        return load_data(settings, held)

    session = Session(replace(SETTINGS, data=path), load)
    session.start()
    assert under_way.wait(BOUND_S)
    assert not session.stop(0.0)
    stopping.set()
    assert session.stop(BOUND_S)
    assert 0 < told[-1] < 0.5
    assert session.dataset is None
    assert session.error is None


@pytest.mark.parametrize(
    ("saves", "notice"), [(True, ""), (False, "The run could not be saved within 0 s.")]
)
def test_a_disk_that_takes_too_long_at_the_end_is_told(
    few: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, saves: bool, notice: str
) -> None:
    goes_on = threading.Event()
    if not saves:
        monkeypatch.setattr(session_module, "SAVE_S", 0.01)
        monkeypatch.setattr(RunFolder, "save", lambda *_: goes_on.wait(BOUND_S))
    place = Place(Shelf(tmp_path / "run"), begin(SETTINGS), every_s=0.0)
    session = Session(SETTINGS, lambda *_: few, place)
    session.start()
    session.send(Step())
    until(lambda: any(moment.epoch for moment in session.timeline))
    assert session.stop(BOUND_S)
    assert session.notice == notice
    goes_on.set()


class Alone:
    """In place of a worker that trains without a screen, and of what tells others so."""

    def __init__(self, rounds: int) -> None:
        self.rounds = rounds
        self.told: list[object] = []
        self.notice, self.kept_at, self.asked_to_stop = "Full.", Path("run"), False

    @property
    def trains(self) -> bool:
        self.rounds -= 1
        return self.rounds >= 0

    def go_on_alone(self) -> None:
        self.told.append("alone")


@pytest.mark.parametrize(
    ("rounds", "alive", "received", "waits"),
    [(3, True, 0, 3), (0, True, 0, 0), (3, False, 0, 0), (3, True, 15, 0)],
)
@pytest.mark.parametrize("epochs", [None, 7])
def test_without_a_screen_it_is_waited_for_until_it_rests_ends_or_a_signal_comes(
    few: Dataset, rounds: int, alive: bool, received: int, waits: int, epochs: int | None
) -> None:
    session, alone = Session(SETTINGS, lambda *_: few), Alone(rounds)
    signals: Any = SimpleNamespace(received=received)
    # Before there is anything to wait for, it is not.
    session.go_on_alone(epochs, signals)
    joined: list[float] = []
    parts: dict[str, Any] = {
        "_worker": alone,
        "_keeper": alone,
        "_thread": SimpleNamespace(is_alive=lambda: alive, join=joined.append),
    }
    for name, part in parts.items():
        setattr(session, name, part)
    session.go_on_alone(epochs, signals)
    assert alone.told == ["alone"] and len(joined) == waits and max(joined, default=0) <= 1
    assert session._inbox.qsize() == (epochs is not None)
    if epochs is not None:
        assert session._inbox.get() == Until(7)
    assert (session.notice, session.kept_at) == ("Full.", Path("run"))


@pytest.mark.parametrize(
    ("began", "error", "told"),
    [
        (False, MemoryError("no room"), "Training could not begin: there is not enough memory"),
        (True, RuntimeError("gone"), "Training ended: RuntimeError: gone."),
        (True, UserError("no such file"), "no such file"),
    ],
)
def test_why_it_ended_is_told_in_a_sentence(
    few: Dataset, began: bool, error: Exception, told: str
) -> None:
    session = Session(SETTINGS, lambda *_: few)
    if began:
        session._worker = Alone(0)  # type: ignore[assignment]
    session._end(error)
    assert str(session.error).startswith(told)
    assert session.error is error or (
        session.error is not None and session.error.__cause__ is error
    )


def test_before_there_is_a_worker_there_is_nothing_to_see(few: Dataset) -> None:
    session = Session(SETTINGS, lambda *_: few)
    assert (session.stage, session.notice, session.timeline) == ("", "", ())
    assert session.kept_at is session.survey is session.baselines is session.latest() is None
