"""The page of numbers, and what is measured for it."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pytest

from tests.ui.scenes import SURVEY, dataset, explorer, snapshot
from tests.ui.test_screens import Stage, show, words
from tui_ae.arrays import DoubleArray
from tui_ae.model.objective import bce, mse
from tui_ae.model.pca import Pca
from tui_ae.ui.measures import Measuring, _ranges, measure
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
