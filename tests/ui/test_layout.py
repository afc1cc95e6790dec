"""The arrangement of panes: every size gets one without overlaps or cut panes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_ae.ui.layout import TABS, Arrangement, arrange

sizes = st.tuples(st.integers(1, 260), st.integers(1, 90))


@given(sizes, st.integers(1, 36), st.sampled_from(TABS))
def test_panes_stay_on_the_screen_and_never_overlap(
    size: tuple[int, int], legend_rows: int, tab: str
) -> None:
    width, height = size
    layout = arrange(width, height, legend_rows, tab)
    taken: set[tuple[int, int]] = set()
    for box in layout.panes.values():
        assert box.width >= 1 and box.height >= 1
        assert box.x >= 0 and box.x + box.width <= width
        assert box.y >= 0 and box.y + box.height <= height
        cells = {
            (x, y)
            for x in range(box.x, box.x + box.width)
            for y in range(box.y, box.y + box.height)
        }
        assert not cells & taken
        taken |= cells


@pytest.mark.parametrize(
    ("width", "height", "kind"),
    [
        (120, 40, Arrangement.COMFORTABLE),
        (200, 60, Arrangement.COMFORTABLE),
        (90, 60, Arrangement.PORTRAIT),
        (80, 24, Arrangement.COMPACT),
        (60, 20, Arrangement.SMALL),
        (59, 20, Arrangement.TOO_SMALL),
        (60, 19, Arrangement.TOO_SMALL),
    ],
)
def test_each_size_has_its_arrangement(width: int, height: int, kind: Arrangement) -> None:
    assert arrange(width, height, 5).arrangement is kind


@pytest.mark.parametrize(
    ("size", "rows"), [((120, 40), 14), ((160, 50), 14), ((200, 60), 21), ((260, 80), 28)]
)
def test_pictures_grow_where_rows_would_lie_empty(size: tuple[int, int], rows: int) -> None:
    panes = arrange(*size, 5).panes
    for name in ("input", "reconstruction", "probe"):
        assert (panes[name].height, panes[name].width) == (rows + 1, 2 * rows)
    assert panes["readout"].height == 1 or size == (120, 40)


@given(st.integers(60, 260), st.integers(20, 90), st.integers(1, 36))
def test_the_scatter_keeps_the_largest_part(width: int, height: int, legend_rows: int) -> None:
    panes = arrange(width, height, legend_rows).panes
    area = {name: box.width * box.height for name, box in panes.items()}
    assert max(area, key=area.get) == "scatter" or area["scatter"] >= 300


@given(st.integers(60, 260), st.integers(20, 90), st.integers(1, 36), st.sampled_from(TABS))
def test_what_must_always_be_read_is_always_there(
    width: int, height: int, legend_rows: int, tab: str
) -> None:
    panes = arrange(width, height, legend_rows, tab).panes
    assert {"header", "scatter", "readout", "status", "footer"} <= set(panes)


@given(st.integers(60, 260), st.integers(20, 90), st.integers(1, 36))
def test_what_stands_beside_the_map_covers_nothing(
    width: int, height: int, legend_rows: int
) -> None:
    for strip in (False, True):
        panes = arrange(width, height, legend_rows, beside="neighbours", strip=strip).panes
        cells = np.zeros((height, width), int)
        for box in panes.values():
            assert box.y + box.height <= height and box.x + box.width <= width
            cells[box.y : box.y + box.height, box.x : box.x + box.width] += 1
        assert cells.max() == 1


@pytest.mark.parametrize("tab", TABS)
def test_a_small_screen_shows_the_chosen_tab(tab: str) -> None:
    panes = arrange(60, 20, 5, tab).panes
    assert tab in panes
    assert not (set(TABS) - {tab}) & set(panes)
