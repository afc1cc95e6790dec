"""The timeline of a run that trains: whole moments, bounded, and no loss changed by them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tui_ae.config import Settings
from tui_ae.data.dataset import Dataset
from tui_ae.model.frozen import FrozenNetwork
from tui_ae.run.folder import RunFolder
from tui_ae.run.info import begin
from tui_ae.run.saver import Saver
from tui_ae.run.snapshot import State
from tui_ae.run.timeline import DEFAULT_BYTES, Moment, as_snapshot
from tui_ae.train.keeper import Keeper
from tui_ae.train.place import resume
from tui_ae.train.run import TrainingRun

BOUND_S = 30.0


def train(run: TrainingRun, epochs: int) -> list[float]:
    losses = []
    for _ in range(epochs):
        while not run.step():
            pass
        losses.append(run.trainer.loss)
    return losses


def epochs(run: TrainingRun) -> list[int]:
    return [moment.epoch for moment in run.timeline.moments]


def weigh(moment: Moment) -> list[np.ndarray]:
    encoder, decoder = moment.encoder, moment.decoder
    assert isinstance(encoder, FrozenNetwork) and isinstance(decoder, FrozenNetwork)
    return [*encoder.weights, *encoder.biases, *decoder.weights]


def test_a_run_begins_with_the_untrained_network_and_keeps_each_first_epoch(
    few: Dataset, settings: Settings
) -> None:
    run = TrainingRun(few, settings)
    assert epochs(run) == [0]
    losses = train(run, 5)
    assert epochs(run) == [0, 1, 2, 3, 4, 5]
    assert [moment.loss for moment in run.timeline.moments[1:]] == losses
    assert run.timeline.nbytes == 6 * run.timeline.moments[0].nbytes <= DEFAULT_BYTES


def test_a_moment_is_that_of_a_run_which_was_trained_only_so_far(
    few: Dataset, settings: Settings
) -> None:
    run, other = TrainingRun(few, settings), TrainingRun(few, settings)
    train(run, 4)
    train(other, 2)
    other.trainer.encode_all()
    moment = run.timeline.moments[2]
    (past,) = as_snapshot(moment, run.snapshot(State.PAUSED), few.images, None)
    there = other.snapshot(State.PAUSED)
    np.testing.assert_allclose(past.codes, there.codes, atol=1e-4)
    assert past.loss == there.loss
    assert past.curve.losses.tolist() == there.curve.losses.tolist()
    assert (past.curve.first, past.curve.best) == (there.curve.first, there.curve.best)


def test_training_on_changes_no_moment(few: Dataset, settings: Settings) -> None:
    run = TrainingRun(few, settings)
    train(run, 1)
    before = [array.copy() for array in weigh(run.timeline.moments[1])]
    train(run, 2)
    for array, kept in zip(before, weigh(run.timeline.moments[1]), strict=True):
        np.testing.assert_array_equal(array, kept)
    first, last = run.timeline.moments[0], run.timeline.moments[-1]
    assert (weigh(first)[0] != weigh(last)[0]).any()


def test_the_room_of_the_timeline_changes_no_loss(few: Dataset, settings: Settings) -> None:
    none = TrainingRun(few, settings, history_bytes=0)
    assert train(none, 6) == train(TrainingRun(few, settings), 6)
    assert len(none.timeline.moments) == 2 and epochs(none)[0] == 0


def test_a_reset_begins_another_timeline(few: Dataset, settings: Settings) -> None:
    run = TrainingRun(few, settings)
    train(run, 3)
    run.reset()
    assert epochs(run) == [0]
    train(run, 1)
    assert epochs(run) == [0, 1]


def test_a_resumed_run_has_the_moments_of_the_first_part(
    few: Dataset, settings: Settings, tmp_path: Path
) -> None:
    info = begin(settings)
    run = TrainingRun(few, settings, info=info)
    keeper = Keeper(run, lambda its, data: Saver(RunFolder(tmp_path / its.id), data, 1e9))
    train(run, 3)
    keeper.save(State.PAUSED)
    assert keeper.close(BOUND_S)
    place = resume(RunFolder(tmp_path / info.id), 5.0)
    again = TrainingRun(few, place.info.settings, info=place.info)
    place.restore(again)
    assert epochs(again) == [0, 1, 2, 3]
    for one, other in zip(again.timeline.moments, run.timeline.moments, strict=True):
        assert one.loss == other.loss
        for array, kept in zip(weigh(one), weigh(other), strict=True):
            np.testing.assert_array_equal(array, kept)
    keeper = Keeper(again, place.saver)
    train(again, 1)
    keeper.save(State.PAUSED)
    assert keeper.close(BOUND_S)
    names = sorted(path.name for path in (tmp_path / info.id).glob("epoch-*"))
    assert [int(name[6:14]) for name in names] == [0, 1, 2, 3, 4]


def test_a_folder_is_made_with_the_first_mini_batch_and_not_before(
    few: Dataset, settings: Settings, tmp_path: Path
) -> None:
    run = TrainingRun(few, settings)
    folder = RunFolder(tmp_path / run.info.id)
    keeper = Keeper(run, lambda its, data: Saver(RunFolder(tmp_path / its.id), data, 1e9))
    keeper.save(State.PAUSED)
    assert not folder.path.exists()
    run.step()
    assert (run.trainer.epoch, run.trainer.batch) == (0, 1)
    keeper.save(State.PAUSED)
    assert keeper.close(BOUND_S)
    assert folder.snapshot(folder.info()).batch == 1
