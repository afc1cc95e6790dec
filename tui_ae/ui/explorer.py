"""What a person is looking at: sample, probe, view and classes, without a screen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tui_ae.arrays import FloatArray
from tui_ae.data.arrays import SIDE
from tui_ae.data.dataset import Dataset
from tui_ae.model.objective import bce
from tui_ae.raster.scatter import ScatterStyle
from tui_ae.raster.viewport import Viewport, fit, reach, settle, tighten, zoom
from tui_ae.run.snapshot import Snapshot, State

SAMPLE_INTERVAL_S = 2.0
"""How long a monitored sample stays while training: the pace of the original's epochs. One a
frame, as its faster epochs here would give, can't be read."""
CALM_S = 4.0
"""For so long the codes have to stay small before the view draws closer: few moves, not many."""
ZOOM_STEP = 1.5
STYLES = tuple(ScatterStyle)


@dataclass(frozen=True, slots=True)
class Monitored:
    """One sample as one snapshot sees it."""

    index: int
    label: int
    image: FloatArray
    """(28, 28) in [0, 1]."""
    reconstruction: FloatArray
    """(28, 28) in (0, 1)."""
    code: FloatArray
    """(2,)."""
    bce: float
    """Nats a pixel, the mean over its 784 pixels."""


class Explorer:
    """Chooses what the panes show of the latest snapshot.

    Its random choices come from a generator of their own, so that no key changes the losses.
    """

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self.dataset: Dataset | None = None
        self.snapshot: Snapshot | None = None
        self.viewport = Viewport(-1.0, 1.0, -1.0, 1.0)
        self.follows = True
        """Whether the view box follows the codes; false once the person has zoomed."""
        self.probe = np.zeros(2)
        self.style = STYLES[0]
        self.pinned = False
        """Whether the person chose the sample: then training does not change it."""
        self._reach: Viewport | None = None
        self._reach_since = 0.0
        """What the codes have reached since then, for the view to settle on."""
        self._sample = -1
        self._sample_since = 0.0
        self._sample_epoch = 0
        self._monitored: Monitored | None = None
        self._decoded: FloatArray | None = None

    @property
    def sample(self) -> int:
        """The index of the monitored sample, -1 before there is one."""
        return self._sample

    @property
    def active(self) -> frozenset[int]:
        """The classes that are trained on and shown."""
        return self.snapshot.active_classes if self.snapshot else frozenset()

    def accept(
        self, snapshot: Snapshot, dataset: Dataset, now_s: float, *, brings_sample: bool = True
    ) -> None:
        """Show `snapshot` from now on.

        Args:
            snapshot: The latest of a run.
            dataset: What the run trains on.
            now_s: A monotonic time.
            brings_sample: Whether the sample may be another one than before.
        """
        first = self.snapshot is None or snapshot.info.id != self.snapshot.info.id
        self.snapshot, self.dataset = snapshot, dataset
        self._monitored = self._decoded = None
        if first:
            self._reach, self._reach_since = None, now_s
            self.refit()
            box = self.viewport
            self.probe = np.array([(box.left + box.right) / 2, (box.bottom + box.top) / 2])
        elif self.follows:
            self._follow(self._active_codes(), snapshot.state is State.TRAINING, now_s)
        if self._sample < 0 or (brings_sample and self._is_stale(snapshot, now_s)):
            self._choose(self._active_samples(), now_s)

    def _follow(self, codes: FloatArray, training: bool, now_s: float) -> None:
        """Move the view where the codes leave it, or have stayed well inside it for a while."""
        box = settle(self.viewport, codes)
        calm = not training or now_s - self._reach_since >= CALM_S
        if box is self.viewport:
            # Where training rests, what the codes once reached is no matter any more.
            self._reach = reach(codes, self._reach if training else None)
            if calm and self._reach is not None:
                box = tighten(box, self._reach)
        if calm or box is not self.viewport:
            self._reach, self._reach_since = None, now_s
        self._move_view(box)

    def _move_view(self, box: Viewport) -> None:
        """Show another box; a probe that it leaves behind keeps its place on the screen."""
        old, self.viewport = self.viewport, box
        inside = box.left < self.probe[0] < box.right and box.bottom < self.probe[1] < box.top
        if not inside:
            across = np.clip((self.probe[0] - old.left) / (old.right - old.left), 0.02, 0.98)
            up = np.clip((self.probe[1] - old.bottom) / (old.top - old.bottom), 0.02, 0.98)
            z1 = box.left + across * (box.right - box.left)
            z2 = box.bottom + up * (box.top - box.bottom)
            self.set_probe(np.array([z1, z2]))

    def _is_stale(self, snapshot: Snapshot, now_s: float) -> bool:
        """Whether training is to bring the next random sample."""
        if self.dataset and int(self.dataset.labels[self._sample]) not in snapshot.active_classes:
            return True
        return (
            snapshot.state is State.TRAINING
            and not self.pinned
            and snapshot.epoch != self._sample_epoch
            and now_s - self._sample_since >= SAMPLE_INTERVAL_S
        )

    def _active_mask(self) -> npt.NDArray[np.bool_]:
        assert self.dataset is not None
        mask = np.zeros(len(self.dataset.class_names), bool)
        mask[list(self.active)] = True
        return mask

    def _active_samples(self) -> npt.NDArray[np.intp]:
        assert self.dataset is not None
        return np.flatnonzero(self._active_mask()[self.dataset.labels])

    def _active_codes(self) -> FloatArray:
        assert self.dataset is not None and self.snapshot is not None
        if len(self.active) == len(self.dataset.class_names):
            return self.snapshot.codes
        return self.snapshot.codes[self._active_samples()]

    def _choose(self, candidates: npt.NDArray[np.intp], now_s: float) -> None:
        if len(candidates):
            self.show_sample(int(self._rng.choice(candidates)), now_s)

    def show_sample(self, index: int, now_s: float) -> None:
        """Monitor the sample `index` of the data set."""
        self._sample, self._monitored = index, None
        self._sample_since = now_s
        self._sample_epoch = self.snapshot.epoch if self.snapshot else 0

    def choose_random(self, now_s: float) -> None:
        """A random sample of the active classes; training brings new ones again."""
        if self.snapshot is not None:
            self.pinned = False
            self._choose(self._active_samples(), now_s)

    def choose_class(self, label: int, now_s: float) -> bool:
        """A random sample of one class, kept until another is chosen; False if there is none."""
        if self.dataset is None or not 0 <= label < len(self.dataset.class_names):
            return False
        candidates = np.flatnonzero(self.dataset.labels == label)
        if not len(candidates) or label not in self.active:
            return False
        self.pinned = True
        self._choose(candidates, now_s)
        return True

    def choose_nearest(self, now_s: float) -> None:
        """The sample of the active classes whose code lies nearest to the probe."""
        if self.snapshot is None:
            return
        candidates = self._active_samples()
        distances = ((self.snapshot.codes[candidates] - self.probe) ** 2).sum(axis=1)
        finite = np.isfinite(distances)
        if finite.any():
            self.pinned = True
            self.show_sample(int(candidates[finite][distances[finite].argmin()]), now_s)

    def monitored(self) -> Monitored | None:
        """The chosen sample through the network of the latest snapshot."""
        if self.snapshot is None or self.dataset is None or self._sample < 0:
            return None
        if self._monitored is None:
            flat = self.dataset.images[self._sample]
            code = self.snapshot.encoder(flat[None])
            output = self.snapshot.decoder(code)
            self._monitored = Monitored(
                self._sample,
                int(self.dataset.labels[self._sample]),
                flat.reshape(SIDE, SIDE),
                output.reshape(SIDE, SIDE),
                code[0],
                float(bce(flat[None], output)[0]),
            )
        return self._monitored

    def decoded(self) -> FloatArray | None:
        """(28, 28) what the decoder makes of the probe's point."""
        if self.snapshot is None:
            return None
        if self._decoded is None:
            self._decoded = self.snapshot.decoder(self.probe[None]).reshape(SIDE, SIDE)
        return self._decoded

    def set_probe(self, point: npt.NDArray[np.float64]) -> None:
        """Put the probe at (z1, z2)."""
        self.probe, self._decoded = np.asarray(point, float), None

    def move_probe(self, columns: int, rows: int, step: tuple[float, float]) -> None:
        """Move the probe by whole cells of `step` (z1, z2) each, staying inside the view."""
        box = self.viewport
        half_x, half_y = step[0] / 2, step[1] / 2
        moved = self.probe + np.array([columns * step[0], rows * step[1]])
        low = np.array([box.left + half_x, box.bottom + half_y])
        high = np.array([box.right - half_x, box.top - half_y])
        self.set_probe(np.clip(moved, np.minimum(low, high), np.maximum(low, high)))

    def zoom(self, steps: int) -> None:
        """Zoom in (positive) or out at the probe; the view then stays until `refit`."""
        self.follows = False
        self.viewport = zoom(self.viewport, ZOOM_STEP**-steps, (self.probe[0], self.probe[1]))

    def refit(self) -> None:
        """Fit the view to the active classes' codes and follow them again."""
        self.follows = True
        if self.snapshot is not None:
            self._move_view(fit(self._active_codes()))

    def next_style(self, *, dots: bool = True) -> None:
        """Draw the scatter in the next style; `dots` False where characters stand for dots."""
        styles = [style for style in STYLES if dots or style is not ScatterStyle.BRAILLE]
        at = styles.index(self.style) if self.style in styles else 0
        self.style = styles[(at + 1) % len(styles)]
