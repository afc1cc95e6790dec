"""A way to the terminal that is the program's own."""

from __future__ import annotations

import os
import select
from pathlib import Path

FLAGS = os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC


def open_terminal(descriptor: int) -> int:
    """Open the terminal behind a file descriptor anew, for writing that never blocks.

    What the shell has given its programs is one open file for all of them: O_NONBLOCK set there
    would stay set for the shell. An open file of our own can have it, and then a terminal that
    takes nothing never holds a thread in the kernel, where nothing could be taken back.

    Returns:
        A new file descriptor; where the terminal can't be opened again, as in some containers, a
        duplicate that blocks.
    """
    try:
        # On Linux a name for whatever is open there, also where its own name can't be seen.
        own = f"/proc/self/fd/{descriptor}"
        return os.open(own if Path(own).exists() else os.ttyname(descriptor), FLAGS)
    except OSError:
        return os.dup(descriptor)


def is_gone(descriptor: int) -> bool:
    """Whether nobody is at the other end of a terminal any more."""
    state = select.poll()
    state.register(descriptor, 0)
    return any(event & (select.POLLHUP | select.POLLERR) for _, event in state.poll(0))
