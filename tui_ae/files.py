"""Writing a file whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

MOST_OF_A_NAME = 1000


def replace_file(path: Path, content: bytes | memoryview, mode: int | None = 0o600) -> None:
    """Put `content` at `path`; whatever happens meanwhile, what lies there is old or new, whole.

    A link at that place is replaced, not followed. The folder has to be there. Without a `mode`,
    whoever may look into the folder may read the file.

    Raises:
        OSError: the disk refused; what lay there still does.
    """
    with replacing(path, mode) as file:
        file.write(content)


@contextlib.contextmanager
def replacing(path: Path, mode: int | None = 0o600) -> Iterator[BinaryIO]:
    """The same for content that comes bit by bit: what is written into the file is put at `path`.

    It is put there when the block ends; where the block raises, nothing is.

    Raises:
        OSError: the disk refused; what lay there still does.
    """
    # The path's own name may be as long as the system allows, so nothing is added to it.
    part = path.with_name(f".{os.urandom(6).hex()}.part")
    try:
        descriptor = os.open(
            part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600 if mode is None else mode
        )
        with open(descriptor, "w+b") as file:  # noqa: PTH123 - opened already
            if mode is None and (readers := _readers(path.parent)):
                os.fchmod(descriptor, 0o600 | readers)
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def _readers(folder: Path) -> int:
    """The bits of a file's mode for the others that may list a folder and go into it."""
    mode = folder.stat().st_mode
    return mode & (mode << 2) & 0o044


def write_new(folder: Path, stem: str, suffix: str, content: bytes) -> Path:
    """Write a file under a name that nothing in the folder has yet; returns its path.

    Whatever lies there already, a link among it, stays as it is.

    Raises:
        OSError: the disk refused, or the folder is gone.
    """
    for number in range(1, MOST_OF_A_NAME):
        path = folder / f"{stem}{f'-{number}' if number > 1 else ''}{suffix}"
        try:
            # The name is taken first, so that nobody else gets it meanwhile.
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644))
        except FileExistsError:
            continue
        try:
            replace_file(path, content, mode=0o644)
        except BaseException:
            with contextlib.suppress(OSError):
                path.unlink()
            raise
        return path
    raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(folder / stem))


def open_plain(path: Path) -> BinaryIO:
    """Open a file for reading that somebody else has put there.

    A pipe, of which nobody may ever write the other end, a terminal and other devices are refused.

    Raises:
        OSError: it can't be read, or is no plain file.
    """
    # Looked at first, for some devices do something as soon as they are opened.
    _check_plain(path.stat(), path)
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    try:
        _check_plain(os.fstat(descriptor), path)
    except OSError:
        os.close(descriptor)
        raise
    return open(descriptor, "rb")  # noqa: PTH123 - opened already; the caller closes it


def _check_plain(about: os.stat_result, path: Path) -> None:
    if stat.S_ISDIR(about.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(about.st_mode):
        raise OSError(errno.EINVAL, "not a plain file", str(path))


def sync_folder(folder: Path) -> None:
    """Make names in a folder outlive a loss of power, where the system can."""
    # Some file systems refuse this for folders, and keep names their own way.
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
