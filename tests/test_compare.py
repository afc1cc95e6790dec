"""Two sides: kept runs or options of new ones, with the images of the first for both."""

from __future__ import annotations

import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tui_ae import compare
from tui_ae.compare import Images
from tui_ae.config import Settings
from tui_ae.errors import UserError
from tui_ae.run.folder import RunFolder


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({}, {}, True),
        ({}, {"learning_rate": 0.5, "kind": "vae"}, True),
        ({"seed": 1}, {"seed": 2}, False),
        ({"data": Path("a")}, {"data": Path("b")}, False),
        # Of images from elsewhere the seed draws those that are held out, if any are.
        ({"data": Path("a"), "seed": 1}, {"data": Path("a"), "seed": 2}, False),
        (
            {"data": Path("a"), "seed": 1, "held_out": 0.0},
            {"data": Path("a"), "seed": 2, "held_out": 0.0},
            True,
        ),
        ({"seed": 1, "held_out": 0.0}, {"seed": 2, "held_out": 0.0}, False),
        ({"labels": "none"}, {}, False),
        ({"held_out": 0.1}, {"held_out": 0.2}, False),
    ],
)
def test_which_settings_have_the_same_images(
    one: dict[str, Any], other: dict[str, Any], same: bool
) -> None:
    assert Images(Settings(**one)).are_those_of(Settings(**other)) is same


def test_images_are_read_once_for_both(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(compare, "load", lambda settings, _: asked.append(settings) or "images")
    images = Images(Settings(seed=1))
    assert images.load(Settings(seed=2), lambda _: None) == "images"
    assert images.load(Settings(seed=1), lambda _: None) == "images"
    assert asked == [Settings(seed=1)]


def test_who_waits_for_the_other_may_be_told_to_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compare, "WAIT_S", 0.001)
    images = Images(Settings())
    told = []

    class EndedError(Exception):
        pass

    def progress(share: float) -> None:
        told.append(share)
        raise EndedError

    with images._lock, pytest.raises(EndedError):
        images.load(Settings(), progress)
    assert told == [0.0]
    # Where reading fails the other one may try.
    monkeypatch.setattr(compare, "load", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        images.load(Settings(), lambda _: None)
    assert not images._lock.locked() and isinstance(images._lock, type(threading.Lock()))


def test_a_side_is_a_kept_run_or_options(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compare, "find", lambda name: f"run {name}")
    assert compare._side("2026") == "run 2026"
    assert compare._side("--seed 3 --hidden '9, 7'") == Settings(seed=3, hidden=(9, 7))
    with pytest.raises(UserError) as caught:
        compare._side("--data 'a")
    assert str(caught.value) == (
        'compare: "--data \'a": No closing quotation; close the quotation.'
    )
    with pytest.raises(UserError):
        compare._side("--nonsense")


@pytest.mark.parametrize(
    ("kept", "foreign"),
    [((False, False), False), ((True, False), False), ((True, True), True), ((False, True), True)],
)
def test_a_kept_run_beside_other_images_is_foreign_and_new_ones_take_turns(
    kept: tuple[bool, bool], foreign: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Kept(RunFolder):
        def __init__(self, seed: int) -> None:
            self.seed = seed

        def info(self) -> Any:
            return SimpleNamespace(settings=Settings(seed=self.seed))

    class Turns:
        def turn(self, who: int) -> str:
            return f"turn of {who}"

    shown = []
    sides: list[Any] = [
        Kept(seed) if is_kept else Settings(seed=seed)
        for seed, is_kept in zip((1, 2), kept, strict=True)
    ]
    monkeypatch.setattr(compare, "look_of", lambda _: "look")
    monkeypatch.setattr(compare, "Turns", Turns)
    monkeypatch.setattr(compare, "_side", lambda side: sides[side])
    monkeypatch.setattr(compare, "show", lambda *asked: shown.append(asked) or 4)
    monkeypatch.setattr(
        compare, "SavedRun", lambda side, load, **more: ("kept", side, load.__self__, more)
    )
    monkeypatch.setattr(
        "tui_ae.train.session.Session",
        lambda side, load, turn: ("new", side, load.__self__, turn()),
    )
    assert compare.compare(cast("Any", SimpleNamespace(one=0, other=1))) == 4
    first, look, beside = shown[0]
    second = beside.source
    assert look == "look" and beside.foreign is foreign
    assert first[2] is second[2], "the images are those of the first for both"
    for number, (side, made, other) in enumerate(
        zip(sides, (first, second), (False, foreign), strict=True)
    ):
        assert made[:2] == ("kept" if kept[number] else "new", side)
        if kept[number]:
            assert made[3] == {"follows": False, "foreign": other}
        else:
            assert made[3] == f"turn of {number}"
