"""The look of the screen, from what was chosen, the locale and the terminal."""

from __future__ import annotations

import locale

import pytest

from tui_ae import chosen
from tui_ae.chosen import TMUX_HINT, look_of, settings_of
from tui_ae.config import Settings
from tui_ae.errors import UserError
from tui_ae.options import new_run_parser
from tui_ae.preferences import Preference, read_options


@pytest.fixture(autouse=True)
def _plain(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LANG", "LC_ALL", "LC_CTYPE", "TMUX", "TERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(locale, "setlocale", lambda *_: "")
    monkeypatch.setattr(locale, "nl_langinfo", lambda _: "UTF-8")
    monkeypatch.setattr(chosen, "remembered_glyphs", lambda: None)


COERCED = {"LC_CTYPE": "C.UTF-8"}
"""As Python itself has it where nothing, or C, was chosen."""


@pytest.mark.parametrize(
    ("environment", "codeset", "is_utf8"),
    [
        ({}, "UTF-8", True),
        ({}, "utf8", True),
        ({}, "ANSI_X3.4-1968", False),
        ({}, "ISO-8859-1", False),
        ({}, "no such codec", False),
        (COERCED, "UTF-8", True),
        ({**COERCED, "LANG": "C"}, "UTF-8", False),
        ({**COERCED, "LANG": "POSIX"}, "UTF-8", False),
        ({**COERCED, "LANG": "de_DE.UTF-8"}, "UTF-8", True),
        ({**COERCED, "LANG": "C", "LC_ALL": "C.UTF-8"}, "UTF-8", True),
        ({"LANG": "C"}, "UTF-8", True),
        ({**COERCED, "TMUX": "/tmp/tmux"}, "UTF-8", False),
        ({**COERCED, "TMUX": "/tmp/tmux", "LANG": "de_DE.UTF-8"}, "UTF-8", True),
        ({**COERCED, "TMUX": "/tmp/tmux", "LC_ALL": "C.UTF-8"}, "UTF-8", True),
        ({"TMUX": "/tmp/tmux"}, "UTF-8", True),
        ({"LC_CTYPE": "de_DE.UTF-8", "TMUX": "/tmp/tmux"}, "UTF-8", True),
    ],
)
def test_whether_the_terminal_expects_utf_8(
    environment: dict[str, str], codeset: str, is_utf8: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(locale, "nl_langinfo", lambda _: codeset)
    assert chosen._utf8() is is_utf8


def test_a_locale_that_is_not_there_is_no_utf_8(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> str:
        raise locale.Error

    monkeypatch.setattr(locale, "setlocale", refuse)
    assert not chosen._utf8()


def glyphs(line: str) -> str:
    options = new_run_parser().parse_args(line.split())
    options.configured = False
    return look_of(options).glyphs


@pytest.mark.parametrize(
    ("line", "utf8", "remembered", "term", "expected"),
    [
        ("", True, None, "xterm", "braille"),
        ("", True, None, "linux", "blocks"),
        ("", True, "ascii", "linux", "ascii"),
        ("", True, "blocks", "xterm", "blocks"),
        ("", False, "blocks", "xterm", "ascii"),
        ("--ascii", True, "blocks", "xterm", "ascii"),
        ("--glyphs blocks", True, None, "xterm", "blocks"),
        ("--glyphs blocks", False, None, "xterm", "blocks"),
        ("--glyphs braille", True, "ascii", "linux", "braille"),
        ("--glyphs auto", True, "ascii", "xterm", "ascii"),
        ("--glyphs blocks --ascii", True, None, "xterm", "ascii"),
    ],
)
def test_which_characters_pictures_are_made_of(
    line: str,
    utf8: bool,
    remembered: str | None,
    term: str,
    expected: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(chosen, "_utf8", lambda: utf8)
    monkeypatch.setattr(chosen, "remembered_glyphs", lambda: remembered)
    monkeypatch.setenv("TERM", term)
    assert glyphs(line) == expected


@pytest.mark.parametrize(
    ("line", "in_tmux", "hint"),
    [
        ("", True, TMUX_HINT),
        ("", False, ""),
        ("--ascii", True, ""),
        ("--glyphs blocks", True, ""),
    ],
)
def test_who_chose_no_characters_is_told_why_tmux_has_none(
    line: str, in_tmux: bool, hint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chosen, "_is_tmux_dumb", lambda: in_tmux)
    options = new_run_parser().parse_args(line.split())
    options.configured = False
    assert look_of(options).hint == hint


def test_the_line_becomes_settings_and_a_look() -> None:
    options = new_run_parser().parse_args([])
    read_options(
        new_run_parser(),
        ["--no-config", "--seed", "3", "--lr", "0.5", "--theme", "light", "--stats", "--link=slow"],
        options,
    )
    assert settings_of(options) == Settings(seed=3, learning_rate=0.5)
    look = look_of(options)
    assert (look.theme, look.stats, look.link, look.log) == ("light", True, "slow", None)
    assert look.configured and look.keys == {}


def test_keys_that_there_are_not_are_refused_where_they_were_given() -> None:
    options = new_run_parser().parse_args([])
    options.configured, options.keys = True, {"quit": "Q"}
    assert look_of(options).keys == {"quit": "Q"}
    options.keys = {"quit": "Q", "nothing": "x"}
    where = {"quit": "FILE, line 2", "nothing": "FILE, line 3"}
    options.preferences = {"keys": Preference(options.keys, "FILE, line 1", "keys", where)}
    with pytest.raises(UserError, match=r"^FILE, line 3: .*nothing"):
        look_of(options)


def test_a_log_that_cannot_be_written_is_refused() -> None:
    with pytest.raises(UserError, match=r"^--log /nowhere/log: the folder /nowhere does not exist"):
        glyphs("--log /nowhere/log")
