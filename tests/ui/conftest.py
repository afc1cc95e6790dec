"""The whole program without a terminal, for tests that press keys and look at what follows."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Generator
from contextlib import AbstractAsyncContextManager

import numpy as np
import pytest
from pytest import MonkeyPatch
from textual.pilot import Pilot

from tests.ui.idle import LIMIT_S, do_not_wait
from tests.ui.scenes import SURVEY
from tui_ae.arrays import IntArray
from tui_ae.config import ScreenOptions, Settings
from tui_ae.data.dataset import Dataset
from tui_ae.data.images import Images
from tui_ae.data.synthetic import draw_digits
from tui_ae.model.baselines import Survey
from tui_ae.raster.viewport import cell_of
from tui_ae.run.snapshot import Snapshot, State
from tui_ae.train import worker as worker_module
from tui_ae.train.session import Load, Session
from tui_ae.ui.app import ExplorerApp
from tui_ae.ui.layout import Box
from tui_ae.ui.main_screen import MainScreen
from tui_ae.ui.panes.scatter import Scatter


@pytest.fixture(scope="module")
def digits() -> Dataset:
    full = draw_digits(0)
    chosen = np.sort(np.concatenate([np.flatnonzero(full.labels == k)[:30] for k in range(10)]))
    images = Images(full.images[chosen])
    return Dataset(full.name, images, full.labels[chosen], full.class_names, True)


def known_survey(
    _images: Images, _labels: IntArray, _components: int
) -> Generator[None, None, Survey]:
    """Stands in for the real one, which costs a second and has tests of its own."""
    yield
    return SURVEY


class Run:
    """An app under test and what a test asks of it."""

    def __init__(self, app: ExplorerApp, pilot: Pilot[object]) -> None:
        self.app, self.pilot = app, pilot
        self.explorer = app.explorer
        self.ready_states: list[State] = []

    @property
    def snapshot(self) -> Snapshot:
        assert self.explorer.snapshot is not None
        return self.explorer.snapshot

    @property
    def main(self) -> MainScreen:
        main = self.app.get_default_screen()
        assert isinstance(main, MainScreen)
        return main

    @property
    def state(self) -> State | None:
        shown = self.explorer.snapshot
        return shown.state if shown else None

    @property
    def plot(self) -> Box:
        return self.main.query_one("#scatter", Scatter).plot

    def cell(self) -> tuple[int, int]:
        """(column, row) of the probe in the plot."""
        plot = self.plot
        z1, z2 = self.explorer.probe.tolist()
        return cell_of(self.explorer.viewport, z1, z2, plot.width, plot.height)

    def rows(self) -> list[str]:
        strips = self.app.screen._compositor.render_strips()
        return ["".join(segment.text for segment in strip) for strip in strips]

    @property
    def text(self) -> str:
        return "\n".join(self.rows())

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def until(self, predicate: Callable[..., object]) -> None:
        """Wait until `predicate`, whose parameters have defaults, holds."""
        end = time.monotonic() + LIMIT_S
        while not predicate():
            assert time.monotonic() < end, f"never came on:\n{self.text}"
            await self.pilot.pause(0.005)

    async def train(self, epochs: int) -> None:
        """Train until the screen shows so many epochs, then pause."""
        await self.press("space")
        await self.until(lambda: self.snapshot.epoch >= epochs)
        await self.press("space")
        await self.until(lambda: self.state is State.PAUSED)


Start = Callable[..., AbstractAsyncContextManager[Run]]
"""Opens an app: its size, whether to wait until it is ready, and its settings."""


@pytest.fixture
def start(digits: Dataset, monkeypatch: MonkeyPatch) -> Start:
    """Opens an app on few digits; waits until it is ready; stops its worker at the end."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.setenv("TERM", "xterm-256color")
    do_not_wait(monkeypatch)
    monkeypatch.setattr(worker_module, "survey_in_pieces", known_survey)

    @contextlib.asynccontextmanager
    async def open_app(
        size: tuple[int, int] = (120, 40),
        ready: bool = True,
        load: Load = lambda *_: digits,
        network: dict[str, str | tuple[int]] | None = None,
        **options: str,
    ) -> AsyncIterator[Run]:
        network = network or {}
        settings = Settings(device="cpu", batch_size=100, seed=options.pop("seed", 0), **network)
        ready_states: list[State] = []
        source = Session(settings, load)
        app = ExplorerApp(
            source,
            ScreenOptions(**options),
            driver_class=None,
            ready=lambda: ready_states.append(app.explorer.snapshot.state),
        )
        try:
            async with app.run_test(size=size) as pilot:
                run = Run(app, pilot)
                run.ready_states = ready_states
                if ready:
                    await run.until(lambda: run.state is State.IDLE)
                    await run.until(lambda: source.baselines is not None)
                yield run
        finally:
            assert await asyncio.to_thread(source.stop, LIMIT_S)

    return open_app
