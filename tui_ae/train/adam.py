"""Adam for one list of parameters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

BETA1, BETA2 = 0.9, 0.999


@dataclass(frozen=True, slots=True)
class Memory:
    """Parameters, and what is remembered of them from step to step, all written to in place."""

    parameters: list[Tensor]
    gradients: list[Tensor]
    """One for each of the parameters, as all that follow."""
    means: list[Tensor]
    squares: list[Tensor]
    steps: list[Tensor]
    """Scalars: how many were taken."""


AdamOperation = Callable[[Memory, float | Tensor, float], None]
"""Takes a step of a size, with what keeps it from dividing by zero."""


def fused(memory: Memory, rate: float | Tensor, epsilon: float) -> None:
    """A step in one operation for all parameters.

    The one under `torch.optim.Adam`, without the class around it, whose first use imports PyTorch's
    compiler: a second and 90 MB before training can start. Nor with the function between them,
    which sorts the parameters by device and type at each step: 3 % of a mini-batch.
    """
    torch._foreach_add_(memory.steps, 1)
    torch._fused_adam_(
        memory.parameters,
        memory.gradients,
        memory.means,
        memory.squares,
        [],
        memory.steps,
        lr=rate,
        beta1=BETA1,
        beta2=BETA2,
        weight_decay=0.0,
        eps=epsilon,
        amsgrad=False,
        maximize=False,
    )


class Adam:
    """Adam for one list of parameters.

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
        self.learning_rate = learning_rate
        self._epsilon = epsilon
        self._operation = operation
        self._memory = Memory(
            self.parameters,
            list(gradients),
            [torch.zeros_like(parameter) for parameter in self.parameters],
            [torch.zeros_like(parameter) for parameter in self.parameters],
            [torch.zeros((), device=parameter.device) for parameter in self.parameters],
        )

    def memory(self) -> dict[str, Tensor]:
        """What it remembers from step to step, by name; to restore it, copy into these."""
        memory = self._memory
        kinds = {"mean": memory.means, "square": memory.squares, "steps": memory.steps}
        return {
            f"{kind}.{index}": tensor
            for kind, tensors in kinds.items()
            for index, tensor in enumerate(tensors)
        }

    @torch.inference_mode()
    def step(self) -> None:
        """Move each parameter against its gradient."""
        self._operation(self._memory, self.learning_rate, self._epsilon)
