"""The one table from which key bindings, footer, command palette and help are made."""

from __future__ import annotations

from dataclasses import dataclass

from textual.binding import Binding, BindingType


@dataclass(frozen=True, slots=True)
class Action:
    """Something that a person can do on the main screen."""

    action: str
    """Textual's action string, such as 'move(1, 0)'; the app's own start with 'app.'."""
    keys: tuple[str, ...]
    """Textual's names of the keys."""
    key_label: str
    """The keys as the footer and the help print them."""
    label: str
    """One or two words for the footer."""
    help: str
    """One sentence for the help and the command palette."""
    group: str
    """The heading in the help."""
    footer: int = 0
    """Place in the footer from the left, 0 to leave it out."""
    palette: bool = True
    """Whether the command palette lists it."""
    everywhere: bool = False
    """Whether its keys serve other screens and dialogs too."""


def _moves() -> list[Action]:
    directions = (
        ("left", "h", -1, 0, "left"),
        ("down", "j", 0, -1, "down"),
        ("up", "k", 0, 1, "up"),
        ("right", "l", 1, 0, "right"),
    )
    moves = []
    for arrow, letter, columns, rows, word in directions:
        for far, keys in (
            (1, (arrow, letter)),
            (8, (f"shift+{arrow}", letter.upper())),
        ):
            cells = "one cell" if far == 1 else "eight cells"
            moves.append(
                Action(
                    f"move({columns * far}, {rows * far})",
                    keys,
                    "",
                    "probe",
                    f"Move the probe {cells} {word}.",
                    "probe",
                    palette=False,
                )
            )
    return moves


def _digits() -> list[Action]:
    return [
        Action(
            f"sample_of('{digit}')",
            (str(digit),),
            "",
            "class",
            f"Show a sample of class {digit}.",
            "sample",
            palette=False,
        )
        for digit in range(10)
    ]


ACTIONS: tuple[Action, ...] = (
    Action(
        "app.train", ("space",), "space", "train", "Train until paused, or pause.", "training", 1
    ),
    Action("app.step", ("s",), "s", "step", "Train one epoch, then pause.", "training", 11),
    Action("app.reset", ("r",), "r", "reset", "Start again from fresh weights.", "training", 15),
    Action("random_sample", ("n",), "n", "sample", "Show a random sample.", "sample", 3),
    *_digits(),
    *_moves(),
    Action("zoom(1)", ("plus", "equals_sign"), "+", "zoom in", "Zoom in at the probe.", "view"),
    Action("zoom(-1)", ("minus",), "-", "zoom out", "Zoom out at the probe.", "view"),
    Action("fit", ("f",), "f", "fit", "Fit the view to the codes again.", "view", 14),
    Action("app.classes", ("c",), "c", "classes", "Switch classes on and off.", "view", 13),
    Action("layer", ("v",), "v", "layer", "Draw the map of the next layer.", "map", 5),
    Action("plane(1)", ("x",), "x", "plane", "Put the map on the next plane.", "map", 6),
    Action("plane(-1)", ("X",), "X", "", "Put the map on the plane before.", "map"),
    Action("dims", ("full_stop",), ".", "", "Show the next two numbers of wide codes.", "map"),
    Action("switch('names')", ("z",), "z", "", "Class names on the map, or none.", "map"),
    Action("switch('held_out')", ("u",), "u", "", "Mark held-out samples, or don't.", "map"),
    Action("switch('dots_over')", ("V",), "V", "", "Lay dots over decoded tiles.", "map"),
    Action("inspect", ("e",), "e", "near", "Show neighbours beside the map.", "map", 7),
    Action("mark", ("m",), "m", "A–B", "Mark A, then B: the way between them.", "map", 8),
    Action("unmark", ("escape",), "esc", "", "Take the marks away.", "map"),
    Action(
        "moment(-1)", ("left_square_bracket",), "[", "", "Go back to the moment before.", "time"
    ),
    Action("moment(1)", ("right_square_bracket",), "]", "", "Go on to the next moment.", "time"),
    Action("moment(-10)", ("left_curly_bracket",), "{", "", "Go back ten moments.", "time"),
    Action("moment(10)", ("right_curly_bracket",), "}", "", "Go on ten moments.", "time"),
    Action("first_moment", ("home",), "home", "", "Go to the untrained network.", "time"),
    Action("live", ("end",), "end", "", "Go back to the newest moment.", "time"),
    Action(
        "replay(1)", ("greater_than_sign",), ">", "", "Replay the training; again: faster.", "time"
    ),
    Action("replay(-1)", ("less_than_sign",), "<", "", "Replay slower, or stop.", "time"),
    Action("next_pane", ("tab",), "tab", "pane", "Go to the next pane.", "view", 16),
    Action("previous_pane", ("shift+tab",), "shift+tab", "", "Go to the pane before.", "view"),
    Action("open_pane", ("enter",), "enter", "open", "Open what the pane offers.", "view"),
    Action("app.loss_chart", ("g",), "g", "graph", "Show the loss as a large graph.", "view", 9),
    Action(
        "app.architecture",
        ("a",),
        "a",
        "explain",
        "Explain how an autoencoder works.",
        "learn",
        4,
    ),
    Action("app.numbers", ("N",), "N", "numbers", "Compare the network with PCA.", "learn"),
    Action("app.data", ("d",), "d", "data", "Tell what was read, and what was not.", "learn"),
    Action("app.theme", ("t",), "t", "theme", "Change to the next theme.", "program"),
    Action("app.glyphs", ("b",), "b", "characters", "Draw with other characters.", "program"),
    Action("app.colours", ("o",), "o", "colours", "Draw in the next number of colours.", "program"),
    Action("app.picture", ("p",), "p", "picture", "Save the screen as SVG and as text.", "program"),
    Action("app.write", ("w",), "w", "write", "Write the run for other programs.", "program"),
    Action("app.copy_command", ("y",), "y", "copy", "Copy the command that repeats it.", "program"),
    Action("app.stats", ("i",), "i", "link", "Show what the link to the terminal does.", "program"),
    Action(
        "app.repaint",
        ("ctrl+l",),
        "ctrl+l",
        "",
        "Paint the whole screen again.",
        "program",
        everywhere=True,
    ),
    Action(
        "app.command_palette",
        ("ctrl+p",),
        "ctrl+p",
        "",
        "Search all commands.",
        "program",
        0,
        False,
    ),
    Action(
        "app.suspend_process",
        ("ctrl+z",),
        "ctrl+z",
        "",
        "Go back to the shell; fg returns.",
        "program",
        everywhere=True,
    ),
    Action("app.help", ("question_mark",), "?", "help", "List all keys.", "learn", 17),
    Action("app.quit", ("q", "ctrl+c"), "q", "quit", "Leave.", "program", 18),
)

SUMMARIES: tuple[tuple[str, str, str, int], ...] = (
    ("time", "[ ]", "Earlier moments of the training.", 10),
    ("sample", "0-9", "A sample of that class.", 12),
    ("probe", "←↓↑→ or hjkl", "Move the probe by a cell.", 2),
    ("probe", "shift+arrows or HJKL", "Move the probe by eight cells.", 0),
)
"""Rows that stand for many bindings: group, keys, help, place in the footer."""


def bindings() -> list[BindingType]:
    """The bindings of the main screen."""
    return [
        Binding(key, item.action, item.label, show=False) for item in ACTIONS for key in item.keys
    ]


def app_bindings() -> list[BindingType]:
    """Those that serve everywhere: with priority, for dialogs look at no others of the app."""
    return [
        Binding(key, item.action, item.label, show=False, priority=True)
        for item in ACTIONS
        if item.everywhere
        for key in item.keys
    ]


def help_rows() -> list[tuple[str, str, str]]:
    """(group, keys, sentence) of everything, in the table's order, for the help."""
    rows = [(item.group, item.key_label, item.help) for item in ACTIONS if item.key_label]
    rows += [(group, keys, text) for group, keys, text, _ in SUMMARIES]
    order = list(dict.fromkeys(item.group for item in ACTIONS))
    return sorted(rows, key=lambda row: order.index(row[0]))


def footer_items() -> list[tuple[str, str]]:
    """(keys, label) for the footer, the most useful first."""
    placed = [(item.footer, item.key_label, item.label) for item in ACTIONS if item.footer]
    labels = {"sample": "class", "probe": "probe", "time": "time"}
    placed += [
        (place, keys.split(" or ")[0], labels[group])
        for group, keys, _, place in SUMMARIES
        if place
    ]
    return [(keys, label) for _, keys, label in sorted(placed)]
