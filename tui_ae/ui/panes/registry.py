"""All panes of the main screen. To add one: its file, a line here, a place in the layout."""

from __future__ import annotations

from tui_ae.ui.panes.bars import Footer, Header, Notice, Readout, Status
from tui_ae.ui.panes.base import Pane
from tui_ae.ui.panes.bowtie import Bowtie
from tui_ae.ui.panes.compared import Compared, OtherDecoded, OtherMap, OtherReconstruction
from tui_ae.ui.panes.drawn import Drawn
from tui_ae.ui.panes.legend import Legend
from tui_ae.ui.panes.loss import Loss
from tui_ae.ui.panes.neighbours import Neighbours
from tui_ae.ui.panes.pictures import Input, Probe, Reconstruction, Sample
from tui_ae.ui.panes.scatter import Scatter
from tui_ae.ui.panes.strip import Strip

PANES: tuple[type[Pane], ...] = (
    Header,
    Readout,
    Status,
    Footer,
    Notice,
    Input,
    Reconstruction,
    Sample,
    Probe,
    Neighbours,
    Drawn,
    Scatter,
    Legend,
    Loss,
    Bowtie,
    Strip,
    OtherMap,
    OtherReconstruction,
    OtherDecoded,
    Compared,
)
"""In the order in which tab reaches those that it stops at."""
BY_NAME = {pane.NAME: pane for pane in PANES}
