"""Words on the standard streams."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from tui_ae.streams import brief, counted, hold_standard_numbers, own_stream, printable, say


@pytest.mark.parametrize(
    ("number", "words"), [(0, "0 epochs"), (1, "1 epoch"), (2, "2 epochs"), (2048, "2,048 epochs")]
)
def test_one_thing_is_singular_and_thousands_are_parted(number: int, words: str) -> None:
    assert counted(number, "epoch") == words


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain é漢", "plain é漢"),
        ("\x1b[31mred\n\t", "?[31mred??"),
        ("a\u200cb\u200dc", "a\u200cb\u200dc"),
        ("\u202e\u200b", "??"),
        (Path("a\x07b"), "a?b"),
    ],
)
def test_what_steers_a_terminal_is_a_question_mark(text: object, shown: str) -> None:
    assert printable(text) == shown


def test_what_a_file_says_is_cut_behind_eighty_characters() -> None:
    assert brief("x" * 80) == "x" * 80
    assert brief("x" * 81) == "x" * 80 + "…"
    assert brief("\x1b" * 81) == "?" * 80 + "…"


def test_a_sentence_begins_with_the_name_of_the_program() -> None:
    err = io.StringIO()
    say("this \x1b is so.", err)
    assert err.getvalue() == "tui-ae: this ? is so.\n"
    say("nobody hears", None)


@pytest.mark.parametrize("closed", [(), (0,), (1, 2), (0, 1, 2)])
def test_the_numbers_of_the_standard_streams_are_held(
    closed: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = []

    def fstat(number: int) -> None:
        assert number in (0, 1, 2), "only those three"
        if number in closed:
            raise OSError

    with monkeypatch.context() as patched:
        patched.setattr(os, "fstat", fstat)
        patched.setattr(os, "open", lambda path, flags: opened.append((path, flags)))
        hold_standard_numbers()
    # The system gives the lowest number that is free.
    assert opened == [("/dev/null", os.O_RDWR)] * len(closed)


def test_a_stream_of_its_own_goes_to_the_same_file_and_one_that_is_closed_nowhere(
    tmp_path: Path,
) -> None:
    path = tmp_path / "out"
    with path.open("w", encoding="utf-8") as file, own_stream(file) as own:
        assert own.fileno() != file.fileno() and own.encoding == "utf-8"
        own.write("é")
    assert own.closed and path.read_text(encoding="utf-8") == "é"
    with own_stream(None) as nowhere:
        print("gone", file=nowhere, flush=True)
    # One without a file is used as it is.
    words = io.StringIO()
    with own_stream(words) as same:
        assert same is words
    assert not words.closed
    with Path("/dev/full").open("w") as full, own_stream(full) as own:
        own.write("what can't be written")
    assert own.closed
