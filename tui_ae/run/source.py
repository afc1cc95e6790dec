"""All that a screen knows of a run, whoever trains it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from tui_ae.run.commands import Command
from tui_ae.run.info import RunInfo
from tui_ae.run.snapshot import Snapshot
from tui_ae.run.timeline import Moment

if TYPE_CHECKING:
    from tui_ae.data.dataset import Dataset
    from tui_ae.model.baselines import Baselines, Survey


class Source(Protocol):
    """A run to look at: one that trains in this process, or any other that gives snapshots.

    A screen reads the properties whenever it likes, from its own thread. `dataset`, `baselines` and
    `error` each go from None to their value once.
    """

    @property
    def info(self) -> RunInfo:
        """Of the run that it begins with; a reset begins another, which its snapshots tell of."""
        ...

    @property
    def stage(self) -> str:
        """What has to be done before there is a first snapshot, in words; '' once there is."""
        ...

    @property
    def dataset(self) -> Dataset | None:
        """The images; None until they are read."""
        ...

    @property
    def baselines(self) -> Baselines | None:
        """Those of the data set by the run's objective; None until they are computed."""
        ...

    @property
    def survey(self) -> Survey | None:
        """All that was computed of the data set, PCA among it; None until it is."""
        ...

    @property
    def timeline(self) -> tuple[Moment, ...]:
        """The kept moments of the run that the snapshots are of, in the order of their epochs."""
        ...

    @property
    def error(self) -> BaseException | None:
        """Why there will be no more snapshots."""
        ...

    @property
    def kept_at(self) -> Path | None:
        """The folder in which the run is kept; None where it is not, or not yet."""
        ...

    @property
    def notice(self) -> str:
        """What a person has to know of the keeping, in a sentence; '' for nothing."""
        ...

    @property
    def superseded(self) -> int:
        """Snapshots that a newer one replaced before anybody took them."""
        ...

    @property
    def news(self) -> Snapshot | None:
        """The snapshot that `latest` would take, if not a newer one; None for none."""
        ...

    def latest(self) -> Snapshot | None:
        """Take the newest snapshot, or None where nothing new has come."""
        ...

    @property
    def send(self) -> Callable[[Command], None] | None:
        """Asks for something, which takes effect soon; None where the run can only be looked at."""
        ...

    def start(self) -> None:
        """Begin to give snapshots; called once, when the first frame stands."""
        ...

    def stop(self, timeout_s: float) -> bool:
        """End what `start` began; False if it still runs after `timeout_s` seconds."""
        ...


@dataclass(frozen=True, slots=True)
class Beside:
    """A second run to look at beside the first one."""

    source: Source
    """Its data set is that of the first run."""
    foreign: bool = False
    """Whether it was trained on other images, so that its codes have to be made anew."""
