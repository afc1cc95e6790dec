"""Whether kernels compile for GPUs that are not here."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

SCRIPT = """
import math, sys
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource, compile
from tui_ae.train.gpu import kernels

BETAS = dict(beta1=0.9, beta2=0.999, log_beta1=math.log2(0.9), log_beta2=math.log2(0.999))
VARIANTS = [
    *((kernels.last_errors, {"objective": objective}) for objective in (0, 1, 2)),
    *((kernels.rectify, {"rectified": rectified}) for rectified in (False, True)),
    *((kernels.errors_before, {"rectified": rectified}) for rectified in (False, True)),
    (kernels.adam, BETAS),
]
TYPES = dict.fromkeys(("rows", "pixels", "units", "units_before", "size"), "i32")
TYPES |= dict.fromkeys(("scale", "epsilon"), "fp32")
for kernel, constants in VARIANTS:
    types = {name: TYPES.get(name, "*fp32") for name in kernel.arg_names}
    types |= dict.fromkeys(constants, "constexpr")
    values = {(kernel.arg_names.index(name),): value for name, value in constants.items()}
    target = GPUTarget("cuda", int(sys.argv[1]), 32)
    compiled = compile(ASTSource(kernel, types, values), target=target)
    assert compiled.asm["cubin"]
    print(kernel.__name__)
"""


@pytest.mark.parametrize("capability", ["75", "90"])
def test_kernels_compile(capability: str) -> None:
    """The interpreter takes more of Python than the compiler does."""
    pytest.importorskip("triton", reason="without a GPU, PyTorch comes without Triton")
    environment = {name: value for name, value in os.environ.items() if name != "TRITON_INTERPRET"}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, capability],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.split()) == 8
