"""One picture file: how many pixels are believed and decoded, and what its greys stand for."""

from __future__ import annotations

import io
import os
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tui_ae.data import picture
from tui_ae.data.deep import _with_layout, is_cut
from tui_ae.data.fit import fit_image
from tui_ae.data.picture import PictureError, decode


class ReachedError(Exception):
    """Something was gone on with."""


def reach(*_: object) -> None:
    raise ReachedError


def png_that_claims(
    path: Path, width: int, size_bytes: int, bits: int = 8, height: int = 1
) -> Path:
    """A PNG of greys, or of colours of 16 bits, that aren't there."""
    head = struct.pack(">IIBBBBB", width, height, bits, 2 if bits == 16 else 0, 0, 0, 0)
    chunk = b"IHDR" + head
    start = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", len(head)) + chunk
    content = start + struct.pack(">I", zlib.crc32(chunk)) + struct.pack(">I", 4) + b"IDAT"
    path.write_bytes(content.ljust(size_bytes, b"\0"))
    return path


@pytest.mark.parametrize(
    ("size_bytes", "most", "why"),
    [
        # Any file may claim four million.
        (100, 4_000_000, "claims 4000001×1 pixels, more than its bytes can hold"),
        # A byte of a PNG stands for 8,256 at most.
        (1000, 8_256_000, "claims 8256001×1 pixels, more than its bytes can hold"),
        (8000, 64_000_000, "64000001×1 pixels are too many to decode"),
    ],
)
def test_pixels_are_believed_up_to_a_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size_bytes: int, most: int, why: str
) -> None:
    monkeypatch.setattr(picture, "is_deep", reach)
    with pytest.raises(ReachedError):
        decode(png_that_claims(tmp_path / "a.png", most, size_bytes))
    with pytest.raises(PictureError) as caught:
        decode(png_that_claims(tmp_path / "a.png", most + 1, size_bytes))
    assert caught.value.why == why
    with pytest.raises(PictureError, match=f"{most // 2 + 1}×2 pixels"):
        decode(png_that_claims(tmp_path / "a.png", most // 2 + 1, size_bytes, height=2))
    if "decode" in why:
        assert str(caught.value).endswith("; give images of at most 64 million.")


def test_where_nothing_is_packed_a_byte_has_eight_pixels_at_most(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picture, "is_deep", reach)
    monkeypatch.setattr(picture, "ANY_PIXELS", 0)
    path = tmp_path / "a.pbm"
    path.write_bytes(b"P4 1600 1\n".ljust(200, b"\0"))
    with pytest.raises(ReachedError):
        decode(path)
    path.write_bytes(b"P4 1601 1\n".ljust(200, b"\0"))
    with pytest.raises(PictureError, match="claims 1601×1 pixels, more than its bytes can hold"):
        decode(path)


def test_of_more_than_sixteen_million_pixels_eight_bits_a_colour_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = png_that_claims(tmp_path / "a.png", 16_000_000, 8000, 16)
    monkeypatch.setattr(picture, "read_deep", reach)
    with pytest.raises(ReachedError):
        decode(path)
    monkeypatch.undo()
    monkeypatch.setattr(picture, "is_cut", reach)
    with pytest.raises(ReachedError):
        decode(png_that_claims(tmp_path / "a.png", 16_000_001, 8000, 16))
    with pytest.raises(ReachedError):
        decode(png_that_claims(tmp_path / "a.png", 8_000_001, 8000, 16, height=2))


@pytest.mark.parametrize(("white", "cut"), [(100, False), (255, False), (256, True), (65535, True)])
def test_a_pixmap_is_cut_where_its_white_takes_more_than_a_byte(white: int, *, cut: bool) -> None:
    with Image.open(io.BytesIO(b"P6 1 1 %d\n" % white + bytes(6))) as image:
        assert is_cut(image) == cut


def test_greys_are_never_cut() -> None:
    with Image.open(io.BytesIO(b"P5 1 1 65535\n" + bytes(2))) as image:
        assert not is_cut(image)


@pytest.mark.parametrize("arguments", ["RGB;16B", ("RGB;16B", 0, 1)])
def test_the_tile_of_an_older_pillow_is_a_plain_tuple(arguments: Any) -> None:
    tile = ("raw", (0, 0, 3, 2), 40, arguments)
    expected = "RGB;16L" if isinstance(arguments, str) else ("RGB;16L", 0, 1)
    assert _with_layout(tile, "RGB;16L") == ("raw", (0, 0, 3, 2), 40, expected)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ValueError("two\nlines"), "two"),
        (OSError(5, "Input/output error"), "Input/output error"),
        (ValueError(), "ValueError"),
        (ValueError(" \n"), "ValueError"),
    ],
)
def test_what_is_said_of_a_damaged_file_is_a_line(
    tmp_path: Path, error: Exception, said: str
) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"x")
    refused = picture._refused(path, error)
    assert str(refused) == f"{path}: can't be read ({said}); replace or remove it."
    # One that is gone by now isn't called empty.
    path.unlink()
    assert picture._refused(path, error).why == f"can't be read ({said})"


def test_a_picture_is_told_by_its_name_or_else_by_its_first_bytes(tmp_path: Path) -> None:
    png, webp = b"\x89PNG\r\n\x1a\n and so on", b"RIFF\x10\0\0\0WEBPVP8 and so on"
    files = {
        "a.png": b"",
        "b.JPEG": b"text",
        "c": png,
        "d.dat": webp,
        "e.txt": png,
        "f.npy": webp,
        "g.dat": b"RIFF\x10\0\0\0WAVEfmt ",
        "h.dat": b"LIST\x10\0\0\0WEBPVP8 ",
        "i.dat": b"text",
        "j.dat": b"",
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "folder").mkdir()
    with os.scandir(tmp_path) as entries:
        pictures = {entry.name for entry in entries if picture.is_picture(entry)}
    assert pictures == {"a.png", "b.JPEG", "c", "d.dat"}


@pytest.mark.parametrize("turned", [False, True])
def test_a_photograph_is_decoded_at_twice_the_size_that_it_ends_with(
    tmp_path: Path, *, turned: bool
) -> None:
    values = np.random.default_rng(0).integers(0, 256, (448, 224), np.uint8)
    Image.fromarray(values.T if turned else values).save(tmp_path / "a.jpg")
    with Image.open(tmp_path / "a.jpg") as image:
        image.draft(None, (56, 56))
        assert image.size == ((112, 56) if turned else (56, 112))
        expected = fit_image(np.asarray(image, np.float32) / np.float32(255))
    np.testing.assert_array_equal(decode(tmp_path / "a.jpg").grey, expected)


@pytest.mark.parametrize(
    ("size", "factors"),
    [
        ((1000, 1000), (1, 1)),
        ((1001, 1000), (4, 4)),
        ((1_000_000, 1), (1, 1)),
        ((1_000_001, 1), (4464, 1)),
        ((1, 1_000_001), (1, 4464)),
        ((10_000, 101), (44, 1)),
        ((447, 2500), (1, 11)),
        ((448, 2500), (2, 11)),
    ],
)
def test_pictures_of_more_than_a_million_pixels_end_at_eight_times_the_size(
    size: tuple[int, int], factors: tuple[int, int]
) -> None:
    assert picture._factors(*size) == factors


@pytest.mark.parametrize("bands", [None, 3])
@pytest.mark.parametrize(("height", "width"), [(224, 450), (450, 224), (449, 451)])
def test_made_smaller_is_the_mean_of_what_lies_below_each_pixel(
    height: int, width: int, bands: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    shape = (height, width) if bands is None else (height, width, bands)
    stored = np.random.default_rng(0).integers(0, 65536, shape, np.uint16)
    assert picture._shrunk(stored) is stored
    monkeypatch.setattr(picture, "LARGE_PIXELS", 0)
    down, across = 1 + (height > 400), 1 + (width > 400)
    small = picture._shrunk(stored)
    assert small.shape[:2] == (-(-height // down), -(-width // across))
    for row, column in ((0, 0), (7, 9), (-1, -1), (len(small) - 1, 0)):
        top, left = range(0, height, down)[row], range(0, width, across)[column]
        below = stored[top : top + down, left : left + across]
        np.testing.assert_allclose(small[row, column], below.mean(axis=(0, 1)))
    with Image.fromarray(stored[..., 0] if bands else stored) as image:
        reduced = picture._reduced(image.convert("L"))
    assert reduced.size == (small.shape[1], small.shape[0])


def square(*values: float, kind: str = "u1") -> np.ndarray:
    """28 rows of 28 that take these values in turn."""
    return np.resize(np.array(values, kind), (28, 28))


@pytest.mark.parametrize(
    ("bands", "coloured", "extremes"),
    [
        ((square(10, 200),) * 3, False, [10, 200]),
        ((square(10, 200), square(10, 200), square(10, 90)), True, [10, 200]),
        ((square(10, 90), square(10, 200), square(10, 200)), True, [10, 200]),
        ((square(10, 200), square(10, 90), square(10, 200)), True, [10, 200]),
        ((*(square(10, 200),) * 3, square(255)), False, [10, 200]),
        # What shows through is white or black, which no value says.
        ((*(square(10, 200),) * 3, square(0, 255)), False, [0, 255]),
        ((*(square(10, 200),) * 3, square(254)), False, [0, 255]),
    ],
)
def test_colours_are_told_from_greys_and_the_ground_counts_where_it_shows(
    tmp_path: Path, bands: tuple[np.ndarray, ...], extremes: list[int], *, coloured: bool
) -> None:
    for deep in (False, True):
        own = [band.astype(np.uint16) * 257 for band in bands] if deep else bands
        found = [np.array([band.min(), band.max()]) for band in own]
        decoded = picture._coloured(np.stack(own, axis=-1), (28, 28), (28, 28), found)
        white = 65535 if deep else 255
        assert decoded.coloured == coloured and decoded.scale == (0, white)
        assert decoded.extremes.tolist() == [value * white // 255 for value in extremes]
        assert decoded.grey.max() <= 1
    Image.fromarray(np.stack(bands, axis=-1)).save(tmp_path / "a.png")
    decoded = decode(tmp_path / "a.png")
    assert decoded.coloured == coloured and decoded.extremes.tolist() == extremes


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_one_value_may_stand_for_what_is_see_through(tmp_path: Path, mode: str) -> None:
    stored = np.full((28, 28), 200, np.uint8)
    stored[:14] = 40
    image = Image.fromarray(stored).convert(mode)
    image.save(tmp_path / "a.png", transparency=200 if mode == "L" else (200, 200, 200))
    decoded = decode(tmp_path / "a.png")
    # Behind dark ink the ground is white.
    assert decoded.grey[27, 0] == 1 and decoded.grey[0, 0] == pytest.approx(40 / 255)
    assert decoded.extremes.tolist() == [0, 255]


@pytest.mark.parametrize(
    ("stored", "kind", "scale"),
    [
        (square(0, 255, kind="u2"), "u2", (0, 65535)),
        (square(0, 300, kind="u2"), "u2", (0, 65535)),
        (square(0, 255, kind="i4"), "u1", (0, 255)),
        (square(3, 255, kind="i4"), "u1", (0, 255)),
        (square(0, 256, kind="i4"), "u2", (0, 65535)),
        (square(0, 65535, kind="i4"), "u2", (0, 65535)),
        (square(0, 65536, kind="i4"), "i4", (0, 65536)),
        (square(-1, 255, kind="i4"), "i4", (-1, 255)),
        (square(0, 0.5, kind="f4"), "f4", (0, 1)),
        (square(0, 255, kind="f4"), "f4", (0, 255)),
        (square(2, 7, kind="f4"), "f4", (0, 7)),
        (square(-3, -2, kind="f4"), "f4", (-3, -2)),
        (square(-3, kind="f4"), "f4", (-3, -2)),
        (square(-3, -2.5, kind="f4"), "f4", (-3, -2)),
    ],
)
def test_a_deep_grey_says_what_its_black_and_white_stand_for(
    stored: np.ndarray, kind: str, scale: tuple[float, float]
) -> None:
    decoded = picture._deep(stored, (28, 28), Path("a.tif"))
    assert decoded.scale == scale and not decoded.coloured
    assert decoded.extremes.dtype == kind
    assert decoded.extremes.tolist() == [stored.min(), stored.max()]
    black, white = scale
    np.testing.assert_allclose(decoded.grey * (white - black) + black, stored, rtol=1e-5)


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ((np.nan, *[0] * 783), "1 pixel value is NaN or infinite"),
        ((np.inf, np.nan, *[0] * 782), "2 pixel values are NaN or infinite"),
    ],
)
def test_pixels_that_are_no_numbers_are_counted(values: tuple[float, ...], why: str) -> None:
    with pytest.raises(PictureError) as caught:
        picture._deep(square(*values, kind="f4"), (28, 28), Path("a.tif"))
    assert str(caught.value) == f"a.tif: {why}; remove it."
