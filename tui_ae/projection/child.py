"""The process that lays vectors out in the plane, and tells how far it is.

It is started as a module. Vectors come through standard input, layouts leave through standard
output, one set of vectors after the other: a library that compiles does so once. When standard
input ends, so does the process, in the middle of a layout too: nobody is left to look.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
import traceback
import warnings
from collections.abc import Callable
from queue import SimpleQueue
from typing import IO, Any

import numpy as np

from tui_ae.arrays import FloatArray, IntArray
from tui_ae.projection.messages import COMPILING, START_WORDS, WARM_WORDS, receive, send

NICE = 10
"""Training comes first."""
FIRST = 5000
"""Samples that are laid out; of more, the others are placed among these afterwards."""
NEIGHBOURS = 5
"""Samples among which one of the others is placed."""
PLACED_FROM = 0.9
"""The share of the work that is done when these are laid out, where others are to be placed."""
FEWEST = 7
"""Fewer have too few neighbours for either method: they lie as PCA has them."""
CHUNK = 1024
WIDE = 50
"""Numbers that wider vectors are brought down to, by their principal components, as is usual."""
EVERY_S = 0.3
"""The time between two pictures, at least."""
EXAGGERATED, PLAIN, WARM = 150, 500, 250
"""Iterations of t-SNE: those that draw clusters apart, the others, and those of a layout that
begins from an older one."""
EVERY_ITERATIONS = 10
SLICES, SLICE_EPOCHS = 12, 20
"""UMAP tells nothing while it works, so it is asked for a few epochs at a time."""
SPREAD = 1e-4
"""The spread of t-SNE's first picture, as its authors have it."""

Show = Callable[[FloatArray, float, str], None]
Method = Callable[..., FloatArray]
"""From vectors, a first picture (n, 2), a seed, `Show` and `warm` to a layout (n, 2)."""


def main() -> int:
    """Lay out what comes in; returns the exit code."""
    inbox, outbox = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    # Whatever a library prints goes with its errors.
    os.dup2(2, 1)
    with contextlib.suppress(OSError):
        os.nice(NICE)
    warnings.simplefilter("ignore")
    messages: SimpleQueue[tuple[dict[str, object], list[FloatArray]]] = SimpleQueue()
    threading.Thread(target=_take, args=(inbox, messages), daemon=True).start()
    while True:
        about, (vectors, start) = messages.get()
        if code := _answer(about, vectors, start, outbox):
            return code


def _answer(
    about: dict[str, object], vectors: FloatArray, start: FloatArray, outbox: IO[bytes]
) -> int:
    """Lay out what came in, or say why not; returns the exit code, 0 to go on."""
    try:
        method, seed = METHODS[str(about["method"])], int(str(about["seed"]))
        lay_out(vectors, start, method, seed, outbox)
    except ImportError as error:
        send(outbox, {"missing": error.name or str(error)})
        return 1
    except BrokenPipeError:
        return 1
    except Exception as error:  # noqa: BLE001 - told to whoever asked
        traceback.print_exc()
        send(outbox, {"error": f"{type(error).__name__}: {error}"[:300]})
        return 1
    return 0


def _take(
    inbox: IO[bytes], messages: SimpleQueue[tuple[dict[str, object], list[FloatArray]]]
) -> None:
    """Pass messages on; end this process when the other one lets go of it, or is gone."""
    with contextlib.suppress(ValueError, OSError):
        while (message := receive(inbox)) is not None:
            messages.put(message)
    os._exit(1)


def lay_out(
    vectors: FloatArray, start: FloatArray, method: Method, seed: int, outbox: IO[bytes]
) -> None:
    """Lay out all finite vectors (n, width), and send pictures of all n on the way.

    Args:
        vectors: (n, width).
        start: (n, 2) an older layout; empty for none.
        method: One of METHODS.
        seed: One seed gives one layout.
        outbox: Takes the pictures.
    """
    rng = np.random.default_rng(seed)
    usable = np.flatnonzero(np.isfinite(vectors).all(axis=1))
    first = usable
    if len(usable) > FIRST:
        first = np.sort(rng.choice(usable, FIRST, replace=False))
    rest = np.setdiff1d(usable, first)
    reduced = _narrowed(vectors, usable)
    layout = np.full((len(vectors), 2), np.nan, np.float32)
    scale = PLACED_FROM if len(rest) else 1.0

    def show(points: FloatArray, share: float, words: str) -> None:
        layout[first] = points
        send(outbox, {"share": scale * share, "words": words, "done": False}, layout)

    older = start[first] if len(start) else start
    # Vectors that were all equal, and are no longer, must not stay in one point.
    warm = bool(len(older)) and bool(np.isfinite(older).all()) and bool((older != older[0]).any())
    points = np.asarray(older, np.float32) if warm else _components(reduced[first])
    show(points, 0.0, WARM_WORDS if warm else START_WORDS)
    if len(first) >= FEWEST and (reduced[first] != reduced[first[0]]).any():
        points = _with_extent(points, rng)
        points = method(reduced[first], points, seed, _paced(show), warm=warm)
    layout[first] = points
    paced = _paced(show)

    def placed(share: float) -> None:
        paced(points, 1 + (1 / scale - 1) * share, "placing the others")

    if len(rest):
        _place_rest(layout, reduced, first, rest, placed)
    send(outbox, {"share": 1.0, "words": "", "done": True}, layout)


def _paced(show: Callable[..., None]) -> Show:
    """The same, not more often than anybody can look."""
    last = [0.0]

    def paced(points: FloatArray, share: float, words: str) -> None:
        if time.monotonic() - last[0] >= EVERY_S and np.isfinite(points).all():
            last[0] = time.monotonic()
            show(points, share, words)

    return paced


def _narrowed(vectors: FloatArray, usable: IntArray) -> FloatArray:
    """The vectors, or where they are wide their first principal components, (n, WIDE at most).

    They lie around their mean, the number farthest from it at a distance of 1, so that squares stay
    finite and exact; a layout depends on neither. NaN for those that are not usable.
    """
    count, width = vectors.shape
    narrow = np.full((count, min(width, WIDE)), np.nan, np.float32)
    if not len(usable):
        return narrow
    # In pieces: the vectors of 70,000 images are 220 MB already.
    pieces = [usable[at : at + CHUNK] for at in range(0, len(usable), CHUNK)]
    mean = np.zeros(width)
    for rows in pieces:
        mean += vectors[rows].sum(axis=0, dtype=np.float64) / len(usable)
    largest = max(float(np.abs(vectors[rows] - mean).max(initial=0)) for rows in pieces) or 1.0

    def centred(rows: IntArray) -> FloatArray:
        return np.asarray((vectors[rows] - mean) / largest, np.float32)

    if width <= WIDE:
        for rows in pieces:
            narrow[rows] = centred(rows)
        return narrow
    covariance = np.zeros((width, width))
    for rows in pieces:
        covariance += centred(rows).T @ centred(rows)
    axes = np.linalg.eigh(covariance)[1][:, ::-1][:, :WIDE].astype(np.float32)
    for rows in pieces:
        narrow[rows] = centred(rows) @ axes
    return narrow


def _components(vectors: FloatArray) -> FloatArray:
    """The first two principal components (n, 2)."""
    if not len(vectors):
        return np.zeros((0, 2), np.float32)
    centred = vectors - vectors.mean(axis=0)
    _, _, axes = np.linalg.svd(centred.T @ centred)
    points = centred @ axes[:2].T
    if points.shape[1] < 2:
        points = np.concatenate([points, np.zeros_like(points)], axis=1)
    return np.asarray(points, np.float32)


def _with_extent(points: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Points (n, 2) that are not all on a line along an axis: none would ever leave it."""
    extent = np.ptp(points, axis=0)
    flat = extent <= 1e-6 * extent.max()
    noise = rng.normal(scale=1e-3 * float(extent.max() or 1.0), size=points.shape)
    return np.asarray(points + noise * flat, np.float32)


def _tsne(
    vectors: FloatArray, points: FloatArray, seed: int, show: Show, *, warm: bool
) -> FloatArray:
    """t-SNE by openTSNE, which calls back while it works."""
    from openTSNE import TSNEEmbedding, affinity

    jobs = _threads()
    perplexity = min(30, max((len(vectors) - 1) // 3, 1))
    near = affinity.PerplexityBasedNN(
        # Searching among so few exactly is quicker than compiling a search that is not.
        vectors,
        perplexity=perplexity,
        n_jobs=jobs,
        random_state=seed,
        method="exact",
    )
    total = WARM if warm else EXAGGERATED + PLAIN
    done = [0]

    def look(_iteration: int, _error: float, embedding: Any) -> bool:
        done[0] += EVERY_ITERATIONS
        show(np.asarray(embedding, np.float32), min(done[0] / total, 1.0), "t-SNE")
        return False

    embedding = TSNEEmbedding(
        points.astype(np.float64) / (1 if warm else max(points[:, 0].std(), 1e-12) / SPREAD),
        near,
        negative_gradient_method="fft" if len(vectors) > 1000 else "bh",
        n_jobs=jobs,
        random_state=seed,
        callbacks=look,
        callbacks_every_iters=EVERY_ITERATIONS,
    )
    if not warm:
        # Few would be drawn into one point, which nothing leaves.
        exaggeration = min(12.0, max(len(vectors) / 16, 1.0))
        embedding.optimize(EXAGGERATED, exaggeration=exaggeration, momentum=0.5, inplace=True)
    embedding.optimize(WARM if warm else PLAIN, momentum=0.8, inplace=True)
    return np.asarray(embedding, np.float32)


def _umap(
    vectors: FloatArray, points: FloatArray, seed: int, show: Show, *, warm: bool
) -> FloatArray:
    """UMAP by umap-learn, a few epochs at a time, each beginning where the last one ended."""
    words = WARM_WORDS if warm else START_WORDS
    if "umap" not in sys.modules:
        show(points, 0.0, f"{words}, {COMPILING}")
    import umap

    neighbours = min(15, len(vectors))
    known = _nearest(vectors, neighbours)
    layout = np.asarray(points, np.float32)
    if not warm:
        layout = 10 * (layout - layout.min(axis=0)) / max(float(np.ptp(layout)), 1e-12)
    slices = SLICES // 2 if warm else SLICES
    for at in range(slices):
        reducer = umap.UMAP(
            n_neighbors=neighbours,
            n_epochs=SLICE_EPOCHS,
            init=np.asarray(layout, np.float32),
            learning_rate=1.0 - at / slices,
            random_state=seed + at,
            precomputed_knn=known,
            n_jobs=1,
        )
        layout = np.asarray(reducer.fit_transform(vectors), np.float32)
        show(layout, (at + 1) / slices, "UMAP")
    return layout


METHODS: dict[str, Method] = {"tsne": _tsne, "umap": _umap}


def _nearest(vectors: FloatArray, count: int) -> tuple[IntArray, FloatArray]:
    """Numbers and distances (n, count) of the nearest of all vectors, each itself first."""
    norms = (vectors**2).sum(axis=1)
    numbers = np.empty((len(vectors), count), np.int64)
    distances = np.empty((len(vectors), count), np.float32)
    for start in range(0, len(vectors), CHUNK):
        rows = np.arange(start, min(start + CHUNK, len(vectors)))
        square = norms[rows][:, None] + norms - 2 * vectors[rows] @ vectors.T
        square[np.arange(len(rows)), rows] = -1.0
        near = np.argpartition(square, count - 1, axis=1)[:, :count]
        order = np.argsort(np.take_along_axis(square, near, axis=1), axis=1, kind="stable")
        numbers[rows] = np.take_along_axis(near, order, axis=1)
        own = np.take_along_axis(square, numbers[rows], axis=1)
        distances[rows] = np.sqrt(np.maximum(own, 0))
    return numbers, distances


def _threads() -> int:
    return max((os.cpu_count() or 2) - 1, 1)


def _place_rest(
    layout: FloatArray,
    vectors: FloatArray,
    first: IntArray,
    rest: IntArray,
    told: Callable[[float], None],
) -> None:
    """Place each of `rest` where its nearest among `first` lie, in the mean, in place."""
    known, places = vectors[first], layout[first]
    norms = (known**2).sum(axis=1)
    for start in range(0, len(rest), CHUNK):
        rows = rest[start : start + CHUNK]
        square = norms - 2 * vectors[rows] @ known.T
        near = np.argpartition(square, NEIGHBOURS, axis=1)[:, :NEIGHBOURS]
        distance = np.take_along_axis(square, near, axis=1)
        distance = np.sqrt(np.maximum(distance + (vectors[rows] ** 2).sum(axis=1)[:, None], 0))
        weight = 1.0 / (distance + 1e-6 + distance.mean(axis=1, keepdims=True) * 1e-3)
        weight /= weight.sum(axis=1, keepdims=True)
        layout[rows] = (places[near] * weight[:, :, None]).sum(axis=1)
        told(min((start + CHUNK) / len(rest), 1.0))


if __name__ == "__main__":
    sys.exit(main())
