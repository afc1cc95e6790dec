"""The network described by a value, so that no width is a constant elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

NetworkKind = Literal["ae", "linear", "denoising", "vae"]
NETWORK_KINDS: dict[NetworkKind, str] = {
    "ae": "an autoencoder: image to code to image",
    "linear": "an autoencoder without activations: it learns the plane of PCA",
    "denoising": "an autoencoder that gets images with pixels missing, and has to give them whole",
    "vae": "a variational autoencoder: codes with noise, pulled towards a normal distribution",
}
"""What each kind is, in words for the person."""
ObjectiveName = Literal["bce", "mse"]


@dataclass(frozen=True, slots=True)
class LayerSpec:
    """One row of the layer table."""

    role: str
    """'input', 'encoder', 'bottleneck', 'decoder' or 'output'."""
    units: int
    activation: str
    """'' for the input, else 'ReLU', 'linear' or 'sigmoid'."""
    parameters: int
    """Weights and biases of the dense layer that ends here; 0 for the input."""


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """A symmetric autoencoder: `widths` from the image to the bottleneck, mirrored behind it."""

    widths: tuple[int, ...] = (784, 128, 32, 2)
    kind: NetworkKind = "ae"
    objective: ObjectiveName = "bce"
    """A key of `model.objective.OBJECTIVES`."""
    beta: float = 1.0
    """What the divergence from the prior weighs in the loss of a variational autoencoder."""

    @property
    def pixels(self) -> int:
        """Numbers in an image."""
        return self.widths[0]

    @property
    def latent_dim(self) -> int:
        """Numbers in a code."""
        return self.widths[-1]

    @property
    def activation(self) -> str:
        """Behind each layer but the bottleneck and the last one."""
        return "linear" if self.kind == "linear" else "ReLU"

    @property
    def sigmoid_output(self) -> bool:
        """Whether a sigmoid makes pixels in (0, 1) of what the last layer gives."""
        return self.kind != "linear"

    @property
    def encoder_widths(self) -> tuple[int, ...]:
        """Those of the encoder's layers; that of a variational one ends in means and variances."""
        last = self.latent_dim * (2 if self.kind == "vae" else 1)
        return (*self.widths[:-1], last)

    def layers(self) -> tuple[LayerSpec, ...]:
        """All layers from the input to the output."""
        units = self.widths + self.widths[-2::-1]
        made = self.encoder_widths + self.widths[-2::-1]
        middle, last = len(self.widths) - 1, len(units) - 1
        rows = [LayerSpec("input", units[0], "", 0)]
        for index in range(1, len(units)):
            role, activation = ("encoder" if index < middle else "decoder"), self.activation
            if index == middle:
                role, activation = "bottleneck", "linear"
            elif index == last:
                role, activation = "output", "sigmoid" if self.sigmoid_output else "linear"
            parameters = made[index] * (units[index - 1] + 1)
            rows.append(LayerSpec(role, units[index], activation, parameters))
        return tuple(rows)

    @property
    def parameters(self) -> int:
        """All weights and biases; 210,130 for the original."""
        return sum(layer.parameters for layer in self.layers())
