"""The levels of the link, by the bytes a second that each of them needs; 0 is the best.

What is painted on a level is the painter's business.
"""

from __future__ import annotations

from tui_ae.config import LinkMode
from tui_ae.link.flow.ladder import Ladder

LEAST_RATES = (150_000.0, 40_000.0, 12_000.0, 2_500.0, 0.0)
"""Bytes a second that a level needs for a key to be answered in about a tenth of a second."""
FIXED_LEVELS = {"fast": 0, "slow": 3, "9600": 4}
"""The levels that `--link` fixes."""
FIRST_LEVEL = 3
UNMEASURED_LEVEL = 2
"""The one for a terminal that never answers, so that nothing can be measured."""


def ladder_of(mode: LinkMode) -> Ladder:
    """The ladder for a mode: fixed, or to be climbed by what is measured."""
    fixed = FIXED_LEVELS.get(mode)
    if fixed is not None:
        return Ladder(LEAST_RATES, fixed, fixed=True)
    return Ladder(LEAST_RATES, FIRST_LEVEL)
