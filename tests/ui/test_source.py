"""The screen over a run that is no live session: it is given snapshots, and takes no commands."""

from __future__ import annotations

import dataclasses

from tests.ui.scenes import BASELINES, RUN, SURVEY, dataset, snapshot
from tui_ae.config import ScreenOptions
from tui_ae.run.info import RunInfo
from tui_ae.run.snapshot import Snapshot, State
from tui_ae.ui.app import ExplorerApp


@dataclasses.dataclass
class Watched:
    """A run that somebody else trains."""

    info: RunInfo = RUN
    stage: str = ""
    baselines: object = BASELINES
    survey: object = SURVEY
    timeline: tuple[object, ...] = ()
    error: None = None
    kept_at: None = None
    notice: str = ""
    superseded: int = 0
    send: None = None
    started: bool = False

    def __post_init__(self) -> None:
        self.dataset = dataset()
        self.news: Snapshot | None = None

    def start(self) -> None:
        self.started = True
        self.news = snapshot(self.dataset, epoch=7)

    def latest(self) -> Snapshot | None:
        newest, self.news = self.news, None
        return newest

    def stop(self, timeout_s: float) -> bool:
        return True


async def test_shows_a_run_that_takes_no_commands() -> None:
    source = Watched()
    app = ExplorerApp(source, ScreenOptions())
    async with app.run_test(size=(120, 40)) as pilot:

        def text() -> str:
            return "\n".join(strip.text for strip in app.screen._compositor.render_strips())

        async def until(words: str) -> None:
            for _ in range(500):
                await pilot.pause(0.01)
                if words in text():
                    return
            raise AssertionError(f"no {words!r} in\n{text()}")

        await until("epoch 7")
        assert source.started
        for key in ("space", "s"):
            await pilot.press(key)
            await until("This run is trained elsewhere")
            await pilot.press("left")
        source.news = snapshot(source.dataset, epoch=8, state=State.PAUSED)
        await until("epoch 8")
