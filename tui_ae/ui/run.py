"""The explorer from its first frame until the person leaves."""

from __future__ import annotations

import gc
import os
import shlex
import signal
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from tui_ae.aside import Aside
from tui_ae.config import ScreenOptions
from tui_ae.errors import UserError
from tui_ae.heap import share_heap
from tui_ae.link.terminal.driver import WireDriver, wire_driver
from tui_ae.link.terminal.tty import open_terminal
from tui_ae.repeat import command_line
from tui_ae.run.snapshot import Snapshot
from tui_ae.run.source import Beside, Source
from tui_ae.stop_signals import StopSignals
from tui_ae.streams import counted, say
from tui_ae.ui.app import ExplorerApp

HungUp = Callable[[StopSignals], None]
STOP_S = 30.0
"""How long quitting waits for the run: for its mini-batch, and longer than that for its disk."""


def run_app(
    source: Source,
    options: ScreenOptions,
    other: Beside | None = None,
    hung_up: HungUp | None = None,
) -> int:
    """Run the explorer on this terminal until the person leaves; returns the exit code.

    Args:
        source: The run.
        options: How it looks.
        other: A second run beside it.
        hung_up: Called where the terminal has gone away, before the source is stopped.

    Raises:
        UserError: the log, or what the run needs, can't be used.
        FailureError: the run ended by itself.
    """
    share_heap()
    log = _opened(options.log)
    terminal = open_terminal(sys.stderr.fileno())
    with Aside() as aside:
        driver = wire_driver(options.link, log, terminal)
        app, ended = _run(source, options, driver, aside, other, hung_up)
    # What the program itself has to say comes where nothing is turned aside any more.
    for line in aside.lines():
        say(f"a library wrote: {line}", sys.stderr)
    if app.start_error is not None:
        raise app.start_error
    if app.explorer.snapshot is not None:
        _say_goodbye(app.explorer.snapshot, source, configured=options.configured)
    if not ended:
        say("the training thread did not end in time.", sys.stderr)
        # Python itself would abort, for there is a thread inside PyTorch.
        os._exit(app.return_code or 1)
    return app.return_code or 0


def _run(
    source: Source,
    options: ScreenOptions,
    driver: type[WireDriver],
    aside: Aside,
    other: Beside | None,
    hung_up: HungUp | None,
) -> tuple[ExplorerApp, bool]:
    """Show the screen and stop the source; returns the app, and whether all has ended in time."""
    sources = [source, *([other.source] if other is not None else [])]

    def end(number: int) -> None:
        """Have the runs saved while the screen is still being closed, unless they are to go on."""
        if hung_up is None or number != signal.SIGHUP:
            for each in sources:
                each.stop(0.0)

    app = ExplorerApp(
        source,
        options,
        driver_class=driver,
        painted=_collect_from_now_on,
        ready=gc.freeze,
        ending=end,
        aside=aside,
        other=other,
    )
    try:
        app.run()
    finally:
        app.explorer.planes.layouts.stop()
    with StopSignals() as signals:
        if hung_up is not None and app.return_code == 128 + signal.SIGHUP:
            hung_up(signals)
        # Each is stopped, also where one before it does not end.
        ended = [each.stop(STOP_S) for each in sources]
    return app, all(ended)


def _collect_from_now_on() -> None:
    """Look for garbage again, but for what is there.

    Hardly any of that ever goes, and each full collection, which keys and training wait for, takes
    a third as long without it; so it is set aside again when the network is there.
    """
    gc.freeze()
    gc.enable()


def _say_goodbye(snapshot: Snapshot, source: Source, *, configured: bool) -> None:
    """Tell what there was, how to go on with it, and how to do it again."""
    if source.notice:
        say(source.notice, sys.stderr)
    if not snapshot.epoch or source.send is None:
        return
    settings = snapshot.info.settings
    said = f"{counted(snapshot.epoch, 'epoch')}, loss {snapshot.loss:.4f}, seed {settings.seed}."
    if (kept := source.kept_at) is not None:
        own = kept.name == snapshot.info.id
        said += f" Go on: tui-ae resume {kept.name if own else shlex.quote(str(kept))}."
    processes = snapshot.info.processes
    command = command_line(settings, processes=processes, configured=configured)
    say(f"{said} The same again: {command}", sys.stderr)


def _opened(log: Path | None) -> TextIO | None:
    """The file for a line a frame; each goes there at once, for a crash is what one looks into."""
    if log is None:
        return None
    try:
        # A pipe without a reader would hold up the program for ever, and a link may lead anywhere.
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NONBLOCK | os.O_NOFOLLOW
        descriptor = os.open(log, flags, 0o644)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise UserError(f"--log {log}: this is no plain file; choose another place.")
        return os.fdopen(descriptor, "a", encoding="utf-8", buffering=1)
    except OSError as error:
        raise UserError(f"--log {log}: {error.strerror}; choose another place.") from error
