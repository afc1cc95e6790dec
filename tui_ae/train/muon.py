"""Muon for the weight matrices, and Adam for the biases between them."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from tui_ae.train.adam import Adam
from tui_ae.train.flat import FlatParameters

MOMENTUM = 0.95
ITERATIONS = 4
A, B, C = 3.4445, -4.7750, 2.0315
"""The quintic whose iteration brings every singular value from (0, 1] to about 1 soonest."""
BIAS_RATE = 2.0
"""Adam's step size for the biases, in steps of the matrices: long ones, for the biases learn what
all images share, and only then can the matrices learn what tells them apart."""
BIAS_EPSILON = 1e-8
TINY = 1e-7


class Muon:
    """Moves each weight matrix by its orthogonalised momentum: all directions alike.

    Along which few directions the loss falls steeply does not matter then, so the slow ones that
    tell the classes apart are learnt from the first epoch on. Source: Jordan et al. (2024), Muon:
    an optimizer for hidden layers in neural networks. The class in `torch.optim` iterates on the
    matrix itself, in bfloat16; here it is the square matrix of the shorter side, in float32.
    """

    def __init__(
        self,
        flat: FlatParameters,
        *,
        learning_rate: float | Tensor,
        look: Callable[[], None] = lambda: None,
    ) -> None:
        """Update the parameters in `flat` in place; `look` is called between products."""
        pairs = list(zip(flat.value_views, flat.gradient_views, strict=True))
        self._matrices = [
            (value, gradient, torch.zeros_like(value), max(1.0, len(value) / value.shape[1]) ** 0.5)
            for value, gradient in pairs
            if value.dim() == 2
        ]
        biases = [(value, gradient) for value, gradient in pairs if value.dim() < 2]
        self._biases = Adam(
            [value for value, _ in biases],
            [gradient for _, gradient in biases],
            learning_rate=BIAS_RATE * learning_rate,
            epsilon=BIAS_EPSILON,
        )
        self.learning_rate = learning_rate
        self._look = look

    def memory(self) -> dict[str, Tensor]:
        """What it remembers from step to step, by name; to restore it, copy into these."""
        momenta = {
            f"momentum.{index}": momentum
            for index, (_, _, momentum, _) in enumerate(self._matrices)
        }
        return momenta | self._biases.memory()

    @torch.no_grad()
    def step(self) -> None:
        """Move the parameters against their gradients."""
        for value, gradient, momentum, scale in self._matrices:
            momentum.lerp_(gradient, 1 - MOMENTUM)
            ahead = gradient.lerp(momentum, MOMENTUM)
            _descend(value, orthogonal(ahead, self._look), self.learning_rate, scale)
        self._biases.learning_rate = BIAS_RATE * self.learning_rate
        self._biases.step()


def _descend(value: Tensor, direction: Tensor, rate: float | Tensor, scale: float) -> None:
    if isinstance(rate, Tensor):
        value.addcmul_(direction, rate, value=-scale)
    else:
        value.add_(direction, alpha=-rate * scale)


def orthogonal(matrix: Tensor, look: Callable[[], None] = lambda: None) -> Tensor:
    """About U V^T of `matrix` = U S V^T: singular values between 0.7 and 1.2, of whatever size.

    Newton-Schulz: X becomes (a + b XX^T + c (XX^T)^2) X, four times. All those factors are
    polynomials in the first XX^T, so they are multiplied with each other, small and square, and
    with X once at the end: half the work for a matrix of 784 by 128.
    """
    if matrix.shape[0] > matrix.shape[1]:
        return orthogonal(matrix.t(), look).t()
    # Row by row: the sum of a whole matrix depends on how many threads share it.
    x = matrix / (matrix.norm(dim=1).norm() + TINY)
    gram = x @ x.t()
    product = factor = _factor(gram)
    for _ in range(ITERATIONS - 1):
        look()
        gram = factor @ gram @ factor
        factor = _factor(gram)
        product = factor @ product
    look()
    return torch.mm(product, x)


def _factor(gram: Tensor) -> Tensor:
    """A + b XX^T + c (XX^T)^2."""
    factor = torch.addmm(gram, gram, gram, beta=B, alpha=C)
    factor.diagonal().add_(A)
    return factor
