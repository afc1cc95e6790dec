"""What each process of test_distributed runs: several trainings in turn, reported by the first."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import torch.distributed as dist

from tests.train.runs import part, ruin, train
from tui_ae.config import Settings
from tui_ae.data.synthetic import draw_digits
from tui_ae.recipe import RECIPES
from tui_ae.train.distributed import ManyProcesses
from tui_ae.train.failure import NonFiniteLossError
from tui_ae.train.torchrun import ProcessRank
from tui_ae.train.trainer import Trainer

SETTINGS = Settings(device="cpu", batch_size=64)
COUNTS = (256, 300, 131, 257)
"""Images of which two processes get two full mini-batches, or two and 44, 3 or 1 more."""
EPOCHS = 3


def everywhere(value: object) -> list[object]:
    """What `value` is in each process."""
    values: list[object] = [None] * dist.get_world_size()
    dist.all_gather_object(values, value)
    return values


def digest(trainer: Trainer) -> str:
    """A fingerprint of the weights, to the last bit."""
    weights = [parameter.detach().numpy() for parameter in trainer.model.parameters()]
    return hashlib.sha256(b"".join(each.tobytes() for each in weights)).hexdigest()


def failure(trainer: Trainer, rank: int) -> str:
    """What is said where the last process alone meets a loss that is no number."""
    try:
        for _ in trainer.train_epoch():
            if (rank, trainer.batch) == (1, 1):
                ruin(trainer)
    except NonFiniteLossError as error:
        return str(error)
    return ""


def stopped_at(trainer: Trainer, processes: ManyProcesses, rank: int) -> int:
    """The mini-batch where training ends once the last process wants it, from the fourth on."""
    for _ in trainer.train_epoch():
        if processes.agree(rank == 1 and trainer.batch >= 3, False, trainer.batch)[0]:
            break
    return trainer.batch


def gloo_threads() -> list[str]:
    names = [path.read_text() for path in Path("/proc/self/task").glob("*/comm")]
    return [name for name in names if "gloo_runloop" in name]


def main() -> None:
    process = ProcessRank.from_environment()
    digits = draw_digits(0)
    report: dict[str, object] = {}
    with ManyProcesses(process, "cpu") as processes:
        for recipe in RECIPES:
            for count in COUNTS:
                trainer = Trainer(part(digits, count), replace(SETTINGS, recipe=recipe), processes)
                report[f"{recipe} {count}"] = train(trainer, EPOCHS)
                first, *others = everywhere(digest(trainer))
                assert others and all(other == first for other in others)
                trainer.encode_all()
                report[f"{recipe} {count} codes"] = trainer.codes.tolist()
        few = part(digits, 300)
        report["failures"] = everywhere(failure(Trainer(few, SETTINGS, processes), process.rank))
        small = Trainer(few, replace(SETTINGS, batch_size=8), processes)
        report["stops"] = everywhere(stopped_at(small, processes, process.rank))
        threads = len(gloo_threads())
    report["threads"] = [threads, len(gloo_threads())]
    if process.rank == 0:
        print(json.dumps(report))  # noqa: T201 - what the test reads


if __name__ == "__main__":
    main()
