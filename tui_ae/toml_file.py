"""TOML from outside: read with care, and the lines of what it says."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tui_ae.files import open_plain

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

MAX_DOTS = 200
"""On a line: the time and the memory that a key takes grow with the square of its parts."""
TOKEN = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*"{3,5}'
    r"|'''(?:[^']|'(?!''))*'{3,5}"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'"
    r"|\#[^\n]*"
    r"""|[^"'#\n\[\]{}]+"""
    r"|.",
    re.DOTALL,
)
"""Strings, comments, what lies between them, brackets and ends of lines."""


class TomlError(ValueError):
    """What a file is that can't be read; the rest of a sentence that begins with its path."""


def read_toml(path: Path, max_bytes: int) -> tuple[str, dict[str, Any]]:
    """The text of a file, with plain ends of lines, and what it says.

    A mark of the order of bytes at its beginning, as some editors write it, does not count.

    Raises:
        OSError: it can't be read, or is no plain file.
        TomlError: it is larger than `max_bytes`, takes too long, or is no TOML.
    """
    with open_plain(path) as file:
        content = file.read(max_bytes + 1)
    if len(content) > max_bytes:
        raise TomlError(f"larger than {max_bytes:,} bytes")
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise TomlError(f"no TOML (line {line} is not UTF-8)") from error
    for number, line_ in enumerate(text.split("\n"), 1):
        if line_.count(".") > MAX_DOTS:
            raise TomlError(f"line {number} has more than {MAX_DOTS} dots")
    try:
        # Behind the end of a line the parser can tell its number.
        return text, tomllib.loads(f"{text}\n")
    except RecursionError as error:
        raise TomlError("no TOML (too deep)") from error
    except ValueError as error:
        raise TomlError(f"no TOML ({error})") from error


def lines_of(text: str) -> dict[tuple[str, ...], int]:
    """The line, from 1, where each table, (name,), and each of its keys, (name, key), begins.

    Of what a file has at its top (`key = 1`, `table.key = 1`, `table = {key = 1}`) the same.

    Args:
        text: As `read_toml` gives it.
    """
    found: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    for number, statement in _statements(text):
        said = tomllib.loads(statement)
        paths = list(_paths(said))
        if statement.startswith("["):
            table = paths[-1]
        else:
            paths = [(*table, *path) for path in paths]
        for path in paths:
            found.setdefault(path[:2], number)
    return found


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """The line at which each begins, and the text up to its end, which may be lines later."""
    number, began, depth = 1, 0, 0
    parts: list[str] = []
    for match in TOKEN.finditer(f"{text}\n"):
        token = match[0]
        if token == "\n" and not depth:
            if parts:
                yield began, "".join(parts)
            parts = []
        elif parts or not (token.isspace() or token.startswith("#")):
            began = began if parts else number
            parts.append(token if parts else token.lstrip())
            depth += (token in "[{") - (token in "]}")
        number += token.count("\n")


def _paths(said: object) -> Iterator[tuple[str, ...]]:
    """The ways to all that is said, two names long at most, each after the ways to it."""
    if isinstance(said, dict):
        for name, inner in said.items():
            yield (name,)
            if isinstance(inner, dict):
                yield from ((name, key) for key in inner)
