"""Where to train."""

from __future__ import annotations

import torch

from tui_ae.errors import UserError


def choose_device(name: str) -> torch.device:
    """The device called `name`; 'auto' takes CUDA, then MPS, then the CPU.

    Raises:
        UserError: this machine or this build of PyTorch lacks it.
    """
    if name == "cpu":
        return torch.device("cpu")
    # Asking for CUDA may load its driver, so the CPU's name never gets here.
    has = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if name == "auto":
        name = next(kind for kind, there in has.items() if there)
    if not has[name]:
        there = ", ".join(kind for kind, available in has.items() if available)
        raise UserError(f"--device {name}: PyTorch finds none here; choose {there}.")
    return torch.device(name)
