"""Which shapes are lists of images, and how many images there may be."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tui_ae.data.source import (
    TURNED,
    Source,
    as_images,
    check_count,
    fits_in_memory,
    is_square,
    shape_text,
    unreadable,
)
from tui_ae.errors import UserError

WHERE = Path("set.npz")
Shape = tuple[int, ...]


def of_shape(shape: Shape) -> np.ndarray:
    """An array that takes no memory."""
    return np.broadcast_to(np.uint8(0), shape)


@pytest.mark.parametrize(
    ("shape", "labels", "expected"),
    [
        ((5, 20, 28), None, (5, 20, 28)),
        # Rows of the pixels of a square.
        ((5, 784), None, (5, 28, 28)),
        ((5, 1), None, (5, 1, 1)),
        ((5, 4), None, (5, 2, 2)),
        # Channels last, first, or a single one.
        ((5, 20, 28, 3), None, (5, 20, 28, 3)),
        ((5, 20, 28, 4), None, (5, 20, 28, 4)),
        ((5, 3, 20, 28), None, (5, 20, 28, 3)),
        ((5, 4, 20, 28), None, (5, 20, 28, 4)),
        ((5, 20, 28, 1), None, (5, 20, 28)),
        ((5, 1, 20, 28), None, (5, 20, 28)),
        ((5, 3, 20, 4), None, (5, 3, 20, 4)),
        # As large as they may be, and as small.
        ((2, 16_384, 1), None, (2, 16_384, 1)),
        ((2, 1, 16_384), None, (2, 1, 16_384)),
        ((0, 20_000, 28), None, (0, 20_000, 28)),
        # As long as the number of labels says that the first axis counts, it does.
        ((28, 28, 10), 28, (28, 28, 10)),
        ((784, 784), 784, (784, 28, 28)),
        ((28, 28, 4), None, (28, 28, 4)),
        ((28, 28, 28), 28, (28, 28, 28)),
        ((28, 28, 28), 7, (28, 28, 28)),
        ((784, 9), None, (784, 3, 3)),
        ((28, 28, 3, 3), None, (28, 28, 3, 3)),
    ],
)
def test_shapes_that_are_lists_of_images(shape: Shape, labels: int | None, expected: Shape) -> None:
    images, note = as_images(of_shape(shape), WHERE, labels)
    assert (images.shape, note) == (expected, None)


@pytest.mark.parametrize(
    ("shape", "labels", "expected"),
    [
        ((28, 28, 5), None, (5, 28, 28)),
        ((28, 28, 4), 4, (4, 28, 28)),
        ((28, 28, 1), 1, (1, 28, 28)),
        ((20, 20, 3, 10), None, (10, 20, 20, 3)),
        ((20, 20, 1, 10), None, (10, 20, 20)),
        ((20, 20, 4, 5), None, (5, 20, 20, 4)),
        ((784, 10), None, (10, 28, 28)),
        ((784, 9), 9, (9, 28, 28)),
        ((784, 0), None, (0, 28, 28)),
        ((16, 10), None, (10, 4, 4)),
    ],
)
def test_the_number_of_the_image_may_stand_last(
    shape: Shape, labels: int | None, expected: Shape
) -> None:
    images, note = as_images(of_shape(shape), WHERE, labels)
    assert (images.shape, note) == (expected, TURNED)


def test_turned_images_keep_their_pixels() -> None:
    stored = np.arange(6 * 5 * 5 * 3).reshape(6, 5, 5, 3)
    for turned in (np.moveaxis(stored, 0, -1), np.moveaxis(stored, 3, 1)):
        np.testing.assert_array_equal(as_images(turned, WHERE)[0], stored)


STORE = "store images as n × height × width, with 3 or 4 colour channels at most"
APART = "its first column may be labels: store that apart, and the pixels alone here"


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        ((), f"an array of no dimension isn't a list of images; {STORE}"),
        ((784,), f"an array of 784 isn't a list of images; {STORE}"),
        ((5, 783), f"an array of 5 × 783 isn't a list of images; {STORE}"),
        ((5, 785), f"an array of 5 × 785 isn't a list of images; {APART}"),
        ((5, 2), f"an array of 5 × 2 isn't a list of images; {APART}"),
        ((5, 0), f"an array of 5 × 0 isn't a list of images; {STORE}"),
        ((9, 10), f"an array of 9 × 10 isn't a list of images; {APART}"),
        ((17, 11), f"an array of 17 × 11 isn't a list of images; {STORE}"),
        ((5, 20, 28, 2), f"an array of 5 × 20 × 28 × 2 isn't a list of images; {STORE}"),
        ((5, 2, 20, 28), f"an array of 5 × 2 × 20 × 28 isn't a list of images; {STORE}"),
        ((20, 20, 2, 10), f"an array of 20 × 20 × 2 × 10 isn't a list of images; {STORE}"),
        ((20, 28, 3, 10), f"an array of 20 × 28 × 3 × 10 isn't a list of images; {STORE}"),
        ((1, 5, 20, 28, 3), f"an array of 1 × 5 × 20 × 28 × 3 isn't a list of images; {STORE}"),
        *(
            (
                shape,
                f"images of {' × '.join(map(str, shape))} can't be shown; give images from 1 to "
                "16384 pixels a side",
            )
            for shape in ((2, 16_385, 1), (2, 1, 16_385), (2, 0, 28), (2, 28, 0), (2, 0, 28, 3))
        ),
    ],
)
def test_other_shapes_are_refused_with_what_to_do(shape: Shape, said: str) -> None:
    with pytest.raises(UserError) as caught:
        as_images(of_shape(shape), WHERE)
    assert str(caught.value) == f"set.npz: {said}."


def test_squares() -> None:
    assert [count for count in range(30) if is_square(count)] == [0, 1, 4, 9, 16, 25]
    assert shape_text(of_shape((2, 28, 28))) == "2 × 28 × 28"


@pytest.mark.parametrize(
    ("count", "mapped", "said"),
    [
        (0, 0, "holds no images; give a set of at least two."),
        (1, 0, "holds one image; give a set of at least two."),
        (2, 0, None),
        (1_000_000, 0, None),
        (
            *(1_000_001, 0),
            "holds 1,000,001 images; give a set of at most 1,000,000, or one file of 28×28 greys "
            "that isn't compressed, IDX or NPY.",
        ),
        (1_000_001, 1, None),
        (
            *(1_000_002, 1),
            "holds 1,000,002 images; give a set of at most 1,000,000, or one file of 28×28 greys "
            "that isn't compressed, IDX or NPY.",
        ),
        (100_000_000, 100_000_000, None),
        (
            *(100_000_001, 100_000_001),
            "holds 100,000,001 images; give a set of at most 100,000,000.",
        ),
    ],
)
def test_sets_have_two_images_and_no_more_than_can_be_held(
    count: int, mapped: int, said: str | None
) -> None:
    if said is None:
        check_count(count, WHERE, mapped)
        return
    with pytest.raises(UserError) as caught:
        check_count(count, WHERE, mapped)
    assert str(caught.value) == f"set.npz: {said}"


def test_of_images_none_is_mapped_unless_it_is_said() -> None:
    with pytest.raises(UserError, match="holds 1,000,001 images"):
        check_count(1_000_001, WHERE)


def test_a_million_images_are_held_as_floats_where_there_is_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tui_ae.data.source.MAX_HELD_BYTES", 4 * 784 * 3)
    assert [fits_in_memory(count) for count in (0, 3, 4)] == [True, True, False]
    monkeypatch.setattr("tui_ae.data.source.MAX_HELD_BYTES", 10**12)
    assert [fits_in_memory(count) for count in (1_000_000, 1_000_001)] == [True, False]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ValueError("two\nlines"), "set.npz: can't be read (two); write it again."),
        (SyntaxError("no number", ("<unknown>", 1, 1, "04")), "set.npz: can't be read (no number "
         "(<unknown>, line 1)); write it again."),
        (OSError("no disk"), "set.npz: can't be read (no disk); write it again."),
        (ValueError("  "), "set.npz: can't be read (ValueError); write it again."),
        (OSError(5, "Input/output error"), "set.npz: can't be read (Input/output error); write "
         "it again."),
        (OSError(13, "Permission denied", "inner"), "inner: can't be read (Permission denied); "
         "write it again."),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_named_with_the_reason(error: Exception, said: str) -> None:
    assert str(unreadable(WHERE, error, "write it again")) == said


def test_a_source_is_mapped_where_all_its_parts_are(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.zeros((2, 28, 28), np.uint8))
    mapped, held = np.load(tmp_path / "a.npy", mmap_mode="r"), np.zeros((2, 28, 28), np.uint8)
    found = [
        Source(WHERE, "set", parts, None).is_mapped
        for parts in ((mapped, mapped), (mapped, held), (held,))
    ]
    assert found == [True, False, False]
