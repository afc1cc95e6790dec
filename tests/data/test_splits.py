"""Files of which each holds a split of one set, and folders of arrays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.data.test_roles import assert_shows, loaded, numbers, shown
from tui_ae.data.progress import Progress, unheard
from tui_ae.data.source import Source
from tui_ae.data.splits import read_splits
from tui_ae.errors import UserError


def read(folder: Path, *names: str, labelled: str = "", heard: Progress = unheard) -> Source:
    """By a reader whose image is the number of the file; labels have those named in `labelled`."""

    def one(path: Path, progress: Progress) -> Source:
        progress(1.0)
        place = names.index(path.name)
        labels = np.array([place]) if path.name in labelled.split() else None
        parts = (np.full((1, 2, 2), place),)
        return Source(path, "own", parts, labels, notes=("As stored.", f"Of {path.name}."))

    files = []
    for place, name in enumerate(names):
        files.append(folder / name)
        (folder / name).write_bytes(bytes(10 * (place + 1)))
    return read_splits(files, one, "TXT", folder, heard)


@pytest.mark.parametrize(
    ("names", "order"),
    [
        (("a_train.txt", "a_test.txt"), (0, 1)),
        (("a_test.txt", "a_train.txt"), (1, 0)),
        (("test.txt", "val.txt", "train.txt"), (2, 1, 0)),
        # The whole is left where there is a part to train on.
        (("a.txt", "a_train.txt", "a_test.txt"), (1, 2)),
        (("a_test.txt", "a.txt"), (1, 0)),
        # Labels are left to the reader of the images.
        (("a_train.txt", "a_train_labels.txt", "a_test.txt"), (0, 2)),
        (("train_x.txt", "train_y.txt"), (0,)),
        (("images_labels.txt",), (0,)),
        (("a.txt",), (0,)),
    ],
)
def test_splits_are_read_in_their_order(
    tmp_path: Path, names: tuple[str, ...], order: tuple[int, ...]
) -> None:
    heard: list[float] = []
    source = read(tmp_path, *names, heard=heard.append)
    assert [int(part[0, 0, 0]) for part in source.parts] == list(order)
    assert (source.path, source.name, source.labels) == (tmp_path, tmp_path.name, None)
    sizes = np.cumsum([10 * (place + 1) for place in order])
    assert heard == pytest.approx((sizes / sizes[-1]).tolist())
    if len(order) == 1:
        assert source.notes == ("As stored.", f"Of {names[order[0]]}.") and source.splits == ()
        return
    read_in_order = [names[place] for place in order]
    assert source.notes == (
        f"Read {' and '.join(read_in_order)}.",
        *("As stored.", *(f"Of {name}." for name in read_in_order)),
    )
    splits = ("train", "val", "test")
    assert source.splits == tuple(
        next((split for split in splits if split in name), "") for name in read_in_order
    )


@pytest.mark.parametrize(
    "names",
    [("a.txt", "b.txt"), ("a_train.txt", "b_train.txt"), ("a_labels.txt", "b_labels.txt")],
)
def test_several_sets_are_refused(tmp_path: Path, names: tuple[str, ...]) -> None:
    with pytest.raises(UserError) as caught:
        read(tmp_path, *names)
    assert str(caught.value) == (
        f"{tmp_path}: holds 2 TXT files; give one of them, such as {tmp_path / names[0]}."
    )


def test_splits_without_labels_are_left_out_beside_others_that_have_some(tmp_path: Path) -> None:
    names = ("train.txt", "val.txt", "test.txt")
    source = read(tmp_path, *names, labelled="train.txt test.txt")
    assert source.labels is not None and source.labels.tolist() == [0, 2]
    assert source.splits == ("train", "test")
    assert source.notes[0] == "Read train.txt and test.txt."
    assert source.notes[-1] == "Left out val.txt, for there are no labels of it."
    all_labelled = read(tmp_path, *names, labelled=" ".join(names))
    assert all_labelled.labels is not None and len(all_labelled.parts) == 3


def save(folder: Path, **arrays: Any) -> Path:
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array)
    return folder


def test_files_called_for_their_split_or_their_role_are_no_classes(tmp_path: Path) -> None:
    data = loaded(save(tmp_path, train=shown(12), test=shown(5)))
    assert not data.labelled and len(data.images) == 17
    assert data.notes == ("Took train and test as images, no labels.",)
    for path in tmp_path.iterdir():
        path.unlink()
    data = loaded(save(tmp_path, images=shown(12), faces=shown(5)))
    assert not data.labelled and len(data.images) == 12
    assert data.notes == ("Took images as images, no labels; not used: faces.",)


def test_a_folder_of_one_array_and_what_programs_leave_beside_it(tmp_path: Path) -> None:
    save(tmp_path, a=shown())
    for name in ("_b.npy", "~b.npy", ".b.npy"):
        np.save(tmp_path / name, shown(5))
    (tmp_path / "folder.npy").mkdir()
    assert_shows(loaded(tmp_path), shown())
    save(tmp_path, cat=shown(5))
    data = loaded(tmp_path)
    assert data.class_names == ("a", "cat") and data.counts.tolist() == [12, 5]
    assert data.notes == ("Each of the 2 files is a class.",)


def test_a_packed_array_counts_before_plain_ones(tmp_path: Path) -> None:
    save(tmp_path, images=shown(5))
    np.savez(tmp_path / "a.npz", images=shown(), labels=numbers())
    assert_shows(loaded(tmp_path), shown(), numbers())


def test_each_array_of_a_folder_is_told_by_its_size(tmp_path: Path) -> None:
    from tui_ae.data.array_folder import read_array_folder

    save(tmp_path, x_train=shown(30), y_train=numbers(30), x_test=shown(10), y_test=numbers(10))
    heard: list[float] = []
    source = read_array_folder(tmp_path, heard.append)
    whole = 40 * 784 + 2 * 128
    assert heard == pytest.approx([(30 * 784 + 128) / whole, 1])
    assert source.splits == ("train", "test") and source.labels is not None
    assert source.labels.tolist() == [*numbers(30), *numbers(10)]
