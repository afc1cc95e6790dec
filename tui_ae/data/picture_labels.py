"""Labels of loose pictures from a table beside them: a row names a file and says what is on it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from tui_ae.data import roles
from tui_ae.data.classes import natural
from tui_ae.data.dataset import MAX_CLASSES
from tui_ae.data.label_table import MAX_LABEL_CHARACTERS, Table, read_small, table_files
from tui_ae.data.layout import NO_CLASSES, Layout, says_no_more
from tui_ae.data.skipped import Skipped
from tui_ae.errors import UserError
from tui_ae.streams import brief

SAMPLE_ROWS = 200
"""Rows in which files are looked for to find the column of their names."""
LEAST_SHARE = 0.2
"""Of the pictures that have to be named, else the table is about something else."""
SUBMISSION = re.compile("submission", re.I)
"""Answers that somebody is to fill in, as competitions ship them."""
MOST_COLUMNS = 6
"""Names that a sentence lists."""


@dataclass(slots=True)
class _Found:
    """What tables say of the pictures."""

    label_of: dict[str, str] = field(default_factory=dict)
    """The label of each file that is named."""
    used: list[str] = field(default_factory=list)
    """The tables."""
    notes: list[str] = field(default_factory=list)
    """What was wrong with others."""


def label_pictures(layout: Layout, folder: Path) -> Layout:
    """Give loose pictures the classes that a table beside them says, where there is one.

    Raises:
        OSError: a folder can't be opened.
    """
    if layout.classes is not None or not layout.loose:
        return layout
    known = _Names(layout.loose)
    found = _Found()
    for path in _tables(folder, layout.loose):
        _read(path, known, found)
    files = [file for file in layout.loose if file in found.label_of]
    if len(files) < max(2, LEAST_SHARE * len(layout.loose)):
        found.notes += [
            f"{brief(name)} names {len(files):,} of {len(layout.loose):,} pictures, so it was not "
            "used for labels."
            for name in found.used
        ]
        return replace(layout, notes=(*layout.notes, *found.notes))
    classes: dict[str, list[str]] = {}
    for file in files:
        classes.setdefault(found.label_of[file], []).append(file)
    names = " and ".join(map(brief, found.used))
    notes = [f"Took the labels of {names}.", *found.notes]
    passed = [
        Skipped(file, f"not named in {names}")
        for file in layout.loose
        if file not in found.label_of
    ]
    if passed:
        notes.append(
            f"Left out {len(passed):,} of {len(layout.loose):,} pictures that {names} doesn't "
            f"name, such as {brief(passed[0].file)}."
        )
    return replace(
        layout,
        classes={name: classes[name] for name in sorted(classes, key=natural)},
        loose=[],
        notes=(*(note.replace(NO_CLASSES, "") for note in layout.notes), *notes),
        passed=(*passed, *layout.passed),
    )


class _Names:
    """The files by all that a table may call them: their path, their name, or that without end."""

    def __init__(self, files: Sequence[str]) -> None:
        self.pictures = len(files)
        self._files: dict[str, str] = {}
        twice: set[str] = set()
        for file in files:
            base = file.rpartition("/")[2]
            for name in {base, os.path.splitext(base)[0]}:  # noqa: PTH122 - names alone
                if name in self._files:
                    twice.add(name)
                self._files[name] = file
        for name in twice:
            del self._files[name]
        self._files.update((file, file) for file in files)

    def find(self, cell: str) -> str | None:
        """The file that a cell names."""
        path = cell.replace("\\", "/").removeprefix("./")
        return self._files.get(path) or self._files.get(path.rpartition("/")[2])


def _tables(folder: Path, files: Sequence[str]) -> Iterator[Path]:
    """The tables in the folder, in those of the pictures, and above one that only wraps them."""
    inner = {file.rpartition("/")[0] for file in files}
    folders = sorted({*inner, *(name.rpartition("/")[0] for name in inner), ""})
    if says_no_more(folder.absolute().name):
        yield from _files(folder.absolute().parent)
    for name in folders:
        yield from _files(folder / name)


def _files(folder: Path) -> Iterator[Path]:
    yield from (path for path in table_files(folder) if not SUBMISSION.search(path.name))


def _read(path: Path, known: _Names, found: _Found) -> None:
    """Add what one table says."""
    try:
        table = read_small(path)
    except UserError:
        return
    if table is None:
        return
    column = _column_of_files(table, known)
    if column is None:
        return
    named = known.find(table.header[column]) is None
    rows = table.rows if named else (table.header, *table.rows)
    labels = _labels(table.header if named else (), rows, column)
    if isinstance(labels, str):
        found.notes.append(f"{brief(path.name)} names the pictures, but {labels}.")
        return
    own = {
        file: label
        for row, label in zip(rows, labels, strict=True)
        if label and (file := known.find(row[column])) is not None
    }
    if 2 * len(own) < len(rows) and len(own) < LEAST_SHARE * known.pictures:
        return
    found.used.append(path.name)
    found.label_of = {**own, **found.label_of}


def _column_of_files(table: Table, known: _Names) -> int | None:
    """The column that names most files."""
    sample = (table.header, *table.rows[:SAMPLE_ROWS])
    counts = [
        len({file for row in sample if (file := known.find(row[at])) is not None})
        for at in range(len(table.header))
    ]
    most = max(counts)
    return counts.index(most) if most else None


def _labels(header: Sequence[str], rows: Sequence[Sequence[str]], files: int) -> list[str] | str:
    """The label of each row, or why there is none."""
    columns = [at for at in range(len(rows[0]) if rows else 0) if at != files]
    if not columns:
        return "has no labels of them"
    ranks = [
        (roles.Named(header[at], (), "O").rank(roles.LABEL_WORDS), at) for at in columns if header
    ]
    called = [(rank, at) for rank, at in ranks if rank is not None]
    if called:
        values = [row[min(called)[1]] for row in rows]
    elif len(columns) == 1:
        values = [row[columns[0]] for row in rows]
        if len(set(values)) > MAX_CLASSES:
            return f"what it says of them are {len(set(values)):,} different values, no labels"
    elif header and (hot := _one_hot(header, rows, columns)) is not None:
        return hot
    else:
        names = [brief(header[at]) if header else str(at + 1) for at in columns]
        more = f" and {len(names) - MOST_COLUMNS} more" if len(names) > MOST_COLUMNS else ""
        listed = ", ".join(names[:MOST_COLUMNS]) + more
        return f"which of its columns is the label is unclear ({listed}); call it label"
    if max(map(len, values), default=0) > MAX_LABEL_CHARACTERS:
        return "what it says of them is too long for labels"
    return values


def _one_hot(
    header: Sequence[str], rows: Sequence[Sequence[str]], columns: Sequence[int]
) -> list[str] | None:
    """The name of the one column of each row that holds a 1, where all others hold 0."""
    numbers: Mapping[str, int] = {"0": 0, "1": 1, "0.0": 0, "1.0": 1}
    labels = []
    for row in rows:
        values = [numbers.get(row[at], 2) for at in columns]
        if sorted(values) != [0] * (len(columns) - 1) + [1]:
            return None
        labels.append(header[columns[values.index(1)]])
    return labels
