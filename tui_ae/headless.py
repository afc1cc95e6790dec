"""Training without a screen: a line an epoch, from the same trainer."""

from __future__ import annotations

import io
import json
import math
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import numpy as np

from tui_ae.arrays import FloatArray
from tui_ae.config import Settings, check_epochs
from tui_ae.data.arrays import RawArray
from tui_ae.data.dataset import Dataset
from tui_ae.data.load import load
from tui_ae.errors import InvalidValueError, UserError, reason
from tui_ae.files import replace_file
from tui_ae.importing import uncollected
from tui_ae.model.baselines import principal_components
from tui_ae.model.pca import Pca, decoder_axes, principal_angles
from tui_ae.run.snapshot import State
from tui_ae.stop_signals import StopSignals
from tui_ae.streams import discard, say
from tui_ae.train.failure import NonFiniteLossError
from tui_ae.train.torchrun import ALONE, ProcessRank
from tui_ae.writable import check_writable

if TYPE_CHECKING:
    from tui_ae.train.keeper import Keeper
    from tui_ae.train.place import Place
    from tui_ae.train.process_group import ProcessGroup
    from tui_ae.train.run import TrainingRun
    from tui_ae.train.trainer import Trainer

DEFAULT_EPOCHS = 50
SAVE_S = 30.0
"""How long the end waits for the disk."""


@dataclass(frozen=True, slots=True)
class HeadlessOptions:
    """How long to train and what to write.

    Raises:
        UserError: a value is out of its range, or the codes can't be written where they should.
    """

    epochs: int | None = None
    """Stop after so many epochs; None with `seconds` None stops after DEFAULT_EPOCHS."""
    seconds: float | None = None
    """Stop after so many seconds of training, in the middle of an epoch if need be."""
    json: bool = False
    """One JSON object a line instead of words."""
    codes: Path | None = None
    """NPZ file for what `codes_content` returns at the end."""
    keep_training: bool = False
    """Go on when the terminal goes away."""

    def __post_init__(self) -> None:
        if self.epochs is not None:
            check_epochs(self.epochs)
        if self.seconds is not None and not 0 < self.seconds < math.inf:
            raise InvalidValueError(
                "seconds", f"{self.seconds:g}", "give a positive number of seconds."
            )
        if self.codes is not None:
            if self.codes.suffix != ".npz":
                raise InvalidValueError("codes", self.codes, "give a file name that ends in .npz.")
            check_writable("--codes", self.codes, replaced=True)

    @property
    def last_epoch(self) -> float:
        """The epoch after which training ends; infinity where only time ends it."""
        if self.epochs is not None:
            return self.epochs
        return DEFAULT_EPOCHS if self.seconds is None else math.inf


def run(
    settings: Settings,
    options: HeadlessOptions,
    out: TextIO,
    err: TextIO,
    process: ProcessRank = ALONE,
    place: Place | None = None,
) -> int:
    """Train and report on `out`; however training ends, the codes are written.

    Args:
        settings: Decide the losses.
        options: How long, and what to write.
        out: Takes a line an epoch.
        err: Takes sentences.
        process: This process among those that train together.
        place: Where the run is kept, and where it goes on from; None keeps nothing.

    Returns:
        The exit code: 0, 1 after a non-finite loss or where `out` takes no more, 128 plus the
        number of the signal that ended it, that of SIGTERM where another program asked it to end.

    Raises:
        UserError: the data, the device or the file for the codes can't be used.
    """
    dataset = load(settings)
    with uncollected():
        from tui_ae.train.keeper import Keeper
        from tui_ae.train.run import TrainingRun

    with _processes(process, settings.device) as processes:
        run = TrainingRun(dataset, settings, processes, place.info if place else None)
        if place is not None:
            place.restore(run)
        keeper = Keeper(run, place.saver) if place and process.rank == 0 else None
        trainer = run.trainer
        with StopSignals() as signals:
            if options.keep_training:
                signals.hung_up = keeper.go_on_alone if keeper is not None else lambda: None
            lines = Lines(out, err, stays=options.keep_training)
            for note in dataset.notes:
                say(note, err)
            try:
                _train(run, processes, options, signals, lines, keeper)
            except NonFiniteLossError as error:
                lines.fail(str(error))
            except Exception as error:
                # Other processes would wait for this one for ever; torchrun ends them.
                if process.size > 1:
                    raise
                lines.fail(f"training stopped: {reason(error)}.")
            _save(run, processes, keeper, State.FAILED if lines.code else State.PAUSED)
            if keeper is not None:
                _end(keeper, lines)
            if options.codes is not None:
                trainer.encode_all()
                save_codes(options.codes, trainer)
            if keeper is not None and keeper.asked_to_stop:
                say("another program has asked this one to save the run and end.", err)
                signals.received = signals.received or signal.SIGTERM
            if trainer.batch:
                done = f"{trainer.batch} of {trainer.batches} mini-batches"
                say(f"stopped in epoch {trainer.epoch + 1} after {done}.", err)
    return lines.code or (128 + signals.received if signals.received else 0)


def _save(run: TrainingRun, processes: ProcessGroup, keeper: Keeper | None, state: State) -> None:
    """Save where the run stands; all processes that train together take part."""
    if keeper is not None or processes.size > 1:
        checkpoint = run.checkpoint()
        if keeper is not None:
            keeper.save(state, checkpoint=checkpoint)


def _end(keeper: Keeper, lines: Lines) -> None:
    """Wait until what was saved last is on the disk."""
    if not keeper.close(SAVE_S):
        lines.fail(f"The run could not be saved within {SAVE_S:.0f} s.")
    elif keeper.notice:
        lines.fail(keeper.notice)


def _processes(process: ProcessRank, device: str) -> ProcessGroup:
    """The processes to train with; a single one leaves PyTorch's part for many unloaded."""
    from tui_ae.train.process_group import ProcessGroup

    if process.size == 1:
        return ProcessGroup()
    from tui_ae.train.distributed import ManyProcesses

    return ManyProcesses(process, device)


class Lines:
    """Prints lines until nobody takes them any more."""

    def __init__(self, out: TextIO, err: TextIO, *, stays: bool = False) -> None:
        """Print on `out`; with `stays`, nothing ends where that takes no more."""
        self._out = out
        self._err = err
        self._stays = stays
        self.closed = False
        """Whether the last line could not be written; there is no sense in another."""
        self.code = 0
        """The exit code because of that: a reader that has had enough, as `head` has, is none."""

    def write(self, line: str) -> None:
        """Print a line on `out`, or say on `err` why that can't be done."""
        try:
            print(line, file=self._out, flush=True)
        except BrokenPipeError:
            self._close()
        except OSError as error:
            if self._stays:
                discard(self._out)
                return
            self.fail(f"standard output takes no more lines: {error.strerror}.")
            self._close()

    def tell(self, sentence: str) -> None:
        """Say something on `err`."""
        say(sentence, self._err)

    def fail(self, sentence: str) -> None:
        """Say why training ends, on `err`."""
        self.tell(sentence)
        self.code = 1

    def _close(self) -> None:
        self.closed = True
        discard(self._out)


def _train(
    run: TrainingRun,
    processes: ProcessGroup,
    options: HeadlessOptions,
    signals: StopSignals,
    lines: Lines,
    keeper: Keeper | None,
) -> None:
    """Train until something ends it, with a line for each finished epoch."""
    left_s = math.inf if options.seconds is None else options.seconds
    notes: tuple[str, ...] | None = run.trainer.dataset.notes
    plane = None
    if run.info.spec.kind == "linear" and options.json:
        plane = principal_components(run.trainer.dataset.images, run.info.spec.latent_dim)
    told = ""
    began = time.perf_counter()
    while run.epoch < options.last_epoch:
        late = time.perf_counter() - began >= left_s
        asked = keeper is not None and keeper.asked_to_stop
        ends = late or asked or lines.closed or signals.received > 0
        if keeper is not None and keeper.notice != told:
            # Hours may go by before the end, and what is not saved by then may be lost.
            told = keeper.notice
            lines.tell(told or f"Saved again ({keeper.kept_at}).")
        due = keeper is not None and keeper.is_due
        ends, saves = processes.agree(ends, due, run.trainer.batch)
        if saves:
            _save(run, processes, keeper, State.TRAINING)
        if ends:
            return
        ended = run.step()
        if ended and options.json:
            run.look_at_held_out()
        if ended:
            if keeper is not None:
                keeper.epoch_ended()
            now = time.perf_counter()
            more = {**({"notes": notes} if notes is not None else {}), **angles(run, plane)}
            lines.write(_line(run, now - began, more, as_json=options.json))
            notes = None
            left_s -= now - began
            began = now


def angles(run: TrainingRun, pca: Pca | None) -> dict[str, object]:
    """Between what a linear decoder can give and PCA's subspace of as many dimensions."""
    if pca is None:
        return {}
    _, decoder = run.trainer.frozen()
    degrees = principal_angles(decoder_axes(decoder), pca.axes)
    finite = [angle if math.isfinite(angle) else None for angle in degrees.tolist()]
    return {"principal_angles_deg": finite}


def _line(run: TrainingRun, seconds: float, more: dict[str, object], *, as_json: bool) -> str:
    """A finished epoch; `more` is what only JSON has."""
    trainer = run.trainer
    speed = trainer.active_samples / seconds
    looked = math.isfinite(run.held_out_loss)
    if as_json:
        row: dict[str, object] = {
            "epoch": trainer.epoch,
            "loss": trainer.loss,
            **({"held_out_loss": run.held_out_loss} if looked else {}),
            "seconds": seconds,
            "samples_per_second": speed,
            **more,
        }
        return json.dumps(row)
    words = f"epoch {trainer.epoch:>4}  loss {trainer.loss:.4f}"
    if trainer.dataset.held_out:
        words += f"  held-out {run.held_out_loss:.4f}" if looked else " " * 17
    return f"{words}  {seconds:.3f} s  {speed:,.0f} samples/s"


def codes_content(
    dataset: Dataset, codes: FloatArray, held_out_codes: FloatArray
) -> dict[str, RawArray]:
    """What the file of codes holds: a row of code, label and file for each image, and the classes.

    Args:
        dataset: n images to train on and m that are held out, in k classes.
        codes: (n, latent) float32.
        held_out_codes: (m, latent) float32.

    Returns:
        `codes` (n + m, latent), in the order of the source; `held_out` (n + m,), whether an image
        never trained; `labels` (n + m,), whole numbers or strings as they are stored;
        `class_labels` (k,), the same of each class, and `class_names` (k,); of a folder of pictures
        also `files` (n + m,), seen from that folder.
    """
    of_classes = dataset.labels_of_classes
    apart = dataset.held_out
    held_out = np.zeros(len(codes) + len(held_out_codes), bool)
    if apart is not None:
        held_out[apart.rows] = True
    order = np.argsort(np.argsort(held_out, kind="stable"), kind="stable")
    labels = np.concatenate([dataset.labels, apart.labels]) if apart else dataset.labels
    content = {
        "codes": np.concatenate([codes, held_out_codes])[order],
        "labels": of_classes[labels[order]],
        "held_out": held_out,
        "class_labels": of_classes,
        "class_names": np.array(dataset.class_names),
    }
    if dataset.files:
        files = np.array([*dataset.files, *(apart.files if apart else ())])
        content["files"] = files[order]
    return content


def save_codes(path: Path, trainer: Trainer) -> None:
    """Write codes and labels; an older file stays whole until the new one is complete.

    Raises:
        UserError: the disk refused.
    """
    content = io.BytesIO()
    arrays = codes_content(trainer.dataset, trainer.codes, trainer.held_out_codes)
    np.savez(content, allow_pickle=False, **arrays)
    try:
        replace_file(path, content.getbuffer(), mode=0o644)
    except OSError as error:
        raise UserError(f"--codes {path}: could not be written: {error.strerror}.") from error
