"""The network as bars: to scale, symmetric, and of any size."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tui_ae.raster.bowtie import bowtie
from tui_ae.raster.grid import DEFAULT, CellGrid

UNITS = (784, 128, 32, 2, 32, 128, 784)
ACTIVATIONS = ("", "ReLU", "ReLU", "linear", "ReLU", "ReLU", "sigmoid")
BARS, MIDDLE, FLANKS, TEXT = 1, 2, 3, 4
INKS: dict[str, Any] = {"bars": BARS, "bottleneck": MIDDLE, "flanks": FLANKS, "text": TEXT}


def draw(height: int, width: int, units: tuple[int, ...] = UNITS, **options: Any) -> CellGrid:
    activations = ACTIVATIONS if len(units) == len(ACTIVATIONS) else ["ReLU"] * len(units)
    return bowtie(units, height, width, activations=activations, **INKS, **options)


def test_exact_rows() -> None:
    assert bowtie((4, 2, 4), 5, 11, labels=False, ascii=True).rows() == [
        "#..     ..#",
        "#....#....#",
        "#....#....#",
        "#....#....#",
        "#..     ..#",
    ]
    assert bowtie((784, 32, 2, 32, 784), 9, 28).rows() == [
        "784   32      2    32    784",
        " █░                      ░█ ",
        " █░░                    ░░█ ",
        " █░░░░                ░░░░█ ",
        " █░░░░░━░░░░░░━░░░░░━░░░░░█ ",
        " █░░░░                ░░░░█ ",
        " █░░                    ░░█ ",
        " █░                      ░█ ",
        "                            ",
    ]


@pytest.mark.parametrize("size", [(7, 28), (12, 28), (13, 64), (14, 64), (20, 120), (30, 100)])
@pytest.mark.parametrize("plain", [False, True])
def test_bars_stand_to_scale_and_mirror_each_other(size: tuple[int, int], plain: bool) -> None:
    grid = draw(*size, ascii=plain)
    inks = (grid.foreground == BARS) | (grid.foreground == MIDDLE)
    columns = [column for column in range(grid.width) if inks[:, column].any()]
    runs = [
        [column for _, column in run]
        for _, run in itertools.groupby(enumerate(columns), lambda pair: pair[1] - pair[0])
    ]
    heights = [int((grid.foreground[:, run[0]] == BARS).sum()) for run in runs]
    bar_rows = max(heights)
    assert bar_rows >= size[0] - 7
    assert heights == heights[::-1]
    text = "".join(grid.rows())
    assert str(UNITS[0]) in text and "sigmoid" in text
    assert text.isascii() or not plain


@given(st.integers(-1, 40), st.integers(-1, 130), st.booleans(), st.booleans())
def test_any_size(height: int, width: int, plain: bool, labels: bool) -> None:
    grid = draw(height, width, ascii=plain, labels=labels)
    assert grid.glyphs.shape == (max(height, 0), max(width, 0))
    text = "".join(grid.rows())
    assert text.isascii() or not plain
    if not labels:
        assert not any(sign.isalnum() for sign in text)
    if height > 0 and width > 0:
        assert (grid.foreground == BARS).any() or width < 8


@given(st.lists(st.integers(0, 100_000), max_size=12), st.integers(0, 30), st.integers(0, 100))
@example([0, 0, 0], 7, 28)
def test_any_network(units: list[int], height: int, width: int) -> None:
    grid = draw(height, width, tuple(units))
    assert grid.glyphs.shape == (height, width)
    if not units:
        assert (grid.foreground == DEFAULT).all()


def test_a_roomy_picture_names_its_parts_and_the_loss() -> None:
    text = "\n".join(draw(20, 100).rows())
    for word in ("ENCODER", "BOTTLENECK", "DECODER", "784", "128", "32", "ReLU", "linear", "BCE"):
        assert word in text


def test_the_bottleneck_has_its_colour() -> None:
    grid = draw(12, 28)
    inked = {column for column in range(28) if (grid.foreground[:, column] == MIDDLE).any()}
    assert inked and all(abs(column - 13.5) <= 4 for column in inked)
