"""What there is to say of each image of a run: the table of its codes, and the same as arrays."""

from __future__ import annotations

import contextlib
import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np

from tui_ae.arrays import DoubleArray
from tui_ae.data.arrays import RawArray
from tui_ae.export.cells import number_cells, text_cell
from tui_ae.export.trained import TrainedRun, chunks

Columns = dict[str, Callable[[slice], list[str]]]
"""By name, what gives the cells of some rows."""


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """The images of a run, row by row."""

    run: TrainedRun
    losses: DoubleArray | None
    """(n,) of each image by the run's objective; None where there are no images."""

    def columns(self) -> Columns:
        """All columns but the codes, as far as they are known."""
        run, losses = self.run, self.losses
        found: Columns = {"index": lambda rows: [str(row) for row in range(rows.start, rows.stop)]}
        if run.classes is not None and run.class_labels is not None:
            classes = run.classes
            labels = [text_cell(label) for label in run.class_labels.tolist()]
            names = [text_cell(name) for name in run.class_names]
            found["label"] = lambda rows: [labels[label] for label in classes[rows].tolist()]
            found["class_name"] = lambda rows: [names[label] for label in classes[rows].tolist()]
        found["held_out"] = lambda rows: number_cells(run.held_out[rows].astype(np.int8))
        if run.files:
            found["file"] = lambda rows: [text_cell(file) for file in run.files[rows]]
        if losses is not None:
            found[run.spec.objective] = lambda rows: number_cells(losses[rows])
        return found

    def code_columns(self) -> Columns:
        """The numbers of a code: z1, z2 and so on."""

        def column(axis: int) -> Callable[[slice], list[str]]:
            return lambda rows: number_cells(self.run.codes[rows, axis])

        return {f"z{axis + 1}": column(axis) for axis in range(self.run.spec.latent_dim)}

    def arrays(self) -> dict[str, RawArray]:
        """The same as arrays: `codes` (n, k), `losses` (n,), …, as far as they are known."""
        run = self.run
        found: dict[str, RawArray] = {"codes": run.codes, "held_out": run.held_out}
        labels = run.labels
        if labels is not None and run.class_labels is not None:
            found["labels"] = labels
            found["class_labels"] = run.class_labels
            found["class_names"] = np.array(run.class_names)
        if run.files:
            found["files"] = np.array(run.files)
        if self.losses is not None:
            found["losses"] = self.losses
            found["objective"] = np.array(run.spec.objective)
        return found


def write_codes_csv(samples: Samples, file: BinaryIO) -> None:
    """Write codes.csv."""
    first, *others = samples.columns().items()
    columns = dict([first, *samples.code_columns().items(), *others])
    with _text(file) as text:
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(columns)
        for rows in chunks(len(samples.run.codes)):
            writer.writerows(zip(*(column(rows) for column in columns.values()), strict=True))


def write_codes_npz(samples: Samples, file: BinaryIO) -> None:
    """Write codes.npz."""
    np.savez(file, allow_pickle=False, **samples.arrays())


def write_losses_csv(run: TrainedRun, file: BinaryIO) -> None:
    """Write losses.csv."""
    history = run.history
    columns = {"epoch": number_cells(history.epochs), "loss": _losses(history.losses)}
    if np.isfinite(history.held_out_losses).any():
        columns["held_out_loss"] = _losses(history.held_out_losses)
    with _text(file) as text:
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))


def _losses(losses: DoubleArray) -> list[str]:
    """Cells that are empty where there is no number: a spreadsheet would take 'nan' for a word."""
    return ["" if cell == "nan" else cell for cell in number_cells(losses)]


def write_tsv(columns: Columns, count: int, file: BinaryIO, *, header: bool) -> None:
    """Write `count` rows with tabs between their cells, which hold none."""
    with _text(file) as text:
        if header:
            text.write("\t".join(columns) + "\n")
        for rows in chunks(count):
            cells = zip(*(column(rows) for column in columns.values()), strict=True)
            text.writelines("\t".join(row) + "\n" for row in cells)


@contextlib.contextmanager
def _text(file: BinaryIO) -> Iterator[io.TextIOWrapper]:
    """UTF-8 text in a binary file, which stays open."""
    text = io.TextIOWrapper(file, "utf-8", newline="")
    yield text
    text.detach()
