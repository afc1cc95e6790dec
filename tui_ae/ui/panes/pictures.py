"""The panes that show images: input, reconstruction, both small, and what the probe decodes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from tui_ae.arrays import FloatArray
from tui_ae.raster.colour import ColourDepth
from tui_ae.raster.grid import CellGrid
from tui_ae.raster.image import (
    ascii_image,
    braille_image,
    half_block_mono,
    half_blocks,
    resample,
)
from tui_ae.run.snapshot import State
from tui_ae.ui.layout import IMAGE_HEIGHT
from tui_ae.ui.lettering import cells
from tui_ae.ui.panes.bars import class_word
from tui_ae.ui.panes.base import Pace, Pane, centred
from tui_ae.ui.scene import Look, Scene, loss_text
from tui_ae.ui.sheet import Sheet, shorten

if TYPE_CHECKING:
    from tui_ae.ui.view import Monitored

SIZE, PIXELS = "28×28 = 784 px", "784 px"
GONE = "its image is gone"
FOCUS_ROOM = 4
"""Cells of a title for the mark of the focus and the blanks around the rule."""
NARROW = 24
"""Cells of a pane in which a title and a loss have no room beside each other."""
LARGE_LEVELS = 24
"""Grey steps of a picture larger than one pixel each: more would be bytes that nobody sees."""
SMALL_WIDTH, SMALL_HEIGHT = 14, 7
"""Cells of an image in braille."""


class Picture:
    """Draws one image after the other; remembers grey levels so that they don't flicker."""

    def __init__(self) -> None:
        self._levels: npt.NDArray[np.int64] | None = None

    def draw(self, image: FloatArray, look: Look, height: int, width: int) -> CellGrid:
        """`image` (28, 28) in at most height x width cells.

        Half blocks where there are colours and room, braille on slow links and small panes.
        """
        rows = min(height, width // 2)
        if rows > IMAGE_HEIGHT:
            rows -= rows % (IMAGE_HEIGHT // 2)
        if look.ascii:
            return ascii_image(image, height=rows, width=2 * rows)
        if look.braille_images or rows <= SMALL_HEIGHT:
            return braille_image(image)
        if look.depth is ColourDepth.NONE:
            return half_block_mono(resample(image, 2 * rows, 2 * rows))
        levels = look.grey_levels
        if rows != IMAGE_HEIGHT:
            image = resample(image, 2 * rows, 2 * rows)
        if rows > IMAGE_HEIGHT and levels is None:
            levels = LARGE_LEVELS
        if levels is None and look.depth is not ColourDepth.TRUECOLOR:
            levels = 24
        if look.depth is ColourDepth.SIXTEEN:
            levels = 4
        previous = self._levels
        if previous is not None and previous.shape != image.shape:
            previous = None
        grid, self._levels = half_blocks(image, levels, previous_levels=previous)
        return grid


def place(sheet: Sheet, grid: CellGrid, top: int) -> None:
    """Put an image in the middle of the columns, and of the rows below `top`."""
    row = top + max((sheet.height - top - grid.height) // 2, 0)
    sheet.paste(grid, row, max((sheet.width - grid.width) // 2, 0))


def loss_of(scene: Scene, sample: Monitored) -> str:
    """The loss of a sample, by the run's own objective; '' where its image is gone."""
    return "" if is_gone(scene, sample) else f"{scene.objective.title} {loss_text(sample.loss)}"


def is_gone(scene: Scene, sample: Monitored) -> bool:
    """Whether the image of a sample can't be had any more."""
    return sample.index >= 0 and scene.dataset is not None and bool(scene.dataset.missing)


class OnePicture(Pane):
    """A pane with a picture under its title."""

    PACE = Pace.PICTURE

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self._picture = Picture()

    def show_picture(self, image: FloatArray, scene: Scene, sheet: Sheet) -> None:
        """Draw it in the middle of all rows but the first."""
        grid = self._picture.draw(image, scene.look, sheet.height - 1, sheet.width)
        place(sheet, grid, 1)


class Input(OnePicture):
    """The monitored sample."""

    NAME, UNIT = "input", "sample"
    SHOWS = frozenset({"sample"})

    def draw(self, scene: Scene, sheet: Sheet) -> CellGrid:
        """Draw title and image."""
        sample = scene.monitored
        if sample is None:
            self.head(scene, sheet, "input", SIZE)
        else:
            word = class_word(scene, sample.label)
            # 'digit' goes before the size does: the status line has it too.
            words = (word, word.removeprefix("digit "))
            fitting = [text for text in words if cells(f"input · {text} {SIZE} ") <= sheet.width]
            shorter = (text for text in words if cells(f"input · {text}") <= sheet.width)
            named = [*fitting, *shorter, word][0]
            self.head(scene, sheet, f"input · {named}", SIZE if fitting else PIXELS)
            if is_gone(scene, sample):
                centred(sheet, sheet.height // 2, GONE, scene.look.tones.muted)
                return sheet.grid
            self.show_picture(sample.image, scene, sheet)
        return sheet.grid


class Reconstruction(OnePicture):
    """What the network makes of the monitored sample."""

    NAME, UNIT = "reconstruction", "sample"
    SHOWS = frozenset({"sample"})
    SIDE = "left"
    """Which of two runs it is of, where there are two."""

    def draw(self, scene: Scene, sheet: Sheet) -> CellGrid:
        """Draw title and image."""
        sample = scene.monitored
        # Where two runs stand in little room, which is which says more than what it is.
        narrow = scene.other is not None and sheet.width < NARROW
        name = self.SIDE if narrow else "reconstruction"
        self.head(scene, sheet, name, loss_of(scene, sample) if sample else "")
        if sample is not None:
            self.show_picture(sample.reconstruction, scene, sheet)
        return sheet.grid


class Sample(Pane):
    """Input and reconstruction side by side, for small screens."""

    NAME, PACE, UNIT = "sample", Pace.PICTURE, "sample"
    SHOWS = frozenset({"sample"})

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self._pictures = (Picture(), Picture())

    def draw(self, scene: Scene, sheet: Sheet) -> CellGrid:
        """Draw the title, both images and, where there is room, their captions."""
        sample = scene.monitored
        if sample is None:
            self.head(scene, sheet, "input → output")
            return sheet.grid
        word, loss = class_word(scene, sample.label), loss_of(scene, sample)
        # The loss is a fact that stands nowhere else on a small screen; the words give way to it.
        room = sheet.width - len(loss) - FOCUS_ROOM
        text = f"{word} → output"
        self.head(scene, sheet, text if cells(text) <= room else shorten(word, room), loss)
        half = sheet.width // 2
        images = (sample.image, sample.reconstruction)
        for index, (picture, image) in enumerate(zip(self._pictures, images, strict=True)):
            if not index and is_gone(scene, sample):
                sheet.put(1 + SMALL_HEIGHT // 2, 1, "gone", scene.look.tones.muted)
                continue
            sheet.paste(picture.draw(image, scene.look, SMALL_HEIGHT, half), 1, index * half)
        if sheet.height > SMALL_HEIGHT + 3:
            tones = scene.look.tones
            sheet.put(SMALL_HEIGHT + 2, 1, "input", tones.muted)
            sheet.put(SMALL_HEIGHT + 2, half + 1, "output", tones.muted)
            sheet.put(SMALL_HEIGHT + 4, 1, SIZE, tones.muted)
        return sheet.grid


class Probe(OnePicture):
    """The decoder's image of the probe's point, and the epoch of the weights it came from."""

    NAME, PRIORITY, UNIT = "probe", 0, "probe"
    SHOWS = frozenset({"probe"})

    def draw(self, scene: Scene, sheet: Sheet) -> CellGrid:
        """Draw title and image."""
        if scene.view is None:
            self.head(scene, sheet, "probe")
            centred(sheet, sheet.height // 2, "decodes any point", scene.look.tones.muted)
            return sheet.grid
        snapshot, image = scene.view.snapshot, scene.view.decoded
        # While it trains the header has the number, which runs ahead of what is painted less often.
        slow = scene.look.braille_images
        trains = snapshot.state is State.TRAINING and not slow
        weights = "live weights" if trains else f"weights: epoch {snapshot.epoch}"
        if len(weights) > sheet.width - len("decoded") - 2:
            weights = "live" if trains else f"epoch {snapshot.epoch}"
        if not scene.view.plane.by_network:
            weights = "by PCA"
        self.head(scene, sheet, "decoded", weights)
        self.show_picture(image, scene, sheet)
        return sheet.grid
