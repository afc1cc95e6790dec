"""A run on disk: what lies where in its folder, written so that it opens at its last save."""

from __future__ import annotations

import contextlib
import errno
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from tui_ae.data.dataset import Dataset
from tui_ae.errors import UserError
from tui_ae.files import replace_file, replacing
from tui_ae.ownership import make_own
from tui_ae.run import manifest
from tui_ae.run.checkpoint import Checkpoint
from tui_ae.run.holder import Holder
from tui_ae.run.info import RunInfo
from tui_ae.run.kept_data import pack_data, unpack_data
from tui_ae.run.lock import RunLock
from tui_ae.run.losses import EpochLosses, LossCurves, last_losses, read_losses
from tui_ae.run.moment import pack, pack_weights, unpack, unpack_weights
from tui_ae.run.snapshot import Snapshot
from tui_ae.run.tensors import read_tensors, write_tensors
from tui_ae.run.timeline import Moment, Timeline

LOSSES, MOMENT, CHECKPOINT, LOCK = "losses.jsonl", "moment.safetensors", "state.safetensors", "lock"
DATA, STOP = "data.safetensors", "stop"
FILES = (CHECKPOINT, MOMENT, DATA, STOP, LOSSES, manifest.NAME, LOCK)
"""All files of a run, those that make it one and guard it last."""
EPOCH = re.compile(r"epoch-(\d{8})\.safetensors")
"""Names of the files of the timeline's moments."""
PART = re.compile(r"\.[0-9a-f]{12}\.part")
"""Names of what a program that was killed leaves of files that it was writing."""
TIMELINE_BYTES = 16 * 2**20
"""What the moments of a run take on the disk: a quarter of what memory holds of them."""
MOST_TIMELINE_BYTES = 4 * TIMELINE_BYTES
"""What is read of them: a folder may name one file by any number of links."""


class RunFolder:
    """The files of one run. Nothing here knows of threads or training."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = RunLock(path / LOCK)
        self._curves = LossCurves(path / LOSSES)
        self._lines = 0
        """Epochs in the file of losses, where this program writes it."""
        self._timeline = Timeline(TIMELINE_BYTES)
        """The moments that are kept on the disk, where this program writes it."""

    # Writing.

    def create(self, info: RunInfo, dataset: Dataset) -> None:
        """Make the folder, for its owner alone, and say what it holds.

        Args:
            info: Of the run.
            dataset: Its labels and names are kept, its images are not.

        Raises:
            OSError: the disk refused.
        """
        make_own(self.path)
        self.lock()
        for name in (CHECKPOINT, MOMENT, *self._epochs().values()):
            (self.path / name).unlink(missing_ok=True)
        self._timeline.clear()
        replace_file(self.path / LOSSES, b"", mode=None)
        write_tensors(self.path / DATA, *pack_data(dataset))
        self._lines = 0
        manifest.write_manifest(self.path, info)

    def lock(self) -> bool:
        """Become the one program that writes; False where another one is.

        Whoever was asked to stop before is not this one. See RunLock.

        Raises:
            OSError: the disk refused.
        """
        if self._lock.is_mine:
            return True
        if not self._lock.take():
            return False
        self.forget_stop()
        self._remove_parts()
        self._lock.tell(alone=False)
        return True

    def _remove_parts(self) -> None:
        """Remove what programs that were killed have left: a few megabytes each."""
        with contextlib.suppress(OSError):
            for name in os.listdir(self.path):  # noqa: PTH208 - names alone
                if PART.fullmatch(name):
                    (self.path / name).unlink(missing_ok=True)

    def go_on_alone(self) -> None:
        """Tell other programs that this one, which has the lock, writes on without its terminal."""
        self._lock.tell(alone=True)

    def forget_stop(self) -> None:
        """Take back that somebody was asked to stop."""
        with contextlib.suppress(OSError):
            (self.path / STOP).unlink(missing_ok=True)

    def beat(self) -> None:
        """Show machines that don't see the lock that this program, where it has it, is alive."""
        self._lock.beat()

    def unlock(self) -> None:
        """Let another program write."""
        self._lock.release()

    def save(
        self, snapshot: Snapshot, checkpoint: Checkpoint, ended: Iterable[EpochLosses]
    ) -> None:
        """Write where the run stands, and the losses of the epochs that ended since the last time.

        Raises:
            OSError: the disk refused; what was saved before is still there.
        """
        # Losses first: those beyond the state are left out when it is read.
        self._append([losses for losses in ended if losses.epoch > self._lines])
        about = {"epoch": str(snapshot.epoch), "batch": str(snapshot.batch)}
        write_tensors(self.path / CHECKPOINT, checkpoint, about)
        write_tensors(self.path / MOMENT, *pack(snapshot))

    def save_timeline(self, moments: Sequence[Moment]) -> None:
        """Write moments that are not there yet, as many as have room, and remove others for them.

        Raises:
            OSError: the disk refused.
        """
        there, own = self._epochs(), self._timeline.moments
        newest = own[-1].epoch if own else -1
        for moment in moments:
            if moment.epoch > newest and self._timeline.wants(moment.epoch):
                self._timeline.add(moment)
        kept = {moment.epoch: moment for moment in self._timeline.moments}
        for epoch, moment in kept.items():
            # A file of an epoch that was trained again after a resume tells of another future.
            if epoch not in there or epoch > newest:
                about = {"epoch": str(epoch), "loss": str(moment.loss)}
                arrays = pack_weights(moment.encoder, moment.decoder)
                write_tensors(self.path / epoch_name(epoch), arrays, about)
        for epoch, name in there.items():
            if epoch not in kept:
                (self.path / name).unlink(missing_ok=True)

    def take_timeline(self, moments: Sequence[Moment]) -> None:
        """Go on with the moments that are on the disk already, read before."""
        self._timeline.restore(tuple(moments))

    def _epochs(self) -> dict[int, str]:
        """The names of the files of moments by their epochs, in the order of these."""
        with contextlib.suppress(OSError):
            found = (EPOCH.fullmatch(name) for name in os.listdir(self.path))  # noqa: PTH208
            return dict(sorted((int(match[1]), match[0]) for match in found if match))
        return {}

    def timeline(
        self, info: RunInfo, until: int, known: Mapping[int, Moment]
    ) -> tuple[Moment, ...]:
        """The moments up to an epoch; a file that is damaged, or just going, is left out.

        Beyond MOST_TIMELINE_BYTES no more are read, but for two of any size.

        Args:
            info: Of the run.
            until: The epoch of the newest moment that counts.
            known: Moments by epoch that need not be read again.
        """
        found: list[Moment] = []
        left = MOST_TIMELINE_BYTES
        for epoch, name in self._epochs().items():
            if epoch > until or (left < 0 and len(found) > 1):
                break
            moment = known.get(epoch)
            if moment is None:
                with contextlib.suppress(UserError, KeyError, ValueError):
                    arrays, about = read_tensors(self.path / name)
                    moment = Moment(epoch, float(about["loss"]), *unpack_weights(arrays, info.spec))
            if moment is not None:
                found.append(moment)
                left -= moment.nbytes
        return tuple(found)

    def _append(self, ended: list[EpochLosses]) -> None:
        if not ended:
            return
        lines = "".join(f"{losses.line()}\n" for losses in ended).encode()
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW
        descriptor = os.open(self.path / LOSSES, flags, 0o600)
        try:
            before = os.fstat(descriptor).st_size
            try:
                if os.write(descriptor, lines) < len(lines):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                os.fsync(descriptor)
            except OSError:
                # Half a line would end the file for whoever reads it.
                os.ftruncate(descriptor, before)
                raise
        finally:
            os.close(descriptor)
        self._lines = ended[-1].epoch

    def cut_losses(self, epoch: int) -> None:
        """Leave out the losses of epochs after `epoch`: the run goes on from there.

        Raises:
            OSError: the disk refused.
            UserError: the losses can't be read.
        """
        kept = 0
        with replacing(self.path / LOSSES, mode=None) as file:
            for losses in read_losses(self.path / LOSSES):
                if losses.epoch > epoch:
                    break
                file.write(f"{losses.line()}\n".encode())
                kept = losses.epoch
        self._lines = kept

    # Reading.

    def info(self) -> RunInfo:
        """Which run it is.

        Raises:
            UserError: the folder holds none.
        """
        return manifest.read_manifest(self.path)

    def is_written(self) -> bool:
        """Whether a program is writing it at the moment, as far as this machine knows."""
        return self._lock.is_taken()

    def holder(self) -> Holder | None:
        """Who writes it, by what the lock file says; None where it says nothing of use."""
        return self._lock.holder()

    def ask_to_stop(self) -> None:
        """Ask whoever writes it to save and end.

        Raises:
            OSError: the disk refused.
        """
        flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW
        os.close(os.open(self.path / STOP, flags, 0o600))

    def is_asked_to_stop(self) -> bool:
        """Whether somebody did."""
        return os.path.lexists(self.path / STOP)

    def losses(self) -> list[EpochLosses]:
        """What each epoch ended with, in order; a line that was cut short ends them.

        Raises:
            UserError: they can't be read.
        """
        return list(read_losses(self.path / LOSSES))

    def last_losses(self) -> EpochLosses | None:
        """What the last epoch ended with; None before the first.

        Raises:
            UserError: they can't be read.
        """
        return last_losses(self.path / LOSSES)

    def snapshot(self, info: RunInfo) -> Snapshot:
        """The moment that was saved last.

        Raises:
            UserError: nothing was saved yet, or it is damaged.
        """
        arrays, about = read_tensors(self.path / MOMENT)
        snapshot = unpack(arrays, about, info, {})
        curves = self._curves.until(info.id, snapshot.epoch)
        return replace(snapshot, curves=MappingProxyType(curves))

    def data(self, missing: str) -> Dataset:
        """What the run keeps of its data: all but the images; `missing` says why those are missing.

        Raises:
            UserError: it keeps nothing of them, or that is damaged.
        """
        return unpack_data(*read_tensors(self.path / DATA), missing)

    def checkpoint(self) -> Checkpoint:
        """The state to go on from.

        Raises:
            UserError: nothing was saved yet, or it is damaged.
        """
        return read_tensors(self.path / CHECKPOINT)[0]

    def size_bytes(self) -> int:
        """What its files take on the disk."""
        total = 0
        with contextlib.suppress(OSError):
            for entry in os.scandir(self.path):
                if entry.is_file(follow_symlinks=False):
                    total += entry.stat(follow_symlinks=False).st_size
        return total


def epoch_name(epoch: int) -> str:
    """The file of the moment at the end of an epoch."""
    return f"epoch-{epoch:08d}.safetensors"


def describes_a_run(path: Path) -> bool:
    """Whether a folder says that it holds a run, as far as one may look into it."""
    try:
        return (path / manifest.NAME).is_file()
    except OSError:
        return False
