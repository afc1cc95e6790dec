"""The thread that writes to the terminal, so that a blocked terminal blocks nothing else."""

from __future__ import annotations

import os
import select
import threading
from collections.abc import Callable
from typing import TextIO

CHUNK = 4096
LOOK_S = 0.05
"""How often a terminal that takes nothing is looked at, and whether the frame is still wanted."""


class Writer:
    """Writes one frame at a time to a file descriptor, see `open_terminal`."""

    def __init__(self, fileno: int, on_idle: Callable[[], None], log: TextIO | None = None) -> None:
        self._fileno = fileno
        self._on_idle = on_idle
        self._log = log
        self._change = threading.Condition()
        self._frame: bytes | None = None
        self._note = ""
        self._stopping = False
        self._abandoned = False
        self.broken = False
        """Set when the terminal is gone."""
        self._thread = threading.Thread(target=self._run, name="wire-output", daemon=True)
        self._thread.start()

    @property
    def busy(self) -> bool:
        """Whether the last frame is still being written."""
        return self._frame is not None

    def offer(self, frame: bytes, note: str = "") -> bool:
        """Hand over a frame, with a line for the log; false if one is still being written."""
        with self._change:
            if self._frame is not None:
                return False
            if not self.broken:
                self._frame, self._note, self._abandoned = frame, note, False
                self._change.notify_all()
            return True

    def wait(self, timeout_s: float) -> bool:
        """Wait until nothing is being written; false if that took too long."""
        with self._change:
            return self._change.wait_for(lambda: self._frame is None, timeout_s)

    def abandon(self) -> None:
        """Leave the rest of the frame unwritten as soon as the terminal lets go of it."""
        self._abandoned = True

    def stop(self, timeout_s: float) -> None:
        """End the thread, if the terminal lets it."""
        with self._change:
            self._stopping = True
            self._change.notify_all()
        self._thread.join(timeout_s)

    def _run(self) -> None:
        while True:
            with self._change:
                self._change.wait_for(lambda: self._frame is not None or self._stopping)
                frame, note = self._frame, self._note
            if frame is None:
                return
            try:
                self._write(frame)
            except OSError:
                self.broken = True
            self._record(note)
            with self._change:
                self._frame = None
                self._change.notify_all()
            self._on_idle()

    def _record(self, note: str) -> None:
        """Write a line of the log, for as long as its disk takes any."""
        if self._log is None or not note:
            return
        try:
            self._log.write(note)
        except OSError:
            # The terminal has to be served, and left in order, all the same.
            self._log = None

    def _write(self, frame: bytes) -> None:
        rest = memoryview(frame)
        while rest and not self._abandoned:
            try:
                rest = rest[os.write(self._fileno, rest[:CHUNK]) :]
            except BlockingIOError:  # noqa: PERF203 - each chunk may be refused
                select.select([], [self._fileno], [], LOOK_S)
