"""Pictures of 16 bits a colour are read with all of them, or a note says that they are not."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.data.test_roles import loaded
from tui_ae.data.picture import decode

Values = np.ndarray[Any, np.dtype[np.uint16]]
PNG_TYPES = {2: 4, 3: 2, 4: 6}


def png(values: Values) -> bytes:
    """(height, width, 2 to 4) of 16 bits."""
    height, width, bands = values.shape

    def chunk(kind: bytes, content: bytes) -> bytes:
        check = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)

    head = struct.pack(">IIBBBBB", width, height, 16, PNG_TYPES[bands], 0, 0, 0)
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    pixels = chunk(b"IDAT", zlib.compress(rows))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + pixels + chunk(b"IEND", b"")


def tiff(values: Values, order: str = "<", *, packed: bool = False) -> bytes:
    """(height, width, 3 or 4) of 16 bits, in one strip."""
    height, width, bands = values.shape
    content = values.astype(f"{order}u2").tobytes()
    content = zlib.compress(content) if packed else content
    entries = 10 + (bands == 4)
    bits_at = 8 + 2 + 12 * entries + 4
    strip_at = bits_at + 2 * bands
    longs = {256: width, 257: height, 273: strip_at, 278: height, 279: len(content)}
    shorts = {
        259: 8 if packed else 1,
        262: 2,
        277: bands,
        284: 1,
        **({338: 2} if bands == 4 else {}),
    }
    tags = [struct.pack(f"{order}HHII", 258, 3, bands, bits_at)]
    tags += [struct.pack(f"{order}HHII", tag, 4, 1, value) for tag, value in longs.items()]
    tags += [struct.pack(f"{order}HHIHH", tag, 3, 1, value, 0) for tag, value in shorts.items()]
    tags.sort(key=lambda tag: struct.unpack(f"{order}H", tag[:2]))
    mark = b"II" if order == "<" else b"MM"
    head = mark + struct.pack(f"{order}HIH", 42, 8, entries)
    bits = struct.pack(f"{order}{bands}H", *[16] * bands)
    return head + b"".join(tags) + bytes(4) + bits + content


WAYS: dict[str, Callable[[Values], bytes]] = {
    "png": png,
    "little.tif": tiff,
    "big.tif": lambda values: tiff(values, ">"),
    "packed.tif": lambda values: tiff(values, packed=True),
    "bigpacked.tif": lambda values: tiff(values, ">", packed=True),
}


def grey_of(bands: int, white: int) -> tuple[Values, Any]:
    """Opaque values of so many bands, and the grey that they are."""
    grey = np.random.default_rng(bands).integers(0, white + 1, (28, 28), np.uint16)
    grey[0, 0] = white
    colours = np.repeat(grey[..., None], 1 if bands == 2 else 3, axis=2)
    if bands != 3:
        colours = np.concatenate([colours, np.full((28, 28, 1), 65535, np.uint16)], axis=2)
    return colours, grey


@pytest.mark.parametrize("white", [65535, 4095, 300])
@pytest.mark.parametrize(
    ("way", "bands"), [("png", 2), *((way, bands) for way in WAYS for bands in (3, 4))]
)
def test_all_sixteen_bits_count(tmp_path: Path, way: str, bands: int, white: int) -> None:
    values, grey = grey_of(bands, white)
    for name in "ab":
        (tmp_path / f"{name}.{way.rpartition('.')[2]}").write_bytes(WAYS[way](values))
    data = loaded(tmp_path)
    scale = {65535: 65535, 4095: 4095, 300: 1023}[white]
    np.testing.assert_allclose(data.images[0].reshape(28, 28), grey / scale, atol=1e-5)


def test_colours_are_weighed_and_transparent_parts_show(tmp_path: Path) -> None:
    values = np.zeros((28, 28, 4), np.uint16)
    values[4:24, 4:24] = 65535, 0, 0, 65535
    for name in "ab":
        (tmp_path / f"{name}.png").write_bytes(png(values))
    image = loaded(tmp_path).images[0].reshape(28, 28)
    assert image[10, 10] == pytest.approx(0.299, abs=1e-5)
    assert image[0, 0] == 1


def test_a_picture_that_lies_on_its_side_is_turned_in_all_bits(tmp_path: Path) -> None:
    values, grey = grey_of(3, 4095)
    content = png(values)
    # EXIF's orientation 6, before the pixels.
    exif = b"MM\0*\0\0\0\x08" + struct.pack(">HHHIHHI", 1, 274, 3, 1, 6, 0, 0)
    at = content.index(b"IDAT") - 4
    chunk = struct.pack(">I", len(exif)) + b"eXIf" + exif
    chunk += struct.pack(">I", zlib.crc32(b"eXIf" + exif))
    for name in "ab":
        (tmp_path / f"{name}.png").write_bytes(content[:at] + chunk + content[at:])
    image = loaded(tmp_path).images[0].reshape(28, 28)
    np.testing.assert_allclose(image, np.rot90(grey, -1) / 4095, atol=1e-5)


@pytest.mark.parametrize(
    ("mode", "size"),
    [
        *((mode, (1100, 1000)) for mode in ("L", "1", "RGB", "RGBA", "P", "I;16", "F", "deep")),
        *((mode, size) for mode in ("L", "deep") for size in ((40, 30_000), (30_000, 40))),
    ],
)
def test_large_pictures_are_fitted_as_small_ones_are(
    tmp_path: Path, mode: str, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    height, width = size
    down, right = np.linspace(0, 1, height)[:, None], np.linspace(0, 1, width)
    smooth = np.abs(np.sin(3 * down) * np.cos(2 * right))
    path = tmp_path / f"a.{'tif' if mode == 'F' else 'png'}"
    if mode == "deep":
        path.write_bytes(png(np.repeat((smooth * 65535).astype(np.uint16)[..., None], 3, axis=2)))
    elif mode in ("I;16", "F"):
        Image.fromarray((smooth * 60_000).astype(np.uint16 if mode != "F" else "f4")).save(path)
    else:
        Image.fromarray((smooth * 255).astype(np.uint8)).convert(mode).save(path)
    made_smaller = decode(path)
    monkeypatch.setattr("tui_ae.data.picture.LARGE_PIXELS", 10**9)
    directly = decode(path)
    assert not np.array_equal(made_smaller.grey, directly.grey) or mode == "1"
    np.testing.assert_allclose(made_smaller.grey, directly.grey, atol=0.03)
    np.testing.assert_array_equal(made_smaller.extremes, directly.extremes)
    assert made_smaller.scale == directly.scale
    assert made_smaller.size == directly.size == (width, height)


def test_bits_that_are_not_read_are_said(tmp_path: Path) -> None:
    values, _ = grey_of(3, 65535)
    for name, white in (("a", 65535), ("b", 65535), ("c", 255)):
        stored = values.astype(">u2") if white > 255 else (values >> 8).astype(np.uint8)
        (tmp_path / f"{name}.ppm").write_bytes(b"P6 28 28 %d\n" % white + stored.tobytes())
    assert (
        "Read 8 of the 16 bits a colour of 2 of 3 pictures, such as a.ppm."
        in loaded(tmp_path).notes
    )


@pytest.mark.parametrize("ending", ["bmp", "png", "ppm", "tif"])
def test_of_pictures_of_eight_bits_a_colour_nothing_is_said(tmp_path: Path, ending: str) -> None:
    # A row of a bitmap has 300 bytes, which its decoder is told as that of a PNM is told the white.
    values = np.random.default_rng(0).integers(0, 256, (100, 100, 3), np.uint8)
    for name in "ab":
        Image.fromarray(values).save(tmp_path / f"{name}.{ending}")
    assert not any("bits" in note for note in loaded(tmp_path).notes)


@pytest.mark.parametrize("way", WAYS)
def test_damaged_ones_are_left_out(tmp_path: Path, way: str) -> None:
    values, _ = grey_of(3, 65535)
    content = WAYS[way](values)
    suffix = way.rpartition(".")[2]
    for name in "abc":
        (tmp_path / f"{name}.{suffix}").write_bytes(content)
    (tmp_path / f"d.{suffix}").write_bytes(content[: len(content) // 2])
    data = loaded(tmp_path)
    assert len(data.images) == 3
    assert len(data.skipped) == 1
