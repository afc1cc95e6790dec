"""Characters as numbers, and how many cells each of them takes."""

from __future__ import annotations

import re
from functools import lru_cache

import numpy as np
from rich.cells import cell_len, get_character_cell_size

FIRST_CLUSTER = 0x110000
"""Glyphs from here on are clusters of several code points."""
CONTINUATION = 0xFFFFFE
"""The glyph of the second cell of a wide character."""
MAX_CLUSTERS = 100_000
JOINER, EMOJI_STYLE = "\u200d", "\ufe0f"

SURE_RANGES = (
    (0x00, 0x7E), (0xA1, 0xAC), (0xAE, 0x2FF), (0x370, 0x377), (0x391, 0x3A1), (0x3A3, 0x3A9),
    (0x3B1, 0x3CE), (0x400, 0x482), (0x2010, 0x2027), (0x2030, 0x203B), (0x2070, 0x2071),
    (0x2074, 0x208E), (0x2090, 0x209C), (0x20A0, 0x20BF), (0x2190, 0x2193), (0x21D0, 0x21FF),
    (0x2200, 0x22FF), (0x2500, 0x257F), (0x2580, 0x25A9), (0x25AC, 0x25B5), (0x25B8, 0x25BF),
    (0x25C2, 0x25FA), (0x2800, 0x28FF), (0x1FB00, 0x1FB92),
)  # fmt: skip
"""Characters that are exactly one cell on every terminal; controls are no characters here."""
UNCERTAIN = re.compile(f"[^{''.join(f'{chr(a)}-{re.escape(chr(b))}' for a, b in SURE_RANGES)}]")
SURE = np.zeros(0x20000, bool)
"""Indexed by glyphs below its length: whether they are in SURE_RANGES."""
for _first, _last in SURE_RANGES:
    SURE[_first : _last + 1] = True


@lru_cache(maxsize=4096)
def cells_of(cluster: str) -> int:
    """How many cells (0, 1 or 2) a character, or a cluster of them, takes."""
    if len(cluster) == 1:
        return get_character_cell_size(cluster)
    return min(cell_len(cluster), 2)


def clusters(text: str) -> list[str]:
    """Split text where a new cell begins; what takes no cell stays with what precedes it."""
    parts: list[str] = []
    joined = False
    for character in text:
        if parts and (joined or cells_of(character) == 0):
            parts[-1] += character
        else:
            parts.append(character)
        joined = character == JOINER
    return parts


class GlyphTable:
    """Numbers clusters; a single code point is its own number."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._numbers: dict[str, int] = {}

    def number(self, cluster: str) -> int:
        """The glyph of a cluster."""
        if len(cluster) == 1:
            return ord(cluster)
        known = self._numbers.get(cluster)
        if known is None:
            if len(self._texts) >= MAX_CLUSTERS:
                # A screen can't hold so many: only random bytes get here.
                return ord(cluster[0])
            known = self._numbers[cluster] = FIRST_CLUSTER + len(self._texts)
            self._texts.append(cluster)
        return known

    def text(self, glyph: int) -> str:
        """The characters of a glyph."""
        return chr(glyph) if glyph < FIRST_CLUSTER else self._texts[glyph - FIRST_CLUSTER]
