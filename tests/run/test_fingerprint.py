"""Fingerprints of images: the same images have one, any other have another."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable

import numpy as np
import pytest

from tui_ae.data.arrays import PIXELS
from tui_ae.data.dataset import Dataset, HeldOut
from tui_ae.data.images import Images
from tui_ae.run.fingerprint import SAMPLED, Fingerprint, fingerprint

COUNT = 3 * SAMPLED // 2


def dataset(pixels: np.ndarray, apart: np.ndarray | None = None) -> Dataset:
    names = tuple("abc")
    labels = np.arange(len(pixels), dtype=np.int64) % 3
    held_out = None
    if apart is not None:
        rows = len(pixels) + np.arange(len(apart), dtype=np.int64)
        held_out = HeldOut(Images(apart), np.arange(len(apart), dtype=np.int64) % 3, rows)
    return Dataset("some", Images(pixels), labels, names, labelled=True, held_out=held_out)


def pixels(count: int = COUNT, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random((count, PIXELS), np.float32)


def changed(place: tuple[int, int]) -> np.ndarray:
    other = pixels()
    other[place] += 1 / 255 if other[place] < 0.5 else -1 / 255
    return other


def relabelled(data: Dataset, labels: np.ndarray) -> Dataset:
    return dataclasses.replace(data, labels=labels)


LAST = (SAMPLED - 1) * COUNT // SAMPLED
"""The last image that is looked at."""
CHANGES: dict[str, Callable[[], Dataset]] = {
    "other pixels": lambda: dataset(pixels(seed=1), pixels(9)),
    "first pixel, have other pixels": lambda: dataset(changed((0, 0)), pixels(9)),
    "last pixel, have other pixels": lambda: dataset(changed((LAST, PIXELS - 1)), pixels(9)),
    "a pixel between, have other pixels": lambda: dataset(changed((3, 355)), pixels(9)),
    "two of them swapped, have other pixels": lambda: dataset(
        pixels()[[1, 0, *range(2, COUNT)]], pixels(9)
    ),
    "held out, have other pixels": lambda: dataset(pixels(), pixels(9, 3)),
    "there are 1,535 and 9": lambda: dataset(pixels(COUNT - 1), pixels(9)),
    "there are 1,536 and 8": lambda: dataset(pixels(), pixels(8)),
    "there are 1,536 and 0": lambda: dataset(pixels()),
    "have other labels": lambda: relabelled(
        dataset(pixels(), pixels(9)), np.roll(np.arange(COUNT) % 3, 1)
    ),
    "names, have other labels": lambda: dataclasses.replace(
        dataset(pixels(), pixels(9)), class_names=tuple("abd")
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_is_other_is_told(name: str) -> None:
    before = fingerprint(dataset(pixels(), pixels(9)))
    assert name.rpartition(", ")[2] in before.difference(fingerprint(CHANGES[name]()))


def test_the_same_images_are_the_same_whatever_their_last_bits() -> None:
    before = fingerprint(dataset(pixels(), pixels(9)))
    assert not before.difference(fingerprint(dataset(pixels(), pixels(9))))
    other = np.nextafter(pixels(), np.float32(1))
    assert not before.difference(fingerprint(dataset(other, pixels(9))))


def test_images_that_stay_on_the_disk_have_the_fingerprint_of_those_in_memory() -> None:
    held = dataset(pixels())
    stored = Images(None, (pixels(),))
    now = fingerprint(dataclasses.replace(held, images=stored))
    assert fingerprint(held).difference(now) == ""


def test_numbers_that_are_none_are_other_ones() -> None:
    one = fingerprint(dataset(pixels(5)))
    for pixels_ in ((np.nan,) * 8, (), one.pixels[:7]):
        other = Fingerprint(one.images, one.held_out, pixels_, one.labels)
        assert "pixels" in one.difference(other) and "pixels" in other.difference(one)


def by_its_words(images: np.ndarray) -> list[float]:
    """The four sums of some images, as `Fingerprint.pixels` says what they are."""
    count = len(images)
    looked = min(count, 1024)
    rows = np.array([images[at * count // looked] for at in range(looked)], np.float64)
    i, j = np.arange(float(looked)), np.arange(784.0)
    waves = (np.sin, np.cos)
    return [float(down(i) @ rows @ along(j)) for down in waves for along in waves]


@pytest.mark.parametrize(("count", "apart"), [(1, 0), (5, 3), (3000, 9)])
def test_it_is_what_its_words_say(count: int, apart: int) -> None:
    train, held = pixels(count), pixels(apart, 1)
    seen = fingerprint(dataset(train, held if apart else None))
    assert (seen.images, seen.held_out) == (count, apart)
    assert seen.pixels == pytest.approx(
        [*by_its_words(train), *(by_its_words(held) if apart else [0] * 4)], abs=1e-6
    )
    classes = [np.arange(number, dtype="<i8") % 3 for number in (count, apart)]
    words = b"".join([*(part.tobytes() for part in classes), b'["a", "b", "c"]'])
    assert seen.labels == hashlib.blake2b(words, digest_size=16).hexdigest()


def test_what_is_other_is_told_in_the_end_of_a_sentence() -> None:
    one = Fingerprint(1200, 9, (0.0,) * 8, "a")
    assert one.difference(dataclasses.replace(one, images=1201, held_out=0)) == (
        "there were 1,200 images and 9 held-out ones, and now there are 1,201 and 0"
    )
    assert one.difference(dataclasses.replace(one, pixels=(0.0,) * 7 + (0.0011,)))
    assert not one.difference(dataclasses.replace(one, pixels=(0.0,) * 7 + (-0.0009,)))
    assert (
        one.difference(dataclasses.replace(one, labels="b")) == "its images have other labels now"
    )
