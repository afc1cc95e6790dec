"""Through which connection somebody reaches a process, told from /proc."""

from __future__ import annotations

import os
from enum import Enum
from pathlib import Path
from typing import NamedTuple

from tui_ae.link.ssh.sock_diag import Connection

PROC = Path("/proc")
MAX_ANCESTORS = 64


class Place(Enum):
    """Where a client is whose connection is not asked for."""

    NEAR = "near"
    """On this machine, or behind mosh, which paces itself."""
    UNSEEN = "unseen"
    """Somewhere else, through a connection that can't be told."""


class Stat(NamedTuple):
    """Of a line of /proc/PID/stat."""

    name: str
    parent: int
    terminal: tuple[int, int]
    """Major and minor number of the controlling terminal, (0, 0) for none."""


def stat_of(pid: int, proc: Path = PROC) -> Stat | None:
    """A process's name, parent and terminal; None where there is none."""
    try:
        text = (proc / str(pid) / "stat").read_text("utf-8", "replace")
        # The name may hold spaces and parentheses.
        head, _, tail = text.rpartition(")")
        fields = tail.split()
        number = int(fields[4])
        device = (number >> 8) & 0xFFF, (number & 0xFF) | ((number >> 12) & 0xFFF00)
        return Stat(head.partition("(")[2], int(fields[1]), device)
    except (OSError, ValueError, IndexError):
        return None


def environment_of(pid: int, proc: Path = PROC) -> dict[str, str] | None:
    """The environment that a process began with; None where it may not be read."""
    try:
        data = (proc / str(pid) / "environ").read_bytes()
    except OSError:
        return None
    pairs = (part.partition(b"=") for part in data.split(b"\0"))
    return {os.fsdecode(name): os.fsdecode(value) for name, _, value in pairs}


def place_of(pid: int, proc: Path = PROC) -> Connection | Place:
    """Where whoever sits before a process is.

    The environment names the connection; whatever a login in between (su, sudo) has taken out of
    it, an ancestor's still has. But behind mosh or another multiplexer it names the wrong one.
    """
    found: Connection | None = None
    for _ in range(MAX_ANCESTORS):
        stat = stat_of(pid, proc)
        if stat is None:
            return found or Place.UNSEEN
        if stat.name.startswith("mosh-server"):
            return Place.NEAR
        if stat.name.startswith(("tmux: server", "screen")) and stat.terminal == (0, 0):
            return Place.UNSEEN
        if stat.name.startswith("sshd"):
            return found or Place.UNSEEN
        if found is None and (environment := environment_of(pid, proc)):
            found = Connection.parse(environment.get("SSH_CONNECTION", ""))
        pid = stat.parent
        if pid <= 1:
            break
    # A connection that was left long ago is not found by the kernel, which `clients.py` looks at.
    return found or Place.NEAR
