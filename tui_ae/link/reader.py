"""Reads what is typed and what the terminal answers."""

from __future__ import annotations

import os
import selectors
import threading
import time
from codecs import getincrementaldecoder
from collections.abc import Callable

from textual import events
from textual._xterm_parser import XTermParser
from textual.message import Message

from tui_ae.link.replies import ReplyFilter, split_at_escapes

POLL_S = 0.1
"""How soon the end of reading is noticed."""


class Reader:
    """Turns a terminal's bytes into reports and into Textual's messages, in a thread of its own."""

    def __init__(
        self,
        fileno: int,
        parser: XTermParser,
        *,
        expecting: Callable[[], bool],
        report: Callable[[int, int, float], None],
        message: Callable[[Message], None],
    ) -> None:
        """Prepare to read from `fileno`.

        Args:
            fileno: the terminal.
            parser: what Textual makes of keys, pasted text and the mouse.
            expecting: whether an answer is out.
            report: takes row and column from 1, and when it was read.
            message: takes everything else.
        """
        self._fileno = fileno
        self._parser = parser
        self._expecting = expecting
        self._report = report
        self._message = message
        self._replies = ReplyFilter()

    def run(self, stop: threading.Event) -> bool:
        """Read until `stop` is set, or the terminal is gone, which is true then."""
        decode = getincrementaldecoder("utf-8")("replace").decode
        with selectors.SelectSelector() as selector:
            selector.register(self._fileno, selectors.EVENT_READ)
            while not stop.is_set():
                wait_s = self._replies.wait_s(time.monotonic())
                ready = selector.select(POLL_S if wait_s is None else min(wait_s, POLL_S))
                now = time.monotonic()
                text = ""
                if ready:
                    data = self._read()
                    if not data:
                        return True
                    text = self._take_reports(decode(data), now)
                # Only now: the rest of a report may have waited to be read.
                self._dispatch(text + self._replies.release(now))
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

    def _dispatch(self, text: str) -> None:
        for index, part in enumerate(split_at_escapes(text)):
            if index:
                self._message(events.Key("escape", "\x1b"))
            for message in self._parser.feed(part) if part else ():
                self._message(message)
        for message in self._parser.tick():
            self._message(message)
