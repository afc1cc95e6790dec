"""losses.jsonl: a line an epoch, appended; read from its end, or on from where one stopped."""

from __future__ import annotations

import json
import math
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from tui_ae.errors import UserError
from tui_ae.files import open_plain
from tui_ae.run.history import LossHistory
from tui_ae.run.snapshot import HELD_OUT, TRAINING, LossCurve

MAX_LINE_BYTES = 4096


@dataclass(frozen=True, slots=True)
class EpochLosses:
    """A line of losses.jsonl: what one epoch ended with."""

    epoch: int
    loss: float
    """Mean over the mini-batches of the epoch."""
    held_out_loss: float | None = None
    """That of the images that never train, at its end; None where nobody looked."""

    def line(self) -> str:
        """As JSON; a loss that is no number is null."""
        row: dict[str, object] = {"epoch": self.epoch, "loss": _json(self.loss)}
        if self.held_out_loss is not None:
            row["held_out_loss"] = _json(self.held_out_loss)
        return json.dumps(row)


def read_losses(path: Path) -> Iterator[EpochLosses]:
    """What each epoch ended with, in order; a line that was cut short ends them.

    Raises:
        UserError: they can't be read.
    """
    try:
        with open_plain(path) as file:
            yield from (losses for losses, _ in _lines(file, 0))
    except FileNotFoundError:
        return
    except OSError as error:
        raise UserError(f"{path}: {error.strerror}.") from error


def last_losses(path: Path) -> EpochLosses | None:
    """What the last epoch ended with, by the last whole line alone; None where there is none.

    A run of a day has millions of lines.

    Raises:
        UserError: they can't be read.
    """
    try:
        with open_plain(path) as file:
            size = os.fstat(file.fileno()).st_size
            file.seek(max(0, size - 2 * MAX_LINE_BYTES))
            lines = file.read(2 * MAX_LINE_BYTES).splitlines(keepends=True)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UserError(f"{path}: {error.strerror}.") from error
    return next(
        (found for line in reversed(lines) if (found := parse_line(line)) is not None), None
    )


class LossCurves:
    """The curves of a file that grows: what was read of it before is not read again."""

    def __init__(self, path: Path) -> None:
        """Read nothing yet."""
        self._path = path
        self._guard = threading.Lock()
        self._begin(None)

    def _begin(self, of: object) -> None:
        self._of = of
        """The run and the file that was read."""
        self._place = self._epoch = 0
        """Up to where, in bytes and in epochs."""
        self._histories = {TRAINING: LossHistory()}

    def until(self, run_id: str, epoch: int) -> dict[str, LossCurve]:
        """The curves of a run up to an epoch, or to the end of the file where that comes before.

        Raises:
            UserError: the file can't be read.
        """
        with self._guard:
            try:
                with open_plain(self._path) as file:
                    self._read(file, run_id, epoch)
            except FileNotFoundError:
                self._begin(None)
            except OSError as error:
                raise UserError(f"{self._path}: {error.strerror}.") from error
            return {name: history.curve() for name, history in self._histories.items()}

    def _read(self, file: BinaryIO, run_id: str, epoch: int) -> None:
        about = os.fstat(file.fileno())
        of = (run_id, about.st_dev, about.st_ino)
        if of != self._of or epoch < self._epoch or about.st_size < self._place:
            self._begin(of)
        file.seek(self._place)
        for losses, size in _lines(file, self._epoch):
            if losses.epoch > epoch:
                return
            self._histories[TRAINING].add(losses.epoch, losses.loss)
            if losses.held_out_loss is not None:
                held_out = self._histories.setdefault(HELD_OUT, LossHistory())
                held_out.add(losses.epoch, losses.held_out_loss)
            self._epoch = losses.epoch
            self._place += size


def _lines(file: BinaryIO, epoch: int) -> Iterator[tuple[EpochLosses, int]]:
    """Each whole line after that of an epoch, and its length in bytes."""
    while line := file.readline(MAX_LINE_BYTES):
        losses = parse_line(line)
        if losses is None or losses.epoch != epoch + 1:
            return
        epoch = losses.epoch
        yield losses, len(line)


def _json(loss: float) -> float | None:
    return loss if math.isfinite(loss) else None


def _number(value: object) -> float:
    return math.nan if value is None else float(str(value))


def parse_line(line: bytes) -> EpochLosses | None:
    """A line of the file; None for one that is no whole line."""
    if not line.endswith(b"\n"):
        return None
    try:
        row = json.loads(line)
        held_out = _number(row["held_out_loss"]) if "held_out_loss" in row else None
        return EpochLosses(int(row["epoch"]), _number(row["loss"]), held_out)
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return None
