"""What a person is looking at, as plain logic."""

from __future__ import annotations

import dataclasses
from random import Random
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ui.scenes import RUN, dataset, explorer, snapshot
from tui_ae.arrays import FloatArray
from tui_ae.data.images import Images
from tui_ae.raster.viewport import Viewport, cell_of, step_of
from tui_ae.run.snapshot import Snapshot, State
from tui_ae.ui.explorer import LAYERS, SAMPLE_INTERVAL_S, Explorer

DATA = dataset()
WIDTH, HEIGHT = 60, 24


def square(side: float, centre: tuple[float, float] = (0.0, 0.0)) -> FloatArray:
    """Codes on the corners and in the middle of a square."""
    corners = np.array([[-1, -1], [1, 1], [-1, 1], [1, -1], [0, 0]], np.float32) * side / 2
    codes: FloatArray = np.resize(corners, (len(DATA.images), 2)) + np.array(centre, np.float32)
    return codes


def seen(side: float = 10.0, centre: tuple[float, float] = (0.0, 0.0), **changes: Any) -> Snapshot:
    return snapshot(DATA, square(side, centre), **changes)


def cell(shown: Explorer) -> tuple[int, int]:
    return cell_of(shown.viewport, shown.probe[0], shown.probe[1], WIDTH, HEIGHT)


def step(shown: Explorer) -> tuple[float, float]:
    return step_of(shown.viewport, WIDTH, HEIGHT)


def test_before_the_first_snapshot_every_question_has_an_answer() -> None:
    shown = explorer()
    assert shown.monitored() is None and shown.decoded() is None
    assert shown.active == frozenset()
    shown.choose_random(0.0)
    shown.choose_nearest(0.0)
    assert not shown.choose_class(3, 0.0)
    shown.refit()
    shown.zoom(1)
    shown.move_probe(1, 1, (0.1, 0.1))
    shown.next_layer()


def test_the_first_snapshot_fits_the_view_and_puts_the_probe_in_its_middle() -> None:
    shown = explorer(DATA, seen(10.0, (5.0, -3.0)))
    assert shown.viewport.left < 0.0 and shown.viewport.right > 10.0
    assert shown.probe.tolist() == pytest.approx([5.0, -3.0])
    assert shown.monitored() is not None


def test_a_probe_inside_the_new_box_keeps_its_point() -> None:
    shown = explorer(DATA, seen(10.0))
    shown.set_probe(np.array([1.0, 2.0]))
    shown.accept(seen(40.0), DATA, 0.0)
    assert shown.viewport.right > 20.0 and shown.probe.tolist() == [1.0, 2.0]


@given(st.integers(1, WIDTH - 2), st.integers(1, HEIGHT - 2))
def test_a_probe_that_the_box_leaves_behind_keeps_its_cell(column: int, row: int) -> None:
    shown = explorer(DATA, seen(10.0))
    box = shown.viewport
    across, down = step(shown)
    shown.set_probe(np.array([box.left + (column + 0.5) * across, box.top - (row + 0.5) * down]))
    shown.accept(seen(10.0, (1000.0, 1000.0)), DATA, 0.0)
    assert shown.viewport.left > 900
    left, top = cell(shown)
    # At the very edge it is drawn inwards by a fiftieth of the box.
    assert abs(left - column) <= 1 and abs(top - row) <= 1
    if 2 <= column < WIDTH - 2:
        assert left == column


def test_a_reset_fits_anew() -> None:
    shown = explorer(DATA, seen())
    shown.zoom(2)
    assert not shown.choice.follows
    shown.accept(seen(30.0, info=RUN.again(), epoch=0), DATA, 0.0)
    assert shown.choice.follows and shown.viewport.right > 15.0
    assert shown.probe.tolist() == pytest.approx([0.0, 0.0])


def test_the_view_settles_on_codes_that_stay_small_in_few_moves() -> None:
    shown = explorer(DATA, seen(30.0))
    boxes: list[Viewport] = []
    for tick in range(400):
        # A cloud that shrinks to two thirds, and then breathes by a tenth.
        side = max(30.0 - 0.2 * tick, 20.0) * (1 + 0.05 * np.sin(tick))
        shown.accept(seen(side), DATA, tick * 0.1)
        if not boxes or shown.viewport is not boxes[-1]:
            boxes.append(shown.viewport)
    assert 2 <= len(boxes) <= 4
    assert 20.0 / (shown.viewport.right - shown.viewport.left) > 0.75


def test_where_training_rests_the_view_fits_at_once() -> None:
    shown = explorer(DATA, seen(30.0))
    box = shown.viewport
    shown.accept(seen(20.0), DATA, 0.1)
    assert shown.viewport is box
    shown.accept(seen(20.0, state=State.PAUSED), DATA, 0.2)
    assert 20.0 / (shown.viewport.right - shown.viewport.left) > 0.85


def test_a_zoomed_view_stays_until_it_is_fitted() -> None:
    shown = explorer(DATA, seen())
    shown.zoom(1)
    box = shown.viewport
    shown.accept(seen(100.0, (500.0, 0.0)), DATA, 0.0)
    assert shown.viewport is box
    shown.refit()
    assert shown.choice.follows and shown.viewport.left > 400


@given(st.integers(-3, 3), st.integers(0, WIDTH - 1), st.integers(0, HEIGHT - 1))
def test_zooming_keeps_the_probe_in_its_cell(steps: int, column: int, row: int) -> None:
    shown = explorer(DATA, seen())
    box, (across, down) = shown.viewport, step(shown)
    shown.set_probe(np.array([box.left + (column + 0.5) * across, box.top - (row + 0.5) * down]))
    shown.zoom(steps)
    assert cell(shown) == (column, row)


@given(st.lists(st.tuples(st.integers(-8, 8), st.integers(-8, 8)), max_size=20))
def test_the_probe_moves_by_cells_and_stays_inside(moves: list[tuple[int, int]]) -> None:
    shown = explorer(DATA, seen())
    column, row = cell(shown)
    for columns, rows in moves:
        shown.move_probe(columns, rows, step(shown))
        column = min(max(column + columns, 0), WIDTH - 1)
        row = min(max(row - rows, 0), HEIGHT - 1)
        # Half a cell of rounding where it was stopped by an edge.
        assert abs(cell(shown)[0] - column) <= 1 and abs(cell(shown)[1] - row) <= 1
        column, row = cell(shown)
        assert 0 <= column < WIDTH and 0 <= row < HEIGHT


def test_a_move_and_its_opposite_come_back() -> None:
    shown = explorer(DATA, seen())
    for columns, rows in ((1, 0), (8, 0), (0, 1), (0, 8), (-8, -8)):
        before = shown.probe.copy()
        shown.move_probe(columns, rows, step(shown))
        assert (shown.probe != before).any()
        shown.move_probe(-columns, -rows, step(shown))
        assert shown.probe.tolist() == pytest.approx(before.tolist())


def test_the_decoded_image_is_the_decoder_at_the_probe() -> None:
    shown = explorer(DATA, seen())
    shown.set_probe(np.array([1.5, -2.5]))
    image = shown.decoded()
    assert image.shape == (28, 28)
    expected = shown.snapshot.decoder(np.array([[1.5, -2.5]])).reshape(28, 28)
    assert (image == expected).all()
    assert shown.decoded() is image
    shown.set_probe(np.array([0.0, 0.0]))
    assert (shown.decoded() != image).any()


def test_the_monitored_sample_belongs_to_the_latest_snapshot() -> None:
    shown = explorer(DATA, seen())
    first = shown.monitored()
    shown.accept(seen(), DATA, 0.0)
    again = shown.monitored()
    assert again is not first and again.index == first.index
    image = DATA.images[first.index]
    assert (again.image.reshape(-1) == image).all()
    assert again.code.tolist() == pytest.approx(shown.snapshot.encoder(image[None])[0].tolist())
    output = again.reconstruction.reshape(-1).astype(float)
    bce = -(image * np.log(output) + (1 - image) * np.log1p(-output)).mean()
    assert again.loss == pytest.approx(bce, rel=1e-4)


def test_training_brings_new_samples_until_one_is_chosen() -> None:
    shown = explorer(DATA, seen())
    now = 0.0

    def later(epoch: int, state: State = State.TRAINING) -> int:
        nonlocal now
        now += SAMPLE_INTERVAL_S
        shown.accept(seen(epoch=epoch, state=state), DATA, now)
        return shown.monitored().index

    assert len({later(epoch) for epoch in range(20, 40)}) > 1
    assert shown.choose_class(7, now) and shown.choice.pinned
    assert shown.monitored().label == 7
    kept = shown.monitored().index
    assert {later(epoch) for epoch in range(50, 70)} == {kept}
    shown.choose_random(now)
    assert not shown.choice.pinned
    assert len({later(epoch) for epoch in range(80, 100)}) > 1


@pytest.mark.parametrize(
    ("wait_s", "epoch", "state"),
    [
        (SAMPLE_INTERVAL_S / 2, 13, State.TRAINING),
        (9 * SAMPLE_INTERVAL_S, 12, State.TRAINING),
        (9 * SAMPLE_INTERVAL_S, 13, State.PAUSED),
    ],
    ids=["too soon", "the same epoch", "paused"],
)
def test_a_sample_can_be_read_before_the_next_comes(
    wait_s: float, epoch: int, state: State
) -> None:
    shown = explorer(DATA, seen())
    for repeat in range(10):
        index = shown.monitored().index
        shown.show_sample(index, 0.0)
        shown.accept(seen(epoch=epoch, state=state), DATA, wait_s)
        assert shown.monitored().index == index, repeat
        shown.accept(seen(epoch=12, state=State.PAUSED), DATA, wait_s)


def test_a_sample_whose_class_was_switched_off_gives_way_even_when_pinned() -> None:
    shown = explorer(DATA, seen())
    assert shown.choose_class(7, 0.0)
    shown.accept(seen(active=(1, 2)), DATA, 0.0)
    assert shown.monitored().label in (1, 2)
    assert shown.active == {1, 2}


@pytest.mark.parametrize("label", [-1, 3, 10, 36])
def test_a_class_that_is_off_or_missing_has_no_sample(label: int) -> None:
    shown = explorer(DATA, seen(active=(1, 2)))
    before = shown.monitored().index
    assert not shown.choose_class(label, 0.0)
    assert shown.monitored().index == before


def test_a_sample_whose_image_is_gone_lies_at_its_code_and_looks_as_that_decodes() -> None:
    data = dataset(10, images=Images.unknown(60), missing="gone")
    shown = explorer(data, snapshot(data, square(10.0)))
    sample, now = shown.monitored(), shown.view.snapshot
    assert sample.code.tolist() == now.codes[sample.index].tolist()
    decoded = now.decoder(now.codes[sample.index][None]).reshape(28, 28)
    np.testing.assert_array_equal(sample.reconstruction, decoded)


def test_a_class_without_samples_has_none() -> None:
    data = dataset(3, samples=2)
    shown = explorer(data)
    assert not shown.choose_class(2, 0.0)


def test_random_samples_are_of_the_active_classes() -> None:
    shown = explorer(DATA, seen(active=(4, 9)))
    labels = set()
    for _ in range(40):
        shown.choose_random(0.0)
        labels.add(shown.monitored().label)
    assert labels == {4, 9}


def test_the_view_fits_the_active_classes_only() -> None:
    codes = square(2.0)
    codes[DATA.labels == 3] += 1000
    shown = explorer(DATA, snapshot(DATA, codes, active=(0, 1, 2)))
    assert shown.viewport.right < 10
    shown.accept(snapshot(DATA, codes), DATA, 0.0)
    assert shown.viewport.right > 1000


def test_the_nearest_sample_is_the_nearest_active_finite_one() -> None:
    codes = square(10.0)
    codes[:] += np.arange(len(codes), dtype=np.float32)[:, None] * 0.01
    shown = explorer(DATA, snapshot(DATA, codes, active=range(5)))
    shown.set_probe(codes[17].astype(float))
    shown.choose_nearest(0.0)
    on = np.flatnonzero(DATA.labels < 5)
    expected = on[((codes[on] - codes[17]) ** 2).sum(axis=1).argmin()]
    assert shown.monitored().index == expected and shown.choice.pinned


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_codes_that_are_no_numbers_move_nothing(value: float) -> None:
    shown = explorer(DATA, seen())
    box, probe, index = shown.viewport, shown.probe, shown.monitored().index
    shown.accept(snapshot(DATA, np.full((len(DATA.images), 2), value)), DATA, 0.0)
    shown.choose_nearest(0.0)
    assert shown.viewport is box and (shown.probe == probe).all()
    assert shown.monitored().index == index


def test_random_choices_come_from_the_generator_it_was_given() -> None:
    choices = []
    for _ in range(2):
        np.random.default_rng().random()
        shown = Explorer(Random(3))
        shown.accept(seen(), DATA, 0.0)
        row = []
        for _ in range(10):
            shown.choose_random(0.0)
            row.append(shown.monitored().index)
        choices.append(row)
    assert choices[0] == choices[1]


def keys_of_numpy() -> npt.NDArray[np.uint32]:
    keys: npt.NDArray[np.uint32] = np.random.get_state(legacy=False)["state"]["key"]  # noqa: NPY002
    copy: npt.NDArray[np.uint32] = keys.copy()
    return copy


def test_looking_leaves_the_global_generators_alone() -> None:
    torch = pytest.importorskip("torch")
    before, states = torch.get_rng_state(), keys_of_numpy()
    shown = explorer(DATA, seen())
    shown.choose_random(0.0)
    shown.choose_class(1, 0.0)
    shown.decoded()
    assert (torch.get_rng_state() == before).all()
    assert (keys_of_numpy() == states).all()


def test_styles_come_round() -> None:
    shown = explorer(DATA, seen())
    first = shown.choice.layer
    styles = []
    for _ in LAYERS:
        shown.next_layer()
        styles.append(shown.choice.layer)
    assert set(styles) == set(LAYERS) and styles[-1] is first


def test_without_dots_every_change_of_style_shows() -> None:
    shown = Explorer(Random(0))
    styles = []
    for _ in range(3):
        shown.next_layer(dots=False)
        styles.append(shown.choice.layer.value)
    assert styles == ["density", "decoded tiles", "class characters"]


def test_a_snapshot_is_never_changed() -> None:
    taken = seen()
    copy = dataclasses.replace(taken, codes=taken.codes.copy())
    shown = explorer(DATA, taken)
    shown.zoom(1)
    shown.choose_nearest(0.0)
    shown.monitored()
    shown.decoded()
    assert (taken.codes == copy.codes).all()
    assert isinstance(shown.viewport, Viewport)
