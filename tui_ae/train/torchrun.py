"""What torchrun tells each of the processes that it starts."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from tui_ae.errors import UserError

VARIABLES = ("RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")
"""torchrun sets all of these; one of them alone says nothing about this program."""


@dataclass(frozen=True, slots=True)
class ProcessRank:
    """This process's place among those that train together; by default it is alone."""

    rank: int = 0
    """From 0; that process alone prints and writes."""
    local_rank: int = 0
    """The same among the processes on this machine."""
    size: int = 1
    """How many processes there are, on all machines."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> ProcessRank:
        """The place that the environment variables give.

        Raises:
            UserError: they make no sense.
        """
        if not all(name in environment for name in VARIABLES):
            return cls()
        rank, size = environment["RANK"], environment["WORLD_SIZE"]
        local_rank = environment.get("LOCAL_RANK", rank)
        try:
            process = cls(int(rank), int(local_rank), int(size))
        except ValueError:
            process = cls(-1)
        if not (0 <= process.rank < process.size and process.local_rank >= 0):
            raise UserError(
                f"RANK={rank}, LOCAL_RANK={local_rank}, WORLD_SIZE={size}: these environment "
                "variables name no process; let torchrun set them, or unset them."
            )
        return process


ALONE = ProcessRank()
