"""The command line: argv to one frozen Settings, and on to the screen or the headless trainer."""

from __future__ import annotations

import argparse
import codecs
import gc
import locale
import os
import select
import sys
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from tui_ae.aside import Aside
from tui_ae.config import (
    GLYPHS,
    GlyphSet,
    ScreenOptions,
    Settings,
    check_choice,
    check_epochs,
)
from tui_ae.errors import FailureError, InvalidValueError, UserError, reason
from tui_ae.options import command_in, command_parser, new_run_parser
from tui_ae.preferences import asked_by, read_options
from tui_ae.remembered import remembered_glyphs
from tui_ae.streams import brief, discard, hold_standard_numbers, own_stream, say
from tui_ae.train.torchrun import ProcessRank
from tui_ae.writable import check_writable

if TYPE_CHECKING:
    from tui_ae.data.dataset import Dataset
    from tui_ae.data.progress import Progress
    from tui_ae.run.source import Beside, Source
    from tui_ae.train.place import Place
    from tui_ae.ui.run import HungUp

MAX_HISTORY_MB = 1_000_000
TMUX_HINT = (
    "tmux was started without UTF-8, so characters are ASCII: "
    "export LANG=C.UTF-8, and start tmux -u."
)
SIGNALLED = 128
"""Codes above are those of a program that a signal ended."""
DEBUG = "TUI_AE_DEBUG"
"""An environment variable that has tracebacks printed."""


def main(argv: list[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    # NumPy draws single digits; threads of its own would only wait, spinning, on the cores that
    # PyTorch trains on. It looks at this when it is first imported.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    hold_standard_numbers()
    options = argparse.Namespace()
    try:
        run = _read(sys.argv[1:] if argv is None else argv, options)
        code = run(options)
        if sys.stdout is not None:
            sys.stdout.flush()
        if argv is None and code > SIGNALLED:
            # Told to end: all is saved, and to take PyTorch down would take half a second more.
            os._exit(code)
        return code
    except InvalidValueError as error:
        said = f"{asked_by(options, error.name)} {brief(error.value)}: {error.wanted}"
        say(said, sys.stderr)
        return 2
    except UserError as error:
        say(str(error), sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # noqa: BLE001 - whatever it is, a person gets a sentence
        if isinstance(error, BrokenPipeError) and _has_had_enough(sys.stdout):
            return 0
        say(f"{reason(error)}.", sys.stderr)
        if os.environ.get(DEBUG):
            traceback.print_exception(error)
        elif not isinstance(error, FailureError | MemoryError | OSError | ImportError):
            say(f"this is a fault of the program; {DEBUG}=1 shows where it is.", sys.stderr)
        return 1
    finally:
        gc.enable()


def _has_had_enough(stdout: TextIO | None) -> bool:
    """Whether the reader of standard output is gone, as `head` is, which is no fault."""
    if stdout is None:
        return False
    state = select.poll()
    state.register(stdout, 0)
    gone = any(event & (select.POLLERR | select.POLLHUP) for _, event in state.poll(0))
    if gone:
        discard(stdout)
    return gone


def _read(words: list[str], options: argparse.Namespace) -> Callable[[argparse.Namespace], int]:
    """Fill the options from words, environment and configuration; returns what is to be done.

    Raises:
        UserError: the words make no sense, or the configuration doesn't.
    """
    name = command_in(words)
    if name is None:
        read_options(new_run_parser(), words, options)
        return _run
    from tui_ae.subcommands import TABLE

    command = TABLE[name]
    read_options(command_parser(name, command.add), words[len(name.split()) :], options)
    return command.run


def settings_of(options: argparse.Namespace) -> Settings:
    """What the options say of the training.

    Raises:
        UserError: a value can't be.
    """
    return Settings(
        data=options.data,
        labels=options.labels,
        held_out=options.held_out,
        seed=options.seed,
        batch_size=options.batch_size,
        learning_rate=options.lr,
        device=options.device,
        recipe=options.recipe,
        latent_dim=options.latent_dim,
        hidden=options.hidden,
        kind=options.kind,
        objective=options.objective,
        beta=options.beta,
    )


def _run(options: argparse.Namespace) -> int:
    """Train a new run."""
    if has_screen(options):
        # Until the first frame stands, hardly anything is made that ever goes: looking for it took
        # a tenth of the time.
        gc.disable()
    settings = settings_of(options)
    look = look_of(options)
    if options.data is not None:
        from tui_ae.data.load import check_path

        check_path(options.data)
    from tui_ae.run.info import begin
    from tui_ae.run.shelf import Shelf, check_new, note_elsewhere
    from tui_ae.train.place import Place

    process = ProcessRank.from_environment()
    if options.run is not None:
        if not options.save:
            raise UserError("--no-save keeps nothing, so it needs no --run; leave one of them out.")
        if process.rank == 0:
            check_new(options.run)
            note_elsewhere(options.run)
    place = (
        None
        if not options.save
        else Place(Shelf(options.run), begin(settings), every_s=options.save_every)
    )
    if options.data is not None and process.rank == 0:
        from tui_ae.data.load import download_ahead

        if (sentence := download_ahead(options.data)) is not None:
            say(sentence, sys.stderr)
    return train(settings, place, options, look, process)


def look_of(options: argparse.Namespace) -> ScreenOptions:
    """What the command line says of the screen.

    Raises:
        UserError: a value can't be.
    """
    free = options.glyphs == "auto" and not options.ascii
    look = ScreenOptions(
        link=options.link,
        stats=options.stats,
        log=options.log,
        glyphs=_glyphs(options),
        theme=options.theme,
        colours=options.colours,
        configured=options.configured,
        hint=TMUX_HINT if free and _is_tmux_dumb() else "",
        keys=options.keys,
    )
    if options.log is not None:
        check_writable("--log", options.log)
    if options.keys:
        from tui_ae.ui.actions import KeyMapError, Keys

        try:
            Keys(options.keys)
        except KeyMapError as error:
            where = options.preferences["keys"].parts[error.action]
            raise UserError(f"{where}: {error}") from error
    return look


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
            with Aside() as aside:
                code = run(settings, wanted, out, err, process, place)
            for line in aside.lines():
                say(f"a library wrote: {line}", err)
        return code
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


def _glyphs(options: argparse.Namespace) -> GlyphSet:
    """The characters that the person, or else the locale and the terminal, allow."""
    if options.ascii or (options.glyphs == "auto" and not _utf8()):
        return "ascii"
    if options.glyphs != "auto":
        check_choice("glyphs", options.glyphs, ("auto", *GLYPHS))
        chosen: GlyphSet = options.glyphs
        return chosen
    if (remembered := remembered_glyphs()) is not None:
        return remembered
    # The fonts of the Linux console have no braille.
    return "blocks" if os.environ.get("TERM") == "linux" else "braille"


def _is_tmux_dumb() -> bool:
    """Whether tmux turns all but ASCII into underscores: it goes by the same empty environment."""
    coerced = os.environ.get("LC_CTYPE") == "C.UTF-8" and not os.environ.get("LC_ALL")
    return coerced and "TMUX" in os.environ and not os.environ.get("LANG")


def _utf8() -> bool:
    """Whether the terminal is told to expect UTF-8, as the locale has it."""
    # Python itself turns LANG=C into LC_CTYPE=C.UTF-8, but who writes LANG=C wants plain ASCII;
    # an empty environment, as containers have it, says nothing about the terminal.
    coerced = os.environ.get("LC_CTYPE") == "C.UTF-8" and not os.environ.get("LC_ALL")
    if coerced and os.environ.get("LANG") in ("C", "POSIX"):
        return False
    if _is_tmux_dumb():
        return False
    try:
        locale.setlocale(locale.LC_CTYPE, "")
    except locale.Error:
        return False
    name = locale.nl_langinfo(locale.CODESET) if hasattr(locale, "nl_langinfo") else "utf-8"
    try:
        return codecs.lookup(name).name == "utf-8"
    except LookupError:
        return False
