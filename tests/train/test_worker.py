"""The worker turned by hand, one piece of work at a time, in the thread of the test."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from queue import SimpleQueue
from types import SimpleNamespace

import numpy as np
import pytest

from tests.run.moments import known_survey
from tests.train.runs import before_each_step, ruin
from tests.ui.scenes import SURVEY
from tui_ae.config import Settings
from tui_ae.data.dataset import Dataset
from tui_ae.model.baselines import Survey
from tui_ae.run.commands import Command, Pause, Reset, SetClasses, Step, Train, Until
from tui_ae.run.snapshot import Snapshot, State
from tui_ae.train import trainer as trainer_module
from tui_ae.train import worker as worker_module
from tui_ae.train.run import TrainingRun
from tui_ae.train.trainer import Trainer
from tui_ae.train.worker import Worker

pytestmark = pytest.mark.usefixtures("every_snapshot")
ENOUGH = 1000
PUBLISH_S = worker_module.PUBLISH_S


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
def turned(few: Dataset, monkeypatch: pytest.MonkeyPatch) -> Turned:
    monkeypatch.setattr(worker_module, "survey_in_pieces", known_survey)
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


# --- by a clock ----------------------------------------------------------------------------------


class Timed(Turned):
    """Its mini-batches, and the pieces in which codes come, take a time of the clock."""

    def __init__(
        self, dataset: Dataset, monkeypatch: pytest.MonkeyPatch, *, batch_s: float, piece_s: float
    ) -> None:
        self.now = 0.0
        super().__init__(dataset)
        self.clock = lambda: self.now
        before_each_step(monkeypatch, lambda _: self.pass_(batch_s), self.trainer)
        pieces = self.trainer.encode_in_pieces

        def encode_in_pieces() -> Iterator[None]:
            for _ in pieces():
                self.pass_(piece_s)
                yield

        monkeypatch.setattr(self.trainer, "encode_in_pieces", encode_in_pieces)

    def pass_(self, seconds: float) -> None:
        self.now += seconds

    def published(self, pieces: int) -> list[float]:
        """When snapshots come in so many pieces of work."""
        times = []
        for _ in range(pieces):
            before = len(self.seen)
            self.worker.advance()
            times += [self.now] * (len(self.seen) - before)
        return times


@pytest.fixture
def no_survey(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """In its place pieces of work that take 0.25 s each; the times at which they come."""
    times: list[float] = []

    def pieces(*_images_and_labels: object) -> Generator[None, None, Survey]:
        for _ in range(3):
            times.append(CLOCK[0].now)
            CLOCK[0].pass_(0.25)
            yield
        return SURVEY

    monkeypatch.setattr(worker_module, "survey_in_pieces", pieces)
    return times


CLOCK: list[Timed] = []


def timed(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch, batch_s: float, piece_s: float = 0.0
) -> Timed:
    made = Timed(dataset, monkeypatch, batch_s=batch_s, piece_s=piece_s)
    CLOCK[:] = [made]
    return made


@pytest.mark.parametrize(
    ("interval_s", "batch_s", "every"),
    [
        (PUBLISH_S, 0.125, 1),
        (PUBLISH_S, 0.051, 2),
        (PUBLISH_S, 0.049, 3),
        (PUBLISH_S, 0.0101, 10),
        (0.125, 0.0625, 2),
    ],
)
@pytest.mark.usefixtures("no_survey")
def test_while_it_trains_snapshots_come_ten_times_a_second(
    take: Callable[[int], Dataset],
    monkeypatch: pytest.MonkeyPatch,
    interval_s: float,
    batch_s: float,
    every: int,
) -> None:
    monkeypatch.setattr(worker_module, "PUBLISH_S", interval_s)
    # An epoch of one mini-batch, and one of many.
    for dataset, batch_size in ((take(5), 5), (take(40), 1)):
        turned = timed(dataset, monkeypatch, batch_s)
        turned.trainer.recipe = replace(turned.trainer.recipe, batch_size=batch_size)
        turned.worker._surveying = None
        turned.send(Train())
        times = turned.published(30)
        # The first tells that it trains.
        assert times[0] == batch_s
        batches = [round(time / batch_s) for time in times[1:]]
        assert batches == list(range(every, 31, every)), batch_size


@pytest.mark.usefixtures("no_survey")
def test_while_many_codes_come_snapshots_come_twice_a_second(
    few: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "AT_ONCE", 299)
    monkeypatch.setattr(trainer_module, "CHUNK", 25)
    turned = timed(few, monkeypatch, 0.0, piece_s=0.25)
    turned.worker._surveying = None
    turned.send(Train())
    turned.worker.advance()
    turned.send(Pause())
    # At once with the codes of training, then twice a second, and when all are there.
    assert turned.published(14) == [0.25, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.0]
    # Few codes are waited for.
    monkeypatch.setattr(worker_module, "AT_ONCE", 300)
    turned.send(Train())
    turned.worker.advance()
    turned.send(Pause())
    began, times = turned.now, turned.published(14)
    assert [time - began for time in times] == [0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.0]


def test_while_it_trains_the_survey_takes_a_tenth_of_the_time(
    few: Dataset, monkeypatch: pytest.MonkeyPatch, no_survey: list[float]
) -> None:
    turned = timed(few, monkeypatch, 0.125)
    turned.send(Train())
    turned.until(lambda _: turned.worker.survey is not None)
    # A quarter of a second, and ten times as long until the next one.
    assert no_survey == [0.125, 2.875, 5.625]
    assert turned.worker.survey is SURVEY and turned.trainer.batch + turned.trainer.epoch


def test_at_rest_the_survey_takes_all_of_the_time(
    few: Dataset, monkeypatch: pytest.MonkeyPatch, no_survey: list[float]
) -> None:
    turned = timed(few, monkeypatch, 0.125)
    turned.rest()
    assert no_survey == [0.0, 0.25, 0.5] and turned.worker.survey is SURVEY
    assert not turned.worker.advance()


@pytest.mark.parametrize(
    ("settings", "components"),
    [
        (Settings(device="cpu", hidden=(3,), latent_dim=5), 2),
        (Settings(device="cpu", kind="linear", latent_dim=1), 2),
        (Settings(device="cpu", kind="linear", latent_dim=2), 2),
        (Settings(device="cpu", kind="linear", latent_dim=3), 3),
    ],
)
def test_a_linear_network_is_held_against_as_many_components_as_it_has_numbers(
    few: Dataset, monkeypatch: pytest.MonkeyPatch, settings: Settings, components: int
) -> None:
    asked: list[int] = []

    def pieces(_images: object, _labels: object, count: int) -> Generator[None, None, Survey]:
        asked.append(count)
        return known_survey()

    monkeypatch.setattr(worker_module, "survey_in_pieces", pieces)
    Worker(TrainingRun(few, settings), SimpleQueue(), lambda _: None)
    assert asked == [components]


# --- commands ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("commands", "epochs"),
    [
        ([Step()], 1),
        ([Step(), Step()], 2),
        # Training until told otherwise ends with the epoch of a step.
        ([Train(), Step()], 1),
        ([Step(), Train(), Step()], 1),
        ([Step(), Step(), Train(), Step(), Step()], 2),
        ([Train(), Until(1)], 1),
        ([Train(), Until(3)], 3),
        ([Step(), Step(), Until(1)], 1),
        ([Step(), Until(3)], 1),
        ([Train(), Until(0)], 0),
        ([Until(2), Step()], 1),
    ],
    ids=str,
)
def test_it_pauses_at_the_end_of_the_epoch_that_was_asked_for(
    turned: Turned, commands: list[Command], epochs: int
) -> None:
    for command in commands:
        turned.send(command)
    assert turned.rest().state is State.PAUSED
    assert turned.done == (epochs, 0) and not turned.worker.trains
    # What was asked for then counts no more.
    turned.send(Step())
    turned.rest()
    assert turned.done == (epochs + 1, 0)


def test_an_epoch_that_is_over_already_pauses_amid_the_next(turned: Turned) -> None:
    turned.send(Train())
    turned.until(lambda snapshot: (snapshot.epoch, snapshot.batch) == (2, 1))
    assert turned.worker.trains
    turned.send(Until(2))
    assert turned.rest().state is State.PAUSED and turned.done == (2, 1)


def test_a_reset_forgets_what_was_asked_for(turned: Turned) -> None:
    turned.send(Train())
    turned.send(Until(1))
    turned.worker.advance()
    turned.send(Reset())
    turned.send(Train())
    turned.until(lambda snapshot: snapshot.epoch == 2)
    turned.send(Reset())
    turned.send(Step())
    turned.rest()
    assert turned.done == (1, 0)


@pytest.mark.parametrize(
    ("steps", "trains", "state"),
    [
        (0, False, State.IDLE),
        (1, False, State.PAUSED),
        (3, False, State.PAUSED),
        (0, True, State.TRAINING),
    ],
)
def test_a_run_that_has_gone_on_before_begins_paused(
    few: Dataset, monkeypatch: pytest.MonkeyPatch, steps: int, trains: bool, state: State
) -> None:
    monkeypatch.setattr(worker_module, "survey_in_pieces", known_survey)
    run, seen = TrainingRun(few, Settings(device="cpu", hidden=(3,))), list[Snapshot]()
    for _ in range(steps):
        run.step()
    worker = Worker(run, SimpleQueue(), seen.append, trains=trains)
    assert [snapshot.state for snapshot in seen] == [state]
    assert worker.trains is trains


class Kept:
    """In place of what saves a run: what it was told."""

    def __init__(self) -> None:
        self.told: list[object] = []

    def stepped(self, *, ended_epoch: bool) -> None:
        self.told.append(ended_epoch)

    def save(self, state: State, failure: str) -> None:
        self.told.append((state, failure))

    def reset(self) -> None:
        self.told.append("reset")


def test_what_saves_it_is_told_of_each_mini_batch_each_rest_and_the_end(
    turned: Turned, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = Kept()
    monkeypatch.setattr(turned.worker, "_keeper", kept)
    turned.send(Step())
    turned.rest()
    assert kept.told == [False, False, True, (State.PAUSED, "")]
    turned.send(Train())
    turned.worker.advance()
    turned.worker.end()
    assert kept.told[4:] == [False, (State.PAUSED, "")] and not turned.worker.trains
    turned.send(Reset())
    turned.worker.advance()
    turned.worker.end()
    assert kept.told[6:] == ["reset", (State.IDLE, "")]
