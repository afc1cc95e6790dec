"""Labels in the shapes that they are stored in, and in small tables beside the images."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tui_ae.data import label_table
from tui_ae.data.label_table import (
    Table,
    as_labels,
    label_column,
    labels_of_rows,
    read_small,
    table_files,
)
from tui_ae.data.labels import plain_labels
from tui_ae.errors import UserError

WHERE = Path("set.npz")
COLUMNS = np.arange(24).reshape(3, 8)


@pytest.mark.parametrize(
    ("values", "expected", "note"),
    [
        (np.array([3, 1, 2]), [3, 1, 2], ""),
        (np.array([[3], [1], [2]]), [3, 1, 2], ""),
        (np.array([[3, 1, 2]]), [3, 1, 2], ""),
        (np.array([[7]]), [7], ""),
        (np.array([[0, 1]]), [0, 1], ""),
        (np.array([["a"], ["b"]]), ["a", "b"], ""),
        (np.eye(3)[[2, 0, 0]], [2, 0, 0], "y is one-hot: its columns are the classes."),
        (np.eye(2, dtype=bool)[[1, 0]], [1, 0], "y is one-hot: its columns are the classes."),
        (np.eye(8, dtype=int)[[5, 0]], [5, 0], "y is one-hot: its columns are the classes."),
        (COLUMNS, [0, 8, 16], "Took the first of 8 columns of y."),
        (COLUMNS.astype("u1"), [0, 8, 16], "Took the first of 8 columns of y."),
    ],
)
def test_labels_in_any_shape_are_one_an_image(
    values: np.ndarray, expected: list[object], note: str
) -> None:
    labels, said = plain_labels(values, "y", WHERE)
    assert (labels.tolist(), said) == (expected, note)


@pytest.mark.parametrize(
    "values",
    [
        np.array([[1, 1, 0], [0, 0, 1]]),
        np.array([[0, 0, 0], [0, 0, 1]]),
        np.array([[2, 0, 0], [0, 0, 1]]),
        np.array([[1, 0, -1], [0, 0, 1]]),
        np.array([["1", "0"], ["0", "1"]]),
        np.zeros((0, 3)),
        COLUMNS.astype(float),
        COLUMNS[:, :7],
        np.zeros((3, 1, 2)),
        np.zeros((1, 3, 2)),
        np.zeros((3, 8, 2), int),
        np.float64(3),
    ],
)
def test_other_shapes_of_labels_are_refused(values: np.ndarray) -> None:
    shape = " × ".join(map(str, np.shape(values))) or "no dimension"
    with pytest.raises(UserError) as caught:
        plain_labels(np.asarray(values), "y", WHERE)
    assert str(caught.value) == (
        f"set.npz: y is of {shape}; store one number or string for each image."
    )


# --- tables ---------------------------------------------------------------------------------------


def written(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("a,b\n1, 2 \n", Table(("a", "b"), (("1", "2"),))),
        ("\ufeffa;b\r\n1;2\r\n", Table(("a", "b"), (("1", "2"),))),
        ("a\tb,c\td\n1\t2\t3\n", Table(("a", "b,c", "d"), (("1", "2", "3"),))),
        ("one\n\n\ntwo\n", Table(("one",), (("two",),))),
        (",".join("ab" * 16) + "\n", Table(tuple("ab" * 16), ())),
        (",".join("ab" * 16) + ",c\n", None),
        ("a,b\n1\n", None),
        ("a,b\n1,2\n1,2,3\n", None),
        ("\n\n", None),
        ("", None),
        ("a,\0b\n1,2\n", None),
    ],
)
def test_a_small_table_is_its_cells(tmp_path: Path, content: str, expected: Table | None) -> None:
    assert read_small(written(tmp_path / "a.csv", content)) == expected


def test_a_large_table_holds_something_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(label_table, "MAX_BYTES", 8)
    assert read_small(written(tmp_path / "a.csv", "a,b\n1,2\n")) == Table(("a", "b"), (("1", "2"),))
    assert read_small(written(tmp_path / "a.csv", "a,b\n1,20\n")) is None


def test_a_table_of_too_many_cells_holds_something_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(label_table, "MAX_CELLS", 7)
    for columns, most in ((1, 7), (2, 3), (3, 2)):
        row = ",".join("a" * columns) + "\n"
        table = read_small(written(tmp_path / "a.csv", row * most))
        assert table is not None and len(table.rows) == most - 1
        assert read_small(written(tmp_path / "a.csv", row * (most + 1))) is None


def test_twenty_tables_of_a_folder_are_looked_at(tmp_path: Path) -> None:
    names = [f"{at:02}.csv" for at in range(20)]
    for name in (*names, "20.TSV", ".a.csv", "_b.csv", "~c.csv", "d.txt"):
        written(tmp_path / name, "a,b\n")
    (tmp_path / "00a.csv").mkdir()
    assert [path.name for path in table_files(tmp_path)] == names
    (tmp_path / names[3]).unlink()
    assert [path.name for path in table_files(tmp_path)] == [*names[:3], *names[4:], "20.TSV"]


def test_labels_of_a_table_are_numbers_where_all_are_and_not_too_long() -> None:
    assert as_labels(["10", "-2"], WHERE).tolist() == [10, -2]
    assert as_labels(["10", "b"], WHERE).tolist() == ["10", "b"]
    assert as_labels([], WHERE).tolist() == []
    assert as_labels(["1" * 40], WHERE).tolist() == ["1" * 40]
    assert as_labels(["a" * 64], WHERE).tolist() == ["a" * 64]
    with pytest.raises(UserError) as caught:
        as_labels(["b", "a" * 65], WHERE)
    assert str(caught.value) == ("set.npz: labels of 65 characters; give labels of at most 64.")


@pytest.mark.parametrize(
    ("header", "column"),
    [
        (("id", "label"), 1),
        (("label", "y"), 1),
        (("y", "label"), 0),
        (("class", "label", "id"), 1),
        (("id", "name"), None),
        ((), None),
    ],
)
def test_of_several_columns_the_plainest_name_has_the_labels(
    header: tuple[str, ...], column: int | None
) -> None:
    assert label_column(header) == column


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("labels.csv", "3\n1\n", [3, 1]),
        ("labels.csv", "label\n3\n1\n", [3, 1]),
        ("labels.csv", "number\n3\n1\n", [3, 1]),
        ("labels.csv", "0,3\n1,1\n", [3, 1]),
        ("labels.csv", "id,label\n0,3\n1,1\n", [3, 1]),
        ("labels.csv", "label,id\n3,0\n1,1\n", [3, 1]),
        ("labels.csv", "id,x,label\n0,0,3\n1,0,1\n", None),
        ("train_labels.csv", "3\n1\n", None),
        ("others.csv", "3\n1\n", None),
        ("labels.csv", "a,b\n1\n", None),
    ],
)
def test_a_table_beside_gives_a_label_a_row(
    tmp_path: Path, name: str, content: str, expected: list[int] | None
) -> None:
    written(tmp_path / name, content)
    found = labels_of_rows(tmp_path / "x.npy", 2)
    if expected is None:
        assert found is None
        return
    assert found is not None and found[0].tolist() == expected
    assert found[1] == f"Took the labels of {name}."


def test_a_table_is_not_its_own_labels_and_others_have_to_be_as_many(tmp_path: Path) -> None:
    written(tmp_path / "labels.csv", "3\n1\n")
    assert labels_of_rows(tmp_path / "labels.csv", 2) is None
    written(tmp_path / "labels.csv", "label\n3\n1\n2\n")
    with pytest.raises(UserError, match=r"x\.npy: 3 labels in labels\.csv for 2 images; give one"):
        labels_of_rows(tmp_path / "x.npy", 2)
    written(tmp_path / "labels.csv", "4\n3\n1\n2\n")
    with pytest.raises(UserError, match=r"x\.npy: 4 labels in labels\.csv for 2 images; give one"):
        labels_of_rows(tmp_path / "x.npy", 2)
