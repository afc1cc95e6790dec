"""The class legend: colour, name and count of each class, and whether it is on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_ae.raster.grid import CellGrid
from tui_ae.ui.choice import Layer
from tui_ae.ui.class_keys import class_keys
from tui_ae.ui.lettering import cells, class_words
from tui_ae.ui.panes.base import Pace, Pane
from tui_ae.ui.scene import Scene
from tui_ae.ui.sheet import Sheet, shorten

if TYPE_CHECKING:
    from tui_ae.data.dataset import Dataset

MAX_ENTRY_WIDTH = 27
GAP = 2


def named_width(dataset: Dataset, *, ascii: bool = False) -> int:  # noqa: A002
    """Cells of an entry without its count: a mark, the name and a gap."""
    name = max(map(cells, class_words(dataset.class_names, ascii)))
    return min(2 + name + GAP, MAX_ENTRY_WIDTH)


def entry_width(dataset: Dataset, width: int, *, ascii: bool = False) -> int:  # noqa: A002
    """Cells of a legend entry in `width` cells: a mark, the name, the count and a gap.

    In a narrow column two entries share the whole width, which reads better than three crammed.
    """
    name = max(map(cells, class_words(dataset.class_names, ascii)))
    count = len(f"{int(dataset.counts.max()):,}")
    needed = min(2 + name + 1 + count + GAP, MAX_ENTRY_WIDTH)
    return max(needed, width // 2) if width < 40 else needed


def rows_wanted(dataset: Dataset | None, width: int, *, ascii: bool = False) -> int:  # noqa: A002
    """Rows that the legend's entries take in `width` cells."""
    if dataset is None:
        return 5
    columns = max(width // entry_width(dataset, width, ascii=ascii), 1)
    return -(-len(dataset.class_names) // columns)


class Legend(Pane):
    """The classes in columns, without counts where room is short; bare keys where there is none."""

    NAME, PRIORITY, PACE = "classes", 2, Pace.STILL
    FOCUS, OPENS = True, "app.classes"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self._places: list[tuple[int, int, int, int]] = []

    def class_at(self, column: int, row: int) -> int | None:
        """The class whose entry covers the cell, for clicks."""
        for label, top, left, right in self._places:
            if row == top and left <= column < right:
                return label
        return None

    def draw(self, scene: Scene, sheet: Sheet) -> CellGrid:
        """Draw the title, where there is a row for it, and the entries."""
        dataset = scene.dataset
        self._places = []
        if dataset is None:
            if sheet.height > 2:
                self.head(scene, sheet, "classes")
            return sheet.grid
        ascii_only = scene.look.ascii
        rows = rows_wanted(dataset, sheet.width, ascii=ascii_only)
        top = 0
        if sheet.height > min(rows, 2):
            on, count = len(scene.active), len(dataset.class_names)
            self.head(scene, sheet, "classes", f"{on} of {count} on" if on < count else "all on")
            top = 1
        short = named_width(dataset, ascii=ascii_only)
        fewer = -(-len(dataset.class_names) // max(sheet.width // short, 1))
        if rows + top <= sheet.height:
            wide = entry_width(dataset, sheet.width, ascii=ascii_only)
            self._entries(scene, sheet, dataset, (top, rows, wide), counted=True)
        elif fewer + top <= sheet.height:
            self._entries(scene, sheet, dataset, (top, fewer, short), counted=False)
        else:
            self._strip(scene, sheet, dataset, top)
        return sheet.grid

    def _entries(
        self,
        scene: Scene,
        sheet: Sheet,
        dataset: Dataset,
        place: tuple[int, int, int],
        *,
        counted: bool,
    ) -> None:
        """Draw entries from a row on, in so many rows, each so wide."""
        top, rows, wide = place
        tones = scene.look.tones
        colours = scene.look.class_colours(len(dataset.class_names))
        counts = dataset.counts.tolist()
        keys = class_keys(dataset.class_names)
        # The legend of a map of characters has the characters, where names don't tell them.
        on_map = scene.choice.layer is Layer.DIGITS or not scene.look.dots
        keyed = on_map and "".join(dataset.class_names) != keys
        for label, name in enumerate(scene.class_words):
            row, left = top + label % rows, label // rows * wide
            is_on = label in scene.active
            on, off = (keys[label], "·") if keyed else ("●", "○")
            sheet.put(row, left, on if is_on else off, colours[label] if is_on else tones.faint)
            count = f"{counts[label]:,}" if counted else ""
            room = wide - 2 - GAP - (len(count) + 1 if counted else 0)
            ink = tones.text if is_on else tones.faint
            sheet.put(row, left + 2, shorten(name, room), ink)
            sheet.put(
                row, left + wide - GAP - len(count), count, tones.muted if is_on else tones.faint
            )
            self._places.append((label, row, left, left + wide))

    def _strip(self, scene: Scene, sheet: Sheet, dataset: Dataset, top: int) -> None:
        tones = scene.look.tones
        colours = scene.look.class_colours(len(dataset.class_names))
        row, column = top, 0
        for label, key in enumerate(class_keys(dataset.class_names)):
            if column + 2 > sheet.width:
                row, column = row + 1, 0
            is_on = label in scene.active
            sign = key if is_on else "·"
            sheet.put(row, column, sign, colours[label] if is_on else tones.faint)
            self._places.append((label, row, column, column + 2))
            column += 2
