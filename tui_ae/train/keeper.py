"""Brings a run that trains to the disk: after epochs, now and then, and when it rests."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

from tui_ae.data.dataset import Dataset
from tui_ae.run.checkpoint import Checkpoint
from tui_ae.run.info import RunInfo
from tui_ae.run.losses import EpochLosses
from tui_ae.run.saver import Saver
from tui_ae.run.snapshot import State
from tui_ae.train.run import TrainingRun

OpenSaver = Callable[[RunInfo, Dataset], Saver]


class Keeper:
    """What worker thread and headless loop tell of a run, so that it is saved where it should be.

    A run without a mini-batch leaves nothing on the disk.
    """

    def __init__(self, run: TrainingRun, open_saver: OpenSaver) -> None:
        """Keep `run`, from where it stands.

        Args:
            run: Fresh, or just restored from what its saver's folder holds.
            open_saver: Gives what saves a run; called anew after each reset.
        """
        self._run = run
        self._open = open_saver
        self._saver = open_saver(run.info, run.trainer.dataset)
        self._closing: list[Saver] = []
        self._kept: tuple[int, int, State] | None = None
        """Epoch, mini-batch and state that were offered last."""

    @property
    def notice(self) -> str:
        """Why the last save failed; '' where it did not."""
        return self._saver.notice

    @property
    def kept_at(self) -> Path | None:
        """The folder that holds the run; None before the first save."""
        return self._saver.folder.path if self._saver.saved else None

    @property
    def asked_to_stop(self) -> bool:
        """Whether another program has asked this one to save and end."""
        return self._saver.asked_to_stop

    def go_on_alone(self) -> None:
        """Tell other programs that the run goes on without a terminal."""
        self._saver.folder.go_on_alone()

    @property
    def is_due(self) -> bool:
        """Whether it is time to save."""
        return self._saver.is_due()

    def stepped(self, *, ended_epoch: bool) -> None:
        """Note a mini-batch, and save where it is time."""
        if ended_epoch:
            self.epoch_ended()
        if self.is_due:
            self.save(State.TRAINING)

    def epoch_ended(self) -> None:
        """Note the losses of the epoch that has just ended."""
        held_out = self._run.held_out_loss
        looked = None if math.isnan(held_out) else held_out
        self._saver.epoch_ended(EpochLosses(self._run.epoch, self._run.trainer.loss, looked))

    def save(self, state: State, failure: str = "", checkpoint: Checkpoint | None = None) -> None:
        """Save where the run stands now, if that is not saved yet.

        Args:
            state: What it does.
            failure: Why it ended.
            checkpoint: As of now, where processes that train together have asked for it.
        """
        trainer = self._run.trainer
        place = (trainer.epoch, trainer.batch, state)
        if place[:2] == (0, 0) or place == self._kept:
            return
        self._kept = place
        timeline = self._run.timeline.moments
        checkpoint = checkpoint or self._run.checkpoint()
        self._saver.offer(self._run.snapshot(state, failure), checkpoint, timeline)

    def reset(self) -> None:
        """The run has begun anew: it is another one."""
        self._closing.append(self._saver)
        self._saver.close(0.0)
        self._saver = self._open(self._run.info, self._run.trainer.dataset)
        self._kept = None

    def close(self, timeout_s: float) -> bool:
        """Write what is still to be written; False where the disk takes longer."""
        savers = [*self._closing, self._saver]
        # Each is told before the first is waited for.
        for saver in savers:
            saver.close(0.0)
        return all(saver.close(timeout_s) for saver in savers)
