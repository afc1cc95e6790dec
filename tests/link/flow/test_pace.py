"""How many bytes a frame may have, by the window, the mode and what has gone lately."""

from __future__ import annotations

import math

import pytest

from tui_ae.config import LinkMode
from tui_ae.link.flow.flow import Contact, Flow
from tui_ae.link.flow.pace import Pace

LATE = 100.0
"""Long after the first paint."""


class Told(Flow):
    """A flow of which a test says what it has found out."""

    def __init__(
        self,
        rate: float = 7000.0,
        room: float = 10_000.0,
        contact: Contact = Contact.ANSWERING,
        allowed: float = 1e6,
    ) -> None:
        super().__init__()
        self.contact = contact
        self._told_rate, self._told_room, self._told_allowed = rate, room, allowed

    @property
    def rate(self) -> float:
        return self._told_rate

    @property
    def allowed(self) -> float:
        return self._told_allowed

    def room(self, now: float, *, urgent: bool) -> float:
        return 2 * self._told_room if urgent else self._told_room


def pace(
    mode: LinkMode = "auto", *, rate: float = 7000.0, room: float = 10_000.0, allowed: float = 1e6
) -> Pace:
    return Pace(Told(rate, room, allowed=allowed), mode, 0.0)


@pytest.mark.parametrize(
    ("rate", "room", "budget"),
    [
        # What the link carries in 50 ms, ...
        (7000, 10_000, 350),
        (40_000, 10_000, 2000),
        # ... of more than 2,500 bytes in 20 ms, ...
        (100_000, 10_000, 2500),
        (200_000, 10_000, 4000),
        # ... and never more than so many, nor fewer than a frame needs.
        (1_000_000, 10_000, 8192),
        (100, 10_000, 60),
        # What is left is not kept for a frame that would be too small.
        (7000, 409, 409),
        (7000, 410, 350),
        (7000, 340, 340),
        (7000, 0, 0),
    ],
)
def test_a_frame_of_the_background_takes_no_longer_than_50_ms(
    rate: float, room: float, budget: float
) -> None:
    assert pace(rate=rate, room=room).budget(LATE, urgent=False, caused=True) == budget


def test_before_anything_is_measured_the_room_is_the_budget() -> None:
    flow = Told(room=300, contact=Contact.STARTING)
    assert Pace(flow, "auto", 0.0).budget(LATE, urgent=False, caused=True) == 300


def test_what_a_key_waits_for_goes_at_once_into_all_the_room() -> None:
    begun = pace(room=1000)
    begun.background_goes(LATE)
    assert begun.budget(LATE, urgent=True, caused=True) == 2000
    assert pace(room=10_000).budget(LATE, urgent=True, caused=True) == 8192


def test_frames_of_the_background_are_forty_milliseconds_apart() -> None:
    begun = pace()
    begun.background_goes(0.0)
    assert begun.budget(0.039, urgent=False, caused=True) == 0
    assert begun.budget(0.04, urgent=False, caused=True) == 350


def test_what_training_paints_keeps_to_22_kilobytes_a_second_after_the_first_paint() -> None:
    begun = pace(rate=1e6)

    def budget(now: float, *, caused: bool = False) -> float:
        return begun.budget(now, urgent=False, caused=caused)

    begun.sent(30_000, 1.25, caused=False)
    assert budget(1.4375) == budget(1.5) == 8192
    # What a key caused takes nothing of it.
    begun.sent(30_000, 8.0, caused=True)
    assert budget(8.0) == 8192
    begun.sent(20_240, 8.0, caused=False)
    assert budget(8.0) == 1760
    begun.sent(1, 8.0, caused=False)
    assert budget(8.0) == 0 and budget(8.0, caused=True) == 8192
    assert budget(8.25) == 1759 + 5500
    assert budget(20.0) == 8192
    # When the screen has to be painted again it is not held to it for a while.
    begun.sent(22_000, 20.0, caused=False)
    assert budget(20.0) == 0
    begun.hurry(20.0)
    assert budget(21.4375) == 8192
    begun.sent(22_000, 21.4375, caused=False)
    assert budget(21.5) == 8192


def test_the_first_paint_is_over_after_a_second_and_a_half() -> None:
    begun = pace(rate=1e6)
    begun.sent(21_000, 1.5, caused=False)
    assert begun.budget(1.5, urgent=False, caused=False) == 0
    assert begun.next_time(1.5, caused=False) == pytest.approx(1.5 + 760 / 22_000)


def test_to_a_terminal_that_never_answers_it_is_half_as_much() -> None:
    flow = Told(rate=11_000, contact=Contact.SILENT)
    begun = Pace(flow, "auto", 0.0)
    begun.sent(22_000, 8.0, caused=False)
    # Every rate is 11,000 bytes a second then.
    assert begun.budget(8.1875, urgent=False, caused=True) == 550
    assert begun.budget(8.125, urgent=False, caused=False) == 0
    assert begun.next_time(8.125, caused=False) == pytest.approx(8.16)
    assert begun.budget(8.1875, urgent=False, caused=False) == 550
    flow.contact = Contact.ANSWERING
    begun.sent(22_000, 20.0, caused=False)
    assert begun.next_time(20.0, caused=False) == pytest.approx(20.08)


@pytest.mark.parametrize(
    ("mode", "rate", "burst"), [("slow", 7000.0, 1750.0), ("9600", 960.0, 240.0)]
)
def test_a_fixed_mode_keeps_to_its_rate_whatever_the_link_carries(
    mode: LinkMode, rate: float, burst: float
) -> None:
    begun = pace(mode, rate=1e6)
    for urgent in (True, False):
        assert begun.budget(LATE, urgent=urgent, caused=True) == burst
    begun.sent(200, LATE, caused=True)
    assert begun.budget(LATE, urgent=True, caused=True) == burst - 200
    begun.sent(int(burst) - 200, LATE, caused=True)
    assert begun.budget(LATE, urgent=True, caused=True) == 0
    # A small frame may follow.
    assert begun.next_time(LATE, caused=True) == pytest.approx(LATE + 100 / rate)
    assert begun.carries(0.5) == rate / 2
    assert pace(mode, rate=500).carries(0.5) == 250
    closed = pace(mode, room=59.0)
    closed.sent(int(burst), LATE, caused=True)
    assert closed.next_time(LATE, caused=True) == pytest.approx(LATE + 100 / rate)


@pytest.mark.parametrize("urgent", [True, False])
def test_what_a_link_carries_in_a_tenth_of_a_second_goes_in_one_piece(urgent: bool) -> None:
    assert pace().carries(2.0) == 14_000
    assert pace().whole(urgent=urgent) == 700
    assert pace(allowed=650.0).whole(urgent=urgent) == 650
    assert pace("9600").whole(urgent=urgent) == 96
    silent = Pace(Told(contact=Contact.SILENT, allowed=65_536), "auto", 0.0)
    assert silent.carries(0.001) == math.inf and silent.whole(urgent=urgent) == 65_536


def test_what_belongs_together_takes_no_more_than_what_is_out_leaves_and_trainings_waits() -> None:
    busy = Told(rate=1e6, allowed=2000.0)
    busy.in_flight = 700
    made = Pace(busy, "auto", 0.0)
    assert made.together(urgent=True) == made.together(urgent=False) == 1300
    assert made.whole(urgent=True) == 1300 and made.whole(urgent=False) == 2000
    busy.in_flight = 1950
    assert made.together(urgent=True) == made.together(urgent=False) == 100


def test_it_is_looked_at_again_when_all_that_holds_it_back_is_over() -> None:
    begun = pace()
    assert begun.next_time(LATE, caused=False) == LATE
    begun.background_goes(LATE)
    assert begun.next_time(LATE, caused=False) == LATE + 0.04
    begun.sent(22_000, LATE, caused=False)
    assert begun.next_time(LATE, caused=False) == LATE + 0.08
    assert begun.next_time(LATE, caused=True) == LATE + 0.04
    begun.hurry(LATE)
    assert begun.next_time(LATE, caused=False) == LATE + 0.04
    assert begun.next_time(LATE + 1.5, caused=False) == LATE + 1.5


@pytest.mark.parametrize(("room", "at"), [(59.0, None), (60.0, LATE)])
def test_where_there_is_no_room_only_an_answer_changes_that(room: float, at: float | None) -> None:
    assert pace(room=room).next_time(LATE, caused=True) == at
