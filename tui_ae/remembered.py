"""What a person chose on a terminal, for the next time: the characters that its font has."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path

from tui_ae.config import GLYPHS, GlyphSet
from tui_ae.files import open_plain, replace_file
from tui_ae.ownership import make_own

MAX_BYTES = 64_000
MOST_TERMINALS = 100


def remembered_glyphs() -> GlyphSet | None:
    """The characters that were chosen last on a terminal of this TERM; None for none."""
    return _read().get(os.environ.get("TERM", ""))


def remember_glyphs(glyphs: GlyphSet) -> None:
    """Begin with these characters the next time; a disk that refuses is no trouble."""
    known = _read()
    known.pop(os.environ.get("TERM", ""), None)
    newest = dict(list(known.items())[1 - MOST_TERMINALS :])
    newest[os.environ.get("TERM", "")] = glyphs
    path = _path()
    with contextlib.suppress(OSError):
        make_own(path.parent)
        replace_file(path, json.dumps(newest).encode())


def _path() -> Path:
    from platformdirs import user_state_path

    return user_state_path("tui_ae", appauthor=False) / "characters.json"


def _read() -> dict[str, GlyphSet]:
    """The characters by TERM; a file that makes no sense holds none."""
    try:
        with open_plain(_path()) as file:
            content = json.loads(file.read(MAX_BYTES))
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(content, dict):
        return {}
    by_name: dict[str, GlyphSet] = {glyphs: glyphs for glyphs in GLYPHS}
    return {str(term): by_name[value] for term, value in content.items() if value in GLYPHS}
