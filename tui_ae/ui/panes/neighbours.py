"""The nearest samples of the probe, or of the sample, by their codes and by their pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tui_ae.arrays import FloatArray
from tui_ae.data.arrays import SIDE
from tui_ae.raster.grid import CellGrid
from tui_ae.raster.image import ascii_image, braille_image, resample
from tui_ae.ui.choice import Inspector
from tui_ae.ui.class_keys import class_keys
from tui_ae.ui.lettering import cells
from tui_ae.ui.panes.base import Pace, Pane, centred
from tui_ae.ui.scene import Look, Scene
from tui_ae.ui.sheet import Sheet, shorten

if TYPE_CHECKING:
    from tui_ae.model.neighbours import Found
    from tui_ae.ui.nearby import Neighbourhood
    from tui_ae.ui.view import View

CAPTION = 6
"""Cells beside a picture for class and distance, and the gaps around them."""
SIZES = (7, 5, 4)
"""Rows of a picture; it has twice as many columns."""
BRIGHTEST, DARKEST = 0.95, 0.05
"""The share of pixels that are darker than those that are made white, and how bright these are at
least: below is nothing but noise."""
ENOUGH = 3
"""Pictures a column before they are made larger."""


def small_picture(image: FloatArray, look: Look, rows: int) -> CellGrid:
    """An image (28, 28) in rows x 2 rows cells, in dots where the characters allow."""
    if look.ascii:
        return ascii_image(image, height=rows, width=2 * rows)
    return braille_image(image if 4 * rows == SIDE else resample(image, 4 * rows, 4 * rows))


def lit(image: FloatArray) -> FloatArray:
    """An image (28, 28) so bright that dots show what is on it; those of a dark one are too few.

    Its brightest pixels become 1. What is nearly black, or no number, stays as it is.
    """
    level = float(np.quantile(image, BRIGHTEST))
    return np.minimum(image / np.float32(level), 1) if DARKEST <= level < 1 else image


def few_signs(value: float, room: int) -> str:
    """A number, not below 0, in up to `room` characters, which are at least four.

    In four, 0.123 is .123. Below 1e-9 or from 1e10 on it takes five.
    """
    whole = f"{value:.0f}"
    texts = [f"{value:.{digits}g}" for digits in (3, 2, 1)] if value < 999.5 else []
    if room < len("0.123"):
        texts = [text.replace("0.", ".") if value < 1 else text for text in texts]
    fitting = [text for text in (*texts, whole) if len(text) <= room and (float(text) or not value)]
    power = f"{value:.0e}".replace("e-0", "e-").replace("e+0", "e")
    return [*fitting, power][0]


class Neighbours(Pane):
    """Two columns of pictures: near as codes, near as pixels."""

    NAME, PRIORITY, PACE, UNIT = "neighbours", 1, Pace.PICTURE, "probe"
    SHOWS = frozenset({"probe", "sample"})

    def draw(self, scene: Scene, sheet: Sheet) -> CellGrid:
        """Draw title, words and both columns."""
        view, tones = scene.view, scene.look.tones
        of_sample = scene.choice.inspector is Inspector.OF_SAMPLE
        name = "near the sample" if of_sample else "near the probe"
        found = view.neighbours if view else None
        if view is None or found is None:
            self.head(scene, sheet, name)
            centred(sheet, sheet.height // 2, "no samples yet", tones.muted)
            return sheet.grid
        from tui_ae.ui.nearby import NEIGHBOURS

        share = f"{len(found.both)}/{len(found.in_codes.samples) or NEIGHBOURS} in both"
        if cells(name) + cells(share) + 2 > sheet.width:
            share = share.replace(" in both", " both")
        self.head(scene, sheet, name, share)
        top = self._words(sheet, found, tones.muted)
        half = sheet.width // 2
        pixels = "images gone" if view.dataset.missing else "by pixels"
        for column, title in ((0, "by code"), (half, pixels)):
            sheet.put(top, column, title, tones.title)
        rows = self._rows_of_one(sheet.height - top - 1, half)
        for column, part in ((0, found.in_codes), (half, found.in_pixels)):
            self._column(scene, view, sheet, part, found, (top + 1, column, rows))
        return sheet.grid

    def _words(self, sheet: Sheet, found: Neighbourhood, ink: int) -> int:
        """Write where the point lies; returns the row below."""
        sheet.put(1, 0, shorten(found.words, sheet.width), ink)
        if sheet.height < 12:
            return 2
        if found.percentile == found.percentile:
            text = f"percentile {found.percentile:.0f} of usual gaps"
            sheet.put(2, 0, shorten(text, sheet.width), ink)
        return 3

    def _rows_of_one(self, height: int, width: int) -> int:
        """Rows of a picture, as large as leaves room for a few of them."""
        fitting = [rows for rows in SIZES if 2 * rows + CAPTION <= width]
        enough = [rows for rows in fitting if (height + 1) // (rows + 1) >= ENOUGH]
        return (enough or fitting[-1:] or [SIZES[-1]])[0]

    def _pitch(self, height: int, rows: int) -> int:
        """Rows from a picture to the next.

        A row lies between them, for images that fill their frame would run into each other; but
        where it would leave one picture alone, of which nobody could tell a neighbourhood.
        """
        return rows if height == 2 * rows else rows + 1

    def _column(
        self,
        scene: Scene,
        view: View,
        sheet: Sheet,
        part: Found,
        found: Neighbourhood,
        place: tuple[int, int, int],
    ) -> None:
        top, left, rows = place
        tones, dataset = scene.look.tones, view.dataset
        colours = scene.look.class_colours(len(dataset.class_names))
        keys = class_keys(dataset.class_names)
        room = min(CAPTION - 1, sheet.width // 2 - 2 * rows - 2)
        pitch = self._pitch(sheet.height - top, rows)
        count = max((sheet.height - top + pitch - rows) // pitch, 0)
        pairs = zip(part.samples.tolist(), part.distances.tolist(), strict=True)
        for at, (sample, distance) in enumerate(list(pairs)[:count]):
            row = top + at * pitch
            sheet.paste(small_picture(lit(view.picture(sample)), scene.look, rows), row, left)
            beside = left + 2 * rows + 1
            if dataset.labelled:
                label = int(dataset.labels[sample])
                word = scene.class_words[label]
                word = word if cells(word) <= room else keys[label]
                sheet.put(row, beside, word, colours[label])
            sheet.put(row + 1, beside, few_signs(distance, room), tones.muted)
            if sample in found.both:
                sheet.put(row + 2, beside, "both", tones.good)
