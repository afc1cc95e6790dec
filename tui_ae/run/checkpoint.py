"""The whole state of a run as arrays by name, from which it goes on to the last bit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy.typing as npt

Array = npt.NDArray[Any]
Checkpoint = dict[str, Array]
"""Arrays of any shape by names of letters, digits, '_', '-' and '.', which groups them."""


def group(name: str, checkpoint: Mapping[str, Array]) -> Checkpoint:
    """A checkpoint as a part, called `name`, of a larger one."""
    return {f"{name}.{key}": array for key, array in checkpoint.items()}


def ungroup(name: str, checkpoint: Mapping[str, Array]) -> Checkpoint:
    """The part called `name`; empty where there is none."""
    prefix = f"{name}."
    return {
        key.removeprefix(prefix): array
        for key, array in checkpoint.items()
        if key.startswith(prefix)
    }
