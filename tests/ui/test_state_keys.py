"""Which keys matter in a state."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from tests.ui.scenes import dataset, explorer, scene, snapshot
from tui_ae.model.spec import ModelSpec
from tui_ae.ui.choice import Choice, End, Inspector, Layer, PlaneName
from tui_ae.ui.scene import Scene
from tui_ae.ui.state_keys import NEAREST, state_keys

DATA = dataset()
A, B = End((0.0, 0.0)), End((1.0, 1.0))
VAE = ModelSpec(kind="vae")
WIDE = ModelSpec((784, 5))


def staged(spec: ModelSpec = ModelSpec(), **chosen: Any) -> Scene:  # noqa: B008 - frozen
    made = scene(explorer(DATA))._scene()
    return dataclasses.replace(made, spec=spec, choice=dataclasses.replace(made.choice, **chosen))


def told(shown: Scene, opens: str = NEAREST, *, compares: bool = False) -> str:
    return ", ".join(": ".join(row) for row in state_keys(shown, opens, compares=compares))


@pytest.mark.parametrize(
    ("spec", "chosen", "expected"),
    [
        (ModelSpec(), {}, ""),
        (ModelSpec(), {"ends": (A,)}, "mark: B"),
        (ModelSpec(), {"ends": (A, B)}, "unmark: unmark"),
        (ModelSpec(), {"inspector": Inspector.OF_PROBE}, "open-pane: nearest"),
        (ModelSpec(), {"inspector": Inspector.OF_SAMPLE}, "open-pane: nearest"),
        (ModelSpec(), {"layer": Layer.TILES}, "dots-over: dots"),
        (ModelSpec(), {"layer": Layer.TILES, "dots_over": True}, "dots-over: no dots"),
        (ModelSpec(), {"dots_over": True}, ""),
        (ModelSpec(), {"follows": False}, "fit: fit"),
        (ModelSpec(), {"prior": 1}, ""),
        (VAE, {}, "prior: prior"),
        (VAE, {"prior": 2, "inspector": Inspector.PRIOR}, "prior: no prior"),
        (WIDE, {}, "dims: numbers"),
        (WIDE, {"plane": PlaneName.PRINCIPAL}, "dims: numbers"),
        (WIDE, {"plane": PlaneName.PIXELS}, ""),
        (ModelSpec((784, 3)), {}, "dims: numbers"),
        (ModelSpec((784, 1)), {}, ""),
        (
            VAE,
            {"ends": (A,), "inspector": Inspector.OF_PROBE, "layer": Layer.TILES, "follows": False},
            "mark: B, open-pane: nearest, prior: prior, dots-over: dots, fit: fit",
        ),
    ],
)
def test_what_was_chosen_names_the_keys_that_change_it(
    spec: ModelSpec, chosen: dict[str, Any], expected: str
) -> None:
    assert told(staged(spec, **chosen)) == expected


def test_enter_is_no_key_for_the_nearest_where_it_opens_something_else() -> None:
    assert told(staged(inspector=Inspector.OF_PROBE), "app.loss_chart") == ""


def test_in_the_past_the_ways_on_come_first() -> None:
    shown = explorer(DATA)
    shown.look_back(snapshot(DATA, epoch=3), 0.0)
    assert told(scene(shown)._scene()) == "live: live, replay: replay"


def test_two_runs_side_by_side_have_keys_and_one_alone_the_way_back() -> None:
    shown = staged()
    assert told(shown, compares=True) == "align: align, compare: one"
    differs = dataclasses.replace(shown, differs=(("seed", "0", "1"),))
    assert told(differs) == "compare: both"
    assert told(differs, compares=True) == "align: align, compare: one"


def test_before_the_first_snapshot_none_matters() -> None:
    shown = dataclasses.replace(staged(VAE, follows=False), view=None, choice=Choice(ends=(A,)))
    assert told(shown, compares=True) == ""
