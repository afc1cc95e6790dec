"""Files too large for memory: what is mapped, what stays stored, what is refused."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.data.memory import at_most
from tui_ae.config import Settings
from tui_ae.data.dataset import Dataset
from tui_ae.data.idx import read_idx
from tui_ae.data.load import load
from tui_ae.errors import UserError

Writer = Callable[..., Path]
Loader = Callable[[Path], Dataset]
Pixels = Callable[..., np.ndarray]
NOTE = "As floats they would take 0.0 GiB, so images are read as they are used."


def write_header(path: Path, count: int, side: int = 28) -> Path:
    path.write_bytes(bytes([0, 0, 8, 3]) + struct.pack(">3I", count, side, side))
    return path


def write_numpy(path: Path, array: np.ndarray) -> Path:
    np.save(path, array)
    return path


@pytest.mark.parametrize("kind", ["u1", ">i2", ">f4", ">f8"])
@pytest.mark.parametrize("suffix", ["", ".npy"])
def test_mapped_images_are_those_of_memory(
    tmp_path: Path,
    write_idx: Writer,
    pixels: Pixels,
    monkeypatch: pytest.MonkeyPatch,
    suffix: str,
    kind: str,
) -> None:
    path = tmp_path / f"set{suffix}"
    write_numpy(path, pixels(9).astype(kind)) if suffix else write_idx(path, pixels(9), kind)
    expected = load(Settings(data=path))
    assert expected.images.array is not None
    monkeypatch.setattr("tui_ae.data.content.MAX_READ_BYTES", 0)
    fitted = load(Settings(data=path))
    assert fitted.images.array is not None
    assert not isinstance(fitted.images.array, np.memmap)
    monkeypatch.setattr("tui_ae.data.source.MAX_HELD_BYTES", 0)
    mapped = load(Settings(data=path))
    assert mapped.images.array is None
    assert mapped.notes == (*expected.notes, NOTE)
    np.testing.assert_array_equal(fitted.images[:], expected.images[:])
    np.testing.assert_array_equal(mapped.images[:], expected.images[:])


def test_floats_that_need_no_scaling_are_still_copied_out_of_the_file(
    tmp_path: Path, load_path: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    array = np.random.default_rng(0).random((4, 28, 28), np.float32)
    path = write_numpy(tmp_path / "a.npy", array)
    monkeypatch.setattr("tui_ae.data.content.MAX_READ_BYTES", 0)
    held = load_path(path).images
    assert held.array is not None
    assert not isinstance(held.array, np.memmap)
    monkeypatch.setattr("tui_ae.data.source.MAX_HELD_BYTES", 0)
    mapped = load_path(path).images
    assert mapped.array is None
    for images in (held, mapped):
        np.testing.assert_array_equal(images[:], array.reshape(4, 784))


@pytest.mark.usefixtures("mapping")
def test_test_images_lie_behind_training_images(
    tmp_path: Path, write_idx: Writer, load_path: Loader, pixels: Pixels
) -> None:
    for split, count, seed in (("train", 5, 1), ("t10k", 3, 2)):
        write_idx(tmp_path / f"{split}-images-idx3-ubyte", pixels(count, seed=seed))
        write_idx(tmp_path / f"{split}-labels-idx1-ubyte", np.arange(count))
    data = load_path(tmp_path)
    assert data.images.array is None
    assert data.labels.tolist() == [0, 1, 2, 3, 4, 0, 1, 2]
    expected = np.concatenate([pixels(5, seed=1), pixels(3, seed=2)]).reshape(-1, 784)
    rows = np.array([7, 0, 4, 5, 0])
    np.testing.assert_array_equal(data.images[rows], expected[rows] / np.float32(255))


def test_only_large_plain_files_are_mapped(
    tmp_path: Path, write_idx: Writer, pixels: Pixels, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, packed = write_idx(tmp_path / "a", pixels(2)), write_idx(tmp_path / "b.gz", pixels(2))
    assert not isinstance(read_idx(plain), np.memmap)
    monkeypatch.setattr("tui_ae.data.content.MAX_READ_BYTES", 2 * 784 - 1)
    assert isinstance(read_idx(plain), np.memmap)
    assert not isinstance(read_idx(packed), np.memmap)


def test_packed_images_stay_stored_where_floats_do_not_fit(
    tmp_path: Path,
    write_idx: Writer,
    load_path: Loader,
    pixels: Pixels,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tui_ae.data.source.MAX_HELD_BYTES", 4 * 784 * 2)
    assert load_path(write_idx(tmp_path / "two.gz", pixels(2))).images.array is not None
    data = load_path(write_idx(tmp_path / "three.gz", pixels(3)))
    assert data.images.array is None
    np.testing.assert_array_equal(data.images[:], pixels(3).reshape(3, 784) / np.float32(255))


def test_a_file_larger_than_could_be_read_is_never_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for limit in ("content.MAX_READ_BYTES", "idx.MAX_SOURCE_BYTES", "source.MAX_HELD_BYTES"):
        monkeypatch.setattr(f"tui_ae.data.{limit}", 2**24)
    count = 300_000
    path = write_header(tmp_path / "images", count)
    with path.open("r+b") as file:
        file.truncate(16 + count * 784)
        file.seek(16 + count * 784 - 1)
        file.write(b"\xff")
    shares: list[float] = []
    labels_bytes = 8 * count
    with at_most(labels_bytes + 2**24):
        data = load(Settings(data=path, held_out=0), shares.append)
        assert data.images.array is None
        assert len(data.images) == count
        assert data.images[np.array([0, count - 1])].sum(axis=1).tolist() == [0, 1]
        assert 0 < data.images.mean() < 1e-6
    assert len(shares) > 50


@pytest.mark.usefixtures("mapping")
@pytest.mark.parametrize("missing", [1, 785, 784 * 3])
@pytest.mark.parametrize("suffix", ["", ".npy"])
def test_cut_files_are_named(
    tmp_path: Path,
    write_idx: Writer,
    load_path: Loader,
    pixels: Pixels,
    suffix: str,
    missing: int,
) -> None:
    path = tmp_path / f"set{suffix}"
    write_numpy(path, pixels(3)) if suffix else write_idx(path, pixels(3))
    whole = path.read_bytes()
    follow = f"only {2352 - missing:,} follow"
    for content, says in ((whole[:-missing], follow), (whole + bytes(missing), "more follow")):
        path.write_bytes(content)
        with pytest.raises(UserError, match=f"promises 2,352 bytes but {says}; ") as caught:
            load_path(path)
        assert str(path) in str(caught.value)
        assert "\n" not in str(caught.value)


def test_a_large_lying_header_costs_no_memory(tmp_path: Path) -> None:
    path = write_header(tmp_path / "images", 2_000_000)
    with at_most(2**20), pytest.raises(UserError, match="promises 1,568,000,000 bytes but only 0"):
        read_idx(path)


@pytest.mark.usefixtures("mapping")
@pytest.mark.parametrize(
    ("array", "says"),
    [
        (np.zeros((5, 32, 30), np.uint8), "5 images of 30×32 are too many"),
        (np.zeros((5, 28, 28, 3), np.uint8), "5 images of 28×28 in colour are too many"),
        (np.full((5, 28, 28), np.nan), "3,920 pixel values are NaN"),
        (np.full((5, 28, 28), -7), "3,920 pixel values are negative, down to -7"),
        (np.zeros((1, 28, 28)), "holds one image"),
        (np.zeros((5, 28, 28), order="F"), "Fortran's order"),
        (np.zeros((5, 28, 28), complex), "aren't numbers"),
    ],
)
def test_what_cannot_be_mapped(
    tmp_path: Path, load_path: Loader, array: np.ndarray, says: str
) -> None:
    path = write_numpy(tmp_path / "a.npy", array)
    with pytest.raises(UserError, match=says) as caught:
        load_path(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert ";" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_one_wrong_value_in_many_blocks_is_found(
    tmp_path: Path, load_path: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui_ae.data.values.BLOCK_BYTES", 784 * 8)
    array = np.random.default_rng(0).random((9, 28, 28))
    for row in (0, 4, 8):
        wrong = array.copy()
        wrong[row, 3, 3] = np.nan
        with pytest.raises(UserError, match="1 pixel value is NaN"):
            load_path(write_numpy(tmp_path / "a.npy", wrong))


def test_large_images_of_another_size_are_fitted_from_the_file(
    tmp_path: Path, load_path: Loader, pixels: Pixels, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_numpy(tmp_path / "a.npy", pixels(6, side=40))
    expected = load_path(path)
    monkeypatch.setattr("tui_ae.data.content.MAX_READ_BYTES", 0)
    np.testing.assert_array_equal(load_path(path).images[:], expected.images[:])


def test_mapped_sets_may_hold_more_images(
    tmp_path: Path,
    write_idx: Writer,
    load_path: Loader,
    pixels: Pixels,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tui_ae.data.source.MAX_IMAGES", 3)
    monkeypatch.setattr("tui_ae.data.source.MAX_MAPPED_IMAGES", 5)
    monkeypatch.setattr("tui_ae.data.content.MAX_READ_BYTES", 784 * 3)
    folder = tmp_path / "set"
    write_idx(folder / "train-images-idx3-ubyte", pixels(4))
    assert load_path(folder).images.array is None
    write_idx(folder / "t10k-images-idx3-ubyte", pixels(1))
    assert len(load_path(folder).images) == 5
    write_idx(folder / "t10k-images-idx3-ubyte", pixels(2))
    with pytest.raises(UserError, match="holds 6 images; give a set of at most 5"):
        load_path(folder)
    with pytest.raises(UserError, match="holds 4 images; give a set of at most 3, or one file"):
        load_path(write_idx(tmp_path / "packed.gz", pixels(4)))


def test_each_megabyte_that_is_read_is_told(tmp_path: Path) -> None:
    path = tmp_path / "images"
    path.write_bytes(bytes([0, 0, 8, 1]) + struct.pack(">I", 5 * 2**19) + bytes(5 * 2**19))
    heard: list[float] = []
    assert read_idx(path, heard.append).shape == (5 * 2**19,)
    assert heard == [0.4, 0.8, 1]
    heard.clear()
    path.write_bytes(bytes([0, 0, 8, 2]) + struct.pack(">2I", 0, 28))
    assert read_idx(path, heard.append).shape == (0, 28)
    assert heard == []


def test_a_file_is_mapped_from_behind_its_header_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "images"
    path.write_bytes(bytes([0, 0, 8, 1]) + struct.pack(">I", 9) + bytes(range(9)))
    monkeypatch.setattr("tui_ae.data.content.MAX_READ_BYTES", 9)
    assert not isinstance(read_idx(path), np.memmap)
    monkeypatch.setattr("tui_ae.data.content.MAX_READ_BYTES", 8)
    assert isinstance(read_idx(path), np.memmap)
    assert read_idx(path).tolist() == list(range(9))
