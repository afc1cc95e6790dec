"""A run on disk as a source: as it was saved last, or followed while another program writes it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import replace

from tui_ae.config import Settings
from tui_ae.data.dataset import Dataset
from tui_ae.data.progress import Progress
from tui_ae.errors import UserError
from tui_ae.model.baselines import Baselines, Survey, survey_in_pieces
from tui_ae.run.data_of import data_of, misfit
from tui_ae.run.folder import MOMENT, RunFolder
from tui_ae.run.info import RunInfo
from tui_ae.run.publisher import Publisher
from tui_ae.run.snapshot import Snapshot, State
from tui_ae.run.timeline import Moment

LOOK_S = 0.25
"""How often the folder of a followed run is looked at."""
DIED = "The program that trained it ended without pausing; tui-ae resume goes on."

Load = Callable[[Settings, Progress], Dataset]

log = logging.getLogger(__name__)


class _Stopped(Exception):  # noqa: N818 - asked for, so no error
    """Ends loading because nobody looks any more."""


class SavedRun(Publisher):
    """Reads in a thread of its own; nothing here writes, and nothing needs PyTorch."""

    def __init__(
        self,
        folder: RunFolder,
        load: Load,
        *,
        follows: bool,
        notice: str = "",
        foreign: bool = False,
    ) -> None:
        """Look at the run in a folder.

        Args:
            folder: It holds a run.
            load: Gives the images that it was trained on.
            follows: Whether to look again and again what another program has written.
            notice: What a person has to know of it, in a sentence.
            foreign: Whether `load` gives other images on purpose, as many as its own are.

        Raises:
            UserError: the folder holds no run.
        """
        super().__init__()
        self.info: RunInfo = folder.info()
        self.stage = "reading the run"
        self.dataset: Dataset | None = None
        self.survey: Survey | None = None
        self.timeline: tuple[Moment, ...] = ()
        self._timeline_of = ""
        """The id of the run whose moments these are."""
        self.error: BaseException | None = None
        self.send = None
        self.kept_at = folder.path
        self.notice = notice
        self._folder = folder
        self._load = load
        self._follows = follows
        self._foreign = foreign
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="tui-ae-reading", daemon=True)

    @property
    def baselines(self) -> Baselines | None:
        """See Source."""
        survey = self.survey
        return survey.baselines[self.info.spec.objective] if survey is not None else None

    def start(self) -> None:
        """See Source."""
        self._thread.start()

    def stop(self, timeout_s: float) -> bool:
        """See Source."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    # --- all below runs in the thread -------------------------------------------------------------

    def _work(self) -> None:
        try:
            snapshot = self._first()
            dataset = self.dataset = self._data(snapshot)
            self._read_timeline(snapshot)
            self.stage = ""
            self.publish(snapshot)
            self._look_around(dataset, snapshot)
        except _Stopped:
            pass
        except Exception as error:
            log.debug("reading the run ended", exc_info=True)
            self.error = error

    def _first(self) -> Snapshot:
        """The first moment; of a followed run it may still have to come."""
        while True:
            if (snapshot := self._read()) is not None:
                return snapshot
            self._wait(LOOK_S)

    def _read(self) -> Snapshot | None:
        """The moment that was saved last; None where it is being written for the first time.

        Raises:
            UserError: there is none, it is damaged, or it belongs to another run than before.
        """
        try:
            snapshot = self._folder.snapshot(self._folder.info())
        except UserError:
            # Whoever begins anew takes the old files away first.
            if self._follows and self._folder.is_written():
                return None
            raise
        other = snapshot.info.spec != self.info.spec
        if other or (self.dataset is not None and misfit(snapshot, self.dataset)):
            raise UserError(f"{self._folder.path}: another run is in this folder now.")
        if snapshot.state is State.TRAINING and not self._folder.is_written():
            # That another program trains it, as was said before, is not so any more.
            self.notice = "" if self._follows else self.notice
            return replace(snapshot, state=State.PAUSED, failure=DIED if self._follows else "")
        return snapshot

    def _data(self, snapshot: Snapshot) -> Dataset:
        """What the run was trained on, or is looked at with.

        Raises:
            UserError: there is nothing that fits to its codes.
        """

        def read() -> Dataset:
            return self._load(self.info.settings, self._loading)

        if not self._foreign:
            return data_of(self._folder, snapshot, read)
        dataset = read()
        if why := misfit(snapshot, dataset):
            raise UserError(f"{self._folder.path}: it can't be shown with these images ({why}).")
        return dataset

    def _read_timeline(self, snapshot: Snapshot) -> None:
        """Read the moments before a snapshot, where there are images to encode by them."""
        if self.dataset is None or self.dataset.missing:
            return
        same = snapshot.info.id == self._timeline_of
        known = {moment.epoch: moment for moment in self.timeline} if same else {}
        self.timeline = self._folder.timeline(snapshot.info, snapshot.epoch, known)
        self._timeline_of = snapshot.info.id

    def _loading(self, share: float) -> None:
        if self._stopping.is_set():
            raise _Stopped
        self.stage = f"reading the images {int(100 * share):3d}%"

    def _look_around(self, dataset: Dataset, snapshot: Snapshot) -> None:
        """Survey the data piece by piece, and follow what is written."""
        pieces = survey_in_pieces(dataset.images, dataset.labels)
        # Read once more to begin with: whoever wrote it may have ended since, while images loaded.
        seen, written = -1, False
        while True:
            while self.survey is None and not dataset.missing:
                self._wait(0.0)
                try:
                    next(pieces)
                except StopIteration as end:
                    self.survey = end.value
                    self.publish(snapshot)
            if not self._follows:
                return
            self._wait(LOOK_S)
            now, writes = self._written_at(), self._folder.is_written()
            if (now, writes) != (seen, written):
                read = self._read()
                if read is None:
                    continue
                seen, written, snapshot = now, writes, read
                self._read_timeline(snapshot)
                self.publish(snapshot)

    def _written_at(self) -> int:
        """When the moment was written last, in nanoseconds; 0 where nobody knows."""
        try:
            return (self._folder.path / MOMENT).stat().st_mtime_ns
        except OSError:
            return 0

    def _wait(self, seconds: float) -> None:
        if self._stopping.wait(seconds):
            raise _Stopped
