"""The rows of text around the panes: header, readout, status, footer, and the notice."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence

from tui_ae.raster.colour import ColourDepth
from tui_ae.raster.grid import CellGrid
from tui_ae.run.snapshot import Snapshot, State
from tui_ae.ui.layout import MIN_HEIGHT, MIN_WIDTH, Box
from tui_ae.ui.lettering import cells
from tui_ae.ui.panes.base import Pace, Pane, centred
from tui_ae.ui.scene import Scene, loss_text, point
from tui_ae.ui.sheet import Sheet, joined, shorten

NAME_LEAST = 16
"""Cells of the name of the data below which there is none."""


class Header(Pane):
    """The program and its data on the left; state, epoch, loss and speed on the right."""

    NAME, PRIORITY, LIVE = "header", 0, True

    def draw(self, scene: Scene, sheet: Sheet) -> CellGrid:
        """Draw one row."""
        tones = scene.look.tones
        snapshot = scene.snapshot
        parts: list[tuple[str, int]] = []
        if snapshot is None:
            parts = [("● starting", tones.warning)]
        else:
            inks = {State.TRAINING: tones.good, State.FAILED: tones.error}
            live = scene.view.live if scene.view else snapshot
            words, ink = f"epoch {snapshot.epoch}", tones.text
            if live is not snapshot:
                words, ink = f"viewing epoch {snapshot.epoch} of {live.epoch}", tones.accent
            parts = [
                (f"● {live.state.value}", inks.get(live.state, tones.warning)),
                (words, ink),
                (f"loss {loss_text(snapshot.loss)}", tones.text),
            ]
            held_out = snapshot.held_out_loss
            if math.isfinite(held_out) and sheet.width >= 100:
                parts.append((f"held-out {loss_text(held_out)}", tones.text))
            if live is snapshot and snapshot.samples_per_second > 0 and sheet.width >= 76:
                parts.append((f"{snapshot.samples_per_second:,.0f} samples/s", tones.muted))
        column = sheet.width - sum(len(text) for text, _ in parts) - 2 * (len(parts) - 1)
        self._left(scene, sheet, column - 2)
        for text, ink in parts:
            column = sheet.put(0, column, text, ink) + 2
        return sheet.grid

    def _left(self, scene: Scene, sheet: Sheet, room: int) -> None:
        tones = scene.look.tones
        title = "Autoencoder Explorer" if room >= len("Autoencoder Explorer") else "tui-ae"
        column = sheet.put(0, 0, shorten(title, room), tones.title) + 2
        dataset = scene.dataset
        if dataset is None:
            return
        classes, name = len(dataset.class_names), scene.words(dataset.name)
        count = f"{name} · {len(dataset.images):,}"
        texts = [f"{count} images", count, name]
        if dataset.labelled:
            texts.insert(0, f"{texts[0]} · {classes} {'class' if classes == 1 else 'classes'}")
        # A word is left out rather than cut.
        whole = (text for text in texts if cells(text) <= room - column)
        if room - column >= NAME_LEAST:
            text = next(whole, shorten(name, room - column))
            sheet.put(0, column, text, tones.muted)


SAMPLE_COLUMN = 40
"""Where the sample's coordinates begin, so that they stay there while the probe's grow."""
SAMPLE_WIDTH = 38
"""Cells of the longest that there are, as a rule."""


class Readout(Pane):
    """The probe's coordinates, and the sample's where there is room."""

    NAME, PRIORITY = "readout", 0
    # With the map, whose marks it puts into numbers: they would be of another moment otherwise.
    PACE = Pace.CURVE
    SHOWS = frozenset({"probe", "sample"})

    @staticmethod
    def of_sample(width: int, height: int) -> list[Box]:
        """Where in so many cells the sample's coordinates may stand."""
        left = min(SAMPLE_COLUMN, max(width - SAMPLE_WIDTH, SAMPLE_COLUMN - 6))
        return [
            Box(left, 0, max(width - left, 0), 1),
            Box(0, 1, width, max(height - 1, 0)),
        ]

    def draw(self, scene: Scene, sheet: Sheet) -> CellGrid:
        """Draw one row, or two where both don't fit on one."""
        tones = scene.look.tones
        if scene.view is None:
            return sheet.grid
        axes = scene.view.plane.axes
        end = sheet.put(0, 0, point("probe", axes, *scene.choice.probe), tones.accent)
        sample = scene.monitored
        if sample is not None:
            name = "sample" if scene.choice.drawn is None else "drawing"
            text = point(name, axes, float(sample.code[0]), float(sample.code[1]))
            if end + 3 + len(text) <= sheet.width:
                column = min(max(SAMPLE_COLUMN, end + 3), sheet.width - len(text))
                sheet.put(0, column, text, tones.muted)
            else:
                sheet.put(1, 0, text, tones.muted)
        return sheet.grid


def progress(snapshot: Snapshot, batch_size: int) -> list[str]:
    """The facts of the status line, the most important first."""
    parts = []
    if snapshot.batch and math.isfinite(snapshot.running_loss):
        share = snapshot.batch / max(snapshot.batches, 1)
        parts.append(f"next epoch {share:.0%}")
        parts.append(f"loss so far {loss_text(snapshot.running_loss)}")
    batches = f"{snapshot.batches:,} mini-batch{'es' if snapshot.batches != 1 else ''}"
    if snapshot.batch or snapshot.state is State.TRAINING:
        # All numbers as wide as the last: else the rest of the row would move, and be sent again.
        width = len(f"{snapshot.batches:,}")
        batches = f"{snapshot.batch:{width},} of {batches}"
    parts += [f"{snapshot.active_samples:,} samples × 1 pass", f"{batches} of {batch_size:,}"]
    return parts


def welcome(scene: Scene, width: int) -> list[str]:
    """What one sees before the first key, in one line, and what to do with it."""
    coloured = scene.look.depth is not ColourDepth.NONE and width >= 64
    cross = "the orange cross" if coloured else "the cross"
    count = scene.spec.latent_dim
    numbers = "1 number" if count == 1 else f"{count} numbers"
    words = [f"image → {numbers} → image; {cross} is yours: move it", "space trains"]
    key = scene.keys.label("glyphs")
    return [*words, f"boxes? {key} changes the characters"] if key else words


def past_words(scene: Scene) -> list[str]:
    """Where one is in the timeline, and how to go on."""
    words = [f"replay, {scene.replays}; < slower"] if scene.replays else []
    words += ["[ ] a moment back or on", "end: live"]
    if not scene.replays:
        words.append("> replay")
    return [*words, f"{scene.kept:,} moments kept, {scene.kept_bytes / 2**20:.0f} MB"]


def notes_hint(notes: Sequence[str]) -> str:
    """Where all notes on the data are."""
    return f"d: {len(notes)} notes" if len(notes) > 1 else "d: 1 note"


class Status(Pane):
    """What is going on, or the answer to the last key."""

    NAME, LIVE = "status", True
    SHOWS = frozenset({"sample"})

    def draw(self, scene: Scene, sheet: Sheet) -> CellGrid:
        """Draw one row."""
        tones = scene.look.tones
        snapshot, dataset = scene.snapshot, scene.dataset
        if scene.message:
            # First, for keys are answered here after a failure, too.
            sheet.put(0, 0, shorten(scene.words(scene.message), sheet.width), tones.warning)
        elif snapshot is not None and snapshot.failure:
            sheet.put(0, 0, shorten(scene.words(snapshot.failure), sheet.width), tones.error)
        elif snapshot is None or dataset is None:
            sheet.put(
                0,
                0,
                shorten(scene.words(f"{scene.stage or 'starting'} …"), sheet.width),
                tones.warning,
            )
        elif scene.figures:
            sheet.put(0, 0, joined(scene.figures, sheet.width), tones.warning)
        elif scene.welcomes and dataset.notes:
            hint = f"  {notes_hint(dataset.notes)}"
            note = shorten(scene.words(dataset.notes[0]), sheet.width - len(hint))
            sheet.put(0, 0, note, tones.warning)
            sheet.put_right(0, hint.strip(), tones.muted)
        elif scene.welcomes and not snapshot.epoch:
            sheet.put(0, 0, joined(welcome(scene, sheet.width), sheet.width), tones.text)
        elif scene.view is not None and not scene.view.is_live:
            sheet.put(0, 0, joined(past_words(scene), sheet.width), tones.accent)
        else:
            parts = progress(snapshot, scene.batch_size)
            sample = scene.monitored
            # On a slow link it would stand here long before the picture comes that it belongs to.
            if sample is not None and dataset.labelled and not scene.look.braille_images:
                parts.append(f"monitoring {class_word(scene, sample.label)}")
            if dataset.notes:
                parts.append(notes_hint(dataset.notes))
            room = sheet.width - (len(scene.link) + 2 if scene.link else 0)
            sheet.put(0, 0, joined(parts, room), tones.muted)
            sheet.put_right(0, scene.link, tones.muted)
        return sheet.grid


def class_word(scene: Scene, label: int) -> str:
    """A class as a sentence names it: 'digit 7', 'Ankle boot'."""
    dataset = scene.dataset
    assert dataset is not None
    if label < 0:
        return "your drawing"
    if not dataset.labelled:
        return "a sample"
    name = scene.class_words[label]
    return f"digit {name}" if name.isdigit() and len(name) == 1 else name


STATE_KEYS = 2
"""So many keys of a state stand in the footer at most: it stays short."""


class Footer(Pane):
    """The keys, as many as fit; help has all of them."""

    NAME, PACE = "footer", Pace.STILL

    def draw(self, scene: Scene, sheet: Sheet) -> CellGrid:
        """Draw one row."""
        tones = scene.look.tones
        snapshot = scene.snapshot
        training = snapshot is not None and snapshot.state is State.TRAINING
        items = [
            (key, "pause" if label == "train" and training else label)
            for key, label in scene.keys.footer()
        ]
        if scene.leafs:
            # Where one pane fits beside the latent space, the key to the others comes early.
            tab = scene.keys.label("next-pane")
            items = [items[0], (tab, scene.leafs), *(item for item in items[1:] if item[0] != tab)]
        # Help and quit are the way out: they keep their place however narrow the row is. What
        # matters in this state stands right before them, so that little of the row changes.
        fitting = [(scene.keys.label(id_), words) for id_, words in scene.state_keys]
        fitting = [item for item in fitting if item[0]][:STATE_KEYS]
        named = {key for key, _ in fitting}
        kept = [item for item in items[:-2] if item[0] not in named]
        tail = [*fitting, *items[-2:]]
        room = sheet.width - sum(len(key) + len(label) + 3 for key, label in tail) + 2
        while kept and sum(len(key) + len(label) + 3 for key, label in kept) > room:
            kept.pop()
        column = 0
        for key, label in kept + tail:
            column = sheet.put(0, column, key, tones.accent) + 1
            column = sheet.put(0, column, label, tones.muted) + 2
        return sheet.grid


class Notice(Pane):
    """The sentence that a terminal too small for the panes gets."""

    NAME, PRIORITY = "notice", 0

    def draw(self, scene: Scene, sheet: Sheet) -> CellGrid:
        """Draw it in the middle, wrapped."""
        text = (
            f"This terminal has {sheet.width} columns and {sheet.height} rows; the explorer needs "
            f"{MIN_WIDTH} and {MIN_HEIGHT}. Enlarge it, or press q to quit."
        )
        lines = textwrap.wrap(text, max(sheet.width - 2, 8))
        top = max((sheet.height - len(lines)) // 2, 0)
        for row, line in enumerate(lines):
            centred(sheet, top + row, line, scene.look.tones.text)
        return sheet.grid
