"""The arrangement of panes: every size gets one without overlaps or cut panes."""

from __future__ import annotations

from typing import Any

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


def told(width: int, height: int, *, legend_rows: int = 5, **options: Any) -> dict[str, str]:
    """Where each pane stands, as 'column,row widthxheight'."""
    panes = arrange(width, height, legend_rows, **options).panes
    return {name: f"{box.x},{box.y} {box.width}x{box.height}" for name, box in panes.items()}


@pytest.mark.parametrize(
    ("size", "options", "expected"),
    [
        # Comfortable: pictures on both sides of the map, the loss below.
        (
            (120, 40),
            {},
            "header 0,0 120x1; loss 0,34 120x4; status 0,38 120x1; footer 0,39 120x1;"
            "input 0,1 28x15; reconstruction 0,16 28x15; scatter 30,1 60x31; readout 30,32 60x2;"
            "classes 92,1 28x6; probe 92,7 28x15; bowtie 92,22 28x12",
        ),
        (
            (200, 60),
            {},
            "header 0,0 200x1; loss 0,51 200x7; status 0,58 200x1; footer 0,59 200x1;"
            "input 0,1 42x22; reconstruction 0,23 42x22; scatter 44,1 112x49; readout 44,50 112x1;"
            "classes 158,1 42x6; probe 158,7 42x22; bowtie 158,29 42x12",
        ),
        # Portrait: three pictures below the map.
        (
            (91, 60),
            {},
            "header 0,0 91x1; loss 0,54 91x4; status 0,58 91x1; footer 0,59 91x1;"
            "classes 0,35 91x4; scatter 0,1 91x33; readout 0,34 91x1;"
            "input 0,39 28x15; reconstruction 31,39 28x15; probe 62,39 28x15",
        ),
        # Compact: two pictures beside the map, the sample's in braille.
        (
            (80, 24),
            {},
            "header 0,0 80x1; loss 0,21 80x1; status 0,22 80x1; footer 0,23 80x1;"
            "scatter 0,1 50x16; readout 0,17 50x1; classes 0,18 50x3;"
            "sample 52,1 28x8; probe 52,9 28x12",
        ),
        # Small: one pane beside the map, without curves.
        (
            (60, 20),
            {"tab": "loss"},
            "header 0,0 60x1; scatter 0,1 31x16; loss 32,1 28x16;"
            "readout 0,17 60x1; status 0,18 60x1; footer 0,19 60x1",
        ),
        ((59, 20), {}, "notice 0,0 59x20"),
        ((60, 19), {}, "notice 0,0 60x19"),
        ((0, 0), {}, "notice 0,0 1x1"),
        # The way from A to B takes the place of the loss, and its rows from the map.
        (
            (120, 40),
            {"strip": True},
            "header 0,0 120x1; strip 0,26 120x12; status 0,38 120x1; footer 0,39 120x1;"
            "scatter 0,1 90x20; readout 0,21 90x1; classes 0,22 90x4;"
            "sample 92,1 28x8; probe 92,9 28x15",
        ),
        (
            (80, 24),
            {"strip": True},
            "header 0,0 80x1; strip 0,12 80x10; status 0,22 80x1; footer 0,23 80x1;"
            "scatter 0,1 50x8; readout 0,9 50x1; classes 0,10 50x2; sample 52,1 28x11",
        ),
        (
            (60, 20),
            {"strip": True},
            "header 0,0 60x1; strip 0,9 60x9; status 0,18 60x1; footer 0,19 60x1;"
            "scatter 0,1 60x7; readout 0,8 60x1",
        ),
        # Two maps, and the sample by both networks below them.
        (
            (60, 20),
            {"compared": True},
            "header 0,0 60x1; status 0,18 60x1; footer 0,19 60x1;"
            "scatter 0,1 29x9; other 30,1 30x9;"
            "reconstruction 0,10 14x8; other-reconstruction 15,10 14x8; compared 30,10 30x8",
        ),
        (
            (120, 40),
            {"compared": True},
            "header 0,0 120x1; status 0,38 120x1; footer 0,39 120x1;"
            "scatter 0,1 59x22; other 60,1 60x22; input 0,23 28x15;"
            "reconstruction 29,23 28x15; other-reconstruction 58,23 28x15; compared 87,23 33x15",
        ),
        (
            (199, 60),
            {"compared": True},
            "header 0,0 199x1; status 0,58 199x1; footer 0,59 199x1;"
            "scatter 0,1 99x42; other 100,1 99x42; input 0,43 28x15;"
            "reconstruction 29,43 28x15; other-reconstruction 58,43 28x15;"
            "probe 87,43 28x15; other-decoded 116,43 28x15; compared 145,43 54x15",
        ),
    ],
)
def test_where_each_pane_stands(
    size: tuple[int, int], options: dict[str, Any], expected: str
) -> None:
    places = dict(each.strip().split(" ", 1) for each in expected.split(";"))
    assert told(*size, **options) == places


@pytest.mark.parametrize(
    ("size", "kind"),
    [
        ((108, 37), Arrangement.COMFORTABLE),
        ((107, 45), Arrangement.COMPACT),
        ((108, 36), Arrangement.COMPACT),
        ((86, 46), Arrangement.PORTRAIT),
        ((85, 46), Arrangement.COMPACT),
        ((86, 45), Arrangement.COMPACT),
        ((76, 23), Arrangement.COMPACT),
        ((75, 90), Arrangement.SMALL),
        ((260, 22), Arrangement.SMALL),
    ],
)
def test_each_arrangement_begins_at_its_size(size: tuple[int, int], kind: Arrangement) -> None:
    assert arrange(*size, 5).arrangement is kind


@pytest.mark.parametrize(
    ("size", "legend_rows", "pane", "place"),
    [
        # A tall screen has room for more rows of the loss.
        ((120, 47), 5, "loss", "0,41 120x4"),
        ((120, 48), 5, "loss", "0,39 120x7"),
        ((80, 27), 5, "loss", "0,24 80x1"),
        ((80, 28), 5, "loss", "0,23 80x3"),
        # Pictures grow by half where two of them, a legend and the readout's row have room.
        ((164, 54), 5, "input", "0,1 42x22"),
        ((163, 54), 5, "input", "0,1 28x15"),
        ((164, 53), 5, "input", "0,1 28x15"),
        ((164, 54), 21, "input", "0,1 42x22"),
        ((164, 54), 22, "input", "0,1 28x15"),
        ((192, 68), 5, "reconstruction", "0,30 56x29"),
        ((191, 68), 5, "reconstruction", "0,23 42x22"),
        ((192, 67), 5, "reconstruction", "0,23 42x22"),
        # Probe and sample stand side by side from 76 cells on.
        ((136, 40), 5, "readout", "30,33 76x1"),
        ((135, 40), 5, "readout", "30,32 75x2"),
        ((136, 40), 5, "scatter", "30,1 76x32"),
        # Under a long legend the network has what is left, from five rows on.
        ((120, 40), 12, "bowtie", "92,29 28x5"),
        ((120, 40), 13, "bowtie", ""),
        ((120, 39), 5, "bowtie", "92,22 28x11"),
        ((120, 41), 5, "bowtie", "92,22 28x12"),
        # The longest legend leaves the probe its picture.
        ((120, 40), 17, "classes", "92,1 28x18"),
        ((120, 40), 99, "classes", "92,1 28x18"),
        ((120, 40), 99, "probe", "92,19 28x15"),
        # Two columns of classes under the map, and a title where there is room.
        ((90, 60), 6, "classes", "0,35 90x4"),
        ((90, 60), 7, "classes", "0,34 90x5"),
        ((80, 24), 6, "classes", "0,18 50x3"),
        ((80, 24), 8, "classes", "0,17 50x4"),
        ((80, 24), 99, "classes", "0,16 50x5"),
        ((80, 29), 5, "classes", "0,21 50x3"),
        ((80, 30), 5, "classes", "0,21 50x4"),
        # The probe's picture is cut in little room.
        ((80, 26), 5, "probe", "52,9 28x14"),
        ((80, 27), 5, "probe", "52,9 28x15"),
        ((80, 40), 5, "probe", "52,9 28x15"),
    ],
)
def test_panes_change_at_their_limits(
    size: tuple[int, int], legend_rows: int, pane: str, place: str
) -> None:
    assert told(*size, legend_rows=legend_rows).get(pane, "") == place


@pytest.mark.parametrize(
    ("size", "pane", "place"),
    [
        ((80, 36), "strip", "0,24 80x10"),
        ((80, 37), "strip", "0,23 80x12"),
        ((60, 36), "strip", "0,25 60x9"),
        ((60, 37), "strip", "0,23 60x12"),
        # A picture that would be cut gives its rows to the sample's.
        ((80, 28), "probe", ""),
        ((80, 28), "sample", "52,1 28x15"),
        ((80, 29), "probe", "52,9 28x8"),
        ((80, 29), "sample", "52,1 28x8"),
    ],
)
def test_the_strip_changes_at_its_limits(size: tuple[int, int], pane: str, place: str) -> None:
    assert told(*size, strip=True).get(pane, "") == place


@pytest.mark.parametrize(
    ("size", "place"),
    [
        # With the rows of the network, and what lies empty below a picture.
        ((120, 40), "92,7 28x27"),
        ((120, 60), "92,7 28x44"),
        ((200, 60), "158,7 42x44"),
        ((100, 36), "72,9 28x22"),
        ((80, 24), "52,9 28x12"),
        ((90, 60), "62,39 28x15"),
        ((60, 20), "32,1 28x16"),
    ],
)
def test_a_list_takes_the_place_of_the_probe_and_the_rows_below(
    size: tuple[int, int], place: str
) -> None:
    before, after = told(*size), told(*size, beside="neighbours")
    assert after.pop("neighbours") == place
    assert before.items() - after.items() == {
        (name, before[name]) for name in ("probe", "bowtie") if name in before
    }
    assert after.items() <= before.items()


def test_without_a_picture_of_the_probe_nothing_gives_way() -> None:
    assert told(60, 20, tab="loss", beside="neighbours") == told(60, 20, tab="loss")
    assert told(80, 28, strip=True, beside="neighbours") == told(80, 28, strip=True)


@pytest.mark.parametrize(
    ("size", "pane", "place"),
    [
        # Half blocks where they fit, braille elsewhere.
        ((108, 33), "reconstruction", "0,16 28x15"),
        ((107, 33), "reconstruction", "15,23 14x8"),
        ((108, 32), "reconstruction", "15,22 14x8"),
        # The table needs 28 columns, for which the image gives way.
        ((72, 24), "input", ""),
        ((73, 24), "input", "0,14 14x8"),
        ((73, 24), "compared", "45,14 28x8"),
        ((114, 40), "input", ""),
        ((115, 40), "compared", "87,23 28x15"),
        # What both decode at the probe, where 24 columns stay for the table.
        ((98, 30), "probe", ""),
        ((99, 30), "probe", "45,20 14x8"),
        ((99, 30), "other-decoded", "60,20 14x8"),
        ((99, 30), "compared", "75,20 24x8"),
        ((168, 40), "probe", ""),
        ((169, 40), "compared", "145,23 24x15"),
    ],
)
def test_two_runs_change_at_their_limits(size: tuple[int, int], pane: str, place: str) -> None:
    assert told(*size, compared=True).get(pane, "") == place
