"""What the worker thread does with a run: obey commands, train, publish, catch up in pauses."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

import numpy as np

from tui_ae.errors import reason
from tui_ae.model.baselines import Survey, survey_in_pieces
from tui_ae.run.commands import Command, Pause, Reset, SetClasses, Step, Train, Until
from tui_ae.run.snapshot import Snapshot, State
from tui_ae.streams import printable
from tui_ae.train.failure import NonFiniteLossError

if TYPE_CHECKING:
    from tui_ae.train.keeper import Keeper
    from tui_ae.train.run import TrainingRun

PUBLISH_S = 0.1
"""The shortest time between two snapshots while it trains: no screen shows more."""
ENCODING_PUBLISH_S = 0.5
"""The same while a pause encodes more samples than can be encoded at once."""
AT_ONCE = 8192
"""Samples whose codes are fresh before a pause is shown: less than a twentieth of a second."""
SURVEY_SHARE = 0.1
"""How much of the time the survey takes while training runs; at rest it takes all of it."""

log = logging.getLogger(__name__)


class Worker:
    """A run and its state; all of it belongs to the thread that calls `advance`."""

    def __init__(
        self,
        run: TrainingRun,
        inbox: SimpleQueue[Command],
        deliver: Callable[[Snapshot], None],
        keeper: Keeper | None = None,
        turn: Callable[[], AbstractContextManager[None]] = nullcontext,
        *,
        trains: bool = False,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin idle, or paused where the run has gone on before, with a first snapshot.

        Args:
            run: A fresh one, or one that was restored.
            inbox: Where commands come from.
            deliver: Takes each snapshot; must not wait.
            keeper: Saves the run; None where nobody wants that.
            turn: What a mini-batch has to wait for.
            trains: Begin with training instead.
            now: Gives seconds.
        """
        self.survey: Survey | None = None
        """Computed while nothing else is to be done; a snapshot follows them."""
        self.timeline = run.timeline
        self._newest: Snapshot
        """The one delivered last."""
        self._now = now
        self._run = run
        self._trainer = run.trainer
        self._inbox = inbox
        self._deliver = deliver
        self._keeper = keeper
        self._turn = turn
        self._state = State.PAUSED if run.epoch or run.trainer.batch else State.IDLE
        if trains:
            self._state = State.TRAINING
        self._steps: int | None = None
        """Epochs still to finish before it pauses; None trains until told to pause."""
        self._until: int | None = None
        """The epoch at whose end it pauses too."""
        self._failure = ""
        self._published_at: float
        self._encoding = self._rest_of_the_codes()
        """Brings the codes up to the weights while training rests."""
        dataset = run.trainer.dataset
        spec = run.info.spec
        # A linear network is held against as many components as its codes have numbers.
        components = spec.latent_dim if spec.kind == "linear" else 2
        self._surveying: Generator[None, None, Survey] | None = survey_in_pieces(
            dataset.images, dataset.labels, max(components, 2)
        )
        self._survey_due_at = 0.0
        self._publish()

    @property
    def trains(self) -> bool:
        """Whether it does, as of now."""
        return self._state is State.TRAINING

    def advance(self) -> bool:
        """Obey what was asked and do one piece of work: False where nothing is left to do."""
        try:
            self._obey()
            if self._state is not State.TRAINING:
                return self._use_the_pause()
            self._train()
        except BaseException as error:  # noqa: BLE001 - becomes a state of the screen
            # An exit or an interrupt too: they would end the thread without a word.
            self._fail(error)
        return True

    def _obey(self) -> None:
        while True:
            try:
                command = self._inbox.get_nowait()
            except Empty:
                return
            match command:
                case Train() | Step() if self._state is not State.FAILED:
                    self._go(one_epoch=isinstance(command, Step))
                case Pause() if self._state is State.TRAINING:
                    self._rest()
                case Until(epoch) if self._state is State.TRAINING:
                    self._until = epoch
                    if self._is_done:
                        self._rest()
                case SetClasses(active):
                    self._trainer.set_classes(active)
                    self._publish()
                case Reset():
                    self._reset()

    def _go(self, *, one_epoch: bool) -> None:
        self._steps = (self._steps or 0) + 1 if one_epoch else None
        self._state = State.TRAINING
        self._encoding = None
        self._publish()

    def _train(self) -> None:
        """Do one mini-batch."""
        with self._turn():
            ended = self._run.step()
        if self._keeper is not None:
            self._keeper.stepped(ended_epoch=ended)
        if ended:
            self._end_epoch()
        elif self._now() - self._published_at >= PUBLISH_S:
            self._publish()
        if self._surveying is not None and self._now() >= self._survey_due_at:
            self._survey_on(self._surveying)

    def _end_epoch(self) -> None:
        if self._steps is not None:
            self._steps -= 1
        if self._steps == 0 or self._is_done:
            self._rest()
        elif self._now() - self._published_at >= PUBLISH_S:
            self._publish()

    @property
    def _is_done(self) -> bool:
        return self._until is not None and self._run.epoch >= self._until

    def _rest(self) -> None:
        self._state = State.PAUSED
        self._steps = self._until = None
        self._publish_with_exact_codes()
        self.save()

    def hurry(self) -> None:
        """Have the present mini-batch, which is the last, end soon; from any thread."""
        self._trainer.hurry()

    def end(self) -> None:
        """Bring where the run stands to the disk, at rest."""
        if self._state is State.TRAINING:
            self._state = State.PAUSED
        self.save()

    def save(self) -> None:
        """Bring where the run stands to the disk."""
        if self._keeper is not None:
            self._keeper.save(self._state, self._failure)

    def _publish_with_exact_codes(self) -> None:
        """Publish as soon as the codes of all samples are those of the present weights.

        Few are there at once. Many take longer than a person should wait, so those are shown as
        training left them until then.
        """
        self._encoding = self._trainer.encode_in_pieces()
        if len(self._trainer.dataset.images) > AT_ONCE:
            self._publish()

    def _rest_of_the_codes(self) -> Iterator[None] | None:
        """What brings the codes that the fresh network has not given yet."""
        given = (self._trainer.codes, self._trainer.held_out_codes)
        missing = any(np.isnan(codes).any() for codes in given)
        return self._trainer.encode_in_pieces() if missing else None

    def _use_the_pause(self) -> bool:
        """Do a piece of what can wait; False where nothing is left."""
        if self._encoding is not None:
            if next(self._encoding, self) is self:
                self._encoding = None
                self._publish()
            elif self._now() - self._published_at >= ENCODING_PUBLISH_S:
                self._publish()
            return True
        if self._surveying is not None:
            self._survey_on(self._surveying)
            return True
        return False

    def _survey_on(self, survey: Generator[None, None, Survey]) -> None:
        """Do a piece of the survey."""
        began = self._now()
        try:
            next(survey)
        except StopIteration as end:
            self._surveying = None
            self.survey = end.value
            self._publish()
        now = self._now()
        self._survey_due_at = now + (now - began) / SURVEY_SHARE

    def _reset(self) -> None:
        self._encoding = self._steps = self._until = None
        self._failure = ""
        self._run.reset()
        if self._keeper is not None:
            self._keeper.reset()
        self._encoding = self._rest_of_the_codes()
        self._state = State.IDLE
        self._publish()

    def _fail(self, error: BaseException) -> None:
        self._encoding = self._steps = None
        self._state = State.FAILED
        if isinstance(error, NonFiniteLossError):
            self._failure = str(error)
            self._publish_with_exact_codes()
            return
        log.debug("training stopped", exc_info=True)
        self._failure = printable(f"Training stopped: {reason(error)}.")
        try:
            self._publish()
        except BaseException:
            # A device that is gone gives no weights; those of the newest snapshot are elsewhere.
            log.debug("no snapshot of the failure", exc_info=True)
            self._newest = replace(
                self._newest, info=self._run.info, state=self._state, failure=self._failure
            )
            self._deliver(self._newest)

    def _publish(self) -> None:
        self._newest = self._run.snapshot(self._state, self._failure)
        self._deliver(self._newest)
        # Noted now: copies that take longer than the interval are to leave time to train.
        self._published_at = self._now()
