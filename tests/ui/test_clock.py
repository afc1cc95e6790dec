"""How often the screen looks for what is new."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tui_ae.ui.clock import REST_S, STILL_S, TICK_S, Clock


class Timers:
    """Stands in for the app and its timers: fires them by a time of its own."""

    def __init__(self) -> None:
        self.now = 0.0
        self.made: list[Timer] = []

    def set_interval(self, interval_s: float, call: Callable[[], None]) -> Timer:
        self.made.append(Timer(interval_s, call))
        return self.made[-1]

    def pass_by(self, seconds: float) -> None:
        for _ in range(round(seconds / TICK_S)):
            self.now += TICK_S
            for timer in self.made:
                timer.pass_by(TICK_S)


class Timer:
    def __init__(self, interval_s: float, call: Callable[[], None]) -> None:
        self.interval_s, self.call = interval_s, call
        self.left_s, self.runs = interval_s, True

    def pass_by(self, seconds: float) -> None:
        self.left_s -= seconds
        if self.runs and self.left_s < TICK_S / 2:
            self.left_s = self.interval_s
            self.call()

    def pause(self) -> None:
        self.runs = False

    def resume(self) -> None:
        self.runs = True


class Looks:
    """Counts looks, and says whether something goes on."""

    def __init__(self, timers: Timers) -> None:
        self.count, self.goes_on = 0, False
        self.timers = timers
        self.clock = Clock(timers, self.look, lambda: self.goes_on, lambda: timers.now)

    def look(self) -> None:
        self.count += 1

    def within(self, seconds: float) -> int:
        before = self.count
        self.timers.pass_by(seconds)
        return self.count - before


@pytest.fixture
def looks() -> Looks:
    return Looks(Timers())


def test_it_looks_seldom_at_rest(looks: Looks) -> None:
    assert looks.within(1.0) == round(1 / TICK_S)
    looks.within(STILL_S)
    assert looks.clock.rests
    assert looks.within(2.0) == round(2 / REST_S)


def test_it_looks_twenty_times_a_second_and_four_times_after_two_at_rest(looks: Looks) -> None:
    assert looks.within(1.0) == 20
    often, _ = looks.timers.made
    for now, rests in ((2.0, False), (2.01, True)):
        looks.timers.now = now
        often.call()
        assert looks.clock.rests == rests
    assert looks.within(2.0) == 8


def test_two_seconds_are_counted_from_the_last_that_went_on(looks: Looks) -> None:
    often, _ = looks.timers.made
    for now, goes_on, rests in ((9.0, True, False), (11.0, False, False), (11.1, False, True)):
        looks.timers.now, looks.goes_on = now, goes_on
        often.call()
        assert looks.clock.rests == rests


def test_it_goes_on_looking_while_something_goes_on(looks: Looks) -> None:
    looks.goes_on = True
    assert looks.within(2 * STILL_S) == round(2 * STILL_S / TICK_S)


def test_a_key_wakes_it(looks: Looks) -> None:
    looks.within(2 * STILL_S)
    looks.clock.stir()
    assert looks.within(1.0) >= round(1 / TICK_S)


def test_what_begins_by_itself_wakes_it_at_its_next_look(looks: Looks) -> None:
    looks.within(2 * STILL_S)
    looks.goes_on = True
    looks.within(REST_S)
    assert not looks.clock.rests
    assert looks.within(1.0) >= round(1 / TICK_S)
