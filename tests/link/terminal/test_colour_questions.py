"""What terminals answer when they are asked for their colours."""

from __future__ import annotations

import pytest

from tui_ae.link.terminal.colour_questions import EIGHT_BIT, QUESTIONS, TRUECOLOUR, answered, asks

ANSWERS = {
    "xterm, all": ("\x1bP1$r0;48:2::1:2:3m\x1b\\", TRUECOLOUR),
    "kitty": ("\x1bP1$r0;48:2:1:2:3m\x1b\\", TRUECOLOUR),
    "with semicolons": ("\x1bP1$r48;2;1;2;3m\x1b\\", TRUECOLOUR),
    "xterm, nearest of 256": ("\x1bP1$r0;48:5:16m\x1b\\", EIGHT_BIT),
    "nothing of it": ("\x1bP1$r0m\x1b\\", 0),
    "another colour": ("\x1bP1$r48:2::11:2:3m\x1b\\", 0),
    "refused": ("\x1bP0$r\x1b\\", 0),
    "capability RGB": ("\x1bP1+r524742=382f382f38\x1b\\", TRUECOLOUR),
    "capability Co": ("\x1bP1+r436f=323536\x1b\\", EIGHT_BIT),
    "both": ("\x1bP1+r524742=38;436F=323536\x1b\\", TRUECOLOUR),
    "no such capability": ("\x1bP0+r524742\x1b\\", 0),
    "no number": ("\x1bP1+r436f=zz\x1b\\", 0),
    "odd digits": ("\x1bP1+r436f=3\x1b\\", 0),
    "palette": ("\x1b]4;255;rgb:eeee/eeee/eeee\x1b\\", EIGHT_BIT),
    "palette of 16": ("\x1b]4;15;rgb:ff/ff/ff\x07", 0),
    "something else": ("\x1b]11;rgb:0/0/0\x07", 0),
}


@pytest.mark.parametrize(("answer", "colours"), ANSWERS.values(), ids=ANSWERS)
def test_answers_are_understood(answer: str, colours: int) -> None:
    assert answered(answer, {}) == colours


def test_screen_has_no_more_than_256_whatever_is_around_it() -> None:
    assert answered("\x1bP1$r48:2::1:2:3m\x1b\\", {"STY": "1.pts"}) == EIGHT_BIT


def test_the_linux_console_is_not_asked() -> None:
    assert not asks({"TERM": "linux"}) and asks({"TERM": "xterm"})
    assert QUESTIONS.count("\x1b[m") == 1
