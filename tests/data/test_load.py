from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tui_ae.config import Settings
from tui_ae.data.dataset import Dataset
from tui_ae.data.load import check_path, load
from tui_ae.data.synthetic import draw_digits
from tui_ae.errors import UserError

Loader = Callable[[Path], Dataset]


def test_no_path_draws_the_digits() -> None:
    data = load(Settings(seed=5))
    np.testing.assert_array_equal(data.images.array, draw_digits(5).images.array)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("missing", None, "no such file or folder"),
        ("empty", b"", "an empty file"),
        ("notes.txt", b"hello world", "not an IDX, NPZ, NPY or CSV file"),
        ("cat.png", b"\x89PNG\r\n\x1a\n", "a single image; give a folder"),
        ("a.gz", b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03", "can't be read|not an IDX"),
        ("b.gz", b"\x1f\x8b\x99garbage", "can't be read"),
    ],
)
def test_wrong_files(tmp_path: Path, name: str, content: bytes | None, says: str) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    for use in (check_path, lambda path: load(Settings(data=path))):
        with pytest.raises(UserError, match=says) as caught:
            use(path)
        text = str(caught.value)
        assert text.startswith(f"{path}: ")
        assert text.endswith(".")
        assert "\n" not in text


def test_a_broken_zip(tmp_path: Path, load_path: Loader) -> None:
    path = tmp_path / "a.npz"
    path.write_bytes(b"PK\x03\x04 and no more")
    check_path(path)
    with pytest.raises(
        UserError, match=r"can't be read \(.*\); write it again with numpy\.savez\."
    ):
        load_path(path)


def test_empty_and_useless_folders(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="an empty folder"):
        check_path(tmp_path)
    (tmp_path / "readme.txt").write_text("hello")
    with pytest.raises(UserError, match="a folder without images; give an IDX"):
        check_path(tmp_path)
    (tmp_path / "animals" / "cat").mkdir(parents=True)
    (tmp_path / "animals" / "cat" / "a.png").touch()
    with pytest.raises(UserError, match=r"give one of its folders, such as .*animals"):
        check_path(tmp_path)


def test_what_is_neither_file_nor_folder(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UserError, match="neither a file nor a folder"):
        check_path(tmp_path / "pipe")


def test_a_name_that_no_file_can_have(tmp_path: Path) -> None:
    for name in ("a" * 5000, "nul\0byte"):
        with pytest.raises(UserError):
            check_path(tmp_path / name)


def test_no_permission(tmp_path: Path, load_path: Loader, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.npz"
    path.write_bytes(b"PK")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(UserError, match=r"can't be read \(Permission denied\)") as caught:
        check_path(path)
    assert str(path) in str(caught.value)
    monkeypatch.setattr(os, "listdir", refuse)
    with pytest.raises(UserError, match=r"can't be read \(Permission denied\)"):
        load_path(tmp_path)


def test_the_file_inside_a_folder_is_named(
    tmp_path: Path, load_path: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.png", "b.png"):
        (tmp_path / "cat" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "cat" / name).touch()
    scan = os.scandir

    def refuse_class(path: Path) -> object:
        if path.name == "cat":
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse_class)
    with pytest.raises(UserError, match=r"/cat: can't be read \(Permission denied\)"):
        load_path(tmp_path)


def test_a_path_cannot_steer_the_terminal(tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        check_path(tmp_path / "a\x1b[2J\nb")
    assert "\x1b" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_arrays_are_read_only(tmp_path: Path, load_path: Loader) -> None:
    np.savez(tmp_path / "a.npz", images=np.zeros((2, 5, 5)), labels=[0, 1])
    data = load_path(tmp_path / "a.npz")
    for array in (data.images[:], data.labels):
        assert not array.flags.writeable
        assert array.flags.c_contiguous
    assert data.images[:].dtype == np.float32
    assert data.labels.dtype == np.int64


def test_real_handwritten_digits(tmp_path: Path, load_path: Loader) -> None:
    datasets = pytest.importorskip("sklearn.datasets")
    digits = datasets.load_digits()
    np.savez(tmp_path / "digits.npz", images=digits.images, labels=digits.target)
    data = load_path(tmp_path / "digits.npz")
    assert data.images[:].shape == (1797, 784)
    assert data.class_names == tuple("0123456789")
    np.testing.assert_array_equal(data.labels, digits.target)
    assert data.notes == (
        "Values from 0 to 16 rescaled to 0 to 1.",
        "8×8 images fitted to 28×28.",
    )
    shrunk = data.images[:].reshape(-1, 28, 28)[:, 2::7, 2::7]
    stored = digits.images[:, ::2, ::2] / 16
    assert np.corrcoef(shrunk.ravel(), stored.ravel())[0, 1] > 0.8


def test_a_folder_of_images_is_named_some_levels_down(tmp_path: Path) -> None:
    deep = tmp_path / "a" / "b" / "c"
    (deep / "d").mkdir(parents=True)
    np.save(deep / "d" / "x.npy", np.zeros((2, 5, 5)))
    with pytest.raises(UserError, match=r": a folder without images; give an IDX"):
        check_path(tmp_path)
    (deep / "d" / "x.npy").rename(deep / "x.npy")
    with pytest.raises(UserError) as caught:
        check_path(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path}: a folder without images; give one of its folders, such as {deep}."
    )
    # One that is nearer comes first; a hidden one is none.
    for inner, is_named in ((".z", False), ("z", True)):
        (tmp_path / inner).mkdir()
        (tmp_path / inner / "a.csv").write_text(",".join("1" * 16))
        with pytest.raises(UserError, match=f"such as {tmp_path / 'z' if is_named else deep}"):
            check_path(tmp_path)


def test_two_hundred_folders_of_a_folder_are_looked_into(tmp_path: Path) -> None:
    for place in range(199):
        (tmp_path / f"{place:03}").mkdir()
    (tmp_path / "z").mkdir()
    (tmp_path / "z" / "a.csv").write_text(",".join("1" * 16))
    with pytest.raises(UserError, match=r"such as .*/z\."):
        check_path(tmp_path)
    (tmp_path / "199").mkdir()
    with pytest.raises(UserError, match="a folder without images; give an IDX"):
        check_path(tmp_path)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"\xfe" * 784, r"reshape\(-1, 28, 28\)"),
        (b"\xfe" * 783, "CSV file; give an IDX"),
        (b"\xfe" * 785, "CSV file; give an IDX"),
        (b"a" * 784, "CSV file; give an IDX"),
    ],
)
def test_bytes_that_may_be_images_are_told_from_others(
    tmp_path: Path, content: bytes, says: str
) -> None:
    (tmp_path / "a.dat").write_bytes(content)
    with pytest.raises(UserError, match=says):
        check_path(tmp_path / "a.dat")
