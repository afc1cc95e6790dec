"""The planes of the map: what lies where on them, and what their points decode to."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.decomposition import PCA

from tests.run import moments
from tui_ae.arrays import FloatArray
from tui_ae.data.dataset import Dataset
from tui_ae.model.baselines import Survey
from tui_ae.model.pca import Pca
from tui_ae.run.plane import (
    MOST_FITTED,
    CodePlane,
    LayoutPlane,
    LinePlane,
    PixelPlane,
    Plane,
    PrincipalPlane,
    axis_name,
    circle,
    finite_mean,
    principal_plane,
)
from tui_ae.run.snapshot import Snapshot
from tui_ae.ui.choice import Choice, PlaneName
from tui_ae.ui.layouts import METHODS
from tui_ae.ui.planes import Planes

WIDTHS = (1, 2, 3, 32)
DATA = moments.dataset()
IMAGES = DATA.images[:]
SURVEY = Survey({}, Pca(IMAGES.mean(axis=0, dtype=np.float64), np.eye(3, moments.PIXELS)))


def seen(width: int, codes: FloatArray | None = None, data: Dataset = DATA) -> Snapshot:
    run = moments.info(width)
    changes = {} if codes is None else {"codes": codes}
    return moments.snapshot(data, moments.moment(7, run), run, **changes)


def planes_of(snapshot: Snapshot, data: Dataset = DATA) -> list[Plane]:
    """All planes that a run of this width has, and one that was laid out afterwards."""
    width = snapshot.codes.shape[1]
    planes = Planes()
    planes.survey = SURVEY
    planes.begin(snapshot)
    # Layouts come from elsewhere, later.
    names = [name for name in planes.names if name not in METHODS]
    made = [planes.plane(Choice(plane=name), snapshot, data) for name in names]
    if width > 3:
        made.append(planes.plane(Choice(dims=(1, 3)), snapshot, data))
    places = np.random.default_rng(0).normal(size=(len(snapshot.codes), 2)).astype(np.float32)
    apart = np.zeros((len(snapshot.held_out_codes), 2), np.float32)
    return [*made, LayoutPlane(snapshot, "t-SNE of the codes", places, apart, data.images)]


@pytest.mark.parametrize("width", WIDTHS)
def test_each_width_has_its_planes(width: int) -> None:
    kinds = [type(plane) for plane in planes_of(seen(width))[:-1]]
    expected = {
        1: [LinePlane, PixelPlane],
        2: [CodePlane, PixelPlane],
        3: [PrincipalPlane, CodePlane, PixelPlane],
        32: [PrincipalPlane, CodePlane, PixelPlane, CodePlane],
    }
    assert kinds == expected[width]


@pytest.mark.parametrize("width", WIDTHS)
def test_all_samples_have_a_place_and_all_points_an_image(width: int) -> None:
    snapshot = seen(width)
    for plane in planes_of(snapshot):
        assert plane.codes.shape == (60, 2) and plane.codes.dtype == np.float32
        assert plane.held_out_codes.shape == (12, 2)
        assert not plane.codes.flags.writeable or isinstance(plane, LayoutPlane | CodePlane)
        assert plane.title and all(len(name) <= 5 for name in plane.axes)
        points = np.array([[0.1, -0.2], [3.0, 1.0], [-1e3, 1e3]])
        decoded = plane.decode(points)
        assert decoded.shape == (3, moments.PIXELS) and decoded.dtype == np.float32
        # What is decoded beside other points is what is decoded alone: the probe and a tile agree.
        np.testing.assert_allclose(plane.decode(points[1:2])[0], decoded[1], atol=1e-5)
        behind = plane.vectors.shape[1]
        assert plane.vectors.shape == (60, behind)
        assert plane.vector(points[0]).shape == (behind,)
        assert plane.vector_of(IMAGES[0]).shape == (behind,)
        assert plane.reconstruct(IMAGES[:3]).shape == (3, moments.PIXELS)
        assert plane.encode(IMAGES[:3]).shape == (3, 2)


@pytest.mark.parametrize("width", WIDTHS)
def test_a_sample_lies_where_its_image_is_encoded(width: int) -> None:
    for plane in planes_of(seen(width)):
        if not plane.keeps_places:
            np.testing.assert_allclose(plane.encode(IMAGES), plane.codes, atol=1e-5)


@pytest.mark.parametrize("width", WIDTHS)
def test_held_out_samples_lie_where_their_images_are_encoded(width: int) -> None:
    assert DATA.held_out is not None
    for plane in planes_of(seen(width)):
        if not plane.keeps_places:
            placed = plane.encode(DATA.held_out.images[:])
            np.testing.assert_allclose(plane.held_out_codes, placed, atol=1e-5)
        elif isinstance(plane, LinePlane):
            codes = plane.snapshot.held_out_codes
            np.testing.assert_array_equal(plane.held_out_codes[:, 0], codes[:, 0])


@pytest.mark.parametrize("width", WIDTHS)
def test_a_sample_decodes_to_its_reconstruction_where_the_plane_holds_all_of_its_code(
    width: int,
) -> None:
    snapshot = seen(width)
    for plane in planes_of(snapshot):
        whole = isinstance(plane, PixelPlane) or plane.snaps or width < 3
        decoded = plane.decode(plane.codes)
        expected = plane.reconstruct(IMAGES)
        assert np.allclose(decoded, expected, atol=1e-5) == whole, plane.title


@pytest.mark.parametrize("width", [3, 32])
def test_on_a_plane_through_wide_codes_points_come_back(width: int) -> None:
    """Of what a code is made of there, the plane shows exactly the point."""
    snapshot = seen(width)
    points = np.random.default_rng(3).normal(size=(20, 2))
    for plane in planes_of(snapshot):
        if isinstance(plane, PrincipalPlane):
            vectors = np.array([plane.vector(point) for point in points])
            np.testing.assert_allclose(plane.pca.encode(vectors), points, atol=1e-5)
        elif isinstance(plane, CodePlane):
            vectors = np.array([plane.vector(point) for point in points])
            np.testing.assert_array_equal(vectors[:, [plane.first, plane.second]], points)
            others = np.delete(vectors, [plane.first, plane.second], axis=1)
            means = np.delete(snapshot.codes.mean(axis=0), [plane.first, plane.second])
            np.testing.assert_allclose(others, np.tile(means, (20, 1)), atol=1e-6)
        else:
            continue
        expected = snapshot.decoder(vectors)
        np.testing.assert_allclose(plane.decode(points), expected, atol=1e-5)


def test_a_line_holds_one_number_and_parts_the_classes() -> None:
    snapshot = seen(1)
    plane = planes_of(snapshot)[0]
    np.testing.assert_array_equal(plane.codes[:, 0], snapshot.codes[:, 0])
    assert (np.abs(plane.codes[:, 1] - DATA.labels) < 0.5).all()
    assert len(np.unique(plane.codes[:, 1])) == len(DATA.labels)
    # The height tells nothing, so it changes no image.
    low, high = plane.decode([[0.4, -3.0], [0.4, 9.0]])
    assert (low == high).all()
    assert plane.vector([0.4, 9.0]).tolist() == [0.4]
    again = planes_of(seen(1, snapshot.codes * np.float32(2)))[0]
    np.testing.assert_array_equal(again.codes[:, 1], plane.codes[:, 1])


# --- principal planes ----------------------------------------------------------------------------


def stretched(width: int, count: int = 500, seed: int = 0) -> FloatArray:
    """Codes that spread less and less from one direction to the next."""
    rng = np.random.default_rng(seed)
    turn = np.linalg.qr(rng.normal(size=(width, width)))[0]
    spread = 2.0 ** -np.arange(width)
    codes: FloatArray = ((rng.normal(size=(count, width)) * spread) @ turn + 5).astype(np.float32)
    return codes


@pytest.mark.parametrize("width", [2, 3, 32])
def test_the_principal_plane_is_that_of_scikit_learn(width: int) -> None:
    codes = stretched(width)
    plane = principal_plane(seen(width, codes))
    oracle = PCA(2, svd_solver="full").fit(codes.astype(np.float64))
    overlap = np.abs(plane.pca.axes @ oracle.components_.T)
    np.testing.assert_allclose(overlap, np.eye(2), atol=1e-6)
    np.testing.assert_allclose(
        np.abs(plane.codes), np.abs(oracle.transform(codes.astype(np.float64))), atol=1e-4
    )
    assert plane.share == pytest.approx(oracle.explained_variance_ratio_.sum(), abs=1e-6)
    assert f"{plane.share:.0%}" in plane.note


def test_the_pixel_plane_is_that_of_scikit_learn() -> None:
    from tui_ae.model.baselines import survey

    planes = Planes()
    planes.survey = survey(DATA.images, DATA.labels)
    snapshot = seen(2)
    planes.begin(snapshot)
    plane = planes.plane(Choice(plane=PlaneName.PIXELS), snapshot, DATA)
    oracle = PCA(2, svd_solver="full").fit(IMAGES.astype(np.float64))
    placed = oracle.transform(IMAGES.astype(np.float64))
    np.testing.assert_allclose(np.abs(plane.codes), np.abs(placed), atol=2e-3)
    np.testing.assert_allclose(
        plane.reconstruct(IMAGES), oracle.inverse_transform(placed), atol=1e-3
    )
    assert plane.title == "PCA of the pixels"


def test_of_many_codes_some_are_enough_for_the_axes() -> None:
    codes = stretched(3, 2 * MOST_FITTED + 17)
    plane = principal_plane(seen(3, codes))
    oracle = PCA(2, svd_solver="full").fit(codes.astype(np.float64))
    np.testing.assert_allclose(np.abs(plane.pca.axes @ oracle.components_.T), np.eye(2), atol=0.05)
    assert plane.codes.shape == (len(codes), 2)


def turned(codes: FloatArray, degrees: float) -> FloatArray:
    angle = np.radians(degrees)
    turn = np.eye(codes.shape[1])
    turn[:2, :2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    return (codes @ turn).astype(np.float32)


def test_from_one_moment_to_the_next_the_picture_holds_still() -> None:
    """Though the axes of the greatest spread change places, and their signs mean nothing."""
    rng = np.random.default_rng(0)
    round_cloud = rng.normal(size=(500, 4)) * [1.0, 1.0, 0.1, 0.05]
    before = principal_plane(seen(4, round_cloud.astype(np.float32)))
    for step in range(1, 30):
        # Which of the first two spreads more changes again and again.
        stretch = np.array([1 + 0.05 * (-1) ** step, 1 - 0.05 * (-1) ** step, 1.0, 1.0])
        codes = (round_cloud * stretch).astype(np.float32)
        plane = principal_plane(seen(4, codes), before)
        moved = np.abs(plane.codes - before.codes).max()
        assert moved < 0.5, step
        before = plane


@pytest.mark.parametrize("degrees", [0, 30, 90, 180])
def test_what_is_turned_after_the_one_before_is_the_same_plane(degrees: float) -> None:
    codes = stretched(5)
    before = principal_plane(seen(5, turned(codes, degrees)))
    alone, after = principal_plane(seen(5, codes)), principal_plane(seen(5, codes), before)
    np.testing.assert_allclose(after.pca.axes @ after.pca.axes.T, np.eye(2), atol=1e-9)
    # Both hold the same images and the same part of the variance.
    np.testing.assert_allclose(
        after.pca.decode(after.codes), alone.pca.decode(alone.codes), atol=1e-4
    )
    assert after.share == pytest.approx(alone.share)
    # And no turn in the plane would bring it closer to the one before: Procrustes, by trying.
    distance = np.linalg.norm(after.pca.axes - before.pca.axes)
    for angle in np.radians(np.arange(0, 360, 5)):
        cosine, sine = np.cos(angle), np.sin(angle)
        for turn in ([[cosine, -sine], [sine, cosine]], [[cosine, sine], [sine, -cosine]]):
            other = np.linalg.norm(np.array(turn) @ after.pca.axes - before.pca.axes)
            assert distance <= other + 1e-9


def test_a_plane_of_another_width_turns_nothing() -> None:
    before = principal_plane(seen(4, stretched(4)))
    codes = stretched(3)
    after, alone = principal_plane(seen(3, codes), before), principal_plane(seen(3, codes))
    np.testing.assert_array_equal(after.codes, alone.codes)


# --- codes that are no cloud ---------------------------------------------------------------------

NOTHING = {
    "no number": np.nan,
    "infinite": np.inf,
    "large": 3e38,
    "all equal": 0.5,
}


@pytest.mark.parametrize("value", NOTHING.values(), ids=NOTHING)
@pytest.mark.parametrize("width", WIDTHS)
def test_codes_without_spread_have_planes_too(width: int, value: float) -> None:
    snapshot = seen(width, np.full((60, width), value, np.float32))
    for plane in planes_of(snapshot):
        places = plane.codes
        assert places.shape == (60, 2)
        if np.isfinite(value) and not isinstance(plane, PixelPlane | LayoutPlane):
            assert np.isfinite(places[:, 0]).all()
        decoded = plane.decode([[0.0, 0.0]])
        if not plane.snaps and np.isfinite(value):
            assert np.isfinite(decoded).all()
        assert plane.encode(IMAGES[:2]).shape == (2, 2)
        assert plane.note is not None and "nan" not in plane.note


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_code_that_is_no_number_moves_no_other(width: int, bad: float) -> None:
    whole = stretched(width, 60)
    codes = whole.copy()
    codes[[3, 40]] = bad
    for plane in planes_of(seen(width, codes)):
        if isinstance(plane, PixelPlane | LayoutPlane):
            continue
        rest = np.delete(np.arange(60), [3, 40])
        assert not np.isfinite(plane.codes[[3, 40]]).all(axis=1).any()
        assert np.isfinite(plane.codes[rest]).all()
        if isinstance(plane, PrincipalPlane):
            oracle = PCA(2, svd_solver="full").fit(codes[rest].astype(np.float64))
            overlap = np.abs(plane.pca.axes @ oracle.components_.T)
            np.testing.assert_allclose(overlap, np.eye(2), atol=1e-6)
        assert np.isfinite(plane.decode([[0.0, 0.0]])).all()


@pytest.mark.parametrize("width", WIDTHS)
def test_one_sample_is_enough(width: int) -> None:
    data = moments.dataset(1, 0)
    snapshot = seen(width, data=data)
    for plane in planes_of(snapshot, data):
        assert plane.codes.shape == (1, 2) and np.isfinite(plane.codes).all()
        assert plane.held_out_codes.shape == (0, 2)
        assert np.isfinite(plane.decode([[0.0, 0.0]])).all()
    if width > 2:
        (principal, *_) = planes_of(snapshot, data)
        np.testing.assert_allclose(principal.codes, [[0.0, 0.0]], atol=1e-6)


def test_a_picture_made_afterwards_snaps_to_samples() -> None:
    snapshot = seen(3)
    places = np.array([[index, 0.0] for index in range(60)], np.float32)
    places[5] = np.nan
    plane = LayoutPlane(snapshot, "UMAP of the codes", places, places[:0], DATA.images)
    assert plane.nearest([[7.3, 0.1], [5.1, 0.0], [-9.0, 0.0]]).tolist() == [7, 6, 0]
    np.testing.assert_array_equal(plane.vector([7.3, 0.1]), snapshot.codes[7])
    np.testing.assert_allclose(
        plane.decode([[7.3, 0.1]])[0], snapshot.decoder(snapshot.codes[7:8])[0], atol=1e-6
    )
    np.testing.assert_array_equal(plane.encode(IMAGES[8:10]), places[8:10])
    assert plane.encode(IMAGES[5:6]).shape == (1, 2)
    assert "shows the nearest sample" in plane.note and plane.axes == ("", "")


@pytest.mark.parametrize(("dim", "name"), [(0, "z₁"), (9, "z₁₀"), (511, "z₅₁₂")])
def test_axes_are_counted_from_one(dim: int, name: str) -> None:
    assert axis_name(dim) == name


def test_the_mean_is_that_of_finite_codes() -> None:
    codes = np.array([[1, 2, 3], [np.nan, 0, 0], [3, 4, 5], [0, np.inf, 0]], np.float32)
    assert finite_mean(codes).tolist() == [2.0, 3.0, 4.0]
    assert finite_mean(codes[1:2]).tolist() == [0.0, 0.0, 0.0]


# --- by hand -------------------------------------------------------------------------------------


def test_two_of_three_numbers_are_a_plane_through_the_mean_of_the_third() -> None:
    codes = np.array([[1, 2, 3], [3, 4, 5], [5, 6, 10]], np.float32)
    snapshot = seen(3, codes)
    plane = CodePlane(snapshot, 0, 2)
    assert (plane.title, plane.axes) == ("z₁ and z₃ of 3 numbers", ("z₁", "z₃"))
    assert plane.note == "The probe holds the other 1 at their means."
    assert plane.centre.tolist() == [3, 4, 6]
    assert plane.codes.tolist() == [[1, 3], [3, 5], [5, 10]]
    assert plane.place(codes[1:]).tolist() == [[3, 5], [5, 10]]
    assert plane.vector([7, 8]).tolist() == [7, 4, 8]
    np.testing.assert_array_equal(plane.decode([[7, 8]]), snapshot.decoder([[7, 4, 8]]))
    np.testing.assert_array_equal(plane.encode(IMAGES[:2]), snapshot.encoder(IMAGES[:2])[:, [0, 2]])
    assert plane.by_network and not plane.snaps and not plane.keeps_places


def test_two_numbers_are_the_plane_itself() -> None:
    codes = np.array([[1, 2], [3, 4]], np.float32)
    plane = CodePlane(seen(2, codes))
    assert (plane.title, plane.axes, plane.note) == ("latent space", ("z₁", "z₂"), "")
    # Nothing of them is copied for each frame.
    assert plane.codes is codes and plane.place(codes) is codes
    assert plane.centre.tolist() == [0, 0] and plane.vector([7, 8]).tolist() == [7, 8]
    turned_over = CodePlane(seen(2, codes), 1, 0)
    assert turned_over.codes.tolist() == [[2, 1], [4, 3]]
    assert turned_over.vector([7, 8]).tolist() == [8, 7]


@pytest.mark.parametrize("centre", [(0.0, 0.0), (2.0, -1.0)])
def test_an_outline_goes_round_once(centre: tuple[float, float]) -> None:
    points = circle(np.array(centre), 3.0) - np.array(centre, np.float32)
    assert points.shape == (720, 2) and points.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(points, axis=1), 3.0, rtol=1e-5)
    angles = np.unwrap(np.arctan2(points[:, 1], points[:, 0]))
    np.testing.assert_allclose(angles, np.linspace(0, 2 * np.pi, 720), atol=1e-5)
    np.testing.assert_array_equal(CodePlane(seen(3)).outline(3.0), circle(np.zeros(2), 3.0))


def test_a_line_is_spread_out_a_third_of_the_way_to_the_next_class() -> None:
    plane = planes_of(seen(1))[0]
    assert isinstance(plane, LinePlane)
    # Multiples of the golden ratio, without their whole part.
    heights = [-0.35, 0.082624, -0.184753, 0.247871]
    np.testing.assert_allclose(plane.codes[:4, 1] - DATA.labels[:4], heights, atol=1e-5)
    apart = plane.codes[:, 1] - DATA.labels
    assert np.abs(apart).max() <= 0.3501 and apart.max() > 0.33
    np.testing.assert_allclose(plane.held_out_codes[:4, 1] - [0, 1, 2, 3], heights, atol=1e-5)
    assert (plane.title, plane.axes) == ("latent line, by class", ("z₁", "class"))
    assert plane.note == "One number, left to right; the height only parts classes."
    assert plane.keeps_places and plane.by_network and not plane.snaps
    # What has no class lies below the first one.
    assert plane.place(np.array([[0.5], [2]], np.float32)).tolist() == [[0.5, -1], [2, -1]]
    outline = plane.outline(2.0)
    assert outline.shape == (720, 2) and outline.dtype == np.float32
    left, right = outline[:360], outline[360:]
    assert set(left[:, 0]) == {-2} and set(right[:, 0]) == {2}
    for side in (left, right):
        np.testing.assert_allclose(side[:, 1], np.linspace(-1, 4, 360), atol=1e-6)
    alone = LinePlane(plane.snapshot, np.zeros(60, np.int64), np.zeros(12, np.int64))
    assert alone.outline(2.0)[:, 1].max() == 1.0


def test_the_principal_plane_of_six_codes() -> None:
    codes = np.array(
        [[0, 0, 2], [0, 0, -2], [0, 1, 0], [0, -1, 0], [0.5, 0, 0], [-0.5, 0, 0]], np.float32
    ) + np.float32(10)
    snapshot = seen(3, codes)
    plane = principal_plane(snapshot)
    assert (plane.title, plane.axes) == ("PCA of 3 numbers", ("p₁", "p₂"))
    # The variances are as 8 to 2 to 0.5, however small they are.
    assert plane.share == pytest.approx(10 / 10.5)
    small = principal_plane(seen(3, codes / np.float32(64)))
    assert small.share == pytest.approx(10 / 10.5)
    assert plane.note == "This plane holds 95% of the variance; the probe decodes it."
    np.testing.assert_allclose(plane.pca.mean, [10, 10, 10])
    np.testing.assert_allclose(np.abs(plane.pca.axes), [[0, 0, 1], [0, 1, 0]], atol=1e-9)
    signs = plane.pca.axes.sum(axis=1)
    np.testing.assert_allclose(
        plane.codes * signs, [[2, 0], [-2, 0], [0, 1], [0, -1], [0, 0], [0, 0]], atol=1e-6
    )
    np.testing.assert_allclose(plane.place(codes[:2]), plane.codes[:2])
    np.testing.assert_allclose(plane.vector(np.array([3, 4]) * signs), [10, 14, 13], atol=1e-6)
    zero = np.array([-10.0, -10.0]) * signs
    np.testing.assert_allclose(plane.outline(2.0), circle(zero, 2.0), atol=1e-5)
    for array in (plane.codes, plane.pca.mean, plane.pca.axes):
        assert not array.flags.writeable


def test_codes_that_are_all_the_same_are_shown_whole() -> None:
    plane = principal_plane(seen(3, np.full((60, 3), 0.5, np.float32)))
    assert plane.share == 1.0 and not plane.codes.any()
    assert principal_plane(seen(3, np.full((60, 3), np.nan, np.float32))).share == 1.0


def test_planes_without_a_decoder_of_codes_place_none() -> None:
    snapshot = seen(3)
    codes = np.zeros((5, 2), np.float32)
    pixel = PixelPlane(SURVEY.pca.first(2), codes, codes[:1])
    layout = LayoutPlane(snapshot, "t-SNE of the codes", codes, codes[:1], DATA.images)
    for plane in (pixel, layout):
        nowhere = plane.place(snapshot.codes[:4])
        assert nowhere.shape == (4, 2) and np.isnan(nowhere).all()
        assert plane.outline(2.0).shape == (0, 2)
    assert (pixel.by_network, pixel.snaps, pixel.keeps_places) == (False, False, False)
    assert (layout.by_network, layout.snaps, layout.keeps_places) == (True, True, True)
    assert (pixel.axes, pixel.title) == (("pc₁", "pc₂"), "PCA of the pixels")
    assert pixel.note == "Reconstruction and probe are PCA's here, not the network's."
    assert layout.title == "t-SNE of the codes"
    assert pixel.vector([3, 4]).tolist() == [3, 4] and pixel.vectors is codes
    mean = SURVEY.pca.mean
    expected = IMAGES[0, :2] - mean[:2]
    np.testing.assert_allclose(pixel.vector_of(IMAGES[0]), expected, atol=1e-6)
    decoded = mean.copy()
    decoded[:2] += [3, 4]
    np.testing.assert_allclose(pixel.decode([[3, 4]])[0], decoded, atol=1e-5)


# --- which plane is shown ------------------------------------------------------------------------


def test_a_plane_is_made_once_a_snapshot_and_the_pixels_once_a_run() -> None:
    planes = Planes()
    planes.survey = SURVEY
    first, second = seen(3), seen(3)
    planes.begin(first)
    principal = planes.plane(Choice(plane=PlaneName.PRINCIPAL), first, DATA)
    assert planes.plane(Choice(plane=PlaneName.PRINCIPAL), first, DATA) is principal
    assert planes.plane(Choice(plane=PlaneName.PRINCIPAL), second, DATA) is not principal
    pixels = planes.plane(Choice(plane=PlaneName.PIXELS), first, DATA)
    assert planes.plane(Choice(plane=PlaneName.PIXELS), second, DATA).codes is pixels.codes


def test_before_the_components_are_known_the_codes_stand_there() -> None:
    planes, snapshot = Planes(), seen(2)
    planes.begin(snapshot)
    choice = Choice(plane=PlaneName.PIXELS)
    assert isinstance(planes.plane(choice, snapshot, DATA), CodePlane)
    planes.survey = SURVEY
    assert isinstance(planes.plane(choice, snapshot, DATA), PixelPlane)


@pytest.mark.parametrize("width", [1, 2, 3])
def test_dims_that_a_run_does_not_have_show_the_first_two(width: int) -> None:
    planes, snapshot = Planes(), seen(width)
    planes.begin(snapshot)
    plane = planes.plane(Choice(dims=(7, 30)), snapshot, DATA)
    assert plane.codes.shape == (60, 2)
