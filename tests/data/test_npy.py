from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.data.bomb import Bomb
from tui_ae.config import Settings
from tui_ae.data import npy
from tui_ae.data.dataset import Dataset
from tui_ae.data.load import check_path, load
from tui_ae.data.progress import unheard
from tui_ae.data.roles import Named
from tui_ae.errors import UserError

Loader = Callable[[Path], Dataset]
Pixels = Callable[..., np.ndarray]


def save(path: Path, array: Any) -> Path:
    np.save(path, array)
    return path


@pytest.mark.parametrize("order", ["C", "F"])
def test_images_without_labels(
    tmp_path: Path, load_path: Loader, pixels: Pixels, order: Any
) -> None:
    path = save(tmp_path / "digits.npy", np.asarray(pixels(4), order=order))
    check_path(path)
    data = load_path(path)
    assert data.name == "digits"
    assert not data.labelled
    np.testing.assert_array_equal(data.images[:], pixels(4).reshape(4, 784) / np.float32(255))


@pytest.mark.parametrize(
    ("images", "labels"),
    [
        ("digits", "digits_labels"),
        ("digits", "labels"),
        ("images", "labels"),
        ("train-images", "train-labels"),
        ("x_train", "y_train"),
        ("X_train", "y_train"),
        ("X", "y"),
    ],
)
def test_images_find_their_labels(
    tmp_path: Path, load_path: Loader, pixels: Pixels, images: str, labels: str
) -> None:
    save(tmp_path / f"{labels}.npy", np.array([7, 3, 7]))
    data = load_path(save(tmp_path / f"{images}.npy", pixels(3)))
    assert data.labels.tolist() == [1, 0, 1]
    assert data.class_names == ("3", "7")


def test_the_nearest_name_wins(tmp_path: Path, load_path: Loader, pixels: Pixels) -> None:
    save(tmp_path / "labels.npy", np.arange(9))
    save(tmp_path / "x_labels.npy", np.array(["cat", "dog"]))
    assert load_path(save(tmp_path / "x.npy", pixels(2))).class_names == ("cat", "dog")


def test_images_are_not_their_own_labels(tmp_path: Path, load_path: Loader, pixels: Pixels) -> None:
    assert not load_path(save(tmp_path / "labels.npy", pixels(2))).labelled


@pytest.mark.parametrize(
    ("labels", "says"),
    [
        (np.arange(5), "a.npy: 5 labels in labels.npy for 4 images"),
        (np.zeros((4, 10)), "labels.npy is of 4 × 10"),
        (np.array([Bomb()] * 4), "labels.npy holds Python objects"),
    ],
)
def test_labels_that_do_not_fit(
    tmp_path: Path, load_path: Loader, pixels: Pixels, labels: np.ndarray, says: str
) -> None:
    save(tmp_path / "labels.npy", labels)
    with pytest.raises(UserError, match=says):
        load_path(save(tmp_path / "a.npy", pixels(4)))
    assert not Bomb.loaded


def deep_header(depth: int) -> bytes:
    """How deep Python still follows, and what it raises then, differs from release to release."""
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", depth + 1) + b"-" * depth + b"1"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"\x93NUMPY", "can't be read"),
        (b"\x93NUMPY\x01\x00", "can't be read"),
        (b"\x93NUMPY\x07\x00" + bytes(100), "isn't a plain array|can't be read"),
        (b"\x93NUMPY\x01\x00\x10\x00{'descr': 1}    \n", "can't be read"),
        *((deep_header(depth), "can't be read") for depth in (100, 2000, 4000, 8000)),
    ],
)
def test_broken_headers(tmp_path: Path, load_path: Loader, content: bytes, says: str) -> None:
    path = tmp_path / "a.npy"
    path.write_bytes(content)
    check_path(path)
    with pytest.raises(UserError, match=says) as caught:
        load_path(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("shape", "says"),
    [
        (b"(9, 28, 28), ", "promises 7,056 bytes but only 1,568 follow; write it again"),
        (b"(1, 28, 28), ", "promises 784 bytes but more follow"),
        (b"(-2, 28, 28), ", "unknown way; write it again with numpy.save"),
        (b"(900000000000, 28, 28), ", "promises 705,600,000,000,000 bytes but only 1,568"),
        (b"(1" + b"0" * 30 + b", 0), ", "promises 0 bytes but more follow"),
    ],
)
def test_lying_headers(tmp_path: Path, load_path: Loader, shape: bytes, says: str) -> None:
    path = save(tmp_path / "a.npy", np.zeros((2, 28, 28), np.uint8))
    whole = path.read_bytes()
    old = b"(2, 28, 28), "
    padding = len(shape) - len(old)
    path.write_bytes(whole.replace(old, shape).replace(b" " * max(padding, 0) + b"\n", b"\n", 1))
    with pytest.raises(UserError, match=says):
        load_path(path)


LONG_TYPE = [(name * 3000, "u1") for name in "ab"]


@pytest.mark.parametrize(
    ("array", "says"),
    [
        (np.float64(3), "an array of no dimension isn't a list of images"),
        (np.zeros((3, 4, 4), LONG_TYPE), "structured array with the fields a+…"),
    ],
)
def test_odd_arrays_are_named_briefly(
    tmp_path: Path, load_path: Loader, array: Any, says: str
) -> None:
    path = save(tmp_path / "a.npy", array)
    with pytest.raises(UserError, match=says) as caught:
        load_path(path)
    assert len(str(caught.value)) < len(str(path)) + 240


def test_objects_are_never_loaded(tmp_path: Path, load_path: Loader) -> None:
    path = save(tmp_path / "a.npy", np.array([Bomb(), Bomb()]))
    with pytest.raises(UserError, match="Python objects"):
        load_path(path)
    assert not Bomb.loaded


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("npy") / "a.npy"


@settings(max_examples=150)
@given(
    place=st.integers(6, 140),
    junk=st.binary(min_size=1, max_size=8),
    cut=st.integers(0, 60),
    mapped=st.booleans(),
)
@example(place=22, junk=b"0", cut=0, mapped=False)
def test_damage_raises_nothing_but_user_errors(
    scratch: Path, place: int, junk: bytes, cut: int, mapped: bool
) -> None:
    content = bytearray(save(scratch, np.eye(28, dtype=">f4")[None].repeat(3, 0)).read_bytes())
    content[place : place + len(junk)] = junk
    scratch.write_bytes(content[: len(content) - cut])
    with pytest.MonkeyPatch.context() as patch:
        if mapped:
            patch.setattr("tui_ae.data.content.MAX_READ_BYTES", 0)
        try:
            load(Settings(data=scratch))
        except UserError as error:
            assert str(scratch) in str(error)


def test_a_structured_array_is_named_with_its_fields(tmp_path: Path) -> None:
    array = np.zeros(4, [("image", "u1", (28, 28)), ("größe", "i4")])
    for path in (save(tmp_path / "d.npy", array), tmp_path):
        with pytest.raises(UserError, match="structured array with the fields image, größe"):
            load(Settings(data=path))
    np.savez(tmp_path / "d.npz", images=array)
    with pytest.raises(UserError, match="structured array"):
        load(Settings(data=tmp_path / "d.npz"))


@pytest.mark.parametrize(
    ("array", "says"),
    [(np.array({"a": 1}, object), "Python objects"), (np.zeros((56, 28)), "56 × 28")],
)
def test_the_only_array_of_a_folder_is_told_of_as_itself(
    tmp_path: Path, array: Any, says: str
) -> None:
    np.save(tmp_path / "d.npy", array, allow_pickle=True)
    with pytest.raises(UserError, match=says):
        load(Settings(data=tmp_path))


def test_a_structured_array_beside_the_images_is_passed_over(tmp_path: Path) -> None:
    images = np.eye(28, dtype="u1")[None].repeat(4, 0)
    np.savez(tmp_path / "d.npz", images=images, meta=np.zeros(4, [("a", "u1"), ("b", "i4")]))
    data = load(Settings(data=tmp_path / "d.npz"))
    assert len(data.images) == 4 and "not used: meta" in data.notes[0]


def test_labels_that_are_one_value_are_said_to_be_unused(tmp_path: Path) -> None:
    np.savez(tmp_path / "d.npz", images=np.eye(28, dtype="u1")[None].repeat(4, 0), labels=3)
    data = load(Settings(data=tmp_path / "d.npz"))
    assert not data.labelled and "not used: labels" in data.notes[0]


def test_bytes_without_a_header_get_the_line_that_reads_them(tmp_path: Path) -> None:
    path = tmp_path / "images.dat"
    path.write_bytes(bytes(range(256)) * 49)
    with pytest.raises(UserError, match=r"np\.fromfile\(.*reshape\(-1, 28, 28\)"):
        load(Settings(data=path))


@pytest.mark.parametrize(("version", "is_read"), [((1, 0), True), ((2, 0), True), ((3, 0), False)])
def test_headers_of_numbers_have_two_versions(
    tmp_path: Path, version: tuple[int, int], *, is_read: bool
) -> None:
    path = tmp_path / "a.npy"
    with path.open("wb") as file:
        np.lib.format.write_array(file, np.arange(6).reshape(2, 3), version)
    if is_read:
        assert npy.read_array(path).tolist() == [[0, 1, 2], [3, 4, 5]]
        return
    with pytest.raises(UserError, match=r"isn't a plain array; store numbers or strings alone\."):
        npy.read_array(path)


@pytest.mark.parametrize("order", ["<", ">"])
def test_words_are_read_in_both_orders_and_the_last_character_is_one(
    tmp_path: Path, order: str
) -> None:
    words = np.array(["b", chr(0x10FFFF)], f"{order}U1")
    assert npy.read_array(save(tmp_path / "a.npy", words)).tolist() == ["b", chr(0x10FFFF)]
    assert npy.read_array(save(tmp_path / "a.npy", words[:0])).tolist() == []
    beyond = np.array([0x110000], f"{order}u4")
    with pytest.raises(UserError, match="holds characters that don't exist; write it again"):
        npy.read_array(save(tmp_path / "a.npy", beyond.view(f"{order}U1")))
    assert npy.read_array(save(tmp_path / "a.npy", beyond)).tolist() == [0x110000]


def test_a_file_that_cannot_be_read_is_looked_at_as_no_array(tmp_path: Path) -> None:
    save(tmp_path / "x_a.npy", np.zeros((3, 28, 28), np.float32))
    assert npy.look(tmp_path / "x_a.npy") == Named("x_a", (3, 28, 28), "f")
    (tmp_path / "x_a.npy").write_bytes(b"\x93NUMPY")
    assert npy.look(tmp_path / "x_a.npy") == Named("x_a", (0,), "O")


def test_labels_are_looked_for_among_a_hundred_files_beside(tmp_path: Path, pixels: Pixels) -> None:
    images = save(tmp_path / "a.npy", pixels(2))
    one = images.read_bytes()
    for at in range(98):
        (tmp_path / f"b{at:02}.npy").write_bytes(one)
    save(tmp_path / "target.npy", np.array([3, 1]))
    found = npy.read_npy(images, unheard)
    assert found.labels is not None and found.labels.tolist() == [3, 1]
    assert found.notes == ("Took the labels of target.npy.",)
    (tmp_path / "c.npy").write_bytes(one)
    assert npy.read_npy(images, unheard).labels is None


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ({"target": [3, 1]}, [3, 1]),
        ({"target": [[3, 1]]}, [3, 1]),
        ({"target": [3, 1], "classes": [3, 1]}, None),
        ({"target": [3, 1], "classes": [3, 1, 2]}, [3, 1]),
        ({"target": [3, 1, 2]}, None),
        ({"target_test": [3, 1]}, None),
        ({"others": [3, 1]}, None),
        ({"target": [[[3], [1]], [[3], [1]]]}, None),
        # By their names labels are those of the images, however many.
        ({"a_labels": [3, 1], "target": [4, 4]}, [3, 1]),
        ({"labels": [3, 1], "a_labels": [4, 4]}, [4, 4]),
    ],
)
def test_the_one_file_beside_that_is_called_labels_has_them(
    tmp_path: Path, pixels: Pixels, others: dict[str, Any], expected: list[int] | None
) -> None:
    for name, values in others.items():
        save(tmp_path / f"{name}.npy", np.array(values))
    labels = npy.read_npy(save(tmp_path / "a.npy", pixels(2)), unheard).labels
    assert (None if labels is None else labels.tolist()) == expected


def test_labels_may_be_as_many_as_the_last_axis_is_long(tmp_path: Path, pixels: Pixels) -> None:
    save(tmp_path / "labels.npy", np.arange(3))
    turned = npy.read_npy(save(tmp_path / "a.npy", np.moveaxis(pixels(3), 0, -1)), unheard)
    assert turned.labels is not None and turned.labels.tolist() == [0, 1, 2]
    with pytest.raises(UserError, match=r"a\.npy: 3 labels in labels\.npy for 4 images; give one"):
        npy.read_npy(save(tmp_path / "a.npy", pixels(4)), unheard)


@pytest.mark.parametrize(
    ("images", "names"),
    [
        ("x", ["y", "Y", "x_labels", "labels"]),
        ("X_a", ["y_a", "Y_a", "X_a_labels", "labels"]),
        ("xa", ["xa_labels", "labels"]),
        ("a-images", ["a-labels", "a-images_labels", "labels"]),
    ],
)
def test_names_of_labels_in_the_order_in_which_they_count(
    tmp_path: Path, images: str, names: list[str]
) -> None:
    for name in names:
        (tmp_path / f"{name}.npy").touch()
    for name in names:
        assert npy.labels_beside(tmp_path / f"{images}.npy") == tmp_path / f"{name}.npy"
        (tmp_path / f"{name}.npy").unlink()
    assert npy.labels_beside(tmp_path / f"{images}.npy") is None


def test_a_large_array_has_to_be_in_the_order_of_its_images(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    array = np.arange(24).reshape(4, 3, 2)
    path = save(tmp_path / "a.npy", np.asfortranarray(array))
    np.testing.assert_array_equal(npy.read_array(path), array)
    monkeypatch.setattr("tui_ae.data.content.MAX_READ_BYTES", 0)
    with pytest.raises(UserError, match="a large array in Fortran's order, which can't be read"):
        npy.read_array(path)
    np.testing.assert_array_equal(npy.read_array(save(tmp_path / "a.npy", array)), array)
