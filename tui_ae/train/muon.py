"""Muon for the weight matrices, and Adam for the biases between them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from tui_ae.train.adam import Adam
from tui_ae.train.flat import FlatParameters, views

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
        together: bool = False,
    ) -> None:
        """Update the parameters in `flat` in place.

        Args:
            flat: Weights and biases.
            learning_rate: The size of the first step; a tensor where it is to be read anew.
            look: Called between products.
            together: Whether all matrices are orthogonalised at once, which asks for a third of the
                operations. A GPU's time goes into those; the CPU's into the zeros that small
                matrices are filled up with.
        """
        self._gradients = flat.gradients
        self._momenta = torch.zeros_like(flat.gradients)
        """Those of the matrices; in the places of the biases is nothing that anybody reads."""
        shapes = [value.shape for value in flat.value_views]
        momenta = views(self._momenta, shapes)
        parts = list(zip(flat.value_views, flat.gradient_views, momenta, strict=True))
        self._matrices = [Matrix(*part) for part in parts if part[0].dim() == 2]
        self._together = Together(self._matrices) if together else None
        biases = [(value, gradient) for value, gradient, _ in parts if value.dim() < 2]
        self._biases = Adam(
            [value for value, _ in biases],
            [gradient for _, gradient in biases],
            learning_rate=BIAS_RATE * learning_rate,
            epsilon=BIAS_EPSILON,
        )
        self.learning_rate = learning_rate
        self.momentum: float | Tensor = MOMENTUM
        """The weight of what came before; a tensor where the learning rate is one."""
        self._look = look

    def memory(self) -> dict[str, Tensor]:
        """What it remembers from step to step, by name; to restore it, copy into these."""
        momenta = {
            f"momentum.{index}": matrix.momentum for index, matrix in enumerate(self._matrices)
        }
        return momenta | self._biases.memory()

    @torch.inference_mode()
    def step(self) -> None:
        """Move the parameters against their gradients, which are overwritten."""
        # Before the gradients of the biases are overwritten with the others.
        self._biases.learning_rate = BIAS_RATE * self.learning_rate
        self._biases.step()
        self._momenta.lerp_(self._gradients, 1 - self.momentum)
        self._gradients.lerp_(self._momenta, self.momentum)
        for matrix, factor in self._factors():
            tall = is_tall(matrix.ahead)
            left, right = (matrix.ahead, factor) if tall else (factor, matrix.ahead)
            matrix.value.addmm_(left, right, alpha=-1)

    def _factors(self) -> Iterator[tuple[Matrix, Tensor]]:
        """Each matrix, and what to multiply where its momentum leads with to have its step."""
        if self._together is not None:
            yield from self._together.factors(self.learning_rate)
            return
        for matrix in self._matrices:
            factor = orthogonaliser(gram(matrix.ahead), self._look)
            # The step's size goes into the small factor, and the product into the weights.
            yield matrix, factor.mul_(matrix.scale * self.learning_rate)


@dataclass(frozen=True, slots=True)
class Matrix:
    """The weights of a layer, and what moves them; views, which are written to in place."""

    value: Tensor
    ahead: Tensor
    """Its gradient, and then where that and the momentum lead."""
    momentum: Tensor

    @property
    def scale(self) -> float:
        """How long its step is, in learning rates.

        Each weight of each matrix moves as far in the mean. Source: Liu et al. (2025), Muon is
        scalable for LLM training.
        """
        return math.sqrt(max(self.value.shape) / NARROW)


class Together:
    """Orthogonalises matrices of different shapes at once.

    The squares that they need are filled up with zeros to those of the largest. Beside a square
    lies nothing then that its powers would mix with it.
    """

    def __init__(self, matrices: Sequence[Matrix]) -> None:
        self._matrices = matrices
        sides = [min(matrix.value.shape) for matrix in matrices]
        first = matrices[0].value
        self._grams = first.new_zeros(len(sides), max(sides), max(sides))
        self._slots = [gram[:side, :side] for gram, side in zip(self._grams, sides, strict=True)]
        self._scales = first.new_tensor([matrix.scale for matrix in matrices])[:, None, None]

    def factors(self, learning_rate: float | Tensor) -> Iterator[tuple[Matrix, Tensor]]:
        """See Muon."""
        for matrix, slot in zip(self._matrices, self._slots, strict=True):
            x = lain(matrix.ahead)
            torch.mm(x, x.t(), out=slot)
        factors = orthogonaliser(self._grams).mul_(self._scales * learning_rate)
        for matrix, slot, factor in zip(self._matrices, self._slots, factors, strict=True):
            yield matrix, factor[: len(slot), : len(slot)]


def momentum_after(steps: int) -> float:
    """The momentum of the step that follows so many."""
    return min(MOMENTUM, FIRST_MOMENTUM + (MOMENTUM - FIRST_MOMENTUM) * steps / WARM_UP)


def is_tall(matrix: Tensor) -> bool:
    """Whether it has more rows than columns."""
    return matrix.shape[0] > matrix.shape[1]


def lain(matrix: Tensor) -> Tensor:
    """The matrix, lain on its side where it is tall."""
    return matrix.t() if is_tall(matrix) else matrix


def gram(matrix: Tensor) -> Tensor:
    """X X^T of the matrix X, lain on its side where it is tall: a square of the shorter side."""
    x = lain(matrix)
    return x @ x.t()


def orthogonaliser(gram: Tensor, look: Callable[[], None] = lambda: None) -> Tensor:
    """The symmetric matrix P that makes the singular values of X about 1; see `gram`.

    P X is about U V^T of X = U S V^T: values of whatever size get between 0.7 and 1.3.
    Newton-Schulz: X becomes (a + b XX^T + c (XX^T)^2) X, three times. All those factors are
    polynomials in the first XX^T, so they are multiplied with each other, small and square, and
    with X once at the end: half the work for a matrix of 784 by 128.

    Args:
        gram: (n, n), or several of them, (k, n, n).
        look: Called between products.

    Returns:
        As many of the same shape.
    """
    # The squares of all singular values add up to the trace, so that none is above 1 then.
    size = gram.diagonal(dim1=-2, dim2=-1).sum(-1).sqrt()[..., None, None] + TINY
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
    add = torch.addmm if gram.dim() == 2 else torch.baddbmm
    factor = add(gram, gram, gram, beta=b, alpha=c)
    factor.diagonal(dim1=-2, dim2=-1).add_(a)
    return factor
