"""What a listener hears while data load, and that raising there ends it."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from itertools import pairwise, product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tui_ae.config import Settings
from tui_ae.data.load import load
from tui_ae.data.progress import portions
from tui_ae.errors import UserError

Writer = Callable[..., Path]
Pixels = Callable[..., np.ndarray]
KINDS = ("idx", "gzip", "splits", "npy", "labelled npy", "npz", "other size", "pictures")


class StopHereError(Exception):
    pass


@given(
    sizes=st.lists(st.floats(0, 9), min_size=1, max_size=6),
    shares=st.lists(st.floats(0, 1), max_size=4).map(sorted),
)
def test_portions_follow_each_other(sizes: list[float], shares: list[float]) -> None:
    heard: list[float] = []
    for portion in portions(heard.append, sizes):
        for share in (0.0, *shares, 1.0):
            portion(share)
    assert heard == sorted(heard)
    assert 0 <= min(heard) <= max(heard) <= 1
    if sum(sizes):
        assert heard[0] == 0
        assert heard[-1] == 1


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def path(
    tmp_path: Path,
    write_idx: Writer,
    pixels: Pixels,
    kind: str,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """A set of 12 images of a kind, which takes many blocks."""
    for block in ("content.BLOCK_BYTES", "values.BLOCK_BYTES", "fit.CHUNK_BYTES", "classes.BLOCK"):
        monkeypatch.setattr(f"tui_ae.data.{block}", 5 if block == "classes.BLOCK" else 800)
    target = tmp_path / "set"
    match kind:
        case "idx" | "gzip":
            target = target.with_suffix(".gz" if kind == "gzip" else "")
            return write_idx(target, pixels(12))
        case "splits":
            for split in ("train", "t10k"):
                write_idx(target / f"{split}-images-idx3-ubyte", pixels(6))
                write_idx(target / f"{split}-labels-idx1-ubyte.gz", np.arange(6))
        case "npy" | "labelled npy" | "other size":
            target = target.with_suffix(".npy")
            np.save(target, pixels(12, side=40 if kind == "other size" else 28))
            if kind == "labelled npy":
                np.save(tmp_path / "labels.npy", np.arange(12))
        case "npz":
            target = target.with_suffix(".npz")
            np.savez_compressed(
                target,
                x_train=pixels(9),
                y_train=np.arange(9),
                x_test=pixels(3),
                y_test=np.arange(3),
            )
        case "pictures":
            for place, picture in enumerate(pixels(12)):
                file = target / str(place % 2) / f"{place}.png"
                file.parent.mkdir(parents=True, exist_ok=True)
                Image.fromarray(picture).save(file)
    return target


@pytest.fixture(params=[False, True], ids=["read", "mapped"])
def _mapped_or_not(request: pytest.FixtureRequest, kind: str) -> None:
    if request.param and kind != "other size":
        request.getfixturevalue("mapping")


@pytest.mark.usefixtures("_mapped_or_not")
def test_the_share_never_falls_and_ends_at_one(path: Path) -> None:
    heard: list[float] = []
    load(Settings(data=path), heard.append)
    assert len(heard) > 8
    assert 0 <= heard[0] < 0.1
    assert heard == sorted(heard)
    assert heard[-1] == 1
    assert max(after - before for before, after in pairwise(heard)) < 0.2


def heard_of(path: Path) -> list[float]:
    heard: list[float] = []
    load(Settings(data=path, held_out=0), heard.append)
    return list(dict.fromkeys(heard))


def test_reading_fitting_and_numbering_have_their_shares(
    tmp_path: Path, pixels: Pixels, monkeypatch: pytest.MonkeyPatch
) -> None:
    np.save(tmp_path / "a.npy", pixels(3))
    np.save(tmp_path / "labels.npy", np.arange(3))
    # Looking for the largest value takes a fifth of what fitting does in all.
    shares = [0.7, 0.7 + 0.28 / 5, 0.98, 0.99, 1]
    assert heard_of(tmp_path / "a.npy") == pytest.approx(shares)
    for place, picture in enumerate(pixels(2)):
        (tmp_path / "pictures" / str(place)).mkdir(parents=True)
        Image.fromarray(picture).save(tmp_path / "pictures" / str(place) / "a.png")
    # They are fitted as they are decoded.
    shares = [0, 0.97 / 2, 0.97 + 0.01 / 5, 0.99, 1]
    assert heard_of(tmp_path / "pictures") == pytest.approx(shares)
    monkeypatch.setattr("tui_ae.data.content.MAX_READ_BYTES", 100)
    assert heard_of(tmp_path / "a.npy") == pytest.approx([0.98 / 5, 0.98, 0.99, 1])


def test_the_synthetic_digits_end_at_one() -> None:
    heard: list[float] = []
    load(Settings(), heard.append)
    assert heard == [1]


def open_below(folder: Path) -> Iterator[str]:
    for descriptor in Path("/proc/self/fd").iterdir():
        try:
            target = str(descriptor.readlink())
        except FileNotFoundError:
            continue
        if target.startswith(str(folder)):
            yield target


REASONS = (
    StopHereError("enough"),
    UserError("enough"),
    RuntimeError("enough"),
    OSError("enough"),
    MemoryError("enough"),
    KeyboardInterrupt(),
)


@pytest.mark.usefixtures("_mapped_or_not")
def test_raising_cancels(path: Path, tmp_path: Path) -> None:
    blocks: list[float] = []
    load(Settings(data=path), blocks.append)
    cases = [(reason, len(blocks) // 2 or 1) for reason in REASONS]
    for reason, calls in [*cases, *product(REASONS[:1], {1, 2, len(blocks)})]:
        heard: list[float] = []

        def listen(
            share: float,
            heard: list[float] = heard,
            calls: int = calls,
            reason: BaseException = reason,
        ) -> None:
            heard.append(share)
            if len(heard) == calls:
                raise reason

        with pytest.raises(type(reason)) as caught:
            load(Settings(data=path), listen)
        assert caught.value is reason
        assert len(heard) == calls
        del caught
        reason.__traceback__ = None
    if Path("/proc/self/fd").is_dir():
        gc.collect()
        assert list(open_below(tmp_path)) == []
