from __future__ import annotations

import pytest

from tui_ae.link.ssh.clients import Clients
from tui_ae.link.ssh.relay import GRACE_S, MAX_LOOK_S, SETTLE_S, STUCK_S, Relay
from tui_ae.link.ssh.sock_diag import Connection, Reading

ONE = Connection(("10.0.0.1", 22), ("10.0.0.9", 50022))
TWO = Connection(("2001:db8::1", 22), ("2001:db8::9", 50023))
BOTH, FIRST = Clients(frozenset({ONE, TWO})), Clients(frozenset({ONE}))
SOON = SETTLE_S * 1.01


class Kernel:
    """Connections of which a test says how far they are."""

    def __init__(self) -> None:
        self.readings, self.looks = {ONE: Reading(0, 0), TWO: Reading(0, 0)}, 0

    def look(self, connection: Connection) -> Reading | None:
        self.looks += 1
        return self.readings.get(connection)

    def write(self, connection: Connection, size: int) -> None:
        written, acknowledged = self.readings[connection]
        self.readings[connection] = Reading(written + size, acknowledged)

    def acknowledge(self, connection: Connection, size: int) -> None:
        written, acknowledged = self.readings[connection]
        self.readings[connection] = Reading(written, acknowledged + size)


def relayed(clients: Clients = FIRST) -> tuple[Kernel, Relay]:
    kernel = Kernel()
    relay = Relay(kernel.look)
    relay.attached(clients)
    return kernel, relay


def answer(relay: Relay, place: tuple[int, int] = (2, 1), now: float = 10.0) -> None:
    """A frame is sent, and the multiplexer answers at once."""
    relay.sent(place)
    relay.hold(place, now)


def send_to_both_and_reach_the_first(kernel: Kernel, relay: Relay) -> None:
    answer(relay)
    for each in (ONE, TWO):
        kernel.write(each, 300)
    assert relay.take(10.0 + SOON) == []
    kernel.acknowledge(ONE, 300)


def test_an_answer_counts_once_the_far_end_has_it() -> None:
    kernel, relay = relayed()
    answer(relay)
    kernel.write(ONE, 300)
    assert relay.take(10.0) == []
    assert relay.take(10.0 + SOON) == []
    kernel.acknowledge(ONE, 299)
    assert relay.take(10.5) == []
    kernel.acknowledge(ONE, 1)
    assert relay.take(10.6) == [(2, 1)]
    assert relay.next_time(10.6) is None


def test_what_is_written_later_is_not_waited_for() -> None:
    kernel, relay = relayed()
    for place, size, now in (((2, 1), 300, 10.0), ((3, 1), 200, 10.1)):
        answer(relay, place, now)
        kernel.write(ONE, size)
        assert relay.take(now + SOON) == []
    kernel.acknowledge(ONE, 300)
    assert relay.take(10.3) == [(2, 1)]
    kernel.acknowledge(ONE, 200)
    assert relay.take(10.4) == [(3, 1)]


def test_a_frame_that_has_not_come_into_the_queue_yet_is_waited_for() -> None:
    kernel, relay = relayed()
    answer(relay)
    assert relay.take(10.0 + GRACE_S / 2) == []
    kernel.write(ONE, 300)
    assert relay.take(10.0 + GRACE_S * 0.6) == []
    kernel.acknowledge(ONE, 300)
    assert relay.take(10.2) == [(2, 1)]


def test_a_frame_that_changes_nothing_at_the_far_end_is_not_waited_for_long() -> None:
    _, relay = relayed()
    answer(relay)
    assert relay.take(10.0 + GRACE_S * 1.01) == [(2, 1)]


def test_the_slowest_client_counts() -> None:
    kernel, relay = relayed(BOTH)
    send_to_both_and_reach_the_first(kernel, relay)
    assert relay.take(10.1) == []
    kernel.acknowledge(TWO, 300)
    assert relay.take(10.2) == [(2, 1)]


def test_a_client_that_nothing_reaches_holds_up_no_other() -> None:
    kernel, relay = relayed(BOTH)
    send_to_both_and_reach_the_first(kernel, relay)
    assert relay.take(10.0 + STUCK_S) == []
    assert relay.take(10.1 + STUCK_S) == [(2, 1)]
    # As soon as something moves there again it counts again.
    kernel.acknowledge(TWO, 100)
    answer(relay, (3, 1), 20.0)
    kernel.write(ONE, 10)
    kernel.acknowledge(ONE, 10)
    assert relay.take(20.0 + SOON) == []


def test_a_lone_client_that_nothing_reaches_is_waited_for() -> None:
    kernel, relay = relayed()
    relay.hold((2, 1), 10.0)
    kernel.write(ONE, 300)
    for second in range(60):
        assert relay.take(11.0 + second) == []
    kernel.acknowledge(ONE, 300)
    assert relay.take(80.0) == [(2, 1)]


def test_beside_somebody_near_it_is_not() -> None:
    kernel, relay = relayed(Clients(frozenset({ONE}), near=True))
    relay.hold((2, 1), 10.0)
    kernel.write(ONE, 300)
    assert relay.take(10.1) == []
    assert relay.take(10.2 + STUCK_S) == [(2, 1)]


def test_a_client_that_comes_is_waited_for_and_one_that_goes_is_not() -> None:
    kernel, relay = relayed()
    answer(relay)
    kernel.write(ONE, 300)
    kernel.write(TWO, 20_000)
    assert relay.take(10.0 + SOON) == []
    assert relay.attached(Clients(frozenset({TWO})))
    assert relay.take(10.1) == []
    kernel.acknowledge(TWO, 20_000)
    assert relay.take(12.0) == [(2, 1)]
    relay.hold((3, 1), 13.0)
    kernel.write(TWO, 100)
    assert relay.take(13.1) == []
    # The kernel knows it no more before anybody has said that it left.
    del kernel.readings[TWO]
    assert relay.take(13.2) == [(3, 1)]


def test_nothing_is_learned_anew_while_the_same_look_on() -> None:
    _, relay = relayed()
    assert not relay.attached(Clients(frozenset({ONE}), near=True))
    assert relay.attached(BOTH)


def test_where_nobody_is_to_be_waited_for_answers_count_at_once() -> None:
    for clients in (Clients(), Clients(near=True), Clients(unseen=True)):
        kernel, relay = relayed(clients)
        answer(relay)
        assert relay.take(10.0) == [(2, 1)]
        assert kernel.looks == 0


def test_before_it_is_known_who_looks_on_answers_wait() -> None:
    kernel = Kernel()
    relay = Relay(kernel.look)
    answer(relay)
    assert relay.take(10.2) == []
    assert relay.next_time(10.2) is None
    assert not relay.attached(Clients(near=True))
    assert relay.take(10.3) == [(2, 1)]


def test_it_is_looked_at_only_while_an_answer_is_held() -> None:
    kernel, relay = relayed()
    relay.take(10.0)
    assert relay.next_time(10.0) is None
    assert kernel.looks == 0
    relay.hold((2, 1), 10.0)
    assert 0 < (relay.next_time(10.0) or 0) - 10.0 <= SETTLE_S
    assert relay.next_time(20.0) == 20.0 + MAX_LOOK_S
    relay.forget()
    assert relay.next_time(20.0) is None


@pytest.mark.parametrize(
    ("before", "after", "written", "counts_from"),
    [
        # What came into the queue holds once it has settled, ...
        (0, 300, 300, 0.004),
        # ... and without any of it only after the grace.
        (0, 0, 0, 0.1),
        (300, 300, 300, 0.1),
    ],
)
def test_what_an_answer_stands_for_is_told_from_the_queue_4_or_100_ms_later(
    before: int, after: int, written: int, counts_from: float
) -> None:
    kernel, relay = relayed()
    kernel.readings[ONE] = Reading(before, 0)
    relay.sent((2, 1))
    relay.hold((2, 1), 0.0)
    kernel.readings[ONE] = Reading(after, written)
    assert relay.take(0.99 * counts_from) == []
    assert relay.take(counts_from) == [(2, 1)]


def test_a_connection_without_movement_is_given_up_after_three_seconds() -> None:
    kernel, relay = relayed(Clients(frozenset({ONE}), near=True))
    relay.hold((2, 1), 0.0)
    kernel.write(ONE, 300)
    assert relay.take(0.0) == []
    assert relay.take(2.9) == []
    assert relay.take(3.0) == [(2, 1)]


def test_a_connection_that_moved_meanwhile_has_three_seconds_more() -> None:
    kernel, relay = relayed(Clients(frozenset({ONE}), near=True))
    relay.hold((2, 1), 0.0)
    kernel.write(ONE, 300)
    assert relay.take(0.0) == []
    kernel.acknowledge(ONE, 1)
    assert relay.take(2.0) == []
    assert relay.take(4.9) == []
    assert relay.take(5.0) == [(2, 1)]


def test_a_queue_that_was_empty_in_between_counts_from_anew() -> None:
    kernel, relay = relayed(Clients(frozenset({ONE}), near=True))
    relay.hold((2, 1), 0.0)
    relay.hold((3, 1), 0.0)
    kernel.write(ONE, 300)
    assert relay.take(0.0) == []
    kernel.readings[ONE] = Reading(300, 300)
    assert relay.take(0.001) == []
    kernel.readings[ONE] = Reading(600, 300)
    assert relay.take(2.0) == []
    assert relay.take(4.9) == []
    assert relay.take(5.0) == [(2, 1), (3, 1)]


@pytest.mark.parametrize(
    ("waited_s", "in_s"),
    [(0.0, 0.004), (0.032, 0.004), (0.08, 0.01), (0.24, 0.03), (0.4, 0.03), (9.0, 0.03)],
)
def test_it_is_looked_at_again_after_an_eighth_of_the_time_within_4_and_30_ms(
    waited_s: float, in_s: float
) -> None:
    _, relay = relayed()
    relay.hold((2, 1), 0.0)
    relay.hold((3, 1), waited_s)
    assert relay.next_time(waited_s) == pytest.approx(waited_s + in_s)
