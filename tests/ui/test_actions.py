"""The one table of actions, and everything that is made from it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tui_ae.errors import UserError
from tui_ae.ui.actions import (
    ACTIONS,
    BY_ID,
    MAIN,
    SUMMARIES,
    Action,
    KeyMapError,
    Keys,
    Where,
    app_bindings,
    bindings,
)
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


@pytest.mark.parametrize(
    ("where", "opener", "keys", "action"),
    [
        (Where.CLASSES, "classes", ("c",), "close"),
        (Where.CHART, "loss-chart", ("g",), "back"),
        # A page has a way back; a question has none, and gets one.
        (Where.PAGE, "zoom-in", ("plus", "equals_sign"), "back"),
        (Where.QUESTION, "reset", ("r",), "back"),
    ],
)
def test_what_opens_a_screen_is_bound_to_what_closes_it(
    where: Where, opener: str, keys: tuple[str, ...], action: str
) -> None:
    closing = [
        (binding.key, binding.action, binding.id)
        for binding in bindings(where, opener)
        if binding.id == opener
    ]
    assert closing == [(key, action, opener) for key in keys]


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


@pytest.mark.parametrize(
    ("id_", "keys", "action"),
    [
        ("probe-left", ("left", "h"), "move(-1, 0)"),
        ("probe-up", ("up", "k"), "move(0, 1)"),
        ("probe-right-far", ("shift+right", "L"), "move(8, 0)"),
        ("probe-down-far", ("shift+down", "J"), "move(0, -8)"),
        # Rows of the pad are counted from the top.
        ("pad-up", ("up", "k"), "move(0, -1)"),
        ("pad-right", ("right", "l"), "move(1, 0)"),
        ("pad-down-far", ("shift+down", "J"), "move(0, 4)"),
        ("pad-left-far", ("shift+left", "H"), "move(-4, 0)"),
    ],
)
def test_arrows_and_letters_go_where_they_point(
    id_: str, keys: tuple[str, ...], action: str
) -> None:
    assert (BY_ID[id_].keys, BY_ID[id_].action) == (keys, action)


def test_the_footer_begins_with_what_a_newcomer_needs() -> None:
    shown = " ".join(f"{keys}:{label}" for keys, label in Keys().footer())
    assert shown == (
        "space:train ←↓↑→:probe n:sample a:explain v:layer x:plane e:near m:A–B g:graph [ ]:time "
        "s:step 0-9:class c:classes f:fit r:reset tab:pane ?:help q:quit"
    )


def test_the_help_has_its_groups_in_the_order_of_the_table() -> None:
    rows = Keys().rows()
    groups = list(dict.fromkeys(group for group, *_ in rows))
    assert groups == [
        "training", "sample", "probe", "view", "map", "time", "learn", "program",
    ]  # fmt: skip
    assert [keys for group, keys, _ in rows if group == "probe"] == [
        "←↓↑→ or hjkl",
        "shift+arrows or HJKL",
    ]


def test_keys_that_serve_everywhere_come_before_those_of_any_screen() -> None:
    bound = [(binding.key, binding.action, binding.priority) for binding in app_bindings()]
    assert bound == [
        ("ctrl+l", "app.repaint", True),
        ("ctrl+c", "app.quit", True),
        ("ctrl+z", "app.suspend_process", True),
    ]


def test_an_action_may_have_no_key_and_is_left_out_then() -> None:
    keys = Keys({"train": "", "step": ","})
    assert keys.of(BY_ID["train"]) == keys.of(BY_ID["step"]) == () and keys.label("train") == ""
    assert keys.textual() == {"train": "", "step": ""}
    assert not {"train", "step"} & {label for _, label in keys.footer()}
    assert [text for group, _, text in keys.rows() if group == "training"] == [
        "Start again from fresh weights."
    ]


@pytest.mark.parametrize("summary", ["time", "class", "probe", "probe-far"])
def test_a_row_for_several_keys_goes_where_one_of_them_is_another(summary: str) -> None:
    members = [item.id for item in ACTIONS if item.summary == summary] or ["earlier", "later"]
    (row,) = (row for row in SUMMARIES if row.id == summary)
    for id_ in (members[0], members[-1]):
        keys = Keys({id_: "f12"})
        footer = (row.footer_keys, row.label)
        assert footer not in keys.footer() and (row.group, row.keys, row.help) not in keys.rows()
        assert any(shown == "f12" for _, shown, _ in keys.rows())
    # The keys of others have no say in it.
    kept = Keys({"theme": "f12", "earlier-far": "f11"})
    assert not row.footer or (row.footer_keys, row.label) in kept.footer()


@pytest.mark.parametrize("key", ["f12", "ctrl+t", "ctrl+shift+f2", "ü", "comma", "(", "space"])
def test_what_a_keyboard_may_send_is_a_key(key: str) -> None:
    assert Keys({"train": key}).keymap == {"train": key}


@pytest.mark.parametrize("key", ["foo", "ctrl+foo", "foo+t", "t+ctrl", "(("])
def test_what_no_keyboard_sends_is_no_key(key: str) -> None:
    with pytest.raises(KeyMapError) as caught:
        Keys({"step": "f9", "train": f"{key} f10"})
    assert caught.value.action == "train"
    assert str(caught.value) == (
        f"train: there is no key '{key}'; they are called as in "
        "'space, T, ctrl+t, f2, left_square_bracket'."
    )


@pytest.mark.parametrize(
    ("keymap", "action", "said"),
    [
        ({"train": "s", "step": "r"}, "step", "r would be both step and reset"),
        ({"train": "T", "theme": "T"}, "theme", "T would be both train and theme"),
        ({"theme": "T", "train": "T"}, "train", "T would be both train and theme"),
        ({"leave": "question_mark"}, "leave", "? would be both help and leave"),
        ({"scroll-up": "ctrl+l"}, "scroll-up", "ctrl+l would be both repaint and scroll-up"),
        ({"yes": "n"}, "yes", "n would be both yes and no"),
    ],
)
def test_the_last_of_two_that_a_map_gives_one_key_is_named(
    keymap: dict[str, str], action: str, said: str
) -> None:
    with pytest.raises(KeyMapError) as caught:
        Keys(keymap)
    assert caught.value.action == action
    assert str(caught.value) == f"keys: {said}; give one of them another key."


def test_one_key_may_do_one_thing_on_each_screen() -> None:
    assert Keys({"train": "f9", "pad-pen": "f9", "switch-here": "f9"}).label("pad-pen") == "f9"
    assert Keys({"train": "f9, f9"}).of(BY_ID["train"]) == ("f9", "f9")
