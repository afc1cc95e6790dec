"""The moments of a run that are kept, dense at its beginning, in bounded memory."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Protocol

import numpy as np

from tui_ae.arrays import FloatArray
from tui_ae.model.frozen import FrozenNetwork, Network
from tui_ae.run.snapshot import HELD_OUT, TRAINING, LossCurve, Snapshot, State

DEFAULT_BYTES = 64 * 2**20
AT_ONCE = 8192
"""Images encoded before a moment is first shown: a twentieth of a second."""
CHUNK = 2048


@dataclass(frozen=True, slots=True)
class Moment:
    """The weights at the end of an epoch; codes follow from them exactly when they are wanted."""

    epoch: int
    """0 for the fresh network."""
    loss: float
    """Mean over the mini-batches of that epoch."""
    encoder: Network
    decoder: Network

    @property
    def nbytes(self) -> int:
        """What its weights take."""
        halves = (self.encoder, self.decoder)
        return sum(half.nbytes for half in halves if isinstance(half, FrozenNetwork))


class Timeline:
    """Keeps as many moments as fit, and lets go of those that are missed least.

    One thread adds; any other may read `moments`, which is never changed but replaced.
    """

    def __init__(self, most_bytes: int = DEFAULT_BYTES) -> None:
        """Keep moments of at most `most_bytes` in all, and two of any size."""
        self._most_bytes = most_bytes
        self.moments: tuple[Moment, ...] = ()
        """In the order of their epochs."""
        self._least = 1

    @property
    def nbytes(self) -> int:
        """What all of them take."""
        return sum(moment.nbytes for moment in self.moments)

    def wants(self, epoch: int) -> bool:
        """Whether the moment at the end of an epoch would stay for a while.

        Where all room is taken, those that come closer to the one before than any that is kept, for
        their epoch, would be the first to go again.
        """
        if not self.moments:
            return True
        return epoch >= self.moments[-1].epoch + self._least

    def add(self, moment: Moment) -> None:
        """Keep a moment later than all others."""
        kept = [*self.moments, moment]
        while len(kept) > 2 and sum(each.nbytes for each in kept) > self._most_bytes:
            del kept[_least_missed(kept)]
            gaps = [b.epoch - a.epoch for a, b in pairwise(kept)]
            self._least = max(gaps[-2:]) if len(gaps) > 1 else 1
        self.moments = tuple(kept)

    def restore(self, moments: tuple[Moment, ...]) -> None:
        """Take over moments in the order of their epochs."""
        self.moments, self._least = (), 1
        for moment in moments:
            self.add(moment)

    def clear(self) -> None:
        """Begin anew."""
        self.moments, self._least = (), 1


def _least_missed(kept: list[Moment]) -> int:
    """Which of the inner moments leaves the smallest gap, measured by the epoch at its end.

    So moments end up spaced evenly in the logarithm of the epoch: all of the first epochs, every
    tenth of the later ones, every hundredth of those that come then.
    """
    gaps = [
        (kept[at + 1].epoch - kept[at - 1].epoch) / (kept[at + 1].epoch + 1)
        for at in range(1, len(kept) - 1)
    ]
    return 1 + int(np.argmin(gaps))


class Images(Protocol):
    """Rows of pixels, (k, pixels) float32 in [0, 1], that are read in parts."""

    def __len__(self) -> int: ...

    def __getitem__(self, rows: slice, /) -> FloatArray: ...


def as_snapshot(
    moment: Moment, live: Snapshot, images: Images, held_out: Images | None
) -> Iterator[Snapshot]:
    """A moment as a snapshot of the run, at first with the codes of AT_ONCE images.

    Args:
        moment: Of the run that `live` is of.
        live: The newest snapshot.
        images: The n images that the run trains on.
        held_out: Those that never train.

    Yields:
        None too many: the first as soon as it can be shown, where codes that are still to come are
        NaN, then one after each CHUNK of images; the last one has all codes.
    """
    width = live.codes.shape[1]
    codes = np.full((len(images), width), np.nan, np.float32)
    apart = np.full((len(held_out) if held_out is not None else 0, width), np.nan, np.float32)
    curves = {name: until(curve, moment.epoch) for name, curve in live.curves.items()}
    base = replace(
        live,
        state=State.PAUSED,
        epoch=moment.epoch,
        batch=0,
        loss=moment.loss,
        running_loss=math.nan,
        curves={name: curve for name, curve in curves.items() if name in (TRAINING, HELD_OUT)},
        encoder=moment.encoder,
        decoder=moment.decoder,
        failure="",
    )
    done = 0
    while True:
        end = min(len(images), done + (CHUNK if done else AT_ONCE))
        for start in range(done, end, CHUNK):
            part = slice(start, min(start + CHUNK, end))
            codes[part] = moment.encoder(images[part])
        done = end
        if done == len(images) and held_out is not None:
            for start in range(0, len(held_out), CHUNK):
                apart[start : start + CHUNK] = moment.encoder(held_out[start : start + CHUNK])
        yield replace(base, codes=_read_only(codes), held_out_codes=_read_only(apart))
        if done == len(images):
            return


def _read_only(codes: FloatArray) -> FloatArray:
    copy: FloatArray = codes.copy()
    copy.setflags(write=False)
    return copy


def until(curve: LossCurve, epoch: int) -> LossCurve:
    """The part of a curve up to an epoch."""
    count = int(np.searchsorted(curve.epochs, epoch, side="right"))
    losses = curve.losses[:count]
    finite = losses[np.isfinite(losses)]
    best = float(finite.min()) if len(finite) else math.nan
    return LossCurve(curve.epochs[:count], losses, curve.first if count else math.nan, best)
