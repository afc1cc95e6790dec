"""The numbers by which a network is compared with PCA, computed beside the screen."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tui_ae.arrays import FloatArray
from tui_ae.model import quality
from tui_ae.model.baselines import Survey
from tui_ae.model.frozen import FrozenNetwork
from tui_ae.model.objective import OBJECTIVES
from tui_ae.model.pca import decoder_axes, principal_angles
from tui_ae.model.spec import ObjectiveName
from tui_ae.ui.view import View


@dataclass(frozen=True, slots=True)
class Column:
    """What one way to codes is worth; None where it has no such number."""

    name: str
    losses: dict[ObjectiveName, float] | None
    accuracy: float | None
    """Of 5-NN, 0 to 1; None without labels."""
    trustworthiness: float
    continuity: float


@dataclass(frozen=True, slots=True)
class Measures:
    """All numbers of a moment."""

    run_id: str
    epoch: int
    samples: int
    """How many were compared with each other."""
    columns: tuple[Column, ...]
    """The network's, then that of as many principal components, then that of a layout."""
    active: int
    """Numbers of a code that vary."""
    width: int
    """All numbers of a code."""
    ranges: tuple[tuple[float, float], ...]
    """Least and greatest of the first numbers of a code."""
    idle: tuple[quality.Idle, quality.Idle]
    """In encoder and decoder."""
    angles: tuple[float, ...]
    """Between what a linear decoder can give and the principal subspace, in degrees, the largest
    first; () for other networks."""


MOST_RANGES = 3
"""As many as fit beside their name in 80 columns."""


def measure(
    view: View, survey: Survey | None, layouts: Mapping[str, FloatArray] | None = None
) -> Measures:
    """Measure what is shown, on up to quality.MOST samples of the active classes.

    Args:
        view: What is looked at.
        survey: Of the data set; None before it is computed.
        layouts: (n, 2) each, by t-SNE or UMAP, by their names.
    """
    snapshot = view.snapshot
    candidates = view.active_samples
    rows = candidates[quality.chosen(len(candidates))] if len(candidates) else candidates
    rows = rows[np.isfinite(snapshot.codes[rows]).all(axis=1)]
    images = view.dataset.images[rows.astype(np.int64)]
    labels = view.dataset.labels[rows] if view.dataset.labelled else None
    codes = snapshot.codes[rows]
    columns = [_column("network", images, snapshot.decoder(codes), codes, labels)]
    width = codes.shape[1]
    if survey is not None:
        pca = survey.pca.first(min(width, len(survey.pca.axes)))
        scores = pca.encode(images)
        name = f"PCA, {scores.shape[1]} comp."
        columns.append(_column(name, images, pca.decode(scores), scores, labels))
    for name, layout in (layouts or {}).items():
        placed = layout[rows]
        there = np.isfinite(placed).all(axis=1)
        own = labels[there] if labels is not None else None
        columns.append(_column(name, images[there], None, placed[there], own))
    return Measures(
        run_id=snapshot.info.id,
        epoch=snapshot.epoch,
        samples=len(rows),
        columns=tuple(columns),
        active=quality.active_dimensions(snapshot.codes),
        width=width,
        ranges=_ranges(snapshot.codes),
        idle=(_idle(snapshot.encoder, images), _idle(snapshot.decoder, codes)),
        angles=_angles(view, survey),
    )


def _column(
    name: str,
    images: FloatArray,
    outputs: FloatArray | None,
    codes: FloatArray,
    labels: np.ndarray[tuple[int, ...], np.dtype[np.int64]] | None,
) -> Column:
    losses: dict[ObjectiveName, float] | None = None
    if outputs is not None and len(images):
        losses = {
            key: float(objective.rows(images, outputs).mean())
            for key, objective in OBJECTIVES.items()
        }
    return Column(
        name,
        losses,
        None if labels is None else quality.knn_accuracy(codes, labels),
        quality.trustworthiness(images, codes),
        quality.continuity(images, codes),
    )


def _ranges(codes: FloatArray) -> tuple[tuple[float, float], ...]:
    finite = codes[np.isfinite(codes).all(axis=1)]
    if not len(finite):
        return ()
    low, high = finite.min(axis=0), finite.max(axis=0)
    return tuple(zip(low[:MOST_RANGES].tolist(), high[:MOST_RANGES].tolist(), strict=True))


def _idle(half: object, inputs: FloatArray) -> quality.Idle:
    return quality.dead_units(half, inputs) if isinstance(half, FrozenNetwork) else _NONE


_NONE = quality.Idle(0, 0)


def _angles(view: View, survey: Survey | None) -> tuple[float, ...]:
    decoder = view.snapshot.decoder
    linear = view.snapshot.info.spec.kind == "linear" and isinstance(decoder, FrozenNetwork)
    if not linear or survey is None or not isinstance(decoder, FrozenNetwork):
        return ()
    pca = survey.pca.first(view.snapshot.info.spec.latent_dim)
    return tuple(principal_angles(decoder_axes(decoder), pca.axes).tolist())


class Measuring:
    """Measures in a thread of its own, one moment at a time."""

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None
        self.newest: Measures | None = None
        """What was found last."""
        self.failure = ""

    def follow(
        self, view: View, survey: Survey | None, layouts: Mapping[str, FloatArray] | None = None
    ) -> bool:
        """Measure a moment; False where another one is being measured still."""
        if self._thread is not None and self._thread.is_alive():
            return False
        self._thread = threading.Thread(
            target=self._work, args=(view, survey, layouts), name="tui-ae-measuring", daemon=True
        )
        self._thread.start()
        return True

    def _work(
        self, view: View, survey: Survey | None, layouts: Mapping[str, FloatArray] | None
    ) -> None:
        try:
            self.newest = measure(view, survey, layouts)
        except Exception as error:  # noqa: BLE001 - becomes a sentence on the page
            self.failure = str(error) or type(error).__name__
