"""docs/options.md, made from the options: python -m tui_ae.options_table > docs/options.md."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator

from tui_ae.described import value_of
from tui_ae.options import COMMANDS, TABLES, command_parser, configurable, new_run_parser
from tui_ae.preferences import PREFIX
from tui_ae.subcommands import TABLE

HEAD = """\
# Options

Made by `python -m tui_ae.options_table > docs/options.md` from the options themselves.
What comes before what, and how a file looks: [configuration.md](configuration.md).
"""


def markdown() -> str:
    """All options of all commands, as Markdown."""
    return "\n".join([HEAD, *_new_run(), *_commands()])


def _new_run() -> Iterator[str]:
    """A table for each group of options, with their names in a file and in the environment."""
    parser = new_run_parser()
    homes = {
        action.option_strings[0]: table
        for table, actions in configurable(parser).items()
        for action in actions
    }
    for group in parser._action_groups:
        shown = _shown(group._group_actions)
        if not shown:
            continue
        title = str(group.title)
        yield f"## {title[0].upper()}{title[1:]}\n"
        yield "| option | in the file | in the environment | what it is |"
        yield "| --- | --- | --- | --- |"
        for action in shown:
            option = action.option_strings[-1]
            key, variable = "", ""
            if option in homes:
                key = f"`[{homes[option]}]` `{option.removeprefix('--')}`"
                variable = f"`{PREFIX}{option.removeprefix('--').replace('-', '_').upper()}`"
            yield f"| {_usage(action)} | {key} | {variable} | {_cell(action)} |"
        yield ""


def _commands() -> Iterator[str]:
    """For each command a table of its own options, and the groups that it shares with others."""
    titles = {title: table for table, title in TABLES.items()}
    for name in COMMANDS:
        parser = command_parser(name, TABLE[name].add)
        yield f"## tui-ae {name}\n\n{parser.description}\n"
        own, shared = [], []
        for group in parser._action_groups:
            shown = _shown(group._group_actions)
            if group.title in titles or group.title == "without a screen":
                shared.append(str(group.title))
            else:
                own += [a for a in shown if not isinstance(a, argparse._HelpAction)]
        if own:
            yield "| option | what it is |\n| --- | --- |"
            yield from (f"| {_usage(action)} | {_cell(action)} |" for action in own)
            yield ""
        if shared:
            yield f"Also the options for: {', '.join(shared)}.\n"


def _shown(actions: Iterable[argparse.Action]) -> list[argparse.Action]:
    return [action for action in actions if action.help != argparse.SUPPRESS]


def _usage(action: argparse.Action) -> str:
    """What to type."""
    value = "" if action.option_strings and action.nargs == 0 else value_of(action)
    names = ", ".join(action.option_strings)
    return f"`{f'{names} {value}'.strip()}`".replace("|", "\\|")


def _cell(action: argparse.Action) -> str:
    return str(action.help).replace("|", "\\|")


if __name__ == "__main__":
    sys.stdout.write(markdown())
