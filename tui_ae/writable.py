"""Whether a file that the user named can be written, before hours of work go by."""

from __future__ import annotations

import os
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
    if path.is_dir():
        raise UserError(f"{option} {path}: this is a folder; give the name of a file in it.")
    folder = path.absolute().parent
    if not folder.is_dir():
        raise UserError(f"{option} {path}: the folder {folder} does not exist; create it first.")
    if not os.access(path if path.exists() and not replaced else folder, os.W_OK):
        raise UserError(f"{option} {path}: it can't be written there; choose another place.")
