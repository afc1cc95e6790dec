"""What a mini-batch asks a GPU for besides the products of whole layers."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from tui_ae.model.spec import ModelSpec
from tui_ae.train.adam import AdamOperation, fused


class Operations:
    """As PyTorch has them, as few as will do.

    Each writes into the tensors that it is given, which lie row by row without gaps.
    """

    adam: AdamOperation = staticmethod(fused)

    def __init__(self, spec: ModelSpec) -> None:
        self._spec = spec

    def sums(self, pixels: int) -> int:
        """In how many partial sums `last_errors` gives the loss of images of so many pixels."""
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
        """The loss, and its derivatives by what the last layer gives.

        Args:
            outputs: (n, pixels) from the last layer, before any sigmoid.
            images: (n, pixels).
            scale: What the derivatives, those of the summed loss, are multiplied by.
            errors: (n, pixels) takes them.
            bias_gradient: (pixels,) takes their sums over the images.
            losses: (sums,) takes the summed loss, in parts.
        """
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
        torch.mm(errors.t(), inputs, out=weight_gradient)
        torch.mm(errors, weight, out=before)
        if rectified:
            torch.ops.aten.threshold_backward.grad_input(before, inputs, 0, grad_input=before)
        torch.sum(before, 0, out=bias_gradient)
