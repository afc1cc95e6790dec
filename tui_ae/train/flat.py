"""All parameters of a module in one buffer."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn


class FlatParameters:
    """Moves a module's parameters into one buffer, and gives them another for their gradients.

    The module stays as it is: its parameters become views of the buffer. An optimiser that updates
    the buffer takes the interpreter's lock and starts threads once, instead of once a parameter.
    """

    def __init__(self, model: nn.Module) -> None:
        """Take over the parameters of `model`, all of one type and on one device."""
        self.parameters = list(model.parameters())
        with torch.no_grad():
            self.values = torch.cat([parameter.reshape(-1) for parameter in self.parameters])
        self.gradients = torch.zeros_like(self.values)
        shapes = [parameter.shape for parameter in self.parameters]
        for parameter, view in zip(self.parameters, views(self.values, shapes), strict=True):
            parameter.data = view
        self.value_views = [parameter.detach() for parameter in self.parameters]
        self.gradient_views = views(self.gradients, shapes)


def views(flat: Tensor, shapes: Sequence[torch.Size]) -> list[Tensor]:
    """Parts of `flat`, one behind the other, in these shapes; they share its memory."""
    parts = torch.split(flat, [shape.numel() for shape in shapes])
    return [part.view(shape) for part, shape in zip(parts, shapes, strict=True)]
