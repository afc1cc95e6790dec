"""How many bytes may go, when an answer is overdue and when it is asked again: exact times."""

from __future__ import annotations

import pytest

from tui_ae.link.flow.flow import Contact, Flow

TRIP_S = 0.125
PLACE = 80


def send(flow: Flow, now: float, size: int = 100, place: int = PLACE) -> None:
    flow.sent(size, now, place, limited=True)


def exchanges(flow: Flow, count: int, size: int = 100, trip_s: float = TRIP_S) -> float:
    """Frames one after the other, each answered; returns when the last one was."""
    now = 0.0
    for _ in range(count):
        send(flow, now, size)
        now += trip_s
        assert flow.answer(PLACE, now)
    return now


def test_until_something_is_measured_three_hundred_bytes_may_go() -> None:
    flow = Flow()
    assert flow.contact is Contact.STARTING and not flow.answered and not flow.awaits
    assert flow.allowed == 0.0 and flow.rate == 1000 and flow.last_round_trip_s == 0.0
    assert flow.room(0.0, urgent=False) == flow.window == 300
    assert flow.room(0.0, urgent=True) == 400
    send(flow, 0.0, 250)
    assert flow.awaits and flow.in_flight == 250
    assert flow.room(0.0, urgent=False) == 50
    assert flow.room(0.0, urgent=True) == 150
    send(flow, 0.0, 200)
    assert flow.room(0.0, urgent=False) == flow.room(0.0, urgent=True) == 0


def test_a_window_opens_by_half_with_each_answer_until_the_thirteenth() -> None:
    """Then it holds what is on its way at the measured rate, and 100 bytes or 50 ms of it."""
    flow = Flow()
    exchanges(flow, 12)
    # 100 bytes in each eighth of a second.
    assert flow.estimate.rate == 800
    assert flow.window == 300
    assert flow.rate == pytest.approx(300 / 0.175)
    assert flow.room(9.0, urgent=True) == 400
    flow = Flow()
    exchanges(flow, 13)
    assert flow.rate == 800
    assert flow.window == 800 * TRIP_S + 100
    assert flow.room(9.0, urgent=False) == 200
    assert flow.room(9.0, urgent=True) == 300
    assert flow.allowed == 400


def test_the_window_of_a_fast_link_holds_fifty_milliseconds_more_and_a_key_has_a_hundred() -> None:
    flow = Flow()
    exchanges(flow, 13, 1000)
    assert flow.rate == 8000
    assert flow.window == 1000 + 400
    # No more than twice what has ever been unanswered.
    assert flow.room(9.0, urgent=True) == 2000
    flow.sent(300, 1.75, PLACE, limited=True)
    assert flow.room(9.0, urgent=True) == 1700
    assert flow.answer(PLACE, 1.875)
    flow._allowance.passed(4000)
    assert flow.room(9.0, urgent=True) == 1400 + 800
    flow.sent(300, 2.0, PLACE, limited=True)
    assert flow.room(9.0, urgent=False) == 1100 and flow.room(9.0, urgent=True) == 1900


def test_frames_that_queue_end_the_beginning_and_do_not_widen_the_window() -> None:
    flow = Flow()
    now = exchanges(flow, 2)
    send(flow, now, 1000)
    assert flow.allowed_background == flow.allowed
    assert flow.answer(PLACE, now + TRIP_S + 0.09375)
    assert flow.allowed == 2000 and flow.rate > 2000
    send(flow, now + 1, 3000)
    assert flow.answer(PLACE, now + 1 + TRIP_S + 0.125)
    assert flow.allowed == 2000 and flow.allowed_background == 1500
    assert flow.rate == flow.estimate.rate
    # One that queued for long costs half of it.
    send(flow, now + 2, 100)
    assert flow.answer(PLACE, now + 2 + TRIP_S + 0.25)
    assert flow.allowed == 2000
    send(flow, now + 3, 100)
    assert flow.answer(PLACE, now + 3 + TRIP_S + 0.3125)
    assert flow.allowed == 1000


@pytest.mark.parametrize(
    ("late_s", "allowed"), [(0.225, 2200), (0.2265, 2000), (0.425, 2000), (0.4265, 1000)]
)
def test_a_tenth_of_a_second_more_is_a_queue_and_three_tenths_a_long_one(
    late_s: float, allowed: float
) -> None:
    flow = Flow()
    send(flow, 0.0, 1000, 80)
    send(flow, 0.0, 100, 160)
    assert flow.answer(80, 0.125) and flow.answer(160, late_s)
    assert flow.allowed == allowed


def test_the_smallest_frame_is_awaited_and_may_be_answered_at_once() -> None:
    flow = Flow()
    send(flow, 1.0, 1)
    assert flow.awaits
    assert flow.answer(PLACE, 1.0) and not flow.awaits
    assert not flow.answer(PLACE, 1.0)


def test_a_frame_from_the_moment_in_which_a_stall_ended_counts() -> None:
    flow = stalled()
    flow.probed(4.0)
    assert flow.answer(PLACE, 40.0)
    send(flow, 40.0)
    assert flow.answer(PLACE, 40.25)
    assert flow.last_round_trip_s == 0.25 and not flow.awaits


def test_what_was_known_before_a_stall_is_as_recent_after_it() -> None:
    flow = stalled()
    # Nothing was heard from 1.0 on.
    assert flow.answer(PLACE, 61.0)
    for now, shortest_s in ((90.0, 0.125), (90.5, 0.25)):
        send(flow, now - 0.25)
        assert flow.answer(PLACE, now)
        assert flow.estimate.min_round_trip_s == shortest_s


def test_the_round_trip_is_that_of_the_last_answer() -> None:
    flow = Flow()
    send(flow, 1.0)
    assert flow.answer(PLACE, 1.5)
    assert flow.last_round_trip_s == 0.5 and flow.answered and flow.in_flight == 0
    assert not flow.answer(PLACE, 1.75)


def test_frames_that_are_out_together_are_measured_together() -> None:
    """300 bytes within the quarter of a second from the first of them to the last answer."""
    flow = Flow()
    for index in range(3):
        send(flow, 0.0, 400, PLACE * (index + 1))
    for index in range(3):
        assert flow.answer(PLACE * (index + 1), 0.125 * (index + 1))
        assert flow.in_flight == 400 * (2 - index)
    # 400 bytes in 0.125 s; together 1,200 in 0.375.
    assert flow.estimate.rate == 3200
    flow = Flow()
    for index in range(3):
        send(flow, 0.0, 400, PLACE * (index + 1))
    # The last answer tells that all have come.
    assert flow.answer(3 * PLACE, 0.5)
    assert flow.in_flight == 0 and flow.estimate.rate == 2400
    assert not flow.answer(PLACE, 0.5)


@pytest.mark.parametrize("heard", [False, True])
def test_a_terminal_that_has_not_answered_within_1_2_seconds_never_does(heard: bool) -> None:
    flow = Flow()
    assert flow.timeout_s == 1.2 and flow.next_time(0.0) is None
    flow.sent(100, 0.0, None, limited=False)
    flow.notice_time(5.0)
    assert flow.contact is Contact.STARTING
    if heard:
        flow.heard()
    send(flow, 0.0)
    assert flow.next_time(0.0) == 1.2
    flow.notice_time(1.1875)
    assert flow.contact is Contact.STARTING
    flow.notice_time(1.2)
    assert flow.contact is (Contact.STALLED if heard else Contact.SILENT)
    assert flow.answered is heard


def test_to_a_terminal_that_never_answers_ten_frames_a_second_go_and_few_questions() -> None:
    flow = Flow()
    send(flow, 0.0)
    flow.notice_time(1.25)
    assert flow.rate == 11_000 and flow.allowed == 65_536
    flow.sent(500, 2.0, None, limited=False)
    assert flow.room(2.0, urgent=False) == 0 and flow.room(2.09375, urgent=False) == 0
    assert flow.room(2.0, urgent=True) == 65_536
    assert flow.next_time(2.0) == 2.1
    assert flow.room(2.125, urgent=False) == 65_536
    exact = Flow()
    exact.contact = Contact.SILENT
    exact.sent(500, 0.0, None, limited=False)
    assert exact.room(0.1, urgent=False) == 65_536
    # The first question was that of the first frame.
    assert not flow.wants_query(1.9375) and flow.wants_query(2.0)
    flow.sent(500, 3.0, PLACE, limited=False)
    assert not flow.wants_query(4.9375) and flow.wants_query(5.0)
    # And when it answers all the same it is believed.
    assert flow.answer(PLACE, 6.0)
    assert flow.contact is Contact.ANSWERING and flow.wants_query(6.0)


@pytest.mark.parametrize(("trip_s", "timeout_s"), [(0.125, 2.0), (0.25, 2.0), (0.5, 4.0)])
def test_one_that_did_answer_has_stalled_after_two_seconds_or_eight_round_trips(
    trip_s: float, timeout_s: float
) -> None:
    flow = Flow()
    now = exchanges(flow, 1, trip_s=trip_s)
    assert flow.timeout_s == timeout_s and flow.next_time(now) is None
    send(flow, 8.0, 100, 80)
    send(flow, 9.0, 100, 160)
    assert flow.next_time(9.0) == 8.0 + timeout_s
    # From the last sign of life.
    assert flow.answer(80, 9.0)
    due = 9.0 + flow.timeout_s
    assert flow.next_time(9.0) == due
    flow.notice_time(due - 0.001)
    assert flow.contact is Contact.ANSWERING
    flow.notice_time(due)
    assert flow.contact is Contact.STALLED
    assert flow.room(due, urgent=True) == flow.room(due, urgent=False) == flow.allowed == 0
    assert flow.answered


def stalled() -> Flow:
    """A flow that asked last at 1.0 and has stalled at 3.0."""
    flow = Flow()
    exchanges(flow, 1)
    send(flow, 1.0)
    flow.notice_time(3.0)
    assert flow.contact is Contact.STALLED
    return flow


def test_a_stalled_link_is_asked_half_as_often_each_time_down_to_every_eight_seconds() -> None:
    flow, asked = stalled(), 1.0
    for interval_s in (0.8, 1.6, 3.2, 6.4, 8.0, 8.0):
        due = asked + interval_s
        assert flow.next_time(asked) == due
        assert not flow.wants_probe(due - 0.001)
        assert flow.wants_probe(due)
        flow.probed(due)
        asked = due
    assert not Flow().wants_probe(99.0)
    # Each stall begins anew.
    assert flow.answer(PLACE, 40.0)
    send(flow, 40.0)
    flow.notice_time(60.0)
    assert flow.contact is Contact.STALLED and flow.next_time(60.0) == 40.8


def test_whoever_presses_a_key_at_a_stalled_link_waits_two_seconds_for_the_next_question() -> None:
    flow = stalled()
    flow.pressed(2.5)
    assert flow.next_time(3.0) == 1.8
    for now in (3.0, 4.0, 5.0):
        flow.probed(now)
    assert flow.next_time(5.0) == 11.4
    flow.pressed(5.0)
    assert flow.next_time(5.0) == 11.4
    flow.pressed(5.5)
    assert flow.next_time(5.5) == 7.0


def test_only_so_many_frames_are_remembered() -> None:
    flow = Flow()
    for number in range(257):
        send(flow, 0.0, 10, 1000 + number)
    assert flow.in_flight == 2560
    assert not flow.answer(1000, 0.5)
    assert flow.in_flight == 2560
    assert flow.answer(1001, 0.5) and flow.in_flight == 2550


@pytest.mark.parametrize(
    ("width", "height", "rows"),
    [(80, 24, 16), (80, 18, 16), (80, 17, 16), (80, 16, 15), (80, 3, 2), (80, 2, 1)],
)
def test_the_cursor_is_parked_in_up_to_sixteen_rows_below_the_first(
    width: int, height: int, rows: int
) -> None:
    flow = Flow()
    for number in range(2 * rows):
        # Again from the first of them, beside those that are out.
        place = flow.next_position(width, height)
        assert place is not None
        assert divmod(place, width) == (1 + number % rows, number // rows)
        flow.sent(10, 0.0, place, limited=False)
    assert Flow().next_position(width, 1) is None


def test_after_each_of_four_resizes_it_is_another_column() -> None:
    flow = Flow()
    # Nothing is out: nothing has to be told apart.
    flow.forget_positions()
    for number, column in enumerate((0, 1, 2, 3, 0, 1)):
        place = flow.next_position(80, 24)
        assert place is not None and divmod(place, 80) == (1 + number, column)
        flow.sent(10, 0.0, place, limited=False)
        assert flow.is_parked
        flow.forget_positions()
        assert not flow.is_parked
    # No farther than the last column.
    place = flow.next_position(2, 24)
    assert place is not None and place % 2 == 1


def test_of_another_link_nothing_is_known() -> None:
    flow = Flow()
    exchanges(flow, 20, 1000)
    send(flow, 3.75, 700)
    flow.relearn(4.0)
    assert flow.estimate.rate == 1000 and flow.window == 300
    # What was out went over the other one.
    assert flow.answer(PLACE, 4.25)
    assert (
        flow.estimate.rate == 1000 and flow.estimate.min_round_trip_s == 0 and flow.allowed == 400
    )
    # And again its first answers only open the window.
    for number in range(13):
        assert flow.window == 300 == flow.allowed * 0.75
        send(flow, 10.0 + number, 100, 240)
        assert flow.answer(240, 10.5 + number)
    assert flow.window == 200


def test_a_terminal_that_was_away_owes_no_answers() -> None:
    flow = stalled()
    flow.probed(4.0)
    flow.restart()
    assert not flow.awaits and flow.in_flight == 0 and flow.contact is Contact.ANSWERING
    assert not flow.answer(PLACE, 5.0)
    silent = Flow()
    send(silent, 0.0)
    silent.notice_time(9.0)
    silent.restart()
    assert silent.contact is Contact.STARTING and not silent.answered
