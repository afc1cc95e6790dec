"""The plane as a lattice of decoded images: where tiles stand, what is near, and their frames."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_ae.raster.grid import DEFAULT, CellGrid
from tui_ae.raster.image import braille_image, half_blocks
from tui_ae.raster.tiles import (
    ACROSS,
    DOWN,
    LARGEST,
    NEAR,
    SMALLEST,
    frame,
    lattice,
    mosaic,
    nearest,
)
from tui_ae.raster.viewport import Viewport, cell_of

BOX = Viewport(-3.0, 5.0, -2.0, 6.0)
sizes = st.tuples(st.integers(0, 80), st.integers(0, 220))


@given(sizes)
def test_tiles_lie_inside_and_none_over_another(size: tuple[int, int]) -> None:
    place = lattice(*size)
    assert (place.height, place.width) == size
    taken = np.zeros(size, int)
    for column, row in zip(*(part.tolist() for part in place.corners()), strict=True):
        assert column >= 0 and column + 1 + place.side <= place.width
        assert row >= 0 and row + place.side // 2 <= place.height
        taken[row : row + place.side // 2, column : column + 1 + place.side] += 1
    assert taken.max(initial=0) <= 1
    assert len(place.corners()[0]) == place.rows * place.columns
    assert place.side % 2 == 0 and SMALLEST <= place.side <= LARGEST
    # The lattice stands in the middle, and no further column or row would have room.
    if place.columns and place.rows:
        rest = place.width - place.columns * (place.side + 1)
        assert 0 <= rest <= place.side and place.left == rest // 2
        rest = place.height - place.rows * (place.side // 2)
        assert 0 <= rest < place.side // 2 and place.top == rest // 2


@pytest.mark.parametrize(
    ("size", "tiles"),
    [
        ((50, 140), (6, 8)),
        ((30, 60), (7, 6)),
        ((12, 30), (3, 3)),
        ((3, 60), (0, 6)),
        ((1, 1), (0, 0)),
    ],
)
def test_there_are_about_as_many_tiles_as_wanted_or_as_fit(
    size: tuple[int, int], tiles: tuple[int, int]
) -> None:
    place = lattice(*size)
    assert (place.rows, place.columns) == tiles
    if size[1] >= ACROSS * (SMALLEST + 1) and size[0] >= DOWN * SMALLEST // 2:
        assert place.columns >= ACROSS and place.rows >= DOWN


@pytest.mark.parametrize(
    ("size", "side", "tiles", "corner"),
    [
        # As large as leaves eight by six, an even number of cells, from 8 up to 28.
        ((36, 120), 12, (6, 9), (1, 0)),
        ((47, 140), 14, (6, 9), (2, 2)),
        ((48, 136), 16, (6, 8), (0, 0)),
        ((48, 135), 14, (6, 9), (0, 3)),
        ((84, 240), 28, (6, 8), (4, 0)),
        ((100, 300), 28, (7, 10), (5, 1)),
        ((10, 30), 8, (2, 3), (1, 1)),
        ((4, 9), 8, (1, 1), (0, 0)),
        ((3, 9), 8, (0, 1), (0, 1)),
        ((4, 8), 8, (1, 0), (4, 0)),
        ((-3, -9), 8, (0, 0), (0, 0)),
    ],
)
def test_how_large_tiles_are_and_where_the_first_stands(
    size: tuple[int, int], side: int, tiles: tuple[int, int], corner: tuple[int, int]
) -> None:
    place = lattice(*size)
    assert (place.side, (place.rows, place.columns)) == (side, tiles)
    assert (place.left, place.top) == corner
    assert (place.height, place.width) == (max(size[0], 0), max(size[1], 0))


def test_the_corners_and_the_middles_of_six_tiles() -> None:
    place = lattice(10, 30)
    columns, rows = place.corners()
    assert columns.tolist() == [1, 10, 19, 1, 10, 19] and rows.tolist() == [1, 1, 1, 5, 5, 5]
    # A frame and eight cells; four rows. A point lies at its cell's upper left corner.
    assert place.centres(Viewport(0.0, 30.0, 0.0, 10.0)).tolist() == [
        [6, 7], [15, 7], [24, 7], [6, 3], [15, 3], [24, 3]
    ]  # fmt: skip
    assert place.centres(Viewport(-1.0, 2.0, 5.0, 6.0))[0].tolist() == pytest.approx([-0.4, 5.7])
    assert place.spacing(Viewport(-30.0, 30.0, 5.0, 15.0)) == (18.0, 4.0)


@pytest.mark.parametrize(("apart", "close"), [(0.75, True), (0.76, False), (-0.75, True)])
def test_near_is_within_three_quarters_of_a_tile(apart: float, close: bool) -> None:
    centres, spacing = np.array([[10.0, 20.0]]), (2.0, 4.0)
    for code in ([10 + 2 * apart, 20], [10, 20 - 4 * apart], [10 + 1.6 * apart, 20 + 2.4 * apart]):
        # 0.8 and 0.6 of it along the axes are as far as the whole along one.
        codes = np.array([[1e6, 1e6], code], np.float32)
        numbers, near = nearest(centres, spacing, codes)
        assert (numbers.tolist(), near.tolist()) == ([1], [close])


@given(st.integers(8, 70), st.integers(12, 200))
def test_the_middle_of_a_tile_on_the_screen_is_the_point_that_is_decoded(
    height: int, width: int
) -> None:
    place = lattice(height, width)
    points = place.centres(BOX)
    for (column, row), point in zip(
        zip(*(part.tolist() for part in place.corners()), strict=True), points, strict=True
    ):
        at = cell_of(BOX, float(point[0]), float(point[1]), width, height)
        # Between the two cells in the middle the right and the lower one.
        middle = column + 1 + place.side // 2, row + place.side // 4
        assert abs(at[0] - middle[0]) <= 1 and abs(at[1] - middle[1]) <= 1
    across, down = place.spacing(BOX)
    if place.columns > 1:
        assert points[1, 0] - points[0, 0] == pytest.approx(across)
    if place.rows > 1:
        assert points[0, 1] - points[place.columns, 1] == pytest.approx(down)


# --- whose part of the plane it is ---------------------------------------------------------------


def test_each_tile_has_the_sample_that_lies_next_to_it_measured_in_tiles() -> None:
    rng = np.random.default_rng(0)
    codes = (rng.normal(size=(300, 2)) * [1, 30]).astype(np.float32)
    centres, spacing = lattice(40, 100).centres(BOX), (0.5, 9.0)
    numbers, near = nearest(centres, spacing, codes)
    apart = (codes[None] - centres[:, None]) / np.array(spacing)
    distances = np.hypot(apart[..., 0], apart[..., 1])
    assert numbers.tolist() == distances.argmin(axis=1).tolist()
    assert near.tolist() == (distances.min(axis=1) <= NEAR).tolist()
    assert near.any() and not near.all()


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_has_no_place_is_next_to_nothing(bad: float) -> None:
    centres, spacing = lattice(40, 100).centres(BOX), (1.0, 1.0)
    nobody = np.full((5, 2), bad, np.float32)
    for codes in (nobody, nobody[:0]):
        numbers, near = nearest(centres, spacing, codes)
        assert set(numbers.tolist()) == {-1} and not near.any()
    codes = np.array([[bad, 0], [0, 0], [0, bad]], np.float32)
    numbers, near = nearest(centres, spacing, codes)
    assert set(numbers.tolist()) == {1} and near.any()


def test_a_lattice_without_tiles_asks_for_nothing() -> None:
    place = lattice(2, 5)
    assert place.centres(BOX).shape == (0, 2)
    numbers, near = nearest(place.centres(BOX), (1.0, 1.0), np.zeros((3, 2), np.float32))
    assert len(numbers) == len(near) == 0
    images = np.zeros((0, 28, 28), np.float32)
    assert mosaic(images, place, near, 1).shape == (4, 5)


# --- the picture ---------------------------------------------------------------------------------


@pytest.mark.parametrize("fine", [1, 2])
def test_each_image_stands_at_its_place_and_is_dimmed_where_nothing_is_near(fine: int) -> None:
    place = lattice(30, 60)
    count = place.rows * place.columns
    images = np.linspace(0.2, 1, count)[:, None, None] * np.ones((1, 28, 28))
    near = np.arange(count) % 3 > 0
    picture = mosaic(images.astype(np.float32), place, near, fine)
    assert picture.shape == (2 * fine * 30, fine * 60)
    seen = np.zeros(picture.shape, bool)
    corners = zip(*(part.tolist() for part in place.corners()), strict=True)
    for number, (column, row) in enumerate(corners):
        part = (
            slice(2 * fine * row, 2 * fine * row + fine * (place.side - 1)),
            slice(fine * (column + 1), fine * (column + 1 + place.side)),
        )
        expected = images[number, 0, 0] * (1 if near[number] else 0.4)
        np.testing.assert_allclose(picture[part], expected, rtol=1e-5)
        seen[part] = True
    assert not picture[~seen].any()


def test_an_image_keeps_its_brightness_when_it_shrinks() -> None:
    image = np.random.default_rng(0).random((1, 28, 28)).astype(np.float32)
    place = lattice(4, 9)
    picture = mosaic(image, place, np.array([True]), 1)
    assert picture[:7, 1:9].mean() == pytest.approx(image.mean(), abs=1e-4)
    # Upright: what is bright above stays above.
    image[0, :14], image[0, 14:] = 1, 0
    picture = mosaic(image, place, np.array([True]), 1)
    assert (picture[:3, 1:] > 0.99).all() and (picture[4:, 1:] < 0.01).all()


@pytest.mark.parametrize("fine", [1, 2])
def test_images_that_fill_their_frame_do_not_run_into_each_other(fine: int) -> None:
    place = lattice(30, 60)
    count = place.rows * place.columns
    picture = mosaic(np.ones((count, 28, 28), np.float32), place, np.ones(count, bool), fine)
    _, rows = place.corners()
    for row in sorted(set(rows.tolist())):
        below = 2 * fine * row + fine * place.side
        assert not picture[below - fine : below].any() and picture[below - fine - 1].any()


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e30])
def test_pixels_that_are_none_have_a_picture(bad: float) -> None:
    place = lattice(30, 60)
    images = np.full((place.rows * place.columns, 28, 28), bad, np.float32)
    near = np.ones(len(images), bool)
    picture = mosaic(images, place, near, 1)
    assert ((picture >= 0) & (picture <= 1)).all()
    for grid in (half_blocks(picture, 24)[0], braille_image(mosaic(images, place, near, 2))):
        assert (grid.height, grid.width) == (30, 60)


def test_a_frame_has_the_colour_or_the_sign_of_the_class() -> None:
    place = lattice(8, 28)
    assert (place.rows, place.columns) == (2, 3)
    tints = np.array([5, DEFAULT, 7, DEFAULT, 9, DEFAULT])
    grid = frame(CellGrid.blank(8, 28), place, tints, "      ")
    columns, rows = (part.tolist() for part in place.corners())
    for tint, column, row in zip(tints.tolist(), columns, rows, strict=True):
        own = grid.glyphs[row : row + 4, column]
        assert set(own.tolist()) == {ord("▌") if tint != DEFAULT else ord(" ")}
        assert (grid.foreground[row : row + 4, column] == tint).all()
    signs = frame(CellGrid.blank(8, 28), place, np.full(6, DEFAULT), "0 12 a")
    for sign, column, row in zip("0 12 a", columns, rows, strict=True):
        line = " " if sign == " " else "▌"
        text = "".join(chr(code) for code in signs.glyphs[row : row + 4, column])
        assert text == sign + 3 * line
    plain = frame(CellGrid.blank(8, 28), place, np.full(6, DEFAULT), "0 12 a", ascii=True)
    for sign, column, row in zip("0 12 a", columns, rows, strict=True):
        text = "".join(chr(code) for code in plain.glyphs[row : row + 4, column])
        assert text == ("::::" if sign == " " else f"{sign}|||")


def test_frames_end_where_the_tiles_end() -> None:
    place = lattice(10, 30)
    grid = frame(CellGrid.blank(10, 30), place, np.arange(1, 7), " " * 6)
    lines = [row.rstrip() for row in grid.rows()]
    assert lines == ["", *[" ▌        ▌        ▌"] * 8, ""]
    assert grid.foreground[:, 1].tolist() == [DEFAULT, 1, 1, 1, 1, 4, 4, 4, 4, DEFAULT]
