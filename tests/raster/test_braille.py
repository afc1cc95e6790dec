from __future__ import annotations

import numpy as np

from tui_ae.raster.braille import braille, without_braille


def text(signs: str) -> str:
    return "".join(map(chr, without_braille(np.array([ord(sign) for sign in signs], np.uint32))))


def test_each_half_with_a_dot_is_a_half_block() -> None:
    assert text("⠀⠁⠂⠈⠐⠄⠠⡀⢀⠅⣿⣤⠛") == " ▀▀▀▀▄▄▄▄██▄▀"


def test_other_signs_stay() -> None:
    assert text("a█─漢 ") == "a█─漢 "


def test_a_pattern_has_a_dot_where_each_dot_is() -> None:
    dots = np.array(
        [[c == "#" for c in row] for row in ("# #    ", "#   # #", "#  ##  ", "##  # #")]
    )
    dots = np.pad(dots, ((0, 4), (0, 1)))
    glyphs = braille(dots)
    assert ["".join(map(chr, row)) for row in glyphs] == ["⣇⠡⡆⡂", "    "]
    single = [braille(np.arange(8).reshape(4, 2) == at).item() for at in range(8)]
    assert "".join(map(chr, single)) == "⠁⠈⠂⠐⠄⠠⡀⢀"


def test_only_braille_is_replaced() -> None:
    assert text("\u27ff\u2800\u28ff\u2900") == "\u27ff █\u2900"
