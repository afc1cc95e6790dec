"""The worker thread and its mailbox: what the screen has of the training."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING

from tui_ae.config import Settings, is_named
from tui_ae.data.progress import Progress
from tui_ae.errors import FailureError, UserError, reason
from tui_ae.heap import give_back
from tui_ae.importing import uncollected
from tui_ae.run.info import begin
from tui_ae.run.publisher import Publisher
from tui_ae.run.timeline import DEFAULT_BYTES, Moment
from tui_ae.stop_signals import StopSignals
from tui_ae.streams import printable
from tui_ae.train.place import Place

if TYPE_CHECKING:
    from tui_ae.data.dataset import Dataset
    from tui_ae.model.baselines import Baselines, Survey
    from tui_ae.run.commands import Command
    from tui_ae.train.keeper import Keeper
    from tui_ae.train.worker import Worker

Load = Callable[[Settings, Progress], "Dataset"]

LOOK_S = 0.25
"""How often a session at rest looks whether another program asks it to end."""
ASKED = "Another program has asked this one to save the run and end; tui-ae resume goes on."
SAVE_S = 20.0
"""How long the end of the thread waits for the disk."""

log = logging.getLogger(__name__)


class _Cancelled(Exception):  # noqa: N818 - asked for, so no error
    """Ends loading because the session is stopping."""


class Session(Publisher):
    """Loads the data, then trains as commanded, in one thread of its own.

    The screen reads `stage`, `dataset`, `baselines` and `error`, which each go from nothing to
    their value once, and takes snapshots out of a mailbox of one slot: the latest wins, and neither
    side ever waits for the other. PyTorch is imported in the thread, so a screen can stand before.
    """

    def __init__(
        self,
        settings: Settings,
        load: Load,
        place: Place | None = None,
        history_bytes: int = DEFAULT_BYTES,
        turn: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        """A session that will train on what `load` returns, and keep it in `place`.

        The moments of its timeline take `history_bytes` of memory at most; each mini-batch waits
        for what `turn` gives.

        What `load` is given to tell its progress raises where the session is stopping.
        """
        super().__init__()
        self._settings = settings
        self._place = place
        self._history_bytes = history_bytes
        self._turn = turn
        self._keeper: Keeper | None = None
        self._late = ""
        self.info = place.info if place else begin(settings)
        """Of the run that it begins with."""
        self._load = load
        self._inbox: SimpleQueue[Command] = SimpleQueue()
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="tui-ae-training", daemon=True)
        self.stage = ""
        """What keeps the worker busy before it is ready; '' once it is."""
        self.dataset: Dataset | None = None
        self.error: UserError | FailureError | None = None
        """Why the thread ended by itself: it could not start, or no snapshot could tell."""
        self._worker: Worker | None = None

    @property
    def kept_at(self) -> Path | None:
        """Where the run is kept, once it has been saved."""
        return self._keeper.kept_at if self._keeper else None

    @property
    def notice(self) -> str:
        """Why the run is not saved, in a sentence; '' where it is."""
        return self._late or (self._keeper.notice if self._keeper else "")

    @property
    def baselines(self) -> Baselines | None:
        """Those of the data set, by the objective of the run."""
        survey = self.survey
        return survey.baselines[self.info.spec.objective] if survey is not None else None

    @property
    def survey(self) -> Survey | None:
        """That of the data set, once the worker has found the time for it."""
        return self._worker.survey if self._worker is not None else None

    @property
    def timeline(self) -> tuple[Moment, ...]:
        """See Source."""
        return self._worker.timeline.moments if self._worker is not None else ()

    def start(self) -> None:
        """Start the worker."""
        try:
            self._thread.start()
        except (RuntimeError, MemoryError) as error:
            self._end(error)

    def send(self, command: Command) -> None:
        """Put a command into the inbox; it takes effect before the next mini-batch."""
        self._inbox.put(command)
        self._wake.set()

    def stop(self, timeout_s: float) -> bool:
        """End the worker; False if it still runs after `timeout_s` seconds."""
        self._stopping.set()
        self._wake.set()
        if self._worker is not None:
            self._worker.hurry()
        if self._thread.is_alive():
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def go_on_alone(self, epochs: int | None, signals: StopSignals) -> None:
        """Wait while it trains on without a screen: until so many epochs, told to end, or a signal.

        Other programs can see that nobody is at it, and take the run over.
        """
        worker, keeper = self._worker, self._keeper
        if worker is None or keeper is None:
            return
        keeper.go_on_alone()
        if epochs is not None:
            from tui_ae.run.commands import Until

            self.send(Until(epochs))
        while worker.trains and self._thread.is_alive() and not signals.received:
            self._thread.join(LOOK_S)

    def _end(self, error: BaseException) -> None:
        """Say why there is no training any more."""
        if isinstance(error, UserError):
            self.error = error
        else:
            began = self._worker is not None
            what = "Training ended" if began else "Training could not begin"
            self.error = FailureError(f"{what}: {reason(error)}.")
            self.error.__cause__ = error

    # --- all below runs in the worker ------------------------------------------------------------

    def _work(self) -> None:
        try:
            worker, rested = self._begin(), False
            self._worker = worker
            while worker is not None:
                # Cleared before anything is looked at: what comes later sets it again.
                self._wake.clear()
                keeper = self._keeper
                asked = keeper is not None and keeper.asked_to_stop
                if asked or self._stopping.is_set():
                    worker.end()
                    if asked:
                        self.error = FailureError(ASKED)
                    return
                if not worker.advance():
                    if not rested:
                        # Starting PyTorch and the survey of the images leave some megabytes.
                        rested = True
                        give_back()
                    self._wake.wait(None if keeper is None else LOOK_S)
        except BaseException as error:
            log.debug("the session ended", exc_info=True)
            self._end(error)
        finally:
            if self._keeper is not None and not self._keeper.close(SAVE_S):
                self._late = f"The run could not be saved within {SAVE_S:.0f} s."

    def _begin(self) -> Worker | None:
        try:
            self._loading(0.0)
            dataset = self._load(self._settings, self._loading)
        except _Cancelled:
            return None
        self.dataset = dataset
        if self._stopping.is_set():
            return None
        self.stage = "starting PyTorch"
        with uncollected():
            from tui_ae.train.keeper import Keeper
            from tui_ae.train.run import TrainingRun
            from tui_ae.train.worker import Worker

        if self._stopping.is_set():
            return None
        self.stage = "first encodings"
        run = TrainingRun(
            dataset, self._settings, info=self.info, history_bytes=self._history_bytes
        )
        if self._place is not None:
            self._place.restore(run)
            self._keeper = Keeper(run, self._place.saver)
        self.stage = ""
        trains = self._place is not None and self._place.trains
        return Worker(run, self._inbox, self.publish, self._keeper, self._turn, trains=trains)

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
            # A set with a name may have to be downloaded first.
            verb = "loading" if is_named(data) else "reading"
            self.stage = f"{verb} {printable(data.name or data)} {int(100 * share):3d}%"
