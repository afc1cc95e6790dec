"""The one table of actions, and everything that is made from it."""

import ast
import re
from pathlib import Path

import pytest

from tui_ae.ui.actions import ACTIONS, SUMMARIES, bindings, footer_items, help_rows
from tui_ae.ui.app import ExplorerApp
from tui_ae.ui.main_screen import MainScreen

ROOT = Path(__file__).parents[2]
REMOTE_SAFE = re.compile(
    r"[a-zA-Z0-9?+-]|space|enter|tab|shift\+tab|(shift\+)?(left|right|up|down)|home|end|escape"
    r"|plus|minus|equals_sign|question_mark|full_stop|(greater|less)_than_sign|ctrl\+[clpz]"
    r"|(left|right)_(square|curly)_bracket"
)
"""Keys that a terminal sends through SSH and tmux."""


def test_no_key_is_bound_twice():
    keys = [key for item in ACTIONS for key in item.keys]
    assert len(keys) == len(set(keys))


def test_every_key_survives_ssh_and_tmux():
    for item in ACTIONS:
        for key in item.keys:
            assert REMOTE_SAFE.fullmatch(key), key


@pytest.mark.parametrize("item", ACTIONS, ids=lambda item: item.action)
def test_every_action_has_a_method(item):
    call = re.fullmatch(r"(app\.)?(\w+)(\(.*\))?", item.action)
    assert call, item.action
    owner = ExplorerApp if call[1] else MainScreen
    method = getattr(owner, f"action_{call[2]}", None)
    assert callable(method), item.action
    arguments = ast.literal_eval(call[3]) if call[3] else ()
    arguments = arguments if isinstance(arguments, tuple) else (arguments,)
    code = method.__code__
    least = code.co_argcount - 1 - len(method.__defaults__ or ())
    assert least <= len(arguments) <= code.co_argcount - 1, item.action


def test_every_key_of_the_table_is_a_binding_of_the_main_screen():
    bound = {binding.key: binding.action for binding in bindings()}
    assert bound == {key: item.action for item in ACTIONS for key in item.keys}
    assert [binding.key for binding in MainScreen.BINDINGS] == list(bound)


def test_each_action_is_there_once():
    names = [item.action for item in ACTIONS]
    assert len(names) == len(set(names))


def test_sentences_are_sentences():
    for item in ACTIONS:
        assert item.help[0].isupper() and item.help.endswith(".")
        assert len(item.label.split()) <= 2


def test_footer_places_are_distinct_and_end_with_help_and_quit():
    places = [item.footer for item in ACTIONS if item.footer]
    places += [place for *_, place in SUMMARIES if place]
    assert sorted(places) == list(range(1, len(places) + 1))
    items = footer_items()
    assert [label for _, label in items[-2:]] == ["help", "quit"]
    assert items[0] == ("space", "train")
    assert len(items) == len({key for key, _ in items})


def test_the_footer_shows_what_the_table_binds():
    labels = {item.key_label: item.label for item in ACTIONS if item.key_label}
    summaries = {keys.split(" or ")[0] for _, keys, *_ in SUMMARIES}
    for key, label in footer_items():
        assert labels.get(key) == label or key in summaries


def test_the_help_has_a_row_for_every_key():
    rows = help_rows()
    shown = " ".join(keys for _, keys, _ in rows)
    for item in ACTIONS:
        for key in item.keys:
            if key.isdigit():
                assert "0-9" in shown
            elif re.fullmatch(r"(shift\+)?(left|right|up|down)|[hjklHJKL]", key):
                assert "shift+arrows or HJKL" in shown and "or hjkl" in shown
            else:
                assert item.key_label and any(keys == item.key_label for _, keys, _ in rows)
    groups = [group for group, *_ in rows]
    assert len(set(groups)) == sum(
        1 for at, group in enumerate(groups) if at == 0 or groups[at - 1] != group
    )


def test_the_readme_names_every_key():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    keys = text.split("## Keys")[1].split("## ")[0]
    for item in ACTIONS:
        label = item.key_label
        if label and label != "shift+tab":
            assert re.search(rf"(?<!\w){re.escape(label)}(?!\w)", keys), label
    for word in ("`0`–`9`", "hjkl", "HJKL", "arrows"):
        assert word in keys
    named = set(re.findall(r"`([a-z?])`", keys))
    assert named <= {key for item in ACTIONS for key in (*item.keys, item.key_label)}
