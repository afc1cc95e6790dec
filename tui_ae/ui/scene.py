"""What every pane is given to paint from."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui_ae.config import GlyphSet
from tui_ae.model.objective import OBJECTIVES, Objective
from tui_ae.model.spec import ModelSpec
from tui_ae.raster.colour import ColourDepth, class_colours
from tui_ae.run.snapshot import Snapshot
from tui_ae.ui.actions import Keys
from tui_ae.ui.choice import Choice
from tui_ae.ui.lettering import class_words, in_ascii, shown
from tui_ae.ui.themes import Tones

if TYPE_CHECKING:
    from tui_ae.data.dataset import Dataset
    from tui_ae.model.baselines import Baselines
    from tui_ae.ui.view import Monitored, View


@dataclass(frozen=True, slots=True)
class Look:
    """How pictures are drawn: the theme, the terminal's colours and the link's quality."""

    tones: Tones
    depth: ColourDepth
    glyphs: GlyphSet
    """The characters that pictures are made of."""
    grey_levels: int | None
    """Grey steps of an image; None for the terminal's full range."""
    braille_images: bool
    """Whether images are dithered in braille, for the slowest links."""
    sixteen_colours: bool
    """Whether classes take the short colour codes, for slow links."""
    sparse_cloud: bool
    """Whether the cloud is of characters instead of dots, without lines, for the slowest links."""

    @property
    def ascii(self) -> bool:
        """Whether ASCII alone is safe."""
        return self.glyphs == "ascii"

    @property
    def dots(self) -> bool:
        """Whether a cloud may be of dots: to tell classes apart takes more than 16 colours."""
        colours = self.depth not in (ColourDepth.NONE, ColourDepth.SIXTEEN)
        return colours and not self.ascii and not self.sparse_cloud

    def class_colours(self, count: int) -> tuple[int, ...]:
        """0xRRGGBB or BY_NUMBER for each of `count` classes."""
        depth = self.depth
        if self.sixteen_colours and depth is not ColourDepth.NONE:
            depth = ColourDepth.SIXTEEN
        return class_colours(count, dark=self.tones.dark, depth=depth)


@dataclass(frozen=True, slots=True)
class Scene:
    """One moment of the screen: all panes paint from the same scene."""

    view: View | None
    """None before the first snapshot."""
    choice: Choice
    look: Look
    spec: ModelSpec
    baselines: Baselines | None
    batch_size: int
    stage: str
    """What the worker is doing before it is ready to train; '' afterwards."""
    message: str
    """An answer to the last key, shown in the status line until the next key."""
    figures: tuple[str, ...]
    """What the link does, the most important first; empty unless somebody asked."""
    link: str
    """Round trip and rate, or '' where nothing is known of the link."""
    focus: str
    """The pane that tab has reached."""
    welcomes: bool = False
    """Whether nobody has pressed a key yet."""
    leafs: str = ""
    """What tab shows next in place of the pane beside the latent space; '' where all have room."""
    state_keys: tuple[tuple[str, str], ...] = ()
    """(id of an action, words) of what matters in this state, for the footer."""
    kept: int = 0
    """Moments in the timeline."""
    kept_bytes: int = 0
    """What they take in memory, where a moment of the past is shown; 0 otherwise."""
    keys: Keys = Keys()  # noqa: RUF009 - frozen
    """Which keys do what."""
    other: View | None = None
    """A second run through the same choice; None where there is none, or not yet."""
    differs: tuple[tuple[str, str, str], ...] = ()
    """(option, value, the second run's value) of what both differ in."""
    waits: str = ""
    """What the second run still has to do before it can be shown."""
    replays: str = ""
    """How fast the timeline is replayed, in words; '' where it is not."""

    @property
    def snapshot(self) -> Snapshot | None:
        """The moment that is shown."""
        return self.view.snapshot if self.view else None

    @property
    def dataset(self) -> Dataset | None:
        """The images."""
        return self.view.dataset if self.view else None

    @property
    def monitored(self) -> Monitored | None:
        """The sample that is shown."""
        return self.view.monitored if self.view else None

    @property
    def active(self) -> frozenset[int]:
        """The classes that are on."""
        return self.view.active if self.view else frozenset()

    @property
    def class_words(self) -> tuple[str, ...]:
        """The name of each class as the screen shows it; none before there are images."""
        return class_words(self.dataset.class_names, self.look.ascii) if self.dataset else ()

    def words(self, text: str) -> str:
        """Text from outside as the screen shows it."""
        return in_ascii(text) if self.look.ascii else shown(text)

    @property
    def objective(self) -> Objective:
        """By which losses are measured."""
        return OBJECTIVES[self.spec.objective]


def decimal(value: float, places: int = 3) -> str:
    """`value` with an ASCII minus and never '-0.000'."""
    text = f"{value:.{places}f}"
    return text[1:] if float(text) == 0 and text.startswith("-") else text


def loss_text(loss: float, places: int = 4) -> str:
    """A loss as the readouts print it; one that has run away still fits."""
    return f"{loss:.{places}f}" if not abs(loss) >= 100 else f"{loss:.3g}"


def point(name: str, axes: tuple[str, str], x: float, y: float) -> str:
    """A point of a plane as the readouts print it; a layout that has just begun has none yet."""
    if not (math.isfinite(x) and math.isfinite(y)):
        return f"{name}: no place here"
    if not axes[0]:
        return f"{name} ({decimal(x)}, {decimal(y)})"
    return f"{name} ({axes[0]} = {decimal(x)}, {axes[1]} = {decimal(y)})"
