"""Which panes training may paint now."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from tui_ae.ui.clock import TICK_S
from tui_ae.ui.pacer import CURVES, CURVES_S, FRAME_S, PICTURES, Pacer
from tui_ae.ui.quality import CLOUD_PRIORITY, EARLY_S, QUALITIES

NAMES = ("header", "status", "probe", "input", "scatter", "loss")


class Link:
    def __init__(self, frame: bool = True, cloud: bool = True, level: int = 0) -> None:
        self._frame, self._cloud, self.level = frame, cloud, level

    def claim(self, priority: int, interval_s: float) -> bool:
        return self._cloud if priority == CLOUD_PRIORITY else self._frame


def frames(
    link: Link | None, seconds: float = 10.0, tick_s: float = 0.001
) -> list[tuple[float, set[str]]]:
    """What was due in each frame, at every tick of a clock."""
    pacer, due = Pacer(), []
    for tick in range(1, round(seconds / tick_s)):
        now = 100 + tick * tick_s
        if pacer.claim_frame(now, link):
            due.append((now, pacer.claim_panes(now, link, NAMES)))
    return due


def test_no_two_frames_are_closer_than_the_shortest_time() -> None:
    times = [now for now, _ in frames(None)]
    assert all(b - a >= FRAME_S - EARLY_S - 1e-9 for a, b in pairwise(times))
    assert len(times) >= 0.9 * 10.0 / FRAME_S


def test_ticks_that_come_early_or_late_still_give_ten_frames_a_second() -> None:
    pacer, generator = Pacer(), random.Random(0)
    ticks = (100 + TICK_S * (number + generator.uniform(-0.15, 0.15)) for number in range(200))
    assert sum(pacer.claim_frame(now, None) for now in ticks) == 100


@pytest.mark.parametrize("level", range(len(QUALITIES)))
def test_words_come_with_every_frame_pictures_and_curves_less_often(level: int) -> None:
    due = frames(Link(level=level), seconds=40.0)
    assert all({"header", "status"} <= panes for _, panes in due)
    for names, least in ((PICTURES, QUALITIES[level].picture_interval_s), (CURVES, CURVES_S)):
        times = [now for now, panes in due if panes & names]
        assert all(b - a >= least - 1e-9 for a, b in pairwise(times))
        assert len(times) >= 0.6 * 40.0 / least


def test_what_is_not_on_the_screen_is_never_due() -> None:
    assert set().union(*(panes for _, panes in frames(None))) == set(NAMES)


def test_a_link_without_room_holds_frames_back() -> None:
    assert not frames(Link(frame=False))


def test_a_link_without_room_for_the_cloud_holds_only_the_curves_back() -> None:
    due = frames(Link(cloud=False))
    assert due and not any(panes & CURVES for _, panes in due)
    assert any(panes & PICTURES for _, panes in due)


def test_the_cloud_comes_as_soon_as_there_is_room() -> None:
    link, pacer = Link(cloud=False), Pacer()
    assert pacer.claim_frame(10.0, link) and not pacer.claim_panes(10.0, link, NAMES) & CURVES
    link = Link()
    assert pacer.claim_frame(10.2, link) and pacer.claim_panes(10.2, link, NAMES) >= CURVES & set(
        NAMES
    )


def test_a_key_never_waits_for_pictures_and_curves_at_once() -> None:
    assert not any(panes & PICTURES and panes & CURVES for _, panes in frames(None))


def test_training_never_repaints_what_only_a_command_changes() -> None:
    still = {"classes", "bowtie", "footer"}
    pacer = Pacer()
    for tick in range(40):
        assert not pacer.claim_panes(100 + tick * 0.1, None, (*NAMES, *still)) & still


def test_neither_starves_where_frames_are_rare() -> None:
    due = frames(None, seconds=30.0, tick_s=0.5)
    assert sum(bool(panes & CURVES) for _, panes in due) >= 10
    assert sum(bool(panes & PICTURES) for _, panes in due) >= 10
