"""Why training stops by itself."""

from __future__ import annotations


class NonFiniteLossError(Exception):
    """The loss stopped being a number; its text is a sentence for the person."""
