"""What went to the terminal, as the figures of the link tell it."""

from __future__ import annotations

import pytest

from tui_ae.link.flow.meter import RATE_SPAN_S, Meter


def test_all_bytes_count_and_only_paintings_are_frames() -> None:
    meter = Meter()
    meter.sent(100, 10.0, painted=True)
    meter.sent(4, 10.1, painted=False)
    assert (meter.frames, meter.bytes_total) == (1, 104)


def test_the_rate_is_that_of_the_last_seconds() -> None:
    meter = Meter()
    assert meter.rate(10.0) == 0
    meter.sent(300, 10.0, painted=True)
    meter.sent(600, 11.0, painted=False)
    assert meter.rate(11.0) == 900 / RATE_SPAN_S
    # The first has just left the span, then the second has.
    assert meter.rate(10.01 + RATE_SPAN_S) == 600 / RATE_SPAN_S
    assert meter.rate(11.01 + RATE_SPAN_S) == 0
    assert meter.bytes_total == 900


def test_what_is_sent_later_lets_go_of_what_is_too_old_for_the_rate() -> None:
    meter = Meter()
    for number in range(1_000):
        meter.sent(10, float(number), painted=True)
    assert len(meter._recent) <= RATE_SPAN_S + 1


def test_the_time_of_a_paint_is_from_the_first_change_to_the_frame_that_shows_it() -> None:
    meter = Meter()
    assert meter.paint_s == 0
    meter.painted(10.0)
    meter.painted(10.4)
    # A question to the terminal shows nothing.
    meter.sent(4, 10.45, painted=False)
    meter.sent(100, 10.5, painted=True)
    assert meter.paint_s == pytest.approx(0.5)
    # Nothing has changed since: this one goes on with what a frame left.
    meter.sent(100, 12.0, painted=True)
    assert meter.paint_s == pytest.approx(0.5)


def test_the_time_of_a_paint_is_the_median_of_the_last_hundred() -> None:
    meter = Meter()
    for took_s in (9.0, 9.0, 0.1, 0.2, 0.3):
        meter.painted(10.0)
        meter.sent(1, 10.0 + took_s, painted=True)
    assert meter.paint_s == pytest.approx(0.3)
    for _ in range(101):
        meter.painted(10.0)
        meter.sent(1, 10.05, painted=True)
    assert meter.paint_s == pytest.approx(0.05)
