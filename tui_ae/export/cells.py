"""What stands in the cells of tables that other programs read."""

from __future__ import annotations

import re

from tui_ae.data.arrays import RawArray
from tui_ae.streams import printable

FORMULA = re.compile(r"(^|[;,])(\s*)(?=[=+\-@＝＋－＠])")
"""Where a spreadsheet may see a formula begin: also behind what parts cells in other countries."""
NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")


def text_cell(text: object) -> str:
    """Text from outside for a cell: no control characters, and nothing a spreadsheet would run.

    An apostrophe goes before what would begin a formula; a number is none.
    """
    plain = printable(text)
    return plain if NUMBER.fullmatch(plain) else FORMULA.sub(r"\1\2'", plain)


def number_cells(values: RawArray) -> list[str]:
    """Numbers (n,) with as many digits as it takes to read the very same ones again."""
    cells: list[str] = values.astype(str).tolist()
    return cells
