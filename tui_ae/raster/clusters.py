"""Signs of several code points as glyphs: a letter with its marks is one cell too."""

from __future__ import annotations

FIRST_CLUSTER = 0x110000
"""Glyphs from here on are clusters of several code points."""
MAX_CLUSTERS = 4096
"""More than the names of classes have; of those beyond, the first code point stands."""

texts: list[str] = []
"""What each glyph from FIRST_CLUSTER on stands for; it only ever grows."""
_numbers: dict[str, int] = {}


def cluster_glyph(cluster: str) -> int:
    """The glyph of a sign; a single code point is its own number."""
    if len(cluster) == 1:
        return ord(cluster)
    known = _numbers.get(cluster)
    if known is None:
        if len(texts) >= MAX_CLUSTERS:
            return ord(cluster[0])
        known = _numbers[cluster] = FIRST_CLUSTER + len(texts)
        texts.append(cluster)
    return known


def glyph_text(glyph: int) -> str:
    """The characters of a glyph."""
    return chr(glyph) if glyph < FIRST_CLUSTER else texts[glyph - FIRST_CLUSTER]
