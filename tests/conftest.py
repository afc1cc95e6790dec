from __future__ import annotations

import os
import sys
from collections.abc import Iterator

import pytest

# Before any test multiplies matrices: Intel's library reads it then, whichever test that is.
os.environ.setdefault("MKL_CBWR", "AUTO,STRICT")

from tui_ae.data.dataset import Dataset
from tui_ae.data.synthetic import draw_digits


@pytest.fixture(autouse=True)
def _denormal_numbers() -> Iterator[None]:
    """Give them back to the tests' own thread: a trainer takes them for 0 where it trains."""
    yield
    if "torch" in sys.modules:
        sys.modules["torch"].set_flush_denormal(False)


@pytest.fixture(scope="session")
def digits() -> Dataset:
    """The synthetic digits of seed 0; their arrays are read-only."""
    return draw_digits(0)
