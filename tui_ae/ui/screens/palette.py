"""Textual's command palette, safe from keys that come with ctrl+p in one piece."""

from __future__ import annotations

from textual.command import CommandList, CommandPalette


class Palette(CommandPalette):
    """Leaves out a key that moves through a list which has not been laid out yet.

    There Textual 8 looks up a line of its empty table, and the KeyError ends the program.
    """

    def _action_command_list(self, action: str) -> None:
        if self.query_one(CommandList).size.height:
            super()._action_command_list(action)
