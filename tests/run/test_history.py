"""The bounded history of losses."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
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


def test_a_history_holds_2048_epochs_before_neighbours_merge() -> None:
    history = LossHistory()
    for epoch in range(1, 2049):
        history.add(epoch, float(epoch % 2))
    assert len(history.curve().losses) == 2048
    history.add(2049, 7.0)
    merged = history.curve()
    assert merged.epochs[:2].tolist() == [2, 4] and merged.epochs[-2:].tolist() == [2048, 2049]
    assert merged.losses[:3].tolist() == [0.5] * 3 and len(merged.losses) == 1025


def test_points_merge_again_and_again_and_the_newest_stands_alone() -> None:
    history = filled([float(value) for value in range(1, 10)], 4)
    # Of nine losses: four, four and the last.
    assert history.curve().epochs.tolist() == [4, 8, 9]
    assert history.curve().losses.tolist() == [2.5, 6.5, 9.0]
    history.add(10, 11.0)
    assert history.curve().epochs.tolist() == [4, 8, 10]
    assert history.curve().losses.tolist() == [2.5, 6.5, 11.0]


@given(values=losses, capacity=capacities, rest=losses)
@settings(max_examples=20)
def test_a_history_goes_on_from_its_checkpoint(
    values: list[float], capacity: int, rest: list[float]
) -> None:
    unbroken, resumed = filled(values, capacity), LossHistory(capacity)
    resumed.restore(unbroken.checkpoint())
    for epoch, value in enumerate(rest, len(values) + 1):
        unbroken.add(epoch, value)
        resumed.add(epoch, value)
    one, other = unbroken.curve(), resumed.curve()
    assert one.epochs.tolist() == other.epochs.tolist()
    assert one.losses.tolist() == other.losses.tolist()
    assert (one.first, one.best) == (other.first, other.best)


WHOLE = filled([5.0, 4.0, 3.0, 2.0, 1.0], 4).checkpoint()
"""Two merged points of two losses each, and one more."""
CHANGES: dict[str, tuple[dict[str, np.ndarray], bool]] = {
    "as it is": ({}, True),
    "a full tail": ({"tail": np.zeros(2)}, True),
    "no tail": ({"tail": np.zeros(0)}, True),
    "a tail too long": ({"tail": np.zeros(3)}, False),
    "a tail of two rows": ({"tail": np.zeros((1, 1))}, False),
    "three points": ({"epochs": np.array([1, 2, 3]), "losses": np.zeros(3)}, True),
    "no room left": ({"epochs": np.array([1, 2, 3, 4]), "losses": np.zeros(4)}, False),
    "no points": ({"epochs": np.zeros(0, np.int64), "losses": np.zeros(0)}, True),
    "points in rows": ({"epochs": np.zeros((1, 1), np.int64)}, False),
    "one loss a point": ({"merged_epoch": np.array([1, 5])}, True),
    "no loss a point": ({"merged_epoch": np.array([0, 5]), "tail": np.zeros(0)}, False),
    "before the first epoch": ({"merged_epoch": np.array([2, 0])}, True),
    "an epoch that can't be": ({"merged_epoch": np.array([2, -1])}, False),
}


@pytest.mark.parametrize("change", CHANGES)
def test_only_what_a_history_can_hold_is_restored(change: str) -> None:
    arrays, sound = CHANGES[change]
    history = LossHistory(4)
    if sound:
        history.restore(WHOLE | arrays)
        history.add(6, 0.5)
        assert history.curve().losses[-1] == 0.5 and history.curve().epochs[-1] == 6
    else:
        with pytest.raises(ValueError, match=r"a curve of \(.*\) points can't be"):
            history.restore(WHOLE | arrays)
        assert not len(history.curve().losses)
