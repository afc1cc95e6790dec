"""The one table of actions, and everything that is made from it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tui_ae.errors import UserError
from tui_ae.ui.actions import ACTIONS, BY_ID, MAIN, SUMMARIES, Action, Keys, Where, bindings
from tui_ae.ui.app import ExplorerApp
from tui_ae.ui.main_screen import MainScreen
from tui_ae.ui.screens.architecture import ArchitectureScreen
from tui_ae.ui.screens.classes import ClassesScreen
from tui_ae.ui.screens.confirm import ConfirmScreen
from tui_ae.ui.screens.help import HelpScreen
from tui_ae.ui.screens.loss_chart import LossChartScreen
from tui_ae.ui.screens.pad import PadScreen

ROOT = Path(__file__).parents[2]
REMOTE_SAFE = re.compile(
    r"[a-zA-Z0-9?+-]|space|enter|tab|shift\+tab|(shift\+)?(left|right|up|down)|home|end|escape"
    r"|pageup|pagedown|plus|minus|equals_sign|question_mark|full_stop|(greater|less)_than_sign|ctrl\+[clpz]"
    r"|(left|right)_(square|curly)_bracket"
)
"""Keys that a terminal sends through SSH and tmux."""


OWNERS = {
    Where.MAIN: MainScreen,
    Where.PAGE: HelpScreen,
    Where.CHART: LossChartScreen,
    Where.CLASSES: ClassesScreen,
    Where.PAD: PadScreen,
    Where.QUESTION: ConfirmScreen,
    Where.EVERYWHERE: ExplorerApp,
}


@pytest.mark.parametrize("where", Where)
def test_no_key_of_a_screen_is_bound_twice(where: Where) -> None:
    keys = [key for item in ACTIONS if item.where is where for key in item.keys]
    assert len(keys) == len(set(keys))


def test_every_key_survives_ssh_and_tmux() -> None:
    for item in ACTIONS:
        for key in item.keys:
            assert REMOTE_SAFE.fullmatch(key), key


@pytest.mark.parametrize("item", ACTIONS, ids=lambda item: item.id)
def test_every_action_has_a_method(item: Action) -> None:
    call = re.fullmatch(r"(app\.)?(\w+)(\(.*\))?", item.action)
    assert call, item.action
    owner = ExplorerApp if call[1] else OWNERS[item.where]
    method = getattr(owner, f"action_{call[2]}", None)
    assert callable(method), item.action
    arguments = ast.literal_eval(call[3]) if call[3] else ()
    arguments = arguments if isinstance(arguments, tuple) else (arguments,)
    code = method.__code__
    least = code.co_argcount - 1 - len(method.__defaults__ or ())
    assert least <= len(arguments) <= code.co_argcount - 1, item.action


@pytest.mark.parametrize("where", [where for where in Where if where is not Where.EVERYWHERE])
def test_the_bindings_of_a_screen_are_those_of_the_table(where: Where) -> None:
    bound = {binding.key: (binding.action, binding.id) for binding in bindings(where)}
    table = [item for item in ACTIONS if item.where is where]
    assert bound == {key: (item.action, item.id) for item in table for key in item.keys}
    assert {binding.key for binding in OWNERS[where].BINDINGS} >= set(bound)


def test_the_key_that_opens_a_screen_closes_it() -> None:
    for screen, key, action in (
        (ArchitectureScreen, "a", "back"),
        (LossChartScreen, "g", "back"),
        (ClassesScreen, "c", "close"),
        (PadScreen, "D", "back"),
    ):
        assert (key, action) in {(binding.key, binding.action) for binding in screen.BINDINGS}


def test_each_action_is_there_once() -> None:
    assert len(BY_ID) == len(ACTIONS)
    names = [item.action for item in MAIN]
    assert len(names) == len(set(names))


def test_sentences_are_sentences() -> None:
    for item in ACTIONS:
        assert item.help[0].isupper() and item.help.endswith(".")
        assert len(item.label.split()) <= 2


def test_footer_places_are_distinct_and_end_with_help_and_quit() -> None:
    places = [item.footer for item in (*ACTIONS, *SUMMARIES) if item.footer]
    assert sorted(places) == list(range(1, len(places) + 1))
    items = Keys().footer()
    assert [label for _, label in items[-2:]] == ["help", "quit"]
    assert items[0] == ("space", "train")
    assert len(items) == len({key for key, _ in items}) == len(places)


def test_the_help_has_a_row_for_every_key() -> None:
    rows = Keys().rows()
    shown = " ".join(keys for _, keys, _ in rows)
    for item in (item for item in ACTIONS if item.group):
        for key in item.keys:
            if key.isdigit():
                assert "0-9" in shown
            elif re.fullmatch(r"(shift\+)?(left|right|up|down)|[hjklHJKL]", key):
                assert "shift+arrows or HJKL" in shown and "or hjkl" in shown
            else:
                assert (item.group, Keys().label(item.id), item.help) in rows
    assert len(rows) == len({keys for _, keys, _ in rows}), "a key has one row"
    assert not any(keys == "[ ]" for _, keys, _ in rows)
    groups = [group for group, *_ in rows]
    assert len(set(groups)) == sum(
        1 for at, group in enumerate(groups) if at == 0 or groups[at - 1] != group
    )


def test_the_readme_names_every_key() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    keys = text.split("## Keys")[1].split("## ")[0]
    for item in MAIN:
        label = Keys().label(item.id)
        if label != "shift+tab" and not item.summary:
            assert re.search(rf"(?<!\w){re.escape(label)}(?!\w)", keys), label
    for word in ("`0`–`9`", "hjkl", "HJKL", "arrows"):
        assert word in keys
    named = set(re.findall(r"`([a-zA-Z?])`", keys))
    assert named <= {Keys().label(item.id) for item in ACTIONS}


def test_a_key_map_changes_keys_and_all_that_tells_of_them() -> None:
    keys = Keys({"train": "ctrl+t, T", "earlier": "(", "numbers": "n", "sample": "N"})
    assert keys.label("train") == "ctrl+t" and keys.of(BY_ID["train"]) == ("ctrl+t", "T")
    assert keys.textual()["train"] == "ctrl+t,T"
    assert ("training", "ctrl+t", "Train until paused, or pause.") in keys.rows()
    assert keys.footer()[0] == ("ctrl+t", "train")
    # The row for two keys would not be true any more, so each has its own.
    assert ("[ ]", "time") not in keys.footer()
    assert any(shown == "(" for _, shown, _ in keys.rows())
    moved = Keys({"probe-left": "Q", "architecture": "F"})
    assert any(text == "Move the probe one cell left." for *_, text in moved.rows())


def test_keys_are_given_as_the_keyboard_has_them() -> None:
    assert Keys({"layer": "?", "help": "H", "probe-left-far": "F"}).of(BY_ID["layer"]) == (
        "question_mark",
    )


@pytest.mark.parametrize(
    ("keymap", "said"),
    [
        ({"trian": "t"}, "there is no action 'trian'"),
        ({"train": "s"}, "s would be both train and step"),
        ({"chart-fit": "y"}, "y would be both chart-fit and chart-axis"),
        ({"repaint": "x"}, "x would be both"),
    ],
)
def test_key_maps_that_cannot_be_are_told(keymap: dict[str, str], said: str) -> None:
    with pytest.raises(UserError, match=said):
        Keys(keymap)
