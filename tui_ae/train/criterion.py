"""The loss of a mini-batch in PyTorch, by objective and by kind of network."""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, mse_loss

from tui_ae.model.network import Autoencoder, VariationalAutoencoder
from tui_ae.model.spec import ModelSpec
from tui_ae.train.noise import Noise


class Criterion(Protocol):
    """The loss between images and what the decoder's last layer gives."""

    def __call__(self, outputs: Tensor, images: Tensor, /, *, reduction: str = "mean") -> Tensor:
        """The loss over all pixels, a scalar, or of each of them.

        Args:
            outputs: (n, pixels) from the last layer, before any sigmoid.
            images: (n, pixels).
            reduction: 'mean' or 'sum'; with 'none' each pixel keeps its own.
        """
        ...


def choose_criterion(spec: ModelSpec) -> Criterion:
    """The loss that `spec` asks for."""
    if spec.objective == "bce":
        return cross_entropy
    return squared_error_of_sigmoid if spec.sigmoid_output else squared_error


def cross_entropy(outputs: Tensor, images: Tensor, /, *, reduction: str = "mean") -> Tensor:
    """The binary cross-entropy of logits; see Criterion."""
    return binary_cross_entropy_with_logits(outputs, images, reduction=reduction)


def squared_error(outputs: Tensor, images: Tensor, /, *, reduction: str = "mean") -> Tensor:
    """The squared error; see Criterion."""
    return mse_loss(outputs, images, reduction=reduction)


def squared_error_of_sigmoid(
    outputs: Tensor, images: Tensor, /, *, reduction: str = "mean"
) -> Tensor:
    """The squared error of pixels that a sigmoid makes; see Criterion."""
    return mse_loss(torch.sigmoid(outputs), images, reduction=reduction)


def divergence(mean: Tensor, log_variance: Tensor) -> Tensor:
    """The Kullback-Leibler divergence of these normals from the standard one, summed, in nats.

    Source: Kingma and Welling (2014), Auto-encoding variational Bayes, appendix B.
    """
    # Row by row: the sum of a whole matrix depends on how many threads share it.
    return 0.5 * (mean.square() + log_variance.exp() - log_variance - 1).sum(1).sum()


class TrainingLoss(nn.Module):
    """Codes and summed loss of a mini-batch as training sees it, with the noise of its kind."""

    def __init__(self, model: Autoencoder, noise: Noise) -> None:
        super().__init__()
        self.model = model
        self._noise = noise
        self._criterion = choose_criterion(model.spec)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """The codes (n, latent) of the images themselves, and the loss, summed over all pixels."""
        model, spec = self.model, self.model.spec
        if isinstance(model, VariationalAutoencoder):
            mean, log_variance = model.distribution(images)
            sampled = mean + (0.5 * log_variance).exp() * self._noise.normal(mean)
            loss = self._criterion(model.decoder(sampled), images, reduction="sum")
            return mean, loss + spec.beta * divergence(mean, log_variance)
        if spec.kind == "denoising":
            _, outputs = model(self._noise.without_some_pixels(images))
            with torch.no_grad():
                codes = model.encode(images)
        else:
            codes, outputs = model(images)
        return codes, self._criterion(outputs, images, reduction="sum")


@torch.no_grad()
def evaluate(model: Autoencoder, images: Tensor) -> tuple[Tensor, Tensor]:
    """Codes (n, latent) and the mean loss, a scalar, of images without any noise."""
    if isinstance(model, VariationalAutoencoder):
        codes, log_variance = model.distribution(images)
        outputs, beyond = model.decoder(codes), model.spec.beta * divergence(codes, log_variance)
    else:
        codes, outputs = model(images)
        beyond = torch.zeros((), device=images.device, dtype=images.dtype)
    losses = choose_criterion(model.spec)(outputs, images, reduction="none")
    # Row by row: the sum of a whole matrix depends on how many threads share it.
    return codes, (losses.sum(1).sum() + beyond) / images.numel()
