from __future__ import annotations

from typing import Any


class Bomb:
    """Unpickling this would leave a mark."""

    loaded = False

    def __reduce__(self) -> tuple[Any, ...]:
        return (setattr, (Bomb, "loaded", True))
