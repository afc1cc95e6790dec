"""The panel of classes: how its entries lie, what keys and clicks do, and how it looks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from random import Random

import pytest
from textual.geometry import Size

from tui_ae.raster.colour import ColourDepth, class_colours
from tui_ae.raster.grid import DEFAULT
from tui_ae.ui.screens.class_list import ClassList, Geometry, arrange
from tui_ae.ui.screens.classes import ONE_ONLY, TWO_STAY, ClassesScreen
from tui_ae.ui.themes import DARK


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        # (entries, cells an entry wants, columns and rows of the screen)
        ((10, 18, 80, 23), Geometry(27, 18, 10, 10)),
        # As few columns as the height allows,
        ((16, 18, 80, 22), Geometry(27, 18, 16, 16)),
        ((17, 18, 80, 22), Geometry(39, 18, 9, 9)),
        ((36, 18, 80, 23), Geometry(57, 18, 12, 12)),
        # narrower entries,
        ((36, 34, 120, 39), Geometry(71, 34, 18, 18)),
        ((36, 20, 60, 19), Geometry(60, 19, 12, 12)),
        ((30, 34, 80, 20), Geometry(78, 25, 10, 10)),
        # down to 17 cells; then the list scrolls.
        ((36, 20, 54, 18), Geometry(54, 17, 12, 12)),
        ((36, 20, 53, 18), Geometry(43, 20, 18, 12)),
        ((36, 20, 30, 12), Geometry(27, 20, 36, 6)),
        ((100, 34, 40, 12), Geometry(39, 18, 50, 6)),
        # The hints take 27 cells, where there are as many.
        ((1, 17, 80, 23), Geometry(27, 17, 1, 1)),
        ((10, 18, 20, 23), Geometry(20, 17, 10, 10)),
        ((10, 18, 5, 3), Geometry(5, 2, 10, 1)),
        ((10, 18, 2, 3), Geometry(2, 1, 10, 1)),
    ],
)
def test_how_entries_lie(asked: tuple[int, int, int, int], expected: Geometry) -> None:
    found = arrange(*asked)
    assert found == expected
    # A title, two rows for a message, two of hints, and the rule below.
    assert found.height == found.shown + 6


class Panel(ClassesScreen):
    """The panel without a program around it."""

    def __init__(
        self,
        names: Sequence[str],
        active: Iterable[int],
        size: tuple[int, int] = (80, 24),
        counts: Sequence[int] | None = None,
        **options: bool,
    ) -> None:
        super().__init__(
            names,
            [320] * len(names) if counts is None else counts,
            frozenset(active),
            class_colours(len(names), dark=True, depth=ColourDepth.TRUECOLOR),
            Random(5),
            **options,
        )
        self.said: list[frozenset[int]] = []
        self._lay_out(Size(*size))

    def post_message(self, message: object) -> bool:
        if isinstance(message, self.Changed):
            self.said.append(message.active)
        return True

    @property
    def rows(self) -> list[str]:
        return [row.rstrip() for row in self._list.grid.rows()]

    def click(self, column: int, row: int) -> None:
        self.on_class_list_pressed(ClassList.Pressed(column, row))


MIXED = ("Bag", "Ankle boot with a very long name indeed", "3", "x")
COUNTS = (1234, 5, 0, 77)
MANY = tuple(f"class {label}" for label in range(36))


def test_the_panel_row_by_row() -> None:
    panel = Panel(MIXED, {0, 1, 3}, counts=COUNTS)
    assert panel.rows == [
        "│ classes ──────────────── 3 of 4 on",
        "│ ▸ ● a Bag                   1,234",
        "│   ● b Ankle boot with a very l… 5",
        "│   ○ 3                           0",
        "│   ● c x                        77",
        "│",
        "│ at the cursor: Bag",
        "│ 0-9 space switch  a all",
        "│ r random two   esc close",
        "└" + "─" * 36,
    ]
    panel.action_move(1)
    assert panel.rows[1][2:4] == "  " and panel.rows[2][2:4] == "▸ "
    assert panel.rows[6] == "│ at the cursor: Ankle boot with a …"
    panel.action_switch(0), panel.action_switch(1)
    assert panel.rows[5:7] == ["│ Two stay on: switch another one on", "│ first."]
    plain = Panel(MIXED, {0, 1, 3}, counts=COUNTS, ascii=True)
    assert plain.rows[1:5] == [
        "| > [x] a Bag                 1,234",
        "|   [x] b Ankle boot with a very. 5",
        "|   [ ] 3                         0",
        "|   [x] c x                      77",
    ]


def test_entries_of_36_classes_stand_in_columns() -> None:
    rows = Panel(MANY, range(36), (60, 20)).rows
    assert rows[0] == "│ classes " + "─" * 37 + " 36 of 36 on"
    assert rows[1] == "│ ▸ ● 0 class 0  320   ● c class 12 320   ● o class 24 320"
    assert rows[12] == "│   ● b class 11 320   ● n class 23 320   ● z class 35 320"
    assert rows[13:15] == ["│", "│ at the cursor: class 0"] and len(rows) == 18


def test_an_entry_takes_17_to_34_cells_and_as_many_as_the_longest_wants() -> None:
    def entry(*names: str, count: int = 7, **options: bool) -> int:
        return Panel(names, (), counts=[count] * len(names), **options)._geometry.entry

    # A mark, a sign, a key, with a blank behind each, the name, the count, and a blank each.
    assert entry("a", "b") == entry("a" * 8, "b") == 17
    assert entry("a" * 9, "b") == 18 and entry("a" * 9, "b", count=1234) == 22
    assert entry("a" * 9, "b", ascii=True) == 20
    assert entry("a" * 25, "b") == entry("a" * 99, "b") == 34 and entry("a" * 24, "b") == 33


def test_the_colours_of_what_is_on_and_off() -> None:
    panel = Panel(MIXED, {0, 1, 3}, counts=COUNTS)
    inks = panel._list.grid.foreground
    colours, tones = panel._colours, DARK
    first, third = inks[1, [2, 4, 6, 8, 30]], inks[3, [2, 4, 6, 8, 34]]
    assert first.tolist() == [tones.accent, colours[0], colours[0], tones.text, tones.muted]
    assert third.tolist()[1:] == [tones.muted, tones.muted, DEFAULT, tones.muted]
    assert inks[7, 2] == inks[8, 2] == tones.muted and inks[6, 2] == tones.text
    panel.action_switch(1), panel.action_switch(0)
    assert panel._list.grid.foreground[5, 2] == tones.warning
    assert panel._list.grid.foreground[2, 8] == tones.muted
    assert inks[0, 0] == inks[9, 0] == tones.faint


def test_keys_switch_and_two_stay_on() -> None:
    panel = Panel(("a", "b", "c"), {0, 1, 2})
    panel.action_switch_key("1")
    assert panel.said == [frozenset({0, 2})] and panel.cursor == 1 and not panel.message
    panel.action_switch_key("0")
    assert panel.message == TWO_STAY and panel.active == {0, 2} and panel.cursor == 1
    panel.action_switch_key("7")
    assert panel.message == "No class has the key 7."
    panel.action_switch_here()
    assert panel.active == {0, 1, 2} and not panel.message
    panel.action_all()
    assert len(panel.said) == 2, "nothing has changed"
    pair = Panel(("a", "b"), {0, 1})
    pair.action_switch(0)
    assert pair.message == TWO_STAY
    alone = Panel(("a",), {0})
    alone.action_switch(0)
    assert alone.message == ONE_ONLY and not alone.said


def test_two_at_random_are_of_those_with_samples() -> None:
    panel = Panel(("a", "b", "c", "d"), range(4), counts=(3, 0, 1, 0))
    panel.action_random_two()
    assert panel.active == {0, 2}
    panel = Panel(("a", "b", "c"), range(3), counts=(3, 0, 0))
    panel.action_random_two()
    assert panel.message == ONE_ONLY and panel.active == {0, 1, 2}


def test_the_cursor_moves_by_entries_columns_and_screenfuls() -> None:
    panel = Panel(MANY, range(36), (60, 20))
    for action, by, cursor in (
        (panel.action_move, 1, 1), (panel.action_move, -9, 0), (panel.action_column, 1, 12),
        (panel.action_column, -1, 0), (panel.action_column, 1, 12),
        (panel.action_column, 1, 24), (panel.action_column, 1, 24), (panel.action_move, 5, 29),
        (panel.action_column, -1, 17), (panel.action_column, -1, 5), (panel.action_column, -1, 5),
        (panel.action_screenful, 1, 17), (panel.action_screenful, -1, 5),
        (panel.action_move, 99, 35),
    ):  # fmt: skip
        action(by)
        assert panel.cursor == cursor


def test_the_list_scrolls_by_as_little_as_it_takes() -> None:
    panel = Panel(MANY, range(36), (24, 14))
    for by, top in ((6, 0), (1, 1), (2, 3), (-6, 3), (-1, 2), (99, 29), (-99, 0)):
        panel.action_move(by)
        assert panel._top == top
        shown = [" ".join(row[8:].split()[:2]) for row in panel.rows[1:8]]
        assert shown == [f"class {label}" for label in range(top, top + 7)]
    panel.action_move(9)
    panel._lay_out(Size(24, 44))
    assert panel._top == 0, "all are shown now"


@pytest.mark.parametrize(
    ("column", "row", "label"),
    [
        (2, 1, 0), (20, 1, 0), (21, 1, 12), (2, 12, 11), (40, 12, 35), (58, 12, 35),
        # Beside the entries.
        (1, 1, None), (2, 0, None), (2, 13, None), (59, 1, None),
    ],
)  # fmt: skip
def test_a_click_switches_the_class_below_it(column: int, row: int, label: int | None) -> None:
    panel = Panel(MANY, range(36), (60, 20))
    panel.click(column, row)
    expected = frozenset(range(36)) - ({label} if label is not None else set())
    assert panel.active == expected and panel.cursor == (label or 0)


def test_a_click_in_a_list_that_is_scrolled_and_below_its_end() -> None:
    panel = Panel(MANY, range(36), (24, 14))
    panel.action_move(9)
    panel.click(5, 1)
    assert panel.active == frozenset(range(36)) - {3}
    # The last column of 35 in three is shorter by one.
    panel = Panel(MANY[:35], range(35), (60, 20))
    panel.click(45, 12)
    assert len(panel.active) == 35
    panel.click(45, 11)
    assert panel.active == frozenset(range(34))
