from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_ae.run.aligned import align


def cloud(seed: int, count: int = 40) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(count, 2)) * [3.0, 1.0]


@given(st.floats(-3.1, 3.1), st.floats(0.1, 20), st.booleans(), st.integers(0, 50))
def test_what_was_only_turned_mirrored_stretched_and_moved_comes_back(
    angle: float, scale: float, mirrored: bool, seed: int
) -> None:
    goal = cloud(seed)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    if mirrored:
        turn = turn @ np.diag([1.0, -1.0])
    codes = goal @ turn * scale + [5.0, -7.0]
    found = align(codes, goal)
    np.testing.assert_allclose(found.apply(codes), goal, atol=1e-6 * max(scale, 1))
    np.testing.assert_allclose(found.undo(found.apply(codes)), codes, atol=1e-6 * max(scale, 1))


@pytest.mark.parametrize("seed", range(3))
def test_is_as_close_as_procrustes(seed: int) -> None:
    spatial = pytest.importorskip("scipy.spatial")
    one, other = cloud(seed), cloud(seed + 10)
    found = align(one, other)
    rest = ((found.apply(one) - other) ** 2).sum() / ((other - other.mean(axis=0)) ** 2).sum()
    assert rest == pytest.approx(spatial.procrustes(other, one)[2])


def test_codes_without_a_shape_are_only_moved() -> None:
    goal = cloud(0)
    for codes in (np.zeros((40, 2)), np.full((40, 2), np.nan)):
        found = align(codes.astype(np.float32), goal)
        assert np.isfinite(found.apply(np.ones((1, 2)))).all()
        np.testing.assert_array_equal(found.turn, np.eye(2))
    some = cloud(1)
    some[3] = np.inf
    assert np.isfinite(align(some, goal).turn).all()
