"""What is told to the disk of a run, and where a run goes on."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tui_ae.config import Settings
from tui_ae.data.dataset import Dataset, HeldOut
from tui_ae.data.images import Images
from tui_ae.errors import InvalidValueError, UserError
from tui_ae.run.checkpoint import Checkpoint
from tui_ae.run.folder import RunFolder
from tui_ae.run.info import begin
from tui_ae.run.losses import EpochLosses
from tui_ae.run.shelf import Shelf
from tui_ae.run.snapshot import Snapshot, State
from tui_ae.train.keeper import Keeper
from tui_ae.train.place import Place, resume
from tui_ae.train.run import TrainingRun

SMALL = Settings(device="cpu", hidden=(3,))


class Offered:
    """In place of what writes to the disk: what it was offered."""

    def __init__(self, folder: Path = Path("run")) -> None:
        self.folder: Any = SimpleNamespace(
            path=folder, go_on_alone=lambda: self.told.append("alone")
        )
        self.told: list[object] = []
        self.saved: object = None
        self.notice, self.asked_to_stop, self.due = "", False, False

    def is_due(self) -> bool:
        return self.due

    def epoch_ended(self, losses: EpochLosses) -> None:
        self.told.append(losses)

    def offer(
        self, snapshot: Snapshot, checkpoint: Checkpoint, timeline: tuple[object, ...]
    ) -> None:
        self.told.append((snapshot.state, snapshot.epoch, snapshot.batch, len(timeline)))
        assert "trainer.weights" in checkpoint or checkpoint.keys() == {"given"}

    def close(self, timeout_s: float) -> bool:
        self.told.append(timeout_s)
        return timeout_s > 1


def kept(few: Dataset, **changes: Any) -> tuple[TrainingRun, Keeper, list[Offered]]:
    run, savers = TrainingRun(few, replace(SMALL, batch_size=150), **changes), list[Offered]()

    def open_saver(*_: object) -> Any:
        savers.append(Offered())
        return savers[-1]

    return run, Keeper(run, open_saver), savers


def test_where_a_run_stands_is_saved_once(few: Dataset) -> None:
    run, keeper, (saver,) = kept(few)
    keeper.save(State.PAUSED)
    assert saver.told == [] and keeper.kept_at is None
    run.step()
    for state in (State.TRAINING, State.TRAINING, State.PAUSED, State.PAUSED):
        keeper.save(state)
    assert saver.told == [(State.TRAINING, 0, 1, 1), (State.PAUSED, 0, 1, 1)]
    run.step()
    keeper.save(State.PAUSED, checkpoint={"given": np.zeros(1)})
    assert saver.told[2:] == [(State.PAUSED, 1, 0, 2)]
    saver.saved = True
    assert keeper.kept_at == Path("run")


def test_losses_are_noted_at_the_end_of_epochs_and_states_when_it_is_time(few: Dataset) -> None:
    run, keeper, (saver,) = kept(few)
    run.step()
    keeper.stepped(ended_epoch=False)
    assert saver.told == [] and not keeper.is_due
    saver.due = True
    run.step()
    keeper.stepped(ended_epoch=True)
    assert saver.told == [EpochLosses(1, run.trainer.loss), (State.TRAINING, 1, 0, 2)]


def test_a_held_out_loss_is_noted_where_somebody_looked(few: Dataset) -> None:
    apart = HeldOut(Images(few.images[:20]), few.labels[:20], 300 + np.arange(20))
    run, keeper, (saver,) = kept(replace(few, held_out=apart))
    run.step(), run.step()
    keeper.epoch_ended()
    assert saver.told == [EpochLosses(1, run.trainer.loss, run.held_out_loss)]
    run._held_out_at = 0
    assert math.isnan(run.held_out_loss)
    keeper.epoch_ended()
    assert saver.told[1:] == [EpochLosses(1, run.trainer.loss)]


def test_after_a_reset_another_saver_begins_and_all_are_waited_for(few: Dataset) -> None:
    run, keeper, savers = kept(few)
    run.step()
    keeper.save(State.PAUSED)
    run.reset()
    keeper.reset()
    first, second = savers
    assert first.told[1:] == [0.0]
    # The same place of another run is another place.
    run.step()
    keeper.save(State.PAUSED)
    keeper.go_on_alone()
    assert second.told == [(State.PAUSED, 0, 1, 1), "alone"]
    second.notice, second.asked_to_stop = "Full.", True
    assert (keeper.notice, keeper.asked_to_stop) == ("Full.", True)
    assert keeper.close(2.0) and first.told[2:] == second.told[2:] == [0.0, 2.0]
    assert not keeper.close(1.0)


# --- places ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("every_s", "told"),
    [(0, ""), (86_400, ""), (-0.5, "-0.5"), (86_401, "86401"), (math.nan, "nan")],
)
def test_one_may_save_all_the_time_or_once_a_day(every_s: float, told: str) -> None:
    def make() -> Place:
        return Place(Shelf(), begin(SMALL), every_s=every_s)

    if told:
        with pytest.raises(InvalidValueError) as refused:
            make()
        assert f"{told}: give a number of seconds from 0 to 86,400." in str(refused.value)
    else:
        assert make().every_s == every_s


def test_a_place_that_holds_no_run_changes_nothing(few: Dataset) -> None:
    run = TrainingRun(few, SMALL)
    before = run.checkpoint()["trainer.weights"]
    Place(Shelf(), run.info).restore(run)
    np.testing.assert_array_equal(run.checkpoint()["trainer.weights"], before)


def saved_run(few: Dataset, path: Path) -> TrainingRun:
    """One that was trained for an epoch and a mini-batch, and is in a folder."""
    run = TrainingRun(few, replace(SMALL, batch_size=150))
    while not run.step():
        pass
    run.step()
    folder = RunFolder(path)
    folder.create(run.info, few)
    ended = [EpochLosses(1, run.trainer.loss), EpochLosses(2, 9.0)]
    folder.save(run.snapshot(State.PAUSED), run.checkpoint(), ended)
    folder.save_timeline(run.timeline.moments)
    folder.unlock()
    return run


def test_a_run_goes_on_from_its_place(few: Dataset, tmp_path: Path) -> None:
    before = saved_run(few, tmp_path / "run")
    place = resume(RunFolder(tmp_path / "run"), 7.5, trains=True)
    assert (place.every_s, place.trains, place.info.id) == (7.5, True, before.info.id)
    run = TrainingRun(few, place.info.settings, info=place.info)
    place.restore(run)
    assert (run.epoch, run.trainer.batch) == (1, 1)
    assert [moment.epoch for moment in run.timeline.moments] == [0, 1]
    # The losses of an epoch that it has not finished are those of another future.
    assert place.resumed is not None and [row.epoch for row in place.resumed.losses()] == [1]
    with pytest.raises(UserError) as told:
        resume(RunFolder(tmp_path / "run"), 5.0)
    assert str(told.value) == (
        f"{tmp_path / 'run'}: another program trains this run; tui-ae watch shows it, tui-ae stop "
        "ends that."
    )
    assert resume(RunFolder(tmp_path / "run"), 5.0, writes=False).resumed is not None
    place.resumed.unlock()


@pytest.mark.parametrize("what", ["images", "state", "no fingerprint"])
def test_what_does_not_fit_to_its_place_is_told(few: Dataset, tmp_path: Path, what: str) -> None:
    saved_run(few, tmp_path / "run")
    place = resume(RunFolder(tmp_path / "run"), 5.0, writes=False)
    assert place.resumed is not None
    data = replace(few, labels=few.labels[::-1].copy())
    if what == "state":
        data = few
        run = TrainingRun(data, replace(SMALL, hidden=(4,)), info=place.info)
    elif what == "no fingerprint":
        place = replace(place, info=replace(place.info, fingerprint=None))
        run = TrainingRun(data, place.info.settings, info=place.info)
        place.restore(run)
        assert run.epoch == 1
        return
    else:
        run = TrainingRun(data, place.info.settings, info=place.info)
    with pytest.raises(UserError) as told:
        place.restore(run)
    path = tmp_path / "run"
    assert str(told.value).startswith(
        f"{path}: the data of this run have changed (its images have other labels now), so it "
        "can't go on as it began; tui-ae open shows what it holds."
        if what == "images"
        else f"{path}: the saved state does not fit to the run or to its images ("
    )
