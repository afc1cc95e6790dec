"""The character of each class: its key, and its sign where classes are drawn as characters."""

from __future__ import annotations

from collections.abc import Sequence

DIGITS = "0123456789"
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def class_keys(names: Sequence[str]) -> str:
    """A character for each of at most 36 classes.

    Where names are digits, or numbers behind one word ('class 3'), the digit is the one in the
    name, so that key 1 is class 1 also where there is no class 0. Other names are numbered from 0.
    """
    digits = _digits_in(names)
    if not digits:
        return (DIGITS + LETTERS)[: len(names)]
    spare = iter(LETTERS + "".join(digit for digit in DIGITS if digit not in digits.values()))
    return "".join(digits.get(label) or next(spare) for label in range(len(names)))


def _digits_in(names: Sequence[str]) -> dict[int, str]:
    """The digit that the name of a class is, for those of which it is one."""
    word = names[0].rstrip(DIGITS)
    if len(names) < 2 or not all(_number_behind(word, name) for name in names):
        word = ""
    found: dict[int, str] = {}
    for label, name in enumerate(names):
        digit = _number_behind(word, name).lstrip("0") or "0"
        if _number_behind(word, name) and len(digit) == 1 and digit not in found.values():
            found[label] = digit
    return found


def _number_behind(word: str, name: str) -> str:
    """The digits that follow a word, where nothing else is in a name; else ''."""
    rest = name.removeprefix(word) if name.startswith(word) else ""
    return rest if rest.isascii() and rest.isdecimal() else ""


def no_sample(names: Sequence[str], digit: str, *, labelled: bool) -> str:
    """What to say where the key of a digit shows no sample."""
    if not labelled:
        return "These images have no labels; n shows a random one."
    label = class_keys(names).find(digit)
    if label < 0:
        return f"No class has the key {digit}: {_some(names)}; c lists all."
    return f"Class {names[label]} is off; c switches classes."


def _some(names: Sequence[str]) -> str:
    """The names of a few classes."""
    if len(names) == 1:
        return f"the only one is {names[0]}"
    shown = ", ".join(names[:-1]) if len(names) <= 4 else f"{names[0]}, {names[1]} …"
    return f"there are {shown}{' and' if len(names) <= 4 else ''} {names[-1]}"
