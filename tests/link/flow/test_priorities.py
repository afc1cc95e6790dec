"""Which cells go first, and which go together."""

from __future__ import annotations

import numpy as np
import pytest

from tui_ae.link.flow.priorities import Priorities, Region


def picture(cells: np.typing.NDArray[np.generic]) -> list[str]:
    """A digit for each cell."""
    return ["".join(str(int(cell)) for cell in row) for row in cells]


def test_without_regions_all_of_the_screen_is_one() -> None:
    plain = Priorities(3, 2)
    assert picture(plain.priority) == ["111", "111"]
    assert picture(plain.rank) == picture(plain.unit) == ["000", "000"]
    assert plain.outside.all() and plain.parts == [np.s_[:, :]]


REGIONS = [
    Region(0, 0, 6, 1, 0),
    Region(0, 1, 3, 2, 3),
    Region(3, 1, 1, 2, 1, "b"),
    Region(4, 1, 1, 2, 1, "a"),
    Region(4, 3, 2, 1, 1, "b"),
    Region(0, 3, 2, 1, 1),
]


def test_each_cell_has_the_priority_and_the_unit_of_its_region() -> None:
    cells = Priorities(6, 4, REGIONS)
    assert picture(cells.priority) == ["000000", "333111", "333111", "111111"]
    assert picture(cells.unit) == ["000000", "000210", "000210", "000022"]
    assert picture(cells.outside) == ["000000", "000001", "000001", "001100"]


def test_among_those_of_one_priority_the_smaller_go_first_and_units_by_all_they_take() -> None:
    """First the head, then 2 cells alone, the 2 of unit a, the 4 of unit b in order, the rest."""
    cells = Priorities(6, 4, REGIONS)
    assert picture(cells.rank) == ["000000", "666325", "666325", "115544"]


def test_cells_that_no_region_covers_go_behind_the_first_priorities_before_the_last() -> None:
    cells = Priorities(
        4, 1, [Region(x, 0, 1, 1, priority) for x, priority in ((0, 1), (1, 2), (2, 3))]
    )
    assert picture(cells.rank) == ["0231"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Region(0, 0, 3, 1, 1), Region(3, 0, 1, 4, 1)),
        (Region(0, 0, 2, 1, 1, "a"), Region(3, 0, 3, 1, 1)),
        (Region(0, 0, 2, 1, 1), Region(3, 0, 2, 1, 1, "a")),
    ],
)
def test_what_has_fewer_cells_goes_first_alone_or_in_a_unit(one: Region, other: Region) -> None:
    for regions in ([one, other], [other, one]):
        rank = Priorities(6, 4, regions).rank
        assert rank[one.y, one.x] < rank[other.y, other.x]


def test_parts_that_may_come_in_pieces_the_largest_first() -> None:
    cells = Priorities(6, 4, REGIONS)
    assert cells.parts == [np.s_[0:1, 0:6], np.s_[1:3, 0:3], np.s_[3:4, 0:2]]


@pytest.mark.parametrize(
    ("region", "priorities"),
    [
        (Region(2, 1, 9, 9, 3), ["1111", "1133"]),
        (Region(-1, -1, 3, 2, 3), ["3311", "1111"]),
        (Region(-5, 0, 3, 2, 3), ["1111", "1111"]),
        (Region(0, -5, 3, 2, 3), ["1111", "1111"]),
        (Region(4, 0, 1, 1, 3), ["1111", "1111"]),
    ],
)
def test_what_lies_outside_the_screen_counts_for_nothing(
    region: Region, priorities: list[str]
) -> None:
    cells = Priorities(4, 2, [region])
    assert picture(cells.priority) == priorities
    assert picture(~cells.outside) == [
        row.replace("1", "0").replace("3", "1") for row in priorities
    ]


def test_all_that_changed_of_a_unit_goes_with_any_of_it() -> None:
    cells = Priorities(6, 4, REGIONS)
    changed = np.zeros((4, 6), bool)
    changed[1:3, 2:5] = changed[3, 4] = True
    begun = np.zeros_like(changed)
    begun[1, 3] = True
    assert picture(cells.with_units(begun, changed)) == ["000000", "000100", "000100", "000010"]
    begun[:] = False
    begun[1, 4] = True
    assert picture(cells.with_units(begun, changed)) == ["000000", "000010", "000010", "000000"]
    # What belongs to none brings nothing along.
    alone = np.zeros_like(changed)
    alone[1, 2] = True
    assert picture(cells.with_units(alone, changed)) == picture(alone)


def test_another_screen_has_the_same_regions() -> None:
    cells = Priorities(6, 4, REGIONS).resized(3, 2)
    assert cells.regions == REGIONS
    assert picture(cells.priority) == ["000", "333"]
