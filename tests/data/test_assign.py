"""Arrays by what their headers say: what they can be, and which belong together."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui_ae.data.roles import Named, assign, held
from tui_ae.errors import UserError

WHERE = Path("set.npz")


@pytest.mark.parametrize(
    ("shape", "kind", "expected"),
    [
        ((10, 784), "u", True),
        ((10, 4), "f", True),
        ((10, 3), "u", False),
        ((10, 1), "u", False),
        ((10, 5), "u", False),
        ((9, 5), "u", True),
        ((9, 3), "u", False),
        ((10, 28, 28), "b", True),
        ((1, 1, 1), "i", True),
        ((10, 28, 28, 3), "c", True),
        ((10, 28, 28, 3, 1), "u", False),
        ((784,), "u", False),
        ((), "u", False),
        ((10, 28, 28), "U", False),
        ((10, 28, 28), "O", False),
    ],
)
def test_arrays_that_can_be_images(shape: tuple[int, ...], kind: str, *, expected: bool) -> None:
    assert Named("a", shape, kind).is_image_shaped == expected


@pytest.mark.parametrize(
    ("shape", "kind", "fits", "count"),
    [
        ((7,), "i", True, 7),
        ((7, 1), "i", True, 7),
        ((7, 100), "f", True, 7),
        ((7, 101), "f", False, 7),
        ((1, 7), "i", True, 7),
        ((1, 101), "i", True, 101),
        ((1, 1), "i", True, 1),
        ((7, 1, 1), "i", False, 7),
        ((1, 7, 1), "i", False, 1),
        ((7, 2, 2), "O", True, 7),
    ],
)
def test_arrays_that_can_be_labels(
    shape: tuple[int, ...], kind: str, count: int, *, fits: bool
) -> None:
    array = Named("a", shape, kind)
    assert (array.is_label_shaped, array.label_count) == (fits, count)
    assert not Named("a", (), "i").is_label_shaped


IMAGES = (12, 28, 28)


def of(**shapes: tuple[int, ...] | tuple[str, tuple[int, ...]]) -> list[Named]:
    """Arrays of numbers, or of the kind that stands before the shape."""
    made = []
    for name, shape in shapes.items():
        kind, own = shape if shape and isinstance(shape[0], str) else ("u", shape)
        made.append(Named(name, own, str(kind)))
    return made


@pytest.mark.parametrize(
    ("arrays", "note"),
    [
        (of(x=IMAGES), "Took x as images, no labels."),
        (of(x=IMAGES, y=(12,)), "Took x as images and y as labels."),
        (
            of(x=IMAGES, y=(12,), **dict.fromkeys("abcdef", (3,))),
            "Took x as images and y as labels; not used: a, b, c, d, e, f.",
        ),
        (
            of(x=IMAGES, y=(12,), **dict.fromkeys("abcdefghi", (3,))),
            "Took x as images and y as labels; not used: a, b, c, d, e, f and 3 more.",
        ),
        (
            of(x_train=IMAGES, y_train=(12,), x_test=(4, 28, 28), x_val=(3, 28, 28)),
            "Took x_train as images and y_train as labels; x_val and x_test left out, for there "
            "are no labels of it.",
        ),
        # The plainer name is taken, whatever the order.
        (of(data=IMAGES, images=IMAGES), "Took images as images, no labels; not used: data."),
        (
            of(x=IMAGES, classes=(12,), y=(12,)),
            "Took x as images and y as labels; not used: classes.",
        ),
        (
            of(x_a=IMAGES, y_b=(12,), labels_a=(12,)),
            "Took x_a as images and labels_a as labels; not used: y_b.",
        ),
        # Splits alone; the whole beside its splits is not read twice.
        (of(train=IMAGES, test=IMAGES), "Took train and test as images, no labels."),
        (
            of(x=IMAGES, x_train=IMAGES, x_test=IMAGES),
            "Took x_train and x_test as images, no labels; not used: x.",
        ),
        (of(x=IMAGES, x_test=IMAGES), "Took x_test and x as images, no labels."),
        # A single array, whatever it is called, beside others that are none.
        (of(faces=IMAGES, weights=(12,)), "Took faces as images, no labels; not used: weights."),
        (of(faces=IMAGES, mean=(1, 784)), "Took faces as images, no labels; not used: mean."),
        (of(faces=(12, 784), mean=(1, 784)), "Took faces as images, no labels; not used: mean."),
        (of(mean=(1, 784)), "Took mean as images, no labels."),
        (of(faces=(1, 28, 28), mean=(1, 784)), "Took faces as images, no labels; not used: mean."),
        # What is called labels is no image, though it has the shape of some.
        (of(faces=IMAGES, y=(12, 16)), "Took faces as images and y as labels."),
        (
            of(train_images=IMAGES, train_labels=(12,), t10k_images=IMAGES, t10k_labels=(12,)),
            "Took train_images and t10k_images as images and train_labels and t10k_labels as "
            "labels.",
        ),
        # Names of classes.
        (
            of(x=IMAGES, y=(12,), target_names=("U", (3,))),
            "Took x as images and y as labels.",
        ),
        (
            of(x=IMAGES, y=(12,), target_names=("U", (3, 1))),
            "Took x as images and y as labels; not used: target_names.",
        ),
        (
            of(x=IMAGES, y=(12,), target_names=("i", (3,))),
            "Took x as images and y as labels; not used: target_names.",
        ),
        (of(x=IMAGES, classes=("U", (3,))), "Took x as images, no labels."),
        (of(x=IMAGES, y=(12,), test_names=("U", (3,))), "Took x as images and y as labels."),
        # Labels of the other split, or of the only images where one of both says none.
        (of(x_train=IMAGES, y=(12,)), "Took x_train as images and y as labels."),
        (of(x=IMAGES, y_test=(12,)), "Took x as images and y_test as labels."),
        (
            of(x_train=IMAGES, y_test=(12,)),
            "Took x_train as images, no labels; not used: y_test.",
        ),
        # Objects are told of when they are read.
        (of(x=IMAGES, y=("O", (3,))), "Took x as images and y as labels."),
        # The number of the image may stand last.
        (of(x=(28, 28, 12), y=(12,)), "Took x as images and y as labels."),
        (of(x=(28, 28, 12), y=(1, 12)), "Took x as images and y as labels."),
        # Without names.
        (of(arr_0=IMAGES, arr_1=(12,)), "Took arr_0 as images and arr_1 as labels."),
        (of(arr_1=IMAGES, arr_0=(1, 12)), "Took arr_1 as images and arr_0 as labels."),
        (of(arr_0=IMAGES, arr_1=(12, 1)), "Took arr_0 as images, no labels; not used: arr_1."),
        (
            of(arr_0=IMAGES, arr_1=("f", (12,))),
            "Took arr_0 as images, no labels; not used: arr_1.",
        ),
        (
            of(arr_0=IMAGES, arr_1=(12,), arr_2=(12,)),
            "Took arr_0 as images, no labels; not used: arr_1, arr_2.",
        ),
        (of(arr_0=IMAGES, other=(12,)), "Took arr_0 as images, no labels; not used: other."),
    ],
)
def test_what_is_taken_as_what(arrays: list[Named], note: str) -> None:
    assert assign(arrays, WHERE, "give images").note() == note


def test_labels_from_another_file_are_named() -> None:
    found = assign(of(x=IMAGES), WHERE, "give images")
    assert found.note("b.npz") == "Took x as images and those of b.npz as labels."
    found = assign(of(x=IMAGES, y=(12,)), WHERE, "give images")
    assert found.note("b.npz") == "Took x as images and y as labels."


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ([], "no images among its arrays (none); give images."),
        (
            of(**dict.fromkeys("fedcba", (3,))),
            "no images among its arrays (a, b, c, d, e, f); give images.",
        ),
        (
            of(**dict.fromkeys("gfedcba", (3,))),
            "no images among its arrays (a, b, c, d, e, f and 1 more); give images.",
        ),
        (
            of(a=IMAGES, b=IMAGES),
            "no images among its arrays (a, b); give images.",
        ),
        (
            of(x=IMAGES, y=(11,)),
            "11 labels in y for 12 images; give one label for each image, or no labels.",
        ),
        (
            of(x=(1200, 28, 28), y=(1, 1100)),
            "1,100 labels in y for 1,200 images; give one label for each image, or no labels.",
        ),
        (
            of(x=(), y=(3,)),
            "3 labels in y for 1 images; give one label for each image, or no labels.",
        ),
        (of(x=IMAGES, y=(12, 5, 2)), "y is of 12 × 5 × 2; store one number or string for each "
         "image."),
        (of(x=IMAGES, y=(12, 101)), "y is of 12 × 101; store one number or string for each "
         "image."),
    ],
)  # fmt: skip
def test_what_cannot_be_told_is_said(arrays: list[Named], said: str) -> None:
    with pytest.raises(UserError) as caught:
        assign(arrays, WHERE, "give images")
    assert str(caught.value) == f"set.npz: {said}"


def test_as_many_names_as_a_sentence_bears() -> None:
    assert held(of(b=(3,), a=(3,))) == "a, b"
    assert held([]) == "none"


@pytest.mark.parametrize(
    ("name", "words", "split"),
    [
        ("x_train", ("x", "train"), "train"),
        ("xtrain", ("x", "train"), "train"),
        ("trainY", ("train", "y"), "train"),
        ("testx", ("test", "x"), "test"),
        ("csvTrainImages 60000x784", ("csv", "train", "images", "60000x", "784"), "train"),
        ("MNISTLabels", ("mnist", "labels"), ""),
        ("t10k-labels", ("t10k", "labels"), "test"),
        ("validation_x", ("validation", "x"), "val"),
    ],
)
def test_names_are_read_word_by_word(name: str, words: tuple[str, ...], split: str) -> None:
    array = Named(name, (12,), "u")
    assert (array.words, array.split) == (words, split)
