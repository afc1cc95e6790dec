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
    "with a number of a space": ("\x1bP1$r48:2:0:1:2:3m\x1b\\", TRUECOLOUR),
    "no number at all": ("\x1bP1+r436f=616263\x1b\\", 0),
    "no text": ("\x1bP1+r436f=ff\x1b\\", 0),
    "another capability": ("\x1bP1+r544e=323536\x1b\\", 0),
    "nine digits": ("\x1bP1+r436f=393939393939393939\x1b\\", 999_999_999),
    "ten digits": ("\x1bP1+r436f=31393939393939393939\x1b\\", 0),
    "something else": ("\x1b]11;rgb:0/0/0\x07", 0),
}


@pytest.mark.parametrize(("answer", "colours"), ANSWERS.values(), ids=ANSWERS)
def test_answers_are_understood(answer: str, colours: int) -> None:
    assert answered(answer, {}) == colours


def test_true_colour_is_three_times_eight_bits() -> None:
    assert answered("\x1bP1$r48:2::1:2:3m\x1b\\", {}) == 256**3
    assert answered("\x1b]4;255;rgb:ee/ee/ee\x07", {}) == 256


@pytest.mark.parametrize(
    ("answer", "colours"), [("\x1bP1$r48:2::1:2:3m\x1b\\", 256), ("\x1bP1+r436f=3136\x1b\\", 16)]
)
def test_screen_has_no_more_than_256_whatever_is_around_it(answer: str, colours: int) -> None:
    assert answered(answer, {"STY": "1.pts"}) == colours


@pytest.mark.parametrize(
    ("environment", "is_asked"),
    [
        ({"TERM": "linux"}, False),
        ({"TERM": "dumb"}, False),
        ({"TERM": ""}, False),
        ({}, False),
        ({"TERM": "xterm"}, True),
        ({"TERM": "screen-256color"}, True),
    ],
)
def test_the_linux_console_is_not_asked(environment: dict[str, str], is_asked: bool) -> None:
    assert asks(environment) is is_asked


def test_it_is_asked_for_a_colour_that_no_palette_has_for_its_names_and_for_the_last_of_256() -> (
    None
):
    assert (
        "\x1b[48;2;1;2;3m\x1bP$qm\x1b\\\x1b[m"
        f"\x1bP+q{b'RGB'.hex()};{b'Co'.hex()}\x1b\\"
        "\x1b]4;255;?\x07"
    ) == QUESTIONS
