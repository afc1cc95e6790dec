"""The command line: argv to one frozen Settings, and on to the screen or the headless trainer."""

from __future__ import annotations

import argparse
import gc
import os
import select
import sys
import traceback
from collections.abc import Callable
from typing import TextIO

from tui_ae.chosen import look_of, settings_of
from tui_ae.errors import FailureError, InvalidValueError, UserError, reason
from tui_ae.options import command_in, command_parser, new_run_parser
from tui_ae.preferences import asked_by, read_options
from tui_ae.start import has_screen, train
from tui_ae.streams import brief, discard, hold_standard_numbers, say
from tui_ae.train.torchrun import ProcessRank

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
        if argv is None and "torch" in sys.modules:
            # All is written and saved, and a person waits for the prompt: to take PyTorch down
            # would take a quarter of a second more.
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
    from tui_ae.run.shelf import Shelf
    from tui_ae.train.place import Place

    process = ProcessRank.from_environment()
    if options.run is not None:
        if not options.save:
            raise UserError("--no-save keeps nothing, so it needs no --run; leave one of them out.")
        if process.rank == 0:
            from tui_ae.run.kept_runs import check_new, note_elsewhere

            check_new(options.run)
            note_elsewhere(options.run)
    place = None
    if options.save:
        shelf = Shelf(options.run)
        place = Place(shelf, begin(settings, process.size), every_s=options.save_every)
        if process.rank == 0:
            for told in shelf.keep_for_owner():
                say(told, sys.stderr)
    if options.data is not None and process.rank == 0:
        from tui_ae.data.load import download_ahead

        if (sentence := download_ahead(options.data)) is not None:
            say(sentence, sys.stderr)
    return train(settings, place, options, look, process)
