"""Training begins, and runs are shown, with a screen or without one as the terminal has it."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from tui_ae.aside import Aside
from tui_ae.config import ScreenOptions, Settings, check_epochs
from tui_ae.errors import InvalidValueError, UserError
from tui_ae.streams import own_stream, say
from tui_ae.train.torchrun import ProcessRank

if TYPE_CHECKING:
    from tui_ae.data.dataset import Dataset
    from tui_ae.data.progress import Progress
    from tui_ae.run.source import Beside, Source
    from tui_ae.train.place import Place
    from tui_ae.ui.run import HungUp

MAX_HISTORY_MB = 1_000_000


def train(
    settings: Settings,
    place: Place | None,
    options: argparse.Namespace,
    look: ScreenOptions,
    process: ProcessRank,
) -> int:
    """Train with a screen or without one, as the options and the terminal have it."""
    headless = not has_screen(options)
    if not options.headless and process.size > 1:
        raise UserError(
            f"one of {process.size} processes started by torchrun has no screen; add --headless."
        )
    if headless and not options.headless:
        say("no terminal on standard output, so training without a screen.", sys.stderr)
    if headless:
        return _headless(settings, place, options, process)
    _refuse_headless_options(options)
    from tui_ae.train.session import Session

    if not 0 <= options.history_mb <= MAX_HISTORY_MB:
        wanted = f"give a number of megabytes from 0 to {MAX_HISTORY_MB:,}."
        raise InvalidValueError("history_mb", f"{options.history_mb:g}", wanted)
    session = Session(settings, load, place, round(options.history_mb * 2**20))
    goes_on = options.keep_training and place is not None
    hung_up = partial(session.go_on_alone, options.epochs) if goes_on else None
    return show(session, look, hung_up=hung_up)


def has_screen(options: argparse.Namespace) -> bool:
    """Whether training is shown, as the options and the terminal have it."""
    return not options.headless and is_terminal(sys.stdout)


def show(
    source: Source,
    look: ScreenOptions,
    other: Beside | None = None,
    hung_up: HungUp | None = None,
) -> int:
    """Show a run, or two, on this terminal until the person leaves; returns the exit code.

    `hung_up` is called where the terminal has gone away, before the source is stopped.
    """
    _check_terminal()
    gc.disable()
    # Textual collects repaints for a frame of 1/60 s; half of that answers a key visibly sooner.
    os.environ.setdefault("TEXTUAL_FPS", "120")
    from tui_ae.ui.run import run_app

    return run_app(source, look, other, hung_up)


def load(settings: Settings, progress: Progress) -> Dataset:
    """Load the data; imported in the worker, for reading images takes Pillow some time to start."""
    from tui_ae.data.load import load

    return load(settings, progress)


def _headless(
    settings: Settings, place: Place | None, options: argparse.Namespace, process: ProcessRank
) -> int:
    from tui_ae.headless import HeadlessOptions, run

    if process.rank == 0:
        if sys.stdout is None:
            raise UserError(
                "standard output is closed, so nobody could read a line; redirect it to a file, "
                "or to /dev/null."
            )
        wanted = HeadlessOptions(
            options.epochs, options.seconds, options.json, options.codes, options.keep_training
        )
        with own_stream(sys.stdout) as out, own_stream(sys.stderr) as err:
            aside = Aside()
            try:
                with aside:
                    return run(settings, wanted, out, err, process, place)
            finally:
                # Where it fails they may well say why.
                for line in aside.lines():
                    say(f"a library wrote: {line}", err)
    # The other processes train as long, and leave it to the first to report and write.
    wanted = HeadlessOptions(options.epochs, options.seconds, keep_training=options.keep_training)
    with Path(os.devnull).open("w") as nowhere:
        return run(settings, wanted, nowhere, nowhere, process, place)


def _refuse_headless_options(options: argparse.Namespace) -> None:
    if options.keep_training and options.epochs is not None:
        check_epochs(options.epochs)
    for name in ("seconds", "json", "codes", *(() if options.keep_training else ("epochs",))):
        if getattr(options, name) is not None and getattr(options, name) is not False:
            raise UserError(f"--{name} belongs to --headless; add it, or leave --{name} out.")


def _check_terminal() -> None:
    """Refuse a terminal on which a screen can't stand.

    Raises:
        UserError: there is none, or it can't move its cursor.
    """
    if not (is_terminal(sys.stdin) and is_terminal(sys.stderr)):
        raise UserError(
            "the screen needs a terminal on standard input and standard error; "
            "redirect neither, or use --headless."
        )
    if os.environ.get("TERM", "dumb") in ("", "dumb", "unknown"):
        raise UserError(
            f"TERM={os.environ.get('TERM', '')}: this terminal can't show a screen; "
            "set TERM to what it is, or use --headless."
        )


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a standard stream is a terminal; Python has None for one that is closed."""
    return stream is not None and stream.isatty()
