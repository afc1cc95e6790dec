"""The Textual application: a run, and the screens that show it."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cached_cell_len
from rich.color import ColorSystem
from textual import events
from textual._styles_cache import StylesCache
from textual.app import App, SystemCommand
from textual.binding import BindingType
from textual.filter import LineFilter
from textual.geometry import Region
from textual.screen import Screen

from tui_ae.aside import Aside
from tui_ae.config import GLYPHS, GlyphSet, ScreenOptions
from tui_ae.files import write_new
from tui_ae.link.terminal.driver import WireDriver
from tui_ae.raster.colour import ColourDepth
from tui_ae.remembered import remember_glyphs
from tui_ae.repeat import command_line
from tui_ae.run.commands import Command, Pause, Reset, SetClasses, Step, Train
from tui_ae.run.snapshot import State
from tui_ae.run.source import Beside, Source
from tui_ae.streams import counted
from tui_ae.ui.actions import ACTIONS, app_bindings
from tui_ae.ui.class_keys import no_sample
from tui_ae.ui.clipboard import copy_in_tmux
from tui_ae.ui.clock import TICK_S, Clock
from tui_ae.ui.depth import Downgrade
from tui_ae.ui.explorer import Explorer
from tui_ae.ui.key_order import KeyOrder
from tui_ae.ui.main_screen import MainScreen
from tui_ae.ui.pages import Pages
from tui_ae.ui.presenter import Presenter
from tui_ae.ui.screens.dialog import Dialog
from tui_ae.ui.screens.palette import Commands, Palette
from tui_ae.ui.shown import ShownText
from tui_ae.ui.themes import NAMES, TONES, textual_theme
from tui_ae.ui.writing import Writing

if TYPE_CHECKING:
    from textual.await_complete import AwaitComplete
    from textual.command import Provider
    from textual.driver import Driver

    from tui_ae.ui.screens.classes import ClassesScreen

ASK_FROM_S = 5.0
"""Seconds of training that are not thrown away without a question."""

DEPTHS = {
    "truecolor": ColourDepth.TRUECOLOR,
    "256": ColourDepth.EIGHT_BIT,
    "standard": ColourDepth.SIXTEEN,
    "windows": ColourDepth.SIXTEEN,
}

OF_CLOSED_SCREENS = (StylesCache.get_inner_outer, Region.intersection, cached_cell_len)
"""Functions that remember what they returned. The first keeps the colours of 1,024 widgets by
widget, with all their painted rows: about 60 MB of closed screens. Each of the others keeps
4,096 places or words, and is full after some minutes of keys."""


class ExplorerApp(App[None]):
    """Shows a run, and lets a person walk through its latent space."""

    CSS_PATH = "explorer.tcss"
    TITLE = "Autoencoder Explorer"
    ENABLE_COMMAND_PALETTE = True
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {Commands}
    BINDINGS: ClassVar[list[BindingType]] = app_bindings()

    def __init__(
        self,
        source: Source,
        options: ScreenOptions,
        *,
        driver_class: type[Driver] | None = None,
        painted: Callable[[], None] = lambda: None,
        ready: Callable[[], None] = lambda: None,
        ending: Callable[[int], None] = lambda _: None,
        aside: Aside | None = None,
        other: Beside | None = None,
    ) -> None:
        """Show the run that `source` tells of.

        Args:
            source: Not started yet; the caller stops it.
            options: Decide the look.
            driver_class: Textual's driver; None takes the one that suits the terminal.
            painted: Called once, when the first frame stands.
            ready: Called once, when the network is there to train.
            ending: Called with the number of the signal, or with SIGHUP where the terminal is gone,
                before the screen is closed for it.
            aside: Keeps what libraries write on the standard streams.
            other: A second run to show beside it; not started either.
        """
        no_colour = "NO_COLOR" in os.environ
        super().__init__(driver_class=driver_class, ansi_color=True if no_colour else None)
        self.options = options
        self._shown = ShownText()
        self._keys = KeyOrder(self)
        self._aside = aside
        self._aside_size = 0
        self._writing = Writing()
        self._notice = ""
        self._unsaid = ""
        """What the status line says with the next key, for something else stood there."""
        self._trained_s = 0.0
        """About how long it has trained: what a person would have to wait for again."""
        self.source = source
        rng = Random(source.info.settings.seed)
        self.explorer = Explorer(rng)
        self.no_colour_wanted = no_colour
        depth = DEPTHS.get(self.console.color_system or "", ColourDepth.NONE)
        if options.colours != "auto" and not no_colour:
            depth = ColourDepth(options.colours)
        self._downgrade = Downgrade(depth)
        self._write_exact(depth)
        self._presenter = Presenter(
            source,
            options,
            self.explorer,
            ColourDepth.NONE if no_colour else depth,
            other,
        )
        self._other = other.source if other is not None else None
        self._main = self._presenter.main
        self.set_keymap(self._presenter.keys.textual())
        self._pages = Pages(
            self,
            source,
            self.explorer,
            self._presenter,
            rng,
            self._written,
            configured=options.configured,
        )
        self._ending = ending
        self._when_painted, self._when_ready = painted, ready
        self._clock: Clock | None = None
        """Once the screen stands."""
        self.start_error: BaseException | None = None
        self._wants_training = False
        self._palette_chose = False
        self._failure_shown = ""
        for name in NAMES:
            self.register_theme(textual_theme(name))
        self.theme = "terminal" if no_colour else options.theme

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's own, and the one that keeps text from steering the terminal."""
        return [*super().get_line_filters(), self._downgrade, self._shown]

    def _write_exact(self, depth: ColourDepth) -> None:
        """Let Rich write colours as they are: `Downgrade` has made them the terminal's."""
        self.console._color_system = None if depth is ColourDepth.NONE else ColorSystem.TRUECOLOR

    def get_default_screen(self) -> Screen[None]:
        """The main screen."""
        return self._main

    def on_mount(self) -> None:
        """Start the worker once the first frame stands."""
        driver = self._driver
        if isinstance(driver, WireDriver):
            self._presenter.link = driver.link
            self._main.set_sink(driver)
            self._pages.sink = driver
            driver.on_ending = self._ending
            driver.on_colours = self._colours_told
            self._colours_told(driver.colours)
            driver.on_wide = self._wide_told
            if driver.is_wide:
                self._wide_told()
            if (multiplexer := driver.multiplexer) is not None:
                multiplexer.on_unseen = self._unseen_told
                if multiplexer.is_unseen:
                    self._unseen_told()
        self._clock = Clock(self, self._tick, lambda: self._presenter.goes_on or self._writing.busy)
        if self.options.hint:
            self.say(self.options.hint)
        self.call_after_refresh(self._when_painted)
        self.call_after_refresh(self.source.start)
        if self._other is not None:
            self.call_after_refresh(self._other.start)

    def _colours_told(self, colours: int) -> None:
        """The terminal has said how many colours it has: never less is drawn for that."""
        told = ColourDepth.TRUECOLOR if colours >= 1 << 24 else ColourDepth.EIGHT_BIT
        order, free = (
            list(ColourDepth),
            self.options.colours == "auto" and not self.no_colour_wanted,
        )
        if free and colours >= 256 and order.index(told) < order.index(self._presenter.depth):
            self._use_depth(told)

    def _use_depth(self, depth: ColourDepth) -> None:
        """Draw in so many colours from now on."""
        self._presenter.depth = depth
        self._downgrade = Downgrade(depth)
        self._write_exact(depth)
        self._main.paint()
        self._pages.recolour()
        self._pages.forget()
        # Widgets keep their painted rows until their style changes.
        self.refresh_css(animate=False)
        self.refresh()

    def refresh_css(self, animate: bool = True) -> None:
        """See App; before there is a screen, the stylesheet only has to know the theme's tones."""
        if self.screen_stack:
            super().refresh_css(animate=animate)
        else:
            self.stylesheet.set_variables(self.get_css_variables())

    def use_glyphs(self, glyphs: GlyphSet) -> None:
        """Draw with these characters from now on."""
        self._presenter.glyphs = glyphs
        self._pages.forget()
        self._main.place_panes()

    def action_glyphs(self) -> None:
        """Draw with the next set of characters."""
        at = GLYPHS.index(self._presenter.glyphs)
        self.use_glyphs(GLYPHS[(at + 1) % len(GLYPHS)])
        remember_glyphs(self._presenter.glyphs)
        self.say(f"Characters: {self._presenter.glyphs}, also the next time on such a terminal.")

    def _wide_told(self) -> None:
        """Signs that are one cell wide here take two there: only ASCII is safe."""
        if self._presenter.glyphs != "ascii":
            self.use_glyphs("ascii")
            self.say("This terminal draws signs two cells wide, so characters are ASCII.")

    def _unseen_told(self) -> None:
        """Nobody can tell how fast the link is but the person; what is said already goes first."""
        words = "The line behind tmux or screen can't be seen: if it is slow, say --link slow."
        if self._presenter.message:
            self._unsaid = words
        else:
            self.say(words)

    def action_colours(self) -> None:
        """Draw in the next number of colours."""
        if self.no_colour_wanted:
            self.say("NO_COLOR is set: unset it for colours.")
            return
        # One step more at a time: a terminal that draws rubbish for exact colours may have 256.
        order = (ColourDepth.SIXTEEN, ColourDepth.EIGHT_BIT, ColourDepth.TRUECOLOR)
        depth = self._presenter.depth
        at = order.index(depth) if depth in order else -1
        self._use_depth(order[(at + 1) % len(order)])
        self.say(f"Colours: {self._presenter.depth.value}.")

    def watch_theme(self, name: str) -> None:
        """Draw the panes in the theme's tones too."""
        self._presenter.tones = TONES.get(name, TONES["terminal"])
        self._main.paint()
        self._pages.recolour()

    def _tick(self) -> None:
        """Show what is new; leave where the worker could not start or go on."""
        if not self.screen_stack:
            # The clock runs a little longer than the screens that are being taken down.
            return
        errors = [each.error for each in (self.source, self._other) if each and each.error]
        if errors:
            self.start_error = errors[0]
            self.exit(return_code=2)
            return
        self._mind_libraries()
        if (written := self._writing.news()) is not None:
            self.say(written)
        if self.source.notice != self._notice:
            self._notice = self.source.notice
            self.say(self._notice)
        snapshot = self.explorer.live
        if snapshot is not None and snapshot.state is State.TRAINING:
            self._trained_s += TICK_S
        # A replay first: training would claim each frame before it.
        self._presenter.walk_through_the_past(self.screen)
        self._presenter.tick(self.screen, first=self._first, arrived=self._arrived)
        if words := self._presenter.follow_layouts(self.screen):
            self.say(words)
        # What a page computes beside the screen comes without a snapshot.
        self._pages.follow()

    def _mind_libraries(self) -> None:
        """Say that a library has written something, which is printed after the end."""
        if self._aside is not None and self._aside.size != self._aside_size:
            self._aside_size = self._aside.size
            *_, last = self._aside.lines() or [""]
            self.say(f"A library wrote: {last} (d shows all of it.)")

    def _written(self) -> list[str]:
        """The lines that libraries have written so far."""
        return list(self._aside.lines()) if self._aside is not None else []

    def _first(self) -> None:
        """The first snapshot was taken over; a run may train already by then."""
        live = self.explorer.live
        self._wants_training = live is not None and live.state is State.TRAINING
        self._when_ready()

    def _arrived(self) -> None:
        """A snapshot was taken over: explain a failure, and tell a screen on top."""
        snapshot = self.explorer.live
        failure = snapshot.failure if snapshot else ""
        if failure != self._failure_shown:
            self._failure_shown = failure
            if failure:
                # The status line tells it until a key is answered.
                self.say("")
            # Of a run that others train, the status line tells it; nobody can start it again here.
            if failure and self.source.send is not None:
                self._wants_training = False
                self._ask_reset(f"{failure} Start again from fresh weights?")

    def say(self, message: str) -> None:
        """Answer the last key in the status line."""
        self._presenter.say(message)

    async def on_event(self, event: events.Event) -> None:
        """Let the answer to a key or the mouse overtake what training paints."""
        if self._exit and isinstance(event, events.InputEvent):
            # Keys right behind the one that leaves would open screens that are being taken down.
            return
        pressed = isinstance(event, events.Key) and not event.is_forwarded
        if isinstance(event, events.Key) and pressed and self._keys.holds(event):
            return
        link = self._presenter.link
        if isinstance(event, events.InputEvent) and self._clock is not None:
            self._clock.stir()
        idle_move = isinstance(event, events.MouseMove) and not event.button
        if isinstance(event, events.InputEvent) and link is not None and not idle_move:
            link.urgent()
        # Painting again is to change nothing.
        if isinstance(event, events.Key) and pressed and event.key != "ctrl+l":
            self.say(self._unsaid)
            self._unsaid = ""
        await super().on_event(event)
        if pressed and self.screen_stack:
            self._keys.handed_on()

    def on_main_screen_arranged(self) -> None:
        """Tell the wire which cells matter most; what is in front has no place before a refresh."""
        self._rank_cells()
        self.call_after_refresh(self._rank_cells)

    def _rank_cells(self) -> None:
        if self.screen_stack:
            self._presenter.rank_cells(self.screen)

    # --- training -------------------------------------------------------------------------------

    def _send(self, command: Command) -> None:
        """Ask the run for something, or say that this one takes no commands."""
        if self.source.send is None:
            self.say("This run is trained elsewhere: here you can only look.")
        else:
            self.source.send(command)
        if self._other is not None and self._other.send is not None:
            self._other.send(command)

    def action_train(self) -> None:
        """Train, or pause: by what was asked last, for the screen may be behind."""
        self._wants_training = not self._wants_training
        self._send(Train() if self._wants_training else Pause())

    def action_step(self) -> None:
        """Train one epoch."""
        self._wants_training = False
        self._send(Step())

    def action_reset(self) -> None:
        """Start again, after asking where there is something to lose."""
        snapshot = self.explorer.live
        if snapshot is None or not (snapshot.epoch or snapshot.batch or self._wants_training):
            self._reset_if(agreed=True)
            return
        lost = counted(snapshot.epoch, "epoch")
        self._ask_reset(f"Start again from fresh weights, and lose {lost} of training?")

    def _ask_reset(self, question: str) -> None:
        self._pages.ask(question, self._reset_if)

    def _reset_if(self, agreed: bool | None) -> None:
        if agreed:
            self._wants_training = False
            self._trained_s = 0.0
            self._send(Reset())

    def train_on(self, active: frozenset[int]) -> None:
        """Train on and show only these classes."""
        self._send(SetClasses(active))

    def on_main_screen_toggle_class(self, message: MainScreen.ToggleClass) -> None:
        """Switch a class that was clicked."""
        from tui_ae.data.dataset import least_active

        active = self.explorer.active ^ {message.label}
        dataset = self.explorer.dataset
        if dataset is not None and len(active) >= least_active(len(dataset.class_names)):
            self.train_on(active)
        else:
            self.say("Two classes stay on: switch another one on first.")

    def on_main_screen_said(self, message: MainScreen.Said) -> None:
        """Show an answer of the main screen."""
        self.say(message.words)

    def on_main_screen_no_such_sample(self, message: MainScreen.NoSuchSample) -> None:
        """Say why a digit did nothing."""
        dataset = self.explorer.dataset
        if dataset is not None:
            digit, labelled = message.digit, dataset.labelled
            self.say(no_sample(dataset.class_names, digit, labelled=labelled))

    # --- other screens ---------------------------------------------------------------------------

    def pop_screen(self) -> AwaitComplete:
        """Close the screen in front, and let go of what libraries remember of it."""
        for cache in OF_CLOSED_SCREENS:
            cache.cache_clear()
        # A screen leaves thousands of objects that refer to each other. Python would wait for more
        # of them, and what has piled up by then decides how much memory the program keeps. Looking
        # for them takes some 40 ms, so it comes after what is seen.
        self.call_after_refresh(gc.collect)
        return super().pop_screen()

    def action_help(self) -> None:
        """List all keys."""
        self._pages.open_help()

    def action_classes(self) -> None:
        """Switch classes on and off."""
        self._pages.open_classes()

    def on_classes_screen_changed(self, message: ClassesScreen.Changed) -> None:
        """Train on what was chosen there."""
        self.train_on(message.active)

    def action_data(self) -> None:
        """Tell what was read."""
        self._pages.open_data()

    def action_numbers(self) -> None:
        """Tell what the codes are worth."""
        self._pages.open_numbers()

    def action_architecture(self) -> None:
        """Explain the network and the loss."""
        self._pages.open_architecture()

    def action_pad(self) -> None:
        """Draw an image of one's own."""
        self._pages.open_pad()

    def action_loss_chart(self) -> None:
        """Show the loss as a large graph."""
        self._pages.open_loss_chart()

    # --- the look, and leaving --------------------------------------------------------------------

    def action_theme(self) -> None:
        """Change to the next theme."""
        at = NAMES.index(self.theme) if self.theme in NAMES else -1
        self.theme = NAMES[(at + 1) % len(NAMES)]

    def action_stats(self) -> None:
        """Show or hide the figures of the link."""
        self._presenter.shows_stats = not self._presenter.shows_stats
        self._main.paint("status")

    def action_repaint(self) -> None:
        """Paint everything again: something else has written on the terminal."""
        if isinstance(self._driver, WireDriver):
            self._driver.repaint()
        else:
            self.refresh(layout=True)

    def action_picture(self) -> None:
        """Save the screen as an SVG picture in the current folder."""
        try:
            folder = Path.cwd()
            picture = self.export_screenshot().encode()
            path = write_new(folder, time.strftime("tui-ae-%Y%m%d-%H%M%S"), ".svg", picture)
            write_new(folder, path.stem, ".txt", self._as_text().encode())
        except OSError as error:
            # The folder may be gone, or be somebody else's.
            self.say(f"The picture could not be saved here: {error.strerror}.")
        else:
            self.say(f"Saved {path}, and its text beside it.")

    def _as_text(self) -> str:
        """The screen in front as plain text, a line a row."""
        strips = self.screen._compositor.render_strips()
        return "".join(f"{strip.text.rstrip()}\n" for strip in strips)

    def action_write(self) -> None:
        """Write the run for other programs, into a folder of its own in the current one."""
        kept = self.source.kept_at
        if kept is None:
            self.say("This run is not kept yet, so there is nothing to write: train an epoch.")
        elif self._writing.busy:
            self.say("The files are being written already.")
        else:
            to = Path(f"tui-ae-{kept.name}")
            self._writing.begin(kept, to)
            self.say(f"Writing codes, losses, weights and pictures to {to} …")

    def action_compare(self) -> None:
        """Show both runs side by side, or the first one alone."""
        if self._other is None:
            self.say("One run is here; tui-ae compare shows two.")
            return
        self._main.compares = not self._main.compares
        self._main.place_panes()

    def action_align(self) -> None:
        """Turn the second run's map to lie as the first one's, or let it be as it is."""
        beside = self._presenter.companion
        if beside is None:
            self.say("One run is here; tui-ae compare shows two.")
            return
        beside.aligned = not beside.aligned
        self._main.paint()
        self.say(
            "The right map is turned and stretched to lie as the left one: rotation hides nothing."
            if beside.aligned
            else "Each map as it is; the same sample links them."
        )

    def action_copy_command(self) -> None:
        """Copy the command that repeats this run, and show it."""
        snapshot = self.explorer.live
        info = snapshot.info if snapshot is not None else self.source.info
        configured = self.options.configured
        command = command_line(info.settings, processes=info.processes, configured=configured)
        self.copy_to_clipboard(command)
        copy_in_tmux(command)
        self.say(f"Copied: {command}")

    def action_command_palette(self) -> None:
        """Search all commands; not over a question, whose answers would be typed into it."""
        asks = isinstance(self.screen, Dialog) and self.screen.ASKS
        if not (asks or isinstance(self.screen, Palette)):
            self._palette_chose = False
            self.push_screen(Palette(id="--command-palette"))

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """The command palette: every action of the table, the footer's first."""
        for item in sorted(ACTIONS, key=lambda item: item.footer or len(ACTIONS)):
            if item.palette:
                title, key = item.help.rstrip("."), self._presenter.keys.label(item.id)
                yield SystemCommand(title, f"key {key}", partial(self._run, item.action))

    async def _run(self, action: str) -> None:
        """Do what was chosen in the palette, once, should enter have come twice in one piece."""
        if not self._palette_chose:
            self._palette_chose = True
            await self.run_action(action, self._main)

    async def action_quit(self) -> None:
        """Leave, after asking where training would be lost."""
        snapshot, source = self.explorer.live, self.source
        trained = snapshot is not None and source.send is not None
        kept = source.kept_at is not None and not source.notice
        if snapshot is None or kept or not (trained and self._trained_s >= ASK_FROM_S):
            self.exit()
            return
        why = source.notice or "This run is not kept."
        lost = f"{counted(snapshot.epoch, 'epoch')} of training"
        if source.kept_at is not None:
            lost = "what was trained since the last save"
        self._pages.ask_to_leave(f"{why} Leave, and lose {lost}?", self._leave_if)

    def _leave_if(self, agreed: bool | None) -> None:
        if agreed:
            self.exit()
