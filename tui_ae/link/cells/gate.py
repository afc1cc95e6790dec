"""What may pass to the terminal: an allow-list of what the program itself means to send.

Text comes from outside: names of files and classes, exceptions, the environment. Whatever way it
takes, none of it steers the terminal. Cells hold no character that does more than show itself, and
sequences that are not about cells pass only where they are a write of their own: Textual and the
driver write those one by one, and what text brings along comes amid a frame.
"""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt

HIDDEN_RANGES = (
    (0x00, 0x1F), (0x7F, 0x9F), (0xAD, 0xAD), (0x61C, 0x61C), (0x180E, 0x180E), (0x200B, 0x200C),
    (0x200E, 0x200F), (0x2028, 0x202E), (0x2060, 0x206F), (0xD800, 0xDFFF), (0xFEFF, 0xFEFF),
    (0xFFF0, 0xFFFB), (0xE0000, 0xE0FFF),
)  # fmt: skip
"""Controls, directions of writing, and what else shows nothing; a joiner of emoji is none of them,
nor are the marks that belong to a letter."""
HIDDEN = re.compile(f"[{''.join(f'{chr(a)}-{chr(b)}' for a, b in HIDDEN_RANGES)}]")
INSTEAD = "?"
_TABLE = np.zeros(0x10000, bool)
for _first, _last in HIDDEN_RANGES:
    _TABLE[_first : _last + 1] = True

OWN = re.compile(
    r"\x1b\[\?(?:7|25|47|1000|1002|1003|1004|1006|1015|1016|1047|1049|2004|2026|2048)[hl]"
    # Whether a mode is there, and the keyboard protocol of kitty.
    r"|\x1b\[\?\d{1,4}\$p|\x1b\[[<>=][\d;]{0,8}u"
    # The clipboard, base64 alone, the pointer's shape, and the bell.
    r"|\x1b\]52;c;[A-Za-z0-9+/=]*\x07|\x1b\]22;[a-z-]{0,24}\x07|\x07"
)
"""Sequences of the program's own that are not about cells."""


def shown_text(text: str) -> str:
    """Text without characters that are more than what they show."""
    return HIDDEN.sub(INSTEAD, text)


def shown_glyphs(glyphs: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The same for code points in an array of any shape."""
    hidden = _TABLE[np.minimum(glyphs, len(_TABLE) - 1)] | ((glyphs >> 12) == 0xE0)
    return np.where(hidden, ord(INSTEAD), glyphs)
