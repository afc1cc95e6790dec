"""A run on disk as one frozen value, for Python programs and for what writes files."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from tui_ae.arrays import DoubleArray, FloatArray, IntArray
from tui_ae.config import Settings
from tui_ae.data.arrays import RawArray
from tui_ae.data.dataset import Dataset
from tui_ae.data.load import load
from tui_ae.errors import UserError
from tui_ae.export.all_images import all_images, order_of
from tui_ae.model.baselines import Images
from tui_ae.model.frozen import Network
from tui_ae.model.objective import OBJECTIVES
from tui_ae.model.spec import ModelSpec
from tui_ae.run.checkpoint import Array, ungroup
from tui_ae.run.data_of import data_of, kept_data
from tui_ae.run.folder import RunFolder
from tui_ae.run.kept_runs import find
from tui_ae.run.losses import EpochLosses
from tui_ae.run.moment import pack
from tui_ae.run.snapshot import Snapshot

if TYPE_CHECKING:
    from torch import nn

CHUNK = 1024
"""Images worked on at a time: some megabytes."""
NOT_ASKED_FOR = "the images were not asked for"


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """What each epoch ended with, none left out."""

    epochs: IntArray
    """(e,) int64: 1, 2, …, e."""
    losses: DoubleArray
    """(e,) float64: mean over the mini-batches of the epoch; NaN where it was no number."""
    held_out_losses: DoubleArray
    """(e,) float64: of the images that never train, at its end; NaN where nobody looked."""


@dataclass(frozen=True, slots=True, eq=False)
class TrainedRun:
    """A run at the moment that was saved last; all arrays are read-only.

    n images in the order of their source with k numbers in a code, c classes, e epochs. Where the
    images are gone and the run keeps no labels either, the codes of those that train come first.
    """

    id: str
    path: Path
    """The run's folder."""
    settings: Settings
    """What decided its losses."""
    epoch: int
    """Finished epochs."""
    history: History
    codes: FloatArray
    """(n, k) float32. Where the images are there, what the encoder makes of them; else as they were
    saved, of which some may be an epoch older than the encoder."""
    held_out: RawArray
    """(n,) bool: whether an image never trained."""
    encoder: Network
    """(m, 784) in [0, 1] to (m, k) float32, for any m."""
    decoder: Network
    """(m, k) to (m, 784) float32."""
    weights: Mapping[str, Array]
    """`encoder.0.weight` (units out, units in), `encoder.0.bias` (units out,), …, `decoder.…`."""
    images: Images | None = None
    """`images[rows]` gives (m, 784) float32 for a slice or an array of m numbers; None where the
    images can't be had."""
    classes: IntArray | None = None
    """(n,) int64: the number of each image's class; None where nobody knows."""
    class_labels: RawArray | None = None
    """(c,) the label of each class as the data have it, whole numbers or strings."""
    class_names: tuple[str, ...] = ()
    """c names."""
    files: tuple[str, ...] = ()
    """The file of each image of a folder of pictures, seen from there; else empty."""
    notice: str = ""
    """Why there are no images, as a sentence without its full stop; '' where there are."""

    @property
    def spec(self) -> ModelSpec:
        """The network."""
        return self.settings.spec

    @property
    def labels(self) -> RawArray | None:
        """(n,) the label of each image as the data have it; None where nobody knows."""
        if self.classes is None or self.class_labels is None:
            return None
        labels: RawArray = self.class_labels[self.classes]
        return labels

    def sample_losses(self) -> DoubleArray:
        """The loss of each image by the run's objective: (n,) float64.

        Raises:
            UserError: there are no images.
        """
        rows = OBJECTIVES[self.spec.objective].rows
        losses = np.empty(len(self.codes))
        for part in chunks(len(losses)):
            losses[part] = rows(self.pictures[part], self.decoder(self.codes[part]))
        return losses

    @property
    def pictures(self) -> Images:
        """The images.

        Raises:
            UserError: there are none.
        """
        if self.images is None:
            raise UserError(f"{self.notice}.")
        return self.images

    def torch(self) -> tuple[nn.Sequential, nn.Sequential]:
        """Encoder and decoder as PyTorch modules of their own: (m, 784) to (m, k) and back."""
        from tui_ae.export.modules import sequential

        encoder = sequential(ungroup("encoder", self.weights), sigmoid=False)
        decoder = sequential(ungroup("decoder", self.weights), sigmoid=self.spec.sigmoid_output)
        return encoder, decoder


def open_run(run: str | os.PathLike[str] | None = None, *, images: bool = True) -> TrainedRun:
    """Open a run that was kept.

    Args:
        run: Its folder, or the beginning of its id; None means the one that was saved last.
        images: Whether to read the images that it was trained on, and their labels. Where they are
            gone or others by now, `notice` says so.

    Raises:
        UserError: there is no such run, or it is damaged.
    """
    return open_folder(find(None if run is None else os.fspath(run)), images=images)


def open_folder(folder: RunFolder, *, images: bool = True) -> TrainedRun:
    """The same of a folder.

    Raises:
        UserError: it holds no run, or a damaged one.
    """
    info = folder.info()
    snapshot = folder.snapshot(info)
    lines = folder.losses()[: snapshot.epoch]
    weights = {name: array for name, array in pack(snapshot)[0].items() if "." in name}
    saved = np.concatenate([snapshot.codes, snapshot.held_out_codes])
    codes, held_out = saved, np.arange(len(saved)) >= len(snapshot.codes)
    dataset, notice = None, NOT_ASKED_FOR
    try:
        if images:
            dataset = data_of(folder, snapshot, lambda: load(info.settings))
        else:
            dataset = kept_data(folder, snapshot, notice)
        notice = dataset.missing
        codes, held_out = _codes(dataset, snapshot), order_of(dataset).held_out
    except UserError as error:
        notice = str(error).rstrip(".") if images else notice
    return TrainedRun(
        id=info.id,
        path=folder.path,
        settings=info.settings,
        epoch=snapshot.epoch,
        history=_history(lines),
        codes=_kept(codes),
        held_out=_kept(held_out),
        encoder=snapshot.encoder,
        decoder=snapshot.decoder,
        weights=MappingProxyType(weights),
        notice=notice,
        **(_of_data(dataset) if dataset is not None else {}),
    )


def _history(lines: Sequence[EpochLosses]) -> History:
    apart = (line.held_out_loss for line in lines)
    return History(
        epochs=_kept(np.array([line.epoch for line in lines], np.int64)),
        losses=_kept(np.array([line.loss for line in lines], np.float64)),
        held_out_losses=_kept(
            np.array([math.nan if loss is None else loss for loss in apart], np.float64)
        ),
    )


def _of_data(dataset: Dataset) -> dict[str, Any]:
    """What the data tell of themselves, as fields of a TrainedRun."""
    apart = dataset.held_out
    found: dict[str, Any] = {} if dataset.missing else {"images": all_images(dataset)}
    order = order_of(dataset)
    if dataset.labelled:
        none = np.empty(0, np.int64)
        classes = order.joined(dataset.labels, apart.labels if apart else none)
        found["classes"] = _kept(classes)
        found["class_labels"] = _kept(dataset.labels_of_classes)
        found["class_names"] = dataset.class_names
    if dataset.files:
        files = (*dataset.files, *(apart.files if apart else ()))
        found["files"] = tuple(files[place] for place in order.places.tolist())
    return found


def chunks(count: int) -> Iterator[slice]:
    """Slices of up to CHUNK that cover `count` rows."""
    for start in range(0, count, CHUNK):
        yield slice(start, min(start + CHUNK, count))


def _codes(dataset: Dataset, snapshot: Snapshot) -> FloatArray:
    """The codes of all images by the encoder of this moment; without images those of the moment."""
    saved = order_of(dataset).joined(snapshot.codes, snapshot.held_out_codes)
    if dataset.missing:
        return saved
    images, codes = all_images(dataset), np.empty_like(saved)
    for part in chunks(len(saved)):
        codes[part] = snapshot.encoder(images[part])
    return codes


def _kept(array: RawArray) -> RawArray:
    array.setflags(write=False)
    return array
