"""How much of the data is there, told between blocks; whoever listens may raise to cancel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate

Progress = Callable[[float], None]
"""Takes the share that is done, from 0 to 1, which never falls."""


def unheard(_share: float) -> None:
    """The progress that nobody listens to."""


def portions(progress: Progress, sizes: Sequence[float]) -> list[Progress]:
    """A progress, from 0 to 1 again, for each of several steps in turn.

    Args:
        progress: that of all steps together.
        sizes: how long each step is, in any unit.
    """
    # Running sums, so that a step begins at the very number at which the one before it ends.
    *starts, whole = accumulate(sizes, initial=0.0)

    def portion(start: float, size: float) -> Progress:
        return lambda share: progress((start + share * size) / (whole or 1))

    return [portion(start, size) for start, size in zip(starts, sizes, strict=True)]


class Cancellation(BaseException):
    """Carries what the listener raised past all that takes an exception for a damaged file."""

    def __init__(self, reason: BaseException) -> None:
        """Carry `reason`."""
        super().__init__()
        self.reason = reason


def cancelling(progress: Progress) -> Progress:
    """The same progress; what it raises comes as a `Cancellation`."""

    def tell(share: float) -> None:
        try:
            progress(share)
        except BaseException as reason:
            raise Cancellation(reason) from reason

    return tell
