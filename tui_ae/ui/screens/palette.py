"""Textual's command palette, safe from keys that come in one piece, as they do on slow links."""

from __future__ import annotations

from collections.abc import Sequence

from textual.await_complete import AwaitComplete
from textual.command import CommandList, CommandPalette, DiscoveryHit, Hits
from textual.filter import LineFilter
from textual.system_commands import SystemCommandsProvider


class Commands(SystemCommandsProvider):
    """The commands in the app's order, the most used first; Textual's own sorts sentences."""

    async def discover(self) -> Hits:
        """All of them, for a palette in which nothing is typed yet."""
        for name, text, callback, _ in self.app.get_system_commands(self.screen):
            yield DiscoveryHit(name, callback, help=text)


class Palette(CommandPalette):
    """Leaves out a key for which it is too early or too late.

    Textual 8 ends the program with an error where a key moves through the list before that has been
    laid out, and where a second enter closes the screen behind the palette as well.

    What lies beside it stays as it is: to dim all of it would take seconds on a slow link.
    """

    DEFAULT_CSS = "Palette { background: transparent; }"

    def get_line_filters(self) -> Sequence[LineFilter]:
        """None: the cells below are there already, in the terminal's own colours."""
        return ()

    def _action_command_list(self, action: str) -> None:
        if self.query_one(CommandList).size.height:
            super()._action_command_list(action)

    def dismiss(self, result: None = None) -> AwaitComplete:
        """Close the palette, if it is still in front."""
        return super().dismiss(result) if self.is_active else AwaitComplete()
