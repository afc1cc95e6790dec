"""Where each pane stands on a terminal of a given size: one pure function.

The arrangement depends on width and height together, which the stylesheet can't express, so the
regions come from here and the stylesheet keeps the dialogs.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

MIN_WIDTH, MIN_HEIGHT = 60, 20
IMAGE_WIDTH, IMAGE_HEIGHT = 28, 14
"""Cells of a 28x28 image in half blocks."""
GUTTER = 2
READOUT_WIDTH = 76
"""Cells in which the probe's and the sample's coordinates stand side by side."""


class Arrangement(Enum):
    """The arrangements, from roomy to none."""

    COMFORTABLE = "comfortable"
    PORTRAIT = "portrait"
    COMPACT = "compact"
    SMALL = "small"
    TOO_SMALL = "too small"


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of cells."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class ScreenLayout:
    """The panes on the screen and where they stand; a pane that is not named is hidden."""

    arrangement: Arrangement
    panes: dict[str, Box]


TABLE_WIDTH = 28
"""Cells of the table of two runs: a name and two numbers."""
SMALL_ROWS = IMAGE_HEIGHT // 2
"""Rows of an image in braille."""
STRIP_ROWS = 12
"""Title, pictures, their classes and two curves."""
TABS = ("probe", "sample", "classes", "loss", "bowtie")
"""What tab leafs through where there is room for one pane beside the scatter."""


def _bars(width: int, height: int, loss_rows: int) -> dict[str, Box]:
    """The full-width rows: header on top; loss, status and footer at the bottom."""
    return {
        "header": Box(0, 0, width, 1),
        "loss": Box(0, height - 2 - loss_rows, width, loss_rows),
        "status": Box(0, height - 2, width, 1),
        "footer": Box(0, height - 1, width, 1),
    }


def _image_rows(width: int, body: int, legend_rows: int) -> int:
    """Rows of a picture, one and a half times or twice as large where there is room for it."""
    rows = IMAGE_HEIGHT
    step = IMAGE_HEIGHT // 2
    while (
        2 * (rows + step + 1) <= body
        and legend_rows + 1 + rows + step + 1 <= body
        and width - 2 * (2 * (rows + step) + GUTTER) >= READOUT_WIDTH
    ):
        rows += step
    return rows


def _comfortable(width: int, height: int, legend_rows: int) -> dict[str, Box]:
    loss_rows = 4 if height < 48 else 7
    panes = _bars(width, height, loss_rows)
    body = height - 3 - loss_rows
    image_rows = _image_rows(width, body, legend_rows)
    image_width = 2 * image_rows
    side = image_width + GUTTER
    right = width - image_width
    panes["input"] = Box(0, 1, image_width, image_rows + 1)
    panes["reconstruction"] = Box(0, image_rows + 2, image_width, image_rows + 1)
    centre = right - GUTTER - side
    readout = 1 if centre >= READOUT_WIDTH else 2
    panes["scatter"] = Box(side, 1, centre, body - readout)
    panes["readout"] = Box(side, 1 + body - readout, centre, readout)
    legend = min(legend_rows + 1, body - image_rows - 1)
    panes["classes"] = Box(right, 1, image_width, legend)
    below = 1 + legend
    panes["probe"] = Box(right, below, image_width, image_rows + 1)
    below += image_rows + 1
    rest = body + 1 - below
    if rest >= 5:
        panes["bowtie"] = Box(right, below, image_width, min(rest, 12))
    return panes


def _portrait(width: int, height: int, legend_rows: int) -> dict[str, Box]:
    panes = _bars(width, height, 4)
    top = height - 6 - (IMAGE_HEIGHT + 1)
    legend = (legend_rows + 1) // 2 + 1
    panes["classes"] = Box(0, top - legend, width, legend)
    panes["scatter"] = Box(0, 1, width, top - legend - 2)
    panes["readout"] = Box(0, top - legend - 1, width, 1)
    gap = (width - 3 * IMAGE_WIDTH) // 2
    for index, name in enumerate(("input", "reconstruction", "probe")):
        panes[name] = Box(index * (IMAGE_WIDTH + gap), top, IMAGE_WIDTH, IMAGE_HEIGHT + 1)
    return panes


def _compact(
    width: int, height: int, legend_rows: int, loss_rows: int | None = None
) -> dict[str, Box]:
    panes = _bars(width, height, loss_rows or (1 if height < 28 else 3))
    body = height - 3 - panes["loss"].height
    right = width - IMAGE_WIDTH
    legend = min((legend_rows + 1) // 2 + (1 if body >= 24 else 0), body // 4)
    left = right - GUTTER
    panes["scatter"] = Box(0, 1, left, body - legend - 1)
    panes["readout"] = Box(0, body - legend, left, 1)
    panes["classes"] = Box(0, 1 + body - legend, left, legend)
    panes["sample"] = Box(right, 1, IMAGE_WIDTH, IMAGE_HEIGHT // 2 + 1)
    panes["probe"] = Box(
        right,
        IMAGE_HEIGHT // 2 + 2,
        IMAGE_WIDTH,
        min(body - IMAGE_HEIGHT // 2 - 1, IMAGE_HEIGHT + 1),
    )
    return panes


def _small(width: int, height: int, tab: str) -> dict[str, Box]:
    body = height - 4
    right = width - IMAGE_WIDTH
    return {
        "header": Box(0, 0, width, 1),
        "scatter": Box(0, 1, right - 1, body),
        tab: Box(right, 1, IMAGE_WIDTH, body),
        "readout": Box(0, height - 3, width, 1),
        "status": Box(0, height - 2, width, 1),
        "footer": Box(0, height - 1, width, 1),
    }


def _with_strip(
    width: int, height: int, arrangement: Arrangement, legend_rows: int
) -> dict[str, Box]:
    """The panes with a strip over the whole width above the status line, in place of the loss."""
    small = arrangement is Arrangement.SMALL
    rows = STRIP_ROWS if height >= 37 else 9 if small else STRIP_ROWS - 2
    if small:
        panes = _bars(width, height, rows)
        panes["scatter"] = Box(0, 1, width, height - 4 - rows)
        panes["readout"] = Box(0, height - 3 - rows, width, 1)
    else:
        panes = _compact(width, height, legend_rows, loss_rows=rows)
        if panes["probe"].height < IMAGE_HEIGHT // 2 + 1:
            # A picture that is cut tells nothing; what the probe decodes stands in the strip.
            del panes["probe"]
            body = panes["loss"].y - 1
            panes["sample"] = Box(width - IMAGE_WIDTH, 1, IMAGE_WIDTH, body)
    panes["strip"] = panes.pop("loss")
    return panes


def _beside(panes: dict[str, Box], name: str) -> dict[str, Box]:
    """The panes with another in place of the probe's picture, and of what stands below it."""
    if "probe" not in panes:
        return panes
    box = panes.pop("probe")
    below = panes.get("bowtie")
    if below is not None and (below.x, below.y) == (box.x, box.y + box.height):
        del panes["bowtie"]
        box = Box(box.x, box.y, box.width, box.height + below.height)
    # Pictures end where they would be distorted; a list has use for the rows that lie empty there.
    # It stands at the right edge: what reaches as far as its left side lies below it.
    bottom = box.y + box.height
    under = [pane.y for pane in panes.values() if pane.y >= bottom and pane.x + pane.width > box.x]
    height = min(under, default=bottom) - box.y
    return {**panes, name: Box(box.x, box.y, box.width, height)}


def _compared(width: int, height: int) -> dict[str, Box]:
    """Two maps side by side, and below them the sample through both networks."""
    panes = _bars(width, height, 0)
    del panes["loss"]
    body = height - 3
    low = IMAGE_HEIGHT + 1 if body >= 30 and width >= 3 * IMAGE_WIDTH + 24 else SMALL_ROWS + 1
    picture = IMAGE_WIDTH if low > IMAGE_HEIGHT else IMAGE_WIDTH // 2
    half = (width - 1) // 2
    panes["scatter"] = Box(0, 1, half, body - low)
    panes["other"] = Box(half + 1, 1, width - half - 1, body - low)
    top = 1 + body - low
    names = ["input", "reconstruction", "other-reconstruction"]
    if width < 3 * (picture + 1) + TABLE_WIDTH:
        # Its numbers tell more of both runs than the image that both were given.
        names.remove("input")
    if width >= 5 * (picture + 1) + 24:
        names += ["probe", "other-decoded"]
    for at, name in enumerate(names):
        panes[name] = Box(at * (picture + 1), top, picture, low)
    left = len(names) * (picture + 1)
    panes["compared"] = Box(left, top, width - left, low)
    return panes


def arrange(
    width: int,
    height: int,
    legend_rows: int,
    tab: str = "probe",
    *,
    beside: str = "",
    strip: bool = False,
    compared: bool = False,
) -> ScreenLayout:
    """The panes of a terminal of width x height cells.

    Args:
        width: Columns of the terminal.
        height: Rows of the terminal.
        legend_rows: Rows that the class legend wants in a column of 28 cells.
        tab: The pane of TABS to show where only one fits beside the scatter.
        beside: The pane in place of the probe's picture; '' for none.
        strip: Whether the way from A to B is shown.
        compared: Whether a second run stands beside the first.
    """
    if width < MIN_WIDTH or height < MIN_HEIGHT:
        return ScreenLayout(
            Arrangement.TOO_SMALL, {"notice": Box(0, 0, max(width, 1), max(height, 1))}
        )
    arrangement = _arrangement_for(width, height)
    if compared:
        return ScreenLayout(arrangement, _compared(width, height))
    if strip:
        panes = _with_strip(width, height, arrangement, legend_rows)
    elif arrangement is Arrangement.COMFORTABLE:
        panes = _comfortable(width, height, legend_rows)
    elif arrangement is Arrangement.PORTRAIT:
        panes = _portrait(width, height, legend_rows)
    elif arrangement is Arrangement.COMPACT:
        panes = _compact(width, height, legend_rows)
    else:
        panes = _small(width, height, tab)
    return ScreenLayout(arrangement, _beside(panes, beside) if beside else panes)


def _arrangement_for(width: int, height: int) -> Arrangement:
    """The arrangement of a terminal that is large enough for one."""
    if width >= 108 and height >= 37:
        return Arrangement.COMFORTABLE
    if width >= 3 * IMAGE_WIDTH + 2 and height >= 46:
        return Arrangement.PORTRAIT
    return Arrangement.COMPACT if width >= 76 and height >= 23 else Arrangement.SMALL
