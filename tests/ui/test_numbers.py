"""The page of numbers, and what is measured for it."""

from __future__ import annotations

import dataclasses
import itertools
import math
import threading
from typing import Any

import numpy as np
import pytest

from tests.ui.scenes import RUN, SURVEY, curve, dataset, explorer, network, snapshot
from tests.ui.test_screens import Stage, show, words
from tui_ae.arrays import DoubleArray
from tui_ae.model import quality
from tui_ae.model.frozen import FrozenNetwork
from tui_ae.model.objective import bce, mse
from tui_ae.model.pca import Pca
from tui_ae.model.quality import Idle
from tui_ae.run.snapshot import HELD_OUT, TRAINING
from tui_ae.ui import measures
from tui_ae.ui.measures import Column, Measures, Measuring, _ranges, measure
from tui_ae.ui.screens.numbers import WAITING, NumbersScreen, network_rows, table
from tui_ae.ui.view import View

DATA = dataset(classes=3, samples=60)


def view_of(**changes: Any) -> View:
    view = explorer(DATA, snapshot(DATA, **changes)).view
    assert view is not None
    return view


def test_losses_are_those_of_all_samples_by_both_objectives() -> None:
    view = view_of()
    found = measure(view, SURVEY)
    images = DATA.images[:]
    network, pca = found.columns
    outputs = view.snapshot.decoder(view.snapshot.codes)
    assert network.losses == pytest.approx(
        {"bce": bce(images, outputs).mean(), "mse": mse(images, outputs).mean()}
    )
    outputs = SURVEY.pca.decode(SURVEY.pca.encode(images))
    assert pca.losses == pytest.approx(
        {"bce": bce(images, outputs).mean(), "mse": mse(images, outputs).mean()}
    )
    assert found.samples == 60 and found.active == found.width == 2
    assert found.angles == () and len(found.ranges) == 2


def test_each_column_has_the_measures_of_its_own_codes() -> None:
    view = view_of()
    placed = np.random.default_rng(0).normal(size=(60, 2)).astype(np.float32)
    placed[[5, 8]] = np.nan
    found = measure(view, SURVEY, {"UMAP": placed})
    images, labels = DATA.images[:], DATA.labels
    every = np.ones(60, bool)
    assert (found.run_id, found.epoch) == (view.snapshot.info.id, 12)
    for column, name, codes, rows in zip(
        found.columns,
        ("network", "PCA, 2 comp.", "UMAP"),
        (view.snapshot.codes, SURVEY.pca.encode(images), placed),
        (every, every, np.isfinite(placed[:, 0])),
        strict=True,
    ):
        assert column.name == name
        assert column.accuracy == quality.knn_accuracy(codes[rows], labels[rows])
        assert column.trustworthiness == quality.trustworthiness(images[rows], codes[rows])
        assert column.continuity == quality.continuity(images[rows], codes[rows])


@pytest.mark.parametrize(("width", "axes", "name"), [(5, 2, "2"), (2, 4, "2"), (3, 3, "3")])
def test_as_many_components_stand_beside_the_network_as_there_are(
    width: int, axes: int, name: str
) -> None:
    pca = Pca(np.zeros(784), np.eye(axes, 784))
    view = view_of(
        codes=np.random.default_rng(0).normal(size=(60, width)),
        decoder=network(width, 784, sigmoid_output=True),
    )
    found = measure(view, dataclasses.replace(SURVEY, pca=pca))
    assert found.columns[1].name == f"PCA, {name} comp." and found.width == width


def test_ranges_are_those_of_the_first_three_numbers_of_whole_codes() -> None:
    codes = np.array([[1, -2, 3, 9], [0.5, 4, 3, 9], [np.nan, 99, 99, 99]], np.float32)
    assert _ranges(codes) == ((0.5, 1.0), (-2.0, 4.0), (3.0, 3.0))
    assert _ranges(codes[:, :2]) == ((0.5, 1.0), (-2.0, 4.0))
    assert _ranges(codes[2:]) == () and len(_ranges(codes[:1])) == 3


def test_units_that_lie_idle_are_counted_in_both_halves() -> None:
    def half(sizes: tuple[int, int, int], dead: int) -> FrozenNetwork:
        weights = [np.zeros((a, b), np.float32) for a, b in itertools.pairwise(sizes)]
        first = np.ones(sizes[1], np.float32)
        first[:dead] = 0
        biases = (first, np.zeros(sizes[2], np.float32))
        return FrozenNetwork(tuple(weights), biases, sigmoid_output=False)

    view = view_of(encoder=half((784, 5, 2), 2), decoder=half((2, 4, 784), 3))
    assert measure(view, SURVEY).idle == (quality.Idle(2, 5), quality.Idle(3, 4))
    other = view_of(encoder=lambda images: np.zeros((len(images), 2), np.float32))
    assert measure(other, SURVEY).idle[0] == quality.Idle(0, 0)


def test_only_a_linear_network_has_angles_to_the_components() -> None:
    turn = np.radians(30.0)
    weight = np.zeros((2, 784), np.float32)
    weight[0, :3], weight[1, 1] = [np.cos(turn), 0, np.sin(turn)], 2
    decoder = FrozenNetwork((weight,), (np.zeros(784, np.float32),), sigmoid_output=False)
    settings = dataclasses.replace(RUN.settings, kind="linear", hidden=())
    info = dataclasses.replace(RUN, settings=settings)
    linear = view_of(info=info, decoder=decoder)
    assert measure(linear, SURVEY).angles == pytest.approx((30.0, 0.0), abs=1e-4)
    assert measure(linear, None).angles == ()
    assert measure(view_of(decoder=decoder), SURVEY).angles == ()


def test_classes_that_are_off_are_left_out() -> None:
    assert measure(view_of(active={0, 2}), SURVEY).samples == 40


@pytest.mark.parametrize(
    "codes", [np.full((60, 2), np.nan), np.zeros((60, 2)), np.full((60, 2), np.inf)]
)
def test_codes_that_are_no_numbers_have_no_measures_but_a_page(codes: DoubleArray) -> None:
    view = view_of(codes=codes)
    found = measure(view, SURVEY)
    rows = [row for row, _ in [*table(found, "bce"), *network_rows(found, view.snapshot)]]
    assert any(row.startswith("trustworthiness") for row in rows)


def test_a_layout_has_no_losses() -> None:
    view = view_of()
    codes = np.random.default_rng(0).normal(size=(60, 2)).astype(np.float32)
    codes[5] = np.nan
    found = measure(view, SURVEY, {"t-SNE of the codes": codes})
    assert [column.name for column in found.columns][2] == "t-SNE of the codes"
    assert found.columns[2].losses is None and 0 <= found.columns[2].trustworthiness <= 1


def test_the_range_of_wide_codes_is_told_in_one_row_of_80_columns() -> None:
    codes = np.random.default_rng(0).uniform(-99, 99, (60, 32)).astype(np.float32)
    view = view_of()
    found = dataclasses.replace(measure(view, SURVEY), width=32, ranges=_ranges(codes))
    row = next(row for row, _ in network_rows(found, view.snapshot) if row.startswith("range"))
    assert row.endswith(" …") and len(row) <= 76


def test_without_labels_there_is_no_accuracy() -> None:
    unlabelled = dataset(classes=1, samples=30, labelled=False, names=["all"])
    view = explorer(unlabelled, snapshot(unlabelled)).view
    found = measure(view, None)
    assert [column.accuracy for column in found.columns] == [None]
    assert "-" in next(row for row, _ in table(found, "bce") if row.startswith("5-NN"))


def test_the_objective_that_trains_comes_first() -> None:
    found = measure(view_of(), SURVEY)
    names = [row.split()[0] for row, _ in table(found, "mse")[1:3]]
    assert names == ["MSE", "BCE"]
    assert table(found, "mse")[1][1].endswith("what training makes small")


def test_while_one_moment_is_measured_no_other_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    go_on, asked = threading.Event(), []

    def slow(view: View, survey: object, layouts: object) -> None:
        asked.append((view, survey, layouts))
        assert go_on.wait(20)
        raise RuntimeError

    monkeypatch.setattr(measures, "measure", slow)
    measuring, view = Measuring(), view_of()
    assert measuring.follow(view, None, {})
    assert not measuring.follow(view, SURVEY, {})
    go_on.set()
    measuring._thread.join(20)
    assert asked == [(view, None, {})] and measuring.failure == "RuntimeError"
    assert measuring.follow(view, SURVEY)
    measuring._thread.join(20)
    assert asked[1:] == [(view, SURVEY, None)]


def test_measuring_takes_one_moment_at_a_time_and_tells_what_failed() -> None:
    measuring = Measuring()
    view = view_of()
    assert measuring.follow(view, SURVEY)
    measuring._thread.join(20)
    assert measuring.newest.epoch == view.snapshot.epoch
    broken = dataclasses.replace(SURVEY, pca=Pca(np.zeros(3), np.zeros((2, 3))))
    assert measuring.follow(view, broken)
    measuring._thread.join(20)
    assert measuring.failure
    assert measuring.newest.epoch == view.snapshot.epoch


async def test_before_there_is_anything_to_measure_the_page_says_so() -> None:
    app = Stage()
    async with app.run_test(size=(60, 20)) as pilot:
        await show(pilot, NumbersScreen())
        assert WAITING in words(app)
        # No blank rows to scroll through.
        assert "rows" not in words(app)


def test_all_rows_have_a_place_on_the_page() -> None:
    view = view_of(loss=0.2)
    found = dataclasses.replace(measure(view, SURVEY), angles=(40.0, 3.0))
    rows = [("", ""), *table(found, "bce"), *network_rows(found, view.snapshot)]
    assert len(rows) + 1 <= NumbersScreen.ROWS
    assert math.isnan(view.snapshot.held_out_loss)
    assert WAITING.endswith(".")


async def test_a_page_that_grows_says_that_it_can_be_scrolled() -> None:
    app, view = Stage(), view_of()
    async with app.run_test(size=(60, 20)) as pilot:
        page = await show(pilot, NumbersScreen())
        assert "scroll" not in words(app)
        page.show_measures(measure(view, SURVEY), view.snapshot, "")
        await pilot.pause()
        await pilot.pause()
        assert "scroll" in words(app).splitlines()[-1]


def test_heads_of_columns_stand_apart() -> None:
    columns = measure(view_of(), SURVEY).columns
    four = [
        *columns,
        *(dataclasses.replace(columns[0], name=f"t-SNE of the {of}") for of in ("codes", "pixels")),
    ]
    found = dataclasses.replace(measure(view_of(), SURVEY), columns=tuple(four))
    head = table(found, "bce")[0][0]
    assert head.split("  ")[-1].strip() == "t-SNE pixels" and "  PCA, 2 comp.  " in head
    assert len(head) < 80


FOUND = Measures(
    run_id="",
    epoch=12,
    samples=60,
    columns=(
        Column("network", {"bce": 0.25, "mse": 0.0312}, 0.9555, 0.98765, 0.5),
        Column("PCA, 2 comp.", {"bce": 1.5, "mse": 0.25}, None, math.nan, 1.0),
        Column("t-SNE of the codes", None, 1.0, 0.0, 0.25),
    ),
    active=3,
    width=32,
    ranges=((-3.3639, 0.0), (-12.0, 1.0797)),
    idle=(Idle(0, 160), Idle(7, 160)),
    angles=(1.25, 2.0, 3.0, 4.0, 5.0, 89.96),
)


def test_the_table_row_by_row() -> None:
    assert table(FOUND, "mse") == [
        ("                         network  PCA, 2 comp.   t-SNE codes", ""),
        (
            "MSE                       0.0312        0.2500             -",
            "mean squared error, squared grey per pixel: what training makes small",
        ),
        (
            "BCE                       0.2500        1.5000             -",
            "binary cross-entropy, nats per pixel: not trained for",
        ),
        (
            "5-NN accuracy              95.5%             -        100.0%",
            "samples whose 5 nearest codes tell their class",
        ),
        (
            "trustworthiness            0.988             -         0.000",
            "1: who is near on the map is near as an image",
        ),
        (
            "continuity                 0.500         1.000         0.250",
            "1: who is near as an image is near on the map",
        ),
    ]


def test_the_head_of_a_column_has_twelve_cells_at_most() -> None:
    column = dataclasses.replace(FOUND.columns[2], name="UMAP of the raw pixels")
    head = table(dataclasses.replace(FOUND, columns=(column,)), "mse")[0][0]
    assert head == " " * 20 + "UMAP raw pix"


def test_the_rows_of_the_network_alone() -> None:
    curves = {TRAINING: curve([0.5, 0.25]), HELD_OUT: curve([0.75])}
    seen = snapshot(DATA, loss=0.25, curves=curves)
    assert network_rows(FOUND, seen) == [
        (
            "loss              0.2500 and 0.7500",
            "training and held-out loss: a gap that grows is learning by heart",
        ),
        (
            "active numbers    3 of 32",
            "numbers that vary by a hundredth of the most varied one, or more",
        ),
        ("range of codes    -3.36 to 0.00, -12.00 to 1.08 …", "least and greatest of each"),
        (
            "dead units        0 of 160, 7 of 160",
            "hidden units of encoder and decoder that no image wakes",
        ),
        (
            "principal angles  1.2°, 2.0°, 3.0°, 4.0°, 5.0°, 90.0°",
            "between the decoder's plane and PCA's: 0 where they are one",
        ),
    ]


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({"angles": ()}, ["active numbers", "range of codes", "dead units"]),
        (
            {"idle": (Idle(0, 5), Idle(0, 0))},
            ["active numbers", "range of codes", "dead units", "principal angles"],
        ),
        (
            {"idle": (Idle(0, 0), Idle(0, 0))},
            ["active numbers", "range of codes", "principal angles"],
        ),
    ],
)
def test_what_is_not_there_has_no_row(changes: dict[str, Any], names: list[str]) -> None:
    found = network_rows(dataclasses.replace(FOUND, **changes), snapshot(DATA))
    assert [row[:18].rstrip() for row, _ in found] == names


def test_more_numbers_than_are_told_end_in_dots() -> None:
    angles = tuple(float(angle) for angle in range(7))
    found = dataclasses.replace(FOUND, angles=angles, width=2)
    told = {row[:18].rstrip(): row for row, _ in network_rows(found, snapshot(DATA))}
    assert told["principal angles"].endswith("4.0°, 5.0° …")
    assert told["range of codes"].endswith("to 1.08")


def test_the_page_has_a_note_the_rows_and_no_others() -> None:
    page = NumbersScreen()
    seen = snapshot(DATA)
    page.show_measures(dataclasses.replace(FOUND, epoch=1234, samples=5000), seen, "")
    told = [(top.display, below.display) for top, below in page._rows]
    assert page._said[0] == ("epoch 1,234, over 5,000 samples", "")
    assert page._said[1:] == [*table(FOUND, "bce"), *network_rows(FOUND, seen)]
    assert told == [(True, False)] * 2 + [(True, True)] * 9 + [(False, False)] * 3
    page.show_measures(None, seen, "")
    assert page._said == [(WAITING, "")]
    page.show_measures(None, seen, "It \x1bfailed.")
    assert page._said == [("It ?failed.", "")]
