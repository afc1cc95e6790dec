"""Whether a file that the user named can be written, before hours of work go by."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from tui_ae.errors import UserError


def check_writable(option: str, path: Path, *, replaced: bool = False) -> None:
    """Make sure that the file `path`, given with `option`, can be written.

    Args:
        option: What the sentence begins with, such as '--log'.
        path: The file, there or not.
        replaced: Whether a new file takes the place of an older one, which needs only its folder.

    Raises:
        UserError: it can't.
    """
    try:
        refusal = _refusal(path, replaced)
    except OSError as error:
        refusal = f"it can't be written there ({error.strerror}); choose another place."
    if refusal:
        raise UserError(f"{option} {path}: {refusal}")


def _refusal(path: Path, replaced: bool) -> str | None:
    """What stands against writing the file; OSError where the path itself can't be looked at."""
    mode = _mode(path)
    if mode is not None and stat.S_ISDIR(mode):
        return "this is a folder; give the name of a file in it."
    folder = path.absolute().parent
    if not folder.is_dir():
        return f"the folder {folder} does not exist; create it first."
    if not os.access(folder if mode is None or replaced else path, os.W_OK):
        return "it can't be written there; choose another place."
    return None


def _mode(path: Path) -> int | None:
    """The kind of what lies at a path; None where nothing does."""
    try:
        return path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return None
