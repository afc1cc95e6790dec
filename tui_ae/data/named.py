"""Data sets that are known by name: what they hold, and where they may lie on this machine."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from tui_ae.config import is_named
from tui_ae.data import idx, npz
from tui_ae.data.classes import FASHION_NAMES
from tui_ae.data.mirrors import FASHION_MNIST, KMNIST, MNIST, Download
from tui_ae.data.progress import Progress, portions
from tui_ae.data.source import Source, unreadable
from tui_ae.errors import UserError
from tui_ae.streams import printable

SYSTEM = Path("/usr/share/datasets")
"""Where Debian installs data sets."""
KMNIST_NAMES = ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo")
"""How the hiragana of the ten classes are read."""
DIGITS = Path("datasets/data/digits.csv.gz")
"""Where the package scikit-learn has its digits: rows of 8×8 pixels from 0 to 16, and the digit."""
DIGITS_SIDE = 8
PORTIONS = (9.0, 1.0)
"""Shares of the time that downloading and reading take."""


@dataclass(frozen=True, slots=True)
class NamedSet:
    """A data set that --data knows by its name."""

    name: str
    """One of the names in the configuration's DATA_SETS."""
    title: str
    """What people call it."""
    images: int
    """How many there are, held-out ones among them."""
    size_bytes: int
    """What its files take."""
    download: Download | None = None
    """Where it can be had; None for one that only another package brings."""
    class_names: tuple[str, ...] | None = None
    """Names of the classes 0, 1, …; None: the digits themselves."""
    torchvision: str = ""
    """What torchvision calls its folder."""


def _downloaded(
    name: str, title: str, download: Download, torchvision: str, names: tuple[str, ...] | None
) -> NamedSet:
    size_bytes = sum(file.size_bytes for file in download.files)
    return NamedSet(name, title, 70_000, size_bytes, download, names, torchvision)


SETS = {
    known.name: known
    for known in (
        _downloaded("mnist", "MNIST", MNIST, "MNIST", None),
        _downloaded("fashion-mnist", "Fashion-MNIST", FASHION_MNIST, "FashionMNIST", FASHION_NAMES),
        _downloaded("kmnist", "KMNIST", KMNIST, "KMNIST", KMNIST_NAMES),
        NamedSet("digits", "scikit-learn's digits", 1797, 57_523),
    )
}


def named_set(data: Path | None) -> NamedSet | None:
    """The set that the settings' data name; None where they are a path, or none."""
    return SETS[str(data)] if data is not None and is_named(data) else None


def cache_folder(known: NamedSet) -> Path:
    """Where a set is downloaded to; it may not be there yet."""
    from platformdirs import user_cache_path

    return user_cache_path("tui_ae", appauthor=False) / "datasets" / known.name


def find(known: NamedSet) -> Path | None:
    """Where a set lies on this machine, in a folder or as one file; None where it isn't."""
    if known.download is None:
        return _digits_file()
    return next((place for place in _places(known) if _is_there(known.download, place)), None)


def _digits_file() -> Path | None:
    # Asking for the package's place doesn't import it, which takes a second.
    spec = importlib.util.find_spec("sklearn")
    folders = (spec.submodule_search_locations if spec else None) or ()
    return next((path for folder in folders if (path := folder / DIGITS).is_file()), None)


def _places(known: NamedSet) -> Iterator[Path]:
    """Where it is downloaded to, and where Debian, Keras and torchvision's examples put it."""
    yield cache_folder(known)
    yield SYSTEM / known.name
    keras = Path(os.environ.get("KERAS_HOME") or Path("~/.keras").expanduser()) / "datasets"
    yield keras / known.name
    yield keras / f"{known.name}.npz"
    yield Path("data", known.torchvision, "raw").absolute()


def _is_there(download: Download, place: Path) -> bool:
    """Whether a folder has all files, packed or not, or a file of Keras is there."""
    try:
        if place.suffix == ".npz":
            return place.is_file()
        names = set(os.listdir(place))  # noqa: PTH208 - names alone
    except OSError:
        return False
    return all({f.name, f.name.removesuffix(".gz")} & names for f in download.files)


def check_there(known: NamedSet) -> None:
    """Make sure that a set is there, or can be downloaded.

    Raises:
        UserError: it comes with a package that is not installed.
    """
    if known.download is None and find(known) is None:
        raise UserError(
            f"{known.name}: these digits come with scikit-learn, which is not installed where this "
            "program runs; install it (pip install scikit-learn), or leave --data out for digits "
            "that are drawn."
        )


def announcement(known: NamedSet) -> str | None:
    """The sentence that a set has to be downloaded first; None where it is there."""
    if find(known) is not None:
        return None
    size = f"{known.size_bytes / 1e6:.1f} MB"
    return f"{known.title} is not on this machine: downloading {size} to {cache_folder(known)}."


def read_named(path: Path, progress: Progress) -> Source:
    """Read the set whose name `path` is, downloading it where it isn't there.

    Raises:
        UserError: it can't be downloaded or read.
    """
    known = SETS[str(path)]
    check_there(known)
    reading = progress
    place = find(known)
    if place is None and known.download is not None:
        from tui_ae.data.fetch import fetch

        place = cache_folder(known)
        fetching, reading = portions(progress, PORTIONS)
        fetch(known.download, known.title, place, fetching)
    assert place is not None, "check_there refuses a set that can't be downloaded"
    if known.download is None:
        source = _read_digits(place)
    elif place.is_file():
        source = npz.read_npz(place, reading)
    else:
        source = idx.read_folder(place, reading)
    return replace(
        source,
        name=known.title,
        class_names=known.class_names or source.class_names,
        notes=(*source.notes, f"{known.title} was read from {printable(place)}."),
    )


def _read_digits(path: Path) -> Source:
    try:
        rows = np.loadtxt(path, np.uint8, delimiter=",", ndmin=2)
        images = rows[:, :-1].reshape(-1, DIGITS_SIDE, DIGITS_SIDE)
    except (OSError, EOFError, ValueError) as error:
        raise unreadable(path, error, "install scikit-learn again") from error
    return Source(path, path.name, (images,), rows[:, -1])
