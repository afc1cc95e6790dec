"""The program's own screens through the wire: what the terminal shows is what Textual painted."""

from __future__ import annotations

import random

import numpy as np
import pytest
from pytest import MonkeyPatch
from textual.drivers.headless_driver import HeadlessDriver
from textual.pilot import Pilot

from tests.true_screen import look, true_screen
from tests.ui.idle import do_not_wait
from tui_ae.config import ScreenOptions, Settings
from tui_ae.data.dataset import Dataset
from tui_ae.data.images import Images
from tui_ae.data.synthetic import draw_digits
from tui_ae.link.link import Link
from tui_ae.train.session import Session
from tui_ae.ui.app import ExplorerApp

SIZES = [(120, 40), (80, 24), (60, 20), (200, 60), (90, 50), (40, 10)]
KEYS = ["a", "g", "c", "question_mark", "r", "ctrl+p", "t", "v", "n", "i", "tab", "enter", "3"]
MOVES = ["left", "J", "plus", "minus", "f", "down", "pagedown", "up", "right", "k"]


@pytest.fixture
def few(monkeypatch: MonkeyPatch) -> Dataset:
    digits = draw_digits(0)
    images = Images(digits.images[:300])
    data = Dataset(digits.name, images, digits.labels[:300], digits.class_names, True)
    do_not_wait(monkeypatch)
    return data


async def written(data: Dataset, seed: int) -> list[str | tuple[int, int]]:
    """What Textual writes, and the sizes of the terminal, while somebody opens and closes all."""
    steps: list[str | tuple[int, int]] = []
    chance = random.Random(seed)
    sizes = chance.sample(SIZES[1:], len(SIZES) - 1)

    class Recorder(HeadlessDriver):
        is_headless = False

        def write(self, data: str) -> None:
            steps.append(data)

    async def script(pilot: Pilot[object]) -> None:
        for number, key in enumerate(chance.sample(KEYS, len(KEYS))):
            await pilot.press(key)
            await pilot.press(*chance.sample(MOVES, 2))
            if number % 4 == 1:
                await pilot.press("escape", "space")
            if number % 4 == 3:
                size = sizes.pop()
                steps.append(size)
                await pilot.resize_terminal(*size)
            await pilot.press("escape", *("escape" for _ in range(chance.randrange(2))))
            await pilot.pause(0.06)
        app.exit()

    source = Session(Settings(device="cpu"), lambda *_: data)
    app = ExplorerApp(source, ScreenOptions(), driver_class=Recorder)
    try:
        await app.run_async(headless=False, size=SIZES[0], auto_pilot=script)
    finally:
        source.stop(10.0)
    return steps


async def test_screens_dialogs_and_sizes_arrive_as_they_were_painted(few: Dataset) -> None:
    steps, chance = await written(few, seed=0), np.random.default_rng(0)
    now = 100.0
    link = Link((120, 40), clock=lambda: now)
    painted, paint = true_screen(120, 40)
    shown, show = true_screen(120, 40)
    resized, compared = 0, 0

    def take(most: int) -> None:
        """Send up to `most` frames to the terminal, which answers some of them."""
        nonlocal now
        for _ in range(most):
            now += 0.05
            frame = link.next_frame()
            if frame is None:
                return
            show(frame.decode().replace("\x1b[6n", ""))
            if link.awaited and chance.random() < 0.9:
                link.report(*link.awaited, now)

    def settle() -> None:
        """Until the terminal has everything."""
        nonlocal now
        for _ in range(400):
            take(50)
            if not link.encoder.changed().any():
                return
            now += 0.5
        raise AssertionError("never done")

    for step in steps:
        if isinstance(step, tuple):
            settle()
            link.resize(*step)
            painted, paint = true_screen(*step)
            shown, show = true_screen(*step)
            # Textual paints a new size as a whole, but not in the order of the signal.
            link.feed("\x1b[m\x1b[2J")
            resized += 1
            continue
        paint(step)
        link.feed(step)
        if chance.random() < 0.3:
            link.urgent()
        take(int(chance.integers(0, 3)))
        if chance.random() < 0.3:
            settle()
            assert look(shown) == look(painted)
            compared += 1
    settle()
    assert look(shown) == look(painted)
    assert resized >= 3 and compared >= 5
    assert sum(len(step) for step in steps if isinstance(step, str)) > 50_000
