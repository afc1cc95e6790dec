"""The worker thread: reads its inbox, steps the trainer and fills the mailbox."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Generator, Iterator
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

import numpy as np

from tui_ae.config import Settings
from tui_ae.data.dataset import Dataset
from tui_ae.data.progress import Progress
from tui_ae.data.source import printable
from tui_ae.model.baselines import Baselines, baselines_in_pieces
from tui_ae.train.commands import Command, Pause, Reset, SetClasses, SetLearningRate, Step, Train
from tui_ae.train.failure import NonFiniteLossError
from tui_ae.train.history import LossHistory
from tui_ae.train.snapshot import Snapshot, State

if TYPE_CHECKING:
    from tui_ae.train.trainer import Trainer

PUBLISH_S = 0.1
"""The shortest time between two snapshots while it trains: no screen shows more."""
ENCODING_PUBLISH_S = 0.5
"""The same while a pause encodes more samples than can be encoded at once."""
AT_ONCE = 8192
"""Samples whose codes are fresh before a pause is shown: less than a twentieth of a second."""
SURVEY_SHARE = 0.1
"""How much of the time the baselines take while training runs; at rest they take all of it."""

Load = Callable[[Settings, Progress], Dataset]

log = logging.getLogger(__name__)


class _Cancelled(Exception):  # noqa: N818 - asked for, so no error
    """Ends loading because the session is stopping."""


class Session:
    """Loads the data, then trains as commanded, in one thread of its own.

    The screen reads `stage`, `dataset`, `baselines` and `error`, which each go from nothing to
    their value once, and takes snapshots out of a mailbox of one slot: the latest wins, and neither
    side ever waits for the other. PyTorch is imported in the thread, so a screen can stand before.
    """

    def __init__(self, settings: Settings, load: Load) -> None:
        """A session that will train on what `load` returns.

        What `load` is given to tell its progress raises where the session is stopping.
        """
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
        """Computed while nothing else is to be done; a snapshot follows them."""
        self.error: Exception | None = None
        """Why the worker could not start."""
        self.superseded = 0
        """Snapshots that a newer one replaced before anybody took them."""
        self._state = State.STARTING
        self._run_id = 1
        self._steps: int | None = None
        """Epochs still to finish before it pauses; None trains until told to pause."""
        self._failure = ""
        self._history = LossHistory()
        self._epoch: Iterator[None] | None = None
        self._published_at = 0.0
        self._encoding: Iterator[None] | None = None
        """Brings the codes up to the weights while training rests."""
        self._survey: Generator[None, None, Baselines] | None = None
        self._survey_due_at = 0.0

    def start(self) -> None:
        """Start the worker."""
        self._thread.start()

    def send(self, command: Command) -> None:
        """Put a command into the inbox; it takes effect before the next mini-batch."""
        self._inbox.put(command)
        self._wake.set()

    @property
    def has_news(self) -> bool:
        """Whether `latest` has a snapshot to give."""
        return self._slot is not None

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
        except Exception as error:
            log.debug("the session could not start", exc_info=True)
            self.error = error
            return
        if trainer is not None:
            self._loop(trainer)

    def _begin(self) -> Trainer | None:
        try:
            self._loading(0.0)
            dataset = self._load(self._settings, self._loading)
        except _Cancelled:
            return None
        self.dataset = dataset
        if self._stopping.is_set():
            return None
        self.stage = "starting PyTorch"
        from tui_ae.train.trainer import Trainer

        if self._stopping.is_set():
            return None
        self.stage = "first encodings"
        trainer = Trainer(dataset, self._settings)
        self._survey = baselines_in_pieces(dataset.images, dataset.labels)
        self._state = State.IDLE
        self.stage = ""
        self._encoding = self._rest_of_the_codes(trainer)
        self._publish(trainer)
        return trainer

    def _loading(self, share: float) -> None:
        """Show how much of the data is there.

        Raises:
            _Cancelled: there is nobody left to train for.
        """
        if self._stopping.is_set():
            raise _Cancelled
        data = self._settings.data
        if data is None:
            self.stage = "drawing the digits"
        else:
            self.stage = f"reading {printable(data.name or data)} {int(100 * share):3d}%"

    def _loop(self, trainer: Trainer) -> None:
        while True:
            # Cleared before anything is looked at: what comes later sets it again.
            self._wake.clear()
            if self._stopping.is_set():
                return
            try:
                self._obey(trainer)
                if self._state is State.TRAINING:
                    self._advance(trainer)
                elif not self._use_the_pause(trainer):
                    self._wake.wait()
            except Exception as error:  # noqa: BLE001 - becomes a state of the screen
                self._fail(trainer, error)

    def _obey(self, trainer: Trainer) -> None:
        while True:
            try:
                command = self._inbox.get_nowait()
            except Empty:
                return
            match command:
                case Train() | Step() if self._state is not State.FAILED:
                    self._go(trainer, one_epoch=isinstance(command, Step))
                case Pause() if self._state is State.TRAINING:
                    self._rest(trainer)
                case SetClasses(active):
                    trainer.set_classes(active)
                    self._publish(trainer)
                case SetLearningRate(learning_rate):
                    trainer.set_learning_rate(learning_rate)
                case Reset():
                    self._reset(trainer)

    def _go(self, trainer: Trainer, *, one_epoch: bool) -> None:
        stepping = self._state is State.TRAINING and self._steps is not None
        if not one_epoch:
            self._steps = None
        else:
            self._steps = (self._steps or 0) + 1 if stepping else 1
        self._state = State.TRAINING
        self._encoding = None
        self._publish(trainer)

    def _advance(self, trainer: Trainer) -> None:
        """Do one mini-batch, beginning or ending the epoch where it is due."""
        if self._epoch is None:
            self._epoch = trainer.train_epoch()
            next(self._epoch)
        if next(self._epoch, self) is self:
            self._end_epoch(trainer)
        elif time.monotonic() - self._published_at >= PUBLISH_S:
            self._publish(trainer)
        if self._survey is not None and time.monotonic() >= self._survey_due_at:
            self._survey_on(trainer)

    def _end_epoch(self, trainer: Trainer) -> None:
        self._epoch = None
        self._history.add(trainer.loss)
        if self._steps is not None:
            self._steps -= 1
        if self._steps == 0:
            self._rest(trainer)
        elif time.monotonic() - self._published_at >= PUBLISH_S:
            self._publish(trainer)

    def _rest(self, trainer: Trainer) -> None:
        """Pause; exact codes for all samples follow as soon as they are there.

        Few are there at once. Many take longer than a person who pauses should wait, so those are
        shown as training left them until then.
        """
        self._state = State.PAUSED
        self._steps = None
        self._encoding = trainer.encode_in_pieces()
        if len(trainer.codes) > AT_ONCE:
            self._publish(trainer)

    def _rest_of_the_codes(self, trainer: Trainer) -> Iterator[None] | None:
        """What brings the codes that the fresh network has not given yet."""
        return trainer.encode_in_pieces() if np.isnan(trainer.codes).any() else None

    def _use_the_pause(self, trainer: Trainer) -> bool:
        """Do a piece of what can wait; False where nothing is left."""
        if self._encoding is not None:
            if next(self._encoding, self) is self:
                self._encoding = None
                self._publish(trainer)
            elif time.monotonic() - self._published_at >= ENCODING_PUBLISH_S:
                self._publish(trainer)
            return True
        if self._survey is not None:
            self._survey_on(trainer)
            return True
        return False

    def _survey_on(self, trainer: Trainer) -> None:
        """Do a piece of the baselines."""
        assert self._survey is not None
        began = time.monotonic()
        try:
            next(self._survey)
        except StopIteration as end:
            self._survey = None
            self.baselines = end.value
            self._publish(trainer)
        now = time.monotonic()
        self._survey_due_at = now + (now - began) / SURVEY_SHARE

    def _reset(self, trainer: Trainer) -> None:
        self._epoch = self._encoding = self._steps = None
        self._failure = ""
        self._history = LossHistory()
        self._run_id += 1
        trainer.reset()
        self._encoding = self._rest_of_the_codes(trainer)
        self._state = State.IDLE
        self._publish(trainer)

    def _fail(self, trainer: Trainer, error: Exception) -> None:
        self._epoch = self._encoding = self._steps = None
        self._state = State.FAILED
        if isinstance(error, NonFiniteLossError):
            self._failure = str(error)
        else:
            log.debug("training stopped", exc_info=True)
            self._failure = f"Training stopped: {type(error).__name__}: {error}"
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
            running_loss=trainer.running_loss,
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
