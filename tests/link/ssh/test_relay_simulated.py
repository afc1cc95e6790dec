"""The world of `test_link_simulated.py` with tmux in it, which answers for a screen of its own."""

from __future__ import annotations

from collections import deque
from typing import Any

import pytest

from tests.link.test_link_simulated import LINKS, Terminal, World
from tui_ae.link.ssh.clients import Clients
from tui_ae.link.ssh.relay import Relay
from tui_ae.link.ssh.sock_diag import Connection, Reading

TMUX_S, SSHD_S = 0.0005, 0.002
DELAYED_S = 0.04
"""What a receiver waits before it acknowledges so little."""
FOUND_S = 1.0
"""So long after somebody came or went it is known."""


class Counted:
    """Bytes, and when they come."""

    def __init__(self) -> None:
        self.total = 0
        self.coming: deque[Any] = deque()

    def add(self, moment: float, size: int) -> None:
        self.coming.append((moment, size))

    def until(self, now: float) -> int:
        while self.coming and self.coming[0][0] <= now:
            self.total += self.coming.popleft()[1]
        return self.total


class Client:
    """Somebody attached over a connection, which takes whatever tmux writes."""

    def __init__(self, number: int, rate: float | None = None, round_trip_s: float = 0.0) -> None:
        self.name = Connection(("10.0.0.1", 22), ("10.0.0.9", 50_000 + number))
        self.line = Terminal(rate, round_trip_s)
        self.written, self.acknowledged = Counted(), Counted()

    def take(self, size: int, now: float) -> float:
        shown = self.line.take(size, now + SSHD_S)
        self.written.add(now + SSHD_S, size)
        self.acknowledged.add(shown + self.line.delay + DELAYED_S, size)
        return shown

    def reading(self, now: float) -> Reading:
        return Reading(self.written.until(now), self.acknowledged.until(now))


class Tmux(Terminal):
    """A terminal that shows its screen to its clients."""

    def __init__(self, *clients: Client) -> None:
        super().__init__()
        self.clients = list(clients)

    def take(self, size: int, now: float) -> float:
        return max((client.take(size, now) for client in self.clients), default=now)

    def answer_time(self, shown: float, now: float) -> float:
        return now + TMUX_S


class TmuxWorld(World):
    """The program in tmux."""

    def __init__(self, *clients: Client, seed: int = 0) -> None:
        self.relay = Relay(self.look)
        self._look_at: float | None = None
        self._tell_at: float | None = None
        self.tmux = Tmux(*clients)
        super().__init__(self.tmux, seed=seed)
        self.attach(*clients)
        self.tell()

    def look(self, connection: Connection) -> Reading | None:
        for client in self.tmux.clients:
            if client.name == connection:
                return client.reading(self.now)
        return None

    def attach(self, *clients: Client) -> None:
        """From now on these look on; tmux paints its screen for them."""
        for client in clients:
            if client not in self.tmux.clients:
                client.line.busy_until = self.now
                client.take(6_000, self.now)
        self.tmux.clients = list(clients)
        self._tell_at = self.now + FOUND_S

    def tell(self) -> None:
        self._tell_at = None
        names = frozenset(client.name for client in self.tmux.clients if client.line.rate)
        near = len(names) < len(self.tmux.clients)
        if self.relay.attached(Clients(names, near=near)):
            self.link.relearn()

    def sending(self) -> None:
        if self.link.awaited is not None:
            self.relay.sent(self.link.awaited)

    def answered(self, place: tuple[int, int]) -> None:
        self.link.flow.heard()
        self.relay.hold(place, self.now)
        self._look_at = self.now

    def step(self) -> None:
        if self._tell_at is not None and self.now >= self._tell_at:
            self.tell()
            self._look_at = self.now
        if self._look_at is not None and self.now >= self._look_at:
            for place in self.relay.take(self.now):
                super().answered(place)
            self._look_at = self.relay.next_time(self.now)
        super().step()

    def queued_s(self) -> float:
        """How long what waits at the slowest client takes."""
        lines = [client.line for client in self.tmux.clients]
        return max((line.busy_until - self.now for line in lines), default=0.0)


@pytest.mark.parametrize("name", [name for name, (line, *_) in LINKS.items() if line.rate])
@pytest.mark.parametrize("seed", range(3))
def test_keys_are_answered_as_on_the_bare_link(name: str, seed: int) -> None:
    line, quality, half, nearly_all = LINKS[name]
    world = TmuxWorld(Client(1, line.rate, 2 * line.delay), seed=seed)
    world.run(8)
    assert world.quality.name == quality
    world.run(30, key_every_s=0.6)
    latencies = sorted(world.latencies)
    assert len(latencies) > 25
    assert latencies[len(latencies) // 2] <= half
    assert latencies[-1] <= nearly_all
    assert world.quality.name == quality


def test_without_a_look_at_the_connection_keys_wait_behind_all_that_tmux_took() -> None:
    """What the relay is for."""
    world = TmuxWorld(Client(1, 7_000, 0.15))
    world.relay.attached(Clients(unseen=True))
    world.run(20)
    assert world.queued_s() > 5


def test_the_slower_of_two_clients_is_followed_and_left_behind_when_it_goes() -> None:
    fast, slow = Client(1, 125_000, 0.05), Client(2, 7_000, 0.15)
    world = TmuxWorld(fast)
    world.run(10)
    assert world.quality.name == "good"
    world.attach(fast, slow)
    # What tmux painted for it, and what went there before it was known, has to drain.
    world.run(8)
    assert world.quality.name == "thin"
    for _ in range(1000):
        world.run(0.01)
        assert world.queued_s() < 0.5
    world.attach(fast)
    # Up is slow where little is painted: only beauty waits.
    world.until(lambda: world.quality.name in ("good", "full"), 15)


def test_from_a_near_client_to_a_slow_one_and_back() -> None:
    near, slow = Client(1), Client(2, 7_000, 0.15)
    world = TmuxWorld(near)
    world.run(5)
    assert world.quality.name == "full"
    world.attach(slow)
    world.run(8)
    assert world.quality.name == "thin"
    world.latencies.clear()
    world.run(20, key_every_s=0.6)
    assert max(world.latencies) <= 0.4
    world.attach(near)
    world.until(lambda: world.quality.name == "full", 15)


def test_nobody_attached_holds_up_nothing() -> None:
    world = TmuxWorld(Client(1, 7_000, 0.15))
    world.run(5)
    world.attach()
    world.run(3)
    assert not world.link.stats().stalled
    begin = world.now
    world.run(5)
    assert world.bytes_between(begin, world.now) > 0


def test_a_connection_that_stands_still_does_not_hold_up_another() -> None:
    first, second = Client(1, 125_000, 0.05), Client(2, 125_000, 0.05)
    world = TmuxWorld(first, second)
    world.run(5)
    second.line.stalled_until = 1e9
    world.run(6)
    begin = world.now
    world.run(5)
    assert not world.link.stats().stalled
    assert world.bytes_between(begin, world.now) > 10_000


def test_what_tmux_painted_before_the_first_answer_is_no_silence() -> None:
    """Else a fixed rate would be taken, on a link that carries next to nothing."""
    client = Client(1, 960, 0.2)
    client.line.busy_until = 100.0
    world = TmuxWorld(client)
    client.take(4_000, world.now)
    world.run(20)
    assert world.link.stats().answered
    assert world.quality.name == "bare"
    assert world.queued_s() < 0.6
