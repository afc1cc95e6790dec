"""Files that could not be written are refused first, in one sentence."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from tui_ae.errors import UserError
from tui_ae.writable import check_writable


def refusal(path: Path) -> str:
    with pytest.raises(UserError) as caught:
        check_writable("--codes", path)
    assert str(caught.value).startswith(f"--codes {path}: ")
    return str(caught.value)


@pytest.mark.parametrize("name", ["a" * 300, "a" * 300 + "/codes", "loop/codes", "loop"])
def test_names_that_the_system_refuses(tmp_path: Path, name: str) -> None:
    (tmp_path / "loop").symlink_to("loop")
    assert refusal(tmp_path / name).endswith("; choose another place.")


def test_a_folder_that_must_not_be_looked_into(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, **_: bool) -> os.stat_result:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(Path, "stat", refuse)
    said = refusal(tmp_path / "codes")
    assert said.endswith("it can't be written there (Permission denied); choose another place.")


def test_a_working_folder_that_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    monkeypatch.chdir(folder)
    folder.rmdir()
    assert "can't be written there" in refusal(Path("codes"))


def test_what_stands_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "this is a folder" in refusal(tmp_path)
    for name in ("missing/codes", "file/codes"):
        assert f"the folder {(tmp_path / name).parent} does not exist" in refusal(tmp_path / name)


def test_what_can_be_written_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "old").write_text("whole")
    for name in ("old", "new"):
        check_writable("--log", tmp_path / name)
        check_writable("--codes", tmp_path / name, replaced=True)
    assert (tmp_path / "old").read_text() == "whole"
    assert not (tmp_path / "new").exists()
