"""The images that a run trains on, as one frozen value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tui_ae.arrays import IntArray
from tui_ae.data.arrays import RawArray

if TYPE_CHECKING:
    from tui_ae.data.images import Images
    from tui_ae.data.skipped import Skipped

MAX_CLASSES = 36


def least_active(classes: int) -> int:
    """How many of the classes stay on at least: two, or the only one."""
    return min(2, classes)


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Images that never reach training, so that their loss tells what it is worth elsewhere."""

    images: Images
    """m images, as those of the data set."""
    labels: IntArray
    """(m,) int64, numbers of the data set's classes, read-only."""
    rows: IntArray
    """(m,) int64, increasing: which of all n + m images these are, in the order of the source."""
    files: tuple[str, ...] = ()
    """The file of each image, as in the data set."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """Images to train on with, where there are any, labels, and images that are held out.

    Labels only colour the picture and choose samples; they never reach training.
    """

    name: str
    """What the title bar calls it, such as 'synthetic digits'."""
    images: Images
    """n images of 784 pixels in [0, 1]."""
    labels: IntArray
    """(n,) int64 in [0, number of classes), read-only; all zero without labels."""
    class_names: tuple[str, ...]
    """One name a class, 1 to 36 of them; ('all',) without labels."""
    labelled: bool
    """False where the source has no labels."""
    notes: tuple[str, ...] = ()
    """What was done to make the images fit and what was passed over, one sentence each."""
    class_values: tuple[int | str, ...] = ()
    """The label of each class as the source has it; () where that is its number."""
    files: tuple[str, ...] = ()
    """The file of each image, seen from the folder of pictures; () where there are none."""
    skipped: tuple[Skipped, ...] = ()
    """The pictures of that folder that were passed over or can't be read."""
    held_out: HeldOut | None = None
    """None where all images train."""
    missing: str = ""
    """Why the images themselves are not there, as a sentence without its full stop: their pixels
    are NaN then, and all else is known of them. '' where they are there."""

    @property
    def counts(self) -> IntArray:
        """(classes,) samples in each class."""
        return np.bincount(self.labels, minlength=len(self.class_names)).astype(np.int64)

    @property
    def labels_of_classes(self) -> RawArray:
        """(classes,) the label of each class as the source has it, a whole number or a string."""
        return np.array(self.class_values or range(len(self.class_names)))
