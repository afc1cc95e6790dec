"""Whether training begins with a screen, and what is refused before it does."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tui_ae import headless, start
from tui_ae.config import ScreenOptions, Settings
from tui_ae.errors import UserError
from tui_ae.headless import HeadlessOptions
from tui_ae.options import new_run_parser
from tui_ae.train.torchrun import ALONE, ProcessRank


class Terminals:
    """Which of the standard streams are terminals, and what was begun."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.are = {"stdin": True, "stdout": True, "stderr": True}
        self.shown: list[tuple[Any, ...]] = []
        self.trained: list[tuple[Any, ...]] = []
        streams = {name: SimpleNamespace(isatty=lambda n=name: self.are[n]) for name in self.are}
        monkeypatch.setattr(
            start,
            "sys",
            SimpleNamespace(**streams),
        )
        monkeypatch.setenv("TERM", "xterm")
        monkeypatch.setitem(sys.modules, "tui_ae.ui.run", SimpleNamespace(run_app=self.run_app))
        monkeypatch.setattr(headless, "run", self.run)
        monkeypatch.setattr(start, "say", lambda sentence, _: self.said.append(sentence))
        monkeypatch.setattr(start, "own_stream", self.own_stream)
        self.said: list[str] = []

    def own_stream(self, stream: object) -> Any:
        import contextlib

        return contextlib.nullcontext(stream)

    def run_app(self, *arguments: object) -> int:
        self.shown.append(arguments)
        return 5

    def run(self, *arguments: object) -> int:
        self.trained.append(arguments)
        return 6


@pytest.fixture
def terminals(monkeypatch: pytest.MonkeyPatch) -> Terminals:
    monkeypatch.setattr("gc.disable", lambda: None)
    return Terminals(monkeypatch)


def train(
    line: str, process: ProcessRank = ALONE, place: object = None
) -> tuple[int, argparse.Namespace]:
    options = new_run_parser().parse_args(line.split())
    look = ScreenOptions()
    return start.train(Settings(), place, options, look, process), options  # type: ignore[arg-type]


def test_with_a_terminal_there_is_a_screen(terminals: Terminals) -> None:
    assert train("")[0] == 5
    (source, look, other, hung_up) = terminals.shown[0]
    assert look == ScreenOptions() and other is None and hung_up is None
    assert source.info.settings == Settings() and not terminals.said
    assert start.load is not None


@pytest.mark.parametrize(
    ("line", "stdout", "says"),
    [
        ("--headless", True, []),
        ("--headless", False, []),
        ("", False, ["no terminal on standard output, so training without a screen."]),
    ],
)
def test_without_one_there_are_lines(
    terminals: Terminals, line: str, stdout: bool, says: list[str]
) -> None:
    terminals.are["stdout"] = stdout
    assert train(f"{line} --epochs 3 --seconds 2.5 --json --codes a.npz --keep-training")[0] == 6
    settings, options, out, err, process, place = terminals.trained[0]
    assert settings == Settings() and place is None and process is ALONE
    assert options == HeadlessOptions(3, 2.5, json=True, codes=Path("a.npz"), keep_training=True)
    assert out is not None and err is not None
    assert terminals.said == says


def test_other_processes_than_the_first_write_nothing(terminals: Terminals) -> None:
    assert train("--headless --epochs 3 --json --codes a.npz", ProcessRank(1, 1, 2))[0] == 6
    _, options, out, err, process, _ = terminals.trained[0]
    assert options == HeadlessOptions(3) and out is err and out.name == "/dev/null"
    assert (process.rank, process.size) == (1, 2)


def test_several_processes_have_no_screen(terminals: Terminals) -> None:
    with pytest.raises(UserError) as caught:
        train("", ProcessRank(0, 0, 2))
    assert str(caught.value) == (
        "one of 2 processes started by torchrun has no screen; add --headless."
    )
    assert train("--headless", ProcessRank(0, 0, 2))[0] == 6


def test_lines_need_somebody_to_read_them(
    terminals: Terminals, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(start, "sys", SimpleNamespace(stdout=None, stderr=None))
    with pytest.raises(UserError, match=r"^standard output is closed, so nobody could read a line"):
        train("--headless")


@pytest.mark.parametrize(
    ("megabytes", "bytes_"),
    [("0", 0), ("0.5", 1 << 19), ("64", 64 << 20), ("1000000", 1_000_000 << 20), ("-1", None),
     ("1000001", None), ("nan", None)],
)  # fmt: skip
def test_memory_for_earlier_moments_has_limits(
    terminals: Terminals, megabytes: str, bytes_: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    monkeypatch.setattr(
        "tui_ae.train.session.Session", lambda *arguments: made.append(arguments) or "session"
    )
    if bytes_ is None:
        with pytest.raises(UserError) as caught:
            train(f"--history-mb={megabytes}")
        assert "history_mb" in str(caught.value)
        assert str(caught.value).endswith(": give a number of megabytes from 0 to 1,000,000.")
        return
    train(f"--history-mb={megabytes}")
    assert made[0] == (Settings(), start.load, None, bytes_)


@pytest.mark.parametrize(
    ("line", "refused"),
    [
        ("--epochs 3", "epochs"),
        ("--seconds 3", "seconds"),
        ("--seconds 0", "seconds"),
        ("--json", "json"),
        ("--codes a.npz", "codes"),
        ("--keep-training --seconds 3", "seconds"),
        ("--keep-training --epochs 3", None),
        ("--keep-training", None),
    ],
)
def test_what_belongs_to_lines_is_refused_with_a_screen(
    terminals: Terminals, line: str, refused: str | None
) -> None:
    if refused is None:
        assert train(line)[0] == 5
        return
    with pytest.raises(UserError) as caught:
        train(line)
    assert str(caught.value) == (
        f"--{refused} belongs to --headless; add it, or leave --{refused} out."
    )


def test_epochs_to_go_on_for_are_at_least_one(terminals: Terminals) -> None:
    with pytest.raises(UserError, match=r"^epochs 0: "):
        train("--keep-training --epochs 0")
    train("--keep-training --epochs 1")


@pytest.mark.parametrize(
    ("line", "kept", "goes_on"),
    [("--keep-training", True, True), ("--keep-training", False, False), ("", True, False)],
)
def test_only_a_run_that_is_kept_goes_on_without_its_terminal(
    terminals: Terminals, line: str, kept: bool, goes_on: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    session = SimpleNamespace(go_on_alone=lambda *words: asked.append(words))
    monkeypatch.setattr("tui_ae.train.session.Session", lambda *_: session)
    train(line, place="a place" if kept else None)
    hung_up = terminals.shown[0][3]
    assert (hung_up is not None) is goes_on
    if hung_up is not None:
        hung_up()
        assert asked == [(None,)]


@pytest.mark.parametrize("name", ["stdin", "stderr"])
def test_a_screen_needs_a_terminal_to_read_from_and_to_write_on(
    terminals: Terminals, name: str
) -> None:
    terminals.are[name] = False
    with pytest.raises(UserError, match=r"^the screen needs a terminal on standard input and"):
        train("")


@pytest.mark.parametrize("name", ["", "dumb", "unknown", None])
def test_a_terminal_without_a_cursor_shows_no_screen(
    terminals: Terminals, name: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if name is None:
        monkeypatch.delenv("TERM")
    else:
        monkeypatch.setenv("TERM", name)
    with pytest.raises(UserError, match=rf"^TERM={name or ''}: this terminal can't show a screen"):
        train("")
    assert not terminals.shown


def test_textual_collects_repaints_for_half_as_long_as_by_itself(
    terminals: Terminals, monkeypatch: pytest.MonkeyPatch
) -> None:
    import os

    monkeypatch.setenv("TEXTUAL_FPS", "30")
    train("")
    assert os.environ["TEXTUAL_FPS"] == "30", "the environment has the last word"
    monkeypatch.delenv("TEXTUAL_FPS")
    train("")
    assert os.environ["TEXTUAL_FPS"] == "120"
