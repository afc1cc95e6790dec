"""The worker thread: reads its inbox, steps the trainer and fills the mailbox."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING


from tui_ae.config import Settings
from tui_ae.data.dataset import Dataset
from tui_ae.model.baselines import Baselines, baselines
from tui_ae.train.commands import Command, Pause, Reset, SetClasses, Step, Train
from tui_ae.train.history import LossHistory
from tui_ae.train.snapshot import Snapshot, State

if TYPE_CHECKING:
    from tui_ae.train.trainer import Trainer

PUBLISH_S = 0.1
"""The shortest time between two snapshots inside an epoch: no screen shows more."""

log = logging.getLogger(__name__)


class Session:
    """Loads the data, then trains as commanded, in one thread of its own.

    The screen reads `stage`, `dataset`, `baselines` and `error`, which each go from nothing to
    their value once, and takes snapshots out of a mailbox of one slot: the latest wins, and neither
    side ever waits for the other. PyTorch is imported in the thread, so a screen can stand before.
    """

    def __init__(self, settings: Settings, load: Callable[[Settings], Dataset]) -> None:
        """A session that will train on what `load` returns."""
        self._settings = settings
        self._load = load
        self._inbox: SimpleQueue[Command] = SimpleQueue()
        self._wake = threading.Event()
        self._slot: Snapshot | None = None
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="tui-ae-training", daemon=True)
        self.stage = ""
        """What keeps the worker busy before it is ready; '' once it is."""
        self.dataset: Dataset | None = None
        self.baselines: Baselines | None = None
        self.error: Exception | None = None
        """Why the worker could not start."""
        self.superseded = 0
        """Snapshots that a newer one replaced before anybody took them."""
        self._state = State.STARTING
        self._run_id = 1
        self._stepping = False
        self._failure = ""
        self._history = LossHistory()
        self._epoch: Iterator[None] | None = None
        self._published_at = 0.0

    def start(self) -> None:
        """Start the worker."""
        self._thread.start()

    def send(self, command: Command) -> None:
        """Put a command into the inbox; it takes effect before the next mini-batch."""
        self._inbox.put(command)
        self._wake.set()

    def latest(self) -> Snapshot | None:
        """Take the newest snapshot, or None where nothing new was published."""
        with self._lock:
            snapshot, self._slot = self._slot, None
        return snapshot

    def stop(self, timeout_s: float) -> bool:
        """End the worker; False if it still runs after `timeout_s` seconds."""
        self._stopping.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    # --- all below runs in the worker ------------------------------------------------------------

    def _work(self) -> None:
        try:
            trainer = self._begin()
        except Exception as error:  # noqa: BLE001 - becomes a value that the screen explains
            log.debug("the session could not start", exc_info=True)
            self.error = error
            return
        if trainer is not None:
            self._loop(trainer)

    def _begin(self) -> Trainer | None:
        data = self._settings.data
        self.stage = "drawing the digits" if data is None else f"reading {data}"
        dataset = self._load(self._settings)
        self.dataset = dataset
        if self._stopping.is_set():
            return None
        self.stage = "starting PyTorch"
        from tui_ae.train.trainer import Trainer

        self.stage = "first encodings"
        trainer = Trainer(dataset, self._settings)
        trainer.loss = trainer.mean_loss()
        self._state = State.IDLE
        self.stage = ""
        self._publish(trainer)
        self.baselines = baselines(dataset.images, dataset.labels)
        self._publish(trainer)
        return trainer

    def _loop(self, trainer: Trainer) -> None:
        while not self._stopping.is_set():
            self._wake.clear()
            self._obey(trainer)
            if self._state is State.TRAINING:
                try:
                    self._advance(trainer)
                except Exception as error:  # noqa: BLE001 - becomes a state of the screen
                    self._fail(trainer, error)
            else:
                self._wake.wait()

    def _obey(self, trainer: Trainer) -> None:
        while True:
            try:
                command = self._inbox.get_nowait()
            except Empty:
                return
            match command:
                case Train() | Step() if self._state is not State.FAILED:
                    self._stepping = isinstance(command, Step)
                    self._state = State.TRAINING
                    self._publish(trainer)
                case Pause() if self._state is State.TRAINING:
                    self._rest(trainer)
                case SetClasses(active):
                    trainer.set_classes(active)
                    self._publish(trainer)
                case Reset():
                    self._reset(trainer)

    def _advance(self, trainer: Trainer) -> None:
        """Do one mini-batch, beginning or ending the epoch where it is due."""
        if self._epoch is None:
            self._epoch = trainer.train_epoch()
            next(self._epoch)
        if next(self._epoch, self) is self:
            self._epoch = None
            self._history.add(trainer.loss)
            if self._stepping:
                self._rest(trainer)
            else:
                self._publish(trainer)
        elif time.monotonic() - self._published_at >= PUBLISH_S:
            self._publish(trainer)

    def _rest(self, trainer: Trainer) -> None:
        """Pause with exact codes for all samples."""
        self._state = State.PAUSED
        self._stepping = False
        trainer.encode_all()
        self._publish(trainer)

    def _reset(self, trainer: Trainer) -> None:
        self._epoch = None
        self._stepping = False
        self._failure = ""
        self._history = LossHistory()
        self._run_id += 1
        trainer.reset()
        trainer.loss = trainer.mean_loss()
        self._state = State.IDLE
        self._publish(trainer)

    def _fail(self, trainer: Trainer, error: Exception) -> None:
        from tui_ae.train.trainer import NonFiniteLossError

        log.warning("training stopped", exc_info=not isinstance(error, NonFiniteLossError))
        self._epoch = None
        self._state = State.FAILED
        self._failure = (
            str(error)
            if isinstance(error, NonFiniteLossError)
            else f"Training stopped: {type(error).__name__}: {error}"
        )
        self._publish(trainer)

    def _publish(self, trainer: Trainer) -> None:
        self._published_at = time.monotonic()
        encoder, decoder = trainer.frozen()
        codes = trainer.codes.copy()
        codes.setflags(write=False)
        snapshot = Snapshot(
            run_id=self._run_id,
            state=self._state,
            epoch=trainer.epoch,
            batch=trainer.batch,
            batches=trainer.batches,
            loss=trainer.loss,
            curve=self._history.curve(),
            codes=codes,
            encoder=encoder,
            decoder=decoder,
            active_classes=trainer.active_classes,
            active_samples=trainer.active_samples,
            samples_per_second=trainer.samples_per_second,
            failure=self._failure,
        )
        with self._lock:
            self.superseded += self._slot is not None
            self._slot = snapshot
