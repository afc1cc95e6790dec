"""The file by which one program at a time writes a run, and by which others see that it does."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import math
import os
import time
from pathlib import Path

from tui_ae.run.holder import MAX_BYTES, Holder, pack_holder, this_process, unpack_holder

TRIES, TRY_S = 5, 0.02
"""Whoever looks whether a run is written holds its lock for a moment."""
BEAT_S, FRESH_S = 2.0, 15.0
"""How often whoever has the lock gives its file a new time, and how old that may be."""
NO_LOCKS = (errno.ENOSYS, errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP)
"""What disks say that know no locks, as Lustre without its option `flock`."""


class RunLock:
    """A lock of the system on a file that also names who has it.

    The system lets go of it when the process ends, however it does; where the disk knows no locks,
    the time of the file counts.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None
        self._beaten_at = -math.inf

    @property
    def is_mine(self) -> bool:
        """Whether this program has it."""
        return self._descriptor is not None

    def take(self) -> bool:
        """Get it; False where another program has it.

        Raises:
            OSError: the disk refused.
        """
        if self._descriptor is None:
            flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
            descriptor = os.open(self._path, flags, 0o600)
            try:
                if not _locked(descriptor):
                    os.close(descriptor)
                    return False
            except BaseException:
                os.close(descriptor)
                raise
            self._descriptor = descriptor
        return True

    def tell(self, *, alone: bool) -> None:
        """Write into the file that this program has it, where it does; see Holder."""
        if self._descriptor is not None:
            # The lock itself holds all the same where the disk is full.
            with contextlib.suppress(OSError):
                content = pack_holder(this_process(alone=alone))
                os.pwrite(self._descriptor, content, 0)
                os.ftruncate(self._descriptor, len(content))

    def beat(self) -> None:
        """Show machines that don't see the lock that this program, where it has it, is alive."""
        now = time.monotonic()
        if self._descriptor is not None and now - self._beaten_at >= BEAT_S:
            self._beaten_at = now
            with contextlib.suppress(OSError):
                os.utime(self._descriptor)

    def release(self) -> None:
        """Let another program have it."""
        if self._descriptor is not None:
            with contextlib.suppress(OSError):
                os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = None

    def is_taken(self) -> bool:
        """Whether a program has it at the moment, as far as this machine knows.

        Disks that several machines share may hide each one's locks from the others. A program on
        another machine counts while its file is fresh, which is FRESH_S more if it is killed.
        """
        with contextlib.suppress(OSError):
            descriptor = self._open()
            try:
                locks = _flock(descriptor, fcntl.LOCK_SH)
                return _is_alive(descriptor, here=not locks)
            except BlockingIOError:
                return True
            finally:
                os.close(descriptor)
        return False

    def holder(self) -> Holder | None:
        """Who has it, by what the file says; None where it says nothing of use."""
        with contextlib.suppress(OSError):
            descriptor = self._open()
            try:
                return unpack_holder(os.read(descriptor, MAX_BYTES))
            finally:
                os.close(descriptor)
        return None

    def _open(self) -> int:
        return os.open(self._path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)


def _locked(descriptor: int) -> bool:
    """Lock a file for this program alone; False where another one has it."""
    for _ in range(TRIES):
        try:
            locks = _flock(descriptor, fcntl.LOCK_EX)
        except BlockingIOError:  # noqa: PERF203 - each try may be refused
            time.sleep(TRY_S)
        else:
            # A lock that was got says enough, whoever was killed elsewhere a moment ago.
            return locks or not _is_alive(descriptor, here=True)
    return False


def _flock(descriptor: int, how: int) -> bool:
    """Lock a file, without waiting; False where the disk knows no locks.

    Raises:
        BlockingIOError: another program has it.
    """
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in NO_LOCKS:
            raise
        return False
    return True


def _is_alive(descriptor: int, *, here: bool) -> bool:
    """Whether the program that a lock file names gives it a new time now and then.

    Args:
        descriptor: Of the lock file.
        here: Whether one on this machine counts, which otherwise would have the lock.
    """
    holder = unpack_holder(os.pread(descriptor, MAX_BYTES, 0))
    if holder is None or (holder.is_here and not (here and holder.runs)):
        return False
    return abs(time.time() - os.fstat(descriptor).st_mtime) < FRESH_S
