"""Where to train."""

from __future__ import annotations

import torch

from tui_ae.errors import UserError

THREADS = 1
"""Threads of a matrix product. Measured on two cores: alone, one thread trains this network as
fast as two; beside other work, where two wait for each other, four times as fast (79 against 371 ms
an epoch). It also gives the same losses wherever it runs."""


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
