"""The panes of the drawing pad: the pad itself, and words around it."""

from __future__ import annotations

import textwrap
from dataclasses import replace

import numpy as np

from tui_ae.arrays import IntArray
from tui_ae.data.arrays import SIDE
from tui_ae.data.drawing import Place
from tui_ae.raster.colour import ColourDepth
from tui_ae.raster.grid import DEFAULT, SPACE, CellGrid
from tui_ae.run.snapshot import State
from tui_ae.ui.lettering import cells
from tui_ae.ui.pad import Pad
from tui_ae.ui.panes.base import Pane
from tui_ae.ui.panes.pictures import Picture
from tui_ae.ui.scene import Look, Scene, loss_text, point
from tui_ae.ui.screens.pad_layout import FRAME
from tui_ae.ui.sheet import Sheet, joined, shorten
from tui_ae.ui.verdict import Losses

UPPER, LOWER = ord("▀"), ord("▄")
NO_BREAK = "\u00a0"
FRAMES = {False: "┌┐└┘─│", True: "++++-|"}
"""Corners and sides of the frame, by whether only ASCII is safe."""
SIGNS = {
    (False, False): ("o", "()"),
    (True, False): ("O", "[]"),
    (False, True): ("x", "><"),
    (True, True): ("X", "XX"),
}
"""The pen in one cell and in two, by whether it is down and whether it erases."""
WELCOME = ("move with arrows,", "{pen} puts the pen down")
NOTHING_YET = "Draw something: here stands what the network takes it for."
HINTS = (
    ("pad-pen", "pen"),
    ("pad-erase", "erase"),
    ("pad-keep", "keep"),
    ("pad-back", "back"),
    ("pad-undo", "undo"),
    ("pad-clear", "clear"),
    ("pad-thicker", "thicker"),
    ("pad-thinner", "thinner"),
)
KEYS = (
    ("arrows", "move; hjkl too"),
    ("shift", "by four; HJKL too"),
    ("mouse", "draws, right erases"),
)


class Head(Pane):
    """The row above: what this is, and of which moment."""

    NAME, PRIORITY = "pad-head", 0

    def draw(self, scene: Scene, sheet: Sheet) -> CellGrid:
        """Draw one row."""
        value = ""
        if scene.snapshot is not None:
            words = scene.snapshot.state.value
            if scene.view is not None and not scene.view.is_live:
                words = "an earlier moment"
            value = f"epoch {scene.snapshot.epoch:,} · {words}"
        failed = scene.snapshot is not None and scene.snapshot.state is State.FAILED
        tones = scene.look.tones
        ink = tones.error if failed else tones.muted
        sheet.title("draw an image of your own", tones.title, tones.faint, value, ink)
        return sheet.grid


class Hints(Pane):
    """The last row: an answer to the last key, or the keys."""

    NAME, PRIORITY = "pad-hints", 2
    message = ""

    def draw(self, scene: Scene, sheet: Sheet) -> CellGrid:
        """Draw one row."""
        tones = scene.look.tones
        if self.message:
            sheet.put(0, 0, shorten(self.message, sheet.width), tones.warning)
            return sheet.grid
        parts = [f"{scene.keys.label(id_)} {word}" for id_, word in HINTS if scene.keys.label(id_)]
        sheet.put(0, 0, joined(parts, sheet.width), tones.muted)
        return sheet.grid


class KeyList(Pane):
    """What there is besides the hints, where there is room."""

    NAME, PRIORITY = "pad-keys", 2

    def __init__(self, pad: Pad) -> None:
        super().__init__()
        self._pad = pad

    def draw(self, scene: Scene, sheet: Sheet) -> CellGrid:
        """Draw a row a key."""
        tones, pad = scene.look.tones, self._pad
        sheet.title("pen", tones.title, tones.faint)
        column = max(len(keys) for keys, _ in KEYS) + 1
        for row, (keys, words) in enumerate(KEYS, 1):
            sheet.put(row, 0, keys, tones.text)
            sheet.put(row, column, words, tones.muted)
        row = len(KEYS) + 1
        of_data = f"the data's strokes: {pad.ink.width_px:.1f} px"
        if not pad.ink.measured:
            of_data = "the data have no strokes"
        sheet.put(row, 0, shorten(of_data, sheet.width), tones.muted)
        return sheet.grid


class PadPane(Pane):
    """The drawing, framed, with the pen on it."""

    NAME, PRIORITY, UNIT = "pad", 0, "pad"

    def __init__(self, pad: Pad) -> None:
        super().__init__()
        self._pad, self._picture = pad, Picture()

    @staticmethod
    def place_at(x: float, y: float, width: int, height: int) -> Place:
        """(column, row) in pixels of a point of the pane of width x height cells.

        A cell's middle is given by its left and upper edge plus a half. Beyond the pad it goes on.
        """
        across, down = width - FRAME, height - FRAME
        return (x - 1) / across * SIDE - 0.5, (y - 1) / down * SIDE - 0.5

    def draw(self, scene: Scene, sheet: Sheet) -> CellGrid:
        """Draw frame, image and pen."""
        pad, look = self._pad, scene.look
        height, width = sheet.height - FRAME, sheet.width - FRAME
        self._frame(sheet, look)
        # A pen that moves by pixels needs them: no braille here, on no link.
        image = self._draw_image(look, height, width)
        self._mark_pen(image, look)
        if pad.drawing.is_empty and not pad.down:
            _write_over(image, [line.format(pen=scene.keys.label("pad-pen")) for line in WELCOME])
        sheet.paste(image, 1, 1)
        return sheet.grid

    def _draw_image(self, look: Look, height: int, width: int) -> CellGrid:
        return self._picture.draw(
            self._pad.image, replace(look, braille_images=False), height, width
        )

    def _frame(self, sheet: Sheet, look: Look) -> None:
        pad, tones = self._pad, look.tones
        signs = FRAMES[look.ascii]
        bottom, right = sheet.height - 1, sheet.width - 1
        sheet.put(0, 0, signs[0] + signs[4] * (right - 1) + signs[1], tones.faint)
        sheet.put(bottom, 0, signs[2] + signs[4] * (right - 1) + signs[3], tones.faint)
        for row in range(1, bottom):
            sheet.put(row, 0, signs[5], tones.faint)
            sheet.put(row, right, signs[5], tones.faint)
        words = "erasing" if pad.erases else "drawing"
        state = f"pen down, {words}" if pad.down else "pen up" + ", eraser" * pad.erases
        sheet.put(0, 2, f" {state} ", tones.accent if pad.down else tones.title)
        sheet.put(bottom, 2, f" {pad.width_px:.1f} px ", tones.muted)
        at = f" {pad.column + 1}, {pad.row + 1} "
        sheet.put(bottom, right - 1 - len(at), at, tones.muted)

    def _mark_pen(self, grid: CellGrid, look: Look) -> None:
        pad = self._pad
        scale = grid.width // SIDE
        ink = look.tones.warning if pad.erases else look.tones.accent
        one, two = SIGNS[pad.down, pad.erases]
        row, column = pad.row * scale // 2, pad.column * scale
        halves = scale == 1 and not look.ascii and look.depth is not ColourDepth.NONE
        if not halves:
            for place, sign in enumerate(one if scale == 1 else two):
                grid.glyphs[row, column + place] = ord(sign)
                grid.foreground[row, column + place] = ink
            return
        # The other pixel of the cell keeps its grey.
        lower = int(grid.background[row, column])
        blank = grid.glyphs[row, column] == SPACE
        upper = lower if blank else int(grid.foreground[row, column])
        is_upper = pad.row % 2 == 0
        grid.glyphs[row, column] = UPPER if is_upper else LOWER
        grid.foreground[row, column] = ink
        grid.background[row, column] = lower if is_upper else upper


def _write_over(grid: CellGrid, lines: list[str]) -> None:
    """Write lines into the upper third of a picture, in a grey that shows on black and white."""
    top = max(grid.height // 4 - len(lines) // 2, 0)
    for row, line in enumerate(lines, top):
        left = (grid.width - len(line)) // 2
        there = (row, slice(max(left, 0), left + len(line)))
        width = grid.glyphs[there].size
        grid.glyphs[there] = [ord(sign) for sign in line[:width]]
        if (grid.background[there] != DEFAULT).all():
            grid.foreground[there] = 0x808080


class Verdict(Pane):
    """What the network takes the drawing for, and how well it draws it again."""

    NAME, PRIORITY = "verdict", 0

    def __init__(self, losses: Losses) -> None:
        super().__init__()
        self._losses = losses
        self.alike: IntArray = np.zeros(0, np.int64)
        """The samples with the nearest codes."""

    def draw(self, scene: Scene, sheet: Sheet) -> CellGrid:
        """Draw the title, the classes and some sentences."""
        tones, view, sample = scene.look.tones, scene.view, scene.monitored
        dataset = scene.dataset
        labelled = dataset is not None and dataset.labelled
        self.head(scene, sheet, "looks like" if labelled else "nearest samples")
        if view is None or dataset is None or sample is None or sample.index >= 0:
            self._say(sheet, 1, NOTHING_YET, tones.muted)
            return sheet.grid
        if not np.isfinite(sample.code).all():
            self._say(sheet, 1, "These weights give it no code: they hold no numbers.", tones.error)
            return sheet.grid
        row = self._nearest(scene, sheet)
        title = scene.objective.title
        loss = loss_text(sample.loss) if np.isfinite(sample.loss) else "no number"
        row = self._say(sheet, row, f"{title} {loss}", tones.text)
        row = self._say(sheet, row, self._compared(sample.loss), tones.muted)
        x, y = sample.code.tolist()
        self._say(sheet, row, point("lands at", view.plane.axes, x, y), tones.muted)
        return sheet.grid

    def _nearest(self, scene: Scene, sheet: Sheet) -> int:
        """The classes of the nearest samples, each in its colour; returns the row below."""
        dataset, tones = scene.dataset, scene.look.tones
        assert dataset is not None
        if not len(self.alike):
            return self._say(sheet, 1, "No sample has a code to compare.", tones.muted)
        row, column = 1, 0
        colours = scene.look.class_colours(len(dataset.class_names))
        for place, number in enumerate(self.alike.tolist()):
            label = int(dataset.labels[number])
            word = scene.class_words[label] if dataset.labelled else f"{number:,}"
            word = shorten(word, sheet.width)
            ink = colours[label] if dataset.labelled else tones.text
            comma = ", " if place else ""
            if column + cells(comma + word) > sheet.width:
                row, column, comma = row + 1, 0, ""
            column = sheet.put(row, column, comma, tones.muted)
            column = sheet.put(row, column, word, ink)
        return self._say(sheet, row + 1, "by the nearest codes", tones.muted)

    def _compared(self, loss: float) -> str:
        losses = self._losses
        if not losses.is_known:
            return "being compared with the data"
        share = losses.share_below(loss)
        if not np.isfinite(share):
            return "nothing to compare it with"
        many = f"{losses.count:,} sample{'s' if losses.count != 1 else ''}"
        if share <= 0:
            return f"no worse than any of {many}"
        if share >= 100:
            return f"worse than all of {many}"
        # Rounded, it would be worse than all of them, or than none.
        places = 0 if 1 <= share <= 99 else 1
        return f"worse than {share:.{places}f}% of {many}"

    @staticmethod
    def _say(sheet: Sheet, row: int, text: str, ink: int) -> int:
        """Write a sentence over as many rows as it takes; returns the row below."""
        # Rows end between numbers, never between one and its name.
        whole = text.replace(" = ", f"{NO_BREAK}={NO_BREAK}")
        for line in textwrap.wrap(whole, max(sheet.width, 1)):
            sheet.put(row, 0, line.replace(NO_BREAK, " "), ink)
            row += 1
        return row
