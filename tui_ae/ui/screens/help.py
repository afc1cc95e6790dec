"""All keys, the mouse, where files go, and whom to thank."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import ClassVar

from rich.table import Table
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Static

from tui_ae import __version__
from tui_ae.ui.actions import Keys, Where, bindings
from tui_ae.ui.lettering import worded
from tui_ae.ui.screens.page import Heading, PageScreen

Rows = tuple[tuple[str, str], ...]

MOUSE: Rows = (
    ("click, drag", "Put the probe there."),
    ("wheel", "Zoom at the pointer; on a page like this one, scroll."),
    ("legend", "Click a class to switch it on or off."),
)
PAGES: Rows = (
    ("↑↓ or jk", "Scroll by a row."),
    ("page up/down", "Scroll by a page; space does as well."),
    ("home, end", "Go to the top or to the bottom."),
    ("esc or q", "Go back; so does the key that opened the page."),
)
FILES: Rows = (("pictures", "The folder in which the program was started."),)
BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]
CREDIT = (
    "A re-imagining, for the terminal, of the web widget Autoencoder Explorer by"
    " Theodore P. Pavlic (MIT licence)."
)


def groups(keys: Keys) -> list[tuple[str, Rows]]:
    """(heading, rows of keys and sentences) from the table of actions, in its order."""
    return [
        (name, tuple((shown, text) for _, shown, text in rows))
        for name, rows in groupby(keys.rows(), key=lambda row: row[0])
    ]


def table(rows: Rows, *, ascii_only: bool) -> Table:
    """Keys on the left, sentences, which wrap, on the right."""
    grid = Table.grid(padding=(0, 2, 0, 0), pad_edge=False)
    grid.add_column(no_wrap=True, width=20, style="bold")
    grid.add_column()
    for keys, text in rows:
        grid.add_row(worded(keys, ascii_only), worded(text, ascii_only))
    return grid


class HelpScreen(PageScreen):
    """The help: groups of keys, in two columns where there is room."""

    DEFAULT_CSS = """
    HelpScreen .columns { layout: vertical; height: auto; max-width: 150; padding: 1 1 0 1; }
    HelpScreen.-wide .columns { layout: horizontal; }
    HelpScreen .column { height: auto; width: 1fr; }
    HelpScreen.-wide .column.-left { margin-right: 3; }
    HelpScreen .column > Static { margin-bottom: 1; height: auto; }
    HelpScreen .credit { margin: 0 1 1 1; max-width: 148; height: auto; color: $muted; }
    """
    HORIZONTAL_BREAKPOINTS = BREAKPOINTS
    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.PAGE, "help")

    def __init__(
        self,
        *,
        ascii: bool = False,  # noqa: A002 - as elsewhere
        files: Rows = FILES,
        keys: Keys | None = None,
    ) -> None:
        """Explain the keys; `files` are (what, where) of all that the program writes."""
        super().__init__("help", f"tui-ae {__version__}", ascii_only=ascii)
        self._files = files
        self._keys = keys or Keys()

    def compose_body(self) -> Iterator[Widget]:
        """Training, sample and probe on the left, the rest on the right, as far as they fill."""
        parts = [*groups(self._keys), ("mouse", MOUSE), ("pages", PAGES), ("files", self._files)]
        total = sum(len(rows) + 2 for _, rows in parts)
        left: list[Widget] = []
        right: list[Widget] = []
        filled = 0
        for name, rows in parts:
            column = left if filled + (len(rows) + 2) / 2 < total / 2 else right
            column += [
                Heading(name, ascii_only=self.ascii_only),
                Static(table(rows, ascii_only=self.ascii_only)),
            ]
            filled += len(rows) + 2
        yield Horizontal(
            Vertical(*left, classes="column -left"),
            Vertical(*right, classes="column"),
            classes="columns",
        )
        yield Static(worded(CREDIT, self.ascii_only), classes="credit", markup=False)
