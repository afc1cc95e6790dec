"""A run that trains: all of its state in one object, which thread and headless loop both drive."""

from __future__ import annotations

import math
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from tui_ae.config import Settings
from tui_ae.data.dataset import Dataset
from tui_ae.run.checkpoint import Checkpoint, group, ungroup
from tui_ae.run.fingerprint import fingerprint
from tui_ae.run.history import LossHistory
from tui_ae.run.info import RunInfo, begin, installed_versions
from tui_ae.run.snapshot import HELD_OUT, TRAINING, Snapshot, State
from tui_ae.run.timeline import DEFAULT_BYTES, Moment, Timeline
from tui_ae.train.process_group import ProcessGroup
from tui_ae.train.trainer import MOST_HELD_OUT, Trainer

EACH_UNTIL = 20
"""The first epochs, of each of which the held-out loss is looked at: most happens there."""
HELD_OUT_TIME = 0.02


class TrainingRun:
    """Steps mini-batch by mini-batch, and says at any place between two of them where it stands.

    What it gives as a checkpoint another one of the same settings and data takes, and goes on as
    this one would have, to the last bit.
    """

    def __init__(
        self,
        dataset: Dataset,
        settings: Settings,
        processes: ProcessGroup | None = None,
        info: RunInfo | None = None,
        history_bytes: int = DEFAULT_BYTES,
    ) -> None:
        """Fresh weights.

        Args:
            dataset: All images, in each process the same.
            settings: The same in each process.
            processes: The processes that train together, entered; None trains alone.
            info: Of the run, where it has begun already.
            history_bytes: What the moments of the timeline may take.

        Raises:
            UserError: the device of the settings is not there.
        """
        self.trainer = Trainer(dataset, settings, processes)
        self.info = replace(
            info or begin(settings),
            data=dataset.name,
            versions=installed_versions(),
            fingerprint=fingerprint(dataset),
        )
        self._histories = self._fresh_histories()
        self.timeline = Timeline(history_bytes)
        """Moments of this run to go back to."""
        self._keep_moment()
        self._held_out_at = -1
        """The epoch whose end was looked at last."""
        self._held_out_loss = math.nan

    def _fresh_histories(self) -> dict[str, LossHistory]:
        names = (TRAINING, HELD_OUT) if self.trainer.dataset.held_out else (TRAINING,)
        return {name: LossHistory() for name in names}

    @property
    def epoch(self) -> int:
        """Finished epochs."""
        return self.trainer.epoch

    def step(self) -> bool:
        """Train on one mini-batch; whether it was the last of its epoch.

        Raises:
            NonFiniteLossError: see Trainer.step.
        """
        ended = self.trainer.step()
        if ended:
            self._histories[TRAINING].add(self.epoch, self.trainer.loss)
            self._keep_moment()
            if self.epoch <= EACH_UNTIL or self.epoch % self._held_out_every == 0:
                self.look_at_held_out()
        return ended

    def _keep_moment(self) -> None:
        """Keep the weights between two epochs, where there is room in the timeline."""
        if self.timeline.wants(self.epoch):
            self.timeline.add(Moment(self.epoch, self.trainer.loss, *self.trainer.frozen()))

    @property
    def _held_out_every(self) -> int:
        """Epochs between two looks, so that they take a fiftieth of the time of training.

        An image that trains costs three times what one costs that is only looked at.
        """
        held_out = self.trainer.dataset.held_out
        looked_at = min(len(held_out.images), MOST_HELD_OUT) if held_out else 0
        return max(1, math.ceil(looked_at / (3 * self.trainer.active_samples * HELD_OUT_TIME)))

    def look_at_held_out(self) -> None:
        """Add the loss of the held-out images to its series, at the end of an epoch."""
        if HELD_OUT in self._histories and self._held_out_at != self.epoch and self.epoch:
            self._held_out_at = self.epoch
            self._held_out_loss = self.trainer.held_out_loss()
            self._histories[HELD_OUT].add(self.epoch, self._held_out_loss)

    @property
    def held_out_loss(self) -> float:
        """That of the held-out images at the end of this epoch; NaN where nobody has looked."""
        return self._held_out_loss if self._held_out_at == self.epoch else math.nan

    def reset(self) -> None:
        """Begin another run of the same: fresh weights, all classes on, no history."""
        self.info = self.info.again()
        self._histories = self._fresh_histories()
        self._held_out_at = -1
        self.trainer.reset()
        self.timeline.clear()
        self._keep_moment()

    def snapshot(self, state: State, failure: str = "") -> Snapshot:
        """This moment; `state` and `failure` are the caller's to know."""
        trainer = self.trainer
        encoder, decoder = trainer.frozen()
        codes, held_out_codes = trainer.codes.copy(), trainer.held_out_codes.copy()
        codes.setflags(write=False)
        held_out_codes.setflags(write=False)
        curves = {name: history.curve() for name, history in self._histories.items()}
        return Snapshot(
            info=self.info,
            state=state,
            epoch=trainer.epoch,
            batch=trainer.batch,
            batches=trainer.batches,
            loss=trainer.loss,
            running_loss=trainer.running_loss,
            curves=MappingProxyType(curves),
            codes=codes,
            held_out_codes=held_out_codes,
            encoder=encoder,
            decoder=decoder,
            active_classes=trainer.active_classes,
            active_samples=trainer.active_samples,
            samples_per_second=trainer.samples_per_second,
            failure=failure,
        )

    def checkpoint(self) -> Checkpoint:
        """The whole state between two mini-batches, in copies."""
        state = group("trainer", self.trainer.checkpoint())
        state["held_out"] = np.array([self._held_out_at, self._held_out_loss])
        for name, history in self._histories.items():
            state |= group(f"history.{name}", history.checkpoint())
        return state

    def restore(self, checkpoint: Checkpoint) -> None:
        """Take over a state of the same settings and data.

        Raises:
            KeyError: the checkpoint lacks something.
            ValueError: something in it has another shape or type.
        """
        self.trainer.restore(ungroup("trainer", checkpoint))
        at, self._held_out_loss = checkpoint["held_out"].tolist()
        self._held_out_at = int(at)
        for name, history in self._histories.items():
            history.restore(ungroup(f"history.{name}", checkpoint))
