"""Files that are written whole or not at all, with the modes that were meant."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tui_ae import files
from tui_ae.files import open_plain, replace_file, replacing, write_new


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o7777


@pytest.mark.parametrize(
    ("given", "folder", "expected"),
    [
        # For the owner alone unless something else is asked for.
        ((), 0o777, 0o600),
        ((0o644,), 0o700, 0o644),
        # Whoever may list a folder and go into it may read the file, and nobody else.
        ((None,), 0o700, 0o600),
        ((None,), 0o755, 0o644),
        ((None,), 0o750, 0o640),
        ((None,), 0o705, 0o604),
        ((None,), 0o777, 0o644),
        ((None,), 0o744, 0o600),
        ((None,), 0o711, 0o600),
        ((None,), 0o754, 0o640),
    ],
)
def test_who_may_read_a_new_file(
    tmp_path: Path, given: tuple[int | None, ...], folder: int, expected: int
) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    inner.chmod(folder)
    before = os.umask(0o022)
    try:
        replace_file(inner / "a", b"content", *given)
    finally:
        os.umask(before)
    assert (inner / "a").read_bytes() == b"content" and mode(inner / "a") == expected
    assert [path.name for path in inner.iterdir()] == ["a"]


def test_what_lay_there_stays_until_all_is_written(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")
    with pytest.raises(ZeroDivisionError), replacing(path) as file:
        file.write(b"new")
        assert path.read_bytes() == b"old"
        raise ZeroDivisionError
    assert path.read_bytes() == b"old" and [each.name for each in tmp_path.iterdir()] == ["a"]
    with replacing(path) as file:
        file.write(b"new")
        # It can be read while it is written.
        file.seek(1)
        assert file.read() == b"ew"
    assert path.read_bytes() == b"new"


def test_the_part_that_is_written_has_a_name_that_is_known_for_one(tmp_path: Path) -> None:
    with replacing(tmp_path / ("a" * 255)) as file:
        (part,) = tmp_path.iterdir()
        assert part.name.startswith(".") and part.name.endswith(".part")
        assert len(part.name) == 1 + 12 + 5 and mode(part) == 0o600
        file.write(b"x")


def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "other").write_bytes(b"other")
    (tmp_path / "a").symlink_to("other")
    replace_file(tmp_path / "a", b"new")
    assert not (tmp_path / "a").is_symlink() and (tmp_path / "other").read_bytes() == b"other"


def test_new_names_are_counted_from_two(tmp_path: Path) -> None:
    (tmp_path / "a-3.svg").symlink_to("nowhere")
    names = [write_new(tmp_path, "a", ".svg", b"x").name for _ in range(3)]
    assert names == ["a.svg", "a-2.svg", "a-4.svg"]
    assert (tmp_path / "a-4.svg").read_bytes() == b"x"
    assert mode(tmp_path / "a.svg") == 0o644
    assert (tmp_path / "a-3.svg").is_symlink()


def test_where_every_name_is_taken_none_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MOST_OF_A_NAME", 4)
    for _ in range(3):
        write_new(tmp_path, "a", ".svg", b"x")
    with pytest.raises(FileExistsError) as caught:
        write_new(tmp_path, "a", ".svg", b"x")
    assert caught.value.filename == str(tmp_path / "a")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a-2.svg", "a-3.svg", "a.svg"]


def test_a_name_of_which_the_content_could_not_be_written_is_free_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "replace_file", refuse)
    with pytest.raises(OSError, match="No space left"):
        write_new(tmp_path, "a", ".svg", b"x")
    assert list(tmp_path.iterdir()) == []


def test_only_plain_files_are_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_bytes(b"content")
    with open_plain(tmp_path / "a") as file:
        assert file.read() == b"content"
    with pytest.raises(IsADirectoryError) as caught:
        open_plain(tmp_path)
    assert caught.value.filename == str(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/null")):
        with pytest.raises(OSError, match="not a plain file"):
            open_plain(path)
    # Also where it has become one since it was looked at.
    with monkeypatch.context() as patched:
        about = (tmp_path / "a").stat()
        patched.setattr(Path, "stat", lambda *_, **__: about)
        with pytest.raises(OSError, match="not a plain file"):
            open_plain(tmp_path / "pipe")


def test_a_folder_that_cannot_be_synced_is_no_trouble(tmp_path: Path) -> None:
    files.sync_folder(tmp_path)
    files.sync_folder(tmp_path / "nowhere")
