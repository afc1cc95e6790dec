"""The autoencoder as PyTorch modules, built from a ModelSpec."""

from __future__ import annotations

import itertools
import math

import numpy as np
import torch
from torch import Tensor, nn

from tui_ae.model.frozen import FrozenNetwork
from tui_ae.model.spec import ModelSpec


def dense_layers(widths: tuple[int, ...]) -> nn.Sequential:
    """Dense layers of the given widths with a ReLU between each two."""
    layers: list[nn.Module] = []
    for units_in, units_out in itertools.pairwise(widths):
        layers += [nn.Linear(units_in, units_out), nn.ReLU(inplace=True)]
    return nn.Sequential(*layers[:-1])


class Autoencoder(nn.Module):
    """An encoder to the bottleneck and its mirror image back.

    The decoder gives logits: the objective takes the sigmoid itself, which is exact for logits of
    any size.
    """

    def __init__(self, spec: ModelSpec, generator: torch.Generator) -> None:
        """Build `spec` with weights drawn from `generator`."""
        super().__init__()
        self.encoder = dense_layers(spec.widths)
        self.decoder = dense_layers(spec.widths[::-1])
        self.apply(lambda module: glorot_normal(module, generator))

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """(n, 784) images to their codes (n, 2) and the logits of their pixels (n, 784)."""
        codes = self.encoder(images)
        return codes, self.decoder(codes)


@torch.no_grad()
def glorot_normal(module: nn.Module, generator: torch.Generator) -> None:
    """Draw a dense layer's weights from Glorot's normal, cut at two sigma; its biases become zero.

    sigma = sqrt(2 / (fan-in + fan-out)) before the cut, as Keras draws them but without its
    rescaling. Source: Glorot and Bengio (2010), Understanding the difficulty of training deep
    feedforward neural networks.
    """
    if isinstance(module, nn.Linear):
        sigma = math.sqrt(2 / (module.in_features + module.out_features))
        nn.init.trunc_normal_(
            module.weight, std=sigma, a=-2 * sigma, b=2 * sigma, generator=generator
        )
        module.bias.zero_()


def freeze(half: nn.Sequential, *, sigmoid_output: bool) -> FrozenNetwork:
    """A read-only NumPy copy of the encoder's or the decoder's present weights."""
    dense = [layer for layer in half if isinstance(layer, nn.Linear)]
    weights, biases = [], []
    for layer in dense:
        weight = layer.weight.detach().cpu().numpy().T.copy(order="C")
        bias = layer.bias.detach().cpu().numpy().copy()
        for array in (weight, bias):
            array.setflags(write=False)
        weights.append(np.asarray(weight, np.float32))
        biases.append(np.asarray(bias, np.float32))
    return FrozenNetwork(tuple(weights), tuple(biases), sigmoid_output)
