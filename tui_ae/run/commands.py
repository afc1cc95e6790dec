"""What the screen can ask of the worker: small frozen values, handled between mini-batches."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Train:
    """Train until paused, from where the last mini-batch left off."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Stop after the mini-batch at hand; the running epoch keeps its place."""


@dataclass(frozen=True, slots=True)
class Step:
    """Run to the end of one epoch, the running one where there is one, then pause.

    While an earlier step still runs, it asks for one epoch more.
    """


@dataclass(frozen=True, slots=True)
class Until:
    """Pause when so many epochs are finished, where training goes on by then."""

    epoch: int


@dataclass(frozen=True, slots=True)
class Reset:
    """Back to the first weights of the same seed, with all classes on and no history."""


@dataclass(frozen=True, slots=True)
class SetClasses:
    """Train on these classes from the next epoch on, and show them at once.

    Ignored where fewer than two classes (or the only one), or no samples, would be left.
    """

    active: frozenset[int]


Command = Train | Pause | Step | Until | Reset | SetClasses
