"""The network described by a value, so that no width is a constant elsewhere."""

from __future__ import annotations

from dataclasses import dataclass


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

    def layers(self) -> tuple[LayerSpec, ...]:
        """All layers from the input to the output."""
        units = self.widths + self.widths[-2::-1]
        middle, last = len(self.widths) - 1, len(units) - 1
        rows = [LayerSpec("input", units[0], "", 0)]
        for index in range(1, len(units)):
            role, activation = ("encoder" if index < middle else "decoder"), "ReLU"
            if index == middle:
                role, activation = "bottleneck", "linear"
            elif index == last:
                role, activation = "output", "sigmoid"
            parameters = units[index] * (units[index - 1] + 1)
            rows.append(LayerSpec(role, units[index], activation, parameters))
        return tuple(rows)

    @property
    def parameters(self) -> int:
        """All weights and biases; 210,130 for the original."""
        return sum(layer.parameters for layer in self.layers())
