"""What the person chose to look at, as one frozen value."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Literal

from tui_ae.arrays import FloatArray
from tui_ae.raster.viewport import Viewport


class Layer(Enum):
    """What the map is drawn of; the value is its name on the screen."""

    BRAILLE = "braille"
    DIGITS = "class characters"
    DENSITY = "density"
    TILES = "decoded tiles"

    @property
    def short(self) -> str:
        """Its name where there is little room."""
        return {"class characters": "classes", "decoded tiles": "tiles"}.get(self.value, self.value)


class PlaneName(Enum):
    """The planes on which the map can stand; the value names one in the palette."""

    CODES = "the codes"
    PRINCIPAL = "PCA of the codes"
    PIXELS = "PCA of the pixels"
    TSNE = "t-SNE of the codes"
    UMAP = "UMAP of the codes"
    TSNE_PIXELS = "t-SNE of the pixels"
    UMAP_PIXELS = "UMAP of the pixels"


class Inspector(Enum):
    """What stands beside the map about the probe or the sample."""

    DECODED = "decoded"
    OF_PROBE = "neighbours of the probe"
    OF_SAMPLE = "neighbours of the sample"
    PRIOR = "draws from the prior"
    """Of a variational autoencoder."""


Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class End:
    """A marked end of the way over the map."""

    point: Point
    """On the plane, as it was marked."""
    sample: int = -1
    """The sample that was marked: the end goes where it goes; -1 for none."""
    drawn: bool = False
    """Whether it is a drawing of the person's own, in a sample's place."""


Switch = Literal["names", "held_out", "dots_over"]
"""What can be on or off."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Nothing here changes a loss; what follows from it and from a snapshot is a View."""

    sample: int = -1
    """The number of the monitored sample; -1 before there is one."""
    drawn: FloatArray | None = None
    """(28, 28), an image of the person's own in its place."""
    pinned: bool = False
    """Whether the person chose the sample: then training does not change it."""
    probe: Point = (0.0, 0.0)
    """On the plane."""
    viewport: Viewport = Viewport(-1.0, 1.0, -1.0, 1.0)  # noqa: RUF009 - frozen
    """The box of the plane that the map shows."""
    follows: bool = True
    """Whether that box follows the codes; False once the person has zoomed."""
    plane: PlaneName = PlaneName.CODES
    dims: tuple[int, int] = (0, 1)
    """Which numbers of wide codes the plane of the codes shows, from 0."""
    layer: Layer = Layer.BRAILLE
    dots_over: bool = False
    """Whether dots are laid over the tiles."""
    names: bool = True
    """Whether class names stand on the map where there is room."""
    held_out: bool = False
    """Whether held-out samples are marked."""
    inspector: Inspector = Inspector.DECODED
    prior: int = 0
    """Which draws from the prior the map shows, with its rings; 0 for none."""
    ends: tuple[End, ...] = ()
    """Up to two: A and B."""
