"""What is done before the screen stands and after it has gone."""

from __future__ import annotations

import dataclasses
import errno
import gc
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pytest import CaptureFixture, MonkeyPatch

from tests.ui.scenes import RUN, dataset, snapshot
from tui_ae.config import ScreenOptions, Settings
from tui_ae.errors import UserError
from tui_ae.run.source import Beside
from tui_ae.ui import run

DATA = dataset()
SEEN = snapshot(DATA, epoch=1234, loss=0.23451)


class Source:
    """A run that notes how it is stopped."""

    def __init__(self, calls: list[str], name: str = "first", *, ends: bool = True) -> None:
        self._calls, self._name, self._ends = calls, name, ends
        self.notice, self.kept_at = "", None
        self.send: Callable[[object], None] | None = print

    def stop(self, timeout_s: float) -> bool:
        self._calls.append(f"stop {self._name} {timeout_s:g}")
        return self._ends


class LeftError(Exception):
    """Python itself was left."""


@pytest.fixture
def calls() -> list[str]:
    return []


@pytest.fixture
def app(monkeypatch: MonkeyPatch, calls: list[str]) -> SimpleNamespace:
    """What the screen is to do and to leave behind."""
    layouts = SimpleNamespace(stop=lambda: calls.append("layouts"))
    explorer = SimpleNamespace(snapshot=SEEN, planes=SimpleNamespace(layouts=layouts))
    made = SimpleNamespace(
        explorer=explorer, return_code=None, start_error=None, lines=[], run=lambda: None
    )

    class Aside:
        def __enter__(self) -> Aside:
            return self

        def __exit__(self, *_: object) -> None:
            calls.append("aside")

        def lines(self) -> Iterator[str]:
            return iter(made.lines)

    def begin(source: Source, options: ScreenOptions, **given: object) -> SimpleNamespace:
        made.given = given
        return made

    def leave(code: int) -> None:
        calls.append(f"exit {code}")
        raise LeftError

    monkeypatch.setattr(run, "Aside", Aside)
    monkeypatch.setattr(run, "ExplorerApp", begin)
    monkeypatch.setattr(run, "share_heap", lambda: None)
    monkeypatch.setattr(run, "open_terminal", lambda _: None)
    monkeypatch.setattr(run, "wire_driver", lambda *_: None)
    monkeypatch.setattr(run, "_say_goodbye", lambda *_, **__: calls.append("goodbye"))
    monkeypatch.setattr(os, "_exit", leave)
    return made


@pytest.mark.parametrize(("left", "code"), [(None, 0), (0, 0), (3, 3)])
def test_leaving_stops_the_run_and_says_goodbye(
    app: SimpleNamespace, calls: list[str], left: int | None, code: int
) -> None:
    app.return_code = left
    assert run.run_app(Source(calls), ScreenOptions()) == code
    assert calls == ["layouts", "stop first 30", "aside", "goodbye"]


def test_before_the_first_snapshot_there_is_no_goodbye(
    app: SimpleNamespace, calls: list[str]
) -> None:
    app.explorer.snapshot = None
    assert run.run_app(Source(calls), ScreenOptions()) == 0
    assert "goodbye" not in calls


def test_both_runs_are_stopped_also_where_the_first_does_not_end(
    app: SimpleNamespace, calls: list[str], capfd: CaptureFixture[str]
) -> None:
    for left, code in ((None, 1), (3, 3)):
        app.return_code = left
        calls.clear()
        other = Beside(Source(calls, "second"))
        with pytest.raises(LeftError):
            run.run_app(Source(calls, ends=False), ScreenOptions(), other)
        assert calls == [
            "layouts", "stop first 30", "stop second 30", "aside", "goodbye", f"exit {code}",
        ]  # fmt: skip
        assert capfd.readouterr().err == ("tui-ae: the training thread did not end in time.\n")


def test_what_libraries_wrote_and_why_it_could_not_start_are_told(
    app: SimpleNamespace, calls: list[str], capfd: CaptureFixture[str]
) -> None:
    app.start_error, app.lines = UserError("No such file."), ["one", "two"]
    with pytest.raises(UserError, match="No such file"):
        run.run_app(Source(calls), ScreenOptions())
    assert capfd.readouterr().err == (
        "tui-ae: a library wrote: one\ntui-ae: a library wrote: two\n"
    )
    assert "goodbye" not in calls and "stop first 30" in calls


def test_layouts_end_also_where_the_screen_failed(app: SimpleNamespace, calls: list[str]) -> None:
    def fail() -> None:
        raise RuntimeError("broken")

    app.run = fail
    with pytest.raises(RuntimeError, match="broken"):
        run.run_app(Source(calls), ScreenOptions())
    assert calls == ["layouts", "aside"]


@pytest.mark.parametrize(
    ("number", "goes_on", "stopped"),
    [
        (signal.SIGTERM, False, True),
        (signal.SIGTERM, True, True),
        (signal.SIGHUP, False, True),
        (signal.SIGHUP, True, False),
    ],
)
def test_a_signal_has_runs_saved_at_once_unless_they_go_on_without_a_terminal(
    app: SimpleNamespace, calls: list[str], number: int, goes_on: bool, stopped: bool
) -> None:
    app.run = lambda: app.given["ending"](number)
    hung_up = (lambda _: calls.append("hung up")) if goes_on else None
    other = Beside(Source(calls, "second"))
    run.run_app(Source(calls), ScreenOptions(), other, hung_up)
    assert calls[:2] == (
        ["stop first 0", "stop second 0"] if stopped else ["layouts", "stop first 30"]
    )


@pytest.mark.parametrize(("code", "told"), [(129, True), (128, False), (143, False), (None, False)])
def test_where_the_terminal_has_gone_the_run_goes_on_before_it_is_stopped(
    app: SimpleNamespace, calls: list[str], code: int | None, told: bool
) -> None:
    app.return_code = code
    run.run_app(Source(calls), ScreenOptions(), None, lambda _: calls.append("hung up"))
    assert calls[:3] == ["layouts", *(["hung up"] if told else []), "stop first 30", "aside"][:3]
    calls.clear()
    run.run_app(Source(calls), ScreenOptions())
    assert calls[:2] == ["layouts", "stop first 30"]


def test_garbage_is_looked_for_from_the_first_frame_on(
    app: SimpleNamespace, calls: list[str]
) -> None:
    run.run_app(Source(calls), ScreenOptions())
    before = gc.get_freeze_count()
    gc.disable()
    try:
        app.given["painted"]()
        assert gc.isenabled()
    finally:
        gc.enable()
    assert gc.get_freeze_count() >= before and app.given["ready"] is gc.freeze


# --- the last words ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "seen", "said"),
    [
        (
            {},
            {},
            "tui-ae: 1,234 epochs, loss 0.2345, seed 7. The same again: tui-ae --seed 7\n",
        ),
        (
            {"kept_at": Path("/runs") / RUN.id, "notice": "The disk is full."},
            {"epoch": 1},
            "tui-ae: The disk is full.\ntui-ae: 1 epoch, loss 0.2345, seed 7. "
            f"Go on: tui-ae resume {RUN.id}. The same again: tui-ae --seed 7\n",
        ),
        (
            {"kept_at": Path("/my runs/one")},
            {},
            "tui-ae: 1,234 epochs, loss 0.2345, seed 7. Go on: tui-ae resume '/my runs/one'. "
            "The same again: tui-ae --seed 7\n",
        ),
        ({}, {"epoch": 0}, ""),
        ({"notice": "The disk is full."}, {"epoch": 0}, "tui-ae: The disk is full.\n"),
        ({"send": None, "kept_at": Path("/runs/one")}, {}, ""),
    ],
)
def test_who_leaves_is_told_what_there_was_and_how_to_go_on(
    capsys: CaptureFixture[str], changes: dict[str, Any], seen: dict[str, int], said: str
) -> None:
    source = Source([])
    for name, value in changes.items():
        setattr(source, name, value)
    info = dataclasses.replace(RUN, settings=Settings(seed=7))
    last = dataclasses.replace(SEEN, info=info, **seen)
    run._say_goodbye(last, source, configured=False)
    assert capsys.readouterr().err == said


def test_the_command_that_repeats_it_knows_of_other_settings_and_processes(
    capsys: CaptureFixture[str],
) -> None:
    info = dataclasses.replace(RUN, settings=Settings(seed=7), processes=2)
    run._say_goodbye(dataclasses.replace(SEEN, info=info), Source([]), configured=True)
    assert capsys.readouterr().err.endswith(
        "torchrun --nproc-per-node 2 -m -- tui_ae --headless --no-config --seed 7\n"
    )


# --- the log -------------------------------------------------------------------------------------


def test_without_a_log_there_is_no_file() -> None:
    assert run._opened(None) is None


def test_a_line_of_the_log_is_there_at_once_behind_what_was_in_it(tmp_path: Path) -> None:
    path = tmp_path / "frames.log"
    path.write_text("before\n")
    log = run._opened(path)
    assert log is not None
    with log:
        log.write("café\n")
        assert path.read_text(encoding="utf-8") == "before\ncafé\n"


def test_a_log_is_the_persons_to_write_and_everybodys_to_read(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        log = run._opened(tmp_path / "new.log")
    finally:
        os.umask(before)
    assert log is not None
    log.close()
    assert (tmp_path / "new.log").stat().st_mode & 0o777 == 0o644


def test_what_is_no_file_of_its_own_is_no_log(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to(tmp_path / "file")
    os.mkfifo(tmp_path / "pipe")
    for path, why in (
        (tmp_path / "link", os.strerror(errno.ELOOP)),
        (tmp_path / "pipe", os.strerror(errno.ENXIO)),
        (tmp_path, os.strerror(errno.EISDIR)),
        (tmp_path / "none" / "log", os.strerror(errno.ENOENT)),
        (Path("/dev/null"), "this is no plain file"),
    ):
        with pytest.raises(UserError) as caught:
            run._opened(path)
        assert str(caught.value) == f"--log {path}: {why}; choose another place."
