from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tui_ae.config import Settings
from tui_ae.data.dataset import Dataset
from tui_ae.data.hold_out import hold_out
from tui_ae.data.images import Images
from tui_ae.data.load import load
from tui_ae.data.source import Source
from tui_ae.data.synthetic import draw_digits
from tui_ae.errors import InvalidValueError


def numbered(count: int, side: int = 28) -> np.ndarray:
    """Images that tell which they are, as bytes."""
    images = np.zeros((count, side, side), np.uint8)
    images[:, 0, 0] = 255
    images[:, 0, 1], images[:, 0, 2] = np.arange(count) % 256, np.arange(count) // 256
    return images


def numbers(images: Images) -> list[int]:
    pixels = np.round(np.asarray(images[:]) * 255).astype(int)
    numbers: list[int] = (pixels[:, 1] + 256 * pixels[:, 2]).tolist()
    return numbers


def saved(path: Path, **arrays: Any) -> Path:
    np.savez(path, **arrays)
    return path


def whole(data: Dataset) -> list[int]:
    """Which image each of the source's is, put together from both."""
    assert data.held_out is not None
    rows = np.empty(len(data.images) + len(data.held_out.images), int)
    apart = np.zeros(len(rows), bool)
    apart[data.held_out.rows] = True
    rows[apart], rows[~apart] = numbers(data.held_out.images), numbers(data.images)
    numbers_of_all: list[int] = rows.tolist()
    return numbers_of_all


def test_synthetic_digits_that_train_are_the_same_with_and_without() -> None:
    data, alone = load(Settings(seed=3)), load(Settings(seed=3, held_out=0))
    assert alone.held_out is None and data.held_out is not None
    np.testing.assert_array_equal(data.images.array, alone.images.array)
    np.testing.assert_array_equal(data.images.array, draw_digits(3).images.array)
    assert np.bincount(data.held_out.labels).tolist() == [64] * 10
    assert data.held_out.rows.tolist() == list(range(3200, 3840))
    assert not {row.tobytes() for row in data.images[:]} & {
        row.tobytes() for row in data.held_out.images[:]
    }


def test_a_share_of_the_synthetic_digits_trains_on_less() -> None:
    data = load(Settings(held_out=0.2))
    assert data.held_out is not None
    assert (len(data.images), len(data.held_out.images)) == (2560, 640)
    assert data.counts.tolist() == [256] * 10


@pytest.mark.parametrize(
    ("splits", "held"), [(("train", "test"), "test"), (("train", "val"), "val")]
)
def test_the_part_that_a_set_brings(tmp_path: Path, splits: tuple[str, str], held: str) -> None:
    images, labels = numbered(30), np.arange(30) % 3
    parts = (slice(0, 20), slice(20, 30))
    arrays = {f"x_{name}": images[part] for name, part in zip(splits, parts, strict=True)}
    arrays |= {f"y_{name}": labels[part] for name, part in zip(splits, parts, strict=True)}
    data = load(Settings(data=saved(tmp_path / "a.npz", **arrays)))
    assert data.held_out is not None
    assert numbers(data.images) == list(range(20))
    assert numbers(data.held_out.images) == list(range(20, 30))
    assert data.held_out.labels.tolist() == labels[20:].tolist()
    assert data.notes[-1] == f"The {held} images, 10, are held out from training."


def test_of_validation_and_test_images_the_latter(tmp_path: Path) -> None:
    arrays = {f"{name}_images": numbered(20) for name in ("test", "val", "train")}
    data = load(Settings(data=saved(tmp_path / "a.npz", **arrays)))
    assert data.held_out is not None
    assert (len(data.images), data.held_out.rows.tolist()) == (40, list(range(40, 60)))


def test_a_test_part_alone_is_what_there_is_to_train_on(tmp_path: Path) -> None:
    data = load(Settings(data=saved(tmp_path / "a.npz", x_test=numbered(30))))
    assert data.held_out is None and len(data.images) == 30


def test_images_whose_number_stands_last(tmp_path: Path) -> None:
    parts = {"X_train": numbered(40)[:30], "X_test": numbered(40)[30:]}
    turned = {name: np.moveaxis(part, 0, -1) for name, part in parts.items()}
    labels = {"y_train": np.arange(30), "y_test": np.arange(10)}
    data = load(Settings(data=saved(tmp_path / "a.npz", **turned, **labels)))
    assert data.held_out is not None
    assert numbers(data.held_out.images) == list(range(30, 40))


@pytest.mark.parametrize("count", [499, 500, 1000])
def test_else_a_tenth_from_500_images_on(tmp_path: Path, count: int) -> None:
    labels = np.arange(count) % 7
    path = saved(tmp_path / "a.npz", images=numbered(count), labels=labels)
    data = load(Settings(data=path))
    if count < 500:
        assert data.held_out is None
        return
    assert data.held_out is not None
    assert len(data.held_out.images) == count // 10
    assert whole(data) == list(range(count))
    np.testing.assert_array_equal(data.held_out.labels, labels[data.held_out.rows])
    np.testing.assert_array_equal(data.labels, np.delete(labels, data.held_out.rows))
    assert np.ptp(np.bincount(data.held_out.labels)) <= 1


def test_one_split_a_seed(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.npz", images=numbered(600))
    held = [load(Settings(data=path, seed=seed)).held_out for seed in (1, 1, 2)]
    rows = [part.rows.tolist() for part in held if part is not None]
    assert rows[0] == rows[1] != rows[2]


def test_a_share_replaces_the_part_and_zero_trains_on_all(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.npz", x_train=numbered(20), x_test=numbered(20))
    data = load(Settings(data=path, held_out=0.25))
    assert data.held_out is not None and len(data.held_out.images) == 10
    assert len(load(Settings(data=path, held_out=0)).images) == 40


@pytest.mark.usefixtures("mapping")
def test_of_mapped_images_nothing_is_copied(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", numbered(600))
    data = load(Settings(data=tmp_path / "a.npy"))
    assert data.held_out is not None
    assert data.images.array is None and data.held_out.images.array is None
    assert whole(data) == list(range(600))
    assert 0 < data.images.mean() < 0.01


def test_folders_of_pictures_bring_theirs(tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image")
    for split, first in (("train", 0), ("test", 100)):
        for label in ("cat", "dog"):
            folder = tmp_path / split / label
            folder.mkdir(parents=True)
            for number in range(6):
                at = first + number + 10 * (label == "dog")
                image.fromarray(numbered(200)[at]).save(folder / f"{at}.png")
    data = load(Settings(data=tmp_path))
    assert data.held_out is not None
    assert data.files == tuple(
        f"train/{'dog' if at > 9 else 'cat'}/{at}.png" for at in (*range(6), *range(10, 16))
    )
    assert numbers(data.images) == [*range(6), *range(10, 16)]
    assert numbers(data.held_out.images) == [*range(100, 106), *range(110, 116)]
    assert data.held_out.files[0] == "test/cat/100.png"
    assert data.held_out.labels.tolist() == data.labels.tolist() == [0] * 6 + [1] * 6


@pytest.mark.parametrize("share", [-0.1, 0.95, float("nan")])
def test_shares_that_leave_nothing_are_refused(share: float) -> None:
    with pytest.raises(InvalidValueError, match=r"give a share from 0 to 0\.9"):
        Settings(held_out=share)


def made(counts: list[int], splits: tuple[str, ...] = (), parts: tuple[int, ...] = ()) -> Any:
    """A data set of so many images of each class, and its source of parts of so many."""
    labels = np.repeat(np.arange(len(counts)), counts)
    images = numbered(len(labels))
    source = Source(
        *(Path("set"), "set", tuple(np.split(images, np.cumsum(parts)[:-1])), labels),
        splits=splits,
    )
    pixels = (images.reshape(-1, 784) / 255).astype(np.float32)
    names = tuple(str(label) for label in range(len(counts)))
    files = tuple(f"{at}.png" for at in range(len(labels)))
    data = Dataset("set", Images(pixels), labels, names, labelled=True, notes=("a",), files=files)
    return data, source


@pytest.mark.parametrize(
    ("counts", "share", "expected"),
    [
        ([4, 4, 4], 0.5, [2, 2, 2]),
        ([3, 3, 3], 0.5, [2, 1, 1]),
        ([5, 5], 0.3, [2, 1]),
        ([5, 0, 5], 0.3, [2, 0, 1]),
        ([10, 1], 0.1, [1, 0]),
        # Those come first that lose most by rounding down.
        ([1, 9], 0.1, [0, 1]),
        ([1, 9], 0.9, [1, 8]),
        ([3, 14, 8, 5], 0.1, [0, 1, 1, 1]),
        ([10], 0.1, [1]),
    ],
)
def test_of_each_class_the_same_share(counts: list[int], share: float, expected: list[int]) -> None:
    data, source = made(counts)
    found = hold_out(data, source, share, 0)
    assert found.held_out is not None
    apart = found.held_out
    assert np.bincount(apart.labels, minlength=len(counts)).tolist() == expected
    count, some = sum(counts), sum(expected)
    assert found.notes == ("a", f"{some:,} of the {count:,} images are held out from training.")
    assert whole(found) == list(range(count))
    assert apart.rows.tolist() == sorted(set(apart.rows.tolist()))
    assert apart.files == tuple(f"{row}.png" for row in apart.rows)
    assert len(found.files) == count - some
    assert not apart.labels.flags.writeable and not found.labels.flags.writeable


@pytest.mark.parametrize("wanted", [None, 0.0, 0.04])
def test_where_no_image_is_held_out_the_data_set_is_as_it_was(wanted: float | None) -> None:
    data, source = made([5, 5])
    assert hold_out(data, source, wanted, 0) is data


@pytest.mark.parametrize(
    ("splits", "parts", "held"),
    [
        (("train", "test"), (7, 3), (7, 10)),
        (("train", "test"), (9, 1), (9, 10)),
        (("train", "val", "test"), (5, 2, 3), (7, 10)),
        (("train", "val", ""), (5, 2, 3), (5, 7)),
        (("test", "train"), (3, 7), (0, 3)),
        (("train", "test"), (10, 0), None),
        (("train", ""), (6, 4), None),
        (("test",), (10,), None),
    ],
)
def test_the_part_of_a_set_is_held_out_wherever_it_lies(
    splits: tuple[str, ...], parts: tuple[int, ...], held: tuple[int, int] | None
) -> None:
    data, source = made([10], splits, parts)
    found = hold_out(data, source, None, 0)
    if held is None:
        assert found is data
        return
    assert found.held_out is not None
    assert found.held_out.rows.tolist() == list(range(*held))
    assert whole(found) == list(range(10))
    # What lies in one stretch is not copied.
    assert np.shares_memory(found.held_out.images[:], data.images[:])
    assert np.shares_memory(found.images[:], data.images[:]) == (held[1] == 10)
