"""tui-ae config: where the configuration file is, what holds, and a file to begin with."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tui_ae.errors import UserError
from tui_ae.options import configurable, new_run_parser
from tui_ae.ownership import make_own
from tui_ae.preferences import KEYS, PREFIX, Preference, config_path, preferences
from tui_ae.streams import printable

if TYPE_CHECKING:
    from tui_ae.ui.actions import Action

EXAMPLES: dict[str, object] = {
    "data": "fashion-mnist",
    "held_out": 0.1,
    "batch_size": 256,
    "lr": 0.001,
    "hidden": [128, 32],
    "objective": "bce",
    "log": "frames.log",
}
"""What a file to begin with shows for options that have no default of their own."""
HEAD = """\
## What tui-ae does where neither the command line nor a variable of the environment, such as
## {variable}, says otherwise. Take away the # before a line to make it hold.
"""
ABOUT_KEYS = """\
## What keys do, by actions; of each that is given here, all keys, separated by commas.
"""


def add_config_options(parser: argparse.ArgumentParser) -> None:
    """What is to be done with the configuration."""
    parser.add_argument(
        "what",
        choices=("path", "show", "init"),
        help="path: print where the file is, there or not; show: print each option, its value and "
        "where that comes from; init: write a file with all options and their defaults",
    )
    parser.add_argument("--json", action="store_true", help="show one JSON object an option")


def configure(options: argparse.Namespace) -> int:
    """Do it; returns the exit code.

    Raises:
        UserError: the file is not as it has to be, is there already, or can't be written.
    """
    path = config_path()
    if options.what == "path":
        print(printable(path))  # noqa: T201 - the command's output
    elif options.what == "init":
        _begin(path)
        print(printable(f"Wrote {path}."))  # noqa: T201
    else:
        _show(as_json=options.json)
    return 0


def _show(*, as_json: bool) -> None:
    known = configurable(new_run_parser())
    preferred = preferences(known)
    rows = [
        (table, action.dest, preferred.get(action.dest, Preference(action.default, "default", "")))
        for table, actions in known.items()
        for action in actions
        if action.help != argparse.SUPPRESS
    ]
    rows += _rows_of_keys(preferred.get(KEYS))
    for table, name, preference in rows:
        value = _plain(preference.value)
        if as_json:
            row = {"table": table, "option": name, "value": value, "source": preference.source}
            print(json.dumps(row))  # noqa: T201
            continue
        key = f"{table}.{name}".replace("_", "-")
        # Where nothing is chosen, something else decides, as the help says of each option.
        text = "-" if value is None else _toml(value)
        print(printable(f"{key:<22} {text:<18} {preference.source}"))  # noqa: T201


def _rows_of_keys(preferred: Preference | None) -> list[tuple[str, str, Preference]]:
    """All actions with their keys, those that the person has or else those they have anyway."""
    changed: Mapping[str, str] = {}
    if preferred is not None and isinstance(preferred.value, dict):
        changed = preferred.value
    return [
        (
            KEYS,
            item.id,
            replace(preferred, value=changed[item.id], source=preferred.parts[item.id])
            if preferred is not None and item.id in changed
            else Preference(", ".join(item.keys), "default", ""),
        )
        for item in _actions()
    ]


def _actions() -> tuple[Action, ...]:
    """All that keys do; their table needs Textual, which takes a while to import."""
    from tui_ae.ui.actions import ACTIONS

    return tuple(ACTIONS)


def _begin(path: Path) -> None:
    """Write a file with all options, each as a comment.

    Raises:
        UserError: there is one, or it can't be written.
    """
    try:
        make_own(path.parent)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "w", encoding="utf-8") as file:  # noqa: PTH123 - opened already
            file.write(template())
    except FileExistsError as error:
        raise UserError(f"{path}: there is one already; edit it, or move it away first.") from error
    except OSError as error:
        raise UserError(f"{path}: can't be written ({error.strerror}).") from error


def template() -> str:
    """A configuration file of comments: each option with its help and its default."""
    lines = [HEAD.format(variable=f"{PREFIX}THEME=light"), "\n"]
    for table, actions in configurable(new_run_parser()).items():
        lines.append(f"[{table}]\n")
        for action in actions:
            if action.help != argparse.SUPPRESS:
                default = EXAMPLES[action.dest] if action.default is None else action.default
                key = action.dest.replace("_", "-")
                lines.append(f"## {_about(action)}\n# {key} = {_toml(default)}\n")
        lines.append("\n")
    lines.append(f"[{KEYS}]\n{ABOUT_KEYS}")
    lines += [
        f"## {item.help}\n# {item.id} = {_toml(', '.join(item.keys))}\n" for item in _actions()
    ]
    return "".join(lines)


def _about(action: argparse.Action) -> str:
    """What the file says of an option."""
    said = str(action.help)
    if isinstance(action, argparse._StoreConstAction) and not action.const:
        return f"false: {said}"
    return said


def _plain(value: object) -> object:
    """A value as JSON has it."""
    if isinstance(value, Path):
        return str(value)
    return list(value) if isinstance(value, tuple) else value


def _toml(value: object) -> str:
    """A value as TOML has it, which is as JSON has it."""
    return json.dumps(value, ensure_ascii=False)
