"""What all panes share: they say how they want to be treated, and draw a scene on a sheet."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum
from typing import ClassVar

from tui_ae.raster.braille import without_braille
from tui_ae.raster.grid import DEFAULT, CellGrid
from tui_ae.ui.canvas import Canvas
from tui_ae.ui.layout import Box
from tui_ae.ui.lettering import cells
from tui_ae.ui.scene import Scene
from tui_ae.ui.sheet import Sheet


class Pace(Enum):
    """How often training paints a pane again."""

    WORDS = "words"
    """With every frame."""
    PICTURE = "picture"
    """When its pictures are due; never in one frame with curves."""
    CURVE = "curve"
    """When the link has room for a change of nearly every cell."""
    STILL = "still"
    """Not at all: nothing in it changes by training."""


class Pane(Canvas):
    """A canvas that knows how to draw its part of a scene."""

    can_focus = False
    NAME: ClassVar[str] = ""
    """What layout, keys and tests call it."""
    PRIORITY: ClassVar[int] = 1
    """When the wire brings it up to date: 0 before 1 before 2 ..."""
    PACE: ClassVar[Pace] = Pace.WORDS
    UNIT: ClassVar[str] = ""
    """Panes of one unit tell of one thing: no part of it stands beside a part of the one before."""
    SHOWS: ClassVar[frozenset[str]] = frozenset()
    """What of the choice it shows besides the moment: 'probe', 'sample'."""
    LIVE: ClassVar[bool] = False
    """Whether it tells of the newest moment too, while an earlier one is looked at."""
    FOCUS: ClassVar[bool] = False
    """Whether tab stops there."""
    OPENS: ClassVar[str] = "choose_nearest"
    """The action that enter runs where it has the focus."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id or self.NAME)

    def stand(self, box: Box | None) -> None:
        """Stand there on the screen; None for nowhere."""
        self.display = box is not None
        if box is not None:
            self.styles.offset = (box.x, box.y)
            self.styles.width, self.styles.height = box.width, box.height

    def paint(self, scene: Scene, width: int, height: int) -> None:
        """Draw `scene` in width x height cells and show what changed."""
        self.set_look(scene.look.tones, scene.look.depth)
        sheet = Sheet(height, width, ascii_only=scene.look.ascii)
        grid = self.draw(scene, sheet)
        if scene.look.glyphs == "blocks":
            grid = replace(grid, glyphs=without_braille(grid.glyphs))
        self.show(grid)

    def draw(self, scene: Scene, sheet: Sheet) -> CellGrid:
        """Draw on `sheet` and return its grid."""
        raise NotImplementedError

    def head(self, scene: Scene, sheet: Sheet, text: str, right: str = "") -> None:
        """Draw the title row: the text, a rule, and a value at the end."""
        tones = scene.look.tones
        focused = scene.focus == self.id
        ink = tones.accent if focused else tones.title
        # Colour is never the only signal: the focus has a mark of its own.
        sheet.title(f"▸ {text}" if focused else text, ink, tones.faint, right, tones.muted)


def centred(sheet: Sheet, row: int, text: str, ink: int = DEFAULT) -> None:
    """Write `text` in the middle of a row."""
    sheet.put(row, max((sheet.width - cells(text)) // 2, 0), text, ink)
