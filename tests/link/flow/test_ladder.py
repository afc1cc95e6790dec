from __future__ import annotations

import itertools
import random
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_ae.config import LINKS
from tui_ae.link.flow.ladder import Ladder
from tui_ae.link.flow.levels import FIXED_LEVELS, LEAST_RATES, ladder_of


def changes(rates: Sequence[float], step_s: float = 0.1) -> tuple[int, int]:
    ladder, levels = ladder_of("auto"), []
    for index, rate in enumerate(rates):
        ladder.update(rate, index * step_s)
        levels.append(ladder.level)
    return sum(a != b for a, b in itertools.pairwise(levels)), levels[-1]


@settings(max_examples=40)
@given(st.sampled_from(LEAST_RATES[:-1]), st.floats(0.02, 0.15), st.integers(0, 10**6))
def test_noise_around_a_threshold_does_not_flicker(
    threshold: float, spread: float, seed: int
) -> None:
    noise = random.Random(seed)
    count, _ = changes([threshold * noise.uniform(1 - spread, 1 + spread) for _ in range(600)])
    assert count <= 4


@pytest.mark.parametrize("period", [2, 20, 60, 100])
def test_rate_that_swings_forever_is_answered_less_and_less(period: int) -> None:
    rates = [500_000 if index // period % 2 else 5_000 for index in range(6000)]
    count, _ = changes(rates)
    assert count <= 10


def test_down_within_a_second_and_up_after_several() -> None:
    _, last = changes([500_000] * 30 + [5_000] * 10)
    assert last == 3
    _, last = changes([500_000] * 30 + [5_000] * 20 + [500_000] * 30)
    assert last == 3
    _, last = changes([500_000] * 30 + [5_000] * 20 + [500_000] * 400)
    assert last == 0


def test_a_pause_in_which_nothing_was_measured_is_no_evidence() -> None:
    for first, then in ((500_000, 5_000), (5_000, 500_000)):
        ladder = ladder_of("auto")
        for index in range(50):
            ladder.update(first, index * 0.1)
        before = ladder.level
        for now in (65.0, 125.0):
            ladder.update(then, now)
            if now < 100:
                assert ladder.level == before


def test_a_climb_that_lasted_makes_up_for_those_that_did_not() -> None:
    ladder, now = ladder_of("auto"), 0.0

    def feed(rate: int, seconds: float) -> None:
        nonlocal now
        start = now
        while now - start < seconds:
            now += 0.1
            ladder.update(rate, now)

    def climb_s() -> float:
        start = now
        while ladder.level:
            feed(500_000, 0.1)
            assert now - start < 4 * 3**4 + 1
        return now - start

    feed(500_000, 5)
    feed(100_000, 3)
    soon = climb_s()
    for _ in range(3):
        feed(100_000, 3)
        climb_s()
    feed(100_000, 3)
    assert climb_s() > 3 * soon
    feed(500_000, 30)
    feed(100_000, 3)
    assert climb_s() == pytest.approx(soon, abs=0.5)


def test_fixed_modes_never_move() -> None:
    for mode in LINKS[1:]:
        level = FIXED_LEVELS[mode]
        ladder = ladder_of(mode)
        ladder.suppose(2)
        for index in range(100):
            ladder.update(10.0 if index % 2 else 1e6, index)
            assert ladder.level == level


def test_what_is_supposed_counts_until_something_is_measured() -> None:
    ladder = ladder_of("auto")
    ladder.suppose(2)
    assert ladder.level == 2
    ladder.update(LEAST_RATES[2], 0.0)
    ladder.suppose(4)
    assert ladder.level == 2


@pytest.mark.parametrize(
    ("rate", "level"),
    [
        (1e9, 0), (150_000, 0), (149_999, 1), (40_000, 1), (39_999, 2), (12_000, 2), (11_999, 3),
        (2_500, 3), (0, 3),
    ],
)  # fmt: skip
def test_the_first_rate_says_at_once_which_level_suits(rate: float, level: int) -> None:
    ladder = ladder_of("auto")
    assert ladder.level == 3
    ladder.update(rate, 10.0)
    assert ladder.level == level


@pytest.mark.parametrize(("after_s", "level"), [(1.9375, 0), (2.0, 3)])
def test_for_two_seconds_a_higher_level_is_taken_at_once(after_s: float, level: int) -> None:
    ladder = ladder_of("auto")
    ladder.update(2_500, 10.0)
    ladder.update(1e6, 10.0 + after_s)
    assert ladder.level == level
    # And again when the link is another one.
    ladder.settle()
    ladder.update(2_500, 20.0)
    ladder.update(1e6, 20.0 + after_s)
    assert ladder.level == (0 if after_s < 2 else level)


class Time:
    """A ladder that has settled on level 3, and a rate each quarter of a second."""

    def __init__(self) -> None:
        self.ladder, self.now = ladder_of("auto"), 0.0
        self.feed(2_500, 2.0)
        assert self.ladder.level == 3

    def feed(self, rate: float, seconds: float) -> None:
        for _ in range(int(seconds * 4)):
            self.ladder.update(rate, self.now)
            self.now += 0.25

    def until(self, level: int, rate: float) -> float:
        """How long it takes with this rate."""
        begun = self.now
        while self.ladder.level != level:
            self.feed(rate, 0.25)
            assert self.now - begun < 600
        return self.now - begun


def test_each_level_up_takes_four_seconds_of_a_fifth_more_than_it_needs() -> None:
    time = Time()
    time.feed(14_399, 60)
    assert time.ladder.level == 3
    assert time.until(2, 14_400) == 4.0
    time.feed(47_999, 60)
    assert time.until(1, 48_000) == 4.0
    assert time.until(0, 180_000) == 4.0
    time.feed(1e9, 60)
    assert time.ladder.level == 0


def test_one_climb_after_the_other_takes_as_long() -> None:
    time = Time()
    assert [time.until(level, 1e6) for level in (2, 1, 0)] == [4.0, 4.0, 4.0]


def test_down_it_goes_to_what_suits_after_seven_tenths_of_a_second() -> None:
    time = Time()
    time.until(1, 1e6)
    assert time.until(4, 2_499) == 0.75
    time = Time()
    time.until(1, 1e6)
    # What comes between begins the time anew.
    for _ in range(5):
        time.feed(5_000, 0.5)
        time.feed(40_000, 0.25)
    assert time.ladder.level == 1
    assert time.until(3, 5_000) == 0.75


def test_each_fall_takes_as_long() -> None:
    time = Time()
    time.until(1, 1e6)
    assert time.until(3, 5_000) == 0.75
    assert time.until(4, 2_499) == 0.75
    ladder = ladder_of("auto")
    for rate, now, level in ((1e6, -10.0, 0), (5_000, 0.0, 0), (5_000, 0.2, 3)):
        ladder.update(rate, now)
        assert ladder.level == level


def test_over_another_link_a_fall_takes_as_long() -> None:
    ladder = ladder_of("auto")
    ladder.update(1e6, 0.0)
    ladder.settle()
    for now, level in ((60.0, 0), (60.5, 0), (60.75, 3)):
        ladder.update(5_000, now)
        assert ladder.level == level


def test_the_first_climb_after_the_beginning_takes_four_seconds_too() -> None:
    ladder = ladder_of("auto")
    for rate, now, level in ((2_500, 0.0, 3), (40_000, 1.75, 1)):
        ladder.update(rate, now)
        assert ladder.level == level
    now = 1.75
    while ladder.level == 1:
        now += 0.25
        ladder.update(180_000, now)
    assert now == 5.75


def test_what_speaks_for_a_higher_level_has_to_do_so_without_a_break() -> None:
    time = Time()
    for _ in range(5):
        time.feed(14_400, 3.75)
        time.feed(14_399, 0.25)
    assert time.ladder.level == 3
    assert time.until(2, 14_400) == 4.0


@pytest.mark.parametrize(("between_s", "updates"), [(0.5, 8), (0.75, 8), (60.0, 8), (0.25, 16)])
def test_a_pause_counts_for_half_a_second(between_s: float, updates: int) -> None:
    time = Time()
    now, count = 1.75, 0
    while time.ladder.level == 3:
        now += between_s
        time.ladder.update(14_400, now)
        count += 1
    assert count == updates


def test_a_level_that_had_to_be_left_again_is_tried_three_times_as_late_each_time() -> None:
    time = Time()
    for climb_s in (4.0, 12.0, 36.0, 108.0, 324.0, 512.0, 512.0):
        assert time.until(2, 14_400) == climb_s
        assert time.until(3, 5_000) == 0.75


@pytest.mark.parametrize(("stays_s", "climb_s"), [(19.0, 12.0), (19.25, 4.0)])
def test_after_twenty_seconds_nothing_is_held_against_it(stays_s: float, climb_s: float) -> None:
    time = Time()
    time.until(2, 14_400)
    # The update that climbed was a quarter of a second ago, the fall takes three.
    time.feed(14_400, stays_s)
    assert time.until(3, 5_000) == 0.75
    assert time.until(2, 14_400) == climb_s


def test_it_begins_where_it_is_told_and_any_number_of_levels_will_do() -> None:
    ladder = Ladder((10.0, 0.0), 1)
    ladder.update(9.0, 0.0)
    assert ladder.level == 1
    ladder.update(10.0, 1.0)
    assert ladder.level == 0
    assert {mode: ladder_of(mode).level for mode in LINKS} == {
        "auto": 3,
        "fast": 0,
        "slow": 3,
        "9600": 4,
    }
