"""Kernels of our own where a GPU takes them, and what PyTorch has where it doesn't."""

from __future__ import annotations

import logging
import warnings

import torch
from torch import Tensor

from tui_ae.model.network import Autoencoder
from tui_ae.train.adam import Adam
from tui_ae.train.flat import FlatParameters
from tui_ae.train.gpu.operations import Operations
from tui_ae.train.gpu.passes import Passes
from tui_ae.train.optimiser import EPSILON

log = logging.getLogger(__name__)


def choose_operations(model: Autoencoder, flat: FlatParameters, images: Tensor) -> Operations:
    """The quickest that work here, by a trial with these images (n, pixels).

    `flat` holds the parameters of `model`, and its gradients are overwritten.
    """
    plain = Operations(model.spec)
    try:
        # Triton comes with PyTorch where that has a GPU on Linux. It needs a compiler of C, a
        # folder to write to and a GPU that it knows; it tells of what it lacks in many ways.
        from tui_ae.train.gpu.kernel_operations import KernelOperations

        own = KernelOperations(model.spec)
        with warnings.catch_warnings():
            # What Triton will do otherwise in its next version.
            warnings.simplefilter("ignore")
            if agree(own, plain, model, flat, images):
                return own
        log.warning("kernels for this GPU give other results than PyTorch; they are not used")
    except Exception:
        log.info("no kernels for this GPU; PyTorch's operations are used", exc_info=True)
    return plain


def agree(
    one: Operations, other: Operations, model: Autoencoder, flat: FlatParameters, images: Tensor
) -> bool:
    """Whether both give the same, but for rounding, for a mini-batch and a step of Adam."""
    passed, moved = [], []
    for operations in (one, other):
        passes = Passes(model, flat, len(images), operations)
        codes = images.new_empty(len(images), model.spec.latent_dim)
        losses = images.new_empty(passes.sums())
        passes(images, codes, losses)
        passed.append([codes, losses.sum(), flat.gradients.clone()])
    for operations in (one, other):
        # The same gradients: Adam's first step makes much of those that are rounding alone.
        values = torch.zeros_like(flat.values)
        rate = values.new_tensor(1.0)
        operation = operations.adam
        Adam(
            [values], [flat.gradients], learning_rate=rate, epsilon=EPSILON, operation=operation
        ).step()
        moved.append(values)
    return all(map(is_close, *passed)) and is_close(*moved)


def is_close(one: Tensor, other: Tensor) -> bool:
    """Whether they differ by rounding alone; that of the largest numbers is allowed for all."""
    size = float(other.abs().max())
    return torch.allclose(one, other, rtol=1e-3, atol=1e-4 * size)
