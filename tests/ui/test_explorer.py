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

from tests.ui.scenes import RUN, SURVEY, dataset, explorer, network, snapshot
from tui_ae.arrays import FloatArray
from tui_ae.data.arrays import PIXELS
from tui_ae.data.images import Images
from tui_ae.raster.viewport import Viewport, cell_of, fit, step_of
from tui_ae.run.plane import CodePlane, PixelPlane
from tui_ae.run.snapshot import Snapshot, State
from tui_ae.ui.choice import Choice, End, Inspector, Layer, PlaneName
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


def point(box: Viewport, across: float, up: float) -> npt.NDArray[np.float64]:
    """The point of a box at a share of its width and height."""
    width, height = box.right - box.left, box.top - box.bottom
    return np.array([box.left + across * width, box.bottom + up * height])


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


def test_before_anything_is_chosen() -> None:
    choice = Choice()
    assert (choice.sample, choice.drawn, choice.pinned) == (-1, None, False)
    assert (choice.probe, choice.viewport) == ((0.0, 0.0), Viewport(-1, 1, -1, 1))
    assert (choice.plane, choice.dims, choice.ends) == (PlaneName.CODES, (0, 1), ())
    assert choice.layer is Layer.BRAILLE and choice.inspector is Inspector.DECODED
    assert choice.prior == 0 and choice.follows and choice.names
    assert End((2.0, 3.0)).sample == -1
    assert [layer.short for layer in Layer] == ["braille", "classes", "density", "tiles"]


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


@pytest.mark.parametrize(
    ("place", "kept"),
    [
        ((0.25, 0.75), (0.25, 0.75)),
        ((0.03, 0.97), (0.03, 0.97)),
        ((0.01, 0.99), (0.02, 0.98)),
        ((-3.0, 4.0), (0.02, 0.98)),
    ],
)
def test_a_probe_left_behind_keeps_its_share_of_the_box_but_for_a_fiftieth(
    place: tuple[float, float], kept: tuple[float, float]
) -> None:
    shown = explorer(DATA, seen(10.0))
    shown.set_probe(point(shown.viewport, *place))
    shown.accept(seen(30.0, (1000.0, -500.0)), DATA, 0.0)
    assert shown.probe.tolist() == pytest.approx(point(shown.viewport, *kept).tolist())


@pytest.mark.parametrize(
    ("place", "kept"),
    [
        ((0, 0.5), (0.02, 0.5)),
        ((1, 0.5), (0.98, 0.5)),
        ((0.5, 0), (0.5, 0.02)),
        ((0.5, 1), (0.5, 0.98)),
    ],
)
def test_a_probe_on_the_very_edge_is_drawn_inwards(
    place: tuple[float, float], kept: tuple[float, float]
) -> None:
    shown = explorer(DATA, seen(10.0))
    shown.set_probe(point(shown.viewport, *place))
    shown.accept(seen(10.0), DATA, 0.0)
    assert shown.probe.tolist() == pytest.approx(point(shown.viewport, *kept).tolist())


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


@pytest.mark.parametrize(
    ("grown_s", "times"),
    [
        (None, {3.9: False, 4.0: True}),
        # Once they were large again, what has been seen since then counts.
        (1.0, {4.0: False, 7.9: False, 8.0: True}),
    ],
)
def test_the_view_draws_closer_after_four_calm_seconds(
    grown_s: float | None, times: dict[float, bool]
) -> None:
    shown = explorer(DATA, seen(30.0))
    box = shown.viewport
    if grown_s is not None:
        shown.accept(seen(30.0), DATA, grown_s)
    for now, closer in times.items():
        shown.accept(seen(20.0), DATA, now)
        assert (shown.viewport is not box) == closer, now
    assert 20.0 / (shown.viewport.right - shown.viewport.left) == pytest.approx(1 / 1.14)


def test_calm_is_counted_from_the_last_move() -> None:
    shown = explorer(DATA, seen(30.0))
    shown.accept(seen(50.0), DATA, 3.0)
    box = shown.viewport
    for now, closer in ((4.5, False), (6.9, False), (7.0, True)):
        shown.accept(seen(40.0), DATA, now)
        assert (shown.viewport is not box) == closer, now


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


def test_the_probe_stops_half_a_cell_before_the_edge() -> None:
    shown = explorer(DATA, seen())
    box = shown.viewport
    for columns, rows, x, y in (
        (9, -9, box.right - 1, box.bottom + 2),
        (-9, 9, box.left + 1, box.top - 2),
    ):
        shown.move_probe(columns, rows, (2.0, 4.0))
        assert shown.probe.tolist() == pytest.approx([x, y])
    shown.set_probe(np.array([0.5, 0.25]))
    shown.move_probe(-1, 1, (2.0, 4.0))
    assert shown.probe.tolist() == [-1.5, 4.25 if box.top - 2 > 4.25 else box.top - 2]


@pytest.mark.parametrize(("steps", "factor"), [(1, 1 / 1.5), (2, 1 / 2.25), (-1, 1.5), (0, 1.0)])
def test_a_step_of_the_zoom_is_half_as_much_again(steps: int, factor: float) -> None:
    shown = explorer(DATA, seen())
    before = shown.viewport
    shown.zoom(steps)
    after = shown.viewport
    assert (after.right - after.left) == pytest.approx(factor * (before.right - before.left))
    assert (after.top - after.bottom) == pytest.approx(factor * (before.top - before.bottom))


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


@pytest.mark.parametrize(("wait_s", "comes"), [(1.99, False), (2.0, True)])
def test_a_new_sample_comes_after_two_seconds(wait_s: float, comes: bool) -> None:
    changed = []
    for seed in range(3):
        shown = explorer(DATA, seen(), seed=seed)
        before = shown.sample
        shown.accept(seen(epoch=13), DATA, wait_s)
        changed.append(shown.sample != before)
    assert any(changed) == comes


def test_none_comes_in_place_of_a_drawing_nor_where_pictures_stand_still() -> None:
    shown = explorer(DATA, seen())
    before = shown.sample
    for epoch in range(13, 23):
        shown.accept(seen(epoch=epoch), DATA, 9.0 * epoch, brings_sample=False)
    assert shown.sample == before
    shown.show_drawn(np.ones((28, 28), np.float32))
    for epoch in range(23, 33):
        # Not even where the class of the sample behind it was switched off.
        shown.accept(seen(epoch=epoch, active={(DATA.labels[before] + 1) % 10}), DATA, 9.0 * epoch)
    assert shown.sample == before and shown.monitored().index == -1


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


# --- planes, marks, and what stands beside the map -----------------------------------------------


def wide(width: int) -> Explorer:
    """Of codes of so many numbers."""
    settings = dataclasses.replace(RUN.settings, latent_dim=width, hidden=())
    made = snapshot(
        DATA,
        np.random.default_rng(0).normal(size=(60, width)),
        info=dataclasses.replace(RUN, settings=settings),
        encoder=network(PIXELS, width, sigmoid_output=False),
        decoder=network(width, PIXELS, sigmoid_output=True),
        held_out_codes=np.empty((0, width), np.float32),
    )
    return explorer(DATA, made)


@pytest.mark.parametrize(
    ("width", "pairs"),
    [
        (3, ["02", "12", "01", "02"]),
        (4, ["02", "03", "12", "13", "23", "01"]),
        (2, []),
        (1, []),
    ],
)
def test_all_pairs_of_numbers_come_round(width: int, pairs: list[str]) -> None:
    shown = wide(width)
    seen_pairs: list[str] = []
    while len(seen_pairs) < len(pairs) and shown.next_dims(0.0):
        seen_pairs.append("".join(map(str, shown.choice.dims)))
        assert shown.choice.plane is PlaneName.CODES
    assert seen_pairs == pairs
    assert shown.next_dims(0.0) == bool(pairs)


def test_planes_come_round_both_ways() -> None:
    shown = wide(5)
    names = shown.planes.names
    for by in (1, -1):
        seen_names = []
        for _ in names:
            shown.next_plane(by, 0.0)
            seen_names.append(shown.choice.plane)
        assert seen_names == [*names[1:], names[0]] if by == 1 else [*names[:0:-1], names[0]]


def test_another_plane_is_fitted_with_the_probe_at_the_sample_and_without_marks() -> None:
    shown = wide(5)
    shown.mark()
    shown.zoom(1)
    shown.use_plane(PlaneName.CODES, 0.0)
    assert shown.choice.ends == () and shown.choice.follows
    code = shown.monitored().code
    assert shown.probe.tolist() == pytest.approx(code.tolist())
    codes = shown.plane.codes
    assert shown.viewport.left < codes[:, 0].min() and codes[:, 0].max() < shown.viewport.right
    # The same one again changes nothing.
    shown.mark()
    shown.set_probe(np.array([0.5, 0.5]))
    choice = shown.choice
    shown.use_plane(PlaneName.CODES, 0.0)
    assert shown.choice is choice


def test_where_the_sample_has_no_place_the_probe_goes_to_the_middle() -> None:
    shown = wide(5)
    assert shown.live is not None
    codes = shown.live.codes.copy()
    codes[:, 1] += 7

    def nowhere(images: FloatArray) -> FloatArray:
        return np.full((len(images), 5), np.nan, np.float32)

    shown.accept(dataclasses.replace(shown.live, codes=codes, encoder=nowhere), DATA, 0.0)
    shown.use_plane(PlaneName.CODES, 0.0)
    box = shown.viewport
    middle = [(box.left + box.right) / 2, (box.bottom + box.top) / 2]
    assert shown.probe.tolist() == pytest.approx(middle) and middle[1] > 3
    assert shown.mark_sample() == 0 and shown.choice.ends == ()


def test_a_third_mark_begins_anew() -> None:
    shown = explorer(DATA, seen())
    shown.set_probe(np.array([1.0, 2.0]))
    assert shown.mark() == 1
    assert shown.mark_sample() == 2
    first, second = shown.choice.ends
    assert (first.point, first.sample, first.drawn) == ((1.0, 2.0), -1, False)
    assert second.sample == shown.sample and not second.drawn
    assert second.point == tuple(shown.monitored().code.tolist())
    shown.show_drawn(np.ones((28, 28), np.float32))
    assert shown.mark_sample() == 1
    (only,) = shown.choice.ends
    assert (only.sample, only.drawn) == (-1, True)
    shown.unmark()
    assert shown.choice.ends == ()


def test_what_stands_beside_the_map_comes_round_without_the_prior() -> None:
    shown, beside = explorer(DATA, seen()), []
    for _ in range(4):
        shown.next_inspector()
        beside.append(shown.choice.inspector)
    assert beside == [
        Inspector.OF_PROBE,
        Inspector.OF_SAMPLE,
        Inspector.DECODED,
        Inspector.OF_PROBE,
    ]
    shown.switch_prior()
    shown.next_inspector()
    assert shown.choice.inspector is Inspector.OF_PROBE


def test_each_time_the_prior_is_shown_it_is_drawn_from_anew() -> None:
    shown = explorer(DATA, seen())
    assert shown.switch_prior() and shown.choice.prior == 1
    assert shown.choice.inspector is Inspector.PRIOR
    assert not shown.switch_prior() and shown.choice.prior == 0
    assert shown.choice.inspector is Inspector.DECODED
    assert shown.switch_prior() and shown.choice.prior == 2
    shown.next_inspector()
    assert not shown.switch_prior()
    # What was chosen meanwhile stays.
    assert shown.choice.inspector is Inspector.OF_PROBE


@pytest.mark.parametrize("name", ["names", "held_out", "dots_over"])
def test_a_switch_turns_itself_alone_and_tells_what_it_is(name: str) -> None:
    shown = explorer(DATA, seen())
    before = shown.choice
    for _ in range(2):
        is_on = shown.switch(name)
        assert getattr(shown.choice, name) is is_on
    assert shown.choice == before
    assert shown.switch(name) is not getattr(before, name)
    others = {"names", "held_out", "dots_over"} - {name}
    assert all(getattr(shown.choice, other) is getattr(before, other) for other in others)


@pytest.mark.parametrize("edge", ["left", "right", "bottom", "top"])
@pytest.mark.parametrize(("beyond", "comes_back"), [(-0.01, True), (0.01, False)])
def test_back_from_the_past_the_probe_is_where_it_was_if_the_box_has_it(
    edge: str, beyond: float, comes_back: bool
) -> None:
    shown = explorer(DATA, seen(10.0))
    box = shown.viewport
    outwards = beyond if edge in ("right", "top") else -beyond
    place = [0.0, 0.0]
    place[edge in ("bottom", "top")] = getattr(box, edge) + outwards
    shown.set_probe(np.array(place))
    shown.look_back(seen(2.0), 0.0)
    assert shown.probe.tolist() != place
    shown.look_back(None, 0.0)
    assert (shown.probe.tolist() == place) == comes_back


def test_components_that_come_move_no_other_plane_than_their_own() -> None:
    shown = explorer(DATA, seen())
    shown.zoom(1)
    box = shown.viewport
    shown.take_survey(SURVEY)
    assert shown.viewport is box and not shown.choice.follows
    shown = explorer(DATA, seen())
    shown.use_plane(PlaneName.PIXELS, 0.0)
    shown.zoom(1)
    assert isinstance(shown.plane, CodePlane)
    shown.take_survey(SURVEY)
    assert isinstance(shown.plane, PixelPlane) and shown.choice.follows
    assert shown.viewport == fit(shown.plane.codes)
    # The same again is no news.
    shown.zoom(1)
    shown.take_survey(SURVEY)
    assert not shown.choice.follows


def test_from_moment_to_moment_the_box_stays_where_it_suits() -> None:
    shown = explorer(DATA, seen(10.0))
    live = shown.viewport
    shown.look_back(seen(10.0, (1000.0, 0.0)), 0.0)
    box = shown.viewport
    assert box.left > 900
    shown.look_back(seen(9.0, (1000.0, 0.0)), 0.0)
    assert shown.viewport == box
    shown.look_back(None, 0.0)
    assert shown.viewport == live


def test_the_nearest_of_a_samples_neighbours_is_the_next_sample() -> None:
    shown = explorer(DATA, seen())
    shown.pin(7, 0.0)
    shown.choice = dataclasses.replace(shown.choice, inspector=Inspector.OF_SAMPLE)
    first = int(shown.view.neighbours.in_codes.samples[0])
    shown.set_probe(np.array([4.0, 4.0]))
    shown.choose_nearest(0.0)
    assert shown.sample == first != 7
    # Where it has none, as where all others are off, it stays.
    alone = dataclasses.replace(seen(), active_classes=frozenset({7}))
    one = dataclasses.replace(DATA, labels=np.where(np.arange(60) == 7, 7, 1))
    shown.accept(alone, one, 0.0)
    shown.pin(7, 0.0)
    shown.choose_nearest(0.0)
    assert shown.sample == 7


# --- what follows from a choice ------------------------------------------------------------------


def test_the_first_sample_is_a_sample_like_any_other() -> None:
    shown = explorer(DATA, seen())
    shown.pin(0, 0.0)
    sample = shown.monitored()
    assert (sample.index, sample.label) == (0, DATA.labels[0])
    assert (sample.image.reshape(-1) == DATA.images[0]).all()
    shown.mark_sample()
    shown.accept(seen(10.0, (3.0, 4.0)), DATA, 0.0)
    assert shown.view.ends == (tuple(shown.live.codes[0].tolist()),)


def test_a_drawing_has_no_number_and_no_label() -> None:
    shown = explorer(DATA, seen())
    image = np.linspace(0, 1, PIXELS, dtype=np.float32).reshape(28, 28)
    shown.show_drawn(image)
    sample = shown.monitored()
    assert (sample.index, sample.label) == (-1, -1) and (sample.image == image).all()
    encoder, decoder = shown.live.encoder, shown.live.decoder
    code = encoder(image.reshape(1, -1))
    np.testing.assert_allclose(sample.code, code[0], rtol=1e-6)
    np.testing.assert_allclose(sample.reconstruction.reshape(-1), decoder(code)[0], rtol=1e-6)
    # Its mark goes with it, and stays where it was once the sample is another.
    shown.mark_sample()
    place = shown.view.ends
    assert place == (tuple(sample.code.tolist()),)
    for other in (0, 1):
        shown.pin(other, 0.0)
        assert shown.view.ends == place


@pytest.mark.parametrize("missing", ["", "gone"])
def test_a_sample_whose_image_is_there_is_compared_by_it_and_else_by_its_code(
    missing: str,
) -> None:
    data = dataclasses.replace(DATA, missing=missing)
    shown = explorer(data, snapshot(data, np.random.default_rng(0).normal(size=(60, 2))))
    shown.choice = dataclasses.replace(shown.choice, inspector=Inspector.OF_SAMPLE)
    codes = shown.live.codes
    for number in (0, 7):
        shown.pin(number, 0.0)
        image = data.images[number][None]
        code = codes[number] if missing else shown.live.encoder(image)[0]
        apart = np.linalg.norm(codes - code, axis=1)
        apart[number] = np.inf
        near = shown.view.neighbours.in_codes
        assert near.samples.tolist() == np.argsort(apart, kind="stable")[:10].tolist()
        decoded = shown.live.decoder(codes[number][None]).reshape(28, 28)
        expected = decoded if missing else image.reshape(28, 28)
        np.testing.assert_allclose(shown.view.picture(number), expected, rtol=1e-6)
    # What was drawn is compared as it is.
    shown.show_drawn(data.images[3].reshape(28, 28))
    code = shown.live.encoder(data.images[3][None])[0]
    found = shown.view.neighbours.in_codes.samples
    assert found[0] == np.linalg.norm(codes - code, axis=1).argmin()


def test_without_a_sample_there_is_nothing_around_it() -> None:
    shown = explorer(DATA, seen())
    shown.choice = dataclasses.replace(
        shown.choice, sample=-1, inspector=Inspector.OF_SAMPLE, ends=(End((0.0, 0.0)),)
    )
    assert shown.view.monitored is None and shown.view.neighbours is None
    assert shown.view.walk is None and shown.view.ends == ((0.0, 0.0),)
