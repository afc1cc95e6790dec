"""Keeps a run on disk while it trains; training never waits for the disk."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from tui_ae.data.dataset import Dataset
from tui_ae.errors import UserError
from tui_ae.run.checkpoint import Checkpoint
from tui_ae.run.folder import RunFolder
from tui_ae.run.losses import EpochLosses
from tui_ae.run.snapshot import Snapshot
from tui_ae.run.timeline import Moment

LOOK_S = 0.25
"""How often it is looked whether another program asks to stop."""
RETRY_S = 10.0
"""After the disk has refused, the next save comes so much later at the earliest."""


@dataclass(frozen=True, slots=True)
class Save:
    """Where a run stands; nothing of it changes any more."""

    snapshot: Snapshot
    checkpoint: Checkpoint
    timeline: tuple[Moment, ...]


class Saver:
    """Writes the newest of what it is offered; what it could not write it tries again."""

    def __init__(
        self,
        folder: RunFolder,
        dataset: Dataset,
        every_s: float,
        *,
        resumed: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Save to `folder`.

        Args:
            folder: Of this run alone.
            dataset: What the run trains on.
            every_s: The time between two saves while it trains.
            resumed: Whether the folder holds the beginning of the run already.
            clock: Gives seconds.
        """
        self.folder = folder
        self.notice = ""
        """Why the last save failed, in a sentence; '' where it did not."""
        self.saved: Snapshot | None = None
        """What the folder holds now."""
        self.asked_to_stop = False
        """Whether another program has asked this one to save and end."""
        self._dataset = dataset
        self._every_s = every_s
        self._clock = clock
        self._created = resumed
        # The first mini-batch is due, so that others can watch the run from its beginning.
        self._due_at = clock()
        self._ended: list[EpochLosses] = []
        """Epochs that are not on the disk yet."""
        self._slot: Save | None = None
        self._changed = threading.Condition()
        self._closing = False
        self._busy = False
        self._thread = threading.Thread(target=self._work, name="tui-ae-saving", daemon=True)
        self._thread.start()

    # What the training thread uses.

    def epoch_ended(self, losses: EpochLosses) -> None:
        """Note a line for the file of losses."""
        with self._changed:
            self._ended.append(losses)

    def is_due(self) -> bool:
        """Whether it is time for the next save."""
        return self._clock() >= self._due_at

    def offer(
        self, snapshot: Snapshot, checkpoint: Checkpoint, timeline: tuple[Moment, ...] = ()
    ) -> None:
        """Have this written soon; the latest wins."""
        with self._changed:
            self._slot = Save(snapshot, checkpoint, timeline)
            self._due_at = self._clock() + self._every_s
            self._changed.notify_all()

    def close(self, timeout_s: float) -> bool:
        """Write what was offered last, and let go of the folder; False if that takes longer."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def flush(self, timeout_s: float) -> bool:
        """Wait until what was offered is written, or refused; False if that takes longer."""
        with self._changed:
            return self._changed.wait_for(lambda: self._slot is None and not self._busy, timeout_s)

    # The thread.

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._slot is not None or self._closing, LOOK_S)
                closing = self._closing
                save, self._slot = self._slot, None
                ended = [row for row in self._ended if save and row.epoch <= save.snapshot.epoch]
                self._busy = save is not None
            if save is not None:
                self._write(save, ended)
                with self._changed:
                    self._busy = False
                    self._changed.notify_all()
            elif closing:
                break
            self.folder.beat()
            if self._created and self.folder.is_asked_to_stop():
                self.asked_to_stop = True
        self.folder.unlock()

    def _write(self, save: Save, ended: list[EpochLosses]) -> None:
        try:
            if not self._created:
                self.folder.create(save.snapshot.info, self._dataset)
                self._created = True
            self.folder.save(save.snapshot, save.checkpoint, ended)
            self.folder.save_timeline(save.timeline)
        except (OSError, UserError) as error:
            said = error.strerror if isinstance(error, OSError) else str(error)
            # The reason first: a path may be longer than the line.
            self.notice = f"Not saved: {said} ({self.folder.path})."
            with self._changed:
                self._due_at = self._clock() + max(self._every_s, RETRY_S)
            return
        self.notice = ""
        self.saved = save.snapshot
        with self._changed:
            del self._ended[: len(ended)]
