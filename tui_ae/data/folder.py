"""Folders of picture files, one folder a class."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from tui_ae.arrays import FloatArray
from tui_ae.config import LabelChoice
from tui_ae.data.arrays import SIDE, RawArray
from tui_ae.data.classes import too_many_classes
from tui_ae.data.dataset import MAX_CLASSES
from tui_ae.data.fit import COLOUR_NOTE, size_note
from tui_ae.data.layout import read_layout
from tui_ae.data.picture import Decoded, PictureError, decode
from tui_ae.data.picture_labels import label_pictures
from tui_ae.data.progress import Progress
from tui_ae.data.skipped import Skipped
from tui_ae.data.source import Source, check_count
from tui_ae.data.values import Scaling, scaling
from tui_ae.errors import UserError
from tui_ae.streams import brief, printable

_ORDER = {"": 0, "train": 1, "val": 2, "test": 3}
DARK = 0.02
"""How bright the brightest pixel of a picture is that is nearly black: five steps of a byte."""


def read_image_folder(
    folder: Path, progress: Progress, labels_wanted: LabelChoice = "all"
) -> Source:
    """Read the pictures of a folder, of its classes and splits as `layout` finds them.

    Files that can't be decoded are left out; the notes count them and name one.

    Raises:
        UserError: a folder can't be read, it is unclear which pictures are meant, or there are too
            few or too many pictures, or too many classes while all are wanted.
    """
    layout = label_pictures(read_layout(folder, progress), folder)
    if labels_wanted == "all" and layout.classes and len(layout.classes) > MAX_CLASSES:
        # Before hours of decoding.
        raise too_many_classes(printable(folder), len(layout.classes))
    # Each part of the set in one stretch.
    files = sorted(layout.files, key=lambda file: _ORDER[layout.split_of.get(file, "")])
    check_count(len(files), folder)
    pictures = _decode_all(folder, files, progress)
    notes = layout.notes + pictures.rescale(folder, files) + pictures.notes(files)
    labels = None
    names: tuple[str, ...] | None = None
    if layout.classes is not None:
        # Some systems take letters and accents apart.
        names = tuple(unicodedata.normalize("NFC", name) for name in layout.classes)
        class_of = {file: at for at, own in enumerate(layout.classes.values()) for file in own}
        labels = np.array([class_of[file] for file in files])[pictures.kept]
        notes += _missing(names, labels)
    split_of = [layout.split_of.get(files[place], "") for place in pictures.kept]
    splits = tuple(dict.fromkeys(split_of))
    ends = np.cumsum([split_of.count(split) for split in splits])[:-1]
    return Source(
        path=folder,
        name=printable(unicodedata.normalize("NFC", folder.absolute().name)),
        parts=tuple(np.split(pictures.pixels, ends)),
        labels=labels,
        notes=notes,
        class_values=names,
        files=tuple(files[place] for place in pictures.kept),
        skipped=(
            *(Skipped(files[place], error.why) for place, error in pictures.failures.items()),
            *layout.passed,
        ),
        splits=splits,
    )


def _missing(names: Sequence[str], labels: RawArray) -> tuple[str, ...]:
    """What to say of classes none of whose pictures could be read."""
    missing = [name for place, name in enumerate(names) if place not in set(labels.tolist())]
    if not missing:
        return ()
    classes = "The class" if len(missing) == 1 else "The classes"
    are = "is" if len(missing) == 1 else "are"
    shown = ", ".join(brief(name) for name in missing[:4]) + " …" * (len(missing) > 4)
    return (f"{classes} {shown} {are} missing: no picture there can be read.",)


@dataclass(slots=True)
class _Pictures:
    """What was decoded, and what there is to say about it."""

    pixels: FloatArray
    """(n, 28, 28)."""
    kept: list[int] = field(default_factory=list)
    """The place of each among the files."""
    extremes: list[RawArray] = field(default_factory=list)
    scales: list[tuple[float, float]] = field(default_factory=list)
    failures: dict[int, PictureError] = field(default_factory=dict)
    """Why a file could not be decoded, by its place."""
    sizes: set[tuple[int, int]] = field(default_factory=set)
    coloured: bool = False
    cut: list[int] = field(default_factory=list)
    """The places of files of which half of the bits were read."""

    def add(self, place: int, decoded: Decoded) -> None:
        """Keep a decoded file."""
        self.pixels[len(self.kept)] = decoded.grey
        self.kept.append(place)
        self.extremes.append(decoded.extremes)
        self.scales.append(decoded.scale)
        self.sizes.add(decoded.size)
        self.coloured |= decoded.coloured
        self.cut += [place] if decoded.is_cut else []

    def rescale(self, folder: Path, files: Sequence[str]) -> tuple[str, ...]:
        """Apply the rule that arrays have to the pictures of each type; returns what to say.

        Raises:
            UserError: values that the rule refuses.
        """
        of_kind: dict[str, list[int]] = {}
        for place, extremes in enumerate(self.extremes):
            of_kind.setdefault(_kind(extremes), []).append(place)
        notes: list[str] = []
        guesses: list[str] = []
        dark: list[int] = []
        for places in of_kind.values():
            together = np.array([self.extremes[place] for place in places])[:, None, :]
            scale = self._scaling(places, together, folder, files)
            high = (together[:, 0, 1].astype(np.float64) - scale.black) / scale.span
            dark += np.array(places)[(high > 0) & (high < DARK)].tolist()
            notes += [scale.note] if scale.note and not scale.is_guess else []
            guesses += [scale.note] if scale.note and scale.is_guess else []
            own = np.array([self.scales[place] for place in places], np.float32)
            if (own == (scale.black, scale.black + scale.span)).all():
                continue
            black, white = own.T[..., None, None]
            stored = black + self.pixels[places] * (white - black)
            scale.apply(stored, stored)
            self.pixels[places] = np.clip(stored, 0, 1, out=stored)
        if len(of_kind) > 1 and notes:
            notes = [f"Pictures of {len(of_kind)} types, each rescaled to 0 to 1 by its own scale."]
        notes += guesses
        if dark:
            example = brief(files[self.kept[min(dark)]])
            notes.append(
                f"{len(dark):,} of {len(self.kept):,} pictures are nearly black beside the others, "
                f"such as {example}."
            )
        return tuple(notes)

    def _scaling(
        self, places: Sequence[int], extremes: RawArray, folder: Path, files: Sequence[str]
    ) -> Scaling:
        """The rule's map for the pictures at these places.

        Raises:
            UserError: the rule refuses their values; the sentence names one of their files.
        """
        try:
            return scaling((extremes,), folder)
        except UserError as error:
            below = np.flatnonzero(extremes[:, 0, 0] < 0)
            if not len(below):
                raise
            file = printable(folder / files[self.kept[places[below[0]]]])
            raise UserError(
                f"{file}: values down to {extremes[..., 0].min():g} in {len(below):,} of "
                f"{len(self.kept):,} pictures; rescale them to run from 0 to 1."
            ) from error

    def notes(self, files: Sequence[str]) -> tuple[str, ...]:
        """What was left out, and what was done to sizes and colours."""
        said = [size_note(self.sizes), COLOUR_NOTE if self.coloured else None]
        if self.cut:
            said.append(
                f"Read 8 of the 16 bits a colour of {len(self.cut):,} of {len(files):,} pictures, "
                f"such as {brief(files[self.cut[0]])}."
            )
        if self.failures:
            place = next(iter(self.failures))
            said.insert(
                0,
                f"Left out {len(self.failures):,} of {len(files):,} pictures that can't be read, "
                f"such as {brief(files[place])}.",
            )
        return tuple(note for note in said if note)


def _kind(extremes: RawArray) -> str:
    """What pictures have to share to be on one scale: their type, and of floats the magnitude."""
    if extremes.dtype.kind != "f":
        return str(extremes.dtype)
    return "floats to 1" if abs(extremes).max() <= 1 else "floats beyond"


def _decode_all(folder: Path, files: Sequence[str], progress: Progress) -> _Pictures:
    """Decode files.

    Raises:
        UserError: fewer than two are pictures.
    """
    pictures = _Pictures(np.empty((len(files), SIDE, SIDE), np.float32))
    for place, file in enumerate(files):
        progress(place / len(files))
        try:
            decoded = decode(folder / file)
        except PictureError as error:
            pictures.failures[place] = error
        else:
            pictures.add(place, decoded)
    if pictures.failures and len(pictures.kept) < 2:
        raise next(iter(pictures.failures.values()))
    pictures.pixels = pictures.pixels[: len(pictures.kept)]
    return pictures
