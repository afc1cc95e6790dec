"""Lines on the standard streams, which may be gone before the work is done."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

JOINERS = "\u200c\u200d"
"""They join letters, or emoji, or keep them apart, and do nothing else."""
MAX_QUOTED_CHARACTERS = 80
"""A file may name a class with a whole book, and a decoder quote a damaged header in full."""


def printable(text: object) -> str:
    """The text with control characters replaced: a file's name must not steer the terminal."""
    return "".join(c if c.isprintable() or c in JOINERS else "?" for c in str(text))


def brief(text: object) -> str:
    """What a file itself says, printable and cut where it is long."""
    words = str(text)
    if len(words) > MAX_QUOTED_CHARACTERS:
        words = f"{words[:MAX_QUOTED_CHARACTERS]}…"
    return printable(words)


def counted(number: int, noun: str) -> str:
    """A number of things in words: "1 epoch", "2,048 epochs"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


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


def hold_standard_numbers() -> None:
    """Open those of the file descriptors 0, 1 and 2 that are closed, on nothing.

    The next file would get such a number, and what libraries write on standard output or standard
    error would go into it.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:  # noqa: PERF203 - each may be closed by itself
            os.open(os.devnull, os.O_RDWR)


@contextmanager
def own_stream(stream: TextIO | None) -> Iterator[TextIO]:
    """A standard stream through a file descriptor of its own; nowhere where it is closed.

    What others write on the standard ones can then be turned away.
    """
    if stream is None:
        descriptor = os.open(os.devnull, os.O_WRONLY)
    else:
        try:
            descriptor = os.dup(stream.fileno())
        except (OSError, ValueError):
            # No file stands behind it, as in tests and notebooks, so nobody else writes there.
            yield stream
            return
    own = os.fdopen(descriptor, "w", encoding=stream.encoding if stream else None, errors="replace")
    try:
        yield own
    finally:
        # Where it fails, that was said already where it was noticed; it is closed all the same.
        with suppress(OSError):
            own.close()


def discard(stream: TextIO) -> None:
    """Let all that a stream still holds go nowhere: Python would complain about it at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
