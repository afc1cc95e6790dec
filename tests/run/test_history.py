"""The bounded history of losses."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.run.moments import curve, dataset, info, moment, snapshot
from tui_ae.run.history import LossHistory
from tui_ae.run.snapshot import HELD_OUT, TRAINING, LossCurve

losses = st.lists(st.floats(0, 10), min_size=1, max_size=200)
capacities = st.sampled_from([2, 4, 6, 10, 64])


def filled(values: list[float], capacity: int) -> LossHistory:
    history = LossHistory(capacity)
    for epoch, value in enumerate(values, 1):
        history.add(epoch, value)
    return history


@given(values=losses, capacity=capacities)
def test_first_best_and_last_are_exact_in_bounded_memory(
    values: list[float], capacity: int
) -> None:
    curve = filled(values, capacity).curve()
    assert 1 <= len(curve.losses) == len(curve.epochs) <= capacity
    assert curve.first == values[0]
    assert curve.best == min(values)
    assert curve.losses[-1] == values[-1]
    assert curve.epochs[-1] == len(values)
    assert (np.diff(curve.epochs) > 0).all()
    assert curve.epochs[0] >= 1


@given(values=losses, capacity=capacities)
def test_a_point_is_the_mean_of_the_epochs_that_it_stands_for(
    values: list[float], capacity: int
) -> None:
    curve = filled(values, capacity).curve()
    ends = [0, *curve.epochs[:-1].tolist()]
    for begin, end, loss in zip(ends, ends[1:], curve.losses[:-1], strict=False):
        assert loss == pytest.approx(np.mean(values[begin:end]))


@given(values=st.lists(st.floats(0, 10), min_size=1, max_size=64))
def test_nothing_merges_before_it_is_full(values: list[float]) -> None:
    curve = filled(values, 64).curve()
    assert curve.losses.tolist() == values
    assert curve.epochs.tolist() == list(range(1, len(values) + 1))


def test_an_empty_history_has_an_empty_curve() -> None:
    curve = LossHistory().curve()
    assert not len(curve.epochs)
    assert not len(curve.losses)
    assert math.isnan(curve.first)
    assert math.isnan(curve.best)


def test_a_curve_is_read_only() -> None:
    curve = filled([1.0, 0.5], 4).curve()
    assert not curve.epochs.flags.writeable
    assert not curve.losses.flags.writeable


@pytest.mark.parametrize("capacity", [0, 1, 3])
def test_points_merge_in_pairs_so_their_number_is_even(capacity: int) -> None:
    with pytest.raises(ValueError, match="pairs"):
        LossHistory(capacity)


@pytest.mark.parametrize("series", [{}, {HELD_OUT: curve(0)}])
def test_a_snapshot_has_no_held_out_loss_before_the_first(series: dict[str, LossCurve]) -> None:
    run = info()
    made = snapshot(dataset(), moment(0, run), run, curves={TRAINING: curve(3), **series})
    assert math.isnan(made.held_out_loss)


def test_the_held_out_loss_of_a_snapshot_is_the_newest() -> None:
    run = info()
    made = snapshot(dataset(), moment(4, run), run, curves={TRAINING: curve(4), HELD_OUT: curve(2)})
    assert made.held_out_loss == pytest.approx(1 / 3)
