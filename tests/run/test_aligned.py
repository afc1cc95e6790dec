from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.run import moments
from tui_ae.run.aligned import AlignedPlane, Alignment, align
from tui_ae.run.plane import CodePlane


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
        # Where nothing can be told, points stay; to one place they are moved as they are.
        expected = [[3, 4]] if np.isnan(codes).any() else [np.add([3, 4], goal.mean(axis=0))]
        np.testing.assert_allclose(found.apply([[3, 4]]), expected)
    to_one_place = align(goal, np.full((40, 2), 5.0))
    assert to_one_place.scale == 1.0 and to_one_place.goal.tolist() == [5.0, 5.0]
    np.testing.assert_array_equal(to_one_place.turn, np.eye(2))
    some = cloud(1)
    some[3] = np.inf
    assert np.isfinite(align(some, goal).turn).all()


def by_hand() -> Alignment:
    """A quarter turn about (1, 2), twice as large, around (10, 20)."""
    turn = np.array([[0.0, 1.0], [-1.0, 0.0]])
    return Alignment(np.array([1.0, 2.0]), turn, 2.0, np.array([10.0, 20.0]))


def test_points_are_turned_about_the_centre_stretched_and_moved() -> None:
    found = by_hand()
    assert found.apply([[1, 2], [2, 2], [1, 5]]).tolist() == [[10, 20], [10, 22], [4, 20]]
    assert found.undo([[10, 20], [10, 22], [4, 20]]).tolist() == [[1, 2], [2, 2], [1, 5]]


def test_the_alignment_of_four_points_is_that_by_hand() -> None:
    codes = np.array([[2, 2], [0, 2], [1, 5], [1, -1]], np.float32)
    found = align(codes, by_hand().apply(codes).astype(np.float32))
    np.testing.assert_allclose(found.centre, [1, 2])
    np.testing.assert_allclose(found.goal, [10, 20])
    np.testing.assert_allclose(found.turn, [[0, 1], [-1, 0]], atol=1e-12)
    assert found.scale == pytest.approx(2)


@pytest.mark.parametrize(("size", "aligned"), [(1e-3, True), (1e-5, True), (1e-8, False)])
def test_a_cloud_however_small_has_a_shape_until_rounding_makes_it(
    size: float, aligned: bool
) -> None:
    codes = (size * np.array([[1.0, 0], [-1, 0], [0, 3], [0, -3]])).astype(np.float32)
    # About zero, for there float32 tells such small numbers apart.
    turned = codes[:, ::-1] * np.array([-2, 2], np.float32)
    for one, other in ((codes, turned), (turned, codes)):
        found = align(one, other)
        assert np.allclose(found.turn, np.eye(2)) != aligned
        assert (found.scale == 1.0) != aligned
        np.testing.assert_allclose(found.apply(one.mean(axis=0)[None]), [other.mean(axis=0)])


def test_an_aligned_plane_is_another_one_seen_so() -> None:
    run = moments.info()
    plane = CodePlane(moments.snapshot(moments.dataset(), moments.moment(7, run), run))
    aligned, images = AlignedPlane(plane, by_hand()), moments.dataset().images[:3]
    moved = by_hand().apply
    assert (aligned.title, aligned.axes) == ("latent space, aligned", ("", ""))
    assert aligned.by_network and not aligned.snaps and not aligned.keeps_places
    for seen, own in (
        (aligned.codes, plane.codes),
        (aligned.held_out_codes, plane.held_out_codes),
        (aligned.place(plane.codes[:4]), plane.codes[:4]),
        (aligned.encode(images), plane.encode(images)),
        (aligned.outline(2.0), plane.outline(2.0)),
    ):
        assert seen.dtype == np.float32
        np.testing.assert_allclose(seen, moved(own), rtol=1e-6)
    assert not aligned.codes.flags.writeable
    points = np.array([[0.5, -1.0], [2.0, 3.0]])
    np.testing.assert_array_equal(aligned.decode(moved(points)), plane.decode(points))
    assert aligned.vector(moved(points)[1]).tolist() == [2.0, 3.0]
    np.testing.assert_array_equal(aligned.vectors, plane.vectors)
    np.testing.assert_array_equal(aligned.vector_of(images[0]), plane.vector_of(images[0]))
    np.testing.assert_array_equal(aligned.reconstruct(images), plane.reconstruct(images))
