from __future__ import annotations

import gzip
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.data.memory import at_most
from tui_ae.config import Settings
from tui_ae.data.dataset import Dataset
from tui_ae.data.idx import image_files, labels_beside, looks_like_idx, read_idx
from tui_ae.data.load import load
from tui_ae.errors import UserError

Writer = Callable[..., Path]
Loader = Callable[[Path], Dataset]
Pixels = Callable[..., np.ndarray]

KINDS = ("u1", "i1", ">i2", ">i4", ">f4", ">f8")
HEAD = bytes([0, 0, 8, 3])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["set", "set.gz"])
def test_reads_what_was_written(tmp_path: Path, write_idx: Writer, kind: str, name: str) -> None:
    array = np.arange(2 * 3 * 4).reshape(2, 3, 4)
    read = read_idx(write_idx(tmp_path / name, array, kind))
    np.testing.assert_array_equal(read, array)
    assert read.dtype == np.dtype(kind)


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("idx") / "file"


def mutated() -> st.SearchStrategy[bytes]:
    """Headers that are nearly right, with any sizes and any bytes after them."""
    head = st.builds(
        lambda kind, sizes, body: (
            bytes([0, 0, kind, len(sizes)]) + struct.pack(f">{len(sizes)}I", *sizes) + body
        ),
        st.sampled_from([0x08, 0x09, 0x0B, 0x0C, 0x0D, 0x0E]),
        st.lists(st.one_of(st.integers(0, 3), st.integers(0, 2**32 - 1)), max_size=6),
        st.binary(max_size=40),
    )
    return st.one_of(st.binary(max_size=64), head)


@settings(max_examples=300)
@given(content=mutated(), packed=st.booleans(), cut=st.integers(0, 30))
@example(content=HEAD + b"\xff" * 12, packed=False, cut=0)
@example(content=b"\x1f\x8b", packed=False, cut=0)
@example(content=bytes([0, 0, 12, 4, 0, 0, 0, 0]) + b"\x7f" * 12, packed=False, cut=0)
@example(content=bytes([0, 0, 8, 2]) + bytes(8), packed=False, cut=0)
def test_random_bytes_raise_nothing_but_user_errors(
    scratch: Path, content: bytes, packed: bool, cut: int
) -> None:
    stored = gzip.compress(content) if packed else content
    scratch.write_bytes(stored[: len(stored) - cut] if packed else stored)
    assert_array_or_user_error(read_idx, scratch)
    assert_array_or_user_error(lambda path: load(Settings(data=path)), scratch)


def assert_array_or_user_error(read: Callable[[Path], object], path: Path) -> None:
    try:
        read(path)
    except UserError as error:
        assert_one_sentence(error, path)


def assert_one_sentence(error: UserError, path: Path) -> None:
    text = str(error)
    assert str(path) in text
    assert "\n" not in text
    assert text.endswith(".")
    assert ";" in text, "says what to do"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "nothing"),
        (b"\0\0\x08", "starts with 00 00 08"),
        (b"hello", "starts with 68 65 6c 6c"),
        (bytes([0, 0, 7, 3]) + bytes(20), "not an IDX file"),
        (HEAD + bytes(5), "cut short"),
        (bytes([0, 0, 8, 200]) + bytes(900), "200 dimensions"),
        (HEAD + struct.pack(">3I", 2, 2, 2) + bytes(7), "promises 8 bytes but only 7 follow"),
        (HEAD + struct.pack(">3I", 2, 2, 2) + bytes(9), "promises 8 bytes but more follow"),
        (HEAD + struct.pack(">3I", 60000, 2**31, 28), "60000 × 2147483648 × 28 values"),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_lying_headers_are_named(tmp_path: Path, content: bytes, says: str, packed: bool) -> None:
    path = tmp_path / "images"
    path.write_bytes(gzip.compress(content) if packed else content)
    with pytest.raises(UserError, match=says) as caught:
        read_idx(path)
    assert_one_sentence(caught.value, path)


def test_a_lying_header_costs_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "images"
    path.write_bytes(HEAD + struct.pack(">3I", 2_000_000, 28, 28) + bytes(1000))
    with at_most(4 * 2**20), pytest.raises(UserError, match="promises"):
        read_idx(path)


def test_a_gzip_bomb_is_read_no_further_than_promised(tmp_path: Path) -> None:
    path = tmp_path / "images.gz"
    path.write_bytes(gzip.compress(HEAD + struct.pack(">3I", 2, 28, 28) + bytes(16 * 2**20)))
    with at_most(4 * 2**20), pytest.raises(UserError, match="more follow"):
        read_idx(path)


def test_truncated_and_corrupt_gzip(tmp_path: Path, write_idx: Writer, pixels: Pixels) -> None:
    path = write_idx(tmp_path / "images.gz", pixels(20))
    whole = path.read_bytes()
    for broken in (whole[:-200], whole[:3000] + b"xxxxxxxx" + whole[3008:]):
        path.write_bytes(broken)
        with pytest.raises(UserError, match="can't be read"):
            read_idx(path)


@pytest.mark.parametrize(
    "name",
    ["train-images-idx3-ubyte", "train-images.idx3-ubyte", "t10k-images-idx3-ubyte.gz"],
)
def test_a_file_finds_its_labels(
    tmp_path: Path, write_idx: Writer, load_path: Loader, pixels: Pixels, name: str
) -> None:
    images = write_idx(tmp_path / name, pixels(4))
    labels = name.removesuffix(".gz").replace("images", "labels").replace("idx3", "idx1")
    write_idx(tmp_path / f"{labels}.gz", np.array([3, 5, 3, 9]))
    data = load_path(images)
    assert data.labels.tolist() == [0, 1, 0, 2]
    assert data.class_names == ("3", "5", "9")
    assert data.labelled
    np.testing.assert_array_equal(data.images.array, (pixels(4) / np.float32(255)).reshape(4, 784))


def test_no_labels_are_fine(
    tmp_path: Path, write_idx: Writer, load_path: Loader, pixels: Pixels
) -> None:
    data = load_path(write_idx(tmp_path / "train-images-idx3-ubyte", pixels(4)))
    assert not data.labelled
    assert data.class_names == ("all",)
    assert data.labels.tolist() == [0, 0, 0, 0]


def write_set(folder: Path, write_idx: Writer, pixels: Pixels, suffix: str = "") -> None:
    for split, count, seed in (("train", 5, 1), ("t10k", 3, 2)):
        write_idx(folder / f"{split}-images-idx3-ubyte{suffix}", pixels(count, seed=seed))
        write_idx(folder / f"{split}-labels-idx1-ubyte{suffix}", np.arange(count))


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_a_folder_gives_training_and_then_test_images(
    tmp_path: Path, write_idx: Writer, load_path: Loader, pixels: Pixels, suffix: str
) -> None:
    write_set(tmp_path / "mnist", write_idx, pixels, suffix)
    data = load_path(tmp_path / "mnist")
    assert data.name == "mnist"
    assert data.labels.tolist() == [0, 1, 2, 3, 4, 0, 1, 2]
    stored = np.concatenate([pixels(5, seed=1), pixels(3, seed=2)]).reshape(-1, 784)
    np.testing.assert_allclose(data.images[:], stored / 255, atol=1e-6)
    assert data.notes == ("Read train-images-idx3-ubyte and t10k-images-idx3-ubyte.",)


def test_packed_twins_count_once(
    tmp_path: Path, write_idx: Writer, load_path: Loader, pixels: Pixels
) -> None:
    write_set(tmp_path, write_idx, pixels)
    write_set(tmp_path, write_idx, pixels, ".gz")
    assert len(load_path(tmp_path).images) == 8


def test_fashion_names_come_from_the_path(
    tmp_path: Path, write_idx: Writer, load_path: Loader, pixels: Pixels
) -> None:
    write_set(tmp_path / "Fashion-MNIST", write_idx, pixels)
    data = load_path(tmp_path / "Fashion-MNIST")
    assert data.name == "Fashion-MNIST"
    assert data.class_names == ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat")


def test_counts_that_differ(
    tmp_path: Path, write_idx: Writer, load_path: Loader, pixels: Pixels
) -> None:
    images = write_idx(tmp_path / "train-images-idx3-ubyte", pixels(4))
    write_idx(tmp_path / "train-labels-idx1-ubyte", np.arange(5))
    with pytest.raises(UserError, match="5 labels for the 4 images"):
        load_path(images)


def test_labels_of_another_shape(
    tmp_path: Path, write_idx: Writer, load_path: Loader, pixels: Pixels
) -> None:
    images = write_idx(tmp_path / "train-images-idx3-ubyte", pixels(4))
    write_idx(tmp_path / "train-labels-idx1-ubyte", np.zeros((4, 3, 2)))
    with pytest.raises(UserError, match="is of 4 × 3 × 2"):
        load_path(images)


def test_labels_given_as_images(tmp_path: Path, write_idx: Writer, load_path: Loader) -> None:
    with pytest.raises(UserError, match="holds labels, not images"):
        load_path(write_idx(tmp_path / "train-labels-idx1-ubyte", np.arange(5)))


def test_labels_for_one_split_alone(
    tmp_path: Path, write_idx: Writer, load_path: Loader, pixels: Pixels
) -> None:
    write_set(tmp_path, write_idx, pixels)
    alone = len(load_path(tmp_path / "train-images-idx3-ubyte").images)
    (tmp_path / "t10k-labels-idx1-ubyte").unlink()
    data = load_path(tmp_path)
    assert data.labelled and len(data.images) == alone
    assert any("Left out t10k-images-idx3-ubyte" in note for note in data.notes)


def test_a_folder_of_several_sets(
    tmp_path: Path, write_idx: Writer, load_path: Loader, pixels: Pixels
) -> None:
    for name in ("emnist-letters", "emnist-digits"):
        write_idx(tmp_path / f"{name}-train-images-idx3-ubyte", pixels(2))
    with pytest.raises(UserError, match="holds 2 sets"):
        load_path(tmp_path)


def test_looks_like_idx() -> None:
    assert looks_like_idx(HEAD)
    assert not looks_like_idx(b"\0\0")
    assert not looks_like_idx(bytes([0, 0, 8, 0]))
    assert looks_like_idx(bytes([0, 0, 14, 1]))
    assert not looks_like_idx(bytes([0, 0, 10, 1]))
    assert not looks_like_idx(bytes([0, 1, 8, 1]))
    assert not looks_like_idx(HEAD[:3])


def test_an_array_has_four_dimensions_at_most(tmp_path: Path, write_idx: Writer) -> None:
    assert read_idx(write_idx(tmp_path / "a", np.zeros((2, 3, 4, 3)))).shape == (2, 3, 4, 3)
    with pytest.raises(UserError) as caught:
        read_idx(write_idx(tmp_path / "a", np.zeros((2, 3, 4, 3, 1))))
    assert str(caught.value) == (
        f"{tmp_path / 'a'}: the header of 5 dimensions is cut short or no header; download it "
        "again."
    )


@pytest.mark.parametrize(
    ("shape", "most", "said"),
    [
        ((2, 28, 28), 1568, None),
        ((2, 28, 28), 1567, "the header claims 2 × 28 × 28 values, more than can be held"),
        ((1, 1, 900), 900, None),
        # Where a size is 0 the others count.
        ((0, 28, 28), 784, None),
        ((0, 28, 28), 783, "the header claims 0 × 28 × 28 values, more than can be held"),
    ],
)
def test_a_packed_file_holds_no_more_than_memory_does(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    write_idx: Writer,
    shape: tuple[int, ...],
    most: int,
    said: str | None,
) -> None:
    path = write_idx(tmp_path / "a.gz", np.zeros(shape))
    monkeypatch.setattr("tui_ae.data.idx.MAX_SOURCE_BYTES", most)
    monkeypatch.setattr("tui_ae.data.idx.MAX_DEFLATE_RATIO", 10**9)
    if said is None:
        assert read_idx(path).shape == shape
        return
    with pytest.raises(UserError) as caught:
        read_idx(path)
    assert str(caught.value) == f"{path}: {said}; download it again or give a smaller set."


def test_a_packed_byte_stands_for_1032_at_most(tmp_path: Path) -> None:
    path = tmp_path / "a.gz"

    def said(count: int) -> str:
        path.write_bytes(gzip.compress(bytes([0, 0, 8, 1]) + struct.pack(">I", count), 0))
        with pytest.raises(UserError) as caught:
            read_idx(path)
        return str(caught.value)

    said(1)
    most = path.stat().st_size * 1032
    assert f"promises {most:,} bytes but only 0 follow" in said(most)
    packed = path.stat().st_size
    assert f"{most + 1} values, more than {packed:,} packed bytes can hold; download" in said(
        most + 1
    )


def test_sizes_whose_bytes_are_in_the_wrong_order_are_told_where_the_right_ones_would_fit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a"
    path.write_bytes(HEAD + struct.pack("<3I", 2, 28, 28) + bytes(9))
    monkeypatch.setattr("tui_ae.data.idx.MAX_SOURCE_BYTES", 1568)
    with pytest.raises(UserError, match="bytes in the wrong order; IDX stores the largest byte"):
        read_idx(path)
    monkeypatch.setattr("tui_ae.data.idx.MAX_SOURCE_BYTES", 1567)
    with pytest.raises(UserError, match="more than can be held"):
        read_idx(path)


def test_which_files_of_a_folder_are_images(tmp_path: Path) -> None:
    images = [
        *("train-images-idx3-ubyte", "train2-images.idx3-ubyte", "t10k-images-idx3-ubyte.gz"),
        *("test-images-ubyte", "other-images-idx3", "x-images-idx3-int"),
    ]
    others = [
        *("images", "train-labels-idx1-ubyte", "train-images-idx3-ubyte.part", ".a-images-idx3"),
        *("_images-idx3", "~images-idx3", "notes-idx"),
    ]
    for name in (*images, *others):
        (tmp_path / name).touch()
    (tmp_path / "z-images-idx3").mkdir()
    # Training before test, then what says neither.
    assert [path.name for path in image_files(tmp_path)] == [
        *("train-images-idx3-ubyte", "train2-images.idx3-ubyte", "t10k-images-idx3-ubyte.gz"),
        *("test-images-ubyte", "other-images-idx3", "x-images-idx3-int"),
    ]


def test_labels_belong_to_images_of_the_same_name(tmp_path: Path) -> None:
    for name in ("a-labels-idx1-ubyte", "b-labels-idx1-ubyte.gz", "labels-idx1-ubyte"):
        (tmp_path / name).touch()
    (tmp_path / "c-labels-idx1-ubyte").mkdir()
    found = {
        name: labels_beside(tmp_path / name)
        for name in (
            *("a-images-idx3-ubyte", "b-images-idx3-ubyte", "c-images-idx3-ubyte", "images-idx3"),
            *("d-images-idx3-ubyte", "a-pictures"),
        )
    }
    assert {name: path and path.name for name, path in found.items()} == {
        "a-images-idx3-ubyte": "a-labels-idx1-ubyte",
        "b-images-idx3-ubyte": "b-labels-idx1-ubyte.gz",
        "c-images-idx3-ubyte": None,
        "images-idx3": "labels-idx1-ubyte",
        "d-images-idx3-ubyte": None,
        "a-pictures": None,
    }


def test_several_sets_are_named(tmp_path: Path, write_idx: Writer, load_path: Loader) -> None:
    for name in "edcba":
        write_idx(tmp_path / f"{name}-train-images-idx3-ubyte", np.zeros((2, 28, 28)))
    write_idx(tmp_path / "a-test-images-idx3-ubyte", np.zeros((2, 28, 28)))
    names = ", ".join(f"{name}-train-images-idx3-ubyte" for name in "abcd")
    with pytest.raises(UserError) as caught:
        load_path(tmp_path)
    assert str(caught.value) == (f"{tmp_path}: holds 5 sets ({names} …); give one file of images.")


def test_one_file_of_a_folder_is_not_said(
    tmp_path: Path, write_idx: Writer, load_path: Loader, pixels: Pixels
) -> None:
    write_idx(tmp_path / "emnist-letters-train-images-idx3-ubyte", pixels(3))
    data = load_path(tmp_path)
    assert data.notes == ("EMNIST stores its images on their sides: they were turned upright.",)
    colours = np.repeat(pixels(3)[..., None], 3, axis=3)
    write_idx(tmp_path / "emnist-letters-train-images-idx3-ubyte", colours)
    # Only greys are known to lie so.
    np.testing.assert_allclose(
        load_path(tmp_path).images[:], pixels(3).reshape(3, 784) / 255, atol=1e-5
    )


INSTALLED = Path("/usr/share/datasets/fashion-mnist")


@pytest.mark.skipif(not INSTALLED.is_dir(), reason="Fashion-MNIST isn't installed")
def test_the_real_fashion_mnist(load_path: Loader) -> None:
    data = load_path(INSTALLED)
    assert data.images[:].shape == (70_000, 784)
    assert data.counts.tolist() == [7_000] * 10
    assert data.class_names[9] == "Ankle boot"
    assert data.images[:].mean() == pytest.approx(0.286, abs=0.001)
