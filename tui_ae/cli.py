"""The command line: argv to one frozen Settings, and on to the screen or the headless trainer."""

from __future__ import annotations

import argparse
import codecs
import locale
import os
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TextIO

from tui_ae import __version__
from tui_ae.aside import Aside
from tui_ae.config import (
    COLOURS,
    DATA_SETS,
    DEVICES,
    GLYPHS,
    LABELS,
    LINKS,
    OBJECTIVE_NAMES,
    THEMES,
    GlyphSet,
    ScreenOptions,
    Settings,
    check_choice,
    data_from,
)
from tui_ae.errors import FailureError, InvalidValueError, UserError, reason
from tui_ae.model.spec import KINDS
from tui_ae.recipe import DEFAULT, RECIPES
from tui_ae.repeat import flag
from tui_ae.streams import hold_standard_numbers, own_stream, say
from tui_ae.train.launch import Launch
from tui_ae.writable import check_writable

EXAMPLES = """\
examples:
  tui-ae                                   train on synthetic digits, live
  tui-ae --data mnist                      a known set, downloaded where it is not there
  tui-ae --data clothes/ --seed 3          your own images: IDX, NPZ, NPY, or folders of pictures
  tui-ae --link 9600                       for a very slow line inside tmux or mosh
  tui-ae --headless --epochs 50 --json     no screen: one JSON object an epoch
  tui-ae resume                            go on with the run that was saved last

commands, each with --help: resume, open, watch, runs, export, data

In the explorer, ? lists all keys.
"""


if TYPE_CHECKING:
    from tui_ae.data.dataset import Dataset
    from tui_ae.data.progress import Progress
    from tui_ae.run.source import Source
    from tui_ae.train.place import Place

HISTORY_MB = 64.0
MAX_HISTORY_MB = 1_000_000
SAVE_EVERY_S = 5.0
"""Those who watch a run see it as often."""
COMMANDS = ("resume", "open", "watch", "runs", "export", "data")
DEBUG = "TUI_AE_DEBUG"
"""An environment variable that has tracebacks printed."""


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence."""

    def error(self, message: str) -> NoReturn:
        """Raise what `main` prints."""
        raise UserError(f"{message}; see tui-ae --help.")


def build_parser() -> Parser:
    """All options, in groups."""
    parser = Parser(
        prog="tui-ae",
        description="Train an autoencoder with a 2-D bottleneck live in the terminal and walk "
        "through its latent space.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"tui-ae {__version__}")
    run = parser.add_argument_group("training (the same values give the same losses)")
    run.add_argument(
        "--data",
        type=data_from,
        metavar="PATH",
        help=f"a file (IDX, NPZ, NPY, CSV) or a folder, or one of {', '.join(DATA_SETS)}; "
        "default: synthetic digits",
    )
    run.add_argument(
        "--labels",
        default="all",
        help=f"{', '.join(LABELS)} (the 36 largest classes); default: all",
    )
    run.add_argument(
        "--held-out",
        type=float,
        metavar="X",
        help="share of the images that never trains, 0 for none (default: the set's own test "
        "images, else a tenth)",
    )
    run.add_argument("--seed", type=int, default=0, metavar="N", help="default: 0")
    run.add_argument("--recipe", default=DEFAULT, help=f"{', '.join(RECIPES)}; default: {DEFAULT}")
    run.add_argument("--batch-size", type=int, metavar="N", help="default: the recipe's")
    run.add_argument("--lr", type=float, metavar="X", help="learning rate, default: the recipe's")
    network = parser.add_argument_group("network")
    network.add_argument(
        "--latent-dim", type=int, default=2, metavar="N", help="numbers in a code; default: 2"
    )
    network.add_argument(
        "--hidden",
        type=_hidden,
        metavar="N,N",
        help="units of the encoder's hidden layers, '' for none; default: 128,32",
    )
    network.add_argument("--kind", default="ae", help=f"{', '.join(KINDS)}; default: ae")
    network.add_argument(
        "--objective", help=f"{', '.join(OBJECTIVE_NAMES)}; default: bce, for linear: mse"
    )
    network.add_argument(
        "--beta", type=float, default=1.0, metavar="X", help="weight of a vae's prior; default: 1"
    )
    run.add_argument("--device", default="auto", help=f"{', '.join(DEVICES)}; default: auto")
    kept = add_saving_options(parser)
    kept.add_argument(
        "--run", type=Path, metavar="DIR", help="a new folder for it (default: one of its own)"
    )
    kept.add_argument("--no-save", action="store_true", help="keep nothing of it on the disk")
    add_screen_options(parser)
    add_headless_options(parser)
    return parser


def add_saving_options(parser: argparse.ArgumentParser) -> argparse._ArgumentGroup:
    """How often a run is saved."""
    kept = parser.add_argument_group("keeping the run")
    kept.add_argument(
        "--save-every",
        type=float,
        default=SAVE_EVERY_S,
        metavar="S",
        help=f"seconds between two saves while it trains; default: {SAVE_EVERY_S:g}",
    )
    kept.add_argument(
        "--history-mb",
        type=float,
        default=HISTORY_MB,
        metavar="MB",
        help=f"memory for earlier moments to go back to; default: {HISTORY_MB:g}",
    )
    return kept


def add_screen_options(parser: argparse.ArgumentParser) -> None:
    """How the screen looks and writes."""
    screen = parser.add_argument_group("screen")
    screen.add_argument("--theme", default="dark", help=f"{', '.join(THEMES)}; default: dark")
    screen.add_argument(
        "--colours", default="auto", help=f"{', '.join(COLOURS)}; default: auto asks the terminal"
    )
    screen.add_argument(
        "--glyphs",
        default="auto",
        help=f"what pictures are made of: auto, {', '.join(GLYPHS)}; default: auto",
    )
    screen.add_argument(
        "--ascii", action="store_true", help="only ASCII characters; the same as --glyphs ascii"
    )
    screen.add_argument("--link", default="auto", help=f"{', '.join(LINKS)}; default: auto")
    screen.add_argument("--stats", action="store_true", help="show what the link does")
    screen.add_argument("--log", type=Path, metavar="FILE", help="log each frame on the link")


def add_headless_options(parser: argparse.ArgumentParser) -> None:
    """How long to train without a screen, and what to write."""
    bare = parser.add_argument_group("without a screen")
    bare.add_argument("--headless", action="store_true", help="print a line an epoch")
    bare.add_argument("--epochs", type=int, metavar="N", help="stop after N epochs (default: 50)")
    bare.add_argument("--seconds", type=float, metavar="S", help="stop after S seconds")
    bare.add_argument("--json", action="store_true", help="one JSON object a line")
    bare.add_argument("--codes", type=Path, metavar="FILE.npz", help="write the codes at the end")


def main(argv: list[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    # NumPy draws single digits; threads of its own would only wait, spinning, on the cores that
    # PyTorch trains on. It looks at this when it is first imported.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    hold_standard_numbers()
    try:
        words = sys.argv[1:] if argv is None else argv
        if words and words[0] in COMMANDS:
            from tui_ae.subcommands import run_command

            return run_command(words[0], words[1:])
        return _run(build_parser().parse_args(words))
    except InvalidValueError as error:
        say(f"{flag(error.name)} {error.value}: {error.wanted}", sys.stderr)
        return 2
    except UserError as error:
        say(str(error), sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # noqa: BLE001 - whatever it is, a person gets a sentence
        say(f"{reason(error)}.", sys.stderr)
        if os.environ.get(DEBUG):
            traceback.print_exception(error)
        elif not isinstance(error, FailureError | MemoryError | OSError | ImportError):
            say(f"this is a fault of the program; {DEBUG}=1 shows where it is.", sys.stderr)
        return 1


def _run(options: argparse.Namespace) -> int:
    settings = Settings(
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
    look = look_of(options)
    if options.data is not None:
        from tui_ae.data.load import check_path

        check_path(options.data)
    from tui_ae.run.info import begin
    from tui_ae.run.shelf import Shelf, check_new
    from tui_ae.train.place import Place

    launch = Launch.from_environment()
    if options.run is not None:
        if options.no_save:
            raise UserError("--no-save keeps nothing, so it needs no --run; leave one of them out.")
        if launch.rank == 0:
            check_new(options.run)
    place = (
        None
        if options.no_save
        else Place(Shelf(options.run), begin(settings), every_s=options.save_every)
    )
    if options.data is not None and launch.rank == 0:
        from tui_ae.data.load import download_ahead

        if (sentence := download_ahead(options.data)) is not None:
            say(sentence, sys.stderr)
    return train(settings, place, options, look, launch)


def look_of(options: argparse.Namespace) -> ScreenOptions:
    """What the command line says of the screen.

    Raises:
        UserError: a value can't be.
    """
    look = ScreenOptions(
        link=options.link,
        stats=options.stats,
        log=options.log,
        glyphs=_glyphs(options),
        theme=options.theme,
        colours=options.colours,
    )
    if options.log is not None:
        check_writable("--log", options.log)
    return look


def train(
    settings: Settings,
    place: Place | None,
    options: argparse.Namespace,
    look: ScreenOptions,
    launch: Launch,
) -> int:
    """Train with a screen or without one, as the options and the terminal have it."""
    headless = options.headless
    if not headless and launch.size > 1:
        raise UserError(
            f"one of {launch.size} processes started by torchrun has no screen; add --headless."
        )
    if not headless and not is_terminal(sys.stdout):
        headless = True
        say("no terminal on standard output, so training without a screen.", sys.stderr)
    if headless:
        return _headless(settings, place, options, launch)
    _refuse_headless_options(options)
    from tui_ae.train.session import Session

    if not 0 <= options.history_mb <= MAX_HISTORY_MB:
        wanted = f"give a number of megabytes from 0 to {MAX_HISTORY_MB:,}."
        raise InvalidValueError("history_mb", f"{options.history_mb:g}", wanted)
    return show(Session(settings, load, place, round(options.history_mb * 2**20)), look)


def show(source: Source, look: ScreenOptions) -> int:
    """Show a run on this terminal until the person leaves; returns the exit code."""
    _check_terminal()
    # Textual collects repaints for a frame of 1/60 s; half of that answers a key visibly sooner.
    os.environ.setdefault("TEXTUAL_FPS", "120")
    from tui_ae.ui.run import run_app

    return run_app(source, look)


def load(settings: Settings, progress: Progress) -> Dataset:
    """Load the data; imported in the worker, for reading images takes Pillow some time to start."""
    from tui_ae.data.load import load

    return load(settings, progress)


def _hidden(text: str) -> tuple[int, ...]:
    """The widths of '128,32'; none of ''."""
    return tuple(int(units) for units in text.split(",")) if text.strip() else ()


_hidden.__name__ = "list of whole numbers"


def _headless(
    settings: Settings, place: Place | None, options: argparse.Namespace, launch: Launch
) -> int:
    from tui_ae.headless import HeadlessOptions, run

    if launch.rank == 0:
        if sys.stdout is None:
            raise UserError(
                "standard output is closed, so nobody could read a line; redirect it to a file, "
                "or to /dev/null."
            )
        wanted = HeadlessOptions(options.epochs, options.seconds, options.json, options.codes)
        with own_stream(sys.stdout) as out, own_stream(sys.stderr) as err:
            with Aside() as aside:
                code = run(settings, wanted, out, err, launch, place)
            for line in aside.lines():
                say(f"a library wrote: {line}", err)
        return code
    # The other processes train as long, and leave it to the first to report and write.
    wanted = HeadlessOptions(options.epochs, options.seconds)
    with Path(os.devnull).open("w") as nowhere:
        return run(settings, wanted, nowhere, nowhere, launch, place)


def _refuse_headless_options(options: argparse.Namespace) -> None:
    for name in ("epochs", "seconds", "json", "codes"):
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
    # The fonts of the Linux console have no braille.
    return "blocks" if os.environ.get("TERM") == "linux" else "braille"


def _utf8() -> bool:
    """Whether the terminal is told to expect UTF-8, as the locale has it."""
    # Python itself turns LANG=C into LC_CTYPE=C.UTF-8, but who writes LANG=C wants plain ASCII;
    # an empty environment, as containers have it, says nothing about the terminal.
    coerced = os.environ.get("LC_CTYPE") == "C.UTF-8" and not os.environ.get("LC_ALL")
    if coerced and os.environ.get("LANG") in ("C", "POSIX"):
        return False
    # But tmux itself goes by the same empty environment, and turns all else into underscores.
    if coerced and "TMUX" in os.environ and not os.environ.get("LANG"):
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
