from __future__ import annotations

import itertools
import random
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_ae.config import LINKS
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
