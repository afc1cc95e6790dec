from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.export.runs import make_run
from tui_ae.config import Settings

HOSTILE = ("=1+2", "a;@SUM(1)", "t\tab\nline", "\u202eb,\"q'", "-5", " +cmd", "＝x")
"""Names of classes, and of files in them."""


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """An NPZ of 200 images in the classes 3, 7 and 8; those of class 7 are bright."""
    rng = np.random.default_rng(0)
    labels = np.array([3, 7, 8, 8, 7])[np.arange(200) % 5]
    pixels = rng.random((200, 28, 28), np.float32) * np.where(labels == 7, 1, 0.3)[:, None, None]
    np.savez(tmp_path / "set.npz", images=pixels.astype(np.float32), labels=labels)
    return tmp_path / "set.npz"


@pytest.fixture
def run(tmp_path: Path, images: Path) -> Path:
    make_run(tmp_path / "run", Settings(data=images, hidden=(9, 5)))
    return tmp_path / "run"


@pytest.fixture
def hostile_run(tmp_path: Path) -> Path:
    """A run on a folder of pictures whose names would be formulas, or end a line."""
    for number, name in enumerate(HOSTILE):
        inner = tmp_path / "pictures" / name
        inner.mkdir(parents=True)
        for image in range(3):
            pixels = np.full((28, 28), 20 + 30 * number + image, np.uint8)
            pixels[number : number + 9, 8:20] = 255
            Image.fromarray(pixels).save(inner / f"{name}{image}.png")
    make_run(tmp_path / "hostile", Settings(data=tmp_path / "pictures", hidden=(9,)))
    return tmp_path / "hostile"
