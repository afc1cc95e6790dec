"""Text from outside as a terminal can show it: signs of one cell or two, and the rest spelt out.

Terminals agree on the cells of letters, also of those with marks above or below, and of East Asian
signs and single emoji. On the clusters of Indian scripts and on joined emoji they don't: those are
written in Latin letters and taken apart, so that names stay different from each other.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from rich.cells import get_character_cell_size

from tui_ae.link.cells.gate import INSTEAD
from tui_ae.link.cells.glyphs import UNCERTAIN, clusters
from tui_ae.raster.clusters import cluster_glyph
from tui_ae.raster.grid import SECOND
from tui_ae.ui.class_keys import class_keys

MAX_MARKS = 2
"""Marks that a letter keeps: terminals drop more than a few."""
UNSHOWN = re.compile("[\ufe00-\ufe0f\u20e3\u200c\u200d\U0001f3fb-\U0001f3ff\U000e007f]")
"""How an emoji is to look, and what joins signs: terminals differ in what they make of it."""
SPELT = {
    "DEVANAGARI", "BENGALI", "GURMUKHI", "GUJARATI", "ORIYA", "TAMIL", "TELUGU", "KANNADA",
    "MALAYALAM", "SINHALA", "KHMER", "MYANMAR", "TIBETAN",
}  # fmt: skip
"""Scripts whose letters take other cells together than one by one, by Unicode's names."""
INHERENT = "a"
"""The vowel of a consonant without any sign in those scripts."""
KILLERS = ("VIRAMA", "ASAT", "COENG", "AL-LAKUNA")
SIGNS = {"ANUSVARA": "m", "CANDRABINDU": "m", "BINDI": "m", "TIPPI": "n", "VISARGA": "h"}

IN_ASCII = str.maketrans(
    {
        "≈": "~",
        "−": "-",
        "·": "-",
        "—": "-",
        "–": "-",
        "…": ".",
        "×": "x",
        "₁": "1",
        "₂": "2",
        "→": ">",
        "←": "<",
        "↑": "^",
        "↓": "v",
        "─": "-",
        "│": "|",
        "●": "*",
        "○": "o",
        "▸": ">",
        "└": "`",
        "┘": "'",
        **dict.fromkeys("┌┐├┤┬┴┼", "+"),
    }
)
"""What stands for the program's own signs where only ASCII is safe, cell for cell."""
WORDS = {
    "←↓↑→": "arrows",
    "←→": "arrows",
    "↑↓": "arrows",
    "Σ": "sum",
    "²": "^2",
    "°": " deg",
    "…": "...",
    "●": "[x]",
    "○": "[ ]",
}
"""What stands for them where there is room for more, the longest first."""

LATIN = {
    "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i",
    "ŋ": "ng",
    "α": "a", "β": "v", "γ": "g", "δ": "d", "ε": "e", "ζ": "z", "η": "i", "θ": "th", "ι": "i",
    "κ": "k", "λ": "l", "μ": "m", "ν": "n", "ξ": "x", "ο": "o", "π": "p", "ρ": "r", "σ": "s",
    "ς": "s", "τ": "t", "υ": "y", "φ": "f", "χ": "ch", "ψ": "ps", "ω": "o",
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ж": "zh", "з": "z", "и": "i",
    "й": "y", "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s",
    "т": "t", "у": "u", "ф": "f", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "'",
    "ы": "y", "ь": "'", "э": "e", "ю": "yu", "я": "ya", "і": "i", "ї": "yi", "є": "ye", "ґ": "g",
    "ў": "w",
}  # fmt: skip
"""What stands for letters where only ASCII is safe, beside those that are a letter and a mark."""
BY_NAME = re.compile(r"(?:HIRAGANA LETTER|KATAKANA LETTER|HANGUL SYLLABLE) (?:SMALL )?(\w+)")


@lru_cache(maxsize=1024)
def shown(text: str) -> str:
    """`text` of signs that take one cell or two on every terminal; '?' for what steers it."""
    if text.isascii() and text.isprintable():
        return text
    signs: list[str] = []
    marks = 0
    vowel = False
    """Whether the last letter was spelt with the vowel that a sign may replace."""
    for character in unicodedata.normalize("NFC", UNSHOWN.sub("", text)):
        name = unicodedata.name(character, "")
        if name.split(" ")[0] in SPELT:
            vowel = _spell(name, character, signs, vowel)
            marks = MAX_MARKS
            continue
        vowel = False
        if _is_mark(character) and signs:
            marks += 1
            signs.append(character if marks <= MAX_MARKS else "")
            continue
        signs.append(_sign(character))
        marks = 0 if character.isalpha() else MAX_MARKS
    return unicodedata.normalize("NFC", "".join(signs))


def _is_mark(character: str) -> bool:
    return unicodedata.category(character) == "Mn" and get_character_cell_size(character) == 0


def _sign(character: str) -> str:
    """A character that begins a cell, or what stands for it."""
    code = ord(character)
    if 0x1F1E6 <= code <= 0x1F1FF:
        # Half a flag.
        return chr(code - 0x1F1E6 + ord("A"))
    if 0xE0020 <= code <= 0xE007E:
        # A letter of a flag.
        return chr(code - 0xE0000)
    wide = unicodedata.east_asian_width(character) in "WF"
    fits = character.isprintable() and get_character_cell_size(character) == 1 + wide
    # Marks that take a cell move, or change, the letter before them.
    return character if fits and unicodedata.category(character)[0] != "M" else INSTEAD


def _spell(name: str, character: str, signs: list[str], vowel: bool) -> bool:
    """Spell a letter by its name; returns whether it ends in the vowel that a sign replaces."""
    last = name.rsplit(" ", maxsplit=1)[-1]
    if (digit := unicodedata.digit(character, None)) is not None:
        signs.append(str(digit))
    elif "VOWEL SIGN" in name or last in KILLERS:
        if vowel:
            signs[-1] = signs[-1].removesuffix(INHERENT)
        signs.append("" if last in KILLERS else last.lower())
    elif "LETTER" in name:
        signs.append(last.lower())
        return last.endswith("A") and len(last) > 1
    elif last in SIGNS:
        signs.append(SIGNS[last])
    else:
        # A dot below makes another consonant, and keeps its vowel.
        return vowel
    return False


@lru_cache(maxsize=1024)
def glyphs(text: str) -> tuple[int, ...]:
    """The glyph of each cell that `text` takes."""
    found: list[int] = []
    for cluster in clusters(shown(text)):
        found.append(cluster_glyph(cluster))
        if get_character_cell_size(cluster[0]) == 2:
            found.append(SECOND)
    return tuple(found)


def cells(text: str) -> int:
    """How many cells `text` takes."""
    return len(glyphs(text)) if UNCERTAIN.search(text) else len(text)


def ascii_text(text: str) -> str:
    """`text` in ASCII in as many cells: what only words could stand for is '?'."""
    text = text.translate(IN_ASCII)
    if text.isascii():
        return text
    return "".join(
        sign if sign.isascii() else INSTEAD * cells(sign) for sign in clusters(shown(text))
    )


def in_ascii(text: str) -> str:
    """`text` in ASCII, as far as it can be written so; '?' for other signs."""
    text = shown(text)
    return text if text.isascii() else "".join(map(_letters, text))


def worded(text: str, ascii_only: bool = True) -> str:
    """A screen's words in ASCII, signs written out; unchanged where `ascii_only` is False."""
    if not ascii_only or text.isascii():
        return text
    for sign, word in WORDS.items():
        text = text.replace(sign, word)
    return "\n".join(map(in_ascii, text.split("\n")))


@lru_cache(maxsize=1024)
def _letters(character: str) -> str:
    """What stands for a character in ASCII; nothing for the marks of a letter."""
    if character.isascii() or _is_mark(character):
        return character if character.isascii() else ""
    small, name = character.lower(), unicodedata.name(character, "")
    if match := BY_NAME.match(name):
        return match[1].lower()
    if letters := IN_ASCII.get(ord(character)) or LATIN.get(small):
        return letters if small == character else letters.capitalize()
    if unicodedata.category(character) == "So":
        return name.lower()
    parts = unicodedata.normalize("NFKD", character)
    return "".join(map(_letters, parts)) if parts != character else INSTEAD


@lru_cache(maxsize=16)
def class_words(names: tuple[str, ...], ascii: bool = False) -> tuple[str, ...]:  # noqa: A002
    """The names of classes as the screen shows them, each unlike all others.

    A name of which nothing can be shown is the class's key; one that looks like another has it
    behind it.
    """
    words = [in_ascii(name) if ascii else shown(name) for name in names]
    keys = class_keys(names)
    pairs = zip(words, keys, strict=True)
    return _distinct([word if word.strip(" ?") else f"class {key}" for word, key in pairs], keys)


def _distinct(words: Sequence[str], keys: str) -> tuple[str, ...]:
    taken = {word for word in words if words.count(word) == 1}
    made = []
    for word, key in zip(words, keys, strict=True):
        own = word
        if words.count(word) > 1:
            own = f"{word} ({key})"
            while own in taken:
                own += f" ({key})"
        taken.add(own)
        made.append(own)
    return tuple(made)
