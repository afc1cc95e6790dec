"""Ending in good order when the system asks for it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopSignals:
    """While it is entered, a signal to end is remembered instead of obeyed at once.

    A second ctrl+c raises KeyboardInterrupt: whoever presses it again wants no more waiting. Other
    signals may well come twice, as SIGHUP does from the shell and the terminal that is closed.
    Outside the main thread Python delivers no signals, so nothing changes there.
    """

    def __init__(self) -> None:
        self.received = 0
        """The number of the signal that came first; 0 before."""
        self.hung_up: Callable[[], None] | None = None
        """Called instead where the terminal goes away; None ends by that too."""
        self._interrupted = False
        self._before: dict[int, signal.Handlers | int | object] = {}

    def __enter__(self) -> StopSignals:
        """Remember signals from now on; those that are ignored, as under nohup, stay so."""
        if threading.current_thread() is threading.main_thread():
            for number in SIGNALS:
                if signal.getsignal(number) is not signal.SIG_IGN:
                    self._before[number] = signal.signal(number, self._remember)
        return self

    def __exit__(self, *_: object) -> None:
        """Obey signals as before."""
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]

    def _remember(self, number: int, frame: FrameType | None) -> None:
        if number == signal.SIGHUP and self.hung_up is not None:
            self.hung_up()
            return
        self.received = self.received or number
        if number == signal.SIGINT:
            if self._interrupted:
                raise KeyboardInterrupt
            self._interrupted = True
