"""Images that train and images that are held out, together in the order of their source."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tui_ae.arrays import FloatArray, IntArray
from tui_ae.data.arrays import PIXELS, RawArray
from tui_ae.data.dataset import Dataset
from tui_ae.model.baselines import Images


@dataclass(frozen=True, slots=True, eq=False)
class Order:
    """Where each image of the source stands among those that train and, behind them, the others."""

    held_out: RawArray
    """(n,) bool, in the order of the source: whether an image never trains."""
    places: IntArray
    """(n,)."""

    def joined(self, trains: RawArray, apart: RawArray) -> RawArray:
        """Rows of both in the order of the source."""
        return np.asarray(np.concatenate([trains, apart])[self.places])


def order_of(dataset: Dataset) -> Order:
    """The order of a data set."""
    apart = dataset.held_out
    held_out = np.zeros(len(dataset.images) + (len(apart.images) if apart else 0), bool)
    if apart is not None:
        held_out[apart.rows] = True
    # The inverse of the order that puts those that train first.
    return Order(held_out, np.argsort(np.argsort(held_out, kind="stable"), kind="stable"))


@dataclass(frozen=True, slots=True, eq=False)
class AllImages:
    """`images[rows]` reads (m, 784) float32 of a slice or of an array of m numbers."""

    trains: Images
    apart: Images
    order: Order

    def __len__(self) -> int:
        return len(self.order.places)

    def __getitem__(self, rows: slice | IntArray) -> FloatArray:
        places, held_out = self.order.places[rows], self.order.held_out[rows]
        pixels = np.empty((len(places), PIXELS), np.float32)
        pixels[~held_out] = self.trains[places[~held_out]]
        pixels[held_out] = self.apart[places[held_out] - len(self.trains)]
        return pixels


def all_images(dataset: Dataset) -> Images:
    """All images of a data set."""
    if dataset.held_out is None:
        return dataset.images
    return AllImages(dataset.images, dataset.held_out.images, order_of(dataset))
