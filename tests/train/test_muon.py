"""Muon against a singular value decomposition, and against Adam for the biases."""

from __future__ import annotations

import pytest
import torch

from tui_ae.model.network import Autoencoder
from tui_ae.model.spec import ModelSpec
from tui_ae.recipe import RECIPES
from tui_ae.train.flat import FlatParameters
from tui_ae.train.muon import (
    BIAS_RATE,
    FIRST_MOMENTUM,
    MOMENTUM,
    NARROW,
    QUINTICS,
    WARM_UP,
    Muon,
    gram,
    is_tall,
    momentum_after,
    orthogonaliser,
)
from tui_ae.train.optimiser import Schedule

SHAPES = [(5, 5), (128, 784), (784, 128), (32, 2), (2, 32), (1, 7), (7, 1), (1, 1)]


def orthogonal(matrix: torch.Tensor) -> torch.Tensor:
    factor = orthogonaliser(gram(matrix))
    return matrix @ factor if is_tall(matrix) else factor @ matrix


def random(shape: tuple[int, ...], seed: int = 0) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("size", [1e-6, 1.0, 1e4])
def test_singular_values_come_near_to_one_and_directions_stay(
    shape: tuple[int, int], size: float
) -> None:
    matrix = size * random(shape)
    left, before, right = torch.linalg.svd(matrix, full_matrices=False)
    result = orthogonal(matrix)
    inside = left.t() @ result @ right.t()
    values = inside.diagonal()
    # The quintics leave a value between 0.7 and 1.3 unless it began very small.
    assert (values < 1.3).all()
    assert (values[before > 0.01 * before[0]] > 0.6).all()
    assert (inside - values.diag()).abs().max() < 0.02


def test_nothing_to_orthogonalise_stays_nothing() -> None:
    assert not orthogonal(torch.zeros(4, 3)).any()


def test_the_short_side_gives_what_the_matrix_itself_would() -> None:
    matrix = random((20, 50))
    x = matrix / (matrix.norm() + 1e-7)
    for a, b, c in QUINTICS:
        square = x @ x.t()
        x = a * x + (b * square + c * square @ square) @ x
    torch.testing.assert_close(orthogonal(matrix), x, rtol=1e-3, atol=1e-3)


def flat_network() -> FlatParameters:
    return FlatParameters(Autoencoder(ModelSpec((12, 7, 2)), torch.Generator().manual_seed(0)))


def test_every_matrix_moves_as_far_however_small_its_gradient() -> None:
    flat = flat_network()
    before = flat.values.clone()
    muon = Muon(flat, learning_rate=0.1)
    flat.gradients.copy_(1e-4 * random(tuple(flat.gradients.shape)))
    old = [view.clone() for view in flat.value_views]
    muon.step()
    assert not torch.equal(before, flat.values)
    for was, now in zip(old, flat.value_views, strict=True):
        if now.dim() < 2:
            # Adam's first step has the size of its rate.
            torch.testing.assert_close(
                (now - was).abs(), torch.full_like(now, 0.1 * BIAS_RATE), rtol=0.02, atol=1e-6
            )
            continue
        scale = (max(now.shape) / NARROW) ** 0.5
        longest = torch.linalg.matrix_norm(now - was, 2).item()
        assert 0.06 * scale < longest < 0.13 * scale


@pytest.mark.parametrize("spec", [ModelSpec(), ModelSpec((12, 7, 7, 2)), ModelSpec((9, 1))])
def test_matrices_that_are_orthogonalised_together_move_as_each_would_alone(
    spec: ModelSpec,
) -> None:
    moved = []
    for together in (False, True):
        flat = FlatParameters(Autoencoder(spec, torch.Generator().manual_seed(0)))
        muon = Muon(flat, learning_rate=0.1, together=together)
        for seed in range(3):
            flat.gradients.copy_(random(tuple(flat.gradients.shape), seed))
            muon.step()
        moved.append((flat.values, muon.memory()))
    (apart, kept), (at_once, kept_at_once) = moved
    torch.testing.assert_close(at_once, apart, rtol=1e-4, atol=1e-5)
    assert kept.keys() == kept_at_once.keys()
    for name, memory in kept.items():
        assert torch.equal(memory, kept_at_once[name]), name


def test_steps_shrink_with_the_root_of_their_number() -> None:
    recipe = RECIPES["fast"]
    flat = flat_network()
    schedule = Schedule(recipe, flat)
    assert recipe.decay_steps is not None
    sizes = []
    for _ in range(int(3 * recipe.decay_steps) + 1):
        flat.gradients.fill_(1.0)
        schedule.step()
        sizes.append(schedule._optimiser.learning_rate)
    assert sizes[0] == recipe.learning_rate
    assert sizes[-1] == pytest.approx(recipe.learning_rate / 2)
    assert sizes == sorted(sizes, reverse=True)


def test_each_weight_of_each_matrix_moves_as_far_in_the_mean() -> None:
    network = Autoencoder(ModelSpec((60, 30, 4)), torch.Generator().manual_seed(0))
    flat = FlatParameters(network)
    before = [view.clone() for view in flat.value_views]
    flat.gradients.copy_(random(tuple(flat.gradients.shape)))
    Muon(flat, learning_rate=0.1).step()
    moved = [
        (now - was).square().mean().sqrt().item()
        for was, now in zip(before, flat.value_views, strict=True)
        if now.dim() == 2
    ]
    assert moved == pytest.approx([0.1 / NARROW**0.5] * len(moved), rel=0.25)


def test_what_came_before_weighs_more_with_each_of_the_first_mini_batches() -> None:
    assert momentum_after(0) == FIRST_MOMENTUM
    assert momentum_after(WARM_UP // 2) == pytest.approx((FIRST_MOMENTUM + MOMENTUM) / 2)
    assert momentum_after(WARM_UP) == momentum_after(10 * WARM_UP) == MOMENTUM


def test_a_schedule_goes_on_with_the_momentum_of_its_steps() -> None:
    flat = flat_network()

    def schedule() -> tuple[Schedule, Muon]:
        fresh = Schedule(RECIPES["fast"], flat)
        assert isinstance(fresh._optimiser, Muon)
        return fresh, fresh._optimiser

    first, muon = schedule()
    for taken in range(3):
        first.step()
        assert muon.momentum == momentum_after(taken)
    second, again = schedule()
    second.restore(first.checkpoint())
    second.step()
    assert again.momentum == momentum_after(3)


def test_the_original_keeps_its_step_size() -> None:
    flat = flat_network()
    schedule = Schedule(RECIPES["original"], flat)
    for _ in range(5):
        schedule.step()
        assert schedule._optimiser.learning_rate == 0.001
