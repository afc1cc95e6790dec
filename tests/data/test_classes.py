from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from tui_ae.data.classes import index_labels
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
