"""Lines on the standard streams, which may be gone before the work is done."""

from __future__ import annotations

import os
from typing import TextIO


def printable(text: object) -> str:
    """The text with control characters replaced: a file's name must not steer the terminal."""
    return "".join(c if c.isprintable() else "?" for c in str(text))


def say(sentence: str, err: TextIO | None) -> None:
    """Print a sentence of the command's own on standard error, if that can still be done.

    A terminal that was closed, or a full disk, must not keep what follows from being done.

    Args:
        sentence: what to say, without the command's name.
        err: standard error; Python has None for one that is closed.
    """
    if err is None:
        return
    try:
        print(f"tui-ae: {printable(sentence)}", file=err, flush=True)
    except OSError:
        discard(err)


def discard(stream: TextIO) -> None:
    """Let all that a stream still holds go nowhere: Python would complain about it at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
