"""Folders of image files, one folder a class."""

from __future__ import annotations

import logging
import os
import re
import struct
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from tui_ae.arrays import FloatArray
from tui_ae.data.arrays import SIDE
from tui_ae.data.fit import COLOUR_NOTE, fit_image, size_note, to_grey
from tui_ae.data.progress import Progress, unheard
from tui_ae.data.source import Source, check_count, unreadable
from tui_ae.data.values import scaling
from tui_ae.errors import UserError
from tui_ae.streams import printable

# Pillow logs what it finds in damaged files; without a handler that would land on the screen.
logging.getLogger("PIL").addHandler(logging.NullHandler())

SUFFIXES = frozenset(
    {
        *(".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp"),
        *(".tif", ".tiff", ".pgm", ".ppm", ".pbm", ".pnm"),
    }
)
FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP", "TIFF", "PPM")
"""What these names promise; Pillow would start Ghostscript for a file that only has such a name."""
MAX_PIXELS = 64_000_000
"""Pixels of one image; a small file can unpack to far more than the memory holds."""
DEEP_MODES = {"I;16": 65535.0, "I;16L": 65535.0, "I;16B": 65535.0, "I": 65535.0}
"""Pillow's modes of 16 bits a grey, and their white."""
UNDECODABLE = (
    *(OSError, ValueError, TypeError, SyntaxError, EOFError, MemoryError, struct.error),
    *(LookupError, ArithmeticError, AttributeError, RuntimeError),
    Image.DecompressionBombError,
)
"""What Pillow raises on damaged files and on far too large ones."""
GREY_MODES = frozenset({"1", "L", *DEEP_MODES})


@dataclass(frozen=True, slots=True)
class Decoded:
    """One image file, decoded."""

    grey: FloatArray
    """(28, 28) in [0, 1]."""
    size: tuple[int, int]
    """Width and height in the file."""
    coloured: bool


def is_image(name: str) -> bool:
    """Whether a file's name says that it is an image."""
    return os.path.splitext(name)[1].lower() in SUFFIXES  # noqa: PTH122 - names, by the thousand


def holds_images(folder: Path) -> bool:
    """Whether a folder or one of its folders directly holds an image file."""
    files, folders = _scan(folder)
    return bool(files) or any(_scan(inner)[0] for inner in folders)


def _scan(folder: Path, progress: Progress = unheard) -> tuple[list[str], list[Path]]:
    """The names of the image files directly in a folder, and its folders; hidden ones don't count.

    The system tells what is a file with the names, so that none of many is looked at by itself.
    """
    files, folders = [], []
    with os.scandir(folder) as entries:
        for entry in entries:
            progress(0.0)
            if entry.name.startswith("."):
                continue
            # A link may lead in a circle: an entry would raise what a path takes for a no.
            kind = Path(entry) if entry.is_symlink() else entry
            if is_image(entry.name) and kind.is_file():
                files.append(entry.name)
            elif kind.is_dir():
                folders.append(folder / entry.name)
    return files, folders


def _in_order(folder: Path, names: Iterable[str]) -> list[Path]:
    """The files of a folder in the order of their names, 2 before 10."""
    return [folder / name for name in sorted(names, key=_natural)]


def _natural(name: str) -> list[tuple[int, str]]:
    pieces = re.findall(r"[0-9]+|[^0-9]+", name)
    return [(int(piece), "") if piece[0] in "0123456789" else (-1, piece) for piece in pieces]


def read_image_folder(folder: Path, progress: Progress) -> Source:
    """Read a folder of class folders, or a folder of images without classes.

    Files that can't be decoded are left out and counted in the notes.

    Raises:
        UserError: a folder can't be read, or there are too few or too many images or classes.
    """
    files, folders = _scan(folder, progress)
    found = {inner: _scan(inner, progress)[0] for inner in folders}
    classes = sorted((c for c in found if found[c]), key=lambda path: _natural(path.name))
    groups = [_in_order(path, found[path]) for path in classes] or [_in_order(folder, files)]
    check_count(sum(len(group) for group in groups), folder)
    pixels, kept, notes = _decode_all([path for group in groups for path in group], progress)
    labels = np.repeat(np.arange(len(groups)), [len(group) for group in groups])[kept]
    return Source(
        path=folder,
        name=printable(folder.absolute().name),
        parts=(pixels,),
        labels=labels if classes else None,
        class_values=tuple(path.name for path in classes) if classes else None,
        notes=notes,
    )


def _decode_all(
    files: Sequence[Path], progress: Progress
) -> tuple[FloatArray, list[int], tuple[str, ...]]:
    """Decode files to (n, 28, 28); also which files these are, and the notes."""
    pixels = np.empty((len(files), SIDE, SIDE), np.float32)
    kept: list[int] = []
    failures: list[UserError] = []
    sizes: set[tuple[int, int]] = set()
    coloured = False
    for place, path in enumerate(files):
        progress(place / len(files))
        try:
            decoded = decode(path)
        except UserError as error:
            failures.append(error)
            continue
        pixels[len(kept)] = decoded.grey
        kept.append(place)
        sizes.add(decoded.size)
        coloured |= decoded.coloured
    if failures and len(kept) < 2:
        raise failures[0]
    left_out = f"Left out {len(failures):,} of {len(files):,} files that aren't readable images."
    notes = (left_out if failures else None, size_note(sizes), COLOUR_NOTE if coloured else None)
    return pixels[: len(kept)], kept, tuple(note for note in notes if note)


def decode(path: Path) -> Decoded:
    """Decode one image file, the first frame of a moving one, as a 28×28 grey.

    Raises:
        UserError: the file isn't an image that Pillow decodes, or is of too many pixels.
    """
    try:
        with warnings.catch_warnings():
            # Own limit below; Pillow's warning would land on the screen.
            warnings.simplefilter("ignore")
            with Image.open(path, formats=FORMATS) as image:
                return _decode(image, path)
    except UNDECODABLE as error:
        raise unreadable(path, error, "replace or remove it") from error


def _decode(image: Image.Image, path: Path) -> Decoded:
    size = image.size
    if size[0] * size[1] > MAX_PIXELS:
        raise UserError(
            f"{printable(path)}: {size[0]}×{size[1]} pixels are too many to decode; "
            f"give images of at most {MAX_PIXELS // 10**6} million."
        )
    # JPEG decodes straight to a fraction of its size, still twice what is needed.
    image.draft(None, (2 * SIDE, 2 * SIDE))
    upright = ImageOps.exif_transpose(image)
    # Pillow would cut 16 bits to 8 for the one grey that may stand for nothing.
    opaque = upright.mode in DEEP_MODES or "transparency" not in upright.info
    if upright.mode in GREY_MODES and opaque:
        white = DEEP_MODES.get(upright.mode, 255.0)
        stored = upright.convert("L") if upright.mode == "1" else upright
        pixels = np.asarray(stored, np.float32) / np.float32(white)
        return Decoded(fit_image(np.clip(pixels, 0, 1)), size, coloured=False)
    if upright.mode == "F":
        # Floats have no white of their own, and Pillow would cut them at 255.
        floats = np.asarray(upright, np.float32)[None]
        scaled = np.empty_like(floats)
        scaling((floats,), path).apply(floats, scaled)
        return Decoded(fit_image(scaled[0]), size, coloured=False)
    bands = np.asarray(upright.convert("RGBA"), np.float32) / np.float32(255)
    red, green, blue = bands[..., 0], bands[..., 1], bands[..., 2]
    coloured = not (np.array_equal(red, green) and np.array_equal(green, blue))
    return Decoded(fit_image(np.clip(to_grey(bands), 0, 1)), size, coloured)
