"""Which run it is, and what it takes to repeat it."""

from __future__ import annotations

import os
import platform
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tui_ae import __version__
from tui_ae.config import Settings
from tui_ae.model.spec import ModelSpec
from tui_ae.recipe import Recipe

if TYPE_CHECKING:
    from tui_ae.run.fingerprint import Fingerprint

LIBRARIES = ("numpy", "torch")
"""Those whose version may change a loss."""


@dataclass(frozen=True, slots=True)
class RunInfo:
    """What stays the same from the first to the last moment of a run."""

    id: str
    """That of no other run, on this machine or another; sorts by time."""
    settings: Settings
    """What decides its losses."""
    data: str = ""
    """The data set's name; '' until it is read."""
    versions: tuple[tuple[str, str], ...] = ()
    """(name, version) of this program and of what it computes with; empty until it computes."""
    fingerprint: Fingerprint | None = None
    """Of the images; None until they are read, or where a run on disk keeps none."""
    processes: int = 1
    """How many train it together; each has mini-batches of the settings' size."""

    @property
    def spec(self) -> ModelSpec:
        """The network."""
        return self.settings.spec

    @property
    def recipe(self) -> Recipe:
        """The optimiser with its constants."""
        return self.settings.training

    def again(self) -> RunInfo:
        """Another run of the same."""
        return replace(self, id=new_id())


def begin(settings: Settings, processes: int = 1) -> RunInfo:
    """A run of `settings` that begins now."""
    return RunInfo(new_id(), settings, processes=processes)


def new_id() -> str:
    """The time in UTC, to the second, and six random hexadecimal digits."""
    return f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{os.urandom(3).hex()}"


def installed_versions() -> tuple[tuple[str, str], ...]:
    """What would compute a run here; takes some 15 ms, most of it to import what reads them."""
    from importlib import metadata

    libraries = tuple((name, metadata.version(name)) for name in LIBRARIES)
    return (("tui_ae", __version__), ("python", platform.python_version()), *libraries)
