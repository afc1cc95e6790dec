from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_ae.data.dataset import Dataset
from tui_ae.data.fit import fit_image, fit_source, size_note, stored_note, to_grey
from tui_ae.data.images import Images
from tui_ae.data.source import Source
from tui_ae.data.values import scaling
from tui_ae.errors import UserError

Pixels = Callable[..., np.ndarray]
WHERE = Path("set.npz")


def fit(*parts: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
    images, notes = fit_source(Source(WHERE, "set", parts, None))
    assert images.array is not None
    return images.array, notes


@pytest.mark.parametrize(
    ("stored", "expected", "note"),
    [
        (np.array([0, 51, 255], np.uint8), [0, 0.2, 1], None),
        (np.array([0, 51, 128], np.uint8), [0, 0.2, 128 / 255], None),
        (np.array([0, 1, 1], np.uint8), [0, 1, 1], None),
        (np.array([0, 4, 16], np.uint8), [0, 0.25, 1], "Values from 0 to 16 rescaled to 0 to 1."),
        (np.array([0, 51, 255], np.int64), [0, 0.2, 1], None),
        (np.array([0, 0, 65535], ">u2"), [0, 0, 1], "Values from 0 to 65535 rescaled to 0 to 1."),
        (np.array([False, True, True]), [0, 1, 1], None),
        (np.array([0, 0.25, 0.5]), [0, 0.25, 0.5], None),
        (np.array([0, 0.25, 1], np.float16), [0, 0.25, 1], None),
        (np.array([0, 8.0, 16.0]), [0, 0.5, 1], "Values from 0 to 16 rescaled to 0 to 1."),
        (np.array([0, 51.0, 204.0]), [0, 0.2, 0.8], "Values from 0 to 255 rescaled to 0 to 1."),
        (np.array([0, 500.0, 1000.0]), [0, 0.5, 1], "Values from 0 to 1000 rescaled to 0 to 1."),
        (np.array([-1, 0, 1.0]), [0, 0.5, 1], "Values from -1 to 1 moved to 0 to 1."),
        (np.array([0, 0, 0], np.uint8), [0, 0, 0], None),
        (np.array([0.5, 0.5, 0.5]), [0.5, 0.5, 0.5], None),
    ],
)
def test_values_are_scaled(stored: np.ndarray, expected: list[float], note: str | None) -> None:
    scale = scaling([stored], WHERE)
    out = np.empty(3, np.float32)
    scale.apply(stored, out)
    np.testing.assert_allclose(out, expected, atol=1e-6)
    assert scale.note == note


@pytest.mark.parametrize(
    ("stored", "says"),
    [
        ([0, np.nan, np.inf], "2 pixel values are NaN, or infinite"),
        ([0, np.nan, 1], "1 pixel value is NaN, or infinite"),
        ([0, 1e300, -1e39], "2 pixel values are NaN, or infinite as a 32-bit float"),
        ([0, -0.25, 1], "1 pixel value is negative, down to -0.25"),
        ([-3, -2, 1], "2 pixel values are negative, down to -3"),
        ([-1, 0, 3.0], "1 pixel value is negative"),
    ],
)
def test_values_that_mean_nothing(stored: list[float], says: str) -> None:
    with pytest.raises(UserError, match=says):
        scaling([np.array(stored, np.float64)], WHERE)


@pytest.mark.parametrize("kind", ["f2", ">f4", "f8"])
def test_nan_is_counted_in_any_type(kind: str) -> None:
    with pytest.raises(UserError, match="2 pixel values are NaN"):
        scaling([np.array([0, np.nan, -np.inf], kind), np.array([-128, 7], np.int8)], WHERE)


def test_the_largest_floats_are_scaled() -> None:
    high = float(np.finfo(np.float32).max)
    images, _ = fit(np.full((2, 28, 28), high), np.zeros((2, 28, 28)))
    assert images[:, 0].tolist() == [1, 1, 0, 0]


@pytest.mark.skipif(np.finfo(np.longdouble).maxexp <= 1024, reason="no wider floats here")
def test_wider_floats_than_python_has_are_counted() -> None:
    with pytest.raises(UserError, match="1 pixel value is NaN, or infinite"):
        scaling([np.array([0, np.longdouble(10) ** 1000, 1])], WHERE)


def test_the_scale_is_one_for_all_parts() -> None:
    dark, bright = np.full((2, 28, 28), 8, np.uint8), np.full((2, 28, 28), 200, np.uint8)
    images, _ = fit(dark, bright)
    np.testing.assert_allclose(images[:, 0], [8 / 255, 8 / 255, 200 / 255, 200 / 255], atol=1e-6)


def test_rows_are_square_images(pixels: Pixels) -> None:
    stored = pixels(3)
    flat, _ = fit(stored.reshape(3, 784))
    np.testing.assert_array_equal(flat, fit(stored)[0])
    _, notes = fit(pixels(3, side=8).reshape(3, 64))
    assert notes == ("8×8 images fitted to 28×28.",)


def test_colours_first_or_last_or_alone(pixels: Pixels) -> None:
    stored = pixels(2, side=32)
    last = np.stack([stored] * 3, axis=-1)
    expected, _ = fit(stored)
    for shape in (last, np.moveaxis(last, 3, 1)):
        images, notes = fit(shape)
        np.testing.assert_allclose(images, expected, atol=1e-5)
        assert notes == ("32×32 images fitted to 28×28.", "Colours turned to grey.")
    np.testing.assert_array_equal(fit(stored[..., None])[0], expected)


def test_ink_on_transparent_ground_shows() -> None:
    shape = np.zeros((4, 4, 4), np.float32)
    shape[1, 1, 3] = 1
    assert to_grey(shape)[1, 1] == 0
    assert to_grey(shape)[0, 0] == 1
    shape[1, 1, :3] = 1
    assert to_grey(shape)[1, 1] == pytest.approx(1)
    assert to_grey(shape)[0, 0] == 0


def test_green_is_brighter_than_red_and_red_than_blue() -> None:
    greys = [to_grey(colour[None, None]).item() for colour in np.eye(3, dtype=np.float32)]
    assert greys == pytest.approx([0.299, 0.587, 0.114])


def see_through(*pixels: tuple[float, float]) -> np.ndarray:
    """A row of greys, each with its opacity, as colours (1, n, 4)."""
    return np.array([[[grey, grey, grey, opacity] for grey, opacity in pixels]], np.float32)


@pytest.mark.parametrize(
    ("pixels", "expected"),
    [
        # Dark ink, half of it see-through, on white; light ink on black.
        ([(0.2, 1), (0.2, 0.5), (0.9, 0)], [0.2, 0.6, 1]),
        ([(0.8, 1), (0.8, 0.5), (0.1, 0)], [0.8, 0.4, 0]),
        # Grey ink counts as light; all of it counts by how opaque it is.
        ([(0.5, 1), (0, 0)], [0.5, 0]),
        ([(0.1, 1), (0.8, 0.5), (0, 0)], [0.1, 0.9, 1]),
        ([(0.1, 0.5), (0.8, 1), (0, 0)], [0.05, 0.8, 0]),
        # What hides nothing, and what shows nothing, is as it is.
        ([(0.1, 1), (0.2, 1)], [0.1, 0.2]),
        ([(0.1, 0), (0.2, 0)], [0, 0]),
    ],
)
def test_what_shows_through_is_white_behind_dark_ink_and_black_behind_light(
    pixels: list[tuple[float, float]], expected: list[float]
) -> None:
    np.testing.assert_allclose(to_grey(see_through(*pixels)), [expected], atol=1e-6)


def test_each_image_has_a_ground_of_its_own() -> None:
    dark, light = see_through((0.2, 1), (0, 0)), see_through((0.9, 1), (0, 0))
    greys = to_grey(np.stack([dark, light]))
    np.testing.assert_allclose(greys, [[[0.2, 1]], [[0.9, 0]]], atol=1e-6)


@settings(max_examples=60)
@given(
    height=st.integers(1, 90),
    width=st.integers(1, 90),
    level=st.floats(0, 1, width=32),
)
def test_a_plain_image_stays_plain(height: int, width: int, level: float) -> None:
    fitted = fit_image(np.full((height, width), level, np.float32))
    assert fitted.shape == (28, 28)
    np.testing.assert_allclose(fitted, level, atol=1e-6)


@settings(max_examples=60)
@given(height=st.integers(1, 70), width=st.integers(1, 70), seed=st.integers(0, 99))
def test_values_stay_in_range(height: int, width: int, seed: int) -> None:
    sharp = np.random.default_rng(seed).integers(0, 2, (height, width)).astype(np.float32)
    fitted = fit_image(sharp)
    assert fitted.min() >= 0
    assert fitted.max() <= 1


def test_proportions_are_kept_and_the_image_centred() -> None:
    tall = np.zeros((56, 28), np.float32)
    tall[4:-4, 4:-4] = 1
    fitted = fit_image(tall)
    assert np.flatnonzero(fitted.max(axis=0) > 0.5).tolist() == list(range(9, 19))
    assert np.flatnonzero(fitted.max(axis=1) > 0.5).tolist() == list(range(2, 26))
    np.testing.assert_allclose(fitted, fitted[::-1, ::-1], atol=1e-5)


def test_the_room_beside_takes_the_ground() -> None:
    paper = np.ones((56, 28), np.float32)
    paper[20:30, 10:20] = 0
    assert fit_image(paper)[:, 0].tolist() == [1] * 28


@pytest.mark.parametrize(
    ("height", "width", "rows", "columns"),
    [
        (28, 14, (0, 28), (7, 21)),
        (14, 28, (7, 21), (0, 28)),
        (28, 27, (0, 28), (0, 27)),
        (28, 25, (0, 28), (1, 26)),
        (56, 6, (0, 28), (12, 15)),
        (28, 1, (0, 28), (13, 14)),
        (1, 90, (13, 14), (0, 28)),
        (400, 1, (0, 28), (13, 14)),
        (3, 3, (0, 28), (0, 28)),
    ],
)
def test_the_image_takes_the_middle_and_its_border_gives_the_ground_beside(
    height: int, width: int, rows: tuple[int, int], columns: tuple[int, int]
) -> None:
    # Its rows and columns differ, and none is the median of its border.
    down, across = np.arange(height) % 7 / 8, np.arange(width) % 5 / 64
    image = (down[:, None] + across + 0.01).astype(np.float32)
    fitted = fit_image(image)
    assert fitted.dtype == np.float32
    inside = np.zeros((28, 28), bool)
    inside[slice(*rows), slice(*columns)] = True
    assert len(np.unique(fitted[~inside])) == (not inside.all())
    own = fitted[slice(*rows), slice(*columns)]
    if not inside.all():
        border = np.concatenate([own[0], own[-1], own[:, 0], own[:, -1]])
        assert fitted[~inside][0] == np.median(border)
    if (height, width) == own.shape:
        np.testing.assert_allclose(own, image, atol=1e-6)


def test_the_ground_beside_is_the_median_of_all_four_sides() -> None:
    # 28 by 14 as it is: the sides of 28 pixels count twice as much as those of 14.
    for sides, expected in (
        ({"left": 1.0}, 0.0),
        ({"left": 1.0, "right": 1.0}, 1.0),
        ({"top": 1.0, "bottom": 1.0}, 0.0),
        ({"left": 1.0, "top": 1.0}, 0.5),
        ({"left": 1.0, "bottom": 1.0}, 0.5),
        ({"right": 1.0, "top": 1.0}, 0.5),
        ({"right": 1.0, "bottom": 1.0}, 0.5),
    ):
        image = np.zeros((28, 14), np.float32)
        image[0] = sides.get("top", 0)
        image[-1] = sides.get("bottom", 0)
        image[:, 0] = sides.get("left", 0)
        image[:, -1] = sides.get("right", 0)
        assert fit_image(image)[0, 0] == expected, sides


def test_proportions_may_be_those_of_a_larger_image() -> None:
    small = np.ones((14, 14), np.float32)
    small[:, 0] = 0
    fitted = fit_image(small, (200, 100))
    assert fitted[14, 6] == 1 and fitted[14, 7] < 0.3
    np.testing.assert_array_equal(fit_image(small, (28, 28)), fit_image(small))
    # Of its own size an image is what it is.
    own = np.random.default_rng(0).random((28, 28), np.float32)
    assert fit_image(own) is own and fit_image(own, (28, 28)) is own
    assert fit_image(own, (28, 14)) is not own


@pytest.mark.parametrize(
    ("sizes", "note"),
    [
        ([], None),
        ([(28, 28)], None),
        ([(28, 20), (28, 20)], "28×20 images fitted to 28×28."),
        ([(20, 28)], "20×28 images fitted to 28×28."),
        ([(28, 28), (20, 28)], "Images of 2 sizes fitted to 28×28."),
        ([(side, 9) for side in range(1, 1200)], "Images of 1,199 sizes fitted to 28×28."),
    ],
)
def test_sizes_are_said(sizes: list[tuple[int, int]], note: str | None) -> None:
    assert size_note(sizes) == note


def test_constant_images_are_accepted() -> None:
    images, notes = fit(np.full((5, 28, 28), 255, np.uint8))
    assert (images == 1).all()
    assert notes == ()


def test_a_float_array_of_the_right_kind_is_not_copied() -> None:
    stored = np.random.default_rng(0).random((4, 28, 28)).astype(np.float32)
    assert np.shares_memory(fit(stored)[0], stored)


def test_many_images_take_many_chunks(monkeypatch: pytest.MonkeyPatch, pixels: Pixels) -> None:
    stored = pixels(7, side=10)
    whole, _ = fit(stored)
    monkeypatch.setattr("tui_ae.data.fit.CHUNK_BYTES", 900)
    np.testing.assert_array_equal(fit(stored)[0], whole)


def heard_of(*parts: np.ndarray) -> list[float]:
    """The shares that are told while these parts are fitted."""
    heard: list[float] = []
    fit_source(Source(WHERE, "set", parts, None), heard.append)
    return heard


def test_looking_takes_a_fifth_of_the_time_and_each_chunk_is_told(pixels: Pixels) -> None:
    assert heard_of(pixels(3)) == [0.2, 1]
    # 668 images of 28 by 28 floats take two megabytes; one of 725 by 725 takes more.
    assert heard_of(pixels(1337)) == pytest.approx(
        [0.2, *(0.2 + 0.8 * n / 1337 for n in (668, 1336)), 1]
    )
    assert heard_of(np.zeros((2, 725, 725), np.uint8)) == pytest.approx([0.2, 0.6, 1])
    assert heard_of(pixels(1), pixels(3)) == pytest.approx([0.05, 0.2, 0.4, 1])


def test_a_chunk_holds_one_image_at_least(monkeypatch: pytest.MonkeyPatch, pixels: Pixels) -> None:
    monkeypatch.setattr("tui_ae.data.fit.CHUNK_BYTES", 1)
    assert heard_of(pixels(4)) == pytest.approx([0.2, 0.4, 0.6, 0.8, 1])


@pytest.mark.usefixtures("mapping")
def test_images_that_stay_stored_are_only_looked_at(pixels: Pixels) -> None:
    assert heard_of(pixels(3)) == [1]


@pytest.mark.parametrize(
    ("count", "size"), [(3, "0.0"), (70_000, "0.2"), (1_000_000, "2.9"), (10**9, "2,920.6")]
)
def test_how_much_floats_would_take_is_said(count: int, size: str) -> None:
    said = f"As floats they would take {size} GiB, so images are read as they are used."
    assert stored_note(count) == said


def test_parts_of_several_scales_are_each_rescaled_by_their_own() -> None:
    own = "Its parts are of different scales, so each was rescaled by its own."
    unit, bytes_, levels = (
        np.full((2, 28, 28), white, kind) for white, kind in ((1, "f4"), (255, "u1"), (16, "u1"))
    )
    assert fit(unit, bytes_)[1] == (own,)
    assert fit(unit, bytes_)[0].tolist() == np.ones((4, 784)).tolist()
    # Bytes are bytes even where all of one part are 0 or 1; of floats the largest says it.
    mask = (bytes_ > 0).astype(np.uint8)
    images, notes = fit(mask, bytes_)
    assert notes == () and images[:, 0].tolist() == pytest.approx([1 / 255, 1 / 255, 1, 1])
    images, notes = fit(levels, bytes_)
    assert notes == () and images[:, 0].tolist() == pytest.approx([16 / 255, 16 / 255, 1, 1])
    assert fit(unit, mask)[1] == ()
    images, notes = fit(levels.astype(np.float32), bytes_)
    assert images[:, 0].tolist() == pytest.approx([16 / 255, 16 / 255, 1, 1])
    assert notes == ("Values from 0 to 255 rescaled to 0 to 1.",)


def test_the_width_of_images_is_said_before_their_height() -> None:
    assert fit(np.full((2, 20, 28), 255, np.uint8))[1] == ("28×20 images fitted to 28×28.",)


@pytest.mark.usefixtures("mapping")
def test_parts_that_stay_stored_have_to_share_a_scale() -> None:
    unit, bytes_ = np.ones((2, 28, 28), np.float32), np.full((2, 28, 28), 255, np.uint8)
    with pytest.raises(UserError) as caught:
        fit_source(Source(WHERE, "set", (unit, bytes_), None))
    assert str(caught.value) == (
        "set.npz: its parts are of different scales; store all of them as bytes, or as floats "
        "from 0 to 1."
    )
    assert len(fit_source(Source(WHERE, "set", (unit, unit), None))[0]) == 4


@pytest.mark.parametrize(
    ("array", "is_copied"),
    [
        (np.full((3, 28, 28), 0.5, np.float32), False),
        (np.full((3, 28, 28), 0.5, np.float64), True),
        (np.full((3, 28, 28), 0.5, ">f4"), True),
        (np.full((28, 28, 3), 0.5, np.float32).T, True),
        (np.full((3, 28, 28), 2, np.float32), True),
        (np.full((3, 14, 28), 0.5, np.float32), True),
    ],
)
def test_only_what_is_as_it_should_be_is_not_copied(array: np.ndarray, *, is_copied: bool) -> None:
    assert np.shares_memory(fit(array)[0], array) != is_copied
    twice, _ = fit(array, array)
    assert len(twice) == 6 and not np.shares_memory(twice, array)


def test_too_many_images_are_refused_before_they_are_fitted(
    monkeypatch: pytest.MonkeyPatch, pixels: Pixels
) -> None:
    monkeypatch.setattr("tui_ae.data.source.MAX_IMAGES", 3)
    with pytest.raises(UserError, match="holds 4 images; give a set of at most 3"):
        fit(pixels(4))


def test_dataset_counts(pixels: Pixels) -> None:
    images, _ = fit(pixels(3))
    data = Dataset("set", Images(images), np.array([0, 2, 2]), ("a", "b", "c"), labelled=True)
    assert data.counts.tolist() == [1, 0, 2]
