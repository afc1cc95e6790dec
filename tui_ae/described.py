"""The command line as other programs describe it: to shells that complete it, and in a manual."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from tui_ae import __version__
from tui_ae.config import data_from
from tui_ae.options import (
    CHOICES,
    COMMANDS,
    EXAMPLES,
    PROGRAM,
    PURPOSE,
    Parser,
    command_parser,
    new_run_parser,
)
from tui_ae.shells import DATA, RUNS

Added = Mapping[str, Callable[[argparse.ArgumentParser], None]]
"""What gives the parser of each command its options, by the command's name."""
FOLDERS = ("--run", "--to")
"""Options that take a folder, and no file."""
SIGNS = {
    "\\": "\\e",
    "-": "\\-",
    "'": "\\(aq",
    "`": "\\(ga",
    "^": "\\(ha",
    "~": "\\(ti",
}
"""Characters that troff would show as others."""
SECTIONS = """\
.SH ENVIRONMENT
Each option of training, network, keeping the run and screen may be given by a variable, such as
.B TUI_AE_BATCH_SIZE=64
or
.BR TUI_AE_STATS=1 .
.TP
.B NO_COLOR
No colours.
.TP
.B XDG_CONFIG_HOME, XDG_STATE_HOME, XDG_CACHE_HOME
Where the configuration, the runs and downloaded data sets lie.
.SH FILES
.TP
.I tui_ae/config.toml
in the folder for configurations: the same options once more;
.B tui\\-ae config path
prints where it is. The command line goes before the environment, and that before this file.
.SH EXIT STATUS
.TP
.B 0
All went well.
.TP
.B 1
Something failed.
.TP
.B 2
What was asked for makes no sense.
.TP
.B 128 + N
Signal N ended training without a screen.
"""


def completion(shell: str, added: Added) -> str:
    """A script that lets a shell complete the command line.

    Args:
        shell: bash, zsh or fish.
        added: The options of each command.
    """
    import shtab

    parser = _whole(added)
    for each in _parsers_of(parser):
        for action in each._actions:
            if action.dest in CHOICES:
                action.choices = CHOICES[action.dest]
            elif action.metavar == "RUN":
                action.complete = RUNS  # type: ignore[attr-defined]
            elif action.type is data_from:
                action.complete = DATA  # type: ignore[attr-defined]
            elif action.type is Path:
                folder = FOLDERS[0] in action.option_strings or FOLDERS[1] in action.option_strings
                files = shtab.DIRECTORY if folder else shtab.FILE
                action.complete = files  # type: ignore[attr-defined]
    return str(shtab.complete(parser, shell))


def _whole(added: Added) -> Parser:
    """One parser with all commands below it, 'runs prune' below 'runs'."""
    parser = new_run_parser()
    made = {"": parser}
    groups = {"": parser.add_subparsers()}
    for name, line in COMMANDS.items():
        above, _, last = name.rpartition(" ")
        if above not in groups:
            groups[above] = made[above].add_subparsers()
        made[name] = groups[above].add_parser(last, help=line, description=line)
        added[name](made[name])
        made[name].description = line
    parser.description = PURPOSE
    return parser


def _parsers_of(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """A parser, and those of all commands below it."""
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                yield from _parsers_of(below)


def manual(added: Added) -> str:
    """The page of the manual, in the language of troff."""
    parser = new_run_parser()
    lines = [
        f'.TH TUI\\-AE 1 "" "{PROGRAM} {__version__}" "User Commands"',
        ".SH NAME",
        f"{roff(PROGRAM)} \\- {roff(PURPOSE[0].lower() + PURPOSE[1:].rstrip('.'))}",
        ".SH SYNOPSIS",
        f".B {roff(PROGRAM)}\n[\\fIOPTION\\fR ...]\n.br\n.B {roff(PROGRAM)}",
        "\\fICOMMAND\\fR [\\fIOPTION\\fR ...]",
        ".SH DESCRIPTION",
        roff(PURPOSE),
        "In the explorer, the key ? lists all keys.",
        ".SH OPTIONS",
    ]
    lines += _options(parser)
    lines.append(".SH COMMANDS")
    for name in COMMANDS:
        command = command_parser(name, added[name])
        lines += [f".SS {roff(f'{PROGRAM} {name}')}", roff(str(command.description))]
        lines += _options(command, repeated=False)
        if command.epilog:
            lines += [".P", ".nf", *map(roff, command.epilog.rstrip().splitlines()), ".fi"]
    examples = EXAMPLES.split("\n\n", 1)[0].splitlines()[1:]
    lines += [".SH EXAMPLES", ".nf", *map(roff, examples), ".fi"]
    return "\n".join(lines) + f"\n{SECTIONS}"


def _options(parser: argparse.ArgumentParser, *, repeated: bool = True) -> Iterator[str]:
    """The options of a parser by their groups.

    Args:
        parser: Has them.
        repeated: Whether those groups are listed, too, that several commands share.
    """
    shared = {group.title for group in new_run_parser()._action_groups[2:]}
    left_out = []
    for group in parser._action_groups:
        shown = [a for a in group._group_actions if a.help != argparse.SUPPRESS]
        if group.title in shared:
            if not repeated:
                left_out += [group.title] if shown else []
                continue
            yield f".SS {roff(str(group.title))}"
        for action in shown:
            if isinstance(action, argparse._HelpAction) and not repeated:
                continue
            yield f".TP\n{_head(action)}\n{roff(str(action.help))}"
    if left_out:
        names = ", ".join(str(title) for title in left_out)
        yield f".P\nIt also has the options for: {roff(names)}."


def _head(action: argparse.Action) -> str:
    """An option and its value, as a manual prints them."""
    value = value_of(action)
    if not action.option_strings:
        return f"\\fI{roff(value)}\\fR"
    names = ", ".join(f"\\fB{roff(option)}\\fR" for option in action.option_strings)
    return names if action.nargs == 0 else f"{names} \\fI{roff(value)}\\fR"


def value_of(action: argparse.Action) -> str:
    """What stands for the value of an option, or all of its values."""
    choices = action.choices or CHOICES.get(action.dest)
    if choices is not None:
        return "|".join(map(str, choices))
    return str(action.metavar or action.dest.upper())


def roff(text: str) -> str:
    """Text as troff takes it: no character of it is a command, or is shown as another one."""
    escaped = "".join(
        SIGNS.get(sign, sign if sign.isascii() else f"\\[u{ord(sign):04X}]") for sign in text
    )
    lines = escaped.split("\n")
    return "\n".join(f"\\&{line}" if line.startswith(".") else line for line in lines)
