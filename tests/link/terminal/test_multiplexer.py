from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import pytest

from tui_ae.link.link import Link
from tui_ae.link.ssh.clients import Clients
from tui_ae.link.ssh.sock_diag import SocketDiagnostics
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
