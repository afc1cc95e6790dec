"""The decoded plane: where it lies, and what is drawn of it."""

from __future__ import annotations

from typing import cast

import numpy as np
import pytest

from tui_ae.data.arrays import PIXELS
from tui_ae.export.plane import POINTS, plane_of, plane_sheet
from tui_ae.model.frozen import Network


def test_of_two_numbers_it_is_the_box_of_the_codes() -> None:
    codes = np.array([[-3, 1], [5, 2], [np.nan, 90], [0, 9]], np.float32)
    plane = plane_of(codes)
    lattice = plane.lattice()
    assert lattice.shape == (POINTS, POINTS, 2)
    # From left to right, and from bottom to top.
    assert (np.diff(lattice[..., 0], axis=1) > 0).all() and (
        np.diff(lattice[..., 1], axis=0) < 0
    ).all()
    assert -3.6 < lattice[..., 0].min() < -3 < 5 < lattice[..., 0].max() < 5.6
    assert 0.4 < lattice[..., 1].min() < 1.1 and 8.9 < lattice[..., 1].max() < 9.6
    assert plane.words.startswith("z1 from -3.56 to 5.56, left to right; z2 from ")


def test_of_more_numbers_it_holds_the_two_principal_axes() -> None:
    rng = np.random.default_rng(0)
    axes, _ = np.linalg.qr(rng.normal(size=(5, 5)))
    codes = rng.normal(size=(500, 5)) * [9, 4, 0.01, 0.01, 0.01] @ axes.T + 7
    plane = plane_of(codes.astype(np.float32))
    for found, expected in zip(plane.axes, axes.T[:2], strict=True):
        assert abs(found @ expected) == pytest.approx(1, abs=1e-3)
        assert found[np.abs(found).argmax()] > 0
    np.testing.assert_allclose(plane.lattice().mean(axis=(0, 1)), codes.mean(axis=0), atol=4)
    # The codes themselves lie within it.
    spans = np.ptp(plane.lattice().reshape(-1, 5) @ axes[:, :2], axis=0)
    assert (spans >= np.ptp(codes @ axes[:, :2], axis=0) * 0.99).all()


@pytest.mark.parametrize("codes", [np.zeros((0, 3)), np.full((4, 3), np.nan), np.ones((4, 3))])
def test_codes_that_span_nothing_have_a_plane(codes: np.ndarray) -> None:
    assert np.isfinite(plane_of(codes.astype(np.float32)).lattice()).all()


def test_of_one_number_it_is_a_row() -> None:
    plane = plane_of(np.array([[1], [4]], np.float32))
    assert plane.lattice().shape == (1, POINTS, 1)
    assert 0.7 < plane.lattice().min() < 1.1 and 3.9 < plane.lattice().max() < 4.3


def test_each_image_stands_where_its_code_lies() -> None:
    """A decoder that writes its code into the first two pixels."""

    def decoder(codes: np.ndarray) -> np.ndarray:
        images = np.zeros((len(codes), PIXELS), np.float32)
        images[:, :2] = codes
        return images

    plane = plane_of(np.array([[0, 0], [1, 1]], np.float32))
    greys = plane_sheet(plane, cast(Network, decoder))
    assert greys.shape == (2 * 28 * POINTS,) * 2
    seen = np.stack([greys[::56, ::56], greys[::56, 2::56]], axis=-1) / 255
    np.testing.assert_allclose(seen, plane.lattice().clip(0, 1), atol=0.003)
