"""Pages of text, dialogs and the screen of the pad, without a program around them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from io import StringIO
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from rich.console import Console
from rich.style import Style
from textual import events
from textual.geometry import Offset, Region, Size
from textual.widget import Widget
from textual.widgets import Static

from tests.ui.scenes import RUN, dataset, explorer, scene, snapshot
from tests.ui.test_screens import NUMBERS
from tui_ae.data.skipped import Skipped
from tui_ae.model.spec import ModelSpec
from tui_ae.raster.viewport import Viewport
from tui_ae.ui.actions import Keys
from tui_ae.ui.choice import Layer
from tui_ae.ui.layout import Box
from tui_ae.ui.pad import Pad
from tui_ae.ui.screens.architecture import PLAN, ArchitectureScreen, draw
from tui_ae.ui.screens.data import DataScreen, summary
from tui_ae.ui.screens.dialog import Dialog, in_sight
from tui_ae.ui.screens.help import MOUSE, PAGES, HelpScreen, groups, table
from tui_ae.ui.screens.lessons import sections
from tui_ae.ui.screens.pad import TOO_SMALL, PadScreen
from tui_ae.ui.screens.pad_layout import arrange_pad
from tui_ae.ui.screens.page import Heading, PageScreen, emphasised
from tui_ae.ui.themes import DARK


def texts(widgets: Iterable[Widget]) -> list[str]:
    """The headings and sentences of widgets, and of those inside them."""
    found = []
    for widget in widgets:
        if isinstance(widget, Heading):
            found.append(f"# {widget._title}")
        elif isinstance(widget, Static):
            found.append(str(widget.content))
        found += texts(widget._pending_children)
    return found


# --- a page --------------------------------------------------------------------------------------


class Page(PageScreen):
    """A page whose body has a size."""

    def __init__(self, height: int, total: int, top: float = 0) -> None:
        super().__init__("title")
        self.scrolled: list[float] = []
        self.body: Any = SimpleNamespace(
            size=Size(80, height),
            virtual_size=Size(80, total),
            scroll_offset=Offset(0, top),
            max_scroll_y=total - height,
            scroll_relative=lambda y, animate: self.scrolled.append(y),
            scroll_to=lambda y, animate: self.scrolled.append(y),
        )

    @property
    def hint(self) -> str:
        self.show_place()
        return self._hints_text


@pytest.mark.parametrize(
    ("height", "total", "top", "hint"),
    [
        (20, 20, 0, "esc back"),
        (20, 12, 0, "esc back"),
        (0, 12, 0, "esc back"),
        (20, 21, 0, "↑↓ scroll · esc back · rows 1-20 of 21"),
        (20, 21, 1, "↑↓ scroll · esc back · rows 2-21 of 21"),
        (20, 99, 33.6, "↑↓ scroll · esc back · rows 35-54 of 99"),
        # While it is being laid out anew, it may be scrolled beyond its end.
        (20, 30, 15, "↑↓ scroll · esc back · rows 16-30 of 30"),
        (1, 2, 0, "↑↓ scroll · esc back · rows 1-1 of 2"),
    ],
)
def test_the_hints_tell_which_rows_of_how_many(
    height: int, total: int, top: float, hint: str
) -> None:
    assert Page(height, total, top).hint == hint


def test_keys_scroll_by_rows_screenfuls_and_to_the_ends() -> None:
    page = Page(20, 99)
    page.action_scroll(3), page.action_screenful(1), page.action_screenful(-2)
    page.action_edge(-1), page.action_edge(1)
    assert page.scrolled == [3, 19, -38, 0, 79]
    for height in (0, 1, 2):
        page = Page(height, 99)
        page.action_screenful(1)
        assert page.scrolled == [1]


def test_what_stands_between_asterisks_is_bold() -> None:
    content = emphasised("one *two* three *four*", ascii_only=False)
    assert content.plain == "one two three four"
    assert [(span.start, span.end, span.style) for span in content.spans] == [
        (4, 7, "bold"), (14, 18, "bold"),
    ]  # fmt: skip


class Row(Heading):
    """A heading that stands on no screen."""

    def __init__(self, width: int, *words: str, **options: bool) -> None:
        super().__init__(*words, **options)
        self._cells = Size(width, 1)
        self.painted = 0

    @property
    def size(self) -> Size:
        return self._cells

    def refresh(self, *_: Any, **__: Any) -> Any:
        self.painted += 1

    def _style(self, name: str) -> Style:
        return Style()

    @property
    def rich_style(self) -> Style:
        return Style()


@pytest.mark.parametrize(
    ("words", "row"),
    [
        (("title",), "title ──────────────"),
        (("title", "12 · 34"), "title ────── 12 · 34"),
        # Of a value whose parts don't all fit, the last ones go.
        (("title", "12 · 34 · 56"), "title ─ 12 · 34 · 56"),
        (("title", "12 · 34 · 567"), "title ────── 12 · 34"),
        (("title", "1234567890123"), "title ──────────────"),
        (("a title of 18 cells",), "a title of 18 cells "),
        (("a title of 18 cell",), "a title of 18 cell ─"),
        (("a title that is far too long", "12"), "a title that is far…"),
    ],
)
def test_a_heading_has_a_title_a_rule_and_what_fits_of_a_value(
    words: tuple[str, ...], row: str
) -> None:
    assert Row(20, *words).render_line(0).text == row
    plain = row.replace("─", "-").replace("·", "-").replace("…", ".")
    if "…" not in row:
        assert Row(20, *words, ascii_only=True).render_line(0).text == plain


def test_a_heading_is_painted_again_only_where_its_value_is_another() -> None:
    row = Row(20, "title", "12")
    painted = row.painted
    row.set_value("12")
    assert row.painted == painted
    row.set_value("13")
    assert row.painted == painted + 1 and row.render_line(0).text == "title ─────────── 13"


# --- help ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", range(0, 60, 3))
def test_the_two_columns_of_the_help_are_as_even_as_the_order_allows(count: int) -> None:
    files = (("what", "where"),) * count
    columns, credit = HelpScreen(files=files).compose_body()
    left, right = ([text[2:] for text in texts([part]) if text.startswith("# ")]
                   for part in columns._pending_children)  # fmt: skip
    parts = [*groups(Keys()), ("mouse", MOUSE), ("pages", PAGES), ("files", files)]
    assert [*left, *right] == [name for name, _ in parts]
    assert len(set(left + right)) == len(parts)
    # A heading and a blank row go with each group.
    rows = [len(rows) + 2 for _, rows in parts]

    def longer(at: int) -> int:
        return max(sum(rows[:at]), sum(rows[at:]))

    assert longer(len(left)) == min(map(longer, range(len(rows) + 1)))
    assert "Theodore P. Pavlic" in texts([credit])[0]


def test_a_table_of_keys_has_twenty_cells_for_them_and_two_between() -> None:
    rows = (("a", "One two three."), ("space, enter", "Four."))
    console = Console(width=34, file=StringIO())
    with console.capture() as captured:
        console.print(table(rows, ascii_only=False))
    assert [line.rstrip() for line in captured.get().splitlines()] == [
        "a                     One two", "                      three.",
        "space, enter          Four.",
    ]  # fmt: skip


# --- the data ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "labelled", "words"),
    [
        (["all"], False, "60 images of synthetic digits, without labels."),
        (["cat"], True, "60 images of synthetic digits in 1 class: cat (60)."),
        (["cat", "dog"], True, "60 images of synthetic digits in 2 classes: cat (30), dog (30)."),
    ],
)
def test_one_sentence_says_what_was_read(names: list[str], labelled: bool, words: str) -> None:
    assert summary(dataset(len(names), names=names, labelled=labelled)) == words


def page_of(count: int) -> list[str]:
    skipped = tuple(Skipped(f"{place}.png", "broken") for place in range(count))
    return texts(DataScreen(dataset(skipped=skipped), RUN, "tui-ae").compose_body())


@pytest.mark.parametrize(
    ("count", "title", "named"),
    [
        (1, "# 1 pictures left out", 1),
        (500, "# 500 pictures left out", 500),
        (501, "# 501 pictures left out, the first 500", 500),
        (1234, "# 1,234 pictures left out, the first 500", 500),
    ],
)
def test_up_to_500_pictures_that_were_left_out_are_named(
    count: int, title: str, named: int
) -> None:
    words = page_of(count)
    at = words.index(title)
    assert words[at + 1].split("\n") == [f"{place}.png: broken" for place in range(named)]
    assert not any("left out" in text for text in page_of(0)[3:])


def test_the_last_500_lines_that_libraries_wrote_are_shown() -> None:
    page = DataScreen(dataset(), RUN, "tui-ae")
    for count in (1, 500, 501, 0):
        page.show_written([f"line {number}" for number in range(count)])
        assert page._library_heading.display == page._library_lines.display == bool(count)
        shown = str(page._library_lines.content).split("\n")
        assert shown == [f"line {number}" for number in range(max(count - 500, 0), count)] or [""]


# --- how an autoencoder works --------------------------------------------------------------------


def test_the_picture_names_its_parts_in_little_room_too() -> None:
    grid = draw(ModelSpec(), 11, 50, DARK, ascii_only=False)
    rows = grid.rows()
    assert rows[0] == "         ENCODER    BOTTLENECK     DECODER        "
    assert rows[1].split() == ["784", "128", "32", "2", "32", "128", "784"]
    assert rows[9].split() == ["linear", "sigmoid"]
    assert rows[10] == "└────── loss = BCE(input, reconstruction) ───────┘"
    inks = grid.foreground[0, [9, 22, 36]].tolist()
    assert inks == [DARK.text, DARK.accent, DARK.text]


@pytest.mark.parametrize("width", [50, 63, 64, 120])
@pytest.mark.parametrize(("objective", "title"), [("bce", "BCE"), ("mse", "MSE")])
def test_the_picture_names_the_loss_of_the_run(width: int, objective: Any, title: str) -> None:
    rows = draw(ModelSpec(objective=objective), 15, width, DARK, ascii_only=False).rows()
    assert f" loss = {title}(input, reconstruction)" in "\n".join(rows)
    assert ("trains both halves" in "\n".join(rows)) == (width >= 64)


@pytest.mark.parametrize(
    ("size", "rows"),
    [
        # Two fifths of the screen, an odd number from 13 (or 15) to 23.
        ((63, 20), 13), ((64, 20), 15), ((63, 34), 13), ((63, 35), 15), ((120, 36), 15),
        ((120, 40), 17), ((120, 44), 17), ((120, 45), 19), ((120, 57), 23), ((120, 99), 23),
        ((60, 99), 23),
    ],
)  # fmt: skip
def test_rows_of_the_picture_of_the_network(size: tuple[int, int], rows: int) -> None:
    screen = ArchitectureScreen(NUMBERS)
    screen.on_resize(events.Resize(Size(*size), Size(*size)))
    assert screen._picture.styles.height is not None
    assert screen._picture.styles.height.value == rows


def test_sections_stand_two_by_two_in_reading_order() -> None:
    screen = ArchitectureScreen(NUMBERS)
    _, *pairs = screen.compose_body()
    titles = [
        [
            [text[2:] for text in texts([column]) if text.startswith("# ")]
            for column in pair._pending_children
        ]
        for pair in pairs
    ]
    assert [tuple(map(len, pair)) for pair in titles] == list(PLAN)
    flat = [title for pair in titles for column in pair for title in column]
    assert flat == [section.title for section in sections(NUMBERS)]
    # Both sides of a pair are about as long: neither has more than three times the letters.
    for pair in pairs:
        left, right = (sum(map(len, texts([column]))) for column in pair._pending_children)
        assert max(left, right) <= 3 * min(left, right)


def test_only_a_text_below_a_table_stands_apart_from_it() -> None:
    lines = [line for part in ArchitectureScreen(NUMBERS)._lines for line in part]
    for above, line in pairwise(lines):
        rows = above.block.style.value in ("row", "here", "caption")
        first = line.block.style.value == "text" and rows
        assert line.has_class("-after-rows") == first


# --- dialogs -------------------------------------------------------------------------------------


def test_what_is_in_sight_is_in_front_or_right_below_a_dialog() -> None:
    asks = Dialog[None]()
    program = SimpleNamespace(screen_stack=[])
    main, page = (SimpleNamespace(app=program) for _ in range(2))
    for stack, seen in (
        ([main], main), ([main, page], page), ([main, asks], main), ([main, page, asks], page),
    ):  # fmt: skip
        program.screen_stack = stack
        assert [in_sight(screen) for screen in (main, page)] == [seen is main, seen is page]


@pytest.mark.parametrize(
    ("regions", "hidden"),
    [
        ([Region(3, 2, 4, 2)], [(1, 3), (1, 5)]),
        ([Region(0, 0, 4, 3)], [(0, 2), (0, 2)]),
        ([Region(7, 4, 9, 9)], [(3, 5), (5, 8)]),
        ([Region(0, 0, 2, 9)], [(0, 0), (0, 0)]),
        ([Region(0, 0, 9, 1)], [(0, 0), (0, 0)]),
        ([Region(), Region(3, 2, 1, 1)], [(1, 2), (1, 2)]),
    ],
)
def test_cells_beside_a_dialog(regions: list[Region], hidden: list[tuple[int, int]]) -> None:
    class Placed(Dialog[None]):
        @property
        def children(self) -> Any:
            return [SimpleNamespace(region=region) for region in regions]

    cells = np.ones((5, 8), bool)
    cells[4, 0] = False
    expected = cells.copy()
    (top, bottom), (left, right) = hidden
    expected[top:bottom, left:right] = False
    seen = Placed().beside(Offset(2, 1), cells)
    assert seen is not None and (seen == expected).all() and cells[1, 1]


def test_a_dialog_without_a_place_hides_nothing_yet() -> None:
    assert Dialog[None]().beside(Offset(0, 0), np.ones((2, 2), bool)) is None


# --- the pad -------------------------------------------------------------------------------------


class Drawing(PadScreen):
    """The screen of the pad, which counts what it would paint."""

    def __init__(self, shown: Any = None, size: tuple[int, int] = (80, 24)) -> None:
        self.kept: list[Any] = []
        self.painted = 0
        self.made = scene(shown if shown is not None else explorer(dataset()))
        super().__init__(Pad(), self.made._scene, self.kept.append)
        self._boxes = arrange_pad(*size)

    def paint(self) -> None:
        self.painted += 1

    def post_message(self, message: object) -> bool:
        return True

    def mouse(self, kind: type[Any], x: int, y: int, button: int = 1, shift: bool = False) -> Any:
        return kind(None, x, y, 0, 0, button, shift, False, False, screen_x=x, screen_y=y)


@pytest.mark.parametrize(("size", "hints"), [((80, 24), None), ((29, 24), 29), ((80, 17), 80)])
def test_panes_of_the_pad_stand_where_they_are_told(
    size: tuple[int, int], hints: int | None
) -> None:
    screen = Drawing()
    screen._arrange(Size(*size))
    boxes = {"pad-hints": Box(0, 0, hints, 1)} if hints else arrange_pad(*size)
    assert screen._boxes == boxes and screen.painted == 1
    assert {name for name, pane in screen._panes.items() if pane.display} == set(boxes)
    assert screen._hints.message == (TOO_SMALL if hints else "")
    assert [(region.x, region.y, region.width, region.height) for region in screen.regions()] == [
        dataclasses.astuple(box) for box in boxes.values()
    ]


@pytest.mark.parametrize(
    ("at", "inside", "pixel"),
    [
        # The pad has 30 x 16 cells from (1, 1) on; its frame takes one on each side.
        ((2, 2), True, (0, 0.5)),
        ((1, 2), False, (-1, 0.5)),
        ((2, 1), False, (0, -1.5)),
        ((29, 15), True, (27, 26.5)),
        ((30, 15), False, (28, 26.5)),
        ((29, 16), False, (27, 28.5)),
    ],
)
def test_where_on_the_pad_a_cell_lies(
    at: tuple[int, int], inside: bool, pixel: tuple[float, float]
) -> None:
    screen = Drawing()
    place, within = screen._place(screen.mouse(events.MouseMove, *at))
    assert place == pytest.approx(pixel) and within == inside
    screen.on_mouse_down(screen.mouse(events.MouseDown, *at))
    assert screen.painted == inside and screen.pad.drawing.is_empty != inside


def test_a_mouse_that_moves_draws_and_answers_only_while_its_button_is_held() -> None:
    screen = Drawing()
    screen._hints.message = "before"
    screen.on_mouse_move(screen.mouse(events.MouseMove, 5, 5))
    screen.on_mouse_down(screen.mouse(events.MouseDown, 5, 5))
    assert (screen.painted, screen._hints.message) == (1, "")
    screen._hints.message = "before"
    screen.on_mouse_move(screen.mouse(events.MouseMove, 9, 5, button=0))
    assert (screen.painted, screen._hints.message) == (1, "before")
    screen.on_mouse_move(screen.mouse(events.MouseMove, 9, 5))
    assert (screen.painted, screen._hints.message) == (2, "")
    ink = screen.pad.drawing.ink.copy()
    screen.on_mouse_up(screen.mouse(events.MouseUp, 9, 5))
    screen.on_mouse_move(screen.mouse(events.MouseMove, 20, 5))
    assert screen.painted == 2 and (screen.pad.drawing.ink == ink).all()
    screen._boxes = {}
    screen.on_mouse_down(screen.mouse(events.MouseDown, 5, 5))
    screen.on_mouse_move(screen.mouse(events.MouseMove, 9, 5))
    assert screen.painted == 2


@pytest.mark.parametrize(
    ("button", "shift", "eraser", "erased"),
    [
        (1, False, False, False), (2, False, False, False), (3, False, False, True),
        (1, True, False, True), (1, False, True, True), (3, True, True, True),
    ],
)  # fmt: skip
def test_the_right_button_shift_and_the_eraser_erase(
    button: int, shift: bool, eraser: bool, erased: bool
) -> None:
    screen = Drawing()
    for _ in range(2):
        screen.on_mouse_down(screen.mouse(events.MouseDown, 5, 5))
    screen.pad.erases = eraser
    screen.on_mouse_down(screen.mouse(events.MouseDown, 5, 5, button, shift))
    assert bool(screen.pad.drawing.ink.any()) != erased


def test_keys_are_answered_in_place_of_the_hints() -> None:
    screen = Drawing()
    for action, words in (
        (screen.action_clear, "Nothing is drawn yet."),
        (screen.action_undo, "There is nothing to take back."),
        (screen.action_keep, "Nothing is drawn yet."),
        (screen.action_pen, ""), (screen.action_clear, ""), (screen.action_undo, ""),
        (screen.action_eraser, ""),
    ):  # fmt: skip
        screen._hints.message = "before"
        action()
        assert screen._hints.message == words
    screen._boxes = {}
    screen.action_eraser()
    assert screen._hints.message == TOO_SMALL == "The pad takes 30×18 cells."
    assert not screen.kept


def test_the_map_of_the_pad_holds_all_of_the_cloud_and_no_marks() -> None:
    data = dataset()
    codes = np.linspace(-1, 1, 120).reshape(60, 2)
    shown = explorer(data, snapshot(data, codes))
    shown.choice = dataclasses.replace(shown.choice, layer=Layer.TILES, prior=1)
    screen = Drawing(shown)
    assert shown.view is not None
    choice = screen._choice(shown.view)
    assert choice.layer is Layer.BRAILLE and choice.ends == () and choice.prior == 0
    assert choice.sample == -1 and choice.drawn is None and choice.follows
    assert np.isnan(choice.probe).all()
    box = choice.viewport
    assert box.left < -1 and box.right > codes[-1, 0] and box.bottom < codes[0, 1] and box.top > 1
    shown.choice = dataclasses.replace(shown.choice, layer=Layer.DENSITY)
    assert screen._choice(shown.view).layer is Layer.DENSITY
    screen.pad.turn_pen()
    drawn = screen._choice(shown.view).drawn
    assert drawn is not None and drawn.shape == (28, 28)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ((0.5, 0.5), None),
        # A point on an edge or beyond it makes room for itself.
        ((1.0, 0.5), (-0.07, 1.07, -0.07, 1.07)),
        ((0.0, 0.5), (-0.07, 1.07, -0.07, 1.07)),
        ((0.5, 1.0), (-0.07, 1.07, -0.07, 1.07)),
        ((0.5, 0.0), (-0.07, 1.07, -0.07, 1.07)),
        ((3.0, 0.5), (-0.21, 3.21, -0.07, 1.07)),
        ((0.5, -1.0), (-0.07, 1.07, -1.14, 1.14)),
        ((np.nan, 0.5), None),
        (None, None),
    ],
)
def test_the_map_of_the_pad_makes_room_for_the_drawing(
    code: tuple[float, float] | None, expected: tuple[float, ...] | None
) -> None:
    box = Viewport(0.0, 1.0, 0.0, 1.0)
    sample = None if code is None else SimpleNamespace(code=np.array(code))
    view: Any = SimpleNamespace(choice=SimpleNamespace(viewport=box), monitored=sample)
    found = Drawing()._around(view)
    assert (found is box) == (expected is None)
    assert dataclasses.astuple(found) == pytest.approx(expected or (0, 1, 0, 1))
