"""The loss of a mini-batch and its gradients, by autograd, which serves every network."""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor

from tui_ae.model.network import Autoencoder
from tui_ae.train.criterion import TrainingLoss
from tui_ae.train.flat import FlatParameters
from tui_ae.train.noise import Noise


class Gradients(Protocol):
    """A forward and a backward pass over a mini-batch."""

    def __call__(self, images: Tensor, rows: int) -> tuple[Tensor, Tensor]:
        """Fill the flat gradients with those of the mean loss of a mini-batch of `rows` images.

        Args:
            images: (n, pixels), all of the mini-batch or this process's part of it.
            rows: Images of the whole mini-batch.

        Returns:
            The codes (n, latent), and what `images` add to the mean loss, a scalar, both from
            before any update. The next call may overwrite them.
        """
        ...


class AutogradGradients:
    """PyTorch differentiates the model; any model will do."""

    def __init__(self, model: Autoencoder, flat: FlatParameters, noise: Noise) -> None:
        self._loss = TrainingLoss(model, noise)
        self._flat = flat

    def __call__(self, images: Tensor, rows: int) -> tuple[Tensor, Tensor]:
        """See Gradients."""
        codes, loss = self._loss(images)
        loss = loss / (rows * images.shape[1])
        gradients = torch.autograd.grad(loss, self._flat.parameters)
        for view, gradient in zip(self._flat.gradient_views, gradients, strict=True):
            view.copy_(gradient)
        return codes.detach(), loss.detach()
