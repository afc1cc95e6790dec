"""The written-out passes against autograd."""

from __future__ import annotations

from collections.abc import Callable
from weakref import WeakSet

import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from torch import nn
from torch.distributions import Bernoulli, Normal, kl_divergence

from tui_ae.model.network import Autoencoder, VariationalAutoencoder, build
from tui_ae.model.spec import ModelSpec, NetworkKind, ObjectiveName
from tui_ae.train import written_out as written_out_module
from tui_ae.train.criterion import evaluate
from tui_ae.train.flat import FlatParameters
from tui_ae.train.gradients import AutogradGradients
from tui_ae.train.noise import Noise
from tui_ae.train.written_out import (
    Buffers,
    WrittenOutGradients,
    choose_gradients,
    cross_entropy,
)

WIDTHS = [(784, 128, 32, 2), (784, 16), (12, 7, 5, 3, 2), (9, 1), (30, 64, 16)]
SPECS = [
    *(ModelSpec(widths) for widths in WIDTHS),
    *(ModelSpec(widths, objective="mse") for widths in WIDTHS),
    ModelSpec((784, 2), kind="linear", objective="mse"),
    ModelSpec((9, 3), kind="linear", objective="mse"),
]


def noise() -> Noise:
    return Noise(torch.Generator().manual_seed(0))


def network(widths: tuple[int, ...] | ModelSpec, seed: int = 0) -> Autoencoder:
    generator = torch.Generator().manual_seed(seed)
    spec = widths if isinstance(widths, ModelSpec) else ModelSpec(widths)
    model = build(spec, generator)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.3 * torch.randn(parameter.shape, generator=generator))
    return model


def images(rows: int, pixels: int, seed: int = 0) -> torch.Tensor:
    return torch.rand(rows, pixels, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("spec", SPECS, ids=str)
@given(st.integers(1, 40), st.integers(0, 1000))
@example(1, 1000)
@settings(max_examples=5)
def test_every_width_and_depth_gets_the_gradients_of_autograd(
    spec: ModelSpec, rows: int, seed: int
) -> None:
    model = network(spec, seed)
    flat = FlatParameters(model)
    written = WrittenOutGradients(model, flat)
    oracle = AutogradGradients(model, flat, noise())
    for count in (rows, rows + 1, rows):
        batch = images(count, spec.pixels, seed)
        codes, loss = written(batch, len(batch))
        mine = flat.gradients.clone()
        expected_codes, expected_loss = oracle(batch, len(batch))
        torch.testing.assert_close(codes, expected_codes)
        torch.testing.assert_close(loss, expected_loss)
        # What rounding leaves of terms that cancel is of the size of the terms.
        rounding = 2e-6 * float(flat.gradients.abs().max())
        torch.testing.assert_close(mine, flat.gradients, rtol=1e-4, atol=rounding)


def test_logits_of_any_size_give_a_finite_loss() -> None:
    model = network((4, 2))
    flat = FlatParameters(model)
    with torch.no_grad():
        flat.values.mul_(1e6)
    batch = images(8, 4)
    _, loss = WrittenOutGradients(model, flat)(batch, 8)
    assert torch.isfinite(loss) and torch.isfinite(flat.gradients).all()
    torch.testing.assert_close(loss, AutogradGradients(model, flat, noise())(batch, 8)[1])


@pytest.mark.parametrize("size", [0.1, 3.0, 1e6])
def test_the_loss_is_the_cross_entropy_of_logits_of_any_size(size: float) -> None:
    buffers, batch = Buffers(FlatParameters(network((784, 2))), 128), images(128, 784)
    logits = size * torch.randn(128, 784, generator=torch.Generator().manual_seed(2))
    buffers.activations[-1].copy_(logits)
    loss = cross_entropy(buffers, batch)
    oracle = nn.functional.binary_cross_entropy_with_logits(logits, batch, reduction="sum")
    torch.testing.assert_close(loss, oracle)
    torch.testing.assert_close(buffers.errors[-1], torch.sigmoid(logits) - batch)


@pytest.mark.parametrize("objective", ["bce", "mse"])
def test_the_number_of_threads_changes_no_bit(objective: ObjectiveName) -> None:
    """So it may follow the load of the machine."""
    model = network(ModelSpec(objective=objective))
    flat = FlatParameters(model)
    # Without pixels so sure that they are denormal numbers, which each thread may count as 0.
    flat.values.mul_(0.3)
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


@pytest.mark.parametrize("kind", ["ae", "vae"])
@pytest.mark.parametrize("objective", ["bce", "mse"])
def test_the_number_of_threads_changes_no_bit_of_what_is_only_looked_at(
    kind: NetworkKind, objective: ObjectiveName
) -> None:
    """The loss of held-out images is part of a run, which goes on bit for bit."""
    model = network(ModelSpec((784, 128, 256), objective=objective, kind=kind))
    threads = torch.get_num_threads()
    try:
        for seed in range(20):
            batch, losses = images(640, 784, seed), set()
            for count in (1, 2, 3):
                torch.set_num_threads(count)
                losses.add(evaluate(model, batch)[1].item())
            assert len(losses) == 1
    finally:
        torch.set_num_threads(threads)


def sigmoid_inside(model: Autoencoder) -> None:
    model.encoder[1] = nn.Sigmoid()


def without_a_bias(model: Autoencoder) -> None:
    model.decoder[0] = nn.Linear(2, 7, bias=False)


def relu_at_the_end(model: Autoencoder) -> None:
    model.encoder.append(nn.ReLU())


def layer_of_another_kind(model: Autoencoder) -> None:
    class Doubled(nn.Linear):
        def forward(self, inputs: torch.Tensor) -> torch.Tensor:
            return 2 * super().forward(inputs)

    model.decoder[0] = Doubled(2, 7)


def one_bias_for_two_layers(model: Autoencoder) -> None:
    model.decoder[0].bias = model.encoder[0].bias


CHANGES = [
    sigmoid_inside,
    without_a_bias,
    relu_at_the_end,
    layer_of_another_kind,
    one_bias_for_two_layers,
]


@pytest.mark.parametrize("change", CHANGES)
def test_other_networks_are_left_to_autograd(change: Callable[[Autoencoder], None]) -> None:
    model = network((12, 7, 2))
    change(model)
    flat = FlatParameters(model)
    chosen = choose_gradients(model, flat, noise())
    assert isinstance(chosen, AutogradGradients)
    with pytest.raises(ValueError, match="ReLU"):
        WrittenOutGradients(model, flat)
    _, loss = chosen(images(5, 12), 5)
    assert torch.isfinite(loss) and flat.gradients.abs().sum() > 0


@pytest.mark.parametrize("kind", ["denoising", "vae"])
def test_networks_that_train_with_noise_are_left_to_autograd(kind: NetworkKind) -> None:
    model = network(ModelSpec((12, 7, 2), kind=kind))
    flat = FlatParameters(model)
    chosen, batch = choose_gradients(model, flat, noise()), images(5, 12)
    assert isinstance(chosen, AutogradGradients)
    codes, first = chosen(batch, 5)
    torch.testing.assert_close(codes, model.encode(batch).detach())
    # Other noise, another loss; the same noise, the same.
    assert chosen(batch, 5)[1] != first
    assert AutogradGradients(model, flat, noise())(batch, 5)[1] == first


def test_a_variational_loss_is_that_of_torch_distributions() -> None:
    spec = ModelSpec((12, 7, 2), kind="vae", beta=0.7)
    model, batch = network(spec), images(6, 12)
    assert isinstance(model, VariationalAutoencoder)
    _, loss = AutogradGradients(model, FlatParameters(model), noise())(batch, 6)
    mean, log_variance = model.distribution(batch)
    own = Normal(mean, (0.5 * log_variance).exp())
    sampled = mean + own.scale * noise().normal(mean)
    pixels = -Bernoulli(logits=model.decoder(sampled), validate_args=False).log_prob(batch).sum()
    prior = kl_divergence(own, Normal(0.0, 1.0)).sum()
    torch.testing.assert_close(loss, ((pixels + 0.7 * prior) / batch.numel()).detach())


def test_an_autoencoder_with_another_pass_is_left_to_autograd() -> None:
    class Dimmed(Autoencoder):
        def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            return super().forward(0.5 * images)

    model = Dimmed(ModelSpec((12, 7, 2)), torch.Generator().manual_seed(0))
    assert isinstance(choose_gradients(model, FlatParameters(model), noise()), AutogradGradients)


def test_buffers_of_two_sizes_of_mini_batch_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """An epoch has at most two; with every choice of classes the last one has another size."""
    made: list[int] = []
    kept: WeakSet[Buffers] = WeakSet()

    class Watched(Buffers):
        def __init__(self, flat: FlatParameters, rows: int) -> None:
            super().__init__(flat, rows)
            made.append(rows)
            kept.add(self)

    monkeypatch.setattr(written_out_module, "Buffers", Watched)
    model = network((12, 7, 2))
    written = WrittenOutGradients(model, FlatParameters(model))
    for last in (5, 3, 1):
        for rows in (8, 8, last) * 2:
            written(images(rows, 12), rows)
        assert sorted(len(buffers.cost) for buffers in kept) == [last, 8]
    assert made == [8, 5, 3, 1]


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
