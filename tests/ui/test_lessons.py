"""The explanations: complete, exact in their numbers, and of one shape during a run."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ui.scenes import BASELINES
from tui_ae.model.baselines import survey
from tui_ae.model.spec import ModelSpec
from tui_ae.recipe import RECIPES
from tui_ae.ui.lettering import worded
from tui_ae.ui.screens.lesson_numbers import LessonNumbers, baseline_line, baseline_rows, verdict
from tui_ae.ui.screens.lessons import BlockStyle, sections

NUMBERS = LessonNumbers(
    "synthetic digits", 3200, 10, True, 3200, ModelSpec(), BASELINES, 0.2345, 12, 0.108,
    RECIPES["fast"],
)  # fmt: skip


def words(numbers: LessonNumbers = NUMBERS) -> str:
    return "\n".join(
        f"{section.title}\n" + "\n".join(block.text for block in section.blocks)
        for section in sections(numbers)
    )


def changed(**values: Any) -> LessonNumbers:
    return dataclasses.replace(NUMBERS, **values)


@pytest.mark.parametrize(
    "subject",
    [
        "*encoder*", "*decoder*", "*After training*", "16 to 512", "plotted",
        "*Unsupervised*", "*Self-supervised*", "colour the points", "never enter the loss",
        "*linear*", "principal components", "same subspace", "0.220",
        "Σ", "ln p", "*probability*", "Bernoulli", "*entropy*", "*floor* of 0.095", "*nat*",
        "1 bit is 0.693 nats", "ln 2", "1.742", "0.343", "0.243", "0.2345", "you are here",
        "loss alone doesn't say", "*Look at them*", "about five epochs", "same blur",
        "*mean squared error*", "*t-SNE*", "*UMAP*", "Encoding first", "head behind the encoder",
        "new points", "seed", "n log n", "210,130", "100,480", "101,136",
        "*Adam*", "*Muon*", "singular values", "fast        Muon and Adam", "0.05, falling",
        "original    Adam", "0.001", "256", "128",
    ],
)  # fmt: skip
def test_every_subject_is_explained(subject: str) -> None:
    assert subject in words()


def test_the_numbers_are_those_of_the_data_set_at_hand() -> None:
    other = dataclasses.replace(BASELINES, two_components=0.3111, floor=0.1222, zeros=4.555)
    text = words(changed(baselines=other, mean_pixel=0.2826, dataset="Fashion"))
    for number in ("0.311", "0.122", "4.555", "0.283 × 16.1", "*Fashion*"):
        assert number in text
    assert "1.742" not in text and "synthetic digits*" not in text


def test_the_cost_of_all_zeros_is_what_the_text_says() -> None:
    images = np.random.default_rng(0).random((50, 64), np.float32) ** 4
    zeros = survey(images, np.zeros(50, np.int64)).baselines["bce"].zeros
    assert zeros == pytest.approx(images.mean() * -math.log(1e-7), rel=1e-4)


def shape(numbers: LessonNumbers) -> list[tuple[str, list[bool]]]:
    return [
        (
            section.title,
            [block.style in (BlockStyle.ROW, BlockStyle.HERE) for block in section.blocks],
        )
        for section in sections(numbers)
    ]


@given(st.floats(allow_nan=True, allow_infinity=True), st.booleans(), st.integers(0, 10**7))
def test_the_shape_stays_through_a_run(loss: float, computed: bool, epoch: int) -> None:
    numbers = changed(loss=loss, epoch=epoch, baselines=BASELINES if computed else None)
    assert shape(numbers) == shape(NUMBERS)


@given(st.floats(0, 5), st.booleans())
def test_the_ladder_is_in_order_and_holds_the_network_once(loss: float, labelled: bool) -> None:
    rows = baseline_rows(changed(loss=loss, labelled=labelled))
    values = [row.value for row in rows if row.value is not None]
    assert len(values) == len(rows) and values == sorted(values, reverse=True)
    assert [row.value for row in rows if row.here] == [loss]
    assert len(rows) == (8 if labelled else 7)


@given(st.floats(0, 99), st.integers(0, 10**6))
def test_rows_of_tables_never_wrap(loss: float, epoch: int) -> None:
    numbers = changed(loss=loss, epoch=epoch)
    for section in sections(numbers):
        for block in section.blocks:
            if block.style in (BlockStyle.ROW, BlockStyle.HERE, BlockStyle.CAPTION):
                assert len(block.text) <= 52, block.text


@pytest.mark.parametrize(
    ("loss", "sentence"),
    [
        (0.9, "Worse than undecided"),
        (0.6945, "Undecided about every pixel"),
        (0.5, "how bright the images are as a whole"),
        (0.3, "which pixels are bright on average"),
        (0.2431, "As good as the mean image"),
        (0.23, "the code begins to matter"),
        (0.2202, "Better than two principal components:"),
        (0.2, "two principal components and than the mean image of the class"),
        (math.nan, "no loss to compare"),
    ],
)
def test_the_verdict_follows_the_loss(loss: float, sentence: str) -> None:
    assert sentence in verdict(changed(loss=loss))


def test_before_the_baselines_are_known_their_places_wait() -> None:
    rows = baseline_rows(changed(baselines=None, epoch=0))
    assert "…" in baseline_line(rows[0])
    assert rows[-1].name == "this network, untrained"
    assert "being computed" in verdict(changed(baselines=None))


def test_without_labels_nothing_is_said_of_classes() -> None:
    text = words(changed(labelled=False, classes=1))
    assert "has no labels" in text and "mean image of its class" not in text
    assert "class" not in verdict(changed(labelled=False, loss=0.1))


def test_with_classes_off_the_scopes_of_loss_and_baselines_are_told_apart() -> None:
    assert "classes that are on" in words(changed(active_samples=640))
    assert "classes that are on" not in words()


def test_ascii_keeps_every_sign_readable() -> None:
    text = words(changed(dataset="digits"))
    assert worded(text).isascii()
    assert worded(text).count("?") == text.count("?")
    assert worded(text, False) == text
