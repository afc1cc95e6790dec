"""Downloading a data set: its files are checked, and what was begun is gone on with."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import threading
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import BinaryIO
from urllib.parse import urlsplit

from tui_ae.data.mirrors import Download, RemoteFile
from tui_ae.data.progress import Progress
from tui_ae.errors import UserError
from tui_ae.ownership import make_own
from tui_ae.streams import brief, printable

STALL_S = 30.0
"""A server that sends not even a block for so long is given up."""
TICK_S = 0.1
"""How often the listener is asked whether to go on."""
BLOCK_BYTES = 1 << 13
"""Small, so that a slow line, too, brings a block long before it would count as stalled."""
MAX_TRIES = 5
"""Of one file from one mirror that ends before the file does, without bringing a block more."""
PART = ".part"


class _MirrorError(Exception):
    """Why one mirror did not give a file; what was received of it stays."""


def fetch(
    download: Download, title: str, folder: Path, progress: Progress, stall_s: float = STALL_S
) -> None:
    """Download what is not in the folder yet; a file is there whole and checked, or not at all.

    Args:
        download: The files, and where they can be had.
        title: What the set is called.
        folder: Made where there is none. What was received of a file before stays in it as
            NAME.part, and the next download goes on from there.
        progress: What it raises ends the download and comes out as it is.
        stall_s: How long a server may send hardly anything, in seconds.

    Raises:
        UserError: a file can't be had from any mirror, or the disk refused.
    """
    try:
        make_own(folder)
        with _alone(folder, lambda: progress(0.0)):
            _Fetcher(download, folder, progress, stall_s).run()
    except _MirrorError as failed:
        names = ", ".join(file.name for file in download.files)
        raise UserError(
            f"{title} can't be downloaded ({failed}); go online and give the command again, which "
            f"goes on where this one stopped, or put {names} into {printable(folder)}."
        ) from failed
    except OSError as error:
        raise UserError(
            f"{printable(error.filename or folder)}: {title} can't be kept there "
            f"({error.strerror}); make room, or set XDG_CACHE_HOME to another folder."
        ) from error


@contextlib.contextmanager
def _alone(folder: Path, waiting: Callable[[], None]) -> Iterator[None]:
    """Keep other programs, such as the processes that torchrun starts, from the same download."""
    # The cache may be one that several people share: a link there must not have another file cut.
    with _opened(folder / "lock", os.O_RDWR) as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                waiting()
                time.sleep(TICK_S)
        yield


def _opened(path: Path, flags: int) -> BinaryIO:
    """Open a file, made where there is none, for writing; a link is not followed."""
    descriptor = os.open(path, flags | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
    return open(descriptor, "ab")  # noqa: PTH123 - opened already


class _Fetcher:
    """Brings the files of one download, in turn."""

    def __init__(
        self, download: Download, folder: Path, progress: Progress, stall_s: float
    ) -> None:
        self._download = download
        self._folder = folder
        self._progress = progress
        self._stall_s = stall_s
        self._whole = sum(file.size_bytes for file in download.files)
        self._before = 0
        """Bytes of the files that are there."""
        self._told = 0.0

    def run(self) -> None:
        for file in self._download.files:
            self._bring(file)
            self._before += file.size_bytes
            self._tell(0)

    def _bring(self, file: RemoteFile) -> None:
        """Have a file from the first mirror that gives it.

        Raises:
            _MirrorError: none does.
        """
        import pooch

        failed: _MirrorError | None = None
        # It would say on standard error, under the screen, what it does.
        pooch.get_logger().setLevel(logging.WARNING)
        for mirror in self._download.mirrors:
            failed = self._try(file, mirror)
            if failed is None:
                return
        assert failed is not None, "a download has mirrors"
        raise failed

    def _try(self, file: RemoteFile, mirror: str) -> _MirrorError | None:
        """Have a file from one mirror; why it can't be had, or None."""
        import pooch

        try:
            pooch.retrieve(
                mirror + file.name,
                known_hash=f"sha256:{file.sha256}",
                fname=file.name,
                path=self._folder,
                downloader=lambda url, path, _: self._receive_whole(file, url, Path(path)),
            )
        except _MirrorError as failed:
            return failed
        except ValueError:
            return _MirrorError(f"{file.name} from {_host(mirror)} is not as it was published")
        return None

    def _receive_whole(self, file: RemoteFile, url: str, path: Path) -> None:
        """Put a file at `path`, from what is there of it on; its content is not checked yet."""
        part = self._folder / f"{file.name}{PART}"
        with _opened(part, os.O_WRONLY | os.O_APPEND) as target:
            most = received = os.fstat(target.fileno()).st_size
            tries = 0
            while received < file.size_bytes and tries < MAX_TRIES:
                self._receive(url, target.fileno(), received, file.size_bytes)
                received = os.fstat(target.fileno()).st_size
                # A line that breaks over and over brings the whole in the end.
                tries = 0 if received >= most + BLOCK_BYTES else tries + 1
                most = max(most, received)
        if received < file.size_bytes:
            raise _MirrorError(
                f"{_host(url)} ended {file.name} after {received:,} of {file.size_bytes:,} bytes"
            )
        # Under its own name only after its content is known to be right.
        part.replace(path)

    def _receive(self, url: str, target: int, begun: int, size: int) -> None:
        """Append to a file what a server sends of it; it may end early.

        Raises:
            _MirrorError: it refuses, sends nothing for too long, or sends more than there is.
        """
        received = begun
        with contextlib.closing(_blocks(url, begun, self._stall_s)) as blocks:
            for block in blocks:
                if isinstance(block, int):
                    # The server doesn't go on in the middle, so this begins anew.
                    received = block
                    os.ftruncate(target, received)
                elif received + len(block) > size:
                    os.ftruncate(target, 0)
                    raise _MirrorError(f"{_host(url)} sends more than the {size:,} bytes there are")
                else:
                    view = memoryview(block)
                    while view:
                        view = view[os.write(target, view) :]
                    received += len(block)
                self._tell(received)

    def _tell(self, received: int) -> None:
        # It never falls, also where a file has to begin anew.
        self._told = max(self._told, (self._before + received) / self._whole)
        self._progress(self._told)


def _blocks(url: str, begun: int, stall_s: float) -> Generator[bytes | int, None, None]:
    """First where in the file the server begins, then its bytes; b"" while there is no block.

    A thread of its own waits for the network, for which nothing else could be interrupted: whoever
    takes the blocks can leave between any two.

    Raises:
        _MirrorError: the server refuses, can't be reached, or sends no block within `stall_s`
            seconds.
    """
    queue: SimpleQueue[bytes | int | Exception | None] = SimpleQueue()
    left = threading.Event()
    threading.Thread(
        target=_listen, args=(url, begun, stall_s, queue, left), name="download", daemon=True
    ).start()
    heard = time.monotonic()
    try:
        while True:
            try:
                item = queue.get(timeout=TICK_S)
            except Empty:
                if time.monotonic() - heard > stall_s:
                    raise _MirrorError(_silent(url, stall_s)) from None
                yield b""
                continue
            heard = time.monotonic()
            if item is None:
                return
            if isinstance(item, Exception):
                raise item
            yield item
    finally:
        left.set()


def _listen(
    url: str,
    begun: int,
    stall_s: float,
    queue: SimpleQueue[bytes | int | Exception | None],
    left: threading.Event,
) -> None:
    """Put what `_blocks` gives into a queue, None at the end; runs in a thread."""
    import requests
    import urllib3

    # Files that are packed already must come as they are.
    headers = {"Accept-Encoding": "identity"}
    if begun:
        headers["Range"] = f"bytes={begun}-"
    try:
        with requests.get(url, headers=headers, stream=True, timeout=stall_s) as response:
            start = f"bytes {begun}-"
            resumes = response.status_code == requests.codes.partial_content
            resumes = resumes and response.headers.get("Content-Range", "").startswith(start)
            if not resumes and response.status_code != requests.codes.ok:
                says = f"{response.status_code} {brief(response.reason)}".strip()
                queue.put(_MirrorError(f"{_host(url)} answers {says}"))
                return
            queue.put(begun if resumes else 0)
            for block in response.raw.stream(BLOCK_BYTES, decode_content=False):
                if left.is_set():
                    return
                queue.put(block)
        queue.put(None)
    except (requests.Timeout, urllib3.exceptions.ReadTimeoutError):
        queue.put(_MirrorError(_silent(url, stall_s)))
    except urllib3.exceptions.ProtocolError:
        # It ended before the file did; the next try goes on from there.
        queue.put(None)
    except requests.ConnectionError:
        queue.put(_MirrorError(f"{_host(url)} can't be reached"))
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
        queue.put(_MirrorError(f"{_host(url)}: {brief(error)}"))


def _silent(url: str, stall_s: float) -> str:
    return f"{_host(url)} sent hardly anything for {stall_s:g} s"


def _host(url: str) -> str:
    return urlsplit(url).netloc
