"""The one table of all that keys do: bindings, footer, palette and help are made from it.

A key map changes the keys of an action by its id, on every screen on which the action holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType

from textual import keys as textual_keys
from textual.binding import Binding, BindingType

from tui_ae.errors import UserError
from tui_ae.streams import brief

SIGNS = {
    "plus": "+",
    "minus": "-",
    "full_stop": ".",
    "question_mark": "?",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "left_curly_bracket": "{",
    "right_curly_bracket": "}",
    "greater_than_sign": ">",
    "less_than_sign": "<",
    "escape": "esc",
}
"""What Textual's names of keys look like on the keyboard, where that isn't the name itself."""
NAMES = {sign: name for name, sign in SIGNS.items()}
MODIFIERS = frozenset({"shift", "ctrl", "alt", "super", "hyper", "meta"})
OWN_NAMES = frozenset(
    {key.value.rpartition("+")[2] for key in textual_keys.Keys}
    | set(textual_keys.KEY_NAME_REPLACEMENTS.values())
)
"""Textual's names of keys that are not those of Unicode."""


class KeyMapError(UserError):
    """What a key map can't have, and for which action it says so."""

    def __init__(self, action: str, sentence: str) -> None:
        """Refuse what the map has for an action."""
        super().__init__(sentence)
        self.action = action


class Where(Enum):
    """Where an action holds."""

    EVERYWHERE = "everywhere"
    MAIN = "main"
    """On the map and the panes around it."""
    PAGE = "page"
    """On pages of text."""
    CHART = "chart"
    """On the graph of the loss."""
    CLASSES = "classes"
    """In the list of classes."""
    PAD = "pad"
    """On the drawing pad."""
    QUESTION = "question"
    """Where yes or no is asked."""


@dataclass(frozen=True, slots=True)
class Action:
    """Something that a person can do."""

    id: str
    """What a key map calls it; unique."""
    action: str
    """Textual's action string, such as 'move(1, 0)'; the app's own start with 'app.'."""
    keys: tuple[str, ...]
    """Textual's names of the keys; the first is the one that footer and help print."""
    help: str
    """One sentence for the help and the command palette."""
    group: str = ""
    """The heading in the help; '' for what its own screen explains."""
    label: str = ""
    """One or two words for the footer."""
    footer: int = 0
    """Place in the footer from the left, 0 to leave it out."""
    palette: bool = True
    """Whether the command palette lists it."""
    where: Where = Where.MAIN
    summary: str = ""
    """The id of the row of the help that stands for it and its likes; '' for a row of its own."""


@dataclass(frozen=True, slots=True)
class Summary:
    """A row that stands for several actions."""

    id: str
    keys: str
    """As the keyboard has them, where no key map changes one of them."""
    help: str
    """'' for one in the footer alone, whose keys have rows of their own in the help."""
    group: str
    label: str = ""
    footer: int = 0

    @property
    def footer_keys(self) -> str:
        """The keys, as short as the footer wants them."""
        return self.keys.split(" or ")[0]


DIRECTIONS = (
    ("left", "h", -1, 0),
    ("down", "j", 0, -1),
    ("up", "k", 0, 1),
    ("right", "l", 1, 0),
)
"""An arrow, its letter, and where it points, z2 growing upwards."""


def _moves() -> tuple[Action, ...]:
    moves = []
    for word, letter, columns, rows in DIRECTIONS:
        for far, keys in ((1, (word, letter)), (8, (f"shift+{word}", letter.upper()))):
            cells = "one cell" if far == 1 else "eight cells"
            id_ = f"probe-{word}" + ("-far" if far > 1 else "")
            text = f"Move the probe {cells} {word}."
            action = f"move({columns * far}, {rows * far})"
            row = "probe" if far == 1 else "probe-far"
            moves.append(Action(id_, action, keys, text, "probe", palette=False, summary=row))
    return tuple(moves)


def _digits() -> tuple[Action, ...]:
    return tuple(
        Action(
            f"class-{digit}",
            f"sample_of('{digit}')",
            (str(digit),),
            f"Show a sample of class {digit}.",
            "sample",
            palette=False,
            summary="class",
        )
        for digit in range(10)
    )


def _app(
    id_: str, keys: tuple[str, ...], text: str, group: str, label: str = "", footer: int = 0
) -> Action:
    """An action of the application, called as its id is."""
    return Action(id_, f"app.{id_.replace('-', '_')}", keys, text, group, label, footer)


MAIN = (
    _app("train", ("space",), "Train until paused, or pause.", "training", "train", 1),
    _app("step", ("s",), "Train one epoch, then pause.", "training", "step", 11),
    _app("reset", ("r",), "Start again from fresh weights.", "training", "reset", 15),
    Action("sample", "random_sample", ("n",), "Show a random sample.", "sample", "sample", 3),
    *_digits(),
    *_moves(),
    Action("zoom-in", "zoom(1)", ("plus", "equals_sign"), "Zoom in at the probe.", "view"),
    Action("zoom-out", "zoom(-1)", ("minus",), "Zoom out at the probe.", "view"),
    Action("fit", "fit", ("f",), "Fit the view to the codes again.", "view", "fit", 14),
    _app("classes", ("c",), "Switch classes on and off.", "view", "classes", 13),
    Action(
        "layer", "layer", ("v",), "Next layer: dots, classes, density, tiles.", "map", "layer", 5
    ),
    Action("plane", "plane(1)", ("x",), "Next plane: codes, PCA, t-SNE, UMAP.", "map", "plane", 6),
    Action("plane-back", "plane(-1)", ("X",), "Put the map on the plane before.", "map"),
    Action("dims", "dims", ("full_stop",), "Show the next two numbers of wide codes.", "map"),
    Action("names", "switch('names')", ("z",), "Class names on the map, or none.", "map"),
    Action("held-out", "switch('held_out')", ("u",), "Mark held-out samples, or don't.", "map"),
    Action("dots-over", "switch('dots_over')", ("V",), "Lay dots over decoded tiles.", "map"),
    Action("near", "inspect", ("e",), "Show neighbours beside the map.", "map", "near", 7),
    Action(
        "mark", "mark", ("m",), "Mark the probe as A; again: the way from A to B.", "map", "A–B", 8
    ),
    Action("mark-sample", "mark_sample", ("M",), "Mark the sample as A, or as B.", "map"),
    Action("prior", "prior", ("P",), "Show the prior of --kind vae, and draw from it.", "map"),
    _app("compare", ("C",), "Show both runs of tui-ae compare, or one.", "map"),
    _app("align", ("A",), "Align the second run's map with the first.", "map"),
    Action("unmark", "unmark", ("escape",), "Take the marks away.", "map"),
    Action(
        "earlier", "moment(-1)", ("left_square_bracket",), "Go back to the moment before.", "time"
    ),
    Action("later", "moment(1)", ("right_square_bracket",), "Go on to the next moment.", "time"),
    Action("earlier-far", "moment(-10)", ("left_curly_bracket",), "Go back ten moments.", "time"),
    Action("later-far", "moment(10)", ("right_curly_bracket",), "Go on ten moments.", "time"),
    Action("first", "first_moment", ("home",), "Go to the untrained network.", "time"),
    Action("live", "live", ("end",), "Go back to the newest moment.", "time"),
    Action(
        "replay", "replay(1)", ("greater_than_sign",), "Replay the training; again: faster.", "time"
    ),
    Action("replay-slower", "replay(-1)", ("less_than_sign",), "Replay slower, or stop.", "time"),
    Action("next-pane", "next_pane", ("tab",), "Go to the next pane.", "view", "pane", 16),
    Action("previous-pane", "previous_pane", ("shift+tab",), "Go to the pane before.", "view"),
    Action(
        "open-pane", "open_pane", ("enter",), "Take the nearest sample; or open the pane.", "view"
    ),
    _app("loss-chart", ("g",), "Show the loss as a large graph.", "view", "graph", 9),
    _app("architecture", ("a",), "Explain how an autoencoder works.", "learn", "explain", 4),
    _app("pad", ("D",), "Draw an image, and see where it lands.", "learn"),
    _app("numbers", ("N",), "Compare the network with PCA; its quality.", "learn"),
    _app("data", ("d",), "Tell what was read, and what was not.", "learn"),
    _app("theme", ("t",), "Change to the next theme.", "program"),
    _app("glyphs", ("b",), "Draw with other characters.", "program"),
    _app("colours", ("o",), "Draw in the next number of colours.", "program"),
    _app("picture", ("p",), "Save the screen as SVG and as text.", "program"),
    _app("write", ("w",), "Write the run for other programs.", "program"),
    _app("copy-command", ("y",), "Copy the command that repeats it.", "program"),
    _app("stats", ("i",), "Show what the link to the terminal does.", "program"),
    Action(
        "palette",
        "app.command_palette",
        ("ctrl+p",),
        "Search all commands.",
        "program",
        palette=False,
    ),
    _app("help", ("question_mark",), "List all keys.", "learn", "help", 17),
    _app("quit", ("q",), "Leave.", "program", "quit", 18),
)


def _of(where: Where, *rows: tuple[str, str, str, str]) -> tuple[Action, ...]:
    """Actions of another screen: (id, action, keys, sentence) each."""
    return tuple(
        Action(id_, action, tuple(keys.split()), text, palette=False, where=where)
        for id_, action, keys, text in rows
    )


def _pad_moves() -> tuple[Action, ...]:
    rows = []
    for word, letter, columns, up in DIRECTIONS:
        for far, name, keys, pixels in (
            (1, f"pad-{word}", f"{word} {letter}", "a pixel"),
            (4, f"pad-{word}-far", f"shift+{word} {letter.upper()}", "four pixels"),
        ):
            action = f"move({columns * far}, {-up * far})"
            rows.append((name, action, keys, f"Move the pen {word} by {pixels}."))
    return _of(Where.PAD, *rows)


ACTIONS: tuple[Action, ...] = (
    *MAIN,
    Action(
        "repaint",
        "app.repaint",
        ("ctrl+l",),
        "Paint the whole screen again.",
        "program",
        where=Where.EVERYWHERE,
    ),
    Action(
        "leave",
        "app.quit",
        ("ctrl+c",),
        "Leave, from any page.",
        "program",
        where=Where.EVERYWHERE,
    ),
    Action(
        "suspend",
        "app.suspend_process",
        ("ctrl+z",),
        "Go back to the shell; fg returns.",
        "program",
        where=Where.EVERYWHERE,
    ),
    *_of(
        Where.PAGE,
        ("scroll-up", "scroll(-1)", "up k", "Scroll up by a row."),
        ("scroll-down", "scroll(1)", "down j", "Scroll down by a row."),
        ("page-up", "screenful(-1)", "pageup b", "Scroll up by a page."),
        ("page-down", "screenful(1)", "pagedown space", "Scroll down by a page."),
        ("page-top", "edge(-1)", "home", "Go to the top."),
        ("page-end", "edge(1)", "end", "Go to the bottom."),
        ("back", "back", "escape q", "Go back."),
    ),
    *_of(
        Where.CHART,
        ("chart-left", "cursor(-1)", "left h", "Move the cursor to the epoch before."),
        ("chart-right", "cursor(1)", "right l", "Move the cursor to the next epoch."),
        ("chart-left-far", "far(-1)", "shift+left H", "Move the cursor far to the left."),
        ("chart-right-far", "far(1)", "shift+right L", "Move the cursor far to the right."),
        ("chart-first", "end(-1)", "home", "Move the cursor to the first epoch."),
        ("chart-last", "end(1)", "end", "Take the cursor to the newest epoch."),
        ("chart-zoom-in", "zoom(1)", "plus equals_sign", "Show fewer epochs."),
        ("chart-zoom-out", "zoom(-1)", "minus", "Show more epochs."),
        ("chart-fit", "fit", "f", "Show all epochs."),
        ("chart-axis", "log_axis", "y", "Change between a linear and a logarithmic axis."),
        ("chart-back", "back", "escape q", "Go back."),
    ),
    *_of(
        Where.CLASSES,
        *(
            (f"switch-{digit}", f"switch_key('{digit}')", str(digit), f"Switch class {digit}.")
            for digit in range(10)
        ),
        ("classes-up", "move(-1)", "up k", "Go up by a class."),
        ("classes-down", "move(1)", "down j", "Go down by a class."),
        ("classes-left", "column(-1)", "left h", "Go to the column before."),
        ("classes-right", "column(1)", "right l", "Go to the next column."),
        ("classes-page-up", "screenful(-1)", "pageup", "Go up by a page."),
        ("classes-page-down", "screenful(1)", "pagedown", "Go down by a page."),
        ("classes-first", "move(-1000)", "home", "Go to the first class."),
        ("classes-last", "move(1000)", "end", "Go to the last class."),
        ("switch-here", "switch_here", "space enter", "Switch the class under the cursor."),
        ("classes-all", "all", "a", "Switch all classes on."),
        ("classes-two", "random_two", "r", "Choose two classes at random."),
        ("classes-close", "close", "escape q", "Close the list."),
    ),
    *_pad_moves(),
    *_of(
        Where.PAD,
        ("pad-pen", "pen", "space", "Put the pen down, or take it up."),
        ("pad-erase", "eraser", "e", "Erase instead of drawing, or draw again."),
        ("pad-thicker", "thicken(1)", "plus equals_sign", "Draw wider strokes."),
        ("pad-thinner", "thicken(-1)", "minus", "Draw narrower strokes."),
        ("pad-clear", "clear", "c", "Take all ink away."),
        ("pad-undo", "undo", "u", "Take the last stroke back."),
        ("pad-keep", "keep", "enter", "Keep the drawing as the current sample."),
        ("pad-back", "back", "escape q", "Go back."),
    ),
    *_of(
        Where.QUESTION,
        ("yes", "answer(True)", "y enter", "Say yes."),
        ("no", "answer(False)", "n escape q", "Say no."),
    ),
)
BY_ID = {item.id: item for item in ACTIONS}

SUMMARIES = (
    Summary("time", "[ ]", "", "", "time", 10),
    Summary("class", "0-9", "A sample of that class.", "sample", "class", 12),
    Summary("probe", "←↓↑→ or hjkl", "Move the probe by a cell.", "probe", "probe", 2),
    Summary("probe-far", "shift+arrows or HJKL", "Move the probe by eight cells.", "probe"),
)


def bindings(where: Where, *closing: str) -> list[BindingType]:
    """The bindings of a screen.

    Args:
        where: The screen.
        closing: Ids of the actions that open it: their keys close it, too.
    """
    own = [
        Binding(key, item.action, item.help, show=False, id=item.id)
        for item in ACTIONS
        if item.where is where
        for key in item.keys
    ]
    back = next((item.action for item in ACTIONS if item.where is where and _closes(item)), "back")
    own += [
        Binding(key, back, "Go back.", show=False, id=opener)
        for opener in closing
        for key in BY_ID[opener].keys
    ]
    return list(own)


def _closes(item: Action) -> bool:
    return item.action in ("back", "close")


def app_bindings() -> list[BindingType]:
    """Those that serve everywhere: with priority, for dialogs look at no others of the app."""
    return [
        Binding(key, item.action, item.help, show=False, id=item.id, priority=True)
        for item in ACTIONS
        if item.where is Where.EVERYWHERE
        for key in item.keys
    ]


@dataclass(frozen=True, slots=True)
class Keys:
    """Which keys do what, as the person has it.

    Raises:
        KeyMapError: an id or a key is not known, or one key is given to two actions of one screen.
    """

    keymap: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Keys by the id of an action, such as 'space, ctrl+t'; as the keyboard has them or as Textual
    calls them."""

    def __post_init__(self) -> None:
        for id_ in self.keymap:
            if id_ not in BY_ID:
                about = brief(repr(id_))
                sentence = f"keys: there is no action {about}; tui-ae config show lists all."
                raise KeyMapError(id_, sentence)
            for key in self.of(BY_ID[id_]):
                if not _is_key(key):
                    raise KeyMapError(
                        id_,
                        f"{id_}: there is no key {brief(repr(key))}; they are called as in "
                        "'space, T, ctrl+t, f2, left_square_bracket'.",
                    )
        for where in Where:
            used: dict[str, str] = {}
            for item in ACTIONS:
                if item.where not in (where, Where.EVERYWHERE):
                    continue
                for key in self.of(item):
                    if key in used and used[key] != item.id:
                        both = (used[key], item.id)
                        raise KeyMapError(
                            # The last of the two that the map itself has.
                            [id_ for id_ in self.keymap if id_ in both][-1],
                            f"keys: {_sign(key)} would be both {both[0]} and {both[1]}; give "
                            "one of them another key.",
                        )
                    used[key] = item.id

    def of(self, item: Action) -> tuple[str, ...]:
        """The keys of an action, as Textual calls them."""
        if item.id not in self.keymap:
            return item.keys
        given = self.keymap[item.id]
        # A comma alone parts keys; Textual has a name for the key itself.
        return tuple(NAMES.get(key, key) for key in given.replace(",", " ").split())

    def textual(self) -> dict[str, str]:
        """The key map as Textual takes it."""
        return {id_: ",".join(self.of(BY_ID[id_])) for id_ in self.keymap}

    def label(self, id_: str) -> str:
        """The first key of an action as the keyboard has it; '' where it has none."""
        return next((_sign(key) for key in self.of(BY_ID[id_])), "")

    def rows(self) -> list[tuple[str, str, str]]:
        """(group, keys, sentence) of all on the main screen, in the table's order, for the help."""
        shown = [item for item in ACTIONS if item.group and not self._is_summed_up(item)]
        rows = [(item.group, self.label(item.id), item.help) for item in shown]
        rows += [
            (row.group, row.keys, row.help) for row in SUMMARIES if row.group and self._holds(row)
        ]
        order = list(dict.fromkeys(item.group for item in ACTIONS if item.group))
        return sorted((row for row in rows if row[1]), key=lambda row: order.index(row[0]))

    def footer(self) -> list[tuple[str, str]]:
        """(keys, label) for the footer, the most useful first."""
        placed = [(item.footer, self.label(item.id), item.label) for item in ACTIONS if item.footer]
        placed += [
            (row.footer, row.footer_keys, row.label)
            for row in SUMMARIES
            if row.footer and self._holds(row)
        ]
        return [(keys, label) for _, keys, label in sorted(placed) if keys]

    def _is_summed_up(self, item: Action) -> bool:
        rows = [row for row in SUMMARIES if row.id == item.summary]
        return any(self._holds(row) for row in rows)

    def _holds(self, row: Summary) -> bool:
        """Whether a row still says the truth: no action that it stands for has another key."""
        members = {item.id for item in ACTIONS if item.summary == row.id}
        if row.id == "time":
            members = {"earlier", "later"}
        return not members & set(self.keymap)


def _is_key(key: str) -> bool:
    """Whether a keyboard may send a key that Textual calls so."""
    *modifiers, name = key.split("+")
    known = name in OWN_NAMES or textual_keys.key_to_character(name) is not None
    return known and MODIFIERS.issuperset(modifiers)


def _sign(key: str) -> str:
    """A key as the keyboard has it."""
    return SIGNS.get(key, key)
