"""The random numbers that some kinds of network need in every mini-batch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

MISSING = 0.3
"""The share of pixels that a denoising autoencoder has to do without."""


class Noise:
    """Draws from one generator, on the CPU: the same numbers on every device."""

    def __init__(self, generator: torch.Generator) -> None:
        self.generator = generator

    def normal(self, like: Tensor) -> Tensor:
        """Standard normal numbers in the shape of a tensor, on its device."""
        return torch.randn(like.shape, generator=self.generator).to(like.device)

    def without_some_pixels(self, images: Tensor) -> Tensor:
        """The images with each pixel 0 with probability MISSING.

        Source: Vincent et al. (2008), Extracting and composing robust features with denoising
        autoencoders.
        """
        kept = torch.rand(images.shape, generator=self.generator) >= MISSING
        return images * kept.to(images.device)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Draw the same numbers again after what is done in this context."""
        state = self.generator.get_state()
        try:
            yield
        finally:
            self.generator.set_state(state)
