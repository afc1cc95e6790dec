"""Which kept runs go, and how one goes without taking anything else with it."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Sequence
from pathlib import Path

from tui_ae.errors import UserError
from tui_ae.run.folder import EPOCH, FILES, PART, RunFolder
from tui_ae.run.kept_runs import find, kept_runs, saved_at

DAY_S = 86_400


def chosen_runs(
    names: Sequence[str], keep: int | None = None, older_than_days: float | None = None
) -> list[RunFolder]:
    """The runs that a person wants to be rid of, those saved last first.

    Args:
        names: Folders, or beginnings of ids; of none all in the folder for runs are meant, but for
            links and for what can't be read as a run.
        keep: So many of all runs, those that were saved last, are not among them.
        older_than_days: Only those that were not saved for so long are.

    Raises:
        UserError: a name is that of no run, of several, or of a link.
    """
    kept = [folder for folder in kept_runs(elsewhere=False) if _is_run(folder)]
    spared = {_place(folder) for folder in kept[: keep or 0]}
    named = {_place(folder): folder for folder in map(_named, names)}
    found = list(named.values()) if names else kept
    if older_than_days is not None:
        newest = time.time() - older_than_days * DAY_S
        found = [folder for folder in found if saved_at(folder.path) < newest]
    return [folder for folder in found if _place(folder) not in spared]


def _named(name: str) -> RunFolder:
    folder = find(name)
    _check_run(folder)
    return folder


def _check_run(folder: RunFolder) -> None:
    """Make sure that a folder is one, and holds what can be read as a run.

    Raises:
        UserError: it is a link, or doesn't.
    """
    if folder.path.is_symlink():
        raise UserError(
            f"{folder.path}: this is a link to a folder; name the folder itself, or remove the "
            "link by hand."
        )
    folder.info()
    folder.last_losses()


def _is_run(folder: RunFolder) -> bool:
    try:
        _check_run(folder)
    except UserError:
        return False
    return True


def _place(folder: RunFolder) -> Path:
    return folder.path.resolve()


def remove(folder: RunFolder) -> tuple[str, ...]:
    """Remove the files of a run, and its folder if nothing else is in it.

    Returns:
        What else is in it.

    Raises:
        UserError: it holds no run, a program writes it, it is a link, or the disk refuses.
    """
    _check_run(folder)
    path = folder.path.absolute()
    try:
        # From here on it is this very folder, whatever its name comes to mean.
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            if not folder.lock():
                raise UserError(f"{folder.path}: a program is writing this run; it is left alone.")
            parts = [name for name in _names(descriptor) if PART.fullmatch(name)]
            # Until the last of these is gone it is a run, so that another try finds it.
            epochs = [name for name in _names(descriptor) if EPOCH.fullmatch(name)]
            for name in (*parts, *epochs, *FILES):
                _unlink(name, descriptor)
            left = tuple(_names(descriptor))
        finally:
            folder.unlock()
            os.close(descriptor)
        if not left:
            path.rmdir()
    except OSError as error:
        raise UserError(
            f"{folder.path}: could not be removed completely ({error.strerror})."
        ) from error
    return left


def _names(folder: int) -> list[str]:
    return sorted(os.listdir(folder))


def _unlink(name: str, folder: int) -> None:
    """Remove a file, or a link itself; a folder of that name, which is no file of a run, stays."""
    # Systems differ in what they say of a folder.
    with contextlib.suppress(FileNotFoundError, IsADirectoryError):
        try:
            os.unlink(name, dir_fd=folder)
        except PermissionError:
            if not _is_folder(name, folder):
                raise


def _is_folder(name: str, folder: int) -> bool:
    try:
        os.close(os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder))
    except OSError:
        return False
    return True
