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
    """Dense layers with ReLU between them, and none behind the last one."""

    sigmoid_output = False
    """Whether the frozen copy applies a sigmoid; these modules give logits."""

    def __init__(self, widths: tuple[int, ...], generator: torch.Generator) -> None:
        layers: list[nn.Module] = []
        for units_in, units_out in pairwise(widths):
            layers += [dense_layer(units_in, units_out, generator), nn.ReLU(inplace=True)]
        super().__init__(*layers[:-1])


class Encoder(Dense):
    """Images (n, 784) to latent codes (n, 2)."""


class Decoder(Dense):
    """Latent codes (n, 2) to the logits (n, 784) of pixels in (0, 1)."""

    sigmoid_output = True


class Autoencoder(nn.Module):
    """An encoder and its mirror image, with weights drawn from `generator` alone."""

    def __init__(self, spec: ModelSpec, generator: torch.Generator) -> None:
        super().__init__()
        self.encoder = Encoder(spec.widths, generator)
        self.decoder = Decoder(spec.widths[::-1], generator)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Latent codes (n, 2) and pixel logits (n, 784) of images (n, 784)."""
        codes = self.encoder(images)
        return codes, self.decoder(codes)


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


def freeze(network: Dense) -> FrozenNetwork:
    """A NumPy copy of the weights at this moment, which later training does not touch."""
    layers = [layer for layer in network if isinstance(layer, nn.Linear)]
    return FrozenNetwork(
        # The transposed view of a C-ordered copy: five times as fast as copying transposed.
        weights=tuple(_copy(layer.weight).T for layer in layers),
        biases=tuple(_copy(layer.bias) for layer in layers),
        sigmoid_output=network.sigmoid_output,
    )


def _copy(parameter: Tensor) -> FloatArray:
    array: FloatArray = np.array(parameter.detach().cpu().numpy(), dtype=np.float32)
    array.flags.writeable = False
    return array
