"""How much memory this process may use: the machine's, or what its container is allowed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

CGROUPS = Path("/sys/fs/cgroup")
"""Where Linux shows the limits of groups of processes."""
OWN_GROUPS = Path("/proc/self/cgroup")
"""A line `number:controllers:path` for each hierarchy; version 2 has no controllers there."""


def memory_bytes(groups: Path = CGROUPS, own: Path = OWN_GROUPS) -> int:
    """The machine's memory, or the lowest limit that a cgroup sets to this process.

    Whoever uses more is killed without a word.

    Args:
        groups: the folder of all groups.
        own: the file that names the groups of this process.
    """
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min([machine, *_limits(groups, own)])


def _limits(groups: Path, own: Path) -> Iterator[int]:
    """The limits of this process's groups and of the groups around them."""
    for line in _text(own).splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers and "memory" not in controllers.split(","):
            continue
        top = groups / "memory" if controllers else groups
        name = "memory.limit_in_bytes" if controllers else "memory.max"
        # Inside a container the path may be one that only the host knows: then the top is its own.
        group = top / path.strip("/")
        for folder in (group, *group.parents):
            limit = _text(folder / name).strip()
            if limit.isdecimal():
                yield int(limit)
            if folder == top:
                break


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""
