"""What the codes are worth, in numbers: the network beside PCA, each explained where it stands."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import ClassVar

from textual.binding import BindingType
from textual.containers import Vertical
from textual.widget import Widget
from textual.widgets import Static

from tui_ae.model.objective import OBJECTIVES
from tui_ae.model.spec import ObjectiveName
from tui_ae.run.snapshot import Snapshot
from tui_ae.ui.actions import Where, bindings
from tui_ae.ui.lettering import shown, worded
from tui_ae.ui.measures import Column, Measures
from tui_ae.ui.screens.page import Heading, PageScreen

NAME, VALUE = 18, 14
"""Cells of a row's name, and of each value."""
WAITING = "The numbers are being computed."


def table(measures: Measures, objective: ObjectiveName) -> list[tuple[str, str]]:
    """(row of values, what it means) for each number that several ways to codes have."""
    names = "".join(f"{_short(column.name):>{VALUE}}" for column in measures.columns)
    rows = [(f"{'':<{NAME}}{names}", "")]
    for kind in sorted(OBJECTIVES.values(), key=lambda kind: kind.name != objective):
        trained = "what training makes small" if kind.name == objective else "not trained for"
        values = [_loss(column, kind.name) for column in measures.columns]
        rows.append((_row(kind.title, values), f"{kind.words}, {kind.unit}: {trained}"))
    accuracy = [
        "-" if column.accuracy is None else f"{column.accuracy:.1%}" for column in measures.columns
    ]
    rows.append((_row("5-NN accuracy", accuracy), "samples whose 5 nearest codes tell their class"))
    for name, words in (
        ("trustworthiness", "1: who is near on the map is near as an image"),
        ("continuity", "1: who is near as an image is near on the map"),
    ):
        values = [_share(getattr(column, name)) for column in measures.columns]
        rows.append((_row(name, values), words))
    return rows


def network_rows(measures: Measures, snapshot: Snapshot) -> list[tuple[str, str]]:
    """(row, what it means) for each number of the network alone."""
    rows = []
    held_out = snapshot.held_out_loss
    if math.isfinite(held_out):
        both = f"{snapshot.loss:.4f} and {held_out:.4f}"
        words = "training and held-out loss: a gap that grows is learning by heart"
        rows.append((_row("loss", [], both), words))
    active = f"{measures.active} of {measures.width}"
    words = "numbers that vary by a hundredth of the most varied one, or more"
    rows.append((_row("active numbers", [], active), words))
    ranges = ", ".join(f"{low:.2f} to {high:.2f}" for low, high in measures.ranges)
    more = " …" if measures.width > len(measures.ranges) else ""
    rows.append((_row("range of codes", [], f"{ranges}{more}"), "least and greatest of each"))
    encoder, decoder = measures.idle
    if encoder.units or decoder.units:
        dead = f"{encoder.dead} of {encoder.units}, {decoder.dead} of {decoder.units}"
        words = "hidden units of encoder and decoder that no image wakes"
        rows.append((_row("dead units", [], dead), words))
    if measures.angles:
        shown = ", ".join(f"{angle:.1f}°" for angle in measures.angles[:6])
        more = " …" if len(measures.angles) > 6 else ""
        words = "between the decoder's plane and PCA's: 0 where they are one"
        rows.append((_row("principal angles", [], f"{shown}{more}"), words))
    return rows


def _short(name: str) -> str:
    """The head of a column: 't-SNE codes'."""
    return name.replace(" of the ", " ")[: VALUE - 2]


def _row(name: str, values: list[str], words: str = "") -> str:
    return f"{name:<{NAME}}" + "".join(f"{value:>{VALUE}}" for value in values) + words


def _loss(column: Column, name: ObjectiveName) -> str:
    return "-" if column.losses is None else f"{column.losses[name]:.4f}"


def _share(value: float) -> str:
    return f"{value:.3f}" if math.isfinite(value) else "-"


class NumbersScreen(PageScreen):
    """The table, then the rest; both follow the training."""

    DEFAULT_CSS = """
    NumbersScreen .texts { height: auto; max-width: 100; padding: 1 1 0 1; }
    NumbersScreen .texts > Static { height: auto; }
    NumbersScreen .texts > .words { color: $muted; padding-left: 2; }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.PAGE, "numbers")
    ROWS = 14
    """Rows that there are at most."""

    def __init__(self, *, ascii: bool = False) -> None:  # noqa: A002 - as elsewhere
        super().__init__("what the codes are worth", "", ascii_only=ascii)
        self._rows = [
            (Static("", markup=False), Static("", markup=False, classes="words"))
            for _ in range(self.ROWS)
        ]
        self._said: list[tuple[str, str]] = []
        # Before there is a moment to measure, the page says so too.
        self._say([(WAITING, "")])

    def compose_body(self) -> Iterator[Widget]:
        """A pair of lines a number: its values, and what it means."""
        yield Vertical(
            Heading("the network beside PCA", ascii_only=self.ascii_only),
            *(line for pair in self._rows for line in pair),
            classes="texts",
        )

    def show_measures(self, measures: Measures | None, snapshot: Snapshot, failure: str) -> None:
        """Show what is known of a run."""
        if measures is None:
            said = [(shown(failure) or WAITING, "")]
        else:
            note = f"epoch {measures.epoch:,}, over {measures.samples:,} samples"
            said = [
                *table(measures, snapshot.info.spec.objective),
                *network_rows(measures, snapshot),
            ]
            said = [(note, ""), *said]
        self._say(said)

    def _say(self, said: list[tuple[str, str]]) -> None:
        """Write (row, what it means) of each."""
        if said == self._said:
            return
        self._said = said
        blank = [("", "")] * (self.ROWS - len(said))
        for (values, words), (top, below) in zip([*said, *blank], self._rows, strict=True):
            top.update(worded(values, self.ascii_only))
            below.update(worded(words, self.ascii_only))
            top.display, below.display = bool(values), bool(words)
