"""What a signal does while it is remembered."""

from __future__ import annotations

import signal
import threading

import pytest

from tui_ae.stop_signals import StopSignals


@pytest.mark.parametrize(
    ("goes_on", "numbers", "received", "calls"),
    [
        (False, [signal.SIGHUP, signal.SIGTERM], signal.SIGHUP, 0),
        (False, [signal.SIGTERM, signal.SIGINT], signal.SIGTERM, 0),
        (True, [signal.SIGHUP, signal.SIGHUP], 0, 2),
        (True, [signal.SIGTERM, signal.SIGHUP], signal.SIGTERM, 1),
        (True, [signal.SIGINT], signal.SIGINT, 0),
    ],
)
def test_where_the_terminal_goes_away_training_may_go_on(
    goes_on: bool, numbers: list[int], received: int, calls: int
) -> None:
    told: list[bool] = []
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    try:
        with StopSignals() as signals:
            if goes_on:
                signals.hung_up = lambda: told.append(True)
            for number in numbers:
                signal.raise_signal(number)
            assert signals.received == received and len(told) == calls
    finally:
        signal.signal(signal.SIGHUP, before)


def test_in_another_thread_nothing_changes() -> None:
    before = signal.getsignal(signal.SIGTERM)
    seen = []

    def enter() -> None:
        with StopSignals():
            seen.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    assert seen == [before]
