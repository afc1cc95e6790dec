"""The palettes: on the 256-colour palette, readable, and apart for colour-blind eyes too."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from tui_ae.arrays import DoubleArray
from tui_ae.raster.colour import (
    ANSI,
    BY_NUMBER,
    MORE_ON_DARK,
    MORE_ON_LIGHT,
    ON_DARK,
    ON_LIGHT,
    SIXTEEN_ON_DARK,
    SIXTEEN_ON_LIGHT,
    ColourDepth,
    class_colours,
    grey_levels,
)

BACKGROUNDS = {True: 0x121212, False: 0xFFFFFF}
STEPS = (0, 95, 135, 175, 215, 255)
CUBE = {r << 16 | g << 8 | b for r, g, b in itertools.product(STEPS, repeat=3)}
RAMP = {level * 0x010101 for level in range(8, 239, 10)}
# Machado, Oliveira and Fernandes (2009), for the whole lack of one kind of cone, on linear RGB.
EYES = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
LEAST_APART = {"normal": 30.0, "protanopia": 17.0, "deuteranopia": 17.0, "tritanopia": 14.0}
"""CIE 1976 colour differences; about 2.3 can just be seen side by side."""
LEAST_APART_OKLAB = dict.fromkeys(EYES, 0.066) | {"normal": 0.12}
"""The same in OKLab, which is more even among saturated colours."""
TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
TO_OKLAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
TO_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)


def linear(colour: int) -> DoubleArray:
    value = np.array([colour >> 16 & 255, colour >> 8 & 255, colour & 255]) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def contrast(one: int, other: int) -> float:
    """WCAG 2's contrast ratio."""
    light = sorted(float(TO_XYZ[1] @ linear(colour)) for colour in (one, other))
    return (light[1] + 0.05) / (light[0] + 0.05)


def lab(colour: int, eyes: str = "normal") -> DoubleArray:
    xyz = TO_XYZ @ np.clip(EYES[eyes] @ linear(colour), 0, 1) / TO_XYZ.sum(axis=1)
    cubic = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    x, y, z = cubic
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def oklab(colour: int, eyes: str = "normal") -> DoubleArray:
    """Source: Ottosson (2020), A perceptual color space for image processing."""
    seen: DoubleArray = TO_OKLAB @ np.cbrt(TO_CONES @ np.clip(EYES[eyes] @ linear(colour), 0, 1))
    return seen


@pytest.mark.parametrize("eyes", EYES)
@pytest.mark.parametrize("dark", BACKGROUNDS)
def test_the_first_ten_are_apart_in_oklab(dark: bool, eyes: str) -> None:
    colours = class_colours(10, dark=dark, depth=ColourDepth.EIGHT_BIT)
    nearest = min(
        (np.linalg.norm(oklab(one, eyes) - oklab(other, eyes)), f"{one:06x} {other:06x}")
        for one, other in itertools.combinations(colours, 2)
    )
    assert nearest[0] >= LEAST_APART_OKLAB[eyes], nearest


def test_the_measures_know_black_and_white() -> None:
    assert contrast(0x000000, 0xFFFFFF) == pytest.approx(21)
    assert lab(0xFFFFFF) == pytest.approx([100, 0, 0], abs=0.01)
    assert oklab(0xFFFFFF) == pytest.approx([1, 0, 0], abs=0.001)
    assert lab(0xFF0000) == pytest.approx([53.24, 80.09, 67.20], abs=0.05)
    # A grey looks the same to all.
    assert lab(0x808080, "protanopia") == pytest.approx(lab(0x808080), abs=0.05)


@pytest.mark.parametrize("eyes", EYES)
@pytest.mark.parametrize("dark", BACKGROUNDS)
def test_the_first_ten_are_apart(dark: bool, eyes: str) -> None:
    colours = class_colours(10, dark=dark, depth=ColourDepth.TRUECOLOR)
    nearest = min(
        (np.linalg.norm(lab(one, eyes) - lab(other, eyes)), f"{one:06x} {other:06x}")
        for one, other in itertools.combinations(colours, 2)
    )
    assert nearest[0] >= LEAST_APART[eyes], nearest


@pytest.mark.parametrize("dark", BACKGROUNDS)
def test_all_thirty_six_are_apart(dark: bool) -> None:
    colours = class_colours(36, dark=dark, depth=ColourDepth.TRUECOLOR)
    nearest = min(
        (np.linalg.norm(lab(one) - lab(other)), f"{one:06x} {other:06x}")
        for one, other in itertools.combinations(colours, 2)
    )
    assert nearest[0] >= 12.0, nearest


@pytest.mark.parametrize("dark", BACKGROUNDS)
def test_all_stand_out_from_the_background(dark: bool) -> None:
    for colour in class_colours(36, dark=dark, depth=ColourDepth.TRUECOLOR):
        assert contrast(colour, BACKGROUNDS[dark]) >= 3.0, f"{colour:06x}"


@pytest.mark.parametrize("dark", BACKGROUNDS)
def test_braille_on_dark_stands_out_more(dark: bool) -> None:
    # A thin bright dot on black needs more than a thin dark one on white.
    least = 5.0 if dark else 3.0
    for colour in class_colours(10, dark=dark, depth=ColourDepth.TRUECOLOR):
        assert contrast(colour, BACKGROUNDS[dark]) >= least, f"{colour:06x}"


@pytest.mark.parametrize("palette", [ON_DARK + MORE_ON_DARK, ON_LIGHT + MORE_ON_LIGHT])
def test_all_are_distinct_entries_of_the_256_colours(palette: tuple[int, ...]) -> None:
    assert len(set(palette)) == len(palette) == 36
    assert set(palette) <= CUBE | RAMP


@pytest.mark.parametrize("palette", [SIXTEEN_ON_DARK, SIXTEEN_ON_LIGHT])
def test_sixteen_colours_have_ten_for_classes(palette: tuple[int, ...]) -> None:
    assert len(set(palette)) == 10
    assert all(colour ^ BY_NUMBER in range(16) for colour in palette)


NAMES = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"]


def named(colour: int) -> str:
    number = colour ^ BY_NUMBER
    return ("bright " if number >= 8 else "") + NAMES[number % 8]


def test_of_sixteen_colours_those_that_stand_out_come_first() -> None:
    on_dark = [named(colour) for colour in class_colours(10, dark=True, depth=ColourDepth.SIXTEEN)]
    assert on_dark == [
        "bright blue", "bright yellow", "bright green", "bright red", "bright magenta", "yellow",
        "magenta", "white", "green", "bright cyan",
    ]  # fmt: skip
    on_light = [
        named(colour) for colour in class_colours(10, dark=False, depth=ColourDepth.SIXTEEN)
    ]
    assert on_light == [
        "blue", "yellow", "green", "red", "magenta", "bright red", "bright magenta",
        "bright black", "black", "cyan",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("depth", "kinds"), [(ColourDepth.EIGHT_BIT, 36), (ColourDepth.SIXTEEN, 10)]
)
def test_beyond_the_palette_colours_begin_again(depth: ColourDepth, kinds: int) -> None:
    many = class_colours(kinds + 3, dark=True, depth=depth)
    assert len(set(many)) == kinds and many[kinds:] == many[:3]


def test_the_sixteen_colours_are_xterms() -> None:
    """Dark ones at half, grey at half and three quarters, bright ones at full."""
    half = [0x80 * (0x010000 * (n & 1) + 0x0100 * (n >> 1 & 1) + (n >> 2)) for n in range(7)]
    full = [0xFF * (0x010000 * (n & 1) + 0x0100 * (n >> 1 & 1) + (n >> 2)) for n in range(1, 8)]
    assert list(ANSI) == [*half, 0xC0C0C0, 0x808080, *full]


@pytest.mark.parametrize("depth", ColourDepth)
@pytest.mark.parametrize("dark", BACKGROUNDS)
def test_every_class_has_a_colour(depth: ColourDepth, dark: bool) -> None:
    many = class_colours(36, dark=dark, depth=depth)
    assert len(many) == 36
    for count in (0, 1, 10, 36):
        assert class_colours(count, dark=dark, depth=depth) == many[:count]
    assert len(set(many[:10])) == 10


@pytest.mark.parametrize("levels", [0, 1, 2, 4, 8, 24, 26])
def test_greys_rise_from_black_to_white_in_steps_of_the_palette(levels: int) -> None:
    greys = grey_levels(levels)
    assert len(greys) == max(levels, 2)
    assert greys[0] == 0x000000 and greys[-1] == 0xFFFFFF
    assert (np.diff(greys) > 0).all()
    assert set(greys.tolist()) <= CUBE | RAMP


def test_known_greys() -> None:
    assert grey_levels(2).tolist() == [0, 0xFFFFFF]
    # xterm's 239 and 248.
    assert grey_levels(4).tolist() == [0, 0x4E4E4E, 0xA8A8A8, 0xFFFFFF]
    assert (grey_levels(26) & 0xFF).tolist() == [0, *range(8, 239, 10), 255]
