"""What is drawn on each level of the link."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from tui_ae.link.flow.levels import LEAST_RATES
from tui_ae.ui.main_screen import MAPS
from tui_ae.ui.panes.registry import PANES
from tui_ae.ui.panes.scatter import Scatter
from tui_ae.ui.quality import CLOUD_PRIORITY, EARLY_S, FRAME_PRIORITY, QUALITIES, Quality

LINKS = Path(__file__).parents[2] / "docs" / "links.md"


def test_each_level_of_the_link_has_its_quality() -> None:
    assert len(QUALITIES) == len(LEAST_RATES)
    assert len({quality.name for quality in QUALITIES}) == len(QUALITIES)


def test_the_less_the_link_carries_the_rarer_is_what_is_painted() -> None:
    for name in ("cloud_interval_s", "picture_interval_s", "frame_interval_s"):
        intervals = [getattr(quality, name) for quality in QUALITIES]
        assert all(a <= b for a, b in pairwise(intervals))
        assert intervals[0] > EARLY_S


def words(quality: Quality, least_rate: float) -> list[str]:
    """A row of the documentation's table."""
    greys = "truecolor" if quality.grey_levels is None else f"{quality.grey_levels} greys"
    cloud = f"{round(quality.cloud_interval_s, 1):g} s"
    return [
        quality.name,
        f"{least_rate / 1000:g} kB/s" if least_rate else "less",
        "braille" if quality.braille_images else f"half blocks, {greys}",
        f"{round(quality.picture_interval_s, 1):g} s",
        "classes in 16" if quality.sixteen_colours else "all",
        f"{cloud}, in class characters" if quality.sparse_cloud else cloud,
    ]


def test_the_documentation_tells_what_each_level_draws_and_how_often() -> None:
    rows = [line.strip("| ").split(" | ") for line in LINKS.read_text("utf-8").splitlines()]
    start = next(at for at, row in enumerate(rows) if row[0] == "rung")
    told = rows[start + 2 : start + 2 + len(QUALITIES)]
    assert told == [words(*each) for each in zip(QUALITIES, LEAST_RATES, strict=True)]


def test_the_cloud_goes_last_and_all_else_before() -> None:
    others = [pane.PRIORITY for pane in PANES if pane.NAME not in MAPS]
    assert max(others) == FRAME_PRIORITY < CLOUD_PRIORITY == Scatter.PRIORITY
