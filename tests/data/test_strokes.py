"""How wide the strokes of a data set are, and in which ink it is drawn."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tui_ae.arrays import FloatArray, IntArray
from tui_ae.data.dataset import Dataset
from tui_ae.data.glyphs import GLYPHS
from tui_ae.data.images import Images
from tui_ae.data.pen import draw
from tui_ae.data.strokes import (
    USUAL_WIDTH_PX,
    ink_of,
    is_dark_on_light,
    stroke_width,
    stroke_widths,
)
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


def test_the_usual_pen_is_nearly_that_of_the_synthetic_digits() -> None:
    assert pytest.approx(sum(PEN_WIDTH_PX_RANGE) / 2, abs=0.1) == USUAL_WIDTH_PX


class Watched:
    """Blank images; keeps which were looked at."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.rows: list[int] = []

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, rows: IntArray, /) -> FloatArray:
        self.rows = rows.tolist()
        return np.zeros((len(rows), 784), np.float32)


def test_512_images_spread_over_all_of_them_are_looked_at() -> None:
    for count in (0, 1, 2, 512):
        ink_of(watched := Watched(count))
        assert watched.rows == list(range(count))
    ink_of(watched := Watched(1023))
    assert watched.rows == list(range(0, 1023, 2))


def bar(*rows: float, columns: int = 20) -> FloatArray:
    """An image of a bar whose rows have these greys."""
    image = np.zeros((28, 28), np.float32)
    for row, grey in enumerate(rows, 5):
        image[row, 4 : 4 + columns] = grey
    return image


def of_box(width: int, length: int) -> float:
    """Twice the area by the perimeter, of which a corner has the root of a half."""
    return 2 * width * length / (2 * (width - 1 + length - 1) + 2 * math.sqrt(2))


SOFT_BAR_IMAGE = np.zeros((28, 28), np.float32)
SOFT_BAR_IMAGE[[5, 6, 7]] = np.array([[0.35], [1], [0.35]])
# Of greys of 0.35 a quarter counts; at each end the greys of two rows meet the ground.
SOFT_BAR = 2 * 28 * 1.5 / (2 * 27 + 2 * (2 * 0.25 + 2 * np.hypot(0.25, 1)) / 2**0.5)


@pytest.mark.parametrize(
    ("image", "width"),
    [
        (bar(1, 1, 1), of_box(3, 20)),
        (bar(0.8), of_box(1, 20)),
        (bar(1, 1, columns=10), of_box(2, 10)),
        (bar(*[1] * 10, columns=2), of_box(2, 10)),
        (bar(1, 1, columns=2), of_box(2, 2)),
        (bar(0.5, 0.5, columns=9), of_box(2, 9)),
        (bar(0.2, 1, 1, 0.2, columns=9), of_box(2, 9)),
        (SOFT_BAR_IMAGE, SOFT_BAR),
        (bar(1, 1, 1, columns=1), None),
        (bar(0.2, 0.2, 0.2), None),
    ],
)
def test_a_stroke_is_as_wide_as_its_area_by_half_its_edge(
    image: FloatArray, width: float | None
) -> None:
    expected = [] if width is None else [width]
    np.testing.assert_allclose(stroke_widths(image[None]), expected, rtol=1e-5)
    np.testing.assert_allclose(stroke_widths(image.reshape(1, 784)), expected, rtol=1e-5)


@pytest.mark.parametrize(
    ("widths", "expected"),
    [
        ([1, 1, 1], 1),
        ([0.99, 0.99, 0.99], None),
        ([6, 6, 6], 6),
        ([6.01, 6.01, 6.01], None),
        # The middle half of them may differ by half of the width.
        ([0, 1.5, 2, 2.5, 99], 2),
        ([0, 1.5, 2, 2.51, 99], None),
        ([], None),
    ],
)
def test_widths_of_one_pen_lie_close_together(
    widths: list[float], expected: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui_ae.data.strokes.stroke_widths", lambda _: np.array(widths))
    assert stroke_width(np.zeros((1, 784), np.float32)) == expected


@pytest.mark.parametrize(
    ("border", "inside", "dark"), [(0.55, 0, True), (0.5, 1, False), (0, 1, False)]
)
def test_the_border_of_a_pixel_says_which_ink_it_is(
    border: float, inside: float, *, dark: bool
) -> None:
    image = np.full((1, 28, 28), border, np.float32)
    image[:, 1:-1, 1:-1] = inside
    assert is_dark_on_light(image) == dark
