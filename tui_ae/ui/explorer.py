"""Keeps what the person chose while snapshots come, and gives the view that follows from both."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from tui_ae.arrays import FloatArray
from tui_ae.raster.viewport import Viewport, fit, reach, settle, tighten, zoom
from tui_ae.run.snapshot import State
from tui_ae.ui.choice import Choice, End, Inspector, Layer, PlaneName, Switch
from tui_ae.ui.planes import Planes

if TYPE_CHECKING:
    from tui_ae.data.dataset import Dataset
    from tui_ae.model.baselines import Survey
    from tui_ae.run.plane import Plane
    from tui_ae.run.snapshot import Snapshot
    from tui_ae.ui.nearby import Nearby
    from tui_ae.ui.view import Monitored, View

SAMPLE_INTERVAL_S = 2.0
"""How long a monitored sample stays while training: the pace of the original's epochs. One a
frame, as its faster epochs here would give, can't be read."""
CALM_S = 4.0
"""For so long the codes have to stay small before the view draws closer: few moves, not many."""
ZOOM_STEP = 1.5
LAYERS = tuple(Layer)


class Explorer:
    """Changes the choice as keys and snapshots ask for it; it draws nothing.

    Its random choices come from a generator of their own, so that no key changes the losses.
    """

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self.choice = Choice()
        self.dataset: Dataset | None = None
        self.live: Snapshot | None = None
        """The newest snapshot."""
        self.planes = Planes()
        self._nearby: Nearby | None = None
        self._past: Snapshot | None = None
        """The moment of the timeline that is looked at."""
        self._live_box = self.choice.viewport
        """That of the newest moment, while an earlier one is looked at."""
        self._own_probe = self._moved_probe = self.choice.probe
        """Where the person put the probe, and where the boxes of earlier moments moved it."""
        self._draws = 0
        """How often the prior was drawn from."""
        self._view: View | None = None
        self._reach: Viewport | None = None
        self._reach_since = 0.0
        """What the codes have reached since then, for the view box to settle on."""
        self._sample_since = 0.0
        self._sample_epoch = 0

    # What there is to see.

    @property
    def view(self) -> View | None:
        """What panes draw; None before the first snapshot."""
        snapshot = self.snapshot
        if snapshot is None or self.live is None or self.dataset is None:
            return None
        view = self._view
        if view is None or view.choice is not self.choice or view.snapshot is not snapshot:
            from tui_ae.ui.nearby import Nearby
            from tui_ae.ui.view import View

            plane = self.planes.plane(self.choice, snapshot, self.dataset)
            nearby = self._nearby = self._nearby or Nearby()
            view = self._view = View(snapshot, self.live, self.dataset, plane, self.choice, nearby)
        return view

    @property
    def snapshot(self) -> Snapshot | None:
        """The moment that is shown."""
        return self._past or self.live

    @property
    def plane(self) -> Plane | None:
        """The one that the map stands on."""
        return self.view.plane if self.view else None

    @property
    def sample(self) -> int:
        """The number of the monitored sample, -1 before there is one."""
        return self.choice.sample

    @property
    def active(self) -> frozenset[int]:
        """The classes that are trained on and shown."""
        return self.live.active_classes if self.live else frozenset()

    @property
    def viewport(self) -> Viewport:
        """The box of the plane that the map shows."""
        return self.choice.viewport

    @property
    def probe(self) -> npt.NDArray[np.float64]:
        """(2,) the probe's point."""
        return np.array(self.choice.probe)

    def monitored(self) -> Monitored | None:
        """The chosen sample as the view has it."""
        return self.view.monitored if self.view else None

    def decoded(self) -> FloatArray | None:
        """(28, 28) what the plane makes of the probe's point."""
        return self.view.decoded if self.view else None

    # What comes from the run.

    def accept(
        self, snapshot: Snapshot, dataset: Dataset, now_s: float, *, brings_sample: bool = True
    ) -> None:
        """Show `snapshot` from now on, unless an earlier moment is looked at.

        Args:
            snapshot: The latest of a run.
            dataset: What the run trains on.
            now_s: A monotonic time.
            brings_sample: Whether the sample may be another one than before.
        """
        before = self.live
        first = before is None or snapshot.info.id != before.info.id
        self.live, self.dataset = snapshot, dataset
        if first:
            self._past = None
            if self.planes.begin(snapshot):
                self.choice = replace(self.choice, plane=self.planes.names[0], ends=())
        if self._past is None or (before and before.active_classes != snapshot.active_classes):
            self._look_again(now_s, first=first)
        else:
            self._view = None
        if self.sample < 0 or (brings_sample and self._is_stale(snapshot, now_s)):
            self._choose(self._active_samples(), now_s)

    def take_survey(self, survey: Survey | None) -> None:
        """Take what was computed of the data set: its principal components."""
        if survey is not self.planes.survey:
            self.planes.survey, self._view = survey, None
            if self.choice.plane is PlaneName.PIXELS:
                self.refit()

    def take_layouts(self, now_s: float) -> bool:
        """See that the layout of the chosen plane forms; whether there is a newer one to draw."""
        snapshot, layouts = self.snapshot, self.planes.layouts
        if snapshot is None or self.dataset is None:
            return False
        if not layouts.follow(self.choice.plane, snapshot, self.dataset):
            return False
        if layouts.error:
            self.choice = replace(self.choice, plane=self.planes.names[0])
            self._new_plane(now_s)
        else:
            self._look_again(now_s, first=False)
            if self.choice.follows:
                # It turns and grows as it forms: the box goes with it.
                self._move_view(fit(self._active_codes()))
        return True

    def look_back(self, past: Snapshot | None, now_s: float) -> None:
        """Show an earlier moment of the run; None goes back to the newest."""
        if past is self._past:
            return
        if self._past is None:
            self._live_box = self.viewport
        if self._past is None or self.choice.probe != self._moved_probe:
            self._own_probe = self.choice.probe
        self._past = past
        if past is None and self.choice.follows:
            self.choice = replace(self.choice, viewport=self._live_box)
        self._look_again(now_s, first=False)
        box, (z1, z2) = self.viewport, self._own_probe
        if box.left < z1 < box.right and box.bottom < z2 < box.top:
            self.set_probe(np.array(self._own_probe))
        self._moved_probe = self.choice.probe

    @property
    def past(self) -> Snapshot | None:
        """The moment of the timeline that is looked at; None for the newest."""
        return self._past

    def _look_again(self, now_s: float, *, first: bool) -> None:
        """Let the view box follow the codes of another moment or plane."""
        self._view = None
        if first:
            self._reach, self._reach_since = None, now_s
            self.refit()
            box = self.viewport
            self.set_probe(np.array([(box.left + box.right) / 2, (box.bottom + box.top) / 2]))
        elif self.choice.follows:
            snapshot = self.snapshot
            training = snapshot is not None and snapshot.state is State.TRAINING
            self._follow(self._active_codes(), training, now_s)

    def _follow(self, codes: FloatArray, training: bool, now_s: float) -> None:
        """Move the box where the codes leave it, or have stayed well inside it for a while."""
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
        old, probe = self.viewport, self.probe
        if box is not old:
            self.choice = replace(self.choice, viewport=box)
        inside = box.left < probe[0] < box.right and box.bottom < probe[1] < box.top
        if not inside:
            across = np.clip((probe[0] - old.left) / (old.right - old.left), 0.02, 0.98)
            up = np.clip((probe[1] - old.bottom) / (old.top - old.bottom), 0.02, 0.98)
            z1 = box.left + across * (box.right - box.left)
            z2 = box.bottom + up * (box.top - box.bottom)
            self.set_probe(np.array([z1, z2]))

    def _is_stale(self, snapshot: Snapshot, now_s: float) -> bool:
        """Whether training is to bring the next random sample."""
        if self.choice.drawn is not None:
            return False
        if self.dataset and int(self.dataset.labels[self.sample]) not in snapshot.active_classes:
            return True
        return (
            snapshot.state is State.TRAINING
            and self._past is None
            and not self.choice.pinned
            and snapshot.epoch != self._sample_epoch
            and now_s - self._sample_since >= SAMPLE_INTERVAL_S
        )

    def _active_samples(self) -> npt.NDArray[np.intp]:
        return self.view.active_samples if self.view else np.zeros(0, np.intp)

    def _active_codes(self) -> FloatArray:
        view = self.view
        assert view is not None
        if view.active_mask.all():
            return view.plane.codes
        return view.plane.codes[view.active_samples]

    # The sample.

    def _choose(self, candidates: npt.NDArray[np.intp], now_s: float) -> None:
        if len(candidates):
            self.show_sample(int(self._rng.choice(candidates)), now_s)

    def show_sample(self, index: int, now_s: float) -> None:
        """Monitor the sample `index` of the data set."""
        self.choice = replace(self.choice, sample=index, drawn=None)
        self._sample_since = now_s
        self._sample_epoch = self.live.epoch if self.live else 0

    def show_drawn(self, image: FloatArray) -> None:
        """Monitor an image (28, 28) of the person's own."""
        self.choice = replace(self.choice, drawn=image, pinned=True)

    def choose_random(self, now_s: float) -> None:
        """A random sample of the active classes; training brings new ones again."""
        if self.snapshot is not None:
            self.choice = replace(self.choice, pinned=False)
            self._choose(self._active_samples(), now_s)

    def choose_class(self, label: int, now_s: float) -> bool:
        """A random sample of one class, kept until another is chosen; False if there is none."""
        if self.dataset is None or not 0 <= label < len(self.dataset.class_names):
            return False
        candidates = np.flatnonzero(self.dataset.labels == label)
        if not len(candidates) or label not in self.active:
            return False
        self.pin(int(self._rng.choice(candidates)), now_s)
        return True

    def pin(self, index: int, now_s: float) -> None:
        """Monitor a sample until another is chosen."""
        self.choice = replace(self.choice, pinned=True)
        self.show_sample(index, now_s)

    def choose_nearest(self, now_s: float) -> None:
        """The sample of the active classes that lies nearest to the probe on the plane.

        Where the neighbours of the sample are shown, it is the nearest of those.
        """
        view = self.view
        if view is None:
            return
        if self.choice.inspector is Inspector.OF_SAMPLE and view.neighbours is not None:
            found = view.neighbours.in_codes.samples
            if len(found):
                self.pin(int(found[0]), now_s)
            return
        candidates = view.active_samples
        with np.errstate(over="ignore"):
            distances = ((view.plane.codes[candidates] - self.probe) ** 2).sum(axis=1)
        finite = np.isfinite(distances)
        if finite.any():
            self.pin(int(candidates[finite][distances[finite].argmin()]), now_s)

    # The probe and the box.

    def set_probe(self, point: npt.NDArray[np.float64]) -> None:
        """Put the probe at (z1, z2) of the plane."""
        self.choice = replace(self.choice, probe=(float(point[0]), float(point[1])))

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
        box = zoom(self.viewport, ZOOM_STEP**-steps, self.choice.probe)
        self.choice = replace(self.choice, follows=False, viewport=box)

    def refit(self) -> None:
        """Fit the view to the active classes' codes and follow them again."""
        self.choice = replace(self.choice, follows=True)
        if self.view is not None:
            self._move_view(fit(self._active_codes()))

    # Layers and planes.

    def next_layer(self, *, dots: bool = True) -> None:
        """Draw the map of the next layer; `dots` False where characters stand for dots."""
        layers = [layer for layer in LAYERS if dots or layer is not Layer.BRAILLE]
        at = layers.index(self.choice.layer) if self.choice.layer in layers else 0
        self.choice = replace(self.choice, layer=layers[(at + 1) % len(layers)])

    def switch(self, name: Switch) -> bool:
        """Turn one of the switches of the choice; returns what it is now."""
        choice = self.choice
        if name == "names":
            self.choice = replace(choice, names=not choice.names)
        elif name == "held_out":
            self.choice = replace(choice, held_out=not choice.held_out)
        else:
            self.choice = replace(choice, dots_over=not choice.dots_over)
        return not getattr(choice, name)

    def next_inspector(self) -> None:
        """Show the next thing beside the map."""
        order = [each for each in Inspector if each is not Inspector.PRIOR]
        at = order.index(self.choice.inspector) if self.choice.inspector in order else 0
        self.choice = replace(self.choice, inspector=order[(at + 1) % len(order)])

    def switch_prior(self) -> bool:
        """Show the prior and other draws from it than before, or leave it; whether it is shown."""
        choice = self.choice
        if choice.prior:
            left = choice.inspector is Inspector.PRIOR
            inspector = Inspector.DECODED if left else choice.inspector
            self.choice = replace(choice, prior=0, inspector=inspector)
            return False
        self._draws += 1
        self.choice = replace(choice, prior=self._draws, inspector=Inspector.PRIOR)
        return True

    def mark(self) -> int:
        """Mark the probe's point as A, then as B; a third mark begins anew. How many there are."""
        return self._mark(End(self.choice.probe))

    def mark_sample(self) -> int:
        """Mark the monitored sample likewise; 0 where it has no place on the plane."""
        sample = self.monitored()
        if sample is None or not np.isfinite(sample.code).all():
            return 0
        z1, z2 = sample.code.tolist()
        return self._mark(End((z1, z2), sample.index, drawn=sample.index < 0))

    def _mark(self, end: End) -> int:
        ends = self.choice.ends if len(self.choice.ends) < 2 else ()
        self.choice = replace(self.choice, ends=(*ends, end))
        return len(self.choice.ends)

    def unmark(self) -> None:
        """Take the marks away."""
        self.choice = replace(self.choice, ends=())

    def use_plane(self, name: PlaneName, now_s: float) -> None:
        """Put the map on another plane; the probe goes to the monitored sample, or the middle."""
        if name is self.choice.plane:
            return
        self.choice = replace(self.choice, plane=name, ends=())
        self._new_plane(now_s)

    def next_plane(self, by: int, now_s: float) -> None:
        """Put the map on the next plane."""
        names = self.planes.names
        at = names.index(self.choice.plane) if self.choice.plane in names else 0
        self.use_plane(names[(at + by) % len(names)], now_s)

    def next_dims(self, now_s: float) -> bool:
        """Show the next pair of numbers of wide codes; False where there is no other pair."""
        width = self.live.codes.shape[1] if self.live else 0
        if width < 3:
            return False
        first, second = self.choice.dims
        second += 1
        if second >= width:
            first = (first + 1) % (width - 1)
            second = first + 1
        self.choice = replace(self.choice, plane=PlaneName.CODES, dims=(first, second), ends=())
        self._new_plane(now_s)
        return True

    def _new_plane(self, now_s: float) -> None:
        self._view = None
        self._reach, self._reach_since = None, now_s
        self.choice = replace(self.choice, follows=True)
        if self.view is None:
            return
        sample = self.view.monitored
        box = fit(self._active_codes())
        centre = np.array([(box.left + box.right) / 2, (box.bottom + box.top) / 2])
        place = sample.code if sample is not None else centre
        self.choice = replace(self.choice, viewport=box)
        self.set_probe(np.asarray(place if np.isfinite(place).all() else centre, np.float64))
