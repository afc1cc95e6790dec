"""What people's files are called: images find their labels, and a sentence says what was taken."""

from __future__ import annotations

import ast
import gzip
import io
import pickle
import re
import shlex
import struct
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tui_ae.config import Settings
from tui_ae.data.dataset import Dataset
from tui_ae.data.load import load
from tui_ae.data.picture import is_image
from tui_ae.errors import UserError

COUNT = 12


def shown(count: int = COUNT, side: int = 28) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Images that are different, and none the same on its side."""
    rng = np.random.default_rng(count)
    images = rng.integers(0, 256, (count, side, side), np.uint8)
    images[:, 0, 0] = 255
    return images


def numbers(count: int = COUNT) -> np.ndarray[Any, np.dtype[np.int64]]:
    return np.arange(count) % 3


def loaded(path: Path, **settings: Any) -> Dataset:
    return load(Settings(data=path, held_out=0, **settings))


def assert_shows(data: Dataset, images: Any, labels: Any = None) -> None:
    np.testing.assert_allclose(data.images[:], images.reshape(len(images), -1) / 255, atol=1e-6)
    assert data.labelled == (labels is not None)
    if labels is not None:
        assert [data.class_names[label] for label in data.labels] == [str(v) for v in labels]


NAMES = [
    ("x_train", "y_train"), ("X_train", "y_train"), ("X", "Y"), ("x", "y"), ("data", "labels"),
    ("data", "target"), ("images", "targets"), ("image", "label"), ("digits", "labels"),
    ("train_images", "train_labels"), ("trainX", "trainY"), ("xtrain", "ytrain"), ("imgs", "lbl"),
    ("train_x", "train_y"), ("Images", "Labels"), ("train_data", "train_targets"),
    ("features", "classes"), ("pixels", "class"), ("images_train", "labels_train"),
    ("X_tr", "y_tr"), ("train", "train_labels"), ("arr_0", "y"), ("imgs", "lbls"),
    ("train_dataset", "train_labels"),
]  # fmt: skip


@pytest.mark.parametrize(("images", "labels"), NAMES)
@pytest.mark.parametrize("column", [False, True])
def test_images_find_their_labels_by_any_usual_name(
    tmp_path: Path, images: str, labels: str, *, column: bool
) -> None:
    values = numbers()[:, None] if column else numbers()
    save(tmp_path / "a.npz", {images: shown(), labels: values})
    assert_shows(loaded(tmp_path / "a.npz"), shown(), numbers())


def test_two_arrays_without_names_are_images_and_labels(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", shown(), numbers())
    data = loaded(tmp_path / "a.npz")
    assert_shows(data, shown(), numbers())
    assert data.notes == ("Took arr_0 as images and arr_1 as labels.",)


def test_training_validation_and_test_come_in_this_order(tmp_path: Path) -> None:
    parts = {"test": shown(4), "train": shown(6), "val": shown(5)}
    arrays: dict[str, Any] = {f"{split}_images": part for split, part in parts.items()}
    arrays |= {f"{split}_labels": numbers(len(part))[:, None] for split, part in parts.items()}
    np.savez(tmp_path / "a.npz", **arrays)
    data = loaded(tmp_path / "a.npz")
    assert len(data.images) == 15 and data.labelled
    np.testing.assert_allclose(data.images[:6], shown(6).reshape(6, -1) / 255, atol=1e-6)
    np.testing.assert_allclose(data.images[11:], shown(4).reshape(4, -1) / 255, atol=1e-6)


def test_says_what_was_taken_as_what_and_what_was_not_used(tmp_path: Path) -> None:
    np.savez(
        tmp_path / "a.npz", data=shown(), target=numbers(), weights=np.ones(3), DESCR=np.array("x")
    )
    (note,) = loaded(tmp_path / "a.npz").notes
    assert note == "Took data as images and target as labels; not used: weights, DESCR."


@pytest.mark.parametrize("name", ["arr_0", "faces"])
def test_a_single_array_is_taken_whatever_it_is_called(tmp_path: Path, name: str) -> None:
    save(tmp_path / "a.npz", {name: shown()})
    data = loaded(tmp_path / "a.npz")
    assert_shows(data, shown())
    assert data.notes == (f"Took {name} as images, no labels.",)


def test_a_part_without_labels_is_left_out_and_named(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x_train=shown(), y_train=numbers(), x_test=shown(4))
    data = loaded(tmp_path / "a.npz")
    assert_shows(data, shown(), numbers())
    assert "x_test left out, for there are no labels of it" in data.notes[0]


def test_names_of_classes_are_taken(tmp_path: Path) -> None:
    names = np.array(["cat", "dog", "owl"])
    for called in ("target_names", "class_names", "classes", "label_names"):
        save(tmp_path / "a.npz", {"images": shown(), "labels": numbers(), called: names})
        assert loaded(tmp_path / "a.npz").class_names == ("cat", "dog", "owl"), called


@pytest.mark.parametrize("other", ["feature_names", "column_names", "image_names", "file_names"])
@pytest.mark.parametrize("own", [None, "target_names"])
def test_names_of_something_else_are_no_names_of_classes(
    tmp_path: Path, other: str, own: str | None
) -> None:
    path = tmp_path / "d.npz"
    names = {other: np.array([f"pixel_{i}" for i in range(784)])}
    names |= {own: np.array(["bar", "ring", "corner"])} if own else {}
    np.savez(path, images=shown(), target=numbers(), **names)  # type: ignore[arg-type]
    data = loaded(path)
    assert data.class_names == (("bar", "ring", "corner") if own else ("0", "1", "2"))
    assert any(f"not used: {other}" in note for note in data.notes)


def test_one_hot_and_qmnists_columns_are_read(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", images=shown(), labels=np.eye(3)[numbers()])
    data = loaded(tmp_path / "a.npz")
    assert_shows(data, shown(), numbers())
    assert any("one-hot" in note for note in data.notes)
    wide = np.zeros((COUNT, 8), np.int32)
    wide[:, 0], wide[:, 1:] = numbers(), 7
    np.savez(tmp_path / "b.npz", images=shown(), labels=wide)
    assert_shows(loaded(tmp_path / "b.npz"), shown(), numbers())


def test_pairs_of_files_belong_together(tmp_path: Path) -> None:
    np.savez(tmp_path / "k-train-imgs.npz", shown())
    np.savez(tmp_path / "k-train-labels.npz", numbers())
    for path in (tmp_path / "k-train-imgs.npz", tmp_path):
        data = loaded(path)
        assert_shows(data, shown(), numbers())
        assert any("k-train-labels.npz" in note for note in data.notes)


@pytest.mark.parametrize(
    ("images", "labels"), [("data", "target"), ("train_x", "train_y"), ("faces", "faces_labels")]
)
def test_npy_files_find_their_labels_alone_and_in_a_folder(
    tmp_path: Path, images: str, labels: str
) -> None:
    np.save(tmp_path / f"{images}.npy", shown())
    np.save(tmp_path / f"{labels}.npy", numbers())
    (tmp_path / "._data.npy").write_bytes(b"of a Mac")
    for path in (tmp_path / f"{images}.npy", tmp_path):
        assert_shows(loaded(path), shown(), numbers())


def test_files_that_are_called_for_what_is_on_them_are_classes(tmp_path: Path) -> None:
    for name, count in (("cat", 4), ("dog", 3), ("10", 2), ("2", 2)):
        np.save(tmp_path / f"{name}.npy", shown(count).reshape(count, 784))
    data = loaded(tmp_path)
    assert set(data.class_names) == {"cat", "dog", "2", "10"}
    counts = dict(zip(data.class_names, data.counts.tolist(), strict=True))
    assert counts == {"cat": 4, "dog": 3, "10": 2, "2": 2}


def csv(images: Any, labels: Any, header: str = "") -> bytes:
    rows = images.reshape(len(images), -1)
    if labels is not None:
        rows = np.column_stack([labels, rows])
    lines = "\n".join(",".join(map(str, row)) for row in rows.tolist())
    return f"{header}{lines}\n".encode()


PIXEL_NAMES = ",".join(f"pixel{at}" for at in range(784))


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("header", [f"label,{PIXEL_NAMES}\n", f'"label",{PIXEL_NAMES}\r\n', ""])
def test_tables_of_a_label_and_pixels(tmp_path: Path, header: str, *, packed: bool) -> None:
    content = csv(shown(), numbers(), header)
    path = tmp_path / ("train.csv.gz" if packed else "train.csv")
    path.write_bytes(gzip.compress(content) if packed else content)
    assert_shows(loaded(path), shown(), numbers())


def test_tables_without_labels_and_with_numbers_of_rows(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(csv(shown(), None, f"{PIXEL_NAMES}\n"))
    assert_shows(loaded(tmp_path / "a.csv"), shown())
    (tmp_path / "b.csv").write_bytes(csv(shown(), np.arange(COUNT) + 900, f"id,{PIXEL_NAMES}\n"))
    assert_shows(loaded(tmp_path / "b.csv"), shown())


@pytest.mark.parametrize(
    "content",
    [b"a,b,c,d,e,f\n1,2,3,4,5,6\n", b"1,2,3,4,5\n1,2,3\n", b"1,2,x,4,5\n", b"a,b,c,d,e\n"],
)
def test_other_tables_are_refused_in_a_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(UserError) as caught:
        loaded(tmp_path / "a.csv")
    assert "\n" not in str(caught.value)


def zip_of(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "."), content)
    return out.getvalue()


def tar_of(*names: str) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name in names:
            info = tarfile.TarInfo(name)
            info.size = 700
            archive.addfile(info, io.BytesIO(bytes(700)))
    return out.getvalue()


FOREIGN = {
    "train-00000.arrow": (b"\xff\xff\xff\xff" + bytes(64), "Arrow"),
    "a.feather": (b"ARROW1\0\0" + bytes(64), "Arrow"),
    "b.feather": (b"FEA1" + bytes(64), "Feather"),
    "mnist-train.tfrecord-00000-of-00001": (struct.pack("<Q", 9) + bytes(20), "TFRecord"),
    "data.mdb": (bytes(16) + b"\xde\xc0\xef\xbe" + bytes(64), "LMDB"),
    "shard-000.tar": (tar_of("0.jpg", "0.cls"), "WebDataset"),
    "pictures.tar": (tar_of("cat/0.jpg", "cat/1.jpg"), "tar of pictures"),
    "some.tar": (tar_of("readme"), "tar archive"),
    "some.tar.gz": (gzip.compress(tar_of("readme")), "packed tar"),
    "a.rar": (b"Rar!\x1a\x07\0" + bytes(9), "RAR"),
    "a.jsonl": (b'{"image": [[0, 1, 2, 3, 4, 5]], "label": 1}\n' * 2, "JSON lines"),
    "a.ndjson": (b'{"word": "cat", "drawing": [[[0, 1, 2, 3', "JSON lines"),
    "a.json": (b'{"images": [[0, 1, 2, 3, 4, 5]]', "JSON file"),
    "mnist_784.arff": (b"% of OpenML\n%\n@RELATION mnist\n@ATTRIBUTE a REAL\n", "ARFF"),
    "a.safetensors": (struct.pack("<Q", 40) + b'{"a":' + bytes(60), "SafeTensors"),
    "npz.zip": (zip_of(kmnist__npz=b"x"), "zip of NPZ files"),
    "csv.zip": (zip_of(train__csv=b"x"), "zip of CSV files"),
    "a.xlsx": (zip_of(**{"xl/workbook__xml": b"x"}), "spreadsheet"),
    "a.heic": (b"\0\0\0\x18ftypheic" + bytes(64), "HEIC"),
    "a.avif": (b"\0\0\0\x1cftypavif" + bytes(64), "AVIF"),
    "a.mp4": (b"\0\0\0\x18ftypisom" + bytes(64), "video"),
    "a.mkv": (b"\x1aE\xdf\xa3" + bytes(64), "video"),
    "a.avi": (b"RIFF\0\0\0\0AVI LIST" + bytes(64), "video"),
    "a.dcm": (bytes(128) + b"DICM" + bytes(64), "DICOM"),
    "a.nii": (struct.pack("<i", 348) + bytes(340) + b"n+1\0" + bytes(64), "NIfTI"),
    "a.nii.gz": (gzip.compress(bytes(344) + b"n+1\0" + bytes(64)), "NIfTI"),
    "a.fits": (b"SIMPLE  =                    T", "FITS"),
    "a.svg": (b'<?xml version="1.0"?>\n<svg width="3">', "SVG"),
    "a.joblib": (b"x\x9c" + bytes(64), "joblib"),
    "text.pkl": (b"(dp0\nS'data'\n", "pickle"),
    "data_batch_1.bin": (bytes(3073), "CIFAR.*3073"),
    "mnist.scale": (b"5 153:0.01 154:0.07 155:0.5\n", "LIBSVM"),
    "zip.train": (b"6.0 " + b"-1.0 0.5 " * 128 + b"\n", "blanks"),
    "fer2013.csv": (b'emotion,pixels,Usage\n0,"' + b"70 80 " * 99 + b'",Training\n', "one cell"),
    "excel.csv": (("label" + ",0" * 784 + "\n").encode("utf-16"), "UTF-16"),
    "excel.tsv": (b"\xfe\xff" + ("label" + "\t0" * 784).encode("utf-16-be"), "UTF-16"),
    "usps.h5": (b"\x89HDF\r\n\x1a\n" + bytes(64), "HDF5"),
    "a.mat": (b"MATLAB 5.0 MAT-file" + bytes(128), "MATLAB"),
    "b.mat": (b"MATLAB 7.3 MAT-file".ljust(512) + b"\x89HDF\r\n\x1a\n", "MATLAB file.*h5py"),
    "old.pt": (b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19." + bytes(9), "PyTorch.*torch.load"),
    "a.parquet": (b"PAR1" + bytes(64) + b"PAR1", "Parquet"),
    "a.pkl": (pickle.dumps([1]), "pickle"),
    "data_batch_1": (pickle.dumps({b"data": 1}, 2), "CIFAR"),
    "mnist.pkl.gz": (gzip.compress(pickle.dumps([1])), "pickle"),
    "training.pt": (zip_of(data__pkl=b"x"), "PyTorch"),
    "archive.zip": (zip_of(cat__png=b"x"), "zip of pictures"),
    "other.zip": (zip_of(readme__txt=b"x"), "zip without arrays"),
    "a.gz": (gzip.compress(gzip.compress(b"x")), "packed twice"),
    "train-images-idx3-ubyte.gz": (b"<!DOCTYPE html><html>", "page of the web"),
    "b.gz": (gzip.compress(b"<html>"), "page of the web"),
    "a.7z": (b"7z\xbc\xaf\x27\x1c" + bytes(9), "7-Zip"),
    "a.npy.gz": (gzip.compress(b"\x93NUMPY\x01\x00"), "array packed by gzip"),
}


def test_a_class_at_the_end_of_a_row_of_blanks_is_not_taken_for_a_pixel(tmp_path: Path) -> None:
    """As semeion.data of UCI: 256 pixels, then a column for each of the ten digits."""
    path, classes = tmp_path / "semeion.data", [3, 0, 9, 9]
    pixels = np.random.default_rng(0).integers(0, 2, (4, 256))
    rows = [
        " ".join([*(f"{value:.4f}" for value in row), *("01"[k == c] for k in range(10))]) + " \n"
        for row, c in zip(pixels, classes, strict=True)
    ]
    path.write_text("".join(rows))
    with pytest.raises(UserError) as caught:
        loaded(path)
    line = re.search(r"in Python: (.*)\.$", str(caught.value))
    assert line
    subprocess.run([sys.executable, "-c", line[1]], cwd=tmp_path, check=True)
    (made,) = tmp_path.glob("*.npz")
    with np.load(made) as arrays:
        x, y = (arrays[name] for name in arrays)
    assert y.tolist() == classes and np.array_equal(x, pixels)


@pytest.mark.parametrize("name", FOREIGN)
def test_what_cannot_be_read_is_named_with_a_way_on(tmp_path: Path, name: str) -> None:
    content, what = FOREIGN[name]
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(UserError, match=what) as caught:
        loaded(path)
    said = str(caught.value)
    assert said.count("\n") == 0 and said.endswith(".")
    ways = (
        "np.savez",
        "in UTF-8",
        "unpack",
        "gunzip",
        "download",
        ".png",
        "-png",
        "save it as CSV",
    )
    assert any(way in said for way in ways)
    if "in Python: " in said:
        ast.parse(said.partition("in Python: ")[2].rstrip("."))


@pytest.mark.parametrize("name", FOREIGN)
def test_a_folder_of_it_gets_the_sentence_of_the_file(tmp_path: Path, name: str) -> None:
    inner = tmp_path / "set" / "data"
    inner.mkdir(parents=True)
    (inner / name).write_bytes(FOREIGN[name][0])
    (inner / "README.md").write_text("What this is.")
    (inner / ".hidden").write_bytes(b"\x89HDF")
    with pytest.raises(UserError) as alone:
        loaded(inner / name)
    if is_image(name):
        return
    for folder in (inner, *([] if "ubyte" in name else [inner.parent])):
        with pytest.raises(UserError) as caught:
            loaded(folder)
        assert str(caught.value) == str(alone.value)


def test_a_folder_is_named_for_its_data_not_for_what_lies_beside_them(tmp_path: Path) -> None:
    (tmp_path / "batches.meta").write_bytes(pickle.dumps({"names": 1}))
    (tmp_path / "data_batch_1").write_bytes(pickle.dumps({"data": bytes(900)}))
    (tmp_path / "readme.html").write_bytes(b"<html>" + bytes(2000))
    with pytest.raises(UserError, match=r"data_batch_1: this is a batch of CIFAR"):
        loaded(tmp_path)


def test_a_path_with_quotes_still_gives_a_line_that_runs(tmp_path: Path) -> None:
    folder = tmp_path / 'bob\'s "data"'
    folder.mkdir()
    (folder / "a.h5").write_bytes(b"\x89HDF\r\n\x1a\n")
    (folder / "a.rar").write_bytes(b"Rar!\x1a\x07\0")
    with pytest.raises(UserError) as caught:
        loaded(folder / "a.h5")
    line = ast.parse(str(caught.value).partition("in Python: ")[2].rstrip("."))
    words = [node.value for node in ast.walk(line) if isinstance(node, ast.Constant)]
    assert str(folder / "a.h5") in words
    with pytest.raises(UserError) as caught:
        loaded(folder / "a.rar")
    assert shlex.split(str(caught.value).partition("first: ")[2].rstrip("."))[-1] == str(
        folder / "a.rar"
    )


def test_an_address_is_no_path() -> None:
    with pytest.raises(UserError, match="address of the web"):
        loaded(Path("https://example.org/mnist.npz"))


@pytest.mark.parametrize("choice", ["none", "largest"])
def test_more_classes_than_can_be_told_apart(tmp_path: Path, choice: str) -> None:
    labels = np.repeat(np.arange(40), 2)
    labels = np.concatenate([labels, np.arange(39)])
    images = shown(len(labels))
    np.savez(tmp_path / "a.npz", images=images, labels=labels)
    with pytest.raises(UserError, match=r"--labels none.*--labels largest"):
        loaded(tmp_path / "a.npz")
    data = loaded(tmp_path / "a.npz", labels=choice)
    if choice == "none":
        assert_shows(data, images)
    else:
        kept = labels < 36
        assert_shows(data, images[kept], labels[kept])
        assert any("36 largest of 40 classes" in note for note in data.notes)


def save(path: Path, arrays: dict[str, Any]) -> None:
    np.savez(path, **arrays)


def idx(array: np.ndarray, code: int = 8) -> bytes:
    sizes = struct.pack(f">{array.ndim}I", *array.shape)
    return bytes([0, 0, code, array.ndim]) + sizes + array.tobytes()


STRAY = [
    "._train-images-idx3-ubyte", "train-images-idx3-ubyte.gz.md5", "train-images-idx3-ubyte.part",
    "train-images-idx3-ubyte.gz.crdownload", "train-images-idx3-ubyte (1).gz", ".DS_Store",
    "train-images-idx3-ubyte.gz.sha256", "train-images-idx3-ubyte copy",
]  # fmt: skip


@pytest.mark.parametrize("name", STRAY)
def test_stray_files_beside_the_images_are_none(tmp_path: Path, name: str) -> None:
    images, labels = shown(), numbers().astype(np.uint8)
    (tmp_path / "train-images-idx3-ubyte").write_bytes(idx(images))
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(idx(labels))
    (tmp_path / name).write_bytes(idx(images) if "(1)" in name or "copy" in name else b"junk")
    assert_shows(loaded(tmp_path), images, labels)


def test_a_second_download_alone_is_read(tmp_path: Path) -> None:
    images, labels = shown(), numbers().astype(np.uint8)
    (tmp_path / "train-images-idx3-ubyte (1).gz").write_bytes(gzip.compress(idx(images)))
    (tmp_path / "train-labels-idx1-ubyte (1).gz").write_bytes(gzip.compress(idx(labels)))
    assert_shows(loaded(tmp_path), images, labels)


def test_qmnists_labels_have_another_name_and_eight_columns(tmp_path: Path) -> None:
    wide = np.zeros((COUNT, 8), ">i4")
    wide[:, 0], wide[:, 3] = numbers(), 9
    (tmp_path / "qmnist-train-images-idx3-ubyte").write_bytes(idx(shown()))
    (tmp_path / "qmnist-train-labels-idx2-int").write_bytes(idx(wide, 0x0C))
    assert_shows(loaded(tmp_path), shown(), numbers())


def test_emnist_is_turned_upright_with_its_characters(tmp_path: Path) -> None:
    images = shown()
    (tmp_path / "emnist-letters-train-images-idx3-ubyte").write_bytes(
        idx(np.ascontiguousarray(images.transpose(0, 2, 1)))
    )
    labels = (numbers() + 1).astype(np.uint8)
    (tmp_path / "emnist-letters-train-labels-idx1-ubyte").write_bytes(idx(labels))
    (tmp_path / "emnist-letters-mapping.txt").write_text("1 65 97\n2 66 98\n3 67 99\n")
    data = loaded(tmp_path)
    assert data.class_names == ("A/a", "B/b", "C/c")
    np.testing.assert_allclose(data.images[:], images.reshape(COUNT, -1) / 255, atol=1e-6)


def test_sizes_in_the_wrong_order_are_told(tmp_path: Path) -> None:
    path = tmp_path / "d-images-idx3-ubyte"
    path.write_bytes(b"\0\0\x08\x03" + struct.pack("<3I", *shown().shape) + shown().tobytes())
    with pytest.raises(UserError, match="wrong order"):
        loaded(path)


def test_a_packed_header_that_claims_too_much_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "d-images-idx3-ubyte.gz"
    path.write_bytes(gzip.compress(b"\0\0\x08\x03" + struct.pack(">3I", 2_000_000, 28, 28)))
    with pytest.raises(UserError, match="packed bytes can hold"):
        loaded(path)


@pytest.mark.parametrize(
    ("folder", "fashion"),
    [
        ("fashion-mnist", True), ("FashionMNIST/raw", True), ("old-fashioned-ocr/mnist", False),
        ("fashionlab/digits", False), ("fashion-mnist/other", False),
    ],
)  # fmt: skip
def test_only_the_folder_itself_can_say_fashion(
    tmp_path: Path, folder: str, *, fashion: bool
) -> None:
    inner = tmp_path / folder
    inner.mkdir(parents=True)
    (inner / "train-images-idx3-ubyte").write_bytes(idx(shown()))
    (inner / "train-labels-idx1-ubyte").write_bytes(idx(numbers().astype(np.uint8)))
    data = loaded(inner)
    assert data.class_names[0] == ("T-shirt/top" if fashion else "0")
    assert (data.name == "Fashion-MNIST") == fashion


def test_a_folder_above_is_told_which_one_to_give(tmp_path: Path) -> None:
    raw = tmp_path / "data" / "MNIST" / "raw"
    raw.mkdir(parents=True)
    (raw / "train-images-idx3-ubyte").write_bytes(idx(shown()))
    with pytest.raises(UserError, match=r"MNIST/raw"):
        loaded(tmp_path / "data")


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_other_ways_of_packing_are_refused(tmp_path: Path, method: int) -> None:
    np.savez(tmp_path / "a.npz", images=shown())
    with zipfile.ZipFile(tmp_path / "a.npz") as archive:
        content = archive.read("images.npy")
    with zipfile.ZipFile(tmp_path / "b.npz", "w", method) as archive:
        archive.writestr("images.npy", content)
    whole = (tmp_path / "b.npz").read_bytes()
    for damaged in (whole, whole[:60] + b"\xff" * 40 + whole[100:]):
        (tmp_path / "b.npz").write_bytes(damaged)
        with pytest.raises(UserError, match=r"unknown way|can't be read"):
            loaded(tmp_path / "b.npz")


@pytest.mark.parametrize("names", [("x_train", "y_train"), ("arr_0", "arr_1"), ("X", "y")])
@pytest.mark.parametrize("count", [COUNT, 25, 784])
def test_labels_in_a_row_belong_to_as_many_images(
    tmp_path: Path, names: tuple[str, str], count: int
) -> None:
    images, labels = shown(count), numbers(count)
    save(tmp_path / "a.npz", {names[0]: images, names[1]: labels[None]})
    assert_shows(loaded(tmp_path / "a.npz"), images, labels)
    folder = tmp_path / "folder"
    folder.mkdir()
    np.save(folder / "x_train.npy", images)
    np.save(folder / "y_train.npy", labels[None])
    for path in (folder, folder / "x_train.npy"):
        assert_shows(loaded(path), images, labels)
    with pytest.raises(UserError, match=rf"{count - 1} labels in y_train for {count} images"):
        np.savez(tmp_path / "b.npz", x_train=images, y_train=labels[None, 1:])
        loaded(tmp_path / "b.npz")


def test_matlabs_images_and_labels_are_both_turned(tmp_path: Path) -> None:
    images = np.moveaxis(shown(), 0, -1)
    np.savez(tmp_path / "a.npz", X=images, y=numbers()[None])
    assert_shows(loaded(tmp_path / "a.npz"), shown(), numbers())


def test_images_and_labels_in_two_files_get_one_note(tmp_path: Path) -> None:
    np.savez(tmp_path / "k-train-imgs.npz", shown())
    np.savez(tmp_path / "k-train-labels.npz", numbers())
    (note,) = loaded(tmp_path / "k-train-imgs.npz").notes
    assert note == "Took arr_0 as images and those of k-train-labels.npz as labels."
