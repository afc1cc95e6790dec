"""The network: its size, its first weights, and its frozen copy against PyTorch itself."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import nn

from tui_ae.model.frozen import FrozenNetwork, sigmoid
from tui_ae.model.network import Autoencoder, build, freeze
from tui_ae.model.spec import LayerSpec, ModelSpec, NetworkKind


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.fixture
def model() -> Autoencoder:
    """A network whose biases count: they are zero at first."""
    model = Autoencoder(ModelSpec(), generator())
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn(parameter.shape, generator=generator(1)), alpha=0.1)
    return model


def dense(model: Autoencoder) -> list[nn.Linear]:
    return [module for module in model.modules() if isinstance(module, nn.Linear)]


def test_has_as_many_parameters_as_the_original() -> None:
    model = Autoencoder(ModelSpec(), generator())
    assert sum(parameter.numel() for parameter in model.parameters()) == 210_130
    assert ModelSpec().parameters == 210_130


def test_lists_its_layers_with_roles_and_activations() -> None:
    rows = [(row.role, row.units, row.activation, row.parameters) for row in ModelSpec().layers()]
    assert rows == [
        ("input", 784, "", 0),
        ("encoder", 128, "ReLU", 100_480),
        ("encoder", 32, "ReLU", 4_128),
        ("bottleneck", 2, "linear", 66),
        ("decoder", 32, "ReLU", 96),
        ("decoder", 128, "ReLU", 4_224),
        ("output", 784, "sigmoid", 101_136),
    ]


def test_the_modules_follow_the_table() -> None:
    model = Autoencoder(ModelSpec((6, 4, 3)), generator())
    kinds = [type(module).__name__ for module in model.encoder]
    assert [kind.endswith("Linear") for kind in kinds] == [True, False, True]
    widths = [(layer.in_features, layer.out_features) for layer in dense(model)]
    assert widths == [(6, 4), (4, 3), (3, 4), (4, 6)]


def test_first_weights_are_a_glorot_normal_cut_at_two_sigma() -> None:
    for layer in dense(Autoencoder(ModelSpec(), generator())):
        sigma = math.sqrt(2 / (layer.in_features + layer.out_features))
        scaled = layer.weight.detach().numpy() / sigma
        assert np.abs(scaled).max() <= 2.000001
        assert not layer.bias.detach().any()
        # A standard normal cut at two has this deviation; Keras would scale it back to one.
        error = 4 * 0.8796 / math.sqrt(2 * scaled.size)
        assert scaled.std() == pytest.approx(0.8796, abs=error)
        assert scaled.mean() == pytest.approx(0, abs=4 * 0.88 / math.sqrt(scaled.size))


def test_first_weights_are_normal_between_the_cuts() -> None:
    sigma = math.sqrt(2 / (784 + 128))
    weights = dense(Autoencoder(ModelSpec(), generator()))[0].weight.detach().numpy() / sigma
    for bound in (0.25, 0.5, 1.0, 1.5):
        inside = math.erf(bound / math.sqrt(2)) / math.erf(math.sqrt(2))
        assert (np.abs(weights) < bound).mean() == pytest.approx(inside, abs=0.006)


def test_weights_come_from_the_given_generator_alone() -> None:
    torch.manual_seed(1)
    before = torch.get_rng_state()
    first = Autoencoder(ModelSpec(), generator(7)).state_dict()
    assert torch.equal(torch.get_rng_state(), before)
    again = Autoencoder(ModelSpec(), generator(7)).state_dict()
    other = Autoencoder(ModelSpec(), generator(8)).state_dict()
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["encoder.0.weight"], other["encoder.0.weight"])


def test_the_frozen_encoder_gives_the_modules_codes(model: Autoencoder) -> None:
    images = torch.rand(50, 784, generator=generator(2))
    with torch.no_grad():
        expected = model.encoder(images).numpy()
    codes = freeze(model)[0](images.numpy())
    assert codes.dtype == np.float32
    np.testing.assert_allclose(codes, expected, atol=1e-5)


def test_the_frozen_decoder_gives_the_modules_pixels(model: Autoencoder) -> None:
    codes = 3 * torch.randn(50, 2, generator=generator(2))
    with torch.no_grad():
        expected = torch.sigmoid(model.decoder(codes)).numpy()
    pixels = freeze(model)[1](codes.numpy())
    assert pixels.dtype == np.float32
    np.testing.assert_allclose(pixels, expected, atol=1e-5)


def test_the_frozen_decoder_stays_a_probability_far_outside(model: Autoencoder) -> None:
    pixels = freeze(model)[1](np.array([[1e6, -1e6], [-1e6, 1e6]]))
    assert np.isfinite(pixels).all()
    assert pixels.min() >= 0
    assert pixels.max() <= 1


def test_the_frozen_copy_stays_as_it_was_while_the_model_moves_on(model: Autoencoder) -> None:
    frozen = freeze(model)[1]
    code = np.array([[0.5, -0.25]], np.float32)
    before = frozen(code)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(1)
    np.testing.assert_array_equal(frozen(code), before)


def test_the_frozen_copy_is_read_only(model: Autoencoder) -> None:
    for half in (freeze(model)[0], freeze(model)[1]):
        for array in (*half.weights, *half.biases):
            assert not array.flags.writeable
    assert [weight.shape for weight in freeze(model)[0].weights] == [
        (784, 128),
        (128, 32),
        (32, 2),
    ]


@pytest.mark.parametrize(
    ("kind", "activations", "parameters"),
    [
        ("ae", ["", "ReLU", "linear", "ReLU", "sigmoid"], [0, 28, 10, 12, 30]),
        ("denoising", ["", "ReLU", "linear", "ReLU", "sigmoid"], [0, 28, 10, 12, 30]),
        ("linear", ["", "linear", "linear", "linear", "linear"], [0, 28, 10, 12, 30]),
        # Its encoder ends in means and variances.
        ("vae", ["", "ReLU", "linear", "ReLU", "sigmoid"], [0, 28, 20, 12, 30]),
    ],
)
def test_each_kind_of_network_layer_by_layer(
    kind: NetworkKind, activations: list[str], parameters: list[int]
) -> None:
    spec = ModelSpec((6, 4, 2), kind)
    roles, units = ["input", "encoder", "bottleneck", "decoder", "output"], [6, 4, 2, 4, 6]
    rows = zip(roles, units, activations, parameters, strict=True)
    assert spec.layers() == tuple(LayerSpec(*row) for row in rows)
    assert spec.parameters == sum(parameters) and (spec.pixels, spec.latent_dim) == (6, 2)
    model = build(spec, generator())
    assert sum(parameter.numel() for parameter in model.parameters()) == sum(parameters)
    encoder, decoder = freeze(model)
    images = torch.rand(3, 6, generator=generator(1))
    with torch.no_grad():
        codes, output = model(images)
    np.testing.assert_allclose(encoder(images.numpy()), codes.numpy(), atol=1e-6)
    pixels = output if kind == "linear" else torch.sigmoid(output)
    np.testing.assert_allclose(decoder(codes.numpy()), pixels.numpy(), atol=1e-6)


def test_without_a_hidden_layer_the_bottleneck_follows_the_image() -> None:
    rows = [(row.role, row.activation, row.parameters) for row in ModelSpec((6, 2)).layers()]
    assert rows == [("input", "", 0), ("bottleneck", "linear", 14), ("output", "sigmoid", 18)]
    assert ModelSpec().beta == 1.0 and ModelSpec().widths == (784, 128, 32, 2)


def test_a_frozen_network_layer_by_layer() -> None:
    weights = tuple(
        np.array(rows, np.float32) for rows in ([[1, -1]], [[1, 2], [3, -4]], [[1], [-1]])
    )
    biases = tuple(np.array(row, np.float32) for row in ([0, 1], [-2, 0], [0.5]))
    # 3 → (3, -2) → (3, 0) → (1, 6) → -5 + 0.5; what is behind the last layer may be negative.
    network = FrozenNetwork(weights, biases, sigmoid_output=False)
    assert network([[3.0]]).tolist() == [[-4.5]]
    # Without ReLU: (3, -2) → (-5, 14) → -19 + 0.5.
    linear = FrozenNetwork(weights, biases, sigmoid_output=False, relu=False)
    assert linear([[3.0]]).tolist() == [[-18.5]]
    squashed = FrozenNetwork(weights, biases, sigmoid_output=True)
    assert squashed([[3.0]])[0, 0] == pytest.approx(1 / (1 + math.exp(4.5)), rel=1e-5)
    assert network.nbytes == 4 * (2 + 4 + 2 + 2 + 2 + 1)


@pytest.mark.parametrize(
    ("logit", "expected"), [(0.0, 0.5), (2.0, 0.880797), (-2.0, 0.119203), (1e9, 1.0), (-1e9, 0.0)]
)
def test_the_logistic_function(logit: float, expected: float) -> None:
    found = sigmoid(np.array([logit], np.float32))
    assert found.dtype == np.float32 and found[0] == pytest.approx(expected, abs=1e-6)
