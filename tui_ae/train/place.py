"""Where one command's run is kept, and what it goes on from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui_ae.errors import InvalidValueError, UserError
from tui_ae.run.info import RunInfo
from tui_ae.run.shelf import Shelf

if TYPE_CHECKING:
    from tui_ae.data.dataset import Dataset
    from tui_ae.run.folder import RunFolder
    from tui_ae.run.saver import Saver
    from tui_ae.train.run import TrainingRun


MAX_SAVE_EVERY_S = 86_400
REFUSED = (KeyError, ValueError, RuntimeError, TypeError, IndexError, ArithmeticError)
"""What arrays of other shapes, types or values than a run has lead to."""


@dataclass(frozen=True, slots=True)
class Place:
    """Gives a run what saves it, and its state where it is one that goes on."""

    shelf: Shelf
    info: RunInfo
    """Of the run that the command begins with."""
    resumed: RunFolder | None = None
    """What holds that run already; this program has its lock."""
    every_s: float = 5.0
    """The time between two saves while it trains."""
    trains: bool = False
    """Whether it trained until now elsewhere, so that it goes on at once."""

    def __post_init__(self) -> None:
        if not 0 <= self.every_s <= MAX_SAVE_EVERY_S:
            wanted = f"give a number of seconds from 0 to {MAX_SAVE_EVERY_S:,}."
            raise InvalidValueError("save_every", f"{self.every_s:g}", wanted)

    def saver(self, info: RunInfo, dataset: Dataset) -> Saver:
        """What saves a run: the one that the command begins with, or another after a reset."""
        from tui_ae.run.saver import Saver

        if self.resumed is not None and info.id == self.info.id:
            return Saver(self.resumed, dataset, self.every_s, resumed=True)
        return Saver(self.shelf.folder(info), dataset, self.every_s)

    def restore(self, run: TrainingRun) -> None:
        """Let a fresh run go on where the folder's stands; nothing where there is none.

        Raises:
            UserError: the folder is damaged, or belongs to other images.
        """
        if self.resumed is None:
            return
        before, now = self.info.fingerprint, run.info.fingerprint
        if before is not None and now is not None and (other := before.difference(now)):
            raise UserError(
                f"{self.resumed.path}: the data of this run have changed ({other}), so it can't go "
                "on as it began; tui-ae open shows what it holds."
            )
        try:
            run.restore(self.resumed.checkpoint())
            self.resumed.cut_losses(run.epoch)
            moments = self.resumed.timeline(run.info, run.epoch, {})
            self.resumed.take_timeline(moments)
            run.timeline.restore(moments)
        except OSError as error:
            raise UserError(f"{self.resumed.path}: {error.strerror}.") from error
        except REFUSED as error:
            raise UserError(
                f"{self.resumed.path}: the saved state does not fit to the run or to its images "
                f"({error}); tui-ae open shows what is in it."
            ) from error


def resume(
    folder: RunFolder, every_s: float, *, writes: bool = True, trains: bool = False
) -> Place:
    """Go on with the run in a folder; with `writes` as the one program that writes it.

    With `trains` it goes on at once, as it did until now elsewhere.

    Raises:
        UserError: another program trains it, or the folder holds none.
    """
    info = folder.info()
    try:
        locked = not writes or folder.lock()
    except OSError as error:
        raise UserError(f"{folder.path}: {error.strerror}; tui-ae open only reads.") from error
    if not locked:
        raise UserError(
            f"{folder.path}: another program trains this run; tui-ae watch shows it, tui-ae stop "
            "ends that."
        )
    return Place(Shelf(folder.path), info, folder, every_s, trains)
