"""CSV files beside each other: the splits of a set, images and labels apart, EMNIST on its side."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.data.test_roles import PIXEL_NAMES, assert_shows, csv, loaded, numbers, shown
from tui_ae.errors import UserError


def write_splits(folder: Path, *names: str, header: str = "") -> tuple[Any, Any]:
    """Tables of 12 images each; returns all images and labels, in the order of the names."""
    folder.mkdir(exist_ok=True)
    images = shown(12 * len(names))
    labels = numbers(len(images))
    for place, name in enumerate(names):
        rows = slice(12 * place, 12 * place + 12)
        content = csv(images[rows], labels[rows], header)
        (folder / name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return images, labels


@pytest.mark.parametrize(
    "names",
    [
        ("mnist_train.csv", "mnist_test.csv"),
        ("sign_mnist_train.csv", "sign_mnist_test.csv"),
        ("train.csv.gz", "valid.csv.gz", "test.csv.gz"),
        ("Train.CSV", "Test.CSV"),
        ("A_Z Handwritten Data.csv",),
    ],
)
@pytest.mark.parametrize("header", ["", f"label,{PIXEL_NAMES}\n"])
def test_a_folder_of_tables_is_a_set(tmp_path: Path, names: tuple[str, ...], header: str) -> None:
    images, labels = write_splits(tmp_path, *names, header=header)
    (tmp_path / "sample_submission.csv").write_text("ImageId,Label\n1,0\n2,0\n")
    (tmp_path / "._mnist_train.csv").write_bytes(b"\0\5\x16\7")
    data = loaded(tmp_path)
    assert_shows(data, images, labels)
    assert data.name == tmp_path.name
    for name in names[1:]:
        assert any(name in note for note in data.notes)


def test_a_split_without_labels_is_left_out_and_said(tmp_path: Path) -> None:
    images, labels = write_splits(tmp_path, "train.csv", header=f"label,{PIXEL_NAMES}\n")
    (tmp_path / "test.csv").write_bytes(csv(shown(7), None, f"{PIXEL_NAMES}\n"))
    data = loaded(tmp_path)
    assert_shows(data, images, labels)
    assert any("test.csv" in note and "no labels" in note for note in data.notes)


def test_the_whole_beside_its_splits_is_not_read_twice(tmp_path: Path) -> None:
    images, labels = write_splits(tmp_path, "digits_train.csv", "digits_test.csv")
    (tmp_path / "digits.csv").write_bytes(csv(images, labels))
    assert_shows(loaded(tmp_path), images, labels)


def test_several_sets_of_tables_are_refused_with_one_to_give(tmp_path: Path) -> None:
    write_splits(tmp_path, "a_train.csv", "b_train.csv")
    with pytest.raises(UserError, match=r"2 CSV files; give one of them, such as .*a_train\.csv"):
        loaded(tmp_path)


@pytest.mark.parametrize("name", ["digits.csv", "digits.tsv", "digits.csv.gz"])
@pytest.mark.parametrize("between", [b";", b"\t"])
@pytest.mark.parametrize("header", ["", f"label,{PIXEL_NAMES}\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_cells_may_be_apart_by_semicolons_and_tabs_and_lines_as_on_windows(
    tmp_path: Path, name: str, between: bytes, header: str, mark: bytes
) -> None:
    content = mark + csv(shown(), numbers(), header)
    content = content.replace(b",", between).replace(b"\n", b"\r\n")
    packed = gzip.compress(content) if name.endswith(".gz") else content
    (tmp_path / name).write_bytes(packed)
    for path in (tmp_path, tmp_path / name):
        assert_shows(loaded(path), shown(), numbers())


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("labels.txt", "{}\n"),
        ("y.csv", "label\n{}\n"),
        ("y.tsv", "id\tlabel\n{}\n"),
    ],
)
def test_labels_of_an_array_lie_in_a_table_beside_it(
    tmp_path: Path, name: str, content: str
) -> None:
    np.save(tmp_path / "x.npy", shown())
    lines = [
        f"{at}\t{label}" if "id" in content else f"{label}" for at, label in enumerate(numbers())
    ]
    (tmp_path / name).write_text(content.format("\n".join(lines)))
    (tmp_path / "README.txt").write_text("1\n2\n")
    for path in (tmp_path, tmp_path / "x.npy"):
        data = loaded(path)
        assert_shows(data, shown(), numbers())
        assert any(name in note for note in data.notes)


@pytest.mark.parametrize(
    ("images_name", "labels_name"),
    [
        ("train_images.csv", "train_labels.csv"), ("X_train.csv", "y_train.csv"),
        ("csvTrainImages 12x784.csv", "csvTrainLabel 12x1.csv"), ("images.csv", "labels.csv"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["plain", "header", "id", "words"])
def test_labels_lie_in_a_table_of_their_own(
    tmp_path: Path, images_name: str, labels_name: str, kind: str
) -> None:
    (tmp_path / images_name).write_bytes(csv(shown(), None))
    labels: Any = numbers()
    if kind == "words":
        labels = np.array(["cat", "dog", "eel"])[labels]
    lines = [f"{at},{label}" if kind == "id" else f"{label}" for at, label in enumerate(labels)]
    header = {"plain": [], "header": ["label"], "id": ["id,label"], "words": ["class"]}[kind]
    (tmp_path / labels_name).write_text("\n".join([*header, *lines]) + "\n")
    for path in (tmp_path, tmp_path / images_name):
        data = loaded(path)
        assert_shows(data, shown(), labels)
        assert any(labels_name in note for note in data.notes)


def test_labels_of_another_number_are_refused(tmp_path: Path) -> None:
    (tmp_path / "x_train.csv").write_bytes(csv(shown(), None))
    (tmp_path / "y_train.csv").write_text("0\n1\n0\n")
    with pytest.raises(UserError, match=r"3 labels in y_train.csv for 12 images"):
        loaded(tmp_path)


@pytest.mark.parametrize("first", [True, False])
def test_labels_in_a_table_may_be_words(tmp_path: Path, *, first: bool) -> None:
    words = np.array(["cat", "dog", "a long eel"])[numbers()]
    lines = []
    for word, image in zip(words, shown().reshape(12, -1), strict=True):
        pixels = ",".join(map(str, image))
        lines.append(f"{word},{pixels}" if first else f"{pixels},{word}")
    header = f"class,{PIXEL_NAMES}" if first else f"{PIXEL_NAMES},class"
    for start in ([], [header]):
        (tmp_path / "a.csv").write_text("\n".join([*start, *lines]))
        assert_shows(loaded(tmp_path / "a.csv"), shown(), words)


def test_emnists_tables_are_turned_upright_with_its_characters(tmp_path: Path) -> None:
    images, labels = shown(), numbers() + 1
    path = tmp_path / "emnist-letters-train.csv"
    path.write_bytes(csv(np.ascontiguousarray(images.transpose(0, 2, 1)), labels))
    (tmp_path / "emnist-letters-mapping.txt").write_text("1 65 97\n2 66 98\n3 67 99\n")
    for given in (path, tmp_path):
        data = loaded(given)
        assert data.class_names == ("A/a", "B/b", "C/c")
        np.testing.assert_allclose(data.images[:], images.reshape(12, -1) / 255, atol=1e-6)
        assert any("turned upright" in note for note in data.notes)


@pytest.mark.parametrize("name", ["emnist-digits.npz", "EMNIST_letters.npy"])
def test_other_files_called_emnist_are_left_as_they_are_with_a_word(
    tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    np.save(path, shown()) if name.endswith("npy") else np.savez(path, images=shown())
    data = loaded(path)
    assert_shows(data, shown())
    assert any("EMNIST" in note and "sides" in note for note in data.notes)
    other = path.with_name(name.lower().replace("emnist", "mnist"))
    path.rename(other)
    assert not any("EMNIST" in note for note in loaded(other).notes)


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("header", [None, [str(at) for at in range(785)], "digit"])
def test_a_label_without_a_known_name_stands_first_or_last(
    tmp_path: Path, header: list[str] | str | None, *, first: bool
) -> None:
    images = shown() // 16
    images[:, 0, 0] = images[:, -1, -1] = 0
    rows = images.reshape(len(images), -1)
    columns = [numbers(), *rows.T] if first else [*rows.T, numbers()]
    names = [f"p{at}" for at in range(784)]
    if header == "digit":
        header = ["digit", *names] if first else [*names, "digit"]
    lines = [",".join(map(str, row)) for row in np.column_stack(columns).tolist()]
    (tmp_path / "a.csv").write_text("\n".join([*([",".join(header)] if header else []), *lines]))
    assert_shows(loaded(tmp_path / "a.csv"), images * 17, numbers())
