"""The private parts of libraries that the program uses, which an upgrade may take away.

Each is there, and takes what it is given. Whoever uses another one names it here.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from plotext._figure import _figure_class
from rich.cells import cached_cell_len
from rich.console import Console
from textual._compositor import Compositor
from textual._styles_cache import StylesCache
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.command import CommandPalette
from textual.drivers.linux_driver import LinuxDriver
from textual.geometry import Region
from textual.widget import Widget

import tui_ae

ROOT = Path(tui_ae.__file__).parent

METHODS: dict[Callable[..., Any], tuple[str, ...]] = {
    App._display: ("screen", "renderable"),
    Compositor.render_update: ("full", "screen_stack"),
    Compositor.render_strips: (),
    XTermParser: ("debug",),
    _figure_class._set_size: ("width", "height"),
}
"""What is called, with the names of the arguments that it is given."""
OVERRIDDEN: dict[str, tuple[type, tuple[object, ...]]] = {
    "_get_terminal_size": (LinuxDriver, ()),
    "_query_in_band_window_resize": (LinuxDriver, ()),
    "_sigcont_application": (LinuxDriver, (1, None)),
    "_sigtstp_application": (LinuxDriver, (1, None)),
    "_action_command_list": (CommandPalette, ("cursor_down",)),
}
"""What classes of the program put in the place of Textual's own, and what Textual gives them."""
USED = {
    *("_app", "_auto_restart", "_debug", "_loop"),  # Of Driver.
    *("_background_screens", "_display", "_driver", "_exit"),  # Of App.
    *("_color_system", "_compositor", "_set_size", "_timeout_time"),
    *("_ArgumentGroup", "_HelpAction", "_StoreConstAction", "_SubParsersAction"),
    *("_action_groups", "_group_actions"),
    *("_addmm_activation", "_foreach_add_", "_fused_adam_"),  # Of PyTorch.
}
PUBLIC = {"_exit": "os", "_replace": "a named tuple"}
"""Names that look private and are documented."""


def names_of_our_own(trees: list[ast.Module]) -> set[str]:
    """All names that the program itself defines."""
    found = set()
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Attribute | ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.attr if isinstance(node, ast.Attribute) else node.id)
    return found


def test_no_other_private_part_is_used() -> None:
    trees = [ast.parse(path.read_text()) for path in sorted(ROOT.rglob("*.py"))]
    own = names_of_our_own(trees) - {"_color_system"}
    used = {
        node.attr
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr.startswith("_")
    }
    used = {name for name in used - own if not name.startswith("__")}
    assert used - set(PUBLIC) - set(OVERRIDDEN) <= USED
    assert used - set(PUBLIC) >= USED - {"_app", "_exit"}


@pytest.mark.parametrize("called", METHODS, ids=lambda called: called.__qualname__)
def test_what_is_called_takes_its_arguments(called: Callable[..., Any]) -> None:
    names = METHODS[called]
    signature = inspect.signature(called)
    given = [None] * (not inspect.isclass(called))
    if all(name in signature.parameters for name in names):
        signature.bind(*given, **dict.fromkeys(names))
    else:
        signature.bind(*given, *names)


def subclasses() -> Iterator[type]:
    """The program's classes that have one of Textual's above them."""
    for package in ("tui_ae.ui", "tui_ae.link"):
        path = [str(ROOT.joinpath(*package.split(".")[1:]))]
        for module in pkgutil.walk_packages(path, f"{package}."):
            for kind in vars(importlib.import_module(module.name)).values():
                if inspect.isclass(kind) and kind.__module__ == module.name:
                    yield kind


def test_no_private_method_of_textual_is_overridden_but_those() -> None:
    found = set()
    for kind in subclasses():
        above = [base for base in kind.__mro__[1:] if base.__module__.startswith("textual")]
        for name, value in vars(kind).items():
            private = name.startswith("_") and not name.startswith("__")
            if private and inspect.isfunction(value) and any(name in vars(base) for base in above):
                found.add(name)
    assert found == set(OVERRIDDEN)


@pytest.mark.parametrize("name", OVERRIDDEN)
def test_what_is_overridden_is_called_as_before(name: str) -> None:
    owner, arguments = OVERRIDDEN[name]
    inspect.signature(vars(owner)[name]).bind(None, *arguments)


async def test_a_running_application_has_what_is_read_of_it() -> None:
    app = App[None]()
    async with app.run_test(size=(20, 5)):
        assert app._driver is not None and not app._exit
        driver = app._driver
        assert driver._app is app and driver._auto_restart is True and driver._debug is False
        assert driver._loop.is_running()
        assert app._background_screens == []
        assert isinstance(app.screen._compositor, Compositor)
        update = app.screen._compositor.render_update(
            full=True, screen_stack=app._background_screens
        )
        assert update is not None
        strips = app.screen._compositor.render_strips()
        assert [len(strip.text) for strip in strips] == [20] * 5
        app.exit()
        left: bool = app._exit
        assert left


def test_the_parser_says_that_it_waits_for_the_rest() -> None:
    parser = XTermParser(False)
    waits = []
    for piece in ("", "\x1b[1", ";5A"):
        list(parser.feed(piece) if piece else ())
        waits.append(parser._timeout_time is not None)
    assert waits == [False, True, False]


def test_rich_takes_its_depth_of_colour_from_one_place() -> None:
    console = Console(color_system="truecolor", force_terminal=True)
    told = [console.color_system]
    console._color_system = None
    assert [*told, console.color_system] == ["truecolor", None]


def test_what_is_remembered_of_closed_screens_can_be_forgotten() -> None:
    for function in (StylesCache.get_inner_outer, Region.intersection, cached_cell_len):
        assert callable(function.cache_clear)


def test_a_parser_of_options_lists_them_by_group() -> None:
    parser = argparse.ArgumentParser()
    group = parser.add_argument_group("some")
    option = group.add_argument("--flag", action="store_true")
    assert isinstance(group, argparse._ArgumentGroup)
    assert group in parser._action_groups and group._group_actions == [option]
    assert isinstance(option, argparse._StoreConstAction)
    assert isinstance(parser._actions[0], argparse._HelpAction)
    assert isinstance(parser.add_subparsers(), argparse._SubParsersAction)


def test_no_widget_hides_one_of_textuals_attributes() -> None:
    """Names that the program gives to its own widgets are none that a bare one has."""
    taken = {name for name in vars(Widget()) if name.startswith("_")}
    classes: dict[str, set[str]] = {}
    for kind in subclasses():
        if issubclass(kind, Widget):
            source = ast.parse(inspect.getsource(kind).lstrip())
            classes[kind.__name__] = {
                node.attr
                for node in ast.walk(source)
                if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
            }
    assert classes
    assert {name: names & taken for name, names in classes.items() if names & taken} == {}
