"""What is drawn on each level of the link."""

from itertools import pairwise

from tui_ae.link.flow.levels import LEAST_RATES
from tui_ae.ui.quality import EARLY_S, QUALITIES


def test_each_level_of_the_link_has_its_quality() -> None:
    assert len(QUALITIES) == len(LEAST_RATES)
    assert len({quality.name for quality in QUALITIES}) == len(QUALITIES)


def test_the_less_the_link_carries_the_rarer_is_what_is_painted() -> None:
    for name in ("cloud_interval_s", "picture_interval_s", "frame_interval_s"):
        intervals = [getattr(quality, name) for quality in QUALITIES]
        assert all(a <= b for a, b in pairwise(intervals))
        assert intervals[0] > EARLY_S
