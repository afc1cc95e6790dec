"""Adam for one list of parameters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor

BETA1, BETA2 = 0.9, 0.999


class AdamOperation(Protocol):
    """Takes a step for a list of parameters, in place."""

    def __call__(
        self,
        parameters: list[Tensor],
        gradients: list[Tensor],
        means: list[Tensor],
        squares: list[Tensor],
        steps: list[Tensor],
        /,
        *,
        rate: float | Tensor,
        epsilon: float,
    ) -> None:
        """Count the step in each of `steps`, take it, and remember it in `means` and `squares`."""
        ...


def fused(
    parameters: list[Tensor],
    gradients: list[Tensor],
    means: list[Tensor],
    squares: list[Tensor],
    steps: list[Tensor],
    *,
    rate: float | Tensor,
    epsilon: float,
) -> None:
    """One operation for all parameters; see AdamOperation.

    The one under `torch.optim.Adam`, without the class around it, whose first use imports PyTorch's
    compiler: a second and 90 MB before training can start. Nor with the function between them,
    which sorts the parameters by device and type at each step: 3 % of a mini-batch.
    """
    torch._foreach_add_(steps, 1)
    torch._fused_adam_(
        parameters,
        gradients,
        means,
        squares,
        [],
        steps,
        lr=rate,
        beta1=BETA1,
        beta2=BETA2,
        weight_decay=0.0,
        eps=epsilon,
        amsgrad=False,
        maximize=False,
    )


class Adam:
    """What Adam remembers of its parameters from step to step.

    Source: Kingma and Ba (2015), Adam: a method for stochastic optimization.
    """

    def __init__(
        self,
        parameters: Sequence[Tensor],
        gradients: Sequence[Tensor],
        *,
        learning_rate: float | Tensor,
        epsilon: float,
        operation: AdamOperation = fused,
    ) -> None:
        """Update `parameters` in place from now on, by what `gradients` then hold.

        Args:
            parameters: To be updated.
            gradients: One for each of them.
            learning_rate: Its size of a step.
            epsilon: What keeps it from dividing by zero.
            operation: Takes a step.
        """
        self.parameters = list(parameters)
        self._gradients = list(gradients)
        self.learning_rate = learning_rate
        self._epsilon = epsilon
        self._operation = operation
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

    @torch.inference_mode()
    def step(self) -> None:
        """Move each parameter against its gradient."""
        self._operation(
            self.parameters,
            self._gradients,
            self._means,
            self._squares,
            self._steps,
            rate=self.learning_rate,
            epsilon=self._epsilon,
        )
