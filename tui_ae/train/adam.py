"""Adam for one list of parameters."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.optim.adam import adam

BETA1, BETA2 = 0.9, 0.999


class Adam:
    """Adam, one fused operation a step.

    The function under `torch.optim.Adam`, without the class around it: its first use imports
    PyTorch's compiler, which costs a second and 90 MB before training can start. Fused, a step
    takes the interpreter's lock once instead of a hundred times.
    Source: Kingma and Ba (2015), Adam: a method for stochastic optimization.
    """

    def __init__(
        self,
        parameters: Sequence[Tensor],
        gradients: Sequence[Tensor],
        *,
        learning_rate: float | Tensor,
        epsilon: float,
    ) -> None:
        """Update `parameters` in place from now on, by what `gradients` then hold."""
        self.parameters = list(parameters)
        self._gradients = list(gradients)
        self.learning_rate = learning_rate
        self._epsilon = epsilon
        self._means = [torch.zeros_like(parameter) for parameter in self.parameters]
        self._squares = [torch.zeros_like(parameter) for parameter in self.parameters]
        self._steps = [torch.zeros((), device=parameter.device) for parameter in self.parameters]

    def memory(self) -> dict[str, Tensor]:
        """What it remembers from step to step, by name; to restore it, copy into these."""
        kinds = {"mean": self._means, "square": self._squares, "steps": self._steps}
        return {
            f"{kind}.{index}": tensor
            for kind, tensors in kinds.items()
            for index, tensor in enumerate(tensors)
        }

    @torch.no_grad()
    def step(self) -> None:
        """Move each parameter against its gradient."""
        adam(
            self.parameters,
            self._gradients,
            self._means,
            self._squares,
            [],
            self._steps,
            fused=True,
            amsgrad=False,
            beta1=BETA1,
            beta2=BETA2,
            lr=self.learning_rate,
            weight_decay=0.0,
            eps=self._epsilon,
            maximize=False,
        )
