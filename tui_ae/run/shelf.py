"""Where the runs of one command go."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tui_ae.ownership import keep_for_owner

if TYPE_CHECKING:
    from tui_ae.run.folder import RunFolder
    from tui_ae.run.info import RunInfo


def runs_folder() -> Path:
    """Where runs lie that were given no folder of their own; it may not be there yet."""
    from platformdirs import user_state_path

    return user_state_path("tui_ae", appauthor=False) / "runs"


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where the runs of one command go."""

    path: Path | None = None
    """One folder for all of them, each in the place of the one before; None gives each its own."""

    def folder(self, info: RunInfo) -> RunFolder:
        """The folder of a run."""
        from tui_ae.run.folder import RunFolder

        return RunFolder(self.path or runs_folder() / info.id)

    def keep_for_owner(self) -> list[str]:
        """Close to others what is there of it; what a person has to know of that, in sentences."""
        if self.path is not None:
            said = [keep_for_owner(self.path, readers=False)]
        else:
            folders = (runs_folder().parent, runs_folder())
            said = [keep_for_owner(folder, readers=True) for folder in folders]
        return [sentence for sentence in said if sentence]
