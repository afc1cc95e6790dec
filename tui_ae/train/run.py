"""A run that trains: all of its state in one object, which thread and headless loop both drive."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from tui_ae.config import Settings
from tui_ae.data.dataset import Dataset
from tui_ae.run.checkpoint import Checkpoint, group, ungroup
from tui_ae.run.history import LossHistory
from tui_ae.run.info import RunInfo, begin, installed_versions
from tui_ae.run.snapshot import TRAINING, Snapshot, State
from tui_ae.train.trainer import Trainer
from tui_ae.train.world import World


class TrainingRun:
    """Steps mini-batch by mini-batch, and says at any place between two of them where it stands.

    What it gives as a checkpoint another one of the same settings and data takes, and goes on as
    this one would have, to the last bit.
    """

    def __init__(
        self,
        dataset: Dataset,
        settings: Settings,
        world: World | None = None,
        info: RunInfo | None = None,
    ) -> None:
        """Fresh weights.

        Args:
            dataset: All images, in each process the same.
            settings: The same in each process.
            world: The processes that train together, entered; None trains alone.
            info: Of the run, where it has begun already.

        Raises:
            UserError: the device of the settings is not there.
        """
        self.trainer = Trainer(dataset, settings, world)
        self.info = replace(
            info or begin(settings), data=dataset.name, versions=installed_versions()
        )
        self._histories = {TRAINING: LossHistory()}

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
            self._histories[TRAINING].add(self.trainer.loss)
        return ended

    def reset(self) -> None:
        """Begin another run of the same: fresh weights, all classes on, no history."""
        self.info = self.info.again()
        self._histories = {TRAINING: LossHistory()}
        self.trainer.reset()

    def snapshot(self, state: State, failure: str = "") -> Snapshot:
        """This moment; `state` and `failure` are the caller's to know."""
        trainer = self.trainer
        encoder, decoder = trainer.frozen()
        codes = trainer.codes.copy()
        codes.setflags(write=False)
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
        for name, history in self._histories.items():
            history.restore(ungroup(f"history.{name}", checkpoint))
