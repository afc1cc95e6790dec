"""The arrays, a number for each cell, of which both rooms of the wire speak."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Cells = npt.NDArray[np.int64]
"""What cells hold: glyph and style as one number each; see `cells/screen.py`."""
Glyphs = npt.NDArray[np.uint32]
"""Code points."""
Flags = npt.NDArray[np.bool_]
"""Which cells: changed, urgent, to be written."""
