from __future__ import annotations

import numpy as np
import pytest

from tui_ae.data.dataset import Dataset
from tui_ae.data.glyphs import GLYPHS, arc
from tui_ae.data.pen import draw
from tui_ae.data.synthetic import draw_digits, jitter


def cross_entropy(images: np.ndarray, guess: np.ndarray) -> float:
    sure = np.clip(guess.astype(np.float64), 1e-7, 1 - 1e-7)
    return float(-(images * np.log(sure) + (1 - images) * np.log(1 - sure)).mean())


def test_shape_and_range(digits: Dataset) -> None:
    assert digits.name == "synthetic digits"
    assert digits.images[:].shape == (3200, 784)
    assert digits.images[:].dtype == np.float32
    assert digits.images[:].flags.c_contiguous
    assert digits.images[:].min() == 0
    assert digits.images[:].max() == 1
    assert digits.labels.dtype == np.int64
    assert digits.counts.tolist() == [320] * 10
    assert digits.class_names == tuple("0123456789")
    assert digits.labelled
    assert digits.notes == ()
    with pytest.raises(ValueError, match="read-only"):
        digits.images[:][0, 0] = 1
    with pytest.raises(ValueError, match="read-only"):
        digits.labels[0] = 1


@pytest.mark.parametrize("seed", [0, 2**32 - 1])
def test_statistics_are_those_of_the_original(seed: int) -> None:
    digits = draw_digits(seed)
    images = digits.images[:].astype(np.float64)
    mean = images.mean(axis=0)
    of_class = np.stack([images[digits.labels == digit].mean(axis=0) for digit in range(10)])
    centred = images - mean
    axes = np.linalg.eigh(centred.T @ centred)[1][:, -2:]
    plane = mean + centred @ axes @ axes.T
    assert images.shape == (3200, 784)
    assert images.mean() == pytest.approx(0.108, abs=0.003)
    assert (images > 0.5).mean() == pytest.approx(0.097, abs=0.004)
    assert (images == 0).mean() == pytest.approx(0.43, abs=0.01)
    assert cross_entropy(images, images) == pytest.approx(0.0953, abs=0.003)
    assert cross_entropy(images, of_class[digits.labels]) == pytest.approx(0.220, abs=0.005)
    assert cross_entropy(images, mean) == pytest.approx(0.243, abs=0.004)
    assert cross_entropy(images, np.full(784, mean.mean())) == pytest.approx(0.343, abs=0.004)
    assert cross_entropy(images, np.clip(plane, 1e-3, 1 - 1e-3)) == pytest.approx(0.220, abs=0.006)


def test_ink_spans_seventeen_by_ten_pixels(digits: Dataset) -> None:
    ink = digits.images[:].reshape(-1, 28, 28) > 0.5
    height, width = (
        np.mean([np.ptp(np.flatnonzero(line)) + 1 for line in np.any(ink, axis=axis)])
        for axis in (2, 1)
    )
    assert height == pytest.approx(17, abs=0.6)
    assert width == pytest.approx(10, abs=0.6)


def test_neighbours_in_pixels_share_the_class(digits: Dataset) -> None:
    images, labels = digits.images[:], digits.labels
    square = (images**2).sum(axis=1)
    distance = square[:, None] + square - 2 * images @ images.T
    np.fill_diagonal(distance, np.inf)
    nearest = labels[np.argpartition(distance, 5, axis=1)[:, :5]]
    votes = np.stack([(nearest == digit).sum(axis=1) for digit in range(10)], axis=1)
    assert (votes.argmax(axis=1) == labels).mean() > 0.995


def test_one_seed_one_set() -> None:
    first, again, other = draw_digits(7, 5), draw_digits(7, 5), draw_digits(8, 5)
    np.testing.assert_array_equal(first.images.array, again.images.array)
    np.testing.assert_array_equal(first.labels, again.labels)
    assert not np.array_equal(first.images[:], other.images[:])


def test_the_digits_of_a_seed_are_those_of_every_release() -> None:
    """A run knows its images by their pixels: kept runs would lose theirs."""
    digits = draw_digits(0, 16)
    assert digits.labels[:10].tolist() == [0, 8, 9, 4, 2, 6, 6, 9, 5, 5]
    images, pixels = digits.images[:].reshape(-1, 28, 28).astype(np.float64), np.arange(28)
    # Of each digit the ink of an image in the mean, and the column and the row of its middle.
    expected = [
        *((92.9219, 13.8331, 13.7022), (51.1092, 13.2488, 13.1091), (87.4414, 13.9656, 14.1209)),
        *((72.1747, 14.7144, 13.6973), (85.3086, 14.8278, 12.9233), (95.9974, 13.9307, 12.5175)),
        *((92.8877, 13.2103, 13.8783), (80.6700, 14.0384, 11.3250), (100.3644, 13.5921, 13.6528)),
        (90.5723, 14.1486, 12.1064),
    ]
    for digit, (ink, column, row) in enumerate(expected):
        own = images[digits.labels == digit].mean(axis=0)
        middle = [own.sum(axis=0) @ pixels / own.sum(), own.sum(axis=1) @ pixels / own.sum()]
        assert [own.sum(), *middle] == pytest.approx([ink, column, row], abs=2e-4), digit


def test_an_arc_is_a_polyline_of_chords_that_are_narrow_enough() -> None:
    quarter = arc(1, (1, 2), (4, 3), 0, 90)[0]
    angles = np.radians([0, 22.5, 45, 67.5, 90])
    np.testing.assert_allclose(
        quarter, np.stack([1 + 4 * np.cos(angles), 2 + 3 * np.sin(angles)], axis=1)
    )
    assert [arc(2, (0, 0), (4, 4), 0, stop).shape for stop in (0, 22.5, 23, 360)] == [
        *((2, 2, 2), (2, 2, 2), (2, 3, 2), (2, 17, 2)),
    ]
    # One polyline serves all samples: the widest says how many chords it takes.
    assert arc(2, (0, 0), (4, 4), np.array([0, 0]), np.array([10, 90])).shape == (2, 5, 2)
    assert arc(0, (0, 0), (4, 4), 0, 90).shape == (0, 2, 2)


def test_shuffled(digits: Dataset) -> None:
    assert len(set(digits.labels[:100].tolist())) == 10


@pytest.mark.parametrize("per_class", [1, 31, 32, 33])
def test_any_count_fills_all_images(per_class: int) -> None:
    digits = draw_digits(3, per_class)
    assert digits.counts.tolist() == [per_class] * 10
    assert (digits.images[:].max(axis=1) > 0.9).all()


def test_about_half_of_the_sevens_have_a_crossbar() -> None:
    strokes = GLYPHS[7](np.random.default_rng(0), 1000)
    crossbar = np.abs(strokes[:, -1, 1, 0] - strokes[:, -1, 0, 0])
    assert np.mean(crossbar > 3) == pytest.approx(0.5, abs=0.05)
    assert set(np.round(crossbar[crossbar < 3], 6)) == {0.0}


def test_flags_hooks_and_tilts_vary() -> None:
    for digit in (0, 1, 2, 3):
        strokes = GLYPHS[digit](np.random.default_rng(0), 50)
        assert strokes.std(axis=0).max() > 0.2, digit


def test_a_zero_is_an_oval_that_is_turned_and_never_bent() -> None:
    strokes = GLYPHS[0](np.random.default_rng(0), 50)
    radii = np.linalg.norm(strokes, axis=-1)
    np.testing.assert_allclose(radii, np.broadcast_to(radii[:1], radii.shape), rtol=1e-12)
    right = strokes[:, 0, 0]
    tilts = np.arctan2(right[:, 1], right[:, 0])
    assert 0.16 < np.abs(tilts).max() <= 0.18 and tilts.min() < 0 < tilts.max()


def test_digits_stand_fifteen_by_nine_before_jitter() -> None:
    sizes = [np.ptp(glyph(np.random.default_rng(0), 1)[0].reshape(-1, 2), 0) for glyph in GLYPHS]
    width, height = np.mean(sizes, axis=0)
    assert height == pytest.approx(15, abs=1)
    assert np.mean([size[0] for n, size in enumerate(sizes) if n != 1]) == pytest.approx(9, abs=1)
    assert width < 10


def test_pen_draws_a_bar_of_its_width() -> None:
    bar = np.array([[[[0.0, -5.0], [0.0, 5.0]]]])
    image = draw(bar, np.array([1.0]))[0]
    # Two columns lie half a pixel from the line, the next ones at one and a half.
    assert image[14, 10:18].tolist() == [0, 0, 0, 1, 1, 0, 0, 0]
    assert image[14].sum() == pytest.approx(2.0)
    assert image.sum() == pytest.approx(10 * 2 + np.pi, rel=0.03)
    np.testing.assert_array_equal(image, image[::-1, ::-1])


def test_pen_matches_the_distance_to_the_nearest_segment() -> None:
    rng = np.random.default_rng(1)
    strokes = rng.uniform(-12, 12, (4, 3, 2, 2))
    drawn = draw(strokes, np.full(4, 1.2))
    y, x = np.mgrid[:28, :28] - 13.5
    for image, segments in zip(drawn, strokes, strict=True):
        distances = []
        for start, end in segments:
            points = np.stack([x, y], axis=-1) - start
            way = np.clip(points @ (end - start) / ((end - start) @ (end - start)), 0, 1)
            distances.append(np.linalg.norm(points - way[..., None] * (end - start), axis=-1))
        expected = np.clip(1.7 - np.min(distances, axis=0), 0, 1)
        np.testing.assert_allclose(image, expected, atol=1e-4)


def test_a_point_is_a_round_dot() -> None:
    image = draw(np.zeros((1, 1, 2, 2)), np.array([3.0]))[0]
    assert image.sum() == pytest.approx(np.pi * 3**2, rel=0.05)
    np.testing.assert_array_equal(image, image.T)


def test_jitter_stays_within_its_bounds() -> None:
    corner = np.tile(np.array([[[[3.0, 4.0], [0.0, 0.0]]]]), (500, 1, 1, 1))
    moved = jitter(corner, np.random.default_rng(0))
    shift, arm = moved[:, 0, 1], moved[:, 0, 0] - moved[:, 0, 1]
    assert 2.0 < np.abs(shift).max() <= 2.2
    length = np.linalg.norm(arm, axis=1)
    assert 5 * 0.85 <= length.min() < length.max() <= 5 * 1.15
