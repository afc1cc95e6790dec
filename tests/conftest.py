from __future__ import annotations

import pytest

from tui_ae.data.dataset import Dataset
from tui_ae.data.synthetic import draw_digits


@pytest.fixture(scope="session")
def digits() -> Dataset:
    """The synthetic digits of seed 0; their arrays are read-only."""
    return draw_digits(0)
