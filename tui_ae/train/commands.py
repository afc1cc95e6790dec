"""What the screen asks of the worker: small frozen values in a queue."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Train:
    """Train until paused."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Stop before the next mini-batch."""


@dataclass(frozen=True, slots=True)
class Step:
    """Train to the end of the next full epoch, then pause."""


@dataclass(frozen=True, slots=True)
class Reset:
    """Begin a new run with fresh weights from the same seed, with all classes on."""


@dataclass(frozen=True, slots=True)
class SetClasses:
    """Train on these classes from the next epoch on."""

    active: frozenset[int]


Command = Train | Pause | Step | Reset | SetClasses
