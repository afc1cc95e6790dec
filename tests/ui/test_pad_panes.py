"""The panes of the drawing pad, cell for cell."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.ui.scenes import dataset, explorer, look, scene, snapshot
from tui_ae.arrays import FloatArray
from tui_ae.data.dataset import Dataset
from tui_ae.data.strokes import Ink
from tui_ae.raster.colour import ColourDepth
from tui_ae.raster.grid import CellGrid
from tui_ae.run.snapshot import State
from tui_ae.ui.pad import Pad
from tui_ae.ui.panes.base import Pane
from tui_ae.ui.scene import Scene
from tui_ae.ui.screens.pad_panes import Head, Hints, KeyList, PadPane, Verdict
from tui_ae.ui.sheet import Sheet
from tui_ae.ui.themes import DARK

SMALL, LARGE = (30, 16), (58, 30)
PLAIN = look(glyphs="ascii", depth=ColourDepth.NONE)
COLOURLESS = look(depth=ColourDepth.NONE)


def draw(pane: Pane, size: tuple[int, int], moment: Scene | None = None) -> CellGrid:
    now = scene()._scene() if moment is None else moment
    width, height = size
    return pane.draw(now, Sheet(height, width, ascii_only=now.look.ascii))


def rows(pane: Pane, size: tuple[int, int], moment: Scene | None = None) -> list[str]:
    return [row.rstrip() for row in draw(pane, size, moment).rows()]


# --- the pad -------------------------------------------------------------------------------------


def test_an_empty_pad_is_framed_and_says_how_to_begin() -> None:
    blank = "│" + " " * 28 + "│"
    assert rows(PadPane(Pad()), SMALL) == [
        "┌─ pen up ───────────────────┐", blank, blank,
        "│     move with arrows,      │",
        "│  space puts the pen down   │", blank, blank, blank,
        "│              ▀             │", *[blank] * 6,
        "└─ 2.4 px ────────── 15, 15 ─┘",
    ]  # fmt: skip
    plain = rows(PadPane(Pad()), SMALL, scene(look=PLAIN)._scene())
    assert plain[0] == "+- pen up -------------------+" and plain[1] == "|" + " " * 28 + "|"
    assert plain[15] == "+- 2.4 px ---------- 15, 15 -+" and plain[8][15] == "o"
    large = rows(PadPane(Pad()), LARGE)
    assert large[7] == "│" + "move with arrows,".center(56) + "│"
    assert large[8] == "│" + " " * 16 + "space puts the pen down" + " " * 17 + "│"
    assert large[15] == "│" + " " * 28 + "()" + " " * 26 + "│"
    assert len([row for row in large if row != "│" + " " * 56 + "│"]) == 5


@pytest.mark.parametrize(
    ("keys", "words", "one", "two"),
    [
        ("", " pen up ", "o", "()"),
        ("e", " pen up, eraser ", "x", "><"),
        ("p", " pen down, drawing ", "O", "[]"),
        ("pe", " pen down, erasing ", "X", "XX"),
    ],
)
def test_the_pen_shows_what_it_does(keys: str, words: str, one: str, two: str) -> None:
    pad = Pad()
    for key in keys:
        if key == "p":
            pad.turn_pen()
        else:
            pad.turn_eraser()
    pad.move(-10, 5)
    for size, sign, at in ((SMALL, one, (10, 5)), (LARGE, two, (20, 9))):
        grid = draw(PadPane(pad), size, scene(look=COLOURLESS)._scene())
        line = grid.rows()[at[0]]
        assert line[at[1] : at[1] + len(sign)] == sign
        inks = grid.foreground[at[0], at[1] : at[1] + len(sign)].tolist()
        assert inks == [DARK.warning if "e" in keys else DARK.accent] * len(sign)
        assert grid.rows()[0][2 : 2 + len(words)] == words
        assert grid.foreground[0, 3] == (DARK.accent if "p" in keys else DARK.title)
        assert grid.rows()[-1].endswith(" 5, 20 " + "─┘")


@pytest.mark.parametrize(("row", "sign"), [(20, "▀"), (21, "▄")])
@pytest.mark.parametrize(("above", "below"), [(0.0, 0.0), (1.0, 1.0), (1.0, 0.0), (0.0, 1.0)])
def test_the_other_pixel_of_the_pens_cell_keeps_its_grey(
    row: int, sign: str, above: float, below: float
) -> None:
    image = np.zeros((28, 28), np.float32)
    image[20, 7], image[21, 7] = above, below
    pad = Pad()
    pad.drawing.ink = image
    pad.column, pad.row = 7, row
    grid = draw(PadPane(pad), SMALL)
    assert chr(grid.glyphs[11, 8]) == sign and grid.foreground[11, 8] == DARK.accent
    assert grid.background[11, 8] == (0xFFFFFF if (below if row == 20 else above) else 0)


def test_the_welcome_is_grey_and_goes_with_the_first_stroke() -> None:
    pad = Pad()
    grid = draw(PadPane(pad), SMALL)
    assert set(grid.foreground[3, 6:23].tolist()) == {0x808080}
    assert grid.foreground[3, 5] != 0x808080
    colourless = draw(PadPane(pad), SMALL, scene(look=COLOURLESS)._scene())
    assert set(colourless.foreground[3, 1:29].tolist()) == {-1}
    pad.turn_pen()
    assert "move" not in "".join(rows(PadPane(pad), SMALL))
    pad.turn_pen()
    assert "move" not in "".join(rows(PadPane(pad), SMALL)), "there is a dot"


@pytest.mark.parametrize(
    ("point", "size", "pixel"),
    [
        ((1.5, 1.5), SMALL, (0, 0.5)),
        ((28.5, 14.5), SMALL, (27, 26.5)),
        ((1.5, 1.5), LARGE, (-0.25, 0)),
        ((56.5, 28.5), LARGE, (27.25, 27)),
        # Beyond the frame it goes on.
        ((0.5, 0.5), SMALL, (-1, -1.5)),
        ((30.5, 16.5), SMALL, (29, 30.5)),
    ],
)
def test_pixels_of_the_points_of_the_pad(
    point: tuple[float, float], size: tuple[int, int], pixel: tuple[float, float]
) -> None:
    assert PadPane.place_at(*point, *size) == pytest.approx(pixel)


# --- words around it -----------------------------------------------------------------------------


def test_the_head_says_of_which_moment_it_is() -> None:
    assert rows(Head(), (60, 1)) == ["draw an image of your own ────────────── epoch 12 · training"]
    data = dataset()
    shown = explorer(data, snapshot(data, epoch=1234, state=State.FAILED, failure="x"))
    grid = draw(Head(), (60, 1), scene(shown)._scene())
    assert grid.rows()[0].endswith("─ epoch 1,234 · failed")
    assert grid.foreground[0, 59] == DARK.error
    assert draw(Head(), (60, 1)).foreground[0, 59] == DARK.muted
    shown = explorer(data)
    shown.look_back(snapshot(data, epoch=3), 0.0)
    assert rows(Head(), (60, 1), scene(shown)._scene())[0].endswith("epoch 3 · an earlier moment")
    assert rows(Head(), (40, 1), scene(explorer())._scene()) == [
        "draw an image of your own " + "─" * 14
    ]


def test_the_hints_are_as_many_keys_as_fit_or_an_answer() -> None:
    hints = Hints()
    keys = "space pen · e erase · enter keep · esc back · u undo"
    assert rows(hints, (61, 1)) == [keys]
    assert rows(hints, (62, 1)) == [f"{keys} · c clear"]
    assert rows(hints, (99, 1)) == [f"{keys} · c clear · + thicker · - thinner"]
    assert draw(hints, (62, 1)).foreground[0, 0] == DARK.muted
    hints.message = "There is nothing to take back."
    assert rows(hints, (62, 1)) == [hints.message]
    assert rows(hints, (20, 1)) == ["There is nothing to…"]
    assert draw(hints, (62, 1)).foreground[0, 0] == DARK.warning


def test_the_list_of_keys_and_how_the_data_are_drawn() -> None:
    pad = Pad()
    keys = KeyList(pad)
    assert rows(keys, (28, 6)) == [
        "pen ────────────────────────", "arrows move; hjkl too", "shift  by four; HJKL too",
        "mouse  draws, right erases", "the data have no strokes", "",
    ]  # fmt: skip
    pad.suit(Ink(3.375, measured=True, dark=False))
    assert rows(keys, (28, 6))[4] == "the data's strokes: 3.4 px"
    assert draw(keys, (28, 6)).foreground[1, [0, 7]].tolist() == [DARK.text, DARK.muted]


# --- the verdict ---------------------------------------------------------------------------------


class Found:
    """Losses of the data that are known, or not."""

    def __init__(self, share: float = 12.4, count: int = 60, *, known: bool = True) -> None:
        self.share, self.count, self.is_known = share, count, known

    def share_below(self, loss: float) -> float:
        return self.share


NAMED = dataset(3, 60, names=["Bag", "Ankle boot", "犬"])


def drawing(data: Dataset = NAMED) -> Scene:
    """A black image, which the network of the scenes takes for the middle of its plane."""
    shown = explorer(data)
    shown.show_drawn(np.zeros((28, 28), np.float32))
    return scene(shown)._scene()


def verdict(alike: list[int], found: Found | None = None) -> Verdict:
    pane = Verdict(found or Found())
    pane.alike = np.array(alike, np.int64)
    return pane


def test_the_verdict_in_a_wide_and_in_a_narrow_pane() -> None:
    assert rows(verdict([0, 1, 2]), (30, 8), drawing()) == [
        "looks like ───────────────────", "Bag, Ankle boot, 犬", "by the nearest codes",
        "BCE 0.6931", "worse than 12% of 60 samples", "lands at (z₁ = 0.000,", "z₂ = 0.000)", "",
    ]  # fmt: skip
    assert rows(verdict([0, 1, 2]), (16, 12), drawing()) == [
        "looks like ─────", "Bag, Ankle boot", "犬", "by the nearest", "codes", "BCE 0.6931",
        "worse than 12%", "of 60 samples", "lands at", "(z₁ = 0.000,", "z₂ = 0.000)", "",
    ]  # fmt: skip
    # The comma counts: one cell less, and the second name begins a row.
    assert rows(verdict([0, 1]), (14, 4), drawing())[1:3] == ["Bag", "Ankle boot"]
    assert rows(verdict([0, 1]), (15, 4), drawing())[1] == "Bag, Ankle boot"
    assert rows(verdict([1]), (6, 3), drawing())[1] == "Ankle…"


def test_each_class_of_the_verdict_has_its_colour() -> None:
    inks = draw(verdict([0, 1, 3]), (30, 8), drawing()).foreground
    colours = look().class_colours(3)
    assert inks[1, [0, 3, 5, 15, 17]].tolist() == [
        colours[0], DARK.muted, colours[1], DARK.muted, colours[0]
    ]  # fmt: skip
    assert inks[[2, 3, 4, 5], 0].tolist() == [DARK.muted, DARK.text, DARK.muted, DARK.muted]


def test_without_labels_samples_are_told_by_their_numbers() -> None:
    data = dataset(1, 2000, labelled=False, names=["all"])
    assert rows(verdict([3, 1999]), (28, 3), drawing(data)) == [
        "nearest samples ────────────", "3, 1,999", "by the nearest codes",
    ]  # fmt: skip


def test_what_has_nothing_to_be_judged_by_is_told() -> None:
    assert rows(verdict([]), (30, 4), drawing())[1:3] == ["No sample has a code to", "compare."]
    begin = ["Draw something: here stands", "what the network takes it for."]
    assert rows(verdict([]), (30, 4))[1:3] == begin, "a sample is no drawing"
    assert rows(verdict([]), (30, 4), scene(explorer())._scene())[1:3] == begin
    first = explorer(NAMED)
    first.pin(0, 0.0)
    assert rows(verdict([]), (30, 4), scene(first)._scene())[1:3] == begin
    assert rows(verdict([]), (1, 5))[1:] == list("Draw")
    assert rows(Verdict(Found()), (30, 4), drawing())[1] == "No sample has a code to"

    def nowhere(images: FloatArray) -> FloatArray:
        return np.full((len(images), 2), np.nan, np.float32)

    lost = explorer(NAMED, snapshot(NAMED, np.zeros((60, 2)), encoder=nowhere))
    lost.show_drawn(np.zeros((28, 28), np.float32))
    moment = scene(lost)._scene()
    assert rows(verdict([0]), (30, 4), moment) == [
        "looks like ───────────────────", "These weights give it no code:", "they hold no numbers.",
        "",
    ]  # fmt: skip
    assert draw(verdict([0]), (30, 4), moment).foreground[1, 0] == DARK.error


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (Found(known=False), "being compared with the data"),
        (Found(math.nan), "nothing to compare it with"),
        (Found(0.0, 1234), "no worse than any of 1,234 samples"),
        (Found(0.1, 1000), "worse than 0.1% of 1,000 samples"),
        (Found(0.9, 1000), "worse than 0.9% of 1,000 samples"),
        (Found(1.0, 1000), "worse than 1% of 1,000 samples"),
        (Found(98.9, 1000), "worse than 99% of 1,000 samples"),
        (Found(99.0, 1000), "worse than 99% of 1,000 samples"),
        (Found(99.9, 1000), "worse than 99.9% of 1,000 samples"),
        (Found(100.0, 2), "worse than all of 2 samples"),
        (Found(100.0, 1), "worse than all of 1 sample"),
    ],
)
def test_how_a_loss_compares(found: Found, words: str) -> None:
    assert rows(verdict([0], found), (60, 5), drawing())[4] == words
