"""Which value is white where nothing says so: percent, dark images, and the word on a guess."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.data.test_roles import loaded, shown

GUESS = "a guess"


def notes_of(tmp_path: Path, array: Any) -> tuple[str, float]:
    """All notes in one, and the largest pixel."""
    np.savez(tmp_path / "a.npz", images=array)
    data = loaded(tmp_path / "a.npz")
    return " ".join(data.notes), float(data.images[:].max())


@pytest.mark.parametrize("kind", ["f2", "f4", "f8"])
@pytest.mark.parametrize("high", [100, 99.6])
def test_floats_up_to_a_hundred_are_percent(tmp_path: Path, kind: str, high: float) -> None:
    said, white = notes_of(tmp_path, (shown() / 255 * high).astype(kind))
    assert white == pytest.approx(high / 100, abs=1e-3)
    assert "percent" in said and GUESS in said and "255" in said


def test_percent_that_overshoots_is_cut_off(tmp_path: Path) -> None:
    said, white = notes_of(tmp_path, shown() / 255 * 100.00001)
    assert white == 1
    assert "percent" in said


@pytest.mark.parametrize(
    ("array", "high"),
    [
        (shown() // 13, 19), (shown() // 3, 85), (shown() * 0.2, 51), (shown() / 255 * 97.3, 97.3),
        (shown().astype(np.uint16) * 4 // 3, 340), (shown().astype(np.uint16) * 90, 22950),
    ],
)  # fmt: skip
def test_a_scale_that_leaves_the_brightest_dark_is_called_a_guess(
    tmp_path: Path, array: Any, high: float
) -> None:
    said, white = notes_of(tmp_path, array)
    assert white < 0.5
    assert GUESS in said and f"{high:g}" in said and said.count(GUESS) == 1


@pytest.mark.parametrize(
    "array",
    [
        shown(), shown() * 1.0, shown() / 255, shown() * 0.9, shown() // 16, shown() > 127,
        shown().astype(np.uint16) * 257, shown().astype(np.uint16) * 16, shown() / 127.5 - 1,
        shown() // 2 + 10,
    ],
)  # fmt: skip
def test_a_scale_that_shows_is_no_guess(tmp_path: Path, array: Any) -> None:
    said, white = notes_of(tmp_path, array)
    assert white > 0.5
    assert GUESS not in said and "dark" not in said and "black" not in said


def test_dark_pictures_of_a_folder_are_said_once(tmp_path: Path) -> None:
    for place, image in enumerate(shown() // 4):
        Image.fromarray(image).save(tmp_path / f"{place}.png")
    data = loaded(tmp_path)
    assert data.images[:].max() == pytest.approx(63 / 255)
    (note,) = data.notes
    assert GUESS in note
