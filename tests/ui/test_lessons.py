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
from tui_ae.ui.screens.lesson_numbers import (
    LessonNumbers,
    baseline_line,
    baseline_rows,
    number,
    verdict,
)
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
    for expected in ("0.311", "0.122", "4.555", "0.283 × 16.1", "*Fashion*"):
        assert expected in text
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


def ladder(**values: Any) -> list[str]:
    return [baseline_line(row) for row in baseline_rows(changed(**values))]


def test_the_ladder_row_by_row() -> None:
    assert ladder() == [
        "  all pixels 0                  1.742",
        "  undecided, all 0.5            0.693",
        "  best constant, one grey       0.343",
        "  mean image                    0.243",
        "▸ this network, epoch 12        0.2345  you are here",
        "  two principal components      0.220",
        "  mean image of its class       0.220",
        "  floor, H(x)                   0.095",
    ]
    clear = dataclasses.replace(BASELINES, floor=0.0)
    assert ladder(baselines=clear)[-1] == "  floor, H(x)                   0.000"
    assert ladder(spec=ModelSpec(objective="mse"))[-1] == "  floor                         0.095"


@pytest.mark.parametrize(
    ("values", "place", "row"),
    [
        ({"loss": 12.5}, 0, "▸ this network, epoch 12        12.5000 you are here"),
        # What is as good as a baseline stands below it.
        ({"loss": 0.243}, 4, "▸ this network, epoch 12        0.2430  you are here"),
        ({"loss": 0.24301}, 3, "▸ this network, epoch 12        0.2430  you are here"),
        ({"loss": 0.22, "epoch": 1234}, 6, "▸ this network, epoch 1,234     0.2200  you are here"),
        ({"loss": 0.01, "epoch": 0}, 7, "▸ this network, untrained       0.0100  you are here"),
        ({"loss": math.nan}, 7, "▸ this network, epoch 12        -       you are here"),
        (
            {"loss": 0.5, "baselines": None},
            7,
            "▸ this network, epoch 12        0.5000  you are here",
        ),
        # A loss that has run away takes no more room.
        ({"loss": 99.99996}, 0, "▸ this network, epoch 12        100.00  you are here"),
        ({"loss": 12345.6}, 0, "▸ this network, epoch 12        12346   you are here"),
        ({"loss": 1.7e30}, 0, "▸ this network, epoch 12        2e+30   you are here"),
    ],
)
def test_the_network_has_its_place_on_the_ladder(
    values: dict[str, Any], place: int, row: str
) -> None:
    rows = ladder(**values)
    assert rows[place] == row and sum("you are here" in each for each in rows) == 1


def test_numbers_wait_or_are_rounded() -> None:
    assert [number(value) for value in (None, 0.12345, math.inf, math.nan)] == [
        "…", "0.123", "-", "-"
    ]  # fmt: skip
    assert number(0.12345, 4) == "0.1235" and number(2.0, 0) == "2"


def test_the_table_of_layers() -> None:
    blocks = next(s for s in sections(NUMBERS) if s.title == "Layers").blocks
    assert [(block.style, block.text) for block in blocks[:-1]] == [
        (BlockStyle.CAPTION, "role         units  activation  parameters"),
        (BlockStyle.ROW, "input          784  -                    0"),
        (BlockStyle.ROW, "encoder        128  ReLU           100,480"),
        (BlockStyle.ROW, "encoder         32  ReLU             4,128"),
        (BlockStyle.HERE, "bottleneck       2  linear              66"),
        (BlockStyle.ROW, "decoder         32  ReLU                96"),
        (BlockStyle.ROW, "decoder        128  ReLU             4,224"),
        (BlockStyle.ROW, "output         784  sigmoid        101,136"),
        (BlockStyle.ROW, "total                              210,130"),
    ]


@pytest.mark.parametrize("used", RECIPES)
def test_the_table_of_recipes_marks_the_one_in_use(used: str) -> None:
    changes = dataclasses.replace(RECIPES[used], learning_rate=0.0125, batch_size=4096)
    (blocks,) = (
        section.blocks
        for section in sections(changed(recipe=changes))
        if section.title == "How it is trained"
    )
    here = {name: BlockStyle.HERE if name == used else BlockStyle.ROW for name in RECIPES}
    fast, original = "0.05, falling        256", "0.001                128"
    if used == "fast":
        fast = "0.0125, falling    4,096"
    else:
        original = "0.0125             4,096"
    assert [(block.style, block.text) for block in blocks[:3]] == [
        (BlockStyle.CAPTION, "--recipe    optimiser      step size     mini-batch"),
        (here["fast"], f"fast        Muon and Adam  {fast}"),
        (here["original"], f"original    Adam           {original}"),
    ]


@pytest.mark.parametrize(
    ("units", "title", "share"),
    [
        (1, "Why 1 unit in the middle", "784 pixels share each number"),
        (2, "Why only 2 units in the middle", "392 pixels to each number"),
        (3, "Why 3 units in the middle", "261 pixels share each number"),
        (32, "Why 32 units in the middle", "24 pixels share each number"),
    ],
)
def test_how_narrow_the_middle_is(units: int, title: str, share: str) -> None:
    text = words(changed(spec=ModelSpec((784, 128, units))))
    assert f"{title}\n" in text and share in text
    assert f"turns an image, 784 numbers, into {units}: its code" in text
    assert f"784 numbers don't pass through {units} unharmed" in text
    assert (f"--latent-dim {units} asked for it" in text) == (units != 2)


def test_the_scope_of_the_losses_and_what_black_costs() -> None:
    assert "BCE in nats per pixel, over all 3,200 images; the lower, the better." in words()
    assert "it is 16.1 nats for a white pixel, and 0.108 × 16.1 ≈ 1.742 on average" in words()
    squares = words(changed(spec=ModelSpec(objective="mse"), samples=1234, active_samples=1234))
    assert "over all 1,234 images" in squares and "*All zeros* costs only 1.742" in squares
    assert "L = −1/784 Σ [x ln p + (1 − x) ln(1 − p)]" in words()


@given(st.floats(0, 1e300), st.integers(0, 10**6))
def test_rows_of_tables_never_wrap(loss: float, epoch: int) -> None:
    numbers = changed(loss=loss, epoch=epoch)
    for section in sections(numbers):
        for block in section.blocks:
            if block.style in (BlockStyle.ROW, BlockStyle.HERE, BlockStyle.CAPTION):
                assert len(block.text) <= 52, block.text


@pytest.mark.parametrize(
    ("loss", "sentence"),
    [
        (0.708, "Worse than undecided"),
        (0.706, "Undecided about every pixel"),
        (0.680, "Undecided about every pixel"),
        (0.679, "how bright the images are as a whole"),
        (0.3431, "how bright the images are as a whole"),
        (0.343, "which pixels are bright on average"),
        (0.248, "which pixels are bright on average"),
        (0.247, "As good as the mean image"),
        (0.239, "As good as the mean image"),
        (0.238, "the code begins to matter"),
        (0.2204, "the code begins to matter"),
        (0.2203, "Better than two principal components:"),
        (0.2201, "Better than two principal components:"),
        (0.22, "two principal components and than the mean image of the class"),
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
    gone = changed(baselines=None, mean_pixel=math.nan)
    assert verdict(gone) == "Without the images there are no baselines to compare with."


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
