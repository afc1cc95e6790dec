"""Training without a screen: a line an epoch, from the same trainer."""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import numpy as np

from tui_ae.config import Settings
from tui_ae.data.load import load
from tui_ae.errors import UserError
from tui_ae.train.trainer import NonFiniteLossError, Trainer

DEFAULT_EPOCHS = 50


@dataclass(frozen=True, slots=True)
class HeadlessOptions:
    """How long to train and what to write."""

    epochs: int | None = None
    """Stop after so many epochs; None with `seconds` None stops after DEFAULT_EPOCHS."""
    seconds: float | None = None
    """Stop with the first epoch that ends after so many seconds of training."""
    json: bool = False
    """One JSON object a line instead of words."""
    codes: Path | None = None
    """NPZ file for `codes` (n, 2) float32 and `labels` (n,) at the end."""


def run(settings: Settings, options: HeadlessOptions, out: TextIO, err: TextIO) -> int:
    """Train and report; returns the exit code: 0, 1 after a non-finite loss, 130 after ctrl+c.

    Raises:
        UserError: the data or the file for the codes can't be used.
    """
    if options.codes is not None:
        check_writable(options.codes)
    trainer = Trainer(load(settings), settings)
    code = 0
    try:
        for line in _report(trainer, options):
            print(line, file=out, flush=True)
    except NonFiniteLossError as error:
        print(f"tui-ae: {error}", file=err)
        code = 1
    except KeyboardInterrupt:
        code = 130
    except BrokenPipeError:
        # Whoever read the lines has gone; nothing is left to tell them.
        os.dup2(os.open(os.devnull, os.O_WRONLY), out.fileno())
    if options.codes is not None:
        trainer.encode_all()
        save_codes(options.codes, trainer)
    return code


def _report(trainer: Trainer, options: HeadlessOptions) -> Iterator[str]:
    epochs = options.epochs
    if epochs is None and options.seconds is None:
        epochs = DEFAULT_EPOCHS
    began = time.monotonic()
    while (epochs is None or trainer.epoch < epochs) and (
        options.seconds is None or time.monotonic() - began < options.seconds
    ):
        epoch_began = time.perf_counter()
        for _ in trainer.train_epoch():
            pass
        seconds = time.perf_counter() - epoch_began
        yield _line(trainer, seconds, as_json=options.json)


def _line(trainer: Trainer, seconds: float, *, as_json: bool) -> str:
    speed = trainer.active_samples / seconds
    if as_json:
        row = {
            "epoch": trainer.epoch,
            "loss": trainer.loss,
            "seconds": seconds,
            "samples_per_second": speed,
        }
        return json.dumps(row)
    return f"epoch {trainer.epoch:>4}  loss {trainer.loss:.4f}  {seconds:.3f} s  {speed:,.0f} samples/s"


def check_writable(path: Path) -> None:
    """Make sure that `path` can be written before hours of training go by.

    Raises:
        UserError: it can't.
    """
    if path.suffix != ".npz":
        raise UserError(f"--codes {path}: give a file name that ends in .npz.")
    if path.is_dir():
        raise UserError(f"--codes {path}: this is a folder; give the name of a file in it.")
    folder = path.absolute().parent
    if not folder.is_dir():
        raise UserError(f"--codes {path}: the folder {folder} does not exist; create it first.")
    if not os.access(folder, os.W_OK):
        raise UserError(f"--codes {path}: the folder {folder} can't be written to; choose another.")


def save_codes(path: Path, trainer: Trainer) -> None:
    """Write codes and labels; an older file stays whole until the new one is complete.

    Raises:
        UserError: the disk refused.
    """
    try:
        handle, name = tempfile.mkstemp(dir=path.absolute().parent, suffix=".npz.part")
        try:
            with os.fdopen(handle, "wb") as file:
                np.savez(file, codes=trainer.codes, labels=trainer.dataset.labels)
            Path(name).replace(path)
        finally:
            Path(name).unlink(missing_ok=True)
    except OSError as error:
        raise UserError(f"--codes {path}: could not be written: {error.strerror}.") from error
