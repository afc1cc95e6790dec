"""Quality numbers against scikit-learn."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_ae.model import quality
from tui_ae.model.frozen import FrozenNetwork


def made(seed: int, count: int = 120, width: int = 9) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Vectors of three classes, a poor picture of them in the plane, and the classes."""
    rng = np.random.default_rng(seed)
    labels = np.arange(count) % 3
    vectors = rng.normal(size=(count, width)) + 3 * rng.normal(size=(3, width))[labels]
    codes = vectors @ rng.normal(size=(width, 2)) + rng.normal(size=(count, 2))
    return vectors, codes, labels


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("k", [1, 5, 12])
def test_trustworthiness_and_continuity(seed: int, k: int) -> None:
    manifold = pytest.importorskip("sklearn.manifold")
    vectors, codes, _ = made(seed)
    expected = manifold.trustworthiness(vectors, codes, n_neighbors=k)
    assert quality.trustworthiness(vectors, codes, k) == pytest.approx(expected, abs=1e-9)
    # Continuity is the same with the roles exchanged.
    expected = manifold.trustworthiness(codes, vectors, n_neighbors=k)
    assert quality.continuity(vectors, codes, k) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("k", [1, 5])
def test_accuracy_leaves_the_sample_itself_out(seed: int, k: int) -> None:
    neighbors = pytest.importorskip("sklearn.neighbors")
    _, codes, labels = made(seed)
    right = 0
    for left_out in range(len(labels)):
        others = np.arange(len(labels)) != left_out
        model = neighbors.KNeighborsClassifier(k).fit(codes[others], labels[others])
        right += model.predict(codes[left_out : left_out + 1])[0] == labels[left_out]
    assert quality.knn_accuracy(codes, labels, k) == pytest.approx(right / len(labels))


def test_a_perfect_picture_and_too_few_samples() -> None:
    _, codes, labels = made(0)
    assert quality.trustworthiness(codes, codes) == quality.continuity(codes, codes) == 1.0
    assert np.isnan(quality.knn_accuracy(codes[:1], labels[:1]))
    assert np.isnan(quality.trustworthiness(codes[:9], codes[:9], k=5))
    # Fewer others than neighbours are asked for: all of them vote.
    assert quality.knn_accuracy(codes[:3], np.zeros(3, np.int64)) == 1.0


@pytest.mark.parametrize(
    ("count", "most", "expected"),
    [(0, 5, []), (1, 5, [0]), (5, 5, [0, 1, 2, 3, 4]), (10, 4, [0, 3, 6, 9]), (7, 1, [0])],
)
def test_which_samples_are_chosen(count: int, most: int, expected: list[int]) -> None:
    assert quality.chosen(count, most).tolist() == expected


def test_a_thousand_samples_are_compared_and_five_neighbours_count() -> None:
    assert len(quality.chosen(999)) == 999 and len(quality.chosen(5000)) == 1000
    vectors, codes, labels = made(0)
    for of in (
        partial(quality.knn_accuracy, codes, labels),
        partial(quality.trustworthiness, vectors, codes),
        partial(quality.continuity, vectors, codes),
    ):
        assert of() == of(k=5) not in (of(k=4), of(k=6))


def test_distances_are_squares_and_nothing_is_apart_from_itself() -> None:
    found = quality.distances([[1e3, 0], [1e3 + 3, 4], [1e3, 0]])
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, [[0, 25, 0], [25, 0, 25], [0, 25, 0]], atol=1e-9)


def test_so_few_samples_that_neighbours_just_suffice() -> None:
    _, codes, _ = made(0)
    labels = np.array([4, 4, 2])
    assert quality.knn_accuracy(codes[:2], labels[:2]) == 1.0
    assert quality.knn_accuracy(codes[:2], labels[1:]) == 0.0
    # Two others vote; of two classes with a vote each the lower one wins.
    assert quality.knn_accuracy(codes[:3], labels) == 0.0
    for count, is_number in ((10, False), (11, True)):
        assert np.isfinite(quality.continuity(codes[:count], codes[:count])) == is_number
    for k in (0, -1, 6):
        assert np.isnan(quality.trustworthiness(codes[:12], codes[:12], k))


def test_each_rank_beyond_the_neighbours_costs_one() -> None:
    """On a line: 5 is taken for the neighbour of 0, as the fourth of its true ones."""
    true = np.array([[0.0], [1.0], [3.0], [7.0], [15.0]])
    shown = true.copy()
    shown[4] = -0.5
    # Ranks among the vectors of each one's nearest by the codes: 4, 1, 2, 1, 4; 1 is wanted.
    penalty = 3 + 0 + 0 + 0 + 3
    nearest = np.abs(shown - shown.T) + np.eye(5) * 99
    assert nearest.argmin(axis=1).tolist() == [4, 0, 1, 2, 0]
    expected = 1 - penalty * 2 / (5 * 1 * (2 * 5 - 3 * 1 - 1))
    assert quality.trustworthiness(true, shown, 1) == pytest.approx(expected)


def test_units_that_nothing_wakes_are_dead() -> None:
    weight = np.array([[1.0, -1.0, 0.0]], np.float32)
    half = FrozenNetwork(
        (weight, np.ones((3, 2), np.float32)),
        (np.array([0, 0, -1], np.float32), np.zeros(2, np.float32)),
        sigmoid_output=False,
    )
    inputs = np.array([[1.0], [2.0]])
    assert quality.dead_units(half, inputs) == quality.Idle(2, 3)
    assert quality.dead_units(half, -inputs) == quality.Idle(2, 3)
    assert quality.dead_units(half, np.array([[1.0], [-1.0]])) == quality.Idle(1, 3)
    linear = FrozenNetwork(half.weights, half.biases, sigmoid_output=False, relu=False)
    assert quality.dead_units(linear, inputs) == quality.Idle(0, 0)


def test_numbers_that_hardly_vary_are_not_active() -> None:
    rng = np.random.default_rng(0)
    drawn = rng.normal(size=(500, 4)).astype(np.float32) * [3.0, 1.0, 0.05, 0.0]
    codes = drawn.astype(np.float32)
    assert quality.active_dimensions(codes) == 2
    codes[7] = np.nan
    assert quality.active_dimensions(codes) == 2
    assert quality.active_dimensions(np.zeros((5, 3), np.float32)) == 0
    assert quality.active_dimensions(np.full((5, 3), np.nan, np.float32)) == 0
    # A hundredth of the most varied, to the last bit, is not more than that.
    assert quality.active_dimensions(np.array([[10, 1], [-10, -1]], np.float32)) == 1


@given(count=st.integers(0, 5000), most=st.integers(1, 1200))
def test_chosen_samples_are_spread_over_all(count: int, most: int) -> None:
    rows = quality.chosen(count, most) if count else np.zeros(0, np.int64)
    assert len(rows) == min(count, most)
    assert len(set(rows.tolist())) == len(rows)
    if most > 1 and count > 1:
        assert rows[0] == 0 and rows[-1] == count - 1
