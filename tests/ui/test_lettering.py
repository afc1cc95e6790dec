"""Text from outside in signs of which all terminals know the width, and still different."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from wcwidth import wcwidth

from tui_ae.link.cells.glyphs import clusters
from tui_ae.ui.actions import Keys
from tui_ae.ui.lettering import (
    ascii_text,
    cells,
    class_words,
    glyphs,
    in_ascii,
    shown,
    worded,
)

texts = st.text(alphabet=st.characters(codec="utf-8"), max_size=30)
HINDI = ("बिल्ली", "कुत्ता", "घोड़ा", "चिड़िया")
EMOJI = ("👩\u200d🔬", "👨\u200d🔬", "👩", "👍🏽", "👍🏿", "🇩🇪", "🇫🇷", "❤\ufe0f", "1\ufe0f\u20e3")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ankle boot", "Ankle boot"),
        ("Größe", "Größe"),
        ("e\u0301", "é"),
        ("犬", "犬"),
        ("カタカナ", "カタカナ"),
        ("한국", "한국"),
        ("собака", "собака"),
        ("🐈", "🐈"),
        ("a\tb\n", "a?b?"),
        ("\x1b[31m", "?[31m"),
        ("x\u200by\u202ez", "x?y?z"),
        ("q\u0323", "q\u0323"),
        ("q\u0323\u0301\u0300\u0302", "q\u0323\u0301"),
        ("\u0323q", "?q"),
        ("ก็", "ก็"),
        ("हिन्दी", "hindii"),
        ("தமிழ் 1", "tamilll 1"),
        ("\u0967", "1"),
        ("1\ufe0f\u20e3", "1"),
        ("👩\u200d🔬", "👩🔬"),
        ("👍🏽", "👍"),
        ("🇩🇪", "DE"),
        ("❤\ufe0f", "❤"),
        ("\ue000\U000fffff", "??"),
        ("🇦🇿🈀", "AZ🈀"),
        ("\U0001f3f4\U000e0067\U000e0062\U000e007f", "🏴gb"),
        ("\U000e0020\U000e007e\U000e001f", " ~?"),
        # Marks belong to letters, in cells of one width or two.
        ("1\u0323!\u0301", "1!"),
        ("q\u0323\u0301犬\u0301", "q\u0323\u0301犬\u0301"),
        ("\u1b04\u0488", "??"),
        # A consonant has its vowel unless a sign brings another, or none.
        ("क", "ka"),
        ("कि", "ki"),
        ("क्", "k"),
        ("क\u093cि", "ki"),
        ("घोड़ा", "ghoddaa"),
        ("चिड़िया", "ciddiyaa"),
        ("अ", "a"),
        ("अि", "ai"),
        ("कं", "kam"),
        ("कंि", "kami"),
        ("aः", "ah"),
        ("क\u0301", "ka"),
        ("கா", "kaa"),
        ("១០", "10"),
    ],
)
def test_what_is_shown(text: str, expected: str) -> None:
    assert shown(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Größe", "Grosse"),
        ("Ελλάδα", "Ellada"),
        ("Щука", "Shchuka"),
        ("ひらがな", "hiragana"),
        ("한국", "hangug"),
        ("🐈", "cat"),
        ("①Ａ", "1A"),
        ("犬 2", "? 2"),
        ("Łódź Øl ŒUVRE", "Lodz Ol OeUVRE"),
        ("☺ ™", "white smiling face trade mark sign"),
        ("ﬁ Ə ㅏ", "fi ? ?"),
        ("a · b → c …", "a - b > c ."),
    ],
)
def test_what_is_written_in_ascii(text: str, expected: str) -> None:
    assert in_ascii(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("↑↓ 20° · x² …", "arrows 20 deg - x^2 ..."),
        ("● on ○ off", "[x] on [ ] off"),
        ("Σx → ←↓↑→ ←→", "sumx > arrows arrows"),
        ("Größe\nÖl", "Grosse\nOl"),
        ("plain", "plain"),
    ],
)
def test_signs_are_written_out_where_there_is_room(text: str, expected: str) -> None:
    assert worded(text) == expected and worded(text, ascii_only=False) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [("z₁ → é犬한 ±", "z1 > ???" + "?? ?"), ("─┼─ ● x", "-+- * x"), ("\x1b犬", "???")],
)
def test_in_as_many_cells_what_only_words_could_say_is_a_question_mark(
    text: str, expected: str
) -> None:
    assert ascii_text(text) == expected


@given(texts)
def test_terminals_agree_on_the_width_of_everything(text: str) -> None:
    plain = shown(text)
    assert shown(plain) == plain
    assert plain.isprintable()
    for cluster in clusters(plain):
        widths = [cell_len(cluster), wcwidth(cluster[0])]
        assert widths[0] in (1, 2) and widths[0] == widths[1], (cluster, widths)
        assert all(wcwidth(mark) == 0 for mark in cluster[1:])
    assert cells(text) == cell_len(plain) == len(glyphs(text))
    assert in_ascii(text).isascii()


def test_there_is_no_other_character() -> None:
    wrong = [
        hex(code)
        for code in range(0x20, 0x20000)
        if not 0xD800 <= code < 0xE000
        for sign in clusters(shown(chr(code)))
        if wcwidth(sign[0]) not in (1, 2) or wcwidth(sign[0]) != cell_len(sign)
    ]
    assert not wrong


@pytest.mark.parametrize("ascii_only", [False, True])
@pytest.mark.parametrize("names", [HINDI, EMOJI, ("犬", "猫", "鳥"), ("", " ", "\u200d", "a")])
def test_names_of_classes_stay_different(names: tuple[str, ...], ascii_only: bool) -> None:
    words = class_words(names, ascii_only)
    assert len(set(words)) == len(names)
    assert all(word.strip(" ?") for word in words)


def test_a_name_that_can_not_be_shown_is_the_key_of_its_class() -> None:
    assert class_words(("犬", "cat", "猫"), True) == ("class 0", "cat", "class 2")
    assert class_words(("犬 a", "猫 a"), True) == ("? a (0)", "? a (1)")
    # Also from a name that looks like one with a key behind it.
    assert class_words(("犬 a", "猫 a", "? a (0)"), True) == ("? a (0) (0)", "? a (1)", "? a (0)")
    assert class_words(("é", "e")) == ("é", "e") and class_words(("é", "e"), True) == (
        "e (0)",
        "e (1)",
    )


@given(st.lists(texts, min_size=1, max_size=36, unique=True), st.booleans())
def test_whatever_the_names_no_two_are_shown_alike(names: list[str], ascii_only: bool) -> None:
    words = class_words(tuple(names), ascii_only)
    assert len(set(words)) == len(names)
    assert all(unicodedata.category(sign) != "Cc" for word in words for sign in word)


def test_what_keys_do_is_said_in_ascii_too() -> None:
    for key, label in Keys().footer():
        assert ascii_text(label).isascii() and "?" not in ascii_text(label), label
        assert key == "?" or "?" not in ascii_text(key), key
