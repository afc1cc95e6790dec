"""What the commands beside training say and do, with runs that exist in name only."""

from __future__ import annotations

import io
import json
import math
import time
from argparse import Namespace
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tui_ae import start, subcommands
from tui_ae.config import Settings
from tui_ae.errors import InvalidValueError, UserError
from tui_ae.run.holder import Holder
from tui_ae.train.torchrun import ProcessRank


@dataclass
class Info:
    id: str
    settings: Settings = field(default_factory=Settings)
    data: str = "synthetic digits"
    processes: int = 1


class Run:
    """A folder of which a test says what it holds."""

    def __init__(self, name: str, *, bytes_: int = 250_000, epoch: int = 3, loss: float = 0.25):
        self.path, self.about = Path("/runs") / name, Info(name)
        self.bytes, self.written, self.who = bytes_, False, cast("Holder | None", None)
        self.losses: SimpleNamespace | None = SimpleNamespace(epoch=epoch, loss=loss)
        self.damaged = False

    def info(self) -> Info:
        if self.damaged:
            raise UserError("damaged.")
        return self.about

    def last_losses(self) -> SimpleNamespace | None:
        return self.losses

    def is_written(self) -> bool:
        return self.written

    def holder(self) -> Holder | None:
        return self.who

    def size_bytes(self) -> int:
        return self.bytes


class Shelf:
    """What the commands find, and what they call."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.runs = [Run("c", bytes_=1_350_000, epoch=2048), Run("b", loss=0.5), Run("a")]
        self.removed: list[str] = []
        self.left: dict[str, tuple[str, ...]] = {}
        self.asked: list[Any] = []
        self.released, self.waited_s = True, 0.0
        set_ = monkeypatch.setattr
        set_(subcommands, "kept_runs", lambda: self.runs)
        set_(subcommands, "find", self.run)
        set_(subcommands, "chosen_runs", self.chosen)
        set_(subcommands, "remove", self.remove)
        set_(subcommands, "release", self.release)
        # The last minute of the first of January.
        set_(subcommands, "saved_at", lambda _: 1_767_311_940.0)
        set_(time, "localtime", time.gmtime)

    def run(self, name: str | None) -> Run:
        return next(run for run in self.runs if name in (None, run.path.name))

    def chosen(self, *asked: object) -> list[Run]:
        self.asked.append(asked)
        return self.runs

    def remove(self, run: Run) -> tuple[str, ...]:
        if run.damaged:
            raise UserError(f"{run.path}: could not be removed.")
        self.removed.append(run.path.name)
        return self.left.get(run.path.name, ())

    def release(self, run: Run, seconds: float) -> bool:
        self.waited_s = seconds
        self.removed.append(f"released {run.path.name}")
        return self.released


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch) -> Shelf:
    return Shelf(monkeypatch)


ROW_C = "c  2026-01-01 23:59    2048 epochs   0.2500  saved        1.4 MB  "
ROW_A = "a  2026-01-01 23:59       3 epochs   0.2500  saved        0.2 MB  "
ROW_B = "b  2026-01-01 23:59       3 epochs   0.5000  saved        0.2 MB  "


def test_the_list_of_runs(shelf: Shelf, capsys: pytest.CaptureFixture[str]) -> None:
    shelf.runs[2].losses, shelf.runs[2].written = None, True
    assert subcommands._runs(Namespace(json=False)) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{ROW_C}synthetic digits",
        f"{ROW_B}synthetic digits",
        "a  2026-01-01 23:59       0 epochs           training     0.2 MB  synthetic digits",
    ]
    shelf.runs[0].damaged = True
    assert subcommands._runs(Namespace(json=True)) == 0
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert first == {
        "id": "b", "path": "/runs/b", "data": "synthetic digits", "saved_at": 1_767_311_940.0,
        "epoch": 3, "loss": 0.5, "state": "saved", "bytes": 250_000,
        "command": "tui-ae --no-config",
    }  # fmt: skip
    assert (second["epoch"], second["loss"], second["state"]) == (0, None, "training")


def test_where_there_are_no_runs_the_list_says_so(
    shelf: Shelf, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.runs = []
    monkeypatch.setattr(subcommands, "runs_folder", lambda: Path("/state/runs"))
    assert subcommands._runs(Namespace(json=True)) == 0
    assert capsys.readouterr().out == ""
    assert subcommands._runs(Namespace(json=False)) == 0
    assert capsys.readouterr().out == "There are no runs in /state/runs.\n"


def prune(**options: object) -> int:
    given = {"runs": [], "keep": None, "older_than": None, "yes": True, **options}
    return subcommands._prune(Namespace(**given))


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"keep": -1}, "keep -1: give a whole number from 0."),
        ({"older_than": -0.5}, "older_than -0.5: give a number of days from 0."),
        ({"older_than": math.inf}, "older_than inf: give a number of days from 0."),
        ({"older_than": math.nan}, "older_than nan: give a number of days from 0."),
        ({}, "say which runs: name them, or give --keep N or --older-than DAYS."),
    ],
)
def test_what_is_unclear_prunes_nothing(
    shelf: Shelf, options: dict[str, float], sentence: str
) -> None:
    with pytest.raises(UserError) as caught:
        prune(**options)
    assert str(caught.value) == sentence
    assert isinstance(caught.value, InvalidValueError) is bool(options)
    assert not shelf.asked and not shelf.removed


@pytest.mark.parametrize(
    ("options", "asked"),
    [
        ({"keep": 0}, ([], 0, None)),
        ({"older_than": 0.0}, ([], None, 0.0)),
        ({"runs": ["a"]}, (["a"], None, None)),
        ({"keep": 3, "older_than": 2.5, "runs": ["a"]}, (["a"], 3, 2.5)),
    ],
)
def test_what_is_clear_is_shown_and_removed(
    shelf: Shelf,
    options: dict[str, object],
    asked: tuple[object, ...],
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert prune(**options) == 0
    assert shelf.asked == [asked] and shelf.removed == ["c", "b", "a"]
    out, err = capsys.readouterr()
    assert out.splitlines() == [
        f"{ROW_C}/runs/c",
        f"{ROW_B}/runs/b",
        f"{ROW_A}/runs/a",
        "Removed 3 runs.",
    ]
    assert err == ""


def test_a_run_that_is_written_is_left_alone_and_files_that_are_none_of_one_are_named(
    shelf: Shelf, capsys: pytest.CaptureFixture[str]
) -> None:
    shelf.runs[1].written = True
    shelf.left["a"] = ("notes", "thesis.tex")
    assert prune(keep=0) == 0
    out, err = capsys.readouterr()
    assert shelf.removed == ["c", "a"] and out.endswith("\nRemoved 2 runs.\n")
    assert err.splitlines() == [
        "tui-ae: 1 run left alone: a program is writing.",
        "tui-ae: /runs/a: the folder stays, for there is notes, thesis.tex.",
    ]
    for run in shelf.runs:
        run.written = True
    assert prune(keep=0) == 0
    out, err = capsys.readouterr()
    assert (out, err.splitlines()[0][8:]) == (
        "There is nothing to remove.\n",
        "3 runs left alone: a program is writing.",
    )
    assert shelf.removed == ["c", "a"]


def test_a_run_that_cannot_be_removed_keeps_no_other(
    shelf: Shelf, capsys: pytest.CaptureFixture[str]
) -> None:
    shelf.runs[1].damaged = True
    assert prune(keep=0) == 2
    out, err = capsys.readouterr()
    assert shelf.removed == ["c", "a"] and out.endswith("\nRemoved 2 runs.\n")
    assert err == "tui-ae: /runs/b: could not be removed.\n" and "b  2026" not in out


class Answers(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("answer", "removes"),
    [("y\n", True), ("YES \n", True), ("\n", False), ("n\n", False), ("", False), ("yep\n", False)],
)
def test_it_asks_once_and_goes_on_only_at_yes(
    shelf: Shelf,
    answer: str,
    removes: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("sys.stdin", Answers(answer))
    monkeypatch.setattr(subcommands, "is_terminal", lambda _: True)
    assert prune(keep=0, yes=False) == 0
    out = capsys.readouterr().out
    said = "Removed 3 runs." if removes else "Nothing was removed."
    assert out.endswith(f"/runs/a\nRemove 3 runs, 1.9 MB? [y/N] {said}\n")
    assert bool(shelf.removed) is removes


@pytest.mark.parametrize("missing", ["stdin", "stdout"])
def test_without_a_terminal_nobody_can_be_asked(
    shelf: Shelf, missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    gone = getattr(sys, missing)
    monkeypatch.setattr(subcommands, "is_terminal", lambda stream: stream is not gone)
    with pytest.raises(UserError, match=r"^nothing was removed: there is no terminal to ask on"):
        prune(keep=0, yes=False)
    assert not shelf.removed


@pytest.mark.parametrize(
    ("written", "epochs", "says"),
    [
        (False, 3, "No program trains run c.\n"),
        (True, 1, "Run c is saved after 1 epoch; tui-ae resume goes on with it.\n"),
        (True, 2048, "Run c is saved after 2,048 epochs; tui-ae resume goes on with it.\n"),
        (True, None, "Run c is saved after 0 epochs; tui-ae resume goes on with it.\n"),
    ],
)
def test_stop_has_the_run_saved(
    shelf: Shelf,
    written: bool,
    epochs: int | None,
    says: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run = shelf.runs[0]
    run.written = written
    run.losses = None if epochs is None else SimpleNamespace(epoch=epochs, loss=0.5)
    assert subcommands._stop(Namespace(run=None)) == 0
    assert capsys.readouterr().out == says
    assert shelf.removed == (["released c"] if written else [])
    assert shelf.waited_s == (30.0 if written else 0.0)


@pytest.mark.parametrize(
    ("who", "named"), [(None, ""), (Holder("here", 17), f" ({Holder('here', 17).words})")]
)
def test_a_program_that_does_not_let_go_is_named(
    shelf: Shelf, who: Holder | None, named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = shelf.runs[0]
    run.written, run.who, shelf.released = True, who, False
    with pytest.raises(UserError) as caught:
        subcommands._stop(Namespace(run=None))
    assert str(caught.value) == (
        f"/runs/c: the program that trains this run{named} has not ended within 30 s; end it there."
    )

    def refuse(*_: object) -> bool:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(subcommands, "release", refuse)
    with pytest.raises(UserError) as caught:
        subcommands._stop(Namespace(run=None))
    assert str(caught.value) == (
        "/runs/c: nobody can be asked to stop there (Read-only file system)."
    )


@pytest.mark.parametrize(
    ("written", "who", "takes"),
    [
        (True, Holder("here", 17, alone=True), True),
        (True, Holder("here", 17), False),
        (True, None, False),
        (False, Holder("here", 17, alone=True), False),
    ],
)
def test_resume_takes_over_from_a_program_that_went_on_without_its_terminal(
    shelf: Shelf,
    written: bool,
    who: Holder | None,
    takes: bool,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run = shelf.runs[0]
    run.written, run.who = written, who
    assert subcommands._take_over(cast("Any", run)) is takes
    assert shelf.removed == (["released c"] if takes else [])
    err = capsys.readouterr().err
    assert err.startswith("tui-ae: /runs/c: this run went on without its terminal (") is takes


@pytest.mark.parametrize(
    ("data", "error", "says"),
    [
        (None, "missing.", None),
        (Path("a.npz"), "", None),
        (
            Path("a.npz"),
            "a.npz: no such file or folder; give another.",
            "/runs/c: the run's images can't be had (a.npz: no such file or folder); tui-ae open "
            "shows what it holds all the same.",
        ),
        (
            Path("a.npz"),
            "a.npz: it can't be read.",
            "/runs/c: the run's images can't be had (a.npz: it can't be read); tui-ae open shows "
            "what it holds all the same.",
        ),
    ],
)
def test_a_run_whose_images_are_gone_is_not_gone_on_with(
    shelf: Shelf,
    data: Path | None,
    error: str,
    says: str | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def check(_: Path) -> None:
        if error:
            raise UserError(error)

    monkeypatch.setattr("tui_ae.data.load.check_path", check)
    run = shelf.runs[0]
    run.about.settings = replace(run.about.settings, data=data)
    if says is None:
        subcommands._check_data(cast("Any", run))
        return
    with pytest.raises(UserError) as caught:
        subcommands._check_data(cast("Any", run))
    assert str(caught.value) == says


@dataclass(frozen=True)
class Going:
    """Where a run goes on from."""

    info: Any


@dataclass(frozen=True)
class Trained:
    settings: Settings
    processes: int


class Resumed:
    """resume, train and show, and what they are asked for."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, process: ProcessRank) -> None:
        self.trained: list[Any] = []
        self.shown: list[Any] = []
        self.placed: list[Any] = []
        self.kept_for: list[Any] = []
        self.processes = 1
        self.screen = False
        set_ = monkeypatch.setattr
        set_(subcommands, "look_of", lambda _: "look")
        set_(ProcessRank, "from_environment", lambda *_: process)
        set_(subcommands, "has_screen", lambda _: self.screen)
        set_(subcommands, "resume", self.resume)
        set_(subcommands, "keep_for_owner", self.keep)
        set_(subcommands, "train", lambda *asked: self.trained.append(asked) or 5)
        set_(subcommands, "show", lambda *asked: self.shown.append(asked) or 6)
        set_(subcommands, "SavedRun", lambda *asked, **more: (asked, more))

    def resume(self, folder: Run, every_s: float, **more: bool) -> Going:
        self.placed.append((folder.path.name, every_s, more))
        return Going(Trained(Settings(seed=3), self.processes))

    def keep(self, path: Path, *, readers: bool) -> str:
        self.kept_for.append((path, readers))
        return f"{path}: others could write."


@pytest.mark.parametrize(("device", "settings"), [(None, {}), ("mps", {"device": "mps"})])
def test_resume_goes_on_with_the_device_that_it_had_or_another(
    shelf: Shelf,
    device: str | None,
    settings: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    world = Resumed(monkeypatch, ProcessRank())
    options = Namespace(run="c", save_every=2.5, device=device)
    assert subcommands._resume(options) == 5
    expected = Settings(seed=3, **settings)
    place = Going(Trained(expected, 1))
    assert world.trained == [(expected, place, options, "look", ProcessRank())]
    assert world.placed == [("c", 2.5, {"writes": True, "trains": False})]
    assert world.kept_for == [(Path("/runs/c"), True)]
    assert capsys.readouterr().err == "tui-ae: /runs/c: others could write.\n"


@pytest.mark.parametrize(
    ("before", "now", "says"),
    [
        (1, 2, "1 process together and goes on with 2 processes, so"),
        (2048, 1, "2,048 processes together and goes on with 1 process, so"),
        (2, 2, None),
    ],
)
def test_resume_says_that_other_processes_give_other_losses(
    shelf: Shelf,
    before: int,
    now: int,
    says: str | None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for rank in range(2):
        world = Resumed(monkeypatch, ProcessRank(rank, rank, now))
        world.processes = before
        assert subcommands._resume(Namespace(run="c", save_every=5.0, device=None)) == 5
        assert world.placed == [("c", 5.0, {"writes": rank == 0, "trains": False})]
        err = capsys.readouterr().err
        # Only the first of them speaks.
        assert len(err.splitlines()) == ((1 if says is None else 2) if rank == 0 else 0)
        if rank == 0 and says is not None:
            assert f"this run was trained by {says} from here on its losses are others" in err


@pytest.mark.parametrize(
    ("written", "screen", "rank", "looks"),
    [
        (True, True, 0, True),
        (True, False, 0, False),
        (False, True, 0, False),
        (True, True, 1, False),
    ],
)
def test_a_run_that_another_program_trains_is_only_looked_at(
    shelf: Shelf,
    written: bool,
    screen: bool,
    rank: int,
    looks: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    shelf.runs[0].written = written
    world = Resumed(monkeypatch, ProcessRank(rank, rank, 2 if rank else 1))
    world.screen = screen
    code = subcommands._resume(Namespace(run="c", save_every=5.0, device=None))
    assert code == (6 if looks else 5) and bool(world.shown) is looks
    if looks:
        ((folder, load), more), look = world.shown[0]
        assert (folder, load, look) == (shelf.runs[0], start.load, "look")
        assert more == {"follows": True, "notice": subcommands.LOOK_ONLY}
        assert capsys.readouterr().err == f"tui-ae: /runs/c: {subcommands.LOOK_ONLY}\n"


@pytest.mark.parametrize("rank", [0, 1])
def test_only_the_first_process_takes_over(
    shelf: Shelf, rank: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.runs[0].written, shelf.runs[0].who = True, Holder("here", 17, alone=True)
    world = Resumed(monkeypatch, ProcessRank(rank, rank, 2))
    assert subcommands._resume(Namespace(run="c", save_every=5.0, device=None)) == 5
    assert world.placed == [("c", 5.0, {"writes": rank == 0, "trains": rank == 0})]
    assert shelf.removed == (["released c"] if rank == 0 else [])


def test_completion_and_the_manual_are_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tui_ae.described.completion", lambda shell, _: f"for {shell}\n")
    monkeypatch.setattr("tui_ae.described.manual", lambda _: ".TH\n")
    assert subcommands._completion(Namespace(shell="zsh")) == 0
    assert subcommands._man(Namespace()) == 0
    assert capsys.readouterr().out == "for zsh\n.TH\n"


@pytest.mark.parametrize(("command", "follows"), [("open", False), ("watch", True)])
def test_open_shows_a_moment_and_watch_follows(
    shelf: Shelf, command: str, follows: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = Resumed(monkeypatch, ProcessRank())
    assert subcommands.TABLE[command].run(Namespace(run="b")) == 6
    ((folder, _), more), look = world.shown[0]
    assert (folder, more, look) == (shelf.runs[1], {"follows": follows}, "look")


@pytest.mark.parametrize("left_out", ["", "autoencoder.onnx was left out."])
def test_export_says_where_all_is(
    shelf: Shelf,
    left_out: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked = []

    def export(*words: object, **more: object) -> SimpleNamespace:
        asked.append((*words, more))
        return SimpleNamespace(
            names=("codes.csv", "losses.csv"), run_id="c", epoch=2048, left_out=left_out
        )

    monkeypatch.setattr("tui_ae.export.export.export", export)
    options = Namespace(run="c", to=Path("there"), force=True, onnx=False)
    assert subcommands._export(options) == 0
    assert asked == [(shelf.runs[0], Path("there"), {"replaces": True, "onnx": False})]
    out, err = capsys.readouterr()
    assert out == "Run c, epoch 2,048, is in there: codes.csv, losses.csv.\n"
    assert err == (f"tui-ae: {left_out}\n" if left_out else "")


def test_the_list_of_data_sets(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def known(name: str, images: int, size: int, *, download: bool) -> SimpleNamespace:
        return SimpleNamespace(
            name=name, title=f"The {name}", images=images, size_bytes=size, download=download
        )

    sets = {
        "one": known("one", 70_000, 11_650_000, download=True),
        "two": known("two", 1797, 57_523, download=False),
        "three": known("three", 5, 5, download=True),
    }
    here = {"three": Path("/cache/three")}
    monkeypatch.setattr(subcommands, "SETS", sets)
    monkeypatch.setattr(subcommands, "find_set", lambda known: here.get(known.name))
    assert subcommands._data(Namespace(json=False)) == 0
    assert capsys.readouterr().out.splitlines() == [
        "one            70,000 images   11.7 MB  The one                 "
        "not here; downloaded when it is used",
        "two             1,797 images    0.1 MB  The two                 "
        "not here; comes with scikit-learn",
        "three               5 images    0.0 MB  The three               /cache/three",
    ]
    assert subcommands._data(Namespace(json=True)) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert rows[0] == {
        "name": "one", "title": "The one", "images": 70_000, "bytes": 11_650_000, "path": None,
    }  # fmt: skip
    assert rows[2]["path"] == "/cache/three"
