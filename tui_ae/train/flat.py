"""All parameters of a module in one buffer."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

ALIGNMENT = 16
"""Numbers, 64 bytes of them, at whose multiples each parameter begins: elsewhere matrix products
round otherwise with one thread than with two, and otherwise in one process than in the next."""


class FlatParameters:
    """Moves a module's parameters into one buffer, and gives them another for their gradients.

    The module stays as it is: its parameters become views of the buffer. An optimiser that updates
    the buffer takes the interpreter's lock and starts threads once, instead of once a parameter.
    """

    def __init__(self, model: nn.Module) -> None:
        """Take over the parameters of `model`, all of one type and on one device."""
        self.parameters = list(model.parameters())
        shapes = [parameter.shape for parameter in self.parameters]
        self.values = self.parameters[0].new_zeros(sum(room(shape) for shape in shapes))
        """All parameters, with zeros between them that stay zeros."""
        self.gradients = torch.zeros_like(self.values)
        self.value_views = views(self.values, shapes)
        for parameter, view in zip(self.parameters, self.value_views, strict=True):
            view.copy_(parameter.detach())
            parameter.data = view
        self.gradient_views = views(self.gradients, shapes)


def views(flat: Tensor, shapes: Sequence[torch.Size]) -> list[Tensor]:
    """Parts of `flat`, one behind the other, in these shapes; they share its memory."""
    parts = torch.split(flat, [room(shape) for shape in shapes])
    return [part[: shape.numel()].view(shape) for part, shape in zip(parts, shapes, strict=True)]


def room(shape: torch.Size) -> int:
    """Numbers that one of this shape takes, with the zeros behind it."""
    return -(-shape.numel() // ALIGNMENT) * ALIGNMENT
