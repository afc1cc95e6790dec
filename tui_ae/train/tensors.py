"""Between tensors on any device and the arrays of a checkpoint."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from tui_ae.run.checkpoint import Array


def to_array(tensor: Tensor) -> Array:
    """A copy of the tensor's values."""
    return np.array(tensor.detach().cpu().numpy())


def copy_into(tensor: Tensor, array: Array) -> None:
    """Give a tensor the values of an array of its shape and type.

    In place, for recorded work reads where it was recorded.

    Raises:
        ValueError: another shape or type.
    """
    values = torch.from_numpy(np.array(array, order="C"))
    if values.shape != tensor.shape or values.dtype != tensor.dtype:
        raise ValueError(f"{tuple(values.shape)} {values.dtype} for {tuple(tensor.shape)}")
    tensor.copy_(values)
