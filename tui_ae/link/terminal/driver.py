"""Textual's terminal driver, with the wire between what Textual writes and the terminal."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import os
import signal
import sys
import termios
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TextIO

from textual import events
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.geometry import Size
from textual.message import Message
from textual.messages import InBandWindowResize

from tui_ae.config import LinkMode
from tui_ae.link.cells.patch import Patch
from tui_ae.link.cells.scroll import NO_MARGINS
from tui_ae.link.flow.flow import PARKING_ROWS, Contact
from tui_ae.link.link import Link
from tui_ae.link.terminal import colour_questions
from tui_ae.link.terminal.reader import Reader, Stop
from tui_ae.link.terminal.tty import is_gone, open_terminal
from tui_ae.link.terminal.writer import Writer

if TYPE_CHECKING:
    from tui_ae.link.terminal.multiplexer import Multiplexer

CLOSE_S = 1.0
"""The longest that quitting waits for a terminal that takes nothing."""
ANSWERS_S = 0.3
"""The longest that it waits for answers to the first questions of all."""
AMBIGUOUS = "─"
"""One cell wide, or two where the terminal is set to the widths of East Asian fonts."""
CLEAR = "\x1b[H\x1b[J"
CANCEL = "\x18"
"""Ends a sequence of which the rest was lost."""


class WireDriver(LinuxDriver):
    """A LinuxDriver that never blocks and sends minimal, acknowledged frames."""

    MODE: LinkMode = "auto"
    LOG: TextIO | None = None
    TERMINAL: int | None = None

    def __init__(
        self,
        app: App[Any],
        *,
        debug: bool = False,
        mouse: bool = True,
        size: tuple[int, int] | None = None,
    ) -> None:
        error = sys.__stderr__ or sys.__stdin__
        assert error is not None
        own = self.TERMINAL
        self._output = open_terminal(error.fileno()) if own is None else own
        terminal = os.environ.get("TERM", "")
        self.link = Link(
            self._measured(),
            self.MODE,
            erase_paints=not terminal.startswith("screen") or "TMUX" in os.environ,
        )
        self._measured_row = 0
        """Where the answer about wide signs comes from; 0 where none is expected."""
        self.is_wide = False
        """Whether the terminal draws signs of ambiguous width two cells wide."""
        self.on_wide: Callable[[], None] = lambda: None
        """Called when it has turned out to, in the thread of the screen."""
        self.colours = 0
        """As many as the terminal has said that it has; 0 before."""
        self.on_colours: Callable[[int], None] = lambda _: None
        """Called when it has said so, in the thread of the screen."""
        self.on_ending: Callable[[int], None] = lambda _: None
        """Called in that thread with the signal that ends it, SIGHUP where the terminal is gone."""
        self._writer: Writer | None = None
        self._loop_thread = threading.get_ident()
        self._context = contextvars.copy_context()
        """In which Textual finds its app: a call that a thread hands over has none otherwise."""
        self._wake: asyncio.TimerHandle | None = None
        self._pumping = False
        self._stopped = False
        self._leaving = False
        """Whether a signal, or the end of the terminal, has ended it."""
        self._suspended = False
        self._awaited: tuple[int, int] | None = None
        self._answered = threading.Event()
        self._questions: set[str] = set()
        """All that is asked once, beside where the cursor is."""
        self._heard = threading.Event()
        """Set with the first report of all."""
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self.exit_event: Stop = Stop()
        # What the person says of the link holds, whatever the kernel says.
        self.multiplexer = self._multiplexer() if self.MODE == "auto" else None
        """The one around the program; None outside."""

    def _multiplexer(self) -> Multiplexer | None:
        if not (os.environ.get("TMUX") or os.environ.get("STY")):
            return None
        from tui_ae.link.terminal.multiplexer import multiplexer

        return multiplexer(os.environ, self.link, self._loop, self._pump_now, self._from_thread)

    # Output.

    def write(self, data: str) -> None:
        """Take what Textual writes; the pump brings it to the terminal."""
        if threading.get_ident() != self._loop_thread:
            self._from_thread(self.write, data)
            return
        self.link.feed(data)
        self._pump_soon()

    def put(self, patch: Patch) -> None:
        """Take cells that are painted past Textual. Only in its thread."""
        self.link.put(patch)
        self._pump_soon()

    def repaint(self) -> None:
        """Clear the terminal and paint everything again, whatever it shows. Only in its thread."""
        self.link.model.passthrough.append(NO_MARGINS)
        self.link.forget_screen()
        self._paint_all()
        self._pump_soon()

    def _paint_all(self) -> None:
        """Have Textual write all cells, also those that it believes to be on the screen."""
        app = self._app
        if not app.is_running or not app.screen_stack:
            return
        screen = app.screen
        update = screen._compositor.render_update(full=True, screen_stack=app._background_screens)
        app._display(screen, update)

    def _pump_soon(self) -> None:
        if not self._pumping:
            self._pumping = True
            self._loop.call_soon(self._pump)

    def _pump_now(self) -> None:
        if not self._pumping:
            self._pump()

    def _from_thread(self, call: Any, *arguments: Any) -> None:
        # The loop may have ended while a thread was busy.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(call, *arguments, context=self._context)

    def _pump(self) -> None:
        """Hand the next frame to the writer, and plan when to look again."""
        self._pumping = False
        if self._wake is not None:
            self._wake.cancel()
            self._wake = None
        writer = self._writer
        if writer is None or self._stopped or writer.busy:
            return
        frame = self.link.next_frame()
        if frame is not None:
            if self.link.awaited != self._awaited:
                self._awaited = self.link.awaited
                self._answered.clear()
            if self.multiplexer is not None:
                self.multiplexer.sent(frame, self._awaited)
            writer.offer(frame, self.link.log_line(len(frame)) if self.LOG else "")
            return
        if (moment := self.link.wake_time()) is not None:
            self._wake = self._loop.call_later(max(moment - time.monotonic(), 0.001), self._pump)

    # Start, stop, size.

    def _measured(self) -> tuple[int, int]:
        """Columns and rows as the kernel has them, whatever the environment says."""
        try:
            size = os.get_terminal_size(self._output)
        except OSError:
            return super()._get_terminal_size()
        # A terminal may not know, or say so before its window stands.
        return size.columns or 80, size.lines or 24

    def _get_terminal_size(self) -> tuple[int, int]:
        """For Textual as it starts, and where the loop takes no signals."""
        self._from_thread(self._resized)
        return self._measured()

    def _size_changed(self) -> None:
        """The kernel has told of another size.

        The loop calls this, not the signal: of two signals that come together the second may
        interrupt what the first has begun, and then the older of two sizes would be told last.
        """
        size = Size(*self._resized())
        self._app.post_message(events.Resize(size, size))

    def _resized(self) -> tuple[int, int]:
        """Take the terminal's present size at once, and return it.

        Textual looks at the last of several sizes that come together; where that is the one it has
        painted for already, it paints nothing, and the cells that a smaller size cut off in between
        would stay blank.
        """
        size = self._measured()
        self.link.resize(*size)
        self._loop.call_soon(self._paint_all)
        self._pump_soon()
        return size

    def start_application_mode(self) -> None:
        """Start, or start again after a suspension."""
        self._stopped = False
        self.link.restart()
        self.link.resize(*self._measured())
        self._writer = Writer(self._output, self._writer_idle, self.LOG)
        if self.multiplexer is not None:
            self.multiplexer.start()
        for number in (signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is signal.SIG_IGN:
                # As under nohup.
                continue
            with contextlib.suppress(ValueError, RuntimeError, NotImplementedError):
                self._loop.add_signal_handler(number, self._terminate, number)
        super().start_application_mode()  # type: ignore[no-untyped-call]
        with contextlib.suppress(ValueError, RuntimeError, NotImplementedError):
            self._loop.add_signal_handler(signal.SIGWINCH, self._size_changed)
        # Whoever had the terminal may have left some, and rows would move that are to stay.
        self.link.model.passthrough.append(NO_MARGINS)
        if colour_questions.asks(os.environ):
            # Before anything is painted: what a terminal prints of it is painted over.
            if "NO_COLOR" not in os.environ:
                self._ask(colour_questions.QUESTIONS)
            self._measure_wide()

    def _writer_idle(self) -> None:
        self._from_thread(self._pump)

    def _terminate(self, number: int) -> None:
        """Leave in good order once; a second SIGTERM ends the process at once."""
        if self._leaving:
            return
        self._leaving = True
        for each in (signal.SIGTERM, signal.SIGHUP):
            with contextlib.suppress(ValueError, RuntimeError, NotImplementedError):
                self._loop.remove_signal_handler(each)
        with contextlib.suppress(ValueError):
            # The shell sends it as well as the terminal, and then there is still a run to save.
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
        self.on_ending(number)
        self._app.exit(return_code=128 + number)

    def stop_application_mode(self) -> None:
        """Leave the terminal as it was found, within a bounded time."""
        if self._stopped or self._writer is None:
            return
        self._stopped = True
        deadline = time.monotonic() + CLOSE_S
        self._await_answers()
        # A frame may have been cut off. This moves the cursor, so it comes before the program's own
        # screen is left, with which the terminal takes its old cursor again.
        # Where there is no such screen, as in GNU screen and on the Linux console, what the shell
        # writes next would stand amid what is left of it.
        self.link.model.passthrough.append(NO_MARGINS + CLEAR)
        super().stop_application_mode()
        self._finish(self._writer, deadline)

    def _await_answers(self) -> None:
        """Wait, within a bound, for what would be typed into the shell after the input is closed.

        A terminal answers in the order in which it was asked: once it has told where its cursor is,
        it has told of its colours.
        """
        flow = self.link.flow
        if self._awaited is None or not flow.in_flight or self.link.stats().stalled:
            return
        if is_gone(self._output):
            return
        if flow.contact is Contact.STARTING and not self._heard.wait(ANSWERS_S):
            return
        self._answered.wait(min(CLOSE_S, 4 * flow.estimate.smooth_round_trip_s + 0.1))

    def _finish(self, writer: Writer, deadline: float) -> None:
        """Write the last sequences, throwing away what a blocked terminal did not take."""
        model = self.link.model
        # What was not asked yet is not asked any more.
        model.passthrough = [part for part in model.passthrough if part not in self._questions]
        last = "\x1b[m" + self.link.take_passthrough()
        if not writer.wait(max(deadline - time.monotonic(), 0.05)):
            writer.abandon()
            with contextlib.suppress(termios.error):
                termios.tcflow(self._output, termios.TCOON)
                termios.tcflush(self._output, termios.TCOFLUSH)
            writer.wait(0.1)
            last = CANCEL + last
        writer.offer(last.encode())
        writer.wait(max(deadline - time.monotonic(), 0.1))

    def close(self) -> None:
        """End the threads."""
        super().close()
        if self.multiplexer is not None:
            self.multiplexer.close()
        if self._writer is not None:
            self._writer.stop(0.1)
            self._writer = None

    def _sigtstp_application(self, *_: object) -> None:
        # A signal may arrive in the middle of a frame, so the loop takes it from here.
        self._from_thread(self._suspend)

    def _suspend(self) -> None:
        self._suspended = self._auto_restart
        super()._sigtstp_application()

    def _sigcont_application(self, *_: object) -> None:
        self._from_thread(self._resume)

    def _resume(self) -> None:
        if not self._suspended and self._auto_restart:
            # Stopped by force: whoever had the terminal may have changed everything.
            self.suspend_application_mode()
        self._suspended = False
        super()._sigcont_application()

    def _query_in_band_window_resize(self) -> None:
        """Ask for no sizes in band: some terminals claim mode 2048 and send none.

        The kernel tells of every size by a signal, also over SSH and in tmux. Without that mode
        Textual does not ask for the mouse in pixels (1016) either.
        """

    # Input.

    def run_input_thread(self) -> None:
        """Read keys, taking out the reports that answer our frames."""
        reader = Reader(
            self.fileno,
            lambda: XTermParser(self._debug),
            expecting=lambda: self.link.flow.awaits,
            report=self._take_report,
            message=self.process_message,
            answer=self._take_answer,
        )
        # A terminal that is gone ends the program too.
        if reader.run(self.exit_event) and self.input_tty:
            self._from_thread(self._terminate, signal.SIGHUP)

    def _take_answer(self, sequence: str) -> None:
        told = colour_questions.answered(sequence, os.environ)
        if told > self.colours:
            self.colours = told
            self._from_thread(self.on_colours, told)

    def _measure_wide(self) -> None:
        """Ask how wide the terminal draws a sign of which Unicode leaves that open.

        Below the rows in which frames leave the cursor, so that the answer is no frame's.
        """
        row = self.link.model.height
        if row > PARKING_ROWS + 1:
            self._measured_row = row
            self._ask(f"\x1b[{row};1H{AMBIGUOUS}\x1b[6n")

    def _ask(self, question: str) -> None:
        self._questions.add(question)
        self.link.model.passthrough.append(question)

    def _take_report(self, row: int, column: int, now: float) -> None:
        self._heard.set()
        if row == self._measured_row and column in (2, 3):
            self._measured_row = 0
            if column == 3:
                self.is_wide = True
                self._from_thread(self.on_wide)
            return
        if (row, column) == self._awaited:
            self._answered.set()
        self._from_thread(self._report, row, column, now)

    def _report(self, row: int, column: int, now: float) -> None:
        if self.multiplexer is not None:
            self.multiplexer.answered(row, column, now)
        elif self.link.report(row, column, now):
            self._pump_now()

    def process_message(self, message: Message) -> None:
        """Keep to the driver what is the driver's, and pass on the rest."""
        if isinstance(message, events.CursorPosition | InBandWindowResize):
            return
        if isinstance(message, events.Resize):
            self._from_thread(self._resized)
        super().process_message(message)


def wire_driver(
    mode: LinkMode = "auto", log: TextIO | None = None, terminal: int | None = None
) -> type[WireDriver]:
    """A driver class for App(driver_class=…).

    Args:
        mode: the level and rate: measured, or fixed for a link whose answers come from nearer
            than the screen, as in tmux and mosh.
        log: gets a line a frame.
        terminal: what `open_terminal` gave; None opens what standard error is.
    """
    options = {"MODE": mode, "LOG": log, "TERMINAL": terminal}
    return type("ConfiguredWireDriver", (WireDriver,), options)
