from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_ae.data.images import Images
from tui_ae.data.values import scaling

COUNTS = (5, 1, 7)
TOTAL = sum(COUNTS)


def parts_of(kind: str) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(0)
    high = 2 if kind == "?" else 100
    return tuple(rng.integers(0, high, (count, 28, 28)).astype(kind) for count in COUNTS)


def in_memory(parts: tuple[np.ndarray, ...]) -> np.ndarray:
    """All images scaled at once, as those that memory holds are."""
    stored = np.concatenate(parts).reshape(-1, 784)
    pixels = np.empty(stored.shape, np.float32)
    scaling(parts, Path("set")).apply(stored, pixels)
    return pixels


def stored(kind: str) -> tuple[Images, np.ndarray]:
    parts = parts_of(kind)
    return Images.as_stored(parts, scaling(parts, Path("set"))), in_memory(parts)


def test_held_images_are_the_array_itself() -> None:
    array = np.random.default_rng(0).random((4, 784), np.float32)
    images = Images(array)
    assert len(images) == 4
    assert images.array is not None
    for view in (images.array, images[1:3], images[2]):
        assert np.shares_memory(view, array)
        assert not view.flags.writeable
    assert array.flags.writeable
    np.testing.assert_array_equal(images[np.array([3, 0, 3])], array[[3, 0, 3]])
    assert images.mean() == pytest.approx(array.mean())


@pytest.mark.parametrize(
    "array", [np.zeros((4, 784)), np.zeros((784, 4), np.float32).T, np.zeros((4, 784), ">f4")]
)
def test_other_arrays_are_refused(array: np.ndarray) -> None:
    with pytest.raises(ValueError, match="C-contiguous float32"):
        Images(array)


@pytest.mark.parametrize("kind", ["u1", "?", ">i2", "<u4", ">f4", "f8"])
def test_stored_images_are_the_same_to_the_last_bit(kind: str) -> None:
    images, expected = stored(kind)
    assert images.array is None
    assert len(images) == TOTAL
    for index in (slice(None), np.arange(TOTAL)[::-1].copy()):
        read = images[index]
        assert read.dtype == np.float32
        assert read.flags.c_contiguous
        np.testing.assert_array_equal(read, expected[index])


@settings(max_examples=80)
@given(
    rows=st.lists(st.integers(-TOTAL, TOTAL - 1), max_size=40),
    ends=st.tuples(*[st.none() | st.integers(-20, 20)] * 2),
    step=st.sampled_from([None, 1, 2, -1, -3]),
    one=st.integers(-TOTAL, TOTAL - 1),
)
def test_rows_are_those_of_all_parts_together(
    rows: list[int], ends: tuple[int | None, int | None], step: int | None, one: int
) -> None:
    images, expected = stored("u1")
    chosen = np.array(rows, np.int64)
    np.testing.assert_array_equal(images[chosen], expected[chosen])
    np.testing.assert_array_equal(images[slice(*ends, step)], expected[slice(*ends, step)])
    for index in (one, np.int64(one)):
        np.testing.assert_array_equal(images[index], expected[index])
    assert images[one].shape == (784,)


def test_truth_values_choose_rows() -> None:
    images, expected = stored("u1")
    even = np.arange(TOTAL) % 2 == 0
    np.testing.assert_array_equal(images[even], expected[even])


@pytest.mark.parametrize("row", [TOTAL, -TOTAL - 1])
def test_rows_beyond_the_end_are_refused(row: int) -> None:
    images, _ = stored("u1")
    with pytest.raises(IndexError, match="13 images"):
        images[row]
    with pytest.raises(IndexError):
        images[np.array([0, row])]


def test_stored_images_are_not_copied() -> None:
    parts = parts_of("u1")
    images = Images.as_stored(parts, scaling(parts, Path("set")))
    for part, own in zip(parts, images.stored, strict=True):
        assert np.shares_memory(part, own)


def test_the_mean_of_many_is_that_of_stretches_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    images, expected = stored("u1")
    assert images.mean() == pytest.approx(expected.mean())
    monkeypatch.setattr("tui_ae.data.images.MEAN_BLOCKS", 3)
    monkeypatch.setattr("tui_ae.data.images.MEAN_BLOCK", 2)
    assert images.mean() == pytest.approx(expected[[0, 1, 5, 6, 11, 12]].mean())


def test_the_mean_of_more_than_16384_is_that_of_64_stretches_of_256() -> None:
    for count, mean in ((16_384, 1 / 16_384), (16_640, 0.0)):
        stored = np.zeros((count, 28, 28), np.uint8)
        # The first stretch ends before it, and the second begins at 260 of 16,640.
        stored[256] = 255
        images = Images.as_stored((stored,), scaling((stored[256:257],), Path("set")))
        assert images.mean() == pytest.approx(mean)


def test_images_that_nobody_knows_are_no_numbers() -> None:
    images = Images.unknown(5)
    assert len(images) == 5 and images[np.array([4, 0])].shape == (2, 784)
    assert np.isnan(images[:]).all() and len(images.take(np.array([1, 2]))) == 2
