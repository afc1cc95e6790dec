"""The pen of the drawing pad: where it is, what it does, and what it has drawn."""

from __future__ import annotations

from tui_ae.arrays import FloatArray
from tui_ae.data.arrays import SIDE
from tui_ae.data.drawing import Drawing, Place
from tui_ae.data.strokes import USUAL_WIDTH_PX, Ink

STEP_PX = 0.5
NARROWEST_PX, WIDEST_PX = 0.5, 8.0
ERASER_WIDER_PX = 2.0
"""So that going over a stroke takes its soft edges away too: half a pixel on each side, and as much
for the eraser's own."""


class Pad:
    """Turns moves of keys and mouse into strokes."""

    def __init__(self) -> None:
        self.drawing = Drawing()
        self.column = self.row = SIDE // 2
        """The pixel at which the pen is."""
        self.down = False
        """Whether moves leave a trace."""
        self.erases = False
        self.width_px = USUAL_WIDTH_PX
        self.ink = Ink(USUAL_WIDTH_PX, measured=False, dark=False)
        """How the data are drawn."""
        self._drag: tuple[Place, bool] | None = None
        """Where the mouse is while its button is held, and whether it erases."""

    def suit(self, ink: Ink) -> None:
        """Draw as the data are drawn."""
        if ink != self.ink:
            self.ink, self.width_px = ink, ink.width_px

    @property
    def image(self) -> FloatArray:
        """(28, 28) float32 in [0, 1], read-only: the drawing as the data would have it."""
        if not self.ink.dark:
            return self.drawing.ink
        image: FloatArray = 1 - self.drawing.ink
        image.flags.writeable = False
        return image

    # Keys.

    def move(self, columns: int, rows: int) -> None:
        """Move the pen by pixels, up to the edge."""
        start = (self.column, self.row)
        self.column = min(max(self.column + columns, 0), SIDE - 1)
        self.row = min(max(self.row + rows, 0), SIDE - 1)
        if self.down:
            self._line(start, (self.column, self.row), erase=self.erases)

    def turn_pen(self) -> None:
        """Put the pen down, which leaves a dot, or take it up."""
        self.down = not self.down
        if self.down:
            self._begin()

    def turn_eraser(self) -> None:
        """Erase from now on, or draw."""
        self.erases = not self.erases
        if self.down:
            self._begin()

    def thicken(self, steps: int) -> None:
        """Draw wider strokes, or narrower ones."""
        self.width_px = min(max(self.width_px + steps * STEP_PX, NARROWEST_PX), WIDEST_PX)

    def undo(self) -> bool:
        """Take the last stroke back and the pen up; False where there is none."""
        self._lift()
        return self.drawing.undo()

    def clear(self) -> bool:
        """Take all ink away and the pen up; False where there is none."""
        self._lift()
        return self.drawing.clear()

    # The mouse.

    def press(self, place: Place, *, erase: bool) -> None:
        """Begin a stroke of the mouse."""
        self._lift()
        self.drawing.begin()
        self._drag = (place, erase)
        self.drag(place)

    def drag(self, place: Place) -> bool:
        """Go on with it; False where no button is held."""
        if self._drag is None:
            return False
        start, erase = self._drag
        self._line(start, place, erase=erase)
        self._drag = (place, erase)
        self.column, self.row = (min(max(round(value), 0), SIDE - 1) for value in place)
        return True

    def release(self) -> None:
        """End it."""
        self._drag = None

    def _lift(self) -> None:
        self.down, self._drag = False, None

    def _begin(self) -> None:
        self.drawing.begin()
        here = (self.column, self.row)
        self._line(here, here, erase=self.erases)

    def _line(self, start: Place, end: Place, *, erase: bool) -> None:
        width = self.width_px + (ERASER_WIDER_PX if erase else 0)
        self.drawing.line(start, end, width, erase=erase)
