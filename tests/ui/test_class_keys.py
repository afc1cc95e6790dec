"""A class is chosen by the digit in its name."""

from __future__ import annotations

import pytest

from tui_ae.ui.class_keys import DIGITS, LETTERS, class_keys, no_sample


@pytest.mark.parametrize(
    ("names", "keys"),
    [
        (["3", "7", "8"], "378"),
        ([str(number) for number in range(10)], "0123456789"),
        ([str(number) for number in range(1, 11)], "123456789a"),
        (["00", "01", "02"], "012"),
        (["1", "01", "2"], "1a2"),
        (["-1", "1"], "a1"),
        (["class1", "class2", "class10"], "12a"),
        (["class 3", "other"], "01"),
        (["cat", "dog"], "01"),
        (["cat", "9", "10"], "a9b"),
        (["13", "17"], "01"),
        (["٣", "٤"], "01"),
        (["cat5"], "0"),
        (["5"], "5"),
        (["all"], "0"),
        ([""], "0"),
        (["word" + "9" * 5000, "word3"], "a3"),
        ([str(number) for number in range(36)], DIGITS + LETTERS),
        ([str(number) for number in range(1, 37)], "123456789" + LETTERS + "0"),
        ([f"c{number}" for number in range(100, 136)], DIGITS + LETTERS),
    ],
)
def test_digits_are_the_keys_of_classes_named_by_them(names: list[str], keys: str) -> None:
    assert class_keys(names) == keys
    assert len(set(keys)) == len(names)


def test_a_key_without_a_sample_is_explained_by_names() -> None:
    names = ("3", "7", "8")
    assert no_sample(names, "1", labelled=True) == (
        "No class has the key 1: there are 3, 7 and 8; c lists all."
    )
    for name in names:
        assert no_sample(names, name, labelled=True) == f"Class {name} is off; c switches classes."
    words = tuple(f"w{letter}" for letter in "abcdef")
    assert no_sample(words, "2", labelled=True) == "Class wc is off; c switches classes."
    assert "there are wa, wb, wc and wd;" in no_sample(words[:4], "8", labelled=True)
    assert "there are wa, wb … we;" in no_sample(words[:5], "8", labelled=True)
    assert "there are wa, wb … wf;" in no_sample(words, "8", labelled=True)
    assert "the only one is cat" in no_sample(("cat",), "8", labelled=True)
    assert "no labels" in no_sample(("all",), "3", labelled=False)
