"""The objective and the baselines against PyTorch, scikit-learn, direct formulas and the brief."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.decomposition import PCA
from torch.nn.functional import binary_cross_entropy

from tui_ae.data.dataset import Dataset
from tui_ae.data.images import Images
from tui_ae.data.values import Scaling
from tui_ae.model.baselines import _chunks, survey, survey_in_pieces
from tui_ae.model.objective import OBJECTIVES, bce
from tui_ae.model.spec import ObjectiveName

unit = st.floats(0, 1, width=32)


@given(
    images=arrays(np.float32, (3, 5), elements=unit),
    predicted=arrays(np.float32, (3, 5), elements=st.floats(2**-20, 1 - 2**-20, width=32)),
)
def test_bce_is_that_of_pytorch(
    images: npt.NDArray[np.float32], predicted: npt.NDArray[np.float32]
) -> None:
    wide = [torch.from_numpy(array.astype(np.float64)) for array in (predicted, images)]
    expected = binary_cross_entropy(wide[0], wide[1], reduction="none").mean(dim=1).numpy()
    np.testing.assert_allclose(bce(images, predicted), expected, atol=1e-12)


@given(images=arrays(np.float32, (2, 4), elements=unit))
def test_no_prediction_beats_the_image_itself(images: npt.NDArray[np.float32]) -> None:
    floor = bce(images, images)
    for prediction in (0.0, 0.3, 1.0):
        assert (bce(images, np.full_like(images, prediction)) >= floor - 1e-6).all()


def test_bce_clamps_certainty_at_one_in_ten_million() -> None:
    wrong = bce(np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]]))
    assert wrong[0] == pytest.approx(-math.log(1e-7), rel=1e-6)
    assert bce(np.array([[1.0, 0.0]]), np.array([[1.0, 0.0]]))[0] == pytest.approx(0, abs=1e-6)


@pytest.fixture(scope="module")
def few(digits: Dataset) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
    """A part of more images than a piece holds, of few classes with a gap between them."""
    chosen = np.flatnonzero(np.isin(digits.labels, [0, 2, 7]))[:700]
    return np.ascontiguousarray(digits.images[chosen][:, 300:400]), digits.labels[chosen]


@pytest.mark.parametrize(("name", "undecided"), [("bce", math.log(2)), ("mse", None)])
def test_baselines_equal_the_direct_formulas(
    few: tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]],
    name: ObjectiveName,
    undecided: float | None,
) -> None:
    images, labels = few
    found = survey(images, labels).baselines[name]
    rows = OBJECTIVES[name].rows
    own = np.stack([images[labels == label].mean(axis=0, dtype=float) for label in labels])

    def against(prediction: npt.ArrayLike) -> float:
        return float(rows(images, np.broadcast_to(prediction, images.shape)).mean())

    assert found.undecided == pytest.approx(against(0.5))
    assert undecided is None or found.undecided == pytest.approx(undecided)
    assert found.best_constant == pytest.approx(against(images.mean(dtype=float)))
    assert found.mean_image == pytest.approx(against(images.mean(axis=0, dtype=float)))
    assert found.class_mean == pytest.approx(against(own))
    assert found.floor == pytest.approx(against(images))
    assert found.zeros == pytest.approx(against(0.0))
    pca = PCA(2, svd_solver="full").fit(images.astype(np.float64))
    rebuilt = pca.inverse_transform(pca.transform(images.astype(np.float64)))
    assert found.two_components == pytest.approx(against(rebuilt), abs=1e-5)


@pytest.mark.parametrize("count", [0, 1, 511, 512, 513, 100_000])
def test_up_to_a_hundred_thousand_images_all_count(count: int) -> None:
    parts = list(_chunks(count))
    every = np.arange(count)
    chosen = [every[part] for part in parts]
    assert np.concatenate([every[:0], *chosen]).tolist() == every.tolist()
    # A few milliseconds of work at a time.
    assert all(0 < len(rows) <= 512 for rows in chosen)


@pytest.mark.parametrize("count", [100_001, 250_000, 10_000_000])
def test_of_more_one_in_each_equal_stretch_counts(count: int) -> None:
    rows = np.concatenate(list(_chunks(count)))
    assert len(rows) == 100_000
    ends = np.arange(100_001) * count // 100_000
    assert (ends[:-1] <= rows).all() and (rows < ends[1:]).all()
    assert (np.concatenate(list(_chunks(count))) == rows).all()


def test_two_pixels_by_hand() -> None:
    """Three images of two classes: (0, 1), (1, 1) and (1, 0)."""
    images = np.array([[0, 1], [1, 1], [1, 0]], np.float32)
    found = survey(images, np.array([0, 0, 2]))
    mse = found.baselines["mse"]
    assert found.pca.mean == pytest.approx([2 / 3, 2 / 3])
    assert mse.undecided == pytest.approx(0.25) and mse.zeros == pytest.approx(2 / 3)
    assert mse.best_constant == mse.mean_image == pytest.approx(2 / 9)
    # (1/2, 1) for the first two, of which each is off by 1/2 in one pixel; the third is its own.
    assert mse.class_mean == pytest.approx((0.125 + 0.125 + 0) / 3)
    assert mse.two_components == pytest.approx(0, abs=1e-12) and mse.floor == 0.0
    # The axis of larger variance goes from (0, 1) to (1, 0).
    assert abs(found.pca.axes @ [1, -1]) == pytest.approx([math.sqrt(2), 0], abs=1e-6)


def test_baselines_of_the_synthetic_digits_are_those_of_the_original(digits: Dataset) -> None:
    found = survey(digits.images, digits.labels).baselines["bce"]
    assert found.undecided == pytest.approx(0.6931, abs=0.0001)
    assert found.floor == pytest.approx(0.0953, abs=0.003)
    assert found.class_mean == pytest.approx(0.220, abs=0.004)
    assert found.mean_image == pytest.approx(0.243, abs=0.004)
    assert found.best_constant == pytest.approx(0.343, abs=0.004)
    assert found.two_components == pytest.approx(0.220, abs=0.005)
    assert found.zeros == pytest.approx(1.74, abs=0.03)


def test_one_image_and_constant_images_have_baselines() -> None:
    one = np.random.default_rng(0).random((1, 100), dtype=np.float32)
    for images in (one, np.zeros((3, 100), np.float32), np.ones((600, 100), np.float32)):
        found = survey(images, np.zeros(len(images), np.int64)).baselines["bce"]
        assert found.mean_image == pytest.approx(found.floor, abs=1e-5)
        assert found.two_components == pytest.approx(found.floor, abs=1e-5)


def test_baselines_come_in_many_pieces(digits: Dataset) -> None:
    assert sum(1 for _ in survey_in_pieces(digits.images, digits.labels)) > 20


def test_images_as_stored_have_the_same_baselines() -> None:
    rng = np.random.default_rng(0)
    parts = tuple(rng.integers(0, 256, (count, 28, 28), np.uint8) for count in (700, 300))
    stored = Images.as_stored(parts, Scaling(0.0, 255.0, None))
    labels = rng.integers(0, 3, 1000)
    assert survey(stored, labels).baselines["bce"] == survey(stored[:], labels).baselines["bce"]


def test_many_images_are_judged_by_a_spread_of_them(
    digits: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = np.argsort(digits.labels, kind="stable")
    images, labels = digits.images[order], digits.labels[order]
    exact = survey(images, labels).baselines["bce"]
    asked = []

    class Watched:
        def __len__(self) -> int:
            return len(images)

        def __getitem__(self, rows: slice | npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
            asked.append(np.arange(len(images))[rows])
            return images[rows]

    monkeypatch.setattr("tui_ae.model.baselines.EXACT", 1000)
    found = survey(Watched(), labels).baselines["bce"]
    for name in ("best_constant", "mean_image", "class_mean", "two_components", "floor", "zeros"):
        assert getattr(found, name) == pytest.approx(getattr(exact, name), rel=0.03), name
    passes = np.concatenate(asked[1:]).reshape(3, 1000)
    assert (passes == passes[0]).all()
    assert (np.diff(passes[0]) > 0).all()
    assert survey(Watched(), labels).baselines["bce"] == found
