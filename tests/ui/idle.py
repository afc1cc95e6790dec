"""A pilot that doesn't wait until the process computes nothing: this one trains."""

from __future__ import annotations

import asyncio

from pytest import MonkeyPatch

LIMIT_S = 20.0
"""How long a test waits for what must come."""
UPDATE_S = 0.002
"""How often the screen looks here whether something has to be laid out or painted."""


ROUNDS = 20
"""Times that the loop goes round for what a timer has begun: a message for each is enough."""


async def settle(*_limits_s: float) -> None:
    """Let what is due run, the screen's timers fire once, and what follows from them run too."""
    await asyncio.sleep(2 * UPDATE_S)
    for _ in range(ROUNDS):
        await asyncio.sleep(0)


def do_not_wait(monkeypatch: MonkeyPatch) -> None:
    """Textual's pilot waits up to a second after each key; let it only settle."""
    for module in ("textual.app", "textual.pilot"):
        monkeypatch.setattr(f"{module}.wait_for_idle", settle)
    monkeypatch.setattr("textual.screen.UPDATE_PERIOD", UPDATE_S)
    for module in ("clock", "app"):
        monkeypatch.setattr(f"tui_ae.ui.{module}.TICK_S", 5 * UPDATE_S)
