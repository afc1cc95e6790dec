"""What ends the program, or a part of it, and how a person is told."""

from __future__ import annotations

MAX_QUOTED_CHARACTERS = 200
"""Some libraries put their whole state into an exception."""
OUT_OF_MEMORY = ("out of memory", "allocate memory")
"""What PyTorch says where a device or the machine has no more of it."""


class UserError(Exception):
    """Something the user gave can't be used: one sentence with what, where and what to do.

    The command line prints it alone on standard error and exits with code 2.
    """


class InvalidValueError(UserError):
    """A value that a setting or an option can't have.

    The settings name themselves as they are called in Python; who asked for them (a command line, a
    file) says it again in the words that the person used.
    """

    def __init__(self, name: str, value: object, wanted: str) -> None:
        """Refuse `value` for the field `name`; `wanted` says what to do instead."""
        super().__init__(f"{name} {value}: {wanted}")
        self.name = name
        self.value = value
        self.wanted = wanted


class FailureError(Exception):
    """Something went wrong that nobody asked for: one sentence.

    The command line prints it alone on standard error and exits with code 1.
    """


def reason(error: BaseException) -> str:  # noqa: PLR0911 - a table of kinds
    """Why something ended, in words with which a sentence can end; no full stop.

    The words may quote what a library, a file or a path says, so they are not printable yet.
    """
    if isinstance(error, UserError | FailureError):
        return str(error).rstrip(".")
    told = next(iter(str(error).strip().splitlines()), "")[:MAX_QUOTED_CHARACTERS].rstrip(". ")
    quoted = f" ({told})" if told else ""
    match error:
        case MemoryError():
            return f"there is not enough memory{quoted}"
        case RuntimeError() if any(words in told.lower() for words in OUT_OF_MEMORY):
            return f"there is not enough memory{quoted}"
        case RuntimeError() if told == "can't start new thread":
            return "the system allows no more threads"
        case SystemExit():
            return f"a library asked the program to exit{quoted}"
        case KeyboardInterrupt():
            return "it was interrupted"
        case ImportError():
            return f"a library can't be loaded{quoted}"
        case OSError(strerror=str(refusal)):
            where = f": {error.filename}" if error.filename else ""
            return f"the system refused ({refusal}{where})"
        case _:
            return f"{type(error).__name__}: {told}" if told else type(error).__name__
