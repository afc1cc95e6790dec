from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tui_ae.data.classes import index_labels
from tui_ae.data.source import Source
from tui_ae.errors import UserError


def numbered(labels: np.ndarray) -> tuple[list[int], tuple[str, ...]]:
    index, names = index_labels(Source(Path("set"), "set", (), labels), len(labels))
    assert index.dtype == np.int64
    return index.tolist(), names


@pytest.mark.parametrize(
    "labels",
    [
        np.array([7, 7, 3, 3, 9, 9, 7, 0], np.uint8),
        np.array([2**62, -5, 2**62, 4, 4, 4, -5]),
        np.array([0.0, 1.0, 1.0, 5.0, 2.0, -1.0]),
        np.array(["dog", "cat", "cat", "elephant", "a", "dog"]),
        np.array([b"dog", b"cat", b"cat", b"elephant"]),
        np.array([[True], [False], [False], [False], [True]]),
    ],
)
def test_labels_of_many_blocks(labels: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = numbered(labels)
    monkeypatch.setattr("tui_ae.data.classes.BLOCK", 2)
    assert numbered(labels) == expected


def test_classes_are_counted_no_further_than_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui_ae.data.classes.BLOCK", 20)
    with pytest.raises(UserError, match="at least 40 classes; give at most 36"):
        numbered(np.arange(100))
