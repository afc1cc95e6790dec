"""What a person prefers: options from the configuration file and from the environment.

The command line goes before the environment, and that before the file.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from tui_ae.errors import UserError
from tui_ae.options import TABLES, configurable, hidden_widths, new_run_parser
from tui_ae.ownership import is_foreign, others_write
from tui_ae.repeat import flag
from tui_ae.streams import brief, printable

NAME = "config.toml"
MAX_BYTES = 1 << 18
"""Twenty times what tui-ae config init writes."""
PREFIX = "TUI_AE_"
KEYS = "keys"
"""The table of keys that do something else than usual."""
TRUTHS = {"1": True, "true": True, "yes": True, "on": True} | {
    "0": False,
    "false": False,
    "no": False,
    "off": False,
}
ALONE = "--no-config"
ASKS = ("-h", "--help", "--version")
"""Words that are answered whatever the configuration says."""


@dataclass(frozen=True, slots=True)
class Preference:
    """A value of an option."""

    value: object
    source: str
    """Where it comes from: 'PATH, line 3' or 'TUI_AE_SEED'."""
    name: str
    """What a sentence calls it: 'PATH, line 3: seed' or 'TUI_AE_SEED'."""
    parts: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Where each part of it comes from, as `source`: of keys those of each action."""


def config_path() -> Path:
    """The configuration file; it may not be there."""
    from platformdirs import user_config_path

    return user_config_path("tui_ae", appauthor=False) / NAME


def read_options(
    parser: argparse.ArgumentParser, words: list[str], options: argparse.Namespace
) -> None:
    """Fill `options` from the words, and where these leave something open from what is preferred.

    They also get `preferences`, those that hold, by the options' names, and `configured`, whether a
    new run has other settings than usual where no word says otherwise.

    Raises:
        UserError: the words make no sense, or the configuration doesn't.
    """
    preferred: dict[str, Preference] = {}
    options.configured = ALONE in words
    tables = configurable(parser)
    if tables and not {ALONE, *ASKS} & set(words):
        known = configurable(new_run_parser())
        preferred = preferences(known)
        settings = {a.dest for table in ("training", "network") for a in known[table]}
        options.configured = not settings.isdisjoint(preferred)
        names = {action.dest for actions in tables.values() for action in actions} | {KEYS}
        preferred = {name: made for name, made in preferred.items() if name in names}
    parser.set_defaults(**{name: preference.value for name, preference in preferred.items()})
    parser.parse_args(words, options)
    typed = {
        action.dest
        for action in parser._actions
        for option in action.option_strings
        if any(word == option or word.startswith(f"{option}=") for word in words)
    }
    options.preferences = {
        name: preference for name, preference in preferred.items() if name not in typed
    }


def asked_by(options: argparse.Namespace, setting: str) -> str:
    """What a sentence calls a setting: the word that the person gave it by."""
    option = flag(setting)
    known: dict[str, Preference] = getattr(options, "preferences", {})
    preference = known.get(option.removeprefix("--").replace("-", "_"))
    return option if preference is None else preference.name


def preferences(
    tables: Mapping[str, list[argparse.Action]], environment: Mapping[str, str] = os.environ
) -> dict[str, Preference]:
    """What is preferred for the options of these tables, by their names.

    Raises:
        UserError: the file can't be read, or it or the environment says something unknown.
    """
    path = config_path()
    found = read_file(path, tables) if os.path.lexists(path) else {}
    for actions in tables.values():
        for action in actions:
            for option in action.option_strings:
                variable = PREFIX + option.removeprefix("--").replace("-", "_").upper()
                text = environment.get(variable)
                if text:
                    value = _from_text(action, text, variable)
                    found[action.dest] = Preference(value, variable, variable)
    return found


def read_file(path: Path, known: Mapping[str, list[argparse.Action]]) -> dict[str, Preference]:
    """What a configuration file says, by the options' names.

    Raises:
        UserError: it can't be read, is no TOML, or says something unknown.
    """
    from tui_ae.toml_file import TomlError, lines_of, read_toml

    try:
        _check_own(path)
        text, tables = read_toml(path, MAX_BYTES)
    except OSError as error:
        raise UserError(f"{path}: can't be read ({error.strerror}).") from error
    except TomlError as error:
        raise UserError(
            printable(
                f"{path}: {error}; correct it, or move it away and begin one by tui-ae config init."
            )
        ) from error
    return _File(path, lines_of(text), known).read(tables)


def _check_own(path: Path) -> None:
    """Make sure that nobody else chooses by the file what the program does, and where it writes.

    Raises:
        OSError: it can't be looked at.
        UserError: somebody else can.
    """
    for place in (path, path.parent):
        about = place.stat()
        if why := others_write(about):
            yours = "have one of your own" if is_foreign(about) else f"chmod go-w {place} helps"
            raise UserError(
                printable(f"{place}: {why}, so it is not followed; {yours}, or give {ALONE}.")
            )


class _File:
    """Takes the options out of the tables of a file, and knows their lines."""

    def __init__(
        self,
        path: Path,
        lines: Mapping[tuple[str, ...], int],
        known: Mapping[str, list[argparse.Action]],
    ) -> None:
        self._path = path
        self._lines = lines
        self._known = known

    def read(self, tables: Mapping[str, Any]) -> dict[str, Preference]:
        found: dict[str, Preference] = {}
        for table, content in tables.items():
            if table not in (*TABLES, KEYS) or not isinstance(content, dict):
                raise self._refusal(table, "", self._unknown_table(table))
            if table == KEYS:
                if content:
                    found[KEYS] = self._keys(content)
                continue
            for key, value in content.items():
                action = self._action(table, key)
                if action.dest in found:
                    raise self._refusal(table, key, f"{key}: this option was given before.")
                where = self._where(table, key)
                try:
                    made = _from_toml(action, key, value)
                except ValueError as error:
                    raise self._refusal(
                        table, key, f"{brief(key)} = {brief(repr(value))}: {error}."
                    ) from error
                found[action.dest] = Preference(made, where, f"{where}: {key}")
        return found

    def _keys(self, content: Mapping[str, Any]) -> Preference:
        for action, keys in content.items():
            if not isinstance(keys, str):
                wanted = 'give the keys as text, such as train = "space, T"'
                raise self._refusal(KEYS, action, f"{brief(action)}: {wanted}.")
        where = self._where(KEYS)
        parts = {action: self._where(KEYS, action) for action in content}
        return Preference(dict(content), where, f"{where}: {KEYS}", parts)

    def _action(self, table: str, key: str) -> argparse.Action:
        option = f"--{key.replace('_', '-')}"
        for action in self._known[table]:
            if option in action.option_strings:
                return action
        homes = [
            name
            for name, actions in self._known.items()
            if any(option in action.option_strings for action in actions)
        ]
        if homes:
            said = f"it belongs into the table [{homes[0]}]"
        else:
            said = f"choose one of {', '.join(_shown(self._known[table]))}"
        raise self._refusal(table, key, f"there is no option {brief(key)} in [{table}]; {said}.")

    def _unknown_table(self, table: str) -> str:
        names = ", ".join(f"[{name}]" for name in (*TABLES, KEYS))
        return f"{brief(table)}: options stand in one of the tables {names}."

    def _where(self, *names: str) -> str:
        """What gives a table, or a key of it."""
        return f"{self._path}, line {self._lines[names]}"

    def _refusal(self, table: str, key: str, sentence: str) -> UserError:
        where = self._where(table, key) if key else self._where(table)
        return UserError(printable(f"{where}: {sentence}"))


def _shown(actions: list[argparse.Action]) -> list[str]:
    """The names of the options that the help lists."""
    return [
        action.option_strings[0].removeprefix("--")
        for action in actions
        if action.help != argparse.SUPPRESS
    ]


def _from_toml(action: argparse.Action, key: str, value: object) -> object:
    """A value of TOML as the option has it.

    Raises:
        ValueError: it is of another type; says which is wanted.
    """
    if isinstance(action, argparse._StoreConstAction):
        if not isinstance(value, bool):
            raise ValueError("give true or false")
        return value == bool(action.const)
    if action.type is int:
        if type(value) is not int:
            raise ValueError("give a whole number")
        return value
    if action.type is float:
        if type(value) not in (int, float):
            raise ValueError("give a number")
        return float(str(value))
    if action.type is hidden_widths and isinstance(value, list):
        if not all(type(units) is int for units in value):
            raise ValueError("give whole numbers, such as [128, 32]")
        return tuple(value)
    if not isinstance(value, str):
        raise ValueError(f'give text in quotes, such as {key} = "{action.default or "…"}"')
    return _typed(action, value)


def _from_text(action: argparse.Action, text: str, variable: str) -> object:
    """The value of a variable of the environment as the option has it."""
    try:
        if not isinstance(action, argparse._StoreConstAction):
            return _typed(action, text)
        if text.lower() in TRUTHS:
            return TRUTHS[text.lower()] == bool(action.const)
    except ValueError as error:
        if action.type not in (int, float, hidden_widths):
            raise UserError(f"{variable}={brief(text)}: {error}.") from error
    kinds = {int: "a whole number", float: "a number", hidden_widths: "numbers such as 128,32"}
    wanted = kinds.get(action.type, "1 or 0")
    raise UserError(f"{variable}={brief(text)}: give {wanted}.")


def _typed(action: argparse.Action, text: str) -> object:
    """What the option makes of text; no shell has put the home folder for a tilde.

    Raises:
        ValueError: it can make nothing of it; says why.
    """
    if action.type in (None, int, float, hidden_widths):
        make: Any = action.type or str
        return make(text)
    make = action.type
    if "\0" in text:
        raise ValueError("a path has no NUL in it")
    try:
        return make(str(Path(text).expanduser()) if text.startswith("~") else text)
    except RuntimeError as error:
        raise ValueError("there is no such user; give the path of a folder or file") from error
