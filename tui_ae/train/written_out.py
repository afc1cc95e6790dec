"""The passes over a mini-batch written out, for speed.

The same arithmetic as autograd's for the networks that it serves, without recording a graph and
without allocating; autograd is the oracle of the tests.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import lru_cache, partial

import torch
from torch import Tensor, nn

from tui_ae.model.network import Autoencoder, BareLinear, Decoder, Dense, Encoder
from tui_ae.model.spec import ModelSpec
from tui_ae.train.flat import FlatParameters
from tui_ae.train.gradients import AutogradGradients, Gradients
from tui_ae.train.noise import Noise

MAX_HALVINGS = 4
SIZES = 2
"""Sizes of mini-batch whose buffers are kept: most of an epoch have one, and the last another."""


def choose_gradients(
    model: Autoencoder, flat: FlatParameters, noise: Noise, look: Callable[[], None] = lambda: None
) -> Gradients:
    """The quickest pass that serves `model`, whose parameters `flat` holds.

    Where it is written out, `look` is called between products.
    """
    device = flat.values.device.type
    # Other devices lack some of the operations that write into a given tensor.
    if device in ("cpu", "cuda") and WrittenOutGradients.serves(model):
        return WrittenOutGradients(model, flat, look)
    return AutogradGradients(model, flat, noise)


class WrittenOutGradients:
    """The passes through dense layers with ReLU between them, operation by operation.

    All results go to buffers made once for each size of mini-batch, and none depends on how many
    threads compute it.
    """

    def __init__(
        self,
        model: Autoencoder,
        flat: FlatParameters,
        look: Callable[[], None] = lambda: None,
    ) -> None:
        """Prepare for `model`, whose parameters `flat` holds.

        Args:
            model: A model that `serves` names.
            flat: Its parameters.
            look: Called between products.

        Raises:
            ValueError: the model is not one that `serves` names.
        """
        if not self.serves(model):
            raise ValueError("only dense layers with biases and ReLU between them are served")
        self._bottleneck = linear_layers(model.encoder)
        layers = self._bottleneck + linear_layers(model.decoder)
        self._linear = {self._bottleneck, layers}
        """How many layers lie before the activations that pass through no ReLU."""
        self._look = look
        self._loss = choose_loss(model.spec)
        self._buffers = lru_cache(SIZES)(partial(Buffers, flat))
        """Those for so many rows."""

    @staticmethod
    def serves(model: Autoencoder) -> bool:
        """Whether `model` consists of what is written out here, and of nothing else.

        Types are compared exactly, for a subclass may have another pass.
        """
        halves = (model.encoder, model.decoder)
        if model.spec.kind == "denoising":
            return False
        types = [type(module) for module in (model, *halves)]
        if types != [Autoencoder, Encoder, Decoder] or not all(map(_alternates, halves)):
            return False
        parts = [
            part
            for half in halves
            for layer in list(half)[::2]
            for part in (layer.weight, layer.bias)
        ]
        own = list(model.parameters())
        # Those of two layers that share one are listed once, and so are fewer.
        return len(own) == len(parts) and all(map(operator.is_, own, parts))

    def __call__(self, images: Tensor, rows: int) -> tuple[Tensor, Tensor]:
        """See Gradients."""
        buffers = self._buffers(len(images))
        # Not `no_grad`: without the counting of changes each operation starts sooner.
        with torch.inference_mode():
            self._forward(images, buffers)
            pixels = rows * images.shape[1]
            loss = self._loss(buffers, images) / pixels
            self._backward(images, buffers, pixels)
        return buffers.activations[self._bottleneck - 1], loss

    def _forward(self, images: Tensor, buffers: Buffers) -> None:
        inputs = images
        for index, output in enumerate(buffers.activations):
            weight, bias = buffers.layers_across[index]
            layer = torch.addmm if index + 1 in self._linear else rectified
            layer(bias, inputs, weight, out=output)
            inputs = output
            self._look()

    def _backward(self, images: Tensor, buffers: Buffers, pixels: int) -> None:
        errors = buffers.errors
        errors[-1].div_(pixels)
        for index in reversed(range(len(errors))):
            inputs = buffers.activations[index - 1] if index else images
            weight_gradient, bias_gradient = buffers.gradients[index]
            self._look()
            torch.mm(buffers.errors_across[index], inputs, out=weight_gradient)
            torch.sum(errors[index], 0, out=bias_gradient)
            if index == 0:
                break
            torch.mm(errors[index], buffers.layers[index][0], out=errors[index - 1])
            if index not in self._linear:
                torch.ops.aten.threshold_backward.grad_input(
                    errors[index - 1], inputs, 0, grad_input=errors[index - 1]
                )


def rectified(bias: Tensor, inputs: Tensor, weight: Tensor, *, out: Tensor) -> None:
    """A dense layer with ReLU behind it."""
    torch.addmm(bias, inputs, weight, out=out).relu_()


Loss = Callable[["Buffers", Tensor], Tensor]
"""The summed loss of the images (n, pixels) with what the last layer has given; leaves its
derivatives by that in the last of the errors."""


def choose_loss(spec: ModelSpec) -> Loss:
    """The loss that `spec` asks for."""
    if spec.objective == "bce":
        return cross_entropy
    return squared_error_of_sigmoid if spec.sigmoid_output else squared_error


def cross_entropy(buffers: Buffers, images: Tensor) -> Tensor:
    """The sum of max(l, 0) - x l - ln max(p, 1 - p) over all logits l, with p = sigmoid(l).

    That is the cross-entropy without an overflow or the logarithm of 0. Logarithms are the dearest
    part, so several are multiplied first: of 16 numbers from 0.5 to 1 the product is far from 0
    still, and has the sum of their logarithms. The derivative by a logit is p - x (Bishop 2006,
    Pattern Recognition and Machine Learning, section 5.2), so neither the sigmoid nor a logarithm
    is ever differentiated.
    """
    logits, cost = buffers.activations[-1], buffers.cost
    probability = torch.sigmoid(logits, out=buffers.errors[-1])
    torch.clamp_min(logits, 0, out=cost)
    linear = cost.addcmul_(logits, images, value=-1).sum(1)
    torch.sub(1, probability, out=cost)
    torch.maximum(cost, probability, out=cost)
    for left, right in buffers.halves:
        left.mul_(right)
    probability.sub_(images)
    # Row by row: the sum of a whole matrix depends on how many threads share it.
    return (linear - buffers.products.log().sum(1)).sum()


def squared_error(buffers: Buffers, images: Tensor) -> Tensor:
    """The sum of squared differences."""
    errors = torch.sub(buffers.activations[-1], images, out=buffers.errors[-1])
    loss = torch.mul(errors, errors, out=buffers.cost).sum(1).sum()
    errors.mul_(2)
    return loss


def squared_error_of_sigmoid(buffers: Buffers, images: Tensor) -> Tensor:
    """The same for the pixels p that a sigmoid makes, whose derivative is p (1 - p)."""
    pixels = torch.sigmoid(buffers.activations[-1], out=buffers.errors[-1])
    errors = torch.sub(pixels, images, out=buffers.cost)
    slope = pixels.addcmul_(pixels, pixels, value=-1)
    loss = (errors * errors).sum(1).sum()
    slope.mul_(errors).mul_(2)
    return loss


class Buffers:
    """Where the passes over mini-batches of one size put their results."""

    def __init__(self, flat: FlatParameters, rows: int) -> None:
        self.layers = list(zip(flat.value_views[0::2], flat.value_views[1::2], strict=True))
        """(weight, bias) of each layer."""
        # Views made once: 12 a mini-batch would take a hundredth of its time.
        self.layers_across = [(weight.t(), bias) for weight, bias in self.layers]
        """The same, the weights transposed."""
        self.gradients = list(
            zip(flat.gradient_views[0::2], flat.gradient_views[1::2], strict=True)
        )
        """The same of their gradients."""
        self.activations = [bias.new_empty(rows, len(bias)) for _, bias in self.layers]
        """(rows, units) behind each layer: codes at the bottleneck, logits at the end."""
        self.errors = [torch.empty_like(activation) for activation in self.activations]
        """The derivatives of the loss by what each layer gives before its ReLU."""
        self.errors_across = [error.t() for error in self.errors]
        """The same, transposed."""
        self.cost = torch.empty_like(self.activations[-1])
        self.halves: list[tuple[Tensor, Tensor]] = []
        """(half, other half) of the cost, of the first of those, and so on. Each is one piece of
        memory, for the logarithms of parts of rows take twice as long."""
        rest, pixels = self.cost.view(-1), self.cost.shape[1]
        while pixels % 2 == 0 and len(self.halves) < MAX_HALVINGS:
            left, right = rest.chunk(2)
            self.halves.append((left, right))
            rest, pixels = left, pixels // 2
        self.products = rest.view(rows, pixels)
        """The part of the cost that remains when each of `halves` has taken in the other."""


def _alternates(half: Dense) -> bool:
    """Whether dense layers with biases and ReLU take turns, from a dense layer to a dense layer."""
    layers = list(half)
    return (
        len(layers) % 2 == 1
        and all(type(layer) in (nn.Linear, BareLinear) for layer in layers[::2])
        and all(layer.bias is not None for layer in layers[::2])
        and all(type(layer) is nn.ReLU for layer in layers[1::2])
    )


def linear_layers(half: Dense) -> int:
    """How many dense layers there are in `half`, with ReLU between them."""
    return (len(half) + 1) // 2
