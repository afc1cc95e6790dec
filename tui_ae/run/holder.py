"""Who writes a run, as the lock file tells other programs, and how it is asked to let go."""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui_ae.streams import printable

if TYPE_CHECKING:
    from tui_ae.run.folder import RunFolder

MAX_BYTES = 4096
LOOK_S = 0.05


@dataclass(frozen=True, slots=True)
class Holder:
    """The program that holds the lock of a run, by its own account."""

    host: str
    """The name of its machine."""
    process: int
    """Its number there."""
    alone: bool = False
    """Whether it goes on although its terminal is gone."""

    @property
    def is_here(self) -> bool:
        """Whether it is, or was, on this machine."""
        return self.host == os.uname().nodename

    @property
    def runs(self) -> bool:
        """Whether a process of this number is on this machine."""
        try:
            os.kill(self.process, 0)
        except PermissionError:
            return True
        except (ProcessLookupError, OverflowError):
            return False
        return self.process > 0

    @property
    def words(self) -> str:
        """For a sentence."""
        return f"process {self.process} on {printable(self.host)}"


def this_process(*, alone: bool) -> Holder:
    """This one."""
    return Holder(os.uname().nodename, os.getpid(), alone)


def pack_holder(holder: Holder) -> bytes:
    """One line of JSON."""
    row = {"host": holder.host, "process": holder.process, "alone": holder.alone}
    return f"{json.dumps(row)}\n".encode()


def unpack_holder(content: bytes) -> Holder | None:
    """What `pack_holder` was given; None where that can't be told."""
    try:
        row = json.loads(content)
    except (ValueError, RecursionError):
        return None
    match row:
        case {"host": str(host), "process": int(process), "alone": bool(alone)}:
            return Holder(host, process, alone)
    return None


def release(folder: RunFolder, timeout_s: float) -> bool:
    """Ask whoever writes a run to save and end; whether it did so in time.

    Raises:
        OSError: the disk refused.
    """
    folder.ask_to_stop()
    end = time.monotonic() + timeout_s
    while folder.is_written():
        if time.monotonic() > end:
            # Nobody is to be stopped by it later.
            folder.forget_stop()
            return False
        time.sleep(LOOK_S)
    folder.forget_stop()
    return True
