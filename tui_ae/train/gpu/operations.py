"""What a mini-batch asks a GPU for besides the products of whole layers."""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor, nn

from tui_ae.model.spec import ModelSpec
from tui_ae.train.adam import fused


class Operations(Protocol):
    """Each writes into the tensors that it is given, which lie row by row without gaps."""

    def sums(self, pixels: int) -> int:
        """In how many partial sums `last_errors` gives the loss of images of so many pixels."""
        ...

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
        """The loss, and its derivatives by what the last layer gives.

        Args:
            outputs: (n, pixels) from the last layer, before any sigmoid.
            images: (n, pixels).
            scale: What the derivatives, those of the summed loss, are multiplied by.
            errors: (n, pixels) takes them.
            bias_gradient: (pixels,) takes their sums over the images.
            losses: (sums,) takes the summed loss, in parts.
        """
        ...

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
        """One layer of the backward pass.

        Args:
            errors: (n, units), the derivatives of the loss by what the layer gives.
            weight: (units, m), its weights.
            inputs: (n, m), what it is given.
            rectified: Whether a ReLU lies before it.
            weight_gradient: (units, m) takes the gradient of the weights.
            before: (n, m) takes the derivatives by what the layer before gives.
            bias_gradient: (m,) takes their sums over the images: the gradient of that one's bias.
        """
        ...

    def adam(
        self,
        parameters: list[Tensor],
        gradients: list[Tensor],
        means: list[Tensor],
        squares: list[Tensor],
        steps: list[Tensor],
        *,
        rate: float | Tensor,
        epsilon: float,
    ) -> None:
        """A step of Adam; see `tui_ae.train.adam.fused`."""
        ...


class PlainOperations:
    """What PyTorch has, as little of it as will do."""

    def __init__(self, spec: ModelSpec) -> None:
        self._spec = spec

    def sums(self, pixels: int) -> int:
        """See Operations."""
        return 1

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
        if self._spec.objective == "bce":
            torch.sub(torch.sigmoid(outputs), images, out=errors)
            # ln(1 + exp l) - x l: a GPU's time goes into operations and hardly into logarithms.
            loss = nn.functional.softplus(outputs).addcmul_(outputs, images, value=-1)
        elif self._spec.sigmoid_output:
            pixels = torch.sigmoid(outputs)
            difference = pixels - images
            loss = difference * difference
            # The derivative of a sigmoid p is p (1 - p).
            torch.addcmul(pixels, pixels, pixels, value=-1, out=errors).mul_(difference).mul_(2)
        else:
            torch.sub(outputs, images, out=errors)
            loss = errors * errors
            errors.mul_(2)
        torch.sum(loss.view(1, -1), 1, out=losses)
        errors.mul_(scale)
        torch.sum(errors, 0, out=bias_gradient)

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
        torch.mm(errors.t(), inputs, out=weight_gradient)
        torch.mm(errors, weight, out=before)
        if rectified:
            torch.ops.aten.threshold_backward.grad_input(before, inputs, 0, grad_input=before)
        torch.sum(before, 0, out=bias_gradient)

    def adam(
        self,
        parameters: list[Tensor],
        gradients: list[Tensor],
        means: list[Tensor],
        squares: list[Tensor],
        steps: list[Tensor],
        *,
        rate: float | Tensor,
        epsilon: float,
    ) -> None:
        """See Operations."""
        fused(parameters, gradients, means, squares, steps, rate=rate, epsilon=epsilon)
