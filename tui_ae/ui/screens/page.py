"""A page of text that fills the screen: a heading, a body that scrolls, a row of hints."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Static

from tui_ae.ui.actions import Where, bindings
from tui_ae.ui.lettering import worded
from tui_ae.ui.sheet import shorten


def emphasised(text: str, *, ascii_only: bool) -> Content:
    """`text` with what stands between asterisks in bold."""
    parts = worded(text, ascii_only).split("*")
    return Content.assemble(
        *((part, "bold") if index % 2 else part for index, part in enumerate(parts))
    )


class Heading(Widget):
    """One row: a title, a rule, and a value at the end."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"heading--title", "heading--rule", "heading--value"}
    DEFAULT_CSS = """
    Heading { height: 1; width: 1fr; }
    Heading > .heading--title { color: $primary; text-style: bold; }
    Heading > .heading--rule { color: $faint; }
    Heading > .heading--value { color: $muted; }
    """

    def __init__(self, title: str, value: str = "", *, ascii_only: bool = False) -> None:
        super().__init__()
        self._title, self._value, self._ascii = title, value, ascii_only
        self._joint = worded(" · ", ascii_only)

    def set_value(self, value: str) -> None:
        """Show `value` at the end."""
        if value != self._value:
            self._value = value
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """The row; the value loses its last parts where there is no room for them."""
        width = self.size.width
        title = shorten(worded(self._title, self._ascii), width)
        value = worded(self._value, self._ascii)
        while value and len(title) + len(value) + 3 > width:
            value = value.rpartition(self._joint)[0]
        rule = width - len(title) - (len(value) + 2 if value else 1)
        sign = "-" if self._ascii else "─"
        segments = [Segment(title, self._style("heading--title"))]
        if rule > 0:
            segments.append(Segment(" " + sign * rule, self._style("heading--rule")))
        if value:
            segments.append(Segment(" " + value, self._style("heading--value")))
        return Strip(segments).adjust_cell_length(width, self.rich_style)

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(name)


class Hints(Static):
    """The last row: what the keys do, and how far the body is scrolled; a click goes back."""

    DEFAULT_CSS = "Hints { height: 1; width: 1fr; padding: 0 1; color: $muted; }"

    def on_click(self, event: events.Click) -> None:
        """Go back."""
        event.stop()
        self.screen.dismiss()


class Body(VerticalScroll, can_focus=False):
    """The part that scrolls.

    Without a scroll bar, whose cells would be paid for at every line; the hints tell the place.
    """

    DEFAULT_CSS = """
    Body { height: 1fr; scrollbar-size: 0 0; align-horizontal: center; }
    """

    def watch_virtual_size(self) -> None:
        """What it shows has grown, or become less."""
        if isinstance(self.screen, PageScreen):
            self.screen.show_place()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Tell the page where it stands."""
        super().watch_scroll_y(old_value, new_value)
        if isinstance(self.screen, PageScreen):
            self.screen.show_place()


class PageScreen(Screen[None]):
    """A heading, a body that scrolls without animation, and a row of hints.

    Subclasses yield the body's widgets from `compose_body`.
    """

    DEFAULT_CSS = """
    PageScreen { background: $background; color: $foreground; }
    PageScreen > Heading { margin: 0 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.PAGE)

    def __init__(self, title: str, value: str = "", *, ascii_only: bool = False) -> None:
        super().__init__()
        self.ascii_only = ascii_only
        self.heading = Heading(title, value, ascii_only=ascii_only)
        self.body = Body()
        self._hints = Hints()
        self._hints_text = ""

    def compose(self) -> ComposeResult:
        """Heading, body, hints."""
        yield self.heading
        with self.body:
            yield from self.compose_body()
        yield self._hints

    def compose_body(self) -> Iterator[Widget]:
        """The widgets of the body."""
        raise NotImplementedError

    def on_resize(self, event: events.Resize) -> None:
        """The place is another one."""
        self.call_after_refresh(self.show_place)

    def on_screen_resume(self) -> None:
        """The first layout tells how long the page is."""
        self.call_after_refresh(self.show_place)

    def show_place(self) -> None:
        """Write the hints: the keys, and the rows on the screen out of all."""
        height, total = self.body.size.height, self.body.virtual_size.height
        text = "esc back"
        if total > height > 0:
            top = round(self.body.scroll_offset.y)
            last = min(top + height, total)
            text = f"↑↓ scroll · esc back · rows {top + 1}-{last} of {total}"
        if text != self._hints_text:
            self._hints_text = text
            self._hints.update(worded(text, self.ascii_only), layout=False)

    def action_scroll(self, rows: int) -> None:
        """Scroll by rows."""
        self.body.scroll_relative(y=rows, animate=False)

    def action_screenful(self, screenfuls: int) -> None:
        """Scroll by what fits on the screen, keeping a row for the eye."""
        rows = max(self.body.size.height - 1, 1)
        self.body.scroll_relative(y=screenfuls * rows, animate=False)

    def action_edge(self, side: int) -> None:
        """Go to the first or to the last row."""
        self.body.scroll_to(y=0 if side < 0 else self.body.max_scroll_y, animate=False)

    def action_back(self) -> None:
        """Close the page."""
        self.dismiss()
