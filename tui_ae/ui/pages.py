"""The screens that open over the explorer: what each is given, and how it follows the training."""

from __future__ import annotations

import operator
import time
from collections.abc import Callable
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Any, TypeVar

from textual.app import App
from textual.screen import Screen

from tui_ae.arrays import FloatArray
from tui_ae.model.objective import OBJECTIVES
from tui_ae.repeat import command_line
from tui_ae.run.source import Source
from tui_ae.ui.canvas import CellSink
from tui_ae.ui.explorer import Explorer
from tui_ae.ui.presenter import Presenter
from tui_ae.ui.themes import Tones

if TYPE_CHECKING:
    from tui_ae.ui.pad import Pad
    from tui_ae.ui.screens.lesson_numbers import LessonNumbers

Page = TypeVar("Page", bound=Screen[None])
FOLLOW_S = 0.5
"""How often a screen on top is given new numbers."""


class Pages:
    """Opens screens, each imported when it is first wanted: the first frame waits for none.

    A page, once made, is kept; a dialog is made each time.
    """

    def __init__(
        self,
        app: App[None],
        source: Source,
        explorer: Explorer,
        presenter: Presenter,
        rng: Random,
        written: Callable[[], list[str]] = list,
        *,
        configured: bool = False,
    ) -> None:
        self._app = app
        self._source = source
        self._explorer = explorer
        self._presenter = presenter
        self._rng = rng
        self._written = written
        self._configured = configured
        self._follows: dict[Screen[Any], Callable[[], None]] = {}
        """What gives each page its newest numbers, while it is open."""
        self._made: set[str] = set()
        """Names of the pages that are kept."""
        self._followed_at = 0.0
        self._mean_pixel: float | None = None
        self._pictures: list[Callable[[Tones], None]] = []
        """How the pages that draw with tones take others."""
        self.sink: CellSink | None = None
        """Takes changed cells straight to the terminal; None under a driver that doesn't."""
        self._pad: Pad | None = None
        """What was drawn on the pad: it outlives the page."""

    def follow(self) -> None:
        """Give the page in front the newest numbers, now and then."""
        now = time.monotonic()
        follow = self._follows.get(self._app.screen)
        if follow is not None and now - self._followed_at >= FOLLOW_S:
            self._followed_at = now
            follow()

    def recolour(self) -> None:
        """Draw the pages' pictures in the tones of another theme; text follows by itself."""
        for set_tones in self._pictures:
            set_tones(self._presenter.tones)

    def forget(self) -> None:
        """Make the pages anew when they are wanted again: they draw with other characters then."""
        for name in self._made:
            if self._app.get_screen(name) not in self._app.screen_stack:
                self._app.uninstall_screen(name)
        self._made = {name for name in self._made if self._app.is_screen_installed(name)}

    def ask(self, question: str, answer: Callable[[bool | None], None]) -> None:
        """Ask something that is answered by yes or no; None where neither was said."""
        from tui_ae.ui.screens.confirm import ConfirmScreen

        ascii_only = self._presenter.look().ascii
        self._app.push_screen(ConfirmScreen(question, ascii=ascii_only), answer)

    def ask_to_leave(self, question: str, answer: Callable[[bool | None], None]) -> None:
        """Ask whether to leave; who wants to leave again before the answer has given it."""
        from tui_ae.ui.screens.confirm import LeaveScreen

        if isinstance(asked := self._app.screen, LeaveScreen):
            asked.action_answer(True)
            return
        ascii_only = self._presenter.look().ascii
        self._app.push_screen(LeaveScreen(question, ascii=ascii_only), answer)

    def open_help(self) -> None:
        """List all keys."""
        from tui_ae.ui.screens.help import HelpScreen

        look = self._presenter.look()
        self._open(
            self._page(HelpScreen, lambda: HelpScreen(ascii=look.ascii, keys=self._presenter.keys))
        )

    def open_classes(self) -> None:
        """Switch classes on and off."""
        dataset = self._explorer.dataset
        if dataset is None:
            return
        from tui_ae.ui.screens.classes import ClassesScreen

        look = self._presenter.look()
        self._app.push_screen(
            ClassesScreen(
                dataset.class_names,
                dataset.counts.tolist(),
                self._explorer.active,
                look.class_colours(len(dataset.class_names)),
                self._rng,
                ascii=look.ascii,
                tones=look.tones,
                depth=look.depth,
            )
        )

    def open_data(self) -> None:
        """Tell what was read."""
        dataset = self._explorer.dataset
        if dataset is None:
            return
        from tui_ae.ui.screens.data import DataScreen

        look = self._presenter.look()
        info = self._explorer.live.info if self._explorer.live else self._source.info
        configured = self._configured
        command = command_line(info.settings, processes=info.processes, configured=configured)
        page = self._page(DataScreen, lambda: DataScreen(dataset, info, command, ascii=look.ascii))

        def follow() -> None:
            page.show_written(self._written())

        self._open(page, follow)
        self._app.call_after_refresh(follow)

    def open_numbers(self) -> None:
        """Tell what the codes are worth."""
        from tui_ae.ui.measures import Measuring
        from tui_ae.ui.screens.numbers import NumbersScreen

        look = self._presenter.look()
        page = self._page(NumbersScreen, lambda: NumbersScreen(ascii=look.ascii))
        measuring = Measuring()
        seen: list[object] = [None]

        def follow() -> None:
            view = self._explorer.view
            if view is None:
                return
            layouts = self._explorer.planes.layouts.finished
            moment = [view.snapshot, self._source.survey, *layouts.values()]
            same = len(seen) == len(moment) and all(map(operator.is_, seen, moment))
            if not same and measuring.follow(view, self._source.survey, layouts):
                seen[:] = moment
            page.show_measures(measuring.newest, view.snapshot, measuring.failure)

        self._open(page, follow)
        self._app.call_after_refresh(follow)

    def open_pad(self) -> None:
        """Draw an image of one's own, and see what the network makes of it."""
        if self._explorer.view is None:
            return
        from tui_ae.ui.pad import Pad
        from tui_ae.ui.screens.pad import PadScreen

        pad = self._pad = self._pad or Pad()

        def keep(image: FloatArray) -> None:
            self._explorer.show_drawn(image)
            self._presenter.say("Your drawing is the sample now; n shows another one.")

        page = self._page(
            PadScreen, lambda: PadScreen(pad, partial(self._presenter.scene, ""), keep)
        )
        page.set_sink(self.sink)
        self._open(page, page.paint)

    def open_architecture(self) -> None:
        """Explain the network and the loss."""
        numbers = self._numbers()
        if numbers is None:
            return
        from tui_ae.ui.screens.architecture import ArchitectureScreen

        look = self._presenter.look()

        def make() -> ArchitectureScreen:
            page = ArchitectureScreen(numbers, ascii=look.ascii, tones=look.tones, depth=look.depth)
            self._pictures.append(page.set_tones)
            return page

        page = self._page(ArchitectureScreen, make)

        def follow() -> None:
            if (numbers := self._numbers()) is not None:
                page.update_numbers(numbers)

        self._open(page, follow)

    def open_loss_chart(self) -> None:
        """Show the loss as a large graph."""
        from tui_ae.ui.screens.loss_chart import LossChartScreen

        look = self._presenter.look()

        def make() -> LossChartScreen:
            objective = OBJECTIVES[self._source.info.spec.objective]
            page = LossChartScreen(
                ascii=look.ascii,
                blocks=look.glyphs == "blocks",
                tones=look.tones,
                unit=f"{objective.title} in {objective.unit}",
            )
            self._pictures.append(page.set_tones)
            return page

        page = self._page(LossChartScreen, make)

        def follow() -> None:
            if self._explorer.live is not None:
                page.show_curves(self._explorer.live.curves, self._source.baselines)

        self._open(page, follow)
        self._app.call_after_refresh(follow)

    def _page(self, kind: type[Page], make: Callable[[], Page]) -> Page:
        """The page of a kind, made when it is first wanted.

        It takes ten thousand objects to make one; and who comes back finds the place again.
        """
        name = kind.__name__
        if not self._app.is_screen_installed(name):
            # Textual destroys others when they close.
            self._app.install_screen(make(), name)
            self._made.add(name)
        return self._app.get_screen(name, kind)

    def _open(self, page: Screen[None], follow: Callable[[], None] | None = None) -> None:
        """Push a page, and keep its numbers up to date until it closes."""
        if page in self._app.screen_stack:
            return
        if follow is not None:
            self._follows[page] = follow
            if page.is_running:
                follow()

        def closed(_result: None) -> None:
            self._follows.pop(page, None)

        self._app.push_screen(page, closed)

    def _numbers(self) -> LessonNumbers | None:
        """The numbers that the explanations fill in; None before the first snapshot."""
        snapshot, dataset = self._explorer.snapshot, self._explorer.dataset
        if snapshot is None or dataset is None:
            return None
        from tui_ae.ui.screens.lesson_numbers import LessonNumbers

        if self._mean_pixel is None:
            self._mean_pixel = dataset.images.mean()
        return LessonNumbers(
            dataset=dataset.name,
            samples=len(dataset.images),
            classes=len(dataset.class_names),
            labelled=dataset.labelled,
            active_samples=snapshot.active_samples,
            spec=snapshot.info.spec,
            baselines=self._source.baselines,
            loss=snapshot.loss,
            epoch=snapshot.epoch,
            mean_pixel=self._mean_pixel,
            recipe=snapshot.info.recipe,
        )
