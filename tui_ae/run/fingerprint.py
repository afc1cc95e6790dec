"""What tells the images of a run from others, without keeping them."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass

import numpy as np

from tui_ae.arrays import DoubleArray
from tui_ae.data.arrays import PIXELS
from tui_ae.data.dataset import Dataset
from tui_ae.data.images import Images

SAMPLED = 1024
"""Images that are looked at, of those that train and of those that are held out: 20 ms."""
CHUNK = 256
TOLERANCE = 1e-3
"""Sums of the same images may differ by as much: another processor draws and scales with other last
bits, about 1e-5 in all. One pixel that is another one by 1/255 moves a sum by 2e-3 at least."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """How many images there are, what some of them look like, and their labels."""

    images: int
    """Those that train."""
    held_out: int
    """Those that never do."""
    pixels: tuple[float, ...]
    """Four weighted sums of the pixels of up to SAMPLED images, and four of as many held-out ones.

    Of n images those with the numbers i n // k are taken, for i in 0 … k-1, where k is the lesser
    of n and SAMPLED. Pixel j of the i-th of these has the weights sin i sin j, sin i cos j,
    cos i sin j and cos i cos j.
    """
    labels: str
    """BLAKE2b of 16 bytes in hexadecimal: of the classes of all images that train, then of those
    held out, as int64 (little-endian), and of the names of the classes as JSON, in ASCII."""

    def difference(self, now: Fingerprint) -> str:
        """What is other in `now`, as the end of a sentence; '' where nothing is."""
        if (self.images, self.held_out) != (now.images, now.held_out):
            return (
                f"there were {self.images:,} images and {self.held_out:,} held-out ones, and now "
                f"there are {now.images:,} and {now.held_out:,}"
            )
        close = (
            math.isclose(before, after, rel_tol=0, abs_tol=TOLERANCE)
            for before, after in zip(self.pixels, now.pixels, strict=False)
        )
        if len(self.pixels) != len(now.pixels) or not all(close):
            return "its images have other pixels now"
        return "its images have other labels now" if self.labels != now.labels else ""


def fingerprint(dataset: Dataset) -> Fingerprint:
    """The fingerprint of a data set."""
    apart = dataset.held_out
    none = dataset.images.take(slice(0))
    sums = [_sums(dataset.images), _sums(apart.images if apart else none)]
    # OpenSSL starts with this, and the first frame does not wait for it.
    import hashlib

    labels = hashlib.blake2b(dataset.labels.astype("<i8").tobytes(), digest_size=16)
    if apart is not None:
        labels.update(apart.labels.astype("<i8").tobytes())
    labels.update(json.dumps(dataset.class_names).encode())
    return Fingerprint(
        images=len(dataset.images),
        held_out=len(apart.images) if apart else 0,
        pixels=tuple(float(number) for number in np.concatenate(sums)),
        labels=labels.hexdigest(),
    )


def _sums(images: Images) -> DoubleArray:
    """(4,) the sums that `Fingerprint.pixels` has of these images."""
    count = min(len(images), SAMPLED)
    rows = np.arange(count) * len(images) // max(count, 1)
    angles = np.arange(max(count, PIXELS), dtype=np.float64)
    weights = np.stack([np.sin(angles), np.cos(angles)])
    total = np.zeros((2, 2))
    for start in range(0, count, CHUNK):
        part = slice(start, min(start + CHUNK, count))
        pixels = images[rows[part]].astype(np.float64)
        total += weights[:, part] @ pixels @ weights[:, :PIXELS].T
    return total.reshape(-1)
