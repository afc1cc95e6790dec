"""Principal components and angles, against scikit-learn and SciPy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import subspace_angles
from sklearn.decomposition import PCA

from tui_ae.data.dataset import Dataset
from tui_ae.model.baselines import principal_components, survey
from tui_ae.model.frozen import FrozenNetwork
from tui_ae.model.pca import Pca, decoder_axes, principal_angles


def test_the_plane_is_that_of_scikit_learn(digits: Dataset) -> None:
    images, labels = digits.images[:700], digits.labels[:700]
    pca = survey(images, labels).pca
    oracle = PCA(2, svd_solver="full").fit(images.astype(np.float64))
    np.testing.assert_allclose(np.abs(pca.axes @ oracle.components_.T), np.eye(2), atol=1e-4)
    codes, expected = pca.encode(images), oracle.transform(images.astype(np.float64))
    np.testing.assert_allclose(np.abs(codes), np.abs(expected), atol=1e-3)
    np.testing.assert_allclose(pca.decode(codes), oracle.inverse_transform(expected), atol=1e-3)
    assert not pca.axes.flags.writeable


@pytest.mark.parametrize(("rows", "others"), [(2, 2), (1, 3), (4, 2)])
@pytest.mark.parametrize("apart", [1.0, 1e-3, 1e-9])
def test_angles_are_those_of_scipy(rows: int, others: int, apart: float) -> None:
    rng = np.random.default_rng(rows)
    one = rng.normal(size=(rows, 30))
    mixed = (
        rng.normal(size=(others, rows)) @ one if others <= rows else rng.normal(size=(others, 30))
    )
    other = mixed + apart * rng.normal(size=(others, 30))
    expected = np.degrees(subspace_angles(one.T, other.T))
    np.testing.assert_allclose(principal_angles(one, other), expected, atol=1e-6)


def test_angles_to_what_spans_nothing_are_no_numbers() -> None:
    plane = np.eye(2, 5)
    for other in (np.zeros((2, 5)), np.ones((2, 5)), np.full((2, 5), np.nan)):
        assert np.isnan(principal_angles(plane, other)).all()
    assert principal_angles(plane, plane).tolist() == [0.0, 0.0]
    assert principal_angles(plane, np.eye(5)[2:4]).tolist() == [90.0, 90.0]


def test_codes_stand_along_the_axes_from_the_mean() -> None:
    pca = Pca(np.array([1.0, 2.0, 3.0]), np.eye(3)[[2, 0]])
    images = np.array([[1.5, 9.0, 3.0], [1.0, 2.0, 7.0]])
    assert pca.encode(images).tolist() == [[0.0, 0.5], [4.0, 0.0]]
    assert pca.encode(images).dtype == pca.decode([[4.0, 0.5]]).dtype == np.float32
    assert pca.decode([[4.0, 0.5]]).tolist() == [[1.5, 2.0, 7.0]]
    first = pca.first(1)
    assert first.encode(images).tolist() == [[0.0], [4.0]]
    assert first.decode([[4.0]]).tolist() == [[1.0, 2.0, 7.0]]


def test_the_images_of_a_linear_decoder_are_spanned_by_its_weights() -> None:
    weights = (np.array([[1.0, 2.0]], np.float32), np.array([[1.0, 0, 1], [0, 3, 1]], np.float32))
    biases = (np.ones(2, np.float32), np.ones(3, np.float32))
    decoder = FrozenNetwork(weights, biases, sigmoid_output=False, relu=False)
    assert decoder_axes(decoder).tolist() == [[1.0, 6.0, 3.0]]
    steps = decoder([[1.0]]) - decoder([[0.0]])
    np.testing.assert_allclose(steps, decoder_axes(decoder))


@pytest.mark.parametrize("degrees", [0.0, 1e-6, 30.0, 44.9, 45.0, 45.1, 60.0, 90.0])
def test_the_angle_between_two_lines(degrees: float) -> None:
    turn = np.radians(degrees)
    line, other = np.array([[2.0, 0.0, 0.0]]), np.array([[np.cos(turn), np.sin(turn), 0.0]])
    assert principal_angles(line, other) == pytest.approx([degrees], abs=1e-12, rel=1e-9)


def test_angles_come_the_largest_first_as_many_as_the_smaller_has() -> None:
    turn = np.radians([20.0, 70.0])
    plane = np.eye(4)[:2]
    other = np.array(
        [[np.cos(turn[0]), 0, np.sin(turn[0]), 0], [0, np.cos(turn[1]), 0, np.sin(turn[1])]]
    )
    assert principal_angles(plane, other) == pytest.approx([70.0, 20.0])
    assert principal_angles(plane, other[:1]) == pytest.approx([20.0])
    assert principal_angles(other[1:], plane) == pytest.approx([70.0])


def test_components_alone_are_those_of_the_survey(digits: Dataset) -> None:
    images, labels = digits.images[:600], digits.labels[:600]
    alone, surveyed = principal_components(images, 3), survey(images, labels, 3).pca
    np.testing.assert_allclose(alone.mean, surveyed.mean)
    np.testing.assert_allclose(np.abs(alone.axes @ surveyed.axes.T), np.eye(3), atol=1e-6)
    assert not alone.mean.flags.writeable and not alone.axes.flags.writeable
