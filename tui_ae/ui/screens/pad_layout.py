"""Where the parts of the drawing pad stand on a terminal of a given size: one pure function."""

from __future__ import annotations

from tui_ae.data.arrays import SIDE
from tui_ae.ui.layout import GUTTER, IMAGE_HEIGHT, IMAGE_WIDTH, Box

FRAME = 2
"""Cells of the pad's frame, both sides together."""
MIN_WIDTH, MIN_HEIGHT = IMAGE_WIDTH + FRAME, IMAGE_HEIGHT + FRAME + 2
LARGE = 2
"""How many times as large the pad is where there is room."""
WORDS_WIDTH = 22
"""Cells of the narrowest pane of words."""
MAP_WIDTH, MAP_HEIGHT = 44, 8
"""Cells of the smallest map."""
KEYS_HEIGHT = 6
BRAILLE_ROWS = SIDE // 4


def arrange_pad(width: int, height: int) -> dict[str, Box]:
    """The panes by their names; none where the pad itself has no room."""
    if width < MIN_WIDTH or height < MIN_HEIGHT:
        return {}
    left = 1 if width >= MIN_WIDTH + 2 else 0
    inner, rows = width - 2 * left, height - 2
    boxes = {
        "pad-head": Box(left, 0, inner, 1),
        "pad-hints": Box(left, height - 1, inner, 1),
    }
    scale = 1
    if inner >= LARGE * IMAGE_WIDTH + FRAME + GUTTER + MAP_WIDTH:
        scale = LARGE if rows >= LARGE * IMAGE_HEIGHT + FRAME else 1
    pad = Box(left, 1, scale * IMAGE_WIDTH + FRAME, scale * IMAGE_HEIGHT + FRAME)
    boxes["pad"] = pad
    beside = Box(left + pad.width + GUTTER, 1, inner - pad.width - GUTTER, rows)
    below = Box(left, 1 + pad.height, inner, rows - pad.height)
    if beside.width < WORDS_WIDTH:
        return boxes | _below(below)
    if below.height >= KEYS_HEIGHT:
        boxes["pad-keys"] = Box(left, below.y, pad.width, below.height)
    return boxes | _beside(beside)


def _beside(box: Box) -> dict[str, Box]:
    """The reconstruction with words beside it and the map below; without the map in little room."""
    picture = _picture_rows(box)
    if not picture:
        top = BRAILLE_ROWS + 1
        return {
            "reconstruction": Box(box.x, box.y, box.width, top),
            "verdict": Box(box.x, box.y + top, box.width, box.height - top),
        }
    across, top = 2 * picture, picture + 1
    words = Box(box.x + across + GUTTER, box.y, box.width - across - GUTTER, top)
    return {
        "reconstruction": Box(box.x, box.y, across, top),
        "verdict": words,
        "scatter": Box(box.x, box.y + top, box.width, box.height - top),
    }


def _picture_rows(box: Box) -> int:
    """Rows of the reconstruction; 0 where there is no room for it and a map."""
    if box.width < MAP_WIDTH:
        return 0
    for rows in (2 * IMAGE_HEIGHT, IMAGE_HEIGHT, IMAGE_HEIGHT - 4):
        map_rows = box.height - rows - 1
        if map_rows >= max(MAP_HEIGHT, rows - 4) and box.width - 2 * rows - GUTTER >= WORDS_WIDTH:
            return rows
    return 0


def _below(box: Box) -> dict[str, Box]:
    """Words, then the reconstruction beside them, then the map, as far as there are rows."""
    top = BRAILLE_ROWS + 1
    if box.height < top:
        return {"verdict": box} if box.height > 1 else {}
    across = IMAGE_HEIGHT + GUTTER
    boxes = {
        "reconstruction": Box(box.x, box.y, IMAGE_HEIGHT, top),
        "verdict": Box(box.x + across, box.y, box.width - across, top),
    }
    rest = box.height - top
    if rest >= MAP_HEIGHT:
        boxes["scatter"] = Box(box.x, box.y + top, box.width, rest)
    return boxes
