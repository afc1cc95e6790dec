"""tmux or GNU screen between this program and the terminals of those who look at it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping

from tui_ae.link.flow.pace import QUERY
from tui_ae.link.link import Link
from tui_ae.link.ssh.clients import Clients, finder
from tui_ae.link.ssh.relay import Relay
from tui_ae.link.ssh.sock_diag import SocketDiagnostics
from tui_ae.link.ssh.watch import Watch


class Multiplexer:
    """Gives its answers to the link once the clients' connections have carried what they tell of.

    Only for the thread of the loop.
    """

    def __init__(
        self,
        find: Callable[[], Clients],
        kernel: SocketDiagnostics,
        link: Link,
        loop: asyncio.AbstractEventLoop,
        pump: Callable[[], None],
        hand_over: Callable[..., object],
    ) -> None:
        """Nobody is looked for yet.

        Args:
            find: Who is attached; may take its time, so a thread calls it.
            kernel: Tells how far a connection is; closed with this.
            link: Takes the answers.
            loop: Where to look again at answers that don't count yet.
            pump: Called when an answer has made room for the next frame.
            hand_over: Has a thread's call made in that of the loop.
        """
        self.is_unseen = False
        """Whether some link behind it can't be seen."""
        self.on_unseen: Callable[[], None] = lambda: None
        """Called when that has turned out."""
        self._find, self._kernel, self._link = find, kernel, link
        self._event_loop, self._pump, self._hand_over = loop, pump, hand_over
        self._relay = Relay(kernel.look)
        self._watch: Watch | None = None
        self._look_again: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """The terminal is the program's, for the first time or again."""
        if self._watch is None:
            self._watch = Watch(self._find, self._found)
        self._relay.forget()

    def sent(self, frame: bytes, answer: tuple[int, int] | None) -> None:
        """A frame is about to be written; `answer` is the cursor report that was asked for last."""
        if self._watch is None:
            return
        self._watch.wanted()
        if answer is not None and frame.endswith(QUERY.encode()):
            self._relay.sent(answer)

    def answered(self, row: int, column: int, now: float) -> None:
        """It has told where its cursor is."""
        self._link.flow.heard()
        self._relay.hold((row, column), now)
        self._look()

    def close(self) -> None:
        """End the thread, and ask the kernel no more."""
        if self._watch is not None:
            self._watch.stop(0.1)
            self._watch = None
        self._kernel.close()

    def _found(self, clients: Clients) -> None:
        """In the thread that looks for them."""
        self._hand_over(self._attached, clients)

    def _attached(self, clients: Clients) -> None:
        """Others look at the program now."""
        if self._relay.attached(clients):
            self._link.relearn()
        if clients.unseen and not self.is_unseen:
            self.is_unseen = True
            self.on_unseen()
        self._look()

    def _look(self) -> None:
        """See which answers count by now."""
        if self._look_again is not None:
            self._look_again.cancel()
            self._look_again = None
        now = time.monotonic()
        taken = [self._link.report(*place, now) for place in self._relay.take(now)]
        if (moment := self._relay.next_time(now)) is not None:
            self._look_again = self._event_loop.call_later(moment - now, self._look)
        if any(taken):
            self._pump()


def multiplexer(
    environment: Mapping[str, str],
    link: Link,
    loop: asyncio.AbstractEventLoop,
    pump: Callable[[], None],
    hand_over: Callable[..., object],
) -> Multiplexer | None:
    """The one that the environment names; None outside. For the other arguments see the class."""
    kernel = SocketDiagnostics()
    find = finder(environment, kernel.look)
    return None if find is None else Multiplexer(find, kernel, link, loop, pump, hand_over)
