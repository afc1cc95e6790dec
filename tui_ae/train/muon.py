"""Muon for the weight matrices, and Adam for the biases between them."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from tui_ae.train.adam import Adam
from tui_ae.train.flat import FlatParameters

FIRST_MOMENTUM, MOMENTUM, WARM_UP = 0.85, 0.95, 100
"""The weight of what came before begins small and grows over so many mini-batches: of the first
gradients there is nothing to remember. Source: Jordan et al. (2024), the NanoGPT speedrun."""
NARROW = 32
"""The longer side of a matrix whose step is as long as the learning rate."""
QUINTICS = (
    (8.0934, -23.6204, 17.4462),
    (3.6366, -2.7219, 0.5365),
    (2.6613, -1.9772, 0.4526),
)
"""(a, b, c) of the odd polynomials a x + b x^3 + c x^5 that bring singular values to about 1, one
after the other: each is the best for where those before leave values that began in [0.01, 1].
Source: Amsel et al. (2025), The Polar Express: optimal matrix sign methods and their application to
the Muon algorithm. Four times the one quintic of Jordan et al. bring them as far."""
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
            # Each weight of each matrix then moves as far in the mean. Source: Liu et al. (2025),
            # Muon is scalable for LLM training.
            (value, gradient, torch.zeros_like(value), (max(value.shape) / NARROW) ** 0.5)
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
        self.momentum: float | Tensor = (
            learning_rate.new_tensor(MOMENTUM) if isinstance(learning_rate, Tensor) else MOMENTUM
        )
        """The weight of what came before; a tensor where the learning rate is one."""
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
        """Move the parameters against their gradients, which are overwritten."""
        kept, new = self.momentum, 1 - self.momentum
        for value, gradient, momentum, scale in self._matrices:
            momentum.lerp_(gradient, new)
            ahead = gradient.lerp_(momentum, kept)
            # The step's size goes into the small factor, and the product into the weights.
            factor = orthogonaliser(ahead, self._look).mul_(scale * self.learning_rate)
            left, right = (ahead, factor) if is_tall(ahead) else (factor, ahead)
            value.addmm_(left, right, alpha=-1)
        self._biases.learning_rate = BIAS_RATE * self.learning_rate
        self._biases.step()


def momentum_after(steps: int) -> float:
    """The momentum of the step that follows so many."""
    return min(MOMENTUM, FIRST_MOMENTUM + (MOMENTUM - FIRST_MOMENTUM) * steps / WARM_UP)


def is_tall(matrix: Tensor) -> bool:
    """Whether it has more rows than columns."""
    return matrix.shape[0] > matrix.shape[1]


def orthogonaliser(matrix: Tensor, look: Callable[[], None] = lambda: None) -> Tensor:
    """The symmetric matrix P that makes the singular values of `matrix` about 1.

    P @ `matrix`, or `matrix` @ P where that is tall, is about U V^T of `matrix` = U S V^T: values
    of whatever size get between 0.7 and 1.3. Newton-Schulz: X
    becomes (a + b XX^T + c (XX^T)^2) X, three times. All those factors are polynomials in the first
    XX^T, so they are multiplied with each other, small and square, and with X once at the end: half
    the work for a matrix of 784 by 128.
    """
    x = matrix.t() if is_tall(matrix) else matrix
    gram = x @ x.t()
    # The squares of all singular values add up to the trace, so that none is above 1 then.
    size = gram.diagonal().sum().sqrt() + TINY
    gram = gram / size / size
    first, *others = QUINTICS
    product = factor = _factor(gram, *first)
    for quintic in others:
        look()
        gram = factor @ gram @ factor
        factor = _factor(gram, *quintic)
        product = factor @ product
    look()
    return product / size


def _factor(gram: Tensor, a: float, b: float, c: float) -> Tensor:
    """A + b XX^T + c (XX^T)^2."""
    factor = torch.addmm(gram, gram, gram, beta=b, alpha=c)
    factor.diagonal().add_(a)
    return factor
