"""Loose pictures take their classes from a table that names them, or a note says why not."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.data.test_roles import loaded, shown
from tui_ae.data.layout import Layout
from tui_ae.data.picture_labels import label_pictures
from tui_ae.data.skipped import Skipped
from tui_ae.errors import UserError

COUNT = 8
WORDS = ["cat", "dog", "eel", "cat", "dog", "eel", "cat", "dog"]


def write_pictures(folder: Path, count: int = COUNT, prefix: str = "im") -> list[str]:
    folder.mkdir(parents=True, exist_ok=True)
    names = [f"{prefix}{place}.png" for place in range(count)]
    for name, image in zip(names, shown(count), strict=True):
        Image.fromarray(image).save(folder / name)
    return names


def write_rows(path: Path, rows: Iterable[Iterable[object]], between: str = ",") -> None:
    path.write_text("".join(between.join(map(str, row)) + "\n" for row in rows))


def classes_of(folder: Path) -> dict[str, str]:
    data = loaded(folder)
    assert data.labelled
    return {
        file: data.class_names[label]
        for file, label in zip(data.files, data.labels.tolist(), strict=True)
    }


@pytest.mark.parametrize("header", [["filename", "label"], ["image_id", "breed"], None])
@pytest.mark.parametrize("ending", [True, False])
@pytest.mark.parametrize("between", [",", "\t", ";"])
def test_a_table_names_each_file_and_its_label(
    tmp_path: Path, header: list[str] | None, between: str, *, ending: bool
) -> None:
    names = write_pictures(tmp_path)
    rows = [
        [name if ending else os.path.splitext(name)[0], word]  # noqa: PTH122
        for name, word in zip(names, WORDS, strict=True)
    ]
    write_rows(tmp_path / "labels.csv", [header, *rows] if header else rows, between)
    assert classes_of(tmp_path) == dict(zip(names, WORDS, strict=True))
    data = loaded(tmp_path)
    assert "Took the labels of labels.csv." in data.notes
    by_name = dict(zip(data.files, data.images[:], strict=True))
    for name, image in zip(names, shown(COUNT), strict=True):
        np.testing.assert_allclose(by_name[name], image.reshape(-1) / 255, atol=1e-6)


@pytest.mark.parametrize(
    "form", ["images/{}", "./images/{}", r"C:\set\images\{}", "/kaggle/input/set/images/{}"]
)
def test_a_table_may_call_files_by_their_paths(tmp_path: Path, form: str) -> None:
    names = write_pictures(tmp_path / "images")
    rows = [[form.format(name), word] for name, word in zip(names, WORDS, strict=True)]
    write_rows(tmp_path / "train.csv", [["path", "class"], *rows])
    expected = {f"images/{name}": word for name, word in zip(names, WORDS, strict=True)}
    assert classes_of(tmp_path) == expected
    assert classes_of(tmp_path / "images") == dict(zip(names, WORDS, strict=True))


def test_the_label_is_found_among_other_columns(tmp_path: Path) -> None:
    names = write_pictures(tmp_path)
    rows = [[name, 3.5, word] for name, word in zip(names, WORDS, strict=True)]
    write_rows(
        tmp_path / "a.csv",
        [["", "image", "age", "target"], *([at, *row] for at, row in enumerate(rows))],
    )
    assert classes_of(tmp_path) == dict(zip(names, WORDS, strict=True))


def test_one_hot_columns_are_the_classes(tmp_path: Path) -> None:
    names = write_pictures(tmp_path)
    kinds = ["cat", "dog", "eel"]
    rows = [
        [name, *(f"{float(word == kind)}" for kind in kinds)]
        for name, word in zip(names, WORDS, strict=True)
    ]
    write_rows(tmp_path / "truth.csv", [["image", *kinds], *rows])
    assert classes_of(tmp_path) == dict(zip(names, WORDS, strict=True))


def test_labels_that_are_also_names_of_files_are_no_names(tmp_path: Path) -> None:
    names = write_pictures(tmp_path, prefix="")
    write_rows(tmp_path / "a.csv", [["id", "label"], *([at, at % 3] for at in range(COUNT))])
    assert classes_of(tmp_path) == {name: str(at % 3) for at, name in enumerate(names)}


def test_pictures_that_are_not_named_are_left_out_with_the_reason(tmp_path: Path) -> None:
    names = write_pictures(tmp_path / "train")
    write_pictures(tmp_path / "test", 5, "other")
    rows = list(zip(names, WORDS, strict=True))
    write_rows(tmp_path / "train.csv", [["id", "label"], *rows])
    write_rows(
        tmp_path / "sample_submission.csv",
        [["id", "label"], *([f"other{at}.png", "cat"] for at in range(5))],
    )
    data = loaded(tmp_path)
    assert len(data.images) == COUNT
    assert data.class_names == ("cat", "dog", "eel")
    assert Skipped("test/other0.png", "not named in train.csv") in data.skipped
    assert len(data.skipped) == 5
    assert "Read train and test." in data.notes
    assert any("5 of 13 pictures that train.csv doesn't name" in note for note in data.notes)


def test_a_table_for_each_part(tmp_path: Path) -> None:
    for split in ("train", "test"):
        names = write_pictures(tmp_path / split, prefix=split)
        write_rows(tmp_path / f"{split}.csv", zip(names, WORDS, strict=True))
    assert len(classes_of(tmp_path)) == 2 * COUNT


@pytest.mark.parametrize(
    ("header", "row", "says"),
    [
        (["file", "x", "z"], ["1", "2"], r"column.*unclear \(x, z\); call it label"),
        (["file", "size"], None, "40 different values"),
        (["file"], [], "no labels"),
    ],
)
def test_a_table_that_gives_no_labels_is_said(
    tmp_path: Path, header: list[str], row: list[str] | None, says: str
) -> None:
    names = write_pictures(tmp_path, 40)
    rows = [[name, *([str(at)] if row is None else row)] for at, name in enumerate(names)]
    write_rows(tmp_path / "a.csv", [header, *rows])
    data = loaded(tmp_path)
    assert not data.labelled and len(data.images) == 40
    assert any(re.search(says, note) for note in data.notes)


def test_a_table_that_names_a_few_is_said_and_not_used(tmp_path: Path) -> None:
    names = write_pictures(tmp_path, 40)
    write_rows(tmp_path / "examples.csv", [["file", "label"], *([n, "cat"] for n in names[:3])])
    data = loaded(tmp_path)
    assert not data.labelled and len(data.images) == 40
    assert any("examples.csv names 3 of 40 pictures" in note for note in data.notes)


@pytest.mark.parametrize(("others", "is_about_them"), [(3, True), (5, False)])
def test_a_table_whose_rows_mostly_name_other_things_is_not_about_the_pictures(
    tmp_path: Path, others: int, *, is_about_them: bool
) -> None:
    names = write_pictures(tmp_path, 40)
    rows = [[n, "cat"] for n in (*names[:3], *(f"other{at}.png" for at in range(others)))]
    write_rows(tmp_path / "examples.csv", [["file", "label"], *rows])
    data = loaded(tmp_path)
    assert not data.labelled and len(data.images) == 40
    assert any("examples.csv names 3 of 40" in note for note in data.notes) == is_about_them


def test_a_table_of_a_whole_set_labels_the_few_pictures_of_it_that_are_there(
    tmp_path: Path,
) -> None:
    names = write_pictures(tmp_path)
    others = ([f"other{at}.png", "fox"] for at in range(100))
    write_rows(tmp_path / "all.csv", [["file", "label"], *zip(names, WORDS, strict=True), *others])
    assert classes_of(tmp_path) == dict(zip(names, WORDS, strict=True))


@pytest.mark.parametrize("content", [b"", b"\0\1\2", b"a,b\n1\n", b"x" * 200_000, b"other,1\n"])
def test_other_tables_change_nothing(tmp_path: Path, content: bytes) -> None:
    write_pictures(tmp_path)
    (tmp_path / "a.csv").write_bytes(content)
    data = loaded(tmp_path)
    assert not data.labelled
    assert data.notes == ()


def test_a_column_called_label_with_too_many_values_is_refused_before_decoding(
    tmp_path: Path,
) -> None:
    for at in range(40):
        (tmp_path / f"{at}.png").write_bytes(b"never opened")
    write_rows(tmp_path / "a.csv", [["file", "label"], *([f"{at}.png", at] for at in range(40))])
    with pytest.raises(UserError, match=r"40 classes; give at most 36.*--labels none"):
        loaded(tmp_path)


def labelled(folder: Path, loose: Iterable[str], **tables: str) -> Layout:
    """Loose pictures, which nobody opens, by what these tables say."""
    for name, text in tables.items():
        (folder / f"{name}.csv").write_text(text)
    notes = ("Read a and b, which hold no classes.",)
    return label_pictures(Layout(None, list(loose), notes), folder)


NAMES = [f"p{at}.png" for at in range(10)]


def rows(count: int, header: str = "file,label\n", cells: str = "p{}.png,{}\n") -> str:
    return header + "".join(cells.format(at, at % 2) for at in range(count))


@pytest.mark.parametrize(
    ("pictures", "named", "is_used"),
    [(10, 2, True), (10, 1, False), (11, 3, True), (11, 2, False), (4, 2, True), (4, 1, False)],
)
def test_a_fifth_of_the_pictures_and_two_have_to_be_named(
    tmp_path: Path, pictures: int, named: int, *, is_used: bool
) -> None:
    loose = [f"p{at}.png" for at in range(pictures)]
    layout = labelled(tmp_path, loose, a=rows(named))
    if is_used:
        assert layout.classes is not None and sum(map(len, layout.classes.values())) == named
        assert layout.loose == []
        left = pictures - named
        assert layout.notes == (
            "Read a and b.",
            "Took the labels of a.csv.",
            f"Left out {left} of {pictures} pictures that a.csv doesn't name, such as "
            f"p{named}.png.",
        )
        assert layout.passed[0] == Skipped(f"p{named}.png", "not named in a.csv")
        assert len(layout.passed) == left
    else:
        assert layout.classes is None and layout.loose == loose
        assert layout.notes[1:] == (
            f"a.csv names {named} of {pictures} pictures, so it was not used for labels.",
        )


def test_several_tables_say_it_together_and_the_first_counts(tmp_path: Path) -> None:
    layout = labelled(tmp_path, NAMES, a=rows(5), b="file,label\np4.png,9\np5.png,9\n")
    assert layout.classes == {
        "0": ["p0.png", "p2.png", "p4.png"],
        "1": ["p1.png", "p3.png"],
        "9": ["p5.png"],
    }
    assert layout.notes[1] == "Took the labels of a.csv and b.csv."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Without a header the first row is one of the others.
        ("p0.png,0\np1.png,1\n", {"0": ["p0.png"], "1": ["p1.png"]}),
        ("label,file\n0,p0.png\n1,p1.png\n", {"0": ["p0.png"], "1": ["p1.png"]}),
        ("file,y,label\np0.png,0,5\np1.png,1,5\n", {"0": ["p0.png"], "1": ["p1.png"]}),
        ("file,label,y\np0.png,5,0\np1.png,5,1\n", {"0": ["p0.png"], "1": ["p1.png"]}),
        ("file,a,b\np0.png,1,0\np1.png,0.0,1.0\n", {"a": ["p0.png"], "b": ["p1.png"]}),
        ("a,file,b\n1,p0.png,0\n0,p1.png,1\n", {"a": ["p0.png"], "b": ["p1.png"]}),
        # Without a label a picture is not named.
        ("file,label\np0.png,0\np1.png,1\np2.png,\n", {"0": ["p0.png"], "1": ["p1.png"]}),
        ("x/p0.png,0\n./p1.png,1\n", {"0": ["p0.png"], "1": ["p1.png"]}),
        (
            "file,label\np0.png," + "a" * 64 + "\np1.png,b\n",
            {"a" * 64: ["p0.png"], "b": ["p1.png"]},
        ),
    ],
)
def test_columns_of_files_and_of_labels_are_found(
    tmp_path: Path, text: str, expected: dict[str, list[str]]
) -> None:
    assert labelled(tmp_path, NAMES, a=text).classes == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("p0.png,1,0\np1.png,0,1\n", "which of its columns is the label is unclear (2, 3); call it "
         "label"),
        ("file,a,b\np0.png,1,1\np1.png,0,1\n", "which of its columns is the label is unclear "
         "(a, b); call it label"),
        ("file,a,b\np0.png,0,0\np1.png,0,1\n", "which of its columns is the label is unclear "
         "(a, b); call it label"),
        ("file,a,b\np0.png,2,0\np1.png,0,1\n", "which of its columns is the label is unclear "
         "(a, b); call it label"),
        ("p0.png,1,1,2,3,4,5\np1.png,0,1,2,3,4,5\n", "which of its columns is the label is unclear "
         "(2, 3, 4, 5, 6, 7); call it label"),
        ("p0.png,1,1,2,3,4,5,6,7\np1.png,0,1,2,3,4,5,6,7\n", "which of its columns is the label is "
         "unclear (2, 3, 4, 5, 6, 7 and 2 more); call it label"),
        ("file\np0.png\np1.png\n", "has no labels of them"),
        ("file,label\np0.png," + "a" * 65 + "\np1.png,b\n", "what it says of them is too long for "
         "labels"),
    ],
)  # fmt: skip
def test_why_a_table_gives_no_labels(tmp_path: Path, text: str, said: str) -> None:
    layout = labelled(tmp_path, NAMES, a=text)
    assert layout.classes is None
    assert layout.notes[1:] == (f"a.csv names the pictures, but {said}.",)


@pytest.mark.parametrize(("count", "are_labels"), [(36, True), (37, False)])
def test_a_column_of_too_many_values_has_no_labels(
    tmp_path: Path, count: int, *, are_labels: bool
) -> None:
    names = [f"p{at}.png" for at in range(count)]
    text = "file,size\n" + "".join(f"{name},{at}\n" for at, name in enumerate(names))
    layout = labelled(tmp_path, names, a=text)
    assert (layout.classes is not None) == are_labels
    if not are_labels:
        assert layout.notes[1:] == (
            "a.csv names the pictures, but what it says of them are 37 different values, no "
            "labels.",
        )


def test_files_are_looked_for_in_the_first_two_hundred_rows(tmp_path: Path) -> None:
    for others, is_found in ((199, True), (200, False)):
        text = "file,label\n" + "x,0\n" * others + rows(10, "") * 30
        assert (labelled(tmp_path, NAMES, a=text).classes is not None) == is_found


def test_a_name_that_two_pictures_share_names_neither(tmp_path: Path) -> None:
    for folder in "ab":
        (tmp_path / folder).mkdir()
    loose = ["a/p0.png", "b/p0.png", "a/p1.png", "b/p2.jpg", "b/p2.png"]
    text = "file,label\np0.png,x\np1,y\np2,z\np2.png,w\nb/p0.png,v\n"
    layout = labelled(tmp_path, loose, a=text)
    assert layout.classes == {"v": ["b/p0.png"], "w": ["b/p2.png"], "y": ["a/p1.png"]}


def test_tables_lie_with_the_pictures_above_them_or_above_what_only_wraps(
    tmp_path: Path,
) -> None:
    root = tmp_path / "set"
    inner = root / "images"
    (inner / "a" / "b").mkdir(parents=True)
    loose = ["a/b/p0.png", "a/b/p1.png"]
    for place, is_found in (
        *((inner / "a" / "b", True), (inner / "a", True), (inner, True), (root, True)),
        (tmp_path, False),
    ):
        (place / "x.csv").write_text("p0.png,x\np1.png,y\n")
        found = label_pictures(Layout(None, loose), inner)
        assert (found.classes is not None) == is_found, place
        (place / "x.csv").unlink()
    (root / "x.csv").write_text("p0.png,x\np1.png,y\n")
    inner.rename(root / "kept")
    assert label_pictures(Layout(None, loose), root / "kept").classes is None


def test_classes_of_folders_are_left_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("p0.png,x\np1.png,y\n")
    for layout in (Layout({"a": ["p0.png", "p1.png"]}, []), Layout(None, [])):
        assert label_pictures(layout, tmp_path) is layout
