"""One picture file, decoded to a 28×28 grey by Pillow."""

from __future__ import annotations

import logging
import os
import struct
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError, features

from tui_ae.arrays import FloatArray
from tui_ae.data.arrays import SIDE, RawArray
from tui_ae.data.bounded import open_bounded
from tui_ae.data.deep import is_cut, is_deep, read_deep
from tui_ae.data.fit import fit_image, to_grey
from tui_ae.data.foreign import advice_for, kind_of
from tui_ae.errors import UserError
from tui_ae.streams import brief, printable

# Pillow logs what it finds in damaged files; without a handler that would land on the screen.
logging.getLogger("PIL").addHandler(logging.NullHandler())

SUFFIXES = frozenset(
    {
        *(".png", ".apng", ".jpg", ".jpeg", ".jpe", ".jfif", ".bmp", ".dib", ".gif", ".webp"),
        *(".tif", ".tiff", ".pgm", ".ppm", ".pbm", ".pnm", ".jp2", ".j2k", ".avif"),
        # Pictures that are left out by name, so that nobody misses them without a word.
        *(".heic", ".heif", ".jxl", ".svg", ".psd", ".exr", ".hdr", ".dcm", ".tga", ".ico"),
    }
)
OTHERS = frozenset(
    {
        *(".txt", ".csv", ".tsv", ".json", ".jsonl", ".xml", ".yaml", ".yml", ".toml", ".md"),
        *(".html", ".htm", ".py", ".ipynb", ".m", ".npy", ".npz", ".mat", ".h5", ".pkl", ".pt"),
        *(".zip", ".gz", ".tar", ".7z", ".rar", ".pdf", ".db", ".ini", ".log", ".sha256", ".md5"),
    }
)
"""What lies beside pictures and is none, by the thousand at times: not even opened."""
STARTS = (
    *(b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"II*\0", b"MM\0*"),
    b"\0\0\0\x0cjP  ",
)
"""The first bytes of pictures, which tell them where the name doesn't."""
FORMATS = tuple(
    name
    for name in ("PNG", "JPEG", "BMP", "DIB", "GIF", "WEBP", "TIFF", "PPM", "JPEG2000", "AVIF")
    if name not in ("JPEG2000", "AVIF", "WEBP")
    or features.check({"JPEG2000": "jpg_2000"}.get(name, name.lower()))
)
"""What is decoded; Pillow would start Ghostscript for a file that only has such a name."""
MAX_PIXELS = 64_000_000
"""Pixels of one image; a small file can unpack to far more than the memory holds."""
MAX_PIXELS_PER_BYTE = 8 * 1032
"""What a byte of a PNG stands for at most, which is more than in most formats."""
MAX_PLAIN_PIXELS_PER_BYTE = 8
"""The same where nothing is packed, of a bit a pixel."""
ANY_PIXELS = 4_000_000
"""So many pixels any file may have: some formats say in a few bytes that all of them are alike."""
MAX_DEEP_PIXELS = MAX_PIXELS // 4
"""Of larger pictures the upper 8 of 16 bits a colour are read."""
LARGE_PIXELS = 1_000_000
"""Larger pictures are made smaller before they become floats."""
DEEP_MODES = frozenset({"I;16", "I;16L", "I;16B"})
"""Pillow's modes of 16 bits a grey."""
ADVICE = "replace or remove it"
UNDECODABLE = (
    *(OSError, ValueError, TypeError, SyntaxError, EOFError, MemoryError, struct.error),
    *(LookupError, ArithmeticError, AttributeError, RuntimeError),
    Image.DecompressionBombError,
)
"""What Pillow raises on damaged files and on far too large ones."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """One picture file, decoded."""

    grey: FloatArray
    """(28, 28) in [0, 1], by the scale that its type has."""
    size: tuple[int, int]
    """Width and height in the file."""
    coloured: bool
    extremes: RawArray
    """(2,) the smallest and the largest value in the file, in its own type."""
    scale: tuple[float, float]
    """The values in the file that 0 and 1 in `grey` stand for."""
    is_cut: bool = False
    """Whether 8 of its 16 bits a colour were read."""


class PictureError(UserError):
    """A picture file that can't be read."""

    def __init__(self, path: Path, why: str, advice: str) -> None:
        """Name the file; `why` follows its name, `advice` a semicolon."""
        super().__init__(f"{printable(path)}: {why}; {advice.rstrip('.')}.")
        self.why = why


def is_image(name: str) -> bool:
    """Whether a file's name says that it is a picture."""
    return os.path.splitext(name)[1].lower() in SUFFIXES  # noqa: PTH122 - names, by the thousand


def is_picture(entry: os.DirEntry[str]) -> bool:
    """Whether a file is a picture by its name, or else by its first bytes."""
    if is_image(entry.name):
        return True
    suffix = os.path.splitext(entry.name)[1].lower()  # noqa: PTH122
    if suffix in OTHERS or not Path(entry).is_file():
        return False
    try:
        with Path(entry).open("rb") as file:
            start = file.read(12)
    except OSError:
        return False
    return start.startswith(STARTS) or (start[:4], start[8:]) == (b"RIFF", b"WEBP")


@contextmanager
def _opened(path: Path) -> Iterator[Image.Image]:
    with open_bounded(path) as file, Image.open(file, formats=FORMATS) as image:
        yield image


def decode(path: Path) -> Decoded:
    """Decode one picture file, the first frame of a moving one, as a 28×28 grey.

    Raises:
        PictureError: the file isn't a picture that Pillow decodes, or is of too many pixels.
    """
    try:
        with warnings.catch_warnings():
            # Own limit below; Pillow's warning would land on the screen.
            warnings.simplefilter("ignore")
            with _opened(path) as image:
                return _decode(image, path)
    except UNDECODABLE as error:
        raise _refused(path, error) from error


def _refused(path: Path, error: BaseException) -> PictureError:
    """Why a file isn't read, by what it is, or else by what Pillow says of it."""
    if (kind := kind_of(path)) is not None:
        return PictureError(path, f"this is {kind.what}", advice_for(path, kind))
    try:
        is_empty = not path.stat().st_size
    except OSError:
        is_empty = False
    if is_empty:
        return PictureError(path, "an empty file", ADVICE)
    if isinstance(error, UnidentifiedImageError):
        return PictureError(path, "can't be read (no picture of a known format)", ADVICE)
    told = str(getattr(error, "strerror", None) or error).strip() or type(error).__name__
    return PictureError(path, f"can't be read ({brief(told.splitlines()[0])})", ADVICE)


def _decode(image: Image.Image, path: Path) -> Decoded:
    size = image.size
    tiles = getattr(image, "tile", ())
    is_plain = bool(tiles) and all(tile[0] == "raw" for tile in tiles)
    most = path.stat().st_size * (MAX_PLAIN_PIXELS_PER_BYTE if is_plain else MAX_PIXELS_PER_BYTE)
    most = max(ANY_PIXELS, most)
    if size[0] * size[1] > most:
        raise PictureError(
            path,
            f"claims {size[0]}×{size[1]} pixels, more than its bytes can hold",
            ADVICE,
        )
    if size[0] * size[1] > MAX_PIXELS:
        raise PictureError(
            path,
            f"{size[0]}×{size[1]} pixels are too many to decode",
            f"give images of at most {MAX_PIXELS // 10**6} million",
        )
    if is_deep(image) and size[0] * size[1] <= MAX_DEEP_PIXELS:
        with _opened(path) as again:
            colours = read_deep(image, again)
        bands = [_extremes(colours[..., band]) for band in range(colours.shape[-1])]
        return _coloured(_shrunk(colours), colours.shape[:2], size, bands)
    is_halved = is_cut(image) or is_deep(image)
    # JPEG decodes straight to a fraction of its size, still twice what is needed.
    image.draft(None, (2 * SIDE, 2 * SIDE))
    ImageOps.exif_transpose(image, in_place=True)
    if image.mode in DEEP_MODES or image.mode in ("I", "F"):
        return _deep(np.asarray(image), size, path)
    if image.mode in ("1", "L") and "transparency" not in image.info:
        plain = image.convert("L") if image.mode == "1" else image
        extremes = np.array(plain.getextrema(), np.uint8)
        stored = np.asarray(_reduced(plain))
        grey = fit_image(stored.astype(np.float32) / np.float32(255), image.size[::-1])
        return Decoded(grey, size, False, extremes, (0.0, 255.0))
    colour = image
    if image.mode not in ("RGB", "RGBA") or "transparency" in image.info:
        colour = image.convert("RGBA")
    bands = [np.array(band, np.uint8) for band in colour.getextrema()]
    decoded = _coloured(np.asarray(_reduced(colour)), image.size[::-1], size, bands)
    return replace(decoded, is_cut=is_halved)


def _factors(width: int, height: int) -> tuple[int, int]:
    """By how much a large picture is made smaller first, to several times the size it ends with.

    As floats it would take many times the memory.
    """
    if width * height <= LARGE_PIXELS:
        return 1, 1
    return max(1, width // (8 * SIDE)), max(1, height // (8 * SIDE))


def _reduced(image: Image.Image) -> Image.Image:
    factors = _factors(*image.size)
    return image.reduce(factors) if factors != (1, 1) else image


def _shrunk(stored: RawArray) -> RawArray:
    """The same of an array (height, width) or (height, width, bands)."""
    height, width = stored.shape[:2]
    across, down = _factors(width, height)
    if (across, down) == (1, 1):
        return stored
    starts = np.arange(0, width, across)
    counts = np.diff([*starts, width]).reshape(-1, *[1] * (stored.ndim - 2))
    rows = [
        np.add.reduceat(stored[top : top + down].mean(axis=0, dtype=np.float64), starts, axis=0)
        for top in range(0, height, down)
    ]
    shrunk: RawArray = np.array(rows) / counts
    return shrunk


def _coloured(
    stored: RawArray,
    shape: tuple[int, ...],
    size: tuple[int, int],
    extremes: Sequence[RawArray],
) -> Decoded:
    """Colours, and how opaque they are where there are four bands, of 8 or 16 bits.

    Args:
        stored: (height, width, 3 or 4), a large picture's made smaller.
        shape: Height and width before that.
        size: Width and height in the file.
        extremes: (2,) of each band, in the type of the file.
    """
    white = np.iinfo(extremes[0].dtype).max
    bands = stored.astype(np.float32) / np.float32(white)
    red, green, blue = bands[..., 0], bands[..., 1], bands[..., 2]
    coloured = not (np.array_equal(red, green) and np.array_equal(green, blue))
    grey = to_grey(bands)
    see_through = len(extremes) == 4 and extremes[3][0] < white
    # What shows through transparent parts is white or black, which no value of the file says.
    seen = np.array([0, white], extremes[0].dtype) if see_through else _extremes(extremes[:3])
    fitted = fit_image(np.clip(grey, 0, 1), shape)
    return Decoded(fitted, size, coloured, seen, (0.0, float(white)))


def _deep(stored: RawArray, size: tuple[int, int], path: Path) -> Decoded:
    """A grey of more than 8 bits: its type says no more than how large its values may be.

    Raises:
        PictureError: values that are no numbers.
    """
    if not np.isfinite(stored).all():
        count = np.count_nonzero(~np.isfinite(stored))
        values = "value is" if count == 1 else "values are"
        raise PictureError(path, f"{count:,} pixel {values} NaN or infinite", "remove it")
    low, high = float(stored.min()), float(stored.max())
    if stored.dtype.kind != "f" and low >= 0 and high <= 65535:
        # Pillow has 16 bits in wider numbers too, and wider ones may hold 8 bits.
        stored = stored.astype(np.uint8 if high <= 255 and stored.itemsize > 2 else np.uint16)
    black = min(low, 0.0)
    white = 65535.0 if stored.dtype == np.uint16 else max(high, black + 1)
    grey = (_shrunk(stored).astype(np.float64) - black) / (white - black)
    fitted = fit_image(grey.astype(np.float32), stored.shape)
    return Decoded(fitted, size, False, _extremes(stored), (black, white))


def _extremes(stored: RawArray | Sequence[RawArray]) -> RawArray:
    values = np.asarray(stored)
    extremes: RawArray = np.array([values.min(), values.max()], values.dtype)
    return extremes
