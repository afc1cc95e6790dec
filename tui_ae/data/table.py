"""CSV files with an image a row, as Kaggle ships MNIST and its relatives: a label, then pixels."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import BinaryIO

import numpy as np

from tui_ae.data.arrays import RawArray
from tui_ae.data.classes import is_fashion, names_for
from tui_ae.data.idx import open_plain
from tui_ae.data.progress import Progress
from tui_ae.data.roles import LABEL_WORDS
from tui_ae.data.source import MAX_SOURCE_BYTES, Source, brief, is_square, unreadable
from tui_ae.errors import UserError
from tui_ae.streams import printable

LINE_BYTES = 1 << 20
BLOCK_BYTES = 1 << 22
"""Text read at a time: a tenth of a second."""
NUMBER = re.compile(rb"\s*[-+]?[\d.]+(?:e[-+]?\d+)?\s*\Z", re.I)
WANTED = "give a row an image: a label and its pixels, or pixels alone, separated by commas"
IDS = ("id", "imageid", "index", "")
"""Names of columns that number the rows."""


def looks_like_table(head: bytes) -> bool:
    """Whether a file that begins like this, gunzipped, may be a table of images."""
    line = head.split(b"\n", 1)[0].strip().removeprefix(b"\xef\xbb\xbf")
    cells = line.split(b",")
    printable_bytes = all(32 <= byte < 127 or byte in b"\t\r" for byte in line)
    return len(cells) >= 5 and printable_bytes


def read_table(path: Path, progress: Progress) -> Source:
    """Read a table of images; the first or the last column may be the labels.

    Raises:
        UserError: the rows are no images.
    """
    try:
        with open_plain(path) as file:
            first = file.readline(LINE_BYTES).removeprefix(b"\xef\xbb\xbf")
            header = [
                cell.strip().strip(b"\"'").decode("utf-8", "replace") for cell in first.split(b",")
            ]
            named = not all(NUMBER.match(cell) for cell in first.split(b","))
            rest = b"" if named else first
            values = _numbers(file, rest, len(header), path, progress)
    except (OSError, EOFError, ValueError) as error:
        raise unreadable(path, error, WANTED) from error
    labels, pixels, note = _columns(values, header if named else [], path)
    title = "Fashion-MNIST" if is_fashion(path) else printable(path.name.removesuffix(".gz"))
    return Source(path, title, (pixels,), labels, names_for(path), (note,))


def _numbers(file: BinaryIO, rest: bytes, columns: int, path: Path, progress: Progress) -> RawArray:
    """All rows as numbers, (rows, columns) float32, block by block."""
    parts, rows, size = [], 0, max(path.stat().st_size, 1)
    read = 0
    while True:
        block = file.read(BLOCK_BYTES)
        read += len(block)
        whole, newline, rest = (rest + block).rpartition(b"\n")
        if not block:
            whole, rest = rest if not newline else whole + newline + rest, b""
        if whole.strip():
            lines = np.loadtxt(
                io.BytesIO(whole), np.float32, delimiter=",", ndmin=2, comments=None, quotechar='"'
            )
            if lines.shape[1] != columns:
                raise UserError(
                    f"{printable(path)}: rows of {lines.shape[1]} and of {columns} columns; "
                    f"{WANTED}."
                )
            rows += len(lines)
            if 4 * columns * rows > MAX_SOURCE_BYTES:
                raise UserError(f"{printable(path)}: more than can be held; give a smaller set.")
            parts.append(lines)
        progress(min(1.0, read / size))
        if not block:
            break
    if not parts:
        raise UserError(f"{printable(path)}: holds no rows; {WANTED}.")
    return np.concatenate(parts)


def _columns(
    values: RawArray, header: list[str], path: Path
) -> tuple[RawArray | None, RawArray, str]:
    """Labels, pixels, and what was taken as what."""
    keep = list(range(values.shape[1]))
    labelled = [at for at, name in enumerate(header) if name.lower() in LABEL_WORDS]
    numbered = [at for at, name in enumerate(header) if name.lower() in IDS]
    if not header and not is_square(len(keep)) and is_square(len(keep) - 1):
        labelled = [0]
    keep = [at for at in keep if at not in (*labelled[:1], *numbered)]
    if not is_square(len(keep)):
        raise UserError(
            f"{printable(path)}: {len(keep):,} pixels in a row fill no square; {WANTED}."
        )
    pixels = values[:, keep]
    side = round(len(keep) ** 0.5)
    name = f"the column {brief(header[labelled[0]])}" if labelled and header else "the first column"
    said = f"Took {name} as labels" if labelled else "No labels"
    note = f"{said}, {len(keep):,} columns as images of {side}×{side}."
    return (values[:, labelled[0]] if labelled else None), pixels, note
