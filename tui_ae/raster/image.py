"""Grey images as cells: half blocks, braille with a fixed dither, and an ASCII ramp."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tui_ae.arrays import DoubleArray, FloatArray
from tui_ae.raster.braille import braille
from tui_ae.raster.colour import grey_levels
from tui_ae.raster.grid import DEFAULT, SPACE, CellGrid

LevelArray = npt.NDArray[np.int64]
UPPER_HALF = ord("▀")
STICK = 0.75
"""A pixel keeps its level until its value is so many steps away from it: training then repaints
what has really changed, not what hovers between two greys."""
RAMP = np.array([ord(sign) for sign in " .:-=+*#%@"], np.uint32)
MONO = np.array([ord(sign) for sign in " ▄▀█"], np.uint32)
THRESHOLDS = (
    np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]], np.float32) + 0.5
) / 16
"""Bayer's matrix of order four: each pixel has its own threshold, the same in every frame."""
CONTRAST = 2.5
"""Strokes are to stand as solid lines; only soft edges are dithered."""


def _clean(image: FloatArray) -> FloatArray:
    # Unlike np.clip, these take a number where the other is NaN.
    cleaned: FloatArray = np.fmin(np.fmax(image, np.float32(0)), np.float32(1))
    return cleaned


def _padded(image: FloatArray, rows: int, columns: int) -> FloatArray:
    """`image` cleaned, with black where it does not fill cells of rows x columns pixels."""
    below, beside = -image.shape[0] % rows, -image.shape[1] % columns
    image = _clean(image)
    return np.pad(image, ((0, below), (0, beside))) if below or beside else image


def resample(image: FloatArray, height: int, width: int) -> FloatArray:
    """`image` as (height, width) pixels, each the mean of the area it covers."""
    rows = overlaps(image.shape[0], height)
    columns = overlaps(image.shape[1], width)
    return np.asarray(rows @ _clean(image) @ columns.T, np.float32)


def overlaps(old: int, new: int) -> DoubleArray:
    """(new, old) share of each old pixel in each new one; rows sum to one."""
    edges = np.linspace(0, old, new + 1)
    cells = np.arange(old)
    low = np.maximum(edges[:-1, None], cells)
    high = np.minimum(edges[1:, None], cells + 1)
    shares = np.clip(high - low, 0, None)
    return np.asarray(shares / np.maximum(shares.sum(axis=1, keepdims=True), 1e-12))


def quantise(image: FloatArray, levels: int, previous: LevelArray | None = None) -> LevelArray:
    """Level 0 to levels - 1 of each pixel; `previous` levels stay where they nearly fit."""
    exact = _clean(image) * (levels - 1)
    nearest = np.round(exact).astype(np.int64)
    if previous is None or previous.shape != nearest.shape or (previous >= levels).any():
        return nearest
    return np.where(np.abs(exact - previous) <= STICK, previous, nearest)


def half_blocks(
    image: FloatArray, levels: int | None, *, previous_levels: LevelArray | None = None
) -> tuple[CellGrid, LevelArray]:
    """Two pixels a cell, the upper one in the foreground's colour.

    Args:
        image: (height, width) in [0, 1]; below an odd number of rows there is black.
        levels: Grey steps, all in the 256-colour palette; None for the 256 of truecolor.
        previous_levels: What the last call returned, so that the picture holds still.

    Returns:
        The cells (height / 2, width) and the level of each pixel, (2 * cells, width).
    """
    steps = 64 if levels is None else levels
    quantised = quantise(_padded(image, 2, 1), steps, previous_levels)
    if levels is None:
        greys = np.round(np.linspace(0, 255, steps)).astype(np.int32) * 0x010101
    else:
        greys = grey_levels(levels)
    shown = greys[quantised]
    upper, lower = shown[0::2], shown[1::2]
    glyphs = np.full(upper.shape, UPPER_HALF, np.uint32)
    # A cell of one grey needs no ink: a space in its background's colour is the shortest to send.
    same = upper == lower
    glyphs[same] = SPACE
    # Ink that shows nothing takes its neighbour's colour, so that no colour is sent for it.
    columns = np.where(same, 0, np.arange(upper.shape[1]))
    foreground = np.take_along_axis(upper, np.maximum.accumulate(columns, axis=1), axis=1)
    return CellGrid(glyphs, foreground, lower.copy()), quantised


def half_block_mono(image: FloatArray) -> CellGrid:
    """Two pixels a cell without any colour: ink where a pixel is bright."""
    bright = _padded(image, 2, 1) >= 0.4
    index = bright[1::2] * 1 + bright[0::2] * 2
    glyphs = MONO[index]
    plain = np.full(glyphs.shape, DEFAULT, np.int32)
    return CellGrid(glyphs, plain, plain.copy())


def braille_image(image: FloatArray, colour: int = DEFAULT) -> CellGrid:
    """(height, width) pixels as (height / 4, width / 2) cells of dots, rounded up.

    An ordered dither around the middle grey: strokes are solid, edges are soft, and a pixel that
    does not change never changes its dot.
    """
    pixels = _padded(image, 4, 2)
    height, width = pixels.shape
    thresholds = np.tile(THRESHOLDS, (height // 4, -(-width // 4)))[:, :width]
    bright = (pixels - 0.4) * CONTRAST + 0.5 > thresholds
    glyphs = braille(bright)
    ink = np.full(glyphs.shape, colour, np.int32)
    return CellGrid(glyphs, ink, np.full(glyphs.shape, DEFAULT, np.int32))


def ascii_image(image: FloatArray, height: int = 14, width: int = 28) -> CellGrid:
    """An image as height x width characters, from a space for black to '@' for white."""
    pixels = resample(image, max(height, 1), max(width, 1))
    glyphs = RAMP[np.round(pixels * (len(RAMP) - 1)).astype(int)][:height, :width]
    plain = np.full(glyphs.shape, DEFAULT, np.int32)
    return CellGrid(glyphs, plain, plain.copy())
