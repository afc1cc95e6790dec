"""The images as tensors, where the training wants them."""

from __future__ import annotations

import ctypes
import math

import torch
from torch import Tensor

from tui_ae.arrays import FloatArray
from tui_ae.data.images import Images

SHARE = 0.8
"""The part of a GPU's free memory that images may take."""


class Pixels:
    """Reads images onto a device; those that memory holds lie there as a whole, if they fit."""

    def __init__(self, images: Images, device: torch.device) -> None:
        self._images = images
        self.device = device
        """Where they are read to."""
        self._held: Tensor | None = None
        if images.array is not None and 0 < images.array.nbytes < SHARE * free_bytes(device):
            self._held = _shared(images.array).to(device)

    def __len__(self) -> int:
        return len(self._images)

    @property
    def held(self) -> bool:
        """Whether all images lie on the device."""
        return self._held is not None

    def rows(self, numbers: Tensor) -> Tensor:
        """The images with these numbers, (n, 784), in their order; a copy.

        Args:
            numbers: (n,) int64, on the device.
        """
        if self._held is not None:
            return self._held.index_select(0, numbers)
        return torch.from_numpy(self._images[numbers.cpu().numpy()]).to(self.device)

    def stretch(self, start: int, end: int) -> Tensor:
        """The images from number `start` up to `end`, (n, 784); not to be written to."""
        if self._held is not None:
            return self._held[start:end]
        part = self._images[start:end]
        # Of images in memory it is a view, which can't be written to; see `_shared`.
        part = part if part.flags.writeable else part.copy()
        return torch.from_numpy(part).to(self.device)


def free_bytes(device: torch.device) -> float:
    """What a GPU has left; no limit where the images lie already, in the computer's memory."""
    return torch.cuda.mem_get_info(device)[0] if device.type == "cuda" else math.inf


def _shared(images: FloatArray) -> Tensor:
    """The images as a tensor that shares their memory; the caller keeps `images` alive.

    They are read-only, which PyTorch can't express and so warns of; nothing here writes to them,
    so it is given their address instead.
    """
    pixels = (ctypes.c_float * images.size).from_address(images.ctypes.data)
    return torch.frombuffer(pixels, dtype=torch.float32).reshape(images.shape)
