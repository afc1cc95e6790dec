"""Principal components and angles, against scikit-learn and SciPy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import subspace_angles
from sklearn.decomposition import PCA

from tui_ae.data.dataset import Dataset
from tui_ae.model.baselines import survey
from tui_ae.model.pca import principal_angles


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
