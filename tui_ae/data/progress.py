"""How much of the data is there, told between blocks; whoever listens may raise to cancel."""

from __future__ import annotations

from collections.abc import Callable, Sequence

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
    whole = sum(sizes) or 1

    def portion(place: int) -> Progress:
        before, size = sum(sizes[:place]), sizes[place]
        return lambda share: progress(min(1.0, (before + share * size) / whole))

    return [portion(place) for place in range(len(sizes))]


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
