"""CSV files beside each other: the splits of a set, images and labels apart, EMNIST on its side."""

from __future__ import annotations

import gzip
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.data.test_roles import PIXEL_NAMES, assert_shows, csv, loaded, numbers, shown
from tui_ae.data import table as tables
from tui_ae.data.emnist import emnist_names
from tui_ae.data.progress import unheard
from tui_ae.data.table import looks_like_table, read_table
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


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"1,2,3,4,5\n", True),
        (b"1,2,3,4\n5", False),
        (b"1\t2\t3\t4\t5", True),
        (b"1;2;3;4;5", True),
        (b"a b,c~,d,e,f\r\n", True),
        (b"1,2,3,4,\x7f", False),
        (b"1,2,3,4,\x1f", False),
        ("\ufeff1,2,3,4,5".encode(), True),
        ("1,2,3,4,ä".encode(), False),
        (b"", False),
    ],
)
def test_a_table_begins_with_a_line_of_five_cells_that_can_be_printed(
    head: bytes, *, expected: bool
) -> None:
    assert looks_like_table(head) == expected


def test_of_a_folder_a_hundred_tables_of_sixteen_columns_are_looked_at(tmp_path: Path) -> None:
    for at in range(99):
        (tmp_path / f"a{at:02}.csv").write_text("1,2\n")
    wide = ",".join("1" * 16)
    (tmp_path / "b.csv").write_text(f"{wide}\n")
    assert tables.tables(tmp_path) == [tmp_path / "b.csv"]
    (tmp_path / "a99.csv").write_text(",".join("1" * 15))
    assert tables.tables(tmp_path) == []
    (tmp_path / "b.csv").unlink()
    (tmp_path / "a00.csv").write_text(wide)
    assert tables.tables(tmp_path) == [tmp_path / "a00.csv"]
    for odd in ("_", "~", ".a"):
        (tmp_path / "a00.csv").rename(tmp_path / f"{odd}.csv")
        assert tables.tables(tmp_path) == []
        (tmp_path / f"{odd}.csv").rename(tmp_path / "a00.csv")
    (tmp_path / "a00.csv").write_bytes(f"{wide}\n".encode("utf-16-le"))
    assert tables.tables(tmp_path) == []


FORMS: dict[tuple[str, str], tuple[tuple[str, ...], int | None]] = {
    ("7,2,3", "4,5,6"): ((), None),
    ("label,p,q", "1,2,3"): (("label", "p", "q"), None),
    ("7,p,3", "1,2,3"): (("7", "p", "3"), None),
    # Words above words: the names of columns where there are several, or the name of labels.
    ("cat,2,3", "dog,5,6"): ((), 0),
    ("7,2,cat", "4,5,dog"): ((), 2),
    ("Label,2,3", "cat,5,6"): (("Label", "2", "3"), 0),
    ("7,2,Label", "4,5,cat"): (("7", "2", "Label"), 2),
    ("p,q,3", "cat,5,6"): (("p", "q", "3"), 0),
    ("p,q,3", "4,5,cat"): (("p", "q", "3"), 2),
    ("p,q,3", "cat,dog,6"): (("p", "q", "3"), None),
    ("p,q,3", "4,5,6"): (("p", "q", "3"), None),
    # Columns that a program numbered, from 0 or from 1 on.
    ("0,1,2", "4,5,6"): (("0", "1", "2"), None),
    ("1,2,3", "4,5,6"): (("1", "2", "3"), None),
    ("0,1,2", "4,cat,6"): (("0", "1", "2"), 1),
    ("2,3,4", "4,5,6"): ((), None),
    ("'a', \"b\" ,c", "1,2,3"): (("a", "b", "c"), None),
    ("1e5,-2.5,+3", "4,5,6"): ((), None),
}


@pytest.mark.parametrize(("first", "second"), FORMS)
def test_the_first_line_is_told_from_names_of_columns(first: str, second: str) -> None:
    form = tables._form(first.encode(), second.encode())
    assert (form.columns, (form.header, form.words)) == (3, FORMS[first, second])


def rows_of(path: Path, text: str) -> tuple[list[str], list[list[list[float]]], Any]:
    path.write_text(text)
    source = read_table(path, unheard)
    labels = None if source.labels is None else source.labels.tolist()
    return list(source.notes), source.parts[0].tolist(), labels


@pytest.mark.parametrize(
    ("text", "note", "labels"),
    [
        ("7,1,2,3,4\n8,5,6,7,8\n", "Took column 1 as labels", [7, 8]),
        ("1,2,3,4,7\n1,6,7,8,8\n", "Took column 5 as labels", [7, 8]),
        ("9,1,2,3\n9,5,6,7\n", "No labels", None),
        ("label,p,q,r,s\n7,1,2,3,4\n8,5,6,7,8\n", "Took the column label as labels", [7, 8]),
        ("p,q,label,r,s\n1,2,7,3,4\n5,6,8,7,8\n", "Took the column label as labels", [7, 8]),
        ("id,p,q,r,s\n7,1,2,3,4\n8,5,6,7,8\n", "No labels", None),
        ("id,y,p,q,r,s\n0,7,1,2,3,4\n1,8,5,6,7,8\n", "Took the column y as labels", [7, 8]),
        ("id,z,p,q,r,s\n0,7,1,2,3,4\n1,8,5,6,7,8\n", "Took the column z as labels", [7, 8]),
        ("cat,1,2,3,4\ndog,5,6,7,8\n", "Took column 1 as labels", ["cat", "dog"]),
        ("1,2,3,4,cat\n5,6,7,8,dog\n", "Took column 5 as labels", ["cat", "dog"]),
        ("p,q,r,s,kind\n1,2,3,4,cat\n5,6,7,8,dog\n", "Took the column kind as labels",
         ["cat", "dog"]),
        # Words that name the rows are no labels.
        ("file,p,q,r,s\na,1,2,3,4\nb,5,6,7,8\n", "No labels", None),
        ("p,q,r,s,File\n1,2,3,4,a\n5,6,7,8,b\n", "No labels", None),
        ("name,y,p,q,r,s\na,7,1,2,3,4\nb,8,5,6,7,8\n", "Took the column y as labels", [7, 8]),
        ("p,q,r,s,y,name\n1,2,3,4,7,a\n5,6,7,8,8,b\n", "Took the column y as labels", [7, 8]),
        ("class,id,p,q,r,s\ncat,0,1,2,3,4\ndog,1,5,6,7,8\n", "Took the column class as labels",
         ["cat", "dog"]),
    ],
)  # fmt: skip
def test_which_column_has_the_labels(
    tmp_path: Path, text: str, note: str, labels: list[Any] | None
) -> None:
    pixels = [[[1, 2], [3, 4]], [[5, 6], [7, 8]]]
    if text.startswith("9,1"):
        pixels = [[[9, 1], [2, 3]], [[9, 5], [6, 7]]]
    elif text.startswith("1,2,3,4,7"):
        pixels = [[[1, 2], [3, 4]], [[1, 6], [7, 8]]]
    said = [f"{note}, 4 columns as images of 2×2."]
    assert rows_of(tmp_path / "a.csv", text) == (said, pixels, labels)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("7,1,2,3,4,5\n8,2,3,4,5,6\n", "6 pixels in a row fill no square; {}"),
        ("label,1,2,3\n7,1,2,3\n", "3 pixels in a row fill no square; {}"),
        ("b,1,2,3,4\n" + "a" * 65 + ",1,2,3,4\n", "labels of 65 characters; give labels of at "
         "most 64."),
        ("a,b,c,d,e\n1,2,3,4\n5,6,7,8\n", "rows of 4 and of 5 columns; {}"),
        ("a,b,c,d,e\n", "holds no rows; {}"),
        ("", "holds no rows; {}"),
        ("\n\n", "holds no rows; {}"),
    ],
)  # fmt: skip
def test_rows_that_are_no_images_are_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UserError) as caught:
        rows_of(tmp_path / "a.csv", text)
    assert str(caught.value) == f"{tmp_path / 'a.csv'}: {said.format(f'{tables.WANTED}.')}"


def test_labels_of_64_characters_are_read(tmp_path: Path) -> None:
    word = "a" * 64
    _, _, labels = rows_of(tmp_path / "a.csv", f"b,1,2,3,4\n{word},1,2,3,4\n")
    assert labels == ["b", word]


class Blanks(io.RawIOBase):
    """So many empty lines, however many bytes are asked for at a time."""

    def __init__(self, left: int) -> None:
        self.left = left

    def read(self, size: int = -1, /) -> bytes:
        size = min(size, self.left)
        self.left -= size
        return b"\n" * size


def test_text_unpacks_to_64_megabytes_or_200_times_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, form = tmp_path / "a.csv", tables._form(b"7,2,3", b"4,5,6")
    path.write_bytes(bytes(10))

    def said(text_bytes: int) -> str:
        with pytest.raises(UserError) as caught:
            tables._read_rows(Blanks(text_bytes), b"", form, path, unheard)  # type: ignore[arg-type]
        return str(caught.value).removeprefix(f"{path}: ")

    more = "10 bytes unpack to more than {:,}, which are no images; give another file."
    assert said(2**26).startswith("holds no rows")
    assert said(2**26 + 1) == more.format(2**26 + 1)
    monkeypatch.setattr(tables, "FREE_BYTES", 0)
    assert said(2000).startswith("holds no rows")
    assert said(2001) == more.format(2001)


def test_a_line_has_a_megabyte_at_most(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.csv"
    line = b"1".ljust(2**20 - 1) + b"\n"
    assert tables._line(io.BytesIO(line), path) == line
    with pytest.raises(UserError, match="line"):
        tables._line(io.BytesIO(b" " + line), path)
    # Behind the first two lines, too, as far as it was read.
    monkeypatch.setattr(tables, "LINE_BYTES", 40)
    monkeypatch.setattr(tables, "BLOCK_BYTES", 8)
    row = "7,1,2,3,4".ljust(39)
    assert len(rows_of(path, f"{row}\n" * 3)[1]) == 3
    assert len(rows_of(path, f"{row}\n{row}\n{row.ljust(47)}\n")[1]) == 3
    with pytest.raises(UserError, match="a row of more than 40 bytes"):
        rows_of(path, f"{row}\n{row}\n{row.ljust(48)}\n")


def test_rows_are_read_block_by_block_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "BLOCK_BYTES", 7)
    heard: list[float] = []
    path = tmp_path / "a.csv"
    path.write_text("".join(f"{at},1,2,3,4\n" for at in range(5, 9)) + "9,5,6,7,8")
    source = read_table(path, heard.append)
    assert source.labels is not None and source.labels.tolist() == [5, 6, 7, 8, 9]
    assert source.parts[0].shape == (5, 2, 2) and source.parts[0][4].tolist() == [[5, 6], [7, 8]]
    # The first two lines were read before.
    size = path.stat().st_size
    assert heard == [done / size for done in (7, 14, 21, 28, 29, 29)]


def test_more_rows_than_can_be_held_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "7,1,2,3,4\n" * 6
    # As floats, labels too.
    monkeypatch.setattr(tables, "MAX_SOURCE_BYTES", 6 * 5 * 4)
    assert len(rows_of(tmp_path / "a.csv", text)[1]) == 6
    monkeypatch.setattr(tables, "MAX_SOURCE_BYTES", 6 * 5 * 4 - 1)
    with pytest.raises(UserError, match=r"a\.csv: more than can be held; give a smaller set\."):
        rows_of(tmp_path / "a.csv", text)


@pytest.mark.parametrize(
    ("images", "mapping"),
    [
        ("emnist-letters-train-images-idx3-ubyte.gz", "emnist-letters-mapping.txt"),
        ("emnist-byclass-test.csv", "emnist-byclass-mapping.txt"),
        ("emnist-digits.csv.gz", "emnist-digits-mapping.txt"),
    ],
)
def test_emnists_characters_lie_beside_it(tmp_path: Path, images: str, mapping: str) -> None:
    assert emnist_names(tmp_path / images) is None
    (tmp_path / mapping).write_text("0 65 97\n2 66 66\n")
    assert emnist_names(tmp_path / images) == ("A/a", "1", "B")


@pytest.mark.parametrize(
    ("content", "count"),
    [
        ("".join(f"{at} 65\n" for at in range(256)), 256),
        ("".join(f"{at} 65\n" for at in range(300)), 256),
        ("300 65\n", 256),
        # No more than 64 kB of it are read.
        ("0 65\n1 66".ljust(2**16) + "junk", 2),
        ("0 65\n1 66".ljust(2**16 - 1) + "junk", None),
        ("", None),
        ("zero 65\n", None),
        ("0 1114112\n", None),
    ],
)
def test_a_mapping_has_256_characters_at_most(
    tmp_path: Path, content: str, count: int | None
) -> None:
    (tmp_path / "emnist-x-mapping.txt").write_text(content)
    names = emnist_names(tmp_path / "emnist-x-train.csv")
    assert (None if names is None else len(names)) == count
