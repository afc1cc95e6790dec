"""The map from stored values to [0, 1] at each of its limits, and the blocks in which it looks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tui_ae.data.values import (
    CUT_OFF,
    MAX_FLOAT,
    UNCHANGED,
    Scaling,
    blocks,
    darkness_note,
    scaling,
)
from tui_ae.errors import UserError

WHERE = Path("set.npz")


def plain(white: float) -> Scaling:
    return Scaling(0.0, white, f"Values from 0 to {white:g} rescaled to 0 to 1.")


def guess(high: float, white: float, *, cuts: bool = False) -> Scaling:
    note = (
        f"The largest value is {high:g}, and {white:g} was taken for white, a guess; where that "
        "makes the images too dark, rescale them to run from 0 to 1."
    )
    return Scaling(0.0, white, note, cuts, is_guess=True)


def percent(high: float) -> Scaling:
    note = (
        f"Values up to {high:g} taken for percent, a guess; where white is 255, divide them by "
        "255 before."
    )
    return Scaling(0.0, 100.0, note, cuts=True, is_guess=True)


@pytest.mark.parametrize(
    ("kind", "low", "high", "expected"),
    [
        # Whole numbers: masks, few levels, bytes, then 10, 12, 14 and 16 bits.
        ("u1", 0, 1, UNCHANGED),
        ("u1", 0, 2, plain(2)),
        ("u1", 0, 16, plain(16)),
        ("u1", 0, 17, guess(17, 255)),
        ("u1", 0, 114, guess(114, 255)),
        ("u1", 0, 115, Scaling(0.0, 255.0, None)),
        ("u1", 0, 255, Scaling(0.0, 255.0, None)),
        ("u2", 0, 256, guess(256, 1023)),
        ("u2", 0, 1023, plain(1023)),
        ("u2", 0, 1024, guess(1024, 4095)),
        ("u2", 0, 4095, plain(4095)),
        ("u2", 0, 4096, guess(4096, 16383)),
        ("u2", 0, 16383, plain(16383)),
        ("u2", 0, 16384, guess(16384, 65535)),
        ("u2", 0, 65535, plain(65535)),
        ("u4", 0, 65536, plain(65536)),
        ("u1", 0, 100, guess(100, 255)),
        # Floats.
        ("f8", 0, 0.5, UNCHANGED),
        ("f8", 0, 1, UNCHANGED),
        ("f8", 0, 1.001, CUT_OFF),
        ("f8", 0, 1.0011, plain(1.0011)),
        ("f8", -0.0005, 0.5, CUT_OFF),
        ("f8", -0.001, 1.001, CUT_OFF),
        ("f8", 0, 16, plain(16)),
        ("f8", 0, 17, guess(17, 255)),
        ("f8", -0.0005, 17, guess(17, 255, cuts=True)),
        ("f8", 0, 99, guess(99, 255)),
        ("f8", 0, 99.1, percent(99.1)),
        ("f8", 0, 100.1, percent(100.1)),
        ("f8", 0, 100.2, guess(100.2, 255)),
        ("f8", 0, 114.75, plain(255)),
        ("f8", 0, 255, plain(255)),
        ("f8", 0, 255.5, plain(255.5)),
        ("f8", -0.0005, 16, Scaling(0.0, 16.0, plain(16).note, cuts=True)),
        # Of both signs.
        ("f8", -1, 1, Scaling(-1.0, 2.0, "Values from -1 to 1 moved to 0 to 1.", cuts=True)),
        ("f8", -0.501, 1, Scaling(-1.0, 2.0, "Values from -1 to 1 moved to 0 to 1.", cuts=True)),
        (
            *("f8", -1.001, 1.001),
            Scaling(-1.0, 2.0, "Values from -1 to 1 moved to 0 to 1.", cuts=True),
        ),
        (
            *("i1", -128, 127),
            Scaling(-128.0, 255.0, "Signed bytes from -128 to 127 moved to 0 to 1."),
        ),
    ],
)
def test_the_map_follows_from_the_type_and_the_extremes(
    kind: str, low: float, high: float, expected: Scaling
) -> None:
    assert scaling([np.array([low, high], kind)], WHERE) == expected


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ([np.array([-0.0011, 0.0, 1.0])], "1 pixel value is negative, down to -0.0011"),
        ([np.array([-0.5, 0.0, 1.0])], "1 pixel value is negative, down to -0.5"),
        ([np.array([-1.0011, 0.0, 1.0])], "1 pixel value is negative, down to -1.0011"),
        ([np.array([-1.0, 0.0, 1.0011])], "1 pixel value is negative, down to -1"),
        ([np.array([-1.0, 0.0, 2.0])], "1 pixel value is negative, down to -1"),
        ([np.array([-1, 0, 1], np.int16)], "1 pixel value is negative, down to -1"),
        ([np.array([-1, 2], np.int8), np.array([-4, 0], np.int16)], "2 pixel values are negative"),
        ([np.array([-MAX_FLOAT, 0.0])], "1 pixel value is negative"),
        ([np.array([np.nan, MAX_FLOAT, -MAX_FLOAT])], "1 pixel value is NaN, or infinite"),
        ([np.array([0.0, np.inf])], "1 pixel value is NaN, or infinite"),
        ([np.array([-np.inf, 0.0])], "1 pixel value is NaN, or infinite"),
    ],
)
def test_what_says_nothing_of_black_is_refused_with_a_count(
    parts: list[np.ndarray], says: str
) -> None:
    with pytest.raises(UserError, match=says):
        scaling(parts, WHERE)


def of_2000(*strays: float, ink: float = 0.5, black: int = 0) -> np.ndarray:
    """Pixels in [0, 1] that aren't black, 2,000 of them with the strays, and others that are."""
    return np.concatenate([np.full(2000 - len(strays), ink), strays, np.zeros(black)])


@pytest.mark.parametrize("ink", [0.5, 1.0])
@pytest.mark.parametrize("black", [0, 1000])
def test_a_thousandth_of_the_ink_above_one_is_a_slip(ink: float, black: int) -> None:
    one, two, three = (of_2000(*[1.5] * few, ink=ink, black=black) for few in (1, 2, 3))
    notes = [
        "1 value above 1, up to 1.5, taken for 1.",
        "2 values above 1, up to 1.5, taken for 1.",
    ]
    for note, array in zip(notes, (one, two), strict=True):
        assert scaling([array], WHERE) == Scaling(0.0, 1.0, note, cuts=True)
    assert scaling([three], WHERE) == plain(1.5)


def test_slips_are_counted_in_all_blocks_where_the_first_has_hardly_any(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tui_ae.data.values.BLOCK_BYTES", 8 * 1000)
    for few, is_slip in ((2, True), (3, False)):
        # The last of three images is black.
        images = np.concatenate([of_2000(*[3.0] * few), np.zeros(1000)]).reshape(3, 1000)
        assert scaling([images], WHERE).cuts == is_slip


def test_values_beyond_the_ends_are_cut_off_where_the_map_says_so() -> None:
    stored, out = np.array([-0.5, 0, 0.25, 1, 1.5]), np.empty(5, np.float32)
    CUT_OFF.apply(stored, out)
    assert out.tolist() == [0, 0, 0.25, 1, 1]
    UNCHANGED.apply(stored, out)
    assert out.tolist() == stored.tolist()
    Scaling(0.5, 2.0, None).apply(stored, out)
    assert out.tolist() == [-0.5, -0.25, -0.125, 0.25, 0.5]


def test_images_are_nearly_black_below_a_step_of_a_byte() -> None:
    assert darkness_note(0.004) is None
    assert darkness_note(0.0039) == (
        "The images are nearly black, 0.0039 of white in the mean; where that is not meant, "
        "rescale them to run from 0 to 1."
    )


@pytest.mark.parametrize(
    ("shape", "block_bytes", "expected"),
    [
        ((5, 10), 25, [(0, 2), (2, 4), (4, 5)]),
        ((5, 10), 10, [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5)]),
        ((2, 10), 5, [(0, 1), (1, 2)]),
        ((4, 1), 4, [(0, 4)]),
        ((3, 0), 2, [(0, 2), (2, 3)]),
        ((0, 10), 25, []),
    ],
)
def test_blocks_hold_whole_images(
    shape: tuple[int, int], block_bytes: int, expected: list[tuple[int, int]]
) -> None:
    found = blocks(np.zeros(shape, np.uint8), block_bytes)
    assert [(part.start, part.stop) for part in found] == expected


def test_each_block_of_four_megabytes_is_told() -> None:
    heard: list[float] = []
    scaling([np.broadcast_to(np.uint8(1), (9, 2**20))], WHERE, heard.append)
    assert heard == [4 / 9, 8 / 9, 1]
    heard.clear()
    with pytest.raises(UserError, match="negative"):
        scaling([np.array([[-1], [3]], np.int16), np.ones((2, 1))], WHERE, heard.append)
    assert heard == [0.5, 1, 1, 1]
