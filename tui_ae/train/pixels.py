"""The images as tensors, where the training wants them."""

from __future__ import annotations

import ctypes

import torch
from torch import Tensor

from tui_ae.data.arrays import FloatArray
from tui_ae.data.images import Images


class Pixels:
    """Reads images onto a device; those that memory holds lie there as a whole."""

    def __init__(self, images: Images, device: torch.device) -> None:
        self._images = images
        self._device = device
        held = images.array
        self._held = None if held is None else _shared(held).to(device)

    def __len__(self) -> int:
        return len(self._images)

    def rows(self, numbers: Tensor) -> Tensor:
        """The images with these numbers, (n, 784), in their order; a copy.

        Args:
            numbers: (n,) int64 in the CPU's memory.
        """
        if self._held is not None:
            return self._held.index_select(0, numbers.to(self._device))
        return torch.from_numpy(self._images[numbers.numpy()]).to(self._device)

    def stretch(self, start: int, end: int) -> Tensor:
        """The images from number `start` up to `end`, (n, 784); not to be written to."""
        if self._held is not None:
            return self._held[start:end]
        return torch.from_numpy(self._images[start:end]).to(self._device)


def _shared(images: FloatArray) -> Tensor:
    """The images as a tensor that shares their memory; the caller keeps `images` alive.

    They are read-only, which PyTorch can't express and so warns of; nothing here writes to them,
    so it is given their address instead.
    """
    pixels = (ctypes.c_float * images.size).from_address(images.ctypes.data)
    return torch.frombuffer(pixels, dtype=torch.float32).reshape(images.shape)
