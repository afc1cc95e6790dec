"""Where runs lie."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.run.moments import dataset, info
from tui_ae.config import Settings
from tui_ae.errors import UserError
from tui_ae.run.folder import LOCK, RunFolder, describes_a_run
from tui_ae.run.info import RunInfo
from tui_ae.run.kept_runs import ELSEWHERE, check_new, find, kept_runs, note_elsewhere, saved_at
from tui_ae.run.manifest import NAME, write_manifest
from tui_ae.run.shelf import Shelf, runs_folder


@pytest.fixture(autouse=True)
def _own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def test_each_run_has_a_folder_of_its_own_unless_one_is_named(tmp_path: Path) -> None:
    run = info()
    assert Shelf().folder(run).path == runs_folder() / run.id
    assert runs_folder() == tmp_path / "state" / "tui_ae" / "runs"
    assert Shelf(tmp_path / "named").folder(run).path == tmp_path / "named"


def put(folder: Path, id_: str = "", saved: float = 0.0) -> Path:
    """A folder that says it holds a run, as if it were saved then."""
    folder.mkdir(parents=True, exist_ok=True)
    write_manifest(folder, RunInfo(id_ or folder.name, Settings()))
    for path in folder.iterdir():
        os.utime(path, (saved, saved))
    return folder


def test_those_that_were_saved_last_come_first(tmp_path: Path) -> None:
    ids = ("20310101-a", "20310102-b", "20310103-c")
    for name, saved in zip(ids, (2000.0, 3000.0, 1000.0), strict=True):
        put(runs_folder() / name, saved=saved)
    (runs_folder() / "notes").mkdir()
    named = put(tmp_path / "mine", "20310104-d", 2500.0)
    note_elsewhere(named)
    note_elsewhere(runs_folder() / ids[0])
    found = [folder.path.name for folder in kept_runs()]
    assert found == ["20310102-b", "mine", "20310101-a", "20310103-c"]
    assert [folder.path.name for folder in kept_runs(elsewhere=False)] == [found[0], *found[2:]]
    assert find(None).path.name == "20310102-b"
    assert find("20310104").path == named and find("mine").path == named
    assert find("20310101").path == runs_folder() / ids[0]
    assert find(str(runs_folder() / ids[2])).path == runs_folder() / ids[2]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("2031", "2031: 2 runs begin with that; tui-ae runs lists those there are."),
        ("1999", "1999: there is no such run; tui-ae runs lists those there are."),
        (".", ".: this is not the folder of a run (there is no run.toml in it); tui-ae runs lists"),
        ("..", "..: this is not the folder of a run"),
        ("far/away", "far/away: this is not the folder of a run"),
        ("thesis", "thesis: this is not the folder of a run"),
    ],
)
def test_what_names_no_run_or_several_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, told: str
) -> None:
    put(runs_folder() / "20310101-a")
    # Its folder is called otherwise, and only those that were named count by their ids as well.
    put(runs_folder() / "20310102-b", "1999")
    (tmp_path / "here" / "thesis").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here")
    with pytest.raises(UserError) as error:
        find(name)
    assert str(error.value).startswith(told)


def test_where_there_is_none_nothing_is_found() -> None:
    assert list(kept_runs()) == []
    with pytest.raises(UserError) as error:
        find(None)
    assert str(error.value) == "there are no runs yet; tui-ae begins one."


def test_a_damaged_run_elsewhere_is_called_by_its_folder(tmp_path: Path) -> None:
    folder = put(tmp_path / "mine")
    (folder / NAME).write_text("format = 3")
    note_elsewhere(folder)
    with pytest.raises(UserError, match="there is no such run"):
        find("2031")
    assert find("mi").path == folder


def test_a_thousand_folders_are_remembered_the_newest_ones(tmp_path: Path) -> None:
    listed = tmp_path / "state" / "tui_ae" / ELSEWHERE
    folder = put(tmp_path / "mine")
    listed.parent.mkdir(parents=True)
    # One that is there a thousand times has only one place.
    listed.write_text(json.dumps([str(folder)] * 1000))
    note_elsewhere(folder)
    assert json.loads(listed.read_text()) == [str(folder)]
    others = [str(put(tmp_path / "others"))] * 1000
    listed.write_text(json.dumps(others))
    note_elsewhere(folder)
    assert json.loads(listed.read_text()) == [*others[1:], str(folder)]


def test_a_run_was_saved_when_its_newest_file_was_written(tmp_path: Path) -> None:
    for name, at in (("one", 100.0), ("two", 300.0), ("three", 200.0), (LOCK, 900.0)):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (at, at))
    assert saved_at(tmp_path) == 300.0
    (tmp_path / "away").symlink_to(tmp_path / "nowhere")
    os.utime(tmp_path / "away", (400.0, 400.0), follow_symlinks=False)
    assert saved_at(tmp_path) == 400.0
    assert saved_at(tmp_path / "missing") == 0.0


# --- beginning ------------------------------------------------------------------------------------


def test_a_run_may_begin_where_nothing_is(tmp_path: Path) -> None:
    check_new(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o700
    check_new(tmp_path / "a" / "b")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("run", "there is a run already; go on with it by tui-ae resume {path}, or name another"),
        ("full", "this folder is not empty; name a new one."),
        ("file", "this is a file; name a folder."),
        ("file/run", "Not a directory; name another folder."),
    ],
)
def test_where_something_is_none_may_begin(tmp_path: Path, name: str, told: str) -> None:
    put(tmp_path / "run")
    put(tmp_path / "full" / "inner")
    (tmp_path / "file").touch()
    with pytest.raises(UserError) as error:
        check_new(tmp_path / name)
    path = tmp_path / name
    assert str(error.value).startswith(f"--run {path}: {told.format(path=path)}")


def test_a_folder_of_another_user_or_without_a_way_in_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def access(_: object, mode: int) -> bool:
        asked.append(mode)
        return False

    monkeypatch.setattr(os, "access", access)
    with pytest.raises(UserError, match=r"it can't be written there; name another folder\.$"):
        check_new(tmp_path / "new")
    assert asked == [os.W_OK | os.X_OK]
    monkeypatch.setattr(os, "geteuid", lambda: tmp_path.stat().st_uid + 1)
    with pytest.raises(UserError, match="this folder is another user's; name one of your own"):
        check_new(tmp_path / "new")


# --- what a folder holds --------------------------------------------------------------------------


def test_a_run_takes_what_its_files_take(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    assert folder.size_bytes() == 0 and not describes_a_run(folder.path)
    folder.create(info(), dataset())
    folder.unlock()
    assert describes_a_run(folder.path)
    files = sum(path.stat().st_size for path in folder.path.iterdir())
    (folder.path / "inner").mkdir()
    (folder.path / "inner" / "large").write_bytes(b"x" * 9999)
    (folder.path / "link").symlink_to(folder.path / "inner" / "large")
    assert folder.size_bytes() == files
