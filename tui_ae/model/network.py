"""The autoencoder as PyTorch modules, built from a ModelSpec."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor, nn

from tui_ae.arrays import FloatArray
from tui_ae.model.frozen import FrozenNetwork
from tui_ae.model.spec import ModelSpec

TRUNCATION = 2.0
"""Initial weights lie within this many standard deviations of the untruncated normal."""


class BareLinear(nn.Linear):
    """A dense layer that leaves its weights to the caller, and the global generator alone."""

    def reset_parameters(self) -> None:
        """Draw nothing."""


class Dense(nn.Sequential):
    """Dense layers, with ReLU between them or with nothing, and none behind the last one."""

    def __init__(
        self, widths: tuple[int, ...], generator: torch.Generator, *, relu: bool = True
    ) -> None:
        layers: list[nn.Module] = []
        for units_in, units_out in pairwise(widths):
            layers.append(dense_layer(units_in, units_out, generator))
            if relu:
                layers.append(nn.ReLU(inplace=True))
        super().__init__(*(layers[:-1] if relu else layers))


class Encoder(Dense):
    """Images (n, 784) to latent codes (n, 2)."""


class Decoder(Dense):
    """Latent codes (n, 2) to pixels (n, 784), or to their logits where a sigmoid is to follow."""


class Autoencoder(nn.Module):
    """An encoder and its mirror image, with weights drawn from `generator` alone."""

    def __init__(self, spec: ModelSpec, generator: torch.Generator) -> None:
        super().__init__()
        self.spec = spec
        relu = spec.activation == "ReLU"
        self.encoder = Encoder(spec.encoder_widths, generator, relu=relu)
        self.decoder = Decoder(spec.widths[::-1], generator, relu=relu)

    def encode(self, images: Tensor) -> Tensor:
        """Latent codes (n, latent) of images (n, pixels)."""
        codes: Tensor = self.encoder(images)
        return codes

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Latent codes (n, latent) and what the decoder makes of them (n, pixels)."""
        codes = self.encode(images)
        return codes, self.decoder(codes)


class VariationalAutoencoder(Autoencoder):
    """Its encoder gives a normal distribution for each image; the code is the mean.

    Source: Kingma and Welling (2014), Auto-encoding variational Bayes.
    """

    def distribution(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Means and logarithms of variances, (n, latent) each."""
        mean, log_variance = self.encoder(images).chunk(2, dim=1)
        return mean, log_variance

    def encode(self, images: Tensor) -> Tensor:
        """See Autoencoder."""
        return self.distribution(images)[0]


def build(spec: ModelSpec, generator: torch.Generator) -> Autoencoder:
    """The network that `spec` describes."""
    network = VariationalAutoencoder if spec.kind == "vae" else Autoencoder
    return network(spec, generator)


def dense_layer(units_in: int, units_out: int, generator: torch.Generator) -> nn.Linear:
    """A layer with zero biases and Glorot-normal weights (Glorot and Bengio 2010).

    The normal is cut at two of its standard deviations and not rescaled for what that takes away.
    """
    layer = BareLinear(units_in, units_out)
    sigma = math.sqrt(2.0 / (units_in + units_out))
    with torch.no_grad():
        layer.weight.copy_(sigma * truncated_normal((units_out, units_in), generator))
        layer.bias.zero_()
    return layer


def truncated_normal(shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
    """Standard normal numbers, drawn again until they lie within TRUNCATION of zero."""
    values = torch.randn(shape, generator=generator)
    while bool((outside := values.abs() > TRUNCATION).any()):
        values[outside] = torch.randn(int(outside.sum()), generator=generator)
    return values


def freeze(model: Autoencoder) -> tuple[FrozenNetwork, FrozenNetwork]:
    """NumPy copies of encoder and decoder at this moment, which later training does not touch."""
    spec = model.spec
    relu = spec.activation == "ReLU"
    # Behind the means of a variational encoder lie its variances, which make no code.
    encoder = _frozen(model.encoder, spec.latent_dim, relu=relu, sigmoid=False)
    decoder = _frozen(model.decoder, spec.pixels, relu=relu, sigmoid=spec.sigmoid_output)
    return encoder, decoder


def _frozen(half: Dense, units: int, *, relu: bool, sigmoid: bool) -> FrozenNetwork:
    layers = [layer for layer in half if isinstance(layer, nn.Linear)]
    # The transposed view of a C-ordered copy: five times as fast as copying transposed.
    weights = [_copy(layer.weight).T for layer in layers]
    biases = [_copy(layer.bias) for layer in layers]
    weights[-1], biases[-1] = weights[-1][:, :units], biases[-1][:units]
    return FrozenNetwork(tuple(weights), tuple(biases), sigmoid_output=sigmoid, relu=relu)


def _copy(parameter: Tensor) -> FloatArray:
    array: FloatArray = np.array(parameter.detach().cpu().numpy(), dtype=np.float32)
    array.flags.writeable = False
    return array
