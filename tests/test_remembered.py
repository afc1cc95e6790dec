"""The characters that a person chose come again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.terminal import Terminal
from tui_ae.remembered import _path, remember_glyphs, remembered_glyphs


@pytest.fixture(autouse=True)
def _own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("TERM", "xterm")


def test_each_kind_of_terminal_has_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    assert remembered_glyphs() is None
    remember_glyphs("blocks")
    monkeypatch.setenv("TERM", "screen")
    assert remembered_glyphs() is None
    remember_glyphs("ascii")
    monkeypatch.setenv("TERM", "xterm")
    assert remembered_glyphs() == "blocks"


@pytest.mark.parametrize(
    "content", ["", "[]", "{", '{"xterm": 3}', '{"xterm": "runes"}', '{"xterm": ["x"]}', "[" * 9999]
)
def test_a_file_that_makes_no_sense_holds_nothing(content: str) -> None:
    remember_glyphs("ascii")
    _path().write_text(content)
    assert remembered_glyphs() is None
    remember_glyphs("blocks")
    assert remembered_glyphs() == "blocks"


def test_not_all_terminals_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    remember_glyphs("ascii")
    known = {f"t{number}": "blocks" for number in range(119)}
    _path().write_text(json.dumps(known))
    monkeypatch.setenv("TERM", "t119")
    remember_glyphs("ascii")
    kept = json.loads(_path().read_text())
    assert list(kept) == [f"t{number}" for number in range(20, 120)]
    assert remembered_glyphs() == "ascii"
    # Who is there already is the newest then.
    monkeypatch.setenv("TERM", "t20")
    remember_glyphs("blocks")
    assert list(json.loads(_path().read_text())) == [*(f"t{n}" for n in range(21, 120)), "t20"]


def test_a_disk_that_refuses_is_no_trouble(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    remember_glyphs("ascii")
    assert remembered_glyphs() is None


def test_what_key_b_chose_is_there_the_next_time(tmp_path: Path) -> None:
    env = {"XDG_STATE_HOME": str(tmp_path)}
    with Terminal("--no-save", env=env) as terminal:
        terminal.wait(r"idle")
        terminal.send("b")
        terminal.wait(r"Characters: blocks")
        terminal.send("q")
        assert terminal.process.wait(20) == 0
    with Terminal("--no-save", env=env) as terminal:
        terminal.wait(r"idle")
        terminal.send("b")
        terminal.wait(r"Characters: ascii")
    with Terminal("--no-save", "--glyphs", "braille", env=env) as terminal:
        terminal.wait(r"idle")
        terminal.send("b")
        terminal.wait(r"Characters: blocks")
