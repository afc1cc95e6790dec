"""Labels in the shapes that they are stored in, as one value an image."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tui_ae.data.arrays import RawArray
from tui_ae.data.roles import QMNIST_COLUMNS
from tui_ae.data.source import shape_text
from tui_ae.errors import UserError
from tui_ae.streams import printable


def plain_labels(values: RawArray, name: str, path: Path) -> tuple[RawArray, str]:
    """Labels (n,), and a note on how they were read; '' where that is plain.

    A column (n, 1) and a row (1, n) are taken as they are, of QMNIST's eight columns the first, and
    the columns of a one-hot code are numbered.

    Raises:
        UserError: another shape.
    """
    if values.ndim == 2 and values.shape[1] == 1:
        return values[:, 0], ""
    if values.ndim == 2 and values.shape[0] == 1:
        return values[0], ""
    if values.ndim == 2 and _is_one_hot(values):
        return values.argmax(axis=1), f"{printable(name)} is one-hot: its columns are the classes."
    if values.ndim == 2 and values.shape[1] == QMNIST_COLUMNS and values.dtype.kind in "iu":
        return values[:, 0], f"Took the first of {QMNIST_COLUMNS} columns of {printable(name)}."
    if values.ndim != 1:
        raise UserError(
            f"{printable(path)}: {printable(name)} is of {shape_text(values)}; "
            "store one number or string for each image."
        )
    return values, ""


def _is_one_hot(values: RawArray) -> bool:
    """Whether each row has a single 1 among zeros."""
    if values.dtype.kind not in "buif" or values.shape[1] < 2 or not len(values):
        return False
    return bool(
        ((values == 0) | (values == 1)).all() and (np.count_nonzero(values, axis=1) == 1).all()
    )
