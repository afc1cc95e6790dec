"""The small parts of training, each by itself: losses, buffers, steps."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import nn

from tui_ae.config import Settings
from tui_ae.data.dataset import Dataset
from tui_ae.model.network import Autoencoder, build
from tui_ae.model.spec import ModelSpec, NetworkKind, ObjectiveName
from tui_ae.train import pixels
from tui_ae.train.criterion import divergence, evaluate
from tui_ae.train.flat import FlatParameters, room
from tui_ae.train.muon import is_tall, momentum_after
from tui_ae.train.optimiser import Schedule
from tui_ae.train.pixels import Pixels
from tui_ae.train.tensors import copy_into

SMALL = Settings(device="cpu", hidden=(3,))

CPU = torch.device("cpu")


def test_the_divergence_of_two_normals_by_hand() -> None:
    mean = torch.tensor([[1.0, 0.0], [0.0, 2.0]])
    log_variance = torch.tensor([[0.0, math.log(4.0)], [0.0, 0.0]])
    # (1 + 1 - 0 - 1) / 2 + (0 + 4 - ln 4 - 1) / 2 + 0 + 4 / 2
    expected = 0.5 + (3 - math.log(4)) / 2 + 2
    assert divergence(mean, log_variance).item() == pytest.approx(expected)
    assert divergence(torch.zeros(3, 2), torch.zeros(3, 2)).item() == 0.0


@pytest.mark.parametrize(
    ("kind", "objective", "expected"),
    [
        ("ae", "bce", math.log(2)),
        ("ae", "mse", 0.25),
        ("denoising", "bce", math.log(2)),
        ("vae", "bce", math.log(2) + 3.0 * (math.exp(0.5) - 0.5 - 1) / 12),
        ("linear", "mse", 0.5),
    ],
)
def test_the_loss_of_a_network_that_says_nothing(
    kind: NetworkKind, objective: ObjectiveName, expected: float
) -> None:
    """Half of the pixels are 1 and half are 0; it gives 0.5, or 0 where there is no sigmoid."""
    hidden = () if kind == "linear" else (5,)
    spec = ModelSpec((12, *hidden, 2), kind=kind, objective=objective, beta=3.0)
    model = build(spec, torch.Generator().manual_seed(0))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
        if kind == "vae":
            # Both variances are the root of e.
            [*model.encoder.parameters()][-1].fill_(0.0)
            model.distribution = lambda images: (  # type: ignore[assignment]
                torch.zeros(len(images), 2),
                torch.full((len(images), 2), 0.5),
            )
    images = torch.tensor([[1.0, 0.0] * 6] * 4)
    codes, loss = evaluate(model, images)
    assert codes.shape == (4, 2)
    assert loss.item() == pytest.approx(expected, rel=1e-5)


# --- buffers --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shape", "taken"), [((1,), 16), ((16,), 16), ((17,), 32), ((3, 5), 16), ((4, 9), 48), ((), 16)]
)
def test_each_parameter_begins_at_a_multiple_of_64_bytes(
    shape: tuple[int, ...], taken: int
) -> None:
    assert room(torch.Size(shape)) == taken


def test_parameters_lie_one_behind_the_other_with_zeros_between_them() -> None:
    model = nn.Sequential(nn.Linear(3, 5), nn.Linear(5, 2))
    flat = FlatParameters(model)
    starts = [view.storage_offset() for view in flat.value_views]
    assert starts == [view.storage_offset() for view in flat.gradient_views] == [0, 16, 32, 48]
    assert len(flat.values) == 64 and flat.values[5 + 16 : 32].eq(0).all()
    assert [view.shape for view in flat.gradient_views] == [(5, 3), (5,), (2, 5), (2,)]


def test_values_are_copied_only_where_they_fit() -> None:
    tensor = torch.zeros(2, 3)
    copy_into(tensor, np.arange(6, dtype=np.float32).reshape(3, 2).T)
    assert tensor.tolist() == [[0, 2, 4], [1, 3, 5]]
    for array in (np.zeros((3, 2), np.float32), np.zeros((2, 3)), np.zeros(6, np.float32)):
        with pytest.raises(ValueError, match=r"for \(2, 3\)"):
            copy_into(tensor, array)
    assert tensor.sum() == 15


@pytest.mark.parametrize(("free", "held"), [(1.24, False), (1.26, True), (math.inf, True)])
def test_images_take_four_fifths_of_what_a_gpu_has_free(
    few: Dataset, monkeypatch: pytest.MonkeyPatch, free: float, held: bool
) -> None:
    monkeypatch.setattr(pixels, "free_bytes", lambda _: free * few.images[:].nbytes)
    assert Pixels(few.images, CPU).held is held
    assert not Pixels(few.images.take(slice(0)), CPU).held


def test_what_a_gpu_has_free_is_the_first_that_it_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (7, 11))
    assert pixels.free_bytes(torch.device("cuda", 1)) == 7
    assert pixels.free_bytes(CPU) == math.inf


# --- steps ----------------------------------------------------------------------------------------


def test_the_momentum_grows_from_085_to_095_in_a_hundred_mini_batches() -> None:
    assert [momentum_after(steps) for steps in (0, 50, 100, 101, 10**6)] == pytest.approx(
        [0.85, 0.9, 0.95, 0.95, 0.95]
    )
    assert momentum_after(99) < 0.95


@pytest.mark.parametrize(
    ("shape", "tall"), [((3, 2), True), ((2, 3), False), ((3, 3), False), ((1, 1), False)]
)
def test_a_square_is_not_tall(shape: tuple[int, int], tall: bool) -> None:
    assert is_tall(torch.zeros(shape)) is tall


@pytest.mark.parametrize("steps", [0, -1])
def test_a_schedule_has_taken_no_step_or_some(steps: int) -> None:
    flat = FlatParameters(Autoencoder(ModelSpec((12, 5, 2)), torch.Generator().manual_seed(0)))
    schedule = Schedule(SMALL.training, flat)
    state = schedule.checkpoint()
    assert state["steps_taken"] == 0
    if steps < 0:
        with pytest.raises(ValueError, match="-1 steps taken"):
            schedule.restore(state | {"steps_taken": np.array(steps)})
    else:
        schedule.restore(state)
