"""Which pictures of a folder are read, by how its folders lie."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tui_ae.data.layout import Layout, Place, holds_images, read_layout
from tui_ae.data.progress import unheard
from tui_ae.errors import UserError


def lay(folder: Path, counts: Mapping[str, int], suffix: str = ".png") -> Path:
    """Write so many empty files by the name of a picture into each folder."""
    for inner, count in counts.items():
        (folder / inner).mkdir(parents=True, exist_ok=True)
        for place in range(count):
            (folder / inner / f"{place}{suffix}").touch()
    return folder


def read(folder: Path) -> Layout:
    assert holds_images(folder)
    return read_layout(folder, unheard)


def sizes(layout: Layout) -> dict[str, int] | int:
    if layout.classes is None:
        return len(layout.loose)
    return {name: len(files) for name, files in layout.classes.items()}


def passed(count: int, name: str) -> str:
    pictures = "picture" if count == 1 else "pictures"
    return f"Passed over {count} {pictures} outside of these, such as {name}."


@pytest.mark.parametrize(
    ("counts", "expected", "notes"),
    [
        ({"": 5}, 5, ()),
        ({"10": 1, "9": 2, "cat": 1}, {"cat": 1, "9": 2, "10": 1}, ()),
        ({"": 40, "thumbs": 3}, 40, (passed(3, "thumbs/0.png"),)),
        ({"": 4, "@eaDir": 16}, 4, (passed(16, "@eaDir/0.png"),)),
        ({"a": 9, "b": 9, "": 1}, {"a": 9, "b": 9}, (passed(1, "0.png"),)),
        ({"a": 9, "a/old": 2}, {"a": 9}, (passed(2, "a/old/0.png"),)),
        ({"a": 3, "b": 3, "thumbs": 5}, {"a": 3, "b": 3}, (passed(5, "thumbs/0.png"),)),
        ({"thumbs": 3}, {"thumbs": 3}, ()),
        ({"a/images": 3, "b/images": 2}, {"a": 3, "b": 2}, ()),
        ({"images": 3}, 3, ()),
        ({"data/a": 3, "data/b": 2}, {"a": 3, "b": 2}, ()),
        ({".hidden": 3, "__MACOSX/a": 2, "a": 2}, {"a": 2}, ()),
        ({"car": 3, "train": 2}, {"car": 3, "train": 2}, ()),
        (
            {"cat": 3, "dog": 2, "test": 20},
            {"cat": 3, "dog": 2},
            (passed(20, "test/0.png"),),
        ),
    ],
)
def test_folders_and_loose_pictures(
    tmp_path: Path,
    counts: dict[str, int],
    expected: dict[str, int] | int,
    notes: tuple[str, ...],
) -> None:
    layout = read(lay(tmp_path, counts))
    assert sizes(layout) == expected
    assert layout.notes == notes
    assert all((tmp_path / file).is_file() for file in layout.files)


@pytest.mark.parametrize(
    ("counts", "expected", "notes"),
    [
        (
            {"train/a": 3, "train/b": 2, "test/a": 1, "test/b": 1},
            {"a": 4, "b": 3},
            ("Read train and test.",),
        ),
        ({"testing/0": 1, "training/0": 3}, {"0": 4}, ("Read training and testing.",)),
        (
            {"Test/0": 1, "Train/0": 3, "valid/0": 1, "Meta": 1},
            {"0": 5},
            ("Read Train, valid and Test.", passed(1, "Meta/0.png")),
        ),
        (
            {"train/a": 3, "train/b": 2, "test": 60},
            {"a": 3, "b": 2},
            ("Read train.", passed(60, "test/0.png")),
        ),
        (
            {"train/n1/images": 3, "train/n2/images": 3, "val/images": 9, "test/images": 9},
            {"n1": 3, "n2": 3},
            ("Read train.", passed(18, "test/images/0.png")),
        ),
        (
            {"seg_train/seg_train/sea": 2, "seg_test/seg_test/sea": 1, "seg_pred/seg_pred": 1},
            {"sea": 3},
            ("Read seg_train and seg_test.", passed(1, "seg_pred/seg_pred/0.png")),
        ),
        ({"train": 3, "test": 2}, 5, ("Read train and test, which hold no classes.",)),
        (
            {"train/a": 3, "val/x": 1, "val/y": 2},
            {"a": 3},
            ("Read train.", passed(3, "val/x/0.png")),
        ),
        ({"train": 3}, 3, ()),
        ({"train/a": 3, "train/b": 3}, {"a": 3, "b": 3}, ()),
        (
            {"train_images": 3, "test_images": 2},
            5,
            ("Read train_images and test_images, which hold no classes.",),
        ),
    ],
)
def test_splits(
    tmp_path: Path,
    counts: dict[str, int],
    expected: dict[str, int] | int,
    notes: tuple[str, ...],
) -> None:
    layout = read(lay(tmp_path, counts))
    assert sizes(layout) == expected
    assert layout.notes == notes


@pytest.mark.parametrize(
    ("counts", "words", "give"),
    [
        ({"": 40, "a": 20, "b": 10}, "40 lie loose and 30 one folder down", "a"),
        ({"a": 5, "b/x": 100, "b/y": 3}, "5 one folder down and 103 deeper", "b"),
        ({"x/a": 3, "x/b": 3, "y": 2}, "2 one folder down and 6 deeper", "x"),
    ],
)
def test_what_is_unclear_is_refused_with_a_folder_to_give(
    tmp_path: Path, counts: dict[str, int], words: str, give: str
) -> None:
    lay(tmp_path, counts)
    with pytest.raises(UserError) as caught:
        read_layout(tmp_path, unheard)
    assert words in str(caught.value)
    assert f"give {tmp_path / give}, or" in str(caught.value)


def test_pictures_are_known_by_name_or_by_what_is_in_them(tmp_path: Path) -> None:
    kinds = {"PNG": "none", "JPEG": "b.jfif", "GIF": "c.picture", "WEBP": "d", "TIFF": "e.dat"}
    for kind, name in kinds.items():
        content = io.BytesIO()
        Image.fromarray(np.zeros((28, 28), np.uint8)).save(content, kind)
        (tmp_path / name).write_bytes(content.getvalue())
    for name in ("Thumbs.db", "desktop.ini", "README", "labels.csv", "._b.jfif", ".DS_Store"):
        (tmp_path / name).write_bytes(b"\0junk that is no picture")
    (tmp_path / "f.HEIC").touch()
    layout = read(tmp_path)
    assert layout.loose == ["b.jfif", "c.picture", "d", "e.dat", "f.HEIC", "none"]
    assert layout.notes == ()


def test_links_are_followed_but_not_in_a_circle(tmp_path: Path) -> None:
    folder = lay(tmp_path / "set", {"a": 2})
    lay(tmp_path / "away", {"": 3})
    (folder / "b").symlink_to("../away")
    (folder / "loop").symlink_to(folder)
    (folder / "a" / "up").symlink_to("..")
    (folder / "a" / "self.png").symlink_to("self.png")
    (folder / "gone.png").symlink_to("nowhere.png")
    layout = read(folder)
    assert sizes(layout) == {"a": 2, "b": 3}
    assert layout.notes == ("Passed over 2 links that lead nowhere, such as gone.png.",)


def test_a_folder_that_cannot_be_opened_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay(tmp_path, {"a": 2, "b\x1b[31m": 2})
    scan = os.scandir

    def refuse(path: Path) -> object:
        if path.name.startswith("b"):
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    layout = read(tmp_path)
    assert sizes(layout) == {"a": 2}
    assert layout.notes == ("1 folder can't be opened, such as b?[31m: Permission denied.",)


def test_no_folder_is_looked_into_for_ever(tmp_path: Path) -> None:
    deep = "/".join("abcdefghijklmno")
    lay(tmp_path, {"one": 9, deep: 9})
    assert sizes(read(tmp_path)) == {"one": 9}


@pytest.mark.parametrize(
    ("counts", "expected", "masks"),
    [
        ({"images": 4, "masks": 4}, 4, "masks"),
        ({"image": 4, "label": 4}, 4, "label"),
        ({"images": 4, "annotations": 4}, 4, "annotations"),
        (
            {"JPEGImages": 4, "SegmentationClass": 2, "SegmentationObject": 2},
            4,
            "SegmentationClass",
        ),
        ({"train": 4, "train_masks": 4, "test": 3}, 7, "train_masks"),
        ({"train": 4, "trainannot": 4, "val": 3, "valannot": 3}, 7, "trainannot"),
        ({"train/images": 4, "train/masks": 4, "val/images": 2, "val/masks": 2}, 6, "train/masks"),
        ({"images/cat": 4, "images/dog": 3, "masks/cat": 4}, {"cat": 4, "dog": 3}, "masks"),
    ],
)
def test_masks_beside_the_pictures_are_no_class(
    tmp_path: Path, counts: dict[str, int], expected: dict[str, int] | int, masks: str
) -> None:
    layout = read(lay(tmp_path, counts))
    assert sizes(layout) == expected
    note = next(note for note in layout.notes if "masks or labels" in note)
    assert f"give {tmp_path / masks}." in note
    assert f"{masks}/" in " ".join(skipped.file for skipped in layout.passed)
    assert all("mask" in skipped.reason for skipped in layout.passed)
    assert not any("Passed over" in note for note in layout.notes)


@pytest.mark.parametrize("counts", [{"cat": 3, "masks": 3}, {"masks": 3, "labels": 3}, {"gt": 3}])
def test_classes_may_be_called_masks_where_no_pictures_lie_beside(
    tmp_path: Path, counts: dict[str, int]
) -> None:
    layout = read(lay(tmp_path, counts))
    assert sizes(layout) == counts


def test_why_each_picture_is_passed_over(tmp_path: Path) -> None:
    lay(tmp_path, {"a": 9, "b": 9, "": 1, "thumbs": 1, "test": 1})
    (tmp_path / "a" / ".hidden.png").touch()
    (tmp_path / "a" / "gone.png").symlink_to("nowhere.png")
    reasons = {skipped.file: skipped.reason for skipped in read(tmp_path).passed}
    assert reasons == {
        "0.png": "in a folder of no class",
        "test/0.png": "in a folder of no class",
        "thumbs/0.png": "in thumbs, which holds small copies",
        "a/gone.png": "a link that leads nowhere",
        "a/.hidden.png": "a hidden file",
    }


@pytest.mark.parametrize(
    ("counts", "passed_over"),
    [
        # Fewer than four times the pictures passed over would be read.
        ({"": 12, "a": 3}, 3),
        ({"": 11, "a": 3}, None),
        ({"a": 12, "": 3}, 3),
        ({"a": 11, "": 3}, None),
        ({"a": 12, "a/x": 3}, 3),
        ({"a": 11, "a/x": 3}, None),
        ({"": 3, "a": 3}, None),
    ],
)
def test_a_person_decides_where_a_fifth_would_be_passed_over(
    tmp_path: Path, counts: dict[str, int], passed_over: int | None
) -> None:
    lay(tmp_path, counts)
    if passed_over is None:
        with pytest.raises(UserError, match="it is unclear which pictures are meant"):
            read_layout(tmp_path, unheard)
        return
    layout = read_layout(tmp_path, unheard)
    assert len(layout.passed) == passed_over and len(layout.files) == 12


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        (
            {"": 40, "a": 20, "b": 10, "b/c/d": 5},
            "40 lie loose and 30 one folder down and 5 deeper; give {}/a",
        ),
        ({"a": 5, "b/x": 10, "b/y": 3}, "5 one folder down and 13 deeper; give {}/b"),
        ({"": 3, "a/x/y": 2, "a/x/z": 2}, "3 lie loose and 4 deeper; give {}/a"),
    ],
)
def test_the_sentence_counts_what_lies_where(
    tmp_path: Path, counts: dict[str, int], said: str
) -> None:
    lay(tmp_path, counts)
    with pytest.raises(UserError) as caught:
        read_layout(tmp_path, unheard)
    assert str(caught.value) == (
        f"{tmp_path}: it is unclear which pictures are meant, for {said.format(tmp_path)}, or a "
        "folder with nothing but one folder a class."
    )


@pytest.mark.parametrize(("depth", "count"), [(5, 3), (6, 0)])
def test_five_folders_within_folders_are_looked_into(
    tmp_path: Path, depth: int, count: int
) -> None:
    lay(tmp_path, {"/".join(["images"] * depth): 3})
    assert len(read_layout(tmp_path, unheard).files) == count


@pytest.mark.parametrize(
    ("name", "split"),
    [
        *(("train", 0), ("TRAINING", 0), ("seg_train", 0), ("train-set", 0), ("train_images", 0)),
        *(("val", 1), ("valid", 1), ("validation", 1), ("dev", 2), ("eval", 3), ("test", 4)),
        *(("testing", 4), ("trainer", None), ("contest", None), ("a", None)),
    ],
)
def test_names_of_parts(name: str, split: int | None) -> None:
    assert Place(f"a/{name}").split == split


def test_parts_are_read_in_their_order(tmp_path: Path) -> None:
    layout = read(
        lay(tmp_path, {f"{split}/x": 1 for split in ("test", "eval", "dev", "val", "train")})
    )
    assert layout.classes == {
        "x": [f"{split}/x/0.png" for split in ("train", "val", "dev", "eval", "test")]
    }
    assert layout.notes == ("Read train, val, dev, eval and test.",)
    assert layout.split_of == {
        "train/x/0.png": "train",
        **{f"{split}/x/0.png": "val" for split in ("val", "dev", "eval")},
        "test/x/0.png": "test",
    }


def test_what_could_not_be_looked_at_is_said_one_and_several(tmp_path: Path) -> None:
    lay(tmp_path, {"a": 2, "empty": 0})
    (tmp_path / "gone.png").symlink_to("nowhere")
    assert read(tmp_path).notes == (
        "Passed over 1 link that leads nowhere, such as gone.png.",
        "1 folder is empty, such as empty.",
    )
    (tmp_path / "more.png").symlink_to("nowhere")
    (tmp_path / "again").mkdir()
    assert read(tmp_path).notes == (
        "Passed over 2 links that lead nowhere, such as gone.png.",
        "2 folders are empty, such as again.",
    )


def test_several_folders_that_cannot_be_opened_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay(tmp_path, {"a": 2, "b": 2, "c": 2})
    scan = os.scandir

    def refuse(path: Path) -> object:
        if path.name in "bc":
            raise OSError
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert read(tmp_path).notes == ("2 folders can't be opened, such as b: OSError.",)


def test_one_mask_or_several_are_named(tmp_path: Path) -> None:
    layout = read(lay(tmp_path / "one", {"images": 4, "masks": 4}))
    assert layout.notes[-1] == (
        "masks was left out, as masks or labels of the pictures beside; to train on them give "
        f"{tmp_path / 'one' / 'masks'}."
    )
    layout = read(lay(tmp_path / "two", {"images": 4, "masks": 4, "labels": 4}))
    assert layout.notes[-1] == (
        "labels and masks were left out, as masks or labels of the pictures beside; to train on "
        f"them give {tmp_path / 'two' / 'labels'}."
    )


@pytest.mark.parametrize(
    ("counts", "of_classes", "expected"),
    [
        ({"": 1}, True, True),
        ({"": 1}, False, True),
        ({"a": 1}, True, True),
        ({"a": 1}, False, False),
        ({"images": 1}, False, True),
        ({"a/images": 1}, True, True),
        ({"a/b": 1}, True, False),
        ({"images/a": 1}, True, True),
        ({"images/a/b": 1}, True, False),
        ({"images/images": 1}, False, True),
        ({"images/a": 1}, False, False),
    ],
)
def test_where_pictures_are_looked_for(
    tmp_path: Path, counts: dict[str, int], *, of_classes: bool, expected: bool
) -> None:
    assert holds_images(lay(tmp_path, counts), of_classes=of_classes) == expected
