"""What is a person's own is closed to others, or it is told that it is not, or refused."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from tests import command
from tui_ae.config import Settings
from tui_ae.configure import configure
from tui_ae.data.dataset import Dataset
from tui_ae.data.fetch import fetch
from tui_ae.data.mirrors import Download, RemoteFile
from tui_ae.errors import UserError
from tui_ae.ownership import is_foreign, keep_for_owner, make_own, others_write
from tui_ae.preferences import config_path, preferences
from tui_ae.remembered import remember_glyphs, remembered_glyphs
from tui_ae.run.folder import RunFolder
from tui_ae.run.info import RunInfo
from tui_ae.run.kept_runs import check_new, kept_runs, note_elsewhere
from tui_ae.run.shelf import runs_folder

TRAIN = ("--headless", "--device", "cpu", "--epochs", "2")
SOMEBODY = 12345


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("STATE", "CONFIG", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def folder(path: Path, mode: int) -> Path:
    path.mkdir(parents=True)
    path.chmod(mode)
    return path


def give_away(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a path be another user's."""
    if os.geteuid() == 0:
        os.chown(path, SOMEBODY, SOMEBODY)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: SOMEBODY)


def test_whatever_is_made_is_its_owners_alone(tmp_path: Path, digits: Dataset) -> None:
    before = os.umask(0)
    try:
        RunFolder(runs_folder() / "run").create(
            RunInfo("20200101-000000-abcdef", Settings()), digits
        )
        remember_glyphs("ascii")
        note_elsewhere(tmp_path / "mine")
        configure_init()
        with pytest.raises(UserError):
            fetch(
                Download(("http://127.0.0.1:9/",), (RemoteFile("a", 1, "0" * 64),)),
                "a",
                cache(tmp_path),
                lambda _: None,
            )
    finally:
        os.umask(before)
    for name in ("state", "config", "cache"):
        for path in (tmp_path / name, *(tmp_path / name).rglob("*")):
            if path.is_dir():
                assert mode(path) == 0o700, path
    assert mode(config_path()) == 0o600


def cache(home: Path) -> Path:
    return home / "cache" / "tui_ae" / "datasets" / "a"


def configure_init() -> None:
    from argparse import Namespace

    configure(Namespace(what="init", json=False))


def test_a_folder_where_a_folder_is_to_be_made(tmp_path: Path) -> None:
    make_own(folder(tmp_path / "open", 0o755) / "a" / "b")
    assert mode(tmp_path / "open") == 0o755
    assert mode(tmp_path / "open" / "a") == mode(tmp_path / "open" / "a" / "b") == 0o700
    make_own(tmp_path / "open")
    (tmp_path / "file").touch()
    for path in (tmp_path / "file", tmp_path / "file" / "a"):
        with pytest.raises(OSError):
            make_own(path)


@pytest.mark.parametrize(
    ("before", "readers", "after", "says"),
    [
        (0o700, False, 0o700, ""),
        (0o777, False, 0o700, "others could write into this folder (mode 0777); now they can't."),
        (0o755, False, 0o700, "others could look into this folder (mode 0755); now they can't."),
        (0o755, True, 0o755, ""),
        (0o757, True, 0o755, "others could write into this folder (mode 0757); now they can't."),
        (0o1777, True, 0o1755, "others could write into this folder (mode 1777); now they can't."),
    ],
)
def test_what_others_may_do_in_a_folder_of_ones_own(
    tmp_path: Path, before: int, readers: bool, after: int, says: str
) -> None:
    path = folder(tmp_path / "a", before)
    assert keep_for_owner(path, readers=readers) == (f"{path}: {says}" if says else "")
    assert mode(path) == after
    assert keep_for_owner(path, readers=readers) == ""


def test_a_folder_that_is_not_there_is_nobodys(tmp_path: Path) -> None:
    assert keep_for_owner(tmp_path / "a", readers=False) == ""
    assert not (tmp_path / "a").exists()


def test_what_can_not_be_kept_from_others_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As on disks that know no modes.
    monkeypatch.setattr(Path, "chmod", lambda *_: None)
    path = tmp_path / "a"
    path.mkdir()
    os.chmod(path, 0o777)  # noqa: PTH101 - the other one does nothing
    said = f"{path}: others can write there; they can change what is kept there."
    assert keep_for_owner(path, readers=True) == said
    give_away(path, monkeypatch)
    said = f"{path}: it belongs to another user; they can change what is kept there."
    assert keep_for_owner(path, readers=True) == said


def test_the_folder_of_another_user_keeps_its_mode(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root could change it."""
    path = folder(tmp_path / "a", 0o777)
    give_away(path, monkeypatch)
    said = f"{path}: it belongs to another user; they can change what is kept there."
    assert keep_for_owner(path, readers=False) == said
    monkeypatch.undo()
    assert mode(path) == 0o777


@pytest.mark.parametrize(("owner", "foreign"), [(1000, False), (0, False), (1, True), (1001, True)])
def test_what_is_roots_is_not_foreign(
    owner: int, foreign: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    about = os.stat_result((0o40700, 0, 0, 1, owner, 1000, 0, 0, 0, 0))
    assert is_foreign(about) is foreign


def test_the_group_of_this_user_alone_is_not_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    about = folder(tmp_path / "a", 0o770).stat()

    def has(name: str, members: list[str]) -> str:
        user = type("User", (), {"pw_name": "ada", "pw_gid": about.st_gid})
        group = type("Group", (), {"gr_name": name, "gr_mem": members})
        monkeypatch.setattr("pwd.getpwuid", lambda _: user)
        monkeypatch.setattr("grp.getgrgid", lambda _: group)
        return others_write(about)

    assert has("ada", []) == has("ada", ["ada"]) == ""
    assert has("staff", []) == has("ada", ["ada", "bob"]) == "others can write there"

    def nobody(_: int) -> object:
        raise KeyError

    monkeypatch.setattr("pwd.getpwuid", nobody)
    assert others_write(about) == "others can write there"


def test_a_run_in_a_folder_that_was_open_to_others(tmp_path: Path) -> None:
    run = folder(tmp_path / "run", 0o777)
    done = command.run(*TRAIN, "--run", str(run))
    assert done.returncode == 0 and mode(run) == 0o700
    told = f"tui-ae: {run}: others could write into this folder (mode 0777); now they can't.\n"
    assert done.stderr.startswith(told)
    run.chmod(0o777)
    again = command.run("resume", str(run), "--headless", "--epochs", "3")
    assert again.returncode == 0 and mode(run) == 0o755
    assert "others could write into this folder (mode 0777)" in again.stderr
    assert "others" not in command.run("resume", str(run), "--headless", "--epochs", "4").stderr


def test_the_folder_for_runs_that_was_open_to_others(tmp_path: Path) -> None:
    for path in (runs_folder().parent, runs_folder()):
        folder(path, 0o777)
    done = command.run(*TRAIN, XDG_STATE_HOME=str(tmp_path / "state"))
    assert done.returncode == 0 and done.stderr.count("(mode 0777); now they can't.") == 2
    assert mode(runs_folder()) == mode(runs_folder().parent) == 0o755
    assert [mode(run.path) for run in kept_runs()] == [0o700]


def test_the_folder_of_another_user_is_refused_for_a_new_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = folder(tmp_path / "run", 0o777)
    give_away(run, monkeypatch)
    with pytest.raises(UserError, match=r"this folder is another user's; name one of your own\.$"):
        check_new(run)
    assert mode(run) == 0o777


def test_no_save_leaves_modes_too(tmp_path: Path) -> None:
    folder(runs_folder(), 0o777)
    done = command.run(*TRAIN, "--no-save", XDG_STATE_HOME=str(tmp_path / "state"))
    assert (done.returncode, done.stderr, mode(runs_folder())) == (0, "", 0o777)


@pytest.mark.slow
def test_whom_the_owner_lets_look_into_a_run_reads_what_is_written_later_too(
    tmp_path: Path,
) -> None:
    run = tmp_path / "run"
    before = os.umask(0o077)
    try:
        assert command.run(*TRAIN, "--run", str(run)).returncode == 0
        assert {mode(path) for path in run.iterdir()} == {0o600}
        run.chmod(0o750)
        for path in run.iterdir():
            path.chmod(0o640)
        done = command.run("resume", str(run), "--headless", "--epochs", "4", "--save-every", "0")
    finally:
        os.umask(before)
    assert done.returncode == 0
    assert {path.name: mode(path) for path in run.iterdir() if mode(path) != 0o640} == {}


@pytest.mark.parametrize("what", ["file", "folder"])
@pytest.mark.parametrize("how", ["others", "owner"])
def test_a_configuration_that_somebody_else_can_change_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str, how: str
) -> None:
    configure_init()
    assert preferences({}, {}) == {}
    path = config_path() if what == "file" else config_path().parent
    if how == "owner":
        give_away(path, monkeypatch)
        why = "it belongs to another user, so it is not followed; have one of your own"
    else:
        path.chmod(0o777)
        why = f"others can write there, so it is not followed; chmod go-w {path} helps"
    with pytest.raises(UserError) as caught:
        preferences({}, {})
    # To somebody who is not root all of them are another's then.
    if how == "others" or os.geteuid() == 0:
        assert str(caught.value) == f"{path}: {why}, or give --no-config."
    done = command.run(*TRAIN, "--no-save", "--no-config", XDG_CONFIG_HOME=str(tmp_path / "config"))
    assert (done.returncode, done.stderr) == (0, "")


def test_a_link_in_a_shared_cache_has_no_other_file_cut_or_lengthened(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("mine")
    download = Download(("http://127.0.0.1:9/",), (RemoteFile("a", 9, "0" * 64),))
    for name in ("lock", "a.part"):
        shared = folder(tmp_path / name, 0o777)
        (shared / name).symlink_to(precious)
        with pytest.raises(UserError, match="can't be kept there"):
            fetch(download, "MNIST", shared, lambda _: None)
    assert precious.read_text() == "mine"


def test_a_pipe_in_the_place_of_what_is_remembered(tmp_path: Path) -> None:
    state = folder(runs_folder().parent, 0o700)
    for name in ("characters.json", "elsewhere.json"):
        os.mkfifo(state / name)
    assert remembered_glyphs() is None
    assert list(kept_runs()) == []
