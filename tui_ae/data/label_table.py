"""Small CSV files that give a label to each image, or to each file of one."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from tui_ae.data import roles
from tui_ae.data.arrays import RawArray
from tui_ae.data.source import unreadable
from tui_ae.errors import UserError
from tui_ae.streams import printable

SUFFIXES = (".csv", ".tsv")
MAX_BYTES = 32 << 20
"""A name and a label for a million pictures; what is larger holds something else."""
MAX_CELLS = 4_000_000
MAX_COLUMNS = 32
MAX_LABEL_CHARACTERS = 64
MOST_FILES = 20
"""Tables in one folder that are looked at."""
DELIMITERS = ",\t;"


@dataclass(frozen=True, slots=True)
class Table:
    """The cells of a small table, column by column."""

    header: tuple[str, ...]
    """The first row, which may be data already."""
    rows: tuple[tuple[str, ...], ...]
    """All others."""


def table_files(folder: Path, suffixes: tuple[str, ...] = SUFFIXES) -> list[Path]:
    """The files in a folder that are tables by their names, hidden ones left out.

    Raises:
        OSError: the folder can't be opened.
    """
    names = sorted(os.listdir(folder))  # noqa: PTH208 - names alone, of maybe very many
    return [
        folder / name
        for name in names
        if name.lower().endswith(suffixes) and name[0] not in "._~" and (folder / name).is_file()
    ][:MOST_FILES]


def read_small(path: Path) -> Table | None:
    """Read a small table; None for one that is large, wide or no table.

    Raises:
        UserError: it can't be read.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise unreadable(path, error) from error
    first, _, _ = content.partition(b"\n")
    if len(content) > MAX_BYTES or b"\0" in first:
        return None
    text = content.decode("utf-8-sig", "replace")
    line = first.decode("utf-8", "replace")
    delimiter = max(DELIMITERS, key=line.count)
    if line.count(delimiter) >= MAX_COLUMNS:
        return None
    try:
        cells = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        most = MAX_CELLS // (line.count(delimiter) + 1)
        rows = [tuple(cell.strip() for cell in row) for row in islice(cells, most + 1) if row]
    except csv.Error:
        return None
    if len(rows) > most:
        return None
    if not rows or any(len(row) != len(rows[0]) for row in rows):
        return None
    return Table(rows[0], tuple(rows[1:]))


def label_column(header: Sequence[str]) -> int | None:
    """The column whose name says that it holds labels."""
    ranks = [roles.Named(name, (), "O").rank(roles.LABEL_WORDS) for name in header]
    known = [(rank, at) for at, rank in enumerate(ranks) if rank is not None]
    return min(known)[1] if known else None


def as_labels(values: Sequence[str], path: Path) -> RawArray:
    """Whole numbers where all values are, else the words.

    Args:
        values: What the file says of each image.
        path: The file, for the message.

    Raises:
        UserError: words that are too long.
    """
    longest = max(map(len, values), default=0)
    if longest > MAX_LABEL_CHARACTERS:
        raise UserError(
            f"{printable(path)}: labels of {longest:,} characters; "
            f"give labels of at most {MAX_LABEL_CHARACTERS}."
        )
    try:
        return np.array([int(value) for value in values], np.int64)
    except (ValueError, OverflowError):
        return np.array(values, str)


def labels_of_rows(images: Path, count: int) -> tuple[RawArray, str] | None:
    """Labels for the rows of a table or array of images, in a table beside it, and what was taken.

    Returns:
        (count,) labels and a note; None where nothing beside it is called labels of the same split.

    Raises:
        UserError: there are labels, but not as many.
    """
    split = _named(images).split
    for path in table_files(images.parent, (*SUFFIXES, ".txt")):
        name = _named(path)
        if path.name == images.name or name.split != split:
            continue
        if name.rank(roles.LABEL_WORDS) is None:
            continue
        table = read_small(path)
        if table is None or len(table.header) > 2:
            continue
        # Of two columns without names the first numbers the rows.
        named = label_column(table.header)
        column = len(table.header) - 1 if named is None else named
        values = [row[column] for row in table.rows]
        if named is None and len(values) != count:
            values = [table.header[column], *values]
        if len(values) != count:
            raise UserError(
                f"{printable(images)}: {len(values):,} labels in {printable(path.name)} for "
                f"{count:,} images; give one label for each image, or no labels."
            )
        return as_labels(values, path), f"Took the labels of {printable(path.name)}."
    return None


def _named(path: Path) -> roles.Named:
    return roles.Named(Path(path.name.removesuffix(".gz")).stem, (), "O")
