"""Brings the latest snapshot of a run onto the main screen, as fast as the link carries it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from textual.screen import ModalScreen, Screen

from tui_ae.config import ScreenOptions
from tui_ae.link.flow.priorities import Region
from tui_ae.link.link import Link
from tui_ae.raster.colour import ColourDepth
from tui_ae.run.snapshot import Snapshot, State
from tui_ae.run.source import Beside, Source
from tui_ae.streams import printable
from tui_ae.ui.actions import Keys
from tui_ae.ui.explorer import Explorer
from tui_ae.ui.layouts import beginning
from tui_ae.ui.main_screen import MainScreen
from tui_ae.ui.pacer import LIVE, PICTURES, Pacer, quality
from tui_ae.ui.past import Past
from tui_ae.ui.quality import FRAME_PRIORITY, QUALITIES
from tui_ae.ui.scene import Look, Scene
from tui_ae.ui.themes import DARK, Tones

if TYPE_CHECKING:
    from tui_ae.ui.companion import Companion

LINK_TEXT_S = 1.0
"""How often the figures of the link are renewed while training."""


@runtime_checkable
class Ranked(Protocol):
    """A screen of panes of which some matter more than others."""

    def regions(self) -> list[Region]:
        """Where each pane stands, and when it goes."""
        ...


class Presenter:
    """Owns what is between a run and the panes: the scene, the look, and when to paint."""

    def __init__(
        self,
        source: Source,
        options: ScreenOptions,
        explorer: Explorer,
        depth: ColourDepth,
        other: Beside | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """Show `source` through `explorer` on a terminal with colours of `depth`.

        Args:
            source: The run.
            options: How it looks.
            explorer: What the person looks at.
            depth: The colours that the terminal has.
            other: A second run beside it.
            now: Gives seconds.
        """
        self.past = Past(source, explorer)
        self.companion: Companion | None = None
        """Follows the second run; None where there is none."""
        self.main = MainScreen(explorer, self.scene, self.past)
        self.link: Link | None = None
        """The wire to the terminal; None under a driver that has none."""
        self.tones: Tones = DARK
        self.shows_stats = options.stats
        self._source, self._now = source, now
        self.glyphs = options.glyphs
        self._explorer = explorer
        self.depth = depth
        self.keys = Keys(options.keys)
        self._pacer = Pacer()
        self._message = ""
        self._welcomes = True
        self._link_text = ""
        self._link_text_at = 0.0
        self._stage = ""
        self._differs: tuple[tuple[str, str, str], ...] = ()
        if other is not None:
            from tui_ae.ui.companion import Companion, differences

            self.companion = Companion(other)
            self.main.compares = True
            found = differences(source.info.settings, other.source.info.settings)
            self._differs = tuple(found)
        self._level: int | None = None
        """Of the link, when everything was last painted for it."""
        self._stands_still = False
        """Whether a layout is shown that has not moved yet."""

    def look(self) -> Look:
        """How to draw now: the theme, the terminal's colours, and what the link carries."""
        rich = quality(self.link)
        if self._level is not None and self.link is not None:
            # Keys paint as all else is painted, until a better level has been taken.
            rich = QUALITIES[max(self._level, self.link.level)]
        return Look(
            tones=self.tones,
            depth=self.depth,
            glyphs=self.glyphs,
            grey_levels=rich.grey_levels,
            braille_images=rich.braille_images,
            sixteen_colours=rich.sixteen_colours,
            sparse_cloud=rich.sparse_cloud,
        )

    def scene(self, focus: str) -> Scene:
        """What the panes paint now, with the focus on the pane called `focus`."""
        beside = self.companion
        view = self._explorer.view
        other = beside.view(view) if beside and self.main.compares else None
        # Counted where it is told alone: while training runs, it would take a tenth of each frame.
        counted = () if view is None or view.is_live else self._source.timeline
        return Scene(
            other=other,
            differs=self._differs,
            waits=beside.source.stage if beside else "",
            view=view,
            choice=self._explorer.choice,
            look=self.look(),
            spec=self._source.info.spec,
            baselines=self._source.baselines,
            batch_size=self._source.info.recipe.batch_size,
            stage=self._source.stage,
            message=self._message,
            figures=self._figures() if self.shows_stats else (),
            link=self._link_text,
            focus=focus,
            welcomes=self._welcomes,
            kept=len(self._source.timeline),
            kept_bytes=sum(moment.nbytes for moment in counted),
            replays=self.past.speed,
            keys=self.keys,
        )

    @property
    def message(self) -> str:
        """What the status line says; '' where it gives figures."""
        return self._message

    def say(self, message: str) -> None:
        """Answer the last key in the status line; '' takes the answer away."""
        message = printable(message)
        if message != self._message or self.shows_stats or self._welcomes:
            self._message, self._welcomes = message, False
            self.main.paint("status")

    def rank_cells(self, front: Screen[object]) -> None:
        """Tell the wire what goes first while the screen `front` is in front."""
        if self.link is None:
            return
        # A page of text comes from the top down.
        regions = self.main.regions() if self._is_visible(front) else []
        if isinstance(front, Ranked):
            regions = front.regions()
        elif regions:
            regions += [Region(*child.region, 0) for child in front.children]
        self.link.set_regions(regions)

    def _is_visible(self, front: Screen[object]) -> bool:
        """Whether the main screen shows: pages hide it, dialogs and the palette a part of it."""
        return front is self.main or isinstance(front, ModalScreen)

    def tick(
        self,
        front: Screen[object],
        *,
        first: Callable[[], None],
        arrived: Callable[[], None],
    ) -> None:
        """Take the news of the run, when there are any and the link is free for them.

        Args:
            front: The screen in front.
            first: Called after the first snapshot of all was taken over.
            arrived: Called after a snapshot was taken over.
        """
        if self._source.stage != self._stage:
            self._stage = self._source.stage
            self.main.paint("status")
        now, link, visible = self._now(), self.link, self._is_visible(front)
        if link is not None and self._takes_level(link, visible=visible) and visible:
            self.main.paint()
        self._take_survey()
        if self.companion is not None and self.companion.tick(now) and visible:
            self.main.paint("other", "other-reconstruction", "other-decoded", "compared")
        before, news = self._explorer.live, self._source.news
        if news is None:
            return
        # What a command changed does not wait until a slow link has the training's last frame.
        waits = before is not None and _only_trained(before, news)
        if waits and not self._pacer.claim_frame(now, link):
            return
        snapshot, dataset = self._source.latest(), self._source.dataset
        if snapshot is None or dataset is None:
            return
        trained = before is not None and _only_trained(before, snapshot)
        due = self._claim_panes(now) if trained else set()
        # A sample changes only where its label, pictures and figures are painted at once.
        brings = not trained or bool(due & PICTURES)
        sample = self._explorer.sample
        self._explorer.accept(snapshot, dataset, now, brings_sample=brings)
        if now - self._link_text_at >= LINK_TEXT_S:
            self._link_text, self._link_text_at = self._link_words(), now
        if before is None:
            self.main.place_panes()
            first()
        elif visible and trained:
            self.main.paint(*due)
            if sample != self._explorer.sample:
                self.main.paint("scatter", "readout", moved=False)
        elif visible:
            self.main.paint()
        arrived()

    def _takes_level(self, link: Link, *, visible: bool) -> bool:
        """Whether the level of the link is another one from now on.

        A better one waits until its repaint may go as the background: a key's frame would bring
        all pictures.
        """
        level = link.level
        if level == self._level:
            return False
        rises = self._level is not None and level < self._level
        if rises and visible and not link.claim(FRAME_PRIORITY, 0.0):
            return False
        self._level = level
        return True

    def _take_survey(self) -> None:
        """Take the survey of the images once it is there; what was said of the wait is over."""
        survey = self._source.survey
        if survey is self._explorer.planes.survey:
            return
        said = printable(self.main.plane_words())
        self._explorer.take_survey(survey)
        if said and said == self._message:
            self.say(self.main.plane_words())

    def _claim_panes(self, now_s: float) -> set[str]:
        """The panes in which training is painted now."""
        due = self._pacer.claim_panes(now_s, self.link, self.main.pane_names)
        # What shows an earlier moment stands still while training goes on.
        return due if self._explorer.past is None else due & LIVE

    @property
    def goes_on(self) -> bool:
        """Whether something new may come to the screen at any time, without a key."""
        lives = [self._explorer.live]
        if self.companion is not None:
            lives.append(self.companion.explorer.live)
        works = self.past.goes_on or self._explorer.planes.layouts.goes_on
        return works or any(live is None or live.state is State.TRAINING for live in lives)

    def walk_through_the_past(self, front: Screen[object]) -> None:
        """Go on with a replay, and bring what is still missing of the moment that is shown."""
        now = self._now()
        if self.past.fill(now):
            changed = True
            if self.link is not None and not self.past.speed:
                # The rest of what a key asked for.
                self.link.urgent()
        elif changed := self.past.replays(now) and self._pacer.claim_all(now, self.link):
            self.past.go_on(now)
        if changed and self._is_visible(front):
            self.main.place_panes()

    def follow_layouts(self, front: Screen[object]) -> str:
        """Bring what has come of a layout; returns what there is to say of it, once."""
        layouts = self._explorer.planes.layouts
        said = ""
        if self._explorer.take_layouts(self._now()):
            if self._is_visible(front):
                self.main.place_panes()
            name = self._explorer.choice.plane
            said = beginning(name, layouts.layout(name))
            moves = self._stands_still and not said
            self._stands_still = bool(said)
            if moves and self._explorer.plane is not None:
                # What was said of the start is true no more.
                said = self._explorer.plane.note
        error, layouts.error = layouts.error, ""
        return error or said

    def _link_words(self) -> str:
        if self.link is None:
            return ""
        stats = self.link.stats()
        trip = f"{stats.round_trip_s * 1000:.0f} ms  " if stats.answered else ""
        return f"{trip}{stats.rate / 1000:.0f} kB/s"

    def _figures(self) -> tuple[str, ...]:
        """What the link does, the most important first."""
        if self.link is None:
            return ("no figures: this terminal has no wire of its own",)
        stats = self.link.stats()
        trip = f"{stats.round_trip_s * 1000:.0f} ms" if stats.answered else "no answer"
        return (
            f"link {QUALITIES[stats.level].name}",
            "stalled" if stats.stalled else trip,
            f"{stats.rate / 1000:.1f} of about {stats.capacity / 1000:,.0f} kB/s",
            f"{stats.frames:,} frames",
            f"{stats.bytes_total / 1000:,.0f} kB in all",
            f"paint {stats.paint_s * 1000:.1f} ms",
            f"{self._source.superseded:,} snapshots not shown",
        )


def _only_trained(before: Snapshot, after: Snapshot) -> bool:
    """Whether nothing but training, no command, lies between two snapshots."""
    return (
        before.state is after.state is State.TRAINING
        and before.info.id == after.info.id
        and before.active_classes == after.active_classes
    )
