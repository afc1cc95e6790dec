from __future__ import annotations

import numpy as np

from tui_ae.raster.braille import without_braille


def text(signs: str) -> str:
    return "".join(map(chr, without_braille(np.array([ord(sign) for sign in signs], np.uint32))))


def test_each_half_with_a_dot_is_a_half_block() -> None:
    assert text("⠀⠁⠂⠈⠐⠄⠠⡀⢀⠅⣿⣤⠛") == " ▀▀▀▀▄▄▄▄██▄▀"


def test_other_signs_stay() -> None:
    assert text("a█─漢 ") == "a█─漢 "
