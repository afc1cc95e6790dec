"""How many colours the terminal has, by its own answer: over SSH TERM and COLORTERM rarely tell."""

from __future__ import annotations

import re
from collections.abc import Mapping

TRUECOLOUR, EIGHT_BIT = 1 << 24, 256
SAMPLE = (1, 2, 3)
"""A colour that no palette has."""
RGB, COLOURS = "524742", "436f"
"""The names of two capabilities, 'RGB' and 'Co', in hexadecimal digits."""
QUESTIONS = (
    # What it makes of a colour of its own (DECRQSS), two capabilities (XTGETTCAP), and whether
    # there is a last one of 256 (OSC 4). Whoever does not know them ignores them.
    "\x1b[48;2;{};{};{}m\x1bP$qm\x1b\\\x1b[m".format(*SAMPLE)
    + f"\x1bP+q{RGB};{COLOURS}\x1b\\"
    + "\x1b]4;255;?\x07"
)
SETTING = re.compile(r"\x1bP[01]\$r([\d;:]*)m")
CAPABILITY = re.compile(r"\x1bP1\+r(.*?)(?:\x1b\\|\x07)", re.S)
PALETTE = re.compile(r"\x1b\]4;255;rgba?:[\da-fA-F/]+")
OWN_COLOUR = re.compile(r"48[;:]2[;:](?:[;:]|\d*[;:])?{}[;:]{}[;:]{}\b".format(*SAMPLE))
OF_PALETTE = re.compile(r"48[;:]5[;:]\d+")
MOST_DIGITS = 9


def asks(environment: Mapping[str, str]) -> bool:
    """Whether the terminal may be asked: the Linux console would print the questions."""
    return environment.get("TERM", "") not in ("linux", "dumb", "")


def answered(sequence: str, environment: Mapping[str, str]) -> int:
    """How many colours an answer tells of, 0 for none."""
    colours = _colours(sequence)
    # GNU screen hands such questions on to the terminal around it, and has 256 itself.
    return min(colours, EIGHT_BIT) if "STY" in environment else colours


def _colours(sequence: str) -> int:
    if match := SETTING.match(sequence):
        if OWN_COLOUR.search(match[1]):
            return TRUECOLOUR
        return EIGHT_BIT if OF_PALETTE.search(match[1]) else 0
    if match := CAPABILITY.match(sequence):
        return max(_capability(part) for part in match[1].lower().split(";"))
    return EIGHT_BIT if PALETTE.match(sequence) else 0


def _capability(part: str) -> int:
    name, _, value = part.partition("=")
    if name == RGB:
        return TRUECOLOUR
    if name != COLOURS:
        return 0
    try:
        text = bytes.fromhex(value).decode("ascii")
    except (ValueError, UnicodeDecodeError):
        return 0
    return int(text) if text.isdecimal() and len(text) <= MOST_DIGITS else 0
