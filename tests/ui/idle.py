"""A pilot that doesn't wait until the process computes nothing: this one trains."""

import asyncio

from pytest import MonkeyPatch

LIMIT_S = 20.0
"""How long a test waits for what must come."""


async def settle(*_limits_s) -> None:
    """Let what is due run, and the screen's timers fire once."""
    await asyncio.sleep(0.02)


def do_not_wait(monkeypatch: MonkeyPatch) -> None:
    """Textual's pilot waits up to a second after each key; let it only settle."""
    for module in ("textual.app", "textual.pilot"):
        monkeypatch.setattr(f"{module}.wait_for_idle", settle)
