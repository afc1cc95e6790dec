"""How wide the strokes of a data set are, and in which ink it is drawn."""

from __future__ import annotations

import numpy as np
import pytest

from tui_ae.arrays import FloatArray
from tui_ae.data.dataset import Dataset
from tui_ae.data.glyphs import GLYPHS
from tui_ae.data.images import Images
from tui_ae.data.pen import draw
from tui_ae.data.strokes import USUAL_WIDTH_PX, ink_of, is_dark_on_light, stroke_width
from tui_ae.data.synthetic import PEN_WIDTH_PX_RANGE, jitter


def digits_of_width(width: float) -> FloatArray:
    rng = np.random.default_rng(1)
    return np.concatenate([draw(jitter(g(rng, 8), rng), np.full(8, width / 2)) for g in GLYPHS])


@pytest.mark.parametrize("width", [1.5, 2, 2.5, 3, 4, 5])
def test_the_width_of_the_pen_is_measured(width: float) -> None:
    assert stroke_width(digits_of_width(width)) == pytest.approx(width, rel=0.06)


def test_that_of_the_synthetic_digits_is_the_middle_of_their_pens(digits: Dataset) -> None:
    ink = ink_of(digits.images)
    assert ink.measured and not ink.dark
    assert ink.width_px == pytest.approx(sum(PEN_WIDTH_PX_RANGE) / 2, abs=0.08)


def test_noise_and_blank_images_do_not_count() -> None:
    images = digits_of_width(3)
    noise = np.random.default_rng(0).normal(0, 0.05, images.shape)
    noisy = np.clip(images + noise, 0, 1).astype(np.float32)
    blank = np.zeros((500, 28, 28), np.float32)
    assert stroke_width(np.concatenate([noisy, blank])) == pytest.approx(3, abs=0.2)


def test_dark_ink_is_found_by_the_border_and_measured_all_the_same() -> None:
    light = digits_of_width(3).reshape(-1, 784)
    ink = ink_of(Images(1 - light))
    assert ink.dark and ink.measured and ink.width_px == pytest.approx(3, abs=0.2)
    assert not is_dark_on_light(np.zeros((0, 28, 28), np.float32))


def filled() -> FloatArray:
    """Boxes of many sizes, as clothes are."""
    images = np.zeros((40, 28, 28), np.float32)
    for index, image in enumerate(images):
        image[4 : 6 + index % 20, 5 : 8 + index % 13] = 1
    return images


@pytest.mark.parametrize(
    "images",
    [
        filled(),
        np.ones((5, 28, 28), np.float32),
        np.zeros((5, 28, 28), np.float32),
        np.full((5, 28, 28), np.nan, np.float32),
        np.zeros((1, 28, 28), np.float32),
    ],
    ids=["filled", "all light", "blank", "unknown", "one"],
)
def test_images_without_strokes_get_the_usual_pen(images: FloatArray) -> None:
    ink = ink_of(Images(images.reshape(-1, 784)))
    assert (ink.width_px, ink.measured) == (USUAL_WIDTH_PX, False)
