"""Images as cells: exact cells, grey levels that hold still, and any input."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from hypothesis.strategies import DataObject

from tui_ae.arrays import FloatArray, IntArray
from tui_ae.raster.colour import grey_levels
from tui_ae.raster.grid import DEFAULT, CellGrid
from tui_ae.raster.image import (
    ascii_image,
    braille_image,
    half_block_mono,
    half_blocks,
    quantise,
    resample,
)

unit = st.floats(0.0, 1.0, width=32)
shapes = st.tuples(st.integers(1, 12), st.integers(1, 12))
images = arrays(np.float32, shapes, elements=unit)
any_number = st.floats(width=32) | st.sampled_from([np.nan, np.inf, -np.inf, 3e38, -3e38])


def image(*rows: list[float]) -> FloatArray:
    return np.array(rows, np.float32)


def pixels(grid: CellGrid) -> npt.NDArray[np.int32]:
    """(2 * height, width) the colour that each half of a cell shows."""
    space = grid.glyphs == ord(" ")
    assert (space | (grid.glyphs == ord("▀"))).all()
    upper = np.where(space, grid.background, grid.foreground)
    return np.stack([upper, grid.background], axis=1).reshape(2 * grid.height, grid.width)


def test_exact_half_blocks() -> None:
    grid, levels = half_blocks(image([0, 1, 0.5], [1, 1, 0.5]), 3)
    assert levels.tolist() == [[0, 2, 1], [2, 2, 1]]
    black, grey, white = grey_levels(3).tolist()
    assert grid.rows() == ["▀  "]
    assert grid.background.tolist() == [[white, white, grey]]
    # Ink that shows nothing repeats what stands left of it.
    assert grid.foreground.tolist() == [[black, black, black]]


def test_rows_of_cells_are_of_two_rows_of_pixels() -> None:
    picture = image([0, 1], [1, 1], [0.5, 0], [0, 0.5], [1, 0])
    grid, levels = half_blocks(picture, 3)
    black, grey, white = grey_levels(3).tolist()
    assert grid.rows() == ["▀ ", "▀▀", "▀ "] and levels[:, 0].tolist() == [0, 2, 1, 0, 2, 0]
    assert grid.background.tolist() == [[white, white], [black, grey], [black, black]]
    assert grid.foreground[:, 0].tolist() == [black, grey, white]
    assert half_block_mono(picture).rows() == ["▄█", "▀▄", "▀ "]


def test_ink_that_shows_nothing_is_that_of_the_cell_at_its_left() -> None:
    grid, _ = half_blocks(image([1, 0, 1, 0.5, 1, 0], [1, 1, 1, 0.5, 0, 0]), 3)
    black, grey, white = grey_levels(3).tolist()
    assert grid.rows() == [" ▀  ▀ "]
    assert grid.background.tolist() == [[white, white, white, grey, black, black]]
    assert grid.foreground.tolist() == [[white, black, black, black, white, white]]


def test_in_truecolor_there_are_64_greys() -> None:
    grid, levels = half_blocks(image([0, 1, 0.5, 0.5], [0, 0, 0.5, 1]), None)
    assert levels.tolist() == [[0, 63, 32, 32], [0, 0, 32, 63]]
    assert grid.foreground.tolist() == [[0, 0xFFFFFF, 0xFFFFFF, 0x828282]]
    assert grid.background.tolist() == [[0, 0, 0x828282, 0xFFFFFF]]


@given(images, st.sampled_from([None, 2, 4, 8, 24, 26]))
def test_each_half_of_a_cell_shows_its_pixel(picture: FloatArray, levels: int | None) -> None:
    grid, quantised = half_blocks(picture, levels)
    height, width = picture.shape
    assert grid.glyphs.shape == (-(-height // 2), width)
    greys = np.linspace(0, 255, 64).round() if levels is None else grey_levels(levels) & 255
    shown = pixels(grid)
    assert (shown == greys.astype(int)[quantised] * 0x010101).all()
    exact = picture * (len(greys) - 1)
    assert np.abs(quantised[:height] - exact).max() <= 0.5 + 1e-5


def test_below_an_odd_number_of_rows_there_is_black() -> None:
    grid, levels = half_blocks(np.ones((3, 2), np.float32), 4)
    assert grid.height == 2 and levels[3].tolist() == [0, 0]
    assert half_block_mono(np.ones((3, 2), np.float32)).rows() == ["██", "▀▀"]
    assert braille_image(np.ones((5, 3), np.float32)).rows() == ["⣿⡇", "⠉⠁"]


def test_a_small_change_keeps_the_level_and_a_big_one_follows() -> None:
    before = quantise(image([0.50]), 11)
    assert before.tolist() == [[5]]
    assert quantise(image([0.57]), 11, before).tolist() == [[5]]
    assert quantise(image([0.43]), 11, before).tolist() == [[5]]
    assert quantise(image([0.58]), 11, before).tolist() == [[6]]
    assert quantise(image([0.10]), 11, before).tolist() == [[1]]


def test_a_level_holds_to_three_quarters_of_a_step() -> None:
    before = np.array([[2]])
    for value, level in ((0.6875, 2), (0.6876, 3), (0.3125, 2), (0.3124, 1)):
        assert quantise(image([value]), 5, before).tolist() == [[level]], value


@given(images, st.data())
def test_levels_converge_and_stay_within_a_step(picture: FloatArray, data: DataObject) -> None:
    levels = None
    for _ in range(3):
        noise = arrays(np.float32, picture.shape, elements=st.floats(-0.125, 0.125, width=32))
        levels = quantise(picture + data.draw(noise), 24, levels)
    settled = quantise(picture, 24, levels)
    assert np.abs(settled - picture * 23).max() <= 0.75 + 1e-4
    assert (quantise(picture, 24, settled) == settled).all()


@pytest.mark.parametrize(
    "previous",
    [np.zeros((1, 1), np.int64), np.full((2, 2), 63), np.zeros((0, 2), np.int64)],
    ids=["another size", "other levels", "empty"],
)
def test_levels_of_another_picture_do_not_count(previous: IntArray) -> None:
    picture = np.full((2, 2), 0.5, np.float32)
    assert (quantise(picture, 4, previous) == quantise(picture, 4)).all()


def test_one_level_too_many_makes_the_whole_picture_another() -> None:
    picture = image([0.58, 0.0])
    assert quantise(picture, 4, np.array([[1, 3]])).tolist() == [[1, 0]]
    assert quantise(picture, 4, np.array([[1, 4]])).tolist() == [[2, 0]]


@given(images, st.integers(1, 30), st.integers(1, 30))
def test_resampling_preserves_the_mean(picture: FloatArray, height: int, width: int) -> None:
    small = resample(picture, height, width)
    assert small.shape == (height, width) and small.dtype == np.float32
    assert small.mean() == pytest.approx(picture.mean(), abs=1e-5)
    assert small.min() >= picture.min() - 1e-6 and small.max() <= picture.max() + 1e-6


@given(images)
def test_resampling_to_the_same_size_changes_nothing(picture: FloatArray) -> None:
    assert np.allclose(resample(picture, *picture.shape), picture, atol=1e-6)


def test_resampling_takes_the_mean_of_an_area() -> None:
    assert resample(image([0, 1], [1, 0]), 1, 1).tolist() == [[0.5]]
    assert resample(image([0, 1]), 2, 4).tolist() == [[0, 0, 1, 1]] * 2
    assert resample(image([0, 0.5, 1]), 1, 2)[0].tolist() == pytest.approx([1 / 6, 5 / 6])


def test_exact_braille() -> None:
    picture = np.zeros((4, 4), np.float32)
    picture[0, 0] = picture[3, 1] = picture[:, 2] = 1.0
    assert braille_image(picture, 0xFF).rows() == ["⢁⡇"]
    assert (braille_image(picture, 0xFF).foreground == 0xFF).all()
    assert braille_image(np.ones((28, 28), np.float32)).rows() == ["⣿" * 14] * 7


def test_dots_come_one_by_one_in_the_order_of_bayers_matrix() -> None:
    """Around 0.4, and over two fifths of the brightness: what is darker or brighter is solid."""
    bayer = np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]])
    bits = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]])
    for count in range(17):
        brightness = 0.4 + (count / 16 - 0.5) / 2.5
        glyphs = braille_image(np.full((4, 8), brightness, np.float32)).glyphs.tolist()[0]
        dots = [int((bits * (bayer[:, at : at + 2] < count)).sum()) for at in (0, 2)] * 2
        assert glyphs == [0x2800 + bit if bit else 32 for bit in dots], count


@given(arrays(np.float32, (8, 8), elements=unit), st.integers(0, 7), st.integers(0, 7), unit)
def test_a_pixel_changes_only_its_own_dot(
    picture: FloatArray, row: int, column: int, value: float
) -> None:
    before = braille_image(picture).glyphs
    changed = picture.copy()
    changed[row, column] = value
    after = braille_image(changed).glyphs
    differs = np.where(before == 32, 0x2800, before) ^ np.where(after == 32, 0x2800, after)
    others = differs.copy()
    others[row // 4, column // 2] = 0
    assert not others.any() and differs[row // 4, column // 2].item().bit_count() <= 1


@given(arrays(np.float32, (8, 8), elements=unit))
def test_brighter_pixels_never_lose_a_dot(picture: FloatArray) -> None:
    dim = braille_image(picture * np.float32(0.8)).glyphs
    bright = braille_image(picture).glyphs
    dim, bright = np.where(dim == 32, 0, dim & 0xFF), np.where(bright == 32, 0, bright & 0xFF)
    assert not (dim & ~bright).any()


def test_exact_ascii_and_mono() -> None:
    ramp = np.linspace(0, 1, 10, dtype=np.float32)[None, :]
    assert ascii_image(ramp, 1, 10).rows() == [" .:-=+*#%@"]
    assert half_block_mono(image([0, 1, 0, 1], [0, 0, 1, 1])).rows() == [" ▀▄█"]
    # From 0.4 on a pixel is bright.
    assert half_block_mono(image([0.4, 0.39, 0.41], [0.39, 0.4, 0.4])).rows() == ["▀▄█"]


def test_characters_stand_for_two_pixels_in_a_row_of_them_where_nothing_else_is_asked() -> None:
    grid = ascii_image(np.tile(np.linspace(0, 1, 28, dtype=np.float32), (28, 1)))
    assert grid.rows() == ["  ...:::---===+++***###%%%@@"] * 14
    assert ascii_image(image([0, 0.6], [0, 0.6]), 1, 1).rows() == ["-"]


@given(arrays(np.float32, st.tuples(st.integers(0, 9), st.integers(0, 9)), elements=any_number))
def test_any_image_has_cells(picture: FloatArray) -> None:
    height, width = picture.shape
    half = (-(-height // 2), width)
    for levels in (None, 4):
        first, seen = half_blocks(picture, levels)
        again, _ = half_blocks(picture, levels, previous_levels=seen)
        assert first.glyphs.shape == half
        assert (again.glyphs == first.glyphs).all()
        assert (again.background == first.background).all()
    assert half_block_mono(picture).glyphs.shape == half
    grid = braille_image(picture)
    assert grid.glyphs.shape == (-(-height // 4), -(-width // 2))
    assert (grid.background == DEFAULT).all()
    if height and width:
        assert "".join(ascii_image(picture, 3, 5).rows()).isascii()


@pytest.mark.parametrize(
    ("value", "sign"), [(np.nan, " "), (-np.inf, " "), (np.inf, "@"), (7, "@")]
)
def test_what_is_no_brightness_is_black_or_white(value: float, sign: str) -> None:
    picture = np.full((4, 4), value, np.float32)
    assert set("".join(ascii_image(picture, 2, 4).rows())) == {sign}


@pytest.mark.parametrize("size", [(0, 0), (0, 5), (5, 0), (-1, 3), (1, 1)])
def test_ascii_of_any_size(size: tuple[int, int]) -> None:
    grid = ascii_image(np.full((28, 28), 0.5, np.float32), *size)
    assert grid.glyphs.size == max(size[0], 0) * max(size[1], 0)
