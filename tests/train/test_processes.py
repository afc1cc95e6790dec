"""Several processes, each by itself: what it takes, gives and asks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from tui_ae.config import Settings
from tui_ae.data.dataset import Dataset
from tui_ae.errors import UserError
from tui_ae.model.network import Autoencoder, build
from tui_ae.model.spec import ModelSpec
from tui_ae.train import distributed
from tui_ae.train.distributed import AveragedGradients, ManyProcesses
from tui_ae.train.flat import FlatParameters
from tui_ae.train.gradients import AutogradGradients
from tui_ae.train.noise import Noise
from tui_ae.train.process_group import ProcessGroup
from tui_ae.train.torchrun import ALONE, ProcessRank
from tui_ae.train.trainer import Trainer

SMALL = Settings(device="cpu", hidden=(3,))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ProcessRank(0, 0, 1)),
        ({"WORLD_SIZE": "4", "RANK": "3"}, ProcessRank(3, 3, 4)),
        ({"WORLD_SIZE": "4", "RANK": "3", "LOCAL_RANK": "0"}, ProcessRank(3, 0, 4)),
    ],
)
def test_a_process_has_the_place_that_it_is_told(
    changes: dict[str, str], expected: ProcessRank
) -> None:
    common = {"RANK": "0", "WORLD_SIZE": "1", "MASTER_ADDR": "here", "MASTER_PORT": "1"}
    assert ProcessRank.from_environment(common | changes) == expected
    assert ProcessRank(0, 0, 1) == ALONE


def test_a_process_alone_is_the_whole_group() -> None:
    group, chosen = ProcessGroup(), torch.arange(5)
    assert (group.size, group.rank) == (1, 0)
    assert group.part(chosen) is chosen and group.total(torch.tensor(2.5)) == 2.5
    assert group.everywhere(torch.tensor([1.0, 2.0])).tolist() == [[1.0, 2.0]]
    assert group.agree(True, False, 3) == (True, False)


@pytest.fixture
def three(monkeypatch: pytest.MonkeyPatch) -> ManyProcesses:
    """The second of three processes; in each of the others a tensor is one larger."""

    def all_reduce(value: Tensor) -> None:
        value.mul_(3).add_(2)

    def all_gather(gathered: list[Tensor], value: Tensor) -> None:
        for rank, place in enumerate(gathered):
            place.copy_(value + (rank != 1))

    monkeypatch.setattr(torch.distributed, "all_reduce", all_reduce)
    monkeypatch.setattr(torch.distributed, "all_gather", all_gather)
    return ManyProcesses(ProcessRank(1, 1, 3), "cpu")


def test_several_processes_share_what_they_have(three: ManyProcesses) -> None:
    assert three.part(torch.arange(8)).tolist() == [1, 4, 7]
    own = torch.tensor(2.0)
    assert three.total(own) == 8.0 and own == 2.0
    assert three.everywhere(torch.tensor([5, 7])).tolist() == [[6, 8], [5, 7], [6, 8]]
    assert three.everywhere(torch.tensor(5)).tolist() == [6, 5, 6]


@pytest.mark.parametrize(
    ("others", "ends", "saves", "expected"),
    [
        (0.0, False, False, (False, False)),
        (0.0, True, False, (True, False)),
        (0.0, False, True, (False, True)),
        (1.0, False, False, (True, True)),
    ],
)
def test_all_end_or_save_as_soon_as_one_wants_to(
    three: ManyProcesses,
    monkeypatch: pytest.MonkeyPatch,
    others: float,
    ends: bool,
    saves: bool,
    expected: tuple[bool, bool],
) -> None:
    asked: list[Tensor] = []

    def all_reduce(wanted: Tensor) -> None:
        asked.append(wanted.add_(others))

    monkeypatch.setattr(torch.distributed, "all_reduce", all_reduce)
    answers = [three.agree(ends, saves, batch) for batch in range(17)]
    # They ask before every eighth mini-batch only: each question waits for the slowest.
    assert len(asked) == 3 and [answers[batch] for batch in (0, 8, 16)] == [expected] * 3
    assert [answer for batch, answer in enumerate(answers) if batch % 8] == [(False, False)] * 14


def test_each_process_gives_its_part_of_the_loss_and_gradients(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(distributed, "DistributedDataParallel", lambda module: module)
    model = Autoencoder(ModelSpec((12, 5, 2)), torch.Generator().manual_seed(0))
    flat, noise = FlatParameters(model), Noise(torch.Generator())
    images = torch.rand(4, 12, generator=torch.Generator().manual_seed(1))
    codes, loss = AutogradGradients(model, flat, noise)(images, 10)
    expected = flat.gradients.clone()
    many = AveragedGradients(model, flat, noise, 3)
    for _ in range(2):
        own_codes, own_loss = many(images, 10)
        assert torch.equal(own_codes, codes)
        torch.testing.assert_close(own_loss, loss)
        # A third of this is left when all are averaged.
        torch.testing.assert_close(flat.gradients, 3 * expected)


class Third(ProcessGroup):
    size, rank = 3, 2


def test_the_generators_of_a_run_come_from_its_seed(few: Dataset) -> None:
    """Weights, order and noise each have a part of it, and each process its own noise."""

    def part(seed: int, number: int) -> int:
        child = np.random.SeedSequence(seed, spawn_key=(number,))
        return int(child.generate_state(1, np.uint64)[0]) // 2

    for seed, processes in ((0, None), (7, None), (7, Third())):
        trainer = Trainer(few, replace(SMALL, seed=seed), processes)
        rank = 0 if processes is None else 2
        assert trainer._shuffling.initial_seed() == part(seed, 1)
        assert trainer._noise.generator.initial_seed() == part(seed, 2 + rank)
        fresh = build(trainer.spec, torch.Generator().manual_seed(part(seed, 0)))
        for own, expected in zip(trainer.model.parameters(), fresh.parameters(), strict=True):
            assert torch.equal(own, expected)


def test_processes_together_have_larger_mini_batches_and_one_thread_each(few: Dataset) -> None:
    def agree(_: Callable[[], Tensor]) -> tuple[int, ...]:
        return 2, 1

    alone, third = (
        Trainer(few, replace(SMALL, batch_size=40), group, agree) for group in (None, Third())
    )
    assert (alone.batches, alone.thread_counts) == (8, (2, 1))
    assert (third.batches, third.thread_counts) == (3, (1,))


@pytest.mark.parametrize(
    ("error", "waits"), [(None, True), (UserError, True), (ValueError, False), (KeyError, False)]
)
def test_at_the_end_each_waits_for_the_others_unless_it_failed_alone(
    three: ManyProcesses,
    monkeypatch: pytest.MonkeyPatch,
    error: type[Exception] | None,
    waits: bool,
) -> None:
    told: list[str] = []
    monkeypatch.setattr(distributed, "DistributedDataParallel", lambda module: module)
    monkeypatch.setattr(torch.distributed, "all_reduce", lambda _: told.append("waited"))
    monkeypatch.setattr(
        torch.distributed, "destroy_process_group", lambda: told.append("destroyed")
    )
    model = Autoencoder(ModelSpec((12, 5, 2)), torch.Generator().manual_seed(0))
    passes = three.gradients(
        model, FlatParameters(model), Noise(torch.Generator()), lambda: told.append("looked")
    )
    three.__exit__(error)
    assert told == ["waited"] * waits + ["destroyed"]
    # Nothing of the other processes is held any more.
    assert not hasattr(passes, "_loss")
