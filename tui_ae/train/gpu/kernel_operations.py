"""Kernels of this project, as a mini-batch asks for them."""

from __future__ import annotations

import math

import torch
import triton.language as tl
from torch import Tensor

from tui_ae.model.spec import ModelSpec
from tui_ae.train.adam import BETA1, BETA2, AdamOperation, Memory
from tui_ae.train.gpu import kernels
from tui_ae.train.gpu.operations import Operations

NARROW = 128 * 128
"""Weights up to which a layer's backward pass is one kernel; PyTorch is quicker at wider ones."""


def adam(memory: Memory, rate: float | Tensor, epsilon: float) -> None:
    """See AdamOperation; the rate is a tensor."""
    # PyTorch's own gives each 65,536 parameters to a program: a thirtieth of a GPU works then.
    torch._foreach_add_(memory.steps, 1)
    for values, *others in zip(
        memory.parameters,
        memory.gradients,
        memory.means,
        memory.squares,
        memory.steps,
        strict=True,
    ):
        size = values.numel()
        kernels.adam[_programs(size, kernels.PIECE),](
            values,
            *others,
            rate,
            size,
            epsilon,
            BETA1,
            BETA2,
            math.log2(BETA1),
            math.log2(BETA2),
        )


class KernelOperations(Operations):
    """Each of these asks a GPU for one kernel, or for the fewest there can be."""

    adam: AdamOperation = staticmethod(adam)

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__(spec)
        objective = (
            kernels.SQUARED_ERROR_OF_SIGMOID if spec.sigmoid_output else kernels.SQUARED_ERROR
        )
        objective = kernels.CROSS_ENTROPY if spec.objective == "bce" else objective
        # Triton 3.2 takes no constant of its own here.
        self._objective: int = objective.value

    def sums(self, pixels: int) -> int:
        """See Operations."""
        return _programs(pixels, kernels.COLUMNS)

    def last_errors(
        self,
        outputs: Tensor,
        images: Tensor,
        *,
        scale: float,
        errors: Tensor,
        bias_gradient: Tensor,
        losses: Tensor,
    ) -> None:
        """See Operations."""
        rows, pixels = outputs.shape
        kernels.last_errors[self.sums(pixels),](
            outputs, images, errors, bias_gradient, losses, rows, pixels, scale, self._objective
        )

    def errors_before(
        self,
        errors: Tensor,
        weight: Tensor,
        inputs: Tensor,
        *,
        rectified: bool,
        weight_gradient: Tensor,
        before: Tensor,
        bias_gradient: Tensor,
    ) -> None:
        """See Operations."""
        (rows, units), units_before = errors.shape, weight.shape[1]
        if weight.numel() > NARROW:
            torch.mm(errors.t(), inputs, out=weight_gradient)
            torch.mm(errors, weight, out=before)
            kernels.rectify[_programs(units_before, kernels.COLUMNS),](
                before, inputs, bias_gradient, rows, units_before, rectified
            )
            return
        blocks = _programs(units_before, kernels.BLOCK)
        kernels.errors_before[blocks * (1 + _programs(units, kernels.BLOCK)),](
            errors,
            weight,
            inputs,
            weight_gradient,
            before,
            bias_gradient,
            rows,
            units,
            units_before,
            rectified,
        )


def _programs(size: int, each: tl.constexpr) -> int:
    """How many programs there are for so many numbers, of which each takes so many."""
    share: int = each.value
    return -(-size // share)
