"""The data: what was read, all that was done to it, and what was left out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from textual.binding import BindingType
from textual.containers import Vertical
from textual.widget import Widget
from textual.widgets import Static

from tui_ae.data.dataset import Dataset
from tui_ae.run.info import RunInfo
from tui_ae.ui.actions import Where, bindings
from tui_ae.ui.lettering import class_words, shown, worded
from tui_ae.ui.screens.page import Heading, PageScreen

MOST_SKIPPED = 500
"""Names of files on the page: more would take seconds to lay out, and nobody reads them."""


def summary(dataset: Dataset) -> str:
    """One sentence on what was read."""
    images = f"{len(dataset.images):,} images of {shown(dataset.name)}"
    if not dataset.labelled:
        return f"{images}, without labels."
    counts = dataset.counts.tolist()
    classes = [
        f"{name} ({count:,})"
        for name, count in zip(class_words(dataset.class_names), counts, strict=True)
    ]
    return f"{images} in {len(classes)} class{'es' * (len(classes) > 1)}: {', '.join(classes)}."


class DataScreen(PageScreen):
    """Everything there is to say about the images."""

    DEFAULT_CSS = """
    DataScreen .texts { height: auto; max-width: 100; padding: 1 1 0 1; }
    DataScreen .texts > Static { margin-bottom: 1; height: auto; }
    DataScreen .texts > .files { color: $muted; }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.PAGE, "data")

    def __init__(
        self,
        dataset: Dataset,
        info: RunInfo,
        command: str,
        *,
        ascii: bool = False,  # noqa: A002 - as elsewhere
    ) -> None:
        """Tell of `dataset`, of the run that trains on it, and of the command that repeats it."""
        super().__init__("data", shown(dataset.name), ascii_only=ascii)
        self._dataset = dataset
        self._info = info
        self._library_heading = Heading("what libraries wrote", ascii_only=ascii)
        self._library_lines = Static("", classes="files", markup=False)
        self._library_heading.display = self._library_lines.display = False
        self._command = command

    def compose_body(self) -> Iterator[Widget]:
        """What was read; the notes; the files that were left out."""
        notes = self._dataset.notes or ("Nothing was changed or left out.",)
        parts: list[Widget] = [self._text(summary(self._dataset))]
        parts += [Heading("notes", ascii_only=self.ascii_only), *map(self._text, notes)]
        parts += [Heading("this run", ascii_only=self.ascii_only), *map(self._text, self._run())]
        skipped = self._dataset.skipped
        if skipped:
            title = f"{len(skipped):,} pictures left out"
            if len(skipped) > MOST_SKIPPED:
                title += f", the first {MOST_SKIPPED}"
            names = "\n".join(
                shown(f"{entry.file}: {entry.reason}") for entry in skipped[:MOST_SKIPPED]
            )
            files = Static(worded(names, self.ascii_only), classes="files", markup=False)
            parts += [Heading(title, ascii_only=self.ascii_only), files]
        parts += [self._library_heading, self._library_lines]
        yield Vertical(*parts, classes="texts")

    def show_written(self, lines: list[str]) -> None:
        """Show what libraries have written on the standard streams."""
        text = "\n".join(shown(line) for line in lines[-MOST_SKIPPED:])
        for widget in (self._library_heading, self._library_lines):
            widget.display = bool(lines)
        self._library_lines.update(worded(text, self.ascii_only))

    def _run(self) -> Iterator[str]:
        """How to repeat the run, and what computes it."""
        yield f"The same again: {self._command}"
        yield f"Its id is {self._info.id}; tui-ae runs lists all that are kept."
        if self._info.versions:
            known = ", ".join(f"{name} {version}" for name, version in self._info.versions)
            yield f"Computed by {known}."

    def _text(self, words: str) -> Static:
        return Static(worded(shown(words), self.ascii_only), markup=False)
