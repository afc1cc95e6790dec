"""Who looks at this program's window of tmux or GNU screen, and through which connections."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tui_ae.link.ssh.processes import PROC, Place, place_of, stat_of
from tui_ae.link.ssh.sock_diag import Connection, Reading

TMUX_S = 1.0
"""The longest that tmux may take to answer."""
WINDOW, CLIENT = "#{window_id}", "#{client_pid} #{window_id}"


@dataclass(frozen=True, slots=True)
class Clients:
    """The clients that show this program's window."""

    connections: frozenset[Connection] = frozenset()
    """Those of which the kernel knows."""
    near: bool = False
    """Whether one of them needs no looking after."""
    unseen: bool = False
    """Whether one of them is far away, and nothing can be told of its connection."""


Look = Callable[[Connection], Reading | None]
Run = Callable[[list[str]], str]


def finder(environment: Mapping[str, str], look: Look) -> Callable[[], Clients] | None:
    """What finds the clients, None where the program is in no multiplexer."""
    if tmux := environment.get("TMUX"):
        pane = environment.get("TMUX_PANE", "")
        return lambda: clients_of(tmux_clients(tmux.rsplit(",", 2)[0], pane), look)
    if session := environment.get("STY"):
        return lambda: clients_of(screen_clients(session), look)
    return None


def clients_of(pids: Iterable[int] | None, look: Look, proc: Path = PROC) -> Clients:
    """The clients with these numbers of processes; None where nobody knows them."""
    if pids is None or sys.platform != "linux":
        return Clients(unseen=True)
    places = {place_of(pid, proc) for pid in pids}
    connections = {place for place in places if isinstance(place, Connection)}
    known = frozenset(each for each in connections if look(each) is not None)
    return Clients(
        known, Place.NEAR in places, Place.UNSEEN in places or len(known) < len(connections)
    )


def _run(command: list[str]) -> str:
    return subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        timeout=TMUX_S,
        check=True,
        text=True,
        errors="replace",
    ).stdout


def tmux_clients(socket: str, pane: str, run: Run = _run) -> list[int] | None:
    """The processes of those clients of tmux that show the pane's window; None if it won't say."""
    command = ["tmux", "-S", socket, "display-message", "-p", "-t", pane, WINDOW, ";"]
    try:
        window, *lines = run([*command, "list-clients", "-F", CLIENT]).split("\n")
        pairs = [line.split() for line in lines if line]
        return [int(pid) for pid, shown in pairs if shown == window]
    except (OSError, ValueError, subprocess.SubprocessError):
        return None


def screen_clients(session: str, proc: Path = PROC) -> list[int] | None:
    """The processes that are attached to a session of GNU screen.

    screen says nowhere who they are. They are named as it is and have a terminal, which the
    server has opened too; where its open files may not be read they are taken for attached to it.
    """
    number = session.partition(".")[0]
    if not number.isdigit() or stat_of(int(number), proc) is None:
        return None
    opened = _terminals(proc / number / "fd")
    found = []
    for folder in proc.iterdir():
        if not folder.name.isdigit() or folder.name == number:
            continue
        stat = stat_of(int(folder.name), proc)
        if stat is None or stat.name != "screen" or stat.terminal == (0, 0):
            continue
        if opened is None or stat.terminal in opened:
            found.append(int(folder.name))
    return found


def _terminals(folder: Path) -> set[tuple[int, int]] | None:
    """Major and minor numbers of the open devices; None where they may not be read."""
    found = set()
    try:
        for entry in folder.iterdir():
            try:
                device = entry.stat().st_rdev
            except OSError:
                continue
            if device:
                found.add((os.major(device), os.minor(device)))
    except OSError:
        return None
    return found
