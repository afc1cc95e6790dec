"""Text styles, and the shortest sequence that leads from one to another."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

DEFAULT_COLOUR = -1
NAMED = 1 << 25
"""Added to 0..15 for SGR 30-37 and 90-97, which some terminals brighten when bold."""
RGB = 1 << 24
"""Added to 0xRRGGBB; plain 0..255 is an entry of the 256-colour palette."""

(
    BOLD,
    DIM,
    ITALIC,
    UNDERLINE,
    BLINK,
    BLINK_FAST,
    REVERSE,
    CONCEAL,
    STRIKE,
    DOUBLE,
    FRAME,
    RING,
    OVER,
) = (1 << bit for bit in range(13))
ON = {
    1: BOLD, 2: DIM, 3: ITALIC, 4: UNDERLINE, 5: BLINK, 6: BLINK_FAST, 7: REVERSE,
    8: CONCEAL, 9: STRIKE, 21: DOUBLE, 51: FRAME, 52: RING, 53: OVER,
}  # fmt: skip
OFF = {
    22: BOLD | DIM, 23: ITALIC, 24: UNDERLINE | DOUBLE, 25: BLINK | BLINK_FAST, 27: REVERSE,
    28: CONCEAL, 29: STRIKE, 54: FRAME | RING, 55: OVER,
}  # fmt: skip
SHOWS_ON_BLANK = UNDERLINE | DOUBLE | REVERSE | STRIKE | FRAME | RING | OVER
MAX_CACHED = 1 << 10
"""Entries of each cache: what a page of text, or the pictures of one theme, use."""


class Style(NamedTuple):
    """What SGR and OSC 8 set."""

    attributes: int = 0
    ink: int = DEFAULT_COLOUR
    paper: int = DEFAULT_COLOUR
    link: str = ""
    """The parameters of OSC 8, 'id=...;address', or nothing."""


PLAIN = Style()


def blank_look(style: Style) -> Style:
    """What is left of a style on a space: ink, bold and italics don't show there."""
    if style.attributes & SHOWS_ON_BLANK:
        return style
    return Style(0, DEFAULT_COLOUR, style.paper, style.link)


def _extended(numbers: list[int], at: int) -> tuple[int, int]:
    """The colour of '38;5;n' or '38;2;r;g;b' and the index behind it."""
    if numbers[at + 1 : at + 2] == [5] and len(numbers) > at + 2:
        return numbers[at + 2] & 255, at + 3
    if numbers[at + 1 : at + 2] == [2] and len(numbers) > at + 4:
        red, green, blue = (value & 255 for value in numbers[at + 2 : at + 5])
        return RGB | red << 16 | green << 8 | blue, at + 5
    return DEFAULT_COLOUR, len(numbers)


def apply_sgr(style: Style, parameters: str) -> Style:
    """The style after CSI `parameters` m."""
    attributes, ink, paper, link = style
    # 38:2::r:g:b has an empty colour space that the form with semicolons lacks.
    parameters = parameters.replace("8:2::", "8:2:").replace(":", ";")
    numbers = [int(part or 0) for part in parameters.split(";")]
    at = 0
    while at < len(numbers):
        number = numbers[at]
        at += 1
        if number in (38, 48):
            colour, at = _extended(numbers, at - 1)
            ink, paper = (colour, paper) if number == 38 else (ink, colour)
        elif number == 0:
            attributes, ink, paper = 0, DEFAULT_COLOUR, DEFAULT_COLOUR
        elif number in ON:
            attributes |= ON[number]
        elif number in OFF:
            attributes &= ~OFF[number]
        elif 30 <= number <= 37 or 90 <= number <= 97:
            ink = NAMED | (number - 30 if number < 40 else number - 82)
        elif 40 <= number <= 47 or 100 <= number <= 107:
            paper = NAMED | (number - 40 if number < 50 else number - 92)
        elif number == 39:
            ink = DEFAULT_COLOUR
        elif number == 49:
            paper = DEFAULT_COLOUR
    return Style(attributes, ink, paper, link)


CUBE = (0, 95, 135, 175, 215, 255)
"""The six steps of each channel in xterm's 256-colour cube, which begins at number 16."""


def _fixed_palette() -> dict[int, int]:
    """RGB to the number of the palette's entry that is exactly that colour.

    Numbers below 22 are left out: users do redefine those.
    """
    exact = {
        CUBE[cube // 36] << 16 | CUBE[cube // 6 % 6] << 8 | CUBE[cube % 6]: 16 + cube
        for cube in range(6, 216)
    }
    exact.update({(8 + 10 * grey) * 0x010101: 232 + grey for grey in range(24)})
    return exact


PALETTE = _fixed_palette()


@lru_cache(maxsize=MAX_CACHED)
def _colour(colour: int, base: int) -> str:
    """The shortest SGR parameters that set a colour; `base` is 30 for ink and 40 for paper."""
    if colour == DEFAULT_COLOUR:
        return str(base + 9)
    if colour & NAMED:
        number = colour & 15
        return str(base + number if number < 8 else base + 52 + number)
    if colour & RGB:
        rgb = colour & 0xFFFFFF
        if rgb not in PALETTE:
            return f"{base + 8};2;{rgb >> 16};{rgb >> 8 & 255};{rgb & 255}"
        colour = PALETTE[rgb]
    return f"{base + 8};5;{colour}"


def _added(old: Style, new: Style) -> list[str]:
    """Parameters that add to `old` what `new` has, if `old` has no attribute too many."""
    missing = new.attributes & ~old.attributes
    parts = [str(number) for number, bit in ON.items() if missing & bit]
    if old.ink != new.ink:
        parts.append(_colour(new.ink, 30))
    if old.paper != new.paper:
        parts.append(_colour(new.paper, 40))
    return parts


def _recoloured(old: Style, new: Style) -> str | None:
    """The sequence between styles that differ in colours alone; None where a reset may be shorter.

    Nearly all of a picture's steps are of this kind, and too many to remember.
    """
    ink, paper = new.ink, new.paper
    if old.paper == paper:
        if old.ink == ink:
            return ""
        return None if ink == DEFAULT_COLOUR else f"\x1b[{_colour(ink, 30)}m"
    if paper == DEFAULT_COLOUR:
        return None
    if old.ink == ink:
        return f"\x1b[{_colour(paper, 40)}m"
    if ink == DEFAULT_COLOUR:
        return None
    return f"\x1b[{_colour(ink, 30)};{_colour(paper, 40)}m"


def transition(old: Style | None, new: Style) -> str:
    """The shortest sequence that leads from one style to another; None is an unknown style."""
    if old is not None and old.attributes == new.attributes and old.link == new.link:
        recoloured = _recoloured(old, new)
        if recoloured is not None:
            return recoloured
    address = ""
    if (old.link if old else "") != new.link or old is None:
        address = f"\x1b]8;{new.link or ';'}\x1b\\" if new.link or old else ""
    from_reset = ";".join(["", *_added(PLAIN, new)])
    if old is None:
        return f"{address}\x1b[{from_reset}m"
    if old[:3] == new[:3]:
        return address
    extra = old.attributes & ~new.attributes
    kept, changes = old.attributes, []
    for number, bits in OFF.items():
        if extra & bits:
            changes.append(str(number))
            kept &= ~bits
    changes += _added(old._replace(attributes=kept), new)
    step = ";".join(changes)
    return f"{address}\x1b[{min(step, from_reset, key=len)}m"
