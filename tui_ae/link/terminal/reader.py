"""Reads what is typed and what the terminal answers."""

from __future__ import annotations

import contextlib
import logging
import os
import selectors
import socket
import threading
import time
from codecs import getincrementaldecoder
from collections.abc import Callable

from textual import events
from textual._xterm_parser import XTermParser
from textual.message import Message

from tui_ae.link.terminal.reports import ReportFilter
from tui_ae.link.terminal.splitter import Answer, Splitter

log = logging.getLogger(__name__)

POLL_S = 0.1
"""How often what waits for more of a sequence is looked at."""


class Stop(threading.Event):
    """Ends a reader, also one that waits for something to read."""

    def __init__(self) -> None:
        super().__init__()
        self.waker: socket.socket | None = None
        """What is sent here wakes it."""

    def set(self) -> None:
        """End it."""
        super().set()
        # It may have come to its end by itself just now.
        with contextlib.suppress(OSError):
            if self.waker is not None:
                self.waker.send(b".")


class Reader:
    """Turns a terminal's bytes into reports and into Textual's messages, in a thread of its own."""

    def __init__(
        self,
        fileno: int,
        parser: Callable[[], XTermParser],
        *,
        expecting: Callable[[], bool],
        report: Callable[[int, int, float], None],
        message: Callable[[Message], None],
        answer: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Prepare to read from `fileno`.

        Args:
            fileno: the terminal.
            parser: makes what Textual makes of keys, pasted text and the mouse.
            expecting: whether an answer is out.
            report: takes row and column from 1, and when it was read.
            message: takes everything else.
            answer: takes the strings with which terminals answer other questions.
        """
        self._fileno = fileno
        self._new_parser = parser
        self._parser = parser()
        self._expecting = expecting
        self._report = report
        self._message = message
        self._answer = answer
        self._replies = ReportFilter()
        self._splitter = Splitter()

    def run(self, stop: Stop) -> bool:
        """Read until `stop` is set, or the terminal is gone, which is true then."""
        decode = getincrementaldecoder("utf-8")("replace").decode
        woken, stop.waker = socket.socketpair()
        with woken, stop.waker, selectors.SelectSelector() as selector:
            selector.register(self._fileno, selectors.EVENT_READ)
            selector.register(woken, selectors.EVENT_READ)
            while not stop.is_set():
                wait_s = self._replies.wait_s(time.monotonic())
                ready = selector.select(POLL_S if wait_s is None else min(wait_s, POLL_S))
                now = time.monotonic()
                text = ""
                if any(key.fd == self._fileno for key, _ in ready):
                    data = self._read()
                    if not data:
                        return True
                    text = self._take_reports(decode(data), now)
                # Only now: the rest of a report may have waited to be read.
                self._dispatch(text + self._replies.release(now), now)
        return False

    def _read(self) -> bytes:
        """What was typed; nothing when the terminal is gone."""
        try:
            return os.read(self._fileno, 4096)
        except OSError:
            return b""

    def _take_reports(self, text: str, now: float) -> str:
        text, reports = self._replies.feed(text, now, expecting=self._expecting())
        for row, column in reports:
            self._report(row, column, now)
        return text

    def _dispatch(self, text: str, now: float) -> None:
        self._splitter.expire(now)
        for piece in self._splitter.feed(text, now):
            if isinstance(piece, Answer):
                self._answer(piece.sequence)
            elif piece == "\x1b":
                self._message(events.Key("escape", piece))
            else:
                self._parse(piece)

    def _parse(self, piece: str) -> None:
        """Hand on what Textual makes of a whole piece."""
        try:
            messages = list(self._parser.feed(piece))
        except Exception:
            # Some library of keys did not expect it, so it is no key; the next one may be.
            log.debug("not understood: %r", piece, exc_info=True)
            self._parser = self._new_parser()
            return
        if self._parser._timeout_time is not None:
            # It waits for more of a sequence that is whole: it does not know it.
            self._parser = self._new_parser()
        for message in messages:
            self._message(message)
