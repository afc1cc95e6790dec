"""The passes over a mini-batch written out for a GPU, in few operations."""

from __future__ import annotations

import torch
from torch import Tensor

from tui_ae.model.network import Autoencoder
from tui_ae.train.flat import FlatParameters
from tui_ae.train.gpu.operations import Operations
from tui_ae.train.written_out import linear_layers


class Passes:
    """Those through dense layers with ReLU between them, over mini-batches of one size.

    The time of a GPU goes into the number of operations on matrices this small, so each does as
    much as it can: a layer's product, its bias and its ReLU are one.
    """

    def __init__(
        self, model: Autoencoder, flat: FlatParameters, rows: int, operations: Operations
    ) -> None:
        """Prepare for `model`, which WrittenOutGradients serves and whose parameters `flat` holds.

        Args:
            model: Its layers may be changed in place.
            flat: Its parameters.
            rows: Images a mini-batch.
            operations: What computes all but the products of whole layers.
        """
        self._operations = operations
        self._bottleneck = linear_layers(model.encoder) - 1
        layers = self._bottleneck + 1 + linear_layers(model.decoder)
        self._linear = {self._bottleneck, layers - 1}
        """Layers whose results pass through no ReLU."""
        self._layers = list(zip(flat.value_views[0::2], flat.value_views[1::2], strict=True))
        """(weight, bias) of each."""
        self._gradients = list(
            zip(flat.gradient_views[0::2], flat.gradient_views[1::2], strict=True)
        )
        """The same of their gradients."""
        self._activations = [bias.new_empty(rows, len(bias)) for _, bias in self._layers]
        """(rows, units) behind each layer; logits at the end."""
        self._errors = [torch.empty_like(activation) for activation in self._activations]
        """The derivatives of the loss by what each layer gives before its ReLU."""

    def sums(self) -> int:
        """In how many partial sums the loss comes."""
        return self._operations.sums(self._activations[-1].shape[1])

    def __call__(self, images: Tensor, codes: Tensor, losses: Tensor) -> None:
        """Fill the flat gradients with those of the mean loss of a mini-batch.

        Args:
            images: (rows, pixels).
            codes: (rows, latent) takes their codes, from before any update.
            losses: (sums,) takes the loss, from before any update, summed over all pixels.
        """
        with torch.inference_mode():
            activations = self._forward(images, codes)
            self._backward(images, activations, losses)

    def _forward(self, images: Tensor, codes: Tensor) -> list[Tensor]:
        activations = [*self._activations]
        activations[self._bottleneck] = codes
        inputs = images
        for index, ((weight, bias), output) in enumerate(
            zip(self._layers, activations, strict=True)
        ):
            if index in self._linear:
                torch.addmm(bias, inputs, weight.t(), out=output)
            else:
                # For a dense layer with ReLU behind it cuBLASLt has one operation.
                torch.ops.aten._addmm_activation.out(bias, inputs, weight.t(), out=output)
            inputs = output
        return activations

    def _backward(self, images: Tensor, activations: list[Tensor], losses: Tensor) -> None:
        errors, gradients = self._errors, self._gradients
        self._operations.last_errors(
            activations[-1],
            images,
            scale=1 / images.numel(),
            errors=errors[-1],
            bias_gradient=gradients[-1][1],
            losses=losses,
        )
        for index in range(len(errors) - 1, 0, -1):
            self._operations.errors_before(
                errors[index],
                self._layers[index][0],
                activations[index - 1],
                rectified=index - 1 not in self._linear,
                weight_gradient=gradients[index][0],
                before=errors[index - 1],
                bias_gradient=gradients[index - 1][1],
            )
        torch.mm(errors[0].t(), images, out=gradients[0][0])
