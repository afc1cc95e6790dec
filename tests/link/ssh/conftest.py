"""Trees like /proc."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest


class Processes:
    """Writes what /proc has of some processes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(
        self,
        pid: int,
        name: str,
        parent: int,
        *,
        terminal: int = 0,
        environment: dict[str, str] | None = None,
        opened: Sequence[str] | None = (),
    ) -> None:
        """One process; without an environment it is somebody else's."""
        folder = self.folder / str(pid)
        folder.mkdir()
        (folder / "stat").write_text(f"{pid} ({name}) S {parent} {pid} {pid} {terminal} -1 0\n")
        if environment is not None:
            pairs = [f"{key}={value}" for key, value in environment.items()]
            (folder / "environ").write_bytes("\0".join([*pairs, ""]).encode())
        if opened is not None:
            (folder / "fd").mkdir()
            for number, target in enumerate(opened):
                (folder / "fd" / str(number)).symlink_to(target)

    def remove(self, pid: int) -> None:
        """It has ended."""
        (self.folder / str(pid)).rename(self.folder / f"ended-{pid}")


@pytest.fixture
def proc(tmp_path: Path) -> Processes:
    """An empty one."""
    folder = tmp_path / "proc"
    folder.mkdir()
    return Processes(folder)
