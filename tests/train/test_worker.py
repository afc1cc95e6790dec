"""The worker turned by hand, one piece of work at a time, in the thread of the test."""

from __future__ import annotations

import time
from collections.abc import Callable
from queue import SimpleQueue
from types import SimpleNamespace

import numpy as np
import pytest

from tests.train.runs import before_each_step, ruin
from tui_ae.config import Settings
from tui_ae.data.dataset import Dataset
from tui_ae.run.commands import Command, Pause, Reset, SetClasses, Step, Train
from tui_ae.run.snapshot import Snapshot, State
from tui_ae.train import trainer as trainer_module
from tui_ae.train import worker as worker_module
from tui_ae.train.run import TrainingRun
from tui_ae.train.trainer import Trainer
from tui_ae.train.worker import Worker

pytestmark = pytest.mark.usefixtures("every_snapshot")
ENOUGH = 1000


class Turned:
    """A worker with its trainer, its inbox and all its snapshots."""

    def __init__(self, dataset: Dataset) -> None:
        self.run = TrainingRun(dataset, Settings(device="cpu", recipe="original"))
        self.trainer = self.run.trainer
        self.seen: list[Snapshot] = []
        self._inbox: SimpleQueue[Command] = SimpleQueue()
        self.clock = time.monotonic
        self.worker = Worker(self.run, self._inbox, self.seen.append, now=self._now)

    def _now(self) -> float:
        return self.clock()

    def send(self, command: Command) -> None:
        self._inbox.put(command)

    @property
    def done(self) -> tuple[int, int]:
        """Epochs, and mini-batches of the running one."""
        return self.trainer.epoch, self.trainer.batch

    def until(self, holds: Callable[[Snapshot], bool]) -> Snapshot:
        """Work until the newest snapshot is one for which `holds` is true."""
        for _ in range(ENOUGH):
            if holds(self.seen[-1]):
                return self.seen[-1]
            self.worker.advance()
        raise AssertionError([(s.state, s.epoch, s.batch) for s in self.seen][-5:])

    def rest(self) -> Snapshot:
        """Work until nothing is left to do; the newest snapshot then."""
        for _ in range(ENOUGH):
            if not self.worker.advance():
                return self.seen[-1]
        raise AssertionError("there is always more to do")


@pytest.fixture
def turned(few: Dataset) -> Turned:
    return Turned(few)


def assert_exact(snapshot: Snapshot, dataset: Dataset) -> None:
    np.testing.assert_allclose(
        snapshot.codes, snapshot.encoder(dataset.images[:]), rtol=1e-5, atol=1e-5
    )


def test_a_pause_comes_before_the_next_mini_batch(turned: Turned, few: Dataset) -> None:
    turned.send(Train())
    turned.until(lambda snapshot: snapshot.batch == 2)
    turned.send(Pause())
    paused = turned.rest()
    assert (paused.state, paused.epoch, paused.batch) == (State.PAUSED, 0, 2)
    assert_exact(paused, few)


def test_a_pause_that_waits_already_leaves_no_mini_batch(turned: Turned) -> None:
    turned.send(Train())
    turned.send(Pause())
    assert turned.rest().state is State.PAUSED
    assert turned.done == (0, 0)


def test_steps_add_up(turned: Turned) -> None:
    for _ in range(3):
        turned.send(Step())
    assert turned.rest().state is State.PAUSED
    assert turned.done == (3, 0)


def test_step_while_training_ends_with_the_running_epoch(turned: Turned, few: Dataset) -> None:
    turned.send(Train())
    turned.until(lambda snapshot: (snapshot.epoch, snapshot.batch) == (1, 1))
    turned.send(Step())
    paused = turned.rest()
    assert (paused.state, paused.epoch, paused.batch) == (State.PAUSED, 2, 0)
    assert_exact(paused, few)


def test_classes_wait_for_the_next_epoch_and_the_readouts_say_so(
    turned: Turned, few: Dataset
) -> None:
    turned.send(Train())
    turned.until(lambda snapshot: snapshot.batch == 1)
    turned.send(SetClasses(frozenset({3, 5})))
    turned.worker.advance()
    chosen = next(snapshot for snapshot in turned.seen if snapshot.active_classes == {3, 5})
    assert (chosen.batch, chosen.active_samples, chosen.batches) == (1, 300, 3)
    turned.send(Step())
    done = turned.until(lambda snapshot: snapshot.state is State.PAUSED)
    assert (done.epoch, done.batch, done.batches) == (1, 0, 1)
    assert done.active_samples == np.isin(few.labels, [3, 5]).sum()


def overflow(trainer: Trainer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the next mini-batch ruin the weights."""
    before_each_step(monkeypatch, ruin, trainer)


def test_a_failure_is_shown_at_once_and_its_codes_follow_in_pieces(
    turned: Turned, few: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A million samples take seconds, in which there are commands to obey."""
    monkeypatch.setattr(worker_module, "AT_ONCE", 100)
    monkeypatch.setattr(trainer_module, "CHUNK", 100)
    turned.rest()
    overflow(turned.trainer, monkeypatch)
    turned.send(Train())
    failed = turned.until(lambda snapshot: snapshot.state is State.FAILED)
    assert "weights of epoch 0 are kept" in failed.failure
    assert np.isnan(failed.codes).all()
    exact = []
    while turned.worker.advance():
        exact.append(int(np.isfinite(turned.trainer.codes[:, 0]).sum()))
    assert exact == [100, 200, 300, 300]
    assert (turned.seen[-1].state, turned.seen[-1].failure) == (State.FAILED, failed.failure)
    assert_exact(turned.seen[-1], few)


def test_a_failure_of_a_device_that_gives_nothing_any_more_is_shown(
    turned: Turned, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After some errors of a GPU every later call of its driver fails too."""

    def gone(*_: object) -> None:
        raise RuntimeError("the device is gone")

    turned.send(Step())
    good = turned.rest()
    monkeypatch.setattr(turned.trainer, "step", gone)
    monkeypatch.setattr(turned.trainer, "frozen", gone)
    monkeypatch.setattr(turned.trainer, "encode_in_pieces", gone)
    monkeypatch.setattr(turned.trainer, "reset", gone)
    turned.send(Train())
    failed = turned.rest()
    assert failed.state is State.FAILED
    assert failed.failure == "Training stopped: RuntimeError: the device is gone."
    assert (failed.info.id, failed.epoch, failed.loss) == (good.info.id, 1, good.loss)
    assert failed.codes is good.codes
    turned.send(Reset())
    again = turned.rest()
    assert again.state is State.FAILED and again.info.id != good.info.id


def test_snapshots_that_take_long_leave_time_to_train(
    turned: Turned, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The interval runs from the end of one to the beginning of the next."""
    turned.rest()
    clock = SimpleNamespace(now=100.0)
    monkeypatch.setattr(worker_module, "PUBLISH_S", 0.1)
    turned.clock = lambda: clock.now
    frozen = turned.trainer.frozen

    def take_time(_: Trainer) -> None:
        clock.now += 0.01

    def slow_frozen() -> object:
        clock.now += 0.5
        return frozen()

    before_each_step(monkeypatch, take_time, turned.trainer)
    monkeypatch.setattr(turned.trainer, "frozen", slow_frozen)
    # Moments of the timeline are copies too.
    monkeypatch.setattr(turned.worker.timeline, "wants", lambda _epoch: False)
    turned.send(Train())
    turned.until(lambda snapshot: snapshot.state is State.TRAINING)
    before = len(turned.seen)
    while turned.done < (10, 0):
        turned.worker.advance()
    # 30 mini-batches of 0.01 s.
    assert 2 <= len(turned.seen) - before <= 3
