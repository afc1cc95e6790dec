"""The layouts by t-SNE and UMAP that a person looks at: at most one is being computed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from tui_ae.arrays import FloatArray
from tui_ae.data.arrays import PIXELS
from tui_ae.projection.messages import COMPILING, WARM_WORDS
from tui_ae.projection.projection import TITLES, Layout, LayoutProcess, Method, Projection
from tui_ae.ui.choice import PlaneName

if TYPE_CHECKING:
    from tui_ae.data.dataset import Dataset
    from tui_ae.run.snapshot import Snapshot

METHODS: dict[PlaneName, tuple[Method, bool]] = {
    PlaneName.TSNE: ("tsne", False),
    PlaneName.UMAP: ("umap", False),
    PlaneName.TSNE_PIXELS: ("tsne", True),
    PlaneName.UMAP_PIXELS: ("umap", True),
}
"""By which method each plane is made, and whether of the pixels."""
GONE = "The images of this run are gone, so that nothing can be made of their pixels."
MAX_PIXELS_BYTES = 2**29
"""Pixels that may be handed over as floats; of more images a part is laid out."""
Start = Callable[
    [Callable[[], FloatArray], Method, int, FloatArray | None, LayoutProcess], Projection
]


class Layouts:
    """Starts, follows and ends projections as planes are chosen and moments come."""

    def __init__(self, start: Start = Projection) -> None:
        self._begin = start
        self._running: Projection | None = None
        self._process = LayoutProcess()
        """Kept from one layout to the next, for what compiles does so once."""
        self._name: PlaneName | None = None
        """The plane that is looked at; None where it is no layout."""
        self._epoch: tuple[str, int] = ("", -1)
        """Run and epoch of the codes that are laid out."""
        self._newest: dict[PlaneName, Layout] = {}
        self._runs: dict[PlaneName, str] = {}
        self.error = ""
        """Why there is no layout, in a sentence, until another plane is chosen."""

    @property
    def goes_on(self) -> bool:
        """Whether a layout is being made."""
        return self._running is not None

    @property
    def running(self) -> Projection | None:
        """The work at hand."""
        return self._running

    @property
    def finished(self) -> dict[str, FloatArray]:
        """All layouts that are complete, by what they are of."""
        return {name.value: made.codes for name, made in self._newest.items() if made.done}

    def layout(self, name: PlaneName) -> Layout | None:
        """The newest layout of a plane; None before there is one."""
        return self._newest.get(name)

    def follow(self, name: PlaneName | None, snapshot: Snapshot, dataset: Dataset) -> bool:
        """See that the layout of a plane is made, and made anew of later codes; whether one came.

        Args:
            name: The plane that is looked at; None, or one that is no layout, ends all work.
            snapshot: What is shown.
            dataset: The images.
        """
        wanted = name if name in METHODS else None
        if wanted is not self._name:
            if wanted is None or self.goes_on:
                self.stop()
            self._name, self.error = wanted, ""
        if wanted is None:
            return False
        if dataset.missing and METHODS[wanted][1]:
            news, self.error = not self.error, GONE
            return news
        came = False
        if self._running is not None:
            layout = self._running.poll()
            if layout is not None:
                self._newest[wanted], came = layout, True
            if self._running.error:
                self.error = self._running.error
            if self.error or (layout is not None and layout.done):
                self._running = None
        if self._running is None and not self.error and self._is_stale(wanted, snapshot):
            self._start(wanted, snapshot, dataset)
        return came or bool(self.error)

    def stop(self) -> None:
        """End the work at hand, and its process with all that it holds."""
        if self._running is not None:
            self._running.cancel()
            self._running = None
        else:
            self._process.end()
            if self._process.id is not None:
                # Much memory takes its time to be given back.
                threading.Thread(target=self._process.close, daemon=True).start()
        self._name = None

    def _is_stale(self, name: PlaneName, snapshot: Snapshot) -> bool:
        if name not in self._newest:
            return True
        of_pixels = METHODS[name][1]
        if of_pixels:
            return not self._newest[name].done
        now = (snapshot.info.id, snapshot.epoch)
        return now != self._epoch or not self._newest[name].done

    def _start(self, name: PlaneName, snapshot: Snapshot, dataset: Dataset) -> None:
        method, of_pixels = METHODS[name]
        before = self._newest.get(name)
        same = self._runs.get(name) == snapshot.info.id or of_pixels
        start = before.codes if before is not None and before.done and same else None
        vectors = partial(_pixels, dataset) if of_pixels else partial(_codes, snapshot.codes)
        if not of_pixels:
            self._epoch = (snapshot.info.id, snapshot.epoch)
        self._runs[name] = snapshot.info.id
        if self._process.is_over:
            self._process = LayoutProcess()
        seed = snapshot.info.settings.seed
        self._running = self._begin(vectors, method, seed, start, self._process)
        self._running.start()


def title(name: PlaneName, layout: Layout | None) -> str:
    """What stands over the map."""
    if layout is None:
        return f"{name.value} · starting"
    if layout.done:
        return name.value
    words = layout.words.partition(",")[0] if layout.share == 0 else f"{layout.share:.0%}"
    return f"{name.value} · {words}"


def beginning(name: PlaneName, layout: Layout | None) -> str:
    """One sentence on a picture that does not move yet; '' for one that does."""
    if layout is None or layout.share > 0 or layout.done:
        return ""
    begins = "The last picture" if layout.words.startswith(WARM_WORDS) else "A start by PCA"
    waits = f"; {TITLES[METHODS[name][0]]} is compiling" if COMPILING in layout.words else ""
    return f"{begins}{waits}. It moves as it forms."


def _codes(codes: FloatArray) -> FloatArray:
    return codes


def _pixels(dataset: Dataset) -> FloatArray:
    """(n, 784) the pixels; NaN for images beyond those that may be handed over."""
    images = dataset.images
    most = MAX_PIXELS_BYTES // (4 * PIXELS)
    if len(images) <= most:
        return images[:]
    pixels = np.full((len(images), PIXELS), np.nan, np.float32)
    pixels[:most] = images[:most]
    return pixels
