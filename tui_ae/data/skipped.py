"""A picture of a folder that isn't among the images, and why."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Skipped:
    """One file."""

    file: str
    """Its path as seen from the folder."""
    reason: str
    """Why, in words that end a sentence."""
