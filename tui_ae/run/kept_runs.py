"""The runs that are kept, and which of them a person means."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

from tui_ae.errors import UserError
from tui_ae.files import open_plain, replace_file
from tui_ae.ownership import make_own
from tui_ae.run.folder import LOCK, RunFolder, describes_a_run
from tui_ae.run.manifest import NAME
from tui_ae.run.shelf import runs_folder

ELSEWHERE = "elsewhere.json"
"""The list, beside the folder for runs, of the folders that --run has named."""
MOST_ELSEWHERE = 1000
MAX_LIST_BYTES = 4_000_000


def check_new(path: Path) -> None:
    """Make sure that a run can begin in a folder that the person named.

    Raises:
        UserError: something is there already, or it can't be made.
    """
    try:
        if describes_a_run(path):
            raise UserError(
                f"--run {path}: there is a run already; go on with it by tui-ae resume {path}, "
                "or name another folder."
            )
        if path.is_dir() and any(path.iterdir()):
            raise UserError(f"--run {path}: this folder is not empty; name a new one.")
        if path.exists() and not path.is_dir():
            raise UserError(f"--run {path}: this is a file; name a folder.")
        if path.exists() and path.stat().st_uid != os.geteuid():
            raise UserError(f"--run {path}: this folder is another user's; name one of your own.")
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"--run {path}: {error.strerror}; name another folder.") from error
    if not os.access(path, os.W_OK | os.X_OK):
        raise UserError(f"--run {path}: it can't be written there; name another folder.")


def find(name: str | None) -> RunFolder:
    """The run that a person means.

    Args:
        name: A folder, or the beginning of an id; None means the one that was saved last.

    Raises:
        UserError: there is none of that name, or several.
    """
    if name is not None and describes_a_run(Path(name)):
        return RunFolder(Path(name))
    if name is not None and (os.sep in name or name in (".", "..") or os.path.lexists(name)):
        if Path(name).is_dir() and not os.access(name, os.R_OK | os.X_OK):
            raise UserError(f"{name}: this folder can't be looked into; it is its owner's alone.")
        raise UserError(
            f"{name}: this is not the folder of a run (there is no {NAME} in it); "
            "tui-ae runs lists those there are."
        )
    kept = list(kept_runs())
    if name is None:
        if not kept:
            raise UserError("there are no runs yet; tui-ae begins one.")
        return kept[0]
    found = [folder for folder in kept if _is_called(folder, name)]
    if len(found) != 1:
        many = f"{len(found)} runs begin with that" if found else "there is no such run"
        raise UserError(f"{name}: {many}; tui-ae runs lists those there are.")
    return found[0]


def kept_runs(*, elsewhere: bool = True) -> Iterator[RunFolder]:
    """The runs that were kept, those that were saved last first.

    Args:
        elsewhere: Whether those count that --run has put beside the folder for runs.
    """
    paths: list[Path] = []
    with contextlib.suppress(OSError):
        paths = [path for path in runs_folder().iterdir() if describes_a_run(path)]
    if elsewhere:
        known = {path.resolve() for path in paths}
        paths += [path for path in _elsewhere() if path.resolve() not in known]
    for path in sorted(paths, key=saved_at, reverse=True):
        yield RunFolder(path)


def note_elsewhere(path: Path) -> None:
    """Remember that a run is kept in a folder that the person named; a refusal is no trouble."""
    folder = runs_folder().parent
    paths = [str(known) for known in _elsewhere() if known != path.absolute()]
    paths.append(str(path.absolute()))
    with contextlib.suppress(OSError, UnicodeEncodeError):
        make_own(folder)
        content = json.dumps(paths[-MOST_ELSEWHERE:]).encode()
        replace_file(folder / ELSEWHERE, content)


def _elsewhere() -> list[Path]:
    """The folders that were named and hold a run still; a list that makes no sense is empty."""
    try:
        with open_plain(runs_folder().parent / ELSEWHERE) as file:
            paths = json.loads(file.read(MAX_LIST_BYTES))
        if not isinstance(paths, list):
            return []
        named = [Path(path) for path in paths if isinstance(path, str) and "\0" not in path]
        return [path for path in named if describes_a_run(path)]
    except (OSError, ValueError, RecursionError):
        return []


def _is_called(folder: RunFolder, beginning: str) -> bool:
    """Whether a run's folder begins so; of one in a folder that was named, also its id."""
    if folder.path.name.startswith(beginning):
        return True
    if folder.path.parent == runs_folder():
        return False
    try:
        return folder.info().id.startswith(beginning)
    except UserError:
        return False


def saved_at(path: Path) -> float:
    """When a file in a folder was written last, in seconds of the system's clock.

    0 where one may not look. The lock, which whoever writes gives a new time, doesn't count, nor a
    file that is just going.
    """
    newest = 0.0
    with contextlib.suppress(OSError):
        for entry in path.iterdir():
            if entry.name == LOCK:
                continue
            with contextlib.suppress(FileNotFoundError):
                newest = max(newest, entry.lstat().st_mtime)
    return newest
