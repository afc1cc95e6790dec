"""Two runs side by side: kept ones to look at, or new ones that train in turns."""

from __future__ import annotations

import argparse
import shlex
import threading
from functools import partial
from typing import TYPE_CHECKING

from tui_ae.chosen import look_of, settings_of
from tui_ae.config import Settings
from tui_ae.errors import UserError
from tui_ae.options import add_no_config, add_screen_options, new_run_parser
from tui_ae.run.folder import RunFolder
from tui_ae.run.kept_runs import find
from tui_ae.run.saved import SavedRun
from tui_ae.run.source import Beside, Source
from tui_ae.start import load, show
from tui_ae.train.turns import Turns

if TYPE_CHECKING:
    from tui_ae.data.dataset import Dataset
    from tui_ae.data.progress import Progress

WAIT_S = 0.1
EXAMPLES = """\
examples:
  tui-ae compare "--seed 0" "--seed 1"                 two new runs, training in turns
  tui-ae compare "--latent-dim 2" "--latent-dim 32"    their maps, reconstructions and losses
  tui-ae compare 20261126 "--recipe original"          a kept run beside a new one
"""


def add_compare_options(parser: argparse.ArgumentParser) -> None:
    """The two runs, and how the screen looks."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = EXAMPLES
    for name in ("one", "other"):
        parser.add_argument(
            name, metavar=name.upper(), help='a kept run, or options of a new one: "--seed 1"'
        )
    add_no_config(parser)
    add_screen_options(parser)


def compare(options: argparse.Namespace) -> int:
    """Show two runs until the person leaves; returns the exit code.

    Raises:
        UserError: a side names no run and no options.
    """
    look, turns = look_of(options), Turns()
    sides = [_side(options.one), _side(options.other)]
    images = Images(_settings(sides[0]))
    foreign = isinstance(sides[1], RunFolder) and not images.are_those_of(_settings(sides[1]))
    first = _source(sides[0], images, 0, turns)
    second = _source(sides[1], images, 1, turns, foreign=foreign)
    return show(first, look, Beside(second, foreign=foreign))


class Images:
    """The images of the first run, read once for both: only so is a sample the same in both."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._read: Dataset | None = None

    def load(self, _settings: Settings, progress: Progress) -> Dataset:
        """See load; who comes second waits for the first."""
        while not self._lock.acquire(timeout=WAIT_S):
            # Whoever need not wait any more is told by this.
            progress(0.0)
        try:
            if self._read is None:
                self._read = load(self._settings, progress)
            return self._read
        finally:
            self._lock.release()

    def are_those_of(self, settings: Settings) -> bool:
        """Whether a run with these settings has the same ones."""
        return _images_of(settings) == _images_of(self._settings)


def _images_of(settings: Settings) -> tuple[object, ...]:
    drawn = settings.seed if settings.data is None or settings.held_out != 0 else None
    return settings.data, settings.labels, settings.held_out, drawn


def _side(side: str) -> Settings | RunFolder:
    """A new run's settings, or the folder of a kept one.

    Raises:
        UserError: it names neither.
    """
    if not side.startswith("-"):
        return find(side)
    try:
        words = shlex.split(side)
    except ValueError as error:
        raise UserError(f"compare: {side!r}: {error}; close the quotation.") from error
    return settings_of(new_run_parser().parse_args(words))


def _settings(side: Settings | RunFolder) -> Settings:
    return side.info().settings if isinstance(side, RunFolder) else side


def _source(
    side: Settings | RunFolder, images: Images, who: int, turns: Turns, *, foreign: bool = False
) -> Source:
    if isinstance(side, RunFolder):
        return SavedRun(side, images.load, follows=False, foreign=foreign)
    from tui_ae.train.session import Session

    return Session(side, images.load, turn=partial(turns.turn, who))
