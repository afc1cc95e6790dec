from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tui_ae.link.link import Link
from tui_ae.link.ssh.clients import Clients
from tui_ae.link.ssh.sock_diag import SocketDiagnostics
from tui_ae.link.terminal import multiplexer as module
from tui_ae.link.terminal.multiplexer import Multiplexer, multiplexer


async def test_only_what_runs_in_one_has_one() -> None:
    loop, link = asyncio.get_running_loop(), Link((60, 16), "auto")
    assert (
        multiplexer({"TERM": "xterm"}, link, loop, lambda: None, loop.call_soon_threadsafe) is None
    )
    for inside in ({"TMUX": "/tmp/tmux,1,0", "TMUX_PANE": "%0"}, {"STY": "1.pts-0.here"}):
        assert multiplexer(inside, link, loop, lambda: None, loop.call_soon_threadsafe) is not None


async def eventually(predicate: Callable[[], object]) -> None:
    async def turn() -> None:
        while not predicate():
            await asyncio.sleep(0)

    await asyncio.wait_for(turn(), 20)


@pytest.mark.parametrize("unseen", [True, False])
async def test_its_answers_count_once_it_is_known_who_looks(unseen: bool) -> None:
    """And that somebody can't be seen is told."""
    link, pumped, told = Link((60, 16), "auto"), [], []
    link.feed("hello")
    frame = link.next_frame()
    assert frame is not None and link.awaited is not None
    found = Clients(unseen=unseen, near=not unseen)
    loop = asyncio.get_running_loop()
    between = Multiplexer(
        lambda: found,
        SocketDiagnostics(),
        link,
        loop,
        lambda: pumped.append(True),
        loop.call_soon_threadsafe,
    )
    between.on_unseen = lambda: told.append(True)
    between.sent(frame, link.awaited)
    between.answered(*link.awaited, time.monotonic())
    assert link.flow.in_flight and not pumped
    between.start()
    # To begin anew, nothing is waited for that somebody else's terminal was asked.
    between.sent(frame, link.awaited)
    between.answered(*link.awaited, time.monotonic())
    await eventually(lambda: not link.flow.in_flight)
    assert pumped and told == [True] * unseen and between.is_unseen is unseen
    between.close()


class Parts:
    """A multiplexer with a relay, a link and a loop that note what they are asked for."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calls: list[Any] = []
        self.taken: list[tuple[int, int]] = []
        self.next_s: float | None = None
        self.is_other = self.is_known = False
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: 100.0))
        flow = SimpleNamespace(heard=lambda: self.calls.append("heard"))
        link = SimpleNamespace(
            flow=flow,
            report=lambda *place: self.calls.append(place) or self.is_known,
            relearn=lambda: self.calls.append("relearn"),
        )
        kernel = SimpleNamespace(look=None, close=lambda: self.calls.append("kernel closed"))
        loop = SimpleNamespace(call_later=self.later)
        self.made = Multiplexer(
            Clients,
            cast("Any", kernel),
            cast("Any", link),
            cast("Any", loop),
            lambda: self.calls.append("pump"),
            lambda call, *words: self.calls.append((call.__name__, *words)),
        )
        relay = SimpleNamespace(
            sent=lambda place: self.calls.append(f"sent {place}"),
            hold=lambda place, now: self.calls.append(f"hold {place} {now}"),
            take=lambda _: self.taken,
            next_time=lambda now: None if self.next_s is None else now + self.next_s,
            attached=lambda _: self.is_other,
            forget=lambda: self.calls.append("forget"),
        )
        self.made._relay = cast("Any", relay)

    def later(self, seconds: float, call: object) -> object:
        self.calls.append(f"look in {seconds}")
        return SimpleNamespace(cancel=lambda: self.calls.append("no look"))

    def watch(self) -> None:
        watch = SimpleNamespace(
            wanted=lambda: self.calls.append("wanted"),
            stop=lambda _: self.calls.append("watch ended"),
        )
        self.made._watch = cast("Any", watch)

    def told(self) -> list[Any]:
        calls, self.calls = self.calls, []
        return calls


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> Parts:
    return Parts(monkeypatch)


def test_only_frames_that_ask_are_waited_for(parts: Parts) -> None:
    parts.made.sent(b"text\x1b[6n", (2, 1))
    assert parts.told() == []
    parts.watch()
    for frame, answer, told in (
        (b"text\x1b[6n", (2, 1), ["wanted", "sent (2, 1)"]),
        (b"text", (2, 1), ["wanted"]),
        (b"text\x1b[6n", None, ["wanted"]),
        (b"text", None, ["wanted"]),
    ):
        parts.made.sent(frame, answer)
        assert parts.told() == told


@pytest.mark.parametrize(("known", "pumps"), [(True, ["pump"]), (False, [])])
def test_answers_that_count_make_room_and_others_are_looked_at_again(
    parts: Parts, known: bool, pumps: list[str]
) -> None:
    parts.is_known, parts.next_s = known, 0.5
    parts.made.answered(2, 1, 99.0)
    assert parts.told() == ["heard", "hold (2, 1) 99.0", "look in 0.5"]
    parts.taken, parts.next_s = [(2, 1), (3, 1)], None
    parts.made._look()
    assert parts.told() == ["no look", (2, 1, 100.0), (3, 1, 100.0), *pumps]
    parts.made._look()
    assert parts.told() == [(2, 1, 100.0), (3, 1, 100.0), *pumps]


@pytest.mark.parametrize(("other", "told"), [(True, ["relearn"]), (False, [])])
def test_behind_other_clients_there_is_another_link(
    parts: Parts, other: bool, told: list[str]
) -> None:
    parts.is_other = other
    parts.made._found(Clients(near=True))
    assert parts.told() == [("_attached", Clients(near=True))]
    parts.made._attached(Clients(near=True))
    assert parts.told() == told and not parts.made.is_unseen


def test_somebody_who_cannot_be_seen_is_told_of_once(parts: Parts) -> None:
    parts.made.on_unseen = lambda: parts.calls.append("unseen")
    for clients, told in (
        (Clients(), []),
        (Clients(unseen=True), ["unseen"]),
        (Clients(unseen=True), []),
    ):
        parts.made._attached(clients)
        assert parts.told() == told


def test_the_end_ends_what_has_begun(parts: Parts) -> None:
    parts.made.close()
    assert parts.told() == ["kernel closed"]
    parts.watch()
    parts.made.close()
    assert parts.told() == ["watch ended", "kernel closed"] and parts.made._watch is None
