"""The halves of a run as PyTorch modules; the one place of the exports that needs PyTorch."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import nn

from tui_ae.run.checkpoint import Array


def sequential(weights: Mapping[str, Array], *, sigmoid: bool) -> nn.Sequential:
    """Dense layers, with ReLU where the numbers in the names leave room, in evaluation mode.

    Args:
        weights: `0.weight` (units out, units in), `0.bias` (units out,), `2.weight`, …
        sigmoid: Whether a sigmoid follows the last one.
    """
    layers: list[nn.Module] = []
    for number in sorted({int(name.split(".")[0]) for name in weights}):
        layers += [nn.ReLU() for _ in range(len(layers), number)]
        units_out, units_in = weights[f"{number}.weight"].shape
        # Weights that are replaced at once must not be drawn from the caller's generator.
        layers.append(nn.Linear(units_in, units_out, device="meta").to_empty(device="cpu"))
    if sigmoid:
        layers.append(nn.Sigmoid())
    module = nn.Sequential(*layers)
    module.load_state_dict(
        {name: torch.from_numpy(np.array(array)) for name, array in weights.items()}
    )
    return module.eval()
