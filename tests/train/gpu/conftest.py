"""Kernels that run without a GPU: Triton interprets them."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
import torch

from tui_ae.model.spec import ModelSpec
from tui_ae.train.gpu.operations import Operations

if not torch.cuda.is_available():
    # Triton looks when it is imported.
    os.environ["TRITON_INTERPRET"] = "1"

MakeOperations = Callable[[ModelSpec], Operations]


@pytest.fixture
def kernels() -> MakeOperations:
    """The kernels, interpreted where there is no GPU."""
    pytest.importorskip("triton", reason="without a GPU, PyTorch comes without Triton")
    from tui_ae.train.gpu.kernel_operations import KernelOperations

    return KernelOperations


@pytest.fixture(params=["plain", "kernels"])
def operations(request: pytest.FixtureRequest) -> MakeOperations:
    """Either way to do what lies between products."""
    if request.param == "plain":
        return Operations
    made: MakeOperations = request.getfixturevalue("kernels")
    return made
