"""Keys that come in one piece, and how long one waits for another."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from pytest import MonkeyPatch
from textual import events

from tui_ae.ui import key_order
from tui_ae.ui.key_order import KeyOrder


class App:
    """Hands keys on, and does what they ask for when a test says so."""

    def __init__(self) -> None:
        self.called: list[Callable[[], None]] = []
        self.timers: list[tuple[float, Callable[[], None]]] = []
        self.posted: list[events.Key] = []
        self.focused = None
        self.screen = SimpleNamespace(call_later=self.called.append)
        self.now = 100.0

    def set_timer(self, delay_s: float, call: Callable[[], None]) -> None:
        self.timers.append((delay_s, call))

    def post_message(self, key: events.Key) -> None:
        self.posted.append(key)

    def done(self) -> None:
        """What the screen in front was asked for is done."""
        self.called.pop(0)()


@pytest.fixture
def app(monkeypatch: MonkeyPatch) -> App:
    made = App()
    monkeypatch.setattr(key_order, "time", SimpleNamespace(monotonic=lambda: made.now))
    return made


def key(name: str) -> events.Key:
    return events.Key(name, None)


def test_a_key_that_comes_alone_waits_for_none(app: App) -> None:
    order = KeyOrder(app)
    for name in "abc":
        assert not order.holds(key(name))
        order.handed_on()
        app.done()
    assert not app.posted


def test_keys_behind_one_that_acts_come_again_in_their_order(app: App) -> None:
    order = KeyOrder(app)
    first, second, third = map(key, "abc")
    assert not order.holds(first)
    order.handed_on()
    assert order.holds(second) and order.holds(third)
    assert not app.posted
    app.done()
    assert app.posted == [second]
    # One that comes meanwhile stays behind those that wait, and the one on its way goes through.
    fourth = key("d")
    assert order.holds(fourth)
    assert not order.holds(second)
    order.handed_on()
    for after in (third, fourth):
        app.done()
        assert app.posted[-1] is after and not order.holds(after)
        order.handed_on()
    app.done()
    assert len(app.posted) == 3 and not order.holds(key("e"))


def test_the_focused_widget_is_waited_for_before_the_screen(app: App) -> None:
    later: list[Callable[[], None]] = []
    app.focused = SimpleNamespace(call_later=later.append)
    KeyOrder(app).handed_on()
    assert len(later) == 1 and not app.called


def test_a_key_that_is_lost_holds_up_others_for_half_a_second(app: App) -> None:
    order = KeyOrder(app)
    order.handed_on()
    second = key("b")
    assert order.holds(second)
    ((delay_s, look),) = app.timers
    assert delay_s == 0.5
    app.now = 100.5
    look()
    assert not app.posted
    app.now = 100.51
    look()
    assert app.posted == [second]
    # It is on its way: looking again sends no other, nor itself a second time.
    look()
    assert app.posted == [second]


def test_only_so_many_keys_wait_and_the_oldest_are_forgotten(app: App) -> None:
    order = KeyOrder(app)
    order.handed_on()
    keys = [key("a") for _ in range(257)]
    assert all(order.holds(each) for each in keys)
    app.done()
    assert app.posted == [keys[1]]
