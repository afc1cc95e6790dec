"""run.toml: which run a folder holds, readable by people and by other programs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from tui_ae.config import Settings, is_named
from tui_ae.errors import UserError
from tui_ae.files import replace_file
from tui_ae.run.fingerprint import Fingerprint
from tui_ae.run.info import RunInfo
from tui_ae.streams import brief
from tui_ae.toml_file import TomlError, read_toml

FORMAT = "tui_ae run"
VERSION = 1
NAME = "run.toml"
MAX_BYTES = 1 << 16
"""A hundred times what is written."""
MAX_ID = 200
NAMES = ("str", "LabelChoice", "NetworkKind", "ObjectiveName | None")
"""The types of settings that are one of several names."""


def write_manifest(folder: Path, info: RunInfo) -> None:
    """Say what a folder holds.

    Raises:
        OSError: the disk refused.
    """
    import tomli_w

    replace_file(folder / NAME, tomli_w.dumps(to_table(info)).encode(), mode=None)


def to_table(info: RunInfo) -> dict[str, Any]:
    """What run.toml says of a run."""
    settings = {
        field.name: _plain(value)
        for field in fields(Settings)
        if (value := getattr(info.settings, field.name)) is not None
    }
    table: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "id": info.id,
        "data": info.data,
        **({"processes": info.processes} if info.processes > 1 else {}),
        "settings": settings,
        "versions": dict(info.versions),
    }
    if (seen := info.fingerprint) is not None:
        table["fingerprint"] = {
            field.name: _plain(getattr(seen, field.name)) for field in fields(Fingerprint)
        }
    return table


def _plain(value: object) -> object:
    """A value as TOML has it."""
    if isinstance(value, Path) and is_named(value):
        return str(value)
    if isinstance(value, Path):
        # Read from another folder, a relative path would name another file.
        return str(value.absolute())
    return list(value) if isinstance(value, tuple) else value


def read_manifest(folder: Path) -> RunInfo:
    """What run.toml in a folder says.

    Raises:
        UserError: the folder holds no run, or one that this program can't read.
    """
    path = folder / NAME
    try:
        _, table = read_toml(path, MAX_BYTES)
    except OSError as error:
        raise UserError(
            f"{folder}: this folder holds no run (no {NAME} can be read in it); "
            "tui-ae runs lists those there are."
        ) from error
    except TomlError as error:
        raise UserError(f"{path}: {error}, so this describes no run.") from error
    return from_table(table, path)


def from_table(table: Mapping[str, Any], path: Path) -> RunInfo:
    """The run that `to_table` describes; `path` is what errors name.

    Raises:
        UserError: something is missing or wrong.
    """
    if table.get("format") != FORMAT:
        raise UserError(f"{path}: this describes no run of tui_ae.")
    if table.get("version") != VERSION:
        version = brief(repr(table.get("version")))
        raise UserError(f"{path}: format {version} of a newer program; this one reads {VERSION}.")
    values = table.get("settings")
    id_, data = table.get("id"), table.get("data", "")
    if not isinstance(values, dict) or not isinstance(id_, str) or not isinstance(data, str):
        raise UserError(f"{path}: id, data or settings are missing.")
    versions = table.get("versions", {})
    if not isinstance(versions, dict) or len(id_) > MAX_ID:
        raise UserError(f"{path}: id or versions make no sense.")
    processes = table.get("processes", 1)
    if type(processes) is not int or processes < 1:
        raise UserError(f"{path}: processes = {brief(repr(processes))} makes no sense.")
    settings = settings_from(values, path)
    named = tuple((str(name), str(version)) for name, version in versions.items())
    seen = _fingerprint(table.get("fingerprint"), path)
    return RunInfo(id_, settings, data, named, seen, processes)


def _fingerprint(table: object, path: Path) -> Fingerprint | None:
    """What `to_table` says of the images; None where it says nothing.

    Raises:
        UserError: it makes no sense.
    """
    match table:
        case None:
            return None
        case {
            "images": int(images),
            "held_out": int(held_out),
            "pixels": [*pixels],
            "labels": str(labels),
        } if all(type(number) in (int, float) for number in pixels):
            return Fingerprint(images, held_out, tuple(float(number) for number in pixels), labels)
    raise UserError(f"{path}: fingerprint makes no sense.")


def settings_from(values: Mapping[str, Any], path: Path) -> Settings:
    """Settings from a table of TOML.

    Raises:
        UserError: a name is not known, or a value can't be.
    """
    known = {field.name: str(field.type) for field in fields(Settings)}
    made: dict[str, Any] = {}
    for name, value in values.items():
        if name not in known:
            raise UserError(f"{path}: there is no setting {brief(repr(name))}.")
        made[name] = _typed(name, value, known[name], path)
    try:
        return Settings(**made)
    except UserError as error:
        raise UserError(f"{path}: {error}") from error


def _typed(name: str, value: Any, wanted: str, path: Path) -> Any:
    """A value of TOML as the field of Settings called `name` has it."""
    if name == "data" and isinstance(value, str):
        return Path(value)
    if name == "hidden" and isinstance(value, list):
        if all(type(units) is int for units in value):
            return tuple(value)
    elif wanted.startswith("int") and type(value) is int:
        return value
    elif wanted.startswith("float") and type(value) in (int, float):
        return float(value)
    elif isinstance(value, str) and wanted in NAMES:
        return value
    raise UserError(f"{path}: {name} = {brief(repr(value))} makes no sense.")
