"""Ranges, ticks and labels of the loss chart."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from tests.ui.scenes import BASELINES
from tui_ae.ui.screens.loss_axes import (
    BaselineLine,
    LossAxis,
    Series,
    Window,
    epoch_ticks,
    labels,
    lines,
    rounded_end,
)

SERIES = Series("training", np.array([1.0, 2, 4, 5, 9]), np.array([0.5, 0.4, 0.3, 0.2, 0.1]))


def test_the_loss_of_an_epoch_is_that_of_the_last_one_that_has_one() -> None:
    asked = (0.9, 1, 1.5, 2, 3, 4, 9, 10)
    found = [SERIES.at(epoch) for epoch in asked]
    assert math.isnan(found[0]) and found[1:] == [0.5, 0.5, 0.4, 0.4, 0.3, 0.1, 0.1]


@pytest.mark.parametrize(
    ("ends", "epochs"),
    [
        ((1, 9), [1, 2, 4, 5, 9]),
        ((2, 4), [1, 2, 4, 5]),
        ((3, 4.5), [2, 4, 5]),
        ((4, 4), [2, 4, 5]),
        ((0, 0.5), [1]),
        ((10, 20), [9]),
    ],
)
def test_a_part_of_a_curve_runs_on_by_a_point_at_both_ends(
    ends: tuple[float, float], epochs: list[float]
) -> None:
    part = SERIES.within(*ends)
    assert part.epochs.tolist() == epochs and part.name == "training"
    assert part.losses.tolist() == [SERIES.at(epoch) for epoch in epochs]


def test_curves_are_the_same_only_where_all_is() -> None:
    def other(**changes: object) -> Series:
        return dataclasses.replace(SERIES, **changes)

    assert SERIES.same(other(epochs=SERIES.epochs.copy()))
    assert not SERIES.same(other(name="held-out"))
    assert not SERIES.same(other(epochs=SERIES.epochs + 1))
    assert not SERIES.same(other(losses=SERIES.losses + 1))
    assert not SERIES.same(SERIES.within(2, 4))


@pytest.mark.parametrize(
    ("window", "asked", "expected"),
    [
        # (factor, centre, end of the axis)
        ((1, 11), (0.5, 6, 11), (3.5, 8.5)),
        ((1, 11), (0.5, 1, 11), (1, 6)),
        ((1, 11), (0.5, 11, 11), (6, 11)),
        ((20, 30), (0.5, 22.5, 100), (21.25, 26.25)),
        ((20, 30), (2, 22, 100), (18, 38)),
        # Inside the axis,
        ((1, 11), (2, 6, 40), (1, 21)),
        ((90, 100), (2, 92, 100), (80, 100)),
        # all of it where there is no more,
        ((1, 11), (2, 6, 21), (1, 21)),
        ((1, 11), (2, 6, 22), (1, 21)),
        ((1, 11), (2, 6, 20.5), (1, 20.5)),
        # and four epochs at least.
        ((1, 11), (0.1, 6, 40), (4, 8)),
        ((1, 4), (0.5, 2, 5), (1, 5)),
        ((5, 5), (0.5, 5, 100), (5, 9)),
    ],
)
def test_zooming_keeps_the_place_of_its_centre(
    window: tuple[float, float], asked: tuple[float, float, float], expected: tuple[float, float]
) -> None:
    assert Window(*window).zoomed(*asked) == Window(*expected)


@pytest.mark.parametrize(
    ("epoch", "expected"),
    [
        (20, (20, 30)), (30, (20, 30)), (25, (20, 30)), (32, (22, 32)), (19, (19, 29)),
        (0, (1, 11)), (99, (89, 99)), (100, (90, 100)), (120, (90, 100)),
    ],
)  # fmt: skip
def test_a_window_moves_by_no_more_than_it_takes(
    epoch: float, expected: tuple[float, float]
) -> None:
    assert Window(20, 30).around(epoch, 100) == Window(*expected)
    assert Window(1, 200).around(epoch, 100) == Window(1, 200)
    assert Window(50, 250).around(60, 100) == Window(1, 201)


@pytest.mark.parametrize(
    ("last", "end"),
    [
        (1, 10), (10, 10), (10.1, 15), (15, 15), (15.1, 20), (20, 20), (21, 30), (30, 30),
        (31, 50), (50, 50), (51, 70), (70, 70), (71, 100), (100, 100), (101, 150), (1001, 1500),
    ],
)  # fmt: skip
def test_the_epoch_axis_ends_at_the_next_round_number(last: float, end: float) -> None:
    assert rounded_end(last) == end


@pytest.mark.parametrize(
    ("values", "options", "expected"),
    [
        # From 0, with a twentieth above the highest.
        ([0.2, 0.4], {}, (0, 0.42)),
        ([], {}, (0, 1.05)),
        # Logarithmic, a tenth below and above, from a millionth on.
        ([0.2, 0.4], {"log": True}, (0.18, 0.44)),
        ([1e-9, 0.5], {"log": True}, (0.9e-6, 0.55)),
        ([], {"log": True}, (0.9, 1.1)),
        # Close: a tenth of what they span, or a thousandth of the highest.
        ([0.2, 0.4], {"close": True}, (0.18, 0.42)),
        ([0.3], {"close": True}, (0.2997, 0.3003)),
        ([0.3, 0.3001], {"close": True}, (0.2996999, 0.3004001)),
        ([1e-9, 0.5], {"close": True, "log": True}, (1e-6, 0.5499999)),
    ],
)
def test_the_axis_of_losses_reaches_around_them(
    values: list[float], options: dict[str, bool], expected: tuple[float, float]
) -> None:
    axis = LossAxis.around(values, **{"log": False, **options})
    assert (axis.low, axis.high) == pytest.approx(expected)
    assert axis.log == options.get("log", False)


def test_rows_of_values_on_both_axes() -> None:
    linear, log = LossAxis(0.0, 1.0, log=False), LossAxis(0.1, 1.0, log=True)
    assert [linear.row(value, 11) for value in (0, 0.04, 0.06, 0.5, 1)] == [0, 0, 1, 5, 10]
    assert [log.row(value, 11) for value in (0.1, 0.2, 0.3, 0.5, 1)] == [0, 3, 5, 7, 10]
    shifted = LossAxis(0.5, 1.0, log=False)
    assert [shifted.row(value, 11) for value in (0.5, 0.75, 1)] == [0, 5, 10]
    assert linear.height(0.3) == 0.3 and log.height(0.1) == -1 and log.height(0) == -6


@pytest.mark.parametrize(
    ("ends", "most", "expected"),
    [
        ((0.095, 0.7), 7, [0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6]),
        ((0.095, 0.7), 6, [0.1, 0.2, 0.3, 0.5]),
        ((0.095, 0.7), 3, [0.1, 0.2, 0.5]),
        ((0.095, 0.7), 2, [0.1]),
        ((0.095, 0.7), 0, []),
        ((0.1, 1.0), 6, [0.1, 0.2, 0.3, 0.5, 0.7, 1]),
        ((0.1, 1.0), 5, [0.1, 0.2, 0.5, 1]),
        ((0.1, 1.0), 2, [0.1, 1]),
        ((1.1, 8.5), 9, [1.5, 2, 3, 4, 5, 6, 7, 8]),
        ((1e-6, 1e3), 10, [1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.1, 1, 10, 100, 1000]),
        ((1e-6, 1e3), 9, []),
    ],
)
def test_ticks_of_a_logarithmic_axis(
    ends: tuple[float, float], most: int, expected: list[float]
) -> None:
    assert LossAxis(*ends, log=True).ticks(most) == pytest.approx(expected)
    assert LossAxis(0.0, 1.0, log=False).ticks(5) == [0, 0.5, 1]


def test_the_baselines_of_the_chart() -> None:
    known = [(line.name, line.value) for line in lines(BASELINES)]
    assert known == [
        ("undecided", BASELINES.undecided),
        ("best constant", 0.343),
        ("mean image", 0.243),
        ("two components", 0.2204),
        ("floor", 0.0953),
    ]
    assert lines(None) == ()
    lost = dataclasses.replace(BASELINES, two_components=math.nan)
    assert [line.name for line in lines(lost)] == [
        "undecided", "best constant", "mean image", "floor"
    ]  # fmt: skip


def test_lines_of_one_row_have_one_label() -> None:
    shown = [BaselineLine("a", 0.9), BaselineLine("b", 0.52), BaselineLine("c", 0.48)]
    axis = LossAxis(0.0, 1.0, log=False)
    assert labels(shown, axis, 11) == [(0.9, "a 0.900"), (0.52, "b 0.520, c 0.480")]
    assert labels(shown, axis, 101) == [
        (0.9, "a 0.900"), (0.52, "b 0.520"), (0.48, "c 0.480")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("ends", "most", "expected"),
    [
        ((1, 10), 5, [1, 5, 10]),
        ((1, 100), 5, [1, 50, 100]),
        ((1, 1500), 4, [1, 500, 1000, 1500]),
        ((1, 2), 5, [1, 1.5, 2]),
        ((20.5, 30), 5, [21, 22, 24, 26, 28, 30]),
        # A twentieth of the axis lies between the first and the next.
        ((19, 30), 5, [19, 20, 25, 30]),
        ((20, 30), 5, [20, 25, 30]),
        ((19.5, 30), 5, [20, 25, 30]),
        # No epoch is named twice.
        ((19.4, 30), 5, [20, 25, 30]),
        ((1.5, 4), 5, [2, 3, 4]),
        ((1, 21), 30, [1, *range(3, 22)]),
        ((1, 21.5), 30, [1, *range(3, 22)]),
        ((1, 19.5), 30, [1, *range(2, 20)]),
        ((19, 40), 5, [19, 25, 30, 35, 40]),
    ],
)
def test_epochs_named_on_the_axis(
    ends: tuple[float, float], most: int, expected: list[float]
) -> None:
    assert epoch_ticks(*ends, most) == expected
