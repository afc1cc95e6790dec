from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tests.train.runs import part
from tui_ae.config import Settings
from tui_ae.data.dataset import Dataset
from tui_ae.data.images import Images
from tui_ae.train import threads, worker


@pytest.fixture(autouse=True)
def _one_core(monkeypatch: pytest.MonkeyPatch) -> None:
    """Train on one thread: on a busy machine two wait for each other, a hundred times as long."""
    monkeypatch.setattr(threads, "available_cores", lambda: 1)


@pytest.fixture
def every_snapshot(monkeypatch: pytest.MonkeyPatch) -> None:
    """Publish as often as can be, so that no state goes unseen."""
    monkeypatch.setattr(worker, "PUBLISH_S", 0.0)


@pytest.fixture(scope="session")
def few(digits: Dataset) -> Dataset:
    """300 digits: mini-batches of 128, 128 and 44."""
    return part(digits, 300)


@pytest.fixture(scope="session")
def take(digits: Dataset) -> Callable[[int], Dataset]:
    return lambda count: part(digits, count)


@pytest.fixture
def settings() -> Settings:
    return Settings(device="cpu", recipe="original")


@pytest.fixture
def unlabelled(digits: Dataset) -> Dataset:
    labels = np.zeros(40, np.int64)
    return Dataset("images", Images(digits.images[:40]), labels, ("all",), labelled=False)
