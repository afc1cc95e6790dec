"""When a multiplexer's answer counts: once what it stands for has arrived at the far ends.

tmux and GNU screen answer for a screen of their own, at once. What they then write to a client goes
into the queue of its SSH connection, and the kernel knows how much of that has arrived. So an
answer is held back until all has arrived that was in the queue soon after it, and to the flow the
link behind the multiplexer looks like any other. Pure: the time comes as an argument.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from tui_ae.link.ssh.clients import Clients
from tui_ae.link.ssh.sock_diag import Connection, Reading

SETTLE_S = 0.004
"""What the way from the multiplexer through sshd into the queue takes at least."""
GRACE_S = 0.1
"""The longest that something is waited for to come into the queue: a frame may change nothing."""
STUCK_S = 3.0
"""A connection on which nothing moves for so long holds up nobody else's."""
LEAST_LOOK_S, MAX_LOOK_S, LOOK_SHARE = 0.004, 0.03, 0.125
"""How soon to look again, as a share of what the answer has waited."""


@dataclass(slots=True)
class _Held:
    """An answer that does not count yet."""

    place: tuple[int, int]
    time: float
    before: dict[Connection, int]
    """What had been written to each connection when the frame was sent."""
    ends: dict[Connection, int] = field(default_factory=dict)
    """What has to have arrived over each."""


class Relay:
    """Holds answers back until the slowest active client has what they stand for."""

    def __init__(self, look: Callable[[Connection], Reading | None]) -> None:
        self._look = look
        self._clients: Clients | None = None
        self._held: deque[_Held] = deque()
        self._before: dict[tuple[int, int], dict[Connection, int]] = {}
        self._stuck: dict[Connection, tuple[int, float]] = {}
        """Where a connection with a queue stands, and since when."""

    def attached(self, clients: Clients) -> bool:
        """Take who is attached; tells whether what was learned of the link holds no more."""
        other = self._clients is not None and clients.connections != self._clients.connections
        self._clients = clients
        return other

    def sent(self, place: tuple[int, int]) -> None:
        """A frame is about to be written whose answer will be this one."""
        if self._clients is not None:
            self._before[place] = {
                each: reading.written
                for each in self._clients.connections
                if (reading := self._look(each)) is not None
            }

    def hold(self, place: tuple[int, int], now: float) -> None:
        """The multiplexer has answered."""
        self._held.append(_Held(place, now, self._before.pop(place, {})))

    def take(self, now: float) -> list[tuple[int, int]]:
        """The answers that count now, in their order."""
        if self._clients is None or not self._held:
            return []
        readings = {
            each: reading
            for each in self._clients.connections
            if (reading := self._look(each)) is not None
        }
        for held in self._held:
            self._set_ends(held, readings, now)
        active = self._active(readings, now)
        ready = []
        while self._held and all(
            readings[each].acknowledged >= self._held[0].ends.get(each, 1 << 64) for each in active
        ):
            ready.append(self._held.popleft().place)
        return ready

    def next_time(self, now: float) -> float | None:
        """When to look again, None for not at all."""
        if self._clients is None or not self._held:
            return None
        waited_s = now - self._held[0].time
        return now + min(max(LOOK_SHARE * waited_s, LEAST_LOOK_S), MAX_LOOK_S)

    def forget(self) -> None:
        """The terminal was somebody else's for a while."""
        self._held.clear()
        self._before.clear()

    def _set_ends(self, held: _Held, readings: dict[Connection, Reading], now: float) -> None:
        waited_s = now - held.time
        if waited_s < SETTLE_S:
            return
        for each, reading in readings.items():
            has_come = reading.written > held.before.get(each, -1)
            if each not in held.ends and (has_come or waited_s >= GRACE_S):
                held.ends[each] = reading.written

    def _active(self, readings: dict[Connection, Reading], now: float) -> list[Connection]:
        """The connections to wait for: where one moves, not those on which nothing does."""
        for each, (written, acknowledged) in readings.items():
            at, _ = self._stuck.get(each, (-1, now))
            if written == acknowledged:
                self._stuck.pop(each, None)
            elif at != acknowledged:
                self._stuck[each] = acknowledged, now
        stuck = {each for each, (_, since) in self._stuck.items() if now - since >= STUCK_S}
        moving = [each for each in readings if each not in stuck]
        near = self._clients is not None and self._clients.near
        return moving if moving or near else list(readings)
