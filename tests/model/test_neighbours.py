"""Nearest samples in both spaces, against scikit-learn and SciPy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import cdist
from sklearn.neighbors import NearestNeighbors

from tui_ae.arrays import FloatArray, IntArray
from tui_ae.data.dataset import Dataset
from tui_ae.data.images import Images
from tui_ae.data.values import UNCHANGED
from tui_ae.model.neighbours import (
    CHUNK,
    REFERENCE,
    PixelSpace,
    nearest,
    percentile,
    squared_distances,
    usual_distances,
)

WIDTHS = (1, 2, 3, 8, 9, 32)


def cloud(count: int, width: int, seed: int = 0) -> FloatArray:
    return np.random.default_rng(seed).normal(size=(count, width)).astype(np.float32)


def everyone(count: int) -> IntArray:
    return np.arange(count, dtype=np.int64)


@pytest.mark.parametrize("width", WIDTHS)
def test_neighbours_among_codes_are_those_of_scikit_learn(width: int) -> None:
    codes = cloud(CHUNK + 1000, width)
    oracle = NearestNeighbors(n_neighbors=10).fit(codes.astype(np.float64))
    for point in cloud(5, width, seed=1).astype(np.float64):
        found = nearest(squared_distances(codes, point), everyone(len(codes)), 10)
        distances, samples = oracle.kneighbors(point[None])
        assert found.samples.tolist() == samples[0].tolist()
        np.testing.assert_allclose(found.distances, distances[0], rtol=1e-4, atol=1e-5)


def test_neighbours_among_pixels_are_those_of_scikit_learn(digits: Dataset) -> None:
    images = digits.images
    space = PixelSpace(images)
    oracle = NearestNeighbors(n_neighbors=11).fit(images[:])
    rng = np.random.default_rng(0)
    for sample in rng.integers(0, len(images), 8).tolist():
        distances, samples = oracle.kneighbors(images[sample][None])
        others = everyone(len(images))[np.arange(len(images)) != sample]
        found = nearest(space.squared_distances(images[sample]), others, 10)
        expected = [other for other in samples[0].tolist() if other != sample][:10]
        assert found.samples.tolist() == expected
        apart = distances[0][samples[0] != sample][:10]
        np.testing.assert_allclose(found.distances, apart, atol=2e-3)
        # What lies nowhere among the images has neighbours too.
        mixed = 0.5 * images[sample] + 0.25
        distances, samples = oracle.kneighbors(mixed[None], 5)
        found = nearest(space.squared_distances(mixed), everyone(len(images)), 5)
        assert found.samples.tolist() == samples[0].tolist()


def test_pixels_that_are_read_in_parts_give_the_same_distances() -> None:
    rng = np.random.default_rng(0)
    whole = rng.random((CHUNK + 700, 784), np.float32)
    parts = (whole[:3000].reshape(-1, 28, 28), whole[3000:].reshape(-1, 28, 28))
    space = PixelSpace(Images.as_stored(parts, UNCHANGED))
    point = rng.random((28, 28), np.float32)
    for _ in range(2):
        found = space.squared_distances(point)
        expected = cdist(point.reshape(1, -1), whole, "sqeuclidean")[0]
        np.testing.assert_allclose(found, expected, atol=1e-2)
    assert (space.squared_distances(whole[4]) >= 0).all()
    assert float(space.squared_distances(whole[4])[4]) < 1e-2


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 3e38])
@pytest.mark.parametrize("width", [2, 9])
def test_codes_that_are_no_numbers_are_nobodys_neighbours(width: int, bad: float) -> None:
    codes = cloud(50, width)
    codes[7, 1] = codes[30] = bad
    distances = squared_distances(codes, np.zeros(width))
    assert np.isinf(distances[[7, 30]]).all() and np.isfinite(np.delete(distances, [7, 30])).all()
    found = nearest(distances, everyone(50), 100)
    assert len(found.samples) == 48 and not {7, 30} & set(found.samples.tolist())
    rest = np.delete(codes, [7, 30], axis=0)
    expected = usual_distances(rest, everyone(48))
    np.testing.assert_array_equal(usual_distances(codes, everyone(50)), expected)


def test_a_point_that_is_no_number_has_no_neighbours() -> None:
    codes = cloud(20, 2)
    found = nearest(squared_distances(codes, [np.nan, 0.0]), everyone(20), 5)
    assert len(found.samples) == len(found.distances) == 0


def test_only_candidates_are_found() -> None:
    codes = cloud(100, 2)
    candidates = np.array([3, 50, 51, 99], np.int64)
    found = nearest(squared_distances(codes, codes[50]), candidates, 3)
    assert found.samples[0] == 50 and found.distances[0] == 0
    assert set(found.samples.tolist()) <= set(candidates.tolist())
    none = nearest(squared_distances(codes, codes[50]), candidates[:0], 3)
    assert not len(none.samples)


@given(st.integers(1, 12), st.lists(st.integers(0, 3), min_size=1, max_size=40))
def test_equally_near_ones_come_in_the_order_of_the_samples(count: int, steps: list[int]) -> None:
    distances = np.array(steps, np.float32) ** 2
    found = nearest(distances, everyone(len(steps)), count)
    expected = sorted(range(len(steps)), key=lambda sample: (steps[sample], sample))[:count]
    assert found.samples.tolist() == expected
    assert found.distances.tolist() == [steps[sample] for sample in expected]


# --- how far apart neighbours usually are --------------------------------------------------------


@pytest.mark.parametrize("width", WIDTHS)
def test_usual_distances_are_those_to_the_nearest_other_sample(width: int) -> None:
    codes = cloud(REFERENCE, width)
    found = usual_distances(codes, everyone(REFERENCE))
    apart = cdist(codes.astype(np.float64), codes.astype(np.float64))
    np.fill_diagonal(apart, np.inf)
    np.testing.assert_allclose(found, np.sort(apart.min(axis=1)), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("width", [2, 12])
def test_of_many_samples_some_tell_and_all_are_compared_with(width: int) -> None:
    count = 2 * CHUNK + 100
    codes = cloud(count, width) + 50
    found = usual_distances(codes, everyone(count))
    spread = np.linspace(0, count - 1, REFERENCE).astype(int)
    oracle = NearestNeighbors(n_neighbors=2).fit(codes).kneighbors(codes[spread])[0][:, 1]
    np.testing.assert_allclose(found, np.sort(oracle), rtol=1e-3, atol=1e-6)
    # Those that don't count are not compared with.
    far = np.concatenate([codes[:100] * 100, codes[100:]])
    few = usual_distances(far, everyone(100))
    assert np.median(few) > 10 * np.median(found)


def test_one_sample_or_none_has_no_usual_distance() -> None:
    codes = cloud(5, 2)
    for candidates in (everyone(0), everyone(1)):
        assert len(usual_distances(codes, candidates)) == 0
    assert len(usual_distances(np.full((9, 2), np.nan, np.float32), everyone(9))) == 0
    assert len(usual_distances(codes, everyone(2))) == 2


def test_codes_that_have_run_away_are_left_out() -> None:
    codes = np.array([[1e18, 0], [0, 0], [3, 4], [0, -1e18], [9e17, 9e17]], np.float32)
    assert usual_distances(codes, everyone(4)).tolist() == [5.0, 5.0]
    # As far as their squares are numbers.
    assert usual_distances(codes, everyone(5)).tolist()[:2] == [5.0, 5.0]
    assert len(usual_distances(codes, everyone(5))) == 3


def test_of_up_to_256_samples_each_tells() -> None:
    for count, told in ((255, 255), (256, 256), (257, 256), (1000, 256)):
        assert len(usual_distances(cloud(count, 2), everyone(count))) == told


@pytest.mark.parametrize("count", [1, 2, 3])
def test_the_nearest_of_few_by_hand(count: int) -> None:
    codes = np.array([[3, 4], [0, 1], [0, -2], [6, 8]], np.float32)
    found = nearest(squared_distances(codes, [0.0, 0.0]), everyone(4), count)
    assert found.samples.tolist() == [1, 2, 0][:count]
    assert found.distances.tolist() == [1.0, 2.0, 5.0][:count]


def test_images_are_compared_pixel_by_pixel() -> None:
    space = PixelSpace(np.array([[0, 0], [1, 1], [1, 0], [0.5, 1]], np.float32))
    assert space.squared_distances(np.array([1, 1], np.float32)).tolist() == [2, 0, 1, 0.25]
    # Again with what it remembers, and of an image as it stands on the screen.
    assert space.squared_distances(np.array([[0], [0]], np.float32)).tolist() == [0, 2, 1, 1.25]


def test_codes_that_are_all_equal_lie_on_each_other() -> None:
    usual = usual_distances(np.ones((9, 2), np.float32), everyone(9))
    assert usual.tolist() == [0.0] * 9
    assert percentile(usual, 0.0) == 0.0 and percentile(usual, 1e-6) == 100.0


def test_a_percentile_is_the_share_of_smaller_distances() -> None:
    usual = np.arange(10, dtype=np.float32)
    for distance, expected in ((-1, 0), (0, 0), (0.5, 10), (5, 50), (5.5, 60), (9.5, 100)):
        assert percentile(usual, distance) == expected
    assert np.isnan(percentile(usual[:0], 1.0))
