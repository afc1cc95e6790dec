"""What acknowledged frames tell of a link, computed by hand."""

from __future__ import annotations

import pytest

from tui_ae.link.flow.allowance import Allowance
from tui_ae.link.flow.bucket import TokenBucket
from tui_ae.link.flow.estimate import LinkEstimate, Measurement


def add(
    estimate: LinkEstimate,
    time: float,
    *,
    trip_s: float = 0.1,
    size: int = 100,
    rate: float = 1000.0,
    limited: bool = True,
    starting: bool = False,
) -> None:
    estimate.add(Measurement(time, trip_s, size, rate, limited), starting=starting)


def known(rate: float, **options: float | int) -> LinkEstimate:
    """What one frame at the time 0 has taught."""
    estimate = LinkEstimate()
    estimate.add(
        Measurement(
            0.0, options.get("trip_s", 0.1), int(options.get("size", 100)), rate, limited=False
        ),
        starting=True,
    )
    return estimate


def test_before_any_answer_a_link_is_a_slow_one() -> None:
    estimate = LinkEstimate()
    assert (estimate.rate, estimate.min_round_trip_s, estimate.smooth_round_trip_s) == (1000, 0, 0)


def test_the_first_round_trip_counts_whole_and_later_ones_an_eighth() -> None:
    estimate = LinkEstimate()
    for index, (trip_s, smooth_s) in enumerate([(0.1, 0.1), (0.2, 0.1125), (0.1, 0.1109375)]):
        add(estimate, index, trip_s=trip_s)
        assert estimate.smooth_round_trip_s == pytest.approx(smooth_s)
        assert estimate.min_round_trip_s == 0.1


@pytest.mark.parametrize(
    ("told", "starting", "rate"),
    [
        (5000, True, 5000),
        # A known rate no more than doubles.
        (5000, False, 2000),
        (2000, False, 2000),
        (1500, False, 1500),
        (900, True, 1000),
        (900, False, 1000),
    ],
)
def test_one_sample_raises_the_rate_and_never_lowers_it(
    told: float, starting: bool, rate: float
) -> None:
    estimate = LinkEstimate()
    add(estimate, 0.0, rate=told, starting=starting)
    assert estimate.rate == rate


@pytest.mark.parametrize(
    ("limited", "rates"),
    [
        ([True, True, True, True], [1000, 1000, 500, 500]),
        ([True, False, True, True], [1000, 1000, 1000, 500]),
        ([False, False, False, False], [1000, 1000, 1000, 1000]),
    ],
)
def test_three_samples_that_the_link_limited_lower_it(
    limited: list[bool], rates: list[float]
) -> None:
    estimate = LinkEstimate()
    for index, (is_limited, rate) in enumerate(zip(limited, rates, strict=True)):
        add(estimate, index / 8, rate=500, limited=is_limited)
        assert estimate.rate == rate


def test_the_rate_never_falls_below_a_byte_a_second() -> None:
    estimate = LinkEstimate()
    for index in range(3):
        add(estimate, index / 8, rate=0.0)
    assert estimate.rate == 1.0


@pytest.mark.parametrize(("trip_s", "window_s"), [(0.1, 1.0), (0.25, 1.0), (0.5, 2.0), (1.0, 4.0)])
def test_the_best_rate_of_a_second_or_four_round_trips_holds(
    trip_s: float, window_s: float
) -> None:
    estimate = known(5000, trip_s=trip_s)
    for time in (window_s - 0.5, window_s - 0.25, window_s - 0.125, window_s):
        add(estimate, time, trip_s=trip_s, rate=500)
        assert estimate.rate == 5000
    add(estimate, window_s + 0.125, trip_s=trip_s, rate=600)
    assert estimate.rate == 600


def test_the_shortest_round_trip_of_thirty_seconds_holds() -> None:
    estimate = known(1000, trip_s=0.05)
    steps = [
        *((10, 0.3, 0.05), (29, 0.2, 0.05), (30, 0.4, 0.05), (31, 0.4, 0.2)),
        *((32, 0.1, 0.1), (59, 0.4, 0.1), (62, 0.5, 0.1), (63, 0.5, 0.4)),
    ]
    for time, trip_s, least_s in steps:
        add(estimate, time, trip_s=trip_s)
        assert estimate.min_round_trip_s == least_s


def test_time_in_which_there_could_be_no_samples_makes_none_older() -> None:
    estimate = known(5000, trip_s=0.05)
    estimate.skip(60.0)
    for time in (60.75, 60.875, 61.0):
        add(estimate, time, trip_s=0.1, rate=500)
        assert estimate.rate == 5000
    add(estimate, 61.125, trip_s=0.1, rate=500)
    assert estimate.rate == 500
    add(estimate, 90.0, trip_s=0.1)
    assert estimate.min_round_trip_s == 0.05
    add(estimate, 90.5, trip_s=0.1)
    assert estimate.min_round_trip_s == 0.1


@pytest.mark.parametrize(
    ("quickest_s", "trip_s", "size", "told", "rate"),
    [
        # So much larger a frame took so much longer, and some noise.
        (0.1, 0.2, 1100, 3000, 1000 / 0.106),
        (0.1, 0.1, 164, 3000, 64 / 0.006),
        # One that is hardly larger tells nothing.
        (0.1, 0.1, 163, 3000, 3000),
        (0.1, 0.1, 100, 3000, 3000),
        # The noise is a share of the round trip within limits.
        (0.01, 0.02, 1100, 30_000, 1000 / 0.013),
        (0.5, 0.6, 1100, 3000, 1000 / 0.11),
        # What it tells is believed up to four times the known rate, or what came through.
        (0.1, 0.2, 1100, 2000, 8000),
        (0.1, 0.2, 1100, 1000, 4000),
        (0.1, 0.2, 1100, 500, 4000),
        # And not below what came through.
        (0.1, 0.2, 1100, 20_000, 20_000),
    ],
)
def test_a_larger_frame_than_the_quickest_tells_a_rate(
    quickest_s: float, trip_s: float, size: int, told: float, rate: float
) -> None:
    estimate = known(1000, trip_s=quickest_s, size=100)
    add(estimate, 0.125, trip_s=trip_s, size=size, rate=told, starting=True)
    assert estimate.rate == pytest.approx(rate)


@pytest.mark.parametrize(
    ("trips", "extra"),
    [
        # The smaller of two that took equally long is the one to compare with.
        ([(0.1, 300), (0.1, 100)], 1000),
        ([(0.1, 100), (0.1, 300)], 1000),
        ([(0.1, 100), (0.1, 100)], 1000),
        # A hundred bytes count for a fifth of a millisecond.
        ([(0.1, 200), (0.10019, 100)], 1000),
        ([(0.1, 200), (0.10021, 100)], 900),
    ],
)
def test_of_frames_that_took_about_equally_long_the_smaller_is_the_quickest(
    trips: list[tuple[float, int]], extra: int
) -> None:
    estimate = LinkEstimate()
    for index, (trip_s, size) in enumerate(trips):
        add(estimate, index / 8, trip_s=trip_s, size=size, limited=False)
    add(estimate, 0.5, trip_s=0.2, size=1100, rate=5000, starting=True)
    assert estimate.rate == pytest.approx(extra / 0.106, rel=0.003)


def test_what_may_be_unanswered_follows_what_was_and_is_halved_once_for_a_queue() -> None:
    allowance = Allowance()
    assert (allowance.background, allowance.urgent) == (300, 400)
    allowance.passed(150)
    assert (allowance.background, allowance.urgent) == (300, 400)
    allowance.passed(1001)
    assert (allowance.background, allowance.urgent) == (1501.5, 2002)
    allowance.queued(1.0, 2.0)
    assert allowance.urgent == 1000
    # Sent before it was known.
    allowance.queued(1.9, 3.0)
    assert allowance.urgent == 1000
    allowance.queued(2.0, 4.0)
    assert allowance.urgent == 500
    allowance.queued(4.0, 5.0)
    assert allowance.urgent == 400


def test_a_bucket_fills_at_its_rate_up_to_its_burst() -> None:
    bucket = TokenBucket(100.0, 50.0)
    assert bucket.tokens(10.0) == 50
    bucket.take(30, 10.0)
    assert bucket.tokens(10.0) == 20
    assert bucket.tokens(10.25) == 45
    # Times that go back bring nothing, and take nothing.
    assert bucket.tokens(9.0) == 45 and bucket.tokens(10.25) == 45
    assert bucket.tokens(11.0) == 50
    bucket.take(80, 11.0)
    assert bucket.tokens(11.0) == -30
    assert bucket.wait(20, 11.0) == 0.5
    assert bucket.wait(50, 11.0) == bucket.wait(900, 11.0) == 0.8
    assert bucket.wait(20, 11.75) == 0.0 and bucket.tokens(11.75) == 45
