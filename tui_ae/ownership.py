"""Who else could change a person's own files and folders, and how that is kept from them."""

from __future__ import annotations

import contextlib
import grp
import os
import pwd
import stat
from pathlib import Path

OWNER_ONLY = 0o700


def make_own(folder: Path) -> None:
    """Make a folder and those above it that are missing, each for its owner alone.

    Raises:
        OSError: the disk refused, or something else is there.
    """
    try:
        folder.mkdir(OWNER_ONLY)
    except FileNotFoundError:
        make_own(folder.parent)
        folder.mkdir(OWNER_ONLY, exist_ok=True)
    except FileExistsError:
        if not folder.is_dir():
            raise


def keep_for_owner(folder: Path, *, readers: bool) -> str:
    """Take from others what they may do in a folder of this user, as far as the disk lets one.

    Args:
        folder: There or not.
        readers: Whether others may go on reading in it where they could.

    Returns:
        What a person has to know of it, in a sentence; '' where it is as it has to be.
    """
    kept = 0o755 if readers else OWNER_ONLY
    try:
        before = folder.stat()
        excess = stat.S_IMODE(before.st_mode) & ~kept & 0o077
        if excess and not is_foreign(before):
            with contextlib.suppress(OSError):
                folder.chmod(stat.S_IMODE(before.st_mode) & ~excess)
        why = others_write(folder.stat())
    except OSError:
        # Whoever is going to use it says why that can't be done.
        return ""
    if why:
        return f"{folder}: {why}; they can change what is kept there."
    could = "write" if others_write(before) else "look"
    if could == "look" and (readers or not excess):
        return ""
    mode = stat.S_IMODE(before.st_mode)
    return f"{folder}: others could {could} into this folder (mode {mode:04o}); now they can't."


def others_write(about: os.stat_result) -> str:
    """Why somebody else can change a file or what is in a folder; '' where nobody but root can.

    The group counts as others, but for the one of this user alone that many systems give to each.
    """
    if is_foreign(about):
        return "it belongs to another user"
    group = about.st_mode & stat.S_IWGRP and not _is_private(about.st_gid)
    if about.st_mode & stat.S_IWOTH or group:
        return "others can write there"
    return ""


def is_foreign(about: os.stat_result) -> bool:
    """Whether a file is neither this user's nor root's."""
    return about.st_uid not in (os.geteuid(), 0)


def _is_private(group_id: int) -> bool:
    """Whether a group is that of this user alone, by its name and members."""
    try:
        user, group = pwd.getpwuid(os.geteuid()), grp.getgrgid(group_id)
    except KeyError:
        return False
    own = group_id == user.pw_gid and group.gr_name == user.pw_name
    return own and set(group.gr_mem) <= {user.pw_name}
