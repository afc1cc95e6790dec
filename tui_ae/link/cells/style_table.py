"""Text styles as small numbers, which cells hold in place of them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tui_ae.link.cells.styles import (
    MAX_CACHED,
    PLAIN,
    SHOWS_ON_BLANK,
    Style,
    apply_sgr,
    blank_look,
    transition,
)


class StyleTable:
    """Numbers styles in the order in which they come up; number 0 is PLAIN."""

    def __init__(self) -> None:
        self.styles: list[Style] = []
        self._numbers: dict[Style, int] = {}
        self._after: dict[tuple[int, str], int] = {}
        self._blanks: list[int] = []
        self._blank_array: npt.NDArray[np.int64] = np.zeros(0, np.int64)
        self.number(PLAIN)

    def number(self, style: Style) -> int:
        """The number of a style."""
        known = self._numbers.get(style)
        if known is not None:
            return known
        made = self._numbers[style] = len(self.styles)
        self.styles.append(style)
        self._blanks.append(made)
        look = blank_look(style)
        if look != style:
            self._blanks[made] = self.number(look)
        return made

    def after(self, number: int, parameters: str) -> int:
        """The number of the style after CSI `parameters` m in style `number`."""
        key = (number, parameters)
        known = self._after.get(key)
        if known is None:
            if len(self._after) > MAX_CACHED:
                self._after.clear()
            known = self._after[key] = self.number(apply_sgr(self.styles[number], parameters))
        return known

    def linked(self, number: int, link: str) -> int:
        """The number of style `number` with the parameters of OSC 8 in `link`."""
        address = "" if link == ";" else link
        return self.number(self.styles[number]._replace(link=address))

    def transition(self, old: int, new: int) -> str:
        """The sequence between two numbered styles; a negative `old` is unknown."""
        if old == new:
            return ""
        return transition(None if old < 0 else self.styles[old], self.styles[new])

    def blanks(self) -> npt.NDArray[np.int64]:
        """For each style the number of its look on a space, (styles,) int64."""
        if len(self._blank_array) != len(self._blanks):
            self._blank_array = np.array(self._blanks, np.int64)
        return self._blank_array

    def on_blank(self, current: int, wanted: int) -> int:
        """The style nearest to `current` that makes a space look like `wanted`."""
        if current < 0:
            return wanted
        old, new = self.styles[current], self.styles[wanted]
        if (old.attributes | new.attributes) & SHOWS_ON_BLANK:
            return wanted
        return self.number(Style(old.attributes, old.ink, new.paper, new.link))

    def compact(self, used: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Forget all styles but those in `used`; returns the new number of each old one."""
        old, self.styles, self._blanks = self.styles, [], []
        self._numbers.clear()
        self._after.clear()
        self._blank_array = np.zeros(0, np.int64)
        self.number(PLAIN)
        renumbered = np.zeros(len(old), np.int64)
        for number in used.tolist():
            renumbered[number] = self.number(old[number])
        return renumbered
