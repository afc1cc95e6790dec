"""The written-out passes against autograd."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from tests.train.runs import train
from tui_ae.config import Settings
from tui_ae.data.dataset import Dataset
from tui_ae.model.network import Autoencoder
from tui_ae.model.spec import ModelSpec
from tui_ae.train.flat import FlatParameters
from tui_ae.train.gradients import AutogradGradients, WrittenOutGradients, choose_gradients
from tui_ae.train.trainer import Trainer

WIDTHS = [(784, 128, 32, 2), (784, 16), (12, 7, 5, 3, 2), (9, 1), (30, 64, 16)]


def network(widths: tuple[int, ...], seed: int = 0) -> Autoencoder:
    generator = torch.Generator().manual_seed(seed)
    model = Autoencoder(ModelSpec(widths), generator)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.3 * torch.randn(parameter.shape, generator=generator))
    return model


def images(rows: int, pixels: int, seed: int = 0) -> torch.Tensor:
    return torch.rand(rows, pixels, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("widths", WIDTHS)
@given(st.integers(1, 40), st.integers(0, 1000))
@settings(max_examples=10, deadline=None)
def test_every_width_and_depth_gets_the_gradients_of_autograd(
    widths: tuple[int, ...], rows: int, seed: int
) -> None:
    model = network(widths, seed)
    flat = FlatParameters(model)
    written, oracle = WrittenOutGradients(model, flat), AutogradGradients(model, flat)
    for count in (rows, rows + 1, rows):
        batch = images(count, widths[0], seed)
        codes, loss = written(batch, len(batch))
        mine = flat.gradients.clone()
        expected_codes, expected_loss = oracle(batch, len(batch))
        torch.testing.assert_close(codes, expected_codes)
        torch.testing.assert_close(loss, expected_loss)
        torch.testing.assert_close(mine, flat.gradients, rtol=1e-4, atol=1e-7)


def test_logits_of_any_size_give_a_finite_loss() -> None:
    model = network((4, 2))
    flat = FlatParameters(model)
    with torch.no_grad():
        flat.values.mul_(1e6)
    batch = images(8, 4)
    _, loss = WrittenOutGradients(model, flat)(batch, 8)
    assert torch.isfinite(loss) and torch.isfinite(flat.gradients).all()
    torch.testing.assert_close(loss, AutogradGradients(model, flat)(batch, 8)[1])


def test_the_number_of_threads_changes_no_bit() -> None:
    """So it may follow the load of the machine."""
    model = network((784, 128, 32, 2))
    flat = FlatParameters(model)
    written, batch, results = WrittenOutGradients(model, flat), images(128, 784), []
    threads = torch.get_num_threads()
    try:
        for count in (1, 2):
            torch.set_num_threads(count)
            _, loss = written(batch, len(batch))
            results.append((loss.item(), flat.gradients.clone()))
    finally:
        torch.set_num_threads(threads)
    assert results[0][0] == results[1][0]
    assert torch.equal(results[0][1], results[1][1])


def sigmoid_inside(model: Autoencoder) -> None:
    model.encoder[1] = nn.Sigmoid()


def without_a_bias(model: Autoencoder) -> None:
    model.decoder[0] = nn.Linear(2, 7, bias=False)


@pytest.mark.parametrize("change", [sigmoid_inside, without_a_bias])
def test_other_networks_are_left_to_autograd(change: Callable[[Autoencoder], None]) -> None:
    model = network((12, 7, 2))
    change(model)
    flat = FlatParameters(model)
    chosen = choose_gradients(model, flat)
    assert isinstance(chosen, AutogradGradients)
    with pytest.raises(ValueError, match="ReLU"):
        WrittenOutGradients(model, flat)
    _, loss = chosen(images(5, 12), 5)
    assert torch.isfinite(loss) and flat.gradients.abs().sum() > 0


def test_fifty_epochs_lose_as_autograd_does(digits: Dataset, settings: Settings) -> None:
    """From the same weights and in the same order, to 1e-4 of the loss in every epoch."""
    own, oracle = Trainer(digits, settings), Trainer(digits, settings)
    assert isinstance(own._gradients, WrittenOutGradients)
    oracle._gradients = AutogradGradients(oracle.model, oracle._flat)
    assert train(own, 50) == pytest.approx(train(oracle, 50), rel=1e-4)


def test_the_module_and_the_flat_buffer_are_one() -> None:
    model = network((12, 7, 2))
    before = [parameter.detach().clone() for parameter in model.parameters()]
    flat = FlatParameters(model)
    torch.testing.assert_close(list(model.parameters()), before)
    with torch.no_grad():
        flat.values.zero_()
    assert not any(parameter.any() for parameter in model.parameters())
    with torch.no_grad():
        next(iter(model.parameters())).fill_(2)
    assert (flat.values == 2).sum() == 12 * 7
