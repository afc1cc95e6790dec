from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from tui_ae.data.classes import choose_labels, index_labels, is_fashion, natural
from tui_ae.data.source import Source
from tui_ae.errors import UserError


def numbered(labels: np.ndarray) -> tuple[list[int], tuple[str, ...]]:
    index, _, names = index_labels(Source(Path("set"), "set", (), labels), len(labels))
    assert index.dtype == np.int64
    return index.tolist(), names


@pytest.mark.parametrize(
    "labels",
    [
        np.array([7, 7, 3, 3, 9, 9, 7, 0], np.uint8),
        np.array([2**62, -5, 2**62, 4, 4, 4, -5]),
        np.array([0.0, 1.0, 1.0, 5.0, 2.0, -1.0]),
        np.array(["dog", "cat", "cat", "elephant", "a", "dog"]),
        np.array([b"dog", b"cat", b"cat", b"elephant"]),
        np.array([[True], [False], [False], [False], [True]]),
    ],
)
def test_labels_of_many_blocks(labels: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = numbered(labels)
    monkeypatch.setattr("tui_ae.data.classes.BLOCK", 2)
    assert numbered(labels) == expected


def test_strings_are_sorted_as_numbers_are() -> None:
    labels = np.array(["10", "2", "b", "a10", "a9", "2"])
    index, values, names = index_labels(Source(Path("set"), "set", (), labels), 6)
    assert names == values == ("a9", "a10", "b", "2", "10")
    assert [names[label] for label in index] == labels.tolist()


def test_the_values_of_labels_are_kept_beside_their_names() -> None:
    labels = np.array([2**64 - 1, 3, 8], np.uint64)
    assert index_labels(Source(Path("set"), "set", (), labels), 3)[1] == (3, 8, 2**64 - 1)
    named = Source(Path("set"), "set", (), np.array([1, 0]), ("T-shirt", "Trouser"))
    assert index_labels(named, 2)[1:] == ((0, 1), ("T-shirt", "Trouser"))
    # Names are for the labels from 0 on, and for these alone.
    for odd, names in (([-1, 1], ("-1", "1")), ([0, 2], ("0", "2")), ([0, 0], ("T-shirt",))):
        of_odd = Source(Path("set"), "set", (), np.array(odd), ("T-shirt", "Trouser"))
        assert index_labels(of_odd, 2)[2] == names


@pytest.mark.parametrize("kind", ["<u4", ">u4"])
def test_characters_that_do_not_exist_are_refused(kind: str) -> None:
    labels = np.array([65, sys.maxunicode + 1], kind).view(kind.replace("u4", "U1"))
    with pytest.raises(UserError, match=r"^set: labels hold characters that don't exist; store"):
        numbered(labels)


def test_long_names_are_cut() -> None:
    labels = np.array(["b" * 10_000, "a" * 80, "a" * 80])
    assert numbered(labels) == ([1, 0, 0], ("a" * 80, "b" * 80 + "…"))
    with pytest.raises(UserError, match=r"labels of type \[\('aaa.*… that aren't") as caught:
        numbered(np.zeros(3, [("a" * 3000, "u1")]))
    assert len(str(caught.value)) < 240


def test_the_last_character_is_one() -> None:
    assert numbered(np.array(["b", chr(sys.maxunicode), ""]))[0] == [1, 2, 0]


@pytest.mark.parametrize("label", [2.0**63, -(2.0**64), 1e300, np.inf, np.nan])
def test_floats_beyond_whole_numbers_are_refused(label: float) -> None:
    with pytest.raises(UserError, match="float64 that aren't whole numbers of 64 bits; store"):
        numbered(np.array([0, label]))


def test_the_largest_whole_numbers_are_labels() -> None:
    assert numbered(np.array([2**64 - 1, 2**63, 7], np.uint64)) == (
        [2, 1, 0],
        ("7", str(2**63), str(2**64 - 1)),
    )
    assert numbered(np.array([2.0**62, -(2.0**63) + 1024]))[0] == [1, 0]


def test_classes_are_counted_no_further_than_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui_ae.data.classes.BLOCK", 20)
    with pytest.raises(UserError, match="at least 40 classes; give at most 36"):
        numbered(np.arange(100))


def test_looking_takes_half_of_the_time_and_each_block_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heard: list[float] = []

    def shares(labels: np.ndarray) -> list[float]:
        heard.clear()
        index_labels(Source(Path("set"), "set", (), labels), len(labels), heard.append)
        return heard

    # 262,144 labels are numbered at a time.
    assert len(shares(np.zeros(2**18, np.int8))) == 2
    assert len(shares(np.zeros(2**18 + 1, np.int8))) == 4
    monkeypatch.setattr("tui_ae.data.classes.BLOCK", 2)
    assert shares(np.array([3, 1, 2, 1, 3])) == pytest.approx([0.2, 0.4, 0.5, 0.7, 0.9, 1])


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        ([0, 1], ("T-shirt", "Trouser")),
        ([1, 1], ("Trouser",)),
        ([-1, 0], ("-1", "0")),
        ([0, 2], ("0", "2")),
        (["0", "1"], ("0", "1")),
    ],
)
def test_known_names_are_for_the_labels_from_0_on(
    labels: list[int | str], names: tuple[str, ...]
) -> None:
    source = Source(Path("set"), "set", (), np.array(labels), ("T-shirt", "Trouser"))
    assert index_labels(source, 2)[2] == names


def test_labels_are_as_many_as_images() -> None:
    source = Source(Path("set"), "set", (), np.zeros(1200, int))
    with pytest.raises(UserError) as caught:
        index_labels(source, 1300)
    assert str(caught.value) == (
        "set: 1,300 images but 1,200 labels; give one label for each image, or no labels."
    )
    unlabelled = Source(Path("set"), "set", (), None)
    index, values, names = index_labels(unlabelled, 3)
    assert (index.tolist(), values, names) == ([0, 0, 0], (), ("all",))


@pytest.mark.parametrize(
    "labels", [np.zeros((2, 2), int), np.zeros((2, 1, 2), int), np.zeros((1, 2), int)]
)
def test_labels_of_other_shapes_are_refused(labels: np.ndarray) -> None:
    with pytest.raises(UserError, match=r"^set: labels of \d × \d.*; store one whole number or"):
        numbered(labels)


def source_of(counts: list[int], splits: tuple[int, ...] = ()) -> Source:
    """Images of one pixel that is their label, so many of each class."""
    labels = np.repeat(np.arange(len(counts)), counts)
    parts = np.split(labels[:, None, None], splits)
    files = tuple(f"{at}.png" for at in range(len(labels)))
    return Source(Path("set"), "set", tuple(parts), labels, notes=("Read.",), files=files)


def test_the_largest_classes_are_kept_and_of_as_large_ones_the_first() -> None:
    source = source_of([1, 2, 1, *[3] * 34, 1], splits=(2, 50))
    chosen = choose_labels(source, "largest")
    kept = np.array([0, *[1] * 2, *np.repeat(range(3, 37), 3)])
    assert chosen.labels is not None
    assert chosen.labels.tolist() == kept.tolist()
    assert [len(part) for part in chosen.parts] == [2, 47, 56]
    np.testing.assert_array_equal(np.concatenate(chosen.parts)[:, 0, 0], kept)
    assert chosen.files[:4] == ("0.png", "1.png", "2.png", "4.png")
    assert chosen.notes == ("Read.", "Kept the 36 largest of 38 classes, 105 of 107 images.")


def test_where_there_is_nothing_to_leave_out_the_source_is_as_it_was() -> None:
    few, unlabelled = source_of([1] * 36), Source(Path("set"), "set", (), None)
    assert choose_labels(few, "all") is choose_labels(few, "largest") is few
    assert choose_labels(unlabelled, "all") is choose_labels(unlabelled, "none") is unlabelled
    assert choose_labels(unlabelled, "largest") is unlabelled
    without = choose_labels(few, "none")
    assert without.labels is None
    assert without.notes == ("Read.", "The labels were left out, as asked.")


def test_names_are_sorted_as_people_do() -> None:
    names = ["10", "9", "0", "00", "b2", "b10", "a", "", "9" * 5000, "b02x"]
    in_order = ["", "a", "b2", "b02x", "b10", "0", "00", "9", "10", "9" * 5000]
    assert sorted(names, key=natural) == in_order


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("fashion-mnist/train.gz", True),
        ("FashionMNIST/raw/train.gz", True),
        ("FashionMNIST/other/train.gz", False),
        ("set/fashion_mnist.npz", True),
        ("fashion mnist", True),
        ("fashion/mnist", False),
    ],
)
def test_the_path_says_fashion(tmp_path: Path, path: str, *, expected: bool) -> None:
    full = tmp_path / path
    if full.suffix:
        full.parent.mkdir(parents=True)
        full.touch()
    else:
        full.mkdir(parents=True)
    assert is_fashion(full) == expected
