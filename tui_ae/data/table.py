"""CSV files with an image a row, as Kaggle ships MNIST and its relatives: a label, then pixels."""

from __future__ import annotations

import io
import os
import re
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from tui_ae.data.arrays import RawArray
from tui_ae.data.classes import is_fashion, names_for
from tui_ae.data.content import open_unpacked
from tui_ae.data.emnist import TURNED, emnist_names, is_emnist
from tui_ae.data.label_table import MAX_LABEL_CHARACTERS, labels_of_rows
from tui_ae.data.progress import Progress
from tui_ae.data.roles import LABEL_WORDS
from tui_ae.data.source import (
    LEAST_PIXELS,
    MAX_SOURCE_BYTES,
    Source,
    is_square,
    unreadable,
)
from tui_ae.data.splits import read_splits
from tui_ae.errors import UserError
from tui_ae.streams import brief, printable

LINE_BYTES = 1 << 20
BLOCK_BYTES = 1 << 22
"""Text read at a time: a tenth of a second."""
FREE_BYTES, MAX_RATIO = 1 << 26, 200
"""So much text may come out of any packed file; more only if it is not far better packed than
pictures are."""
NUMBER = re.compile(r"\s*[-+]?[\d.]+(?:e[-+]?\d+)?\s*\Z", re.I | re.A)
WANTED = "give a row an image: a label and its pixels, or pixels alone, separated by commas"
NAMES_OF_ROWS = ("id", "imageid", "index", "filename", "file", "path")
IDS = (*NAMES_OF_ROWS, "")
"""Names of columns that number or name the rows."""
DELIMITERS = (b",", b"\t", b";")
"""What may stand between cells: Excel writes semicolons where a comma is for decimals."""
MARK = b"\xef\xbb\xbf"
"""What programs of Windows put in front of UTF-8."""
SUFFIXES = (".csv", ".csv.gz", ".tsv", ".tsv.gz")
MOST_FILES = 100
"""Files of one folder that are looked at."""


def looks_like_table(head: bytes) -> bool:
    """Whether a file that begins like this, gunzipped, may be a table of images."""
    line = head.split(b"\n", 1)[0].strip().removeprefix(MARK)
    cells = line.split(delimiter_of(line))
    printable_bytes = all(32 <= byte < 127 or byte in b"\t\r" for byte in line)
    return len(cells) >= 5 and printable_bytes


def delimiter_of(line: bytes) -> bytes:
    """What stands between the cells of a line."""
    return max(DELIMITERS, key=line.count)


def tables(folder: Path) -> list[Path]:
    """The tables of images in a folder, told by their names and by how wide they are.

    Raises:
        OSError: the folder or a file can't be opened.
    """
    names = sorted(os.listdir(folder))  # noqa: PTH208 - names alone
    named = [name for name in names if name.lower().endswith(SUFFIXES) and name[0] not in "._~"]
    files = [folder / name for name in named[:MOST_FILES]]
    return [path for path in files if path.is_file() and _is_wide(path)]


def _is_wide(path: Path) -> bool:
    try:
        with open_unpacked(path) as file:
            line = file.readline(LINE_BYTES)
            # Text in UTF-16 has zeros.
            return line.count(delimiter_of(line)) >= LEAST_PIXELS - 1 and b"\0" not in line
    except (EOFError, zlib.error):
        return False


def read_table_folder(folder: Path, progress: Progress) -> Source:
    """Read the tables of images in a folder, one of each split.

    Raises:
        UserError: they are of several sets, or one can't be read.
    """
    return read_splits(tables(folder), read_table, "CSV", folder, progress)


def read_table(path: Path, progress: Progress) -> Source:
    """Read a table of images; the labels are a column of it, or a table beside it.

    Raises:
        UserError: the rows are no images.
    """
    try:
        with open_unpacked(path) as file:
            first, second = (_line(file, path) for _ in range(2))
            form = _form(first.removeprefix(MARK), second)
            start = second if form.header else first.removeprefix(MARK) + second
            values, words = _read_rows(file, start, form, path, progress)
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise unreadable(path, error, WANTED) from error
    labels, pixels, note = _columns(values, words, form, path)
    notes = [note]
    if labels is None and (beside := labels_of_rows(path, len(pixels))) is not None:
        labels, said = beside
        notes.append(said)
    names = names_for(path)
    if is_emnist(path):
        pixels = pixels.swapaxes(1, 2)
        names = names or emnist_names(path)
        notes.append(TURNED)
    title = "Fashion-MNIST" if is_fashion(path) else printable(path.name.removesuffix(".gz"))
    return Source(path, title, (pixels,), labels, names, tuple(notes))


def _line(file: BinaryIO, path: Path) -> bytes:
    """The next line; the last one may lack its end."""
    line = file.readline(LINE_BYTES + 1)
    if len(line) > LINE_BYTES:
        raise _too_long(path)
    return line


def _too_long(path: Path) -> UserError:
    return UserError(f"{printable(path)}: a row of more than {LINE_BYTES:,} bytes; {WANTED}.")


@dataclass(frozen=True, slots=True)
class _Form:
    """What the first two lines of a table say of all."""

    columns: int
    header: tuple[str, ...]
    """The names of the columns; () where there are none."""
    words: int | None
    """The one column that holds words."""
    delimiter: bytes = b","


def _form(first: bytes, second: bytes) -> _Form:
    delimiter = delimiter_of(first)
    names = _cells(first, delimiter)
    odd = [at for at, cell in enumerate(names) if not NUMBER.match(cell)]
    odd_below = [at for at, cell in enumerate(_cells(second, delimiter)) if not NUMBER.match(cell)]
    # A single word above a word may be a label as well as the name of the column.
    labelled = bool(odd) and names[odd[0]].lower() in LABEL_WORDS
    # Programs number columns that have no name.
    counted = any(names == [str(at + first) for at in range(len(names))] for first in (0, 1))
    named = counted or len(odd) > 1 or (len(odd) == 1 and (odd_below != odd or labelled))
    words = odd_below if named else odd
    word = words[0] if len(words) == 1 else None
    return _Form(len(names), tuple(names) if named else (), word, delimiter)


def _cells(line: bytes, delimiter: bytes) -> list[str]:
    return [cell.decode("utf-8", "replace").strip().strip("\"'") for cell in line.split(delimiter)]


def _read_rows(
    file: BinaryIO, rest: bytes, form: _Form, path: Path, progress: Progress
) -> tuple[RawArray, list[str]]:
    """All rows block by block: their numbers, (rows, columns of numbers) float32, and words."""
    parts: list[RawArray] = []
    words: list[str] = []
    rows = read = 0
    size = max(path.stat().st_size, 1)
    while True:
        block = file.read(BLOCK_BYTES)
        read += len(block)
        whole, newline, rest = (rest + block).rpartition(b"\n")
        if not block:
            whole, rest = rest if not newline else whole + newline + rest, b""
        elif len(rest) > LINE_BYTES:
            raise _too_long(path)
        if read > max(FREE_BYTES, MAX_RATIO * size):
            raise UserError(
                f"{printable(path)}: {size:,} bytes unpack to more than {read:,}, which are no "
                "images; give another file."
            )
        if whole.strip():
            lines = _numbers(whole, form, path)
            words += _words(whole, form, path)
            rows += len(lines)
            if lines.nbytes // len(lines) * rows > MAX_SOURCE_BYTES:
                raise UserError(f"{printable(path)}: more than can be held; give a smaller set.")
            parts.append(lines)
        progress(min(1.0, read / size))
        if not block:
            break
    if not parts:
        raise UserError(f"{printable(path)}: holds no rows; {WANTED}.")
    return np.concatenate(parts), words


def _numbers(lines: bytes, form: _Form, path: Path) -> RawArray:
    """The numbers of some lines.

    Raises:
        UserError: their rows are of another length.
        ValueError: a cell that is no number.
    """
    numeric = [at for at in range(form.columns) if at != form.words]
    values: RawArray = np.loadtxt(
        io.BytesIO(lines),
        np.float32,
        delimiter=form.delimiter.decode(),
        ndmin=2,
        comments=None,
        quotechar='"',
        usecols=None if form.words is None else numeric,
    )
    if values.shape[1] != len(numeric):
        raise UserError(
            f"{printable(path)}: rows of {values.shape[1]} and of {form.columns} columns; {WANTED}."
        )
    return values


def _words(lines: bytes, form: _Form, path: Path) -> list[str]:
    """The words of some lines, where a column has words.

    Raises:
        UserError: they are too long for labels.
    """
    if form.words is None:
        return []
    words: list[str] = np.loadtxt(
        io.BytesIO(lines),
        object,
        delimiter=form.delimiter.decode(),
        ndmin=1,
        comments=None,
        quotechar='"',
        usecols=form.words,
        encoding="utf-8",
    ).tolist()
    longest = max(map(len, words))
    if longest > MAX_LABEL_CHARACTERS:
        raise UserError(
            f"{printable(path)}: labels of {longest:,} characters; "
            f"give labels of at most {MAX_LABEL_CHARACTERS}."
        )
    return words


def _columns(
    values: RawArray, words: list[str], form: _Form, path: Path
) -> tuple[RawArray | None, RawArray, str]:
    """Labels, pixels (n, side, side), and what was taken as what."""
    names = [name for at, name in enumerate(form.header) if at != form.words]
    keep = list(range(values.shape[1]))
    labelled = [at for at, name in enumerate(names) if name.lower() in LABEL_WORDS]
    numbered = [at for at, name in enumerate(names) if name.lower() in IDS]
    above = form.header[form.words] if form.words is not None and form.header else ""
    if above.lower() not in LABEL_WORDS and (labelled or above.lower() in NAMES_OF_ROWS):
        # Names of the rows.
        words = []
    rest = [at for at in keep if at not in numbered]
    if not words and not labelled and not is_square(len(rest)) and is_square(len(rest) - 1):
        # A corner of all images is black, mostly; a column of labels isn't all alike.
        alike = bool((values[:, rest[0]] == values[0, rest[0]]).all())
        labelled = [rest[-1] if alike else rest[0]]
    at = -1
    if words:
        labels, at = np.array(words, str), form.words or 0
    elif labelled:
        labels, at = values[:, labelled[0]], labelled[0]
    else:
        labels = None
    called = (form.header if words else names) if form.header else ()
    column = f"the column {brief(called[at])}" if called else f"column {at + 1}"
    taken = numbered if words else [*labelled[:1], *numbered]
    keep = [at for at in keep if at not in taken]
    if not is_square(len(keep)):
        raise UserError(
            f"{printable(path)}: {len(keep):,} pixels in a row fill no square; {WANTED}."
        )
    side = round(len(keep) ** 0.5)
    pixels = values[:, keep].reshape(len(values), side, side)
    said = "No labels" if labels is None else f"Took {column} as labels"
    return labels, pixels, f"{said}, {len(keep):,} columns as images of {side}×{side}."
