"""All options of the command line, by the groups in which the help lists them."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from tui_ae import __version__
from tui_ae.config import (
    COLOURS,
    DATA_SETS,
    DEVICES,
    GLYPHS,
    LABELS,
    LINKS,
    OBJECTIVE_NAMES,
    THEMES,
    data_from,
)
from tui_ae.errors import UserError
from tui_ae.model.spec import NETWORK_KINDS
from tui_ae.recipe import DEFAULT, RECIPES

PROGRAM = "tui-ae"
PURPOSE = (
    "Train an autoencoder with a 2-D bottleneck live in the terminal and walk through its latent "
    "space."
)
COMMANDS = {
    "resume": "go on with a run as if it had never stopped",
    "open": "explore a run as it was saved, without training",
    "watch": "watch a run that another program trains",
    "compare": "show two runs side by side, kept ones or new ones that train in turns",
    "stop": "have the program that trains a run save it and end",
    "runs": "list the runs that were kept, those saved last first",
    "runs prune": "remove runs that were kept, after asking",
    "export": "write codes, losses, weights and pictures of a run for other programs",
    "data": "list the data sets that --data knows by name, and where they are",
    "config": "tell where the configuration file is, what holds, or begin one",
    "completion": "print a script that lets a shell complete the command line",
    "man": "print the page of the manual",
}
"""What can be done beside training a new run, in a few words each."""
EXAMPLES = """\
examples:
  tui-ae                                   train on synthetic digits, live
  tui-ae --data mnist                      a known set, downloaded where it is not there
  tui-ae --data clothes/ --seed 3          your own images: IDX, NPZ, NPY, or folders of pictures
  tui-ae --link 9600                       for a very slow line inside tmux or mosh
  tui-ae --headless --epochs 50 --json     no screen: one JSON object an epoch
  tui-ae resume                            go on with the run that was saved last

In the explorer, ? lists all keys.
"""
TABLES = {
    "training": "training (the same values give the same losses)",
    "network": "network",
    "saving": "keeping the run",
    "screen": "screen",
}
"""The groups whose options a configuration may set, by the names of its tables."""
NOT_CONFIGURED = ("run",)
"""Options of these groups that would be wrong for the second run already."""
CHOICES: dict[str, tuple[str, ...]] = {
    "labels": LABELS,
    "recipe": tuple(RECIPES),
    "device": DEVICES,
    "kind": tuple(NETWORK_KINDS),
    "objective": OBJECTIVE_NAMES,
    "theme": THEMES,
    "colours": COLOURS,
    "glyphs": ("auto", *GLYPHS),
    "link": LINKS,
}
"""The values of options that have only some."""
SAVE_EVERY_S = 5.0
"""Those who watch a run see it as often."""
HISTORY_MB = 64.0


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence."""

    def error(self, message: str) -> NoReturn:
        """Raise what `main` prints."""
        raise UserError(f"{message}; see {self.prog} --help.")


def command_in(words: list[str]) -> str | None:
    """The command that words begin with; None where they train a new run."""
    for count in (2, 1):
        if (name := " ".join(words[:count])) in COMMANDS:
            return name
    return None


def new_run_parser() -> Parser:
    """The options for training a new run."""
    width = max(map(len, COMMANDS)) + 2
    commands = "".join(f"  {name:<{width}}{line}\n" for name, line in COMMANDS.items())
    parser = Parser(
        prog=PROGRAM,
        usage=f"{PROGRAM} [OPTION ...]\n       {PROGRAM} COMMAND [OPTION ...]",
        description=f"{PURPOSE}\n\ncommands, each with --help:\n{commands}",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}")
    add_no_config(parser)
    add_training_options(parser)
    add_network_options(parser)
    kept = add_saving_options(parser)
    kept.add_argument(
        "--run", type=Path, metavar="DIR", help="a new folder for it (default: one of its own)"
    )
    _add_switch(kept, "save", "keep nothing of it on the disk", default=True)
    add_screen_options(parser)
    add_headless_options(parser)
    return parser


def command_parser(name: str, add: Callable[[argparse.ArgumentParser], None]) -> Parser:
    """The options of a command, as `add` has them."""
    line = COMMANDS[name]
    parser = Parser(
        prog=f"{PROGRAM} {name}",
        description=f"{line[0].upper()}{line[1:]}.",
        allow_abbrev=False,
    )
    add(parser)
    return parser


def add_training_options(parser: argparse.ArgumentParser) -> None:
    """What a run trains on, and how."""
    run = parser.add_argument_group(TABLES["training"])
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
        help=f"which labels count: {_names('labels')} (the 36 largest classes); default: all",
    )
    run.add_argument(
        "--held-out",
        type=float,
        metavar="X",
        help="share of the images that never trains, 0 for none (default: the set's own test "
        "images, else a tenth)",
    )
    run.add_argument(
        "--seed", type=int, default=0, metavar="N", help="drives all that is drawn; default: 0"
    )
    _add_choice(run, "recipe", "how it trains", DEFAULT)
    run.add_argument(
        "--batch-size", type=int, metavar="N", help="images a mini-batch, default: the recipe's"
    )
    run.add_argument("--lr", type=float, metavar="X", help="learning rate, default: the recipe's")
    _add_choice(run, "device", "what computes", "auto")


def add_network_options(parser: argparse.ArgumentParser) -> None:
    """The network and what training makes small."""
    network = parser.add_argument_group(TABLES["network"])
    network.add_argument(
        "--latent-dim", type=int, default=2, metavar="N", help="numbers in a code; default: 2"
    )
    network.add_argument(
        "--hidden",
        type=hidden_widths,
        metavar="N,N",
        help="units of the encoder's hidden layers, '' for none; default: 128,32",
    )
    _add_choice(network, "kind", "what autoencoder", "ae")
    network.add_argument(
        "--objective",
        help=f"what becomes small: {_names('objective')}; default: bce, for linear: mse",
    )
    network.add_argument(
        "--beta", type=float, default=1.0, metavar="X", help="weight of a vae's prior; default: 1"
    )


def add_saving_options(parser: argparse.ArgumentParser) -> argparse._ArgumentGroup:
    """How often a run is saved."""
    kept = parser.add_argument_group(TABLES["saving"])
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
    _add_switch(
        kept,
        "keep-training",
        "when the terminal goes away while it trains, go on until --epochs N, or tui-ae stop",
    )
    return kept


def add_screen_options(parser: argparse.ArgumentParser) -> None:
    """How the screen looks and writes."""
    screen = parser.add_argument_group(TABLES["screen"])
    _add_choice(screen, "theme", "its colours", "dark")
    _add_choice(screen, "colours", "how many the terminal has", "auto", " asks it")
    _add_choice(screen, "glyphs", "what pictures are made of", "auto")
    _add_switch(screen, "ascii", "only ASCII characters; the same as --glyphs ascii")
    _add_choice(screen, "link", "how fast the line to the terminal is", "auto")
    _add_switch(screen, "stats", "show what the link does")
    screen.add_argument("--log", type=Path, metavar="FILE", help="log each frame on the link")
    # A configuration alone gives these.
    parser.set_defaults(keys={})


def add_headless_options(parser: argparse.ArgumentParser) -> None:
    """How long to train without a screen, and what to write."""
    bare = parser.add_argument_group("without a screen")
    bare.add_argument("--headless", action="store_true", help="print a line an epoch")
    bare.add_argument(
        "--epochs",
        type=int,
        metavar="N",
        help="stop after N epochs (default: 50; with --keep-training and a screen: never)",
    )
    bare.add_argument("--seconds", type=float, metavar="S", help="stop after S seconds")
    bare.add_argument("--json", action="store_true", help="one JSON object a line")
    bare.add_argument("--codes", type=Path, metavar="FILE.npz", help="write the codes at the end")


def add_no_config(parser: argparse.ArgumentParser) -> None:
    """The word that lets nothing but the command line count."""
    parser.add_argument(
        "--no-config",
        action="store_true",
        help="leave the configuration file and TUI_AE_... of the environment out",
    )


def _add_choice(
    group: argparse._ArgumentGroup, name: str, about: str, default: str, more: str = ""
) -> None:
    """An option with the values that CHOICES has; `more` tells of the default."""
    said = f"{about}: {_names(name)}; default: {default}{more}"
    group.add_argument(f"--{name}", default=default, help=said)


def _add_switch(
    group: argparse._ArgumentGroup, name: str, help_: str, *, default: bool = False
) -> None:
    """An option without a value; the help lists the word that changes what is so anyway.

    The other word is there for those whose configuration says otherwise.
    """
    on, off = f"--{name}", f"--no-{name}"
    shown, hidden = (off, on) if default else (on, off)
    for option in (shown, hidden):
        group.add_argument(
            option,
            dest=name.replace("-", "_"),
            action="store_true" if option == on else "store_false",
            default=default,
            help=help_ if option == shown else argparse.SUPPRESS,
        )


def hidden_widths(text: str) -> tuple[int, ...]:
    """The widths of '128,32'; none of ''."""
    return tuple(int(units) for units in text.split(",")) if text.strip() else ()


hidden_widths.__name__ = "list of whole numbers"


def _names(option: str) -> str:
    return ", ".join(CHOICES[option])


def configurable(parser: argparse.ArgumentParser) -> dict[str, list[argparse.Action]]:
    """The options of a parser that a configuration may set, by its tables."""
    titles = {title: table for table, title in TABLES.items()}
    found: dict[str, list[argparse.Action]] = {}
    for group in parser._action_groups:
        if (table := titles.get(group.title or "")) is not None:
            actions = [a for a in group._group_actions if a.dest not in NOT_CONFIGURED]
            found.setdefault(table, []).extend(actions)
    return found
