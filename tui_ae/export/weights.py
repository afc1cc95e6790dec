"""Encoder and decoder as safetensors files that PyTorch modules load as they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import BinaryIO

import numpy as np

from tui_ae.run.checkpoint import Array


def write_weights(weights: Mapping[str, Array], file: BinaryIO, *, sigmoid: bool) -> None:
    """Write one half.

    Args:
        weights: `0.weight` (units out, units in), `0.bias` (units out,), `2.weight`, …
        file: Takes them.
        sigmoid: Whether a sigmoid follows the last layer.
    """
    from safetensors.numpy import save

    plain = {name: np.ascontiguousarray(array) for name, array in weights.items()}
    file.write(save(plain, {"format": "pt", "modules": modules(weights, sigmoid=sigmoid)}))


def modules(weights: Mapping[str, Array], *, sigmoid: bool) -> str:
    """The modules of one half in words, such as 'Linear(784, 2)'; others than dense are ReLU."""
    said: list[str] = []
    for number in sorted({int(name.split(".")[0]) for name in weights}):
        said += ["ReLU()"] * (number - len(said))
        units_out, units_in = weights[f"{number}.weight"].shape
        said.append(f"Linear({units_in}, {units_out})")
    return ", ".join([*said, "Sigmoid()"] if sigmoid else said)
