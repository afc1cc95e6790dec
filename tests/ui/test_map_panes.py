"""The map with every layer on every plane in every look, neighbours, and the way from A to B."""

from __future__ import annotations

import dataclasses
import itertools
import math
import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from pytest import MonkeyPatch
from rich.cells import cell_len

from tests.run import moments
from tests.ui import scenes
from tests.ui.scenes import SURVEY, Staged, explorer, look, scene
from tui_ae.arrays import FloatArray
from tui_ae.data.dataset import Dataset
from tui_ae.data.images import Images
from tui_ae.raster.colour import ColourDepth, class_colours, grey_levels
from tui_ae.raster.grid import DEFAULT, SECOND
from tui_ae.raster.tiles import lattice
from tui_ae.raster.viewport import cell_of
from tui_ae.run.snapshot import Snapshot, State
from tui_ae.ui.choice import End, Inspector, Layer, PlaneName
from tui_ae.ui.explorer import Explorer
from tui_ae.ui.layout import Box, arrange
from tui_ae.ui.nearby import NEIGHBOURS, WALK_POINTS, WIDE, Neighbourhood
from tui_ae.ui.panes.base import Pane
from tui_ae.ui.panes.neighbours import Neighbours, few_signs, lit, small_picture
from tui_ae.ui.panes.scatter import Scatter, points_are_names
from tui_ae.ui.panes.strip import Strip, curve

LOOKS = {
    **scenes.LOOKS,
    "ASCII in colour": look(glyphs="ascii"),
    "blocks": look(glyphs="blocks"),
    "slow": look(grey_levels=6, sixteen_colours=True),
    "slower": look(grey_levels=8, braille_images=True, sixteen_colours=True),
    "slowest": look(braille_images=True, sixteen_colours=True, sparse_cloud=True),
}
WIDTHS = (1, 2, 3, 32)
PLANES = (PlaneName.CODES, PlaneName.PRINCIPAL, PlaneName.PIXELS)
TERMINALS = ((60, 20), (80, 24), (90, 60), (120, 40), (200, 60))
DATA = moments.dataset()
NAMED = dataclasses.replace(
    DATA, class_names=("Sandal", "Ankle boot", "犬のクラス", "\x1b[31mé" * 9)
)
ALONE = dataclasses.replace(
    DATA, labels=np.zeros(60, int), class_names=("0",), held_out=None
)  # fmt: skip
UNLABELLED = dataclasses.replace(ALONE, class_names=("all",), labelled=False)


def seen(data: Dataset = DATA, width: int = 2, **changes: Any) -> Explorer:
    run = moments.info(width)
    shown = explorer()
    shown.take_survey(SURVEY)
    active = changes.pop("active", range(len(data.class_names)))
    made = moments.snapshot(data, moments.moment(7, run), run, active_classes=frozenset(active))
    shown.accept(dataclasses.replace(made, **changes), data, 0.0)
    return shown


def nothing(width: int, value: float = np.nan) -> dict[str, FloatArray | State | str]:
    return {
        "codes": np.full((60, width), value, np.float32),
        "held_out_codes": np.full((12, width), value, np.float32),
        "state": State.FAILED,
        "failure": "The loss is no longer a number.",
    }


def runs_of(seen: Callable[..., Explorer]) -> dict[str, Callable[[int], Explorer]]:
    """Runs whose codes are hard to show, each from how many numbers a code has to an explorer."""
    return {
        "of digits": lambda width: seen(width=width),
        "with names": lambda width: seen(NAMED, width),
        "of one class": lambda width: seen(ALONE, width),
        "unlabelled": lambda width: seen(UNLABELLED, width),
        "with classes off": lambda width: seen(width=width, active=(1, 2)),
        "of one sample": lambda width: seen(moments.dataset(1, 1), width),
        "that failed": lambda width: seen(width=width, **nothing(width)),
        "that ran away": lambda width: seen(width=width, **nothing(width, 3e38)),
        "all in one place": lambda width: seen(width=width, **nothing(width, 0.25)),
    }


RUNS = runs_of(seen)

THOROUGHLY = ("of digits", "that ran away")
"""Those whose every width is tried by default."""
RUNS_OF_EACH_WIDTH = [
    pytest.param(width, run, marks=() if width == 2 or run in THOROUGHLY else pytest.mark.slow)
    for run, width in itertools.product(RUNS, WIDTHS)
]


def paint(pane: Pane, now: Staged, width: int, height: int) -> list[str]:
    # It stands on no screen that could be painted.
    vars(pane)["refresh"] = lambda *regions, **options: None
    pane.paint(now, width, height)
    assert (pane.grid.height, pane.grid.width) == (height, width)
    rows = pane.grid.rows()
    text = "".join(rows)
    # A character of two cells has its second behind it.
    assert all(cell_len(row.replace(chr(SECOND), "")) == width for row in rows), text
    assert "-0.000" not in re.sub(r"-0\.000\d", "", text)
    if now.look.ascii:
        assert text.isascii(), {sign for sign in text if not sign.isascii()}
    if now.look.glyphs == "blocks":
        assert not any("\u2801" <= sign <= "\u28ff" for sign in text)
    return rows


def choose(shown: Explorer, **changes: Any) -> None:
    shown.choice = dataclasses.replace(shown.choice, **changes)


def staged(shown: Explorer, appearance: str = "truecolor") -> Staged:
    return scene(shown, look=LOOKS[appearance], spec=shown.live.info.spec)


def live(shown: Explorer) -> Snapshot:
    assert shown.live is not None
    return shown.live


def boxes(name: str, **options: Any) -> Iterator[tuple[int, int]]:
    """The sizes that a pane gets on terminals of all sizes."""
    for size in TERMINALS:
        panes = arrange(*size, 4, **options).panes
        if name in panes:
            yield panes[name].width, panes[name].height


ODD = ((1, 1), (2, 3), (7, 1), (1, 30), (13, 5))


# --- the map -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("width", "run"), RUNS_OF_EACH_WIDTH)
def test_every_layer_on_every_plane_has_a_picture_at_every_size(width: int, run: str) -> None:
    shown = RUNS[run](width)
    sizes = (*boxes("scatter"), *ODD)
    names = [name for name in PLANES if name in shown.planes.names]
    assert PlaneName.PIXELS in names
    turn = 0
    for name, appearance in itertools.product(names, LOOKS):
        shown.use_plane(name, 0.0)
        now, pane = staged(shown, appearance), Scatter()
        for layer in Layer:
            choose(shown, layer=layer, dots_over=bool(turn % 2), held_out=turn % 3 > 0, ends=())
            # Each with some of the sizes, so that each layer and look comes in each size.
            for size in sizes[turn % 4 :: 4]:
                rows = paint(pane, now, *size)
                if size[0] > 50:
                    title = shown.plane.title
                    assert rows[0].startswith(f"▸ {title[:20]}") or now.look.ascii
                    assert layer is Layer.BRAILLE or layer.value in rows[0]
            turn += 1
        shown.mark()
        shown.move_probe(9, -4, pane.cell_size(shown.choice))
        shown.mark()
        paint(pane, now, 60, 20)


@pytest.mark.parametrize("active", [(0, 1, 2, 3), (1, 2)])
@pytest.mark.parametrize("appearance", ["truecolor", "16", "NO_COLOR", "ASCII", "slowest"])
def test_tiles_are_images_of_the_plane_framed_by_what_lies_near(
    appearance: str, active: tuple[int, ...]
) -> None:
    shown = seen(active=active)
    choose(shown, layer=Layer.TILES, names=False, probe=(1e6, 1e6), sample=-1)
    pane = Scatter()
    rows = paint(pane, staged(shown, appearance), 100, 40)
    plot = pane.plot
    place = lattice(plot.height, plot.width)
    assert place.rows * place.columns > 30
    columns, lines = place.corners()
    view, grid = shown.view, pane.grid
    points = place.centres(shown.viewport)
    spacing = np.array(place.spacing(shown.viewport))
    apart = np.hypot(*np.moveaxis((view.plane.codes[None] - points[:, None]) / spacing, -1, 0))
    apart[:, ~np.isin(DATA.labels, active)] = np.inf
    framed = 0
    for tile, (column, line) in enumerate(zip(columns.tolist(), lines.tolist(), strict=True)):
        at = line + plot.y, column + plot.x
        sign, ink = chr(grid.glyphs[at]), int(grid.foreground[at])
        near = apart[tile].min() <= 0.75
        label = int(DATA.labels[apart[tile].argmin()])
        framed += near
        if appearance in ("NO_COLOR", "ASCII"):
            assert (sign == str(label)) == near, rows[line]
        else:
            colours = LOOKS[appearance].class_colours(4)
            assert ink == (colours[label] if near else DEFAULT)
    assert 3 < framed < len(columns)


def test_dots_lie_over_tiles_only_where_they_are_asked_for() -> None:
    shown, pane = seen(), Scatter()
    choose(shown, layer=Layer.TILES, names=False)
    now = staged(shown)
    tiles = "".join(paint(pane, now, 142, 100))
    shown.switch("dots_over")
    over = "".join(paint(pane, now, 142, 100))
    braille = re.compile("[\u2801-\u28ff]")
    assert not braille.search(tiles) and len(braille.findall(over)) > 20
    shown.switch("dots_over")
    assert "".join(paint(pane, now, 142, 100)) == tiles
    # Small tiles are of dots themselves, twice as fine, but not where the cloud's lie over them.
    assert braille.search("".join(paint(pane, now, 80, 30)))
    shown.switch("dots_over")
    assert "▀" in "".join(paint(pane, now, 80, 30))


def test_tiles_follow_the_box_and_the_plane() -> None:
    shown, pane = seen(width=3), Scatter()
    choose(shown, layer=Layer.TILES)
    now = staged(shown)
    pictures = set()
    changes: list[Callable[[], object]] = [
        lambda: None,
        lambda: shown.zoom(2),
        lambda: shown.next_plane(1, 0.0),
    ]
    for change in changes:
        change()
        paint(pane, now, 160, 60)
        pictures.add(pane.grid.background.tobytes())
    assert len(pictures) == 3


@pytest.mark.parametrize("appearance", ["truecolor", "NO_COLOR", "ASCII"])
def test_names_stand_on_the_map_where_there_is_room_and_go_with_a_key(appearance: str) -> None:
    shown, pane = seen(NAMED), Scatter()
    now = staged(shown, appearance)
    before, after = ("[", "]") if appearance != "truecolor" else (" ", " ")

    def named(width: int = 80, height: int = 30) -> bool:
        text = "\n".join(paint(pane, now, width, height))
        return f"{before}Sandal{after}" in text or f"{before}Ankle boot{after}" in text

    assert named() and not named(20, 30) and not named(80, 8)
    shown.switch("names")
    assert not named()
    shown.switch("names")
    choose(shown, layer=Layer.TILES)
    assert not named()


@pytest.mark.parametrize("layer", [Layer.BRAILLE, Layer.DIGITS, Layer.DENSITY])
def test_one_letter_names_are_written_where_they_do_not_stand_anyway(layer: Layer) -> None:
    shown, pane = seen(), Scatter()
    choose(shown, layer=layer, ends=())
    paint(pane, staged(shown), 80, 30)
    # A name has a ground of its own colour, which no dot has.
    grounds = set(pane.grid.background.ravel().tolist()) & set(LOOKS["truecolor"].class_colours(4))
    assert bool(grounds) == (layer is not Layer.DIGITS)


@pytest.mark.parametrize("appearance", ["16", "NO_COLOR", "ASCII"])
def test_a_density_is_named_also_where_colours_are_few(appearance: str) -> None:
    shown, pane = seen(), Scatter()
    now = staged(shown, appearance)
    for layer in (Layer.BRAILLE, Layer.DIGITS, Layer.DENSITY):
        choose(shown, layer=layer, ends=())
        text = "\n".join(paint(pane, now, 80, 30))
        assert any(f"[{name}]" in text for name in DATA.class_names) == (layer is Layer.DENSITY)


def test_names_leave_probe_sample_and_marks_free() -> None:
    shown, pane = seen(NAMED), Scatter()
    now = staged(shown)
    paint(pane, now, 80, 30)
    grid, plot = pane.grid, pane.plot
    colours = class_colours(4, dark=True, depth=ColourDepth.TRUECOLOR)
    covered = np.argwhere(np.isin(grid.background, colours))
    assert len(covered)
    row, column = covered[len(covered) // 2].tolist()
    shown.set_probe(pane.point_at(shown.choice, column, row))
    shown.mark()
    shown.set_probe(pane.point_at(shown.choice, plot.x + 1, plot.y + 1))
    shown.mark()
    rows = paint(pane, now, 80, 30)
    assert rows[row][column] == "A"
    shown.unmark()
    shown.set_probe(pane.point_at(shown.choice, column, row))
    assert paint(pane, now, 80, 30)[row][column] in "╋◎"


def test_held_out_samples_are_marked_on_a_key_where_there_are_any() -> None:
    shown, pane = seen(), Scatter()
    now = staged(shown)
    assert "×" not in "".join(paint(pane, now, 80, 30))
    shown.switch("held_out")
    rows = paint(pane, now, 80, 30)
    assert "× held out" in rows[0]
    box, plot = shown.viewport, pane.plot
    cells = {
        cell_of(box, code[0], code[1], plot.width, plot.height)
        for code in shown.view.plane.held_out_codes.tolist()
    }
    inside = {(x, y) for x, y in cells if 0 <= x < plot.width and 0 <= y < plot.height}
    marked = {
        (x, y)
        for y in range(plot.height)
        for x in range(plot.width)
        if rows[plot.y + y][plot.x + x] == "×"
    }
    # The probe and the sample's ring stand over them.
    assert marked <= inside and len(marked) >= len(inside) - 4
    off = seen(active=(1,))
    choose(off, held_out=True)
    assert "".join(paint(Scatter(), staged(off), 80, 30)).count("×") < len(marked)
    none = seen(ALONE)
    choose(none, held_out=True)
    assert "×" not in "".join(paint(Scatter(), staged(none), 80, 30))


def test_a_way_stands_on_the_map_and_its_ends_may_be_out_of_sight() -> None:
    shown, pane = seen(), Scatter()
    now = staged(shown)
    paint(pane, now, 80, 30)
    shown.mark()
    shown.move_probe(20, 6, pane.cell_size(shown.choice))
    shown.mark()
    text = "".join(paint(pane, now, 80, 30)[1:])
    assert "A" in text and text.count("·") > 5
    # The probe is still there, around its own mark.
    assert "╺B╸" in text
    for _ in range(40):
        shown.zoom(1)
    paint(pane, now, 80, 30)
    for _ in range(80):
        shown.zoom(-1)
    paint(pane, now, 80, 30)


SIX = scenes.dataset(3, 6, names=["Bag", "Coat", "3"])
CORNERS = np.array([[-1, -1], [1, -1], [-1, 1], [1, 1], [0, 0], [0.2, 0.1]], np.float32)


def six(**changes: Any) -> Explorer:
    """Four samples in the corners and two inside, and an encoder that knows one place only."""

    def half(images: FloatArray) -> FloatArray:
        return np.full((len(images), 2), 0.5, np.float32)

    shown = scenes.explorer(SIX, scenes.snapshot(SIX, CORNERS, encoder=half))
    choose(shown, sample=3, pinned=True, probe=(-0.5, -0.5), **changes)
    return shown


@pytest.mark.parametrize(
    ("appearance", "size", "rows"),
    [
        ("truecolor", (40, 12), [
            "▸ latent space ─────────────────────────",
            "  z₂ │  ⠄                     ┊      ⠠",
            "     │   3                    ┊     Bag",
            "     │┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈(◎)┈┈┈┈┈┈┈┈",
            "     │                        ┊",
            "    0┤             Coat  ⠈    ┊",
            "     │                        ┊",
            "     │        ╺╋╸             ┊",
            "     │                        ┊",
            "   -1┤  ⠂                     ┊      ⠐",
            "     └──┬──────────────┬─────────────┬──",
            "       -1              0              z₁",
        ]),
        # Names stand on plots of 24 x 8 cells and more.
        ("truecolor", (30, 11), [
            "▸ latent space ───────────────",
            "  z₂ │ ⠂               ┊    ⠐",
            "     │   3             ┊  Bag",
            "     │┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈(◎)┈┈┈┈┈",
            "     │              ⠄  ┊",
            "    0┤            ⠁    ┊",
            "     │     ╺╋╸         ┊",
            "     │                 ┊",
            "     │ ⠄               ┊ Coat",
            "     └────────────┬───────────",
            "                  0         z₁",
        ]),
        ("truecolor", (29, 11), [
            "▸ latent space ──────────────",
            "  z₂ │ ⠂              ┊    ⠐",
            "     │                ┊",
            "     │┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈(◎)┈┈┈┈┈",
            "     │             ⠠  ┊",
            "    0┤           ⠁    ┊",
            "     │     ╺╋╸        ┊",
            "     │                ┊",
            "     │ ⠄              ┊    ⠠",
            "     └───────────┬───────────",
            "                 0         z₁",
        ]),
        ("truecolor", (30, 10), [
            "▸ latent space ───────────────",
            "  z₂ │ ⠂               ┊    ⠐",
            "     │┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈(◎)┈┈┈┈┈",
            "     │                 ┊",
            "    0┤            ⠄ ⠁  ┊",
            "     │                 ┊",
            "     │     ╺╋╸         ┊",
            "     │ ⠄               ┊    ⠠",
            "     └────────────┬───────────",
            "                  0         z₁",
        ]),
        ("ASCII", (31, 11), [
            "> latent space ----------------",
            "  z2 | 3               :     a",
            "     |  [3]            : [Bag]",
            "     |----------------(O)------",
            "     |              3  :",
            "    0+            b    :",
            "     |      >X<        :",
            "     |                 :",
            "     | a               :[Coat]",
            "     +------------+------------",
            "                  0          z1",
        ]),
        # On the slowest links there are no lines to send.
        ("slowest", (30, 11), [
            "▸ latent space ───────────────",
            "  z₂ │ 3                    a",
            "     │   3                Bag",
            "     │                (◎)",
            "     │              3",
            "    0┤            b",
            "     │     ╺╋╸",
            "     │",
            "     │ a                 Coat",
            "     └────────────┬───────────",
            "                  0         z₁",
        ]),
    ],
)  # fmt: skip
def test_the_map_row_by_row(appearance: str, size: tuple[int, int], rows: list[str]) -> None:
    drawn = paint(Scatter(), staged(six(), appearance), *size)
    assert [row.rstrip() for row in drawn] == rows


def test_cells_of_the_map_and_their_points() -> None:
    shown, pane = six(), Scatter()
    paint(pane, staged(shown), 30, 10)
    assert pane.plot == Box(6, 1, 24, 7)
    assert pane.cell_size(shown.choice) == pytest.approx((2.28 / 24, 2.28 / 7))
    for cell, point in (
        ((6, 1), (-1.0925, 0.97714)), ((7, 3), (-0.9975, 0.32571)), ((29, 7), (1.0925, -0.97714)),
        # Beside the plot, its nearest cell.
        ((0, 0), (-1.0925, 0.97714)), ((99, 99), (1.0925, -0.97714)),
    ):  # fmt: skip
        assert pane.point_at(shown.choice, *cell).tolist() == pytest.approx(point, abs=1e-4)


@pytest.mark.parametrize(
    ("changes", "there"),
    [
        ({"layer": Layer.BRAILLE, "names": True}, True),
        ({"layer": Layer.DENSITY, "names": True}, True),
        ({"layer": Layer.TILES, "names": True}, False),
        ({"layer": Layer.BRAILLE, "names": False}, False),
    ],
)
def test_where_names_stand_on_the_map(changes: dict[str, Any], there: bool) -> None:
    text = "".join(paint(Scatter(), staged(six(**changes)), 50, 16)[1:])
    assert (" Coat " in text and " Bag " in text) == there


@pytest.mark.parametrize(
    ("names", "layer", "appearance", "are"),
    [
        (("0", "1"), Layer.DIGITS, "truecolor", True),
        (("0", "1"), Layer.BRAILLE, "truecolor", False),
        (("0", "1"), Layer.BRAILLE, "16", True),
        (("0", "1"), Layer.BRAILLE, "slowest", True),
        (("0", "1"), Layer.DENSITY, "16", False),
        (("0", "b"), Layer.DIGITS, "truecolor", False),
    ],
)
def test_where_points_are_names_already(
    names: tuple[str, ...], layer: Layer, appearance: str, are: bool
) -> None:
    assert points_are_names(layer, names, LOOKS[appearance]) == are


def test_names_are_in_the_classes_colours() -> None:
    pane = Scatter()
    for appearance in ("truecolor", "16"):
        rows = paint(pane, staged(six(), appearance), 40, 12)
        at = rows[2].index("Bag")
        appears = LOOKS[appearance]
        colour = appears.class_colours(3)[0]
        ink, paper = int(pane.grid.foreground[2, at]), int(pane.grid.background[2, at])
        if appearance == "16":
            assert rows[2][at - 1 : at + 4] == "[Bag]" and (ink, paper) == (colour, DEFAULT)
        else:
            assert (ink, paper) == (appears.tones.background, colour)


HELD_OUT = np.array(
    [
        [-1.1, -1.1], [1.1, 1.1], [0, 0.5], [0, 0.5], [5, 5], [np.nan, 0], [-1.14, 0], [1.14, -0.3],
        [0, 1.14], [0, -1.14], [0.5, 0], [-0.5, 0],
    ],
    np.float32,
)  # fmt: skip


@pytest.mark.parametrize(
    ("active", "classes"),
    [
        # At the left and upper edge a point is inside, at the right and lower one it is not.
        ((0, 1, 2, 3), {(1, 23): 0, (1, 39): 1, (3, 23): 2, (5, 6): 2, (5, 15): 3, (5, 30): 2,
                        (9, 6): 0}),
        ((0, 1, 3), {(1, 23): 0, (1, 39): 1, (3, 23): 3, (5, 15): 3, (9, 6): 0}),
        ((2, 3), {(3, 23): 2, (5, 6): 2, (5, 15): 3, (5, 30): 2}),
    ],
)  # fmt: skip
def test_held_out_samples_are_crosses_of_their_class(
    active: tuple[int, ...], classes: dict[tuple[int, int], int]
) -> None:
    codes = np.tile(CORNERS, (10, 1))
    shown = seen(codes=codes, held_out_codes=HELD_OUT, active=(0, 1, 2, 3))
    box = shown.choice.viewport
    assert dataclasses.astuple(box) == pytest.approx((-1.14, 1.14, -1.14, 1.14))
    if active != (0, 1, 2, 3):
        shown = seen(codes=codes, held_out_codes=HELD_OUT, active=active)
    choose(shown, held_out=True, names=False, probe=(9, 9), sample=-1, viewport=box)
    pane = Scatter()
    rows = paint(pane, staged(shown), 40, 12)
    colours = LOOKS["truecolor"].class_colours(4)
    assert {
        (row, column): colours.index(int(pane.grid.foreground[row, column]))
        for row, text in enumerate(rows)
        for column, sign in enumerate(text)
        if sign == "×" and row
    } == classes
    choose(shown, held_out=False)
    assert "×" not in "".join(paint(pane, staged(shown), 40, 12))


@pytest.mark.parametrize(
    ("width", "caption"),
    [
        (84, "class characters · × held out · zoomed, f fits · epoch 7, slow link"),
        (83, "class characters · zoomed, f fits · epoch 7, slow link"),
        (71, "class characters · zoomed, f fits · epoch 7, slow link"),
        (70, "class characters · epoch 7, slow link"),
        (54, "class characters · epoch 7, slow link"),
        (53, "class characters"),
        (33, "class characters"),
        (32, "classes"),
        (24, "classes"),
        (23, ""),
    ],
)
def test_of_the_maps_caption_what_is_drawn_stays_longest(width: int, caption: str) -> None:
    shown = seen()
    shown.zoom(1)
    choose(shown, layer=Layer.DIGITS, held_out=True)
    top = paint(Scatter(), staged(shown, "slower"), width, 10)[0]
    assert top.removeprefix("▸ latent space ").lstrip("─").strip() == caption
    paused = dataclasses.replace(live(shown), state=State.PAUSED)
    shown.accept(paused, DATA, 0.0)
    assert "slow link" not in paint(Scatter(), staged(shown, "slower"), 90, 10)[0]


@pytest.mark.parametrize(("size", "side"), [((126, 39), 12), ((146, 50), 14)])
@pytest.mark.parametrize("over", [False, True])
def test_tiles_are_of_dots_where_half_blocks_would_be_too_coarse(
    size: tuple[int, int], side: int, over: bool
) -> None:
    shown, pane = seen(), Scatter()
    choose(shown, layer=Layer.TILES, names=False, dots_over=over)
    rows = paint(pane, staged(shown), *size)
    assert lattice(pane.plot.height, pane.plot.width).side == side
    assert ("▀" in "".join(rows)) == (side >= 14 or over)
    # Where a cell has a braille pattern only, its background is the pane's own.
    plain = (pane.grid.background[1:-2, 6:] == DEFAULT).all()
    assert plain == (side < 14 and not over)


@pytest.mark.parametrize(
    ("changes", "greys"),
    [
        ({}, 24),
        ({"grey_levels": 26}, 24),
        ({"grey_levels": 6}, 6),
        ({"depth": ColourDepth.SIXTEEN}, 4),
        ({"depth": ColourDepth.SIXTEEN, "grey_levels": 6}, 4),
    ],
)
def test_how_many_greys_tiles_have(changes: dict[str, Any], greys: int) -> None:
    def ramp(codes: FloatArray) -> FloatArray:
        return np.tile(np.linspace(0, 1, 784, dtype=np.float32), (len(codes), 1))

    shown, pane = seen(decoder=ramp), Scatter()
    choose(shown, layer=Layer.TILES, names=False, probe=(1e6, 1e6), sample=-1)
    paint(pane, scene(shown, look=look(**changes)), 146, 50)
    found = set(np.unique(pane.grid.background[1:-2, 6:]).tolist())
    # Of an image of 14 x 13 pixels that rises evenly, nearly each grey is the lower one of a cell.
    assert len(found) > 2 / 3 * greys and found <= set(grey_levels(greys).tolist())


# --- neighbours ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("width", "run"), RUNS_OF_EACH_WIDTH)
def test_neighbours_have_a_picture_at_every_size(width: int, run: str) -> None:
    shown = RUNS[run](width)
    sizes = [*boxes("neighbours", beside="neighbours"), *ODD]
    assert len(sizes) > 8
    for name in (name for name in PLANES if name in shown.planes.names):
        shown.use_plane(name, 0.0)
        for inspector in (Inspector.OF_PROBE, Inspector.OF_SAMPLE):
            choose(shown, inspector=inspector)
            for turn, appearance in enumerate(LOOKS):
                pane = Neighbours()
                for size in sizes[turn % 2 :: 2]:
                    assert "nan" not in "".join(paint(pane, staged(shown, appearance), *size))


def test_of_a_dark_neighbour_as_much_is_to_be_seen_as_of_a_bright_one() -> None:
    rng = np.random.default_rng(0)
    coat = np.zeros((28, 28), np.float32)
    coat[2:, 6:22] = rng.uniform(0.6, 1, (26, 16))
    bright, dark = coat / np.quantile(coat, 0.95), 0.1 * coat
    assert lit(dark) == pytest.approx(np.minimum(bright, 1), abs=1e-6)
    dots = [small_picture(image, LOOKS["truecolor"], 7) for image in (dark, lit(dark), coat)]
    signs = [int((grid.glyphs > 0x2800).sum()) for grid in dots]
    assert signs[0] < signs[2] / 3 and signs[1] >= signs[2]
    noise = 0.01 * coat
    for same in (noise, np.zeros((28, 28), np.float32), np.full((28, 28), np.nan, np.float32)):
        assert np.array_equal(lit(same), same, equal_nan=True)
    images = np.tile(dark.reshape(1, -1), (60, 1))
    shown = scenes.explorer(scenes.dataset(images=Images(images)))
    choose(shown, inspector=Inspector.OF_SAMPLE)
    text = "".join(paint(Neighbours(), staged(shown), 40, 24))
    assert sum(sign > "\u2800" for sign in text) > 2 * signs[1]


def test_a_large_screen_shows_half_of_the_neighbours() -> None:
    shown = seen()
    choose(shown, inspector=Inspector.OF_PROBE)
    distances = shown.view.neighbours.in_codes.distances
    panes = arrange(200, 60, 5, beside="neighbours").panes
    box = panes["neighbours"]
    assert box.y + box.height == panes["loss"].y
    text = "\n".join(paint(Neighbours(), staged(shown), box.width, box.height))
    assert all(few_signs(float(each), 5) in text for each in distances[:5])


def test_no_neighbour_stands_alone_where_two_have_room() -> None:
    shown = seen()
    choose(shown, inspector=Inspector.OF_PROBE)
    shown.view.neighbours  # noqa: B018 - computed before it is counted
    first, second = (few_signs(float(d), 4) for d in shown.view.neighbours.in_codes.distances[:2])
    box = arrange(80, 24, 2, beside="neighbours").panes["neighbours"]
    text = "\n".join(paint(Neighbours(), staged(shown), box.width, box.height))
    assert first in text and second in text


@pytest.mark.parametrize(("height", "tall"), [(20, 4), (21, 5), (26, 5), (27, 7)])
def test_pictures_of_neighbours_are_as_large_as_three_have_room(height: int, tall: int) -> None:
    shown = seen()
    choose(shown, inspector=Inspector.OF_PROBE)
    rows = paint(Neighbours(), staged(shown), 40, height)
    assert rows[3].startswith("by code")
    assert {len(rows[row].split()[0]) for row in range(4, 4 + tall)} == {2 * tall}
    assert not rows[4 + tall].strip() and rows[5 + tall].strip()


def test_the_neighbours_of_the_probe_are_named_by_class_and_distance() -> None:
    shown, pane = seen(), Neighbours()
    choose(shown, inspector=Inspector.OF_PROBE)
    rows = paint(pane, staged(shown), 28, 30)
    codes = shown.view.plane.codes
    apart = np.hypot(*(codes - shown.probe).T)
    order = np.argsort(apart, kind="stable")[:NEIGHBOURS]
    found = shown.view.neighbours
    assert found.in_codes.samples.tolist() == order.tolist()
    np.testing.assert_allclose(found.in_codes.distances, apart[order], rtol=1e-4, atol=1e-6)
    image = shown.decoded().reshape(-1)
    pixels = np.linalg.norm(DATA.images[:] - image, axis=1)
    near = np.argsort(pixels, kind="stable")[:NEIGHBOURS]
    assert found.in_pixels.samples.tolist() == near.tolist()
    both = set(order.tolist()) & set(near.tolist())
    assert found.both == both and f"{len(both)}/10 in both" in rows[0]
    assert rows[0].startswith("near the probe")
    text = "\n".join(rows)
    assert "by code" in text and "by pixels" in text
    assert few_signs(float(apart[order[0]]), 4) in text
    assert few_signs(float(pixels[near[0]]), 4) in text


def test_the_neighbours_of_the_sample_are_others() -> None:
    shown = seen()
    choose(shown, inspector=Inspector.OF_SAMPLE)
    shown.pin(17, 0.0)
    found = shown.view.neighbours
    assert 17 not in found.in_codes.samples.tolist() + found.in_pixels.samples.tolist()
    codes = shown.view.plane.codes
    apart = np.hypot(*(codes - codes[17]).T)
    apart[17] = np.inf
    assert found.in_codes.samples[0] == apart.argmin()
    assert paint(Neighbours(), staged(shown), 28, 30)[0].startswith("near the sample")
    # Enter takes the nearest, from sample to sample.
    shown.choose_nearest(0.0)
    assert shown.monitored().index == apart.argmin() and shown.choice.pinned


def test_a_drawing_has_neighbours_too() -> None:
    shown = seen()
    choose(shown, inspector=Inspector.OF_SAMPLE)
    shown.show_drawn(DATA.images[23].reshape(28, 28))
    found = shown.view.neighbours
    # It is no sample, so the sample that looks the same is its nearest.
    assert found.in_codes.samples[0] == found.in_pixels.samples[0] == 23
    assert float(found.in_codes.distances[0]) < 1e-3


def test_only_classes_that_are_on_are_neighbours() -> None:
    shown = seen(active=(1, 2))
    choose(shown, inspector=Inspector.OF_PROBE)
    found = shown.view.neighbours
    labels = DATA.labels[[*found.in_codes.samples, *found.in_pixels.samples]]
    assert set(labels.tolist()) == {1, 2}


@pytest.mark.parametrize("width", WIDTHS)
def test_on_each_plane_near_means_near_in_what_lies_behind_it(width: int) -> None:
    shown = seen(width=width)
    choose(shown, inspector=Inspector.OF_PROBE)
    for name in (name for name in PLANES if name in shown.planes.names):
        shown.use_plane(name, 0.0)
        plane = shown.plane
        apart = np.linalg.norm(plane.vectors - plane.vector(shown.probe), axis=1)
        found = shown.view.neighbours.in_codes
        np.testing.assert_allclose(
            found.distances, np.sort(apart)[:NEIGHBOURS], rtol=1e-3, atol=1e-4
        )


def test_words_say_whether_a_point_lies_on_the_cloud() -> None:
    shown = seen()
    choose(shown, inspector=Inspector.OF_PROBE)
    codes = shown.view.plane.codes
    shown.set_probe(codes[3].astype(float))
    assert shown.view.neighbours.words == "on the cloud"
    assert shown.view.neighbours.percentile == 0.0
    shown.set_probe(codes.max(axis=0).astype(float) + 50)
    assert shown.view.neighbours.words == "off the cloud"
    rows = paint(Neighbours(), staged(shown), 28, 30)
    assert rows[1].strip() == "off the cloud" and "percentile 100" in rows[2]
    # In few rows the pictures go before the number.
    for height, row in ((12, "percentile 100"), (11, "by code")):
        assert paint(Neighbours(), staged(shown), 28, height)[2].startswith(row)


@pytest.mark.parametrize(
    ("percentile", "words"),
    [
        (90.0, "on the cloud"),
        (90.1, "at the cloud's edge"),
        (99.0, "at the cloud's edge"),
        (99.1, "off the cloud"),
        (math.nan, "no samples to compare"),
    ],
)
def test_a_tenth_lies_at_the_edge_and_a_hundredth_off(percentile: float, words: str) -> None:
    none = None, None, frozenset[int]()
    assert Neighbourhood(*none, percentile=percentile).words == words


def test_no_sample_is_a_neighbour_of_itself() -> None:
    shown = seen()
    choose(shown, inspector=Inspector.OF_SAMPLE)
    for sample in (0, 1, 59):
        shown.pin(sample, 0.0)
        near = shown.view.neighbours
        assert len(near.in_codes.samples) == len(near.in_pixels.samples) == 10
        assert sample not in near.in_codes.samples and sample not in near.in_pixels.samples
        assert near.both == set(near.in_codes.samples.tolist()) & set(
            near.in_pixels.samples.tolist()
        )


def test_images_that_are_gone_have_no_neighbours_among_pixels() -> None:
    shown = seen(dataclasses.replace(DATA, missing="gone"))
    choose(shown, inspector=Inspector.OF_PROBE)
    near = shown.view.neighbours
    assert len(near.in_codes.samples) == 10 and not near.both
    assert len(near.in_pixels.samples) == len(near.in_pixels.distances) == 0


def test_other_images_are_compared_anew() -> None:
    shown = seen()
    choose(shown, inspector=Inspector.OF_PROBE)
    assert shown.view.neighbours
    images = Images(np.ascontiguousarray(DATA.images[::-1]))
    shown.accept(live(shown), dataclasses.replace(DATA, images=images), 0.0)
    image = shown.view.decoded.reshape(-1)
    apart = np.linalg.norm(images[:] - image, axis=1)
    found = shown.view.neighbours.in_pixels.samples
    assert found.tolist() == np.argsort(apart, kind="stable")[:10].tolist()


def test_a_twentieth_of_the_way_around_each_place_counts_as_near() -> None:
    codes = np.full((60, 2), 100.0, np.float32)
    codes[:3] = [[0.0, 1.0], [0.0, 1.01], [20.0, -1.0]]
    walk = walking(seen(codes=codes), (0.0, 0.0), (20.0, 0.0)).view.walk
    assert len(walk.density) == 120
    assert walk.density[[0, 1, 60, -2, -1]].tolist() == [1, 0, 0, 0, 1]
    assert walk.nearest[[0, 59, 60, -1]].tolist() == [0, 0, 2, 2]


def test_usual_distances_are_found_once_a_moment(monkeypatch: MonkeyPatch) -> None:
    from tui_ae.ui import nearby

    counted, real = [], nearby.usual_distances
    monkeypatch.setattr(nearby, "usual_distances", lambda *a: counted.append(1) or real(*a))
    shown = seen()
    choose(shown, inspector=Inspector.OF_PROBE)
    for step in range(5):
        shown.set_probe(np.array([0.1 * step, 0.0]))
        assert shown.view.neighbours
    assert len(counted) == 1
    shown.accept(dataclasses.replace(live(shown), codes=live(shown).codes + 1, epoch=8), DATA, 0.0)
    assert shown.view.neighbours and len(counted) == 2
    shown.accept(dataclasses.replace(live(shown), active_classes=frozenset({1, 2})), DATA, 0.0)
    assert shown.view.neighbours and len(counted) == 3


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"), (0.1234, "0.123"), (3.14159, "3.14"), (12345.0, "12345"), (1234567.0, "1e6"),
        (1e30, "1e+30"), (0.000123, "1e-4"), (1.7e-10, "2e-10"), (99999.6, "1e5"),
        (0.05, "0.05"), (123.4, "123"), (math.inf, "inf"), (999.4, "999"), (999.5, "1000"),
        (999.6, "1000"), (1000.0, "1000"), (1000.4, "1000"),
    ],
)  # fmt: skip
def test_a_distance_is_never_cut(value: float, text: str) -> None:
    assert few_signs(value, 5) == text and len(text) <= 5
    if value and math.isfinite(value):
        assert float(text) == pytest.approx(value, rel=0.35)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.1234, ".123"),
        (0.00835, ".008"),
        (0.0, "0"),
        (12.34, "12.3"),
        (12345.0, "1e4"),
        (0.00012, "1e-4"),
    ],
)
def test_a_distance_in_four_cells(value: float, text: str) -> None:
    assert few_signs(value, 4) == text


@pytest.mark.parametrize("width", [28, 29, 32, 40])
def test_nothing_of_one_column_touches_the_next(width: int) -> None:
    shown = seen()
    choose(shown, inspector=Inspector.OF_PROBE)
    rows = paint(Neighbours(), staged(shown), width, 30)[4:]
    assert all(row[width // 2 - 1] == " " for row in rows) and any(row.strip() for row in rows)


def dotted(rows: list[str]) -> list[str]:
    """Rows with a sign for whatever dots a cell has."""
    return [re.sub("[\u2801-\u28ff]", "#", row) for row in rows]


@pytest.mark.parametrize(
    ("size", "tall", "pitch", "room"),
    [
        ((40, 40), 7, 8, 4), ((39, 40), 5, 6, 5), ((32, 40), 5, 6, 4), ((31, 40), 4, 5, 5),
        ((30, 14), 4, 5, 5), ((28, 14), 4, 5, 4),
        # Two, where a row between them would leave one alone; one, where there is room for none.
        ((30, 12), 4, 4, 5), ((30, 13), 4, 5, 5), ((28, 8), 4, 5, 4), ((28, 7), 4, 5, 4),
    ],
)  # fmt: skip
def test_the_neighbours_column_by_column(
    size: tuple[int, int], tall: int, pitch: int, room: int
) -> None:
    shown = seen()
    choose(shown, inspector=Inspector.OF_PROBE)
    rows = dotted(paint(Neighbours(), staged(shown), *size))
    found, (width, height) = shown.view.neighbours, size
    top = 3 if height < 12 else 4
    assert rows[top - 1] == "by code".ljust(width // 2) + "by pixels".ljust(width - width // 2)
    count = max((height - top + pitch - tall) // pitch, 0)
    expected = [""] * (height - top)
    for at in range(count):
        for line in range(tall):
            row = ""
            for part in (found.in_codes, found.in_pixels):
                sample, distance = int(part.samples[at]), float(part.distances[at])
                both = "both" if sample in found.both else ""
                beside = [str(DATA.labels[sample]), few_signs(distance, room), both, *[""] * 9]
                row += ("#" * 2 * tall + " " + beside[line]).ljust(width // 2)
            expected[at * pitch + line] = row.rstrip()
    assert [row.rstrip() for row in rows[top:]] == expected
    assert count == sum(row.startswith("#") for row in rows) / tall


@pytest.mark.parametrize(
    ("width", "share"), [(28, "2/10 in both"), (27, "2/10 both"), (40, "2/10 in both")]
)
def test_how_many_are_near_by_both_is_said_at_the_end_of_the_title(width: int, share: str) -> None:
    shown = seen()
    choose(shown, inspector=Inspector.OF_PROBE)
    count = len(shown.view.neighbours.both)
    row = paint(Neighbours(), staged(shown), width, 20)[0]
    share = share.replace("2", str(count), 1)
    assert row.startswith("near the probe ") and row.endswith(f" {share}")


def test_names_stand_beside_neighbours_where_they_fit_and_keys_elsewhere() -> None:
    named = dataclasses.replace(DATA, class_names=("Bag", "Ankle boot", "Shirt", "Coats"))
    shown = seen(named)
    choose(shown, inspector=Inspector.OF_PROBE)
    found = shown.view.neighbours.in_codes.samples.tolist()
    for width, words in ((30, ("Bag", "1", "Shirt", "Coats")), (28, ("Bag", "1", "2", "3"))):
        rows = paint(Neighbours(), staged(shown), width, 40)
        said = [rows[4 + 5 * at][9:14].split()[0] for at in range(5)]
        assert said == [words[named.labels[sample]] for sample in found[:5]]


def test_where_the_point_lies_is_said_below_the_title() -> None:
    shown = seen()
    choose(shown, inspector=Inspector.OF_PROBE)
    rows = paint(Neighbours(), staged(shown), 30, 13)
    assert rows[1] == shown.view.neighbours.words.ljust(30)
    assert rows[2].startswith("percentile ")


def test_without_samples_there_is_a_sentence() -> None:
    rows = paint(Neighbours(), scene(explorer()), 28, 9)
    assert [row.strip() for row in rows[1:]] == ["", "", "", "no samples yet", "", "", "", ""]
    assert rows[4].index("no") == 7


# --- from A to B ---------------------------------------------------------------------------------


def walking(
    shown: Explorer,
    start: tuple[float, float] = (-0.5, -0.5),
    end: tuple[float, float] = (0.5, 0.5),
) -> Explorer:
    choose(shown, ends=(End(start), End(end)))
    return shown


@pytest.mark.parametrize(("width", "run"), RUNS_OF_EACH_WIDTH)
def test_the_strip_has_a_picture_at_every_size(width: int, run: str) -> None:
    shown = RUNS[run](width)
    sizes = [*boxes("strip", strip=True), *ODD]
    assert len(sizes) > 8
    for name in (name for name in PLANES if name in shown.planes.names):
        shown.use_plane(name, 0.0)
        for turn, appearance in enumerate(LOOKS):
            pane, now = Strip(), staged(walking(shown), appearance)
            for size in sizes[turn % 2 :: 2]:
                assert "nan" not in "".join(paint(pane, now, *size))
        # A way of no length is one too.
        walking(shown, (0.3, 0.3), (0.3, 0.3))
        paint(Strip(), staged(shown), 100, 12)


def test_a_walk_meets_what_lies_along_it() -> None:
    shown = seen()
    codes = shown.view.plane.codes.astype(float)
    start, end = codes[4] + [0.1, 0.0], codes[31] - [0.0, 0.1]
    walk = walking(shown, tuple(start), tuple(end)).view.walk
    assert walk.points.shape == (WALK_POINTS, 2)
    np.testing.assert_allclose(walk.points[[0, -1]], [start, end])
    steps = np.diff(walk.points, axis=0)
    np.testing.assert_allclose(steps, np.tile(steps.mean(axis=0), (WALK_POINTS - 1, 1)))
    apart = np.linalg.norm(codes[None] - walk.points[:, None], axis=2)
    np.testing.assert_allclose(walk.distance, apart.min(axis=1), rtol=1e-6)
    assert walk.nearest.tolist() == apart.argmin(axis=1).tolist()
    radius = WIDE * math.hypot(*(end - start))
    assert walk.density.tolist() == (apart <= radius).sum(axis=1).tolist()
    assert walk.density.max() > 0


def test_a_walk_passes_over_classes_that_are_off_and_what_has_no_place() -> None:
    shown = walking(seen(active=(1, 2)))
    assert set(DATA.labels[shown.view.walk.nearest].tolist()) <= {1, 2}
    for run in ("that failed", "of one sample"):
        shown = walking(RUNS[run](2))
        walk = shown.view.walk
        assert np.isfinite(walk.points).all()
        if run == "that failed":
            assert np.isinf(walk.distance).all() and set(walk.nearest.tolist()) == {-1}
            assert not walk.density.any()
            rows = paint(Strip(), staged(shown), 100, 12)
            assert "no samples around" in rows[0]
            # And none gives its class to a step.
            assert not rows[8].strip()
        else:
            assert set(walk.nearest.tolist()) == {0}


def test_a_gap_between_two_clusters_is_said_and_seen() -> None:
    codes = np.zeros((60, 2), np.float32)
    codes[:30, 0] = np.linspace(-1.0, -0.6, 30)
    codes[30:, 0] = np.linspace(0.6, 1.0, 30)
    shown = walking(seen(codes=codes), (-1.0, 0.0), (1.0, 0.0))
    rows = paint(Strip(), staged(shown), 120, 12)
    assert re.search(r"widest gap 0\.(59|60) at (49|50|51)%", rows[0]), rows[0]
    walk = shown.view.walk
    assert walk.density[WALK_POINTS // 2] == 0 and walk.density[3] > 0 and walk.density[-3] > 0
    # The pictures are what the plane decodes along the way, from A to B.
    pane = Strip()
    paint(pane, staged(shown), 29, 11)
    for left, end in ((0, -1.0), (15, 1.0)):
        image = shown.plane.decode([[end, 0.0]]).reshape(28, 28)
        expected = small_picture(image, LOOKS["truecolor"], 7)
        assert (pane.grid.glyphs[1:8, left : left + 14] == expected.glyphs).all()


@pytest.mark.parametrize("size", TERMINALS)
def test_both_curves_are_there_on_every_terminal(size: tuple[int, int]) -> None:
    box = arrange(*size, 4, strip=True).panes["strip"]
    shown = walking(seen())
    rows = paint(Strip(), staged(shown), box.width, box.height)
    assert any(row.startswith("nearest") for row in rows)
    assert any(row.startswith("density") for row in rows)


def test_one_mark_is_no_way() -> None:
    shown = seen()
    assert shown.mark() == 1 and shown.view.walk is None
    assert paint(Strip(), staged(shown), 100, 12)[0].startswith("A to B")
    assert shown.mark() == 2 and shown.view.walk is not None
    assert shown.mark() == 1 and shown.view.walk is None
    shown.unmark()
    assert shown.choice.ends == ()
    shown.mark()
    shown.next_plane(1, 0.0)
    assert shown.choice.ends == ()


def test_the_title_says_what_stands_at_each_end() -> None:
    shown = seen(NAMED)
    label = NAMED.labels.tolist().index(1)
    shown.pin(label, 0.0)
    assert shown.mark_sample() == 1 and shown.mark() == 2
    top = paint(Strip(), staged(shown), 100, 12)[0]
    assert top.startswith("A Ankle boot → B the cross ─"), top
    assert "widest gap" in top
    shown.pin(0, 0.0)
    shown.unmark(), shown.mark_sample(), shown.mark()
    name = NAMED.class_names[NAMED.labels[0]]
    assert paint(Strip(), staged(shown), 100, 12)[0].startswith(f"A {name} → B the cross ─")
    shown.pin(label, 0.0)
    shown.unmark(), shown.mark_sample(), shown.mark()
    # Where there is no room for both, the gap is said and nothing is cut.
    narrow = paint(Strip(), staged(shown), 40, 9)[0]
    assert narrow.startswith("A → B ─") and "widest gap" in narrow and "…" not in narrow
    assert paint(Strip(), staged(shown, "ASCII"), 100, 12)[0].startswith("A Ankle boot > B the")
    shown.show_drawn(NAMED.images[0].reshape(28, 28))
    assert shown.mark_sample() == 1 and shown.mark() == 2
    assert paint(Strip(), staged(shown), 100, 12)[0].startswith("A your drawing → B the cross")


def test_a_marked_sample_stays_marked_where_it_goes() -> None:
    shown = seen()
    shown.pin(4, 0.0)
    shown.mark_sample(), shown.mark()
    old = shown.view.ends
    moved = dataclasses.replace(live(shown), codes=live(shown).codes + np.float32(0.25), epoch=8)
    shown.accept(moved, DATA, 0.0)
    assert shown.view.ends[0] == tuple(moved.codes[4].tolist()) != old[0]
    assert shown.view.ends[1] == old[1]
    # A drawing goes with its code too, as long as it is the sample.
    shown.unmark()
    shown.show_drawn(DATA.images[9].reshape(28, 28))
    shown.mark_sample()
    later = moments.moment(30, shown.live.info)
    shown.accept(dataclasses.replace(moved, encoder=later.encoder, epoch=9), DATA, 0.0)
    assert shown.view.ends[0] == tuple(shown.monitored().code.tolist())
    place = shown.view.ends[0]
    shown.pin(4, 0.0)
    assert shown.view.ends[0] == shown.choice.ends[0].point != place


def test_a_sample_without_a_place_is_not_marked_and_one_that_loses_it_stays() -> None:
    shown = seen(encoder=lambda images: np.full((len(images), 2), np.nan, np.float32))
    shown.pin(3, 0.0)
    assert shown.mark_sample() == 0 and shown.choice.ends == ()
    shown = seen()
    shown.pin(3, 0.0)
    shown.mark_sample()
    place = shown.view.ends
    shown.accept(dataclasses.replace(live(shown), **nothing(2)), DATA, 0.0)
    np.testing.assert_allclose(shown.view.ends, place, rtol=1e-6)


@pytest.mark.parametrize(
    ("size", "tall", "lefts", "curves"),
    [
        # From eleven rows on pictures have seven; as many as fit with a column between them.
        ((60, 11), 7, [0, 15, 30, 46], (9, 10)),
        ((60, 10), 5, [0, 12, 25, 37, 50], (7, 9)),
        ((59, 11), 7, [0, 15, 30, 45], (9, 10)),
        ((58, 11), 7, [0, 22, 44], (9, 10)),
        ((60, 13), 7, [0, 15, 30, 46], (9, 11)),
        ((21, 9), 5, [0, 11], (7, 8)),
        ((20, 9), 5, [0, 10], (7, 8)),
        # Without rows enough, first the density goes, then the classes, then the curve.
        ((21, 8), 5, [0, 11], (7, None)),
        ((21, 7), 5, [0, 11], (6, None)),
        ((21, 6), 5, [0, 11], (None, None)),
    ],
)
def test_the_strip_row_by_row(
    size: tuple[int, int], tall: int, lefts: list[int], curves: tuple[int | None, int | None]
) -> None:
    shown = walking(seen())
    rows = dotted(paint(Strip(), staged(shown), *size))
    for row in rows[1 : 1 + tall]:
        assert [found.start() for found in re.finditer("(?<!#)#", row)] == lefts or (
            2 * tall * len(lefts) == size[0]
        )
        assert row.count("#") == 2 * tall * len(lefts)
    assert (
        tuple(
            next((at for at, row in enumerate(rows) if row.startswith(name)), None)
            for name in ("nearest", "density")
        )
        == curves
    )
    walk = shown.view.walk
    if size[1] > tall + 2:
        steps = np.linspace(0, WALK_POINTS - 1, len(lefts)).round().astype(int)
        keys = [str(DATA.labels[walk.nearest[step]]) for step in steps]
        # In the middle of its picture.
        assert rows[1 + tall].split() == keys
        assert [rows[1 + tall][left + tall - 1] for left in lefts] == keys
    for at in curves:
        if at is not None:
            assert rows[at][7:9] == "  " and "".join(row[9:] for row in rows[at:]).strip()


@pytest.mark.parametrize(("width", "whole"), [(60, True), (59, False), (46, False)])
def test_the_title_of_the_strip_keeps_a_mark_and_a_rule(width: int, whole: bool) -> None:
    shown = walking(seen())
    gap = Strip()._gap(shown.view.walk)
    title = "A the cross → B the cross"
    width += len(gap) - (60 - len(title) - 6)
    row = paint(Strip(), staged(shown), width, 12)[0]
    assert row.startswith(f"{title} ─" if whole else "A → B ─") and row.endswith(f" {gap}")


def test_the_widest_gap_is_where_no_sample_is_for_longest() -> None:
    distance = np.full(WALK_POINTS, 0.5)
    distance[3], distance[-1], distance[5] = 1.234, 1.0, np.inf
    walk = walking(seen()).view.walk
    assert walk is not None
    walk = dataclasses.replace(walk, distance=distance)
    assert Strip()._gap(walk) == f"widest gap 1.23 at {3 / (WALK_POINTS - 1):.0%}"
    alone = np.full(WALK_POINTS, np.nan)
    alone[0] = 0.0
    walk = dataclasses.replace(walk, distance=alone)
    assert Strip()._gap(walk) == "widest gap 0.00 at 0%"


def test_a_curve_is_spread_over_its_width_from_zero_on() -> None:
    now = scene()
    gaps = np.array([8.0, np.nan, np.inf, np.nan, np.nan])
    assert curve(gaps, 4, 1, now).rows()[0].endswith("▁▁")
    assert curve(np.array([0.0, 0, 0, 0, 8]), 8, 1, now).rows()[0].endswith("█")
    alone = walking(RUNS["of one sample"](2))
    pane = Strip()
    rows = paint(pane, staged(alone), 40, 11)
    assert rows[8].strip(), "the first sample is one too"
    expected = curve(alone.view.walk.distance, 31, 1, staged(alone)).rows()[0]
    assert rows[9] == f"nearest  {expected}"
    rising = np.linspace(0, 8, 5)
    assert curve(rising, 8, 1, now).rows() == ["▁▂▃▄▅▆▇█"]
    assert curve(rising, 0, 1, now).width == 0
    grid = curve(rising, 4, 2, now)
    assert grid.rows()[1][0] != " " and grid.rows()[0][3] != " " and grid.rows()[0][0] == " "
    assert set(grid.foreground[grid.glyphs != 32].tolist()) == {now.look.tones.curve}
