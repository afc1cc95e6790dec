from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_ae.data.dataset import Dataset
from tui_ae.data.fit import fit_image, fit_source, to_grey
from tui_ae.data.images import Images
from tui_ae.data.source import Source
from tui_ae.data.values import scaling
from tui_ae.errors import UserError

Pixels = Callable[..., np.ndarray]
WHERE = Path("set.npz")


def fit(*parts: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
    images, notes = fit_source(Source(WHERE, "set", parts, None))
    assert images.array is not None
    return images.array, notes


@pytest.mark.parametrize(
    ("stored", "expected", "note"),
    [
        (np.array([0, 51, 255], np.uint8), [0, 0.2, 1], None),
        (np.array([0, 51, 128], np.uint8), [0, 0.2, 128 / 255], None),
        (np.array([0, 1, 1], np.uint8), [0, 1, 1], None),
        (np.array([0, 4, 16], np.uint8), [0, 0.25, 1], "Values from 0 to 16 rescaled to 0 to 1."),
        (np.array([0, 51, 255], np.int64), [0, 0.2, 1], None),
        (np.array([0, 0, 65535], ">u2"), [0, 0, 1], "Values from 0 to 65535 rescaled to 0 to 1."),
        (np.array([False, True, True]), [0, 1, 1], None),
        (np.array([0, 0.25, 0.5]), [0, 0.25, 0.5], None),
        (np.array([0, 0.25, 1], np.float16), [0, 0.25, 1], None),
        (np.array([0, 8.0, 16.0]), [0, 0.5, 1], "Values from 0 to 16 rescaled to 0 to 1."),
        (np.array([0, 51.0, 204.0]), [0, 0.2, 0.8], "Values from 0 to 255 rescaled to 0 to 1."),
        (np.array([0, 500.0, 1000.0]), [0, 0.5, 1], "Values from 0 to 1000 rescaled to 0 to 1."),
        (np.array([-1, 0, 1.0]), [0, 0.5, 1], "Values from -1 to 1 moved to 0 to 1."),
        (np.array([0, 0, 0], np.uint8), [0, 0, 0], None),
        (np.array([0.5, 0.5, 0.5]), [0.5, 0.5, 0.5], None),
    ],
)
def test_values_are_scaled(stored: np.ndarray, expected: list[float], note: str | None) -> None:
    scale = scaling([stored], WHERE)
    out = np.empty(3, np.float32)
    scale.apply(stored, out)
    np.testing.assert_allclose(out, expected, atol=1e-6)
    assert scale.note == note


@pytest.mark.parametrize(
    ("stored", "says"),
    [
        ([0, np.nan, np.inf], "2 pixel values are NaN, or infinite"),
        ([0, np.nan, 1], "1 pixel value is NaN, or infinite"),
        ([0, 1e300, -1e39], "2 pixel values are NaN, or infinite as a 32-bit float"),
        ([0, -0.25, 1], "1 pixel value is negative, down to -0.25"),
        ([-3, -2, 1], "2 pixel values are negative, down to -3"),
        ([-1, 0, 3.0], "1 pixel value is negative"),
    ],
)
def test_values_that_mean_nothing(stored: list[float], says: str) -> None:
    with pytest.raises(UserError, match=says):
        scaling([np.array(stored, np.float64)], WHERE)


@pytest.mark.parametrize("kind", ["f2", ">f4", "f8"])
def test_nan_is_counted_in_any_type(kind: str) -> None:
    with pytest.raises(UserError, match="2 pixel values are NaN"):
        scaling([np.array([0, np.nan, -np.inf], kind), np.array([-128, 7], np.int8)], WHERE)


def test_the_largest_floats_are_scaled() -> None:
    high = float(np.finfo(np.float32).max)
    images, _ = fit(np.full((2, 28, 28), high), np.zeros((2, 28, 28)))
    assert images[:, 0].tolist() == [1, 1, 0, 0]


@pytest.mark.skipif(np.finfo(np.longdouble).maxexp <= 1024, reason="no wider floats here")
def test_wider_floats_than_python_has_are_counted() -> None:
    with pytest.raises(UserError, match="1 pixel value is NaN, or infinite"):
        scaling([np.array([0, np.longdouble(10) ** 1000, 1])], WHERE)


def test_the_scale_is_one_for_all_parts() -> None:
    dark, bright = np.full((2, 28, 28), 8, np.uint8), np.full((2, 28, 28), 200, np.uint8)
    images, _ = fit(dark, bright)
    np.testing.assert_allclose(images[:, 0], [8 / 255, 8 / 255, 200 / 255, 200 / 255], atol=1e-6)


def test_rows_are_square_images(pixels: Pixels) -> None:
    stored = pixels(3)
    flat, _ = fit(stored.reshape(3, 784))
    np.testing.assert_array_equal(flat, fit(stored)[0])
    _, notes = fit(pixels(3, side=8).reshape(3, 64))
    assert notes == ("8×8 images fitted to 28×28.",)


def test_colours_first_or_last_or_alone(pixels: Pixels) -> None:
    stored = pixels(2, side=32)
    last = np.stack([stored] * 3, axis=-1)
    expected, _ = fit(stored)
    for shape in (last, np.moveaxis(last, 3, 1)):
        images, notes = fit(shape)
        np.testing.assert_allclose(images, expected, atol=1e-5)
        assert notes == ("32×32 images fitted to 28×28.", "Colours turned to grey.")
    np.testing.assert_array_equal(fit(stored[..., None])[0], expected)


def test_ink_on_transparent_ground_shows() -> None:
    shape = np.zeros((4, 4, 4), np.float32)
    shape[1, 1, 3] = 1
    assert to_grey(shape)[1, 1] == 0
    assert to_grey(shape)[0, 0] == 1
    shape[1, 1, :3] = 1
    assert to_grey(shape)[1, 1] == pytest.approx(1)
    assert to_grey(shape)[0, 0] == 0


def test_green_is_brighter_than_blue() -> None:
    green, blue = (np.eye(3, dtype=np.float32)[channel][None, None] for channel in (1, 2))
    assert to_grey(green).item() == pytest.approx(0.587)
    assert to_grey(blue).item() == pytest.approx(0.114)


@settings(max_examples=60)
@given(
    height=st.integers(1, 90),
    width=st.integers(1, 90),
    level=st.floats(0, 1, width=32),
)
def test_a_plain_image_stays_plain(height: int, width: int, level: float) -> None:
    fitted = fit_image(np.full((height, width), level, np.float32))
    assert fitted.shape == (28, 28)
    np.testing.assert_allclose(fitted, level, atol=1e-6)


@settings(max_examples=60)
@given(height=st.integers(1, 70), width=st.integers(1, 70), seed=st.integers(0, 99))
def test_values_stay_in_range(height: int, width: int, seed: int) -> None:
    sharp = np.random.default_rng(seed).integers(0, 2, (height, width)).astype(np.float32)
    fitted = fit_image(sharp)
    assert fitted.min() >= 0
    assert fitted.max() <= 1


def test_proportions_are_kept_and_the_image_centred() -> None:
    tall = np.zeros((56, 28), np.float32)
    tall[4:-4, 4:-4] = 1
    fitted = fit_image(tall)
    assert np.flatnonzero(fitted.max(axis=0) > 0.5).tolist() == list(range(9, 19))
    assert np.flatnonzero(fitted.max(axis=1) > 0.5).tolist() == list(range(2, 26))
    np.testing.assert_allclose(fitted, fitted[::-1, ::-1], atol=1e-5)


def test_the_room_beside_takes_the_ground() -> None:
    paper = np.ones((56, 28), np.float32)
    paper[20:30, 10:20] = 0
    assert fit_image(paper)[:, 0].tolist() == [1] * 28


def test_constant_images_are_accepted() -> None:
    images, notes = fit(np.full((5, 28, 28), 255, np.uint8))
    assert (images == 1).all()
    assert notes == ()


def test_a_float_array_of_the_right_kind_is_not_copied() -> None:
    stored = np.random.default_rng(0).random((4, 28, 28)).astype(np.float32)
    assert np.shares_memory(fit(stored)[0], stored)


def test_many_images_take_many_chunks(monkeypatch: pytest.MonkeyPatch, pixels: Pixels) -> None:
    stored = pixels(7, side=10)
    whole, _ = fit(stored)
    monkeypatch.setattr("tui_ae.data.fit.CHUNK_BYTES", 900)
    np.testing.assert_array_equal(fit(stored)[0], whole)


def test_too_many_images_are_refused_before_they_are_fitted(
    monkeypatch: pytest.MonkeyPatch, pixels: Pixels
) -> None:
    monkeypatch.setattr("tui_ae.data.source.MAX_IMAGES", 3)
    with pytest.raises(UserError, match="holds 4 images; give a set of at most 3"):
        fit(pixels(4))


def test_dataset_counts(pixels: Pixels) -> None:
    images, _ = fit(pixels(3))
    data = Dataset("set", Images(images), np.array([0, 2, 2]), ("a", "b", "c"), labelled=True)
    assert data.counts.tolist() == [1, 0, 2]
