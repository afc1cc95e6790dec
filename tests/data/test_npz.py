from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.data.bomb import Bomb
from tui_ae.config import Settings
from tui_ae.data import npz
from tui_ae.data.dataset import Dataset
from tui_ae.data.load import load
from tui_ae.data.source import MAX_SOURCE_BYTES
from tui_ae.errors import UserError

Loader = Callable[[Path], Dataset]
Pixels = Callable[..., np.ndarray]


def save(path: Path, **arrays: Any) -> Path:
    np.savez_compressed(path, **arrays)
    return path


def test_training_and_test_images(tmp_path: Path, load_path: Loader, pixels: Pixels) -> None:
    stored = pixels(5)
    path = save(
        tmp_path / "mnist.npz",
        x_train=stored[:3],
        y_train=np.array([1, 0, 1], np.uint8),
        x_test=stored[3:],
        y_test=np.array([0, 7], np.uint8),
    )
    data = load_path(path)
    assert data.name == "mnist"
    np.testing.assert_allclose(data.images[:], stored.reshape(5, 784) / 255, atol=1e-6)
    assert data.labels.tolist() == [1, 0, 1, 0, 2]
    assert data.class_names == ("0", "1", "7")
    assert data.notes == ()


@pytest.mark.parametrize("save_with", [np.savez, np.savez_compressed])
def test_floats_are_kept(tmp_path: Path, load_path: Loader, save_with: Any) -> None:
    images = np.random.default_rng(0).random((3, 28, 28)).astype(np.float32)
    save_with(tmp_path / "a.npz", images=images)
    data = load_path(tmp_path / "a.npz")
    np.testing.assert_array_equal(data.images.array, images.reshape(3, 784))
    assert not data.labelled
    assert data.notes == ()
    assert not data.images[:].flags.writeable


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        (np.array(["dog", "cat", "dog"]), ("cat", "dog")),
        (np.array([b"dog", b"cat", b"dog"]), ("cat", "dog")),
        (np.array([7, -1, 7]), ("-1", "7")),
        (np.array([2.0, 1.0, 2.0]), ("1", "2")),
        (np.array([True, False, True]), ("0", "1")),
        (np.array([[9], [4], [9]]), ("4", "9")),
        (np.array([2**62, -5, 2**62]), ("-5", str(2**62))),
    ],
)
def test_labels_of_any_kind(
    tmp_path: Path, load_path: Loader, pixels: Pixels, labels: np.ndarray, names: tuple[str, ...]
) -> None:
    data = load_path(save(tmp_path / "a.npz", images=pixels(3), labels=labels))
    assert data.class_names == names
    assert data.labels.tolist() == [1, 0, 1]


def test_class_names_cannot_steer_the_terminal(
    tmp_path: Path, load_path: Loader, pixels: Pixels
) -> None:
    labels = np.array(["\x1b[2Jcat", "dog\n"])
    data = load_path(save(tmp_path / "a.npz", images=pixels(2), labels=labels))
    assert data.class_names == ("?[2Jcat", "dog?")


@pytest.mark.parametrize(
    ("arrays", "says"),
    [
        ({"weights": np.zeros(3)}, r"no images among its arrays \(weights\)"),
        ({}, r"no images among its arrays \(none\)"),
        ({"images": np.array([Bomb(), Bomb()])}, "Python objects"),
        ({"images": np.zeros((2, 28, 28)), "labels": np.array([Bomb(), 1])}, "Python objects"),
        ({"images": np.zeros((3, 28, 28)), "labels": np.zeros(2, int)}, "2 labels in labels for 3"),
        ({"images": np.zeros((2, 28, 28)), "labels": np.zeros((2, 10))}, "labels is of 2 × 10"),
        ({"images": np.zeros((2, 28, 28)), "labels": np.array([0.5, 1])}, "whole numbers"),
        ({"images": np.zeros((2, 28, 28)), "labels": np.array([np.nan, 1])}, "whole numbers"),
        ({"images": np.zeros((37, 28, 28)), "labels": np.arange(37)}, "37 classes; give at most"),
        ({"images": np.zeros((0, 28, 28))}, "holds no images"),
        ({"images": np.zeros((1, 28, 28))}, "holds one image"),
        ({"images": np.float64(3)}, "isn't a list of images"),
        ({"images": np.zeros(784)}, "784 isn't a list of images"),
        ({"images": np.zeros((2, 28, 28, 2))}, "2 × 28 × 28 × 2 isn't a list of images"),
        ({"images": np.zeros((2, 783))}, "2 × 783 isn't"),
        ({"images": np.zeros((2, 0, 28))}, "2 × 0 × 28"),
        ({"images": np.zeros((2, 28, 28), "U3")}, "aren't numbers"),
        ({"images": np.zeros((2, 28, 28), complex)}, "aren't numbers"),
    ],
)
def test_bad_content(tmp_path: Path, load_path: Loader, arrays: dict[str, Any], says: str) -> None:
    path = save(tmp_path / "a.npz", **arrays)
    with pytest.raises(UserError, match=says) as caught:
        load_path(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not Bomb.loaded


def rewrite_header(path: Path, old: bytes, new: bytes) -> None:
    with zipfile.ZipFile(path) as archive:
        content = archive.read("images.npy").replace(old, new)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("images.npy", content)


@pytest.mark.parametrize(
    ("shape", "says"),
    [
        (b"(20000000, 28, 28), ", "GiB; give at most"),
        (b"(9, 28, 28), ", "shorter than its header claims"),
        (b"(-2, 28, 28), ", "unknown way"),
        (b"(2, 28, 28, ", "can't be read"),
        (b"(100000000000000000000000, 0), ", "promises 0 bytes but more follow"),
    ],
)
def test_lying_headers(tmp_path: Path, load_path: Loader, shape: bytes, says: str) -> None:
    path = save(tmp_path / "a.npz", images=np.zeros((2, 28, 28), np.uint8))
    rewrite_header(path, b"(2, 28, 28), ", shape)
    with pytest.raises(UserError, match=says):
        load_path(path)


def test_the_reason_is_short(tmp_path: Path, load_path: Loader) -> None:
    path = save(tmp_path / "a.npz", images=np.zeros((2, 28, 28), np.uint8))
    rewrite_header(path, b"(2, 28, 28), ", b"(2, 28, 28 " + b"," * 9)
    with pytest.raises(UserError, match="can't be read") as caught:
        load_path(path)
    assert len(str(caught.value)) < len(str(path)) + 160


@settings(max_examples=100)
@given(place=st.integers(0, 2000), junk=st.binary(min_size=1, max_size=8), cut=st.integers(0, 60))
def test_damage_raises_nothing_but_user_errors(
    scratch: Path, place: int, junk: bytes, cut: int
) -> None:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, images=np.eye(28)[None].repeat(3, 0), labels=np.arange(3))
    content = bytearray(buffer.getvalue())
    place %= len(content)
    content[place : place + len(junk)] = junk
    scratch.write_bytes(content[: len(content) - cut])
    try:
        load(Settings(data=scratch))
    except UserError as error:
        assert str(scratch) in str(error)


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("npz") / "a.npz"


def test_test_labels_alone_label_nothing(tmp_path: Path, load_path: Loader, pixels: Pixels) -> None:
    data = load_path(save(tmp_path / "a.npz", x_train=pixels(2), y_test=np.arange(2)))
    assert not data.labelled


def claiming(path: Path, size_bytes: int) -> Path:
    """A file whose directory claims that its one array unpacks to so much."""
    np.savez(path, images=np.zeros((2, 28, 28), np.uint8))
    whole = path.read_bytes()
    at = whole.index(b"PK\1\2") + 24
    path.write_bytes(whole[:at] + struct.pack("<I", size_bytes) + whole[at + 4 :])
    return path


MOST = f"give at most {MAX_SOURCE_BYTES // 2**20 / 1024:,.1f} GiB, for instance as bytes"


def test_what_arrays_would_take_is_said(
    tmp_path: Path, load_path: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = claiming(tmp_path / "a.npz", 3 * 2**30)
    with pytest.raises(UserError) as caught:
        load_path(path)
    assert str(caught.value) == f"{path}: its arrays take 3.0 GiB; {MOST}, or NPY files."
    rewrite_header(
        save(tmp_path / "b.npz", images=np.zeros((2, 28, 28), np.uint8)),
        b"(2, 28, 28), ",
        b"(4108796, 28, 28), ",
    )
    with pytest.raises(UserError) as caught:
        load_path(tmp_path / "b.npz")
    assert str(caught.value) == (
        f"{tmp_path / 'b.npz'}: the array images takes 3.0 GiB; {MOST}, or an NPY file."
    )
    # What is in the directory counts, headers of 128 bytes too.
    for name, takes in (("c", 2 * 784 + 128), ("d", 2 * 784)):
        np.savez(tmp_path / f"{name}.npz", images=np.full((2, 28, 28), 255, np.uint8))
        monkeypatch.setattr(npz, "MAX_SOURCE_BYTES", takes)
        if name == "c":
            assert len(load_path(tmp_path / "c.npz").images) == 2
            continue
        with pytest.raises(UserError, match=r"its arrays take 0\.0 GiB"):
            load_path(tmp_path / "d.npz")


def test_a_header_claims_no_more_than_the_directory(tmp_path: Path, load_path: Loader) -> None:
    path = save(tmp_path / "a.npz", images=np.zeros((2, 28, 28), np.uint8))
    rewrite_header(path, b"(2, 28, 28), ", b"(3, 28, 28), ")
    with pytest.raises(UserError) as caught:
        load_path(path)
    assert str(caught.value) == (
        f"{path}: the array images is shorter than its header claims (2,352 bytes); write it "
        "again with numpy.savez."
    )


def test_a_thousand_arrays_are_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    with zipfile.ZipFile(path, "w") as archive:
        for at in range(1000):
            archive.writestr(f"a{at}.npy", b"")
        archive.writestr("readme.txt", b"")
        assert len(npz._members(archive, path)) == 1000
        archive.writestr("one_more.npy", b"")
        with pytest.raises(UserError, match="holds 1,001 arrays; put all images into one array"):
            npz._members(archive, path)


def test_what_was_taken_is_said_before_how_it_was_read(
    tmp_path: Path, load_path: Loader, pixels: Pixels
) -> None:
    hot = np.eye(3, dtype=np.uint8)[[0, 2]]
    one_hot = "labels is one-hot: its columns are the classes."
    assert load_path(save(tmp_path / "a.npz", images=pixels(2), labels=hot)).notes == (one_hot,)
    data = load_path(save(tmp_path / "a.npz", data=pixels(2), labels=hot))
    assert data.notes == ("Took data as images and labels as labels.", one_hot)
    data = load_path(save(tmp_path / "a.npz", images=pixels(2), labels=hot, a=np.zeros(3)))
    assert data.notes == ("Took images as images and labels as labels; not used: a.", one_hot)


@pytest.mark.parametrize(
    ("images", "labels", "values", "expected"),
    [
        ("k-images.npz", "k-labels.npz", [3, 1], (3, 1)),
        ("k-imgs.npz", "k-labels.npz", [[3, 1]], (3, 1)),
        ("k-image.npz", "k-label.npz", [[3], [1]], (3, 1)),
        ("k-data.npz", "k-labels.npz", [3, 1], (3, 1)),
        ("k-images.npz", "k-labels.npz", [3, 1, 2], None),
        ("k-images.npz", "l-labels.npz", [3, 1], None),
        ("k-x.npz", "k-y.npz", [3, 1], None),
    ],
)
def test_labels_of_a_file_of_images_alone_lie_in_one_beside(
    tmp_path: Path,
    load_path: Loader,
    pixels: Pixels,
    images: str,
    labels: str,
    values: Any,
    expected: tuple[int, ...] | None,
) -> None:
    np.savez(tmp_path / labels, np.array(values))
    data = load_path(save(tmp_path / images, x=pixels(2)))
    found = None if not data.labelled else tuple(data.class_values[at] for at in data.labels)
    assert found == expected
    # Its own labels come before those.
    data = load_path(save(tmp_path / images, x=pixels(2), y=np.array([8, 9])))
    assert data.class_values == (8, 9)
