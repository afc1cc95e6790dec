"""Which panes training may paint now."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import pairwise

import pytest

from tui_ae.ui.clock import TICK_S
from tui_ae.ui.pacer import CURVES, CURVES_S, FRAME_S, PICTURES, Pacer
from tui_ae.ui.quality import CLOUD_PRIORITY, EARLY_S, FRAME_PRIORITY, QUALITIES

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


@pytest.mark.parametrize("claim", [Pacer.claim_frame, Pacer.claim_all])
@pytest.mark.parametrize("link", [None, Link()])
def test_a_frame_may_come_a_little_before_its_tenth_of_a_second(
    claim: Callable[[Pacer, float, Link | None], bool], link: Link | None
) -> None:
    pacer = Pacer()
    asked = (0.079, 0.08, 0.1, 0.159, 0.161, 0.2)
    assert [claim(pacer, now, link) for now in asked] == [False, True, False, False, True, False]


class Patient:
    """A link that grants nothing before its time, and notes what it was asked for."""

    def __init__(self, level: int) -> None:
        self.level, self.now = level, 0.0
        self.asked: list[tuple[int, object]] = []
        self._claimed: dict[int, float] = {}

    def claim(self, priority: int, interval_s: float) -> bool:
        self.asked.append((priority, pytest.approx(interval_s)))
        if self.now - self._claimed.get(priority, -9.0) < interval_s:
            return False
        self._claimed[priority] = self.now
        return True


@pytest.mark.parametrize(
    ("level", "frames", "pictures", "clouds"),
    [(0, 100, 33, 17), (1, 67, 33, 16), (2, 50, 19, 10), (3, 40, 9, 5), (4, 20, 2, 4)],
)
def test_in_ten_seconds_each_level_has_so_many_frames(
    level: int, frames: int, pictures: int, clouds: int
) -> None:
    """At twenty looks a second, as the screen's clock has them."""
    link, pacer = Patient(level), Pacer()
    due = []
    for tick in range(1, 201):
        link.now = tick / 20
        if pacer.claim_frame(link.now, link):
            due.append(pacer.claim_panes(link.now, link, NAMES))
    assert len(due) == frames
    assert sum(bool(panes & PICTURES) for panes in due) == pictures
    assert sum(bool(panes & CURVES) for panes in due) == clouds


def test_the_link_is_asked_for_what_would_be_painted() -> None:
    for level, quality in enumerate(QUALITIES):
        frame = (FRAME_PRIORITY, quality.frame_interval_s - EARLY_S)
        cloud = (CLOUD_PRIORITY, quality.cloud_interval_s - EARLY_S)
        link = Patient(level)
        link.now = 10.0
        Pacer().claim_frame(10.0, link)
        Pacer().claim_panes(10.0, link, NAMES)
        # Going through the past changes all at once, at the pace of frames.
        Pacer().claim_all(10.0, link)
        assert link.asked == [frame, cloud, (CLOUD_PRIORITY, frame[1])]


@pytest.mark.parametrize(
    ("now", "pictures", "curves"),
    [
        (0.279, False, False),
        (0.28, True, False),
        (0.839, True, False),
        (0.84, False, True),
    ],
)
def test_what_waits_twice_as_long_goes_before_pictures(
    now: float, pictures: bool, curves: bool
) -> None:
    due = Pacer().claim_panes(now, None, NAMES)
    assert (bool(due & PICTURES), bool(due & CURVES)) == (pictures, curves)


def test_curves_come_after_their_own_time_where_no_pictures_are_due() -> None:
    for now, curves in ((0.419, False), (0.42, True)):
        pacer = Pacer()
        assert pacer.claim_panes(0.3, None, NAMES) & PICTURES
        due = pacer.claim_panes(now, None, NAMES)
        assert bool(due & CURVES) == curves and not due & PICTURES


def test_after_a_moment_of_the_past_nothing_is_due_before_its_time() -> None:
    pacer = Pacer()
    assert pacer.claim_all(1.0, None)
    assert pacer.claim_panes(1.27, None, NAMES) == {"header", "status"}
    assert pacer.claim_panes(1.29, None, NAMES) == {"header", "status", "probe", "input"}
    assert pacer.claim_panes(1.43, None, NAMES) == {"header", "status", "scatter", "loss"}
