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

    The images of a class are spread over all of it; where images are held out, the right half is of
    those. Without classes there are SHOWN pairs of rows. Classes without images have none.

    Raises:
        UserError: there are no images.
    """
    pairs = []
    for rows in _chosen(run):
        both = np.full((2, SHOWN, run.spec.pixels), np.nan, np.float32)
        there = rows >= 0
        both[0, there] = run.pictures[rows[there]]
        both[1, there] = run.decoder(run.codes[rows[there]])
        pairs.append(np.pad(sheet(both, GAP), ((0, APART), (0, 0)), constant_values=BETWEEN))
    return enlarged(np.concatenate(pairs), TIMES)


def _chosen(run: TrainedRun) -> list[IntArray]:
    """The numbers of the images in each pair of rows, (SHOWN,) each; -1 for none."""
    parts = [~run.held_out, run.held_out] if run.held_out.any() else [~run.held_out]
    each = SHOWN // len(parts)
    if run.classes is None:
        wide = [_spread(np.flatnonzero(part), each * SHOWN).reshape(SHOWN, each) for part in parts]
        pairs = list(np.concatenate(wide, axis=1))
    else:
        classes = (run.classes == label for label in range(len(run.class_names)))
        pairs = [
            np.concatenate([_spread(np.flatnonzero(part & own), each) for part in parts])
            for own in classes
        ]
    return [rows for rows in pairs if (rows >= 0).any()]


def _spread(rows: IntArray, count: int) -> IntArray:
    """`count` of these, from the first to the last; where there are fewer, -1 behind them."""
    some = min(len(rows), count)
    chosen = np.full(count, -1)
    chosen[:some] = rows[np.rint(np.linspace(0, len(rows) - 1, some)).astype(np.int64)]
    return chosen
