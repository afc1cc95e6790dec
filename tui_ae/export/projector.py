"""The files of TensorBoard's Embedding Projector.

Its rules: vectors and rows of metadata in the same order, tabs between cells, no empty lines;
metadata begin with the names of their columns where there are several, and without where there is
one; all images in one square sprite of at most 8192 pixels a side, row by row.
"""

from __future__ import annotations

import math
from typing import BinaryIO

import numpy as np

from tui_ae.arrays import DoubleArray
from tui_ae.data.arrays import SIDE
from tui_ae.export.greys import Greys, to_greys
from tui_ae.export.samples import Samples, write_tsv
from tui_ae.export.trained import TrainedRun, chunks

MAX_SPRITE_PX = 8192
LEAST_SIDE_PX = 4
"""Of a smaller image nothing would be seen."""


def write_vectors(samples: Samples, file: BinaryIO) -> None:
    """Write vectors.tsv."""
    write_tsv(samples.code_columns(), len(samples.run.codes), file, header=False)


def write_metadata(samples: Samples, file: BinaryIO) -> None:
    """Write metadata.tsv."""
    columns = samples.columns()
    write_tsv(columns, len(samples.run.codes), file, header=len(columns) > 1)


def write_config(side: int, file: BinaryIO) -> None:
    """Write projector_config.pbtxt, with a sprite of images of `side` pixels; 0 means none."""
    sprite = (
        '  sprite {\n    image_path: "sprite.png"\n'
        f"    single_image_dim: {side}\n    single_image_dim: {side}\n  }}\n"
    )
    config = (
        'embeddings {\n  tensor_name: "codes"\n  tensor_path: "vectors.tsv"\n'
        f'  metadata_path: "metadata.tsv"\n{sprite if side else ""}}}\n'
    )
    file.write(config.encode())


def sprite_side(count: int) -> int:
    """The side in pixels of each of so many images in a sprite; 0 where it would hold too many."""
    side = min(SIDE, MAX_SPRITE_PX // _a_row(count))
    return side if side >= LEAST_SIDE_PX else 0


def _a_row(count: int) -> int:
    """The images in a row of the square; one even where there are none."""
    return max(1, math.isqrt(max(count - 1, 0)) + 1)


def sprite(run: TrainedRun) -> Greys:
    """All images of a run in one square, as many as fit.

    Raises:
        UserError: there are no images.
    """
    count = len(run.codes)
    a_row, side = _a_row(count), sprite_side(count)
    greys = np.zeros((a_row * side, a_row * side), np.uint8)
    shrink = shares(side)
    for rows in chunks(count):
        images = run.pictures[rows].reshape(-1, SIDE, SIDE)
        if side < SIDE:
            images = np.asarray(shrink @ images @ shrink.T, np.float32)
        for number, image in enumerate(to_greys(images), rows.start):
            top, left = (place * side for place in divmod(number, a_row))
            greys[top : top + side, left : left + side] = image
    return greys


def shares(side: int) -> DoubleArray:
    """How much of each of `side` pixels each of SIDE ones fills: (side, SIDE), rows sum to 1."""
    edges = np.linspace(0, SIDE, side + 1)
    pixels = np.arange(SIDE)
    ends = np.minimum(edges[1:, None], pixels + 1)
    starts = np.maximum(edges[:-1, None], pixels)
    return np.asarray(np.clip(ends - starts, 0, None) * side / SIDE)
