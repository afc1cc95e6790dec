"""What an explanation consists of.

Words between asterisks are set in bold. Signs outside ASCII are those that
`lettering.worded` knows.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class BlockStyle(Enum):
    """How a block is set."""

    TEXT = "text"
    FORMULA = "formula"
    ROW = "row"
    """A line of a table: at most 52 cells, never wrapped."""
    CAPTION = "caption"
    """The row of names above a table."""
    HERE = "here"
    """A row that stands out."""


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, a formula, or a row of a table."""

    style: BlockStyle
    text: str


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it."""

    title: str
    blocks: tuple[Block, ...]


def text(*paragraphs: str) -> tuple[Block, ...]:
    """Paragraphs."""
    return tuple(Block(BlockStyle.TEXT, paragraph) for paragraph in paragraphs)


def rows(caption: str, *others: str) -> tuple[Block, ...]:
    """The rows of a table under its caption."""
    return (Block(BlockStyle.CAPTION, caption), *(Block(BlockStyle.ROW, row) for row in others))
