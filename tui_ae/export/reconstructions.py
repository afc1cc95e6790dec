"""Images over their reconstructions, some of each class."""

from __future__ import annotations

import numpy as np

from tui_ae.arrays import IntArray
from tui_ae.export.greys import BETWEEN, Greys, enlarged, sheet
from tui_ae.export.trained import TrainedRun

SHOWN = 10
"""Images of each class, and rows of them where there are no classes."""
GAP, APART = 2, 6
"""Pixels between images, and between pairs of rows."""
TIMES = 2


def reconstruction_sheet(run: TrainedRun) -> Greys:
    """A pair of rows a class, in their order: images, and below each what the network makes of it.

    The images of a class are spread over all of it. Without classes there are SHOWN pairs of rows.
    Classes without images have none.

    Raises:
        UserError: there are no images.
    """
    pairs = []
    for rows in _chosen(run):
        both = np.full((2, SHOWN, run.spec.pixels), np.nan, np.float32)
        both[0, : len(rows)] = run.pictures[rows]
        both[1, : len(rows)] = run.decoder(run.codes[rows])
        pairs.append(np.pad(sheet(both, GAP), ((0, APART), (0, 0)), constant_values=BETWEEN))
    return enlarged(np.concatenate(pairs), TIMES)


def _chosen(run: TrainedRun) -> list[IntArray]:
    """The numbers of the images in each pair of rows."""
    if run.classes is None:
        some = _spread(np.arange(len(run.codes)), SHOWN * SHOWN)
        return [some[start : start + SHOWN] for start in range(0, len(some), SHOWN)]
    of_each = (np.flatnonzero(run.classes == label) for label in range(len(run.class_names)))
    return [_spread(rows, SHOWN) for rows in of_each if len(rows)]


def _spread(rows: IntArray, count: int) -> IntArray:
    """Up to `count` of these, from the first to the last."""
    places = np.linspace(0, len(rows) - 1, min(len(rows), count))
    chosen: IntArray = rows[np.rint(places).astype(np.int64)]
    return chosen
