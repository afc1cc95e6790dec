"""What a file is that can't be read here, and how it becomes one that can."""

from __future__ import annotations

import gzip
import os
import re
import shlex
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from tui_ae.data import foreign_kinds as kinds
from tui_ae.data.archive import open_zip
from tui_ae.data.content import GZIP_MAGIC, open_unpacked
from tui_ae.data.dataset import MAX_CLASSES
from tui_ae.data.foreign_kinds import BEGINNINGS, INSIDE_GZIP, FileKind
from tui_ae.data.source import LEAST_PIXELS, is_square
from tui_ae.errors import UserError
from tui_ae.streams import brief, printable

HEAD_BYTES = 512
ROW_BYTES = 1 << 15
"""Of a table: some rows, so that the columns at their ends can be looked at."""
PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp", ".ppm", ".pgm")
PICKLES = (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")
OLD_PYTORCH = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
"""A pickle of the number that PyTorch's files before 1.6 begin with."""
TAR_MAGIC, TAR_MAGIC_AT, TAR_BLOCK, TAR_SIZE = b"ustar", 257, 512, slice(124, 136)
JSON_SUFFIXES = (".jsonl", ".ndjson")
MOST_MEMBERS = 40
"""Files of an archive that are looked at."""
MOST_FILES = 200
"""Files of a folder that are looked at."""


def refusal(path: Path) -> UserError | None:
    """The sentence for a file of a kind that is known but not read; None for others."""
    kind = kind_of(path)
    return None if kind is None else _sentence(path, kind)


def folder_refusal(folder: Path) -> UserError | None:
    """The sentence for the file that a folder of nothing else is about; None where none is known.

    Of several the data are named before the archives, and the larger file before the smaller.

    Raises:
        OSError: the folder can't be opened.
    """
    names = sorted(os.listdir(folder))[:MOST_FILES]  # noqa: PTH208 - names alone
    files = [folder / name for name in names if name[0] not in "._~"]
    known = [(path, kind) for path in files if path.is_file() and (kind := kind_of(path))]
    if not known:
        return None
    return _sentence(*min(known, key=lambda pair: (pair[1].rank, -pair[0].stat().st_size)))


def url_refusal(path: Path) -> UserError | None:
    """The sentence for an address of the web; None for a path."""
    if not str(path).startswith(("http:/", "https:/", "ftp:/", "s3:/")):
        return None
    return UserError(
        f"{brief(path)}: this is an address of the web; download the file, and give its path."
    )


def _sentence(path: Path, kind: FileKind) -> UserError:
    said = f"{printable(path)}: this is {kind.what}; {advice_for(path, kind)}"
    return UserError(f"{said.rstrip('.')}.")


def advice_for(path: Path, kind: FileKind) -> str:
    """What to do with a file of some kind."""
    shown = printable(path)
    return kind.advice.replace("'FILE'", repr(shown)).replace("FILE", shlex.quote(shown))


def kind_of(path: Path) -> FileKind | None:
    """What a file is, by its first bytes or else its name; None for what is read, or not known."""
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError:
        return None
    name = path.name.lower()
    if head.startswith(b"PK"):
        return _inside_zip(path)
    if head.startswith(GZIP_MAGIC):
        return _inside_gzip(path)
    if head.startswith(PICKLES):
        return _pickled(head, path.name)
    return (
        _by_beginning(head) or _by_place(head, path) or _by_name(head, name) or _table(path, head)
    )


def _pickled(head: bytes, name: str) -> FileKind:
    if head.startswith(OLD_PYTORCH):
        return kinds.PYTORCH
    if name.endswith(".joblib"):
        return kinds.JOBLIB
    return kinds.CIFAR if "batch" in name or name in ("train", "test") else kinds.PICKLE


def _by_beginning(
    head: bytes, beginnings: tuple[tuple[bytes, FileKind], ...] = BEGINNINGS
) -> FileKind | None:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) and b"\0" in head[2:8]:
        return kinds.UTF_16
    # In front of ARFF's first word there may be remarks.
    words = re.sub(rb"^(?:\s*%[^\n]*\n)+", b"", head).lstrip().lower()
    if words.startswith(b"<?xml") and b"<svg" in words:
        words = b"<svg"
    return next(
        (kind for start, kind in beginnings if head.startswith(start) or words.startswith(start)),
        None,
    )


def _by_place(head: bytes, path: Path) -> FileKind | None:
    """Kinds whose mark doesn't come first."""
    if head[TAR_MAGIC_AT:].startswith(TAR_MAGIC):
        return _inside_tar(path)
    if head[4:8] == b"ftyp":
        return kinds.BRANDS.get(head[8:12], kinds.VIDEO)
    if head[8:10] == b'{"' and int.from_bytes(head[:8], "little") <= path.stat().st_size:
        return kinds.SAFETENSORS
    return next((kind for at, mark, kind in kinds.MARKS if head[at:].startswith(mark)), None)


def _by_name(head: bytes, name: str) -> FileKind | None:
    """Kinds that have no mark, or that of many."""
    if "tfrecord" in name and head[4:8] == bytes(4):
        return kinds.TFRECORD
    if name.endswith(".arrow") and head.startswith(b"\xff\xff\xff\xff"):
        return kinds.ARROW_STREAM
    if name.endswith(".bin") and "batch" in name:
        return kinds.CIFAR_BINARY
    named = next((kind for end, kind in kinds.ENDS.items() if name.endswith(end)), None)
    start = head.lstrip()
    if named is None and start.startswith((b"{", b"[")):
        lines = name.endswith(JSON_SUFFIXES) or start.partition(b"\n")[0].rstrip().endswith(b"}")
        return kinds.JSON_LINES if lines and start.startswith(b"{") else kinds.JSON
    return named


def _table(path: Path, head: bytes) -> FileKind | None:
    """A table of numbers whose cells aren't separated by commas."""
    line = head.partition(b"\n")[0].strip()
    if kinds.LIBSVM_LINE.match(line):
        return kinds.LIBSVM
    if kinds.PIXELS_IN_A_CELL.match(head):
        return kinds.TEXTS_OF_PIXELS
    if b"," in line or line.count(b"\t") >= LEAST_PIXELS - 1:
        return None
    numbers = re.fullmatch(rb"[-+.\deE\s]+", line)
    if not numbers or len(line.split()) <= LEAST_PIXELS:
        return None
    try:
        with open_unpacked(path) as file:
            rows = [row.split() for row in file.read(ROW_BYTES).split(b"\n")]
    except (OSError, EOFError, zlib.error):
        return None
    # The last one may be cut off.
    classes = _one_hot_at_the_end(rows[:-1])
    return kinds.blanks_and_one_hot(classes) if classes else kinds.BLANKS


def _one_hot_at_the_end(rows: list[list[bytes]]) -> int:
    """How many columns at the end tell the class, behind the pixels of a square; 0 for none."""
    for classes in range(2, MAX_CLASSES + 1):
        pixels = min(map(len, rows), default=0) - classes
        if (
            pixels > 0
            and is_square(pixels)
            and all(sorted(row[-classes:]) == [b"0"] * (classes - 1) + [b"1"] for row in rows)
        ):
            return classes
    return 0


def _inside_zip(path: Path) -> FileKind | None:
    try:
        with open_zip(path) as archive:
            names = [info.filename for info in archive.infolist()]
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError):
        return None
    if any(name.endswith("data.pkl") for name in names):
        return kinds.PYTORCH
    if any(name.endswith(".npy") for name in names) or not names:
        return None
    if "xl/workbook.xml" in names:
        return kinds.SPREADSHEET
    if any(name.lower().endswith(PICTURES) for name in names):
        return kinds.ZIP_OF_PICTURES
    held = next(
        (
            what
            for end, what in kinds.ZIPPED.items()
            if any(name.lower().endswith(end) for name in names)
        ),
        "",
    )
    what = f"a zip of {held}" if held else f"a zip without arrays ({brief(names[0])} …)"
    return kinds.packed(what, "unzip FILE")


def _inside_gzip(path: Path) -> FileKind | None:
    try:
        with gzip.open(path, "rb") as file:
            head = file.read(HEAD_BYTES)
    except (OSError, EOFError, zlib.error):
        return None
    if head.startswith(PICKLES):
        return kinds.PACKED_PICKLE
    if head[TAR_MAGIC_AT:].startswith(TAR_MAGIC):
        return kinds.PACKED_TAR
    if head[kinds.NIFTI_MARK_AT :].startswith(kinds.NIFTI_MARK):
        return kinds.NIFTI
    return _by_beginning(head, INSIDE_GZIP) or _table(path, head)


def _inside_tar(path: Path) -> FileKind:
    try:
        with path.open("rb") as file:
            names = list(_members(file))
    except OSError:
        return kinds.TAR
    if any(name.endswith((".cls", ".__key__")) for name in names):
        return kinds.WEBDATASET
    return kinds.TAR_OF_PICTURES if any(n.endswith(PICTURES) for n in names) else kinds.TAR


def _members(file: BinaryIO) -> Iterator[str]:
    """The names of the first files in a tar, in lower case."""
    for _ in range(MOST_MEMBERS):
        header = file.read(TAR_BLOCK)
        if not header[TAR_MAGIC_AT:].startswith(TAR_MAGIC):
            return
        yield header[:100].rstrip(b"\0").decode("utf-8", "replace").lower()
        octal = header[TAR_SIZE].strip(b"\0 ")
        if not re.fullmatch(rb"[0-7]+", octal):
            return
        file.seek(-(-int(octal, 8) // TAR_BLOCK) * TAR_BLOCK, os.SEEK_CUR)
