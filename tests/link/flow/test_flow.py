"""What the terminal's answers teach about the link, when they come late."""

from __future__ import annotations

import pytest

from tui_ae.link.flow.allowance import Allowance
from tui_ae.link.flow.estimate import LinkEstimate, Measurement
from tui_ae.link.flow.flow import Contact, Flow

TRIP_S, SIZE = 0.1, 100
WIDTH, HEIGHT = 80, 24


def send(flow: Flow, now: float, size: int = SIZE, *, limited: bool = True) -> int:
    """A frame; returns what answers it."""
    position = flow.next_position(WIDTH, HEIGHT)
    assert position is not None
    flow.sent(size, now, position, limited=limited)
    return position


def exchanges(flow: Flow, now: float, count: int) -> float:
    """Frames that are answered in time, one after the other; returns when the last one was."""
    for _ in range(count):
        position = send(flow, now)
        now += TRIP_S
        assert flow.answer(position, now)
    return now


@pytest.fixture
def stalled() -> tuple[Flow, list[int], float, tuple[float, float]]:
    """A flow that knows its link, has two frames out and stalls; and the time a minute later."""
    flow = Flow()
    now = exchanges(flow, 100.0, 30)
    known = flow.estimate.min_round_trip_s, flow.estimate.rate
    positions = [send(flow, now) for _ in range(2)]
    now += 60
    flow.notice_time(now)
    assert flow.contact is Contact.STALLED
    return flow, positions, now, known


def test_a_stall_teaches_nothing_about_the_link(
    stalled: tuple[Flow, list[int], float, tuple[float, float]],
) -> None:
    flow, positions, now, known = stalled
    for position in positions:
        now += TRIP_S
        assert flow.answer(position, now)
        assert (flow.estimate.min_round_trip_s, flow.estimate.rate) == pytest.approx(known)
    assert flow.last_round_trip_s == pytest.approx(TRIP_S)


def test_what_was_known_before_a_stall_is_not_older_after_it(
    stalled: tuple[Flow, list[int], float, tuple[float, float]],
) -> None:
    flow, positions, now, known = stalled
    flow.answer(positions[-1], now)
    position = send(flow, now)
    assert flow.answer(position, now + 3 * TRIP_S)
    assert (flow.estimate.min_round_trip_s, flow.estimate.rate) == pytest.approx(known)


def test_frames_after_a_stall_are_not_measured_from_before_it(
    stalled: tuple[Flow, list[int], float, tuple[float, float]],
) -> None:
    flow, positions, now, _ = stalled
    flow.answer(positions[0], now)
    later = [send(flow, now) for _ in range(3)]
    slow_s = 2.0
    for position in (*positions[1:], *later):
        flow.answer(position, now + slow_s)
    assert flow.estimate.rate >= len(later) * SIZE / slow_s


def test_painting_goes_on_with_the_first_answer_after_a_stall(
    stalled: tuple[Flow, list[int], float, tuple[float, float]],
) -> None:
    flow, positions, now, _ = stalled
    assert flow.room(now, urgent=False) == 0
    flow.answer(positions[0], now)
    assert flow.contact is Contact.ANSWERING
    assert flow.room(now, urgent=False) > 0


QUICK_S = 0.0007


@pytest.fixture
def slow() -> tuple[Flow, float]:
    """A flow that knows a link of 1,000 bytes a second well, and the time."""
    flow = Flow()
    return flow, exchanges(flow, 100.0, 30)


def test_a_shaped_link_that_lets_a_little_through_at_once_is_not_taken_for_a_fast_one(
    slow: tuple[Flow, float],
) -> None:
    flow, now = slow
    known = flow.estimate.rate
    now += 2.0
    assert flow.answer(send(flow, now, limited=False), now + QUICK_S)
    assert flow.estimate.rate <= 2 * known
    assert flow.room(now + QUICK_S, urgent=False) <= 2 * known * (TRIP_S + 0.05)


def test_a_link_that_became_fast_is_found_within_ten_answers(slow: tuple[Flow, float]) -> None:
    flow, now = slow
    for _ in range(10):
        assert flow.answer(send(flow, now, limited=False), now + QUICK_S)
        now += 0.04
    assert flow.estimate.rate > 100_000


def test_a_fast_link_is_found_with_the_first_answers_of_all() -> None:
    flow, now = Flow(), 100.0
    for _ in range(3):
        assert flow.answer(send(flow, now), now + QUICK_S)
        now += 0.04
    assert flow.estimate.rate > 100_000


def drain(flow: Flow, now: float, count: int, *, rate: int) -> float:
    """Frames that are out together, answered at a link's rate; returns when the last one was."""
    positions = [send(flow, now) for _ in range(count)]
    now += TRIP_S
    for position in positions:
        now += SIZE / rate
        assert flow.answer(position, now)
    return now


def test_a_moment_of_silence_is_no_rate(slow: tuple[Flow, float]) -> None:
    """Its answers come together, so nothing was measured between them."""
    flow, now = slow
    known = flow.estimate.rate
    positions = [send(flow, now + 0.02 * index) for index in range(8)]
    for position in positions:
        assert flow.answer(position, now + 0.9)
    assert flow.estimate.rate == pytest.approx(known, rel=0.3)


def test_what_may_be_unanswered_is_little_more_than_what_has_come_through(
    slow: tuple[Flow, float],
) -> None:
    flow, now = slow
    for _ in range(20):
        assert flow.answer(send(flow, now, limited=False), now + QUICK_S)
        now += 0.04
    assert flow.rate > 100_000
    assert flow.window <= 300
    assert flow.room(now, urgent=True) <= 400
    for _ in range(3):
        size = int(flow.window)
        assert flow.answer(send(flow, now, size), now + QUICK_S)
        now += 0.04
        assert flow.window == 1.5 * size
        assert flow.room(now, urgent=True) == 2 * size


def test_a_link_that_stalled_is_trusted_with_half_as_much_once(
    stalled: tuple[Flow, list[int], float, tuple[float, float]],
) -> None:
    flow, positions, now, _ = stalled
    flow._allowance.passed(4_000)
    for index, position in enumerate(positions):
        flow.answer(position, now + index * TRIP_S)
    assert flow._allowance.urgent == 4_000


@pytest.mark.parametrize(("width", "height"), [(80, 24), (3, 2), (5, 5)])
def test_places_of_frames_that_are_out_differ_and_none_is_in_the_first_row(
    width: int, height: int
) -> None:
    flow = Flow()
    positions = []
    for _ in range(width):
        position = flow.next_position(width, height)
        assert position is not None
        flow.sent(SIZE, 100.0, position, limited=False)
        positions.append(position)
    assert len(set(positions)) == len(positions)
    assert all(width <= position < width * height for position in positions)


def test_places_are_those_with_the_shortest_sequences_and_not_soon_the_same_again() -> None:
    flow = Flow()
    positions = []
    for turn in range(40):
        positions.append(send(flow, 100.0 + turn))
        assert flow.answer(positions[-1], 100.0 + turn + TRIP_S)
    assert {position % WIDTH for position in positions} == {0}
    assert all(len(set(positions[at : at + 16])) == 16 for at in range(24))


def test_where_there_is_no_place_for_the_cursor_nothing_is_asked() -> None:
    assert Flow().next_position(80, 1) is None
    flow = Flow()
    for _ in range(3):
        flow.sent(SIZE, 100.0, flow.next_position(3, 2), limited=False)
    assert flow.next_position(3, 2) is None


@pytest.mark.parametrize("rate", [300, 960])
def test_the_window_of_a_slow_link_holds_a_frame_beside_what_is_on_its_way(rate: int) -> None:
    flow = Flow()
    now = exchanges(flow, 100.0, 20)
    for _ in range(3):
        now = drain(flow, now, 12, rate=rate)
    assert flow.rate == pytest.approx(rate, rel=0.15)
    assert flow.window >= flow.rate * flow.estimate.min_round_trip_s + SIZE


def test_frames_that_queued_together_cost_a_link_half_of_its_trust_and_later_ones_more() -> None:
    allowance = Allowance()
    allowance.passed(4_000)
    for sent in (0.0, 0.1, 0.2):
        allowance.queued(sent, 1.0 + sent)
    assert allowance.urgent == 4_000
    allowance.queued(1.1, 2.0)
    assert allowance.urgent == 2_000


def test_a_queue_does_not_make_what_was_measured_before_it_last_longer() -> None:
    estimate = LinkEstimate()
    estimate.add(Measurement(0.0, 0.05, 100, 50_000.0, limited=True), starting=True)
    for index in range(1, 5):
        estimate.add(Measurement(0.4 * index, 0.4 * index, 100, 1_000.0, limited=True))
    assert estimate.rate == pytest.approx(1_000)


def test_answers_to_questions_of_a_stall_are_awaited_after_the_last_frame_was_answered(
    stalled: tuple[Flow, list[int], float, tuple[float, float]],
) -> None:
    flow, positions, now, _ = stalled
    for _ in range(3):
        flow.probed(now)
    assert flow.answer(positions[-1], now)
    assert flow.in_flight == 0
    for _ in range(3):
        assert flow.awaits
        assert not flow.answer(positions[-1], now)
    assert not flow.awaits


def test_a_frame_that_is_answered_after_a_stall_tells_that_nothing_older_will_be(
    stalled: tuple[Flow, list[int], float, tuple[float, float]],
) -> None:
    flow, positions, now, _ = stalled
    flow.probed(now)
    assert flow.answer(positions[-1], now)
    position = send(flow, now + 1.0)
    assert flow.answer(position, now + 1.0 + TRIP_S)
    assert not flow.awaits


def test_an_answer_that_was_read_before_a_frame_went_is_not_its_answer() -> None:
    flow = Flow()
    now = exchanges(flow, 100.0, 30)
    known = flow.estimate.min_round_trip_s, flow.estimate.rate
    send(flow, now)
    # Both are in the queue of the program when it hears of another size and paints anew.
    read = now + TRIP_S
    flow.forget_positions()
    position = send(flow, read + 0.05)
    assert flow.answer(position, read)
    assert flow.in_flight == SIZE and flow.last_round_trip_s == pytest.approx(TRIP_S)
    assert (flow.estimate.min_round_trip_s, flow.estimate.rate) == pytest.approx(known)
    assert flow.answer(position, read + 0.05 + TRIP_S) and flow.in_flight == 0
    assert flow.room(read + 1, urgent=False) > 0


def test_answers_from_before_a_resize_come_from_other_places_than_those_after_it() -> None:
    flow = Flow()
    now = exchanges(flow, 100.0, 3)
    places = [divmod(send(flow, now), WIDTH) for _ in range(3)]
    position: int | None = None
    for width, height in ((30, 8), (120, 40), (WIDTH, HEIGHT)):
        flow.forget_positions()
        position = flow.next_position(width, height)
        assert position is not None
        assert divmod(position, width)[1] not in {column for _, column in places}
        flow.sent(SIZE, now, position, limited=True)
        places.append(divmod(position, width))
    # Once all of those are answered, places are short again.
    assert position is not None and flow.answer(position, now + TRIP_S)
    assert send(flow, now + TRIP_S) % WIDTH == 0
