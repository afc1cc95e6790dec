"""One picture file, decoded to a 28×28 grey by Pillow."""

from __future__ import annotations

import logging
import os
import struct
import warnings
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError, features

from tui_ae.arrays import FloatArray
from tui_ae.data.arrays import SIDE, RawArray
from tui_ae.data.deep import is_cut, is_deep, read_deep
from tui_ae.data.fit import fit_image, to_grey
from tui_ae.data.foreign import advice_for, kind_of
from tui_ae.data.source import brief
from tui_ae.errors import UserError
from tui_ae.streams import printable

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


def decode(path: Path) -> Decoded:
    """Decode one picture file, the first frame of a moving one, as a 28×28 grey.

    Raises:
        PictureError: the file isn't a picture that Pillow decodes, or is of too many pixels.
    """
    try:
        with warnings.catch_warnings():
            # Own limit below; Pillow's warning would land on the screen.
            warnings.simplefilter("ignore")
            with Image.open(path, formats=FORMATS) as image:
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
    if size[0] * size[1] > MAX_PIXELS:
        raise PictureError(
            path,
            f"{size[0]}×{size[1]} pixels are too many to decode",
            f"give images of at most {MAX_PIXELS // 10**6} million",
        )
    if is_deep(image):
        return _coloured(read_deep(image, path, FORMATS), size)
    cut = is_cut(image)
    # JPEG decodes straight to a fraction of its size, still twice what is needed.
    image.draft(None, (2 * SIDE, 2 * SIDE))
    upright = ImageOps.exif_transpose(image)
    if upright.mode in DEEP_MODES or upright.mode in ("I", "F"):
        return _deep(np.asarray(upright), size, path)
    if upright.mode in ("1", "L") and "transparency" not in upright.info:
        stored = np.asarray(upright.convert("L") if upright.mode == "1" else upright)
        grey = fit_image(stored.astype(np.float32) / np.float32(255))
        return Decoded(grey, size, False, _extremes(stored), (0.0, 255.0))
    return replace(_coloured(np.asarray(upright.convert("RGBA")), size), is_cut=cut)


def _coloured(stored: RawArray, size: tuple[int, int]) -> Decoded:
    """Colours, and how opaque they are where there are four bands, of 8 or 16 bits."""
    white = np.iinfo(stored.dtype).max
    bands = stored.astype(np.float32) / np.float32(white)
    red, green, blue = bands[..., 0], bands[..., 1], bands[..., 2]
    coloured = not (np.array_equal(red, green) and np.array_equal(green, blue))
    grey = to_grey(bands)
    see_through = stored.shape[-1] == 4 and bool((stored[..., 3] < white).any())
    # What shows through transparent parts is white or black, which no value of the file says.
    extremes = np.array([0, white], stored.dtype) if see_through else _extremes(stored[..., :3])
    return Decoded(fit_image(np.clip(grey, 0, 1)), size, coloured, extremes, (0.0, float(white)))


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
    grey = (stored.astype(np.float64) - black) / (white - black)
    fitted = fit_image(grey.astype(np.float32))
    return Decoded(fitted, size, False, _extremes(stored), (black, white))


def _extremes(stored: RawArray) -> RawArray:
    extremes: RawArray = np.array([stored.min(), stored.max()], stored.dtype)
    return extremes
